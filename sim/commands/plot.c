/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath plot: draws figures of results to files or in the terminal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temporaries.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "plot/plot.h"
#include "sweep/sweep.h"

struct plot_options {
    uint32_t terminal; /* 1: dumb */
};

static int draw(const struct cli *cli, const struct result_set *set);

static int command_plot_main(const struct cli *cli)
{
    const struct plot_options *given = cli->own;
    struct result_set set;
    char message[512];
    int status = EXIT_CODE_OK;

    if ((cli->output != NULL) == (given->terminal != 0)) {
        cli_error(cli, "exactly one of -o DIR and --term dumb is needed");
        return EXIT_CODE_USAGE;
    }
    result_set_init(&set);
    for (size_t i = 0; i < cli->argument_count && status == EXIT_CODE_OK; i++)
        if (!sweep_read_results(cli->arguments[i], &set, message, sizeof message)) {
            cli_error(cli, "%s", message);
            status = EXIT_CODE_IO;
        }
    if (status == EXIT_CODE_OK && cli->output != NULL && mkdir(cli->output, 0777) != 0 && errno != EEXIST) {
        cli_error(cli, "%s: %s", cli->output, strerror(errno));
        status = EXIT_CODE_IO;
    }
    if (status == EXIT_CODE_OK && cli->output != NULL)
        temporaries_remove(cli->output, NULL);
    if (status == EXIT_CODE_OK)
        status = draw(cli, &set);
    result_set_free(&set);
    return status;
}

static void print_note(void *context, const char *text) { cli_note(context, "%s", text); }

static int environment_size(const char *name, int otherwise)
{
    const char *text = getenv(name);
    int value = text != NULL ? atoi(text) : 0;
    return value > 0 ? value : otherwise;
}

/* Finds the size of the terminal, from the terminal itself, from COLUMNS and LINES, or a default. Figures have at most
 * 40 rows. */
static void find_size(struct plot_request *request)
{
    struct winsize size;
    bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    int columns = is_known ? size.ws_col : environment_size("COLUMNS", 79);
    int rows = is_known ? size.ws_row - 2 : environment_size("LINES", 24);

    request->columns = columns < 40 ? 40 : columns > 200 ? 200 : columns;
    request->rows = rows < 15 ? 15 : rows > 40 ? 40 : rows;
}

static int draw(const struct cli *cli, const struct result_set *set)
{
    struct plot_request request = { .set = set,
                                    .directory = cli->output,
                                    .out = stdout,
                                    .use_colour = cli_use_colour(cli, 1),
                                    .is_forced = cli->is_forced };
    char message[512] = "";

    find_size(&request);
    switch (plot_results(&request, print_note, (void *)cli, message, sizeof message)) {
    case PLOT_OK:
        break;
    case PLOT_NOTHING:
        cli_error(cli, "the results contain nothing that can be drawn");
        return EXIT_CODE_USAGE;
    case PLOT_FAILED:
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    return cli_finish_output(EXIT_CODE_OK);
}

static const char *const terminals[] = { "dumb", NULL };

static const struct cli_option options[] = {
    { "term", 0, CLI_CHOICE, offsetof(struct plot_options, terminal), "dumb", terminals,
      "draw with characters in the terminal" },
};

const struct command command_plot = {
    .name = "plot",
    .arguments = "RESULT... -o DIR | RESULT... --term dumb",
    .summary = "draw figures of results with gnuplot",
    .description =
        "Draws SVG and PNG figures of everything for which the results have data: runstates of the guests,\n"
        "interrupt latency, and for a sweep steal time and lock waits over its axis. RESULT is a result file or the\n"
        "directory of a sweep. A note names each figure that is left out and the reason.",
    .common = CLI_OUTPUT | CLI_FORCE,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct plot_options),
    .argument_minimum = 1,
    .argument_maximum = 100000,
    .run = command_plot_main,
};
