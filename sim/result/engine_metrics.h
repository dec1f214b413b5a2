/* SPDX-License-Identifier: Apache-2.0
 *
 * engine.*, which every run reports besides what its family does: what the engine did, and how fast by the wall clock.
 */
#ifndef RESULT_ENGINE_METRICS_H
#define RESULT_ENGINE_METRICS_H

#include <jansson.h>
#include <stdint.h>

#include "base/metric.h"
#include "result/result.h"

struct engine_record {
    uint64_t events; /* executed while measuring */
};

extern const struct metric_table engine_metric_table; /* of a struct engine_record */

/* Differs from run to run: JSON only. */
extern const struct metric_table wall_metric_table;

/* Adds the rows of wall_metric_table to the object; nothing when `wall` has no time. `wall` may be the sum of `runs`
 * runs, simulated_seconds too. */
void wall_add_to_json(json_t *metrics, const struct result_wall *wall, double simulated_seconds, size_t runs);

#endif
