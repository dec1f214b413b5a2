/* SPDX-License-Identifier: Apache-2.0
 *
 * The decoder of result files. It accepts exactly what cbor.c writes: libcbor splits the bytes into items, the
 * structure is checked item by item, and the decoded results must encode to the same bytes, which rules out every other
 * encoding. Input is not trusted: sizes are limited by the number of bytes, and text must not contain control
 * characters.
 */
#define _GNU_SOURCE
#include <cbor.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/control.h"
#include "base/histogram.h"
#include "code/object.h"
#include "result/cbor.h"

#define DECODE_NAME_BYTES 96 /* as in struct metric */

enum item_kind { ITEM_UINT, ITEM_TEXT, ITEM_BYTES, ITEM_ARRAY, ITEM_MAP, ITEM_BOOL, ITEM_NULL, ITEM_OTHER };

static const char *const item_names[] = { "an unsigned integer", "text", "a byte string", "an array", "a map",
                                          "a boolean",           "null", "something else" };

struct item {
    enum item_kind kind;
    uint64_t value;       /* of an unsigned integer or boolean; length of an array; number of pairs of a map */
    const uint8_t *bytes; /* of text and byte strings, borrowed from the input */
    size_t length;
};

struct reader {
    const uint8_t *bytes;
    size_t count, at;
    char *message;
    size_t message_bytes;
};

static bool read_results(struct reader *reader, struct result_set *set);
static bool check_encoding(struct reader *reader, const struct result_set *set, const char *tool);

__attribute__((format(printf, 3, 4))) static bool fail(struct reader *reader, size_t at, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(reader->message, reader->message_bytes, "byte %zu: %s", at, text);
    return false;
}

static void on_uint8(void *context, uint8_t value)
{
    *(struct item *)context = (struct item){ ITEM_UINT, value, NULL, 0 };
}
static void on_uint16(void *context, uint16_t value)
{
    *(struct item *)context = (struct item){ ITEM_UINT, value, NULL, 0 };
}
static void on_uint32(void *context, uint32_t value)
{
    *(struct item *)context = (struct item){ ITEM_UINT, value, NULL, 0 };
}
static void on_uint64(void *context, uint64_t value)
{
    *(struct item *)context = (struct item){ ITEM_UINT, value, NULL, 0 };
}
static void on_array(void *context, size_t count)
{
    *(struct item *)context = (struct item){ ITEM_ARRAY, count, NULL, 0 };
}
static void on_map(void *context, size_t count) { *(struct item *)context = (struct item){ ITEM_MAP, count, NULL, 0 }; }
static void on_bool(void *context, bool value) { *(struct item *)context = (struct item){ ITEM_BOOL, value, NULL, 0 }; }
static void on_null(void *context) { *(struct item *)context = (struct item){ ITEM_NULL, 0, NULL, 0 }; }

static void on_text(void *context, cbor_data bytes, size_t length)
{
    *(struct item *)context = (struct item){ ITEM_TEXT, 0, bytes, length };
}

static void on_bytes(void *context, cbor_data bytes, size_t length)
{
    *(struct item *)context = (struct item){ ITEM_BYTES, 0, bytes, length };
}

