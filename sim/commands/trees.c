/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies, patches and compiles trees.
 */
#define _GNU_SOURCE
#include "commands/trees.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "code/build/programs.h"
#include "code/build/workspace.h"
#include "scenario/installation.h"

enum { OPTIMISE = 2 };

static char *path_in(const struct trees *trees, const char *name)
{
    char *path;

    CHECK(asprintf(&path, "%s/%s", trees->directory, name) > 0);
    return path;
}

static bool is_directory(const struct cli *cli, const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    cli_error(cli, "%s: not a directory of sources", path);
    return false;
}

static bool check_options(struct trees *trees, const struct cli *cli, const struct trees_options *given)
{
    const struct {
        const struct cli_list *list;
        enum build_status (*build)(const struct build_request *request);
    } families[] = { { &given->xen, build_xen }, { &given->linux_trees, build_linux }, { &given->qemu, build_qemu } };
    size_t wanted = given->patch != NULL ? 1 : 2, count = 0;
    const struct cli_list *list = &given->xen;

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        count += families[i].list->count;
        if (families[i].list->count > 0) {
            list = families[i].list;
            trees->build = families[i].build;
        }
    }
    if (count != wanted || list->count != wanted) {
        cli_error(cli, given->patch != NULL ? "--patch needs one tree: --xen TREE --patch FILE"
                                            : "two trees are needed, --xen BASE --xen NEW, or one and --patch FILE");
        return false;
    }
    for (size_t i = 0; i < wanted; i++) {
        trees->trees[i] = list->items[i];
        if (!is_directory(cli, trees->trees[i]))
            return false;
    }
    return true;
}

static bool make_directory(struct trees *trees, const struct cli *cli)
{
    trees->is_temporary = cli->output == NULL;
    trees->directory = trees->is_temporary ? workspace_make() : strdup(cli->output);
    if (trees->directory != NULL && (trees->is_temporary || mkdir(trees->directory, 0777) == 0 || errno == EEXIST))
        return true;
    cli_error(cli, "%s: %s", trees->is_temporary ? "no temporary directory can be made" : cli->output, strerror(errno));
    return false;
}

/* Runs a program; prints its output where it fails. */
static bool run(struct program *program)
{
    programs_run(program, 1, 1);
    bool is_good = program->status == 0;
    if (!is_good)
        fputs(program->output, stderr);
    program_free(program);
    return is_good;
}

/* Applies the patch to a copy of the tree. */
static int make_copy(struct trees *trees, const struct cli *cli, const char *patch)
{
    struct program copy = { .status = 0 }, apply = { .status = 0 };
    char *absolute = realpath(patch, NULL);

    if (absolute == NULL) {
        cli_error(cli, "%s: %s", patch, strerror(errno));
        return EXIT_CODE_IO;
    }
    trees->copy = path_in(trees, "tree");
    trees->trees[TREE_NEW] = trees->copy;
    workspace_remove(trees->copy);
    words_split(&copy.arguments, "cp -a --reflink=auto --", " ");
    words_add(&copy.arguments, "%s/.", trees->trees[TREE_BASE]);
    words_add(&copy.arguments, "%s", trees->copy);
    words_split(&apply.arguments, "patch -p1 --batch --forward --no-backup-if-mismatch -r - -i", " ");
    words_add(&apply.arguments, "%s", absolute);
    apply.directory = trees->copy;
    free(absolute);
    if (mkdir(trees->copy, 0777) != 0 || !run(&copy)) {
        program_free(&apply);
        cli_error(cli, "%s: the tree cannot be copied there", trees->copy);
        return EXIT_CODE_IO;
    }
    if (run(&apply))
        return EXIT_CODE_OK;
    cli_error(cli, "%s does not apply to %s", patch, trees->trees[TREE_BASE]);
    return EXIT_CODE_NOT_BUILT;
}

/* What the base was compiled with cannot be a wrong option for the new tree, which then cannot be compared. */
static int build(struct trees *trees, const struct cli *cli, const struct trees_options *given, enum tree_side side)
{
    char *output = path_in(trees, side == TREE_BASE ? "base.so" : "new.so"), message[400];
    const struct build_request request = {
        .tree = trees->trees[side],
        .files = given->files,
        .compiler = given->compiler,
        .output = output,
        .sources = installation_code(),
        .optimise = OPTIMISE,
        .is_quiet = true,
    };
    enum build_status status = trees->build(&request);
    int code = status == BUILD_OK                              ? EXIT_CODE_OK
               : status == BUILD_IO                            ? EXIT_CODE_IO
               : status == BUILD_UNUSABLE && side == TREE_BASE ? EXIT_CODE_USAGE
                                                               : EXIT_CODE_NOT_BUILT;

    if (code == EXIT_CODE_NOT_BUILT)
        cli_error(cli, "%s does not compile", trees->trees[side]);
    if (code == EXIT_CODE_OK && (trees->objects[side] = code_object_open(output, message, sizeof(message))) == NULL) {
        cli_error(cli, "%s", message);
        code = EXIT_CODE_NOT_BUILT;
    }
    free(output);
    return code;
}

/* The lines that differ in the files that have code in the new object. */
static bool find_changes(struct trees *trees, const struct cli *cli)
{
    char message[600] = "";
    bool is_good = patch_between(&trees->changes, trees->objects[TREE_NEW], trees->trees[TREE_BASE],
                                 trees->trees[TREE_NEW], message, sizeof(message));

    if (!is_good)
        cli_error(cli, "%s", message);
    return is_good;
}

int trees_open(struct trees *trees, const struct cli *cli, const struct trees_options *given)
{
    int status = EXIT_CODE_OK;

    *trees = (struct trees){ .directory = NULL };
    if (!check_options(trees, cli, given))
        return EXIT_CODE_USAGE;
    if (!make_directory(trees, cli))
        return EXIT_CODE_IO;
    if (given->patch != NULL)
        status = make_copy(trees, cli, given->patch);
    for (enum tree_side side = TREE_BASE; side < TREE_SIDES && status == EXIT_CODE_OK; side++)
        status = build(trees, cli, given, side);
    if (status == EXIT_CODE_OK && !find_changes(trees, cli))
        status = EXIT_CODE_IO;
    return status;
}

void trees_close(struct trees *trees)
{
    for (enum tree_side side = TREE_BASE; side < TREE_SIDES; side++)
        if (trees->objects[side] != NULL)
            code_object_close(trees->objects[side]);
    patch_free(&trees->changes);
    if (trees->is_temporary && trees->directory != NULL)
        workspace_remove(trees->directory);
    free(trees->copy);
    free(trees->directory);
}
