/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath calibrate: measures this host and writes a machine file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "calibrate/calibrate.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "scenario/profile.h"

struct calibrate_options {
    struct cli_count rounds, iterations;
    const char *like, *parts;
};

static const struct part {
    const char *name;
    void (*measure)(struct calibration *calibration);
} parts[] = {
    { "lines", calibrate_lines }, { "locks", calibrate_locks }, { "wakes", calibrate_wakes },
    { "guest", calibrate_guest }, { "code", calibrate_code },
};

#define PART_COUNT (sizeof(parts) / sizeof(*parts))

static const struct cli_option own_options[] = {
    { "rounds", 0, CLI_COUNT, offsetof(struct calibrate_options, rounds), "N", NULL,
      "number of interleaved rounds, whose median is the value (default: 21)" },
    { "iterations", 0, CLI_COUNT, offsetof(struct calibrate_options, iterations), "N", NULL,
      "measurements of each quantity per round (default: 1000)" },
    { "like", 0, CLI_TEXT, offsetof(struct calibrate_options, like), "MACHINE", NULL,
      "machine for costs that cannot be measured (default: skylake-sp-8s, on AMD epyc-2s)" },
    { "parts", 0, CLI_TEXT, offsetof(struct calibrate_options, parts), "NAMES", NULL,
      "measure only these: lines, locks, wakes, guest, code (default: all)" },
};

/* Whether the comma-separated list contains the name. */
static bool has_name(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *item = list; item != NULL; item = strchr(item, ',')) {
        item += *item == ',';
        if (!strncmp(item, name, length) && (item[length] == ',' || item[length] == '\0'))
            return true;
    }
    return false;
}

/* Checks that every item of the list is the name of a part. */
static bool parts_exist(const struct cli *cli, const char *list)
{
    for (const char *item = list; item != NULL;) {
        char name[32];
        bool is_part = false;

        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(item, ","), item);
        for (size_t i = 0; i < PART_COUNT; i++)
            is_part |= !strcmp(parts[i].name, name);
        if (!is_part) {
            cli_error(cli, "unknown part '%s': expected lines, locks, wakes, guest or code", name);
            return false;
        }
        item = strchr(item, ',');
        item = item != NULL ? item + 1 : NULL;
    }
    return true;
}

/* Whether the machine is there. Returns the exit code. */
static int like_find(const struct cli *cli, const char *like)
{
    struct profile *file = malloc(sizeof(*file));
    struct diag diag;
    int code = EXIT_CODE_OK;

    CHECK(file != NULL);
    diag_init(&diag);
    if (!profile_load(file, &machine_profile, like, &diag))
        code = diag.is_unreadable ? EXIT_CODE_IO : EXIT_CODE_USAGE;
    diag_print(&diag, stderr, cli_use_colour(cli, 2));
    profile_free(file);
    diag_free(&diag);
    free(file);
    return code;
}

static int write_file(const struct cli *cli, const struct calibration *calibration, const char *like)
{
    struct file_writer file;
    char message[512];

    if (file_open(&file, cli->output, cli->is_forced, message, sizeof(message))) {
        calibrate_write(calibration, "host", like, file.stream);
        if (file_commit(&file, message, sizeof(message)))
            return EXIT_CODE_OK;
    }
    cli_error(cli, "%s", message);
    return EXIT_CODE_IO;
}

static int measure(const struct cli *cli, struct calibration *calibration, const char *like, const char *names)
{
    const char *base = like != NULL ? like : host_like(&calibration->host);
    int code = like_find(cli, base);

    if (code != EXIT_CODE_OK)
        return code;
    if (calibration->host.is_simplified)
        cli_note(cli, "the topology of this host is not symmetric: distances are not measured");
    for (size_t i = 0; i < PART_COUNT; i++)
        if (names == NULL || has_name(names, parts[i].name))
            parts[i].measure(calibration);
    calibrate_finish(calibration);
    if (!cli->is_quiet)
        calibrate_print(calibration, stderr);
    if (cli->wants_json)
        calibrate_print_json(calibration, stdout);
    if (cli->output != NULL)
        return write_file(cli, calibration, base);
    if (!cli->wants_json)
        calibrate_write(calibration, "host", base, stdout);
    return EXIT_CODE_OK;
}

static int command_calibrate_main(const struct cli *cli)
{
    const struct calibrate_options *own = cli->own;
    uint64_t rounds = own->rounds.is_given ? own->rounds.value : 21;
    uint64_t iterations = own->iterations.is_given ? own->iterations.value : 1000;
    struct calibration *calibration;
    char message[512];
    int code = EXIT_CODE_IO;

    if (rounds > CALIBRATE_ROUNDS_MAX || iterations > 1000000) {
        cli_error(cli, "at most %d rounds of 1000000 iterations", CALIBRATE_ROUNDS_MAX);
        return EXIT_CODE_USAGE;
    }
    if (!parts_exist(cli, own->parts))
        return EXIT_CODE_USAGE;
    if (cli->output != NULL && !file_can_write(cli->output, cli->is_forced, message, sizeof(message))) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    calibration = malloc(sizeof(*calibration));
    CHECK(calibration != NULL);
    if (calibrate_init(calibration, (uint32_t)rounds, (uint32_t)iterations))
        code = measure(cli, calibration, own->like, own->parts);
    calibrate_free(calibration);
    free(calibration);
    return code;
}

const struct command command_calibrate = {
    .name = "calibrate",
    .arguments = "[-o FILE]",
    .summary = "measure this host and write a machine file",
    .description =
        "Measures cache-line transfers by distance, atomic operations, lock hand-overs, interrupts between CPUs,\n"
        "timers, basic blocks of code and, with a minimal guest on /dev/kvm, VM exits and interrupts. The threads are\n"
        "pinned to the CPUs that this process may use. Writes a machine file with the tag `measured` to -o or to\n"
        "standard output, and a table to standard error; --json prints the measurements. What cannot be measured on\n"
        "this host is reported and skipped. Takes a few seconds; the host should be idle.",
    .common = CLI_JSON | CLI_OUTPUT | CLI_FORCE,
    .options = own_options,
    .option_count = sizeof(own_options) / sizeof(*own_options),
    .own_bytes = sizeof(struct calibrate_options),
    .argument_maximum = 0,
    .run = command_calibrate_main,
};
