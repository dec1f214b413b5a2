/* SPDX-License-Identifier: Apache-2.0
 *
 * The slowest interrupts of records by hand: each kind of step, the pCPUs on the path, who held a lock, which steps are
 * left out, and which interrupts are among the slowest.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trace/slowest.h"

enum { RECORDS_MAX = 200, HISTORY = 1000 };

static const char *const softirqs[] = { "TIMER", "NET_RX" };
static struct trace_lock locks[] = { { "first", 0 }, { "second", 3 } };
static struct trace trace = { .locks = locks, .lock_count = 2, .softirq_names = softirqs, .softirq_count = 2 };
static struct trace_domain domains[] = { { .name = "a", .vcpu_count = 2 } };
static const struct setup setup;

struct scene {
    size_t wanted, history;
    cycles measured_from;
    bool is_recording, wants_json;
};

/* Of a run at 2 GHz, or of a recording. */
static struct trace_world world_of(cycles measured_from, bool is_recording)
{
    return (struct trace_world){ .setup = is_recording ? NULL : &setup,
                                 .trace = &trace,
                                 .frequency_hz = 2000000000,
                                 .cpu_count = 12,
                                 .domains = domains,
                                 .domain_count = 1,
                                 .vcpu_count = 2,
                                 .measured_from = measured_from,
                                 .end = 100000 };
}

static char *report_of(const struct scene *scene, const struct trace_record *list, size_t count)
{
    const struct trace_world world = world_of(scene->measured_from, scene->is_recording);
    struct slowest slowest;
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    slowest_init(&slowest, scene->wanted, scene->history);
    assert_true(slowest.sink.begin(&slowest.sink, &world, NULL, 0));
    slowest.sink.records(&slowest.sink, list, count);
    slowest.sink.end(&slowest.sink, NULL, 100000);
    if (scene->wants_json) {
        json_t *json = slowest_json(&slowest);
        assert_int_equal(json_dumpf(json, out, JSON_SORT_KEYS), 0);
        json_decref(json);
    } else {
        slowest_print(&slowest, out);
    }
    assert_int_equal(fclose(out), 0);
    for (char *at = text; *at != '\0' && scene->wants_json; at++) /* so that it can be read in C */
        *at = *at == '"' ? '\'' : *at;
    slowest_free(&slowest);
    return text;
}

#define WHO_A1 1
#define NOBODY TRACE_NOBODY

