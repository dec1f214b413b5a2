/* SPDX-License-Identifier: Apache-2.0
 *
 * Races of two objects are the same race although lines, numbers of objects and the order differ.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "compare/race_difference.h"

struct sample_race {
    const char *memory, *first, *second; /* places */
    enum code_access access;             /* of the first; the second reads */
};

static const struct sample_race base = { "pirq0->arch.hvm.dpci.state", "hvm.c:781 hvm_dirq_assist", "hvm.c:98 active",
                                         CODE_WRITE };

static const struct {
    const char *what;
    struct sample_race race;
    size_t differences;
} rows[] = {
    { "the same", { "pirq0->arch.hvm.dpci.state", "hvm.c:781 hvm_dirq_assist", "hvm.c:98 active", CODE_WRITE }, 0 },
    { "lines", { "pirq0->arch.hvm.dpci.state", "hvm.c:790 hvm_dirq_assist", "hvm.c:107 active", CODE_WRITE }, 0 },
    { "object", { "pirq12->arch.hvm.dpci.state", "hvm.c:781 hvm_dirq_assist", "hvm.c:98 active", CODE_WRITE }, 0 },
    { "member", { "pirq0->arch.hvm.dpci.flags", "hvm.c:781 hvm_dirq_assist", "hvm.c:98 active", CODE_WRITE }, 1 },
    { "function", { "pirq0->arch.hvm.dpci.state", "hvm.c:781 hvm_other", "hvm.c:98 active", CODE_WRITE }, 1 },
    { "file", { "pirq0->arch.hvm.dpci.state", "io.c:781 hvm_dirq_assist", "hvm.c:98 active", CODE_WRITE }, 1 },
    { "access", { "pirq0->arch.hvm.dpci.state", "hvm.c:781 hvm_dirq_assist", "hvm.c:98 active", CODE_RMW }, 1 },
    { "no name", { "0x1234+4", "code+0x10", "code+0x20", CODE_WRITE }, 1 },
};

static struct race_entry entry_of(const struct sample_race *race)
{
    struct race_entry entry = { .memory_count = 1 };

    strcpy(entry.memory[0], race->memory);
    strcpy(entry.sides[0].place, race->first);
    strcpy(entry.sides[1].place, race->second);
    entry.sides[0].site.access = (uint8_t)race->access;
    entry.sides[1].site.access = CODE_READ;
    return entry;
}

static void a_race_is_known_by_functions_and_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct race_entry one = entry_of(&base), two[2] = { entry_of(&rows[i].race), entry_of(&rows[i].race) };
        struct race_side swapped = two[1].sides[0];
        two[1].sides[0] = two[1].sides[1];
        two[1].sides[1] = swapped;
        struct race_list base_list = { .entries = &one, .count = 1 }, list = { .entries = two, .count = 2 };
        char *text = NULL;
        size_t bytes;
        FILE *stream = open_memstream(&text, &bytes);
        assert_non_null(stream);
        if (race_difference(&list, &base_list, "new race on ", stream) != rows[i].differences)
            fail_msg("%s", rows[i].what);
        assert_int_equal(race_difference(&base_list, &list, "", NULL), rows[i].differences);
        fclose(stream);
        assert_int_equal(strstr(text, "new race on ") != NULL, rows[i].differences > 0);
        assert_int_equal(strstr(text, rows[i].race.first) != NULL, rows[i].differences > 0);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_race_is_known_by_functions_and_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
