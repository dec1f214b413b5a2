/* SPDX-License-Identifier: Apache-2.0
 *
 * An array that grows keeps what it has, and what is new is zero; its memory is that of the next power of two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static void elements_are_kept_and_new_ones_zero(void **state)
{
    static const size_t element_bytes[] = { 1, 8, 24 };

    (void)state;
    for (size_t i = 0; i < sizeof element_bytes / sizeof element_bytes[0]; i++) {
        size_t bytes = element_bytes[i];
        unsigned char *array = NULL;

        for (size_t count = 0; count < 1000; count++) {
            size_t capacity = 1;
            while (capacity < count + 1)
                capacity *= 2;
            array = array_grown(array, count, bytes);
            assert_in_range(malloc_usable_size(array), capacity * bytes, capacity * bytes + 64);
            for (size_t byte = 0; byte < bytes; byte++)
                assert_int_equal(array[count * bytes + byte], 0);
            memset(array + count * bytes, (int)(count % 255) + 1, bytes);
            for (size_t before = 0; before <= count; before += 1 + count / 8)
                assert_int_equal(array[before * bytes], before % 255 + 1);
        }
        free(array);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(elements_are_kept_and_new_ones_zero) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