/* Interrupt 7 of a's vCPU 1 from cpu0 by a lock that three others have in turn to cpu1, where it is injected. */
static const struct trace_record interrupt[] = {
    { .time = 90, .kind = TRACE_IRQ_ENTRY, .a = 0x20, .cpu = 0, .who = NOBODY },    /* before it is raised */
    { .time = 105, .kind = TRACE_IPI, .a = 0xfb, .b = 9, .cpu = 0, .who = NOBODY }, /* before it is on the path */
    { .time = 110, .kind = TRACE_RAISE, .a = 0x131, .b = 100, .cpu = 0, .who = WHO_A1, .flow = 7 },
    { .time = 120, .kind = TRACE_IRQ_ENTRY, .a = 0x31, .cpu = 0, .who = NOBODY },
    { .time = 130, .kind = TRACE_DO_IRQ, .a = 0x31, .b = 4, .cpu = 0, .who = WHO_A1, .flow = 7 },
    { .time = 140, .kind = TRACE_LOCK_WAIT, .a = 1, .b = 3, .cpu = 0, .who = NOBODY },
    { .time = 145, .kind = TRACE_LOCK_ACQUIRE, .a = 0, .cpu = 5, .who = NOBODY }, /* another lock */
    { .time = 150, .kind = TRACE_LOCK_RELEASE, .a = 1, .cpu = 3, .who = NOBODY },
    { .time = 155, .kind = TRACE_LOCK_ACQUIRE, .a = 1, .cpu = 4, .who = NOBODY },
    { .time = 185, .kind = TRACE_LOCK_RELEASE, .a = 1, .cpu = 4, .who = NOBODY },
    { .time = 190, .kind = TRACE_LOCK_ACQUIRE, .a = 1, .cpu = 3, .who = NOBODY },
    { .time = 195, .kind = TRACE_LOCK_RELEASE, .a = 1, .cpu = 3, .who = NOBODY },
    { .time = 200, .kind = TRACE_LOCK_ACQUIRE, .a = 1, .cpu = 0, .who = NOBODY },
    { .time = 205, .kind = TRACE_FOR, .cpu = 0, .who = WHO_A1 },
    { .time = 206, .kind = TRACE_FOR, .cpu = 0, .who = NOBODY },
    { .time = 210, .kind = TRACE_SOFTIRQ_ENTRY, .a = 1, .cpu = 0, .who = NOBODY },
    { .time = 220, .kind = TRACE_PEND, .a = 0x41, .cpu = 0, .who = WHO_A1, .flow = 7 },
    { .time = 230, .kind = TRACE_WAKE, .cpu = 0, .who = WHO_A1 },
    { .time = 231, .kind = TRACE_WAKE, .cpu = 2, .who = 0 },
    { .time = 235, .kind = TRACE_RUNSTATE, .a = 2 * 16 + 1, .b = 1, .cpu = 0, .who = WHO_A1 },
    { .time = 236, .kind = TRACE_RUNSTATE, .a = 1 * 16 + 4, .b = 1, .cpu = 0, .who = WHO_A1 }, /* not known */
    { .time = 240, .kind = TRACE_IPI, .a = 0xfc, .b = 1, .cpu = 0, .who = NOBODY },
    { .time = 250, .kind = TRACE_IDLE_EXIT, .cpu = 0, .who = NOBODY },
    { .time = 260, .kind = TRACE_SWITCH, .cpu = 0, .b = 0, .who = 0 },
    { .time = 270, .kind = TRACE_VMEXIT, .a = 1, .cpu = 0, .who = 0 },
    { .time = 280, .kind = TRACE_VMENTRY, .cpu = 0, .who = 0 },
    { .time = 285, .kind = TRACE_VMENTRY, .cpu = 1, .who = 0 },
    { .time = 290, .kind = TRACE_INJECT, .a = 0x41, .cpu = 1, .who = WHO_A1, .flow = 7 },
    { .time = 295, .kind = TRACE_VMENTRY, .cpu = 1, .who = WHO_A1 },
    { .time = 300, .kind = TRACE_HANDLER, .a = 0x41, .cpu = 1, .who = WHO_A1, .flow = 7 },
};

static const struct trace_record event[] = {
    { .time = 50, .kind = TRACE_PEND, .cpu = 0, .who = WHO_A1, .flow = 3 },
    { .time = 60, .kind = TRACE_INJECT, .cpu = 0, .who = WHO_A1, .flow = 3 },
    { .time = 75, .kind = TRACE_HANDLER, .cpu = 0, .who = WHO_A1, .flow = 3 },
};
static const struct trace_record hosts[] = {
    { .time = 50, .kind = TRACE_RAISE, .a = 0x31, .b = 40, .cpu = 0, .who = NOBODY, .flow = 3 },
    { .time = 75, .kind = TRACE_HANDLER, .a = 0x31, .cpu = 0, .who = NOBODY, .flow = 3 },
    { .time = 80, .kind = TRACE_HANDLER, .a = 0x31, .cpu = 0, .who = NOBODY, .flow = 4 }, /* has no beginning */
};

