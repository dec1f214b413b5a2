/* SPDX-License-Identifier: Apache-2.0
 *
 * The digest, the tables and the JSON of a comparison.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compare/report_parts.h"
#include "compare/two_designs.h"
#include "result/report.h"

/* Steal falls from about 10 to 1, lost stays 0, one lock metric exists in the base only. */
static void make_results(struct result results[2 * SEEDS], const char *resolved)
{
    for (size_t i = 0; i < 2 * SEEDS; i++) {
        bool is_new = i >= SEEDS;
        uint64_t seed = i % SEEDS + 1;
        result_init(&results[i], "s", is_new ? "softirq-requeue" : "domain-tasklet", seed, resolved);
        metrics_append(&results[i].metrics, "guests.idle.steal.percent", (is_new ? 100 : 1000) + seed, 100);
        metrics_append(&results[i].metrics, "irq.lost", 0, 1);
        metrics_append(&results[i].metrics, "locks.l.waiters.max", 7, 1);
        metrics_append(&results[i].metrics, "engine.events", 5 + is_new, 1);
        if (!is_new)
            metrics_append(&results[i].metrics, "locks.old.waiters.max", 3, 1);
    }
}

static char *print(const struct comparison *comparison, size_t width, bool wants_all, bool use_colour)
{
    struct compare_layout layout = { width, wants_all, use_colour };
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    comparison_print(comparison, &layout, out);
    fclose(out);
    return text;
}

/* Without colours; with them it is the same text. */
static char *text_of(const struct comparison *comparison, size_t width, bool wants_all)
{
    char *text = print(comparison, width, wants_all, false), *coloured = print(comparison, width, wants_all, true);
    size_t used = 0;

    for (const char *at = coloured; *at != '\0'; at++) {
        if (*at == '\033')
            at = strchr(at, 'm');
        else
            coloured[used++] = *at;
    }
    coloured[used] = '\0';
    assert_string_equal(coloured, text);
    free(coloured);
    return text;
}

static const struct {
    const char *resolved;
    size_t seeds, width;
    bool wants_all;
    const char *text;
} digests[] = {
    { "headline:\n  - irq.lost\n  - guests.idle.steal.percent\n  - irq.raised\n", SEEDS, SIZE_MAX, false,
      "s: softirq-requeue against domain-tasklet, 3 seeds\n"
      "metric                     domain-tasklet  softirq-requeue      change  verdict\n"
      "irq.lost                                0                0           0  same\n"
      "guests.idle.steal.percent           10.02             1.02  -89.8 ±0 %  better\n"
      "irq.raised                              -                -           -  not reported\n"
      "Beyond 1 %: 1 better, 0 worse, 2 same, 0 inconclusive (--all).\n"
      "softirq-requeue is the same as domain-tasklet: irq.lost 0 and 0.\n" },
    { "", SEEDS, SIZE_MAX, false,
      "s: softirq-requeue against domain-tasklet, 3 seeds\n"
      "metric                     domain-tasklet  softirq-requeue      change  verdict\n"
      "guests.idle.steal.percent           10.02             1.02  -89.8 ±0 %  better\n"
      "Beyond 1 %: 1 better, 0 worse, 2 same, 0 inconclusive (--all).\n"
      "softirq-requeue is better: guests.idle.steal.percent 1.02 instead of 10.02 (-89.8 ±0 %).\n" },
    { "", SEEDS, 60, false,
      "s: softirq-requeue against domain-tasklet, 3 seeds\n"
      "metric                      base   new      change  verdict\n"
      "guests.idle.steal.percent  10.02  1.02  -89.8 ±0 %  better\n"
      "Beyond 1 %: 1 better, 0 worse, 2 same, 0 inconclusive\n"
      "(--all).\n"
      "softirq-requeue is better: guests.idle.steal.percent 1.02\n"
      "instead of 10.02.\n" },
    { "", SEEDS, 50, false,
      "s: softirq-requeue against domain-tasklet, 3 seeds\n"
      "metric             base   new      change  verdict\n"
      "guests.….percent  10.02  1.02  -89.8 ±0 %  better\n"
      "Beyond 1 %: 1 better, 0 worse, 2 same, 0\n"
      "inconclusive (--all).\n"
      "softirq-requeue is better:\n"
      "guests.idle.steal.percent 1.02 instead of 10.02.\n" },
    { "headline:\n  - guests.idle.steal.percent\n", 1, SIZE_MAX, false,
      "s: softirq-requeue against domain-tasklet, 1 seed\n"
      "metric                     domain-tasklet  softirq-requeue   change  verdict\n"
      "guests.idle.steal.percent           10.01             1.01  -89.9 %  inconclusive\n"
      "Beyond 1 %: 0 better, 0 worse, 2 same, 1 inconclusive (--all).\n"
      "1 seed cannot show a change of guests.idle.steal.percent beyond 1 %; --seeds 5 might.\n" },
    { "", SEEDS, SIZE_MAX, true,
      "s: softirq-requeue against domain-tasklet, 3 seeds\n"
      "metric                     domain-tasklet  softirq-requeue      change  verdict\n"
      "guests.idle.steal.percent           10.02             1.02  -89.8 ±0 %  better\n"
      "Beyond 1 %: 1 better, 0 worse, 2 same, 0 inconclusive.\n"
      "softirq-requeue is better: guests.idle.steal.percent 1.02 instead of 10.02 (-89.8 ±0 %).\n"
      "\n"
      "softirq-requeue against domain-tasklet\n"
      "metric                     domain-tasklet  softirq-requeue      change  verdict\n"
      "guests.idle.steal.percent           10.02             1.02  -89.8 ±0 %  better\n"
      "irq.lost                                0                0           0  same\n"
      "locks.l.waiters.max                     7                7           0  same\n"
      "locks.old.waiters.max                   3                -           -\n"
      "engine.events                           5                6  +20.0 ±0 %\n"
      "\n"
      "± is of the base and gives the verdict: better or worse beyond 1 %, the same within. With 95 % the 1 "
      "intervals hold together.\n" },
};

