/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath init: writes a commented scenario to begin with.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/program.h"
#include "base/suggest.h"
#include "calibrate/host.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "scenario/installation.h"

struct init_options {
    bool is_forced;
};

#define DIRECTORY "init"      /* of the installation: one scenario for each question */
#define RECORDING "recording" /* no scenario, but what `trace import` makes one of */

/* A line of a template with one of these comments gets the host's value instead of its own. */
#define PROFILE_MARK "# like this host"
#define TOPOLOGY_MARK "# of this host"

/* Opens the template for a question. NULL after an error. */
static FILE *open_template(const struct cli *cli, const char *question)
{
    char path[PATH_MAX], suggestion[SUGGEST_TEXT_BYTES], known[256] = "";
    struct suggest suggest;
    size_t count;
    char **names = installation_names(DIRECTORY, &count);
    FILE *stream = NULL;

    if (strcmp(question, RECORDING) == 0 &&
        installation_file("scenarios/" DIRECTORY "/" RECORDING ".perf.txt", path, sizeof path))
        stream = fopen(path, "re");
    suggest_init(&suggest, question);
    suggest_offer(&suggest, RECORDING);
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(known);

        suggest_offer(&suggest, names[i]);
        (void)snprintf(known + used, sizeof known - used, "%s%s", used > 0 ? ", " : "", names[i]);
        if (strcmp(names[i], question) == 0 && installation_path(DIRECTORY, question, path, sizeof path))
            stream = fopen(path, "re");
    }
    if (stream == NULL && count == 0)
        cli_error(cli, "the installation has no scenarios to begin with: %s/share is missing or incomplete",
                  program_call());
    else if (stream == NULL)
        cli_error(cli, "unknown question '%.60s'%s: one of %s, " RECORDING, question,
                  suggest_text(&suggest, suggestion), known);
    installation_names_free(names, count);
    return stream;
}

/* Copies a line with another value, which is what stands between ": " and the comment. */
static void write_value(const char *line, const char *value, FILE *output)
{
    fprintf(output, "%.*s: %s %s", (int)strcspn(line, ":"), line, value, strchr(line, '#'));
}

static void write_scenario(const struct host *host, FILE *template, FILE *output)
{
    char *line = NULL, topology[160];
    size_t bytes = 0;

    (void)snprintf(topology, sizeof topology, "\"%s\"", host->synthetic);
    while (getline(&line, &bytes, template) >= 0) {
        if (strstr(line, PROFILE_MARK) != NULL)
            write_value(line, host_like(host), output);
        else if (strstr(line, TOPOLOGY_MARK) != NULL)
            write_value(line, topology, output);
        else
            fputs(line, output);
    }
    free(line);
}

static int finish(const struct cli *cli, FILE *output)
{
    bool is_good = !ferror(output);

    if (cli->output == NULL)
        return EXIT_CODE_OK;
    is_good = fclose(output) == 0 && is_good;
    if (!is_good) {
        cli_error(cli, "%s cannot be written", cli->output);
        return EXIT_CODE_IO;
    }
    if (cli->argument_count == 0 || strcmp(cli->arguments[0], RECORDING) != 0)
        cli_note(cli, "%s: its comments say what to do with it, in place of FILE", cli->output);
    return EXIT_CODE_OK;
}

static int command_init_main(const struct cli *cli)
{
    const struct init_options *given = cli->own;
    struct host host;
    char message[256];
    FILE *output = stdout, *template = open_template(cli, cli->argument_count > 0 ? cli->arguments[0] : "host");

    if (template == NULL)
        return EXIT_CODE_USAGE;
    bool is_known = host_init(&host, message, sizeof message);
    if (is_known && host.is_simplified)
        cli_note(cli, "this host is not symmetric: its pCPUs stand side by side. lstopo host.xml makes a file for "
                      "machine.topology");
    if (is_known && cli->output != NULL)
        output = fopen(cli->output, given->is_forced ? "we" : "wxe");
    if (!is_known)
        cli_error(cli, "%s", message);
    else if (output == NULL && errno == EEXIST)
        cli_error(cli, "%s exists; --force overwrites it", cli->output);
    else if (output == NULL)
        cli_error(cli, "%s: %s", cli->output, strerror(errno));
    else
        write_scenario(&host, template, output);
    fclose(template);
    host_free(&host);
    return is_known && output != NULL ? finish(cli, output) : EXIT_CODE_IO;
}

static const struct cli_option options[] = {
    { "force", 0, CLI_FLAG, offsetof(struct init_options, is_forced), NULL, NULL, "overwrite the file of -o" },
};

const struct command command_init = {
    .name = "init",
    .arguments = "[host|steal|latency|explore|own-code|recording]",
    .summary = "write a commented scenario to begin with",
    .description =
        "Writes a scenario with comments to standard output, or to the file of -o: for two guests on a machine like\n"
        "this host (host, the default), or for a question. steal: how much time does a guest lose to its neighbours?\n"
        "latency: how late do interrupts reach a guest? explore: can a design lose an interrupt? own-code: what does\n"
        "a change of a hypervisor's code do? It is valid and runs as it is. recording is no scenario but a made-up\n"
        "recording of perf, of a vCPU whose pCPU a backup takes, to try irqpath show and irqpath trace import with.",
    .common = CLI_OUTPUT,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct init_options),
    .argument_maximum = 1,
    .run = command_init_main,
};
