/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the text of perf, trace-cmd and ftrace: what each event says, of whatever version or plugin.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/linux_line.h"
#include "formats/readers.h"
#include "formats/linux_input.h"

struct reader {
    struct linux_input input;
    struct linux_host *host;
    struct recorded *recorded;
    const struct recording_choice *choice;
    char *message;
    size_t message_bytes;
    uint64_t previous_ns;
    bool has_event, is_coarse;
    struct linux_line line;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct reader *reader, const char *format, ...)
{
    char text[300];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(reader->message, reader->message_bytes, "line %" PRIu64 ": %s", reader->input.number, text);
    return false;
}

/* --- what events say --- */

/* The value of "key=" in the text; a number may be signed, or hexadecimal as in 0x1. */
static bool value_of(const char *text, const char *key, int64_t *value)
{
    size_t bytes = strlen(key);

    for (const char *at = text; (at = strstr(at, key)) != NULL; at += bytes)
        if ((at == text || at[-1] == ' ') && at[bytes] == '=') {
            char *end;
            errno = 0;
            *value = strtoll(at + bytes + 1, &end, at[bytes + 1] == '0' && at[bytes + 2] == 'x' ? 16 : 10);
            return errno == 0 && end != at + bytes + 1;
        }
    return false;
}

/* Ends the name that begins after "key=" where " other=N third=" follows, which is longer than a name may be. */
static bool task_of(char *text, const char *key, const char *other, const char *third, struct linux_task *task)
{
    char *name = strstr(text, key);

    if (name == NULL)
        return false;
    name += strlen(key);
    for (char *at = name; (at = strstr(at, other)) != NULL; at++) {
        char *end;
        long pid = strtol(at + strlen(other), &end, 10);
        if (end == at + strlen(other) || pid < 0 || pid > INT32_MAX || strncmp(end, third, strlen(third)) != 0)
            continue;
        *at = '\0';
        *task = (struct linux_task){ name, (int32_t)pid };
        return true;
    }
    return false;
}

/* "swapper/1:0 [120]" up to `end`: a name, which may hold colons, and a number. */
static bool task_by_plugin(char *text, char *end, struct linux_task *task)
{
    for (char *at = end; at > text; at--) {
        unsigned pid;
        int bytes = 0;
        if (at[-1] != ':' || sscanf(at, "%u [%*d]%n", &pid, &bytes) != 1 || bytes == 0 || at + bytes > end ||
            pid > INT32_MAX)
            continue;
        at[-1] = '\0';
        *task = (struct linux_task){ text, (int32_t)pid };
        return true;
    }
    return false;
}

/* "R", "S", "R+", "D|W", or a number of the raw event, of which 0 is runnable. */
static void state_of(const char *text, bool *blocks, bool *dies)
{
    char *end;
    unsigned long long bits = strtoull(text, &end, 0);

    if (end != text) {
        *blocks = (bits & 0xff) != 0;
        *dies = (bits & 0x30) != 0; /* EXIT_DEAD, EXIT_ZOMBIE; TASK_DEAD is 0x80 */
        *dies |= (bits & 0x80) != 0;
        return;
    }
    *blocks = *text != 'R';
    *dies = *text == 'X' || *text == 'Z' || *text == 'x';
}

static const char *task_switch(struct reader *reader)
{
    struct linux_task previous, next;
    bool blocks, dies;
    char *text = reader->line.rest, *arrow, *state = strstr(text, " prev_state=");

    if (!strncmp(text, "prev_comm=", 10)) {
        char *second = state != NULL ? strstr(state, " next_comm=") : NULL;
        if (second == NULL || !task_of(second, "next_comm=", " next_pid=", " next_prio=", &next) ||
            !task_of(text, "prev_comm=", " prev_pid=", " prev_prio=", &previous))
            return "no prev_pid=, prev_state= or next_pid=";
        state_of(state + 12, &blocks, &dies);
        return linux_switch(reader->host, &reader->line.at, previous, blocks, dies, next);
    }
    for (arrow = text; (arrow = strstr(arrow, " ==> ")) != NULL; arrow++) {
        char *end = arrow;
        while (end > text && end[-1] != ' ')
            end--; /* the state's first letter */
        state_of(end, &blocks, &dies);
        if (end - 1 > text && end[-2] == ']' && task_by_plugin(text, end - 1, &previous) &&
            task_by_plugin(arrow + 5, arrow + 5 + strlen(arrow + 5), &next))
            return linux_switch(reader->host, &reader->line.at, previous, blocks, dies, next);
    }
    return "no prev_pid=, prev_state= or next_pid=";
}

