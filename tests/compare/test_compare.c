/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts depend on the direction of the metric, on significance after Holm's correction, and on the threshold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"

#define SEEDS 5

/* Two sides with one metric; values in 1/100, UINT64_MAX means no observation. */
struct two_sides {
    struct result results[2][SEEDS];
    struct comparison comparison;
};

static struct two_sides *compare_values(const char *metric, const uint64_t values[2][SEEDS], size_t count,
                                        uint64_t first_seed_of_new, double threshold)
{
    struct two_sides *two = calloc(1, sizeof *two);
    struct compare_side sides[2];
    for (size_t side = 0; side < 2; side++) {
        compare_side_init(&sides[side], side == 0 ? "base" : "new");
        for (size_t i = count; i-- > 0;) {
            struct result *result = &two->results[side][i];
            result_init(result, "s", "d", (side == 0 ? 1 : first_seed_of_new) + i, "");
            if (values[side][i] == UINT64_MAX)
                metrics_append(&result->metrics, metric, 0, 0);
            else
                metrics_append(&result->metrics, metric, values[side][i], 100);
            compare_side_add(&sides[side], result);
        }
    }
    comparison_make(&two->comparison, sides, 2, threshold);
    return two;
}

static void two_sides_free(struct two_sides *two)
{
    comparison_free(&two->comparison);
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < SEEDS; i++)
            result_free(&two->results[side][i]);
    free(two);
}

#define NONE UINT64_MAX
static const char steal[] = "guests.idle.steal.percent", delivered[] = "irq.delivered", raised[] = "irq.raised",
                  latency[] = "irq.latency.mean_ns";
static const struct {
    const char *what, *metric;
    uint64_t values[2][SEEDS];
    size_t seeds;
    uint64_t first_seed_of_new;
    double threshold;
    enum compare_verdict verdict;
} verdict_rows[] = {
    { "lower", steal, { { 100, 110, 105, 95, 100 }, { 50, 61, 54, 46, 51 } }, 5, 1, 1, VERDICT_BETTER },
    { "higher", steal, { { 50, 61, 54, 46, 51 }, { 100, 110, 105, 95, 100 } }, 5, 1, 1, VERDICT_WORSE },
    { "higher is better", delivered, { { 50, 61, 54, 46, 51 }, { 100, 110, 105, 95, 100 } }, 5, 1, 1, VERDICT_BETTER },
    { "neutral", raised, { { 50, 61, 54, 46, 51 }, { 100, 110, 105, 95, 100 } }, 5, 1, 1, VERDICT_NONE },
    { "equal", steal, { { 100, 110, 105, 95, 100 }, { 100, 110, 105, 95, 100 } }, 5, 1, 0, VERDICT_SAME },
    { "equal, one seed", steal, { { 100 }, { 100 } }, 1, 1, 1, VERDICT_SAME },
    { "one seed", steal, { { 100 }, { 900 } }, 1, 1, 1, VERDICT_INCONCLUSIVE },
    { "noise", steal, { { 100, 200, 100, 200, 150 }, { 200, 100, 150, 150, 180 } }, 5, 1, 1, VERDICT_INCONCLUSIVE },
    { "small but sure",
      steal,
      { { 1000, 1010, 1005, 995, 1000 }, { 1001, 1011, 1006, 996, 1002 } },
      5,
      1,
      0,
      VERDICT_WORSE },
    { "within the threshold",
      steal,
      { { 1000, 1010, 1005, 995, 1000 }, { 1001, 1011, 1006, 996, 1002 } },
      5,
      1,
      5,
      VERDICT_SAME },
    { "from nothing", steal, { { 0, 0, 0, 0, 0 }, { 5, 6, 5, 6, 5 } }, 5, 1, 10, VERDICT_WORSE },
    { "other seeds, far apart",
      steal,
      { { 100, 110, 105, 95, 100 }, { 500, 510, 505, 495, 500 } },
      5,
      77,
      1,
      VERDICT_WORSE },
    { "other seeds hide a small shift",
      steal,
      { { 100, 300, 500, 200, 400 }, { 110, 310, 510, 210, 410 } },
      5,
      77,
      1,
      VERDICT_INCONCLUSIVE },
    { "pairs see it", steal, { { 100, 300, 500, 200, 400 }, { 110, 310, 511, 210, 411 } }, 5, 1, 1, VERDICT_WORSE },
    { "base never observed", latency, { { NONE, NONE }, { 1, 1 } }, 2, 1, 1, VERDICT_UNOBSERVED },
    { "never observed", latency, { { 100, 101 }, { NONE, NONE } }, 2, 1, 1, VERDICT_UNOBSERVED },
    { "one seed without one",
      latency,
      { { 100, 110, 105, 95, 100 }, { 50, 61, NONE, 46, 51 } },
      5,
      1,
      1,
      VERDICT_UNOBSERVED },
    { "one of the base's",
      latency,
      { { 50, 61, NONE, 46, 51 }, { 100, 110, 105, 95, 100 } },
      5,
      1,
      1,
      VERDICT_UNOBSERVED },
    { "the same but for one", latency, { { 100, 110, 105 }, { 100, 110, NONE } }, 3, 1, 1, VERDICT_UNOBSERVED },
    { "other seeds, one without",
      latency,
      { { 100, 110, 105, 95, 100 }, { 50, 61, NONE, 46, 51 } },
      5,
      77,
      1,
      VERDICT_UNOBSERVED },
    { "one pair is left", latency, { { 100, 110 }, { 50, NONE } }, 2, 1, 1, VERDICT_UNOBSERVED },
    { "nothing to compare", latency, { { NONE, NONE }, { NONE, NONE } }, 2, 1, 1, VERDICT_NONE },
    { "neutral, unobserved", raised, { { 100, 110 }, { 50, NONE } }, 2, 1, 1, VERDICT_NONE },
};

