/* SPDX-License-Identifier: Apache-2.0
 *
 * The expectations in the resolved scenario of a result.
 */
#ifndef REPORT_RESOLVED_H
#define REPORT_RESOLVED_H

#include <stddef.h>

struct resolved {
    char **expectations;
    size_t expectation_count;
};

/* Reads canonical YAML, as in struct result; what is no YAML has none. The caller frees it with resolved_free. */
void resolved_read(struct resolved *resolved, const char *text);
void resolved_free(struct resolved *resolved);

#endif
