/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles files of a Linux tree and the glue by the tree's own build, with CONFIG_KCSAN, and links them to one object.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/build/build.h"
#include "code/build/compiler.h"
#include "code/build/linux_tree.h"
#include "code/build/programs.h"
#include "code/build/report.h"
#include "code/build/workspace.h"

enum { MESSAGE_BYTES = 1024 };

/* A file of the tree, and the file of models/vfio/code that includes it. */
static const struct part {
    const char *path, *glue;
} parts[] = {
    { "drivers/vfio/pci/vfio_pci_intrs.c", "intrs" },
    { "drivers/vfio/virqfd.c", "virqfd" },
    { "virt/kvm/eventfd.c", "irqfd" },
    { "fs/eventfd.c", "eventfd" },
    { "kernel/sched/wait.c", "wait" },
    { "virt/lib/irqbypass.c", "irqbypass" },
};
enum { PARTS = sizeof(parts) / sizeof(*parts) };

/* Of the glue, without the files that include one of the tree. */
static const char *const others[] = { "Kbuild", "pre.h", "irqpath_linux.h", "kernel.c" };

static const char link_flags[] = "-shared -nostdlib -Wl,--hash-style=sysv -Wl,--build-id=sha1 -Wl,-z,noexecstack "
                                 "-Wl,-z,norelro -Wl,-z,separate-code -Wl,-z,text -Wl,-Bsymbolic -Wl,--emit-relocs";

struct build {
    const struct build_request *request;
    struct linux_tree tree;
    struct compiler compiler;
    struct words files;           /* of the tree */
    struct words inputs, objects; /* as report.h has them */
    struct words targets;         /* of make */
    char *folder;                 /* of the files that make compiles, below tree.out */
};

/* --- which files --- */

static bool add_file(struct build *build, const char *path, char *message)
{
    char *full;
    bool exists;

    for (size_t i = 0; i < build->files.count; i++)
        if (!strcmp(build->files.items[i], path))
            return true;
    CHECK(asprintf(&full, "%s/%s", build->tree.root, path) > 0);
    exists = file_exists(full);
    free(full);
    if (exists)
        words_add(&build->files, "%s", path);
    else
        snprintf(message, MESSAGE_BYTES, "%s: the tree has no file %s", build->tree.root, path);
    return exists;
}

/* The parts need each other; --files adds to them. */
static bool select_files(struct build *build, char *message)
{
    struct words names = { 0 };
    bool is_good = true;

    for (size_t i = 0; i < PARTS && is_good; i++)
        is_good = add_file(build, parts[i].path, message);
    if (build->request->files && strcmp(build->request->files, "all") != 0)
        words_split(&names, build->request->files, ",");
    for (size_t i = 0; i < names.count && is_good; i++)
        is_good = add_file(build, names.items[i], message);
    words_free(&names);
    return is_good;
}

/* --- the folder that make compiles --- */

/* Writes the file unless it has this text, so that make does not compile it again. */
static bool update(const struct build *build, const char *name, const char *text)
{
    char *path, *old;
    bool is_same;

    CHECK(asprintf(&path, "%s/%s", build->folder, name) > 0);
    old = file_read(path);
    is_same = (old && !strcmp(old, text)) || workspace_write("", path + 1, text); /* with its folders */
    free(path);
    free(old);
    return is_same;
}

static bool copy(const struct build *build, const char *folder, const char *name)
{
    char *path, *text;
    bool is_copied;

    CHECK(asprintf(&path, "%s/%s/%s", build->request->sources, folder, name) > 0);
    text = file_read(path);
    is_copied = text && update(build, name, text);
    free(path);
    free(text);
    return is_copied;
}

static void add_object(struct build *build, const char *name, const char *input)
{
    words_add(&build->targets, "%s.o", name);
    words_add(&build->objects, "%s/%s.o", build->folder, name);
    words_add(&build->inputs, "%s", input);
}

static bool add_parts(struct build *build)
{
    bool is_good = true;

    for (size_t i = 0; i < PARTS && is_good; i++) {
        char name[64];

        snprintf(name, sizeof(name), "%s.c", parts[i].glue);
        is_good = copy(build, "models/vfio/code", name);
        add_object(build, parts[i].glue, parts[i].path);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others) && is_good; i++)
        is_good = copy(build, "models/vfio/code", others[i]);
    add_object(build, "kernel", "models/vfio/code/kernel.c");
    return is_good && copy(build, "sim/code/abi", "irqpath.h");
}

