/* SPDX-License-Identifier: Apache-2.0
 *
 * Merges buckets, and prints them as JSON, CSV and text.
 */
#define _GNU_SOURCE
#include "result/histograms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"
#include "result/metric_catalogue.h"
#include "result/report.h"

#define DOCUMENT_BITS (HISTOGRAM_STEP_BITS - 3) /* log2 of the number of buckets merged in JSON and CSV */
#define TEXT_BITS (HISTOGRAM_STEP_BITS - 1)     /* and in the text */
#define BAR_COLUMNS 40

struct bucket {
    uint64_t lowest, highest, count;
};

/* Returns bucket `index` of those that have 2^bits buckets of the histogram each. */
static struct bucket merged_bucket(const struct histogram *histogram, uint32_t index, int bits)
{
    uint32_t first = index << bits, last = ((index + 1) << bits) - 1;
    struct bucket bucket = { 0, 0, 0 };
    uint64_t other;

    histogram_bucket_range(first, &bucket.lowest, &other);
    histogram_bucket_range(last, &other, &bucket.highest);
    for (uint32_t i = first; i <= last; i++)
        bucket.count += histogram->buckets[i];
    return bucket;
}

static json_t *buckets_to_json(const struct histogram *histogram)
{
    json_t *buckets = json_array();
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS >> DOCUMENT_BITS; i++) {
        struct bucket bucket = merged_bucket(histogram, i, DOCUMENT_BITS);
        if (bucket.count == 0)
            continue;
        json_t *row = json_array();
        json_array_append_new(row, json_from_u64(bucket.lowest));
        json_array_append_new(row, json_from_u64(bucket.highest));
        json_array_append_new(row, json_from_u64(bucket.count));
        json_array_append_new(buckets, row);
    }
    return buckets;
}

json_t *histograms_to_json(const struct result *result)
{
    json_t *all = json_object();
    for (size_t i = 0; i < result->metrics.histogram_count; i++) {
        const struct metric_histogram *row = &result->metrics.histograms[i];
        const struct histogram *histogram = row->histogram;
        bool is_empty = histogram->count == 0;
        json_t *json = json_object();
        json_object_set_new(json, "unit", json_string(metric_unit(row->name)));
        json_object_set_new(json, "count", json_from_u64(histogram->count));
        json_object_set_new(json, "sum", json_from_u64(histogram->sum));
        json_object_set_new(json, "min", is_empty ? json_null() : json_from_u64(histogram->minimum));
        json_object_set_new(json, "max", is_empty ? json_null() : json_from_u64(histogram->maximum));
        json_object_set_new(json, "buckets", buckets_to_json(histogram));
        json_object_set_new(all, row->name, json);
    }
    return all;
}

static void print_csv_rows(const struct result *result, const struct metric_histogram *row, const char *const *paths,
                           size_t path_count, FILE *out)
{
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS >> DOCUMENT_BITS; i++) {
        struct bucket bucket = merged_bucket(row->histogram, i, DOCUMENT_BITS);
        if (bucket.count == 0)
            continue;
        csv_print_begin(result, row->name, out);
        fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s", bucket.lowest, bucket.highest, bucket.count,
                metric_unit(row->name));
        csv_print_end(result, paths, path_count, out);
    }
}

void histograms_print_csv(const struct result_set *set, FILE *out)
{
    size_t path_count;
    const char **paths = result_set_axis_paths(set, &path_count);

    csv_print_head("lowest,highest,count,unit", paths, path_count, out);
    for (size_t i = 0; i < set->count; i++)
        for (size_t row = 0; row < set->results[i].metrics.histogram_count; row++)
            print_csv_rows(&set->results[i], &set->results[i].metrics.histograms[row], paths, path_count, out);
    free(paths);
}

static void print_text_rows(const struct histogram *histogram, const char *unit, FILE *out)
{
    uint64_t most = 0, below = 0;

    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS >> TEXT_BITS; i++) {
        struct bucket bucket = merged_bucket(histogram, i, TEXT_BITS);
        most = bucket.count > most ? bucket.count : most;
    }
    fprintf(out, "  %10s  %10s  %10s  %9s\n", "from", "to", "count", "up to it");
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS >> TEXT_BITS && below < histogram->count; i++) {
        struct bucket bucket = merged_bucket(histogram, i, TEXT_BITS);
        char from[METRIC_TEXT_BYTES], to[METRIC_TEXT_BYTES];
        if (below + bucket.count == 0)
            continue;
        below += bucket.count;
        metric_format((double)bucket.lowest, unit, from);
        metric_format((double)bucket.highest + 1, unit, to);
        fprintf(out, "  %10s  %10s  %10" PRIu64 "  %7.3f %%%s", from, to, bucket.count,
                100 * (double)below / (double)histogram->count, bucket.count > 0 ? "  " : "");
        uint64_t columns = (bucket.count * BAR_COLUMNS + most - 1) / most;
        for (uint64_t column = 0; column < columns; column++)
            fputc('#', out);
        fputc('\n', out);
    }
}

void histograms_print_text(const struct result_set *set, FILE *out)
{
    bool is_first = true;
    for (size_t i = 0; i < set->count; i++)
        for (size_t row = 0; row < set->results[i].metrics.histogram_count; row++) {
            const struct result *result = &set->results[i];
            const struct metric_histogram *histogram = &result->metrics.histograms[row];
            fprintf(out, "%s%s, seed %" PRIu64, is_first ? "" : "\n", result->design, result->seed);
            for (size_t axis = 0; axis < result->axis_count; axis++)
                fprintf(out, ", %s %s", result->axes[axis].path, result->axes[axis].value);
            fprintf(out, ": %s, %" PRIu64 " values\n", histogram->name, histogram->histogram->count);
            if (histogram->histogram->count > 0)
                print_text_rows(histogram->histogram, metric_unit(histogram->name), out);
            is_first = false;
        }
}
