/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts depend on the direction of the metric, on the joint intervals of its family, and on the threshold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"

#define SEEDS 5

/* Two sides with one metric; values in 1/100. NONE means no observation, GONE that there is no such run. */
#define NONE UINT64_MAX
#define GONE (UINT64_MAX - 1)

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
            if (values[side][i] == GONE)
                continue;
            result_init(result, "s", "d", (side == 0 ? 1 : first_seed_of_new) + i, "");
            if (values[side][i] == NONE)
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
    { "a run that crashed: the others are still pairs",
      steal,
      { { 100, 300, 500, 200, 400 }, { 110, GONE, 511, 210, 411 } },
      5,
      1,
      1,
      VERDICT_WORSE },
    { "another one crashed on each side",
      steal,
      { { 100, 300, GONE, 200, 400 }, { 110, GONE, 511, 210, 411 } },
      5,
      1,
      1,
      VERDICT_WORSE },
    { "one seed in common: no pairs",
      steal,
      { { 100, 300, GONE, GONE, 400 }, { GONE, GONE, 511, 210, 411 } },
      5,
      1,
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
        assert_int_equal(comparison.tested_count[COMPARE_OTHERS], others + 1);
        assert_int_equal(comparison.tested_count[COMPARE_HEADLINE], 0);
        comparison_free(&comparison);
        for (size_t i = 0; i < 2 * SEEDS; i++)
            result_free(&results[i / SEEDS][i % SEEDS]);
    }
}

static const char with_headline[] = "name: s\nheadline:\n  - irq.lost\n";

/* Metrics that the scenario names before the runs do not pay for all the others. */
static void the_headline_is_a_family_of_its_own(void **state)
{
    (void)state;
    struct result results[2][SEEDS];
    struct compare_side sides[2];
    struct comparison comparison;
    for (size_t side = 0; side < 2; side++) {
        compare_side_init(&sides[side], "x");
        for (size_t i = 0; i < SEEDS; i++) {
            static const uint64_t moved[SEEDS] = { 10, 14, 22, 18, 25 };
            result_init(&results[side][i], "s", "d", i, with_headline);
            metrics_append(&results[side][i].metrics, "irq.lost", 1000 + side * moved[i], 1);
            for (size_t other = 0; other < 30; other++) {
                char name[METRIC_NAME_BYTES];
                (void)snprintf(name, sizeof name, "locks.l%zu.wait.max_ns", other);
                metrics_append(&results[side][i].metrics, name, 1000 + side * moved[(i + other) % SEEDS], 1);
            }
            compare_side_add(&sides[side], &results[side][i]);
        }
    }
    comparison_make(&comparison, sides, 2, 0);
    assert_int_equal(comparison.tested_count[COMPARE_HEADLINE], 1);
    assert_int_equal(comparison.tested_count[COMPARE_OTHERS], 30);
    assert_int_equal(comparison_find(&comparison, "irq.lost")->differences[1].verdict, VERDICT_WORSE);
    const struct compare_row *other = comparison_find(&comparison, "locks.l3.wait.max_ns");
    assert_int_equal(other->differences[1].verdict, VERDICT_INCONCLUSIVE);
    assert_in_range(other->differences[1].seeds_needed, SEEDS + 1, 30);
    assert_null(comparison_find(&comparison, "locks.l30.wait.max_ns"));
    comparison_free(&comparison);
    for (size_t i = 0; i < 2 * SEEDS; i++)
        result_free(&results[i / SEEDS][i % SEEDS]);
}

/* Draws of many kinds: the interval alone decides, and a p-value below 5 % is the same as a change beyond the margin.
 */
static void the_interval_gives_the_verdict(void **state)
{
    (void)state;
    size_t seen[6] = { 0 };
    for (uint64_t draw = 1; draw < 400; draw++) {
        uint64_t values[2][SEEDS];
        for (size_t i = 0; i < SEEDS; i++) {
            values[0][i] = 1000 + draw * 7919 * (i + 1) % 101;
            values[1][i] = values[0][i] + draw % 9 * 5 + draw * 104729 * (i + 3) % (1 + draw % 40);
        }
        double threshold = (double)(draw % 5);
        struct two_sides *two = compare_values(steal, (const uint64_t(*)[SEEDS])values, SEEDS, 1, threshold);
        const struct compare_row *row = &two->comparison.rows[0];
        const struct compare_difference *difference = &row->differences[1];
        double margin = row->means[0].value * threshold / 100, value = fabs(difference->estimate.value);
        bool is_beyond = value - difference->half_width > margin, is_within = value + difference->half_width <= margin;
        enum compare_verdict expected = difference->estimate.value == 0 ? VERDICT_SAME
                                        : is_beyond                     ? VERDICT_WORSE
                                        : is_within                     ? VERDICT_SAME
                                                                        : VERDICT_INCONCLUSIVE;
        assert_int_equal(difference->verdict, expected);
        if (!isnan(difference->p_value))
            assert_int_equal(difference->p_value < 0.05, is_beyond);
        assert_int_equal(difference->seeds_needed > 0, expected == VERDICT_INCONCLUSIVE);
        seen[expected]++;
        two_sides_free(two);
    }
    assert_true(seen[VERDICT_WORSE] > 30 && seen[VERDICT_SAME] > 30 && seen[VERDICT_INCONCLUSIVE] > 30);
}

static void estimates_are_paired(void **state)
{
    (void)state;
    static const uint64_t values[2][SEEDS] = { { 1000, 3000, 5000 }, { 1100, 3100, NONE } };
    struct two_sides *two = compare_values("irq.lost", values, 3, 1, 0);
    const struct compare_row *row = &two->comparison.rows[0];
    assert_true(row->means[0].value == 30 && row->means[1].value == 21);
    assert_true(fabs(row->differences[1].estimate.value - 1) < 1e-12); /* the third pair is incomplete */
    assert_true(row->differences[1].estimate.degrees == 1);
    assert_true(fabs(row->differences[1].percent - 5) < 1e-12); /* of the base's mean in the pairs, 20 */
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
    assert_int_equal(two->comparison.tested_count[COMPARE_OTHERS], 0);
    two_sides_free(two);
}

static void sides_sort_by_seed_and_pair_by_it(void **state)
{
    (void)state;
    static const uint64_t seeds[][3] = { { 3, 1, 2 }, { 1, 2, 3 }, { 1, 2, 4 }, { 1, 1, 2 } };
    static const size_t pairs[] = { 3, 3, 2, 0 };
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
        assert_int_equal(compare_pair_count(&sides[1], &sides[side]), pairs[side]);
    for (size_t side = 0; side < 4; side++)
        assert_int_equal(compare_is_paired(&sides[1], &sides[side]), pairs[side] > 0);
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
        cmocka_unit_test(the_headline_is_a_family_of_its_own),
        cmocka_unit_test(the_interval_gives_the_verdict),
        cmocka_unit_test(estimates_are_paired),
        cmocka_unit_test(seeds_without_an_observation_are_counted),
        cmocka_unit_test(sides_sort_by_seed_and_pair_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
