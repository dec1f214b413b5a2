/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath version: which version, of which commit, and which build.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/program.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "scenario/installation.h"

enum { COMMIT_BYTES = 128 };

/* The commit that was built last, which the build writes into a file of the installation; "" when it is not known. It
 * is no part of the program, which would be linked again for every commit. */
static const char *read_commit(char commit[COMMIT_BYTES])
{
    char path[PATH_MAX] = "";
    errno = ENOENT;
    FILE *stream = installation_file("commit", path, sizeof path) ? fopen(path, "re") : NULL;

    CHECK_SYSTEM(stream != NULL || file_is_misnamed(errno), path);
    commit[0] = '\0';
    if (stream != NULL && fgets(commit, COMMIT_BYTES, stream) == NULL)
        commit[0] = '\0';
    CHECK_SYSTEM(stream == NULL || !ferror(stream), path);
    if (stream != NULL)
        fclose(stream);
    commit[strcspn(commit, "\n")] = '\0';
    return commit;
}

static int command_version_main(const struct cli *cli)
{
    char commit[COMMIT_BYTES], build_id[PROGRAM_BUILD_ID_BYTES];

    read_commit(commit);
    program_build_id(build_id);
    if (cli->wants_json) {
        json_t *json = json_pack("{s:s, s:s, s:s}", "version", cli_version(), "commit", commit, "build_id", build_id);
        json_dumpf(json, stdout, 0);
        fputc('\n', stdout);
        json_decref(json);
        return EXIT_CODE_OK;
    }
    printf("irqpath %s\ncommit   %s\nbuild ID %s\n", cli_version(), commit[0] != '\0' ? commit : "unknown",
           build_id[0] != '\0' ? build_id : "none");
    return EXIT_CODE_OK;
}

const struct command command_version = {
    .name = "version",
    .arguments = "",
    .summary = "print the version, the commit and the build ID",
    .description =
        "Prints the version, the commit that it was built from, with -dirty where files had been changed since, and\n"
        "the build ID of the program, which every other build differs in.",
    .common = CLI_JSON,
    .run = command_version_main,
};
