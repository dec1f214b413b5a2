/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of all subcommands, and what they have in common.
 */
#include <string.h>

#include "base/control.h"
#include "base/suggest.h"
#include "commands/command.h"
#include "commands/width.h"
#include "manual/wrap.h"

const struct command *const commands[] = {
    &command_init,    &command_run,  &command_compare,   &command_sweep, &command_experiment,
    &command_report,  &command_show, &command_plot,      &command_trace, &command_explore,
    &command_replay,  &command_list, &command_calibrate, &command_build, &command_validate,
    &command_explain, &command_help, &command_version,   NULL,
};

const struct command_term command_exit_codes[] = {
    { "0", "success" },
    { "1", "a failed expectation, a regression or a violation" },
    { "2", "an error in the command line or in a scenario" },
    { "3", "an internal error of the simulator, or not enough memory" },
    { "4", "an input or output error" },
    { "125", "code does not compile, which git bisect run skips" },
    { "130", "interrupted" },
    { NULL, NULL },
};

const struct command_term command_variables[] = {
    { "IRQPATH_SCENARIOS", "another directory of scenarios, machines and cost profiles" },
    { "IRQPATH_CODE", "another directory that has models/*/code and sim/code/abi, for irqpath build" },
    { "NO_COLOR", "if not empty, no output is coloured, as with --color=never" },
    { "COLUMNS", "how wide the output may be, where it is not the terminal's width" },
    { NULL, NULL },
};

const struct command *command_find(const char *name)
{
    char suggestion[SUGGEST_TEXT_BYTES], shown[81];
    struct suggest suggest;

    if (!strcmp(name, "--version"))
        return &command_version;
    suggest_init(&suggest, name);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (!strcmp(name, (*command)->name))
            return *command;
        suggest_offer(&suggest, (*command)->name);
    }
    snprintf(shown, sizeof shown, "%s", name);
    control_clean(shown);
    fprintf(stderr, "irqpath: error: unknown command '%s'%s\n", shown, suggest_text(&suggest, suggestion));
    return NULL;
}

static void print_terms(const struct command_term *terms, int column, FILE *stream)
{
    for (; terms->term != NULL; terms++) {
        int used = fprintf(stream, "  %-*s  ", column, terms->term);
        wrap_print(stream, terms->meaning, (size_t)used, (size_t)column + 4, output_width(1));
    }
}

void commands_print_usage(FILE *stream)
{
    fputs("usage: irqpath COMMAND ...\n\n"
          "Simulates the path of an interrupt through a hypervisor, cycle by cycle.\n\ncommands:\n",
          stream);
    for (const struct command *const *command = commands; *command != NULL; command++)
        wrap_print(stream, (*command)->summary, (size_t)fprintf(stream, "  %-12s", (*command)->name), 14,
                   output_width(1));
    fputs("\n`irqpath COMMAND --help` describes a command, `irqpath help scenario` the files that it reads.\n\n"
          "exit codes:\n",
          stream);
    print_terms(command_exit_codes, 3, stream);
    fputs("\nenvironment variables:\n", stream);
    print_terms(command_variables, 17, stream);
}
