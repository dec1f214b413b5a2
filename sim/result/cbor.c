/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoder. The keys of every map are written in the bytewise order of their encodings, which sorts text by length
 * first. Integers have their shortest form. There is no floating point in the file, so quotients stay exact.
 */
#define _GNU_SOURCE
#include "result/cbor.h"

#include <cbor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "base/histogram.h"

static void write_results(FILE *out, const struct result_set *set);
static void write_result(FILE *out, const struct result *result);

static void write_head(FILE *out, const unsigned char *head, size_t length)
{
    CHECK(length > 0);
    CHECK(fwrite(head, 1, length, out) == length);
}

static void write_uint(FILE *out, uint64_t value)
{
    unsigned char head[9];
    write_head(out, head, cbor_encode_uint(value, head, sizeof head));
}

static void write_text(FILE *out, const char *text)
{
    unsigned char head[9];
    size_t length = strlen(text);
    write_head(out, head, cbor_encode_string_start(length, head, sizeof head));
    CHECK(fwrite(text, 1, length, out) == length);
}

static void write_bytes(FILE *out, const uint8_t *bytes, size_t count)
{
    unsigned char head[9];
    write_head(out, head, cbor_encode_bytestring_start(count, head, sizeof head));
    CHECK(fwrite(bytes, 1, count, out) == count);
}

static void write_map(FILE *out, size_t pairs)
{
    unsigned char head[9];
    write_head(out, head, cbor_encode_map_start(pairs, head, sizeof head));
}

static void write_array(FILE *out, size_t items)
{
    unsigned char head[9];
    write_head(out, head, cbor_encode_array_start(items, head, sizeof head));
}

static void write_bool(FILE *out, bool value)
{
    unsigned char head[9];
    write_head(out, head, cbor_encode_bool(value, head, sizeof head));
}

static void write_null(FILE *out)
{
    unsigned char head[9];
    write_head(out, head, cbor_encode_null(head, sizeof head));
}

static void write_text_pair(FILE *out, const char *key, const char *value)
{
    write_text(out, key);
    write_text(out, value);
}

static void write_uint_pair(FILE *out, const char *key, uint64_t value)
{
    write_text(out, key);
    write_uint(out, value);
}

static void write_bool_pair(FILE *out, const char *key, bool value)
{
    write_text(out, key);
    write_bool(out, value);
}

size_t result_encode(const struct result_set *set, const char *tool, uint8_t **bytes)
{
    char *text = NULL;
    size_t count = 0;
    struct result_hash hash = result_set_hash(set);
    FILE *out = open_memstream(&text, &count);

    CHECK(out != NULL);
    write_map(out, 5);
    write_text(out, "hash");
    write_bytes(out, hash.bytes, sizeof hash.bytes);
    write_text_pair(out, "tool", tool);
    write_text_pair(out, "format", "irqpath-result");
    write_text(out, "results");
    write_results(out, set);
    write_uint_pair(out, "version", RESULT_VERSION);
    CHECK(fclose(out) == 0);
    *bytes = (uint8_t *)text;
    return count;
}

static void write_results(FILE *out, const struct result_set *set)
{
    write_array(out, set->count);
    for (size_t i = 0; i < set->count; i++)
        write_result(out, &set->results[i]);
}

static int key_compare(const char *left, const char *right)
{
    size_t left_length = strlen(left), right_length = strlen(right);
    if (left_length != right_length)
        return left_length < right_length ? -1 : 1;
    return memcmp(left, right, left_length);
}

static int metric_key_compare(const void *left, const void *right)
{
    return key_compare((*(const struct metric *const *)left)->name, (*(const struct metric *const *)right)->name);
}

static int histogram_key_compare(const void *left, const void *right)
{
    return key_compare((*(const struct metric_histogram *const *)left)->name,
                       (*(const struct metric_histogram *const *)right)->name);
}

static int axis_key_compare(const void *left, const void *right)
{
    return key_compare((*(const struct result_axis *const *)left)->path,
                       (*(const struct result_axis *const *)right)->path);
}

/* Returns sorted pointers to the `count` elements of an array, on the heap. */
static void *sorted_pointers(const void *array, size_t count, size_t bytes, int (*compare)(const void *, const void *))
{
    const void **pointers = calloc(count + 1, sizeof *pointers);
    CHECK(pointers != NULL);
    for (size_t i = 0; i < count; i++)
        pointers[i] = (const char *)array + i * bytes;
    qsort(pointers, count, sizeof *pointers, compare);
    return pointers;
}

static void write_axes(FILE *out, const struct result *result)
{
    const struct result_axis **axes =
        sorted_pointers(result->axes, result->axis_count, sizeof *result->axes, axis_key_compare);
    write_map(out, result->axis_count);
    for (size_t i = 0; i < result->axis_count; i++) {
        write_text(out, axes[i]->path);
        write_text(out, axes[i]->value);
    }
    free(axes);
}

static void write_metrics(FILE *out, const struct metrics *metrics)
{
    const struct metric **rows =
        sorted_pointers(metrics->rows, metrics->count, sizeof *metrics->rows, metric_key_compare);
    write_map(out, metrics->count);
    for (size_t i = 0; i < metrics->count; i++) {
        write_text(out, rows[i]->name);
        if (rows[i]->denominator == 0) {
            write_null(out);
        } else if (rows[i]->denominator == 1) {
            write_uint(out, rows[i]->numerator);
        } else {
            write_array(out, 2);
            write_uint(out, rows[i]->numerator);
            write_uint(out, rows[i]->denominator);
        }
    }
    free(rows);
}

