/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of words are found by address, and are recorded only in an exploration.
 */
#include "machine/names.h"

#include "death.h"
#include "machine/explored.h"
#include "machine_fixture.h"

static void words_have_names_when_explored(void **state)
{
    (void)state;
    for (int is_explored = 0; is_explored < 2; is_explored++) {
        struct explored explored = { .name_count = 0 };
        struct fixture fixture;
        struct word first, second, third;
        uint32_t holder = 3;

        fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_nothing,
                     is_explored ? POLICY_EXHAUSTIVE : POLICY_TIMED, 1);
        fixture.engine.explored = is_explored ? &explored : NULL;
        names_add(&fixture.machine, &first, "first", NULL);
        names_add(&fixture.machine, &second, "second", &holder);
        assert_int_equal(explored.name_count, is_explored ? 2 : 0);
        assert_null(names_find(&explored, &third));
        if (is_explored) {
            assert_string_equal(names_find(&explored, &first)->name, "first");
            assert_null(names_find(&explored, &first)->holder);
            assert_ptr_equal(names_find(&explored, &second)->holder, &holder);
        }
        names_free(&explored);
        assert_null(names_find(&explored, &first));
        fixture_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(words_have_names_when_explored) };

    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
