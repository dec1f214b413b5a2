/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the completions of bash, zsh and fish from the rows of the options and from the lists of the program.
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "commands/command.h"
#include "commands/list_rows.h"
#include "commands/manual.h"

/* What a value, or the arguments of a command, are completed with. */
enum words { WORDS_NONE, WORDS_FILES, WORDS_SCENARIOS, WORDS_DESIGNS, WORDS_KEYS, WORDS_MACHINES, WORDS_CHOICES };

static bool is_one_of(const char *name, const char *const *names)
{
    for (; name != NULL && *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static enum words words_of(const struct cli_option *option)
{
    static const char *const files[] = { "FILE", "DIR", "OBJECT", "TREE", "TABLE", NULL };
    static const char *const designs[] = { "design", "designs", NULL };
    static const char *const keys[] = { "PATH=VALUE", "PATH=A,B", NULL };

    return option->choices != NULL                                                    ? WORDS_CHOICES
           : is_one_of(option->name, designs)                                         ? WORDS_DESIGNS
           : is_one_of(option->value_name, files)                                     ? WORDS_FILES
           : is_one_of(option->value_name, keys)                                      ? WORDS_KEYS
           : option->value_name != NULL && strcmp(option->value_name, "MACHINE") == 0 ? WORDS_MACHINES
                                                                                      : WORDS_NONE;
}

static enum words arguments_of(const struct command *command)
{
    return strstr(command->arguments, "SCENARIO") == command->arguments ? WORDS_SCENARIOS : WORDS_FILES;
}

/* --- words --- */

/* Prints the first column of a list, separated by blanks. Of keys only those without a NAME, with a "=" behind. */
static void print_list(const struct cli *cli, const char *name, bool is_keys, FILE *stream)
{
    json_t *rows = list_rows(cli, name), *row;
    const char *blank = "";
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *text = json_string_value(json_object_get(row, "name"));

        if (is_keys && (strstr(text, "NAME") != NULL || strchr(text, '.') == NULL))
            continue;
        fprintf(stream, "%s%s%s", blank, text, is_keys ? "=" : "");
        blank = " ";
    }
    json_decref(rows);
}

static const char *const lists[] = {
    [WORDS_SCENARIOS] = "scenarios", [WORDS_DESIGNS] = "designs", [WORDS_KEYS] = "keys",
    [WORDS_MACHINES] = "machines",   [WORDS_CHOICES] = NULL,
};

/* Each list is made once, for that of the scenarios loads all of them. */
static void print_words(const struct cli *cli, enum words words, const char *const *choices, FILE *stream)
{
    static char *texts[WORDS_CHOICES];
    size_t bytes;

    for (size_t i = 0; words == WORDS_CHOICES && choices[i] != NULL; i++)
        fprintf(stream, "%s%s", i > 0 ? " " : "", choices[i]);
    if (lists[words] == NULL)
        return;
    if (texts[words] == NULL) {
        FILE *made = open_memstream(&texts[words], &bytes);

        CHECK(made != NULL);
        print_list(cli, lists[words], words == WORDS_KEYS, made);
        CHECK(fclose(made) == 0);
    }
    fputs(texts[words], stream);
}

/* Prints the words that a command takes as its first argument, if these are no files. False if they are. */
static bool print_arguments(const struct command *command, FILE *stream)
{
    if (command == &command_list) {
        for (size_t i = 0; list_name(i) != NULL; i++)
            fprintf(stream, "%s ", list_name(i));
        fputs("code", stream);
    } else if (command == &command_help) {
        for (size_t i = 0; i < manual_count(); i++)
            fprintf(stream, "%s%s", i > 0 ? " " : "", manual_topic(i));
    } else if (command == &command_init) {
        fputs("host steal latency explore own-code recording", stream);
    } else if (command == &command_trace) {
        fputs("export import", stream);
    } else {
        return false;
    }
    return true;
}

/* Prints text between single quotes, with a backslash before each of the characters `special`. */
static void print_quoted(const char *text, const char *special, FILE *stream)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", stream);
        else if (strchr(special, *text) != NULL)
            fprintf(stream, "\\%c", *text);
        else
            fputc(*text, stream);
}

/* --- bash --- */

static void print_bash_values(const struct cli *cli, const struct command *command, FILE *stream)
{
    const struct cli_option *option;

    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
        enum words words = words_of(option);

        if (option->kind == CLI_FLAG)
            continue;
        fprintf(stream, "    %s:--%s", command->name, option->name);
        if (option->letter != 0)
            fprintf(stream, " | %s:-%c", command->name, option->letter);
        fputs(") words='", stream);
        print_words(cli, words, option->choices, stream);
        fprintf(stream, "' files=%s value=1 ;;\n", words == WORDS_FILES ? "1" : "");
    }
}

static void print_bash_arguments(const struct cli *cli, const struct command *command, FILE *stream)
{
    const struct cli_option *option;

    fprintf(stream, "    %s) options='", command->name);
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++)
        fprintf(stream, "%s--%s", i > 0 ? " " : "", option->name);
    fputs("' words='", stream);
    bool has_words = print_arguments(command, stream);
    if (!has_words)
        print_words(cli, arguments_of(command), NULL, stream);
    fprintf(stream, "' files=%s ;;\n", has_words && command != &command_trace ? "" : "1");
}