static void digest_of_two(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        struct result results[2 * SEEDS];
        struct comparison comparison;
        make_results(results, digests[i].resolved);
        make_comparison(&comparison, results, digests[i].seeds);
        char *text = text_of(&comparison, digests[i].width, digests[i].wants_all);
        assert_string_equal(text, digests[i].text);
        free(text);
        comparison_free(&comparison);
        free_results(results, 2 * SEEDS);
    }
}

static void one_side_has_means(void **state)
{
    (void)state;
    struct result results[2 * SEEDS];
    struct comparison comparison;
    struct compare_side side;
    make_results(results, "");
    compare_side_init(&side, "a");
    for (size_t i = 0; i < SEEDS; i++)
        compare_side_add(&side, &results[i]);
    comparison_make(&comparison, &side, 1, 1);
    char *text = text_of(&comparison, SIZE_MAX, false);
    assert_string_equal(text, "metric                               a\n"
                              "guests.idle.steal.percent  10.02 ±0.02\n"
                              "irq.lost                          0 ±0\n"
                              "locks.l.waiters.max               7 ±0\n"
                              "locks.old.waiters.max             3 ±0\n"
                              "engine.events                     5 ±0\n"
                              "\n3 seeds, ± 95 % confidence\n");
    free(text);
    comparison_free(&comparison);
    free_results(results, 2 * SEEDS);
}

/* Whose results are all of crashed runs is named, whichever side it is; the others are not looked at. */
static void a_side_without_results(void **state)
{
    struct result results[2 * SEEDS];

    (void)state;
    make_results(results, "");
    for (size_t empty = 0; empty < 3; empty++) {
        static const char *const labels[] = { "first", "second", "third" };
        struct comparison comparison;
        struct compare_side sides[3];
        char expected[64];

        for (size_t side = 0; side < 3; side++) {
            compare_side_init(&sides[side], labels[side]);
            for (size_t i = 0; side != empty && i < SEEDS; i++)
                compare_side_add(&sides[side], &results[(side & 1) * SEEDS + i]);
        }
        comparison_make(&comparison, sides, 3, 1);
        char *text = text_of(&comparison, SIZE_MAX, false);
        snprintf(expected, sizeof expected, "%s has no complete result\n", labels[empty]);
        assert_string_equal(text, expected);
        free(text);
        comparison_free(&comparison);
    }
    free_results(results, 2 * SEEDS);
}

/* --- drawn comparisons --- */

#define SIDES_MAX 12
#define DRAWN_METRICS 40

static uint64_t draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 40;
}

