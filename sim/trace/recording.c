/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects a recording and reduces it to what a scenario can express.
 */
#define _GNU_SOURCE
#include "trace/recording.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* A wake-up at most this long after an interrupt for the vCPU is attributed to that interrupt. */
#define EXPLAINED_NS 200000u

enum { NOTES_MAX = 40 };

void recording_init(struct recording *recording) { *recording = (struct recording){ 0 }; }

void recording_free(struct recording *recording)
{
    for (size_t i = 0; i < recording->stream_count; i++)
        free(recording->streams[i].times_ns);
    for (size_t i = 0; i < recording->vcpu_count; i++) {
        free(recording->vcpus[i].wakes_ns);
        free(recording->vcpus[i].cpu_ns);
    }
    free(recording->streams);
    free(recording->vcpus);
    free(recording->notes);
    recording_init(recording);
}

/* Makes room for one more element; the capacity is the next power of two. */
static void *grown(void *array, size_t count, size_t element_bytes)
{
    if ((count & (count - 1)) == 0) {
        array = realloc(array, (count == 0 ? 1 : 2 * count) * element_bytes);
        CHECK(array != NULL);
    }
    return array;
}

/* Converts a name to one that a scenario accepts: letters, digits, '_' and '-', starting with a letter. */
static void copy_name(char name[SETUP_NAME_BYTES], const char *text)
{
    size_t count = 0;

    if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z')))
        name[count++] = 'x';
    for (; *text && count < SETUP_NAME_BYTES - 12; text++) {
        bool is_plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                        (*text >= '0' && *text <= '9') || *text == '_' || *text == '-';
        name[count++] = is_plain ? *text : '-';
    }
    name[count] = '\0';
}

uint32_t recording_stream(struct recording *recording, uint64_t key, const char *name)
{
    for (size_t i = 0; i < recording->stream_count; i++)
        if (recording->streams[i].key == key)
            return (uint32_t)i;
    recording->streams = grown(recording->streams, recording->stream_count, sizeof *recording->streams);
    struct recorded_stream *stream = &recording->streams[recording->stream_count];
    *stream = (struct recorded_stream){ .key = key, .vcpu = RECORDING_NOBODY };
    copy_name(stream->name, name);
    return (uint32_t)recording->stream_count++;
}

uint32_t recording_vcpu(struct recording *recording, uint64_t key, const char *name)
{
    for (size_t i = 0; i < recording->vcpu_count; i++)
        if (recording->vcpus[i].key == key)
            return (uint32_t)i;
    recording->vcpus = grown(recording->vcpus, recording->vcpu_count, sizeof *recording->vcpus);
    struct recorded_vcpu *vcpu = &recording->vcpus[recording->vcpu_count];
    *vcpu = (struct recorded_vcpu){ .key = key, .cpu_ns = calloc(RECORDING_CPUS_MAX, sizeof *vcpu->cpu_ns) };
    CHECK(vcpu->cpu_ns != NULL);
    copy_name(vcpu->name, name);
    return (uint32_t)recording->vcpu_count++;
}

void recording_arrival(struct recording *recording, uint32_t stream, uint64_t ns)
{
    struct recorded_stream *s = &recording->streams[stream];

    s->times_ns = grown(s->times_ns, s->count, sizeof *s->times_ns);
    s->times_ns[s->count++] = ns;
}

void recording_wake(struct recording *recording, uint32_t vcpu, uint64_t ns)
{
    struct recorded_vcpu *v = &recording->vcpus[vcpu];

    v->wakes_ns = grown(v->wakes_ns, v->wake_count, sizeof *v->wakes_ns);
    v->wakes_ns[v->wake_count++] = ns;
}

void recording_run(struct recording *recording, uint32_t vcpu, uint32_t cpu, uint64_t ns, bool blocks)
{
    struct recorded_vcpu *v = &recording->vcpus[vcpu];

    v->running_ns += ns;
    v->run_ns += ns;
    v->cpu_ns[cpu % RECORDING_CPUS_MAX] += ns;
    if (!blocks)
        return;
    v->runs++;
    v->running_square_ns += (double)v->run_ns * (double)v->run_ns;
    v->run_ns = 0;
}

/* Names come from untrusted input: unprintable characters are replaced, and the number of notes is limited. */
static void ignore_many(struct recording *recording, const char *what, const char *why, uint64_t count)
{
    struct recorded_note note = { .why = why, .count = count };
    size_t bytes = strnlen(what, sizeof note.what - 1);

    for (size_t i = 0; i < bytes; i++)
        note.what[i] = (char)(what[i] >= ' ' && what[i] <= '~' ? what[i] : '?');
    if (recording->note_count >= NOTES_MAX)
        snprintf(note.what, sizeof note.what, "all others");
    for (size_t i = 0; i < recording->note_count; i++)
        if (!strcmp(recording->notes[i].what, note.what) && !strcmp(recording->notes[i].why, why)) {
            recording->notes[i].count += count;
            return;
        }
    recording->notes = grown(recording->notes, recording->note_count, sizeof *recording->notes);
    recording->notes[recording->note_count++] = note;
}

