/* SPDX-License-Identifier: Apache-2.0
 *
 * Adding seeds, with a fake simulation: which are run, when it ends, that threads have no influence; and how often the
 * last interval holds, with drawn values.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "commands/progress.h"
#include "compare/until.h"
#include "fake_run.h"
#include "result/cbor.h"
#include "scenario_samples.h"

#define STEAL "guests.idle.steal.percent"
#define IDLE "name: x\nguests: [ { name: idle } ]\n"
#define HEADLINE "headline: [ " STEAL " ]\n"

static char *const sets[] = { "hypervisor.design=softirq-requeue", "hypervisor.design=domain-tasklet" };
static struct scenario_value values[] = { { "softirq-requeue", (char **)&sets[0], 1 },
                                          { "domain-tasklet", (char **)&sets[1], 1 } };
static const struct scenario_axis axis = { "hypervisor.design", values, 2 };

/* With percent 0 runs one round. */
static void run_until(const char *text, double percent, size_t seeds, size_t most, size_t threads,
                      struct result_set *set)
{
    static const char *const no_wait[] = { "run.warmup=0ns" };
    struct scenario scenario;
    struct progress progress;
    char message[500] = "", *messages;
    bool was_cancelled, is_good;

    if (sample_load(&scenario, text, no_wait, 1, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    free(messages);
    struct compare_cells cells = { &scenario, &axis, 7, seeds, threads, &progress.watcher };
    result_set_init(set);
    progress_init(&progress, true);
    if (percent > 0)
        is_good = compare_until_run(&cells, percent, most, set, &was_cancelled, message, sizeof message);
    else
        is_good = compare_cells_run(&cells, set, &was_cancelled, message, sizeof message);
    if (!is_good || was_cancelled)
        fail_msg("%s", message);
    scenario_free(&scenario);
}

static void assert_same(const struct result_set *left, const struct result_set *right)
{
    struct result_hash first = result_set_hash(left), second = result_set_hash(right);

    assert_int_equal(left->count, right->count);
    assert_memory_equal(&first, &second, sizeof first);
}

static void rounds_give_what_one_round_gives(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double percent;
        size_t seeds, most, expected;
    } rows[] = {
        { IDLE HEADLINE, 1, 5, 37, 37 }, /* the limit */
        { IDLE HEADLINE, 1, 5, 5, 5 },
        { IDLE HEADLINE, 1, 50, 37, 37 },
        { IDLE HEADLINE, 1, 1, 9, 9 },                      /* one seed has no interval */
        { IDLE HEADLINE, 100000, 5, 37, 5 },                /* narrow enough at once */
        { SAMPLE "headline: [ irq.lost ]\n", 1, 5, 37, 5 }, /* no run reports it */
        { SAMPLE, 1, 5, 37, 5 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result_set once, rounds, threaded;
        run_until(rows[i].text, 0, rows[i].expected, 0, 1, &once);
        run_until(rows[i].text, rows[i].percent, rows[i].seeds, rows[i].most, 1, &rounds);
        run_until(rows[i].text, rows[i].percent, rows[i].seeds, rows[i].most, 5, &threaded);
        assert_same(&rounds, &once);
        assert_same(&threaded, &once);
        result_set_free(&once);
        result_set_free(&rounds);
        result_set_free(&threaded);
    }
}

/* A comparison of two sides with one metric. */
struct drawn {
    struct result results[2][64];
    struct comparison comparison;
};

static void compare_drawn(struct drawn *drawn, const uint64_t given[2][64], size_t count)
{
    struct compare_side sides[2];

    for (size_t side = 0; side < 2; side++) {
        compare_side_init(&sides[side], side == 0 ? "base" : "new");
        for (size_t i = 0; i < count; i++) {
            result_init(&drawn->results[side][i], "s", "d", i, "headline:\n  - " STEAL "\n");
            metrics_append(&drawn->results[side][i].metrics, STEAL, given[side][i], 1000);
            compare_side_add(&sides[side], &drawn->results[side][i]);
        }
    }
    comparison_make(&drawn->comparison, sides, 2, 0);
}

static void drawn_free(struct drawn *drawn, size_t count)
{
    comparison_free(&drawn->comparison);
    for (size_t i = 0; i < 2 * count; i++)
        result_free(&drawn->results[i / count][i % count]);
}

static void next_round(void **state)
{
    (void)state;
    static const struct {
        uint64_t given[2][64];
        size_t count;
        double percent;
        size_t most, next;
        double width;
    } rows[] = {
        /* the differences 4, 5, 6 have the half width 2.484, of the larger mean 10 */
        { { { 10, 10, 10 }, { 6, 5, 4 } }, 3, 24.9, 100, 3, 24.84 },
        { { { 10, 10, 10 }, { 6, 5, 4 } }, 3, 24.8, 100, 4, 24.84 },
        { { { 6, 5, 4 }, { 10, 10, 10 } }, 3, 24.8, 100, 4, 24.84 }, /* the base may be the smaller one */
        { { { 10, 10, 10 }, { 6, 5, 4 } }, 3, 1, 100, 6, 24.84 },    /* at most twice as many */
        { { { 10, 10, 10 }, { 6, 5, 4 } }, 3, 1, 5, 5, 24.84 },
        { { { 10, 10, 10 }, { 6, 5, 4 } }, 3, 1, 3, 3, 24.84 },
        { { { 10, 10, 10 }, { 5, 5, 5 } }, 3, 1, 100, 3, 0 },
        { { { 10 }, { 5 } }, 1, 1, 100, 2, INFINITY },
        { { { 0, 0, 0 }, { 0, 0, 0 } }, 3, 1, 100, 3, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct drawn drawn;
        compare_drawn(&drawn, rows[i].given, rows[i].count);
        double width = compare_width_percent(&drawn.comparison, &drawn.comparison.rows[0]);
        size_t next = compare_next_seeds(&drawn.comparison, rows[i].percent, rows[i].most);
        if (next != rows[i].next || !(width == rows[i].width || fabs(width - rows[i].width) < 0.005))
            fail_msg("row %zu: next %zu, expected %zu; width %g, expected %g", i, next, rows[i].next, width,
                     rows[i].width);
        drawn_free(&drawn, rows[i].count);
    }
}

/* About normal: the sum of twelve. */
static double normal_draw(struct rng *rng)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)rng_u64(rng) / 0x1p64;
    return sum;
}

/* Of experiments that end where the interval is narrow, the last interval contains the true difference in about
 * 92 to 96 %. */
static void the_last_interval_holds(void **state)
{
    (void)state;
    static const double percents[] = { 3, 5 };
    struct rng rng;

    rng_init(&rng, 3, 1, RNG_TEST);
    for (size_t row = 0; row < sizeof percents / sizeof percents[0]; row++) {
        int held = 0, experiments = 250;
        for (int experiment = 0; experiment < experiments; experiment++) {
            uint64_t given[2][64];
            for (size_t i = 0; i < 64; i++) {
                given[0][i] = 100000;
                given[1][i] = (uint64_t)(50000 + 5000 * normal_draw(&rng));
            }
            for (size_t count = 5;;) {
                struct drawn drawn;
                compare_drawn(&drawn, (const uint64_t(*)[64])given, count);
                size_t next = compare_next_seeds(&drawn.comparison, percents[row], 64);
                const struct compare_difference *difference = &drawn.comparison.rows[0].differences[1];
                bool holds = fabs(difference->estimate.value + 50) <= difference->half_width;
                drawn_free(&drawn, count);
                held += next == count && holds;
                if (next == count)
                    break;
                count = next;
            }
        }
        if (held < 0.89 * experiments || held > 0.985 * experiments)
            fail_msg("+-%g %%: held in %d of %d", percents[row], held, experiments);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_give_what_one_round_gives),
        cmocka_unit_test(next_round),
        cmocka_unit_test(the_last_interval_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