static const struct {
    const char *label;
    struct scene scene;
    const struct trace_record *list;
    size_t count;
    const char *text;
} told[] = {
#define ALL_OF(list) list, sizeof(list) / sizeof(*(list))
    { "an interrupt",
      { .wanted = 2, .history = HISTORY },
      ALL_OF(interrupt),
      "1. interrupt 7: 200 cycles, 0.100 us, raised at 0.000000050 s\n"
      "        cycles         more\n"
      "            10          +10  cpu0    the message reaches the LAPIC: vector 31\n"
      "            20          +10  cpu0    takes vector 31\n"
      "            30          +10  cpu0    do_IRQ of this interrupt\n"
      "           100          +70  cpu0    has waited 60 for second[3]\n"
      "                                             cpu4 held it 30\n"
      "                                             cpu3 held it 15\n"
      "           105           +5  cpu0    works for a v1\n"
      "           110           +5  cpu0    softirq NET_RX\n"
      "           120          +10  cpu0    the virtual interrupt is pending\n"
      "           130          +10  cpu0    wakes a v1\n"
      "           135           +5  cpu0    a v1: blocked -> runnable\n"
      "           140           +5  cpu0    sends vector fc to cpu1\n"
      "           150          +10  cpu0    is woken from idle\n"
      "           160          +10  cpu0    switches to a v0\n"
      "           170          +10  cpu0    VM exit of a v0: eoi\n"
      "           180          +10  cpu0    VM entry of a v0\n"
      "           190          +10  cpu1    the virtual interrupt is injected\n"
      "           195           +5  cpu1    VM entry of a v1\n"
      "           200           +5  cpu1    the guest's handler runs\n" },
    { "as JSON",
      { .wanted = 2, .history = HISTORY, .wants_json = true },
      ALL_OF(interrupt),
      "[{'cut': false, 'cycles': 200, 'ns': 100, 'number': 7, 'of': null, 'raised_ns': 50, 'steps': "
      "[{'cpu': 0, 'cycles': 10, 'more': 10, 'text': 'the message reaches the LAPIC: vector 31'}, {'cpu': "
      "0, 'cycles': 20, 'more': 10, 'text': 'takes vector 31'}, {'cpu': 0, 'cycles': 30, 'more': 10, "
      "'text': 'do_IRQ of this interrupt'}, {'cpu': 0, 'cycles': 100, 'holders': [{'cpu': 4, 'cycles': "
      "30}, {'cpu': 3, 'cycles': 15}], 'more': 70, 'text': 'has waited 60 for second[3]'}, {'cpu': 0, "
      "'cycles': 105, 'more': 5, 'text': 'works for a v1'}, {'cpu': 0, 'cycles': 110, 'more': 5, 'text': "
      "'softirq NET_RX'}, {'cpu': 0, 'cycles': 120, 'more': 10, 'text': 'the virtual interrupt is "
      "pending'}, {'cpu': 0, 'cycles': 130, 'more': 10, 'text': 'wakes a v1'}, {'cpu': 0, 'cycles': 135, "
      "'more': 5, 'text': 'a v1: blocked -> runnable'}, {'cpu': 0, 'cycles': 140, 'more': 5, 'text': "
      "'sends vector fc to cpu1'}, {'cpu': 0, 'cycles': 150, 'more': 10, 'text': 'is woken from idle'}, "
      "{'cpu': 0, 'cycles': 160, 'more': 10, 'text': 'switches to a v0'}, {'cpu': 0, 'cycles': 170, "
      "'more': 10, 'text': 'VM exit of a v0: eoi'}, {'cpu': 0, 'cycles': 180, 'more': 10, 'text': 'VM "
      "entry of a v0'}, {'cpu': 1, 'cycles': 190, 'more': 10, 'text': 'the virtual interrupt is "
      "injected'}, {'cpu': 1, 'cycles': 195, 'more': 5, 'text': 'VM entry of a v1'}, {'cpu': 1, 'cycles': "
      "200, 'more': 5, 'text': 'the guest's handler runs'}], 'what': 'interrupt'}]" },
    { "the history has begun later",
      { .wanted = 2, .history = 4 },
      ALL_OF(interrupt),
      "1. interrupt 7: 200 cycles, 0.100 us, raised at 0.000000050 s\n"
      "        cycles         more\n"
      "  (the recorded history begins after the interrupt)\n"
      "           190         +190  cpu1    the virtual interrupt is injected\n"
      "           195           +5  cpu1    VM entry of a v1\n"
      "           200           +5  cpu1    the guest's handler runs\n" },
    { "it ends where the measured part begins",
      { .wanted = 2, .history = 3, .measured_from = 300 },
      ALL_OF(interrupt),
      "1. interrupt 7: 200 cycles, 0.100 us, raised at 0.000000050 s\n"
      "        cycles         more\n"
      "  (the recorded history begins after the interrupt)\n"
      "           190         +190  cpu1    the virtual interrupt is injected\n"
      "           195           +5  cpu1    VM entry of a v1\n"
      "           200           +5  cpu1    the guest's handler runs\n" },
    { "it ends before",
      { .wanted = 2, .history = HISTORY, .measured_from = 301 },
      ALL_OF(interrupt),
      "no interrupt reached a handler\n" },
    { "none is wanted",
      { .wanted = 0, .history = HISTORY, .is_recording = true },
      ALL_OF(interrupt),
      "no interrupt reached a handler, and no task was woken and ran\n" },
    { "an event",
      { .wanted = 1, .history = HISTORY },
      ALL_OF(event),
      "1. event 3: 25 cycles, 0.013 us, raised at 0.000000025 s\n"
      "        cycles         more\n"
      "  (the recorded history begins after the interrupt)\n"
      "             0           +0  cpu0    the event is pending\n"
      "            10          +10  cpu0    the event is injected\n"
      "            25          +15  cpu0    the guest's handler runs\n" },
    { "an event of a recording",
      { .wanted = 1, .history = HISTORY, .is_recording = true },
      ALL_OF(event),
      "1. event 3: 25 ticks, 0.013 us, raised at 0.000000025 s\n"
      "         ticks         more\n"
      "  (the recorded history begins after the interrupt)\n"
      "             0           +0  cpu0    the event is pending\n"
      "            10          +10  cpu0    the event is injected\n"
      "            25          +15  cpu0    the guest's handler runs\n" },
    { "an interrupt of the host",
      { .wanted = 1, .history = HISTORY },
      ALL_OF(hosts),
      "1. interrupt 3: 35 cycles, 0.018 us, raised at 0.000000020 s\n"
      "        cycles         more\n"
      "  (the recorded history begins after the interrupt)\n"
      "            10          +10  cpu0    the message reaches the LAPIC: vector 31\n"
      "            35          +25  cpu0    the host's handler runs\n" },
    { "the same as JSON",
      { .wanted = 1, .history = HISTORY, .wants_json = true },
      ALL_OF(hosts),
      "[{'cut': true, 'cycles': 35, 'ns': 18, 'number': 3, 'of': null, 'raised_ns': 20, 'steps': [{'cpu': "
      "0, 'cycles': 10, 'more': 10, 'text': 'the message reaches the LAPIC: vector 31'}, {'cpu': 0, "
      "'cycles': 35, 'more': 25, 'text': 'the host's handler runs'}], 'what': 'interrupt'}]" },
#undef ALL_OF
};

