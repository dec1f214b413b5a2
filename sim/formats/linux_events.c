/* SPDX-License-Identifier: Apache-2.0
 *
 * What the text of each event says, of whatever version or plugin.
 */
#include "formats/linux_events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILED "[FAILED TO PARSE]"

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

static const char *task_switch(struct linux_events *events)
{
    struct linux_task previous, next;
    bool blocks, dies;
    char *text = events->line.rest, *arrow, *state = strstr(text, " prev_state=");

    if (!strncmp(text, "prev_comm=", 10)) {
        char *second = state != NULL ? strstr(state, " next_comm=") : NULL;
        if (second == NULL || !task_of(second, "next_comm=", " next_pid=", " next_prio=", &next) ||
            !task_of(text, "prev_comm=", " prev_pid=", " prev_prio=", &previous))
            return "no prev_pid=, prev_state= or next_pid=";
        state_of(state + 12, &blocks, &dies);
        return linux_switch(events->host, &events->line.at, previous, blocks, dies, next);
    }
    for (arrow = text; (arrow = strstr(arrow, " ==> ")) != NULL; arrow++) {
        char *end = arrow;
        while (end > text && end[-1] != ' ')
            end--; /* the state's first letter */
        state_of(end, &blocks, &dies);
        if (end - 1 > text && end[-2] == ']' && task_by_plugin(text, end - 1, &previous) &&
            task_by_plugin(arrow + 5, arrow + 5 + strlen(arrow + 5), &next))
            return linux_switch(events->host, &events->line.at, previous, blocks, dies, next);
    }
    return "no prev_pid=, prev_state= or next_pid=";
}

static const char *wake(struct linux_events *events, enum linux_wake kind)
{
    struct linux_task task;
    int64_t cpu = events->line.at.cpu;
    char *text = events->line.rest;
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
    return linux_waking(events->host, &events->line.at, kind, task, cpu < UINT32_MAX ? (uint32_t)cpu : UINT32_MAX);
}

static const char *waking(struct linux_events *events) { return wake(events, LINUX_WAKING); }
static const char *wakeup(struct linux_events *events) { return wake(events, LINUX_WAKEUP); }
static const char *wakeup_new(struct linux_events *events) { return wake(events, LINUX_WAKEUP_NEW); }

static const char *migrate(struct linux_events *events)
{
    struct linux_task task;
    int64_t cpu;

    if (!value_of(events->line.rest, "dest_cpu", &cpu) || cpu < 0 ||
        !task_of(events->line.rest, "comm=", " pid=", " prio=", &task))
        return "no pid= or dest_cpu=";
    return linux_migrate(events->host, &events->line.at, task, (uint32_t)cpu);
}

/* "pid=501 oldcomm=qemu newcomm=CPU 0/KVM oom_score_adj=0" */
static const char *rename_task(struct linux_events *events)
{
    char *name = strstr(events->line.rest, " newcomm="), *end;
    int64_t pid;

    if (name == NULL || !value_of(events->line.rest, "pid", &pid) || pid < 0 || pid > INT32_MAX)
        return "no pid= or newcomm=";
    if ((end = strstr(name + 9, " oom_score_adj=")) != NULL)
        *end = '\0';
    return linux_rename(events->host, (int32_t)pid, -1, name + 9);
}

static void trim(char *text)
{
    size_t bytes = strlen(text);

    while (bytes > 0 && (text[bytes - 1] == ' ' || text[bytes - 1] == '\t'))
        text[--bytes] = '\0';
}

static const char *irq_entry(struct linux_events *events)
{
    char *name = strstr(events->line.rest, "name=");
    int64_t irq;

    if (!value_of(events->line.rest, "irq", &irq) || irq < 0 || irq > UINT32_MAX)
        return "no irq=";
    if (name != NULL)
        trim(name);
    return linux_irq_entry(events->host, &events->line.at, (uint32_t)irq, name != NULL ? name + 5 : "");
}

static const char *irq_exit(struct linux_events *events)
{
    const char *how = strstr(events->line.rest, "ret=");
    int64_t irq;

    if (!value_of(events->line.rest, "irq", &irq) || irq < 0 || irq > UINT32_MAX)
        return "no irq=";
    bool is_unhandled = how != NULL && (!strncmp(how, "ret=unhandled", 13) || !strcmp(how, "ret=0"));
    return linux_irq_exit(events->host, &events->line.at, (uint32_t)irq, !is_unhandled);
}

