/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the memory of stacks: an id is found for exactly what it was stored for.
 */
#include "explore/stack_cache.h"

#include "death.h"
#include "explore/columns.h"
#include "explore/strings.h"

enum { ID = 77 };

static const uint64_t contents[4][COLUMN_WORDS] = { { 1, 2 }, { 1, 2, 0, 0, 0, 0, 0, 3 }, { 1, 2 }, { 0 } };

static struct stack_left left_of(uint32_t from, uint32_t depth, uint32_t lines, uint32_t line, uint32_t content)
{
    struct stack_left left = { .from = from, .depth = depth, .line_count = lines };

    for (uint32_t i = 0; i < lines && i < STACK_LEFT_LINES_MAX; i++) {
        left.lines[i] = line + i;
        left.contents[i] = contents[i == 0 ? content : 3];
    }
    return left;
}

static void test_stack_cache(void **state)
{
    static const struct {
        uint32_t from, depth, lines, line, content;
        bool is_known; /* from the first row's id */
    } rows[] = {
        { 5, 40, 2, 3, 0, true },  { 5, 40, 2, 3, 2, true },  { 6, 40, 2, 3, 0, false }, { 5, 41, 2, 3, 0, false },
        { 5, 40, 1, 3, 0, false }, { 5, 40, 2, 4, 0, false }, { 5, 40, 2, 3, 1, false }, { 5, 40, 0, 0, 0, false },
    };
    struct stack_left first = left_of(rows[0].from, rows[0].depth, rows[0].lines, rows[0].line, rows[0].content);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stack_cache *cache = stack_cache_new();
        struct stack_left left = left_of(rows[i].from, rows[i].depth, rows[i].lines, rows[i].line, rows[i].content);
        assert_int_equal(*stack_cache_find(cache, &first), STRINGS_NONE);
        *stack_cache_find(cache, &first) = ID;
        assert_int_equal(*stack_cache_find(cache, &left), rows[i].is_known ? ID : STRINGS_NONE);
        stack_cache_free(cache);
    }
}

/* What has changed in too many lines is never known. */
static void test_too_many_lines(void **state)
{
    struct stack_cache *cache = stack_cache_new();
    struct stack_left left = left_of(1, 100, STACK_LEFT_LINES_MAX + 1, 0, 0);

    (void)state;
    *stack_cache_find(cache, &left) = ID;
    assert_int_equal(*stack_cache_find(cache, &left), STRINGS_NONE);
    stack_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stack_cache),
        cmocka_unit_test(test_too_many_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