static void each_kind_of_step_is_told(void **state)
{

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        char *text = report_of(&told[i].scene, told[i].list, told[i].count);
        if (strcmp(text, told[i].text) != 0)
            fail_msg("%s:\n%s", told[i].label, text);
        free(text);
    }
}

/* Of up to 48 steps all are told, of more the first and the last 24. */
static void steps_between_the_first_and_the_last_are_left_out(void **state)
{
    static const struct {
        size_t steps, told, left_out;
    } rows[] = {
        { 3, 3, 0 }, { 24, 24, 0 }, { 47, 47, 0 }, { 48, 48, 0 }, { 49, 49, 1 }, { 50, 49, 2 }, { 120, 49, 72 }
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trace_record list[RECORDS_MAX];
        const struct trace_world world = world_of(0, false);
        struct slowest slowest;

        for (size_t n = 0; n < rows[i].steps; n++)
            list[n] = (struct trace_record){ .time = 101 + n, .kind = TRACE_IPI, .a = 0xfb, .b = n, .who = NOBODY };
        list[0] = (struct trace_record){ .time = 101, .kind = TRACE_RAISE, .b = 100, .who = WHO_A1, .flow = 1 };
        list[rows[i].steps - 1] =
            (struct trace_record){ .time = 5000, .kind = TRACE_HANDLER, .who = WHO_A1, .flow = 1 };
        slowest_init(&slowest, 1, HISTORY);
        assert_true(slowest.sink.begin(&slowest.sink, &world, NULL, 0));
        slowest.sink.records(&slowest.sink, list, rows[i].steps);
        const struct slow_interrupt *slow = &slowest.rows[0];
        assert_int_equal(slow->step_count, rows[i].told);
        cycles before = 0;
        for (size_t n = 0; n < rows[i].told; n++) {
            size_t number = n + (rows[i].left_out > 0 && n > 24 ? rows[i].left_out - 1 : 0);
            assert_int_equal(slow->steps[n].left_out, n == 24 ? rows[i].left_out : 0);
            if (slow->steps[n].left_out > 0)
                continue;
            cycles at = list[number].time - 100;
            assert_int_equal(slow->steps[n].at, at);
            assert_int_equal(slow->steps[n].more, at - before);
            before = at;
        }
        slowest_free(&slowest);
    }
}