static const char *wake(struct reader *reader, enum linux_wake kind)
{
    struct linux_task task;
    int64_t cpu = reader->line.at.cpu;
    char *text = reader->line.rest;
    const char *tail = text + strlen(text);

    if (!strncmp(text, "comm=", 5)) {
        if (!value_of(text, "target_cpu", &cpu))
            (void)value_of(text, "cpu", &cpu);
        if (!task_of(text, "comm=", " pid=", " prio=", &task) && !task_of(text, "comm=", " pid=", " ", &task) &&
            !task_of(text, "comm=", " pid=", "", &task))
            return "no pid=";
    } else {
        const char *at = strstr(text, " CPU:");
        unsigned number;
        if (at != NULL && sscanf(at, " CPU:%u", &number) == 1)
            cpu = number;
        if (!task_by_plugin(text, text + (tail - text), &task))
            return "no pid=";
    }
    if (cpu < 0)
        return "no target_cpu=";
    return linux_waking(reader->host, &reader->line.at, kind, task, cpu < UINT32_MAX ? (uint32_t)cpu : UINT32_MAX);
}

static const char *waking(struct reader *reader) { return wake(reader, LINUX_WAKING); }
static const char *wakeup(struct reader *reader) { return wake(reader, LINUX_WAKEUP); }
static const char *wakeup_new(struct reader *reader) { return wake(reader, LINUX_WAKEUP_NEW); }

static const char *migrate(struct reader *reader)
{
    struct linux_task task;
    int64_t cpu;

    if (!value_of(reader->line.rest, "dest_cpu", &cpu) || cpu < 0 ||
        !task_of(reader->line.rest, "comm=", " pid=", " prio=", &task))
        return "no pid= or dest_cpu=";
    return linux_migrate(reader->host, &reader->line.at, task, (uint32_t)cpu);
}

/* "pid=501 oldcomm=qemu newcomm=CPU 0/KVM oom_score_adj=0" */
static const char *rename_task(struct reader *reader)
{
    char *name = strstr(reader->line.rest, " newcomm="), *end;
    int64_t pid;

    if (name == NULL || !value_of(reader->line.rest, "pid", &pid) || pid < 0 || pid > INT32_MAX)
        return "no pid= or newcomm=";
    if ((end = strstr(name + 9, " oom_score_adj=")) != NULL)
        *end = '\0';
    return linux_rename(reader->host, (int32_t)pid, -1, name + 9);
}

static void trim(char *text)
{
    size_t bytes = strlen(text);

    while (bytes > 0 && (text[bytes - 1] == ' ' || text[bytes - 1] == '\t'))
        text[--bytes] = '\0';
}

static const char *irq_entry(struct reader *reader)
{
    char *name = strstr(reader->line.rest, "name=");
    int64_t irq;

    if (!value_of(reader->line.rest, "irq", &irq) || irq < 0 || irq > UINT32_MAX)
        return "no irq=";
    if (name != NULL)
        trim(name);
    return linux_irq_entry(reader->host, &reader->line.at, (uint32_t)irq, name != NULL ? name + 5 : "");
}

static const char *irq_exit(struct reader *reader)
{
    const char *how = strstr(reader->line.rest, "ret=");
    int64_t irq;

    if (!value_of(reader->line.rest, "irq", &irq) || irq < 0 || irq > UINT32_MAX)
        return "no irq=";
    bool is_unhandled = how != NULL && (!strncmp(how, "ret=unhandled", 13) || !strcmp(how, "ret=0"));
    return linux_irq_exit(reader->host, &reader->line.at, (uint32_t)irq, !is_unhandled);
}

static const char *softirq(struct reader *reader, enum trace_kind kind)
{
    char *name = strstr(reader->line.rest, "[action=");
    int64_t vector;

    if (!value_of(reader->line.rest, "vec", &vector) || vector < 0 || vector > UINT32_MAX)
        return "no vec=";
    if (name != NULL) {
        name += 8;
        name[strcspn(name, "]")] = '\0';
    }
    return linux_softirq(reader->host, &reader->line.at, kind, (uint32_t)vector, name);
}

static const char *softirq_raise(struct reader *reader) { return softirq(reader, TRACE_SOFTIRQ_RAISE); }
static const char *softirq_entry(struct reader *reader) { return softirq(reader, TRACE_SOFTIRQ_ENTRY); }
static const char *softirq_exit(struct reader *reader) { return softirq(reader, TRACE_SOFTIRQ_EXIT); }

/* --- KVM --- */

