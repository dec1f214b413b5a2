/* SPDX-License-Identifier: Apache-2.0
 *
 * The scripts that charts of every kind become, by their sums: a place, a colour or a text that changes is seen.
 * IRQPATH_WRITE_SCRIPTS=DIR writes the scripts there, to be compared with those of another build, and prints the sums.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "plot/chart.h"
#include "temporary.h"

enum {
    KEYS_MAX = 24,
    SERIES_MAX = 12,
    PANELS_MAX = 5,
    LOG_VALUE = 1,
    LOG_KEY = 2,
    NUMBERS = 4, /* keys are numbers */
    INTERVALS = 8,
    GROUPS = 16,
    PUBLISHED = 32,
    REFERENCES = 64,
    LONG = 128,
    GAPS = 256, /* some values are missing */
    DIAGONAL = 512,
    LIMITS = 1024,
    COLOURS = 2048,
    MIXED = 4096, /* each panel has another kind */
    NEGATIVE = 8192,
    HOSTILE = 16384, /* names with control characters, of one byte and of more */
};

static const struct row {
    enum chart_kind kind;
    size_t keys, series, panels;
    unsigned has;
    const char *key_unit, *value_unit, *sum;
} rows[] = {
    { CHART_BARS, 3, 1, 1, 0, "", "%", "017f577bd7b75ae9" },
    { CHART_BARS, 6, 3, 1, INTERVALS | GROUPS | PUBLISHED | REFERENCES, "", "ns", "a7fc935084cc65d6" },
    { CHART_BARS, 6, 2, 3, LOG_VALUE | LONG | GAPS, "", "Hz", "ac9a1d2e6b864e7f" },
    { CHART_BARS, 20, 8, 2, NEGATIVE | REFERENCES | COLOURS, "", "", "8f654400ab4b9243" },
    { CHART_DOTS, 5, 1, 1, INTERVALS, "", "us", "8a4539fd3c2767bd" },
    { CHART_DOTS, 8, 4, 2, INTERVALS | GROUPS | LONG | PUBLISHED | REFERENCES | LOG_VALUE, "", "cycles",
      "f11ea43ecb6d2cbe" },
    { CHART_DOTS, 8, 12, 1, GAPS | LIMITS, "", "B", "48c218eae5fbd828" },
    { CHART_STACK, 4, 3, 1, COLOURS, "", "%", "af7034ecc0e9cf1f" },
    { CHART_STACK, 12, 6, 2, GROUPS | LONG | GAPS, "", "%", "734fff2df8595a44" },
    { CHART_FOREST, 5, 1, 1, INTERVALS | REFERENCES, "", "%", "131da33861e97bf0" },
    { CHART_FOREST, 9, 2, 1, INTERVALS | NEGATIVE | GROUPS | LONG | PUBLISHED, "", "ms", "62b9b51f4f6fe09c" },
    { CHART_LINES, 6, 1, 1, NUMBERS, "Hz", "%", "64ea8b01a4fa09ae" },
    { CHART_LINES, 8, 4, 1, NUMBERS | INTERVALS | PUBLISHED | REFERENCES, "ns", "ns", "d25ed041a191e1f0" },
    { CHART_LINES, 8, 3, 2, NUMBERS | LOG_KEY | LOG_VALUE | GAPS, "Hz", "us", "3d98d72c57aaff18" },
    { CHART_LINES, 5, 2, 1, INTERVALS | LONG, "", "s", "ced10386f8be6913" },
    { CHART_LINES, 24, 12, 4, NUMBERS | LIMITS | LONG, "", "", "c2de119b2d00bcde" },
    { CHART_CCDF, 12, 1, 1, NUMBERS, "ns", "", "3689ead3548575b1" },
    { CHART_CCDF, 20, 5, 3, NUMBERS | LONG, "ns", "", "2b3bf74a7b045a37" },
    { CHART_HEAT, 5, 4, 1, 0, "", "%", "ae00b60e2748b78d" },
    { CHART_HEAT, 24, 12, 2, GAPS | LONG | LOG_VALUE, "", "ns", "b75b69e30c6b7fdd" },
    { CHART_HEAT, 3, 2, 1, NEGATIVE | PUBLISHED, "", "", "5af2b551880805e6" },
    { CHART_POINTS, 12, 1, 1, NUMBERS | DIAGONAL, "us", "us", "54434dc086307529" },
    { CHART_POINTS, 12, 3, 2, NUMBERS | INTERVALS | LOG_KEY | LOG_VALUE | PUBLISHED | REFERENCES, "ns", "ns",
      "81a5eb686d2978a5" },
    { CHART_LINES, 6, 3, 5, NUMBERS | MIXED | LONG, "Hz", "%", "e2f3065959667229" },
    { CHART_BARS, 1, 1, 1, PUBLISHED | INTERVALS, "", "%", "664f11287ca1324c" },
    { CHART_BARS, 12, 1, 2, GAPS | GROUPS | LIMITS, "", "us", "964ac26cdca5ed33" },
    { CHART_BARS, 4, 12, 1, LOG_VALUE | INTERVALS | REFERENCES, "", "ns", "f96706c29202bbec" },
    { CHART_DOTS, 24, 2, 4, NEGATIVE | COLOURS | REFERENCES, "", "%", "b23700ac91056fff" },
    { CHART_DOTS, 2, 1, 1, PUBLISHED | LIMITS, "", "", "1e86acb52141e319" },
    { CHART_STACK, 1, 1, 1, LIMITS, "", "s", "ee0b729a341975e6" },
    { CHART_STACK, 24, 12, 1, REFERENCES | LONG, "", "%", "57be068f430a3d21" },
    { CHART_FOREST, 24, 1, 2, GAPS | LIMITS, "", "Hz", "d65ad2cd5ca27278" },
    { CHART_FOREST, 2, 3, 1, PUBLISHED | REFERENCES | COLOURS, "", "B", "07fb54ca727fd42a" },
    { CHART_LINES, 12, 12, 1, NUMBERS | COLOURS | INTERVALS, "", "B", "ab72266e1bd220d3" },
    { CHART_LINES, 24, 2, 1, NUMBERS | NEGATIVE | LIMITS | REFERENCES | GAPS, "us", "%", "1dd2576f44dd08b6" },
    { CHART_LINES, 3, 3, 5, GROUPS | PUBLISHED, "", "ms", "3d89be18c1df59f3" },
    { CHART_CCDF, 12, 2, 1, NUMBERS | REFERENCES | COLOURS, "ns", "", "390386cb950ce8fc" },
    { CHART_CCDF, 8, 12, 2, NUMBERS | REFERENCES | LONG, "us", "", "92bc160da058043b" },
    { CHART_CCDF, 2, 4, 5, NUMBERS, "cycles", "", "db1b81304fd61b83" },
    { CHART_HEAT, 12, 1, 1, LIMITS | GROUPS, "", "%", "42d72027d9db6f16" },
    { CHART_HEAT, 1, 12, 4, REFERENCES | LOG_VALUE, "", "cycles", "91df72a41bc39dee" },
    { CHART_POINTS, 24, 12, 1, NUMBERS | DIAGONAL | LIMITS | GAPS, "ns", "ns", "f8c3bc83107ffaae" },
    { CHART_POINTS, 6, 2, 5, NUMBERS | DIAGONAL | NEGATIVE | LONG | COLOURS, "", "%", "f4083be8883ae12f" },
    { CHART_POINTS, 3, 1, 1, NUMBERS | REFERENCES | PUBLISHED | INTERVALS, "Hz", "Hz", "b9a0737cd9bea6e2" },
    { CHART_BARS, 5, 3, 1, HOSTILE | GROUPS, "", "%", "29d5e89a136a08e8" },
    { CHART_LINES, 5, 3, 2, HOSTILE, "", "ns", "a9afe6b3d1c14bfc" },
    { CHART_HEAT, 5, 3, 1, HOSTILE, "", "%", "29fb6df96b215e21" },
    { CHART_POINTS, 5, 3, 1, HOSTILE, "us", "us", "a35aeb8b7552e4d7" },
    { CHART_CCDF, 5, 3, 1, HOSTILE, "ns", "", "3bfcddfa40c79b38" },
    { CHART_CCDF, 8, 3, 3, NUMBERS | MIXED | REFERENCES | PUBLISHED | INTERVALS, "ns", "%", "82f46294edb6589a" },
    { CHART_CCDF, 6, 2, 5, 0, "ns", "", "cfbca03cbca22bb5" }, /* too small for names at the curves */
};

