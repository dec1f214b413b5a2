/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU offline and online under load, in timed runs: vCPUs and interrupts leave the pCPU and return. Work deferred in
 * the window before its death is done by the surviving pCPU, or triggers the ASSERT that 29555668b5 removed.
 */
#include "models/xen/xen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "death.h"
#include "models_fixture.h"

#define NOT_EMPTY "ASSERT(list_empty(&per_cpu(dpci_list, cpu))) at CPU_DEAD"

static const struct design_row {
    const char *name;
    const char *crash; /* at the end of a pCPU that took interrupts in its last window */
} designs[] = {
    { "domain-tasklet", NULL },      { "pirq-tasklet", NULL },       { "softirq-masked", NOT_EMPTY },
    { "softirq-states", NOT_EMPTY }, { "softirq-gated", NOT_EMPTY }, { "softirq-requeue", NOT_EMPTY },
    { "softirq-hotplug", NULL },
};

#define DESIGN_COUNT (sizeof(designs) / sizeof(*designs))

/* One guest on pCPUs 1 to 3; the control domain has pCPU 0 and takes pCPU 2 down at 10 ms, up again at 200 ms:
 * a look for its death that comes too early is repeated after 100 ms. */
static void loaded(struct setup *setup, enum guest_placement placement, uint64_t rate_millihertz)
{
    setup_init(setup, "package:1 [numa] core:4 pu:1");
    setup->run =
        (struct run_setup){ .warmup_ns = 1000000, .duration_ns = 260000000, .seed = 3, .policy = POLICY_TIMED };
    struct guest_setup *guest = setup_guest(setup, "busy", 3);
    (void)snprintf(guest->pin, sizeof(guest->pin), "core:1-3");
    own_xen_guest(guest)->placement = placement;
    struct device_setup *device = setup_device(setup, "nic", 0);
    device->vectors = 6;
    device->arrivals.rate_millihertz = rate_millihertz;
    setup->actions[0] = (struct action_setup){ .kind = XEN_ACTION_OFFLINE, .at_ns = 10000000 };
    own_xen_action(&setup->actions[0])->target = 2;
    setup->actions[1] = (struct action_setup){ .kind = XEN_ACTION_ONLINE, .at_ns = 200000000 };
    own_xen_action(&setup->actions[1])->target = 2;
    setup->action_count = 2;
}

struct one_run {
    const struct setup *setup;
    const char *design;
};

static void run_and_forget(void *argument)
{
    const struct one_run *one = argument;
    struct metrics metrics;

    model_run(one->setup, one->design, &metrics);
    metrics_free(&metrics);
}

static void nothing_is_lost_or_the_list_is_not_empty(void **state)
{
    (void)state;
    for (int placement = 0; placement < 2; placement++)
        for (size_t i = 0; i < DESIGN_COUNT; i++) {
            struct setup setup;
            struct metrics metrics;

            loaded(&setup, (enum guest_placement)placement, 4000000);
            if (designs[i].crash != NULL) {
                struct one_run one = { &setup, designs[i].name };
                assert_check_fails(run_and_forget, &one, designs[i].crash);
                continue;
            }
            model_run(&setup, designs[i].name, &metrics);
            assert_true(metric_of(&metrics, "xen.offline.count") == 1);
            assert_true(metric_of(&metrics, "xen.online.count") == 1);
            assert_true(metric_of(&metrics, "irq.lost") == 0);
            assert_true(metric_of(&metrics, "devices.nic.delivered") > 4000);
            assert_true(metric_of(&metrics, "irq.latency.max_ns") > 900000);
            metrics_free(&metrics);
        }
}

static cycles guest_cycles(struct model_fixture *fixture, uint32_t id)
{
    struct cpu *cpu = &fixture->machine.cpus[id];

    cpu_category_flush(cpu);
    return cpu->category_cycles[CPU_GUEST];
}

/* Without a device: what the dead pCPU did, the others do. */
static void a_dead_pcpu_runs_nothing(void **state)
{
    struct model_fixture fixture;
    struct setup setup;

    (void)state;
    loaded(&setup, GUEST_PLACEMENT_FLOATING, 0);
    setup.device_count = 0;
    setup.guests[0].load = GUEST_LOAD_COMPUTE;
    model_open(&fixture, &setup, "softirq-requeue");
    model_advance(&fixture, 15000000);
    const struct xen *xen = fixture.machine.hypervisor;
    cycles before = guest_cycles(&fixture, 2);
    assert_true(before > 0);
    assert_true(fixture.machine.cpus[2].is_off);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(xen->domains[0].vcpus[i].processor->id != 2);
    model_advance(&fixture, 199000000);
    assert_int_equal(guest_cycles(&fixture, 2), before);
    model_advance(&fixture, 240000000);
    assert_false(fixture.machine.cpus[2].is_off);
    assert_true(guest_cycles(&fixture, 2) > before);
    model_close(&fixture);
}

/* A vCPU pinned to it breaks its affinity; its timer moves only when its pCPU is known to be dead. */
static void a_pinned_vcpu_moves(void **state)
{
    struct model_fixture fixture;
    struct setup setup;

    (void)state;
    loaded(&setup, GUEST_PLACEMENT_PINNED, 0);
    setup.device_count = 0;
    own_xen_guest(&setup.guests[0])->timer_millihertz = 1000000;
    setup.action_count = 1;
    model_open(&fixture, &setup, "softirq-requeue");
    model_advance(&fixture, 15000000);
    struct xen *xen = fixture.machine.hypervisor;
    const struct vcpu *v = &xen->domains[0].vcpus[1];
    assert_int_not_equal(v->processor->id, 2);
    assert_true(csched_may_run_on(v, &xen->cpus[3]));
    model_advance(&fixture, 130000000);
    uint64_t ticks = v->guest.statistics.ticks_handled;
    model_advance(&fixture, 170000000);
    assert_in_range(v->guest.statistics.ticks_handled, ticks + 38, ticks + 41);
    model_close(&fixture);
}

/* Offline twice, online twice: the second of each finds it done. */
static void what_is_done_is_not_done_again(void **state)
{
    struct metrics metrics;
    struct setup setup;

    (void)state;
    loaded(&setup, GUEST_PLACEMENT_FLOATING, 1000000);
    setup.actions[2] = (struct action_setup){ .kind = XEN_ACTION_OFFLINE, .at_ns = 20000000 };
    own_xen_action(&setup.actions[2])->target = 2;
    setup.actions[3] = (struct action_setup){ .kind = XEN_ACTION_ONLINE, .at_ns = 210000000 };
    own_xen_action(&setup.actions[3])->target = 2;
    setup.action_count = 4;
    model_run(&setup, "softirq-hotplug", &metrics);
    assert_true(metric_of(&metrics, "xen.offline.count") == 2);
    assert_true(metric_of(&metrics, "xen.online.count") == 2);
    assert_true(metric_of(&metrics, "irq.lost") == 0);
    metrics_free(&metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_or_the_list_is_not_empty),
        cmocka_unit_test(a_dead_pcpu_runs_nothing),
        cmocka_unit_test(a_pinned_vcpu_moves),
        cmocka_unit_test(what_is_done_is_not_done_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
