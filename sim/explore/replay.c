/* SPDX-License-Identifier: Apache-2.0
 *
 * Records the steps, notes and locks of an interleaving, and reads and writes replay files as JSON.
 */
#define _GNU_SOURCE
#include "explore/replay.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "base/control.h"
#include "base/file.h"
#include "base/text.h"
#include "code/races.h"
#include "code/debugger.h"
#include "explore/replay_watch.h"
#include "explore/state.h"
#include "explore/ticks.h"
#include "machine/cpu.h"
#include "machine/lock_order_record.h"
#include "properties/properties.h"

#define REPLAY_VERSION 1

/* --- recording --- */

/* What the world's hooks add to. */
struct recording {
    struct replay_log *log;
    struct replay_watch *watch;
};

static void note_add(void *context, const struct cpu *cpu, const char *text)
{
    struct replay_log *log = ((struct recording *)context)->log;

    log->notes = array_grown(log->notes, log->note_count, sizeof(*log->notes));
    log->notes[log->note_count++] = (struct replay_note){ .step = log->step_count,
                                                          .place = cpu != NULL ? cpu->id : REPLAY_DEVICES,
                                                          .text = text_copy(text) };
}

static void access_add(void *context, const struct cpu *cpu, const volatile void *address, size_t bytes, const void *pc)
{
    replay_watch_access(((struct recording *)context)->watch, cpu, address, bytes, pc);
}

static void hold_add(struct replay_log *log, const struct explored *explored, uint32_t lock, uint32_t cpu)
{
    char name[64];

    lock_order_name(explored, lock, name, sizeof(name));
    log->holds = array_grown(log->holds, log->hold_count, sizeof(*log->holds));
    log->holds[log->hold_count++] =
        (struct replay_hold){ .lock = text_copy(name), .cpu = cpu, .from = log->step_count, .to = SIZE_MAX };
}

static void hold_end(struct replay_log *log, const struct explored *explored, uint32_t lock, uint32_t cpu)
{
    char name[64];

    lock_order_name(explored, lock, name, sizeof(name));
    for (size_t i = 0; i < log->hold_count; i++)
        if (log->holds[i].to == SIZE_MAX && log->holds[i].cpu == cpu && strcmp(log->holds[i].lock, name) == 0)
            log->holds[i].to = log->step_count;
}

/* After a step: finds the locks that were taken or released by comparing their holders with those before. */
static void holds_update(struct replay_log *log, const struct explored *explored, uint32_t *holders)
{
    uint32_t lock = 0;

    for (size_t i = 0; i < explored->name_count; i++) {
        if (explored->names[i].holder == NULL)
            continue;
        uint32_t now = *explored->names[i].holder;
        if (now != holders[lock] && holders[lock] != UINT32_MAX)
            hold_end(log, explored, lock, holders[lock]);
        if (now != holders[lock] && now != UINT32_MAX)
            hold_add(log, explored, lock, now);
        holders[lock++] = now;
    }
}

/* A thread of a host has a slot of its own: the step is one of the pCPU that its notes name. */
static uint32_t actor_of(const struct machine *machine, uint32_t slot, const struct replay_log *log)
{
    for (uint32_t id = 0; id < machine->cpu_count; id++)
        if (machine->cpus[id].actor.slot == slot)
            return id;
    for (size_t i = log->note_count; i > 0 && log->notes[i - 1].step == log->step_count; i--)
        if (log->notes[i - 1].place != REPLAY_DEVICES)
            return log->notes[i - 1].place;
    return REPLAY_DEVICES;
}

bool replay_record(struct explore_world *world, const uint16_t *trace, size_t count, struct replay_log *log)
{
    uint32_t *holders = malloc((world->explored.name_count + 1) * sizeof(*holders));

    *log = (struct replay_log){ .cpu_count = world->machine.cpu_count };
    log->actors = calloc(count + 1, sizeof(*log->actors));
    CHECK(holders != NULL && log->actors != NULL);
    memset(holders, 0xff, (world->explored.name_count + 1) * sizeof(*holders));
    struct recording recording = { log, replay_watch_new(world, log) };
    world->explored.note = note_add;
    world->explored.access = access_add;
    world->explored.context = &recording;
    check_context_set(&world->engine.context);
    while (log->step_count < count) {
        uint16_t slot = trace[log->step_count];
        if (slot >= world->engine.slot_count || !engine_is_pending(&world->engine, slot))
            break;
        debugger_step(log->step_count + 1);
        engine_step(&world->engine, slot);
        holds_update(log, &world->explored, holders);
        replay_watch_step(recording.watch);
        log->actors[log->step_count] = actor_of(&world->machine, slot, log);
        log->step_count++;
    }
    check_context_set(NULL);
    world->explored.note = NULL;
    world->explored.access = NULL;
    world->explored.context = NULL;
    replay_watch_end(recording.watch);
    for (size_t i = 0; i < log->hold_count; i++)
        if (log->holds[i].to == SIZE_MAX)
            log->holds[i].to = log->step_count;
    free(holders);
    return log->step_count == count;
}

