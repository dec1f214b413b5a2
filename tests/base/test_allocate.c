/* SPDX-License-Identifier: Apache-2.0
 *
 * The program's allocator, which this test has, too: what the system has no memory for ends the process.
 */
#include "death.h"

#include <stdlib.h>

#include "base/check.h"

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define HAS_ALLOCATOR 0 /* the sanitizer's own */
#else
#define HAS_ALLOCATOR 1
#include "base/allocate.c" /* NOLINT(bugprone-suspicious-include): linked into the program alone */
#endif

/* Not for the compiler to see, which leaves allocations out. */
static volatile size_t too_much = SIZE_MAX / 4;
static void *volatile taken;

static void take(void *unused)
{
    (void)unused;
    taken = malloc(too_much);
}

static void take_zeros(void *unused)
{
    (void)unused;
    taken = calloc(too_much, 8); /* the product is too large for a number */
}

static void take_more(void *unused)
{
    (void)unused;
    taken = realloc(malloc(1), too_much);
}

static void what_is_not_to_be_had_ends_the_process(void **state)
{
    void (*const takers[])(void *) = { take, take_zeros, take_more };

    (void)state;
    if (!HAS_ALLOCATOR)
        skip();
    for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++)
        assert_check_fails(takers[i], NULL, "irqpath: error: out of memory\n");
}

static void what_is_to_be_had_is_given(void **state)
{
    (void)state;
    char *zeros = calloc(1000, 3), *more = realloc(zeros, 100000);
    assert_non_null(more);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(more[i], 0);
    more[99999] = 1;
    free(more);
    free(realloc(malloc(1), 1));
    more = malloc(0);
    assert_non_null(more);
    free(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_not_to_be_had_ends_the_process),
                                        cmocka_unit_test(what_is_to_be_had_is_given) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
