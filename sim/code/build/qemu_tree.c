/* SPDX-License-Identifier: Apache-2.0
 *
 * What a QEMU tree has. Its configuration is a few lines, written here; its own scripts make the rest of the headers.
 */
#define _GNU_SOURCE
#include "code/build/qemu_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "code/build/programs.h"
#include "code/build/workspace.h"

const char qemu_tree_file[] = "hw/i386/kvm/xen_evtchn.c";

static const struct generated {
    const char *name, *text;
} configuration[] = {
    { "generated/config-host.h", "#define CONFIG_POSIX 1\n"
                                 "#define CONFIG_LINUX 1\n"
                                 "#define CONFIG_EVENTFD 1\n"
                                 "#define CONFIG_IOVEC 1\n"
                                 "#define HAVE_GETLOADAVG_FUNCTION 1\n"
                                 "#define HOST_X86_64 1\n" },
    { "generated/config-target.h", "#define TARGET_X86_64 1\n"
                                   "#define TARGET_I386 1\n"
                                   "#define TARGET_NAME \"x86_64\"\n"
                                   "#define TARGET_LONG_BITS 64\n"
                                   "#define TARGET_BIG_ENDIAN 0\n"
                                   "#define TARGET_SUPPORTS_MTTCG 1\n"
                                   "#define CONFIG_SOFTMMU 1\n"
                                   "#define CONFIG_SYSTEM_ONLY 1\n"
                                   "#define CONFIG_KVM 1\n" },
    { "generated/config-devices.h", "#define CONFIG_XEN_EMU 1\n" },
    { "generated/qapi/none", "" },
    { "generated/trace/none", "" },
};

/* --- opening --- */

static char *path_in(const char *root, const char *name)
{
    char *path;

    CHECK(asprintf(&path, "%s/%s", root, name) > 0);
    return path;
}

static bool has(const struct qemu_tree *tree, const char *name)
{
    char *path = path_in(tree->root, name);
    bool exists = file_exists(path);

    free(path);
    return exists;
}

/* The text between the first `from` of a file of the tree and what ends it; NULL: none. The caller frees it. */
static char *text_of(const struct qemu_tree *tree, const char *name, const char *from, const char *end)
{
    char *path = path_in(tree->root, name), *text = file_read(path), *found = NULL;
    const char *start = text ? strstr(text, from) : NULL;

    if (start) {
        start += strlen(from);
        found = text_copy_bytes(start, strcspn(start, end));
    }
    free(path);
    free(text);
    return found;
}

static char *version_of(const struct qemu_tree *tree)
{
    struct program git = { .directory = tree->root };
    char *version = NULL;

    words_split(&git.arguments, "git describe --always --dirty", " ");
    if (has(tree, ".git")) {
        programs_run(&git, 1, 1);
        if (git.status == 0)
            CHECK(asprintf(&version, "%.*s", (int)strcspn(git.output, "\n"), git.output) >= 0);
    }
    program_free(&git);
    version = version ? version : text_of(tree, "debian/changelog", "(", ")");
    version = version ? version : text_of(tree, "VERSION", "", "\n");
    return version ? version : text_copy("unknown");
}

/* Whether the command runs; its output is split into words. */
static bool runs(const char *command, struct words *output)
{
    struct program program = { 0 };
    bool is_good;

    words_split(&program.arguments, command, " ");
    programs_run(&program, 1, 1);
    is_good = program.status == 0;
    if (is_good)
        words_split(output, program.output, " \n");
    program_free(&program);
    return is_good;
}

static bool has_programs(struct qemu_tree *tree, char *message, size_t message_bytes)
{
    struct words ignored = { 0 };
    bool has_python = runs("python3 --version", &ignored);

    words_free(&ignored);
    if (!has_python)
        snprintf(message, message_bytes, "python3 is not there: QEMU's scripts, which make its headers, need it");
    else if (!runs("pkg-config --cflags glib-2.0", &tree->glib))
        snprintf(message, message_bytes,
                 "glib's headers are not there: QEMU's files need pkg-config and glib-2.0 (Debian: libglib2.0-dev)");
    else
        return true;
    return false;
}

