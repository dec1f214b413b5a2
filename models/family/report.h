/* SPDX-License-Identifier: Apache-2.0
 *
 * The interface through which a family's check of a setup reports errors and warnings. The scenario layer implements it
 * and adds the file and line of each key.
 */
#ifndef MODELS_FAMILY_REPORT_H
#define MODELS_FAMILY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

enum report_severity { REPORT_ERROR, REPORT_WARNING };

/* Names a key of a setup: in a section, or in entry `index` of a list ("guests", "devices", "actions"). key NULL names
 * the whole entry, section "" the whole scenario. */
struct setup_key {
    const char *section;
    uint32_t index;
    const char *key;
};

struct setup_report {
    void *context;
    void (*write)(void *context, enum report_severity severity, struct setup_key key, const char *text,
                  const char *suggestion);
    bool (*is_given)(void *context, struct setup_key key); /* whether the scenario sets the key explicitly */
};

/* Reports an error. suggestion: " (did you mean 'x'?)" or "". */
__attribute__((format(printf, 4, 5))) void report_error(const struct setup_report *report, struct setup_key key,
                                                        const char *suggestion, const char *format, ...);

/* Reports a warning if the scenario sets the key explicitly, and nothing otherwise. */
__attribute__((format(printf, 3, 4))) void report_warning(const struct setup_report *report, struct setup_key key,
                                                          const char *format, ...);

#endif
