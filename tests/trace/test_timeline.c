/* SPDX-License-Identifier: Apache-2.0
 *
 * The timeline of a window: records become events, those under way are cut at the window's ends, the runstates of each
 * vCPU cover the window to the cycle, and no window has more than TIMELINE_EVENTS_MAX events. A tee hands each sink the
 * records of its kinds.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"
#include "simulation/run.h"
#include "trace/tee.h"
#include "trace/timeline.h"

/* --- records by hand --- */

static const char *const softirqs[] = { "TIMER", "TASKLET" };
static struct trace_lock locks[] = { { "tasklet_lock", 0 }, { "<b>\"\n", 3 } };
static struct trace trace = { .locks = locks, .lock_count = 2, .softirq_names = softirqs, .softirq_count = 2 };
static struct trace_domain domains[] = { { "a", 0, 2, 0 } };
/* A clock of 1 GHz: a cycle is a nanosecond. */
static const struct trace_world world = { .trace = &trace,
                                          .frequency_hz = 1000000000,
                                          .cpu_count = 2,
                                          .domains = domains,
                                          .domain_count = 1,
                                          .vcpu_count = 2,
                                          .measured_from = 0,
                                          .end = 1000 };

static const struct trace_record records[] = {
    { .time = 0, .kind = TRACE_VCPU, .who = 0, .a = 2, .b = 0 },
    { .time = 0, .kind = TRACE_VCPU, .who = 1, .a = 0, .b = 1 },
    { .time = 10, .kind = TRACE_RUNSTATE, .who = 0, .a = 2 * 16 + 1, .b = 0 },
    { .time = 20, .kind = TRACE_RUNSTATE, .who = 0, .a = 1 * 16 + 0, .b = 0 },
    { .time = 30, .kind = TRACE_VMENTRY, .who = 0 },
    { .time = 90, .kind = TRACE_IRQ_ENTRY, .a = 0x50, .who = TRACE_NOBODY, .cpu = 1 },
    { .time = 95, .kind = TRACE_IRQ_ENTRY, .a = 0x51, .who = TRACE_NOBODY, .cpu = 1 },
    { .time = 105, .kind = TRACE_IRQ_EXIT, .a = 0x51, .who = TRACE_NOBODY, .cpu = 1 },
    { .time = 110, .kind = TRACE_VMEXIT, .who = 0 },
    { .time = 110, .kind = TRACE_IRQ_ENTRY, .a = 0x30, .who = TRACE_NOBODY },
    { .time = 115, .kind = TRACE_IRQ_EXIT, .a = 0x50, .who = TRACE_NOBODY, .cpu = 1 },
    { .time = 120, .kind = TRACE_LOCK_WAIT, .a = 1, .b = 1, .who = TRACE_NOBODY },
    { .time = 140, .kind = TRACE_LOCK_ACQUIRE, .a = 1, .who = TRACE_NOBODY },
    { .time = 150, .kind = TRACE_LOCK_RELEASE, .a = 1, .who = TRACE_NOBODY },
    { .time = 150, .kind = TRACE_IPI, .a = 0xfb, .b = 1, .who = TRACE_NOBODY },
    { .time = 160, .kind = TRACE_IRQ_EXIT, .a = 0x30, .who = TRACE_NOBODY },
    { .time = 170, .kind = TRACE_SOFTIRQ_ENTRY, .a = 1, .who = TRACE_NOBODY },
    { .time = 180, .kind = TRACE_RAISE, .a = 0x31, .who = 1, .flow = 9 },
    { .time = 182, .kind = TRACE_PEND, .who = 1, .flow = 9, .cpu = 1 },
    { .time = 184, .kind = TRACE_INJECT, .a = 0x41, .who = 1, .flow = 9, .cpu = 1 },
    { .time = 186, .kind = TRACE_BLOCK, .who = 0 },
    { .time = 188, .kind = TRACE_WAKE, .who = 0, .cpu = 1 },
    { .time = 300, .kind = TRACE_SOFTIRQ_EXIT, .a = 1, .who = TRACE_NOBODY },
};

