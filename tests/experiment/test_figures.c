/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures over rows made by hand, as charts: keys, series, points with intervals, published values, references.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "experiment/figures.h"
#include "experiment/samples.h"

/* The panel as text: "KIND key[UNIT] value[UNIT] keys=a,b | NAME x:y(low..high) ... | pub x:y@series | ref value
 * label". */
static char *panel_text(const struct chart_panel *panel)
{
    static const char *const kinds[] = { "bars", "lines", "dots", "ccdf", "heat", "stack", "forest", "points" };
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    fprintf(out, "%s %s[%s%s] %s[%s%s]", kinds[panel->kind], panel->key.title, panel->key.unit,
            panel->key.is_log ? ", log" : "", panel->value.title, panel->value.unit,
            panel->value.is_log ? ", log" : "");
    for (size_t i = 0; i < panel->key_count; i++)
        fprintf(out, "%s%s", i > 0 ? "," : " keys=", panel->keys[i]);
    for (size_t i = 0; i < panel->series_count; i++) {
        fprintf(out, " | %s", panel->series[i].name);
        for (size_t j = 0; j < panel->series[i].count; j++) {
            const struct chart_point *point = &panel->series[i].points[j];

            fprintf(out, " %g:%.4g", point->x, point->y);
            if (point->has_interval)
                fprintf(out, "(%.1f..%.1f)", point->low, point->high);
        }
    }
    for (size_t i = 0; i < panel->published_count; i++)
        fprintf(out, " | pub %g:%g@%d", panel->published[i].x, panel->published[i].y,
                panel->published[i].series == SIZE_MAX ? -1 : (int)panel->published[i].series);
    for (size_t i = 0; i < panel->reference_count; i++)
        fprintf(out, " | ref %g %s", panel->references[i].value, panel->references[i].label);
    if (panel->has_diagonal)
        fprintf(out, " | diagonal %g", panel->diagonal);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void check_figure(const char *figure, const char *expected)
{
    struct experiment experiment;
    struct experiment_rows rows;
    struct filled_figure filled;
    char *text, *panel;

    assert_true(asprintf(&text,
                         "derive: { wait: { formula: irq.raised * 1000, unit: ns, title: wait }, less: irq.lost + 0 }\n"
                         "published:\n"
                         "  - { run: m, where: rate=1kHz case=b, quantity: irq.raised, value: 40, source: x }\n"
                         "  - { run: m, quantity: irq.lost, value: [2, 4], source: y }\n"
                         "figures:\n  - { title: t, %s }\n",
                         figure) > 0);
    sample_experiment(&experiment, text);
    sample_rows(&rows, &experiment);
    figure_fill(&filled, &rows, &experiment, &experiment.figures[0]);
    panel = panel_text(&filled.panels[0]);
    assert_string_equal(panel, expected);
    free(panel);
    filled_figure_free(&filled);
    rows_free(&rows);
    experiment_free(&experiment);
    free(text);
}

static void figures_become_charts(void **state)
{
    static const struct {
        const char *figure, *panel;
    } cases[] = {
        /* Keys with units of one kind are numbers in its base unit. */
        { "kind: lines, run: m, where: case=a, x: rate, y: irq.raised, log: x",
          "lines rate[Hz, log] irq.raised[] | irq.raised 100:11.5(5.1..17.9) 1000:31.5(25.1..37.9)" },
        { "kind: lines, run: m, where: seed=1, x: rate, y: irq.raised, series: case, y_title: up",
          "lines rate[Hz] up[] | a 100:11 1000:31 | b 100:21 1000:41 | pub 1000:40@1" },
        { "kind: bars, run: m, where: seed=1 rate=1kHz, y: case, x: [irq.raised, irq.lost], log: x",
          "bars case[] irq.raised[, log] keys=a,b | irq.raised 0:31 1:41 | irq.lost 0:0 1:0 | pub 1:40@-1 | pub "
          "nan:3@-1" },
        /* The interval of a metric's mean ends at 0, that of what is derived from it does not. */
        { "kind: dots, run: m, y: case, where: rate=1kHz, x: irq.lost",
          "dots case[] irq.lost[] keys=a,b | irq.lost 0:1(0.0..13.7) 1:1.5(0.0..20.6) | pub nan:3@-1" },
        { "kind: dots, run: m, y: case, where: rate=1kHz, x: less",
          "dots case[] less[] keys=a,b | less 0:1(-11.7..13.7) 1:1.5(-17.6..20.6)" },
        /* The chart chooses prefixes of times itself. */
        { "kind: dots, run: m, where: seed=1 rate=1kHz, y: case, x: { value: wait, unit: us }",
          "dots case[] wait[ns] keys=a,b | wait 0:3.1e+04 1:4.1e+04" },
        { "kind: bars, run: m, where: seed=1, y: rate, x: irq.raised, series: case, relative_to: a",
          "bars rate[] irq.raised over a[%] keys=100Hz,1kHz | b 0:90.91 1:32.26 | pub 1:40@0 | ref 0 a = 0 %" },
        { "kind: heat, run: m, where: seed=1, x: rate, y: case, value: irq.raised, x_title: r, y_title: c",
          "heat r[] irq.raised[] keys=100Hz,1kHz | a 0:11 1:31 | b 0:21 1:41 | pub 1:40@1" },
        { "kind: ccdf, run: m, where: case=a, x: irq.raised",
          "ccdf irq.raised[] share handled within this time[] | irq.raised 11:1 12:0.75 31:0.5 32:0.25" },
        { "kind: ccdf, run: m, where: rate=1kHz, x: wait, series: case, x_title: w",
          "ccdf w[ns] share handled within this time[] | a 31000:1 32000:0.5 | b 41000:1 42000:0.5" },
        /* A point a row, or one for each combination of labels, whose coordinates may come from different cells. */
        { "kind: points, run: m, where: rate=1kHz, x: irq.raised, y: irq.lost, series: case, log: x",
          "points irq.raised[, log] irq.lost[] | a 31:0 32:2 | b 41:0 42:3" },
        { "kind: points, run: m, rows: [rate, seed], x: { value: wait case=a, unit: us }, y: wait case=b, "
          "x_title: w, diagonal: 10 %",
          "points w[ns] wait[ns] | (null) 11000:2.1e+04 12000:2.2e+04 31000:4.1e+04 32000:4.2e+04 | "
          "diagonal 0.1" },
        { "kind: points, run: m, rows: rate, series: case, x: irq.lost, y: irq.raised, diagonal: on",
          "points irq.lost[] irq.raised[] | a 0:11.5(5.1..17.9) 1:31.5(25.1..37.9) | b 0.5:21.5(15.1..27.9) "
          "1.5:41.5(35.1..47.9) | diagonal 0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_figure(cases[i].figure, cases[i].panel);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(figures_become_charts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
