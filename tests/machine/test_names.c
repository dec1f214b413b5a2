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

/* The text tells words of one name apart. */
static void texts_differ(void **state)
{
    static const struct {
        const char *name, *owner, *text;
    } rows[] = {
        { "alone", "cpu3", "alone" },
        { "pending", "cpu0", "pending of cpu0" },
        { "pending", "cpu1", "pending of cpu1" },
        { "irr", "", "irr[0]" },
        { "irr", "", "irr[1]" },
        { "pir", "d0v0", "pir[0] of d0v0" },
        { "pir", "d0v0", "pir[1] of d0v0" },
        { "pir", "d0v1", "pir of d0v1" },
    };
    enum { ROWS = sizeof(rows) / sizeof(*rows) };
    struct explored explored = { .name_count = 0 };
    struct fixture fixture;
    struct word words[ROWS];
    char text[NAMES_TEXT_BYTES];

    (void)state;
    fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, POLICY_EXHAUSTIVE, 1);
    fixture.engine.explored = &explored;
    for (size_t i = 0; i < ROWS; i++)
        names_add_of(&fixture.machine, &words[i], rows[i].name, "%s", rows[i].owner);
    for (size_t i = 0; i < ROWS; i++)
        assert_string_equal(names_text(&explored, names_find(&explored, &words[i]), text), rows[i].text);
    names_free(&explored);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_names_when_explored),
        cmocka_unit_test(texts_differ),
    };

    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