/* Sides with metrics that rise, fall, scatter, are missing or unobserved. */
static void draw_comparison(struct comparison *comparison, struct result *results, size_t sides, size_t seeds,
                            const char *resolved, uint64_t state)
{
    static char labels[SIDES_MAX][32];
    struct compare_side side[SIDES_MAX];

    for (size_t i = 0; i < sides; i++) {
        (void)snprintf(labels[i], sizeof labels[i], "design-%zu", i);
        compare_side_init(&side[i], labels[i]);
        for (size_t seed = 0; seed < seeds; seed++) {
            struct result *result = &results[i * seeds + seed];
            result_init(result, "s", labels[i], seed, resolved);
            for (size_t metric = 0; metric < DRAWN_METRICS; metric++) {
                char name[METRIC_NAME_BYTES];
                uint64_t scale = 1 + metric * metric * metric * 1000, noise = draw(&state) % (1 + metric % 7 * scale);
                (void)snprintf(name, sizeof name, "locks.some_long_name_%zu.wait.p99_ns", metric);
                if (metric % 11 == 7 && draw(&state) % 3 == 0)
                    metrics_append(&result->metrics, name, 0, 0);
                else if (metric % 11 != 8 || i > 0)
                    metrics_append(&result->metrics, name, (1 + i * metric % 5) * 10 * scale + noise, 1 + metric % 3);
            }
            compare_side_add(&side[i], result);
        }
    }
    comparison_make(comparison, side, sides, 1);
}

static size_t characters_of(const char *line)
{
    size_t count = 0;

    for (; *line != '\0' && *line != '\n'; line++)
        count += ((unsigned char)*line & 0xc0) != 0x80;
    return count;
}

/* Counts the lines, and checks that none is too long or ends in a blank. */
static size_t check_lines(const char *text, size_t width)
{
    size_t lines = 0;

    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
        const char *end = strchr(line, '\n');
        if (characters_of(line) > width)
            fail_msg("wider than %zu: %.*s", width, (int)(end - line), line);
        assert_true(end == line || end[-1] != ' ');
    }
    return lines;
}

/* Whatever is compared, on however wide a terminal. */
static void the_digest_has_ten_lines_that_fit(void **state)
{
    static const char *const headlines[] = {
        "",
        "headline:\n  - locks.some_long_name_3.wait.p99_ns\n",
        ("headline:\n  - irq.lost\n  - locks.some_long_name_3.wait.p99_ns\n  - locks.some_long_name_8.wait.p99_ns\n"
         "  - locks.some_long_name_20.wait.p99_ns\n"),
    };
    static const size_t widths[] = { 76, 80, 120, 200, SIZE_MAX }, sides[] = { 2, 3, 7, SIDES_MAX };

    (void)state;
    for (size_t i = 0; i < 3 * 5 * 4 * 5; i += 7) {
        struct result results[SIDES_MAX * 5];
        struct comparison comparison;
        size_t seeds = 1 + i % 5, side_count = sides[i / 5 % 4], width = widths[i / 20 % 5];
        draw_comparison(&comparison, results, side_count, seeds, headlines[i / 100 % 3], i);
        comparison.until_percent = i % 3;
        char *text = text_of(&comparison, width, false);
        size_t lines = check_lines(text, width);
        if (lines > (width < 80 ? 13 : COMPARE_DIGEST_LINES) || lines < 3)
            fail_msg("%zu lines: %s", lines, text);
        free(text);
        text = text_of(&comparison, width, true);
        check_lines(text, width);
        free(text);
        comparison_free(&comparison);
        free_results(results, side_count * seeds);
    }
}

/* A table that is as wide as the terminal fits. */
static void a_table_may_take_the_whole_width(void **state)
{
    struct result results[SIDES_MAX * 5];
    struct comparison comparison;
    size_t width = 0;

    (void)state;
    draw_comparison(&comparison, results, 5, 5,
                    "headline:\n  - locks.some_long_name_3.wait.p99_ns\n  - locks.some_long_name_8.wait.p99_ns\n", 3);
    char *whole = text_of(&comparison, SIZE_MAX, false), *line = strchr(whole, '\n') + 1;
    const char *table = line;
    for (size_t i = 0; i < 6; i++, line = strchr(line, '\n') + 1)
        width = characters_of(line) > width ? characters_of(line) : width;
    for (size_t cut = 0; cut <= 1; cut++) {
        char *text = text_of(&comparison, width - cut, false);
        bool is_same = strncmp(strchr(text, '\n') + 1, table, (size_t)(line - table)) == 0;
        if (is_same != (cut == 0))
            fail_msg("%zu columns:\n%sinstead of\n%s", width - cut, text, whole);
        free(text);
    }
    free(whole);
    comparison_free(&comparison);
    free_results(results, 5 * 5);
}