static void records_become_events(void **state)
{
    struct timeline timeline;
    char message[64];

    (void)state;
    timeline_init(&timeline, 100, 200);
    assert_true(timeline.sink.begin(&timeline.sink, &world, message, sizeof message));
    timeline.sink.records(&timeline.sink, records, sizeof records / sizeof *records);
    timeline.sink.end(&timeline.sink, NULL, 1000);
    json_t *json = timeline_json(&timeline), *events = json_object_get(json, "events");
    static const struct {
        json_int_t lane, kind, from, length;
        const char *text;
    } expected[] = {
        { 0, TIMELINE_HYPERVISOR, 0, 100, "a v0" },
        { 1, TIMELINE_HYPERVISOR, 0, 100, "a v1" },
        { 0, TIMELINE_GUEST, 0, 10, "a v0" },
        { 1, TIMELINE_INTERRUPT, 0, 15, "vector 50" }, /* the outer one before the inner one */
        { 1, TIMELINE_INTERRUPT, 0, 5, "vector 51" },
        { 0, TIMELINE_INTERRUPT, 10, 50, "vector 30" },
        { 0, TIMELINE_SOFTIRQ, 70, 30, "TASKLET" },
        { 0, TIMELINE_LOCK_WAIT, 20, 20, "<b>\"\n[3], held by cpu1 when the wait began" },
        { 0, TIMELINE_LOCK_HELD, 40, 10, "<b>\"\n[3]" },
        { 0, TIMELINE_RAISE, 80, 0, "vector 31, for a v1" },
        { 0, TIMELINE_IPI, 50, 0, "vector fb to cpu1" },
        { 1, TIMELINE_PEND, 82, 0, "an event channel, for a v1" },
        { 1, TIMELINE_INJECT, 84, 0, "vector 41, for a v1" },
        { 1, TIMELINE_WAKE, 88, 0, "a v0" },
        { 0, TIMELINE_BLOCK, 86, 0, "a v0" },
        { 2, TIMELINE_RUNNING, 0, 100, "cpu0" },
        { 3, TIMELINE_RUNNING, 0, 100, "cpu1" },
    };
    assert_int_equal(json_array_size(events), 5 * sizeof expected / sizeof *expected);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(json_integer_value(json_array_get(events, 5 * i)), expected[i].lane);
        assert_int_equal(json_integer_value(json_array_get(events, 5 * i + 1)), expected[i].kind);
        assert_int_equal(json_integer_value(json_array_get(events, 5 * i + 2)), expected[i].from);
        assert_int_equal(json_integer_value(json_array_get(events, 5 * i + 3)), expected[i].length);
        size_t text = (size_t)json_integer_value(json_array_get(events, 5 * i + 4));
        assert_string_equal(json_string_value(json_array_get(json_object_get(json, "texts"), text)), expected[i].text);
    }
    assert_int_equal(json_integer_value(json_object_get(json, "from_ns")), 100);
    assert_int_equal(json_integer_value(json_object_get(json, "until_ns")), 200);
    assert_false(json_is_true(json_object_get(json, "cut")));
    assert_int_equal(json_array_size(json_object_get(json, "kinds")), TIMELINE_KINDS);
    json_decref(json);
    timeline_free(&timeline);
}

/* A line an event: lane, kind, when it begins and how long it takes, text. */
static char *lines_of(const struct trace_record *list, size_t count, uint64_t from, uint64_t until)
{
    struct timeline timeline;
    char message[64], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    timeline_init(&timeline, from, until);
    assert_true(timeline.sink.begin(&timeline.sink, &world, message, sizeof message));
    timeline.sink.records(&timeline.sink, list, count);
    timeline.sink.end(&timeline.sink, NULL, 1000);
    assert_int_equal(timeline.open_count, 0);
    json_decref(timeline_json(&timeline));
    for (size_t i = 0; i < timeline.event_count; i++) {
        const struct timeline_event *event = &timeline.events[i];
        fprintf(out, "%u %u %u+%u %s\n", event->lane, event->kind, (unsigned)event->from, (unsigned)event->length,
                json_string_value(json_array_get(timeline.texts, event->text)));
    }
    assert_int_equal(fclose(out), 0);
    timeline_free(&timeline);
    return text;
}