static const char *softirq(struct linux_events *events, enum trace_kind kind)
{
    char *name = strstr(events->line.rest, "[action=");
    int64_t vector;

    if (!value_of(events->line.rest, "vec", &vector) || vector < 0 || vector > UINT32_MAX)
        return "no vec=";
    if (name != NULL) {
        name += 8;
        name[strcspn(name, "]")] = '\0';
    }
    return linux_softirq(events->host, &events->line.at, kind, (uint32_t)vector, name);
}

static const char *softirq_raise(struct linux_events *events) { return softirq(events, TRACE_SOFTIRQ_RAISE); }
static const char *softirq_entry(struct linux_events *events) { return softirq(events, TRACE_SOFTIRQ_ENTRY); }
static const char *softirq_exit(struct linux_events *events) { return softirq(events, TRACE_SOFTIRQ_EXIT); }

/* --- KVM --- */

/* "dst 0 vec 48 (Fixed|physical|edge)", or the message itself: "address=0xfee00000 data=0x4030". */
static const char *kvm_msi(struct linux_events *events)
{
    unsigned apic, vector;
    int64_t address, data;

    if (value_of(events->line.rest, "address", &address) && value_of(events->line.rest, "data", &data))
        return linux_kvm_msi(events->host, &events->line.at, (uint32_t)(address >> 12 & 255), (uint32_t)(data & 255));
    if (sscanf(events->line.rest, "dst %x vec %u", &apic, &vector) != 2)
        return "no 'dst N vec N'";
    return linux_kvm_msi(events->host, &events->line.at, apic, vector);
}

static const char *kvm_accept(struct linux_events *events)
{
    unsigned apic, vector;
    int64_t number, other;

    if (value_of(events->line.rest, "apicid", &number) && value_of(events->line.rest, "vec", &other))
        return linux_kvm_accept(events->host, &events->line.at, (uint32_t)number, (uint32_t)other);
    if (sscanf(events->line.rest, "apicid %x vec %u", &apic, &vector) != 2)
        return "no 'apicid N vec N'";
    return linux_kvm_accept(events->host, &events->line.at, apic, vector);
}

/* "IRQ 0x30", or "48" of older kernels; exceptions of newer ones have other words. */
static const char *kvm_inject(struct linux_events *events)
{
    const char *digits = strpbrk(events->line.rest, "0123456789");

    if (strstr(events->line.rest, "Exception") != NULL)
        return NULL;
    return digits == NULL ? "no vector"
                          : linux_kvm_inject(events->host, &events->line.at, (uint32_t)strtoul(digits, NULL, 0));
}

/* "wait time 365776 ns, polling valid": how long the vCPU had been halted; "poll time": it was woken while it polled.
 */
static const char *kvm_wakeup(struct linux_events *events)
{
    uint64_t ns;
    int64_t length, waited;
    bool has_polled = !strncmp(events->line.rest, "poll ", 5);

    if (value_of(events->line.rest, "ns", &length) && value_of(events->line.rest, "waited", &waited) && length >= 0)
        return linux_kvm_wakeup(events->host, &events->line.at, waited == 0, (uint64_t)length);
    if (sscanf(events->line.rest, "%*[a-z] time %" SCNu64 " ns", &ns) != 1)
        return "no 'wait time N ns' or 'poll time N ns'";
    return linux_kvm_wakeup(events->host, &events->line.at, has_polled, ns);
}

static int32_t vcpu_of(const char *text)
{
    unsigned vcpu;
    const char *at = strstr(text, "vcpu ");
    int64_t number;

    if (value_of(text, "vcpu_id", &number))
        return number >= 0 && number < INT32_MAX ? (int32_t)number : -1;
    return at != NULL && sscanf(at, "vcpu %u", &vcpu) == 1 && vcpu < INT32_MAX ? (int32_t)vcpu : -1;
}

static const char *kvm_entry(struct linux_events *events)
{
    return linux_kvm_entry(events->host, &events->line.at, vcpu_of(events->line.rest));
}

