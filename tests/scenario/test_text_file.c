/* SPDX-License-Identifier: Apache-2.0
 *
 * Which files are accepted as text, and the messages for those that are rejected.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenario/text_file.h"

struct row {
    const char *text;
    size_t bytes;
    const char *place, *message; /* NULL: it is text */
};

static const struct row rows[] = {
    { "a: 1\n", 5, NULL, NULL },
    { "", 0, NULL, NULL },
    { "\t\r\n", 3, NULL, NULL },
    { "\xEF\xBB\xBF"
      "a",
      4, NULL, NULL },
    { "\xF0\x9F\x98\x80", 4, NULL, NULL },
    { "\xFF\xFE"
      "a\0",
      4, "f", "the file is UTF-16: save it as UTF-8" },
    { "\xFE\xFF\0a", 4, "f", "the file is UTF-16: save it as UTF-8" },
    { "a\n\x7F"
      "ELF",
      6, "f:2:1", "not a text file: it contains the control character 0x7f" },
    { "a: \xC2\x9B"
      "31m",
      8, "f:1:4", "not a text file: it contains the control character 0x9b" },
    { "\xC2\x85", 2, "f:1:1", "not a text file: it contains the control character 0x85" },
    { "\xC2\xA0", 2, NULL, NULL },
    { "ab\0c", 4, "f:1:3", "not a text file: it contains the control character 0x00" },
    { "\xC3\xA4\xFF", 3, "f:1:2", "not a text file: the byte 0xff is not UTF-8" },
    { "\xC3", 1, "f:1:1", "not a text file: the byte 0xc3 is not UTF-8" },
    { "\xC0\xAF", 2, "f:1:1", "not a text file: the byte 0xc0 is not UTF-8" },
    { "\xE0\x80\xAF", 3, "f:1:1", "not a text file: the byte 0xe0 is not UTF-8" },
    { "\xED\xA0\x80", 3, "f:1:1", "not a text file: the byte 0xed is not UTF-8" },
    { "\xF4\x90\x80\x80", 4, "f:1:1", "not a text file: the byte 0xf4 is not UTF-8" },
};

static void only_text_is_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct diag diag;
        char place[64];

        diag_init(&diag);
        assert_int_equal(text_file_check("f", rows[i].text, rows[i].bytes, &diag), rows[i].message == NULL);
        assert_int_equal(diag.error_count, rows[i].message != NULL);
        if (rows[i].message) {
            diag_place_text(&diag, diag.messages[0].place, place, sizeof(place));
            assert_string_equal(place, rows[i].place);
            assert_string_equal(diag.messages[0].text, rows[i].message);
        }
        diag_free(&diag);
    }
}

static void assert_read(const char *path, enum text_file_status expected, const char *message)
{
    struct diag diag;
    size_t bytes;
    char *text;

    diag_init(&diag);
    assert_int_equal(text_file_read(path, "f", (struct place){ 0, 0, 0 }, &diag, &text, &bytes), expected);
    if (message)
        assert_string_equal(diag.messages[0].text, message);
    else
        assert_int_equal(bytes, strlen(text));
    free(text);
    diag_free(&diag);
}

static void files_are_read_whole(void **state)
{
    char path[] = "/tmp/irqpath-text-XXXXXX";
    int descriptor = mkstemp(path);

    (void)state;
    assert_int_equal(write(descriptor, "a: 1\n", 5), 5);
    assert_read(path, TEXT_FILE_OK, NULL);
    assert_int_equal(ftruncate(descriptor, TEXT_FILE_BYTES_MAX + 1), 0);
    assert_read(path, TEXT_FILE_INVALID, "cannot read: it is larger than 4 MiB");
    close(descriptor);
    unlink(path);
    assert_read(path, TEXT_FILE_UNREADABLE, "cannot read: No such file or directory");
    assert_read("/tmp", TEXT_FILE_UNREADABLE, "cannot read: it is a directory");
    assert_read("/dev/null", TEXT_FILE_OK, NULL);
}

static void files_stand_beside(void **state)
{
    char path[32];

    (void)state;
    assert_true(text_file_beside("a/b.yaml", "c.txt", path, sizeof(path)));
    assert_string_equal(path, "a/c.txt");
    assert_true(text_file_beside("b.yaml", "c.txt", path, sizeof(path)));
    assert_string_equal(path, "c.txt");
    assert_true(text_file_beside("a/b.yaml", "/c.txt", path, sizeof(path)));
    assert_string_equal(path, "/c.txt");
    assert_false(text_file_beside("a/b.yaml", "a-name-that-is-far-too-long-for-it", path, sizeof(path)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_text_is_text),
        cmocka_unit_test(files_are_read_whole),
        cmocka_unit_test(files_stand_beside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
