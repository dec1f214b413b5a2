/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how the format of a recording is recognised.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "formats/recordings.h"

static void files_that_are_no_recordings_are_refused(void **state)
{
    static const struct {
        const char *path, *error;
    } rows[] = {
        { "/", "is a directory" },
        { "/nowhere/to/be/found", "No such file or directory" },
        { "/dev/null", "byte 0: the file is empty" },
    };
    char message[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recorded recorded;
        assert_false(recorded_read(rows[i].path, &(struct recording_choice){ 0 }, &recorded, message, sizeof message));
        assert_string_equal(message, rows[i].error);
        recorded_free(&recorded);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_no_recordings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
