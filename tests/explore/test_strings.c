/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the set of strings: the same id for equal strings only, growth of the table, and concurrent workers.
 */
#include "explore/strings.h"

#include <string.h>

#include "death.h"

enum { WORDS = 5, STRINGS = 30000, WORKERS = 3 };

/* Strings of 1 to 5 words; those of different lengths begin alike. */
static uint32_t words_of(uint32_t number, uint64_t *words)
{
    uint32_t count = 1 + number % WORDS;

    for (uint32_t i = 0; i < count; i++)
        words[i] = number / WORDS;
    return count;
}

static void test_ids(void **state)
{
    struct strings strings;
    uint64_t words[WORDS];

    (void)state;
    strings_init(&strings, STRINGS, STRINGS * (uint64_t)WORDS);
    for (int round = 0; round < 2; round++)
        for (uint32_t number = 0; number < STRINGS; number++) {
            if (!strings_have_room(&strings, 1))
                strings_grow(&strings, 1);
            uint32_t count = words_of(number, words), found;
            uint32_t id = strings_add(&strings, words, count);
            assert_int_equal(id, number + 1);
            const uint64_t *stored = strings_words(&strings, id, &found);
            assert_int_equal(found, count);
            assert_memory_equal(stored, words, count * sizeof(*words));
        }
    assert_false(strings_are_full(&strings));
    assert_true(strings_bytes(&strings) < STRINGS * 60ul);
    strings_free(&strings);
}

/* Single words, which have notes. */
static void test_single(void **state)
{
    struct strings strings;

    (void)state;
    strings_init_single(&strings, STRINGS);
    for (int round = 0; round < 2; round++)
        for (uint64_t word = 1; word <= STRINGS; word++) {
            if (!strings_have_room(&strings, 1))
                strings_grow(&strings, 1);
            uint32_t id = strings_add(&strings, &word, 1), count;
            assert_int_equal(id, word);
            assert_int_equal(*strings_words(&strings, id, &count), word);
            assert_int_equal(count, 1);
            assert_int_equal(atomic_load(&strings.notes[id]), round * word);
            atomic_store(&strings.notes[id], (uint32_t)word);
        }
    assert_true(strings_bytes(&strings) < STRINGS * 22ul);
    strings_free(&strings);
}

/* Workers that add the same strings at once get the same ids. */
static void test_workers(void **state)
{
    struct strings strings;
    struct workers workers;
    uint64_t words[WORDS];

    (void)state;
    strings_init(&strings, WORKERS * (uint64_t)STRINGS, WORKERS * STRINGS * (uint64_t)WORDS);
    uint32_t *ids = workers_map(WORKERS * STRINGS * sizeof(*ids));
    assert_non_null(ids);
    workers_init(&workers);
    strings_grow(&strings, WORKERS * (uint64_t)STRINGS);
    workers_fork(&workers, WORKERS);
    for (uint32_t i = 0; i < STRINGS; i++) {
        uint32_t number = workers.self % 2 == 0 ? i : STRINGS - 1 - i;
        ids[workers.self * STRINGS + number] = strings_add(&strings, words, words_of(number, words));
    }
    workers_join(&workers);
    strings_grow(&strings, 4 * WORKERS * (uint64_t)STRINGS);
    for (uint32_t number = 0; number < STRINGS; number++) {
        uint32_t id = strings_add(&strings, words, words_of(number, words));
        for (uint32_t worker = 0; worker < WORKERS; worker++)
            assert_int_equal(ids[worker * STRINGS + number], id);
    }
    workers_unmap(ids, WORKERS * STRINGS * sizeof(*ids));
    strings_free(&strings);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_ids), cmocka_unit_test(test_single),
                                        cmocka_unit_test(test_workers) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
