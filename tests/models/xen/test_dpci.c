/* SPDX-License-Identifier: Apache-2.0
 *
 * The differences between the dPCI designs: how often each acquires tasklet_lock, which lose interrupts, which PIRQs
 * the walk of domain-tasklet serves first, and which poll for a PIRQ that another pCPU is delivering.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/family/interrupts.h"
#include "models/xen/xen.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { DOMAIN_TASKLET, PIRQ_TASKLET, SOFTIRQ_MASKED, SOFTIRQ_REQUEUE };

static const char *const designs[] = { "domain-tasklet", "pirq-tasklet", "softirq-masked", "softirq-requeue" };

static void assert_between(double value, double low, double high)
{
    if (value < low || value > high)
        fail_msg("%g is not between %g and %g", value, low, high);
}

/* --- tasklet_lock --- */

/* A tickless guest and interrupts far apart: three takes each, or none. */
static void an_interrupt_costs_three_takes_or_none(void **state)
{
    (void)state;
    for (size_t design = 0; design < COUNT(designs); design++) {
        struct setup setup;
        struct metrics metrics;

        setup_init(&setup, "package:1 [numa] core:2 pu:1");
        setup.run.duration_ns = 100000000;
        setup_guest(&setup, "guest", 1);
        setup_device(&setup, "device", 0)->arrivals =
            (struct arrival_setup){ .process = ARRIVAL_PERIODIC, .rate_millihertz = 5000000 };
        model_run(&setup, designs[design], &metrics);
        double delivered = metric_of(&metrics, "irq.delivered");
        assert_between(delivered, 499, 501);
        assert_between(metric_of(&metrics, "locks.tasklet_lock.acquisitions"),
                       design <= PIRQ_TASKLET ? 3 * delivered - 3 : 0, design <= PIRQ_TASKLET ? 3 * delivered + 3 : 0);
        metrics_free(&metrics);
    }
}

/* Interrupts that come while their tasklet is queued cost a take each, but no pass of their own. One tasklet for the
 * domain gathers more of them than one for each PIRQ. */
static void a_busy_domain_runs_fewer_tasklets_than_it_has_interrupts(void **state)
{
    double takes_an_interrupt[2];

    (void)state;
    for (size_t design = DOMAIN_TASKLET; design <= PIRQ_TASKLET; design++) {
        struct setup setup;
        struct metrics metrics;

        setup_init(&setup, "package:1 [numa] core:1 pu:1");
        setup_guest(&setup, "guest", 1)->load = GUEST_LOAD_COMPUTE;
        struct device_setup *device = setup_device(&setup, "device", 0);
        device->vectors = 8;
        device->handler_ns = 500;
        device->arrivals.rate_millihertz = 12000000;
        model_run(&setup, designs[design], &metrics);
        takes_an_interrupt[design] =
            metric_of(&metrics, "locks.tasklet_lock.acquisitions") / metric_of(&metrics, "irq.raised");
        assert_between(takes_an_interrupt[design], 1, 3);
        metrics_free(&metrics);
    }
    assert_true(takes_an_interrupt[DOMAIN_TASKLET] < takes_an_interrupt[PIRQ_TASKLET]);
}

/* --- two interrupts of one PIRQ on two pCPUs --- */

/* Guest a computes on pCPU 1, while its device's interrupt goes to pCPU 0. There it has just been delivered, and pCPU
 * 1's guest handles it, when a burst of guest b's interrupts stops pCPU 0 before it is through with the PIRQ. Then the
 * device raises again: on pCPU 0, or on pCPU 2, where its interrupt has moved meanwhile. */
enum { FIRST_NS = 200000, SECOND_NS = FIRST_NS + 9000, MOVE_NS = FIRST_NS + 8000, END_NS = 1000000, BURST_VECTORS = 8 };

struct race {
    struct setup setup;
    uint64_t times_ns[2], burst_ns[1];
};

static void race_setup(struct race *race, uint64_t burst_ns)
{
    struct setup *setup = &race->setup;

    setup_init(setup, "package:1 [numa] core:3 pu:1");
    race->times_ns[0] = FIRST_NS;
    race->times_ns[1] = SECOND_NS;
    race->burst_ns[0] = FIRST_NS + burst_ns;
    struct guest_setup *a = setup_guest(setup, "a", 1);
    a->load = GUEST_LOAD_COMPUTE;
    (void)strcpy(a->pin, "pu:1");
    (void)strcpy(setup_guest(setup, "b", 1)->pin, "pu:0");
    struct device_setup *device = setup_device(setup, "device", 0);
    device->handler_ns = 100;
    device->arrivals = (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = race->times_ns, .time_count = 2 };
    struct device_setup *burst = setup_device(setup, "burst", 1);
    burst->vectors = BURST_VECTORS;
    burst->arrivals = (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = race->burst_ns, .time_count = 1 };
}

