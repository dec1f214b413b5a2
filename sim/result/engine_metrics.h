/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics engine.*, which every run reports in addition to those of its family: the work of the engine and its
 * speed in wall-clock time.
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

/* Wall-clock metrics differ from run to run and appear in JSON only. */
extern const struct metric_table wall_metric_table;

/* Adds the rows of wall_metric_table to the object, or nothing when `wall` has no time. `wall` and simulated_seconds
 * may be sums over `runs` runs. */
void wall_add_to_json(json_t *metrics, const struct result_wall *wall, double simulated_seconds, size_t runs);

#endif
