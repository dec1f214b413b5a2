/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps a recording in memory, and plays it to the analyses. A task's state before its first record is the one that
 * this record says it leaves.
 */
#include "trace/recorded.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "base/text.h"

/* A task's state at the beginning. */
struct task_state {
    bool is_seen;  /* it has a record */
    bool is_known; /* from a later change; without one, the recording begins with the task's TRACE_VCPU */
    uint8_t state;
    uint32_t cpu;
};

void recorded_init(struct recorded *recorded)
{
    memset(recorded, 0, sizeof *recorded);
    recorded->world.trace = &recorded->names;
}

void recorded_free(struct recorded *recorded)
{
    for (size_t i = 0; i < recorded->text_count; i++)
        free(recorded->texts[i]);
    free(recorded->texts);
    free(recorded->records);
    free(recorded->ignored);
    intern_free(&recorded->ignored_kinds);
    free(recorded->rates);
    free(recorded->names.locks);
    trace_world_free(&recorded->world);
    memset(recorded, 0, sizeof *recorded);
}

void recorded_add(struct recorded *recorded, struct trace_record record)
{
    if (recorded->count == recorded->capacity) {
        recorded->capacity = recorded->capacity == 0 ? 4096 : 2 * recorded->capacity;
        recorded->records = realloc(recorded->records, recorded->capacity * sizeof *recorded->records);
        CHECK(recorded->records != NULL);
    }
    recorded->records[recorded->count++] = record;
}

void recorded_ignore(struct recorded *recorded, const char *what, const char *why)
{
    uint32_t number = intern_number(&recorded->ignored_kinds, (uintptr_t)why, what);

    if (number == recorded->ignored_count) {
        recorded->ignored = array_grown(recorded->ignored, number, sizeof *recorded->ignored);
        struct recorded_ignored *ignored = &recorded->ignored[recorded->ignored_count++];
        ignored->why = why;
        strncpy(ignored->what, what, sizeof ignored->what - 1);
    }
    recorded->ignored[number].count++;
}

const char *recorded_text(struct recorded *recorded, const char *text)
{
    recorded->texts = array_grown(recorded->texts, recorded->text_count, sizeof *recorded->texts);
    return recorded->texts[recorded->text_count++] = text_copy(text);
}

const char *const *recorded_names(struct recorded *recorded, const char *const *names, uint32_t count)
{
    const char **kept = calloc(count + 1, sizeof *kept);

    CHECK(kept != NULL);
    for (uint32_t i = 0; i < count; i++)
        kept[i] = names[i] != NULL ? recorded_text(recorded, names[i]) : NULL;
    recorded->texts = array_grown(recorded->texts, recorded->text_count, sizeof *recorded->texts);
    recorded->texts[recorded->text_count++] = (char *)kept; /* the list is freed as a text is */
    return kept;
}

/* --- order --- */

/* Merges the sorted halves low..middle and middle..high of `from` into `to`; of equal times the earlier one first. */
static void merge(const struct trace_record *from, struct trace_record *to, size_t low, size_t middle, size_t high)
{
    size_t left = low, right = middle;

    if (middle == high || from[middle - 1].time <= from[middle].time) { /* most often: events come in order */
        memcpy(to + low, from + low, (high - low) * sizeof *to);
        return;
    }
    for (size_t at = low; at < high; at++)
        to[at] = left < middle && (right >= high || from[left].time <= from[right].time) ? from[left++] : from[right++];
}

static void sort_by_time(struct recorded *recorded)
{
    struct trace_record *from = recorded->records, *to = malloc((recorded->count + 1) * sizeof *to);

    CHECK(to != NULL);
    for (size_t width = 1; width < recorded->count; width *= 2) {
        for (size_t low = 0; low < recorded->count; low += 2 * width) {
            size_t middle = low + width < recorded->count ? low + width : recorded->count;
            size_t high = low + 2 * width < recorded->count ? low + 2 * width : recorded->count;
            merge(from, to, low, middle, high);
        }
        struct trace_record *other = from;
        from = to;
        to = other;
    }
    recorded->records = from;
    recorded->capacity = recorded->count + 1;
    free(to);
}

/* --- the end of reading --- */

static void mark_namesakes(struct trace_world *world)
{
    uint32_t *first = calloc(world->thread_count + 1, sizeof *first); /* thread of each name */
    struct intern names = { .count = 0 };

    CHECK(first != NULL);
    for (uint32_t t = 0; t < world->thread_count; t++) {
        size_t known = names.count;
        uint32_t name = intern_number(&names, 0, world->threads[t].name);
        if (name == known)
            first[name] = t;
        else
            world->threads[t].has_namesake = world->threads[first[name]].has_namesake = true;
    }
    intern_free(&names);
    free(first);
}

