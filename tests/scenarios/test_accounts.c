/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of each interrupt that a timed run raises: delivered, coalesced, discarded, pending or lost. Runs whose
 * outcome is known, and random ones of every family.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "scenarios/scenario_run.h"

static double value_of(const struct result *result, const char *name)
{
    double value = result_metric_value(result, name);

    assert_false(isnan(value));
    return value;
}

static void assert_adds_up(const struct result *result)
{
    assert_true(value_of(result, "irq.raised") ==
                value_of(result, "irq.delivered") + value_of(result, "irq.coalesced") +
                    value_of(result, "irq.discarded") + value_of(result, "irq.pending") + value_of(result, "irq.lost"));
}

/* The only row of the device; NULL when there is none. */
static const struct result_stuck *stuck_of(const struct result *result, const char *device)
{
    const struct result_stuck *found = NULL;

    for (size_t i = 0; i < result->stuck_count; i++) {
        if (strcmp(result->stuck[i].device, device) != 0)
            continue;
        assert_null(found);
        found = &result->stuck[i];
    }
    return found;
}

#define EXPLORED SOURCE_DIR "/tests/explore/"

enum fate { ARRIVES, PENDING, LOST };

static const struct {
    const char *path, *device;
    const char *sets[SCENARIO_RUN_SETS];
    enum fate fate;
    const char *place; /* of the interrupts of its vector */
    uint64_t vector;
} fates[] = {
    { SOURCE_DIR "/tests/scenarios/asleep.yaml", "card", { NULL }, LOST, "in the PIR of a blocked vCPU", 0 },
    { SOURCE_DIR "/tests/scenarios/asleep.yaml", "card", { "guests.sleeper.timer=100Hz" }, ARRIVES, NULL, 0 },
    { "one-msi.yaml", "nic", { "run.duration=20ms" }, ARRIVES, NULL, 0 },
    /* without the fix VFIO takes a set DisINTx for clear; the upcall goes to another vCPU and is not repeated */
    { EXPLORED "899649b7d4ea-virq-disabled-before.yaml",
      "dev",
      { "run.duration=20ms" },
      LOST,
      "in the device, whose DisINTx is set",
      0 },
    { EXPLORED "899649b7d4ea-virq-disabled-after.yaml", "dev", { "run.duration=20ms" }, ARRIVES, NULL, 0 },
    { EXPLORED "e7dbb62ff1-vcpu-vector-before.yaml",
      "nic",
      { "run.duration=20ms" },
      LOST,
      "at its event channel, and its vCPU is not told",
      1 },
    { EXPLORED "e7dbb62ff1-vcpu-vector-after.yaml", "nic", { "run.duration=20ms" }, ARRIVES, NULL, 0 },
    /* the guest stops for good, and its message waits */
    { "vfio-paused-guest.yaml", "dev-a", { NULL }, PENDING, "in the virtual IRR of a paused guest", 0 },
    { "vfio-paused-guest.yaml", "dev-a", { "actions.stop.at=300s" }, ARRIVES, NULL, 0 },
    /* no driver acknowledges the line, on which the storm brake then sits */
    { "vfio-broken-status.yaml",
      "dev-a",
      { "run.duration=500ms" },
      PENDING,
      "on its line, which the kernel has disabled because nobody handled it",
      0 },
    { "vfio-broken-status.yaml", "host-nic", { "run.duration=500ms" }, ARRIVES, NULL, 0 },
    /* the EOI comes before the cause is cleared, the interrupt comes again, and the task never runs */
    { "vfio-early-eoi.yaml", "dev-a", { "run.duration=21ms" }, PENDING, "with a task of its guest's driver", 0 },
    { "posted-overcommit.yaml", "nic", { "run.duration=30ms" }, LOST, "in the PIR of a running vCPU", 0 },
    { "qemu-affinity.yaml", "nic", { "run.duration=30ms" }, LOST, "at its event channel, and its vCPU is not told", 0 },
    /* the migration comes within the driver's bind, and the forgotten PIRQ would have unmasked the message */
    { "qemu-migrate.yaml", "nic", { "run.duration=20ms" }, LOST, "in its message, which is masked", 0 },
};