struct example {
    struct chart chart;
    struct chart_panel panels[PANELS_MAX];
    struct chart_series series[SERIES_MAX];
    struct chart_point points[SERIES_MAX][KEYS_MAX];
    struct chart_published published[3];
    struct chart_reference references[2];
    char texts[KEYS_MAX + SERIES_MAX][200];
    const char *keys[KEYS_MAX], *groups[KEYS_MAX];
};

static const char *name_of(struct example *example, size_t number, unsigned has)
{
    snprintf(example->texts[number], sizeof example->texts[0],
             has & LONG ? "machine.costs.softirq_entry of design %zu, with a name that is broken, and `%%d` <b>_^{}"
             : has & HOSTILE ? "n%zu\x01\xc2\x85\u202e\xff\u202c \U0001f980"
                             : "n%zu",
             number);
    return example->texts[number];
}

/* Fractions of two: no library of mathematics decides a digit. */
static struct chart_point point_of(const struct row *row, size_t series, size_t at)
{
    double y = (double)((at * 37 + series * 11) % 64) * 0.75 + 1, x = (double)at;

    if (row->kind == CHART_CCDF)
        return (struct chart_point){ 1000.0 * (double)(1 + at * (series + 1)), 1.0 / (double)(1ull << at), 0, 0,
                                     false };
    if (row->has & NUMBERS)
        x = row->has & LOG_KEY ? (double)(100ull << at) : 250 * x + 16 * (double)series;
    if (row->has & LOG_VALUE)
        y = y * (double)(1ull << at % 16);
    if (row->has & NEGATIVE)
        y -= 24;
    if (row->has & GAPS && (at + series) % 5 == 3)
        y = NAN;
    return (struct chart_point){ x, y, y - 0.5, y + (double)(at % 4), row->has & INTERVALS && at % 3 != 1 };
}