static const struct {
    const char *label;
    struct trace_record list[8];
    const char *lines;
} begun[] = {
    { "an idle vCPU is no current one",
      { { .time = 1, .kind = TRACE_VCPU, .who = (uint32_t)TRACE_IDLE_DOMAIN << 16, .a = 0, .b = 0 } },
      "" },
    { "the state is not known, then offline",
      { { .time = 1, .kind = TRACE_VCPU, .who = 0, .a = 0, .b = 1 },
        { .time = 120, .kind = TRACE_RUNSTATE, .who = 0, .a = 0 * 16 + 4, .b = 1 },
        { .time = 150, .kind = TRACE_RUNSTATE, .who = 0, .a = 4 * 16 + 3, .b = 1 } },
      "1 0 0+20 a v0\n"
      "2 14 0+20 cpu1\n"
      "2 17 50+50 cpu1\n" },
    { "a pCPU that the world has not",
      { { .time = 1, .kind = TRACE_VCPU, .who = 1, .a = 0, .b = 2 } },
      "3 14 0+100 cpu2\n" },
    { "one vCPU after the other",
      { { .time = 1, .kind = TRACE_VCPU, .who = 0, .a = 0, .b = 0 },
        { .time = 110, .kind = TRACE_RUNSTATE, .who = 0, .a = 0 * 16 + 2, .b = 0 },
        { .time = 130, .kind = TRACE_RUNSTATE, .who = 1, .a = 1 * 16 + 0, .b = 0 } },
      "0 0 0+10 a v0\n"
      "0 0 30+70 a v1\n"
      "2 14 0+10 cpu0\n"
      "3 14 30+70 cpu0\n"
      "2 16 10+90 cpu0\n" },
    { "sleeps",
      { { .time = 90, .kind = TRACE_IDLE_ENTRY, .who = TRACE_NOBODY, .cpu = 1 },
        { .time = 110, .kind = TRACE_IDLE_ENTRY, .who = TRACE_NOBODY, .cpu = 1 },
        { .time = 125, .kind = TRACE_IDLE_EXIT, .who = TRACE_NOBODY, .cpu = 1 },
        { .time = 130, .kind = TRACE_IDLE_EXIT, .who = TRACE_NOBODY, .cpu = 1 } },
      "1 2 0+10 \n"
      "1 2 10+15 \n" },
    { "handlers",
      { { .time = 110, .kind = TRACE_HANDLER, .who = 0, .a = 0x31 },
        { .time = 120, .kind = TRACE_HANDLER, .who = 0 },
        { .time = 135, .kind = TRACE_HANDLER_END, .who = 0 },
        { .time = 140, .kind = TRACE_HANDLER_END, .who = 0 } },
      "0 3 10+10 of vector 31\n"
      "0 3 20+15 of an event channel\n" },
    { "guest mode",
      { { .time = 110, .kind = TRACE_VMENTRY, .who = 0 },
        { .time = 120, .kind = TRACE_VMENTRY, .who = 1 },
        { .time = 150, .kind = TRACE_VMEXIT, .who = 1 } },
      "0 1 10+10 a v0\n"
      "0 1 20+30 a v1\n" },
    { "a softirq ends in the interrupt's end",
      { { .time = 110, .kind = TRACE_IRQ_ENTRY, .who = TRACE_NOBODY, .a = 0x50 },
        { .time = 120, .kind = TRACE_SOFTIRQ_ENTRY, .who = TRACE_NOBODY, .a = 0 },
        { .time = 130, .kind = TRACE_IRQ_EXIT, .who = TRACE_NOBODY, .a = 0x50 },
        { .time = 140, .kind = TRACE_SOFTIRQ_EXIT, .who = TRACE_NOBODY, .a = 0 } },
      "0 4 10+20 vector 50\n"
      "0 5 20+10 TIMER\n" },
    { "a lock is free, and one is taken in an interrupt",
      { { .time = 110, .kind = TRACE_LOCK_WAIT, .who = TRACE_NOBODY, .a = 0, .b = UINT32_MAX },
        { .time = 115, .kind = TRACE_LOCK_ACQUIRE, .who = TRACE_NOBODY, .a = 0 },
        { .time = 120, .kind = TRACE_IRQ_ENTRY, .who = TRACE_NOBODY, .a = 0x50 },
        { .time = 130, .kind = TRACE_LOCK_ACQUIRE, .who = TRACE_NOBODY, .a = 1 },
        { .time = 140, .kind = TRACE_LOCK_RELEASE, .who = TRACE_NOBODY, .a = 0 },
        { .time = 150, .kind = TRACE_LOCK_RELEASE, .who = TRACE_NOBODY, .a = 0 },
        { .time = 160, .kind = TRACE_LOCK_RELEASE, .who = TRACE_NOBODY, .a = 1 },
        { .time = 170, .kind = TRACE_IRQ_EXIT, .who = TRACE_NOBODY, .a = 0x50 } },
      "0 4 20+50 vector 50\n"
      "0 6 10+5 tasklet_lock, free when the wait began\n"
      "0 7 15+25 tasklet_lock\n"
      "0 7 30+30 <b>\"\n[3]\n" },
    { "moments",
      { { .time = 99, .kind = TRACE_WAKE, .who = 1 },
        { .time = 100, .kind = TRACE_WAKE, .who = 1 },
        { .time = 110, .kind = TRACE_PEND, .who = 1, .a = 0x41 },
        { .time = 120, .kind = TRACE_INJECT, .who = 1 },
        { .time = 130, .kind = TRACE_RAISE, .who = 0, .a = 0x105 },
        { .time = 199, .kind = TRACE_BLOCK, .who = 0 },
        { .time = 200, .kind = TRACE_BLOCK, .who = 0 } },
      "0 8 30+0 vector 05, for a v0\n"
      "0 10 10+0 vector 41, for a v1\n"
      "0 11 20+0 an event channel, for a v1\n"
      "0 12 0+0 a v1\n"
      "0 13 99+0 a v0\n" },
    { "what ends where the window begins",
      { { .time = 90, .kind = TRACE_VMENTRY, .who = 0 }, { .time = 100, .kind = TRACE_VMEXIT, .who = 0 } },
      "" },
};