void recording_ignore(struct recording *recording, const char *what, const char *why)
{
    ignore_many(recording, what, why, 1);
}

/* --- finishing --- */

static int by_value(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return first < second ? -1 : first > second;
}

/* Whether an interrupt for the vCPU came shortly before. */
static bool is_explained(const struct recording *recording, uint32_t vcpu, uint64_t wake_ns)
{
    for (size_t i = 0; i < recording->stream_count; i++) {
        const struct recorded_stream *stream = &recording->streams[i];
        size_t low = 0, high = stream->count;
        if (stream->vcpu != vcpu)
            continue;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (stream->times_ns[middle] <= wake_ns)
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0 && wake_ns - stream->times_ns[low - 1] <= EXPLAINED_NS)
            return true;
    }
    return false;
}

/* Adds a stream for the vCPU's wake-ups of unknown cause. */
static void add_wakes(struct recording *recording, uint32_t vcpu)
{
    struct recorded_vcpu *v = &recording->vcpus[vcpu];
    uint32_t stream = RECORDING_NOBODY;
    char name[SETUP_NAME_BYTES + 8];

    for (size_t i = 0; i < v->wake_count; i++) {
        if (is_explained(recording, vcpu, v->wakes_ns[i]))
            continue;
        if (stream == RECORDING_NOBODY) {
            snprintf(name, sizeof name, "wakes-%s", v->name);
            stream = recording_stream(recording, UINT64_MAX - vcpu, name);
        }
        recording_arrival(recording, stream, v->wakes_ns[i]);
    }
    if (stream != RECORDING_NOBODY)
        recording->streams[stream].vcpu = vcpu;
}

static void drop_streams(struct recording *recording)
{
    size_t kept = 0;

    for (size_t i = 0; i < recording->stream_count; i++) {
        struct recorded_stream *stream = &recording->streams[i];
        if (stream->count > 0 && stream->vcpu != RECORDING_NOBODY) {
            recording->streams[kept++] = *stream;
            continue;
        }
        if (stream->count > 0)
            ignore_many(recording, stream->name, "these interrupts wake no vCPU", stream->count);
        free(stream->times_ns);
    }
    recording->stream_count = kept;
}

/* A vCPU without interrupts, wake-ups and running time would have no effect in a scenario. */
static bool is_needed(const struct recording *recording, uint32_t vcpu)
{
    const struct recorded_vcpu *v = &recording->vcpus[vcpu];

    for (size_t i = 0; i < recording->stream_count; i++)
        if (recording->streams[i].vcpu == vcpu)
            return true;
    return v->wake_count > 0 || v->running_ns > 0;
}

static void drop_vcpus(struct recording *recording)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < recording->vcpu_count; i++) {
        struct recorded_vcpu *vcpu = &recording->vcpus[i];
        if (!is_needed(recording, i)) {
            ignore_many(recording, vcpu->name, "it has neither interrupts nor wake-ups, and never runs", 1);
            free(vcpu->wakes_ns);
            free(vcpu->cpu_ns);
            continue;
        }
        for (size_t s = 0; s < recording->stream_count; s++)
            if (recording->streams[s].vcpu == i)
                recording->streams[s].vcpu = kept;
        recording->vcpus[kept++] = *vcpu;
    }
    recording->vcpu_count = kept;
}

bool recording_finish(struct recording *recording, char *message, size_t message_bytes)
{
    for (size_t i = 0; i < recording->stream_count; i++)
        if (recording->streams[i].count > 0)
            qsort(recording->streams[i].times_ns, recording->streams[i].count, sizeof(uint64_t), by_value);
    drop_streams(recording);
    for (uint32_t i = 0; i < recording->vcpu_count; i++) {
        if (recording->vcpus[i].wake_count > 0)
            qsort(recording->vcpus[i].wakes_ns, recording->vcpus[i].wake_count, sizeof(uint64_t), by_value);
        add_wakes(recording, i);
    }
    drop_vcpus(recording);
    for (size_t i = 0; i < recording->stream_count; i++)
        if (recording->streams[i].count > RECORDING_TIMES_MAX) {
            snprintf(message, message_bytes,
                     "%s: %zu interrupts; a scenario replays at most %d of one vector: select a part with "
                     "--trace-window",
                     recording->streams[i].name, recording->streams[i].count, RECORDING_TIMES_MAX);
            return false;
        }
    if (recording->stream_count > SETUP_DEVICES_MAX || recording->vcpu_count > SETUP_GUESTS_MAX) {
        snprintf(message, message_bytes,
                 "%zu sources of interrupts for %zu vCPUs; a scenario has at most %d, and %d kinds of guests",
                 recording->stream_count, recording->vcpu_count, SETUP_DEVICES_MAX, SETUP_GUESTS_MAX);
        return false;
    }
    if (recording->vcpu_count == 0)
        snprintf(message, message_bytes, "the recording has no vCPU that is interrupted, wakes up or runs");
    return recording->vcpu_count > 0;
}
