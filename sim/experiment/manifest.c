/* SPDX-License-Identifier: Apache-2.0
 *
 * manifest.json: what made the results, so that they can be made again. The files are those that were read: the
 * experiment, the scenarios, and the profiles that these name.
 */
#define _GNU_SOURCE
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/sha256.h"
#include "code/build/programs.h"
#include "experiment/read.h"
#include "experiment/write.h"
#include "result/file.h"
#include "scenario/inputs.h"

struct listing {
    json_t *files;
    char *here;
};

/* The path below the current directory, if it is there. */
static const char *relative(const struct listing *listing, const char *path)
{
    size_t bytes = listing->here != NULL ? strlen(listing->here) : 0;

    return bytes > 0 && strncmp(path, listing->here, bytes) == 0 && path[bytes] == '/' ? path + bytes + 1 : path;
}

static void add_file(void *context, const char *path, const char *text, size_t bytes)
{
    struct listing *listing = context;
    char hash[SHA256_TEXT_BYTES], *real = realpath(path, NULL);
    const char *shown = real != NULL ? relative(listing, real) : path;
    json_t *entry;
    size_t i;

    json_array_foreach(listing->files, i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "path")), shown) == 0) {
            free(real);
            return;
        }
    }
    sha256_text(text, bytes, hash);
    json_array_append_new(listing->files, json_pack("{s:s, s:s}", "path", shown, "sha256", hash));
    free(real);
}

static void add_experiment(struct listing *listing, const struct experiment *experiment)
{
    char message[300];
    size_t count;
    char *bytes = file_read_bytes(experiment->path, &count, message, sizeof message);

    if (bytes != NULL)
        add_file(listing, experiment->path, bytes, count);
    free(bytes);
}

/* The first line that git prints in the directory of the experiment, "" when there is no git or no repository. */
static char *ask_git(const char *directory, const char *const *arguments, int *status)
{
    struct program program = { .directory = directory };

    words_add(&program.arguments, "git");
    for (; *arguments != NULL; arguments++)
        words_add(&program.arguments, "%s", *arguments);
    programs_run(&program, 1, 1);
    *status = program.status;
    const char *output = program.output != NULL ? program.output : "";
    char *line = strndup(output, strcspn(output, "\n"));
    CHECK(line != NULL);
    program_free(&program);
    return line;
}

static void add_revision(json_t *json, const struct experiment *experiment)
{
    static const char *const revision[] = { "rev-parse", "HEAD", NULL };
    static const char *const changes[] = { "diff", "--quiet", "HEAD", "--", ":/", ":(top,exclude)results", NULL };
    char *path = copy_text(experiment->path), *line, *ignored;
    const char *directory = dirname(path);
    int status;

    line = ask_git(directory, revision, &status);
    json_object_set_new(json, "revision", json_string(status == 0 ? line : "unknown"));
    ignored = ask_git(directory, changes, &status);
    json_object_set_new(json, "modified", json_boolean(status == 1));
    free(ignored);
    free(line);
    free(path);
}

/* "alone: 7 rows; trips: 36 rows, 4 seeds" */
static char *describe_runs(const struct findings *findings)
{
    const struct experiment *experiment = findings->experiment;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    for (size_t i = 0; i < experiment->run_count; i++) {
        size_t rows = 0;

        for (size_t j = 0; j < findings->rows->count; j++)
            rows += findings->rows->rows[j].run == i;
        fprintf(out, "%s%s: %zu row%s", i > 0 ? "; " : "", experiment->runs[i].name, rows, rows == 1 ? "" : "s");
        if (experiment->runs[i].seeds > 1)
            fprintf(out, ", %zu seeds", experiment->runs[i].seeds);
    }
    CHECK(fclose(out) == 0);
    return text;
}

json_t *findings_manifest(const struct findings *findings)
{
    const struct experiment *experiment = findings->experiment;
    struct listing listing = { json_array(), get_current_dir_name() };
    json_t *json = json_object();
    char *note = describe_runs(findings);

    add_experiment(&listing, experiment);
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; j < experiment->runs[i].scenario_count; j++) {
            const struct scenario *scenario = &experiment->runs[i].scenarios[j];

            add_file(&listing, scenario->path, scenario->text, scenario->text_bytes);
            inputs_each_text(scenario->inputs, add_file, &listing);
        }
    json_object_set_new(json, "question", json_string(experiment->question));
    json_object_set_new(
        json, "command",
        json_sprintf("irqpath experiment %s%s", experiment->path, experiment->is_quick ? " --quick" : ""));
    json_object_set_new(json, "note", json_string(note));
    json_object_set_new(json, "version", json_string(findings->version));
    add_revision(json, experiment);
    json_object_set_new(json, "files", listing.files);
    free(listing.here);
    free(note);
    return json;
}