static void race_run(struct race *race, const char *design, bool moves, struct metrics *metrics)
{
    struct model_fixture fixture;

    model_open(&fixture, &race->setup, design);
    struct xen *xen = fixture.machine.hypervisor;
    irq_boot(&xen->domains[0].pirqs[0].desc, &xen->cpus[0]);
    if (moves) {
        model_advance(&fixture, MOVE_NS);
        irq_boot(&xen->domains[0].pirqs[0].desc, &xen->cpus[2]);
    }
    model_advance(&fixture, END_NS);
    metrics_init(metrics);
    fixture.design->family->metrics(&fixture.machine, metrics);
    fixture.design->family->interrupts(&fixture.machine, &(struct drain){ .measured_until = fixture.engine.now },
                                       metrics, NULL);
    model_close(&fixture);
}

/* The burst is tried at every 100 ns of the interrupt's way. */
static double race_sum(const char *design, bool moves, const char *metric)
{
    double sum = 0;

    for (uint64_t burst_ns = 0; burst_ns < 6000; burst_ns += 100) {
        static struct race race;
        struct metrics metrics;

        race_setup(&race, burst_ns);
        race_run(&race, design, moves, &metrics);
        /* A second one that finds the first under way is one with it. */
        assert_true(metric_of(&metrics, "devices.device.interrupts") == 2);
        sum += metric_of(&metrics, metric);
        metrics_free(&metrics);
    }
    return sum;
}

/* The flag is still set after the delivery, and the second interrupt is dropped. */
static void only_the_masked_design_loses_interrupts(void **state)
{
    (void)state;
    for (size_t design = 0; design < COUNT(designs); design++) {
        double lost = race_sum(designs[design], false, "irq.lost") + race_sum(designs[design], true, "irq.lost");
        if (design == SOFTIRQ_MASKED)
            assert_true(lost > 0);
        else
            assert_true(lost == 0);
    }
}

/* STATE_RUN is still set: the second pCPU polls through its softirq. */
static void a_pirq_that_is_being_delivered_elsewhere_is_put_back(void **state)
{
    (void)state;
    assert_true(race_sum("softirq-requeue", true, "xen.dpci.requeues") > 0);
    assert_true(race_sum("softirq-requeue", false, "xen.dpci.requeues") == 0);
}

/* --- the walk --- */

/* Where in the walk the device's PIRQ stands makes no difference to a lone interrupt: the guest is entered only after
 * the whole walk. It is as long as there are PIRQs; the other designs have none. */
static void a_lone_interrupt_pays_for_the_whole_walk(void **state)
{
    (void)state;
    for (size_t design = 0; design < COUNT(designs); design++) {
        static const struct {
            uint32_t pirqs;
            enum pirq_order order;
        } rows[] = { { 0, PIRQ_ORDER_FIRST }, { 400, PIRQ_ORDER_FIRST }, { 400, PIRQ_ORDER_LAST } };
        double p50[COUNT(rows)];

        for (size_t row = 0; row < COUNT(rows); row++) {
            struct setup setup;
            struct metrics metrics;

            setup_init(&setup, "package:1 [numa] core:1 pu:1");
            struct guest_setup *guest = setup_guest(&setup, "guest", 1);
            guest->pirqs = rows[row].pirqs;
            guest->load = GUEST_LOAD_COMPUTE;
            struct device_setup *device = setup_device(&setup, "device", 0);
            own_xen_device(device)->pirqs = rows[row].order;
            device->arrivals = (struct arrival_setup){ .process = ARRIVAL_PERIODIC, .rate_millihertz = 2000000 };
            model_run(&setup, designs[design], &metrics);
            p50[row] = metric_of(&metrics, "irq.latency.p50_ns");
            metrics_free(&metrics);
        }
        assert_true(p50[1] == p50[2]);
        if (design == DOMAIN_TASKLET)
            assert_true(p50[1] > p50[0] + 400 * 40 / 2.13);
        else
            assert_true(p50[1] == p50[0]);
    }
}

/* With two devices that are always pending, the lower one is delivered first. */
static void the_walk_serves_low_pirqs_first(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    setup_init(&setup, "package:1 [numa] core:2 pu:1");
    struct guest_setup *guest = setup_guest(&setup, "guest", 2);
    guest->pirqs = 400;
    guest->load = GUEST_LOAD_COMPUTE;
    for (int is_last = 0; is_last < 2; is_last++) {
        struct device_setup *device = setup_device(&setup, is_last ? "high" : "low", 0);
        own_xen_device(device)->pirqs = is_last ? PIRQ_ORDER_LAST : PIRQ_ORDER_FIRST;
        device->arrivals = (struct arrival_setup){ .process = ARRIVAL_PERIODIC, .rate_millihertz = 9000000 };
    }
    model_run(&setup, "domain-tasklet", &metrics);
    assert_true(metric_of(&metrics, "devices.low.latency.p50_ns") < metric_of(&metrics, "devices.high.latency.p50_ns"));
    metrics_free(&metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_costs_three_takes_or_none),
        cmocka_unit_test(a_busy_domain_runs_fewer_tasklets_than_it_has_interrupts),
        cmocka_unit_test(only_the_masked_design_loses_interrupts),
        cmocka_unit_test(a_lone_interrupt_pays_for_the_whole_walk),
        cmocka_unit_test(the_walk_serves_low_pirqs_first),
        cmocka_unit_test(a_pirq_that_is_being_delivered_elsewhere_is_put_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
