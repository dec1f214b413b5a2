/* SPDX-License-Identifier: Apache-2.0
 *
 * The headline is read back from the resolved text of a scenario, and from nothing that only looks like it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "result/headline.h"

static const struct {
    const char *resolved, *metrics[HEADLINE_METRICS_MAX + 1];
} rows[] = {
    { "", { NULL } },
    { "name: x\n", { NULL } },
    { "headline:\n", { NULL } },
    { "name: x\nheadline:\n  - irq.lost\n", { "irq.lost" } },
    { "name: x\nheadline:\n  - irq.lost", { "irq.lost" } },
    { "name: x\nheadline:\n  - irq.lost\n  - guests.g.steal.percent\nexpect:\n  - irq.lost == 0\n",
      { "irq.lost", "guests.g.steal.percent" } },
    { "a:\n  headline:\n  - irq.lost\nxheadline:\n  - irq.lost\nexpect:\n  - irq.lost == 0\n", { NULL } },
    { "headline:\n  - a\n  - b\n  - c\n  - d\n  - e\n  - f\n", { "a", "b", "c", "d" } },
};

static void is_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct headline headline = headline_read(rows[i].resolved);
        size_t expected = 0;

        while (rows[i].metrics[expected] != NULL)
            expected++;
        assert_int_equal(headline.count, expected);
        for (size_t j = 0; j < expected; j++) {
            assert_string_equal(headline.metrics[j], rows[i].metrics[j]);
            assert_true(headline_has(&headline, rows[i].metrics[j]));
        }
        assert_false(headline_has(&headline, "z"));
        headline_free(&headline);
        assert_int_equal(headline.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(is_read_back) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