static void each_kind_of_record_begins_or_ends_its_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        size_t count = 0;
        while (count < 8 && (begun[i].list[count].time != 0))
            count++;
        char *lines = lines_of(begun[i].list, count, 100, 200);
        if (strcmp(lines, begun[i].lines) != 0)
            fail_msg("%s:\n%s", begun[i].label, lines);
        free(lines);
    }
}

/* 16 interrupts in each other and 16 locks held are kept track of, and what is beyond these is left out. */
static void nests_and_holds_have_limits(void **state)
{
    enum { MOST = 16, MORE = 18 };
    static const struct {
        uint32_t begin, end;
        const char *format;
    } rows[] = { { TRACE_IRQ_ENTRY, TRACE_IRQ_EXIT, "0 4 %u+%u vector 00\n" },
                 { TRACE_LOCK_ACQUIRE, TRACE_LOCK_RELEASE, "0 7 %u+%u tasklet_lock\n" } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trace_record list[2 * MORE];
        char expected[MOST * 40], *lines;
        size_t used = 0;
        for (uint32_t n = 0; n < MORE; n++) {
            list[n] = (struct trace_record){ .time = 100 + n, .kind = rows[i].begin, .who = TRACE_NOBODY };
            list[MORE + n] = (struct trace_record){ .time = 150 + n, .kind = rows[i].end, .who = TRACE_NOBODY };
        }
        for (unsigned n = 0; n < MOST; n++) /* the last to begin ends first */
            used += (size_t)snprintf(expected + used, sizeof expected - used, rows[i].format, n, 50 + MOST - 1 - 2 * n);
        lines = lines_of(list, 2 * MORE, 100, 200);
        assert_string_equal(lines, expected);
        free(lines);
    }
}

