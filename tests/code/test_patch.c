/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of unified differences, from files and of two trees, and whether they have run.
 */
#define _GNU_SOURCE
#include "code/patch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "code/code_sample.h"

/* "NAME:1,2 NAME:..." */
static void check_patch(const struct patch *patch, const char *expected)
{
    char got[512] = "";
    size_t length = 0;

    for (size_t i = 0; i < patch->file_count; i++) {
        length += (size_t)sprintf(got + length, "%s%s:", i > 0 ? " " : "", patch->files[i].name);
        for (size_t j = 0; j < patch->files[i].line_count; j++)
            length += (size_t)sprintf(got + length, "%s%u", j > 0 ? "," : "", patch->files[i].lines[j]);
    }
    assert_string_equal(got, expected);
}

static void test_files(void **state)
{
    static const struct {
        const char *text, *expected; /* NULL: refused */
    } cases[] = {
        { "diff --git a/x/a.c b/x/a.c\nindex 1..2 100644\n--- a/x/a.c\n+++ b/x/a.c\n@@ -3,4 +3,5 @@ int f(void)\n "
          "a\n-b\n"
          "+B\n+C\n c\n d\n",
          "x/a.c:4,5" },
        { "--- a.c.orig\t2024-01-01 00:00:00\n+++ b/a.c\t2024-01-01 00:00:00\n@@ -1 +1 @@\n-x\n+y\n", "b/a.c:1" },
        { "--- a/a.c\n+++ b/a.c\n@@ -5,3 +5,2 @@\n x\n-y\n z\n", "a.c:6" },
        { "--- a/a.c\n+++ b/a.c\n@@ -5,2 +4,0 @@\n-x\n-y\n@@ -9,0 +8,2 @@\n+p\n+q\n", "a.c:5,8,9" },
        { "--- a/a.c\n+++ b/a.c\n@@ -1,2 +1,3 @@\n x\n+--- not a header\n\n\\ No newline at end of file\n", "a.c:2" },
        { "--- a/a.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1,2 @@\n+x\n+y\n",
          "n.c:1,2" },
        { "From: someone\nSubject: words @@ -1 +1 @@ only\n", NULL },
        { "", NULL },
    };
    struct sample sample;
    struct patch patch;
    char path[64], message[200];

    (void)state;
    sample_new(&sample);
    snprintf(path, sizeof(path), "%s/x.patch", sample.directory);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        sample_write(&sample, "x.patch", cases[i].text);
        assert_int_equal(patch_open(&patch, path, message, sizeof(message)), cases[i].expected != NULL);
        if (cases[i].expected != NULL)
            check_patch(&patch, cases[i].expected);
        else
            assert_non_null(strstr(message, "no unified difference"));
        patch_free(&patch);
    }
    assert_false(patch_open(&patch, "/nowhere/x.patch", message, sizeof(message)));
    assert_non_null(strstr(message, "/nowhere/x.patch: No such file"));
    patch_free(&patch);
    sample_remove(&sample);
}

static void test_trees(void **state)
{
    struct sample sample;
    struct patch patch;
    char old_tree[64], new_tree[64], message[200];

    (void)state;
    sample_new(&sample);
    snprintf(old_tree, sizeof(old_tree), "%s/old", sample.directory);
    snprintf(new_tree, sizeof(new_tree), "%s/new", sample.directory);
    sample_write(&sample, "old/x/a.c", "1\n2\n3\n4\n");
    sample_write(&sample, "new/x/a.c", "1\n3\n4\n5\n");
    sample_write(&sample, "old/b.c", "same\n");
    sample_write(&sample, "new/b.c", "same\n");
    sample_write(&sample, "new/c.c", "new\n");
    assert_true(patch_compare(&patch, old_tree, new_tree, "x/a.c b.c  c.c", message, sizeof(message)));
    assert_int_equal(patch.file_count, 2);
    assert_non_null(strstr(patch.files[0].name, "/new/x/a.c"));
    assert_int_equal(patch.files[0].line_count, 2);
    assert_int_equal(patch.files[0].lines[0], 2);
    assert_int_equal(patch.files[0].lines[1], 4);
    assert_int_equal(patch.files[1].lines[0], 1);
    patch_free(&patch);
    sample_remove(&sample);
}

static void test_coverage(void **state)
{
    struct coverage_line lines[] = { { .line = 4, .is_reached = true },
                                     { .line = 5 },
                                     { .line = 7 },
                                     { .line = 8, .is_reached = true },
                                     { .line = 9 } };
    struct coverage_line merged[] = { { .line = 10, .is_reached = true }, { .line = 11 } };
    struct coverage_file file = {
        .name = "xen/x/hvm.c", .lines = lines, .line_count = 5, .merged = merged, .merged_count = 2
    };
    struct coverage coverage = { &file, 1 };
    static const struct {
        const char *name;
        uint32_t from, to;
        const char *expected;
    } cases[] = {
        { "xen/x/hvm.c", 4, 9, "changed lines reached: 2 of 5; not reached: hvm.c:5-7, hvm.c:9\n" },
        { "x/hvm.c", 5, 6, "changed lines reached: 0 of 1; not reached: hvm.c:5: nothing of the patch has run\n" },
        { "x/hvm.c", 10, 10,
          "changed lines reached: 0 of 1; merged into others by the compiler: hvm.c:10: nothing of the patch is known "
          "to "
          "have run\n" },
        { "x/hvm.c", 8, 11,
          "changed lines reached: 1 of 4; not reached: hvm.c:9, hvm.c:11; merged into others by the compiler: "
          "hvm.c:10\n" },
        { "/tmp/new/xen/x/hvm.c", 8, 8, "changed lines reached: 1 of 1\n" },
        { "hvm.c", 1, 3, "changed lines: 3, none of which has code in the object\n" },
        { "vm.c", 1, 9, "changed lines: 9, none of which has code in the object\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint32_t changed[16];
        char name[64], *printed;
        size_t bytes;
        struct patch_file one = { .name = strcpy(name, cases[i].name), .lines = changed };
        struct patch patch = { &one, 1 };
        for (uint32_t line = cases[i].from; line <= cases[i].to; line++)
            changed[one.line_count++] = line;
        FILE *stream = open_memstream(&printed, &bytes);
        patch_print(&patch, &coverage, stream);
        fclose(stream);
        assert_string_equal(printed, cases[i].expected);
        free(printed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
