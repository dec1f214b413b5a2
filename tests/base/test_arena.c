/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena: alignment, zeroed memory, its limits, and that arena_drop releases everything.
 */
#include "base/arena.h"

#include "death.h"

#define RESERVED ((size_t)1 << 20)

static void allocations_are_aligned_zero_and_apart(void **state)
{
    static const struct {
        size_t bytes, align;
    } rows[] = { { 1, 1 }, { 1, 64 }, { 3, 2 }, { 8, 8 }, { 0, 1 }, { 100, 16 }, { 5000, 4096 }, { 1, 1 } };
    struct arena arena;
    char *end;

    (void)state;
    assert_true(arena_init(&arena, RESERVED));
    assert_int_equal(arena.used, 0);
    end = arena.base;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *memory = arena_alloc(&arena, rows[i].bytes, rows[i].align);

        assert_int_equal((uintptr_t)memory % rows[i].align, 0);
        assert_true(memory >= end && memory < end + rows[i].align);
        for (size_t at = 0; at < rows[i].bytes; at++)
            assert_int_equal(memory[at], 0);
        memset(memory, 0xff, rows[i].bytes);
        end = memory + rows[i].bytes;
        assert_ptr_equal(arena.base + arena.used, end);
    }
    arena_drop(&arena);
    assert_null(arena.base);
}

static void typed_macros_give_whole_elements(void **state)
{
    struct arena arena;
    uint64_t *one, *many;

    (void)state;
    assert_true(arena_init(&arena, RESERVED));
    one = ARENA_NEW(&arena, uint64_t);
    many = ARENA_ARRAY(&arena, uint64_t, 10);
    assert_ptr_equal(many, one + 1);
    assert_int_equal(arena.used, 11 * sizeof(uint64_t));
    arena_drop(&arena);
}

static void whole_reservation_can_be_used(void **state)
{
    struct arena arena;

    (void)state;
    assert_true(arena_init(&arena, RESERVED));
    memset(arena_alloc(&arena, RESERVED, 1), 1, RESERVED);
    assert_non_null(arena_alloc(&arena, 0, 1));
    arena_drop(&arena);
}

/* Whether the system has huge pages or not. */
static void huge_pages_are_zero_too(void **state)
{
    struct arena arena;
    char *memory;

    (void)state;
    assert_true(arena_init(&arena, (size_t)1 << 23));
    arena_use_huge_pages(&arena);
    memory = arena_alloc(&arena, (size_t)1 << 23, 1);
    for (size_t at = 0; at < (size_t)1 << 23; at += 4096) {
        assert_int_equal(memory[at], 0);
        memory[at] = 1;
    }
    arena_drop(&arena);
}

static void impossible_reservation_is_refused(void **state)
{
    struct arena arena;

    (void)state;
    assert_false(arena_init(&arena, (size_t)1 << 62));
    assert_null(arena.base);
    arena_drop(&arena);
}

struct misuse {
    size_t used, bytes, align;
    bool is_sealed;
    const char *expected;
};

static void misuse_commit(void *argument)
{
    const struct misuse *misuse = argument;
    struct arena arena;

    if (!arena_init(&arena, RESERVED))
        return;
    arena_alloc(&arena, misuse->used, 1);
    if (misuse->is_sealed)
        arena_seal(&arena);
    arena_alloc(&arena, misuse->bytes, misuse->align);
}

static void misuse_is_caught(void **state)
{
    static struct misuse rows[] = {
        { .is_sealed = true, .bytes = 1, .align = 1, .expected = "is_sealed" },
        { .bytes = 1, .align = 0, .expected = "align" },
        { .bytes = 1, .align = 24, .expected = "align" },
        { .bytes = RESERVED + 1, .align = 1, .expected = "reserved" },
        { .bytes = SIZE_MAX, .align = 1, .expected = "reserved" },
        { .used = RESERVED - 1, .bytes = 1, .align = 64, .expected = "reserved" },
        { .used = RESERVED, .bytes = 1, .align = 1, .expected = "reserved" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_check_fails(misuse_commit, &rows[i], rows[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_zero_and_apart), cmocka_unit_test(typed_macros_give_whole_elements),
        cmocka_unit_test(whole_reservation_can_be_used),          cmocka_unit_test(huge_pages_are_zero_too),
        cmocka_unit_test(impossible_reservation_is_refused),      cmocka_unit_test(misuse_is_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
