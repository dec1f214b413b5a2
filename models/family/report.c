/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats the errors and warnings of a family's check of a setup.
 */
#include "models/family/report.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_BYTES = 512 };

void report_error(const struct setup_report *report, struct setup_key key, const char *suggestion, const char *format,
                  ...)
{
    char text[TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    report->write(report->context, REPORT_ERROR, key, text, suggestion);
}

void report_warning(const struct setup_report *report, struct setup_key key, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list arguments;

    if (!report->is_given(report->context, key))
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    report->write(report->context, REPORT_WARNING, key, text, "");
}
