/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage of a code object as a report of a command.
 */
#include "commands/code_report.h"

#include <errno.h>
#include <string.h>

#include "code/coverage.h"
#include "code/describe.h"
#include "code/patch.h"
#include "commands/cli.h"

static struct coverage *take(const struct code_object *code, bool with_headers)
{
    return coverage_new(code, describe_source(code), with_headers);
}

static struct patch_coverage take_patch(const struct code_object *code, const struct patch *patch)
{
    struct coverage *coverage = take(code, true);
    struct patch_coverage result = patch_coverage(patch, coverage);

    coverage_free(coverage);
    return result;
}

bool code_report_misses_patch(const struct code_object *code, const struct patch *patch)
{
    return take_patch(code, patch).reached == 0;
}

void code_report_print(const struct code_object *code, const struct patch *patch, FILE *stream)
{
    struct coverage *coverage = take(code, false);

    coverage_print(coverage, stream);
    coverage_free(coverage);
    if (patch == NULL)
        return;
    coverage = take(code, true);
    patch_print(patch, coverage, stream);
    coverage_free(coverage);
}

/* --- JSON --- */

static json_t *functions_json(const struct coverage_file *file)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < file->function_count; i++) {
        const struct coverage_function *function = &file->functions[i];
        json_array_append_new(rows, json_pack("{s:s, s:I, s:I, s:I, s:b}", "name", function->name, "line",
                                              (json_int_t)function->line, "blocks", (json_int_t)function->blocks,
                                              "blocks_reached", (json_int_t)function->blocks_reached, "reached",
                                              function->is_reached));
    }
    return rows;
}

static json_t *lines_json(const struct coverage_file *file, bool is_reached)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < file->line_count; i++)
        if (file->lines[i].is_reached == is_reached)
            json_array_append_new(rows, json_integer(file->lines[i].line));
    return rows;
}

static json_t *file_json(const struct coverage_file *file)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "file", file->name, "lines",
                     (json_int_t)file->line_count, "lines_reached", (json_int_t)file->lines_reached, "blocks",
                     (json_int_t)file->blocks, "blocks_reached", (json_int_t)file->blocks_reached, "functions",
                     functions_json(file), "reached", lines_json(file, true), "unreached", lines_json(file, false));
}

json_t *code_report_json(const struct code_object *code, const struct patch *patch)
{
    struct coverage *coverage = take(code, false);
    json_t *files = json_array(), *document;

    for (size_t i = 0; i < coverage->file_count; i++)
        json_array_append_new(files, file_json(&coverage->files[i]));
    coverage_free(coverage);
    document = json_pack("{s:s, s:s, s:s, s:o}", "object", code->hash, "compiler", code_object_info(code, "compiler"),
                         "commit", code_object_info(code, "commit"), "files", files);
    if (patch != NULL) {
        struct patch_coverage result = take_patch(code, patch);
        json_object_set_new(document, "patch",
                            json_pack("{s:I, s:I, s:I}", "lines", (json_int_t)result.lines, "with_code",
                                      (json_int_t)result.with_code, "reached", (json_int_t)result.reached));
    }
    return document;
}

/* --- the listing --- */

bool code_report_list(const struct cli *cli, const struct code_object *code, const char *path)
{
    struct coverage *coverage = take(code, false);
    FILE *stream = fopen(path, "we");
    bool is_good = stream != NULL;

    if (stream == NULL)
        cli_error(cli, "%s: %s", path, strerror(errno));
    for (size_t i = 0; i < coverage->file_count && is_good; i++) {
        const struct coverage_file *file = &coverage->files[i];
        fprintf(stream, "%s%s\n", i > 0 ? "\n" : "", file->name);
        is_good = coverage_list(file, code_object_info(code, "tree"), stream);
        if (!is_good)
            cli_error(cli, "%s/%s: %s", code_object_info(code, "tree"), file->name, strerror(errno));
    }
    if (stream != NULL && fclose(stream) != 0) {
        cli_error(cli, "%s: %s", path, strerror(errno));
        is_good = false;
    }
    coverage_free(coverage);
    return is_good;
}
