/* SPDX-License-Identifier: Apache-2.0
 *
 * Workers that meet: nobody goes on before all are there, and a failed CHECK of one ends all.
 */
#include "explore/crew.h"

#include "base/check.h"
#include "death.h"

enum { WORKERS = 4, ROUNDS = 200 };

static void test_meeting(void **state)
{
    struct crew crew;

    (void)state;
    assert_true(crew_init(&crew));
    atomic_uint *count = crew_map(2 * sizeof(*count));
    assert_non_null(count);
    crew_meet(&crew); /* alone */
    crew_fork(&crew, WORKERS);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        atomic_fetch_add(&count[0], 1);
        crew_meet(&crew);
        if (atomic_load(&count[0]) != round * WORKERS)
            atomic_fetch_add(&count[1], 1);
        crew_meet(&crew);
    }
    crew_leave(&crew);
    assert_int_equal(crew.self, 0);
    assert_int_equal(atomic_load(&count[0]), ROUNDS * WORKERS);
    assert_int_equal(atomic_load(&count[1]), 0);
    crew_unmap(count, 2 * sizeof(*count));
}

static void fails_in_a_worker(void *data)
{
    struct crew crew;

    (void)data;
    CHECK(crew_init(&crew));
    crew_fork(&crew, WORKERS);
    CHECK(crew.self != WORKERS - 1);
    crew_meet(&crew);
}

static void test_failure(void **state)
{
    (void)state;
    assert_check_fails(fails_in_a_worker, NULL, "WORKERS - 1");
}

static void test_processors(void **state)
{
    (void)state;
    assert_true(crew_processors() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meeting),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_processors),
    };

    return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}
