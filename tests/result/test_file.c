/* SPDX-License-Identifier: Apache-2.0
 *
 * Results are read from files and written to them; how files are written is tested in tests/base/test_file.c.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "result/file.h"
#include "result_samples.h"
#include "temporary.h"

struct place {
    char directory[64];
    char path[96];
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->directory, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(place->directory);
    snprintf(place->path, sizeof place->path, "%s/r.cbor", place->directory);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    temporary_directory_remove(place->directory);
    free(place);
    return 0;
}

static struct result_set one_result(uint64_t seed)
{
    struct result_set set;
    struct result result = sample_result("softirq-requeue", seed, 100);
    result_set_init(&set);
    result_set_append(&set, &result);
    return set;
}

static void unreadable_files_are_named(void **state)
{
    struct place *place = *state;
    struct result_set set;
    char message[300] = "", expected[300];

    result_set_init(&set);
    assert_false(result_file_read(&set, place->path, message, sizeof message));
    snprintf(expected, sizeof expected, "%s: No such file or directory", place->path);
    assert_string_equal(message, expected);
    assert_false(result_file_read(&set, place->directory, message, sizeof message));
    assert_non_null(strstr(message, "is a directory"));
    assert_true(file_write(place->path, "# text", 6, false, message, sizeof message));
    assert_false(result_file_read(&set, place->path, message, sizeof message));
    snprintf(expected, sizeof expected, "%s: byte 0: expected a map, found something else", place->path);
    assert_string_equal(message, expected);
    assert_int_equal(set.count, 0);
}

static void reading_appends(void **state)
{
    struct place *place = *state;
    struct result_set set = one_result(1), read;
    char message[300];

    assert_true(result_file_write(&set, place->path, false, message, sizeof message));
    assert_false(result_file_write(&set, place->path, false, message, sizeof message));
    result_set_init(&read);
    assert_true(result_file_read(&read, place->path, message, sizeof message));
    assert_true(result_file_read(&read, place->path, message, sizeof message));
    assert_int_equal(read.count, 2);
    assert_string_equal(read.results[1].design, "softirq-requeue");
    result_set_free(&read);
    result_set_free(&set);
}

#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(unreadable_files_are_named),
        FILE_TEST(reading_appends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
