/* SPDX-License-Identifier: Apache-2.0
 *
 * The invariants of the Xen model: each holds in a machine that has just booted, and a single change breaks it.
 */
#include <stdio.h>
#include <string.h>

#include "death.h"
#include "machine/devices/device.h"
#include "machine/property.h"
#include "models/xen/posted/state.h"
#include "models_fixture.h"

static uint32_t changed; /* the domain in which a row changes something */

static struct domain *domain_of(struct xen *xen) { return &xen->domains[changed]; }
static struct pirq *pirq_of(struct xen *xen) { return &domain_of(xen)->pirqs[1]; }

static void tear_list(struct xen *xen) { pirq_of(xen)->softirq_link.next = &xen->cpus[0].dpci_list; }

static void free_queued(struct xen *xen)
{
    list_add_tail(&pirq_of(xen)->softirq_link, &xen->cpus[1].dpci_list);
    domain_of(xen)->is_freed = true;
}

static void free_tasklet(struct xen *xen)
{
    list_add_tail(&pirq_of(xen)->tasklet.link, &xen->cpus[1].softirq_tasklets);
    domain_of(xen)->is_freed = true;
}

static void forget_reference(struct xen *xen) { pirq_of(xen)->state.value = DPCI_STATE_SCHED; }
static void keep_reference(struct xen *xen) { domain_of(xen)->refcnt.value = 2; }
static void keep_zombie(struct xen *xen) { domain_of(xen)->is_dead = true; }
static void leave_running(struct xen *xen) { pirq_of(xen)->state.value = DPCI_STATE_RUN; }
static void leave_masked(struct xen *xen) { pirq_of(xen)->masked.value = 1; }
static void leave_linked(struct xen *xen) { list_add_tail(&pirq_of(xen)->softirq_link, &xen->cpus[0].dpci_list); }

static void free_dpci(struct xen *xen)
{
    domain_of(xen)->dpci.value = 0;
    pirq_of(xen)->state.value = DPCI_STATE_RUN;
}

static void run_nowhere(struct xen *xen) { domain_of(xen)->vcpus[0].state = RUNSTATE_RUNNING; }

static void queue_nowhere(struct xen *xen)
{
    domain_of(xen)->vcpus[0].state = RUNSTATE_RUNNABLE;
    list_init(&domain_of(xen)->vcpus[0].csched.runq_link);
}

static void block_without_reason(struct xen *xen) { domain_of(xen)->vcpus[0].pause_flags.value = 0; }

static void unbind_masked(struct xen *xen)
{
    leave_masked(xen);
    pirq_of(xen)->flags = 0;
}

static void leave_silent(struct xen *xen) { device_mask(pirq_of(xen)->desc.source); }

static void unbind_silent(struct xen *xen)
{
    leave_silent(xen);
    pirq_of(xen)->flags = 0;
}

static void close_channel(struct xen *xen)
{
    leave_silent(xen);
    pirq_of(xen)->wants_event = true;
}

static void do_nothing(struct xen *xen) { (void)xen; }

static const struct row {
    const char *property; /* NULL: none is broken */
    void (*change)(struct xen *xen);
    const char *text;
} rows[] = {
    { NULL, do_nothing, "" },
    { NULL, unbind_masked, "" },
    { NULL, unbind_silent, "" },
    { NULL, close_channel, "" },
    { "xen-lists", tear_list, "PIRQ 1 of domain 0 is on a list whose links are inconsistent" },
    { "xen-freed", free_queued, "PIRQ 1 of domain 0 is queued on a pCPU, but it or its domain is freed" },
    { "xen-freed", free_tasklet, "PIRQ 1 of domain 0 is queued on a pCPU, but it or its domain is freed" },
    { "xen-references", forget_reference, "domain 0 has 1 references at the end, but should have 2" },
    { "xen-references", keep_reference, "domain 0 has 2 references at the end, but should have 1" },
    { "xen-references", keep_zombie, "domain 0 has 1 references at the end, but is destroyed and should have 0" },
    { "xen-left-running", leave_running, "PIRQ 1 of domain 0 is in STATE_RUN, but no pCPU delivers it" },
    { "xen-left-masked", leave_masked, "PIRQ 1 of domain 0 is masked, but nothing will deliver it" },
    { "xen-left-silent", leave_silent, "PIRQ 1 of domain 0 is bound, but nothing will unmask its message" },
    { "xen-left-scheduled", leave_linked, "PIRQ 1 of domain 0 is queued, but no softirq is pending" },
    { "xen-dpci-freed", free_dpci, "PIRQ 1 of domain 0 is being delivered, but the domain's dPCI state is freed" },
    { "xen-runstates", run_nowhere, "vCPU 0 of domain 0 is RUNNING, but does not run" },
    { "xen-runstates", queue_nowhere, "vCPU 0 of domain 0 is RUNNABLE, but on no run queue" },
    { "xen-runstates", block_without_reason, "vCPU 0 of domain 0 is BLOCKED, but nothing blocks it" },
};

