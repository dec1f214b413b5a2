/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that output files appear complete or not at all.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "formats/output.h"
#include "temporary.h"

#define TEST_FILE temporary_path("output.bin")

static void a_file_appears_at_the_end(void **state)
{
    struct output output;
    char message[256], expected[256];

    (void)state;
    unlink(TEST_FILE);
    assert_true(output_open(&output, TEST_FILE, false, message, sizeof message));
    output_write(&output, "abc", 3);
    assert_int_not_equal(access(TEST_FILE, F_OK), 0);
    assert_true(output_commit(&output, message, sizeof message));
    assert_int_equal(access(TEST_FILE, F_OK), 0);
    assert_false(output_open(&output, TEST_FILE, false, message, sizeof message));
    snprintf(expected, sizeof expected, "%s: already exists (--force overwrites it)", TEST_FILE);
    assert_string_equal(message, expected);
    assert_true(output_open(&output, TEST_FILE, true, message, sizeof message));
    output_abandon(&output);
    assert_int_equal(access(TEST_FILE, F_OK), 0);
    unlink(TEST_FILE);
}

static void a_full_disk_is_told(void **state)
{
    struct output output;
    char message[256];

    (void)state;
    assert_true(output_open(&output, "/dev/full", false, message, sizeof message));
    output_write(&output, "abc", 3);
    assert_false(output_commit(&output, message, sizeof message));
    assert_string_equal(message, "/dev/full: No space left on device");
    assert_false(output_open(&output, "-", false, message, sizeof message));
}

static void numbers_are_little_endian(void **state)
{
    struct bytes bytes = { 0 };

    (void)state;
    bytes_put_u16(&bytes, 0x0102);
    bytes_put_u32(&bytes, 0x03040506);
    bytes_put_u64(&bytes, 0x0708090a0b0c0d0eu);
    bytes_put_text(&bytes, "x");
    bytes_pad(&bytes, 10);
    assert_int_equal(bytes.count, 20);
    assert_memory_equal(bytes.data, "\2\1\6\5\4\3\16\15\14\13\12\11\10\7x\0\0\0\0\0", 20);
    bytes_free(&bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_at_the_end),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(numbers_are_little_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
