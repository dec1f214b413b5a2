/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles files of a Xen tree and the glue, and links them to one object.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "code/build/build.h"
#include "code/build/compiler.h"
#include "code/build/programs.h"
#include "code/build/report.h"
#include "code/build/workspace.h"
#include "code/build/xen_tree.h"

enum { MESSAGE_BYTES = 1024 };

/* A file that is compiled, and when. The tree's own are candidates, relative to its root; the glue lies in
 * models/xen/code. All but GLUE are instrumented; of helpers, what nobody uses is left out. */
struct row {
    const char *path;
    enum xen_part part; /* XEN_PARTS: always */
    bool is_absent;     /* when the part is not selected, and the dPCI code is */
    enum { TREE_HELPER, GLUE, GLUE_SEEN, GLUE_HELPER } kind;
};

static const struct row rows[] = {
    { "xen/common/radix-tree.c xen/lib/radix-tree.c", XEN_DPCI, false, TREE_HELPER },
    { "xen/common/bitmap.c xen/lib/bitmap.c", XEN_PARTS, false, TREE_HELPER },
    { "glue_boot.c", XEN_PARTS, false, GLUE },
    { "glue_locks.c", XEN_PARTS, false, GLUE },
    { "glue_names.c", XEN_PARTS, false, GLUE },
    { "seen_memory.c", XEN_PARTS, false, GLUE_SEEN },
    { "glue_tasklet.c", XEN_TASKLET, false, GLUE },
    { "seen_tasklet.c", XEN_TASKLET, false, GLUE_SEEN },
    { "glue_dpci.c", XEN_DPCI, false, GLUE },
    { "glue_dpci_calls.c", XEN_DPCI, false, GLUE },
    { "seen_clean.c", XEN_DPCI, false, GLUE_HELPER },
    { "glue_softirq.c", XEN_SOFTIRQ, false, GLUE },
    { "seen_softirq.c", XEN_SOFTIRQ, false, GLUE_SEEN },
    { "glue_no_softirq.c", XEN_SOFTIRQ, true, GLUE },
    { "glue_vmsi.c", XEN_VMSI, false, GLUE },
    { "glue_no_vmsi.c", XEN_VMSI, true, GLUE },
    { "glue_irq.c", XEN_IRQ, false, GLUE },
    { "seen_irq.c", XEN_IRQ, false, GLUE_SEEN },
    { "glue_no_irq.c", XEN_IRQ, true, GLUE },
};

struct build {
    const struct build_request *request;
    struct xen_tree tree;
    bool is_selected[XEN_PARTS];
    struct compiler compiler;
    struct words common; /* flags of every file */
    char *workspace;
    struct program *programs;
    struct words inputs, objects; /* of each program */
    struct words files;           /* the tree's, without xen/ */
};

static const char *const part_names[XEN_PARTS] = { "TASKLET", "DPCI", "SOFTIRQ", "VMSI", "IRQ" };

static void add_include(struct build *build, const char *format, const char *first, const char *second)
{
    char *path;

    CHECK(asprintf(&path, "%s%s", first, second) > 0);
    words_add(&build->common, format, path);
    free(path);
}

/* Headers: the shim's first, then the tree's own, then what the tree's build would have made. */
static void add_headers(struct build *build)
{
    const char *sources = build->request->sources, *folder = build->tree.asm_folder;

    words_add(&build->common, "-I%s/models/xen/code/include", sources);
    words_add(&build->common, "-I%s/models/xen/code", sources);
    words_add(&build->common, "-I%s/sim/code/abi", sources);
    words_split(&build->common, "-iquote . -Ixen/include", " ");
    if (build->tree.headers)
        words_add(&build->common, "-I%s", build->tree.headers);
    else
        words_add(&build->common, "-I%s/links", build->workspace);
    words_add(&build->common, "-I%s/generated", build->workspace);
    add_include(build, "-I%s", folder, "/mach-generic");
    add_include(build, "-I%s", folder, "/mach-default");
    words_split(&build->common, "-include generated/autoconf.h -include xen/include/xen/config.h", " ");
    words_add(&build->common, "-ffile-prefix-map=%s/links/asm=%s", build->workspace, folder);
    words_add(&build->common, "-ffile-prefix-map=%s/generated=generated", build->workspace);
    words_add(&build->common, "-ffile-prefix-map=%s=irqpath", sources);
    words_add(&build->common, "-ffile-prefix-map=%s=.", build->tree.root);
}

