/* SPDX-License-Identifier: Apache-2.0
 *
 * Divides random walks and merges their parts.
 */
#define _GNU_SOURCE
#include "commands/walks.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/program.h"
#include "commands/job_array.h"
#include "explore/explore.h"
#include "explore/random_search.h"
#include "result/cbor.h"

/* Parses "FROM,TO". */
static bool parse_part(const char *text, uint64_t walks, uint64_t *from, uint64_t *to)
{
    char *end;

    errno = 0;
    *from = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != ',' || !isdigit((unsigned char)end[1]))
        return false;
    *to = strtoull(end + 1, &end, 10);
    return *end == '\0' && errno == 0 && *from < *to && *to <= walks;
}

/* Divides the walks as evenly as possible; the first parts have one more. */
static bool choose_by_place(const struct cli *cli, struct explore_limits *limits)
{
    size_t task, count;
    uint64_t walks = limits->walks;

    if (!job_array_place(cli, "part", &task, &count))
        return false;
    limits->walks_from = walks / count * task + (task < walks % count ? task : walks % count);
    limits->walks = limits->walks_from + walks / count + (task < walks % count);
    return true;
}

bool walks_choose(const struct cli *cli, const struct walks_options *options, struct explore_limits *limits)
{
    const char *name = options->part != NULL ? "--walks" : "--merge";

    if (options->number.is_given)
        limits->walks = options->number.value;
    if (options->part == NULL && options->merge == NULL)
        return !options->number.is_given || cli->code != NULL || choose_by_place(cli, limits);
    if (!options->number.is_given || cli->code != NULL || (options->part != NULL && options->merge != NULL))
        cli_error(cli, "%s needs --random N and can be used neither with --code nor with %s", name,
                  options->part != NULL ? "--merge" : "--walks");
    else if (options->part == NULL || parse_part(options->part, limits->walks, &limits->walks_from, &limits->walks))
        return true;
    else
        cli_error(cli, "--walks: expected FROM,TO with 0 <= FROM < TO <= %" PRIu64 ", not '%s'", options->number.value,
                  options->part);
    return false;
}

bool walks_are_part(const struct walks_options *options, const struct explore_limits *limits)
{
    return options->number.is_given && limits->walks - limits->walks_from < options->number.value;
}

bool walks_open(const struct cli *cli, const struct walks_options *options, struct walk_parts *parts)
{
    char message[512];

    *parts = (struct walk_parts){ .count = 0 };
    if (options->merge == NULL || walk_parts_read(parts, options->merge, message, sizeof(message)))
        return true;
    walk_parts_free(parts);
    cli_error(cli, "%s", message);
    return false;
}

char *walks_hash(const struct scenario *scenario, const struct explore_limits *limits)
{
    char *resolved, *all, *text, build[PROGRAM_BUILD_ID_BYTES];
    int length;

    if (limits->walks == 0 || scenario->setup.code != NULL)
        return NULL;
    resolved = scenario_resolved_yaml(scenario);
    length = asprintf(&all, "%s\n%" PRIu64 " steps, irqpath %s %s\n", resolved, explore_random_steps(limits),
                      cli_version(), program_build_id(build));
    text = malloc(RESULT_HASH_TEXT_BYTES);
    CHECK(length > 0 && text != NULL);
    struct result_hash hash = result_hash_bytes(all, (size_t)length);
    result_hash_text(&hash, text);
    free(all);
    free(resolved);
    return text;
}

/* Repeats the last walk of the whole, which has the violation. */
static bool repeat(const struct walk_part *whole, const struct scenario *scenario, const char *design,
                   const struct explore_limits *limits, struct explore_outcome *outcome, char *message,
                   size_t message_bytes)
{
    struct explore_limits only = *limits;

    only.walks = whole->to;
    only.walks_from = whole->to - 1;
    if (!explore_scenario(scenario, design, &only, NULL, outcome, message, message_bytes))
        return false;
    if (outcome->verdict == EXPLORE_VIOLATION)
        return true;
    explore_outcome_free(outcome);
    (void)snprintf(message, message_bytes, "walk %" PRIu64 " of %s has no violation here: a part is of another version",
                   only.walks_from, design);
    return false;
}

bool walks_merge(const struct walk_parts *parts, const struct scenario *scenario, const char *design,
                 const struct explore_limits *limits, struct explore_outcome *outcome, double *seconds, char *message,
                 size_t message_bytes)
{
    struct walk_part whole;
    char *hash = walks_hash(scenario, limits);
    bool is_good = walk_parts_merge(parts, hash, design, limits->walks, &whole, message, message_bytes);

    free(hash);
    *outcome = (struct explore_outcome){
        .verdict = EXPLORE_INCOMPLETE, .limit = "random", .is_random = true, .depth = whole.depth
    };
    if (!is_good || (whole.is_broken && !repeat(&whole, scenario, design, limits, outcome, message, message_bytes)))
        return false;
    outcome->walks_from = 0;
    outcome->walks = whole.to;
    outcome->transitions = whole.steps;
    outcome->ends = whole.ends;
    *seconds = whole.seconds;
    return true;
}
