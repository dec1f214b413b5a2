/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the text of `perf script`. The file is read twice: first to find the task that each interrupt wakes, then to
 * follow those tasks, which become vCPUs. Other tasks are ignored. For KVM's events, the MSI's destination is the vCPU.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/recordings.h"

/* A waking at most this long after an interrupt on the same pCPU counts as caused by it. */
#define SOON_NS 100000u

/* Added to the keys of KVM's streams and vCPUs. Task and interrupt numbers are 32 bits wide, so they do not collide. */
#define KEY_KVM (UINT64_C(1) << 40)

enum { LINE_MAX_BYTES = 4096 };

struct line {
    uint32_t cpu, tid;
    uint64_t ns;
    char event[64];
    const char *rest; /* the text after the event's name */
};

struct vote {
    uint64_t irq;
    uint32_t pid, count;
    char comm[32];
};

struct cpu_state {
    uint64_t irq_ns;
    uint64_t irq; /* the last interrupt's number + 1; 0: none */
    uint64_t since;
    uint32_t pid; /* the running task */
};

struct reader {
    FILE *file;
    const struct recording_choice *choice;
    struct recording *recording;
    uint64_t number; /* of the current line */
    char *message;
    size_t message_bytes;
    bool is_second; /* second pass */
    bool has_first;
    uint64_t first_ns, last_ns;
    bool is_coarse;
    struct vote *votes;
    size_t vote_count;
    uint32_t last_destination;
    uint64_t last_wakeup_ns;
    struct cpu_state cpus[RECORDING_CPUS_MAX];
};

__attribute__((format(printf, 2, 3))) static bool fail(struct reader *reader, const char *format, ...)
{
    char text[300];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(reader->message, reader->message_bytes, "line %" PRIu64 ": %s", reader->number, text);
    return false;
}

/* --- one line --- */

/* Parses the number at *text and advances *text past it. */
static bool number_at(const char **text, uint64_t *number)
{
    char *end;

    if (!isdigit((unsigned char)**text))
        return false;
    errno = 0;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
}

/* The value of "key=" in the text. */
static bool value_of(const char *text, const char *key, uint64_t *value)
{
    size_t bytes = strlen(key);

    for (const char *at = text; (at = strstr(at, key)) != NULL; at += bytes)
        if ((at == text || at[-1] == ' ') && at[bytes] == '=') {
            at += bytes + 1;
            return number_at(&at, value);
        }
    return false;
}

/* Finds the pCPU, as in "[001]", and returns the text after it. Brackets in task names that do not match are skipped.
 */
static const char *cpu_at(const char *text, uint64_t *cpu)
{
    for (const char *at = strchr(text, '['); at != NULL; at = strchr(at + 1, '[')) {
        const char *end = at + 1;
        if (number_at(&end, cpu) && *end == ']' && end[1] == ' ')
            return end + 1;
    }
    return NULL;
}

static bool time_at(struct reader *reader, const char **text, uint64_t *ns)
{
    uint64_t seconds, fraction;

    if (!number_at(text, &seconds) || **text != '.')
        return false;
    const char *from = ++*text;
    if (!number_at(text, &fraction) || *text - from > 9 || seconds > UINT64_C(1) << 32)
        return false;
    reader->is_coarse |= *text - from < 9;
    for (long digits = *text - from; digits < 9; digits++)
        fraction *= 10;
    *ns = seconds * UINT64_C(1000000000) + fraction;
    return **text == ':';
}

/* The thread's number, which precedes the pCPU: "name 23046/23047 [001]" or "name 23047 [001]". */
static uint32_t tid_before(const char *text, const char *cpu)
{
    while (cpu > text && *cpu != '[')
        cpu--;
    while (cpu > text && (*cpu == '[' || *cpu == ' '))
        cpu--;
    while (cpu > text && isdigit((unsigned char)cpu[-1]))
        cpu--;
    return isdigit((unsigned char)*cpu) ? (uint32_t)strtoul(cpu, NULL, 10) : 0;
}