bool qemu_tree_open(struct qemu_tree *tree, const char *path, char *message, size_t message_bytes)
{
    char *text;

    *tree = (struct qemu_tree){ .root = realpath(path, NULL) };
    if (!tree->root || !has(tree, "include/qemu/osdep.h")) {
        snprintf(message, message_bytes, "%s: no QEMU tree: it has no include/qemu/osdep.h", path);
        return false;
    }
    if (!has(tree, qemu_tree_file)) {
        snprintf(message, message_bytes, "%s: it has no %s: QEMU 8.0 or later is needed", path, qemu_tree_file);
        return false;
    }
    text = text_of(tree, qemu_tree_file, "type_val", "");
    tree->has_type_val = text != NULL;
    free(text);
    tree->version = version_of(tree);
    return has_programs(tree, message, message_bytes);
}

void qemu_tree_close(struct qemu_tree *tree)
{
    free(tree->root);
    free(tree->version);
    words_free(&tree->glib);
}

/* --- what the tree's build would make --- */

static bool run_script(const struct qemu_tree *tree, const char *command, const char *folder, const char *output)
{
    struct program program = { .directory = tree->root };
    bool is_good;

    words_split(&program.arguments, command, " ");
    words_add(&program.arguments, "%s/generated/%s", folder, output);
    programs_run(&program, 1, 1);
    is_good = program.status == 0;
    if (!is_good)
        fprintf(stderr, "%sirqpath build: error: %s in %s: exit code %d\n", program.output, command, tree->root,
                program.status);
    program_free(&program);
    return is_good;
}

/* <asm/...> are the tree's headers of x86. */
static bool link_asm(const struct qemu_tree *tree, const char *folder)
{
    char *target = path_in(tree->root, "linux-headers/asm-x86"), *path = path_in(folder, "generated/asm");
    bool is_linked = symlink(target, path) == 0;

    free(target);
    free(path);
    return is_linked;
}

enum build_status qemu_tree_generate(const struct qemu_tree *tree, const char *folder)
{
    static const char qapi[] = "python3 -B scripts/qapi-gen.py -b qapi/qapi-schema.json -o";
    static const char trace[] = "python3 -B scripts/tracetool.py --backend=nop --group=hw_i386_kvm --format=h "
                                "hw/i386/kvm/trace-events";

    for (size_t i = 0; i < sizeof(configuration) / sizeof(*configuration); i++)
        if (!workspace_write(folder, configuration[i].name, configuration[i].text))
            return BUILD_IO;
    if (!link_asm(tree, folder))
        return BUILD_IO;
    return run_script(tree, qapi, folder, "qapi") && run_script(tree, trace, folder, "trace/trace-hw_i386_kvm.h")
               ? BUILD_OK
               : BUILD_FAILED;
}

void qemu_tree_add_flags(const struct qemu_tree *tree, const char *folder, struct words *flags)
{
    static const char *const includes[] = { "", "/include", "/target/i386", "/host/include/x86_64",
                                            "/host/include/generic" };

    words_split(flags,
                "-std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_LARGEFILE_SOURCE -D_FORTIFY_SOURCE=0 "
                "-Wno-shift-negative-value",
                " ");
    /* The name of "this file is for one target" has changed. */
    words_split(flags, "-DNEED_CPU_H -DCOMPILING_PER_TARGET", " ");
    words_split(flags, "-DCONFIG_TARGET=\"config-target.h\" -DCONFIG_DEVICES=\"config-devices.h\"", " ");
    if (tree->has_type_val)
        words_add(flags, "-DIRQPATH_HAS_TYPE_VAL");
    words_add(flags, "-I%s/generated", folder);
    for (size_t i = 0; i < sizeof(includes) / sizeof(*includes); i++)
        words_add(flags, "-I%s%s", tree->root, includes[i]);
    words_add(flags, "-isystem%s/linux-headers", tree->root);
    words_add_all(flags, &tree->glib);
    words_add(flags, "-ffile-prefix-map=%s/generated=generated", folder);
    words_add(flags, "-ffile-prefix-map=%s=.", tree->root);
}
