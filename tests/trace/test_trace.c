/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the filters of a trace (windows, classes, pCPUs, guests, triggers) and the parsers of their options.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "simulation/run.h"
#include "scenario/scenario.h"
#include "trace/recorder.h"

/* Counts the records that a recorder passes on. */
struct counter {
    struct trace_sink sink;
    uint64_t kinds[TRACE_KIND_COUNT];
    cycles first, last, end;
    uint64_t hz;
    uint64_t cpus; /* bitmap of the pCPUs of all records but runstates */
    bool is_out_of_order, has_busy, has_idle;
};

static bool count_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    (void)message, (void)message_bytes;
    ((struct counter *)sink)->hz = world->frequency_hz;
    return true;
}

static void count_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct counter *counter = (struct counter *)sink;

    for (size_t i = 0; i < count; i++) {
        const struct trace_record *record = &records[i];
        counter->kinds[record->kind]++;
        counter->is_out_of_order |= record->time < counter->last;
        counter->last = record->time;
        counter->first = counter->first == 0 ? record->time : counter->first;
        if (record->kind == TRACE_RUNSTATE || record->kind == TRACE_VCPU)
            continue;
        counter->cpus |= UINT64_C(1) << record->cpu % 64;
        counter->has_busy |= record->who != TRACE_NOBODY && trace_domain(record->who) == 0;
        counter->has_idle |= record->who != TRACE_NOBODY && trace_domain(record->who) == 1;
    }
}

static void count_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)machine;
    ((struct counter *)sink)->end = now;
}

static const char text[] = "# Two guests.\n"
                           "name: two\n"
                           "machine: { profile: westmere-ex-8s, topology: \"package:2 [numa] core:2 pu:1\" }\n"
                           "guests:\n"
                           "  - { name: busy, vcpus: 2, pin: \"package:0\", timer: tickless }\n"
                           "  - { name: idle, vcpus: 2, pin: \"package:1\", timer: 1kHz }\n"
                           "devices:\n"
                           "  - { name: nic, guest: busy, vectors: 2, arrivals: { rate: 20kHz } }\n"
                           "run: { warmup: 5ms, duration: 20ms }\n";

static bool record(struct trace_recorder *recorder, const struct trace_choice *choice, struct counter *counter,
                   char message[512])
{
    struct scenario scenario;
    struct result result;
    struct diag diag;

    *counter = (struct counter){ .sink = { TRACE_ALL_KINDS, count_begin, count_records, count_end } };
    diag_init(&diag);
    assert_int_equal(
        scenario_load_text(&scenario, SOURCE_DIR "/scenarios/t.yaml", text, sizeof text - 1, NULL, 0, &diag), 0);
    diag_free(&diag);
    trace_recorder_init(recorder, choice, &counter->sink);
    bool is_good = run_scenario_traced(&scenario, &recorder->sink, choice->limit ? choice->limit : 100000, NULL,
                                       &result, message, 512);
    if (is_good)
        result_free(&result);
    scenario_free(&scenario);
    trace_recorder_free(recorder);
    return is_good;
}

static uint64_t ns(const struct counter *counter, cycles when) { return cycles_to_ns(when, counter->hz); }

static struct counter counted(const struct trace_choice *choice)
{
    static struct trace_recorder recorder;
    struct counter counter;
    char message[512];

    assert_true(record(&recorder, choice, &counter, message));
    assert_false(counter.is_out_of_order);
    return counter;
}

static void the_measured_part_by_default(void **state)
{
    struct counter counter = counted(&(struct trace_choice){ 0 });

    (void)state;
    assert_int_equal(ns(&counter, counter.first), 5000000);
    assert_int_equal(ns(&counter, counter.end), 25000000);
    assert_int_equal(counter.kinds[TRACE_VCPU], 4 + 4);
    for (int kind = 0; kind <= TRACE_IPI; kind++) /* the kinds after it are those of a Linux host */
        assert_true(counter.kinds[kind] > 0);
    assert_true(counter.kinds[TRACE_RAISE] >= counter.kinds[TRACE_DO_IRQ]);
    assert_in_range(counter.kinds[TRACE_RAISE], 700, 900);
    assert_true(counter.has_busy && counter.has_idle);
}

static void windows_classes_cpus_and_guests(void **state)
{
    static const uint64_t second[TRACE_CPU_WORDS] = { 2 };
    struct counter all = counted(&(struct trace_choice){ 0 });
    struct counter window = counted(&(struct trace_choice){ .from_ns = 7000000, .until_ns = 8000000 });
    struct counter locks = counted(&(struct trace_choice){ .classes = TRACE_CLASS_LOCK });
    struct counter one = counted(&(struct trace_choice){ .cpus = second });
    struct counter idle = counted(&(struct trace_choice){ .guest = "idle" });

    (void)state;
    assert_int_equal(ns(&window, window.first), 7000000);
    assert_true(ns(&window, window.last) < 8000000 && ns(&window, window.end) == 8000000);
    assert_int_equal(locks.kinds[TRACE_LOCK_WAIT], all.kinds[TRACE_LOCK_WAIT]);
    assert_int_equal(locks.kinds[TRACE_IRQ_ENTRY], 0);
    assert_int_equal(locks.kinds[TRACE_RUNSTATE], all.kinds[TRACE_RUNSTATE]);
    assert_int_equal(one.cpus, 2);
    assert_int_equal(one.kinds[TRACE_RUNSTATE], all.kinds[TRACE_RUNSTATE]);
    assert_true(idle.has_idle && !idle.has_busy);
}

