/* SPDX-License-Identifier: Apache-2.0
 *
 * What `irqpath build --qemu` reads of a tree and refuses, with trees of a few small files. tests/code/qemu builds a
 * real one.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "code/build/build.h"
#include "code/build/qemu_tree.h"
#include "code/build/workspace.h"

#define FILES_MAX 6
#define HEADER \
    { \
        "include/qemu/osdep.h", "" \
    }
#define CODE \
    { \
        "hw/i386/kvm/xen_evtchn.c", "uint16_t val;\n" \
    }

struct file {
    const char *name, *text;
};

struct row {
    struct file files[FILES_MAX];
    const char *message; /* part of it; NULL: the tree is good */
    const char *version;
    bool has_type_val;
};

static const struct row rows[] = {
    { { { "README", "" } }, "no QEMU tree", NULL, false },
    { { HEADER, { "VERSION", "7.2.0\n" } }, "QEMU 8.0 or later is needed", NULL, false },
    { { HEADER, CODE, { "VERSION", "8.2.1\n" } }, NULL, "8.2.1", false },
    { { HEADER, CODE, { "VERSION", "8.2.1\n" }, { "debian/changelog", "qemu (1:8.2.1-2) stable; urgency=low\n" } },
      NULL,
      "1:8.2.1-2",
      false },
    { { HEADER, CODE }, NULL, "unknown", false },
    { { HEADER, { "hw/i386/kvm/xen_evtchn.c", "uint16_t type_val;\n" }, { "VERSION", "8.0.0\n" } },
      NULL,
      "8.0.0",
      true },
};

static char *tree_new(const struct file *files)
{
    char *folder = workspace_make();

    assert_non_null(folder);
    for (size_t i = 0; i < FILES_MAX && files[i].name != NULL; i++)
        assert_true(workspace_write(folder, files[i].name, files[i].text));
    return folder;
}

static void tree_drop(char *folder)
{
    workspace_remove(folder);
    free(folder);
}

static bool host_has_programs(void)
{
    return system("python3 --version >/dev/null 2>&1 && pkg-config --exists glib-2.0 >/dev/null 2>&1") == 0;
}

static void a_tree_tells_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *folder = tree_new(rows[i].files), message[400] = "";
        struct qemu_tree tree;
        bool is_good = qemu_tree_open(&tree, folder, message, sizeof(message));

        if (rows[i].message != NULL ? is_good || !strstr(message, rows[i].message) : is_good != host_has_programs())
            fail_msg("row %zu: %s", i, message);
        if (rows[i].version != NULL)
            assert_string_equal(tree.version, rows[i].version);
        assert_true(tree.has_type_val == rows[i].has_type_val);
        qemu_tree_close(&tree);
        tree_drop(folder);
    }
}

/* Messages are what the test expects, and noise in its output. */
static enum build_status build(const char *tree, const char *files)
{
    const struct build_request request = {
        .tree = tree, .files = files, .output = "/dev/null", .sources = SOURCE_DIR, .is_quiet = true
    };
    int saved = dup(2);
    enum build_status status;

    assert_non_null(freopen("/dev/null", "w", stderr));
    status = build_qemu(&request);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    return status;
}

static void what_cannot_be_built_is_told_apart(void **state)
{
    static const struct file files[FILES_MAX] = { HEADER, CODE, { "scripts/qapi-gen.py", "raise SystemExit(1)\n" } };
    char *folder = tree_new(files);

    (void)state;
    assert_int_equal(build("/nonexistent", NULL), BUILD_UNUSABLE);
    assert_int_equal(build(folder, "ioapic.c"), BUILD_UNUSABLE);
    assert_int_equal(build(folder, NULL), host_has_programs() ? BUILD_FAILED : BUILD_UNUSABLE);
    tree_drop(folder);
}

/* A python3 whose scripts put a file in the place of the build's folder. */
static void a_folder_that_cannot_be_written_is_named(void **state)
{
    static const struct file files[FILES_MAX] = { HEADER, CODE };
    static const struct file programs[FILES_MAX] = {
        { "pkg-config", "#!/bin/sh\n" },
        { "python3", "#!/bin/sh\nfor last; do :; done\nfolder=${last%/generated/*}\n"
                     "[ $# = 1 ] || { rm -rf \"$folder\" && : >\"$folder\"; }\n" },
    };
    char *tree = tree_new(files), *folder = tree_new(programs), *old_path = strdup(getenv("PATH")), *path;
    char text[600] = "";
    const struct build_request request = {
        .tree = tree, .output = "/dev/null", .sources = SOURCE_DIR, .is_quiet = true
    };
    int ends[2], saved = dup(2);

    (void)state;
    for (size_t i = 0; programs[i].name != NULL; i++) {
        assert_true(asprintf(&path, "%s/%s", folder, programs[i].name) > 0);
        assert_int_equal(chmod(path, 0755), 0);
        free(path);
    }
    assert_true(asprintf(&path, "%s:%s", folder, old_path) > 0);
    assert_int_equal(pipe(ends), 0);
    setenv("PATH", path, 1);
    dup2(ends[1], 2);
    enum build_status status = build_qemu(&request);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    close(ends[1]);
    setenv("PATH", old_path, 1);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    close(ends[0]);
    assert_int_equal(status, BUILD_IO);
    assert_non_null(strstr(text, ": Not a directory\n"));
    free(old_path);
    free(path);
    tree_drop(tree);
    tree_drop(folder);
}

/* Generated headers come before the tree's, and paths of neither folder go into an object. */
static void flags_are_of_the_tree_and_the_folder(void **state)
{
    static const char *const first = "-std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_LARGEFILE_SOURCE "
                                     "-D_FORTIFY_SOURCE=0 -Wno-shift-negative-value -DNEED_CPU_H "
                                     "-DCOMPILING_PER_TARGET -DCONFIG_TARGET=\"config-target.h\" "
                                     "-DCONFIG_DEVICES=\"config-devices.h\" ",
                             *const last = "-I/f/generated -I/t -I/t/include -I/t/target/i386 -I/t/host/include/x86_64 "
                                           "-I/t/host/include/generic -isystem/t/linux-headers -I/g -DG "
                                           "-ffile-prefix-map=/f/generated=generated -ffile-prefix-map=/t=.";

    (void)state;
    for (int has_type_val = 0; has_type_val < 2; has_type_val++) {
        struct qemu_tree tree = { .root = (char *)"/t", .has_type_val = has_type_val };
        struct words flags = { 0 };
        char expected[1024];

        words_split(&tree.glib, "-I/g -DG", " ");
        qemu_tree_add_flags(&tree, "/f", &flags);
        char *joined = words_join(&flags);
        (void)snprintf(expected, sizeof(expected), "%s%s%s", first, has_type_val ? "-DIRQPATH_HAS_TYPE_VAL " : "",
                       last);
        assert_string_equal(joined, expected);
        free(joined);
        words_free(&flags);
        words_free(&tree.glib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_are_of_the_tree_and_the_folder),
        cmocka_unit_test(a_tree_tells_what_it_is),
        cmocka_unit_test(what_cannot_be_built_is_told_apart),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
