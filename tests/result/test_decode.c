/* SPDX-License-Identifier: Apache-2.0
 *
 * The decoder accepts only what the encoder writes, and its errors name the offending byte.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "result/cbor.h"
#include "result_samples.h"

/* A change of any byte, and a cut at any length, is noticed, and leaves the set as it was. */
static void every_damage_is_noticed(void **state)
{
    (void)state;
    struct result result = sample_result("domain-tasklet", 1, 10);
    metrics_free(&result.metrics);
    metrics_append(&result.metrics, "x.percent", 1, 3);
    result_add_stuck(&result, &(struct result_stuck){ "vf", 1, 2, false, "on its line" });
    struct histogram *histogram = sample_histogram(50);
    metrics_append_histogram(&result.metrics, "irq.latency", histogram);
    free(histogram);
    struct result_set set = { &result, 1, 1 }, read;
    uint8_t *bytes;
    char message[300];
    size_t count = result_encode(&set, "0.1", &bytes);
    const uint8_t tool_offset = 1 + 5 + 17 + 5 + 1;

    result_set_init(&read);
    for (size_t at = 0; at < count; at++) {
        if (at >= tool_offset && at < tool_offset + 3u)
            continue; /* the version's text is free */
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] ^= (uint8_t)(1 << bit);
            assert_false(result_decode(&read, bytes, count, message, sizeof message));
            bytes[at] ^= (uint8_t)(1 << bit);
        }
    }
    for (size_t length = 0; length < count; length++) {
        uint8_t *cut = malloc(length + 1);
        memcpy(cut, bytes, length);
        assert_false(result_decode(&read, cut, length, message, sizeof message));
        free(cut);
    }
    assert_int_equal(read.count, 0);
    free(bytes);
    result_free(&result);
}

/* The head of the file's map says its five elements in a byte of their own. */
static void a_longer_head_is_noticed(void **state)
{
    struct result result = sample_result("domain-tasklet", 1, 10);
    struct result_set set = { &result, 1, 1 }, read;
    uint8_t *bytes;
    char message[300];
    size_t count = result_encode(&set, "0.1", &bytes);
    uint8_t *longer = malloc(count + 1);

    (void)state;
    assert_non_null(longer);
    assert_int_equal(bytes[0], 0xa5);
    longer[0] = 0xb8;
    longer[1] = 5;
    memcpy(longer + 2, bytes + 1, count - 1);
    result_set_init(&read);
    assert_false(result_decode(&read, longer, count + 1, message, sizeof message));
    assert_string_equal(message, "byte 0: not the shortest (deterministic) encoding");
    free(longer);
    free(bytes);
    result_free(&result);
}

static void errors_say_where(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t count;
        const char *message;
    } rows[] = {
        { "", 0, "byte 0: the file ends where a map should be" },
        { "# a scenario\n", 13, "byte 0: expected a map, found something else" },
        { "\xa5", 1, "byte 0: a map of 5 elements in a file of 1 bytes" },
        { "\xa5\x64hazh\x01\x01\x01", 9, "byte 1: expected the key 'hash'" },
        { "\xa4\x64hash\x01\x01\x01", 9, "byte 0: a map of 4 elements, expected 5" },
        { "\xbf\x64hash", 6, "byte 0: expected a map, found something else" },
        { "\xbb\xff\xff\xff\xff\xff\xff\xff\xff", 9,
          "byte 0: a map of 18446744073709551615 elements in a file of 9 bytes" },
        { "\xa5\x64hash\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 15,
          "byte 6: the file is cut off in the middle of an item" },
        { "\xa5\x64hash\x40\x64tool\x62\x1b[", 15, "byte 12: text with the control character 0x1b" },
        { "\xa5\x64hash\x40\x64tool\x62\xc3\x28", 15, "byte 12: text that is not UTF-8" },
        { "\xa5\x64hash\x40\x64tool\x60\x66"
          "format\x63"
          "abc",
          24, "byte 24: the format is 'abc', not irqpath-result" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result_set set;
        char message[300] = "";
        result_set_init(&set);
        assert_false(result_decode(&set, (const uint8_t *)rows[i].bytes, rows[i].count, message, sizeof message));
        assert_string_equal(message, rows[i].message);
    }
}

