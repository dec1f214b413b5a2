/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of the engine. Wall-clock metrics are not part of a result file, whose bytes depend on the scenario
 * alone.
 */
#include "result/engine_metrics.h"

#include "result/report.h"

static const struct metric_row engine_rows[] = {
    { "engine.events", "count", METRIC_NEUTRAL,
      "steps of simulated time in the measured time: slots taken from the event queue, advances of a pCPU that found "
      "nothing "
      "due before, and touches claimed in advance; the same however fast the engine gets there",
      METRIC_AT(struct engine_record, events) },
};
const struct metric_table engine_metric_table = METRIC_TABLE(engine_rows);

enum wall_metric {
    WALL_SECONDS,
    WALL_EVENTS_PER_SECOND,
    WALL_REALTIME_FACTOR,
    WALL_PER_INTERRUPT,
    WALL_PER_TICK,
    WALL_PEAK_RSS
};

static const struct metric_row wall_rows[] = {
    [WALL_SECONDS] = { "engine.wall_seconds", "s", METRIC_LOWER, "wall-clock time of the run (JSON only)",
                       METRIC_ELSEWHERE },
    [WALL_EVENTS_PER_SECOND] = { "engine.events_per_second", "1/s", METRIC_HIGHER,
                                 "events per wall-clock second (JSON only)", METRIC_ELSEWHERE },
    [WALL_REALTIME_FACTOR] = { "engine.realtime_factor", "ratio", METRIC_HIGHER,
                               "simulated seconds per wall-clock second (JSON only)", METRIC_ELSEWHERE },
    [WALL_PER_INTERRUPT] = { "engine.us_per_interrupt", "us", METRIC_LOWER,
                             "wall-clock time of the measured part, all of its work, per interrupt that a device "
                             "raised "
                             "(JSON only)",
                             METRIC_ELSEWHERE },
    [WALL_PER_TICK] = { "engine.us_per_tick", "us", METRIC_LOWER, "the same per expiry of a pCPU's timer (JSON only)",
                        METRIC_ELSEWHERE },
    [WALL_PEAK_RSS] = { "engine.peak_rss_bytes", "bytes", METRIC_LOWER,
                        "peak resident memory of the process (JSON only)", METRIC_ELSEWHERE },
};
const struct metric_table wall_metric_table = METRIC_TABLE(wall_rows);

static void add(json_t *metrics, enum wall_metric metric, json_t *value)
{
    json_object_set_new(metrics, wall_rows[metric].name, value);
}

static json_t *us_per(double seconds, uint64_t count)
{
    return count == 0 ? json_null() : json_real(seconds * 1e6 / (double)count);
}

void wall_add_to_json(json_t *metrics, const struct result_wall *wall, double simulated_seconds, size_t runs)
{
    if (!(wall->seconds > 0))
        return;
    add(metrics, WALL_SECONDS, json_real(wall->seconds / (double)runs));
    add(metrics, WALL_EVENTS_PER_SECOND, json_real((double)wall->events / wall->seconds));
    add(metrics, WALL_REALTIME_FACTOR, json_real(simulated_seconds / wall->seconds));
    add(metrics, WALL_PER_INTERRUPT, us_per(wall->measured_seconds, wall->interrupts));
    add(metrics, WALL_PER_TICK, us_per(wall->measured_seconds, wall->ticks));
    add(metrics, WALL_PEAK_RSS, json_from_u64(wall->peak_rss_bytes));
}
