/* SPDX-License-Identifier: Apache-2.0
 *
 * manifest.json: what made the results, so that they can be made again. The files are those that were read, as
 * they were then: the experiment, what it was measured from, the scenarios, and the profiles that these name.
 */
#define _GNU_SOURCE
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/sha256.h"
#include "base/text.h"
#include "code/build/programs.h"
#include "experiment/read.h"
#include "experiment/write.h"
#include "scenario/inputs.h"

const char *findings_path_below(const char *directory, const char *path)
{
    size_t bytes = strlen(directory);

    return bytes > 0 && strncmp(path, directory, bytes) == 0 && path[bytes] == '/' ? path + bytes + 1 : NULL;
}

char *findings_path(const char *path)
{
    char *real = realpath(path, NULL), *here = get_current_dir_name();
    const char *below = real != NULL && here != NULL ? findings_path_below(here, real) : NULL;
    char *shown = text_copy(below != NULL ? below : real != NULL ? real : path);

    free(real);
    free(here);
    return shown;
}

static void add_file(json_t *files, const char *path, const char *hash)
{
    char *shown = findings_path(path);
    bool is_listed = false;
    json_t *entry;
    size_t i;

    json_array_foreach(files, i, entry) is_listed =
        is_listed || strcmp(json_string_value(json_object_get(entry, "path")), shown) == 0;
    if (!is_listed)
        json_array_append_new(files, json_pack("{s:s, s:s}", "path", shown, "sha256", hash));
    free(shown);
}

/* `context`: the list of files. */
static void add_text(void *context, const char *path, const char *text, size_t bytes)
{
    char hash[SHA256_TEXT_BYTES];

    sha256_text(text, bytes, hash);
    add_file(context, path, hash);
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
    char *line = text_copy_bytes(output, strcspn(output, "\n"));
    program_free(&program);
    return line;
}

static void add_revision(json_t *json, const struct experiment *experiment)
{
    static const char *const revision[] = { "rev-parse", "HEAD", NULL };
    static const char *const changes[] = { "diff", "--quiet", "HEAD", "--", ":/", ":(top,exclude)results", NULL };
    char *path = text_copy(experiment->path), *line, *ignored;
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
        if (experiment->runs[i].measured_note != NULL)
            fprintf(out, " (%s)", experiment->runs[i].measured_note);
    }
    CHECK(fclose(out) == 0);
    return text;
}

json_t *findings_manifest(const struct findings *findings)
{
    const struct experiment *experiment = findings->experiment;
    json_t *json = json_object(), *files = json_array();
    char *note = describe_runs(findings);

    add_file(files, experiment->path, experiment->hash);
    for (size_t i = 0; i < experiment->run_count; i++)
        if (experiment->runs[i].measured_hash[0] != '\0')
            add_file(files, experiment->runs[i].measured, experiment->runs[i].measured_hash);
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; j < experiment->runs[i].scenario_count; j++) {
            const struct scenario *scenario = &experiment->runs[i].scenarios[j];

            add_text(files, scenario->path, scenario->text, scenario->text_bytes);
            inputs_each_text(scenario->inputs, add_text, files);
        }
    json_object_set_new(json, "question", json_string(experiment->question));
    json_object_set_new(
        json, "command",
        json_sprintf("irqpath experiment %s%s", experiment->path, experiment->is_quick ? " --quick" : ""));
    json_object_set_new(json, "note", json_string(note));
    json_object_set_new(json, "version", json_string(findings->version));
    add_revision(json, experiment);
    json_object_set_new(json, "files", files);
    free(note);
    return json;
}
