/* SPDX-License-Identifier: Apache-2.0
 *
 * Every subcommand with each call of each kind failing once, with each error that it may give.
 *   test_deep_faults [--table] [--only TEXT] [--kind KIND] [--calls N]
 * --table prints what was injected and survived; TEXT is part of the cases' arguments. Where a case makes more than N
 * calls of a kind (1000), about so many of them fail, evenly spread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/state.h"
#include "faults/cases.h"

struct counts {
    long injected, went_on, refused;
};

static const char *only, *only_kind;
static long calls_most = 1000;
static bool wants_table;
static struct counts table[64][FAULT_KINDS];

/* The same fault with every n, until there are fewer calls. Returns how many went wrong. */
static long fail_each(const struct fault_case *row, const struct fault_calm *calm, struct fault fault,
                      struct counts *counts)
{
    enum fault_outcome outcome;
    char reason[1024];
    long wrong = 0;

    for (fault.at = 1; (outcome = fault_inject(row, calm, &fault, reason, sizeof reason)) != FAULT_NOT_REACHED;
         fault.at += 1 + (calm->calls[fault.kind] - 1) / calls_most) {
        counts->injected++;
        counts->went_on += outcome == FAULT_WENT_ON;
        counts->refused += outcome == FAULT_REFUSED;
        if (outcome != FAULT_WRONG)
            continue;
        wrong++;
        print_error("irqpath %s: %s %ld, errno %d: %s\n", row->arguments, fault_names[fault.kind], fault.at,
                    fault.error, reason);
    }
    return wrong;
}

static long fail_all(size_t index)
{
    const struct fault_case *row = &fault_cases[index];
    struct fault_calm calm;
    long wrong = 0;

    fault_calm_run(row, &calm);
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        const int *errors;
        size_t error_count = fault_errors(kind, &errors);

        for (size_t i = 0; i < error_count && (only_kind == NULL || strcmp(only_kind, fault_names[kind]) == 0); i++)
            wrong += fail_each(row, &calm, (struct fault){ .kind = kind, .error = errors[i] }, &table[index][kind]);
    }
    fault_calm_free(&calm);
    return wrong;
}

/* --- the table --- */

static void print_row(const char *name, const struct counts *sums)
{
    struct counts all = { 0, 0, 0 };

    printf("%-15s", name);
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        printf(" %7ld", sums[kind].injected);
        all.injected += sums[kind].injected;
        all.went_on += sums[kind].went_on;
        all.refused += sums[kind].refused;
    }
    printf(" %8ld %8ld %8ld %6ld\n", all.injected, all.went_on, all.refused, all.injected - all.went_on - all.refused);
}

static void add(struct counts *to, const struct counts *from)
{
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        to[kind].injected += from[kind].injected;
        to[kind].went_on += from[kind].went_on;
        to[kind].refused += from[kind].refused;
    }
}

/* The cases of a subcommand stand together. */
static void print_table(void)
{
    struct counts all[FAULT_KINDS] = { 0 };

    printf("%-15s", "");
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        printf(" %7s", fault_names[kind]);
    printf(" %8s %8s %8s %6s\n", "faults", "went on", "refused", "wrong");
    for (size_t i = 0, next; i < fault_case_count; i = next) {
        struct counts sums[FAULT_KINDS] = { 0 };

        for (next = i; next < fault_case_count && !strcmp(fault_cases[next].subcommand, fault_cases[i].subcommand);
             next++)
            add(sums, table[next]);
        print_row(fault_cases[i].subcommand, sums);
        add(all, sums);
    }
    print_row("all", all);
}

static void every_fault_is_survived(void **state)
{
    long wrong = 0;

    (void)state;
    if (!faults_begin())
        skip();
    assert_true(fault_case_count <= sizeof table / sizeof table[0]);
    for (size_t i = 0; i < fault_case_count; i++)
        if ((only == NULL || strstr(fault_cases[i].arguments, only) != NULL) &&
            (!fault_cases[i].explores || explore_state_is_supported()))
            wrong += fail_all(i);
    if (wants_table)
        print_table();
    assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_fault_is_survived) };

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--table") == 0)
            wants_table = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (strcmp(argv[i], "--kind") == 0 && i + 1 < argc)
            only_kind = argv[++i];
        else if (strcmp(argv[i], "--calls") == 0 && i + 1 < argc && atol(argv[i + 1]) > 0)
            calls_most = atol(argv[++i]);
        else
            return 2;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
