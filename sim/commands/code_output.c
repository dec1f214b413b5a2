/* SPDX-License-Identifier: Apache-2.0
 *
 * Several explorations of one command mark the same lines; what the earlier ones have marked is kept aside.
 */
#include "commands/code_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "code/describe.h"
#include "code/object.h"

static const char *first_option(const struct code_options *given)
{
    return given->wants_coverage         ? "--coverage"
           : given->listing != NULL      ? "--listing"
           : given->patch != NULL        ? "--patch"
           : given->against != NULL      ? "--against"
           : given->is_unreached_allowed ? "--allow-unreached"
                                         : NULL;
}

bool code_output_open(struct code_output *output, const struct cli *cli, const struct code_options *given)
{
    char message[400];

    *output = (struct code_output){ .cli = cli, .given = given };
    if (cli->code == NULL && first_option(given) != NULL) {
        cli_error(cli, "%s has no effect without --code", first_option(given));
        return false;
    }
    if (given->patch != NULL && given->against != NULL) {
        cli_error(cli, "--patch and --against both say which lines are meant; give one of them");
        return false;
    }
    if (given->is_unreached_allowed && given->patch == NULL && given->against == NULL) {
        cli_error(cli, "--allow-unreached has no effect without --patch or --against");
        return false;
    }
    output->has_patch = given->patch != NULL;
    if (output->has_patch && !patch_open(&output->patch, given->patch, message, sizeof(message))) {
        cli_error(cli, "%s", message);
        patch_free(&output->patch);
        return false;
    }
    return true;
}

/* The patch between --against and the object's tree. */
static bool compare_trees(struct code_output *output)
{
    const char *tree = code_object_info(output->object, "tree");
    char message[600] = "";

    if (!patch_between(&output->patch, output->object, output->given->against, tree, message, sizeof(message)))
        cli_error(output->cli, "%s", message);
    else if (output->patch.file_count == 0)
        cli_error(output->cli, "no file of the object differs between %s and %s", output->given->against, tree);
    output->has_patch = true;
    return output->patch.file_count > 0;
}

bool code_output_begin(struct code_output *output, const struct code_object *object)
{
    if (object == NULL)
        return true;
    if (output->object == NULL) {
        output->object = object;
        output->covered = calloc(object->text_bytes, 1);
        CHECK(output->covered != NULL);
        if (output->given->against != NULL && !compare_trees(output))
            return false;
    }
    for (size_t i = 0; i < object->text_bytes; i++)
        output->covered[i] |= object->covered[i];
    memset(object->covered, 0, object->text_bytes);
    return true;
}

struct code_report *code_output_report(const struct code_output *output, struct race_list *races)
{
    if (output->object == NULL)
        return NULL;
    return code_report_new(output->object, races, output->has_patch ? &output->patch : NULL);
}

/* --- the end --- */

static int write_listing(const struct code_output *output, const struct coverage *coverage)
{
    const char *path = output->given->listing, *tree = code_object_info(output->object, "tree");
    struct file_writer file;
    char message[512];

    if (!file_open(&file, path, output->cli->is_forced, message, sizeof(message))) {
        cli_error(output->cli, "%s", message);
        return EXIT_CODE_IO;
    }
    for (size_t i = 0; i < coverage->file_count; i++) {
        fprintf(file.stream, "%s%s\n", i > 0 ? "\n" : "", coverage->files[i].name);
        if (!coverage_list(&coverage->files[i], tree, file.stream)) {
            cli_error(output->cli, "%s/%s: %s", tree, coverage->files[i].name, strerror(errno));
            file_abandon(&file);
            return EXIT_CODE_IO;
        }
    }
    if (file_commit(&file, message, sizeof(message)))
        return EXIT_CODE_OK;
    cli_error(output->cli, "%s", message);
    return EXIT_CODE_IO;
}

static int check_patch(const struct code_output *output, const struct code_report *report)
{
    if (output->given->is_unreached_allowed || !code_report_misses_patch(report))
        return EXIT_CODE_OK;
    cli_error(output->cli, "no changed line was reached: what was found says nothing about the patch "
                           "(--allow-unreached accepts that)");
    return EXIT_CODE_FAILED;
}

int code_output_close(struct code_output *output, bool is_good)
{
    int status = EXIT_CODE_OK;

    if (output->object != NULL) {
        for (size_t i = 0; i < output->object->text_bytes; i++)
            output->object->covered[i] |= output->covered[i];
        struct code_report *report = code_output_report(output, NULL);
        if (is_good)
            status = check_patch(output, report);
        if (output->given->listing != NULL) {
            int written = write_listing(output, report->coverage);
            status = written > status ? written : status;
        }
        code_report_free(report);
    }
    free(output->covered);
    patch_free(&output->patch);
    return status;
}