void completion_bash(const struct cli *cli, FILE *stream)
{
    fputs("# Made by irqpath (irqpath help --write) for bash.\n"
          "_irqpath() {\n"
          "  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words= options= files= value= before\n"
          "  before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "  COMPREPLY=()\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='",
          stream);
    for (const struct command *const *command = commands; *command != NULL; command++)
        fprintf(stream, "%s%s", command == commands ? "" : " ", (*command)->name);
    fputs("' value=1\n  fi\n  case $command:$before in\n", stream);
    for (const struct command *const *command = commands; *command != NULL; command++)
        print_bash_values(cli, *command, stream);
    fputs("  esac\n  [ -n \"$value\" ] || case $command in\n", stream);
    for (const struct command *const *command = commands; *command != NULL; command++)
        print_bash_arguments(cli, *command, stream);
    fputs("  esac\n"
          "  case $current in -*) words=$options files= ;; esac\n"
          "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "  [ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
          "  case ${COMPREPLY[*]-} in *=) compopt -o nospace 2>/dev/null ;; esac\n"
          "}\n"
          "complete -o filenames -F _irqpath irqpath\n",
          stream);
}

/* --- zsh --- */

static void print_zsh_option(const struct cli *cli, const struct cli_option *option, FILE *stream)
{
    enum words words = words_of(option);

    fprintf(stream, "      '%s--%s%s[", option->kind == CLI_LIST ? "*" : "", option->name,
            option->kind == CLI_FLAG ? "" : "=");
    print_quoted(option->help, "[]:\\", stream);
    fputc(']', stream);
    if (option->kind != CLI_FLAG) {
        fputc(':', stream);
        print_quoted(option->value_name, ":\\'", stream);
        fputs(words == WORDS_FILES ? ":_files" : words == WORDS_NONE ? ": " : ":(", stream);
        print_words(cli, words, option->choices, stream);
        fputs(words == WORDS_FILES || words == WORDS_NONE ? "" : ")", stream);
    }
    fputs("' \\\n", stream);
}

static void print_zsh_command(const struct cli *cli, const struct command *command, FILE *stream)
{
    const struct cli_option *option;

    fprintf(stream, "    %s) _arguments \\\n", command->name);
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++)
        print_zsh_option(cli, option, stream);
    if (arguments_of(command) == WORDS_SCENARIOS) {
        fputs("      '*:scenario:{ compadd ", stream);
        print_words(cli, WORDS_SCENARIOS, NULL, stream);
        fputs("; _files }' ;;\n", stream);
        return;
    }
    fputs("      '1:argument:{ compadd -- ", stream);
    if (!print_arguments(command, stream))
        fputs("; _files", stream);
    fputs(" }' '*:file:_files' ;;\n", stream);
}

void completion_zsh(const struct cli *cli, FILE *stream)
{
    fputs("#compdef irqpath\n# Made by irqpath (irqpath help --write) for zsh.\n"
          "_irqpath() {\n  local -a irqpath_commands\n  irqpath_commands=(\n",
          stream);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        fprintf(stream, "    '%s:", (*command)->name);
        print_quoted((*command)->summary, ":\\", stream);
        fputs("'\n", stream);
    }
    fputs("  )\n"
          "  if (( CURRENT == 2 )); then\n    _describe -t commands command irqpath_commands\n    return\n  fi\n"
          "  local irqpath_command=$words[2]\n  shift words\n  (( CURRENT-- ))\n"
          "  case $irqpath_command in\n",
          stream);
    for (const struct command *const *command = commands; *command != NULL; command++)
        print_zsh_command(cli, *command, stream);
    fputs("  esac\n}\n_irqpath \"$@\"\n", stream);
}

/* --- fish --- */

static void print_fish_option(const struct cli *cli, const char *command, const struct cli_option *option, FILE *stream)
{
    enum words words = words_of(option);

    fprintf(stream, "complete -c irqpath -n '__fish_seen_subcommand_from %s' -l %s", command, option->name);
    if (option->letter != 0)
        fprintf(stream, " -s %c", option->letter);
    if (option->kind != CLI_FLAG)
        fputs(words == WORDS_FILES ? " -r -F" : " -x", stream);
    if (option->kind != CLI_FLAG && words != WORDS_FILES && words != WORDS_NONE) {
        fputs(" -a '", stream);
        print_words(cli, words, option->choices, stream);
        fputc('\'', stream);
    }
    fputs(" -d \"", stream);
    for (const char *at = option->help; *at != '\0'; at++)
        fprintf(stream, strchr("\"\\$", *at) != NULL ? "\\%c" : "%c", *at);
    fputs("\"\n", stream);
}

void completion_fish(const struct cli *cli, FILE *stream)
{
    const struct cli_option *option;

    fputs("# Made by irqpath (irqpath help --write) for fish.\n", stream);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        const char *name = (*command)->name;

        fprintf(stream, "complete -c irqpath -n __fish_use_subcommand -f -a %s -d \"%s\"\n", name, (*command)->summary);
        fprintf(stream, "complete -c irqpath -n '__fish_seen_subcommand_from %s' -a '", name);
        if (!print_arguments(*command, stream))
            print_words(cli, arguments_of(*command), NULL, stream);
        fputs("'\n", stream);
        for (size_t i = 0; (option = cli_option_at(*command, i)) != NULL; i++)
            print_fish_option(cli, name, option, stream);
    }
}