static void check_row(const struct row *row)
{
    struct setup setup;
    struct model_fixture fixture;
    bool is_found = row->property == NULL;
    char expected[200];

    (void)snprintf(expected, sizeof(expected), "%s", row->text);
    if (strstr(expected, "omain 0") != NULL)
        strstr(expected, "omain 0")[6] = (char)('0' + changed);
    setup_init(&setup, "package:1 [numa] core:2 pu:1");
    setup.run = (struct run_setup){ .duration_ns = 1000000, .seed = 1, .policy = POLICY_TIMED };
    for (uint32_t guest = 0; guest < 3; guest++) {
        static const char *const names[] = { "a", "b", "c" };
        (void)setup_guest(&setup, names[guest], 1);
        setup_device(&setup, names[guest], guest)->vectors = 2;
    }
    model_open(&fixture, &setup, "softirq-requeue");
    row->change(fixture.machine.hypervisor);
    for (const struct property *const *property = fixture.design->family->invariants; *property != NULL; property++) {
        char text[200] = "";
        bool is_broken = (*property)->is_broken(&fixture.machine, text, sizeof(text));
        if (row->property == NULL && is_broken)
            fail_msg("%s: %s", (*property)->name, text);
        if (row->property == NULL || strcmp((*property)->name, row->property) != 0)
            continue;
        is_found = true;
        if (!is_broken)
            fail_msg("%s: %s", row->property, expected);
        assert_string_equal(text, expected);
    }
    assert_true(is_found);
    model_close(&fixture);
}