/* A line for each side; the columns that do not fit are left to --all, the sides too. */
static void digest_of_many(void **state)
{
    (void)state;
    static const struct {
        size_t sides, width;
        const char *has, *has_not;
    } rows[] = {
        { 5, SIZE_MAX, "long_name_8.wait", "more" },
        { 5, 70, "design-4", "long_name_8.wait" },
        { 12, 120, "... and 7 more", "design-5" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result results[SIDES_MAX * 5];
        struct comparison comparison;
        draw_comparison(&comparison, results, rows[i].sides, 5,
                        "headline:\n  - locks.some_long_name_3.wait.p99_ns\n  - locks.some_long_name_8.wait.p99_ns\n",
                        3);
        char *text = text_of(&comparison, rows[i].width, false);
        if (strstr(text, rows[i].has) == NULL || strstr(text, rows[i].has_not) != NULL)
            fail_msg("row %zu: %s", i, text);
        free(text);
        comparison_free(&comparison);
        free_results(results, rows[i].sides * 5);
    }
}

/* Of a headline of no, one and two metrics, as tests/compare/digests.txt has them, one after the other. */
static void each_number_of_headline_metrics_has_its_table(void **state)
{
    static const struct {
        size_t sides, width;
        const char *headline;
    } rows[] = {
        { 3, 100, "headline:\n  - locks.some_long_name_2.wait.p99_ns\n" },
        { 3, 100, "headline:\n  - locks.some_long_name_2.wait.p99_ns\n  - locks.some_long_name_14.wait.p99_ns\n" },
        { 3, 50, "headline:\n  - locks.some_long_name_2.wait.p99_ns\n  - locks.some_long_name_14.wait.p99_ns\n" },
        { 4, 100, "" },
        { 3, 100, "headline:\n  - irq.lost\n" },
        { 3, 100, "headline:\n  - locks.some_long_name_8.wait.p99_ns\n" },
        { 10, 100, "headline:\n  - locks.some_long_name_2.wait.p99_ns\n" },
        { 5, 100, "headline:\n  - locks.some_long_name_5.wait.p99_ns\n" },
        { 6, 100, "headline:\n  - locks.some_long_name_5.wait.p99_ns\n" },
    };
    char message[300] = "";
    size_t at = 0, bytes;
    char *expected =
        file_read_bytes(SOURCE_DIR "/tests/compare/digests.txt", SIZE_MAX, &bytes, message, sizeof message);

    (void)state;
    assert_string_equal(message, "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result results[SIDES_MAX * 5];
        struct comparison comparison;
        draw_comparison(&comparison, results, rows[i].sides, 5, rows[i].headline, 3);
        char *text = text_of(&comparison, rows[i].width, false);
        if (strncmp(expected + at, text, strlen(text)) != 0)
            fail_msg("row %zu: %s", i, text);
        at += strlen(text);
        free(text);
        comparison_free(&comparison);
        free_results(results, rows[i].sides * 5);
    }
    assert_int_equal(at, bytes);
    free(expected);
}

/* What too few seeds say: the first metric of the headline, by the power of the test. */
static void too_few_seeds(void **state)
{
    (void)state;
    static const struct {
        uint64_t base[5], new[5];
        size_t seeds;
        double threshold;
        const char *answer, *verdict;
    } rows[] = {
        { { 1000, 1010 },
          { 900, 950 },
          2,
          1,
          "2 seeds cannot show a change of guests.idle.steal.percent beyond 1 %; about 5 would.\n",
          "needs ~5 seeds" },
        { { 1000, 1010, 1005 },
          { 1001, 1010, 1006 },
          3,
          0.1,
          "3 seeds cannot show that guests.idle.steal.percent stays within 0.1 %; about 35 would.\n",
          "needs ~35 seeds" },
        { { 1000, 3000, 2000 },
          { 2000, 2100, 1950 },
          3,
          0,
          "3 seeds cannot show a change of guests.idle.steal.percent beyond 0 %; nor would 1000.\n",
          "needs >1000 seeds" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result results[10];
        struct compare_side sides[2];
        struct comparison comparison;
        for (size_t side = 0; side < 2; side++) {
            compare_side_init(&sides[side], side == 0 ? "a" : "b");
            for (size_t seed = 0; seed < rows[i].seeds; seed++) {
                struct result *result = &results[side * rows[i].seeds + seed];
                result_init(result, "s", "d", seed, "headline:\n  - guests.idle.steal.percent\n");
                metrics_append(&result->metrics, "guests.idle.steal.percent",
                               side == 0 ? rows[i].base[seed] : rows[i].new[seed], 100);
                compare_side_add(&sides[side], result);
            }
        }
        comparison_make(&comparison, sides, 2, rows[i].threshold);
        char *text = text_of(&comparison, SIZE_MAX, false);
        if (strstr(text, rows[i].answer) == NULL || strstr(text, rows[i].verdict) == NULL)
            fail_msg("row %zu: %s", i, text);
        free(text);
        comparison_free(&comparison);
        free_results(results, 2 * rows[i].seeds);
    }
}

/* Latencies of seeds in which nothing was delivered: for each side, which seeds have none, and what is said. */
static void no_observation(void **state)
{
    static const struct {
        const char *none[2], *line, *footer, *verdict; /* `none`: 'n' for a seed without an observation */
    } rows[] = {
        { { "...", "..n" }, "unobserved in 1 of 3\n", ", 0 inconclusive, 1 unobserved (", "unobserved" },
        { { "...", "nnn" }, "-  unobserved in 3 of 3\n", ", 0 inconclusive, 1 unobserved (", "unobserved" },
        { { "n..", "..." }, "base unobserved in 1 of 3\n", ", 1 unobserved (", "unobserved" },
        { { "n..", ".nn" }, "unobserved in 2 of 3\n", ", 1 unobserved (", "unobserved" },
        { { "...", "..." }, "  better\n", "1 better, 0 worse, 0 same, 0 inconclusive (", "better" },
    };

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct result results[2 * SEEDS];
        struct comparison comparison;
        for (size_t i = 0; i < 2 * SEEDS; i++) {
            bool is_none = rows[row].none[i / SEEDS][i % SEEDS] == 'n';
            result_init(&results[i], "s", i >= SEEDS ? "new" : "old", i % SEEDS + 1,
                        "headline:\n  - irq.latency.mean_ns\n");
            metrics_append(&results[i].metrics, "irq.latency.mean_ns",
                           is_none      ? 0
                           : i >= SEEDS ? 100
                                        : 900 + i,
                           !is_none);
        }
        make_comparison(&comparison, results, SEEDS);
        char *text = text_of(&comparison, SIZE_MAX, false);
        assert_non_null(strstr(text, rows[row].line));
        assert_non_null(strstr(text, rows[row].footer));
        free(text);
        json_t *json = comparison_to_json(&comparison);
        json_t *difference = json_array_get(json_object_get(json, "differences"), 0);
        json_t *entry = json_object_get(json_object_get(difference, "metrics"), "irq.latency.mean_ns");
        assert_string_equal(json_string_value(json_object_get(entry, "verdict")), rows[row].verdict);
        for (size_t side = 0; side < 2; side++) {
            json_t *design = json_array_get(json_object_get(json, "designs"), side);
            json_t *count = json_object_get(json_object_get(design, "unobserved"), "irq.latency.mean_ns");
            size_t expected = 0;
            for (size_t i = 0; i < SEEDS; i++)
                expected += rows[row].none[side][i] == 'n';
            assert_int_equal(json_integer_value(count), expected);
            assert_int_equal(count != NULL, expected > 0);
        }
        json_decref(json);
        comparison_free(&comparison);
        for (size_t i = 0; i < 2 * SEEDS; i++)
            result_free(&results[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest_of_two),
        cmocka_unit_test(one_side_has_means),
        cmocka_unit_test(a_side_without_results),
        cmocka_unit_test(the_digest_has_ten_lines_that_fit),
        cmocka_unit_test(a_table_may_take_the_whole_width),
        cmocka_unit_test(digest_of_many),
        cmocka_unit_test(each_number_of_headline_metrics_has_its_table),
        cmocka_unit_test(too_few_seeds),
        cmocka_unit_test(no_observation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