static bool next_item(struct reader *reader, enum item_kind expected, struct item *item)
{
    struct cbor_callbacks callbacks = cbor_empty_callbacks;
    callbacks.uint8 = on_uint8;
    callbacks.uint16 = on_uint16;
    callbacks.uint32 = on_uint32;
    callbacks.uint64 = on_uint64;
    callbacks.string = on_text;
    callbacks.byte_string = on_bytes;
    callbacks.array_start = on_array;
    callbacks.map_start = on_map;
    callbacks.boolean = on_bool;
    callbacks.null = on_null;

    *item = (struct item){ .kind = ITEM_OTHER };
    size_t at = reader->at, left = reader->count - at;
    if (left == 0)
        return fail(reader, at, "the file ends where %s should be", item_names[expected]);
    struct cbor_decoder_result decoded = cbor_stream_decode(reader->bytes + at, left, &callbacks, item);
    if (decoded.status == CBOR_DECODER_NEDATA)
        return fail(reader, at, "the file is cut off in the middle of an item");
    if (decoded.status != CBOR_DECODER_FINISHED)
        return fail(reader, at, "not CBOR");
    reader->at += decoded.read;
    if ((item->kind == ITEM_ARRAY || item->kind == ITEM_MAP) && item->value > reader->count - reader->at)
        return fail(reader, at, "%s of %llu elements in a file of %zu bytes", item_names[item->kind],
                    (unsigned long long)item->value, reader->count);
    if (expected != ITEM_OTHER && item->kind != expected)
        return fail(reader, at, "expected %s, found %s", item_names[expected], item_names[item->kind]);
    return true;
}

static bool read_uint(struct reader *reader, uint64_t *value)
{
    struct item item;
    if (!next_item(reader, ITEM_UINT, &item))
        return false;
    *value = item.value;
    return true;
}

/* Reads text to the heap: valid UTF-8 without control characters, except line feeds and tabs where `is_document`. */
static bool read_text(struct reader *reader, bool is_document, char **text)
{
    struct item item;
    size_t at = reader->at;

    if (!next_item(reader, ITEM_TEXT, &item))
        return false;
    const char *end = (const char *)item.bytes + item.length;
    for (const char *c = (const char *)item.bytes; (c = control_find(c, end)) != NULL; c++)
        if (!is_document || (*c != '\n' && *c != '\t'))
            return fail(reader, at, "text with the control character 0x%02x", control_code(c, control_bytes(c, end)));
    json_t *json = json_stringn((const char *)item.bytes, item.length);
    if (json == NULL)
        return fail(reader, at, "text that is not UTF-8");
    json_decref(json);
    *text = strndup((const char *)item.bytes, item.length);
    CHECK(*text != NULL);
    return true;
}

/* Reads a name that is short enough for a metric. */
static bool read_name(struct reader *reader, char name[DECODE_NAME_BYTES])
{
    char *text = NULL;
    size_t at = reader->at;

    if (!read_text(reader, false, &text))
        return false;
    CHECK(text != NULL);
    bool fits = strlen(text) < DECODE_NAME_BYTES && text[0] != '\0';
    if (fits)
        strcpy(name, text);
    free(text);
    return fits ? true : fail(reader, at, "a name must have 1 to %d bytes", DECODE_NAME_BYTES - 1);
}

/* Reads the key of the next pair of a map whose keys must ascend. `previous` is "" before the first pair; it is
 * replaced by the key. */
static bool read_ascending_name(struct reader *reader, char previous[DECODE_NAME_BYTES])
{
    char name[DECODE_NAME_BYTES];
    size_t at = reader->at;

    if (!read_name(reader, name))
        return false;
    size_t length = strlen(name), previous_length = strlen(previous);
    if (length < previous_length || (length == previous_length && strcmp(name, previous) <= 0))
        return fail(reader, at, "key '%s' is repeated or out of order", name);
    strcpy(previous, name);
    return true;
}

static bool read_key(struct reader *reader, const char *expected)
{
    struct item item;
    size_t at = reader->at;

    if (!next_item(reader, ITEM_TEXT, &item))
        return false;
    if (item.length != strlen(expected) || memcmp(item.bytes, expected, item.length) != 0)
        return fail(reader, at, "expected the key '%s'", expected);
    return true;
}

/* Whether the next item is this key; it is not read. */
static bool is_next_key(const struct reader *reader, const char *key)
{
    char message[300];
    struct reader peek = { reader->bytes, reader->count, reader->at, message, sizeof message };

    return read_key(&peek, key);
}