static void make(struct example *example, const struct row *row)
{
    static const enum chart_kind mixed[] = { CHART_LINES, CHART_CCDF, CHART_POINTS, CHART_LINES, CHART_CCDF };
    static const char *const colours[] = { "#0072b2", NULL, "#d55e00" };

    *example = (struct example){ .chart = { "example", "What is shown, in one sentence", NULL, example->panels,
                                            row->panels } };
    if (row->panels != 2)
        example->chart.subtitle = "scenario, 5 seeds; bands are 95 % intervals";
    for (size_t i = 0; i < row->keys; i++) {
        example->keys[i] = name_of(example, i, row->has);
        example->groups[i] = i < row->keys / 2 ? "first group" : "second";
    }
    for (size_t i = 0; i < row->series; i++) {
        for (size_t at = 0; at < row->keys; at++)
            example->points[i][at] = point_of(row, i, at);
        example->series[i] =
            (struct chart_series){ name_of(example, KEYS_MAX + i, row->has), row->has & COLOURS ? colours[i % 3] : NULL,
                                   example->points[i], row->keys };
    }
    example->published[0] = (struct chart_published){ example->points[0][1].x, 12, 0, "QEMU e1d1e5867d, TCP_RR" };
    example->published[1] = (struct chart_published){ NAN, 30, SIZE_MAX, "a report of many words, of 2016" };
    example->published[2] = (struct chart_published){ example->points[0][2].x, 20, row->series, "a third" };
    example->references[0] = (struct chart_reference){ row->kind == CHART_CCDF ? 3000 : 16, "userspace = 0 %" };
    example->references[1] = (struct chart_reference){ row->kind == CHART_CCDF ? 5000 : 17, NULL };
    for (size_t i = 0; i < row->panels; i++)
        example->panels[i] = (struct chart_panel){
            .kind = row->has & MIXED ? mixed[i] : row->kind,
            .title = row->panels > 1 ? (i % 2 == 0 ? "Even" : "An odd panel with more words") : NULL,
            .key = { "Key", row->key_unit, row->has & LOG_KEY, 0, 0 },
            .value = { "Value", row->value_unit, row->has & LOG_VALUE, 0, row->has & LIMITS ? 80 : 0 },
            .row_title = "Rows",
            .keys = row->has & NUMBERS ? NULL : example->keys,
            .key_count = row->has & NUMBERS ? 0 : row->keys,
            .groups = row->has & GROUPS ? example->groups : NULL,
            .series = example->series,
            .series_count = row->series - (i == 1 && row->series > 1),
            .published = example->published,
            .published_count = row->has & PUBLISHED ? 3 : 0,
            .references = example->references,
            .reference_count = row->has & REFERENCES ? 2 : 0,
            .has_diagonal = row->has & DIAGONAL,
            .diagonal = row->has & DIAGONAL ? 0.1 : 0,
        };
}

