/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the attribution: its parts sum to the model's own runstates to the cycle, a hand-made trace gives the expected
 * parts, and the headline scenario has the expected culprits.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "models/xen/xen.h"
#include "simulation/run.h"
#include "scenario/scenario.h"
#include "trace/attribution.h"

static void (*attribution_end)(struct trace_sink *, const struct machine *, cycles);

static cycles parts_of(const struct attribution *attribution, uint32_t domain, enum attribution_loss loss)
{
    cycles sum = 0;

    for (size_t i = 0; i < attribution->part_capacity; i++)
        if (attribution->parts[i].time > 0 &&
            trace_domain(attribution_who(attribution, attribution->parts[i].victim)) == domain &&
            attribution->parts[i].loss == loss)
            sum += attribution->parts[i].time;
    return sum;
}

/* Ends the attribution, and compares it with the model's statistics. */
static void check_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct attribution *attribution = (struct attribution *)sink;
    const struct xen *xen = machine->hypervisor;
    cycles guest = 0, guest_of_cpus = 0;

    attribution_end(sink, machine, now);
    for (uint32_t d = 0; d < xen->domain_count; d++) {
        cycles time[RUNSTATE_COUNT] = { 0 };
        for (uint32_t v = 0; v < xen->domains[d].vcpu_count; v++)
            for (int s = 0; s < RUNSTATE_COUNT; s++)
                time[s] += xen->domains[d].vcpus[v].spent.total[s];
        cycles running = 0;
        for (uint32_t v = 0; v < xen->domains[d].vcpu_count; v++) {
            uint32_t task = attribution->world.domains[d].first_vcpu + v;
            cycles all = 0;
            for (uint32_t s = 0; s < ATTRIBUTION_STATES; s++)
                all += attribution_state_time(attribution, task, s);
            assert_int_equal(all, attribution->until - attribution->from);
            running += attribution_state_time(attribution, task, RUNSTATE_RUNNING);
            guest += attribution_own_time(attribution, task);
        }
        assert_int_equal(running, time[RUNSTATE_RUNNING]);
        assert_int_equal(attribution_whole(attribution, d, LOSS_STEAL),
                         time[RUNSTATE_RUNNABLE] + time[RUNSTATE_OFFLINE]);
        for (enum attribution_loss loss = LOSS_STEAL; loss < LOSS_COUNT; loss++)
            assert_int_equal(parts_of(attribution, d, loss), attribution_whole(attribution, d, loss));
    }
    for (uint32_t i = 0; i < machine->cpu_count; i++)
        guest_of_cpus += machine->cpus[i].category_cycles[CPU_GUEST];
    assert_int_equal(guest, guest_of_cpus);
}

static void run(struct attribution *attribution, const char *name, const char *const *sets, size_t set_count)
{
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char message[512], path[256];

    snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", name);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, sets, set_count, &diag), SCENARIO_OK);
    diag_free(&diag);
    attribution_init(attribution);
    attribution_end = attribution->sink.end;
    attribution->sink.end = check_end;
    assert_true(run_scenario_traced(&scenario, &attribution->sink, 1 << 20, NULL, &result, message, sizeof message));
    result_free(&result);
    scenario_free(&scenario);
}

static void parts_sum_to_the_whole(void **state)
{
    static const struct {
        const char *scenario, *sets[5];
    } rows[] = {
        { "one-msi", { "run.seed=1", "run.seed=1", "run.warmup=10ms", "run.duration=50ms", "run.seed=3" } },
        { "radix-walk", { "hypervisor.lock=mcs", "run.seed=1", "run.warmup=10ms", "run.duration=30ms", "run.seed=3" } },
        { "eight-socket-steal",
          { "hypervisor.design=domain-tasklet", "hypervisor.lock=ttas", "run.warmup=7ms", "run.duration=15ms",
            "run.seed=3" } },
        { "eight-socket-steal",
          { "hypervisor.design=softirq-requeue", "hypervisor.lock=ticket", "run.warmup=7ms", "run.duration=15ms",
            "guests.idle.placement=floating" } },
        { "eight-socket-steal",
          { "hypervisor.design=pirq-tasklet", "guests.idle.pin=package:4-5", "run.warmup=7ms", "run.duration=15ms",
            "guests.idle.load=compute" } },
    };
    struct attribution attribution;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(&attribution, rows[i].scenario, rows[i].sets, 5);
        attribution_free(&attribution);
    }
}

/* The fraction of the idle guests' steal that is waits for this lock, and of those the fraction during which the holder
 * worked for this kind of guest. */