static void write_histogram(FILE *out, const struct histogram *histogram)
{
    size_t filled = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        filled += histogram->buckets[i] > 0;

    write_map(out, 5);
    write_uint_pair(out, "max", histogram->count > 0 ? histogram->maximum : 0);
    write_uint_pair(out, "min", histogram->count > 0 ? histogram->minimum : 0);
    write_uint_pair(out, "sum", histogram->sum);
    write_uint_pair(out, "count", histogram->count);
    write_text(out, "buckets");
    write_array(out, filled);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (histogram->buckets[i] == 0)
            continue;
        write_array(out, 2);
        write_uint(out, i);
        write_uint(out, histogram->buckets[i]);
    }
}

static void write_histograms(FILE *out, const struct metrics *metrics)
{
    const struct metric_histogram **rows = sorted_pointers(metrics->histograms, metrics->histogram_count,
                                                           sizeof *metrics->histograms, histogram_key_compare);
    write_map(out, metrics->histogram_count);
    for (size_t i = 0; i < metrics->histogram_count; i++) {
        write_text(out, rows[i]->name);
        write_histogram(out, rows[i]->histogram);
    }
    free(rows);
}

static void write_violation(FILE *out, const struct result_violation *violation)
{
    write_text(out, "violation");
    write_map(out, 4);
    write_uint_pair(out, "cpu", violation->cpu);
    write_text_pair(out, "kind", violation->kind);
    write_text_pair(out, "text", violation->text);
    write_uint_pair(out, "at_ns", violation->at_ns);
}

static void write_code(FILE *out, const struct result_code *code)
{
    write_text(out, "code");
    write_map(out, 5);
    write_text_pair(out, "hash", code->hash);
    write_text_pair(out, "files", code->files);
    write_text_pair(out, "commit", code->commit);
    write_text_pair(out, "family", code->family);
    write_text_pair(out, "compiler", code->compiler);
}

static void write_stuck(FILE *out, const struct result *result)
{
    write_text(out, "stuck");
    write_array(out, result->stuck_count);
    for (size_t i = 0; i < result->stuck_count; i++) {
        const struct result_stuck *stuck = &result->stuck[i];
        write_map(out, 5);
        write_bool_pair(out, "lost", stuck->is_lost);
        write_uint_pair(out, "count", stuck->count);
        write_text_pair(out, "place", stuck->place);
        write_text_pair(out, "device", stuck->device);
        write_uint_pair(out, "vector", stuck->vector);
    }
}

static void write_result(FILE *out, const struct result *result)
{
    write_map(out,
              (size_t)9 + (result->code.hash != NULL) + (result->stuck_count > 0) + (result->violation.kind != NULL));
    write_text(out, "axes");
    write_axes(out, result);
    if (result->code.hash != NULL)
        write_code(out, &result->code);
    write_uint_pair(out, "seed", result->seed);
    if (result->stuck_count > 0)
        write_stuck(out, result);
    write_text_pair(out, "design", result->design);
    write_text(out, "metrics");
    write_metrics(out, &result->metrics);
    write_bool_pair(out, "partial", result->is_partial);
    write_text_pair(out, "resolved", result->resolved);
    write_text_pair(out, "scenario", result->scenario);
    if (result->violation.kind != NULL)
        write_violation(out, &result->violation);
    write_text(out, "histograms");
    write_histograms(out, &result->metrics);
    write_uint_pair(out, "simulated_ns", result->simulated_ns);
}

struct result_hash result_set_hash(const struct result_set *set)
{
    char *bytes = NULL;
    size_t count = 0;
    FILE *out = open_memstream(&bytes, &count);

    CHECK(out != NULL);
    write_results(out, set);
    CHECK(fclose(out) == 0);
    struct result_hash hash = result_hash_bytes(bytes, count);
    free(bytes);
    return hash;
}

struct result_hash result_hash(const struct result *result)
{
    struct result alias = *result;
    struct result_set set = { &alias, 1, 1 };
    return result_set_hash(&set);
}

struct result_hash result_hash_bytes(const void *bytes, size_t count)
{
    const uint128 prime = ((uint128)1 << 88) + 0x13b;
    uint128 word = ((uint128)0x6c62272e07bb0142 << 64) + 0x62b821756295c58d;

    for (size_t i = 0; i < count; i++)
        word = (word ^ ((const uint8_t *)bytes)[i]) * prime;

    struct result_hash hash;
    for (size_t i = 0; i < sizeof hash.bytes; i++)
        hash.bytes[i] = (uint8_t)(word >> (120 - 8 * i));
    return hash;
}

void result_hash_text(const struct result_hash *hash, char text[RESULT_HASH_TEXT_BYTES])
{
    for (size_t i = 0; i < sizeof hash->bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", hash->bytes[i]);
}

/* The version is the last of all, so that it can be told even of a file whose other keys have changed. */
bool result_is_of_other_version(const uint8_t *bytes, size_t count, char *message, size_t message_bytes)
{
    static const char key[] = "\x67version"; /* CBOR's text of seven bytes */
    const size_t tail = sizeof key - 1 + 1;

    if (count < tail || memcmp(bytes + count - tail, key, tail - 1) != 0 || bytes[count - 1] == RESULT_VERSION ||
        bytes[count - 1] > 23)
        return false;
    snprintf(message, message_bytes, "results of version %u; this irqpath reads version %d", bytes[count - 1],
             RESULT_VERSION);
    return true;
}
