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

#include <string.h>

#include "formats/export.h"
#include "formats/keeper.h"
#include "formats/recordings.h"
#include "formats/tracedat.h"
#include "temporary.h"

#define TRACE_FILE temporary_path("trace.dat")

static void every_event_is_reported(void **state)
{
    struct tracedat_writer writer;
    struct output output;
    uint64_t records;
    char report[200];

    (void)state;
    snprintf(report, sizeof report, "trace-cmd report -i %s 2>&1", TRACE_FILE);
    if (!export_has("trace-cmd", "trace-cmd"))
        skip();
    tracedat_writer_init(&writer, &output);
    export_run(&writer.sink, &output, TRACE_FILE, &records);
    assert_in_range(writer.events, records / 2, records + 4 * 160); /* with what is under way on 160 pCPUs */
    assert_int_equal(export_count(report, "cpus=160"), 1);
    assert_int_equal(export_count(report, "] "), writer.events);
    /* trace-cmd 2 has a line for each pCPU without events. */
    assert_int_equal(export_count(report, ""), writer.events + 1 + export_count(report, " is empty"));
    assert_true(export_count(report, ": sched_switch: ") > 100);
    assert_true(export_count(report, ": sched_waking: ") > 50);
    assert_true(export_count(report, "lock_wait:            tasklet_lock ") > 100);
    assert_true(export_count(report, "guest_handler:") > 50);
    tracedat_writer_free(&writer);
    remove(TRACE_FILE);
}

/* --- back --- */

#define KIND(kind) (UINT64_C(1) << (kind))
#define CARRIED \
    (KIND(TRACE_RAISE) | KIND(TRACE_IRQ_ENTRY) | KIND(TRACE_IRQ_EXIT) | KIND(TRACE_DO_IRQ) | \
     KIND(TRACE_SOFTIRQ_RAISE) | KIND(TRACE_SOFTIRQ_ENTRY) | KIND(TRACE_SOFTIRQ_EXIT) | KIND(TRACE_LOCK_WAIT) | \
     KIND(TRACE_LOCK_ACQUIRE) | KIND(TRACE_LOCK_RELEASE) | KIND(TRACE_VMEXIT) | KIND(TRACE_VMENTRY) | \
     KIND(TRACE_PEND) | KIND(TRACE_INJECT) | KIND(TRACE_HANDLER) | KIND(TRACE_IPI))

static const struct trace_record *next_of(const struct recorded *recorded, uint32_t cpu, size_t *at)
{
    while (*at < recorded->count &&
           (recorded->records[*at].cpu != cpu || (CARRIED >> recorded->records[*at].kind & 1) == 0))
        ++*at;
    return *at < recorded->count ? &recorded->records[(*at)++] : NULL;
}

/* A run whose trace is read back. */
struct trip {
    const char *scenario, *set;
    enum recorded_host host;
    const char *design;
    size_t records; /* at least */
};

/* The same lock, exit or number. A Linux host's interrupts have the line's number in place of the vector, and its exits
 * the names of KVM. */
static bool is_same_a(const struct trip *trip, const struct recorded *first, const struct trace_record *a,
                      const struct recorded *second, const struct trace_record *b)
{
    char text[TRACE_TEXT_BYTES], other[TRACE_TEXT_BYTES];
    bool is_linux = trip->host == RECORDED_HOST_LINUX;

    if (is_linux && (a->kind == TRACE_VMEXIT || a->kind == TRACE_IRQ_ENTRY || a->kind == TRACE_IRQ_EXIT))
        return true;
    if (is_linux && a->kind == TRACE_DO_IRQ)
        return a->b == b->b;
    if (a->kind == TRACE_VMEXIT)
        return !strcmp(trace_exit_names[a->a], second->world.exit_names[b->a]);
    if (a->kind < TRACE_LOCK_WAIT || a->kind > TRACE_LOCK_RELEASE)
        return a->a == b->a;
    return !strcmp(trace_lock_text(&first->world, a->a, text), trace_lock_text(&second->world, b->a, other));
}

