/* SPDX-License-Identifier: Apache-2.0
 *
 * An exploration of a code object: its races are described in a world that has just booted, its steps by a replay.
 */
#define _GNU_SOURCE
#include "compare/explored_code.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/replay.h"
#include "scenario/scenario.h"

bool explored_code_run(struct explored_code *explored, const struct scenario *scenario,
                       const struct explore_limits *limits, char *message, size_t message_bytes)
{
    struct explore_world world;

    *explored = (struct explored_code){ .scenario = scenario, .races = explore_races_new(scenario, false) };
    CHECK(explored->races != NULL);
    if (!explore_scenario(scenario, scenario->design->name, limits, explored->races, &explored->outcome, message,
                          message_bytes)) {
        races_free(explored->races);
        explored->races = NULL;
        return false;
    }
    if (explore_world_open(&world, scenario, scenario->design->name, explored->races, message, message_bytes)) {
        explored->list = race_list_new(&world.explored);
        explore_world_close(&world);
    }
    return true;
}

void explored_code_free(struct explored_code *explored)
{
    if (explored->races == NULL)
        return;
    race_list_free(explored->list);
    races_free(explored->races);
    explore_outcome_free(&explored->outcome);
    *explored = (struct explored_code){ .scenario = NULL };
}

void explored_code_verdict(const struct explored_code *explored, char *text, size_t text_bytes)
{
    const struct explore_outcome *outcome = &explored->outcome;

    if (outcome->verdict == EXPLORE_VIOLATION)
        (void)snprintf(text, text_bytes, "violation %s", violation_name(outcome->violation.kind));
    else if (outcome->verdict == EXPLORE_INCOMPLETE)
        (void)snprintf(text, text_bytes, "incomplete (limit of %s)", outcome->limit);
    else
        (void)snprintf(text, text_bytes, "clean");
}

bool explored_code_write_replay(const struct explored_code *explored, const char *path, bool force, char *message,
                                size_t message_bytes)
{
    const struct explore_outcome *outcome = &explored->outcome;
    struct replay replay = {
        .scenario = scenario_resolved_yaml(explored->scenario),
        .design = (char *)explored->scenario->design->name,
        .kind = (char *)violation_name(outcome->violation.kind),
        .text = (char *)outcome->violation.text,
        .trace = outcome->trace,
        .trace_count = outcome->trace_count,
        .code = (char *)explored->scenario->setup.code->hash,
        .code_path = explored->scenario->setup.code->path,
    };

    replay_keep_accesses(&replay, explored->races);
    bool is_good = replay_write(&replay, path, force, message, message_bytes);
    free(replay.scenario);
    free(replay.accesses);
    return is_good;
}

/* --- steps --- */

/* Whether the note is of an access of the object's code, "hvm.c:781 write ..."; gives file and line. */
static bool is_access(const char *text, char file[64], uint32_t *line)
{
    const char *colon = strchr(text, ':');
    char *end;

    if (colon == NULL || colon - text >= 64 || memchr(text, ' ', (size_t)(colon - text)) != NULL)
        return false;
    (void)snprintf(file, 64, "%.*s", (int)(colon - text), text);
    *line = (uint32_t)strtoul(colon + 1, &end, 10);
    return end != colon + 1 && *end == ' ';
}

static bool is_changed(const struct patch *patch, const char *file, uint32_t line)
{
    for (size_t i = 0; i < patch->file_count; i++) {
        const char *slash = strrchr(patch->files[i].name, '/');
        if (strcmp(slash != NULL ? slash + 1 : patch->files[i].name, file) != 0)
            continue;
        for (size_t j = 0; j < patch->files[i].line_count; j++)
            if (patch->files[i].lines[j] == line)
                return true;
    }
    return false;
}

/* Whether an earlier note is of the same kind of access in the same line on the same CPU. */
static bool is_known(const struct replay_log *log, size_t note)
{
    const char *text = log->notes[note].text;
    size_t bytes = strcspn(text, " ") + 1;

    bytes += strcspn(text + bytes, " ");
    for (size_t i = 0; i < note; i++)
        if (log->notes[i].place == log->notes[note].place && strncmp(log->notes[i].text, text, bytes) == 0)
            return true;
    return false;
}

static void print_note(const struct replay_log *log, size_t note, FILE *stream)
{
    fprintf(stream, "    step %zu of %zu, cpu%u: %s\n", log->notes[note].step + 1, log->step_count,
            log->notes[note].place, log->notes[note].text);
}

static void print_steps(const struct replay_log *log, const struct patch *patch, size_t most, FILE *stream)
{
    size_t printed = 0, last = SIZE_MAX;
    char file[64];
    uint32_t line;

    for (size_t i = 0; i < log->note_count && printed < most; i++) {
        if (log->notes[i].place == REPLAY_DEVICES || !is_access(log->notes[i].text, file, &line))
            continue;
        last = i;
        if (!is_changed(patch, file, line) || is_known(log, i))
            continue;
        print_note(log, i, stream);
        printed++;
    }
    if (printed == 0 && last != SIZE_MAX)
        print_note(log, last, stream);
}

void explored_code_print_steps(const struct explored_code *explored, const struct patch *patch, size_t most,
                               FILE *stream)
{
    const struct explore_outcome *outcome = &explored->outcome;
    struct explore_world world;
    struct replay_log log;
    char message[256];

    CHECK(outcome->verdict == EXPLORE_VIOLATION);
    if (!explore_world_open(&world, explored->scenario, explored->scenario->design->name, explored->races, message,
                            sizeof(message)))
        return;
    if (replay_record(&world, outcome->trace, outcome->trace_count, &log))
        print_steps(&log, patch, most, stream);
    replay_log_free(&log);
    explore_world_close(&world);
}
