/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what recordings of real machines become: each row is a text as people paste it, and the records made of it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "formats/recordings.h"
#include "temporary.h"

static char message[512];

static bool read_text(const char *text, const struct recording_choice *choice, struct recorded *recorded)
{
    char path[] = "/tmp/irqpath-recordings-XXXXXX.txt";

    temporary_file(path, ".txt");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    bool is_good = recorded_read(path, choice, recorded, message, sizeof message);
    unlink(path);
    return is_good;
}

/* --- records as text --- */

static const char *const kinds[TRACE_KIND_COUNT] = {
    [TRACE_VCPU] = "vcpu",
    [TRACE_RUNSTATE] = "state",
    [TRACE_SWITCH] = "switch",
    [TRACE_WAKE] = "wake",
    [TRACE_RAISE] = "raise",
    [TRACE_IRQ_ENTRY] = "irq",
    [TRACE_IRQ_EXIT] = "/irq",
    [TRACE_DO_IRQ] = "line",
    [TRACE_SOFTIRQ_RAISE] = "raise-softirq",
    [TRACE_SOFTIRQ_ENTRY] = "softirq",
    [TRACE_SOFTIRQ_EXIT] = "/softirq",
    [TRACE_IDLE_ENTRY] = "idle",
    [TRACE_IDLE_EXIT] = "/idle",
    [TRACE_VMEXIT] = "exit",
    [TRACE_VMENTRY] = "entry",
    [TRACE_PEND] = "pend",
    [TRACE_INJECT] = "inject",
    [TRACE_HANDLER] = "handler",
    [TRACE_ACTION] = "action",
    [TRACE_POLL] = "poll",
    [TRACE_DROPPED] = "dropped",
};

static void put(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(char **text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    *text += vsprintf(*text, format, arguments);
    va_end(arguments);
}

static void put_record(char **text, const struct recorded *recorded, const struct trace_record *record)
{
    static const char states[] = "RwSO"; /* running, waiting, sleeping, offline */
    const struct trace_world *world = &recorded->world;
    char who[TRACE_TEXT_BYTES], from[TRACE_TEXT_BYTES];

    put(text, "%d@%d %s", (int)record->time, record->cpu, kinds[record->kind]);
    if (record->who != TRACE_NOBODY)
        put(text, " %s", trace_who_text(world, record->who, who));
    if (record->kind == TRACE_RUNSTATE)
        put(text, " %c%c@%d", states[record->a / 16], states[record->a % 16], (int)record->b);
    else if (record->kind == TRACE_VCPU)
        put(text, " %c@%d", states[record->a], (int)record->b);
    else if (record->kind == TRACE_SWITCH)
        put(text, " <- %s", trace_who_text(world, (uint32_t)record->b, from));
    else if (record->kind == TRACE_ACTION)
        put(text, " %s %d", world->action_names[record->a], (int)record->b);
    else if (record->kind == TRACE_DO_IRQ)
        put(text, " %s", world->irq_names[record->b]);
    else if (record->kind == TRACE_VMEXIT)
        put(text, " %s", world->exit_names[record->a]);
    else if (record->kind >= TRACE_SOFTIRQ_RAISE && record->kind <= TRACE_SOFTIRQ_EXIT)
        put(text, " %s", trace_softirq_text(world, record->a, who));
    else if (record->kind != TRACE_WAKE && record->kind != TRACE_IDLE_ENTRY && record->kind != TRACE_IDLE_EXIT &&
             record->kind != TRACE_VMENTRY)
        put(text, " %d %d", (int)record->a, (int)record->b);
    if (record->flow != 0)
        put(text, " #%d", (int)record->flow);
    put(text, "\n");
}

/* The records of the kinds in the mask; 0: all. */
static void assert_records(const struct recorded *recorded, uint64_t mask, const char *expected)
{
    static char text[1 << 16];
    char *at = text;

    text[0] = '\0';
    for (size_t i = 0; i < recorded->count; i++)
        if (mask == 0 || (mask >> recorded->records[i].kind & 1) != 0)
            put_record(&at, recorded, &recorded->records[i]);
    assert_string_equal(text, expected);
}

#define KIND(kind) (UINT64_C(1) << (kind))
#define STATES (KIND(TRACE_RUNSTATE) | KIND(TRACE_VCPU) | KIND(TRACE_WAKE))
#define INTERRUPTS (KIND(TRACE_IRQ_ENTRY) | KIND(TRACE_IRQ_EXIT) | KIND(TRACE_DO_IRQ) | KIND(TRACE_ACTION))

struct row {
    const char *name, *text;
    uint64_t kinds;
    const char *records;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct recorded recorded;
        if (!read_text(rows[i].text, &(struct recording_choice){ .allows_lost = true }, &recorded))
            fail_msg("%s: %s", rows[i].name, message);
        assert_records(&recorded, rows[i].kinds, rows[i].records);
        recorded_free(&recorded);
    }
}

/* --- the host's threads and vCPUs --- */

