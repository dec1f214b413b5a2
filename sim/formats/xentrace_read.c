/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads xentrace's binary format one record at a time, so that files may be larger than memory. Only runstate changes
 * and arrivals are kept; they are sorted by time at the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/cycles.h"
#include "formats/recordings.h"
#include "formats/xentrace.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };
enum { IDLE_DOMAIN = 32767, KEPT_MAX = 1 << 26, SOON_CYCLES = 250000 };

struct change {
    uint64_t tsc, order;
    uint32_t who;
    uint16_t cpu;
    uint8_t old, new;
};

struct arrival {
    uint64_t tsc;
    uint32_t irq, who; /* `who` is 0 when the record does not name a vCPU */
};

struct cpu_state {
    uint64_t tsc;
    bool has_tsc;
    uint32_t current; /* the running vCPU; 0: none */
    uint64_t entry;   /* tsc of the VM entry; 0: not in guest mode */
    uint32_t irq;     /* the last interrupt */
    uint64_t irq_tsc; /* and its tsc */
};

struct guest_time {
    uint32_t who;
    uint64_t tsc;
};

struct vote {
    uint32_t irq, who, count;
};

struct reader {
    FILE *file;
    const struct recording_choice *choice;
    struct recording *recording;
    uint64_t at, size; /* position and file size in bytes */
    char *message;
    size_t message_bytes;
    struct cpu_state cpus[RECORDING_CPUS_MAX];
    struct change *changes;
    size_t change_count;
    struct arrival *raises, *handled;
    size_t raise_count, handled_count;
    struct guest_time *guests;
    size_t guest_count;
    struct vote *votes;
    size_t vote_count;
    uint64_t first_tsc, last_tsc, frequency_hz;
};

struct record {
    uint64_t at; /* its position in the file */
    uint32_t event, count, extra[XENTRACE_EXTRA_MAX];
    uint64_t tsc;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct reader *reader, uint64_t at, const char *format, ...)
{
    char text[300];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(reader->message, reader->message_bytes, "byte %" PRIu64 ": %s", at, text);
    return false;
}

static void *grown(void *array, size_t count, size_t element_bytes)
{
    if ((count & (count - 1)) == 0) {
        array = realloc(array, (count == 0 ? 1 : 2 * count) * element_bytes);
        CHECK(array != NULL);
    }
    return array;
}

/* --- records --- */

