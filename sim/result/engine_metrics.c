/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of the engine. Wall-clock metrics are not part of a result file, whose bytes depend on the scenario
 * alone.
 */
#include "result/engine_metrics.h"

#include "result/report.h"

static const struct metric_row engine_rows[] = {
    { "engine.events", "count", METRIC_NEUTRAL, "events that the engine executed in the measured time",
      METRIC_AT(struct engine_record, events) },
};
const struct metric_table engine_metric_table = METRIC_TABLE(engine_rows);

enum wall_metric { WALL_SECONDS, WALL_EVENTS_PER_SECOND, WALL_REALTIME_FACTOR, WALL_PEAK_RSS };

static const struct metric_row wall_rows[] = {
    [WALL_SECONDS] = { "engine.wall_seconds", "s", METRIC_LOWER, "wall-clock time of the run (JSON only)",
                       METRIC_ELSEWHERE },
    [WALL_EVENTS_PER_SECOND] = { "engine.events_per_second", "1/s", METRIC_HIGHER,
                                 "events per wall-clock second (JSON only)", METRIC_ELSEWHERE },
    [WALL_REALTIME_FACTOR] = { "engine.realtime_factor", "ratio", METRIC_HIGHER,
                               "simulated seconds per wall-clock second (JSON only)", METRIC_ELSEWHERE },
    [WALL_PEAK_RSS] = { "engine.peak_rss_bytes", "bytes", METRIC_LOWER,
                        "peak resident memory of the process (JSON only)", METRIC_ELSEWHERE },
};
const struct metric_table wall_metric_table = METRIC_TABLE(wall_rows);

static void add(json_t *metrics, enum wall_metric metric, json_t *value)
{
    json_object_set_new(metrics, wall_rows[metric].name, value);
}

void wall_add_to_json(json_t *metrics, const struct result_wall *wall, double simulated_seconds, size_t runs)
{
    if (!(wall->seconds > 0))
        return;
    add(metrics, WALL_SECONDS, json_real(wall->seconds / (double)runs));
    add(metrics, WALL_EVENTS_PER_SECOND, json_real((double)wall->events / wall->seconds));
    add(metrics, WALL_REALTIME_FACTOR, json_real(simulated_seconds / wall->seconds));
    add(metrics, WALL_PEAK_RSS, json_from_u64(wall->peak_rss_bytes));
}
