/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the workers' barrier: no worker passes it before all have arrived, and a failed CHECK in one ends all of them.
 */
#include "explore/workers.h"

#include "base/check.h"
#include "death.h"

enum { WORKERS = 4, ROUNDS = 200 };

static void test_barrier(void **state)
{
    struct workers workers;

    (void)state;
    workers_init(&workers);
    atomic_uint *count = workers_map(2 * sizeof(*count));
    assert_non_null(count);
    workers_barrier(&workers); /* a single worker does not wait */
    workers_fork(&workers, WORKERS);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        atomic_fetch_add(&count[0], 1);
        workers_barrier(&workers);
        if (atomic_load(&count[0]) != round * WORKERS)
            atomic_fetch_add(&count[1], 1);
        workers_barrier(&workers);
    }
    workers_join(&workers);
    assert_int_equal(workers.self, 0);
    assert_int_equal(atomic_load(&count[0]), ROUNDS * WORKERS);
    assert_int_equal(atomic_load(&count[1]), 0);
    workers_unmap(count, 2 * sizeof(*count));
}

/* What was not discarded stays what it was. */
static void test_memory(void **state)
{
    enum { PAGES = 4096, PAGE_WORDS = 512 };
    size_t bytes = (size_t)PAGES * PAGE_WORDS * sizeof(uint64_t);

    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        workers_map_alone(alone == 1);
        uint64_t *words = workers_map(bytes);
        assert_non_null(words);
        for (size_t page = 0; page < PAGES; page++) {
            assert_int_equal(words[page * PAGE_WORDS], 0);
            words[page * PAGE_WORDS] = page + 1;
        }
        workers_discard(&words[16 * PAGE_WORDS], bytes / 2);
        for (size_t page = 0; page < PAGES; page++)
            assert_int_equal(words[page * PAGE_WORDS], page >= 16 && page < 16 + PAGES / 2 ? 0 : page + 1);
        workers_unmap(words, bytes);
        workers_map_alone(false);
    }
}

static void fails_in_a_worker(void *data)
{
    struct workers workers;

    (void)data;
    workers_init(&workers);
    workers_fork(&workers, WORKERS);
    CHECK(workers.self != WORKERS - 1);
    workers_barrier(&workers);
}

static void test_failure(void **state)
{
    (void)state;
    assert_check_fails(fails_in_a_worker, NULL, "WORKERS - 1");
}

static void test_processors(void **state)
{
    (void)state;
    assert_true(workers_processors() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_barrier),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_processors),
    };

    return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
