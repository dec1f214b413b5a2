/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads unified differences: "+++ NAME", then hunks "@@ -FROM,COUNT +FROM,COUNT @@" of lines that begin with ' ', '+',
 * '-' or '\'.
 */
#define _GNU_SOURCE
#include "code/patch.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/check.h"
#include "base/text.h"
#include "code/describe.h"
#include "code/source_index.h"

/* --- reading --- */

struct reader {
    struct patch *patch;
    struct patch_file *file;          /* of the hunks that follow; NULL: before the first one, or of a deleted file */
    bool is_git;                      /* the last "---" named a/... */
    uint32_t line;                    /* the new version's next one */
    unsigned long old_left, new_left; /* of the hunk */
    bool is_deletion;                 /* lines were deleted, and none has come in their place yet */
};

static void line_add(struct patch_file *file, uint32_t line)
{
    if (file->line_count > 0 && file->lines[file->line_count - 1] == line)
        return;
    file->lines = array_grown(file->lines, file->line_count, sizeof(line));
    file->lines[file->line_count++] = line;
}

static void read_name(struct reader *reader, const char *name)
{
    struct patch *patch = reader->patch;
    size_t length = strcspn(name, "\t\r\n");

    reader->file = NULL;
    if (strncmp(name, "/dev/null", length) == 0)
        return;
    if (reader->is_git && strncmp(name, "b/", 2) == 0) {
        name += 2;
        length -= 2;
    }
    patch->files = array_grown(patch->files, patch->file_count, sizeof(*patch->files));
    reader->file = &patch->files[patch->file_count++];
    reader->file->name = text_copy_bytes(name, length);
}

static void read_hunk(struct reader *reader, const char *line)
{
    unsigned long old_count = 1, new_from = 0, new_count = 1;
    const char *new = strchr(line, '+');

    if (sscanf(line, "@@ -%*u,%lu", &old_count) != 1)
        old_count = 1;
    if (new == NULL || sscanf(new, "+%lu,%lu", &new_from, &new_count) < 1)
        return;
    reader->old_left = old_count;
    reader->new_left = new_count;
    reader->is_deletion = false;
    /* Of an empty range the line before it is named. */
    reader->line = (uint32_t)new_from + (new_count == 0);
}

static void deletion_end(struct reader *reader)
{
    if (reader->is_deletion && reader->file != NULL)
        line_add(reader->file, reader->line);
    reader->is_deletion = false;
}

static void read_body(struct reader *reader, char kind)
{
    switch (kind) {
    case '-':
        reader->old_left -= reader->old_left > 0;
        reader->is_deletion = true;
        break;
    case '+':
        reader->new_left -= reader->new_left > 0;
        reader->is_deletion = false;
        if (reader->file != NULL)
            line_add(reader->file, reader->line);
        reader->line++;
        break;
    case '\\':
        return;
    default: /* a blank, which some mailers drop from empty lines */
        reader->old_left -= reader->old_left > 0;
        reader->new_left -= reader->new_left > 0;
        deletion_end(reader);
        reader->line++;
        break;
    }
    if (reader->old_left == 0 && reader->new_left == 0)
        deletion_end(reader);
}

static void read_stream(struct patch *patch, FILE *stream)
{
    struct reader reader = { .patch = patch };
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stream) > 0) {
        if (reader.old_left > 0 || reader.new_left > 0)
            read_body(&reader, line[0]);
        else if (strncmp(line, "--- ", 4) == 0)
            reader.is_git = strncmp(line + 4, "a/", 2) == 0 || strncmp(line + 4, "/dev/null", 9) == 0;
        else if (strncmp(line, "+++ ", 4) == 0)
            read_name(&reader, line + 4);
        else if (strncmp(line, "@@ -", 4) == 0)
            read_hunk(&reader, line);
    }
    free(line);
}

bool patch_open(struct patch *patch, const char *path, char *message, size_t message_bytes)
{
    FILE *stream = fopen(path, "re");

    *patch = (struct patch){ .file_count = 0 };
    if (stream == NULL) {
        (void)snprintf(message, message_bytes, "%s: %s", path, strerror(errno));
        return false;
    }
    read_stream(patch, stream);
    fclose(stream);
    if (patch->file_count == 0)
        (void)snprintf(message, message_bytes, "%s: no unified difference (as of git diff) in it", path);
    return patch->file_count > 0;
}

/* --- two trees --- */