/* A file that includes one of the tree. */
static bool add_further(struct build *build, const char *path)
{
    char *name, *text, *file;
    bool is_good;

    CHECK(asprintf(&name, "further_%s", path) > 0);
    for (char *at = name; *at; at++)
        *at = *at == '/' || *at == '.' ? '_' : *at;
    CHECK(asprintf(&file, "%s.c", name) > 0);
    CHECK(asprintf(&text, "#include \"%s\"\n", path) > 0);
    is_good = update(build, file, text);
    add_object(build, name, path);
    free(name);
    free(text);
    free(file);
    return is_good;
}

static bool add_info(struct build *build)
{
    char *files = words_join(&build->files);
    const struct report_info info = {
        .family = "vfio",
        .compiler = build->compiler.version,
        .flags = "those of the tree's build with models/vfio/code/irqpath.config",
        .tree = build->tree.root,
        .commit = build->tree.version,
        .files = files,
    };
    bool is_written = report_write_info(&info, build->folder, "info.c");

    add_object(build, "info", "info.c");
    free(files);
    return is_written;
}

static bool fill_folder(struct build *build)
{
    bool is_good;

    CHECK(asprintf(&build->folder, "%s/irqpath", build->tree.out) > 0);
    is_good = add_parts(build);
    for (size_t i = PARTS; i < build->files.count && is_good; i++)
        is_good = add_further(build, build->files.items[i]);
    return is_good && add_info(build);
}

/* --- the object --- */

static bool link_object(const struct build *build)
{
    struct program program = { 0 };
    bool is_linked;

    words_add_all(&program.arguments, &build->compiler.command);
    words_split(&program.arguments, link_flags, " ");
    words_add(&program.arguments, "-Wl,-T,%s/models/vfio/code/discard.lds", build->request->sources);
    words_add(&program.arguments, "-o");
    words_add(&program.arguments, "%s", build->request->output);
    words_add_all(&program.arguments, &build->objects);
    programs_run(&program, 1, 1);
    fputs(program.output, stderr);
    is_linked = program.status == 0;
    program_free(&program);
    return is_linked;
}

static void report(const struct build *build)
{
    const struct report report = {
        .inputs = &build->inputs,
        .objects = &build->objects,
        .output = build->request->output,
        .glue = "models/vfio/code/kernel.c",
        .sources = build->request->sources,
        .unreached = "models/vfio/code/unreached",
        .is_quiet = build->request->is_quiet,
    };

    report_undefined(&report);
}

static enum build_status compile(struct build *build, char *message)
{
    if (!fill_folder(build)) {
        snprintf(message, MESSAGE_BYTES, "%s: %s", build->folder, strerror(errno));
        return BUILD_IO;
    }
    if (!linux_tree_make(&build->tree, &build->compiler, build->folder, &build->targets) || !link_object(build))
        return BUILD_FAILED;
    report(build);
    return BUILD_OK;
}

static enum build_status run(struct build *build, char *message)
{
    const struct build_request *request = build->request;
    char *fragment;
    bool is_ready;

    if (!linux_tree_open(&build->tree, request->tree, message, MESSAGE_BYTES) || !select_files(build, message) ||
        !compiler_find(&build->compiler, request->compiler, request->optimise, message, MESSAGE_BYTES))
        return BUILD_UNUSABLE;
    if (!linux_tree_lock(&build->tree, &build->compiler, message, MESSAGE_BYTES))
        return BUILD_IO;
    CHECK(asprintf(&fragment, "%s/models/vfio/code/irqpath.config", request->sources) > 0);
    is_ready = linux_tree_prepare(&build->tree, &build->compiler, fragment, request->is_quiet, message, MESSAGE_BYTES);
    free(fragment);
    return is_ready ? compile(build, message) : BUILD_FAILED;
}

enum build_status build_linux(const struct build_request *request)
{
    char message[MESSAGE_BYTES] = "";
    struct build build = { .request = request, .tree = { .lock = -1 } };
    enum build_status status = run(&build, message);

    if (*message)
        fprintf(stderr, "irqpath build: error: %s\n", message);
    linux_tree_close(&build.tree);
    compiler_free(&build.compiler);
    words_free(&build.files);
    words_free(&build.inputs);
    words_free(&build.objects);
    words_free(&build.targets);
    free(build.folder);
    return status;
}
