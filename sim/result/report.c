/* SPDX-License-Identifier: Apache-2.0
 *
 * The documents with all metrics: JSON, CSV and Markdown. The summary is in summary.c.
 */
#define _GNU_SOURCE
#include "result/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/engine_metrics.h"
#include "result/histograms.h"
#include "result/metric_catalogue.h"
#include "result/table.h"

#define JSON_EXACT_MAX ((uint64_t)1 << 53)

json_t *json_from_u64(uint64_t value)
{
    char text[24];
    if (value <= JSON_EXACT_MAX)
        return json_integer((json_int_t)value);
    snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}

json_t *json_from_double(double value) { return isfinite(value) ? json_real(value) : json_null(); }

json_t *json_from_metric(const struct metric *metric)
{
    return metric->denominator == 1 ? json_from_u64(metric->numerator) : json_from_double(metric_value(metric));
}

static json_t *json_from_violation(const struct result_violation *violation)
{
    json_t *json = json_object();

    json_object_set_new(json, "kind", json_string(violation->kind));
    json_object_set_new(json, "text", json_string(violation->text));
    json_object_set_new(json, "cpu", json_from_u64(violation->cpu));
    json_object_set_new(json, "at_ns", json_from_u64(violation->at_ns));
    return json;
}

static json_t *json_from_code(const struct result_code *code)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "hash", code->hash, "family", code->family, "files", code->files,
                     "commit", code->commit, "compiler", code->compiler);
}

static json_t *json_from_stuck(const struct result *result)
{
    json_t *array = json_array();

    for (size_t i = 0; i < result->stuck_count; i++) {
        const struct result_stuck *stuck = &result->stuck[i];
        json_t *json = json_object();
        json_object_set_new(json, "device", json_string(stuck->device));
        json_object_set_new(json, "vector", json_from_u64(stuck->vector));
        json_object_set_new(json, "count", json_from_u64(stuck->count));
        json_object_set_new(json, "fate", json_string(stuck->is_lost ? "lost" : "pending"));
        json_object_set_new(json, "place", json_string(stuck->place));
        json_array_append_new(array, json);
    }
    return array;
}

json_t *result_to_json(const struct result *result)
{
    json_t *metrics = json_object();
    for (size_t i = 0; i < result->metrics.count; i++)
        json_object_set_new(metrics, result->metrics.rows[i].name, json_from_metric(&result->metrics.rows[i]));
    wall_add_to_json(metrics, &result->wall, (double)result->simulated_ns / 1e9, 1);

    json_t *json = json_object();
    json_object_set_new(json, "scenario", json_string(result->scenario));
    json_object_set_new(json, "design", json_string(result->design));
    if (result->code.hash != NULL)
        json_object_set_new(json, "code", json_from_code(&result->code));
    json_object_set_new(json, "seed", json_from_u64(result->seed));
    json_object_set_new(json, "metrics", metrics);
    if (result->metrics.histogram_count > 0)
        json_object_set_new(json, "histograms", histograms_to_json(result));
    if (result->is_partial)
        json_object_set_new(json, "partial", json_true());
    if (result->stuck_count > 0)
        json_object_set_new(json, "stuck", json_from_stuck(result));
    if (result->violation.kind != NULL)
        json_object_set_new(json, "violation", json_from_violation(&result->violation));
    if (result->axis_count > 0) {
        json_t *axes = json_object();
        for (size_t i = 0; i < result->axis_count; i++)
            json_object_set_new(axes, result->axes[i].path, json_string(result->axes[i].value));
        json_object_set_new(json, "axes", axes);
    }
    return json;
}

json_t *result_set_to_json(const struct result_set *set)
{
    if (set->count == 1)
        return result_to_json(&set->results[0]);
    json_t *array = json_array();
    for (size_t i = 0; i < set->count; i++)
        json_array_append_new(array, result_to_json(&set->results[i]));
    return array;
}

void json_print(json_t *json, FILE *out)
{
    CHECK(json != NULL);
    /* A double represents every decimal of fifteen digits; with more, 0.1 would become 0.10000000000000001. */
    CHECK(json_dumpf(json, out, JSON_SORT_KEYS | JSON_INDENT(2) | JSON_REAL_PRECISION(15)) == 0 || ferror(out));
    fputc('\n', out);
    json_decref(json);
}

/* An array is a list of documents. */
static void sign_document(json_t *json, const char *schema)
{
    size_t i;
    json_t *each;

    if (json_is_array(json)) {
        json_array_foreach(json, i, each) sign_document(each, schema);
        return;
    }
    json_object_set_new(json, "irqpath", json_string(IRQPATH_VERSION));
    json_object_set_new(json, "schema", json_sprintf("irqpath-%s/1", schema));
}