/* Intel's and AMD's numbers of exit reasons, with KVM's names. */
static const char *exit_name(int64_t reason, bool is_amd, char text[32])
{
    static const struct {
        int64_t intel, amd;
        const char *name;
    } exits[] = {
        { 0, -1, "EXCEPTION_NMI" },
        { 1, 0x60, "EXTERNAL_INTERRUPT" },
        { 7, 0x64, "INTERRUPT_WINDOW" },
        { 10, 0x72, "CPUID" },
        { 12, 0x78, "HLT" },
        { 18, 0x81, "VMCALL" },
        { 28, -1, "CR_ACCESS" },
        { 30, 0x7b, "IO_INSTRUCTION" },
        { 31, 0x7c, "MSR_READ" },
        { 32, -1, "MSR_WRITE" },
        { 40, 0x77, "PAUSE_INSTRUCTION" },
        { 44, -1, "APIC_ACCESS" },
        { 45, -1, "EOI_INDUCED" },
        { 48, 0x400, "EPT_VIOLATION" },
        { 49, -1, "EPT_MISCONFIG" },
        { 52, -1, "PREEMPTION_TIMER" },
        { 56, 0x402, "APIC_WRITE" },
    };

    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        if ((is_amd ? exits[i].amd : exits[i].intel) == reason)
            return exits[i].name;
    snprintf(text, 32, "reason_%" PRId64, reason);
    return text;
}

/* "TRAP: HSR_EC: 0x0001 (WFx), PC: 0xffff8000" or "IRQ: HSR_EC: 0x0000 (DABT_LOW), PC: 0xffff8000" of ARM, whose
 * class tells of traps alone; of other processors the first word. */
static const char *exit_of_others(char *text)
{
    char *class = !strncmp(text, "TRAP:", 5) ? strchr(text, '(') : NULL;

    text = class != NULL ? class + 1 : text;
    text[strcspn(text, class != NULL ? ")" : " :,")] = '\0';
    return *text != '\0' ? text : "?";
}

/* "vcpu 0 reason HLT rip 0xffffffff81 info1 ...", or the numbers: "exit_reason=0xc guest_rip=0x0 isa=0x1". */
static const char *kvm_exit(struct linux_events *events)
{
    char *reason = strstr(events->line.rest, "reason "), text[32];
    int32_t vcpu = vcpu_of(events->line.rest);
    int64_t number, isa = 1;

    if (value_of(events->line.rest, "exit_reason", &number)) {
        (void)value_of(events->line.rest, "isa", &isa);
        return linux_kvm_exit(events->host, &events->line.at, vcpu, exit_name(number & 0xffff, isa == 2, text));
    }
    if (reason == NULL)
        return linux_kvm_exit(events->host, &events->line.at, vcpu, exit_of_others(events->line.rest));
    reason += 7;
    reason[strcspn(reason, " ")] = '\0';
    return linux_kvm_exit(events->host, &events->line.at, vcpu, reason);
}

static uint32_t buffer_of(struct linux_events *events)
{
    uint32_t i = 0;

    while (i < events->buffer_count && strncmp(events->buffers[i], events->line.buffer, LINUX_BUFFER_BYTES - 1) != 0)
        i++;
    if (i == events->buffer_count && i < LINUX_BUFFERS_MAX - 1) {
        snprintf(events->buffers[i], LINUX_BUFFER_BYTES, "%s", events->line.buffer);
        events->buffer_count++;
    }
    return i;
}

/* Whether another buffer of the recording has this event of this CPU, too. */
static bool is_told_twice(struct linux_events *events, size_t event)
{
    uint8_t buffer = (uint8_t)(1 + buffer_of(events)), *owner = &events->owners[event][events->line.at.cpu];

    if (*owner == 0)
        *owner = buffer;
    return *owner != buffer;
}

bool linux_event_ends(const char *event) { return !strcmp(event, "sched_switch") || !strcmp(event, "kvm_exit"); }

const char *linux_events_follow(struct linux_events *events)
{
    static const struct {
        const char *event;
        const char *(*follow)(struct linux_events *events);
    } followers[LINUX_EVENTS] = {
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

    if (!strncmp(events->line.rest, FAILED, strlen(FAILED))) /* the fields follow as they are */
        events->line.rest += strlen(FAILED) + strspn(events->line.rest + strlen(FAILED), " ");
    size_t i = 0;
    while (i < LINUX_EVENTS && strcmp(events->line.event, followers[i].event) != 0)
        i++;
    bool is_ours = i == LINUX_EVENTS && linux_is_ours(events->line.event);
    if (i == LINUX_EVENTS && !is_ours)
        recorded_ignore(events->recorded, events->line.event, "this event is not used");
    else if (is_told_twice(events, i))
        recorded_ignore(events->recorded, events->line.event, "another buffer of the recording has it, too");
    else if (is_ours)
        return linux_ours(events->host, &events->line.at, events->line.event, events->line.rest);
    else
        return followers[i].follow(events);
    return NULL;
}