static void what_is_stuck_is_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) {
        struct result result;
        char pending[60], lost[60];

        scenario_run(&result, fates[i].path, NULL, fates[i].sets);
        assert_adds_up(&result);
        (void)snprintf(pending, sizeof pending, "devices.%s.pending", fates[i].device);
        (void)snprintf(lost, sizeof lost, "devices.%s.lost", fates[i].device);
        assert_int_equal(value_of(&result, pending) > 0, fates[i].fate == PENDING);
        assert_int_equal(value_of(&result, lost) > 0, fates[i].fate == LOST);
        const struct result_stuck *stuck = stuck_of(&result, fates[i].device);
        assert_int_equal(stuck == NULL, fates[i].fate == ARRIVES);
        if (stuck != NULL) {
            assert_int_equal(stuck->vector, fates[i].vector);
            assert_int_equal(stuck->is_lost, fates[i].fate == LOST);
            assert_int_equal(stuck->count, value_of(&result, stuck->is_lost ? lost : pending));
            assert_string_equal(stuck->place, fates[i].place);
        }
        result_free(&result);
    }
}

static void each_vector_is_told_apart(void **state)
{
    struct result result;

    (void)state;
    scenario_run(&result, SOURCE_DIR "/tests/scenarios/asleep.yaml", NULL,
                 (const char *[SCENARIO_RUN_SETS]){ "devices.card.vectors=3" });
    assert_int_equal(result.stuck_count, 3);
    uint64_t sum = 0;
    for (size_t i = 0; i < result.stuck_count; i++) {
        assert_int_equal(result.stuck[i].vector, i);
        assert_string_equal(result.stuck[i].place, "in the PIR of a blocked vCPU");
        sum += result.stuck[i].count;
    }
    assert_int_equal(sum, value_of(&result, "irq.lost"));
    result_free(&result);
}

/* Of nothing there is no latency. */
static void a_latency_needs_a_delivery(void **state)
{
    static const char *const names[] = { "irq.latency.mean_ns", "irq.latency.p50_ns", "irq.latency.p99_ns",
                                         "irq.latency.max_ns", "devices.card.latency.p999_ns" };
    struct result result;

    (void)state;
    scenario_run(&result, SOURCE_DIR "/tests/scenarios/asleep.yaml", NULL, (const char *[SCENARIO_RUN_SETS]){ NULL });
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(isnan(result_metric_value(&result, names[i])));
    result_free(&result);
}

/* The drain ends with the last interrupt, and adds nothing to the measured time. */
static void the_drain_is_not_measured(void **state)
{
    static const char *const names[] = { "guests.guest.running.percent", "xen.vmexits", "engine.events", "irq.raised",
                                         "locks.event_lock.acquisitions" };
    struct result with, without;

    (void)state;
    scenario_run(&with, "radix-walk.yaml", NULL, (const char *[SCENARIO_RUN_SETS]){ "run.duration=20ms" });
    scenario_run(&without, "radix-walk.yaml", NULL,
                 (const char *[SCENARIO_RUN_SETS]){ "run.duration=20ms", "run.drain=0s" });
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(value_of(&with, names[i]) == value_of(&without, names[i]));
    assert_true(value_of(&with, "irq.pending") == 0);
    assert_true(value_of(&with, "irq.drain_ns") < 1e7);
    assert_true(value_of(&without, "irq.drain_ns") == 0);
    result_free(&with);
    result_free(&without);
}

/* A slice of 30 ms has 7.5 ticks. Until 4.7 its vCPU accounts them all beside the stolen 7.5; from 4.8 on the first
 * one, which finds the other's slice stolen, stands for nothing. */
static void top_prints_what_the_kernel_accounts(void **state)
{
    static const struct {
        const char *metric;
        double percent;
    } rows[] = { { "guests.a.steal.percent", 50 },
                 { "guests.a.steal_top.percent", 45.45 },
                 { "guests.b.steal_top.percent", 45.45 },
                 { "guests.a.steal_top_since_4_8.percent", 48.4 },
                 { "guests.b.steal_top_since_4_8.percent", 48.4 } };
    struct result result;

    (void)state;
    scenario_run(&result, SOURCE_DIR "/tests/scenarios/two-hogs.yaml", NULL, (const char *[SCENARIO_RUN_SETS]){ NULL });
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(fabs(value_of(&result, rows[i].metric) - rows[i].percent) < 0.05);
    result_free(&result);
}

/* --- random runs --- */

#define CHOICES 4

struct random_base {
    const char *path;
    const char *designs[CHOICES];
    const char *sets[5][CHOICES]; /* one of each line is set */
};

