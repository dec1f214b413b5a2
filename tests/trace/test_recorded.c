/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a recording plays what was recorded: a run's records, kept and played again, give the run's attribution to
 * the cycle, and a part of a hand-made recording begins with the states that hold there.
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
#include "trace/attribution.h"
#include "trace/recorded.h"
#include "trace/tee.h"

/* --- a run, kept --- */

struct keeper {
    struct trace_sink sink;
    struct recorded recorded;
};

static bool keep_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct recorded *recorded = &((struct keeper *)sink)->recorded;

    (void)message, (void)message_bytes;
    recorded_init(recorded);
    recorded->world = trace_world_kept(world);
    for (uint32_t i = 0; i < world->trace->lock_count; i++)
        trace_lock_new(&recorded->names, recorded_text(recorded, world->trace->locks[i].class_name),
                       world->trace->locks[i].number);
    trace_softirq_names(&recorded->names, world->trace->softirq_names, world->trace->softirq_count);
    return true;
}

static void keep_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        recorded_add(&((struct keeper *)sink)->recorded, records[i]);
}

static void keep_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)machine;
    ((struct keeper *)sink)->recorded.world.end = now;
}

static char *attribution_text(const struct attribution *attribution)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    attribution_print(attribution, out, false);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void a_kept_run_has_the_attribution_of_the_run(void **state)
{
    struct attribution of_run, of_recording;
    struct keeper keeper = { .sink = { TRACE_ALL_KINDS, keep_begin, keep_records, keep_end } };
    struct scenario scenario;
    struct result result;
    struct diag diag;
    struct trace_tee tee;
    char message[512];

    (void)state;
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, SOURCE_DIR "/scenarios/eight-socket-steal.yaml",
                                   (const char *[]){ "run.duration=20ms", "run.warmup=5ms" }, 2, &diag),
                     SCENARIO_OK);
    attribution_init(&of_run);
    trace_tee_init(&tee);
    trace_tee_add(&tee, &of_run.sink);
    trace_tee_add(&tee, &keeper.sink);
    assert_true(run_scenario_traced(&scenario, &tee.sink, 1 << 20, NULL, &result, message, sizeof message));

    recorded_finish(&keeper.recorded);
    attribution_init(&of_recording);
    assert_true(
        recorded_play(&keeper.recorded, of_run.from, CYCLES_NEVER, &of_recording.sink, message, sizeof message));
    char *first = attribution_text(&of_run), *second = attribution_text(&of_recording);
    assert_non_null(strstr(first, "steal"));
    assert_string_equal(first, second);

    free(first);
    free(second);
    attribution_free(&of_run);
    attribution_free(&of_recording);
    recorded_free(&keeper.recorded);
    result_free(&result);
    scenario_free(&scenario);
    diag_free(&diag);
}

/* --- a hand-made recording --- */

struct first_states {
    struct trace_sink sink;
    struct trace_record states[8];
    size_t count;
    cycles end;
};

static bool states_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    (void)sink, (void)world, (void)message, (void)message_bytes;
    return true;
}

static void states_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct first_states *first = (struct first_states *)sink;

    for (size_t i = 0; i < count; i++)
        if (records[i].kind == TRACE_VCPU) {
            assert_true(first->count < 8);
            first->states[first->count++] = records[i];
        }
}

static void states_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    assert_null(machine);
    ((struct first_states *)sink)->end = now;
}