void recorded_finish(struct recorded *recorded)
{
    sort_by_time(recorded);
    mark_namesakes(&recorded->world);
    recorded->world.trace = &recorded->names;
    recorded->kinds = 0;
    for (size_t i = 0; i < recorded->count; i++)
        recorded->kinds |= UINT64_C(1) << recorded->records[i].kind;
    recorded->world.measured_from = 0;
    if (recorded->count > 0 && recorded->world.end < recorded->records[recorded->count - 1].time)
        recorded->world.end = recorded->records[recorded->count - 1].time;
}

uint8_t *recorded_first_modes(const struct recorded *recorded)
{
    uint8_t *first = calloc(recorded->world.vcpu_count + 1, sizeof *first);

    CHECK(first != NULL);
    for (size_t i = 0; i < recorded->count; i++) {
        const struct trace_record *record = &recorded->records[i];
        if (record->kind != TRACE_VMENTRY && record->kind != TRACE_VMEXIT)
            continue;
        uint32_t vcpu = trace_world_vcpu(&recorded->world, record->who);
        if (vcpu != UINT32_MAX && first[vcpu] == 0)
            first[vcpu] = (uint8_t)record->kind;
    }
    return first;
}

/* --- playing --- */

/* The tasks of a recording: vCPUs, threads, then the pCPUs' idle vCPUs. */
static size_t task_count(const struct trace_world *world)
{
    return (size_t)world->vcpu_count + world->thread_count + world->cpu_count;
}

static struct task_state *state_of(struct task_state *states, const struct trace_world *world, uint32_t who)
{
    uint32_t task = trace_world_task(world, who);

    if (task != UINT32_MAX)
        return &states[task];
    if (who == TRACE_NOBODY || trace_domain(who) != TRACE_IDLE_DOMAIN || trace_vcpu(who) >= world->cpu_count)
        return NULL;
    return &states[world->vcpu_count + world->thread_count + trace_vcpu(who)];
}

/* The states at the beginning: those that the first records leave. A record of boot says what begins there itself. */
static void first_states(const struct recorded *recorded, struct task_state *states)
{
    for (size_t i = 0; i < recorded->count; i++) {
        const struct trace_record *record = &recorded->records[i];
        if (record->kind != TRACE_RUNSTATE && record->kind != TRACE_VCPU)
            continue;
        struct task_state *state = state_of(states, &recorded->world, record->who);
        if (state != NULL && !state->is_seen)
            *state = (struct task_state){ true, record->kind == TRACE_RUNSTATE, (uint8_t)(record->a / 16),
                                          (uint32_t)record->b };
    }
}

static void play_state(const struct task_state *state, uint32_t who, struct trace_sink *sink)
{
    struct trace_record record = {
        .b = state->cpu, .who = who, .a = state->state, .kind = TRACE_VCPU, .cpu = (uint16_t)state->cpu
    };

    if (state->is_known)
        sink->records(sink, &record, 1);
}

/* The idle vCPUs first, then tasks that do not run, then those that do, as a run does at boot. */
static void play_states(const struct recorded *recorded, struct task_state *states, struct trace_sink *sink)
{
    const struct trace_world *world = &recorded->world;

    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++) {
        uint32_t who = trace_who(TRACE_IDLE_DOMAIN, cpu);
        play_state(state_of(states, world, who), who, sink);
    }
    for (int running = 0; running < 2; running++) {
        for (uint32_t d = 0; d < world->domain_count; d++)
            for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++) {
                const struct task_state *state = state_of(states, world, trace_who(d, v));
                if ((state->state == 0) == running)
                    play_state(state, trace_who(d, v), sink);
            }
        for (uint32_t t = 0; t < world->thread_count; t++) {
            const struct task_state *state = state_of(states, world, trace_who(TRACE_THREADS, t));
            if ((state->state == 0) == running)
                play_state(state, trace_who(TRACE_THREADS, t), sink);
        }
    }
}

bool recorded_play(struct recorded *recorded, cycles from, cycles until, struct trace_sink *sink, char *message,
                   size_t message_bytes)
{
    struct trace_world world = recorded->world;
    struct task_state *states = calloc(task_count(&world) + 1, sizeof *states);

    CHECK(states != NULL);
    world.measured_from = from;
    world.end = until < world.end ? until : world.end;
    if (!sink->begin(sink, &world, message, message_bytes)) {
        free(states);
        return false;
    }
    first_states(recorded, states);
    play_states(recorded, states, sink);
    for (size_t i = 0; i < recorded->count && recorded->records[i].time < world.end; i++)
        if ((sink->kinds >> recorded->records[i].kind & 1) != 0)
            sink->records(sink, &recorded->records[i], 1);
    sink->end(sink, NULL, world.end);
    free(states);
    return true;
}