static bool read_size(struct reader *reader, enum item_kind kind, uint64_t expected)
{
    struct item item;
    size_t at = reader->at;

    if (!next_item(reader, kind, &item))
        return false;
    if (item.value != expected)
        return fail(reader, at, "%s of %llu elements, expected %llu", item_names[kind], (unsigned long long)item.value,
                    (unsigned long long)expected);
    return true;
}

bool result_decode(struct result_set *set, const uint8_t *bytes, size_t count, char *message, size_t message_bytes)
{
    struct reader reader = { bytes, count, 0, message, message_bytes };
    struct result_set read;
    struct item hash;
    char *tool = NULL;
    char *format = NULL;
    uint64_t version = 0;

    result_set_init(&read);
    if (result_is_of_other_version(bytes, count, message, message_bytes))
        return false;
    bool is_good = read_size(&reader, ITEM_MAP, 5) && read_key(&reader, "hash") &&
                   next_item(&reader, ITEM_BYTES, &hash) && read_key(&reader, "tool") &&
                   read_text(&reader, false, &tool) && read_key(&reader, "format") &&
                   read_text(&reader, false, &format);
    if (is_good && strcmp(format, "irqpath-result") != 0)
        is_good = fail(&reader, reader.at, "the format is '%s', not irqpath-result", format);
    is_good = is_good && read_key(&reader, "results") && read_results(&reader, &read) && read_key(&reader, "version") &&
              read_uint(&reader, &version);
    if (is_good && version != RESULT_VERSION)
        is_good = fail(&reader, reader.at, "version %llu is not known", (unsigned long long)version);
    if (is_good && reader.at != count)
        is_good = fail(&reader, reader.at, "%zu bytes after the end", count - reader.at);
    if (is_good) {
        struct result_hash found = result_set_hash(&read);
        if (hash.length != sizeof found.bytes || memcmp(hash.bytes, found.bytes, sizeof found.bytes) != 0)
            is_good = fail(&reader, 0, "the results do not have the hash that the file states");
    }
    is_good = is_good && check_encoding(&reader, &read, tool);
    free(tool);
    free(format);
    if (is_good)
        result_set_append_all(set, &read);
    result_set_free(&read);
    return is_good;
}

static bool read_metrics(struct reader *reader, struct metrics *metrics)
{
    struct item map, value;
    char name[DECODE_NAME_BYTES] = "";

    if (!next_item(reader, ITEM_MAP, &map))
        return false;
    for (uint64_t i = 0; i < map.value; i++) {
        uint64_t numerator = 0, denominator = 0;
        if (!read_ascending_name(reader, name))
            return false;
        size_t at = reader->at;
        if (!next_item(reader, ITEM_OTHER, &value))
            return false;
        if (value.kind == ITEM_UINT) {
            numerator = value.value;
            denominator = 1;
        } else if (value.kind == ITEM_ARRAY && value.value == 2) {
            if (!read_uint(reader, &numerator) || !read_uint(reader, &denominator))
                return false;
            if (denominator < 2)
                return fail(reader, at, "a quotient with denominator %llu", (unsigned long long)denominator);
        } else if (value.kind != ITEM_NULL) {
            return fail(reader, at, "a metric is an unsigned integer, two of them, or null");
        }
        metrics_append(metrics, name, numerator, denominator);
    }
    return true;
}

static bool read_buckets(struct reader *reader, struct histogram *histogram)
{
    struct item buckets;
    uint64_t previous = 0, total = 0;

    if (!next_item(reader, ITEM_ARRAY, &buckets))
        return false;
    for (uint64_t i = 0; i < buckets.value; i++) {
        uint64_t index = 0, count = 0;
        size_t at = reader->at;
        if (!read_size(reader, ITEM_ARRAY, 2) || !read_uint(reader, &index) || !read_uint(reader, &count))
            return false;
        if (index >= HISTOGRAM_BUCKETS || count == 0 || (i > 0 && index <= previous))
            return fail(reader, at, "a histogram bucket that is empty, out of order, or out of range");
        if (__builtin_add_overflow(total, count, &total))
            return fail(reader, at, "the histogram's counts overflow");
        histogram->buckets[index] = count;
        previous = index;
    }
    if (total != histogram->count)
        return fail(reader, reader->at, "the histogram's buckets hold %llu values, not %llu", (unsigned long long)total,
                    (unsigned long long)histogram->count);
    return true;
}