/* An exit looks at the IRR, and at the PIR only if ON is set; a vCPU that is not current has none. */
static void test_awaits_exit(void **state)
{
    static const struct {
        bool is_posted, is_current, is_in_irr, is_in_pir, is_on, awaits;
    } states[] = {
        { false, true, false, false, false, false }, { false, true, true, false, false, true },
        { false, false, true, false, false, false }, { true, true, true, false, false, true },
        { true, true, false, true, true, true },     { true, true, false, true, false, false },
        { true, true, false, false, true, false },   { true, false, false, true, true, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
        struct setup setup;
        struct model_fixture fixture;

        setup_init(&setup, "package:1 [numa] core:1 pu:1");
        setup.run = (struct run_setup){ .duration_ns = 1000000, .seed = 1, .policy = POLICY_TIMED };
        ((struct xen_setup *)setup.own)->posted = states[i].is_posted;
        setup_guest(&setup, "guest", 1)->load = GUEST_LOAD_COMPUTE;
        (void)setup_device(&setup, "nic", 0);
        model_open(&fixture, &setup, "softirq-requeue");
        struct xen *xen = fixture.machine.hypervisor;
        const struct pirq *pirq = &domain_of(xen)->pirqs[0];
        struct vcpu *v = pirq->dest_vcpu;
        uint64_t bit = 1ull << pirq->gvec % 64;
        v->processor->current = states[i].is_current ? v : &v->processor->idle_vcpu;
        v->vlapic_irr[pirq->gvec / 64].value = states[i].is_in_irr ? bit : 0;
        if (states[i].is_posted) {
            v->posted->descriptor.pir[pirq->gvec / 64].value = states[i].is_in_pir ? bit : 0;
            v->posted->descriptor.control.value |= states[i].is_on ? PI_ON : 0;
        }
        assert_int_equal(xen_awaits_exit(&fixture.machine, pirq->desc.source), states[i].awaits);
        model_close(&fixture);
    }
}

/* Of a vCPU that waits for its turn, while another one runs; its interrupt is injected, set in its LAPIC, or neither.
 */
static void check_delayed(uint32_t domain, uint32_t number)
{
    struct setup setup;
    struct model_fixture fixture;

    setup_init(&setup, "package:1 [numa] core:1 pu:1");
    setup.run = (struct run_setup){ .duration_ns = 1000000, .seed = 1, .policy = POLICY_TIMED };
    for (uint32_t guest = 0; guest < 2; guest++) {
        setup_guest(&setup, guest == 0 ? "a" : "b", 2)->load = GUEST_LOAD_COMPUTE;
        setup_device(&setup, guest == 0 ? "nic-a" : "nic-b", guest)->vectors = 3;
    }
    model_open(&fixture, &setup, "softirq-requeue");
    struct xen *xen = fixture.machine.hypervisor;
    struct pirq *pirq = &xen->domains[domain].pirqs[number];
    struct vcpu *v = pirq->dest_vcpu;
    struct vcpu *other = &xen->domains[1 - domain].vcpus[0];
    assert_false(xen_is_delayed(&fixture.machine, pirq->desc.source));
    v->vlapic_irr[pirq->gvec / 64].value = 1ull << pirq->gvec % 64;
    xen->cpus[0].curr = &xen->cpus[0].idle_vcpu;
    assert_false(xen_is_delayed(&fixture.machine, pirq->desc.source));
    xen->cpus[0].curr = other;
    assert_true(xen_is_delayed(&fixture.machine, pirq->desc.source));
    v->vlapic_irr[pirq->gvec / 64].value = 0;
    assert_false(xen_is_delayed(&fixture.machine, pirq->desc.source));
    v->guest.device = pirq->desc.source;
    assert_true(xen_is_delayed(&fixture.machine, pirq->desc.source));
    v->state = RUNSTATE_BLOCKED;
    assert_false(xen_is_delayed(&fixture.machine, pirq->desc.source));
    model_close(&fixture);
}

static void test_delayed(void **state)
{
    (void)state;
    for (uint32_t domain = 0; domain < 2; domain++)
        for (uint32_t number = 0; number < 3; number++)
            check_delayed(domain, number);
}

/* --- laws that each run checks at its end --- */

static void take_more(struct xen *xen) { xen->tasklet_counts.takes++; }
static void schedule_less(struct xen *xen) { xen->tasklet_counts.schedules--; }
static void exit_more(struct xen *xen) { xen->statistics.vmexits++; }
static void acquire_more(struct xen *xen) { xen->schedule_class->statistics.acquisitions++; }
static void contend_more(struct xen *xen) { xen->schedule_class->statistics.contended += 1 << 20; }
static void wait_more(struct xen *xen) { xen->schedule_class->statistics.wait_cycles++; }
static void run_longer(struct xen *xen) { domain_of(xen)->vcpus[0].spent.total[RUNSTATE_RUNNING]++; }
static void idle_longer(struct xen *xen) { xen->machine->cpus[0].category_cycles[CPU_IDLE]++; }

static void (*lawless)(struct xen *xen);

static void run_lawlessly(void *argument)
{
    struct setup setup;
    struct model_fixture fixture;
    struct metrics metrics;

    (void)argument;
    setup_init(&setup, "package:1 [numa] core:2 pu:1");
    setup.run = (struct run_setup){ .duration_ns = 1000000, .seed = 1, .policy = POLICY_TIMED };
    (void)setup_guest(&setup, "guest", 1);
    setup_device(&setup, "nic", 0)->vectors = 2;
    model_open(&fixture, &setup, "domain-tasklet");
    model_advance(&fixture, 1000000);
    if (lawless != NULL)
        lawless(fixture.machine.hypervisor);
    metrics_init(&metrics);
    check_context_set(&fixture.engine.context);
    fixture.design->family->metrics(&fixture.machine, &metrics);
}

static void test_laws(void **state)
{
    static const struct {
        void (*change)(struct xen *xen);
        const char *text;
    } laws[] = {
        { take_more, "counts->takes ==" },
        { schedule_less, "counts->takes ==" },
        { exit_more, "exits == xen->statistics.vmexits" },
        { acquire_more, "statistics->acquisitions ==" },
        { contend_more, "statistics->contended <=" },
        { wait_more, "statistics->wait_cycles ==" },
        { run_longer, "elapsed" },
        { idle_longer, "elapsed" },
    };
    char text[2048];

    (void)state;
    lawless = NULL;
    assert_int_equal(death_run(run_lawlessly, NULL, text, sizeof(text)), 0);
    for (size_t i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
        lawless = laws[i].change;
        assert_check_fails(run_lawlessly, NULL, laws[i].text);
    }
}

static void test_invariants(void **state)
{
    (void)state;
    for (changed = 0; changed < 3; changed++)
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
            check_row(&rows[i]);
    changed = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_invariants),
        cmocka_unit_test(test_laws),
        cmocka_unit_test(test_delayed),
        cmocka_unit_test(test_awaits_exit),
    };

    return cmocka_run_group_tests_name("xen_invariants", tests, NULL, NULL);
}