/* How long the message has been on its way is told to the nanosecond. */
static bool is_same_raise(const struct trace_record *a, const struct trace_record *b, uint64_t hz)
{
    uint64_t age = cycles_to_ns(a->time, hz) - cycles_to_ns(a->b, hz);

    return a->kind != TRACE_RAISE || (a->flow == b->flow && b->time - b->b == (age < b->time ? age : b->time));
}

static size_t assert_same_records(const struct trip *trip, const struct recorded *run, const struct recorded *back)
{
    uint64_t hz = run->world.frequency_hz;
    size_t compared = 0;

    for (uint32_t cpu = 0; cpu < run->world.cpu_count; cpu++) {
        const struct trace_record *a, *b;
        size_t at = 0, other_at = 0;
        while ((a = next_of(run, cpu, &at)) != NULL) {
            b = next_of(back, cpu, &other_at);
            if (b == NULL || b->kind != a->kind || !is_same_a(trip, run, a, back, b) ||
                b->time != cycles_to_ns(a->time, hz) - cycles_to_ns(run->records[0].time, hz) ||
                (a->kind == TRACE_LOCK_WAIT && a->b != b->b) || !is_same_raise(a, b, hz) ||
                (a->kind == TRACE_DO_IRQ && a->flow != b->flow))
                fail_msg("%s: cpu %u, record %zu: kind %u at %lu, a %u, b %lu", trip->scenario, cpu, at, a->kind,
                         a->time, a->a, a->b);
            compared++;
        }
        while ((b = next_of(back, cpu, &other_at)) != NULL) /* what is open at the end is closed */
            assert_int_equal(b->kind, TRACE_IRQ_EXIT);
    }
    return compared;
}

/* To the nanosecond, with the names of locks, vCPUs and exits, and the design. */
static void check_trip(const struct trip *trip)
{
    const char *const sets[] = { "run.warmup=2ms", "run.duration=3ms", trip->set };
    static struct keeper keeper;
    struct tracedat_writer writer;
    struct output output;
    struct recorded back;
    char text[512];
    const char *path = temporary_path("back.dat");

    assert_true(output_open(&output, path, true, text, sizeof text));
    tracedat_writer_init(&writer, &output);
    keeper_run(&keeper, trip->scenario, sets, trip->set != NULL ? 3 : 2, &writer.sink, &output);
    tracedat_writer_free(&writer);
    if (!recorded_read(path, &(struct recording_choice){ 0 }, &back, text, sizeof text))
        fail_msg("%s: %s", trip->scenario, text);
    struct recorded *run = &keeper.recorded;
    if (assert_same_records(trip, run, &back) < trip->records)
        fail_msg("%s: fewer than %zu records", trip->scenario, trip->records);
    assert_int_equal(back.host, trip->host);
    assert_string_equal(back.design, trip->design);
    assert_int_equal(back.world.domain_count, run->world.domain_count);
    for (uint32_t d = 0; d < back.world.domain_count; d++)
        assert_string_equal(back.world.domains[d].name, run->world.domains[d].name);
    recorded_free(run);
    recorded_free(&back);
    assert_int_equal(unlink(path), 0);
}

static void the_trace_comes_back(void **state)
{
    static const struct trip trips[] = {
        { "eight-socket-steal", NULL, RECORDED_HOST_XEN, "domain-tasklet", 10000 },
        { "posted-overcommit", NULL, RECORDED_HOST_XEN, "softirq-requeue", 5 },
        { "vfio-shared-line", NULL, RECORDED_HOST_LINUX, "vfio-automask", 50 },
        { "vfio-halt-poll", NULL, RECORDED_HOST_LINUX, "vfio-msi", 500 },
        { "qemu-bind", NULL, RECORDED_HOST_LINUX, "qemu-pirq-merged", 200 },
        { "qemu-contention", NULL, RECORDED_HOST_LINUX, "qemu-pirq-merged", 500 },
        { "nvme-drives", NULL, RECORDED_HOST_LINUX, "nvme-msi", 10000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof trips / sizeof *trips; i++)
        check_trip(&trips[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_reported),
        cmocka_unit_test(the_trace_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