/* "dst 0 vec 48 (Fixed|physical|edge)" */
static const char *kvm_msi(struct reader *reader)
{
    unsigned apic, vector;

    if (sscanf(reader->line.rest, "dst %x vec %u", &apic, &vector) != 2)
        return "no 'dst N vec N'";
    return linux_kvm_msi(reader->host, &reader->line.at, apic, vector);
}

static const char *kvm_accept(struct reader *reader)
{
    unsigned apic, vector;

    if (sscanf(reader->line.rest, "apicid %x vec %u", &apic, &vector) != 2)
        return "no 'apicid N vec N'";
    return linux_kvm_accept(reader->host, &reader->line.at, apic, vector);
}

/* "IRQ 0x30", or "48" of older kernels; exceptions of newer ones have other words. */
static const char *kvm_inject(struct reader *reader)
{
    const char *digits = strpbrk(reader->line.rest, "0123456789");

    if (strstr(reader->line.rest, "Exception") != NULL)
        return NULL;
    return digits == NULL ? "no vector"
                          : linux_kvm_inject(reader->host, &reader->line.at, (uint32_t)strtoul(digits, NULL, 0));
}

/* "wait time 365776 ns, polling valid": how long the vCPU had been halted; "poll time": it was woken while it polled.
 */
static const char *kvm_wakeup(struct reader *reader)
{
    uint64_t ns;
    bool has_polled = !strncmp(reader->line.rest, "poll ", 5);

    if (sscanf(reader->line.rest, "%*[a-z] time %" SCNu64 " ns", &ns) != 1)
        return "no 'wait time N ns' or 'poll time N ns'";
    return linux_kvm_wakeup(reader->host, &reader->line.at, has_polled, ns);
}

static int32_t vcpu_of(const char *text)
{
    unsigned vcpu;
    const char *at = strstr(text, "vcpu ");

    return at != NULL && sscanf(at, "vcpu %u", &vcpu) == 1 && vcpu < INT32_MAX ? (int32_t)vcpu : -1;
}

static const char *kvm_entry(struct reader *reader)
{
    return linux_kvm_entry(reader->host, &reader->line.at, vcpu_of(reader->line.rest));
}

/* "vcpu 0 reason HLT rip 0xffffffff81 info1 ..." */
static const char *kvm_exit(struct reader *reader)
{
    char *reason = strstr(reader->line.rest, "reason ");
    int32_t vcpu = vcpu_of(reader->line.rest);

    if (reason == NULL)
        return "no 'reason'";
    reason += 7;
    reason[strcspn(reason, " ")] = '\0';
    return linux_kvm_exit(reader->host, &reader->line.at, vcpu, reason);
}

static const char *follow(struct reader *reader)
{
    static const struct {
        const char *event;
        const char *(*follow)(struct reader *reader);
    } events[] = {
        { "sched_switch", task_switch },
        { "sched_waking", waking },
        { "sched_wakeup", wakeup },
        { "sched_wakeup_new", wakeup_new },
        { "sched_migrate_task", migrate },
        { "task_rename", rename_task },
        { "irq_handler_entry", irq_entry },
        { "irq_handler_exit", irq_exit },
        { "softirq_raise", softirq_raise },
        { "softirq_entry", softirq_entry },
        { "softirq_exit", softirq_exit },
        { "kvm_msi_set_irq", kvm_msi },
        { "kvm_apic_accept_irq", kvm_accept },
        { "kvm_inj_virq", kvm_inject },
        { "kvm_vcpu_wakeup", kvm_wakeup },
        { "kvm_entry", kvm_entry },
        { "kvm_exit", kvm_exit },
    };

    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (!strcmp(reader->line.event, events[i].event))
            return events[i].follow(reader);
    if (linux_is_ours(reader->line.event))
        return linux_ours(reader->host, &reader->line.at, reader->line.event, reader->line.rest);
    recorded_ignore(reader->recorded, reader->line.event, "this event is not used");
    return NULL;
}

/* --- lines --- */

static bool lost(struct reader *reader, uint32_t cpu, uint64_t count)
{
    char number[32] = "";

    if (count > 0)
        snprintf(number, sizeof number, "%" PRIu64 " ", count);
    if (!reader->choice->allows_lost)
        return fail(reader, "%sevents lost here (--allow-lost reads the recording without them)", number);
    recorded_ignore(reader->recorded, "gap of lost events", "the recorder could not keep up");
    reader->line.at.ns = reader->previous_ns;
    if (cpu != UINT32_MAX)
        reader->line.at.cpu = cpu;
    reader->line.at.tid = -1;
    if (!reader->has_event)
        return true;
    const char *problem = linux_event(reader->host, &reader->line.at);
    if (problem == NULL)
        problem = linux_lost(reader->host, &reader->line.at, count);
    return problem == NULL || fail(reader, "%s", problem);
}