static bool read_words(struct reader *reader, uint32_t *words, uint32_t count, uint64_t end)
{
    uint8_t bytes[4 * (XENTRACE_EXTRA_MAX + 1)];

    if (end - reader->at < 4 * (uint64_t)count)
        return fail(reader, reader->at, "a record goes beyond its window, which ends at byte %" PRIu64, end);
    if (fread(bytes, 4, count, reader->file) != count)
        return fail(reader, reader->at, "the file cannot be read, or is cut off here");
    reader->at += 4 * (uint64_t)count;
    for (uint32_t i = 0; i < count; i++)
        words[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
                   (uint32_t)bytes[4 * i + 3] << 24;
    return true;
}

static bool read_record(struct reader *reader, struct cpu_state *cpu, uint64_t end, struct record *record)
{
    uint32_t head = 0, tsc[2] = { 0 };

    record->at = reader->at;
    if (!read_words(reader, &head, 1, end))
        return false;
    record->event = head & 0x0fffffff;
    record->count = head >> 28 & 7;
    if (record->event == 0)
        return fail(reader, record->at, "a record without an event: not an xentrace file, or damaged");
    if (head >> 31 != 0) {
        if (!read_words(reader, tsc, 2, end))
            return false;
        uint64_t now = (uint64_t)tsc[1] << 32 | tsc[0];
        if (cpu->has_tsc && now < cpu->tsc)
            return fail(reader, record->at, "time goes back by %" PRIu64 " cycles on this pCPU: its clock is skewed",
                        cpu->tsc - now);
        if (now == 0)
            return fail(reader, record->at, "time 0");
        cpu->tsc = now;
        cpu->has_tsc = true;
        reader->first_tsc = now < reader->first_tsc ? now : reader->first_tsc;
        reader->last_tsc = now > reader->last_tsc ? now : reader->last_tsc;
    }
    record->tsc = cpu->tsc;
    return read_words(reader, record->extra, record->count, end);
}

/* --- events --- */

static bool check_count(struct reader *reader, const struct record *record, uint32_t count)
{
    return record->count >= count ||
           fail(reader, record->at, "event %08x has %u words, not %u", record->event, record->count, count);
}

static bool runstate(struct reader *reader, uint32_t cpu_id, const struct record *record)
{
    struct cpu_state *cpu = &reader->cpus[cpu_id];
    uint32_t old = record->event >> 8 & 0xf, new = record->event >> 4 & 0xf;

    if (!check_count(reader, record, 1))
        return false;
    if (old > OFFLINE || new > OFFLINE)
        return fail(reader, record->at, "a runstate that does not exist: %u to %u", old, new);
    if (new == RUNNING)
        cpu->current = record->extra[0] >> 16 == IDLE_DOMAIN ? 0 : record->extra[0];
    if (record->extra[0] >> 16 == IDLE_DOMAIN)
        return true;
    if (reader->change_count >= KEPT_MAX)
        return fail(reader, record->at, "more than %d runstate changes: select a part with --trace-window", KEPT_MAX);
    reader->changes = grown(reader->changes, reader->change_count, sizeof *reader->changes);
    reader->changes[reader->change_count] = (struct change){ record->tsc,      reader->change_count, record->extra[0],
                                                             (uint16_t)cpu_id, (uint8_t)old,         (uint8_t) new };
    reader->change_count++;
    return true;
}

static bool arrival_add(struct reader *reader, const struct record *record, struct arrival **arrivals, size_t *count,
                        struct arrival arrival)
{
    if (*count >= KEPT_MAX)
        return fail(reader, record->at, "more than %d interrupts: select a part with --trace-window", KEPT_MAX);
    *arrivals = grown(*arrivals, *count, sizeof **arrivals);
    (*arrivals)[(*count)++] = arrival;
    return true;
}

/* Counts the last interrupt on the pCPU as a probable cause of the wake-up if it was recent enough. */
static void vote(struct reader *reader, const struct cpu_state *cpu, uint64_t tsc, uint32_t who)
{
    if (cpu->irq == 0 || tsc - cpu->irq_tsc > SOON_CYCLES)
        return;
    for (size_t i = 0; i < reader->vote_count; i++)
        if (reader->votes[i].irq == cpu->irq && reader->votes[i].who == who) {
            reader->votes[i].count++;
            return;
        }
    reader->votes = grown(reader->votes, reader->vote_count, sizeof *reader->votes);
    reader->votes[reader->vote_count++] = (struct vote){ cpu->irq, who, 1 };
}

static bool handled(struct reader *reader, struct cpu_state *cpu, const struct record *record)
{
    if (!check_count(reader, record, 3))
        return false;
    uint64_t took = (uint32_t)(record->extra[2] - record->extra[1]);
    cpu->irq = record->extra[0];
    cpu->irq_tsc = record->tsc;
    return arrival_add(reader, record, &reader->handled, &reader->handled_count,
                       (struct arrival){ record->tsc > took ? record->tsc - took : 0, record->extra[0], 0 });
}

static void guest_time_add(struct reader *reader, uint32_t who, uint64_t tsc)
{
    size_t i = 0;

    while (i < reader->guest_count && reader->guests[i].who != who)
        i++;
    if (i == reader->guest_count) {
        reader->guests = grown(reader->guests, reader->guest_count, sizeof *reader->guests);
        reader->guests[reader->guest_count++] = (struct guest_time){ who, 0 };
    }
    reader->guests[i].tsc += tsc;
}

static bool lost(struct reader *reader, const struct record *record)
{
    if (!check_count(reader, record, 1))
        return false;
    if (!reader->choice->allows_lost)
        return fail(reader, record->at, "xentrace lost %u records here (--allow-lost imports the file without them)",
                    record->extra[0]);
    recording_ignore(reader->recording, "gap of lost records", "xentrace could not keep up");
    return true;
}

static bool follow(struct reader *reader, uint32_t cpu_id, const struct record *record)
{
    struct cpu_state *cpu = &reader->cpus[cpu_id];

    if ((record->event & ~0xff0u) == XENTRACE_RUNSTATE_CHANGE && record->event != XENTRACE_RUNSTATE_CHANGE)
        return runstate(reader, cpu_id, record);
    switch (record->event) {
    case XENTRACE_LOST_RECORDS:
        return lost(reader, record);
    case XENTRACE_HW_IRQ_HANDLED:
        return handled(reader, cpu, record);
    case XENTRACE_OUR_RAISE:
        return check_count(reader, record, 4) &&
               arrival_add(reader, record, &reader->raises, &reader->raise_count,
                           (struct arrival){ (uint64_t)record->extra[2] << 32 | record->extra[1], record->extra[0],
                                             record->extra[3] });
    case XENTRACE_OUR_HEAD:
        if (!check_count(reader, record, 2))
            return false;
        reader->frequency_hz = (uint64_t)record->extra[1] << 32 | record->extra[0];
        return true;
    case XENTRACE_WAKE:
        if (!check_count(reader, record, 2))
            return false;
        vote(reader, cpu, record->tsc, record->extra[0] << 16 | (record->extra[1] & 0xffff));
        return true;
    case XENTRACE_VMENTRY:
        cpu->entry = record->tsc;
        return true;
    case XENTRACE_VMX_EXIT64:
        if (cpu->entry != 0 && cpu->current != 0)
            guest_time_add(reader, cpu->current, record->tsc - cpu->entry);
        cpu->entry = 0;
        return true;
    case XENTRACE_CONTINUE_RUNNING:
    case XENTRACE_WRAP_BUFFER:
        return true;
    default:
        recording_ignore(reader->recording, "record of another kind", "it is neither an arrival nor a runstate");
        return true;
    }
}

static bool read_window(struct reader *reader)
{
    uint32_t head[3] = { 0 };
    uint64_t from = reader->at;

    if (!read_words(reader, head, 3, reader->size))
        return false;
    if (head[0] != (XENTRACE_CPU_CHANGE | UINT32_C(2) << 28))
        return fail(reader, from, "no window of a pCPU begins here (%08x): not an xentrace file, or damaged", head[0]);
    if (head[1] >= RECORDING_CPUS_MAX)
        return fail(reader, from, "pCPU %u; there are at most %d", head[1], RECORDING_CPUS_MAX);
    if (head[2] > reader->size - reader->at)
        return fail(reader, from, "a window of %u bytes, but the file ends %" PRIu64 " bytes later: it is cut off",
                    head[2], reader->size - reader->at);
    uint64_t end = reader->at + head[2];
    if (head[1] >= reader->recording->cpu_count)
        reader->recording->cpu_count = head[1] + 1;
    while (reader->at < end) {
        struct record record = { 0 };
        if (!read_record(reader, &reader->cpus[head[1]], end, &record) || !follow(reader, head[1], &record))
            return false;
    }
    return true;
}

/* --- assembling the recording --- */

static uint64_t ns_at(const struct reader *reader, uint64_t tsc)
{
    return cycles_to_ns(tsc - reader->first_tsc, reader->frequency_hz);
}

/* Whether the time lies in the part to read; *ns is relative to the start of that part. */
static bool is_wanted(const struct reader *reader, uint64_t tsc, uint64_t *ns)
{
    if (tsc < reader->first_tsc)
        return false;
    *ns = ns_at(reader, tsc);
    if (*ns < reader->choice->from_ns || (reader->choice->until_ns != 0 && *ns >= reader->choice->until_ns))
        return false;
    *ns -= reader->choice->from_ns;
    return true;
}

static uint32_t vcpu_of(struct reader *reader, uint32_t who)
{
    char name[32];

    snprintf(name, sizeof name, "d%uv%u", who >> 16, who & 0xffff);
    return recording_vcpu(reader->recording, who, name);
}

static int by_time(const void *a, const void *b)
{
    const struct change *first = a, *second = b;

    if (first->tsc != second->tsc)
        return first->tsc < second->tsc ? -1 : 1;
    return first->order < second->order ? -1 : 1;
}

static void use_changes(struct reader *reader)
{
    struct running {
        uint64_t since;
        bool runs;
    } *running = NULL;
    size_t known = 0;

    if (reader->change_count > 0)
        qsort(reader->changes, reader->change_count, sizeof *reader->changes, by_time);
    for (size_t i = 0; i < reader->change_count; i++) {
        const struct change *change = &reader->changes[i];
        uint32_t vcpu = vcpu_of(reader, change->who);
        uint64_t ns;
        for (; known <= vcpu; known++) {
            running = grown(running, known, sizeof *running);
            running[known] = (struct running){ 0, false };
        }
        bool ran = running[vcpu].runs && change->old == RUNNING && change->tsc > running[vcpu].since;
        if (is_wanted(reader, change->tsc, &ns)) {
            if (ran)
                recording_run(reader->recording, vcpu, change->cpu,
                              cycles_to_ns(change->tsc - running[vcpu].since, reader->frequency_hz),
                              change->new == BLOCKED);
            if (change->old == BLOCKED && change->new == RUNNABLE)
                recording_wake(reader->recording, vcpu, ns);
        }
        running[vcpu] = (struct running){ change->tsc, change->new == RUNNING };
    }
    free(running);
}

static uint32_t elected(const struct reader *reader, uint32_t irq)
{
    uint32_t who = 0, most = 0;

    for (size_t i = 0; i < reader->vote_count; i++)
        if (reader->votes[i].irq == irq && reader->votes[i].count > most) {
            most = reader->votes[i].count;
            who = reader->votes[i].who;
        }
    return who;
}

static void use_arrivals(struct reader *reader)
{
    bool are_ours = reader->raise_count > 0;
    const struct arrival *arrivals = are_ours ? reader->raises : reader->handled;
    size_t count = are_ours ? reader->raise_count : reader->handled_count;
    char name[32];

    for (size_t i = 0; i < count; i++) {
        uint64_t ns;
        if (!is_wanted(reader, arrivals[i].tsc, &ns))
            continue;
        snprintf(name, sizeof name, "irq%u", arrivals[i].irq);
        uint32_t stream = recording_stream(reader->recording, arrivals[i].irq, name);
        uint32_t who = are_ours ? arrivals[i].who : elected(reader, arrivals[i].irq);
        if (who != 0)
            reader->recording->streams[stream].vcpu = vcpu_of(reader, who);
        recording_arrival(reader->recording, stream, ns);
    }
}

static void use_guest_time(struct reader *reader)
{
    for (size_t i = 0; i < reader->guest_count && reader->choice->until_ns == 0; i++)
        reader->recording->vcpus[vcpu_of(reader, reader->guests[i].who)].guest_ns =
            cycles_to_ns(reader->guests[i].tsc, reader->frequency_hz);
}

static bool put_together(struct reader *reader)
{
    struct recording *recording = reader->recording;
    uint64_t end_ns;

    if (reader->choice->frequency_hz != 0)
        reader->frequency_hz = reader->choice->frequency_hz;
    if (reader->first_tsc > reader->last_tsc)
        return fail(reader, 0, "no record with a time");
    if (reader->frequency_hz < 1000000 || reader->frequency_hz > UINT64_C(100000000000))
        return fail(reader, 0, "the file does not give its clock's frequency: use --cpu-hz, as in --cpu-hz 2.4GHz");
    if (reader->last_tsc - reader->first_tsc >= CYCLES_NEVER)
        return fail(reader, 0, "the recording spans %" PRIu64 " cycles: longer than any run",
                    reader->last_tsc - reader->first_tsc);
    recording->frequency_hz = reader->frequency_hz;
    use_arrivals(reader);
    use_changes(reader);
    use_guest_time(reader);
    end_ns = ns_at(reader, reader->last_tsc);
    if (reader->choice->until_ns != 0 && reader->choice->until_ns < end_ns)
        end_ns = reader->choice->until_ns;
    recording->duration_ns = end_ns > reader->choice->from_ns ? end_ns - reader->choice->from_ns : 0;
    return recording_finish(recording, reader->message, reader->message_bytes);
}

bool xentrace_read(const char *path, const struct recording_choice *choice, struct recording *recording, char *message,
                   size_t message_bytes)
{
    struct reader *reader = calloc(1, sizeof *reader);
    struct stat status;
    bool is_good = true;

    CHECK(reader != NULL);
    *reader = (struct reader){ .choice = choice,
                               .recording = recording,
                               .message = message,
                               .message_bytes = message_bytes,
                               .first_tsc = UINT64_MAX };
    reader->file = fopen(path, "re");
    if (reader->file != NULL && fstat(fileno(reader->file), &status) == 0 && S_ISDIR(status.st_mode)) {
        snprintf(message, message_bytes, "is a directory");
        is_good = false;
    } else if (reader->file == NULL || fseeko(reader->file, 0, SEEK_END) != 0) {
        snprintf(message, message_bytes, "%s", strerror(errno));
        is_good = false;
    } else {
        reader->size = (uint64_t)ftello(reader->file);
        rewind(reader->file);
        if (reader->size == 0)
            is_good = fail(reader, 0, "the file is empty");
        while (is_good && reader->at < reader->size)
            is_good = read_window(reader);
        is_good = is_good && put_together(reader);
    }
    if (reader->file != NULL)
        fclose(reader->file);
    free(reader->changes);
    free(reader->raises);
    free(reader->handled);
    free(reader->guests);
    free(reader->votes);
    free(reader);
    return is_good;
}