static const struct {
    const char *find, *replace, *message;
    size_t bytes;
} contradictions[] = {
    { "\x65"
      "count\x03",
      "\x65"
      "count\x04",
      "the histogram's buckets hold 3 values, not 4", 7 },
    { "\x63min\x05", "\x63min\x0a", "a histogram whose minimum is above its maximum", 5 },
    { "\x63"
      "b.c\x02",
      "\x63"
      "a.c\x02",
      "key 'a.c' is repeated or out of order", 5 },
    { "\x63"
      "b.c\x02",
      "\x63"
      "b.c\xf5",
      "a metric is an unsigned integer, two of them, or null", 5 },
    { "\x82\x01\x03", "\x82\x01\x01", "a quotient with denominator 1", 3 },
    { "\xaa\x64"
      "axes",
      "\xa9\x64"
      "axes",
      "a map of 9 elements, expected 10", 6 },
    { "\x64"
      "lost\xf4",
      "\x64"
      "lost\x00",
      "expected a boolean, found an unsigned integer", 6 },
    { "\x82\x06\x01\x82\x07\x01", "\x82\x06\x01\x82\x06\x01", "a histogram bucket that is empty, out of order", 6 },
    { "\x82\x06\x01\x82\x07\x01", "\x82\x06\x01\x82\x05\x01", "a histogram bucket that is empty, out of order", 6 },
    { "\x82\x06\x01", "\x82\x06\x00", "a histogram bucket that is empty, out of order", 3 },
    { "\x82\x06\x01", "\x83\x06\x01", "an array of 3 elements, expected 2", 3 },
    { "\x82\x01\x03", "\x82\x01\x02", "the results do not have the hash that the file states", 3 },
    { "\x82\x01\x03", "\x82\x01\x00", "a quotient with denominator 0", 3 },
    { "\x82\x01\x03", "\x83\x01\x03", "a metric is an unsigned integer, two of them, or null", 3 },
    { "\x63"
      "b.c\x02",
      "\x63"
      "b.c\xf6",
      "the results do not have the hash that the file states", 5 },
    { "\x63"
      "a.c\x01",
      "\x63"
      "c.c\x01",
      "key 'b.c' is repeated or out of order", 5 },
    { "\x63min", "\x63mIn", "expected the key 'min'", 4 },
};

/* Histograms are checked against themselves, and shapes deep inside are named too. */
static void contradictions_are_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
        struct result result;
        struct histogram *histogram = malloc(sizeof *histogram);
        uint8_t *bytes;
        char message[300] = "";

        result_init(&result, "s", "d", 1, "");
        result_add_stuck(&result, &(struct result_stuck){ "vf", 1, 2, false, "on its line" });
        metrics_append(&result.metrics, "a.c", 1, 1);
        metrics_append(&result.metrics, "b.c", 2, 1);
        metrics_append(&result.metrics, "x.percent", 1, 3);
        histogram_init(histogram);
        for (uint64_t value = 5; value < 8; value++)
            histogram_record(histogram, value);
        metrics_append_histogram(&result.metrics, "h", histogram);
        struct result_set set = { &result, 1, 1 }, read;
        size_t count = result_encode(&set, "0.1", &bytes);
        uint8_t *at = memmem(bytes, count, contradictions[i].find, contradictions[i].bytes);
        assert_non_null(at);
        memcpy(at, contradictions[i].replace, contradictions[i].bytes);
        result_set_init(&read);
        assert_false(result_decode(&read, bytes, count, message, sizeof message));
        assert_non_null(strstr(message, contradictions[i].message));
        free(bytes);
        free(histogram);
        result_free(&result);
    }
}

/* A name as long as a metric's may be is read, and what follows the end is refused. */
static void the_end_is_the_end(void **state)
{
    struct result result;
    struct result_set set = { &result, 1, 1 }, read;
    char name[METRIC_NAME_BYTES], message[300];
    uint8_t *bytes;

    (void)state;
    memset(name, 'd', sizeof name);
    name[sizeof name - 1] = '\0';
    result_init(&result, "s", "d", 1, "");
    metrics_append(&result.metrics, name, 1, 1);
    size_t count = result_encode(&set, "0.1", &bytes);
    result_set_init(&read);
    assert_true(result_decode(&read, bytes, count, message, sizeof message));
    assert_non_null(metric_find(&read.results[0].metrics, name));
    result_set_free(&read);
    bytes = realloc(bytes, count + 1);
    assert_non_null(bytes);
    bytes[count] = 0;
    assert_false(result_decode(&read, bytes, count + 1, message, sizeof message));
    assert_non_null(strstr(message, ": 1 bytes after the end"));
    free(bytes);
    result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damage_is_noticed), cmocka_unit_test(a_longer_head_is_noticed),
        cmocka_unit_test(errors_say_where),        cmocka_unit_test(contradictions_are_errors),
        cmocka_unit_test(the_end_is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
