/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report reads from the resolved scenario in a result: the metrics of its headline, and its expectations.
 */
#ifndef REPORT_RESOLVED_H
#define REPORT_RESOLVED_H

#include <stddef.h>

struct resolved {
    char **headline; /* names of metrics */
    size_t headline_count;
    char **expectations;
    size_t expectation_count;
};

/* Reads canonical YAML, as in struct result; what is no YAML has neither. The caller frees it with resolved_free. */
void resolved_read(struct resolved *resolved, const char *text);
void resolved_free(struct resolved *resolved);

#endif
