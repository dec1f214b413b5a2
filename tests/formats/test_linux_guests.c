/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests one and the same KVM host as people record it in different ways: with two guests of libvirt, vhost between a
 * device and a vCPU, and one vCPU that waits for another guest's. All recordings of it are to give the same answer.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/recordings.h"
#include "temporary.h"
#include "trace/answer.h"

enum { ROUNDS = 100, US = 1000, EVENTS_MAX = 40 * ROUNDS, TEXT_BYTES = 120 };

/* How the host is recorded. */
enum {
    HAS_NO_PROCESSES = 1 << 0, /* threads have their own numbers only */
    IS_OF_PROCESSES = 1 << 1,  /* perf record -p: events of the guests' threads alone */
    IS_VHOST_TASK = 1 << 2,    /* Linux 6.4: a vhost thread is one of its guest's process */
    IS_ARM = 1 << 3,
    IS_LATE = 1 << 4,   /* it begins while a vCPU is in its guest */
    HAS_TICKS = 1 << 5, /* trace-cmd record -C x86-tsc, at 2.4 GHz */
    HAS_US = 1 << 6,
    HAS_TEXT = 1 << 7,     /* lines of perf itself, and of the page to which it was pasted, around it */
    HAS_NO_NAMES = 1 << 9, /* QEMU without debug-threads=on: all of its threads have its name */
    IS_SCHED = 1 << 8,     /* perf sched record: no interrupts, no KVM, sched_wakeup */
};

struct task {
    const char *comm;
    int tgid, tid;
};

static const char qemu[] = "qemu-system-x86";
static const struct task idle = { "swapper", 0, 0 },
                         one[2] = { { "CPU 0/KVM", 2340, 2346 }, { "CPU 1/KVM", 2340, 2347 } };
static const struct task two = { "CPU 0/KVM", 5000, 5010 };

static struct event {
    uint64_t ns;
    int order, cpu;
    struct task task;
    char text[TEXT_BYTES + 80];
} events[EVENTS_MAX];
static int event_count;

__attribute__((format(printf, 4, 5))) static void event(uint64_t ns, int cpu, struct task task, const char *format, ...)
{
    va_list arguments;

    assert_true(event_count < EVENTS_MAX);
    struct event *it = &events[event_count];
    *it = (struct event){ .ns = ns, .order = event_count++, .cpu = cpu, .task = task };
    va_start(arguments, format);
    vsnprintf(it->text, sizeof it->text, format, arguments);
    va_end(arguments);
}

static const char *name_of(struct task task, uint32_t how)
{
    return (how & HAS_NO_NAMES) != 0 && !strncmp(task.comm, "CPU ", 4) ? qemu : task.comm;
}

static void switches(uint64_t ns, int cpu, struct task from, char state, struct task to, uint32_t how)
{
    event(ns, cpu, from,
          "sched:sched_switch: prev_comm=%s prev_pid=%d prev_prio=120 prev_state=%c ==> next_comm=%s next_pid=%d "
          "next_prio=120",
          name_of(from, how), from.tid, state, name_of(to, how), to.tid);
}

static void wakes(uint64_t ns, int cpu, struct task by, struct task task, int target, uint32_t how)
{
    event(ns, cpu, by, "sched:sched_%s: comm=%s pid=%d prio=120 target_cpu=%03d",
          (how & IS_SCHED) != 0 ? "wakeup" : "waking", name_of(task, how), task.tid, target);
}

static void enters(uint64_t ns, int cpu, struct task task, int vcpu, uint32_t how)
{
    event(ns, cpu, task, "kvm:kvm_vcpu_wakeup: wait time %d ns, polling valid", 600 * US);
    if ((how & IS_ARM) != 0)
        event(ns + US, cpu, task, "kvm:kvm_entry: PC: 0xffff80001008e0b0");
    else
        event(ns + US, cpu, task, "kvm:kvm_entry: vcpu %d, rip 0xffffffff81000000", vcpu);
}

static void exits(uint64_t ns, int cpu, struct task task, int vcpu, uint32_t how)
{
    if ((how & IS_ARM) != 0)
        event(ns, cpu, task, "kvm:kvm_exit: TRAP: HSR_EC: 0x0001 (WFx), PC: 0xffff80001008e0b0");
    else
        event(ns, cpu, task, "kvm:kvm_exit: vcpu %d reason HLT rip 0xffffffff81000000 info1 0x0", vcpu);
}

