/* SPDX-License-Identifier: Apache-2.0
 *
 * A comparison as JSON.
 */
#define _GNU_SOURCE
#include <math.h>

#include "compare/report.h"
#include "compare/until.h"
#include "result/engine_metrics.h"
#include "result/metric_catalogue.h"
#include "result/report.h"

/* Adds the means of the wall-clock metrics of a side. Results that were read from a file have none. */
static void add_wall_mean(json_t *metrics, const struct compare_side *side)
{
    struct result_wall sum = { .seconds = 0 };
    double simulated_seconds = 0;

    for (size_t i = 0; i < side->count; i++) {
        const struct result_wall *wall = &side->results[i]->wall;
        sum.seconds += wall->seconds;
        sum.events += wall->events;
        sum.measured_seconds += wall->measured_seconds;
        sum.interrupts += wall->interrupts;
        sum.ticks += wall->ticks;
        simulated_seconds += (double)side->results[i]->simulated_ns / 1e9;
        if (wall->peak_rss_bytes > sum.peak_rss_bytes)
            sum.peak_rss_bytes = wall->peak_rss_bytes;
    }
    wall_add_to_json(metrics, &sum, simulated_seconds, side->count);
}

static json_t *side_to_json(const struct comparison *comparison, size_t index)
{
    const struct compare_side *side = &comparison->sides[index];
    json_t *json = json_object(), *metrics = json_object(), *confidence = json_object(), *unobserved = json_object();
    bool is_partial = false;

    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        const struct metric *only = side->count == 1 ? metric_find(&side->results[0]->metrics, row->metric) : NULL;
        json_object_set_new(metrics, row->metric,
                            only != NULL ? json_from_metric(only) : json_from_double(row->means[index].value));
        json_object_set_new(confidence, row->metric, json_from_double(statistics_half_width(&row->means[index])));
        if (row->unobserved[index] > 0)
            json_object_set_new(unobserved, row->metric, json_integer((json_int_t)row->unobserved[index]));
    }
    for (size_t i = 0; i < side->count; i++)
        is_partial = is_partial || side->results[i]->is_partial;
    add_wall_mean(metrics, side);
    json_object_set_new(json, "scenario", json_string(side->count > 0 ? side->results[0]->scenario : ""));
    json_object_set_new(json, "design", json_string(side->count > 0 ? side->results[0]->design : side->label));
    json_object_set_new(json, "label", json_string(side->label));
    json_object_set_new(json, "seed", json_from_u64(side->count > 0 ? side->results[0]->seed : 0));
    json_object_set_new(json, "seeds", json_integer((json_int_t)side->count));
    json_object_set_new(json, "metrics", metrics);
    json_object_set_new(json, "confidence", confidence);
    json_object_set_new(json, "unobserved", unobserved);
    if (is_partial)
        json_object_set_new(json, "partial", json_true());
    return json;
}

static json_t *difference_to_json(const struct compare_row *row, size_t side)
{
    const struct compare_difference *difference = &row->differences[side];
    json_t *entry = json_object();

    json_object_set_new(entry, "difference", json_from_double(difference->estimate.value));
    json_object_set_new(entry, "confidence", json_from_double(difference->half_width));
    json_object_set_new(entry, "standard_error",
                        json_from_double(difference->estimate.degrees > 0 ? difference->estimate.standard_error : NAN));
    json_object_set_new(entry, "degrees", json_real(difference->estimate.degrees));
    json_object_set_new(entry, "percent", json_from_double(difference->percent));
    json_object_set_new(entry, "p", json_from_double(difference->p_value));
    json_object_set_new(entry, "better", json_string(metric_better_name(metric_better(row->metric))));
    if (difference->verdict != VERDICT_NONE)
        json_object_set_new(entry, "verdict", json_string(compare_verdict_name(difference->verdict)));
    if (difference->verdict == VERDICT_INCONCLUSIVE) {
        size_t needed = difference->seeds_needed;
        bool is_known = needed > 0 && needed <= COMPARE_SEEDS_MAX;
        json_object_set_new(entry, "seeds_needed", is_known ? json_integer((json_int_t)needed) : json_null());
    }
    return entry;
}

static json_t *differences_to_json(const struct comparison *comparison, size_t index)
{
    const struct compare_side *base = &comparison->sides[0], *side = &comparison->sides[index];
    json_t *json = json_object(), *metrics = json_object();

    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        const struct compare_difference *difference = &row->differences[index];
        if (!isnan(difference->estimate.value) || difference->verdict == VERDICT_UNOBSERVED)
            json_object_set_new(metrics, row->metric, difference_to_json(row, index));
    }
    json_object_set_new(json, "label", json_string(side->label));
    json_object_set_new(json, "against", json_string(base->label));
    json_object_set_new(json, "paired", json_boolean(compare_is_paired(base, side)));
    json_object_set_new(json, "pairs", json_integer((json_int_t)compare_pair_count(base, side)));
    json_object_set_new(json, "metrics", metrics);
    return json;
}

static json_t *headline_to_json(const struct comparison *comparison)
{
    json_t *headline = json_array();

    for (size_t i = 0; i < comparison->headline.count; i++)
        json_array_append_new(headline, json_string(comparison->headline.metrics[i]));
    return headline;
}

/* The width that was asked for, and the metrics that are wider. */
static json_t *until_to_json(const struct comparison *comparison)
{
    json_t *wide = json_array();

    for (size_t i = 0; i < comparison->headline.count; i++) {
        const struct compare_row *row = comparison_find(comparison, comparison->headline.metrics[i]);
        if (row != NULL && compare_width_percent(comparison, row) > comparison->until_percent)
            json_array_append_new(wide, json_string(row->metric));
    }
    return json_pack("{s:f, s:o}", "percent", comparison->until_percent, "wider", wide);
}

json_t *comparison_to_json(const struct comparison *comparison)
{
    const struct compare_side *base = &comparison->sides[0];
    json_t *json = json_object(), *designs = json_array(), *differences = json_array();

    for (size_t side = 0; side < comparison->side_count; side++)
        json_array_append_new(designs, side_to_json(comparison, side));
    for (size_t side = 1; side < comparison->side_count; side++)
        json_array_append_new(differences, differences_to_json(comparison, side));
    json_object_set_new(json, "scenario", json_string(base->count > 0 ? base->results[0]->scenario : ""));
    json_object_set_new(json, "seeds", json_integer((json_int_t)base->count));
    json_object_set_new(json, "threshold_percent", json_real(comparison->threshold_percent));
    json_object_set_new(json, "headline", headline_to_json(comparison));
    if (comparison->until_percent > 0)
        json_object_set_new(json, "until", until_to_json(comparison));
    json_object_set_new(json, "designs", designs);
    json_object_set_new(json, "differences", differences);
    return json;
}