/* Headers that the tree's build makes: <asm/X.h> for each <asm-generic/X.h> that the architecture lacks. */
static bool make_generic(struct build *build, const char *name)
{
    char *path, text[512];
    bool is_good = true;

    CHECK(asprintf(&path, "%s/%s/%s", build->tree.root, build->tree.asm_folder, name) > 0);
    if (!file_exists(path)) {
        free(path);
        CHECK(asprintf(&path, "generated/asm/%s", name) > 0);
        snprintf(text, sizeof(text), "#include <asm-generic/%s>\n", name);
        is_good = workspace_write(build->workspace, path, text);
    }
    free(path);
    return is_good;
}

static bool make_headers(struct build *build)
{
    char *path, *target;
    struct dirent *entry;
    bool is_good = workspace_write(build->workspace, "links/none", "");
    DIR *stream;

    CHECK(asprintf(&path, "%s/links/asm", build->workspace) > 0);
    CHECK(asprintf(&target, "%s/%s", build->tree.root, build->tree.asm_folder) > 0);
    is_good = is_good && symlink(target, path) == 0;
    free(path);
    free(target);
    CHECK(asprintf(&path, "%s/xen/include/asm-generic", build->tree.root) > 0);
    stream = opendir(path);
    while (is_good && stream && (entry = readdir(stream)) != NULL)
        if (entry->d_name[0] != '.' && strstr(entry->d_name, ".h"))
            is_good = make_generic(build, entry->d_name);
    if (stream)
        closedir(stream);
    free(path);
    return is_good;
}

static bool is_wanted(const struct build *build, const struct row *row)
{
    if (row->part == XEN_PARTS)
        return true;
    if (!row->is_absent)
        return build->is_selected[row->part];
    return !build->is_selected[row->part] && (row->part == XEN_SOFTIRQ || build->is_selected[XEN_DPCI]);
}

static void add_program(struct build *build, const char *input, bool is_seen, bool is_helper)
{
    struct words *arguments;

    build->programs = realloc(build->programs, (build->objects.count + 1) * sizeof(*build->programs));
    CHECK(build->programs != NULL);
    build->programs[build->objects.count] = (struct program){ .directory = build->tree.root };
    arguments = &build->programs[build->objects.count].arguments;
    compiler_start(&build->compiler, arguments);
    if (is_seen)
        compiler_add_instrumentation(&build->compiler, arguments);
    if (is_helper)
        words_split(arguments, "-fvisibility=hidden -ffunction-sections", " ");
    words_add_all(arguments, &build->common);
    if (!is_helper)
        words_split(arguments, "-include irqpath/visible.h", " ");
    words_add(arguments, "%s", input);
    words_add(arguments, "-o");
    words_add(&build->inputs, "%s", input);
    words_add(&build->objects, "%s/%zu.o", build->workspace, build->objects.count);
    words_add(arguments, "%s", build->objects.items[build->objects.count - 1]);
}

static void add_rows(struct build *build)
{
    for (size_t part = 0; part < XEN_PARTS; part++) {
        if (build->is_selected[part]) {
            add_program(build, build->tree.paths[part], true, false);
            words_add(&build->files, "%s", build->tree.paths[part] + strlen("xen/"));
        }
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char path[4096];

        if (!is_wanted(build, &rows[i]))
            continue;
        if (rows[i].kind != TREE_HELPER)
            snprintf(path, sizeof(path), "%s/models/xen/code/%s", build->request->sources, rows[i].path);
        else if (!xen_tree_find(&build->tree, rows[i].path, path, sizeof(path)))
            continue;
        add_program(build, path, rows[i].kind != GLUE, rows[i].kind == TREE_HELPER || rows[i].kind == GLUE_HELPER);
    }
}

