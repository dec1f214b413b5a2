/* SPDX-License-Identifier: Apache-2.0
 *
 * mutation_sites BUILD ROOT: prints a line for each mutant of the C sources below ROOT's sim/ and models/: its number
 * from 1 on, the path, the line, its text, the expression before and after.
 * mutation_sites BUILD ROOT TREE NUMBERS: rewrites the sources in TREE, a copy of ROOT, so that each place whose number
 * is in the file NUMBERS asks at run time whether its mutant is the chosen one (mutant.h). A file that has none, or the
 * same ones as before, is left as it is.
 * mutation_sites BUILD ROOT MUTANTS NUMBERS --apply: writes the source with that mutant to MUTANTS/NUMBER.c for each of
 * the numbers.
 * BUILD holds compile_commands.json of the sources below ROOT.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clang-c/CXCompilationDatabase.h>
#include <clang-c/Index.h>

#include "mutation/rewrite.h"
#include "mutation/walk.h"

enum { ARGUMENTS_MAX = 128, PATH_BYTES = 4096, FILES_MAX = 4096 };

/* The part of `path` that begins with sim/ or models/ below `root`; NULL when it isn't there. What is compiled with a
 * hypervisor's options to be measured (code_work.c) is nobody's code under test. */
static const char *path_below(const char *path, const char *root)
{
    size_t length = strlen(root);

    if (strncmp(path, root, length) != 0 || path[length] != '/')
        return NULL;
    path += length + 1;
    if (strncmp(path, "sim/", 4) != 0 && strncmp(path, "models/", 7) != 0)
        return NULL;
    return strstr(path, "code_work.c") ? NULL : path;
}

/* The compiler's arguments without its name, the source and what only linking or other compilers understand. */
static int arguments_of(CXCompileCommand command, char *arguments[])
{
    unsigned count = clang_CompileCommand_getNumArgs(command);
    int kept = 0;

    for (unsigned i = 1; i < count && kept < ARGUMENTS_MAX; i++) {
        CXString text = clang_CompileCommand_getArg(command, i);
        const char *argument = clang_getCString(text);
        if (strncmp(argument, "-I", 2) == 0 || strncmp(argument, "-D", 2) == 0 || strncmp(argument, "-std", 4) == 0)
            arguments[kept++] = strdup(argument);
        else if (strcmp(argument, "-isystem") == 0 && i + 1 < count && kept + 1 < ARGUMENTS_MAX) {
            CXString directory = clang_CompileCommand_getArg(command, ++i);
            arguments[kept++] = strdup(argument);
            arguments[kept++] = strdup(clang_getCString(directory));
            clang_disposeString(directory);
        }
        clang_disposeString(text);
    }
    return kept;
}

struct request {
    const char *tree; /* NULL: print */
    bool is_applied;
    unsigned char *is_asked; /* by number */
};

enum { NUMBERS_MAX = 1000000 };

static bool read_numbers(struct request *request, const char *path)
{
    FILE *stream = fopen(path, "r");
    unsigned number;

    request->is_asked = calloc(NUMBERS_MAX + 1, 1);
    while (stream && request->is_asked && fscanf(stream, "%u", &number) == 1) {
        if (number <= NUMBERS_MAX)
            request->is_asked[number] = 1;
    }
    return stream && request->is_asked && fclose(stream) == 0;
}

/* A source of several libraries has a command for each, and its places have one number. */
static bool is_another(char *seen[], size_t *count, const char *path)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(seen[i], path) == 0)
            return false;
    }
    if (*count == FILES_MAX)
        abort();
    seen[(*count)++] = strdup(path);
    return true;
}

static bool apply(const struct request *request, struct sites *sites, unsigned first)
{
    bool is_good = true;
    char path[PATH_BYTES];

    for (size_t i = 0; i < sites->count && is_good; i++) {
        if (!request->is_asked[first + i])
            continue;
        snprintf(path, sizeof(path), "%s/%u.c", request->tree, first + (unsigned)i);
        FILE *out = fopen(path, "w");
        if (out)
            sites_apply(sites, i, out);
        is_good = out && fclose(out) == 0;
    }
    return is_good;
}

static int rewrite_command(CXIndex index, CXCompileCommand command, const char *path, const char *below,
                           const struct request *request, unsigned *number)
{
    char *arguments[ARGUMENTS_MAX], copy[PATH_BYTES];
    int count = arguments_of(command, arguments), status = 4;
    CXTranslationUnit unit = NULL;

    if (clang_parseTranslationUnit2(index, path, (const char *const *)arguments, count, NULL, 0,
                                    CXTranslationUnit_DetailedPreprocessingRecord, &unit) == CXError_Success) {
        struct sites sites = { 0 };
        walk_unit(unit, &sites);
        snprintf(copy, sizeof(copy), "%s/%s", request->tree ? request->tree : "", below);
        status = 0;
        if (!request->tree)
            sites_print(&sites, below, *number);
        else if (request->is_applied ? !apply(request, &sites, *number)
                                     : !rewrite(&sites, copy, *number, request->is_asked))
            status = 4;
        *number += (unsigned)sites.count;
        sites_free(&sites);
        clang_disposeTranslationUnit(unit);
    }
    if (status != 0)
        fprintf(stderr, "%s: not rewritten\n", below);
    for (int i = 0; i < count; i++)
        free(arguments[i]);
    return status;
}

int main(int argc, char *argv[])
{
    CXCompilationDatabase_Error error;
    static char *seen[FILES_MAX];
    char root[PATH_BYTES];
    size_t seen_count = 0;
    struct request request = { .tree = argc >= 5 ? argv[3] : NULL,
                               .is_applied = argc == 6 && strcmp(argv[5], "--apply") == 0 };
    unsigned number = 1;
    int status = 0;

    if (argc != 3 && argc != 5 && !request.is_applied)
        return fprintf(stderr, "usage: mutation_sites BUILD ROOT [TREE NUMBERS [--apply]]\n"), 2;
    if (argc >= 5 && !read_numbers(&request, argv[4]))
        return fprintf(stderr, "%s: cannot be read\n", argv[4]), 4;
    snprintf(root, sizeof(root), "%s", argv[2]);
    CXCompilationDatabase database = clang_CompilationDatabase_fromDirectory(argv[1], &error);
    if (error != CXCompilationDatabase_NoError)
        return fprintf(stderr, "%s: no compile_commands.json there\n", argv[1]), 4;
    CXCompileCommands commands = clang_CompilationDatabase_getAllCompileCommands(database);
    CXIndex index = clang_createIndex(0, 0);
    for (unsigned i = 0; i < clang_CompileCommands_getSize(commands) && status == 0; i++) {
        CXCompileCommand command = clang_CompileCommands_getCommand(commands, i);
        CXString name = clang_CompileCommand_getFilename(command);
        const char *path = clang_getCString(name), *below = path_below(path, root);
        if (below && is_another(seen, &seen_count, below))
            status = rewrite_command(index, command, path, below, &request, &number);
        clang_disposeString(name);
    }
    clang_disposeIndex(index);
    clang_CompileCommands_dispose(commands);
    clang_CompilationDatabase_dispose(database);
    for (size_t i = 0; i < seen_count; i++)
        free(seen[i]);
    free(request.is_asked);
    return status;
}