/* Times of a clock that counts ticks become ns. */
static bool check_time(struct reader *reader)
{
    struct linux_line *line = &reader->line;

    if (line->has_ticks) {
        if (reader->choice->frequency_hz == 0)
            return fail(reader, "the time has no fraction: the clock counts cycles; --cpu-hz gives its frequency, as "
                                "in --cpu-hz 2.4GHz");
        uint64_t hz = reader->choice->frequency_hz;
        line->at.ns = line->at.ns / hz * 1000000000 + (uint64_t)((double)(line->at.ns % hz) * 1e9 / (double)hz);
    }
    reader->is_coarse |= line->is_coarse && !line->has_ticks;
    if (reader->has_event && line->at.ns < reader->previous_ns)
        return fail(reader, "time goes back by %" PRIu64 " ns", reader->previous_ns - line->at.ns);
    reader->previous_ns = line->at.ns;
    reader->has_event = true;
    return true;
}

/* "PERF_RECORD_COMM exec: name:pid/tid" gives a thread its name; other records of perf itself are not used. */
static void perf_record(struct reader *reader, char *text)
{
    char *name = strstr(text, "PERF_RECORD_COMM"), *colon = name != NULL ? strrchr(name, ':') : NULL;
    int tgid, tid;

    if (colon == NULL || sscanf(colon, ":%d/%d", &tgid, &tid) != 2 || tid <= 0 || (name = strstr(name, ": ")) == NULL ||
        name >= colon) {
        recorded_ignore(reader->recorded, "record of perf itself", "it is not used");
        return;
    }
    *colon = '\0';
    linux_rename(reader->host, tid, tgid, name + 2);
}

/* What the line is if it is no event. */
static bool read_other(struct reader *reader, const char *text, const char *problem)
{
    if (reader->input.is_cut)
        return fail(reader, "the file is cut off in the middle of a line");
    if (linux_line_is_call_chain(text))
        recorded_ignore(reader->recorded, "line of a call chain", "call chains are not used");
    else if (strstr(text, " <-") != NULL)
        recorded_ignore(reader->recorded, "call of a function", "it is not used");
    else
        return fail(reader, "%s", problem);
    return true;
}

static bool read_line(struct reader *reader, char *text)
{
    uint64_t count;
    uint32_t cpu;

    if (linux_line_is_chatter(text))
        return true;
    bool is_lost = linux_line_is_lost(text, &cpu, &count), is_record = strstr(text, "PERF_RECORD_") != NULL;
    if (is_record && !is_lost) {
        perf_record(reader, text);
        return true;
    }
    const char *problem = linux_line_split(text, &reader->line);
    if (is_lost)
        return lost(reader, cpu, count);
    if (problem != NULL)
        return read_other(reader, text, problem);
    if (reader->input.is_cut)
        return fail(reader, "the file is cut off in the middle of a line");
    if (!check_time(reader))
        return false;
    problem = linux_event(reader->host, &reader->line.at);
    if (problem == NULL)
        problem = follow(reader);
    return problem == NULL || fail(reader, "%s", problem);
}

static bool read_lines(struct reader *reader)
{
    char *text;

    while ((text = linux_input_line(&reader->input)) != NULL)
        if (!read_line(reader, text))
            return false;
    if (reader->input.has_failed)
        return fail(reader, "the file cannot be read");
    if (reader->input.is_too_long)
        return fail(reader, "longer than %d bytes: not the text of perf script or trace-cmd report", LINUX_LINE_MAX);
    if (!reader->has_event)
        return fail(reader, "no line of perf script, trace-cmd report or ftrace");
    if (reader->is_coarse)
        recorded_ignore(reader->recorded, "nanoseconds of its times",
                        "perf script was run without --ns, or trace-cmd report without -t");
    const char *problem = linux_finish(reader->host);
    return problem == NULL || fail(reader, "%s", problem);
}

bool linux_text_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                     char *message, size_t message_bytes)
{
    struct reader *reader = calloc(1, sizeof *reader);

    CHECK(reader != NULL);
    *reader = (struct reader){ .host = linux_host_new(recorded, choice),
                               .recorded = recorded,
                               .choice = choice,
                               .message = message,
                               .message_bytes = message_bytes };
    linux_input_init(&reader->input, source->file, source->head, source->head_bytes);
    bool is_good = read_lines(reader);
    linux_input_free(&reader->input);
    linux_host_free(reader->host);
    free(reader);
    return is_good;
}
