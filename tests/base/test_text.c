/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies have the bytes and a zero after them, and are memory of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void copies_are_whole(void **state)
{
    static const struct {
        const char *from;
        size_t bytes;
    } rows[] = { { "irq", 3 }, { "irq", 2 }, { "", 0 }, { NULL, 0 }, { "a\0b", 3 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *copy = text_copy_bytes(rows[i].from, rows[i].bytes);

        assert_ptr_not_equal(copy, rows[i].from);
        if (rows[i].bytes > 0)
            assert_memory_equal(copy, rows[i].from, rows[i].bytes);
        assert_int_equal(copy[rows[i].bytes], '\0');
        free(copy);
    }
    char *copy = text_copy("vector 48");
    assert_string_equal(copy, "vector 48");
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(copies_are_whole) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
