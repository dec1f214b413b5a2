/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath help: shows a page of the manual, or writes all pages with the completions and the schema for an
 * installation.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/suggest.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/manual.h"
#include "commands/width.h"
#include "scenario/schema.h"

enum { TEXT_WIDTH = 80 }; /* where the output is no terminal */

struct help_options {
    const char *directory;
    bool is_man;
};

/* --- one page --- */

static void source_text(char *text, size_t text_bytes)
{
    (void)snprintf(text, text_bytes, "irqpath %s", cli_version());
}

/* Lets man show the file. False when there is no man. */
static bool show_file(const char *path)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        execlp("man", "man", "-l", path, (char *)NULL);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* False when the page could not be shown this way. */
static bool show_with_man(const struct document *document)
{
    char path[] = "/tmp/irqpath-XXXXXX.man", source[64];
    int file = mkstemps(path, 4);
    FILE *stream = file >= 0 ? fdopen(file, "w") : NULL;

    if (stream == NULL)
        return false;
    source_text(source, sizeof source);
    document_write_man(document, source, stream);
    bool is_shown = fclose(stream) == 0 && show_file(path);
    (void)unlink(path);
    return is_shown;
}

static int show_topic(const struct cli *cli, size_t page)
{
    const struct help_options *given = cli->own;
    struct document document;
    char source[64];

    manual_make(cli, page, &document);
    source_text(source, sizeof source);
    if (given->is_man)
        document_write_man(&document, source, stdout);
    else if (!isatty(1) || !show_with_man(&document))
        document_write_text(&document, output_width(1) < SIZE_MAX ? output_width(1) : TEXT_WIDTH, stdout);
    document_free(&document);
    return EXIT_CODE_OK;
}

/* --- all of them --- */

/* Opens DIRECTORY/FOLDER/NAME for writing and makes the folders. False after an error. */
static bool open_file(const struct cli *cli, struct file_writer *writer, const char *folder, const char *name)
{
    const struct help_options *given = cli->own;
    char path[PATH_MAX], message[PATH_MAX + 256] = "the path of the directory is too long";
    bool is_open = (size_t)snprintf(path, sizeof path, "%s/%s/%s", given->directory, folder, name) < sizeof path;

    for (char *slash = is_open ? strchr(path + 1, '/') : NULL; slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0777); /* where it cannot be made, the file cannot either */
        *slash = '/';
    }
    is_open = is_open && file_open(writer, path, true, message, sizeof message);
    if (!is_open)
        cli_error(cli, "%s", message);
    return is_open;
}

static bool close_file(const struct cli *cli, struct file_writer *writer)
{
    char message[PATH_MAX + 256];
    bool is_good = file_commit(writer, message, sizeof message);

    if (!is_good)
        cli_error(cli, "%s", message);
    return is_good;
}

static bool write_page(const struct cli *cli, size_t page)
{
    struct file_writer writer;
    struct document document;
    char folder[8], name[64], source[64];

    manual_make(cli, page, &document);
    (void)snprintf(folder, sizeof folder, "man%d", document.section);
    (void)snprintf(name, sizeof name, "%s.%d", document.name, document.section);
    bool is_open = open_file(cli, &writer, folder, name);
    source_text(source, sizeof source);
    if (is_open)
        document_write_man(&document, source, writer.stream);
    document_free(&document);
    return is_open && close_file(cli, &writer);
}

static void write_schema(const struct cli *cli, FILE *stream)
{
    (void)cli;
    scenario_schema_print(stream);
}

static int write_all(const struct cli *cli)
{
    static const struct {
        const char *folder, *name;
        void (*write)(const struct cli *cli, FILE *stream);
    } files[] = {
        { "completion", "irqpath", completion_bash },
        { "completion", "_irqpath", completion_zsh },
        { "completion", "irqpath.fish", completion_fish },
        { "schema", "scenario.json", write_schema },
    };

    for (size_t page = 0; page < manual_count(); page++)
        if (!write_page(cli, page))
            return EXIT_CODE_IO;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct file_writer writer;

        if (!open_file(cli, &writer, files[i].folder, files[i].name))
            return EXIT_CODE_IO;
        files[i].write(cli, writer.stream);
        if (!close_file(cli, &writer))
            return EXIT_CODE_IO;
    }
    return EXIT_CODE_OK;
}

static int command_help_main(const struct cli *cli)
{
    const struct help_options *given = cli->own;
    const char *topic = cli->argument_count > 0 ? cli->arguments[0] : NULL;
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    if (given->directory != NULL)
        return write_all(cli);
    if (topic == NULL) {
        commands_print_usage(stdout);
        return EXIT_CODE_OK;
    }
    suggest_init(&suggest, topic);
    for (size_t page = 0; page < manual_count(); page++) {
        if (strcmp(manual_topic(page), topic) == 0)
            return show_topic(cli, page);
        suggest_offer(&suggest, manual_topic(page));
    }
    cli_error(cli, "unknown topic '%.80s'%s", topic, suggest_text(&suggest, suggestion));
    return EXIT_CODE_USAGE;
}

static const struct cli_option options[] = {
    { "man", 0, CLI_FLAG, offsetof(struct help_options, is_man), NULL, NULL, "print the page for man(1)" },
    { "write", 0, CLI_TEXT, offsetof(struct help_options, directory), "DIR", NULL,
      "write all pages, the completions of bash, zsh and fish, and the JSON Schema of scenarios into folders of DIR" },
};

const struct command command_help = {
    .name = "help",
    .arguments = "[TOPIC]",
    .summary = "show the manual: a command, scenario, experiment-file",
    .description =
        "Shows a page of the manual, on a terminal through man where there is one, else as text. TOPIC is a command,\n"
        "irqpath, scenario (every key of the files that are simulated) or experiment-file. Without TOPIC it lists the\n"
        "commands. --write is for those who install irqpath without cmake --install.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct help_options),
    .argument_maximum = 1,
    .run = command_help_main,
};
