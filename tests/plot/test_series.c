/* SPDX-License-Identifier: Apache-2.0
 *
 * Axes, series and their colours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plot/gnuplot.h"
#include "plot/series.h"

static void numbers_of_labels(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_number;
        double value;
        const char *unit;
    } rows[] = {
        { "8", true, 8, "" },
        { "20kHz", true, 20000, "Hz" },
        { "1.5ms", true, 0.0015, "s" },
        { "64KiB", true, 65536, "B" },
        { "400cy", true, 400, "cycles" },
        { "-3", true, -3, "" },
        { "package:8 [numa] core:10 pu:2", true, 8, "sockets" },
        { "package:8x", false, 0, "" },
        { "ttas", false, 0, "" },
        { "", false, 0, "" },
        { "8 sockets", false, 0, "" },
        { "inf", false, 0, "" },
        { "8parsec", false, 0, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double value = 0;
        const char *unit = "";
        assert_int_equal(plot_axis_number(rows[i].text, &value, &unit), rows[i].is_number);
        if (!rows[i].is_number)
            continue;
        assert_true(fabs(value - rows[i].value) <= 1e-12 * fabs(rows[i].value));
        assert_string_equal(unit, rows[i].unit);
    }
}

struct cell {
    const char *design, *sockets, *lock, *rate;
    uint64_t seed, value;
};

static void make_set(struct result_set *set, const struct cell *cells, size_t count)
{
    result_set_init(set);
    for (size_t i = 0; i < count; i++) {
        struct result result;
        result_init(&result, "s", cells[i].design, cells[i].seed, "");
        if (cells[i].sockets != NULL)
            result_add_axis(&result, "sockets", cells[i].sockets);
        if (cells[i].lock != NULL)
            result_add_axis(&result, "hypervisor.lock", cells[i].lock);
        if (cells[i].rate != NULL)
            result_add_axis(&result, "devices.vf.rate", cells[i].rate);
        result_add_axis(&result, "hypervisor.design", cells[i].design);
        metrics_append(&result.metrics, "m", cells[i].value, cells[i].value > 0);
        result_set_append(set, &result);
    }
}

static void series_over_sockets(void **state)
{
    (void)state;
    static const struct cell cells[] = {
        { "domain-tasklet", "8", "ttas", NULL, 1, 30 }, { "domain-tasklet", "8", "ttas", NULL, 2, 32 },
        { "domain-tasklet", "1", "ttas", NULL, 1, 10 }, { "softirq-requeue", "1", "ttas", NULL, 1, 1 },
        { "softirq-requeue", "8", "ttas", NULL, 1, 2 }, { "softirq-requeue", "8", "ticket", NULL, 1, 3 },
        { "softirq-requeue", "8", "mcs", NULL, 1, 0 },
    };
    struct result_set set;
    struct compare_groups groups;
    struct plot_axis axis;
    struct plot_series_list list;
    make_set(&set, cells, sizeof cells / sizeof cells[0]);
    compare_groups_make(&groups, &set);
    assert_true(plot_find_axis(&groups, &axis));
    assert_string_equal(axis.path, "sockets");
    assert_string_equal(axis.title, "Sockets");
    plot_series_make(&list, &groups, &axis, "m");
    assert_int_equal(list.count, 3); /* mcs has no observation */
    assert_string_equal(list.series[0].label, "domain-tasklet, ttas");
    assert_string_equal(list.series[1].label, "softirq-requeue, ttas");
    assert_string_equal(list.series[2].label, "softirq-requeue, ticket");
    assert_int_equal(list.series[0].count, 2);
    assert_true(list.series[0].points[0].x == 1 && list.series[0].points[1].x == 8);
    assert_true(list.series[0].points[1].mean == 31);
    assert_true(isfinite(list.series[0].points[1].half_width));
    assert_true(isinf(list.series[0].points[0].half_width));
    assert_string_equal(list.series[0].colour, PLOT_VERMILLION);
    assert_string_equal(list.series[1].colour, PLOT_BLUE);
    assert_string_equal(list.series[2].colour, PLOT_GREEN);
    plot_series_free(&list);
    compare_groups_free(&groups);
    result_set_free(&set);
}

