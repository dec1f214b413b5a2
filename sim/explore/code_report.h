/* SPDX-License-Identifier: Apache-2.0
 *
 * What an exploration of a code object says besides its verdict: the accesses that no lock orders, and which lines it
 * has reached.
 */
#ifndef EXPLORE_CODE_REPORT_H
#define EXPLORE_CODE_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "code/coverage.h"
#include "code/patch.h"
#include "code/race_list.h"

struct code_object;

struct code_report {
    const struct code_object *object;
    struct race_list *races;       /* NULL: not explored */
    struct coverage *coverage;     /* of the object's files */
    const struct patch *patch;     /* NULL: none was given */
    struct coverage *with_headers; /* with a patch; otherwise NULL */
};

/* From the marks that the object has now. races NULL: none; the report owns them. The caller frees the report; object
 * and patch must outlive it. */
struct code_report *code_report_new(const struct code_object *object, struct race_list *races,
                                    const struct patch *patch);
void code_report_free(struct code_report *report); /* NULL is allowed */

/* Whether a patch was given of which no line was reached. */
bool code_report_misses_patch(const struct code_report *report);

struct code_report_parts {
    bool races, coverage; /* in full instead of one line */
};
void code_report_print(const struct code_report *report, const struct code_report_parts *parts, FILE *stream);

/* Adds "object" {"path", "hash", "compiler", "commit"}, "races", "coverage" and "patch" to a JSON object. */
void code_report_to_json(const struct code_report *report, json_t *document);

#endif