/* The section .irqpath. */
static bool add_info(struct build *build)
{
    char *files = words_join(&build->files), *version = xen_tree_version(&build->tree);
    char *flags = compiler_flags(&build->compiler), *path;
    const struct report_info info = {
        .family = "xen",
        .compiler = build->compiler.version,
        .flags = flags,
        .tree = build->tree.root,
        .commit = version,
        .files = files,
    };
    bool is_written = report_write_info(&info, build->workspace, "generated/info.c");

    CHECK(asprintf(&path, "%s/generated/info.c", build->workspace) > 0);
    add_program(build, path, false, false);
    free(path);
    free(files);
    free(version);
    free(flags);
    return is_written;
}

static bool prepare(struct build *build, char *message)
{
    char *list;
    bool is_good;

    CHECK(asprintf(&list, "%s/models/xen/code/features", build->request->sources) > 0);
    words_split(&build->common, "-nostdinc -std=gnu99 -D__XEN__", " ");
    for (size_t part = 0; part < XEN_PARTS; part++)
        if (build->is_selected[part])
            words_add(&build->common, "-DIRQPATH_WITH_%s", part_names[part]);
    is_good = xen_tree_features(&build->tree, list, &build->common);
    if (!is_good)
        snprintf(message, MESSAGE_BYTES, "%s: %s", list, strerror(errno));
    free(list);
    if (is_good) {
        add_headers(build);
        add_rows(build);
        is_good = make_headers(build) && add_info(build);
        if (!is_good)
            snprintf(message, MESSAGE_BYTES, "%s: %s", build->workspace, strerror(errno));
    }
    return is_good;
}

static enum build_status compile_and_link(struct build *build)
{
    const struct report report = {
        .inputs = &build->inputs,
        .objects = &build->objects,
        .output = build->request->output,
        .glue = "models/xen/code",
        .is_quiet = build->request->is_quiet,
    };

    programs_run(build->programs, build->objects.count, 0);
    for (size_t i = 0; i < build->objects.count; i++)
        fputs(build->programs[i].output, stderr);
    for (size_t i = 0; i < build->objects.count; i++)
        if (build->programs[i].status != 0)
            return BUILD_FAILED;
    if (!compiler_link(&build->compiler, &build->objects, build->request->output))
        return BUILD_FAILED;
    report_undefined(&report);
    return BUILD_OK;
}

static enum build_status run(struct build *build, char *message)
{
    const struct build_request *request = build->request;
    const char *names = request->files ? request->files : build->tree.paths[XEN_DPCI] ? "tasklet.c,hvm.c" : "tasklet.c";
    enum build_status status = BUILD_IO;

    if (!request->files && build->tree.paths[XEN_DPCI] && strstr(build->tree.paths[XEN_DPCI], "io.c"))
        names = "tasklet.c,io.c";
    if (!xen_tree_select(&build->tree, names, build->is_selected, message, MESSAGE_BYTES) ||
        !compiler_find(&build->compiler, request->compiler, request->optimise, message, MESSAGE_BYTES))
        return BUILD_UNUSABLE;
    build->workspace = workspace_make();
    if (!build->workspace) {
        snprintf(message, MESSAGE_BYTES, "no temporary folder can be made: %s", strerror(errno));
        return BUILD_IO;
    }
    if (prepare(build, message))
        status = compile_and_link(build);
    workspace_remove(build->workspace);
    return status;
}

enum build_status build_xen(const struct build_request *request)
{
    char message[MESSAGE_BYTES] = "";
    struct build build = { .request = request };
    enum build_status status = BUILD_UNUSABLE;

    if (xen_tree_open(&build.tree, request->tree, message, sizeof(message)))
        status = run(&build, message);
    if (*message)
        fprintf(stderr, "irqpath build: error: %s\n", message);
    for (size_t i = 0; i < build.objects.count; i++)
        program_free(&build.programs[i]);
    free(build.programs);
    free(build.workspace);
    compiler_free(&build.compiler);
    words_free(&build.common);
    words_free(&build.inputs);
    words_free(&build.objects);
    words_free(&build.files);
    xen_tree_close(&build.tree);
    return status;
}
