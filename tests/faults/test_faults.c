/* SPDX-License-Identifier: Apache-2.0
 *
 * Every subcommand with one fault of each kind, at a place that a seed draws. tests/deep/test_faults.c tries all
 * places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/rng.h"
#include "cases.h"
#include "explore/state.h"

#define SEED 1

static void one_fault_of_each_kind_is_survived(void **state)
{
    struct rng rng;
    int wrong = 0;

    (void)state;
    if (!faults_begin())
        skip();
    rng_init(&rng, SEED, 0, RNG_TEST);
    for (size_t i = 0; i < fault_case_count; i++) {
        const struct fault_case *row = &fault_cases[i];
        struct fault_calm calm;

        if (row->explores && !explore_state_is_supported())
            continue;
        fault_calm_run(row, &calm);
        for (int kind = 0; kind < FAULT_KINDS; kind++) {
            const int *errors;
            size_t error_count = fault_errors(kind, &errors);
            char reason[1024];

            if (calm.calls[kind] == 0 || rng_below(&rng, 4) == 0) /* for the suite's time */
                continue;
            const struct fault fault = { .kind = kind,
                                         .at = 1 + (long)rng_below(&rng, (uint64_t)calm.calls[kind]),
                                         .error = errors[rng_below(&rng, error_count)] };
            if (fault_inject(row, &calm, &fault, reason, sizeof reason) != FAULT_WRONG)
                continue;
            wrong++;
            print_error("irqpath %s: %s %ld of %ld, errno %d: %s\n", row->arguments, fault_names[kind], fault.at,
                        calm.calls[kind], fault.error, reason);
        }
        fault_calm_free(&calm);
    }
    assert_int_equal(wrong, 0);
}

/* Jansson leaves a key out where it has no memory for it, and says nothing. */
static void json_without_memory_is_no_shorter_document(void **state)
{
    const struct fault_case *row = fault_cases;
    struct fault_calm calm;
    char reason[1024];

    (void)state;
    if (!faults_begin())
        skip();
    while (strcmp(row->arguments, "show in/a.cbor --json") != 0)
        row++;
    fault_calm_run(row, &calm);
    for (long at = 420; at < calm.calls[FAULT_MALLOC]; at += 100) {
        const struct fault fault = { .kind = FAULT_MALLOC, .at = at, .error = ENOMEM };

        if (fault_inject(row, &calm, &fault, reason, sizeof reason) != FAULT_REFUSED)
            fail_msg("malloc %ld: %s", at, reason);
    }
    fault_calm_free(&calm);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_fault_of_each_kind_is_survived),
                                        cmocka_unit_test(json_without_memory_is_no_shorter_document) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
