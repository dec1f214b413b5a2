/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles the event channels of a QEMU tree and the glue, and links them to one object.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/build/build.h"
#include "code/build/compiler.h"
#include "code/build/programs.h"
#include "code/build/qemu_tree.h"
#include "code/build/report.h"
#include "code/build/workspace.h"

enum { MESSAGE_BYTES = 1024, FILES_MAX = 3 };

struct build {
    const struct build_request *request;
    struct qemu_tree tree;
    struct compiler compiler;
    char *workspace;
    struct program programs[FILES_MAX];
    struct words inputs, objects; /* of each program */
};

static void add_program(struct build *build, const char *input, const char *shown, bool is_seen)
{
    struct program *program = &build->programs[build->objects.count];
    struct words *arguments = &program->arguments;
    const char *sources = build->request->sources;

    CHECK(build->objects.count < FILES_MAX);
    *program = (struct program){ .directory = build->tree.root };
    compiler_start(&build->compiler, arguments);
    if (is_seen)
        compiler_add_instrumentation(&build->compiler, arguments);
    words_add(arguments, "-I%s/models/qemu/code", sources);
    words_add(arguments, "-I%s/sim/code/abi", sources);
    words_add(arguments, "-ffile-prefix-map=%s=irqpath", sources);
    qemu_tree_add_flags(&build->tree, build->workspace, arguments);
    words_add(arguments, "%s", input);
    words_add(arguments, "-o");
    words_add(&build->inputs, "%s", shown);
    words_add(arguments, "%s", words_add(&build->objects, "%s/%zu.o", build->workspace, build->objects.count));
}

static void add_glue(struct build *build, const char *name, const char *shown, bool is_seen)
{
    char *path;

    CHECK(asprintf(&path, "%s/models/qemu/code/%s", build->request->sources, name) > 0);
    add_program(build, path, shown ? shown : path, is_seen);
    free(path);
}

static bool add_info(struct build *build)
{
    char *flags = compiler_flags(&build->compiler), *path;
    const struct report_info info = {
        .family = "qemu",
        .compiler = build->compiler.version,
        .flags = flags,
        .tree = build->tree.root,
        .commit = build->tree.version,
        .files = qemu_tree_file,
    };
    bool is_written = report_write_info(&info, build->workspace, "generated/info.c");

    CHECK(asprintf(&path, "%s/generated/info.c", build->workspace) > 0);
    add_program(build, path, path, false);
    free(path);
    free(flags);
    return is_written;
}

static void report(const struct build *build)
{
    const struct report report = {
        .inputs = &build->inputs,
        .objects = &build->objects,
        .output = build->request->output,
        .glue = "models/qemu/code/qemu.c",
        .sources = build->request->sources,
        .unreached = "models/qemu/code/unreached",
        .is_quiet = build->request->is_quiet,
    };

    report_undefined(&report);
}

static enum build_status compile_and_link(struct build *build)
{
    programs_run(build->programs, build->objects.count, 0);
    for (size_t i = 0; i < build->objects.count; i++)
        fputs(build->programs[i].output, stderr);
    for (size_t i = 0; i < build->objects.count; i++)
        if (build->programs[i].status != 0)
            return BUILD_FAILED;
    if (!compiler_link(&build->compiler, &build->objects, build->request->output))
        return BUILD_FAILED;
    report(build);
    return BUILD_OK;
}

static enum build_status compile(struct build *build, char *message)
{
    enum build_status status = qemu_tree_generate(&build->tree, build->workspace);

    if (status == BUILD_OK) {
        add_glue(build, "evtchn.c", qemu_tree_file, true);
        add_glue(build, "qemu.c", NULL, false);
        status = add_info(build) ? compile_and_link(build) : BUILD_IO;
    }
    if (status == BUILD_IO)
        snprintf(message, MESSAGE_BYTES, "%s: %s", build->workspace, strerror(errno));
    return status;
}

static enum build_status run(struct build *build, char *message)
{
    const struct build_request *request = build->request;
    enum build_status status;

    if (!qemu_tree_open(&build->tree, request->tree, message, MESSAGE_BYTES) ||
        !compiler_find(&build->compiler, request->compiler, request->optimise, message, MESSAGE_BYTES))
        return BUILD_UNUSABLE;
    if (request->files && strcmp(request->files, "all") != 0 && strcmp(request->files, "xen_evtchn.c") != 0 &&
        strcmp(request->files, qemu_tree_file) != 0) {
        snprintf(message, MESSAGE_BYTES, "--files: of QEMU, only xen_evtchn.c can be compiled");
        return BUILD_UNUSABLE;
    }
    build->workspace = workspace_make();
    if (!build->workspace) {
        snprintf(message, MESSAGE_BYTES, "no temporary folder can be made: %s", strerror(errno));
        return BUILD_IO;
    }
    status = compile(build, message);
    workspace_remove(build->workspace);
    return status;
}

enum build_status build_qemu(const struct build_request *request)
{
    char message[MESSAGE_BYTES] = "";
    struct build build = { .request = request };
    enum build_status status = run(&build, message);

    if (*message)
        fprintf(stderr, "irqpath build: error: %s\n", message);
    for (size_t i = 0; i < build.objects.count; i++)
        program_free(&build.programs[i]);
    free(build.workspace);
    compiler_free(&build.compiler);
    words_free(&build.inputs);
    words_free(&build.objects);
    qemu_tree_close(&build.tree);
    return status;
}
