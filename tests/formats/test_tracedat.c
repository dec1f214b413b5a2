/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads trace.dat with the real trace-cmd: every event is found, and there are no warnings. Read back, it holds the
 * run's records.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/export.h"
#include "formats/keeper.h"
#include "formats/recordings.h"
#include "formats/tracedat.h"

#define TRACE_FILE "/tmp/irqpath-test.dat"
#define BACK_FILE "/tmp/irqpath-test-back.dat"
#define REPORT "trace-cmd report -i " TRACE_FILE " 2>&1"

static void every_event_is_reported(void **state)
{
    struct tracedat_writer writer;
    struct output output;
    uint64_t records;

    (void)state;
    if (!export_has("trace-cmd", "trace-cmd"))
        skip();
    tracedat_writer_init(&writer, &output);
    export_run(&writer.sink, &output, TRACE_FILE, &records);
    assert_in_range(writer.events, records / 2, records);
    assert_int_equal(export_count(REPORT, "cpus=160"), 1);
    assert_int_equal(export_count(REPORT, "] "), writer.events);
    assert_int_equal(export_count(REPORT, ""), writer.events + 1);
    assert_true(export_count(REPORT, ": sched_switch: ") > 100);
    assert_true(export_count(REPORT, ": sched_waking: ") > 50);
    assert_true(export_count(REPORT, "lock_wait:            tasklet_lock ") > 100);
    assert_true(export_count(REPORT, "guest_handler:") > 50);
    tracedat_writer_free(&writer);
    remove(TRACE_FILE);
}

/* --- back --- */

#define KIND(kind) (UINT64_C(1) << (kind))
#define CARRIED \
    (KIND(TRACE_IRQ_ENTRY) | KIND(TRACE_IRQ_EXIT) | KIND(TRACE_DO_IRQ) | KIND(TRACE_SOFTIRQ_RAISE) | \
     KIND(TRACE_SOFTIRQ_ENTRY) | KIND(TRACE_SOFTIRQ_EXIT) | KIND(TRACE_LOCK_WAIT) | KIND(TRACE_LOCK_ACQUIRE) | \
     KIND(TRACE_LOCK_RELEASE) | KIND(TRACE_VMEXIT) | KIND(TRACE_VMENTRY) | KIND(TRACE_PEND) | KIND(TRACE_INJECT) | \
     KIND(TRACE_HANDLER) | KIND(TRACE_IPI))

static const struct trace_record *next_of(const struct recorded *recorded, uint32_t cpu, size_t *at)
{
    while (*at < recorded->count &&
           (recorded->records[*at].cpu != cpu || (CARRIED >> recorded->records[*at].kind & 1) == 0))
        ++*at;
    return *at < recorded->count ? &recorded->records[(*at)++] : NULL;
}

/* The same lock, exit or number. */
static bool is_same_a(const struct recorded *first, const struct trace_record *a, const struct recorded *second,
                      const struct trace_record *b)
{
    char text[TRACE_TEXT_BYTES], other[TRACE_TEXT_BYTES];

    if (a->kind == TRACE_VMEXIT)
        return !strcmp(trace_exit_names[a->a], second->world.exit_names[b->a]);
    if (a->kind < TRACE_LOCK_WAIT || a->kind > TRACE_LOCK_RELEASE)
        return a->a == b->a;
    return !strcmp(trace_lock_text(&first->world, a->a, text), trace_lock_text(&second->world, b->a, other));
}

/* To the nanosecond, with the names of locks, vCPUs and exits. */
static void the_trace_comes_back(void **state)
{
    static const char *const sets[] = { "run.warmup=2ms", "run.duration=3ms" };
    static struct keeper keeper;
    struct tracedat_writer writer;
    struct output output;
    struct recorded back;
    char text[512];
    size_t compared = 0;

    (void)state;
    assert_true(output_open(&output, BACK_FILE, true, text, sizeof text));
    tracedat_writer_init(&writer, &output);
    keeper_run(&keeper, "eight-socket-steal", sets, 2, &writer.sink, &output);
    tracedat_writer_free(&writer);
    if (!recorded_read(BACK_FILE, &(struct recording_choice){ 0 }, &back, text, sizeof text))
        fail_msg("%s", text);
    struct recorded *run = &keeper.recorded;
    uint64_t hz = run->world.frequency_hz;
    for (uint32_t cpu = 0; cpu < run->world.cpu_count; cpu++) {
        const struct trace_record *a, *b;
        size_t at = 0, other_at = 0;
        while ((a = next_of(run, cpu, &at)) != NULL) {
            b = next_of(&back, cpu, &other_at);
            assert_non_null(b);
            assert_int_equal(b->kind, a->kind);
            assert_int_equal(b->time, cycles_to_ns(a->time, hz) - cycles_to_ns(run->records[0].time, hz));
            assert_true(is_same_a(run, a, &back, b));
            assert_true(a->kind != TRACE_LOCK_WAIT || a->b == b->b);
            compared++;
        }
    }
    assert_true(compared > 10000);
    assert_int_equal(back.world.domain_count, run->world.domain_count);
    for (uint32_t d = 0; d < back.world.domain_count; d++)
        assert_string_equal(back.world.domains[d].name, run->world.domains[d].name);
    recorded_free(run);
    recorded_free(&back);
    remove(BACK_FILE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_reported),
        cmocka_unit_test(the_trace_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
