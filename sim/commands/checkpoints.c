/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and writes the checkpoints of explore.
 */
#define _GNU_SOURCE
#include "commands/checkpoints.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"

/* Between two checkpoints of a search in progress, unless the user gives it. */
#define CHECKPOINT_SECONDS 600

static const char *option_of(const struct checkpoint_options *given)
{
    return given->resumed != NULL ? "--resume" : "--checkpoint";
}

static bool is_given(const struct checkpoint_options *given)
{
    return given->resumed != NULL || given->written != NULL;
}

int checkpoints_open(struct checkpoints *checkpoints, const struct cli *cli, const struct checkpoint_options *given)
{
    char message[512];

    *checkpoints = (struct checkpoints){ .cli = cli, .given = given, .status = EXIT_CODE_OK };
    if (is_given(given) && cli->argument_count > 1) {
        cli_error(cli, "%s needs a single scenario", option_of(given));
        return EXIT_CODE_USAGE;
    }
    if ((given->written == NULL || file_can_write(given->written, true, message, sizeof(message))) &&
        (given->resumed == NULL || checkpoint_read(&checkpoints->resumed, given->resumed, message, sizeof(message))))
        return EXIT_CODE_OK;
    cli_error(cli, "%s", message);
    return EXIT_CODE_IO;
}

static void hash_scenario(const struct scenario *scenario, char text[RESULT_HASH_TEXT_BYTES])
{
    char *resolved = scenario_resolved_yaml(scenario);
    struct result_hash hash = result_hash_bytes(resolved, strlen(resolved));

    result_hash_text(&hash, text);
    free(resolved);
}

/* --- the command that goes on --- */

static void print_word(const char *word, FILE *stream)
{
    if (word[0] != '\0' &&
        strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:+@") == strlen(word)) {
        (void)fputs(word, stream);
        return;
    }
    (void)fputc('\'', stream);
    for (; *word != '\0'; word++)
        (void)fputs(*word == '\'' ? "'\\''" : (const char[]){ *word, '\0' }, stream);
    (void)fputc('\'', stream);
}

/* The words of this process, without --resume. */
static void print_words(const char *words, size_t count, FILE *stream)
{
    for (const char *word = words; word < words + count; word += strlen(word) + 1) {
        if (strcmp(word, "--resume") == 0)
            word += strlen(word) + 1;
        else if (strncmp(word, "--resume=", strlen("--resume=")) != 0) {
            print_word(word, stream);
            (void)fputc(' ', stream);
        }
    }
}

static char *command_of(const char *path)
{
    char *words, *command, message[512];
    size_t count, command_bytes;
    FILE *stream = open_memstream(&command, &command_bytes);

    words = file_read_bytes("/proc/self/cmdline", SIZE_MAX, &count, message, sizeof(message));
    CHECK(stream != NULL);
    CHECK_SYSTEM(words != NULL, "the program's own command cannot be read");
    print_words(words, count, stream);
    (void)fputs("--resume ", stream);
    print_word(path, stream);
    CHECK(fclose(stream) == 0);
    free(words);
    return command;
}

/* --- searches --- */

static void keep(void *context, const struct checkpoint *checkpoint, bool has_ended)
{
    struct checkpoints *checkpoints = context;
    struct checkpoint with_key = *checkpoint;
    const char *path = checkpoints->given->written;
    char message[512];

    with_key.key = checkpoints->key;
    if (!checkpoint_write(&with_key, path, message, sizeof(message))) {
        cli_error(checkpoints->cli, "%s", message);
        checkpoints->status = EXIT_CODE_IO;
        return;
    }
    if (!has_ended)
        return;
    char *command = command_of(path);
    cli_note(checkpoints->cli,
             "%s has a checkpoint of %" PRIu64 " states. To go on, with a higher limit if one was "
             "reached:\n  %s",
             path, checkpoint->states, command);
    free(command);
}

/* Why this search can have no checkpoints; NULL: it can. */
static const char *refusal(const struct scenario *scenario, size_t designs, const struct explore_limits *limits)
{
    if (designs > 1)
        return "needs a single design";
    if (limits->walks > 0)
        return "cannot be used with --random";
    if (limits->preemptions != EXPLORE_UNLIMITED)
        return "cannot be used with --preemptions: a checkpoint is of the search without a bound";
    if (scenario->setup.code != NULL)
        return "cannot be used with a code object: what was reached of it is not part of a checkpoint";
    return NULL;
}

bool checkpoints_begin(struct checkpoints *checkpoints, const struct scenario *scenario, const char *design,
                       size_t designs, struct explore_limits *limits)
{
    const struct checkpoint_options *given = checkpoints->given;
    const char *why = refusal(scenario, designs, limits);
    char message[512];

    if (!is_given(given))
        return true;
    if (why != NULL) {
        cli_error(checkpoints->cli, "%s %s", option_of(given), why);
        return false;
    }
    program_build_id(checkpoints->key.program);
    hash_scenario(scenario, checkpoints->key.scenario);
    CHECK(strlen(design) < sizeof(checkpoints->key.design));
    strcpy(checkpoints->key.design, design);
    if (given->resumed != NULL &&
        !checkpoint_is_of(&checkpoints->resumed, &checkpoints->key, message, sizeof(message))) {
        cli_error(checkpoints->cli, "%s: %s", given->resumed, message);
        return false;
    }
    limits->resumed = given->resumed != NULL ? &checkpoints->resumed : NULL;
    limits->keep = given->written != NULL ? keep : NULL;
    limits->keep_context = checkpoints;
    limits->keep_seconds = given->seconds.is_given ? given->seconds.value : CHECKPOINT_SECONDS;
    return true;
}

int checkpoints_close(struct checkpoints *checkpoints)
{
    checkpoint_free(&checkpoints->resumed);
    return checkpoints->status;
}
