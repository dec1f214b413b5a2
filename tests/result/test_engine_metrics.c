/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON of a result with wall-clock figures has every wall-clock metric, and the JSON of several results has the
 * metrics of their sum.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "result/engine_metrics.h"

static void wall_rows_are_reported(void **state)
{
    const struct result_wall wall = {
        .seconds = 4, .events = 100, .peak_rss_bytes = 5, .measured_seconds = 3, .interrupts = 1000000, .ticks = 0
    };
    json_t *metrics = json_object();

    (void)state;
    wall_add_to_json(metrics, &(struct result_wall){ .events = 1 }, 1, 1);
    assert_int_equal(json_object_size(metrics), 0);
    wall_add_to_json(metrics, &wall, 8, 2);
    assert_int_equal(json_object_size(metrics), wall_metric_table.count);
    for (size_t i = 0; i < wall_metric_table.count; i++)
        assert_non_null(json_object_get(metrics, wall_metric_table.rows[i].name));
    assert_true(json_real_value(json_object_get(metrics, "engine.wall_seconds")) == 2);
    assert_true(json_real_value(json_object_get(metrics, "engine.events_per_second")) == 25);
    assert_true(json_real_value(json_object_get(metrics, "engine.realtime_factor")) == 2);
    assert_true(json_real_value(json_object_get(metrics, "engine.us_per_interrupt")) == 3);
    assert_true(json_is_null(json_object_get(metrics, "engine.us_per_tick")));
    assert_int_equal(json_integer_value(json_object_get(metrics, "engine.peak_rss_bytes")), 5);
    json_decref(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(wall_rows_are_reported) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
