/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks expectations. An unknown metric takes precedence over failed expectations in the exit code, so that a misspelt
 * name is always noticed.
 */
#include "commands/expectations.h"

#include <stdio.h>
#include <string.h>

#include "commands/cli.h"

static const char expectation_failed[] = "expectation failed: ";

static void add_case(struct cases *cases, const char *suite, const struct expectation *expectation,
                     enum expect_verdict verdict, const char *message)
{
    size_t prefix = sizeof expectation_failed - 1;
    bool is_prefixed = verdict != EXPECT_MET && strncmp(message, expectation_failed, prefix) == 0;

    cases_add(cases, suite, expectation->text,
              verdict == EXPECT_MET              ? CASE_PASSED
              : verdict == EXPECT_UNKNOWN_METRIC ? CASE_BROKEN
                                                 : CASE_FAILED,
              0, "%s", verdict == EXPECT_MET ? "met" : message + (is_prefixed ? prefix : 0));
}

int expectations_check(const struct expectation *expectations, size_t count, const struct metrics *metrics,
                       const char *label, struct cases *cases, const char *suite)
{
    int code = EXIT_CODE_OK;
    char message[512];

    for (size_t i = 0; i < count; i++) {
        enum expect_verdict verdict = expect_evaluate(&expectations[i], metrics, message, sizeof(message));

        if (cases != NULL)
            add_case(cases, suite, &expectations[i], verdict, message);
        if (verdict == EXPECT_MET)
            continue;
        fprintf(stderr, "irqpath: %s%s%s\n", label ? label : "", label ? ": " : "", message);
        if (verdict == EXPECT_UNKNOWN_METRIC)
            code = EXIT_CODE_USAGE;
        else if (code == EXIT_CODE_OK)
            code = EXIT_CODE_FAILED;
    }
    return code;
}
