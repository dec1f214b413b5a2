/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath compare with a tree and a patch, as far as it comes without a tree of a hypervisor (tests/code/compare has
 * one): the copy that the patch is applied to.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "program.h"
#include "temporary.h"

static struct program program;

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_has(const char *path, const char *text)
{
    char found[100];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t bytes = fread(found, 1, sizeof found - 1, file);
    found[bytes] = '\0';
    assert_string_equal(found, text);
    assert_int_equal(fclose(file), 0);
}

/* Each of the comparisons has a copy of its own in place of an earlier one; the tree itself stays as it is. */
static void the_copy_is_made_anew(void **state)
{
    static const struct {
        const char *patch, *copy, *errors; /* copy: what the patched file has then */
    } rows[] = {
        { "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-int x;\n+int y;\n", "int y;\n", "tree: no Xen tree" },
        { "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-int x;\n+int z;\n", "int z;\n", "tree: no Xen tree" },
        { "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-int w;\n+int z;\n", "int x;\n", "change.patch does not apply to" },
    };
    char directory[96];

    (void)state;
    if (system("command -v patch >/dev/null") != 0)
        skip();
    (void)snprintf(directory, sizeof directory, "%s", temporary_path("tree"));
    assert_int_equal(mkdir(directory, 0777), 0);
    write_text(temporary_path("tree/x.c"), "int x;\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_text(temporary_path("change.patch"), rows[i].patch);
        program_run_with(&program, "compare one-msi --xen %s --patch %s -o %s", directory,
                         temporary_path("change.patch"), temporary_path("out"));
        if (program.code == 0 || strstr(program.errors, rows[i].errors) == NULL)
            fail_msg("row %zu: exit %d, %s", i, program.code, program.errors);
        assert_has(temporary_path("out/tree/x.c"), rows[i].copy);
        assert_has(temporary_path("tree/x.c"), "int x;\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_copy_is_made_anew) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
