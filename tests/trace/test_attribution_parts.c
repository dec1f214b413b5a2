/* SPDX-License-Identifier: Apache-2.0
 *
 * The attribution of records by hand: the parts that each kind of record begins or ends, as CSV, and the table of the
 * largest ones.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/attribution.h"

enum { A0 = 0, A1 = 1, B0 = 1 << 16, THREAD = (int)(TRACE_THREADS << 16), IDLE0 = (int)(TRACE_IDLE_DOMAIN << 16) };
enum { RUN, READY, ASLEEP, OFF };
enum world_kind { XEN_RUN, LINUX_RUN, LINUX_RECORDING };

#define FROM(before, after) (uint16_t)((before)*16 + (after))

static void attribute(struct attribution *attribution, enum world_kind kind, const struct trace_record *list,
                      size_t count)
{
    static const char *const softirqs[] = { "TIMER", "NET_RX" }, *const lines[] = { NULL, "9 nic" },
                             *const exits[] = { "hlt", "msr" };
    static struct trace_lock locks[] = { { "first", 0 }, { "second", 0 } };
    static struct trace_domain domains[] = { { .name = "a", .vcpu_count = 2, .first_vcpu = 0 },
                                             { .name = "b", .group = 1, .vcpu_count = 1, .first_vcpu = 2 } };
    static struct trace_thread threads[] = { { .name = "vhost" } };
    struct trace trace = {
        .locks = locks, .lock_count = kind == XEN_RUN ? 2 : 0, .softirq_names = softirqs, .softirq_count = 2
    };
    struct trace_world world = { .trace = &trace,
                                 .frequency_hz = 1000000000,
                                 .cpu_count = 2,
                                 .domains = domains,
                                 .domain_count = 2,
                                 .vcpu_count = 3,
                                 .irq_names = lines,
                                 .irq_count = 2,
                                 .exit_names = exits,
                                 .exit_count = 2,
                                 .measured_from = 0,
                                 .end = 100 };

    if (kind != XEN_RUN) {
        world.threads = threads;
        world.thread_count = 1;
    }
    attribution_init(attribution);
    attribution->is_linux = kind != XEN_RUN;
    assert_true(attribution->sink.begin(&attribution->sink, &world, NULL, 0));
    attribution->is_recording = kind == LINUX_RECORDING;
    attribution->sink.records(&attribution->sink, list, count);
    attribution->sink.end(&attribution->sink, NULL, 100);
}

static const struct {
    const char *label;
    enum world_kind kind;
    struct trace_record list[9];
    const char *parts;
} parts_told[] = {
    { "an interrupt without an end before a switch",
      LINUX_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = RUN },
        { .time = 10, .kind = TRACE_IRQ_ENTRY, .a = 0x50 },
        { .time = 20, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(RUN, READY) },
        { .time = 20, .kind = TRACE_RUNSTATE, .who = B0, .a = FROM(READY, RUN) },
        { .time = 25, .kind = TRACE_VMENTRY, .who = B0 } },
      "a,steal,\"another vCPU runs\",-,,b,75\n"
      "a,steal,\"hypervisor\",-,,b,5\n"
      "a,lost running,\"interrupt\",-,,,10\n"
      "a,lost running,\"unknown\",-,,,9\n"
      "b,lost running,\"hypervisor\",-,,b,5\n"
      "19 80 0 0 1 0\n"
      "0 0 0 0 100 0\n"
      "80 0 0 0 20 75\n"
      "0 0 0 0 100 0\n" },
    { "a softirq without an end in an interrupt",
      LINUX_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = RUN },
        { .time = 2, .kind = TRACE_VMENTRY, .who = A0 },
        { .time = 10, .kind = TRACE_VMEXIT, .who = A0, .a = 1 },
        { .time = 20, .kind = TRACE_IRQ_ENTRY, .a = 0x50 },
        { .time = 25, .kind = TRACE_DO_IRQ, .a = 0x50, .b = 1, .who = B0 },
        { .time = 30, .kind = TRACE_SOFTIRQ_ENTRY, .a = 1 },
        { .time = 50, .kind = TRACE_IRQ_EXIT, .a = 0x50 },
        { .time = 60, .kind = TRACE_VMENTRY, .who = A0 } },
      "a,lost running,\"hypervisor\",-,,a,21\n"
      "a,lost running,\"softirq\",NET_RX,,,20\n"
      "a,lost running,\"interrupt\",1 9 nic,,b,5\n"
      "a,lost running,\"interrupt\",-,,,5\n"
      "99 0 0 0 1 48\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n" },
    { "the same of Xen, where the softirq ends by itself",
      XEN_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = RUN },
        { .time = 2, .kind = TRACE_VMENTRY, .who = A0 },
        { .time = 10, .kind = TRACE_VMEXIT, .who = A0, .a = 1 },
        { .time = 20, .kind = TRACE_IRQ_ENTRY, .a = 0x50 },
        { .time = 25, .kind = TRACE_DO_IRQ, .a = 0x50, .b = 1, .who = B0 },
        { .time = 30, .kind = TRACE_SOFTIRQ_ENTRY, .a = 1 },
        { .time = 50, .kind = TRACE_IRQ_EXIT, .a = 0x50 },
        { .time = 60, .kind = TRACE_SOFTIRQ_EXIT, .a = 1 } },
      "a,lost running,\"interrupt\",1 9 nic,,b,45\n"
      "a,lost running,\"softirq\",NET_RX,,a,30\n"
      "a,lost running,\"hypervisor\",-,,a,11\n"
      "a,lost running,\"interrupt\",-,,a,5\n"
      "99 0 0 0 1 8\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n" },
    { "a thread, then the idle pCPU: throttled",
      LINUX_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = RUN },
        { .time = 10, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(RUN, READY) },
        { .time = 10, .kind = TRACE_RUNSTATE, .who = THREAD, .a = FROM(READY, RUN) },
        { .time = 40, .kind = TRACE_RUNSTATE, .who = THREAD, .a = FROM(RUN, ASLEEP) },
        { .time = 40, .kind = TRACE_RUNSTATE, .who = IDLE0, .a = FROM(READY, RUN) } },
      "a,steal,\"idle, vCPU throttled\",-,,,60\n"
      "a,steal,\"a host thread runs\",-,,vhost,30\n"
      "a,lost running,\"unknown\",-,,,9\n"
      "9 90 0 0 1 0\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n"
      "30 0 60 0 10 0\n" },
    { "the idle pCPU is woken",
      LINUX_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = ASLEEP },
        { .time = 2, .kind = TRACE_RUNSTATE, .who = IDLE0, .a = FROM(READY, RUN) },
        { .time = 10, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(ASLEEP, READY) },
        { .time = 30, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(READY, RUN) },
        { .time = 40, .kind = TRACE_VMENTRY, .who = A0 } },
      "a,steal,\"idle pCPU wakes\",-,,,20\n"
      "a,lost running,\"hypervisor\",-,,a,10\n"
      "70 20 9 0 1 60\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n" },
    { "an idle pCPU of Xen, an interrupt, a softirq for b",
      XEN_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = ASLEEP },
        { .time = 2, .kind = TRACE_IDLE_ENTRY },
        { .time = 10, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(ASLEEP, READY) },
        { .time = 20, .kind = TRACE_IRQ_ENTRY, .a = 0x50 },
        { .time = 30, .kind = TRACE_IRQ_EXIT, .a = 0x50 },
        { .time = 40, .kind = TRACE_SOFTIRQ_ENTRY, .a = 0 },
        { .time = 50, .kind = TRACE_FOR, .who = B0 },
        { .time = 60, .kind = TRACE_SOFTIRQ_EXIT, .a = 0 } },
      "a,steal,\"hypervisor\",-,,,50\n"
      "a,steal,\"interrupt\",-,,,10\n"
      "a,steal,\"softirq\",TIMER,,b,10\n"
      "a,steal,\"softirq\",TIMER,,,10\n"
      "a,steal,\"idle pCPU wakes\",-,,,10\n"
      "0 90 9 0 1 0\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n" },
    { "offline, and another vCPU of the same guest",
      XEN_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A1, .a = RUN },
        { .time = 2, .kind = TRACE_VCPU, .who = A0, .a = OFF },
        { .time = 10, .kind = TRACE_VMENTRY, .who = A1 },
        { .time = 50, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(OFF, ASLEEP) } },
      "a,steal,\"another vCPU runs\",-,,a,40\n"
      "a,steal,\"hypervisor\",-,,a,8\n"
      "a,lost running,\"hypervisor\",-,,a,8\n"
      "a,lost running,\"unknown\",-,,,1\n"
      "0 0 50 48 2 0\n"
      "99 0 0 0 1 90\n"
      "0 0 0 0 100 0\n" },
    { "a lock that is free, one that is held by the other pCPU for b, one that has no number",
      XEN_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = READY },
        { .time = 2, .kind = TRACE_VCPU, .who = B0, .a = RUN, .b = 1, .cpu = 1 },
        { .time = 3, .kind = TRACE_LOCK_ACQUIRE, .a = 1, .cpu = 1 },
        { .time = 10, .kind = TRACE_LOCK_WAIT, .a = 0, .b = UINT32_MAX },
        { .time = 20, .kind = TRACE_LOCK_ACQUIRE, .a = 0 },
        { .time = 30, .kind = TRACE_LOCK_WAIT, .a = 1, .b = 1 },
        { .time = 50, .kind = TRACE_LOCK_RELEASE, .a = 1, .cpu = 1 },
        { .time = 55, .kind = TRACE_LOCK_WAIT, .a = 2, .b = 1 },
        { .time = 60, .kind = TRACE_LOCK_ACQUIRE, .a = 1 } },
      "a,steal,\"unknown\",-,,,59\n"
      "a,steal,\"waits, lock held\",second,1,b,20\n"
      "a,steal,\"waits, lock handed over\",second,1,b,10\n"
      "a,steal,\"takes a free lock\",first,,,10\n"
      "b,lost running,\"unknown\",-,,,98\n"
      "0 99 0 0 1 0\n"
      "0 0 0 0 100 0\n"
      "98 0 0 0 2 0\n" },
    { "records of a run are lost",
      XEN_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = RUN },
        { .time = 2, .kind = TRACE_VMENTRY, .who = A0 },
        { .time = 10, .kind = TRACE_IRQ_ENTRY, .a = 0x50 },
        { .time = 40, .kind = TRACE_DROPPED, .a = 5, .b = 20 },
        { .time = 60, .kind = TRACE_VMENTRY, .who = A0 } },
      "a,lost running,\"unknown\",-,,,40\n"
      "a,lost running,\"interrupt\",-,,a,10\n"
      "a,lost running,\"hypervisor\",-,,a,1\n"
      "99 0 0 0 1 48\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n" },
    { "records of a recording are lost",
      LINUX_RECORDING,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = RUN },
        { .time = 2, .kind = TRACE_VMENTRY, .who = A0 },
        { .time = 10, .kind = TRACE_RUNSTATE, .who = B0, .a = FROM(ASLEEP, READY), .b = 1, .cpu = 1 },
        { .time = 40, .kind = TRACE_DROPPED, .a = 5, .b = 20 },
        { .time = 50, .kind = TRACE_RUNSTATE, .who = A1, .a = FROM(ASLEEP, READY), .b = 0, .cpu = 1 },
        { .time = 60, .kind = TRACE_VMEXIT, .who = A0 },
        { .time = 80, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(RUN, READY) } },
      "a,steal,\"hypervisor\",-,,,20\n"
      "a,lost running,\"hypervisor\",-,,a,21\n"
      "b,steal,\"unknown\",-,,,90\n"
      "39 20 0 0 41 18\n"
      "0 0 0 0 100 0\n"
      "0 90 0 0 10 0\n"
      "0 0 0 0 100 0\n" },
    { "an entry tells what a vCPU of a recording did before",
      LINUX_RECORDING,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = RUN },
        { .time = 30, .kind = TRACE_VMENTRY, .who = A0 },
        { .time = 50, .kind = TRACE_VMEXIT, .who = A0, .a = 0 },
        { .time = 70, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(RUN, ASLEEP) } },
      "a,lost running,\"hypervisor\",-,,a,49\n"
      "69 0 30 0 1 20\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n"
      "0 0 0 0 100 0\n" },
    { "a vCPU moves to the other pCPU",
      XEN_RUN,
      { { .time = 1, .kind = TRACE_VCPU, .who = A0, .a = READY },
        { .time = 2, .kind = TRACE_VCPU, .who = B0, .a = RUN, .b = 1, .cpu = 1 },
        { .time = 3, .kind = TRACE_VMENTRY, .who = B0, .cpu = 1 },
        { .time = 40, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(READY, READY), .b = 1, .cpu = 0 },
        { .time = 90, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(READY, ASLEEP), .b = 1, .cpu = 1 } },
      "a,steal,\"another vCPU runs\",-,,b,50\n"
      "a,steal,\"unknown\",-,,,39\n"
      "b,lost running,\"hypervisor\",-,,b,1\n"
      "0 89 10 0 1 0\n"
      "0 0 0 0 100 0\n"
      "98 0 0 0 2 97\n" },
};

/* All parts as CSV, without its first line; then for each task its time in each state, and that to itself. */
static void each_kind_of_record_begins_or_ends_a_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parts_told / sizeof *parts_told; i++) {
        struct attribution attribution;
        char *text = NULL;
        size_t bytes, count = 0;
        FILE *out = open_memstream(&text, &bytes);

        assert_non_null(out);
        while (count < 9 && parts_told[i].list[count].time != 0)
            count++;
        attribute(&attribution, parts_told[i].kind, parts_told[i].list, count);
        attribution_print_csv(&attribution, out);
        for (uint32_t task = 0; task < attribution.task_count; task++) {
            for (uint32_t n = 0; n < ATTRIBUTION_STATES; n++)
                fprintf(out, "%u ", (unsigned)attribution_state_time(&attribution, task, n));
            fprintf(out, "%u\n", (unsigned)attribution_own_time(&attribution, task));
        }
        assert_int_equal(fclose(out), 0);
        const char *parts = strchr(text, '\n') + 1;
        if (strcmp(parts, parts_told[i].parts) != 0)
            fail_msg("%s:\n%s", parts_told[i].label, parts);
        free(text);
        attribution_free(&attribution);
    }
}