static bool parse(struct reader *reader, const char *text, struct line *line)
{
    uint64_t cpu;
    const char *at = cpu_at(text, &cpu);

    if (at == NULL)
        return fail(reader, "no pCPU in brackets: not a line of perf script");
    if (cpu >= RECORDING_CPUS_MAX)
        return fail(reader, "pCPU %" PRIu64 "; there are at most %d", cpu, RECORDING_CPUS_MAX);
    line->cpu = (uint32_t)cpu;
    line->tid = tid_before(text, at - 1);
    at += strspn(at, " ");
    if (!isdigit((unsigned char)*at)) { /* ftrace's flags, such as "d.h2" */
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    if (!time_at(reader, &at, &line->ns))
        return fail(reader, "no time as in 1284.265615366: after the pCPU");
    at++;
    at += strspn(at, " ");
    size_t bytes = strcspn(at, " ");
    if (bytes < 2 || at[bytes - 1] != ':' || bytes >= sizeof line->event)
        return fail(reader, "no event as in irq:irq_handler_entry: after the time");
    memcpy(line->event, at, bytes - 1);
    line->event[bytes - 1] = '\0';
    line->rest = at + bytes + strspn(at + bytes, " ");
    return true;
}

/* --- the first pass: which task does each interrupt wake? --- */

static void vote(struct reader *reader, uint64_t irq, const char *rest, uint32_t pid)
{
    size_t i = 0;

    while (i < reader->vote_count && (reader->votes[i].irq != irq || reader->votes[i].pid != pid))
        i++;
    if (i == reader->vote_count) {
        if ((i & (i - 1)) == 0) {
            reader->votes = realloc(reader->votes, (i == 0 ? 1 : 2 * i) * sizeof *reader->votes);
            CHECK(reader->votes != NULL);
        }
        reader->votes[reader->vote_count++] = (struct vote){ .irq = irq, .pid = pid };
        const char *comm = strstr(rest, "comm=");
        size_t bytes = comm != NULL ? strcspn(comm + 5, " ") : 0;
        snprintf(reader->votes[i].comm, sizeof reader->votes[i].comm, "%.*s", (int)(bytes < 31 ? bytes : 31),
                 comm != NULL ? comm + 5 : "task");
    }
    reader->votes[i].count++;
}

static const struct vote *elected(const struct reader *reader, uint64_t irq)
{
    const struct vote *best = NULL;

    for (size_t i = 0; i < reader->vote_count; i++)
        if (reader->votes[i].irq == irq && (best == NULL || reader->votes[i].count > best->count))
            best = &reader->votes[i];
    return best;
}

/* The task's vote if it is the one that some interrupt wakes most often, else NULL. */
static const struct vote *target(const struct reader *reader, uint32_t pid)
{
    for (size_t i = 0; i < reader->vote_count; i++)
        if (reader->votes[i].pid == pid && elected(reader, reader->votes[i].irq) == &reader->votes[i])
            return &reader->votes[i];
    return NULL;
}

/* --- the second pass --- */

static bool is_wanted(const struct reader *reader, uint64_t now, uint64_t *ns)
{
    *ns = now - reader->first_ns;
    if (*ns < reader->choice->from_ns || (reader->choice->until_ns != 0 && *ns >= reader->choice->until_ns))
        return false;
    *ns -= reader->choice->from_ns;
    return true;
}

static bool irq_entry(struct reader *reader, const struct line *line)
{
    struct cpu_state *cpu = &reader->cpus[line->cpu];
    uint64_t irq, ns;
    char name[96];

    if (!value_of(line->rest, "irq", &irq))
        return fail(reader, "no irq=");
    cpu->irq = irq + 1;
    cpu->irq_ns = line->ns;
    if (!reader->is_second || !is_wanted(reader, line->ns, &ns))
        return true;
    const char *text = strstr(line->rest, "name=");
    snprintf(name, sizeof name, "irq%" PRIu64 "-%.*s", irq, text != NULL ? (int)strcspn(text + 5, " \n") : 0,
             text != NULL ? text + 5 : "");
    uint32_t stream = recording_stream(reader->recording, irq, name);
    const struct vote *winner = elected(reader, irq);
    if (winner != NULL)
        reader->recording->streams[stream].vcpu = recording_vcpu(reader->recording, winner->pid, winner->comm);
    recording_arrival(reader->recording, stream, ns);
    return true;
}

static bool waking(struct reader *reader, const struct line *line)
{
    const struct cpu_state *cpu = &reader->cpus[line->cpu];
    uint64_t pid, ns;

    if (!value_of(line->rest, "pid", &pid) || pid > UINT32_MAX)
        return fail(reader, "no pid=");
    if (!reader->is_second && cpu->irq != 0 && line->ns - cpu->irq_ns <= SOON_NS)
        vote(reader, cpu->irq - 1, line->rest, (uint32_t)pid);
    const struct vote *task = reader->is_second ? target(reader, (uint32_t)pid) : NULL;
    if (task != NULL && is_wanted(reader, line->ns, &ns))
        recording_wake(reader->recording, recording_vcpu(reader->recording, pid, task->comm), ns);
    else if (reader->is_second)
        recording_ignore(reader->recording, "waking of another task", "no recorded interrupt wakes it");
    return true;
}

static bool task_switch(struct reader *reader, const struct line *line)
{
    struct cpu_state *cpu = &reader->cpus[line->cpu];
    const char *state = strstr(line->rest, "prev_state=");
    uint64_t previous, next, ns;

    if (!value_of(line->rest, "prev_pid", &previous) || !value_of(line->rest, "next_pid", &next) || state == NULL)
        return fail(reader, "no prev_pid=, prev_state= or next_pid=");
    if (reader->is_second) {
        const struct vote *task = target(reader, (uint32_t)previous);
        bool knows_start = cpu->since != 0 && cpu->pid == previous;
        if (task != NULL && knows_start && is_wanted(reader, line->ns, &ns))
            recording_run(reader->recording, recording_vcpu(reader->recording, previous, task->comm), line->cpu,
                          line->ns - cpu->since, state[strlen("prev_state=")] != 'R');
        else if (task == NULL)
            recording_ignore(reader->recording, "switch of another task", "no recorded interrupt wakes it");
    }
    cpu->since = line->ns;
    cpu->pid = (uint32_t)next;
    return true;
}

static uint32_t kvm_vcpu(struct reader *reader, uint32_t destination)
{
    char name[32];

    snprintf(name, sizeof name, "vcpu%u", destination);
    return recording_vcpu(reader->recording, KEY_KVM | destination, name);
}

/* "dst 0 vec 48 (Fixed|physical|edge)" */
static bool kvm_msi(struct reader *reader, const struct line *line)
{
    unsigned destination, vector;
    uint64_t ns;
    char name[48];

    if (sscanf(line->rest, "dst %x vec %u", &destination, &vector) != 2)
        return fail(reader, "no 'dst N vec N'");
    reader->last_destination = destination;
    if (!reader->is_second || !is_wanted(reader, line->ns, &ns))
        return true;
    snprintf(name, sizeof name, "msi%u", vector);
    uint32_t stream = recording_stream(reader->recording, KEY_KVM | (uint64_t)destination << 8 | vector, name);
    reader->recording->streams[stream].vcpu = kvm_vcpu(reader, destination);
    recording_arrival(reader->recording, stream, ns);
    return true;
}

/* "wait time 365776 ns, polling valid": how long the vCPU had been halted. The event does not name the vCPU; it is
 * taken to be the target of the last MSI. */
static bool kvm_wakeup(struct reader *reader, const struct line *line)
{
    uint64_t wait_ns, ns;

    if (sscanf(line->rest, "wait time %" SCNu64 " ns", &wait_ns) != 1)
        return fail(reader, "no 'wait time N ns'");
    if (!reader->is_second || !is_wanted(reader, line->ns, &ns))
        return true;
    uint32_t vcpu = kvm_vcpu(reader, reader->last_destination);
    recording_wake(reader->recording, vcpu, ns);
    reader->recording->vcpus[vcpu].blocked_ns += wait_ns;
    uint64_t since = line->ns - reader->last_wakeup_ns;
    if (reader->last_wakeup_ns != 0 && since > wait_ns)
        recording_run(reader->recording, vcpu, line->cpu, since - wait_ns, true);
    reader->last_wakeup_ns = line->ns;
    return true;
}

static bool follow(struct reader *reader, const struct line *line)
{
    static const struct {
        const char *event;
        bool (*follow)(struct reader *reader, const struct line *line);
    } events[] = {
        { "irq_handler_entry", irq_entry }, { "sched_waking", waking },        { "sched_switch", task_switch },
        { "kvm_msi_set_irq", kvm_msi },     { "kvm_vcpu_wakeup", kvm_wakeup },
    };
    const char *name = strrchr(line->event, ':');

    name = name != NULL ? name + 1 : line->event;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (!strcmp(name, events[i].event))
            return events[i].follow(reader, line);
    if (reader->is_second)
        recording_ignore(reader->recording, line->event, "a scenario cannot reproduce it");
    return true;
}

static bool read_lines(struct reader *reader)
{
    char text[LINE_MAX_BYTES];
    uint64_t previous = 0;

    rewind(reader->file);
    reader->number = 0;
    memset(reader->cpus, 0, sizeof reader->cpus);
    while (fgets(text, sizeof text, reader->file) != NULL) {
        struct line line = { .rest = "" };
        size_t bytes = strlen(text);
        reader->number++;
        if (bytes == sizeof text - 1 && text[bytes - 1] != '\n')
            return fail(reader, "longer than %d bytes: not the text of perf script", LINE_MAX_BYTES - 2);
        if (text[strspn(text, " \t\r\n")] == '\0' || text[0] == '#')
            continue;
        if (bytes == 0 || text[bytes - 1] != '\n')
            return fail(reader, "the file is cut off in the middle of a line");
        if (!parse(reader, text, &line))
            return false;
        if (line.ns < previous)
            return fail(reader, "time goes back by %" PRIu64 " ns", previous - line.ns);
        previous = reader->last_ns = line.ns;
        if (!reader->has_first)
            reader->first_ns = line.ns;
        reader->has_first = true;
        if (line.cpu >= reader->recording->cpu_count)
            reader->recording->cpu_count = line.cpu + 1;
        if (!follow(reader, &line))
            return false;
    }
    return reader->has_first || fail(reader, "no line of perf script");
}

static bool read_twice(struct reader *reader)
{
    if (!read_lines(reader))
        return false;
    reader->is_second = true;
    if (!read_lines(reader))
        return false;
    uint64_t end = reader->last_ns - reader->first_ns + 1;
    if (reader->choice->until_ns != 0 && reader->choice->until_ns < end)
        end = reader->choice->until_ns;
    reader->recording->duration_ns = end > reader->choice->from_ns ? end - reader->choice->from_ns : 0;
    if (reader->is_coarse)
        recording_ignore(reader->recording, "nanoseconds of its times", "perf script was run without --ns");
    return recording_finish(reader->recording, reader->message, reader->message_bytes);
}

bool perf_read(const char *path, const struct recording_choice *choice, struct recording *recording, char *message,
               size_t message_bytes)
{
    struct reader *reader = calloc(1, sizeof *reader);

    CHECK(reader != NULL);
    *reader =
        (struct reader){ .choice = choice, .recording = recording, .message = message, .message_bytes = message_bytes };
    reader->file = fopen(path, "re");
    bool is_good = reader->file != NULL;
    if (!is_good)
        snprintf(message, message_bytes, "%s", strerror(errno));
    is_good = is_good && read_twice(reader);
    if (reader->file != NULL)
        fclose(reader->file);
    free(reader->votes);
    free(reader);
    return is_good;
}

bool recording_is_text(const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned char bytes[256];
    size_t count = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0, i = 0;

    while (i < count && (isprint(bytes[i]) || bytes[i] == '\n' || bytes[i] == '\t' || bytes[i] == '\r'))
        i++;
    if (file != NULL)
        fclose(file);
    return count > 0 && i == count;
}