static void holds_free(struct replay_hold *holds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(holds[i].lock);
    free(holds);
}

void replay_log_free(struct replay_log *log)
{
    for (size_t i = 0; i < log->note_count; i++)
        free(log->notes[i].text);
    for (size_t i = 0; i < log->word_count; i++) {
        free(log->words[i].name);
        free(log->words[i].value);
    }
    for (size_t i = 0; i < log->change_count; i++)
        free(log->changes[i].value);
    for (size_t i = 0; i < log->store_count; i++) {
        free(log->stores[i].word);
        free(log->stores[i].value);
    }
    for (size_t i = 0; i < log->place_count; i++) {
        free(log->places[i].file);
        free(log->places[i].function);
    }
    holds_free(log->holds, log->hold_count);
    holds_free(log->waits, log->wait_count);
    free(log->notes);
    free(log->words);
    free(log->changes);
    free(log->stores);
    free(log->places);
    free(log->actors);
    *log = (struct replay_log){ .step_count = 0 };
}

static bool is_broken(const struct explore_world *world, const struct property *const *properties, const char *kind)
{
    bool is_end = engine_is_over(&world->engine);
    char text[512];

    for (; properties != NULL && *properties != NULL; properties++)
        if (strcmp(violation_name((*properties)->kind), kind) == 0 &&
            (is_end || (*properties)->at == PROPERTY_AT_STATE) &&
            (*properties)->is_broken(&world->machine, text, sizeof(text)))
            return true;
    return false;
}

bool replay_is_confirmed(struct explore_world *world, const char *kind)
{
    enum violation_kind reported = world->explored.violation.kind;

    if (strcmp(kind, violation_name(VIOLATION_ENDLESS_WAIT)) == 0 ||
        strcmp(kind, violation_name(VIOLATION_LOCK_ORDER)) == 0)
        return reported == VIOLATION_NONE;
    if (reported != VIOLATION_NONE)
        return strcmp(kind, violation_name(reported)) == 0;
    if (is_broken(world, properties_all, kind) || is_broken(world, world->design->family->invariants, kind))
        return true;
    return strcmp(kind, violation_name(VIOLATION_DELAYED_INTERRUPT)) == 0 &&
           is_broken(world, properties_all, violation_name(VIOLATION_LOST_INTERRUPT)) && explore_ticks_deliver(world);
}

/* --- files --- */

static void write_code(const struct replay *replay, json_t *document)
{
    json_t *accesses = json_array();

    for (size_t i = 0; i < replay->access_count; i++)
        CHECK(json_array_append_new(accesses, json_integer(replay->accesses[i])) == 0);
    CHECK(json_object_set_new(document, "code",
                              json_pack("{s:s, s:s, s:b, s:o}", "path", replay->code_path, "hash", replay->code,
                                        "all_accesses", replay->are_all_steps, "accesses", accesses)) == 0);
}

void replay_keep_accesses(struct replay *replay, const struct races *races)
{
    replay->are_all_steps = races_mode(races) == RACES_ALL;
    replay->accesses = NULL;
    for (size_t at = races_next_step(races, 0); at != SIZE_MAX; at = races_next_step(races, at + 4)) {
        replay->accesses = realloc(replay->accesses, (replay->access_count + 1) * sizeof(*replay->accesses));
        CHECK(replay->accesses != NULL);
        replay->accesses[replay->access_count++] = (uint32_t)at;
    }
}

static json_t *replay_document(const struct replay *replay)
{
    json_t *steps = json_array();
    json_t *document =
        json_pack("{s:i, s:s, s:s, s:s, s:s, s:o}", "irqpath_replay", REPLAY_VERSION, "design", replay->design, "kind",
                  replay->kind, "text", replay->text, "scenario", replay->scenario, "steps", steps);

    CHECK(document != NULL);
    for (size_t i = 0; i < replay->trace_count; i++)
        CHECK(json_array_append_new(steps, json_integer(replay->trace[i])) == 0);
    if (replay->code != NULL)
        write_code(replay, document);
    return document;
}