/* The largest twelve parts of a loss have rows, fewer where these are nearly all, and the rest is summed. */
static const struct {
    uint32_t parts;
    cycles first, more; /* the first lasts so long, each other one a cycle more than the one before */
    const char *text;
} tables[] = {
    { 3, 20, 5,
      "guest  loses as  while its pCPU  what       for  on pCPUs  cycles  % of its time  % of the loss\n"
      "a      steal     softirq         softirq 2  -    -             30         15.000           40.0\n"
      "a      steal     softirq         NET_RX     -    -             25         12.500           33.3\n"
      "a      steal     softirq         TIMER      -    -             20         10.000           26.7\n"
      "a      steal     all                                           75         37.500          100.0\n"
      "\n"
      "Both losses together, in % of the guest's time, by the guest that the pCPU, or the holder of the lock it\n"
      "waited for, was working for:\n"
      "guest      a      b  nobody\n"
      "a      0.000  0.000  37.500\n"
      "b      0.000  0.000   0.000\n" },
    { 12, 1, 1,
      "guest  loses as  while its pCPU  what        for  on pCPUs  cycles  % of its time  % of the loss\n"
      "a      steal     softirq         softirq 11  -    -             12          6.000           15.4\n"
      "a      steal     softirq         softirq 10  -    -             11          5.500           14.1\n"
      "a      steal     softirq         softirq 9   -    -             10          5.000           12.8\n"
      "a      steal     softirq         softirq 8   -    -              9          4.500           11.5\n"
      "a      steal     softirq         softirq 7   -    -              8          4.000           10.3\n"
      "a      steal     softirq         softirq 6   -    -              7          3.500            9.0\n"
      "a      steal     softirq         softirq 5   -    -              6          3.000            7.7\n"
      "a      steal     softirq         softirq 4   -    -              5          2.500            6.4\n"
      "a      steal     softirq         softirq 3   -    -              4          2.000            5.1\n"
      "a      steal     softirq         softirq 2   -    -              3          1.500            3.8\n"
      "a      steal     softirq         NET_RX      -    -              2          1.000            2.6\n"
      "a      steal     softirq         TIMER       -    -              1          0.500            1.3\n"
      "a      steal     all                                            78         39.000          100.0\n"
      "\n"
      "Both losses together, in % of the guest's time, by the guest that the pCPU, or the holder of the lock it\n"
      "waited for, was working for:\n"
      "guest      a      b  nobody\n"
      "a      0.000  0.000  39.000\n"
      "b      0.000  0.000   0.000\n" },
    { 13, 1, 1,
      "guest  loses as  while its pCPU  what        for  on pCPUs  cycles  % of its time  % of the loss\n"
      "a      steal     softirq         softirq 12  -    -             13          6.500           14.3\n"
      "a      steal     softirq         softirq 11  -    -             12          6.000           13.2\n"
      "a      steal     softirq         softirq 10  -    -             11          5.500           12.1\n"
      "a      steal     softirq         softirq 9   -    -             10          5.000           11.0\n"
      "a      steal     softirq         softirq 8   -    -              9          4.500            9.9\n"
      "a      steal     softirq         softirq 7   -    -              8          4.000            8.8\n"
      "a      steal     softirq         softirq 6   -    -              7          3.500            7.7\n"
      "a      steal     softirq         softirq 5   -    -              6          3.000            6.6\n"
      "a      steal     softirq         softirq 4   -    -              5          2.500            5.5\n"
      "a      steal     softirq         softirq 3   -    -              4          2.000            4.4\n"
      "a      steal     softirq         softirq 2   -    -              3          1.500            3.3\n"
      "a      steal     softirq         NET_RX      -    -              2          1.000            2.2\n"
      "a      steal     1 smaller                                       1          0.500            1.1\n"
      "a      steal     all                                            91         45.500          100.0\n"
      "\n"
      "Both losses together, in % of the guest's time, by the guest that the pCPU, or the holder of the lock it\n"
      "waited for, was working for:\n"
      "guest      a      b  nobody\n"
      "a      0.000  0.000  45.500\n"
      "b      0.000  0.000   0.000\n" },
    { 2, 2, 96,
      "guest  loses as  while its pCPU  what    for  on pCPUs  cycles  % of its time  % of the loss\n"
      "a      steal     softirq         NET_RX  -    -             98         49.000           98.0\n"
      "a      steal     softirq         TIMER   -    -              2          1.000            2.0\n"
      "a      steal     all                                       100         50.000          100.0\n"
      "\n"
      "Both losses together, in % of the guest's time, by the guest that the pCPU, or the holder of the lock it\n"
      "waited for, was working for:\n"
      "guest      a      b  nobody\n"
      "a      0.000  0.000  50.000\n"
      "b      0.000  0.000   0.000\n" },
};

static void the_table_has_the_largest_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct trace_record list[64] = { { .time = 0, .kind = TRACE_VCPU, .who = A0, .a = READY } };
        struct attribution attribution;
        size_t count = 1, bytes;
        char *text = NULL;
        cycles now = 0, length = tables[i].first;

        for (uint32_t n = 0; n < tables[i].parts; n++, length += tables[i].more) {
            list[count++] = (struct trace_record){ .time = now, .kind = TRACE_SOFTIRQ_ENTRY, .a = n };
            list[count++] = (struct trace_record){ .time = now + length, .kind = TRACE_SOFTIRQ_EXIT, .a = n };
            now += length;
        }
        list[count++] =
            (struct trace_record){ .time = now, .kind = TRACE_RUNSTATE, .who = A0, .a = FROM(READY, ASLEEP) };
        attribute(&attribution, XEN_RUN, list, count);
        FILE *out = open_memstream(&text, &bytes);
        assert_non_null(out);
        attribution_print(&attribution, out, false);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, tables[i].text);
        free(text);
        attribution_free(&attribution);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_record_begins_or_ends_a_part),
        cmocka_unit_test(the_table_has_the_largest_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