static const struct random_base bases[] = {
    { "radix-walk.yaml",
      { "domain-tasklet", "pirq-tasklet", "softirq-masked", "softirq-requeue" },
      { { "hypervisor.lock=ttas", "hypervisor.lock=ticket", "hypervisor.lock=mcs", "hypervisor.lock=spinlock" },
        { "guests.guest.load=halt", "guests.guest.load=compute", "guests.guest.load=halt", "guests.guest.load=halt" },
        { "guests.guest.timer=tickless", "guests.guest.timer=100Hz", "guests.guest.timer=1kHz",
          "guests.guest.timer=4kHz" },
        { "run.policy=timed", "run.policy=random", "run.policy=timed", "run.policy=timed" } } },
    { "posted-states.yaml",
      { "softirq-states", "softirq-gated", "softirq-requeue", "softirq-hotplug" },
      { { "hypervisor.posted=on", "hypervisor.posted=off", "hypervisor.posted=on", "hypervisor.posted=on" },
        { "hypervisor.lock=ttas", "hypervisor.lock=ticket", "hypervisor.lock=mcs", "hypervisor.lock=spinlock" } } },
    { "vfio-storm.yaml",
      { "vfio-automask", "vfio-direct-eoi", "vfio-msi", "vfio-automask" },
      { { "devices.dev-a.handler=5us", "devices.dev-a.handler=20us", "devices.dev-a.handler=100us",
          "devices.dev-a.handler=1us" },
        { "devices.dev-b.arrivals.rate=100Hz", "devices.dev-b.arrivals.rate=5kHz", "devices.dev-b.arrivals.rate=50kHz",
          "devices.dev-b.arrivals.rate=20kHz" } } },
    { "qemu-contention.yaml",
      { "qemu-pirq-merged", "qemu-pirq-merged", "qemu-pirq-merged", "qemu-pirq-merged" },
      { { "run.seed=5", "run.seed=6", "run.seed=7", "run.seed=8" } } },
    { "nvme-drives.yaml",
      { "nvme-msi", "nvme-posted-msi", "nvme-msi", "nvme-posted-msi" },
      { { "devices.drive.count=1", "devices.drive.count=2", "devices.drive.count=3", "devices.drive.count=4" },
        { "devices.drive.arrivals.rate=100kHz", "devices.drive.arrivals.rate=1MHz", "devices.drive.arrivals.rate=3MHz",
          "devices.drive.arrivals.rate=5100kHz" } } },
};

enum { RANDOM_RUNS = 120 };

static void random_run(uint32_t number)
{
    const struct random_base *base = &bases[number % (sizeof bases / sizeof *bases)];
    const char *sets[SCENARIO_RUN_SETS] = { "run.warmup=1ms", "run.duration=5ms" };
    size_t count = 2;
    struct result result;
    struct rng rng;
    char seed[32];

    rng_init(&rng, number, 0, RNG_WAKE);
    (void)snprintf(seed, sizeof seed, "run.seed=%u", number + 1);
    sets[count++] = seed;
    for (size_t i = 0; i < 5 && base->sets[i][0] != NULL; i++)
        sets[count++] = base->sets[i][rng_below(&rng, CHOICES)];
    scenario_run(&result, base->path, base->designs[rng_below(&rng, CHOICES)], sets);
    assert_adds_up(&result);
    assert_true(value_of(&result, "irq.pending") == 0);
    assert_true(value_of(&result, "irq.raised") >= value_of(&result, "irq.delivered"));
    result_free(&result);
}

static void random_runs_add_up(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < RANDOM_RUNS; number++)
        random_run(number);
}

/* Xen's runstates: the model CHECKs that the times of each vCPU sum to the elapsed time. When this measurement begins,
 * a pCPU is two cycles ahead of the clock, in the middle of a change. */
static void a_change_across_the_beginning_is_divided(void **state)
{
    static const char *const sets[SCENARIO_RUN_SETS] = {
        "run.seed=2",
        "run.duration=100ms",
        "machine.topology=package:7 [numa] core:10 pu:2",
        "guests.busy.count=7",
        "guests.busy.pin=core:0-34",
        "guests.idle.count=7",
        "guests.idle.pin=core:35-69",
    };
    struct result result;

    (void)state;
    scenario_run(&result, "sockets-1-to-8.yaml", "softirq-requeue", sets);
    double sum = value_of(&result, "guests.idle.running.percent") + value_of(&result, "guests.idle.runnable.percent") +
                 value_of(&result, "guests.idle.blocked.percent") + value_of(&result, "guests.idle.offline.percent");
    assert_true(fabs(sum - 100) < 1e-9);
    result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stuck_is_told_apart),
        cmocka_unit_test(each_vector_is_told_apart),
        cmocka_unit_test(a_latency_needs_a_delivery),
        cmocka_unit_test(the_drain_is_not_measured),
        cmocka_unit_test(top_prints_what_the_kernel_accounts),
        cmocka_unit_test(random_runs_add_up),
        cmocka_unit_test(a_change_across_the_beginning_is_divided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
