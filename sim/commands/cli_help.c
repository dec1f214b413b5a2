/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints what --help of a command says.
 */
#include <stdio.h>

#include "commands/cli.h"
#include "commands/command.h"
#include "commands/width.h"
#include "manual/wrap.h"

const char *cli_option_term(const struct cli_option *option, bool is_padded, char *text, size_t text_bytes)
{
    char letter[] = { '-', option->letter, ',', ' ', '\0' };

    snprintf(text, text_bytes, "%s--%s%s%s",
             option->letter ? letter
             : is_padded    ? "    "
                            : "",
             option->name, option->value_name ? " " : "", option->value_name ? option->value_name : "");
    return text;
}

static void print_option(const struct cli_option *option)
{
    char term[64];
    int column = printf("  %-28s  ", cli_option_term(option, true, term, sizeof(term)));

    wrap_print(stdout, option->help, (size_t)column, 32, output_width(1));
}

void cli_print_help(const struct command *command)
{
    printf("usage: irqpath %s%s%s [options]\n", command->name, *command->arguments ? " " : "", command->arguments);
    for (const char *const *text = command->paragraphs; text != NULL && *text != NULL; text++)
        printf("\n%s\n", *text);
    if (command->paragraphs == NULL)
        printf("\n%s\n", command->description ? command->description : command->summary);
    printf("\noptions:\n");
    for (size_t i = 0; cli_option_at(command, i) != NULL; i++)
        print_option(cli_option_at(command, i));
}