bool replay_write(const struct replay *replay, const char *path, bool force, char *message, size_t message_bytes)
{
    json_t *document = replay_document(replay);
    char *text = json_dumps(document, JSON_INDENT(1));

    CHECK(text != NULL);
    json_decref(document);
    bool is_good = file_write(path, text, strlen(text), force, message, message_bytes);
    free(text);
    return is_good;
}

/* A text of one line goes to terminals and pages: a foreign file's could have control characters. */
static bool take_text(json_t *document, const char *key, bool is_line, char **text)
{
    const char *value = json_string_value(json_object_get(document, key));

    if (value == NULL || (is_line && control_find(value, value + strlen(value)) != NULL))
        return false;
    *text = strdup(value);
    CHECK(*text != NULL);
    return true;
}

static bool take_steps(json_t *document, struct replay *replay)
{
    json_t *steps = json_object_get(document, "steps"), *step;
    size_t i;

    if (!json_is_array(steps))
        return false;
    replay->trace = calloc(json_array_size(steps) + 1, sizeof(*replay->trace));
    CHECK(replay->trace != NULL);
    json_array_foreach(steps, i, step)
    {
        if (!json_is_integer(step) || json_integer_value(step) < 0 || json_integer_value(step) > UINT16_MAX)
            return false;
        replay->trace[replay->trace_count++] = (uint16_t)json_integer_value(step);
    }
    return true;
}

/* Of a replay without a code object there is nothing to take. */
static bool take_code(json_t *document, struct replay *replay)
{
    json_t *code = json_object_get(document, "code"), *accesses = json_object_get(code, "accesses"), *access;
    size_t i;

    if (code == NULL)
        return true;
    if (!json_is_array(accesses) || !take_text(code, "hash", true, &replay->code) ||
        !take_text(code, "path", true, &replay->code_path))
        return false;
    replay->are_all_steps = json_is_true(json_object_get(code, "all_accesses"));
    replay->accesses = calloc(json_array_size(accesses) + 1, sizeof(*replay->accesses));
    CHECK(replay->accesses != NULL);
    json_array_foreach(accesses, i, access)
    {
        if (!json_is_integer(access) || json_integer_value(access) < 0 ||
            json_integer_value(access) >= (json_int_t)STATE_BYTES_MAX)
            return false;
        replay->accesses[replay->access_count++] = (uint32_t)json_integer_value(access);
    }
    return true;
}

static bool take_document(json_t *document, struct replay *replay)
{
    return take_text(document, "scenario", false, &replay->scenario) &&
           take_text(document, "design", true, &replay->design) && take_text(document, "kind", true, &replay->kind) &&
           take_text(document, "text", true, &replay->text) && take_steps(document, replay) &&
           take_code(document, replay);
}

bool replay_read(struct replay *replay, const char *path, char *message, size_t message_bytes)
{
    json_error_t error;
    size_t count;
    bool is_good;
    char *bytes = file_read_bytes(path, REPLAY_FILE_BYTES_MAX, &count, message, message_bytes);

    *replay = (struct replay){ .trace_count = 0 };
    if (bytes == NULL)
        return false;
    json_t *document = json_loadb(bytes, count, 0, &error);
    free(bytes);
    if (document == NULL) {
        (void)snprintf(message, message_bytes, "%s: not a replay file (as written by `explore -o`): line %d: %s", path,
                       error.line, error.text);
        return false;
    }
    json_t *version = json_object_get(document, "irqpath_replay");
    bool is_other = json_is_integer(version) && json_integer_value(version) != REPLAY_VERSION;
    if (is_other)
        (void)snprintf(message, message_bytes,
                       "%s: a replay file of version %" JSON_INTEGER_FORMAT "; this irqpath reads version %d", path,
                       json_integer_value(version), REPLAY_VERSION);
    is_good = json_integer_value(version) == REPLAY_VERSION && take_document(document, replay);
    json_decref(document);
    if (is_good)
        return true;
    if (!is_other)
        (void)snprintf(message, message_bytes, "%s: not a replay file of version %d", path, REPLAY_VERSION);
    replay_free(replay);
    return false;
}

void replay_free(struct replay *replay)
{
    free(replay->scenario);
    free(replay->design);
    free(replay->kind);
    free(replay->text);
    free(replay->trace);
    free(replay->code);
    free(replay->code_path);
    free(replay->accesses);
    *replay = (struct replay){ .trace_count = 0 };
}