/* A wait for a lock that was free is a step from 1000 cycles on, one for a lock that was held always; of holders the
 * four are named that had it longest. */
static void waits_and_holders_are_counted(void **state)
{
    static const struct {
        uint32_t holder;
        cycles wait;
        uint32_t holders; /* beyond the first, one after the other for 10 cycles, 20, ... */
        const char *text; /* of the step; NULL: there is none */
        uint32_t told, more;
        struct slow_holder first, last;
    } rows[] = {
        { UINT32_MAX, 999, 0, NULL, 0, 0, { 0 }, { 0 } },
        { UINT32_MAX, 1000, 0, "has waited 1000 for first[0]", 0, 0, { 0 }, { 0 } },
        { 2, 1, 0, "has waited 1 for first[0]", 1, 0, { 2, 1 }, { 2, 1 } },
        { 2, 500, 1, "has waited 500 for first[0]", 2, 0, { 3, 10 }, { 2, 5 } },
        { 2, 500, 3, "has waited 500 for first[0]", 4, 0, { 5, 30 }, { 2, 5 } },
        { 2, 500, 4, "has waited 500 for first[0]", 4, 1, { 6, 40 }, { 3, 10 } },
        { 2, 500, 6, "has waited 500 for first[0]", 4, 3, { 8, 60 }, { 5, 30 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trace_record list[RECORDS_MAX];
        const struct trace_world world = world_of(0, false);
        struct slowest slowest;
        size_t count = 0;
        cycles now = 101;

        list[count++] = (struct trace_record){ .time = now, .kind = TRACE_RAISE, .b = 100, .who = WHO_A1, .flow = 1 };
        list[count++] =
            (struct trace_record){ .time = now, .kind = TRACE_LOCK_WAIT, .b = rows[i].holder, .who = NOBODY };
        if (rows[i].holders > 0)
            list[count++] =
                (struct trace_record){ .time = now += 5, .kind = TRACE_LOCK_RELEASE, .cpu = 2, .who = NOBODY };
        for (uint32_t n = 0; n < rows[i].holders; n++) {
            uint16_t cpu = (uint16_t)(3 + n);
            list[count++] = (struct trace_record){ .time = now, .kind = TRACE_LOCK_ACQUIRE, .cpu = cpu, .who = NOBODY };
            now += 10 * (n + 1);
            list[count++] = (struct trace_record){ .time = now, .kind = TRACE_LOCK_RELEASE, .cpu = cpu, .who = NOBODY };
        }
        now = 101 + rows[i].wait;
        list[count++] = (struct trace_record){ .time = now, .kind = TRACE_LOCK_ACQUIRE, .who = NOBODY };
        list[count++] = (struct trace_record){ .time = now, .kind = TRACE_HANDLER, .who = WHO_A1, .flow = 1 };
        slowest_init(&slowest, 1, HISTORY);
        assert_true(slowest.sink.begin(&slowest.sink, &world, NULL, 0));
        slowest.sink.records(&slowest.sink, list, count);
        const struct slow_interrupt *slow = &slowest.rows[0];
        assert_int_equal(slow->step_count, rows[i].text != NULL ? 3 : 2);
        if (rows[i].text != NULL) {
            const struct slow_step *step = &slow->steps[1];
            assert_string_equal(step->text, rows[i].text);
            assert_int_equal(step->holder_count, rows[i].told);
            assert_int_equal(step->more_holders, rows[i].more);
            if (rows[i].told > 0) {
                assert_int_equal(step->holders[0].cpu, rows[i].first.cpu);
                assert_int_equal(step->holders[0].time, rows[i].first.time);
                assert_int_equal(step->holders[rows[i].told - 1].cpu, rows[i].last.cpu);
                assert_int_equal(step->holders[rows[i].told - 1].time, rows[i].last.time);
            }
        }
        slowest_free(&slowest);
    }
}

/* Latencies of flows 1, 2, ... in the order in which their handlers run, and the flows that are told, slowest first. Of
 * two that are equally slow the earlier one is kept, and stands first. */
static void the_slowest_are_kept_in_order(void **state)
{
    static const struct {
        size_t wanted, flows;
        cycles latencies[6];
        size_t told;
        uint32_t expected[6];
    } rows[] = {
        { 1, 3, { 10, 30, 20 }, 1, { 2 } },
        { 2, 4, { 10, 30, 20, 40 }, 2, { 4, 2 } },
        { 3, 2, { 10, 30 }, 2, { 2, 1 } },
        { 2, 3, { 20, 20, 20 }, 2, { 1, 2 } },
        { 3, 5, { 20, 30, 20, 30, 25 }, 3, { 2, 4, 5 } },
        { 6, 6, { 6, 5, 4, 3, 2, 1 }, 6, { 1, 2, 3, 4, 5, 6 } },
        { 6, 6, { 1, 2, 3, 4, 5, 6 }, 6, { 6, 5, 4, 3, 2, 1 } },
        { 0, 1, { 5 }, 0, { 0 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct trace_world world = world_of(0, false);
        struct slowest slowest;

        slowest_init(&slowest, rows[i].wanted, HISTORY);
        assert_true(slowest.sink.begin(&slowest.sink, &world, NULL, 0));
        for (uint32_t n = 0; n < rows[i].flows; n++) {
            const struct trace_record list[] = {
                { .time = 100 * n, .kind = TRACE_PEND, .who = WHO_A1, .flow = n + 1 },
                { .time = 100 * n + rows[i].latencies[n], .kind = TRACE_HANDLER, .who = WHO_A1, .flow = n + 1 },
            };
            slowest.sink.records(&slowest.sink, list, 2);
        }
        assert_int_equal(slowest.count, rows[i].told);
        for (size_t n = 0; n < rows[i].told; n++)
            assert_int_equal(slowest.rows[n].flow.flow, rows[i].expected[n]);
        slowest_free(&slowest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_step_is_told),
        cmocka_unit_test(steps_between_the_first_and_the_last_are_left_out),
        cmocka_unit_test(waits_and_holders_are_counted),
        cmocka_unit_test(the_slowest_are_kept_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