/* The trace ends with the triggering event, and begins no earlier than --trace-keep allows. */
static void triggers_look_back(void **state)
{
    static const struct trace_choice choices[] = {
        { .trigger = TRACE_TRIGGER_LATENCY, .trigger_ns = 5000, .keep_ns = 300000, .limit = 10000 },
        { .trigger = TRACE_TRIGGER_RUNNABLE, .trigger_ns = 100, .keep_ns = 300000, .limit = 10000 },
        { .trigger = TRACE_TRIGGER_LOCK_WAIT, .trigger_ns = 10, .keep_ns = 300000, .limit = 10000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct counter counter = counted(&choices[i]);
        assert_true(counter.last >= counter.first && counter.end == counter.last + 1);
        assert_true(ns(&counter, counter.last) - ns(&counter, counter.first) <= 300001);
        assert_true(ns(&counter, counter.last) >= 5000000);
    }
}

static void no_trigger_no_trace(void **state)
{
    struct counter counter = counted(&(struct trace_choice){
        .trigger = TRACE_TRIGGER_LATENCY, .trigger_ns = 1000000000, .keep_ns = 1000, .limit = 10000 });

    (void)state;
    assert_int_equal(counter.kinds[TRACE_VCPU] + counter.kinds[TRACE_RUNSTATE] + counter.kinds[TRACE_RAISE], 0);
}

static void too_much_is_counted(void **state)
{
    static struct trace_recorder recorder;
    struct trace_choice choice = { .limit = 50 };
    struct counter counter, all = counted(&(struct trace_choice){ 0 });
    char message[512];

    (void)state;
    assert_true(record(&recorder, &choice, &counter, message));
    assert_true(recorder.dropped > 0 && counter.kinds[TRACE_DROPPED] > 0);
    assert_int_equal(counter.kinds[TRACE_RUNSTATE], all.kinds[TRACE_RUNSTATE]);
}

static void impossible_choices_are_refused(void **state)
{
    static const struct {
        struct trace_choice choice;
        const char *message;
    } rows[] = {
        { { .guest = "bsy" }, "the scenario has no guest 'bsy' to trace" },
        { { .from_ns = 25000000, .until_ns = 30000000 }, "the trace's window begins after the end of the run" },
    };
    static struct trace_recorder recorder;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct counter counter;
        char message[512];
        assert_false(record(&recorder, &rows[i].choice, &counter, message));
        assert_string_equal(message, rows[i].message);
    }
}

static void texts_are_parsed(void **state)
{
    struct trace_choice choice = { 0 };
    uint64_t cpus[TRACE_CPU_WORDS];
    uint32_t classes;
    char message[256];

    (void)state;
    assert_true(trace_classes_parse("lock,sched", &classes, message, sizeof message));
    assert_int_equal(classes, TRACE_CLASS_LOCK | TRACE_CLASS_SCHED);
    assert_false(trace_classes_parse("lock,", &classes, message, sizeof message));
    assert_false(trace_classes_parse("lox", &classes, message, sizeof message));
    assert_string_equal(message, "unknown class 'lox': sched, irq, softirq, lock, hvm, all");
    assert_true(trace_cpus_parse("0-2,70", cpus, message, sizeof message));
    assert_true(cpus[0] == 7 && cpus[1] == 64);
    assert_false(trace_cpus_parse("2-0", cpus, message, sizeof message));
    assert_false(trace_cpus_parse("5,", cpus, message, sizeof message));
    assert_false(trace_cpus_parse("1024", cpus, message, sizeof message));
    assert_true(trace_trigger_parse("latency>1ms", &choice, message, sizeof message));
    assert_true(choice.trigger == TRACE_TRIGGER_LATENCY && choice.trigger_ns == 1000000);
    assert_true(trace_trigger_parse("lock_wait>5us", &choice, message, sizeof message));
    assert_false(trace_trigger_parse("latency", &choice, message, sizeof message));
    assert_false(trace_trigger_parse("latency>1", &choice, message, sizeof message));
    assert_true(trace_window_parse("1ms,2ms", &choice, message, sizeof message));
    assert_true(choice.from_ns == 1000000 && choice.until_ns == 2000000);
    assert_false(trace_window_parse("2ms,1ms", &choice, message, sizeof message));
    assert_false(trace_window_parse("2ms", &choice, message, sizeof message));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_measured_part_by_default),
        cmocka_unit_test(windows_classes_cpus_and_guests),
        cmocka_unit_test(triggers_look_back),
        cmocka_unit_test(no_trigger_no_trace),
        cmocka_unit_test(too_much_is_counted),
        cmocka_unit_test(impossible_choices_are_refused),
        cmocka_unit_test(texts_are_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
