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

#include "base/file.h"
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

/* Finds the template for a question. Returns an exit code, after an error that was printed. */
static int find_template(const struct cli *cli, const char *question, char path[PATH_MAX])
{
    char suggestion[SUGGEST_TEXT_BYTES], known[256] = "";
    struct suggest suggest;
    size_t count;
    char **names = installation_names(DIRECTORY, &count);
    bool is_found = strcmp(question, RECORDING) == 0 &&
                    installation_file("scenarios/" DIRECTORY "/" RECORDING ".perf.txt", path, PATH_MAX);

    suggest_init(&suggest, question);
    suggest_offer(&suggest, RECORDING);
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(known);

        suggest_offer(&suggest, names[i]);
        (void)snprintf(known + used, sizeof known - used, "%s%s", used > 0 ? ", " : "", names[i]);
        if (strcmp(names[i], question) == 0)
            is_found = installation_path(DIRECTORY, question, path, PATH_MAX);
    }
    if (!is_found && count == 0)
        cli_error(cli, "the installation has no scenarios to begin with: %s/share is missing or incomplete",
                  program_call());
    else if (!is_found)
        cli_error(cli, "unknown question '%.60s'%s: one of %s, " RECORDING, question,
                  suggest_text(&suggest, suggestion), known);
    installation_names_free(names, count);
    return is_found ? EXIT_CODE_OK : EXIT_CODE_USAGE;
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

/* Writes the template with the host's values to the file of -o or to standard output. */
static int write_output(const struct cli *cli, const struct host *host, FILE *template)
{
    const struct init_options *given = cli->own;
    struct file_writer writer;
    char message[PATH_MAX + 256];

    if (!file_open(&writer, cli->output != NULL ? cli->output : "-", given->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    write_scenario(host, template, writer.stream);
    bool is_read = !ferror(template);
    int error = errno;
    if (!is_read) {
        file_abandon(&writer);
        cli_error(cli, "the template cannot be read: %s", strerror(error));
    } else if (!file_commit(&writer, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    if (is_read && cli->output != NULL && (cli->argument_count == 0 || strcmp(cli->arguments[0], RECORDING) != 0))
        cli_note(cli, "%s: its comments say what to do with it, in place of FILE", cli->output);
    return is_read ? EXIT_CODE_OK : EXIT_CODE_IO;
}

static int command_init_main(const struct cli *cli)
{
    struct host host;
    char message[256];
    char path[PATH_MAX];
    int code = find_template(cli, cli->argument_count > 0 ? cli->arguments[0] : "host", path);
    FILE *template = code == EXIT_CODE_OK ? fopen(path, "re") : NULL;

    if (code != EXIT_CODE_OK)
        return code;
    code = EXIT_CODE_IO;
    if (template == NULL) {
        cli_error(cli, "%s: %s", path, strerror(errno));
        return code;
    }
    bool is_known = host_init(&host, message, sizeof message);
    if (is_known && host.is_simplified)
        cli_note(cli, "this host is not symmetric: its pCPUs stand side by side. lstopo host.xml makes a file for "
                      "machine.topology");
    if (is_known)
        code = write_output(cli, &host, template);
    else
        cli_error(cli, "%s", message);
    fclose(template);
    host_free(&host);
    return code;
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
