/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests sleep sets: which footprints commute, which sleepers a step wakes, and sets that leave the process.
 */
#include "explore/sleep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "death.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { PLACES = 64 };

static uint64_t memory[PLACES];
static struct arena arena = { .base = (char *)memory, .used = sizeof(memory) };
static struct sleep sleep_sets;

static int setup(void **state)
{
    (void)state;
    sleep_init(&sleep_sets, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sleep_free(&sleep_sets);
    return 0;
}

/* "r3 w5": reads place 3, writes place 5; "*": everything. */
static uint32_t footprint_id(const char *text)
{
    struct footprint footprint = { .is_everything = *text == '*' };

    for (; *text == 'r' || *text == 'w'; text += strspn(text, " ")) {
        bool is_written = *text == 'w';
        char *end;
        footprint_add(&footprint, &memory[strtoul(text + 1, &end, 10)], is_written);
        text = end;
    }
    return sleep_footprint(&sleep_sets, &footprint);
}

static void test_commute(void **state)
{
    static const struct {
        const char *a, *b;
        bool commute;
    } rows[] = {
        { "r1 w2", "r3 w4", true },    { "r1", "r1", true },     { "r1", "w1", false },
        { "w1", "w1", false },         { "r1 w2", "r2", false }, { "", "w1", true },
        { "*", "r1", false },          { "*", "*", false },      { "w1 r2 r3 r4", "r5 r6 r7 r1", false },
        { "r0 r1 r2 r3", "w9", true }, { "r1 w1", "r1", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t a = footprint_id(rows[i].a), b = footprint_id(rows[i].b);
        if (sleep_commute(&sleep_sets, a, b) != rows[i].commute || sleep_commute(&sleep_sets, b, a) != rows[i].commute)
            fail_msg("'%s' and '%s'", rows[i].a, rows[i].b);
    }
    /* Places of all distances, of which the summaries of some are alike. */
    for (uint32_t i = 0; i < PLACES; i++)
        for (uint32_t j = 0; j < PLACES; j++) {
            char a[8], b[8];
            (void)snprintf(a, sizeof(a), "w%u", i);
            (void)snprintf(b, sizeof(b), "r%u", j);
            assert_int_equal(sleep_commute(&sleep_sets, footprint_id(a), footprint_id(b)), i != j);
        }
}

static void test_sets(void **state)
{
    struct sleepers sleepers = { .count = 0 };
    uint32_t set;

    (void)state;
    assert_int_equal(sleep_set_after(&sleep_sets, &sleepers, footprint_id("w1")), STRINGS_NONE);
    sleep_add(&sleepers, (struct sleeper){ 3, footprint_id("w1") });
    sleep_add(&sleepers, (struct sleeper){ 4, footprint_id("*") }); /* commutes with none */
    sleep_add(&sleepers, (struct sleeper){ 5, footprint_id("w2") });
    assert_int_equal(sleepers.count, 2);
    assert_int_equal(sleep_set_after(&sleep_sets, &sleepers, footprint_id("*")), STRINGS_NONE);
    assert_int_equal(sleep_set_after(&sleep_sets, &sleepers, footprint_id("r1 r2")), STRINGS_NONE);
    set = sleep_set_after(&sleep_sets, &sleepers, footprint_id("w2"));
    sleep_load(&sleep_sets, set, &sleepers);
    assert_true(sleepers.count == 1 && sleep_is_asleep(&sleepers, 3) && !sleep_is_asleep(&sleepers, 5));
    while (sleepers.count < SLEEPERS_MAX)
        sleep_add(&sleepers, (struct sleeper){ 100 + sleepers.count, footprint_id("w6") });
    sleep_add(&sleepers, (struct sleeper){ 7, footprint_id("w6") });
    assert_true(sleepers.count == SLEEPERS_MAX && !sleep_is_asleep(&sleepers, 7));
}

static void test_exports(void **state)
{
    static const struct {
        uint64_t words[6];
        uint64_t count;
        bool is_good;
    } rows[] = {
        { { 0 }, 0, true },
        { { 3, 0 }, 2, true },
        { { 3, 2, 8, 11, 4, 0 }, 6, true },
        { { 3 }, 1, false },
        { { 3, 2, 8 }, 3, false },
        { { 3, UINT64_MAX, 8 }, 3, false },
        { { EVENTQ_SLOTS_MAX, 0 }, 2, false },
    };
    struct sleepers sleepers = { .count = 0 };
    uint64_t words[SLEEP_WORDS_MAX];
    uint32_t set, count;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (sleep_is_export(rows[i].words, rows[i].count) != rows[i].is_good)
            fail_msg("row %zu", i);
    sleep_add(&sleepers, (struct sleeper){ 3, footprint_id("w1 r2") });
    sleep_add(&sleepers, (struct sleeper){ 9, footprint_id("r7") });
    set = sleep_set_after(&sleep_sets, &sleepers, footprint_id("r5"));
    count = sleep_export(&sleep_sets, set, words);
    assert_int_equal(count, 2 + 2 + 2 + 1);
    assert_int_equal(sleep_import(&sleep_sets, words, count), set);
    assert_int_equal(sleep_import(&sleep_sets, words, 0), STRINGS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commute, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_exports, setup, teardown),
    };

    return cmocka_run_group_tests_name("sleep", tests, NULL, NULL);
}
