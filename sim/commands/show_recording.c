/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a recording and answers from it.
 */
#define _GNU_SOURCE
#include "commands/show_recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/option.h"
#include "commands/width.h"
#include "formats/recordings.h"
#include "report/kind.h"
#include "result/report.h"
#include "trace/answer.h"
#include "trace/recorder.h"
#include "trace/timehist.h"
#include "trace/wakeups.h"

bool is_recording(const char *path)
{
    uint8_t head[KIND_HEAD_BYTES];
    struct stat status;
    const char *what;

    if (strcmp(path, "-") == 0 || stat(path, &status) != 0 || S_ISDIR(status.st_mode))
        return false;
    FILE *file = fopen(path, "re");
    if (file == NULL && file_is_misnamed(errno))
        return false;
    CHECK_SYSTEM(file != NULL, path);
    size_t count = fread(head, 1, sizeof head, file);
    CHECK_SYSTEM(!ferror(file), path);
    fclose(file);
    enum kind kind = kind_of(head, count, &what);
    return kind == KIND_RECORDING || (kind == KIND_OTHER && count > 0);
}

static bool read_options(const struct recording_options *options, struct recording_choice *choice,
                         struct trace_choice *window, char *message, size_t message_bytes)
{
    struct option_problem problem;

    *choice = (struct recording_choice){ .allows_lost = options->allows_lost };
    *window = (struct trace_choice){ 0 };
    if (options->window != NULL && !trace_window_parse(options->window, window, message, message_bytes))
        return false;
    if (options->frequency == NULL ||
        option_parse_number(OPTION_FREQUENCY, options->frequency, &choice->frequency_hz, &problem))
        return true;
    snprintf(message, message_bytes, "--cpu-hz: %.300s%.100s", problem.message, problem.suggestion);
    return false;
}

int recording_open(const struct cli *cli, const char *path, const struct recording_options *options,
                   struct recorded *recorded, cycles *from, cycles *until)
{
    struct recording_choice choice;
    struct trace_choice window;
    char message[512];

    recorded_init(recorded);
    if (!read_options(options, &choice, &window, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    }
    if (!recorded_read(path, &choice, recorded, message, sizeof message)) {
        size_t bytes = strlen(path);
        bool is_scenario = bytes > 5 && strcmp(path + bytes - 5, ".yaml") == 0;
        cli_error(cli, "%s: %s%s", path, message,
                  is_scenario ? ". A scenario is simulated with `irqpath run`, which prints its result" : "");
        return recorded->is_unreadable || access(path, R_OK) != 0 ? EXIT_CODE_IO : EXIT_CODE_USAGE;
    }
    *from = 0;
    *until = CYCLES_NEVER;
    if (window.until_ns > 0) {
        *from = cycles_from_ns(window.from_ns, recorded->world.frequency_hz);
        *until = cycles_from_ns(window.until_ns, recorded->world.frequency_hz);
    }
    if (*from < recorded->world.end)
        return EXIT_CODE_OK;
    cli_error(cli, "%s: the window begins behind the end of the recording, which is %.6f s long", path,
              (double)recorded->world.end / (double)recorded->world.frequency_hz);
    return EXIT_CODE_USAGE;
}

int recording_play(const struct cli *cli, const char *path, struct recorded *recorded, cycles from, cycles until,
                   struct trace_sink *sink)
{
    char message[512];

    if (recorded_play(recorded, from, until, sink, message, sizeof message))
        return EXIT_CODE_OK;
    cli_error(cli, "%s: %s", path, message);
    return EXIT_CODE_USAGE;
}

static int show_answer(const struct cli *cli, const struct answer *answer, const struct recording_options *options)
{
    if (cli->wants_json)
        json_print_document(answer_json(answer), "recording", stdout);
    else if (options->wants_csv)
        answer_print_csv(answer, stdout);
    else
        answer_print(answer, output_width(1), stdout, cli_use_colour(cli, 1));
    return cli_finish_output(EXIT_CODE_OK);
}

int show_recording_attribution(const struct cli *cli, const char *path, const struct recording_options *options)
{
    struct recorded recorded;
    struct answer answer;
    char message[512];
    cycles from, until;

    int code = recording_open(cli, path, options, &recorded, &from, &until);
    if (code == EXIT_CODE_OK) {
        if (answer_make(&answer, &recorded, from, until, message, sizeof message)) {
            code = show_answer(cli, &answer, options);
        } else {
            cli_error(cli, "%s: %s", path, message);
            code = EXIT_CODE_USAGE;
        }
        answer_free(&answer);
    }
    recorded_free(&recorded);
    return code;
}

int show_recording_timehist(const struct cli *cli, const char *path, const struct recording_options *options)
{
    struct recorded recorded;
    struct timehist timehist;
    cycles from, until;

    timehist_init(&timehist);
    int code = recording_open(cli, path, options, &recorded, &from, &until);
    if (code == EXIT_CODE_OK)
        code = recording_play(cli, path, &recorded, from, until, &timehist.sink);
    if (code == EXIT_CODE_OK && !timehist.has_vcpus) {
        cli_error(cli, "%s: the recording does not say when a vCPU or thread runs: record sched:sched_switch", path);
        code = EXIT_CODE_USAGE;
    }
    if (code == EXIT_CODE_OK && cli->wants_json)
        json_print_document(timehist_json(&timehist, options->guest), "timehist", stdout);
    else if (code == EXIT_CODE_OK && options->wants_csv)
        timehist_print_csv(&timehist, options->guest, stdout);
    else if (code == EXIT_CODE_OK)
        timehist_print(&timehist, options->guest, stdout, cli_use_colour(cli, 1));
    timehist_free(&timehist);
    recorded_free(&recorded);
    return code;
}

int recording_slowest(const struct cli *cli, const char *path, struct recorded *recorded, cycles from, cycles until,
                      struct slowest *slowest)
{
    int code = recording_play(cli, path, recorded, from, until, &slowest->sink);

    if (code == EXIT_CODE_OK && slowest->count == 0)
        wakeups_slowest(recorded, from, until, slowest);
    return code;
}

int show_recording_slowest(const struct cli *cli, const char *path, const struct recording_options *options,
                           size_t wanted)
{
    struct slowest *slowest = malloc(sizeof *slowest);
    struct recorded recorded;
    cycles from, until;

    CHECK(slowest != NULL);
    slowest_init(slowest, wanted, SLOWEST_HISTORY);
    int code = recording_open(cli, path, options, &recorded, &from, &until);
    if (code == EXIT_CODE_OK)
        code = recording_slowest(cli, path, &recorded, from, until, slowest);
    if (code == EXIT_CODE_OK && cli->wants_json)
        json_print_document(slowest_json(slowest), "slowest", stdout);
    else if (code == EXIT_CODE_OK)
        slowest_print(slowest, stdout);
    slowest_free(slowest);
    free(slowest);
    recorded_free(&recorded);
    return code;
}