void json_print_document(json_t *json, const char *schema, FILE *out)
{
    CHECK(json != NULL);
    sign_document(json, schema);
    json_print(json, out);
}

/* The names of all metrics of the result in the order of reports. The caller frees the array; the names belong to the
 * result. */
static const char **metric_names(const struct result *result, size_t *count)
{
    const char **names = calloc(result->metrics.count + 1, sizeof *names);
    CHECK(names != NULL);
    for (size_t i = 0; i < result->metrics.count; i++)
        names[i] = result->metrics.rows[i].name;
    *count = metric_names_sort(names, result->metrics.count);
    return names;
}

void csv_print_field(const char *text, FILE *out)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++)
        fprintf(out, *text == '"' ? "\"%c" : "%c", *text);
    fputc('"', out);
}

static void format_exact(const struct metric *metric, char text[32])
{
    if (metric->denominator == 0)
        text[0] = '\0';
    else if (metric->denominator == 1)
        snprintf(text, 32, "%" PRIu64, metric->numerator);
    else
        snprintf(text, 32, "%.15g", metric_value(metric));
}

const char **result_set_axis_paths(const struct result_set *set, size_t *count)
{
    const char **paths = NULL;
    *count = 0;
    for (size_t i = 0; i < set->count; i++) {
        for (size_t axis = 0; axis < set->results[i].axis_count; axis++) {
            const char *path = set->results[i].axes[axis].path;
            size_t at = 0;
            while (at < *count && strcmp(paths[at], path) < 0)
                at++;
            if (at < *count && strcmp(paths[at], path) == 0)
                continue;
            paths = realloc(paths, (*count + 1) * sizeof *paths);
            CHECK(paths != NULL);
            memmove(paths + at + 1, paths + at, (*count - at) * sizeof *paths);
            paths[at] = path;
            (*count)++;
        }
    }
    return paths;
}

void csv_print_head(const char *columns, const char *const *paths, size_t path_count, FILE *out)
{
    fprintf(out, "scenario,design,seed,metric,%s", columns);
    for (size_t i = 0; i < path_count; i++) {
        fputc(',', out);
        csv_print_field(paths[i], out);
    }
    fputc('\n', out);
}

void csv_print_begin(const struct result *result, const char *metric, FILE *out)
{
    csv_print_field(result->scenario, out);
    fputc(',', out);
    csv_print_field(result->design, out);
    fprintf(out, ",%" PRIu64 ",", result->seed);
    csv_print_field(metric, out);
}

void csv_print_end(const struct result *result, const char *const *paths, size_t path_count, FILE *out)
{
    for (size_t i = 0; i < path_count; i++) {
        const char *label = result_axis_value(result, paths[i]);
        fputc(',', out);
        csv_print_field(label != NULL ? label : "", out);
    }
    fputc('\n', out);
}

void result_set_print_csv(const struct result_set *set, FILE *out)
{
    size_t path_count;
    const char **paths = result_set_axis_paths(set, &path_count);

    csv_print_head("value,unit", paths, path_count, out);
    for (size_t i = 0; i < set->count; i++) {
        const struct result *result = &set->results[i];
        size_t count;
        const char **names = metric_names(result, &count);
        for (size_t row = 0; row < count; row++) {
            char value[32];
            format_exact(metric_find(&result->metrics, names[row]), value);
            csv_print_begin(result, names[row], out);
            fprintf(out, ",%s,%s", value, metric_unit(names[row]));
            csv_print_end(result, paths, path_count, out);
        }
        free(names);
    }
    free(paths);
}

void result_set_print_markdown(const struct result_set *set, FILE *out)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct result *result = &set->results[i];
        fprintf(out, "%s### %s, %s, seed %" PRIu64 "%s\n\n", i > 0 ? "\n" : "", result->scenario, result->design,
                result->seed, result->is_partial ? " (partial)" : "");
        for (size_t axis = 0; axis < result->axis_count; axis++)
            fprintf(out, "- %s: %s\n%s", result->axes[axis].path, result->axes[axis].value,
                    axis + 1 == result->axis_count ? "\n" : "");

        struct table table;
        table_init(&table, 3, 1);
        table_cell(&table, "metric");
        table_cell(&table, "value");
        table_cell(&table, "unit");
        size_t count;
        const char **names = metric_names(result, &count);
        for (size_t row = 0; row < count; row++) {
            char value[32];
            format_exact(metric_find(&result->metrics, names[row]), value);
            table_cell(&table, "%s", names[row]);
            table_cell(&table, "%s", value);
            table_cell(&table, "%s", metric_unit(names[row]));
        }
        table_print_markdown(&table, out);
        table_free(&table);
        free(names);
    }
}