static void events_become_records(void **state)
{
    static const struct row rows[] = {
        { "one interrupt",
          "swapper 0/0 [001] 700.000000000: irq:irq_handler_entry: irq=40 name=vfio-a\n"
          "swapper 0/0 [001] 700.000000800: sched:sched_waking: comm=vcpu3 pid=501 prio=120 target_cpu=001\n"
          "swapper 0/0 [001] 700.000001200: irq:irq_handler_exit: irq=40 ret=handled\n"
          "swapper 0/0 [001] 700.000002400: sched:sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 "
          "prev_state=R ==> next_comm=vcpu3 next_pid=501 next_prio=120\n"
          "vcpu3 501/501 [001] 700.000022400: sched:sched_switch: prev_comm=vcpu3 prev_pid=501 prev_prio=120 "
          "prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120\n",
          0,
          "0@1 irq 40 0 #1\n0@1 line vfio-a #1\n"
          "800@1 wake vcpu3 v3 #1\n800@1 state vcpu3 v3 Sw@1\n"
          "1200@1 action vfio-a 1 #1\n1200@1 /irq 40 0 #1\n"
          "2400@1 /idle\n2400@1 state idle cpu1 Rw@1\n2400@1 state vcpu3 v3 wR@1\n"
          "2400@1 switch vcpu3 v3 <- idle cpu1\n"
          "22400@1 state vcpu3 v3 RS@1\n22400@1 state idle cpu1 wR@1\n22400@1 switch idle cpu1 <- vcpu3 v3\n"
          "22400@1 idle\n" },
        { "a shared line",
          "a 1 [001] 1.000000000: irq:irq_handler_entry: irq=16 name=uhci_hcd:usb3\n"
          "a 1 [001] 1.000000300: irq:irq_handler_exit: irq=16 ret=unhandled\n"
          "a 1 [001] 1.000000400: irq:irq_handler_entry: irq=16 name=vfio-intx(0000:06:00.0)\n"
          "a 1 [001] 1.000001600: irq:irq_handler_exit: irq=16 ret=handled\n"
          "a 1 [001] 1.000002000: irq:irq_handler_entry: irq=16 name=uhci_hcd:usb3\n"
          "a 1 [001] 1.000002300: irq:irq_handler_exit: irq=16 ret=unhandled\n"
          "a 1 [001] 1.000002400: irq:irq_handler_entry: irq=16 name=vfio-intx(0000:06:00.0)\n"
          "a 1 [001] 1.000002500: irq:irq_handler_exit: irq=16 ret=unhandled\n",
          INTERRUPTS,
          "0@1 irq 16 0 #1\n0@1 line uhci_hcd:usb3, vfio-intx(0000:06:00.0) #1\n300@1 action uhci_hcd:usb3 0 #1\n"
          "1600@1 action vfio-intx(0000:06:00.0) 1 #1\n1600@1 /irq 16 0 #1\n"
          "2000@1 irq 16 0 #2\n2000@1 line uhci_hcd:usb3, vfio-intx(0000:06:00.0) #2\n2300@1 action uhci_hcd:usb3 0 "
          "#2\n2500@1 action vfio-intx(0000:06:00.0) 0 #2\n2500@1 /irq 16 0 #2\n" },
        { "through vhost",
          "swapper 0/0 [000] 1.000000000: irq:irq_handler_entry: irq=40 name=nic\n"
          "swapper 0/0 [000] 1.000000800: sched:sched_waking: comm=vhost-2340 pid=2351 prio=120 target_cpu=000\n"
          "swapper 0/0 [000] 1.000001200: irq:irq_handler_exit: irq=40 ret=handled\n"
          "swapper 0/0 [000] 1.000002000: sched:sched_switch: prev_comm=swapper/0 prev_pid=0 prev_prio=120 "
          "prev_state=R ==> next_comm=vhost-2340 next_pid=2351 next_prio=120\n"
          "vhost-2340 2351/2351 [000] 1.000012000: sched:sched_waking: comm=CPU 0/KVM pid=2346 prio=120 "
          "target_cpu=001\n",
          STATES,
          "800@0 wake vhost-2340 #1\n800@0 state vhost-2340 Sw@0\n2000@0 state idle cpu0 Rw@0\n"
          "2000@0 state vhost-2340 wR@0\n12000@0 wake guest v0 #1\n12000@0 state guest v0 Sw@1\n" },
        { "a wake-up that is told twice is one",
          "a 1 [000] 1.000000000: sched:sched_waking: comm=b pid=2 prio=120 target_cpu=000\n"
          "a 1 [001] 1.000000100: sched:sched_wakeup: comm=b pid=2 prio=120 target_cpu=001\n"
          "a 1 [001] 1.000000200: sched:sched_wakeup: comm=c pid=3 prio=120 target_cpu=001\n",
          STATES, "0@0 wake b\n0@0 state b Sw@0\n100@1 state b ww@1\n200@1 wake c\n200@1 state c Sw@1\n" },
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_become_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