static double share(const struct attribution *attribution, const char *lock, const char *culprit)
{
    cycles part = 0, whole = 0;

    for (size_t i = 0; i < attribution->part_capacity; i++) {
        const struct attribution_part *row = &attribution->parts[i];
        if (row->time == 0 || row->loss != LOSS_STEAL)
            continue;
        whole += row->time;
        bool is_lock = row->cause <= CAUSE_LOCK_HANDOVER && !strcmp(attribution->class_names[row->what], lock);
        bool is_culprit =
            culprit == NULL || (row->culprit != TRACE_NOBODY &&
                                !strncmp(attribution->world.domains[trace_domain(row->culprit)].name, culprit, 4));
        if (is_lock && is_culprit)
            part += row->time;
    }
    return (double)part / (double)whole;
}

static void the_headline_names_the_tasklet_lock(void **state)
{
    static const char *const sets[] = { "run.warmup=20ms", "run.duration=20ms" };
    struct attribution attribution;
    char *text = NULL;
    size_t bytes;

    (void)state;
    run(&attribution, "eight-socket-steal", sets, 2);
    assert_true(share(&attribution, "tasklet_lock", NULL) > 0.95);
    assert_true(share(&attribution, "tasklet_lock", "busy") > 0.45);
    FILE *out = open_memstream(&text, &bytes);
    attribution_print(&attribution, out, false);
    attribution_print_csv(&attribution, out);
    fclose(out);
    assert_non_null(strstr(text, "waits, lock held         tasklet_lock  busy"));
    assert_non_null(strstr(text, "guest,loss,cause,what,cpu,culprit,cycles\nbusy.0,lost running,"));
    free(text);
    attribution_free(&attribution);
}

/* vCPU 1.0 is runnable on pCPU 0 from 10 to 100; pCPU 0 waits from 20 to 80 for the lock that pCPU 1 holds for domain 0
 * until 50. */
static void a_wait_is_split_by_holders(void **state)
{
    static const struct trace_record records[] = {
        { .time = 0, .kind = TRACE_VCPU, .who = 0 << 16, .a = 0, .b = 1, .cpu = 1 },
        { .time = 0, .kind = TRACE_VCPU, .who = 1 << 16, .a = 2, .b = 0, .cpu = 0 },
        { .time = 5, .kind = TRACE_LOCK_ACQUIRE, .cpu = 1, .a = 0 },
        { .time = 10, .kind = TRACE_RUNSTATE, .who = 1 << 16, .a = 2 * 16 + 1, .b = 0, .cpu = 0 },
        { .time = 20, .kind = TRACE_LOCK_WAIT, .cpu = 0, .a = 0, .b = 1 },
        { .time = 50, .kind = TRACE_LOCK_RELEASE, .cpu = 1, .a = 0 },
        { .time = 80, .kind = TRACE_LOCK_ACQUIRE, .cpu = 0, .a = 0 },
        { .time = 90, .kind = TRACE_LOCK_RELEASE, .cpu = 0, .a = 0 },
        { .time = 100, .kind = TRACE_RUNSTATE, .who = 1 << 16, .a = 1 * 16 + 0, .b = 0, .cpu = 0 },
    };
    struct trace_lock lock = { "tasklet_lock", 0 };
    struct trace trace = { .locks = &lock, .lock_count = 1 };
    struct trace_domain domains[] = { { .name = "a", .vcpu_count = 1, .first_vcpu = 0 },
                                      { .name = "b", .group = 1, .vcpu_count = 1, .first_vcpu = 1 } };
    struct trace_world world = { .trace = &trace,
                                 .frequency_hz = 1000000000,
                                 .cpu_count = 2,
                                 .domains = domains,
                                 .domain_count = 2,
                                 .vcpu_count = 2,
                                 .measured_from = 0,
                                 .end = 200 };
    struct attribution attribution;
    cycles held = 0, handed = 0, other = 0;

    (void)state;
    attribution_init(&attribution);
    assert_true(attribution.sink.begin(&attribution.sink, &world, NULL, 0));
    attribution.sink.records(&attribution.sink, records, sizeof records / sizeof *records);
    attribution.sink.end(&attribution.sink, NULL, 200);
    for (size_t i = 0; i < attribution.part_capacity; i++) {
        const struct attribution_part *part = &attribution.parts[i];
        if (part->time == 0 || part->victim != 1 || part->loss != LOSS_STEAL)
            continue;
        *(part->cause == CAUSE_LOCK_HELD ? &held : part->cause == CAUSE_LOCK_HANDOVER ? &handed : &other) += part->time;
        if (part->cause <= CAUSE_LOCK_HANDOVER)
            assert_true(part->cpu == 1 && trace_domain(part->culprit) == 0);
    }
    assert_true(held == 30 && handed == 30 && other == 30);
    attribution_free(&attribution);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_sum_to_the_whole),
        cmocka_unit_test(the_headline_names_the_tasklet_lock),
        cmocka_unit_test(a_wait_is_split_by_holders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
