/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads exported traces with the real xenalyze: there are no warnings, and its running, runnable and blocked times of
 * every vCPU equal the model's.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/recordings.h"
#include "formats/xenalyze.h"
#include "trace/tee.h"

#define TRACE_FILE "/tmp/irqpath-test.xentrace"
#define BACK_FILE "/tmp/irqpath-test-back.xentrace"

static struct xenalyze_run *run_new(void)
{
    struct xenalyze_run *run = malloc(sizeof *run);

    assert_non_null(run);
    return run;
}

static void totals_are_xenalyze_s(void **state)
{
    static const struct {
        const char *scenario, *sets[3];
        unsigned compared;
    } rows[] = {
        { "one-msi", { "run.warmup=10ms", "run.duration=30ms", "run.seed=1" }, 3 },
        { "radix-walk", { "run.warmup=10ms", "run.duration=10ms", "run.seed=2" }, 2 },
        { "eight-socket-steal", { "run.warmup=5ms", "run.duration=10ms", "run.seed=3" }, 250 },
        { "eight-socket-steal", { "guests.idle.placement=floating", "run.warmup=5ms", "run.duration=10ms" }, 250 },
    };
    static const struct trace_choice all = { 0 };

    (void)state;
    if (!xenalyze_is_there())
        skip();
    struct xenalyze_run *run = run_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[256];
        snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", rows[i].scenario);
        xenalyze_export(run, path, rows[i].sets, 3, &all, TRACE_FILE);
        assert_true(xenalyze_check(run, TRACE_FILE) >= rows[i].compared);
        remove(TRACE_FILE);
    }
    free(run);
}

/* --- back --- */

/* A run's records as they come. */
struct keeper {
    struct trace_sink sink;
    struct recorded recorded;
};

static bool keeper_begin(struct trace_sink *sink, const struct trace_world *world, char *text, size_t bytes)
{
    struct keeper *keeper = (struct keeper *)sink;

    (void)text, (void)bytes;
    recorded_init(&keeper->recorded);
    keeper->recorded.world = trace_world_kept(world);
    return true;
}

static void keeper_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        recorded_add(&((struct keeper *)sink)->recorded, records[i]);
}

static void keeper_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)machine;
    ((struct keeper *)sink)->recorded.world.end = now;
}

/* The scenario's whole trace, as a file and as records. */
static void run_and_keep(const char *name, const char *const *sets, size_t set_count, struct keeper *keeper)
{
    struct xentrace_writer writer;
    struct trace_tee tee;
    struct output output;
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char path[256], text[512] = "";

    diag_init(&diag);
    snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", name);
    assert_int_equal(scenario_load(&scenario, path, sets, set_count, &diag), 0);
    diag_free(&diag);
    keeper->sink = (struct trace_sink){ TRACE_ALL_KINDS, keeper_begin, keeper_records, keeper_end };
    assert_true(output_open(&output, BACK_FILE, true, text, sizeof text));
    xentrace_writer_init(&writer, &output);
    trace_tee_init(&tee);
    trace_tee_add(&tee, &writer.sink);
    trace_tee_add(&tee, &keeper->sink);
    assert_true(run_scenario_traced(&scenario, &tee.sink, 1 << 20, NULL, &result, text, sizeof text));
    assert_true(output_commit(&output, text, sizeof text));
    xentrace_writer_free(&writer);
    result_free(&result);
    scenario_free(&scenario);
}

/* The next record of the pCPU, from *at on. */
static const struct trace_record *next_of(const struct recorded *recorded, uint32_t cpu, size_t *at)
{
    while (*at < recorded->count && recorded->records[*at].cpu != cpu)
        ++*at;
    return *at < recorded->count ? &recorded->records[(*at)++] : NULL;
}

/* Times of the second are from the first record on. */
static void assert_same_records(const struct recorded *first, const struct recorded *second)
{
    cycles from = first->records[0].time;

    assert_int_equal(first->world.end, second->world.end + from);
    assert_int_equal(first->count, second->count);
    for (uint32_t cpu = 0; cpu < first->world.cpu_count; cpu++) {
        const struct trace_record *a, *b;
        size_t at = 0, other_at = 0;
        while ((a = next_of(first, cpu, &at)) != NULL) {
            b = next_of(second, cpu, &other_at);
            assert_non_null(b);
            bool is_time = a->kind == TRACE_RAISE || a->kind == TRACE_DROPPED;
            uint64_t wanted = !is_time ? a->b : a->b > from ? a->b - from : 0;
            if (a->time != b->time + from || a->kind != b->kind || a->who != b->who || a->flow != b->flow ||
                a->a != b->a || b->b != wanted)
                fail_msg("cpu %u: %u: %lu %x %u %u %lu, and back %u: %lu %x %u %u %lu", cpu, a->kind, a->time, a->who,
                         a->flow, a->a, a->b, b->kind, b->time, b->who, b->flow, b->a, b->b);
        }
    }
}

static void assert_same_names(const struct trace_world *first, const struct trace_world *second)
{
    assert_int_equal(first->domain_count, second->domain_count);
    assert_int_equal(first->vcpu_count, second->vcpu_count);
    assert_int_equal(first->thread_count, second->thread_count);
    for (uint32_t d = 0; d < first->domain_count; d++) {
        assert_string_equal(first->domains[d].name, second->domains[d].name);
        assert_int_equal(first->domains[d].vcpu_count, second->domains[d].vcpu_count);
    }
}

/* A run's trace is read back as it was, cycle for cycle. */
static void the_trace_comes_back(void **state)
{
    static const struct {
        const char *scenario, *sets[3];
    } rows[] = {
        { "one-msi", { "run.warmup=0s", "run.duration=30ms" } },
        { "radix-walk", { "run.warmup=5ms", "run.duration=5ms" } },
        { "eight-socket-steal", { "run.warmup=2ms", "run.duration=3ms", "guests.idle.placement=floating" } },
        { "vfio-shared-line", { "run.warmup=1ms", "run.duration=20ms" } },
        { "qemu-contention", { "run.warmup=1ms", "run.duration=20ms" } },
        { "nvme-drives", { "run.warmup=1ms", "run.duration=5ms" } },
        { "posted-states", { "run.warmup=1ms", "run.duration=5ms" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct keeper keeper;
        struct recorded back;
        char text[512];
        size_t sets = 0;
        while (sets < 3 && rows[i].sets[sets] != NULL)
            sets++;
        run_and_keep(rows[i].scenario, rows[i].sets, sets, &keeper);
        if (!recorded_read(BACK_FILE, &(struct recording_choice){ 0 }, &back, text, sizeof text))
            fail_msg("%s: %s", rows[i].scenario, text);
        assert_same_records(&keeper.recorded, &back);
        assert_same_names(&keeper.recorded.world, &back.world);
        recorded_free(&keeper.recorded);
        recorded_free(&back);
    }
    remove(BACK_FILE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_xenalyze_s),
        cmocka_unit_test(the_trace_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