/* A program of that name that gives back what it reads stands before gnuplot. */
static int take_gnuplots_place(void **state)
{
    char *path, *file;

    (void)state;
    assert_true(asprintf(&file, "%s", temporary_path("gnuplot")) > 0);
    FILE *stream = fopen(file, "w");
    assert_non_null(stream);
    fputs("#!/bin/sh\nexec cat\n", stream);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(file, 0755), 0);
    *strrchr(file, '/') = '\0';
    assert_true(asprintf(&path, "%s:%s", file, getenv("PATH")) > 0);
    setenv("PATH", path, 1);
    free(path);
    free(file);
    return 0;
}

static void keep(const char *directory, size_t number, const char *script, size_t bytes, const char *sum)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%02zu", directory, number);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(script, 1, bytes, stream), bytes);
    assert_int_equal(fclose(stream), 0);
    printf("%s\n", sum);
}

/* The script, and what a terminal shows. The caller frees it. */
static char *drawn(const struct example *example, size_t number, size_t *bytes)
{
    char *script, *text, message[300] = "";
    size_t script_bytes;
    FILE *out = open_memstream(&text, bytes);

    assert_non_null(out);
    if (!chart_render(&example->chart, CHART_PNG, &script, &script_bytes, message, sizeof message))
        fail_msg("row %zu: %s", number, message);
    assert_int_equal(fwrite(script, 1, script_bytes, out), script_bytes);
    free(script);
    if (!chart_print(&example->chart, number % 3 == 0 ? 60 : 100, 16, number % 2 == 1, out, message, sizeof message))
        fail_msg("row %zu: %s", number, message);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void charts_become_these_scripts(void **state)
{
    const char *kept = getenv("IRQPATH_WRITE_SCRIPTS");
    struct example *example = malloc(sizeof *example);

    (void)state;
    assert_non_null(example);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char sum[SHA256_TEXT_BYTES];
        size_t bytes;

        make(example, &rows[i]);
        char *script = drawn(example, i, &bytes);
        sha256_text(script, bytes, sum);
        sum[16] = '\0';
        if (kept != NULL)
            keep(kept, i, script, bytes, sum);
        else if (strcmp(sum, rows[i].sum) != 0)
            fail_msg("row %zu becomes another script, %s: IRQPATH_WRITE_SCRIPTS", i, sum);
        free(script);
    }
    free(example);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(charts_become_these_scripts) };

    return cmocka_run_group_tests(tests, take_gnuplots_place, NULL);
}
