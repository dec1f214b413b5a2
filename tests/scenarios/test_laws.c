/* SPDX-License-Identifier: Apache-2.0
 *
 * The effects that the shipped scenarios demonstrate, in short runs: the walk over mapped PIRQs costs each interrupt
 * one step per PIRQ and serves low PIRQs first; the global tasklet lock collapses with ttas, on many sockets, and from
 * a loaded start. Only ratios between runs are compared.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/histogram.h"
#include "models/xen/setup.h"
#include "scenarios/scenario_run.h"

static double metric(const char *path, const char *design, const char *name, const char *const sets[SCENARIO_RUN_SETS])
{
    struct result result;

    scenario_run(&result, path, design, sets);
    double value = result_metric_value(&result, name);
    result_free(&result);
    assert_false(isnan(value));
    return value;
}

static double mean_latency_ns(const char *path, const char *design, const char *device,
                              const char *const sets[SCENARIO_RUN_SETS])
{
    struct result result;
    char name[80];

    scenario_run(&result, path, design, sets);
    snprintf(name, sizeof name, "devices.%s.latency", device);
    const struct histogram *latency = result_histogram(&result, name);
    assert_non_null(latency);
    assert_true(latency->count > 0);
    double mean = (double)latency->sum / (double)latency->count;
    result_free(&result);
    return mean;
}

/* --- radix-walk, radix-order --- */

static double walk_ns(const char *design, uint32_t mapped)
{
    char pirqs[60];
    const char *const sets[SCENARIO_RUN_SETS] = { pirqs, "xen.costs.software_cv_permille=0", "run.duration=200ms" };

    snprintf(pirqs, sizeof pirqs, "guests.guest.pirqs=%u", mapped - 1);
    return mean_latency_ns("radix-walk.yaml", design, "high", sets);
}

/* A mapped PIRQ costs one step of the walk and one atomic on a line that the pCPU owns. */
static void walk_is_linear_in_mapped_pirqs(void **state)
{
    struct scenario scenario;
    struct diag diag;

    (void)state;
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, SOURCE_DIR "/scenarios/radix-walk.yaml", NULL, 0, &diag), 0);
    const struct costs *costs = &scenario.setup.machine.costs;
    double step = (double)(xen_setup(&scenario.setup)->costs.pirq_walk_step + costs->atomic_hit) * 1e9 /
                  (double)costs->frequency_hz;
    double first = walk_ns("domain-tasklet", 8);
    for (uint32_t mapped = 64; mapped <= 1024; mapped *= 4) {
        double slope = (walk_ns("domain-tasklet", mapped) - first) / (mapped - 8);
        if (fabs(slope / step - 1) > 0.03)
            fail_msg("%u PIRQs: %.3f ns each, the table says %.3f", mapped, slope, step);
    }
    scenario_free(&scenario);
    diag_free(&diag);
}

static void other_designs_do_not_walk(void **state)
{
    static const char *const designs[] = { "pirq-tasklet", "softirq-requeue" };

    (void)state;
    for (size_t i = 0; i < sizeof designs / sizeof designs[0]; i++) {
        double ratio = walk_ns(designs[i], 1024) / walk_ns(designs[i], 8);
        if (fabs(ratio - 1) > 0.02)
            fail_msg("%s: 1024 PIRQs take %.3f times as long as 8", designs[i], ratio);
    }
}

/* How long after the first interrupt `device` was handled; the one that fires second does so 200 ns later. */
static double handled_ns(const char *design, const char *device, const char *second)
{
    char times[160];
    const char *const sets[SCENARIO_RUN_SETS] = { times };
    double later = device[0] == second[0] ? 200 : 0;

    snprintf(times, sizeof times,
             "devices.%s.arrivals.times=[20000200ns, 40000200ns, 60000200ns, 80000200ns, 100000200ns]", second);
    return later + mean_latency_ns("radix-order.yaml", design, device, sets);
}