/* A full window ends with the record for which there is no room, and so does what is under way then. */
static void a_window_is_cut_where_it_is_full(void **state)
{
    struct timeline timeline;
    char message[64];

    (void)state;
    timeline_init(&timeline, 0, 1000000);
    assert_true(timeline.sink.begin(&timeline.sink, &world, message, sizeof message));
    timeline.sink.records(&timeline.sink, &(struct trace_record){ .time = 7, .kind = TRACE_VMENTRY, .who = 0 }, 1);
    for (cycles time = 10; time < TIMELINE_EVENTS_MAX + 100; time++)
        timeline.sink.records(&timeline.sink, &(struct trace_record){ .time = time, .kind = TRACE_BLOCK, .who = 0 }, 1);
    timeline.sink.end(&timeline.sink, NULL, 1000000);
    const struct timeline_event *last = &timeline.events[timeline.event_count - 1];
    assert_true(timeline.is_cut);
    assert_int_equal(timeline.event_count, TIMELINE_EVENTS_MAX - 1);
    assert_int_equal(timeline.until, 10 + TIMELINE_EVENTS_MAX - 2);
    assert_true(last->kind == TIMELINE_GUEST && last->from == 7);
    assert_int_equal(last->length, timeline.until - 7);
    timeline_free(&timeline);
}

/* --- a run --- */

static uint64_t state_time(const struct timeline *timeline, uint32_t lane)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < timeline->event_count; i++)
        if (timeline->events[i].lane == lane && timeline->events[i].kind >= TIMELINE_RUNNING)
            sum += timeline->events[i].length;
    return sum;
}

static bool counts_begin(struct trace_sink *sink, const struct trace_world *the_world, char *message, size_t bytes)
{
    (void)sink, (void)the_world, (void)message, (void)bytes;
    return true;
}

/* A sink that wants locks' releases alone. */
struct counter {
    struct trace_sink sink;
    uint64_t count;
    bool has_another;
};

static void counts_records(struct trace_sink *sink, const struct trace_record *list, size_t count)
{
    struct counter *counter = (struct counter *)sink;

    counter->count += count;
    for (size_t i = 0; i < count; i++)
        counter->has_another |= list[i].kind != TRACE_LOCK_RELEASE;
}

static void counts_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)sink, (void)machine, (void)now;
}

static void run(const char *file, struct trace_sink *sink)
{
    static const char *const sets[] = { "run.duration=30ms", "run.warmup=20ms" };
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char message[256];

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, file, sets, 2, &diag), SCENARIO_OK);
    assert_true(run_scenario_traced(&scenario, sink, 1 << 20, NULL, &result, message, sizeof message));
    result_free(&result);
    scenario_free(&scenario);
    diag_free(&diag);
}

static void runstates_cover_the_window(void **state)
{
    static const struct {
        uint64_t from_ns, until_ns;
        bool is_cut;
    } rows[] = { { 25000000, 26000000, false }, { 0, 0, true }, { 49999000, 60000000, false } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct counter counter = { .sink = { UINT64_C(1) << TRACE_LOCK_RELEASE, counts_begin, counts_records,
                                             counts_end } };
        struct timeline timeline;
        struct trace_tee tee;
        timeline_init(&timeline, rows[i].from_ns, rows[i].until_ns);
        trace_tee_init(&tee);
        trace_tee_add(&tee, &counter.sink);
        trace_tee_add(&tee, &timeline.sink);
        run(SOURCE_DIR "/scenarios/eight-socket-steal.yaml", &tee.sink);
        assert_true(counter.count > 1000 && !counter.has_another);
        assert_int_equal(timeline.is_cut, rows[i].is_cut);
        assert_in_range(timeline.event_count, rows[i].is_cut ? TIMELINE_EVENTS_MAX - 100 : 100, TIMELINE_EVENTS_MAX);
        for (uint32_t lane = timeline.cpu_count; lane < timeline.lane_count; lane++)
            assert_int_equal(state_time(&timeline, lane), timeline.until - timeline.from);
        timeline_free(&timeline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_become_events),       cmocka_unit_test(each_kind_of_record_begins_or_ends_its_event),
        cmocka_unit_test(nests_and_holds_have_limits), cmocka_unit_test(a_window_is_cut_where_it_is_full),
        cmocka_unit_test(runstates_cover_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