/* A vCPU that is runnable and then runs, a thread that runs until then, an idle vCPU; the records come in disorder. */
static void tasks_begin_in_the_state_that_their_first_record_leaves(void **state)
{
    enum { RUNNING, RUNNABLE, BLOCKED };
    struct first_states first = { .sink = { TRACE_ALL_KINDS, states_begin, states_records, states_end } };
    struct recorded recorded;
    char message[256];

    (void)state;
    recorded_init(&recorded);
    recorded.world.cpu_count = 1;
    recorded.world.domain_count = recorded.world.vcpu_count = recorded.world.thread_count = 1;
    recorded.world.domains = calloc(1, sizeof *recorded.world.domains);
    recorded.world.threads = calloc(1, sizeof *recorded.world.threads);
    assert_true(recorded.world.domains != NULL && recorded.world.threads != NULL);
    recorded.world.domains[0] = (struct trace_domain){ .name = "vm", .vcpu_count = 1 };
    recorded_add(&recorded,
                 (struct trace_record){
                     .time = 70, .kind = TRACE_RUNSTATE, .who = trace_who(0, 0), .a = RUNNING * 16 + BLOCKED });
    recorded_add(&recorded, (struct trace_record){ .time = 30,
                                                   .kind = TRACE_RUNSTATE,
                                                   .who = trace_who(TRACE_THREADS, 0),
                                                   .a = RUNNING * 16 + BLOCKED });
    recorded_add(&recorded,
                 (struct trace_record){
                     .time = 30, .kind = TRACE_RUNSTATE, .who = trace_who(0, 0), .a = RUNNABLE * 16 + RUNNING });
    recorded_finish(&recorded);
    assert_int_equal(recorded.records[0].who, trace_who(TRACE_THREADS, 0));
    assert_true(recorded_play(&recorded, 0, CYCLES_NEVER, &first.sink, message, sizeof message));
    assert_int_equal(first.count, 2);
    assert_int_equal(first.states[0].who, trace_who(0, 0));
    assert_int_equal(first.states[0].a, RUNNABLE);
    assert_int_equal(first.states[1].who, trace_who(TRACE_THREADS, 0));
    assert_int_equal(first.states[1].a, RUNNING);
    assert_int_equal(first.end, 70);
    recorded_free(&recorded);
}

/* As at boot: idle vCPUs, then what does not run, then what does; in each the vCPUs before the threads. */
static void what_runs_comes_last(void **state)
{
    enum { RUNNING, RUNNABLE, BLOCKED };
    static const struct {
        uint32_t domain, number, state;
    } tasks[] = { { 0, 0, RUNNING },
                  { 0, 1, BLOCKED },
                  { 1, 0, RUNNABLE },
                  { 1, 1, RUNNING },
                  { TRACE_THREADS, 0, RUNNING },
                  { TRACE_THREADS, 1, RUNNABLE },
                  { TRACE_IDLE_DOMAIN, 0, BLOCKED } };
    static const size_t expected[] = { 6, 1, 2, 5, 0, 3, 4 };
    struct first_states first = { .sink = { TRACE_ALL_KINDS, states_begin, states_records, states_end } };
    struct recorded recorded;
    char message[256];

    (void)state;
    recorded_init(&recorded);
    recorded.world.cpu_count = 1;
    recorded.world.domain_count = recorded.world.thread_count = 2;
    recorded.world.vcpu_count = 4;
    recorded.world.domains = calloc(2, sizeof *recorded.world.domains);
    recorded.world.threads = calloc(2, sizeof *recorded.world.threads);
    assert_true(recorded.world.domains != NULL && recorded.world.threads != NULL);
    recorded.world.domains[0] = (struct trace_domain){ .name = "vm", .vcpu_count = 2 };
    recorded.world.domains[1] = (struct trace_domain){ .name = "other", .first_vcpu = 2, .vcpu_count = 2 };
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        recorded_add(&recorded, (struct trace_record){ .time = 10 + i,
                                                       .kind = TRACE_RUNSTATE,
                                                       .who = trace_who(tasks[i].domain, tasks[i].number),
                                                       .a = tasks[i].state * 16 + BLOCKED });
    recorded_finish(&recorded);
    assert_true(recorded_play(&recorded, 0, CYCLES_NEVER, &first.sink, message, sizeof message));
    assert_int_equal(first.count, sizeof tasks / sizeof *tasks);
    for (size_t i = 0; i < first.count; i++) {
        assert_int_equal(first.states[i].who, trace_who(tasks[expected[i]].domain, tasks[expected[i]].number));
        assert_int_equal(first.states[i].a, tasks[expected[i]].state);
    }
    recorded_free(&recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_run_has_the_attribution_of_the_run),
        cmocka_unit_test(tasks_begin_in_the_state_that_their_first_record_leaves),
        cmocka_unit_test(what_runs_comes_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