static void walk_serves_low_pirqs_first(void **state)
{
    static const struct {
        const char *design, *second;
        bool is_low_first;
    } rows[] = {
        { "domain-tasklet", "high", true }, { "domain-tasklet", "low", true },   { "pirq-tasklet", "high", true },
        { "pirq-tasklet", "low", false },   { "softirq-requeue", "high", true }, { "softirq-requeue", "low", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double low = handled_ns(rows[i].design, "low", rows[i].second);
        double high = handled_ns(rows[i].design, "high", rows[i].second);
        if ((low < high) != rows[i].is_low_first)
            fail_msg("%s, %s fires second: low handled after %.0f ns, high after %.0f", rows[i].design, rows[i].second,
                     low, high);
    }
}

/* --- eight-socket-steal, sockets-1-to-8, timer-only --- */

#define SHORT "run.warmup=100ms", "run.duration=50ms"

static void design_decides_the_headline(void **state)
{
    static const char *const sets[SCENARIO_RUN_SETS] = { SHORT };
    static const char headline[] = "eight-socket-steal.yaml";

    (void)state;
    assert_true(metric(headline, "domain-tasklet", "guests.idle.steal.percent", sets) >
                50 * metric(headline, "softirq-requeue", "guests.idle.steal.percent", sets));
    assert_true(metric(headline, "domain-tasklet", "irq.delivered", sets) <
                0.5 * metric(headline, "softirq-requeue", "irq.delivered", sets));
    assert_true(metric(headline, "domain-tasklet", "irq.latency.p50_ns", sets) >
                20 * metric(headline, "softirq-requeue", "irq.latency.p50_ns", sets));
}

static void fair_lock_does_not_collapse(void **state)
{
    static const char *const ttas[SCENARIO_RUN_SETS] = { SHORT };
    static const char *const others[][SCENARIO_RUN_SETS] = { { SHORT, "hypervisor.lock=ticket" },
                                                             { SHORT, "hypervisor.lock=mcs" } };
    double steal = metric("eight-socket-steal.yaml", "domain-tasklet", "guests.idle.steal.percent", ttas);

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_true(metric("eight-socket-steal.yaml", "domain-tasklet", "guests.idle.steal.percent", others[i]) <
                    0.1 * steal);
}

/* Below the rate at which a cold machine collapses, one that has collapsed stays so. */
static void collapse_is_bistable(void **state)
{
    static const char *const cold[SCENARIO_RUN_SETS] = { "run.warmup=150ms", "run.duration=50ms",
                                                         "devices.vf.arrivals.rate=1500Hz" };
    static const char *const loaded[SCENARIO_RUN_SETS] = {
        "run.warmup=150ms",
        "run.duration=50ms",
        "devices.vf.arrivals.rate=1500Hz",
        "devices.vf.arrivals.first_rate=20kHz",
        "devices.vf.arrivals.first_for=60ms",
    };

    (void)state;
    assert_true(metric("eight-socket-steal.yaml", "domain-tasklet", "guests.idle.steal.percent", loaded) >
                20 * metric("eight-socket-steal.yaml", "domain-tasklet", "guests.idle.steal.percent", cold));
}

static void collapse_needs_many_sockets(void **state)
{
    static const char *const eight[SCENARIO_RUN_SETS] = { SHORT };
    static const char *const two[SCENARIO_RUN_SETS] = {
        SHORT,
        "machine.topology=package:2 [numa] core:10 pu:2",
        "guests.busy.count=2",
        "guests.idle.count=2",
        "guests.busy.pin=core:0-9",
        "guests.idle.pin=core:10-19",
    };

    (void)state;
    assert_true(metric("sockets-1-to-8.yaml", "domain-tasklet", "guests.idle.steal.percent", eight) >
                50 * metric("sockets-1-to-8.yaml", "domain-tasklet", "guests.idle.steal.percent", two));
}

/* Steal by the ticks alone, of `count` guests with ten vCPUs each or one. */
static double tick_steal(const char *phase, const char *count, const char *vcpus)
{
    char phase_set[64], count_set[64], vcpus_set[64];
    const char *const sets[SCENARIO_RUN_SETS] = { SHORT, phase_set, count_set, vcpus_set };

    snprintf(phase_set, sizeof phase_set, "guests.guest.phase=%s", phase);
    snprintf(count_set, sizeof count_set, "guests.guest.count=%s", count);
    snprintf(vcpus_set, sizeof vcpus_set, "guests.guest.vcpus=%s", vcpus);
    return metric("timer-only.yaml", "domain-tasklet", "guests.guest.steal.percent", sets);
}

static void aligned_ticks_alone_steal(void **state)
{
    (void)state;
    assert_true(tick_steal("aligned", "12", "10") > 20 * tick_steal("random", "12", "10"));
}

/* With one vCPU a guest, guests at phases of their own are vCPUs at phases of their own. */
static void ticks_of_a_guest_collide_with_its_own(void **state)
{
    (void)state;
    assert_true(tick_steal("guest", "12", "10") > 5 * tick_steal("random", "12", "10"));
    assert_true(tick_steal("aligned", "12", "10") > 2 * tick_steal("guest", "12", "10"));
    assert_true(fabs(tick_steal("guest", "12", "1") - tick_steal("random", "12", "1")) < 1e-9);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_is_linear_in_mapped_pirqs),        cmocka_unit_test(other_designs_do_not_walk),
        cmocka_unit_test(walk_serves_low_pirqs_first),           cmocka_unit_test(design_decides_the_headline),
        cmocka_unit_test(fair_lock_does_not_collapse),           cmocka_unit_test(collapse_is_bistable),
        cmocka_unit_test(collapse_needs_many_sockets),           cmocka_unit_test(aligned_ticks_alone_steal),
        cmocka_unit_test(ticks_of_a_guest_collide_with_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