static bool read_histogram(struct reader *reader, struct histogram *histogram)
{
    histogram_init(histogram);
    if (!read_size(reader, ITEM_MAP, 5) || !read_key(reader, "max") || !read_uint(reader, &histogram->maximum) ||
        !read_key(reader, "min") || !read_uint(reader, &histogram->minimum) || !read_key(reader, "sum") ||
        !read_uint(reader, &histogram->sum) || !read_key(reader, "count") || !read_uint(reader, &histogram->count) ||
        !read_key(reader, "buckets") || !read_buckets(reader, histogram))
        return false;
    if (histogram->minimum > histogram->maximum)
        return fail(reader, reader->at, "a histogram whose minimum is above its maximum");
    if (histogram->count == 0)
        histogram->minimum = UINT64_MAX;
    return true;
}

static bool read_histograms(struct reader *reader, struct metrics *metrics)
{
    struct item map;
    char name[DECODE_NAME_BYTES] = "";
    struct histogram *histogram = malloc(sizeof *histogram);
    CHECK(histogram != NULL);

    bool is_good = next_item(reader, ITEM_MAP, &map);
    for (uint64_t i = 0; is_good && i < map.value; i++) {
        is_good = read_ascending_name(reader, name) && read_histogram(reader, histogram);
        if (is_good)
            metrics_append_histogram(metrics, name, histogram);
    }
    free(histogram);
    return is_good;
}

static bool read_axes(struct reader *reader, struct result *result)
{
    struct item map;
    char path[DECODE_NAME_BYTES] = "";

    if (!next_item(reader, ITEM_MAP, &map))
        return false;
    for (uint64_t i = 0; i < map.value; i++) {
        char *value;
        if (!read_ascending_name(reader, path) || !read_text(reader, false, &value))
            return false;
        result_add_axis(result, path, value);
        free(value);
    }
    return true;
}

static bool read_owned_text(struct reader *reader, bool is_document, char **text)
{
    free(*text);
    *text = NULL;
    if (read_text(reader, is_document, text))
        return true;
    *text = strdup("");
    CHECK(*text != NULL);
    return false;
}

static bool read_violation(struct reader *reader, struct result *result)
{
    char *kind = NULL, *text = NULL;
    uint64_t cpu, at_ns;
    bool is_good = read_key(reader, "violation") && read_size(reader, ITEM_MAP, 4) && read_key(reader, "cpu") &&
                   read_uint(reader, &cpu) && read_key(reader, "kind") && read_text(reader, false, &kind) &&
                   read_key(reader, "text") && read_text(reader, false, &text) && read_key(reader, "at_ns") &&
                   read_uint(reader, &at_ns);

    if (is_good)
        result_set_violation(result, kind, text, cpu, at_ns);
    free(kind);
    free(text);
    return is_good;
}

static bool read_code(struct reader *reader, struct result_code *code)
{
    size_t at = reader->at;

    if (!read_key(reader, "code") || !read_size(reader, ITEM_MAP, 5) || !read_key(reader, "hash") ||
        !read_owned_text(reader, false, &code->hash) || !read_key(reader, "files") ||
        !read_owned_text(reader, false, &code->files) || !read_key(reader, "commit") ||
        !read_owned_text(reader, false, &code->commit) || !read_key(reader, "family") ||
        !read_owned_text(reader, false, &code->family) || !read_key(reader, "compiler") ||
        !read_owned_text(reader, false, &code->compiler))
        return false;
    if (strlen(code->hash) != CODE_HASH_TEXT_BYTES - 1 || strspn(code->hash, "0123456789abcdef") != strlen(code->hash))
        return fail(reader, at, "the hash of a code object must have %d hexadecimal digits", CODE_HASH_TEXT_BYTES - 1);
    return true;
}

