/* SPDX-License-Identifier: Apache-2.0
 *
 * What a command has checked, one case each, for pipelines: as JUnit XML, which Jenkins, GitLab and others read, and as
 * annotations, which GitHub shows beside a change.
 */
#ifndef REPORT_CASES_H
#define REPORT_CASES_H

#include <stddef.h>
#include <stdio.h>

enum case_outcome {
    CASE_PASSED,
    CASE_FAILED,
    CASE_SKIPPED, /* there was nothing to judge by */
    CASE_BROKEN,  /* the check itself did not come to an end: JUnit's error */
    CASE_OUTCOMES,
};

struct cases {
    struct cases_row {
        char *suite, *name, *text;
        double seconds;
        enum case_outcome outcome;
    } * rows;
    size_t count;
};

/* Appends a case; `format` is what was found. All texts are copied. */
__attribute__((format(printf, 6, 7))) void cases_add(struct cases *cases, const char *suite, const char *name,
                                                     enum case_outcome outcome, double seconds, const char *format,
                                                     ...);
void cases_free(struct cases *cases);

/* The number of cases with an outcome. */
size_t cases_count(const struct cases *cases, enum case_outcome outcome);

/* Prints a document with a <testsuite> for each suite, in order of first appearance. Control characters, and what is
 * not UTF-8, are U+FFFD. */
void cases_print_junit(const struct cases *cases, const char *name, FILE *out);

/* Prints "::error file=FILE,title=TITLE::TEXT" for each case that has failed, in order of appearance; for more than
 * ten, which is all that GitHub shows of a step, the tenth line tells the number of the others. `file` may be NULL. */
void cases_print_annotations(const struct cases *cases, const char *file, FILE *out);

#endif
