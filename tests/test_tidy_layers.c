/* SPDX-License-Identifier: Apache-2.0
 *
 * tests/tidy refuses an include of a folder that is not below the file's own, folders that its table does not list, and
 * a word_peek in code that is no check.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "temporary.h"

/* In an empty directory: a file of this folder whose third line is `line`, and what tests/tidy says of it. */
static void tidy(const char *folder, const char *name, const char *line, char *said, size_t said_bytes)
{
    char root[] = "/tmp/irqpath-tidy-XXXXXX", command[1000];

    temporary_directory(root);
    snprintf(command, sizeof(command),
             "cd %s && mkdir -p %s && printf '/* SPDX-License-Identifier: Apache-2.0\\n */\\n%%s\\n' '%s' >%s/%s "
             "&& awk -f " SOURCE_DIR "/tests/tidy.awk " SOURCE_DIR "/tests/tidy.layers %s/%s",
             root, folder, line, folder, name, folder, name);
    FILE *stream = popen(command, "r");
    assert_non_null(stream);
    said[fread(said, 1, said_bytes - 1, stream)] = '\0';
    assert_int_equal(pclose(stream), 0);
    temporary_directory_remove(root);
}

static void only_what_is_below_is_included(void **state)
{
    static const struct {
        const char *folder, *header, *breach; /* NULL: none */
    } rows[] = {
        { "sim/result", "result/expect.h", NULL },
        { "sim/result", "base/diag.h", NULL },
        { "sim/scenario", "models/registry.h", NULL },
        { "models/xen", "models/family/setup.h", NULL },
        { "tests/result", "commands/cli.h", NULL },
        { "sim/result", "commands/cli.h", "an include of a folder that is not below this one: commands/cli.h" },
        { "sim/trace", "scenario/scenario.h",
          "an include of a folder that is not below this one: scenario/scenario.h" },
        { "sim/sweep", "compare/cells.h", "an include of a folder that is not below this one: compare/cells.h" },
        { "sim/machine", "models/registry.h", "an include of a folder that is not below this one: models/registry.h" },
        { "models/family", "models/xen/xen.h", "an include of a folder that is not below this one: models/xen/xen.h" },
        { "models/vfio", "models/qemu/port.h",
          "an include of a folder that is not below this one: models/qemu/port.h" },
        { "sim/result", "expect.h", "an include without its folder: expect.h" },
        { "sim/result", "../commands/cli.h", "an include that climbs" },
        { "sim/commands", "gui/gui.h", "an include of a folder that tests/tidy.layers does not list: gui/gui.h" },
        { "sim", "commands/cli.h", "sim/ itself holds main.c alone" },
        { "sim/gui", "base/diag.h", "a folder that tests/tidy.layers does not list" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char said[1000], expected[300] = "", line[100];
        if (rows[i].breach)
            snprintf(expected, sizeof(expected), "%s/x.c:%d: %s\n", rows[i].folder,
                     strncmp(rows[i].breach, "an include", 10) ? 1 : 3, rows[i].breach);
        snprintf(line, sizeof(line), "#include \"%s\"", rows[i].header);
        tidy(rows[i].folder, "x.c", line, said, sizeof(said));
        assert_string_equal(said, expected);
    }
}

static void only_checks_peek_at_words(void **state)
{
    static const struct {
        const char *folder, *name;
        bool is_allowed;
    } rows[] = {
        { "models/xen", "schedule.c", false },   { "models/xen/posted", "hooks.c", false },
        { "sim/machine", "lapic.c", false },     { "models/xen", "invariants.c", true },
        { "models/nvme", "metrics.c", true },    { "models/xen/posted", "checks.c", true },
        { "tests/machine", "test_cpu.c", true }, { "sim/machine/devices", "iommu.c", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char said[1000];
        tidy(rows[i].folder, rows[i].name, "uint64_t value(const struct word *w) { return word_peek(w); }", said,
             sizeof(said));
        assert_int_equal(said[0] == '\0', rows[i].is_allowed);
        assert_true(rows[i].is_allowed || strstr(said, "word_peek") != NULL);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_below_is_included),
        cmocka_unit_test(only_checks_peek_at_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