static bool read_one_stuck(struct reader *reader, struct result *result)
{
    struct result_stuck stuck = { .device = NULL };
    struct item lost;
    bool is_good = read_size(reader, ITEM_MAP, 5) && read_key(reader, "lost") && next_item(reader, ITEM_BOOL, &lost) &&
                   read_key(reader, "count") && read_uint(reader, &stuck.count) && read_key(reader, "place") &&
                   read_text(reader, false, &stuck.place) && read_key(reader, "device") &&
                   read_text(reader, false, &stuck.device) && read_key(reader, "vector") &&
                   read_uint(reader, &stuck.vector);

    if (is_good) {
        stuck.is_lost = lost.value != 0;
        result_add_stuck(result, &stuck);
    }
    free(stuck.device);
    free(stuck.place);
    return is_good;
}

static bool read_stuck(struct reader *reader, struct result *result)
{
    struct item array;

    if (!read_key(reader, "stuck") || !next_item(reader, ITEM_ARRAY, &array))
        return false;
    for (uint64_t i = 0; i < array.value; i++)
        if (!read_one_stuck(reader, result))
            return false;
    return true;
}

/* Reads a result: a map of 9 pairs, and one more each with a code object, with interrupts that did not arrive and with
 * a violation. */
static bool read_result(struct reader *reader, struct result *result)
{
    struct item partial, map;
    size_t at = reader->at;

    if (!next_item(reader, ITEM_MAP, &map))
        return false;
    if (!read_key(reader, "axes") || !read_axes(reader, result) ||
        (is_next_key(reader, "code") && !read_code(reader, &result->code)) || !read_key(reader, "seed") ||
        !read_uint(reader, &result->seed) || (is_next_key(reader, "stuck") && !read_stuck(reader, result)) ||
        !read_key(reader, "design") || !read_owned_text(reader, false, &result->design) ||
        !read_key(reader, "metrics") || !read_metrics(reader, &result->metrics) || !read_key(reader, "partial") ||
        !next_item(reader, ITEM_BOOL, &partial) || !read_key(reader, "resolved") ||
        !read_owned_text(reader, true, &result->resolved) || !read_key(reader, "scenario") ||
        !read_owned_text(reader, false, &result->scenario) ||
        (is_next_key(reader, "violation") && !read_violation(reader, result)) || !read_key(reader, "histograms") ||
        !read_histograms(reader, &result->metrics) || !read_key(reader, "simulated_ns") ||
        !read_uint(reader, &result->simulated_ns))
        return false;
    result->is_partial = partial.value != 0;
    uint64_t pairs = 9u + (result->code.hash != NULL) + (result->stuck_count > 0) + (result->violation.kind != NULL);
    if (map.value != pairs)
        return fail(reader, at, "a map of %llu elements, expected %llu", (unsigned long long)map.value,
                    (unsigned long long)pairs);
    return true;
}

static bool read_results(struct reader *reader, struct result_set *set)
{
    struct item array;

    if (!next_item(reader, ITEM_ARRAY, &array))
        return false;
    for (uint64_t i = 0; i < array.value; i++) {
        struct result result;
        result_init(&result, "", "", 0, "");
        bool is_good = read_result(reader, &result);
        result_set_append(set, &result);
        if (!is_good)
            return false;
    }
    return true;
}

/* Checks that the encoder writes the same bytes for the decoded results. */
static bool check_encoding(struct reader *reader, const struct result_set *set, const char *tool)
{
    uint8_t *bytes;
    size_t count = result_encode(set, tool, &bytes);
    size_t at = 0;

    while (at < count && at < reader->count && bytes[at] == reader->bytes[at])
        at++;
    free(bytes);
    if (at == count && at == reader->count)
        return true;
    return fail(reader, at, "not the shortest (deterministic) encoding");
}