/* The vhost thread on CPU 2 interrupts the vCPU, from `ns` on. */
static void vhost(uint64_t ns, int vcpu, uint32_t how)
{
    const struct task task = { "vhost-2340", (how & IS_VHOST_TASK) != 0 ? 2340 : 2351, 2351 };

    wakes(ns + 5 * US, 3, idle, task, 2, how);
    switches(ns + 7 * US, 2, idle, 'R', task, how);
    if ((how & IS_ARM) == 0)
        event(ns + 15 * US, 2, task, "kvm:kvm_msi_set_irq: dst %x vec 37 (Fixed|physical|edge)", (unsigned)vcpu);
    wakes(ns + 16 * US, 2, task, one[vcpu], vcpu, how);
    switches(ns + 18 * US, 2, task, 'S', idle, how);
}

/* 1 ms. Guest two's vCPU is on CPU 0 from 2 to 300 us; the device interrupts at 100, on CPU 3, for one of guest one's
 * vCPUs, of which vCPU 0 is on CPU 0, where it waits until 300, and vCPU 1 on CPU 1. They run for 102 us. */
static void one_round(uint64_t ns, int vcpu, uint32_t how)
{
    uint64_t runs = ns + (vcpu == 0 ? 300 : 118) * US;

    wakes(ns, 0, idle, two, 0, how);
    switches(ns + 2 * US, 0, idle, 'R', two, how);
    enters(ns + 3 * US, 0, two, 0, how);
    event(ns + 100 * US, 3, idle, "irq:irq_handler_entry: irq=40 name=eth0-rx-0");
    event(ns + 100 * US + 500, 3, idle, "irq:softirq_raise: vec=3 [action=NET_RX]");
    event(ns + 101 * US, 3, idle, "irq:irq_handler_exit: irq=40 ret=handled");
    event(ns + 102 * US, 3, idle, "irq:softirq_entry: vec=3 [action=NET_RX]");
    vhost(ns + 100 * US, vcpu, how);
    event(ns + 106 * US, 3, idle, "irq:softirq_exit: vec=3 [action=NET_RX]");
    exits(ns + 299 * US, 0, two, 0, how);
    switches(ns + 300 * US, 0, two, 'S', vcpu == 0 ? one[0] : idle, how);
    if (vcpu == 1)
        switches(runs, 1, idle, 'R', one[1], how);
    enters(runs + US, vcpu, one[vcpu], vcpu, how);
    exits(runs + 101 * US, vcpu, one[vcpu], vcpu, how);
    switches(runs + 102 * US, vcpu, one[vcpu], 'S', idle, how);
}

static int by_time(const void *a, const void *b)
{
    const struct event *first = a, *second = b;

    return first->ns != second->ns ? (first->ns > second->ns) - (first->ns < second->ns) : first->order - second->order;
}

static bool is_recorded(const struct event *it, uint32_t how)
{
    return !((how & IS_LATE) != 0 && it->ns < 150 * US) && !((how & IS_OF_PROCESSES) != 0 && it->task.tid == 0) &&
           !((how & IS_SCHED) != 0 && strncmp(it->text, "sched:", 6) != 0);
}

static void print(FILE *file, const struct event *it, uint32_t how)
{
    uint64_t ns = UINT64_C(79371000000000) + it->ns;

    fprintf(file, "%16s %5d", name_of(it->task, how), (how & HAS_NO_PROCESSES) != 0 ? it->task.tid : it->task.tgid);
    if ((how & HAS_NO_PROCESSES) == 0)
        fprintf(file, "/%-5d", it->task.tid);
    fprintf(file, " [%03d] ", it->cpu);
    if ((how & HAS_TICKS) != 0)
        fprintf(file, "%" PRIu64, ns * 24 / 10);
    else if ((how & HAS_US) != 0)
        fprintf(file, "%" PRIu64 ".%06" PRIu64, ns / 1000000000, ns % 1000000000 / 1000);
    else
        fprintf(file, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
    fprintf(file, ": %s\n", it->text);
}

static void record(const char *path, uint32_t how)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    event_count = 0;
    for (int i = 0; i < ROUNDS; i++)
        one_round((uint64_t)i * 1000 * US, i % 2, how);
    qsort(events, (size_t)event_count, sizeof *events, by_time);
    if ((how & HAS_TEXT) != 0)
        fputs(
            "```\n$ sudo perf script --ns\nWarning:\n38 out of order events recorded.\n[ perf record: Woken up 1 times "
            "to write data ]\nKernel address maps (/proc/{kallsyms,modules}) were restricted.\n\n",
            file);
    for (int i = 0; i < event_count; i++)
        if (is_recorded(&events[i], how))
            print(file, &events[i], how);
    if ((how & HAS_TEXT) != 0)
        fputs("```\n", file);
    assert_int_equal(fclose(file), 0);
}

