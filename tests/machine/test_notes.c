/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes reach the reader together with the CPU that they describe, and have no effect without a reader.
 */
#include "machine/notes.h"

#include <stdio.h>

#include "death.h"
#include "machine/explored.h"
#include "machine_fixture.h"

static void keep(void *context, const struct cpu *cpu, const char *text)
{
    (void)snprintf(context, 64, "%d %s", cpu != NULL ? (int)cpu->id : -1, text);
}

static void notes_go_to_their_reader(void **state)
{
    static const struct {
        bool is_explored, has_reader, has_cpu;
        const char *expected;
    } rows[] = {
        { false, false, true, "" },
        { true, false, true, "" },
        { true, true, true, "7 wakes vcpu1" },
        { true, true, false, "-1 wakes vcpu1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64] = "";
        struct explored explored = { .note = rows[i].has_reader ? keep : NULL, .context = text };
        struct engine engine = { .explored = rows[i].is_explored ? &explored : NULL };
        struct cpu cpu = { .id = 7 };

        assert_int_equal(notes_are_read(&engine), rows[i].has_reader);
        notes_add(&engine, rows[i].has_cpu ? &cpu : NULL, "wakes %s%d", "vcpu", 1);
        assert_string_equal(text, rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(notes_go_to_their_reader) };

    return cmocka_run_group_tests_name("notes", tests, NULL, NULL);
}
