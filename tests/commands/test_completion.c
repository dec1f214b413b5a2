/* SPDX-License-Identifier: Apache-2.0
 *
 * What bash offers with the completions that irqpath help --write makes: commands, options, and the values of an option
 * by what it takes.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "program.h"
#include "temporary.h"

/* What completes the last of the words, in lines. */
static const char *offered(const char *words)
{
    static struct program shell;
    char line[1024];

    snprintf(
        line, sizeof line,
        "bash -c '. %s/completion/irqpath; COMP_WORDS=(irqpath %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _irqpath; "
        "printf \"%%s\\n\" \"${COMPREPLY[@]}\"'; true",
        temporary_own(), words);
    program_run(&shell, line, "version");
    return shell.output;
}

static void words_are_offered_by_what_is_taken(void **state)
{
    static const struct {
        const char *words, *has, *has_not;
    } rows[] = {
        { "expl", "explore\nexplain\n", "run" },
        { "run \"\"", "eight-socket-steal\n", "domain-tasklet" },
        { "run --desi", "--design", "--set" },
        { "run --design \"\"", "domain-tasklet\n", "eight-socket-steal" },
        { "compare --designs soft", "softirq-requeue\n", "domain-tasklet" },
        { "run --set xen.costs.hyperc", "xen.costs.hypercall=\n", "machine" },
        { "run --color \"\"", "auto\nalways\nnever\n", "run" },
        { "trace --profile \"\"", "westmere-ex-8s\n", "domain-tasklet" },
        { "calibrate --like sky", "skylake-sp-8s\n", "westmere" },
    };
    static struct program program;
    char arguments[256];

    (void)state;
    (void)temporary_path("x");
    snprintf(arguments, sizeof arguments, "help --write %s", temporary_own());
    program_run(&program, "", arguments);
    assert_int_equal(program.code, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words = offered(rows[i].words);
        if (strstr(words, rows[i].has) == NULL || strstr(words, rows[i].has_not) != NULL)
            fail_msg("%s: %s", rows[i].words, words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(words_are_offered_by_what_is_taken) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