static void verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof verdict_rows / sizeof verdict_rows[0]; i++) {
        struct two_sides *two = compare_values(verdict_rows[i].metric, verdict_rows[i].values, verdict_rows[i].seeds,
                                               verdict_rows[i].first_seed_of_new, verdict_rows[i].threshold);
        assert_int_equal(two->comparison.row_count, 1);
        enum compare_verdict got = two->comparison.rows[0].differences[1].verdict;
        if (got != verdict_rows[i].verdict)
            fail_msg("%s: %s, expected %s", verdict_rows[i].what, compare_verdict_name(got),
                     compare_verdict_name(verdict_rows[i].verdict));
        two_sides_free(two);
    }
}

/* The same difference that is significant alone is not among many that are not. */
static void many_metrics_need_more_evidence(void **state)
{
    (void)state;
    for (size_t others = 0; others <= 30; others += 30) {
        struct result results[2][SEEDS];
        struct compare_side sides[2];
        struct comparison comparison;
        for (size_t side = 0; side < 2; side++) {
            compare_side_init(&sides[side], "x");
            for (size_t i = 0; i < SEEDS; i++) {
                static const uint64_t moved[SEEDS] = { 10, 14, 22, 18, 25 };
                result_init(&results[side][i], "s", "d", i, "");
                metrics_append(&results[side][i].metrics, "irq.lost", 1000 + side * moved[i], 1);
                for (size_t other = 0; other < others; other++) {
                    char name[METRIC_NAME_BYTES];
                    (void)snprintf(name, sizeof name, "locks.l%zu.wait.max_ns", other);
                    metrics_append(&results[side][i].metrics, name, 100 + (i * 7 + side * 3 * (i + other)) % 5, 1);
                }
                compare_side_add(&sides[side], &results[side][i]);
            }
        }
        comparison_make(&comparison, sides, 2, 0);
        assert_string_equal(comparison.rows[0].metric, "irq.lost");
        assert_int_equal(comparison.rows[0].differences[1].verdict, others == 0 ? VERDICT_WORSE : VERDICT_INCONCLUSIVE);
        assert_int_equal(comparison.tested_count, others + 1);
        comparison_free(&comparison);
        for (size_t i = 0; i < 2 * SEEDS; i++)
            result_free(&results[i / SEEDS][i % SEEDS]);
    }
}

static void estimates_are_paired(void **state)
{
    (void)state;
    static const uint64_t values[2][SEEDS] = { { 1000, 3000, 2000 }, { 1100, 3100, UINT64_MAX } };
    struct two_sides *two = compare_values("irq.lost", values, 3, 1, 0);
    const struct compare_row *row = &two->comparison.rows[0];
    assert_true(row->means[0].value == 20 && row->means[1].value == 21);
    assert_true(fabs(row->differences[1].estimate.value - 1) < 1e-12); /* the third pair is incomplete */
    assert_true(row->differences[1].estimate.degrees == 1);
    assert_true(fabs(row->differences[1].percent - 5) < 1e-12);
    two_sides_free(two);
}

/* Seeds without an observation are counted for each side, and the difference of the others is not a test. */
static void seeds_without_an_observation_are_counted(void **state)
{
    (void)state;
    static const uint64_t values[2][SEEDS] = { { 100, NONE, 105, 95, 100 }, { 50, NONE, NONE, 46, 51 } };
    struct two_sides *two = compare_values(latency, values, SEEDS, 1, 1);
    const struct compare_row *row = &two->comparison.rows[0];
    assert_int_equal(row->unobserved[0], 1);
    assert_int_equal(row->unobserved[1], 2);
    assert_true(isnan(row->differences[1].p_value));
    assert_int_equal(two->comparison.tested_count, 0);
    two_sides_free(two);
}

static void sides_sort_by_seed_and_pair_by_it(void **state)
{
    (void)state;
    static const uint64_t seeds[][3] = { { 3, 1, 2 }, { 1, 2, 3 }, { 1, 2, 4 }, { 1, 1, 2 } };
    static const bool is_paired[] = { true, true, false, false };
    struct result results[4][3];
    struct compare_side sides[4];
    for (size_t side = 0; side < 4; side++) {
        compare_side_init(&sides[side], "x");
        for (size_t i = 0; i < 3; i++) {
            result_init(&results[side][i], "s", "d", seeds[side][i], "");
            compare_side_add(&sides[side], &results[side][i]);
        }
    }
    assert_int_equal(sides[0].results[0]->seed, 1);
    assert_int_equal(sides[0].results[2]->seed, 3);
    for (size_t side = 0; side < 4; side++)
        assert_int_equal(compare_is_paired(&sides[1], &sides[side]), is_paired[side]);
    assert_false(compare_is_paired(&sides[3], &sides[3]));
    for (size_t side = 0; side < 4; side++) {
        free(sides[side].results);
        for (size_t i = 0; i < 3; i++)
            result_free(&results[side][i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),
        cmocka_unit_test(many_metrics_need_more_evidence),
        cmocka_unit_test(estimates_are_paired),
        cmocka_unit_test(seeds_without_an_observation_are_counted),
        cmocka_unit_test(sides_sort_by_seed_and_pair_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