/* Runs diff(1); its exit status is 0 or 1, or 2 for trouble. */
static bool run_diff(struct patch *patch, char *old_path, char *new_path)
{
    char *arguments[] = { (char[]){ "diff" }, (char[]){ "-uN" }, (char[]){ "--" }, old_path, new_path, NULL };
    posix_spawn_file_actions_t actions;
    int ends[2], status = -1;
    pid_t child;

    if (pipe(ends) != 0)
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    bool is_started = posix_spawnp(&child, "diff", &actions, NULL, arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    FILE *stream = fdopen(ends[0], "r");
    CHECK(stream != NULL);
    if (is_started)
        read_stream(patch, stream);
    fclose(stream);
    while (is_started && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return is_started && WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

bool patch_compare(struct patch *patch, const char *old_tree, const char *new_tree, const char *files, char *message,
                   size_t message_bytes)
{
    char *old_path, *new_path;
    bool is_good = true;

    *patch = (struct patch){ .file_count = 0 };
    for (const char *at = files + strspn(files, " "); *at != '\0' && is_good; at += strspn(at, " ")) {
        int length = (int)strcspn(at, " ");
        CHECK(asprintf(&old_path, "%s/%.*s", old_tree, length, at) >= 0 &&
              asprintf(&new_path, "%s/%.*s", new_tree, length, at) >= 0);
        is_good = run_diff(patch, old_path, new_path);
        if (!is_good)
            (void)snprintf(message, message_bytes, "diff of %s and %s fails", old_path, new_path);
        free(old_path);
        free(new_path);
        at += length;
    }
    return is_good;
}

static bool is_there(const char *tree, const char *name)
{
    char *path;

    CHECK(asprintf(&path, "%s/%s", tree, name) > 0);
    bool exists = access(path, F_OK) == 0;
    free(path);
    return exists;
}

bool patch_between(struct patch *patch, const struct code_object *object, const char *old_tree, const char *new_tree,
                   char *message, size_t message_bytes)
{
    struct coverage *coverage = coverage_new(object, describe_source(object), true);
    char *files = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&files, &bytes);

    CHECK(stream != NULL);
    for (size_t i = 0; i < coverage->file_count; i++)
        if (is_there(old_tree, coverage->files[i].name) || is_there(new_tree, coverage->files[i].name))
            fprintf(stream, "%s ", coverage->files[i].name);
    CHECK(fclose(stream) == 0);
    bool is_good = patch_compare(patch, old_tree, new_tree, files, message, message_bytes);
    free(files);
    coverage_free(coverage);
    return is_good;
}

void patch_free(struct patch *patch)
{
    for (size_t i = 0; i < patch->file_count; i++) {
        free(patch->files[i].name);
        free(patch->files[i].lines);
    }
    free(patch->files);
    *patch = (struct patch){ .file_count = 0 };
}

/* --- what has run --- */

struct patch_coverage patch_coverage(const struct patch *patch, const struct coverage *coverage)
{
    struct patch_coverage result = { .lines = 0 };

    for (size_t i = 0; i < patch->file_count; i++) {
        const struct coverage_file *file = coverage_find(coverage, patch->files[i].name);
        result.lines += patch->files[i].line_count;
        for (size_t j = 0; file != NULL && j < patch->files[i].line_count; j++) {
            enum coverage_state state = coverage_state(file, patch->files[i].lines[j], NULL);
            result.with_code += state != COVERAGE_NO_CODE;
            result.reached += state == COVERAGE_REACHED;
            result.unknown += state == COVERAGE_UNKNOWN;
        }
    }
    return result;
}

/* Lines of that state that follow each other, also over lines that have no code, as one range. */
static void print_ranges(const struct patch_file *changed, const struct coverage_file *file, enum coverage_state state,
                         const char **separator, FILE *stream)
{
    const char *slash = strrchr(changed->name, '/'), *name = slash != NULL ? slash + 1 : changed->name;

    for (size_t i = 0, next; i < changed->line_count; i = next) {
        uint32_t last = changed->lines[i];
        next = i + 1;
        if (coverage_state(file, changed->lines[i], NULL) != state)
            continue;
        for (; next < changed->line_count && changed->lines[next] == changed->lines[next - 1] + 1; next++) {
            enum coverage_state now = coverage_state(file, changed->lines[next], NULL);
            if (now != state && now != COVERAGE_NO_CODE)
                break;
            last = now == state ? changed->lines[next] : last;
        }
        fprintf(stream, "%s%s:%u", *separator, name, changed->lines[i]);
        if (last != changed->lines[i])
            fprintf(stream, "-%u", last);
        *separator = ", ";
    }
}

static void print_lines(const struct patch *patch, const struct coverage *coverage, enum coverage_state state,
                        const char *title, FILE *stream)
{
    for (size_t i = 0; i < patch->file_count; i++) {
        const struct coverage_file *file = coverage_find(coverage, patch->files[i].name);
        if (file != NULL)
            print_ranges(&patch->files[i], file, state, &title, stream);
    }
}

void patch_print(const struct patch *patch, const struct coverage *coverage, FILE *stream)
{
    struct patch_coverage result = patch_coverage(patch, coverage);

    if (result.with_code == 0) {
        fprintf(stream, "changed lines: %zu, none of which has code in the object\n", result.lines);
        return;
    }
    fprintf(stream, "changed lines reached: %zu of %zu", result.reached, result.with_code);
    print_lines(patch, coverage, COVERAGE_NOT_REACHED, "; not reached: ", stream);
    print_lines(patch, coverage, COVERAGE_UNKNOWN, "; merged into others by the compiler: ", stream);
    fprintf(stream, "%s\n",
            result.reached > 0   ? ""
            : result.unknown > 0 ? ": nothing of the patch is known to have run"
                                 : ": nothing of the patch has run");
}