static void check(const struct answer *answer, const char *row, const char *name, uint64_t running, uint64_t waiting,
                  uint64_t tolerance)
{
    char who[ANSWER_TEXT_BYTES];
    size_t i = 0;

    while (i < answer->count && strcmp(answer_who(answer, answer->tasks[i].who, who), name) != 0)
        i++;
    if (i == answer->count)
        fail_msg("%s: no %s", row, name);
    const struct answer_task *task = &answer->tasks[i];
    if (llabs((long long)(task->running - running)) > (long long)tolerance ||
        llabs((long long)(task->waiting - waiting)) > (long long)tolerance)
        fail_msg("%s: %s runs for %" PRIu64 " ns, waits for %" PRIu64, row, name, task->running, task->waiting);
}

/* Of guest one, vCPU 0 waits mostly for guest two. */
static void check_cause(const struct answer *answer, const char *row, const char *culprit)
{
    char by[ANSWER_TEXT_BYTES];

    if (strncmp(answer_by(answer, &answer->tasks[0].rows[0], by), culprit, strlen(culprit)) != 0)
        fail_msg("%s: waits for '%s'", row, by);
}

static void every_recording_gives_the_same_answer(void **state)
{
    static const struct {
        const char *name;
        uint32_t how;
        const char *guests[2]; /* what they are called: QEMU's first threads have no events here */
        uint64_t tolerance;
    } rows[] = {
        { "perf script", 0, { "guest-2340", "guest" }, 0 },
        { "perf script -F comm,tid,...", HAS_NO_PROCESSES, { "guest", "guest-5010" }, 0 },
        { "perf record -p", IS_OF_PROCESSES, { "guest-2340", "guest" }, 200 * US },
        { "Linux 6.4", IS_VHOST_TASK, { "guest-2340", "guest" }, 0 },
        { "ARM", IS_ARM, { "guest-2340", "guest" }, 0 },
        { "from the middle on", IS_LATE, { "guest-2340", "guest" }, 400 * US },
        { "ticks", HAS_TICKS, { "guest-2340", "guest" }, 8 * ROUNDS },
        { "us", HAS_US, { "guest-2340", "guest" }, 0 },
        { "pasted", HAS_TEXT, { "guest-2340", "guest" }, 0 },
        { "without names", HAS_NO_NAMES, { "qemu-system-x86-2340", "qemu-system-x86" }, 0 },
        { "without names and processes",
          HAS_NO_NAMES | HAS_NO_PROCESSES,
          { "qemu-system-x86", "qemu-system-x86-5010" },
          0 },
        { "perf sched record", IS_SCHED, { "guest-2340", "guest" }, 0 },
    };
    char message[512] = "", name[ANSWER_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct recording_choice choice = { .frequency_hz = (rows[i].how & HAS_TICKS) != 0 ? 2400000000 : 0 };
        struct recorded recorded;
        struct answer answer;
        record(temporary_path("guests.txt"), rows[i].how);
        if (!recorded_read(temporary_path("guests.txt"), &choice, &recorded, message, sizeof message) ||
            !answer_make(&answer, &recorded, 0, CYCLES_NEVER, message, sizeof message))
            fail_msg("%s: %s", rows[i].name, message);
        assert_int_equal(recorded.world.domain_count, 2);
        for (size_t ignored = 0; ignored < recorded.ignored_count; ignored++)
            assert_string_not_equal(recorded.ignored[ignored].what, "vCPU of an MSI");
        for (int vcpu = 0; vcpu < 2; vcpu++) {
            snprintf(name, sizeof name, "%s v%d", rows[i].guests[0], vcpu);
            check(&answer, rows[i].name, name, UINT64_C(102) * US * ROUNDS / 2,
                  UINT64_C(1) * (vcpu == 0 ? 184 : 2) * US * ROUNDS / 2, rows[i].tolerance / 2);
        }
        snprintf(name, sizeof name, "%s v0", rows[i].guests[1]);
        check(&answer, rows[i].name, name, UINT64_C(298) * US * ROUNDS, UINT64_C(2) * US * ROUNDS, rows[i].tolerance);
        check_cause(&answer, rows[i].name, name);
        answer_free(&answer);
        recorded_free(&recorded);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(every_recording_gives_the_same_answer) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