/* Of more designs than there are colours the points of the last ones are counted. */
static void series_beyond_the_colours_are_left_out(void **state)
{
    struct result_set set;
    struct compare_groups groups;
    struct plot_axis axis;
    struct plot_series_list list;

    (void)state;
    result_set_init(&set);
    for (size_t i = 0; i < 2 * (PLOT_SERIES_MAX + 2); i++) {
        char design[16];
        struct result result;

        snprintf(design, sizeof design, "d%02zu", i / 2);
        result_init(&result, "s", design, 1, "");
        result_add_axis(&result, "sockets", i % 2 == 0 ? "1" : "2");
        metrics_append(&result.metrics, "m", i, 1);
        result_set_append(&set, &result);
    }
    compare_groups_make(&groups, &set);
    assert_true(plot_find_axis(&groups, &axis));
    plot_series_make(&list, &groups, &axis, "m");
    assert_int_equal(list.count, PLOT_SERIES_MAX);
    assert_int_equal(list.left_out, 2 * 2);
    assert_string_equal(list.series[PLOT_SERIES_MAX - 1].label, "d11");
    assert_int_equal(list.series[PLOT_SERIES_MAX - 1].count, 2);
    plot_series_free(&list);
    compare_groups_free(&groups);
    result_set_free(&set);
}

static void the_axis_is_numeric_everywhere(void **state)
{
    (void)state;
    static const struct {
        struct cell cells[3];
        const char *path;
    } rows[] = {
        { { { "a", "1", NULL, "10kHz", 1, 1 }, { "a", "1", NULL, "20kHz", 1, 1 }, { "a", "1", NULL, "40kHz", 1, 1 } },
          "devices.vf.rate" },
        { { { "a", "1", NULL, "10kHz", 1, 1 }, { "a", "2", NULL, "20kHz", 1, 1 }, { "a", "2", NULL, "40kHz", 1, 1 } },
          "sockets" },
        { { { "a", NULL, "ttas", "10kHz", 1, 1 }, { "a", NULL, "mcs", "20ms", 1, 1 }, { "a", NULL, "x", "1", 1, 1 } },
          NULL },
        { { { "a", NULL, "1", NULL, 1, 1 }, { "b", NULL, "1", NULL, 1, 1 }, { "c", NULL, "1", NULL, 1, 1 } }, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result_set set;
        struct compare_groups groups;
        struct plot_axis axis = { NULL, NULL, NULL };
        make_set(&set, rows[i].cells, 3);
        compare_groups_make(&groups, &set);
        assert_int_equal(plot_find_axis(&groups, &axis), rows[i].path != NULL);
        if (rows[i].path != NULL)
            assert_string_equal(axis.path, rows[i].path);
        compare_groups_free(&groups);
        result_set_free(&set);
    }
}

static void colours_do_not_repeat_early(void **state)
{
    (void)state;
    static const char *const designs[] = { "softirq-a", "x", "domain-tasklet", "softirq-b", "y", "z", "w", "v" };
    const char *colours[8];
    plot_choose_colours(designs, 8, colours);
    assert_string_equal(colours[0], PLOT_BLUE);
    assert_string_equal(colours[2], PLOT_VERMILLION);
    for (size_t i = 0; i < 7; i++)
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(colours[i], colours[other]);
}

/* Results of two scenarios of one name and design are two series. */
static void scenarios_are_not_merged(void **state)
{
    (void)state;
    static const char *const resolved[] = { "xen:\n  ratelimit: 1ms\n", "xen:\n  ratelimit: off\n" };
    struct result_set set;
    struct compare_groups groups;
    char label[PLOT_LABEL_BYTES];

    result_set_init(&set);
    for (size_t i = 0; i < 2; i++) {
        struct result result;
        result_init(&result, "s", "softirq-requeue", 1, resolved[i]);
        result_set_append(&set, &result);
    }
    compare_groups_make(&groups, &set);
    assert_int_equal(groups.count, 2);
    plot_group_label(&groups.groups[0], NULL, label);
    assert_string_equal(label, "softirq-requeue, ratelimit=1ms");
    plot_group_label(&groups.groups[1], NULL, label);
    assert_string_equal(label, "softirq-requeue, ratelimit=off");
    compare_groups_free(&groups);
    result_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_labels),
        cmocka_unit_test(series_over_sockets),
        cmocka_unit_test(series_beyond_the_colours_are_left_out),
        cmocka_unit_test(scenarios_are_not_merged),
        cmocka_unit_test(the_axis_is_numeric_everywhere),
        cmocka_unit_test(colours_do_not_repeat_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
