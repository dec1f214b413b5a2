/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the table of the rates of interrupts.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "trace/rates.h"

static void the_most_frequent_comes_first(void **state)
{
    static const char *const names[] = { "timer", NULL, "nvme0q1" };
    struct recorded_rate rates[] = { { 0, 1, 20 }, { 1, 0, 5 }, { 2, 3, 4000 } };
    struct recorded recorded = {
        .world = { .frequency_hz = 1000000000, .end = 2000000000, .irq_names = names, .irq_count = 3 },
        .rates = rates,
        .rate_count = 3
    };
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    (void)state;
    assert_non_null(out);
    rates_report(&recorded, out, false);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "line  name     pCPU  count  rate Hz\n"
                              "2     nvme0q1     3   4000  2000.00\n"
                              "0     timer       1     20    10.00\n"
                              "1     -           0      5     2.50\n");
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_frequent_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
