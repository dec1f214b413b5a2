/* SPDX-License-Identifier: Apache-2.0
 *
 * The plumbing of `irqpath build --linux`, with a small tree whose make does what is asked of Kbuild: when it is
 * configured, what it compiles, what is refused. tests/code/linux builds a real tree.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "code/build/build.h"
#include "code/object.h"

static const char *const makefile =
    "# comment\n"
    "VERSION = 6\n"
    "PATCHLEVEL = 1\n"
    "SUBLEVEL = 5\n"
    "EXTRAVERSION = -rc1\n"
    "defconfig:\n"
    "\t@test ! -e $(CURDIR)/bare || exit 1; mkdir -p $(O); echo defconfig >>$(O)/log; echo >$(O)/.config\n"
    "olddefconfig prepare:\n"
    "\t@echo $@ >>$(O)/log; sed -i \"/CONFIG_$$LACKS=/d\" $(O)/.config; test ! -e $(CURDIR)/broken\n"
    "info.o:\n"
    "\t@$(CC) -fPIC -c -o $(M)/$@ $(M)/info.c\n"
    "%.o:\n"
    "\t@test -e $(M)/$*.c && test -e $(M)/irqpath.h && ! grep -s wrong $(CURDIR)/fs/eventfd.c\n"
    "\t@echo 'void fs_new(void); void $*_part(void) { fs_new(); }' | $(CC) -x c -fPIC -c -o $(M)/$@ -\n";

static const char *const files[] = {
    "Kbuild",       "virt/kvm/eventfd.c",  "virt/lib/irqbypass.c",  "fs/eventfd.c",
    "fs/further.c", "kernel/sched/wait.c", "drivers/vfio/virqfd.c", "drivers/vfio/pci/vfio_pci_intrs.c"
};

struct scene {
    char directory[32], tree[64], object[64];
};

static void shell(const struct scene *scene, const char *command)
{
    char *line;

    assert_true(asprintf(&line, "cd %s && %s", scene->directory, command) > 0);
    assert_int_equal(system(line), 0);
    free(line);
}

static void write_file(const struct scene *scene, const char *name, const char *text)
{
    char path[160];
    FILE *stream;

    (void)snprintf(path, sizeof(path), "mkdir -p tree/$(dirname %s)", name);
    shell(scene, path);
    (void)snprintf(path, sizeof(path), "%s/%s", scene->tree, name);
    stream = fopen(path, "w");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
}

static int set_up(void **state)
{
    static struct scene scene;

    strcpy(scene.directory, "/tmp/irqpath-test-XXXXXX");
    assert_non_null(mkdtemp(scene.directory));
    (void)snprintf(scene.tree, sizeof(scene.tree), "%s/tree", scene.directory);
    (void)snprintf(scene.object, sizeof(scene.object), "%s/x.so", scene.directory);
    write_file(&scene, "Makefile", makefile);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        write_file(&scene, files[i], "int x;\n");
    setenv("XDG_CACHE_HOME", scene.directory, 1);
    setenv("LACKS", "", 1);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    const struct scene *scene = *state;

    shell(scene, "cd / && rm -rf \"$OLDPWD\"");
    return 0;
}

/* What the last build has said on stderr. */
static char said[4096];

static enum build_status build(const struct scene *scene, const char *names)
{
    const struct build_request request = {
        .tree = scene->tree, .files = names, .output = scene->object, .sources = SOURCE_DIR, .is_quiet = true
    };
    int saved = dup(2);
    enum build_status status;
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/said", scene->directory);
    assert_non_null(freopen(path, "w", stderr));
    status = build_linux(&request);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    said[fread(said, 1, sizeof(said) - 1, stream)] = '\0';
    fclose(stream);
    return status;
}

/* The build ends in this way and says why; the output of make is part of it. */
static void assert_fails(const struct scene *scene, const char *names, enum build_status status, const char *text)
{
    assert_int_equal(build(scene, names), status);
    if (strstr(said, text) == NULL)
        fail_msg("expected \"%s\" in: %s", text, said);
}

static void an_object_tells_what_it_is(void **state)
{
    const struct scene *scene = *state;
    struct code_object *object;
    char message[256] = "";

    assert_int_equal(build(scene, "fs/further.c"), BUILD_OK);
    object = code_object_open(scene->object, message, sizeof(message));
    assert_string_equal(message, "");
    assert_string_equal(code_object_info(object, "family"), "vfio");
    assert_string_equal(code_object_info(object, "commit"), "6.1.5-rc1");
    assert_true(code_object_has_file(object, "vfio_pci_intrs.c"));
    assert_true(code_object_has_file(object, "fs/further.c"));
    assert_non_null(code_object_symbol(object, "further_fs_further_c_part"));
    assert_non_null(code_object_symbol(object, "kernel_part"));
    code_object_close(object);
}

static void a_tree_is_configured_once(void **state)
{
    const struct scene *scene = *state;

    assert_int_equal(build(scene, NULL), BUILD_OK);
    assert_int_equal(build(scene, "all"), BUILD_OK);
    shell(scene, "test \"$(cat irqpath/*/log | tr '\\n' ' ')\" = 'defconfig olddefconfig prepare prepare '");
    shell(scene, "! find tree -newer x.so | grep -q .");
    /* What the glue asks for has changed. */
    shell(scene, "sed -i 1d irqpath/linux-*/irqpath.config");
    assert_int_equal(build(scene, NULL), BUILD_OK);
    shell(scene, "test $(cat irqpath/*/log | grep -c defconfig) = 4");
}

static void what_cannot_be_built_is_refused(void **state)
{
    const struct scene *scene = *state;
    struct scene none = *scene;

    assert_fails(scene, "fs/none.c", BUILD_UNUSABLE, "the tree has no file fs/none.c");
    (void)snprintf(none.tree, sizeof(none.tree), "%s/none", scene->directory);
    assert_fails(&none, NULL, BUILD_UNUSABLE, "no Linux tree: it has no virt/kvm/eventfd.c");
    (void)snprintf(none.tree, sizeof(none.tree), "%s", scene->directory);
    assert_fails(&none, NULL, BUILD_UNUSABLE, "no Linux tree: it has no virt/kvm/eventfd.c");
    none = *scene;
    (void)snprintf(none.object, sizeof(none.object), "%s/none/x.so", scene->directory);
    assert_fails(&none, NULL, BUILD_FAILED, "none/x.so");
    setenv("XDG_CACHE_HOME", "/dev/null", 1);
    assert_fails(scene, NULL, BUILD_IO, "Not a directory (XDG_CACHE_HOME names another place)");
    setenv("XDG_CACHE_HOME", scene->directory, 1);
    write_file(scene, "fs/eventfd.c", "wrong\n");
    assert_fails(scene, NULL, BUILD_FAILED, "wrong\n");
    write_file(scene, "broken", "");
    assert_fails(scene, NULL, BUILD_FAILED, "prepare] Error 1");
    write_file(scene, ".config", "");
    assert_fails(scene, NULL, BUILD_UNUSABLE, "a kernel has been built in this tree (.config)");
}

static void a_configuration_must_have_what_is_needed(void **state)
{
    const struct scene *scene = *state;

    write_file(scene, "bare", "");
    assert_fails(scene, NULL, BUILD_FAILED, "cannot be configured in");
    shell(scene, "rm tree/bare");
    setenv("LACKS", "KCSAN", 1);
    assert_fails(scene, NULL, BUILD_FAILED, "the configuration cannot have CONFIG_KCSAN=y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_object_tells_what_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tree_is_configured_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_built_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_configuration_must_have_what_is_needed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
