/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath build: compiles files of a hypervisor's tree into a code object.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "code/build/build.h"
#include "code/build/workspace.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "scenario/installation.h"

enum { OPTIMISE_DEFAULT = 2, OPTIMISE_MAX = 3 };

struct build_options {
    const char *xen, *linux_tree, *qemu, *files, *compiler;
    struct cli_count optimise;
};

static enum build_status build(const struct build_options *given, const struct build_request *request)
{
    return given->xen ? build_xen(request) : given->linux_tree ? build_linux(request) : build_qemu(request);
}

/* The object is linked elsewhere: a file that exists is replaced by a whole one, as compilers do without being asked.
 */
static enum build_status build_and_keep(const struct cli *cli, struct build_request *request)
{
    char *folder = workspace_make(), *linked = NULL, *bytes = NULL, message[512];
    enum build_status status = BUILD_IO;
    size_t count;

    if (folder != NULL) {
        CHECK(asprintf(&linked, "%s/object.so", folder) > 0);
        request->output = linked;
        status = build(cli->own, request);
    }
    if (status == BUILD_OK) {
        bytes = file_read_bytes(linked, SIZE_MAX, &count, message, sizeof message);
        if (bytes == NULL || !file_write(cli->output, bytes, count, true, message, sizeof message)) {
            cli_error(cli, "%s", message);
            status = BUILD_IO;
        }
    }
    if (folder != NULL)
        workspace_remove(folder);
    else
        cli_error(cli, "a folder for temporary files cannot be made: %s", strerror(errno));
    free(bytes);
    free(linked);
    free(folder);
    return status;
}

static int command_build_main(const struct cli *cli)
{
    static const int codes[] = {
        [BUILD_OK] = EXIT_CODE_OK,
        [BUILD_UNUSABLE] = EXIT_CODE_USAGE,
        [BUILD_FAILED] = EXIT_CODE_NOT_BUILT,
        [BUILD_IO] = EXIT_CODE_IO,
    };
    const struct build_options *given = cli->own;
    struct build_request request = {
        .tree = given->xen          ? given->xen
                : given->linux_tree ? given->linux_tree
                                    : given->qemu,
        .files = given->files,
        .compiler = given->compiler,
        .sources = installation_code(),
        .optimise = given->optimise.is_given ? (uint32_t)given->optimise.value : OPTIMISE_DEFAULT,
        .is_quiet = cli->is_quiet,
    };
    char message[512];

    if (!cli->output || !!given->xen + !!given->linux_tree + !!given->qemu != 1) {
        cli_error(cli, "--xen TREE, --linux TREE or --qemu TREE, and -o FILE, are needed");
        return EXIT_CODE_USAGE;
    }
    if (given->optimise.value > OPTIMISE_MAX) {
        cli_error(cli, "--optimise: the value must be at most %d", OPTIMISE_MAX);
        return EXIT_CODE_USAGE;
    }
    if (!file_can_write(cli->output, true, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    return codes[build_and_keep(cli, &request)];
}

static const struct cli_option options[] = {
    { "xen", 0, CLI_TEXT, offsetof(struct build_options, xen), "TREE", NULL, "the sources of Xen, 4.4 or later" },
    { "linux", 0, CLI_TEXT, offsetof(struct build_options, linux_tree), "TREE", NULL,
      "the sources of Linux, 6.1 or later" },
    { "qemu", 0, CLI_TEXT, offsetof(struct build_options, qemu), "TREE", NULL, "the sources of QEMU, 8.0 or later" },
    { "files", 0, CLI_TEXT, offsetof(struct build_options, files), "LIST", NULL,
      "files, separated by commas, or 'all' (default: tasklet.c and the dPCI code)" },
    { "compiler", 0, CLI_TEXT, offsetof(struct build_options, compiler), "COMMAND", NULL,
      "gcc from 12 on, or clang from 14 on (default: $CC, or the first there is)" },
    { "optimise", 0, CLI_NUMBER, offsetof(struct build_options, optimise), "N", NULL,
      "level of optimisation, 0 to 3 (default: 2)" },
};

const struct command command_build = {
    .name = "build",
    .arguments = "--xen|--linux|--qemu TREE -o FILE",
    .summary = "compile a hypervisor's files into a code object",
    .description =
        "Compiles files of a hypervisor's tree, unmodified, into one object for --code: their memory accesses take\n"
        "the time of their cache lines and are steps of explorations. The tree is only read.\n\n"
        "Of Xen, common/tasklet.c and the dPCI code (drivers/passthrough/x86/hvm.c, in older trees\n"
        "drivers/passthrough/io.c) are compiled; --files can add common/softirq.c, arch/x86/hvm/vmsi.c and\n"
        "arch/x86/hvm/irq.c. The headers are the tree's own, but atomics, locks, per-CPU data and the current CPU are\n"
        "irqpath's. Assertions are on; structures are those of a release.\n\n"
        "Of Linux, drivers/vfio/pci/vfio_pci_intrs.c, drivers/vfio/virqfd.c, virt/kvm/eventfd.c, fs/eventfd.c,\n"
        "kernel/sched/wait.c and virt/lib/irqbypass.c are compiled by the tree's own build with CONFIG_KCSAN; --files\n"
        "adds further ones. The build is configured once for each tree and compiler, in a folder below\n"
        "$XDG_CACHE_HOME/irqpath that it keeps; it needs flex, bison, bc and libelf. It must be a tree in which no\n"
        "kernel has been built.\n\n"
        "Of QEMU, hw/i386/kvm/xen_evtchn.c is compiled, with headers that the tree's own scripts make: that needs\n"
        "python3 and glib's headers.\n\n"
        "The compiler's messages go to stderr. A warning names each function that nothing implements; a run ends\n"
        "where it reaches one. The same tree, compiler and options give the same object. The environment variable\n"
        "IRQPATH_CODE names another folder that has models/*/code and sim/code/abi. Exit code: 0; 2 for a tree,\n"
        "file or compiler that cannot be used; 4 if a file cannot be written; 125 if a file does not compile.",
    .common = CLI_OUTPUT,
    .options = options,
    .option_count = sizeof(options) / sizeof(*options),
    .own_bytes = sizeof(struct build_options),
    .run = command_build_main,
};
