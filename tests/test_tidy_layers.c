/* SPDX-License-Identifier: Apache-2.0
 *
 * tests/tidy refuses an include of a folder that is not below the file's own, and folders that its table does not list.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In an empty directory: a file of this folder with this include, and what tests/tidy says of it. */
static void tidy(const char *folder, const char *header, char *said, size_t said_bytes)
{
    char root[] = "/tmp/irqpath-tidy-XXXXXX", command[1000];

    assert_non_null(mkdtemp(root));
    snprintf(
        command, sizeof(command),
        "cd %s && mkdir -p %s && printf '/* SPDX-License-Identifier: Apache-2.0\\n */\\n#include \"%s\"\\n' >%s/x.c "
        "&& awk -f " SOURCE_DIR "/tests/tidy.awk " SOURCE_DIR "/tests/tidy.layers %s/x.c",
        root, folder, header, folder, folder);
    FILE *stream = popen(command, "r");
    assert_non_null(stream);
    said[fread(said, 1, said_bytes - 1, stream)] = '\0';
    assert_int_equal(pclose(stream), 0);
    snprintf(command, sizeof(command), "rm -rf %s", root);
    assert_int_equal(system(command), 0);
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
        char said[1000], expected[300] = "";
        if (rows[i].breach)
            snprintf(expected, sizeof(expected), "%s/x.c:%d: %s\n", rows[i].folder,
                     strncmp(rows[i].breach, "an include", 10) ? 1 : 3, rows[i].breach);
        tidy(rows[i].folder, rows[i].header, said, sizeof(said));
        assert_string_equal(said, expected);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_is_below_is_included) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
