/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks expectations. An unknown metric takes precedence over failed expectations in the exit code, so that a misspelt
 * name is always noticed.
 */
#include "commands/expectations.h"

#include <stdio.h>

#include "commands/cli.h"

int expectations_check(const struct expectation *expectations, size_t count, const struct metrics *metrics,
                       const char *label)
{
    int code = EXIT_CODE_OK;
    char message[512];

    for (size_t i = 0; i < count; i++) {
        enum expect_verdict verdict = expect_evaluate(&expectations[i], metrics, message, sizeof(message));

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
