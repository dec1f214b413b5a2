/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an interrupt is that did not arrive, and whether it is lost: states of the Xen model, made by hand, each told
 * by the first place on the way to the guest's handler that has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/xen/posted/state.h"
#include "models/stuck.h"

static struct pirq *pirq_of(struct xen *xen) { return &xen->domains[0].pirqs[0]; }
static struct vcpu *vcpu_of(struct xen *xen) { return pirq_of(xen)->dest_vcpu; }

static void nothing(struct xen *xen) { (void)xen; }

/* --- at the vCPU --- */

static void be_in(struct xen *xen, enum runstate state) { vcpu_of(xen)->state = state; }

static void reach_irr(struct xen *xen)
{
    vcpu_of(xen)->vlapic_irr[pirq_of(xen)->gvec / 64].value |= 1ull << pirq_of(xen)->gvec % 64;
}

static void reach_irr_running(struct xen *xen)
{
    reach_irr(xen);
    be_in(xen, RUNSTATE_RUNNING);
}

static void reach_irr_preempted(struct xen *xen)
{
    reach_irr(xen);
    be_in(xen, RUNSTATE_RUNNABLE);
}

static void reach_irr_paused(struct xen *xen)
{
    reach_irr(xen);
    vcpu_of(xen)->pause_flags.value |= 1ull << 40;
}

static void reach_irr_offline(struct xen *xen)
{
    reach_irr(xen);
    be_in(xen, RUNSTATE_OFFLINE);
}

static void handle(struct xen *xen) { vcpu_of(xen)->guest.device = pirq_of(xen)->desc.source; }

static void handle_running(struct xen *xen)
{
    handle(xen);
    be_in(xen, RUNSTATE_RUNNING);
}

static void handle_preempted(struct xen *xen)
{
    handle(xen);
    be_in(xen, RUNSTATE_RUNNABLE);
}

static void send_event(struct xen *xen) { pirq_of(xen)->desc.source->is_event = true; }

static void send_event_running(struct xen *xen)
{
    send_event(xen);
    be_in(xen, RUNSTATE_RUNNING);
}

/* Another vCPU, and another vector. */
static void reach_irr_of_another(struct xen *xen)
{
    struct vcpu *other = &xen->domains[0].vcpus[1 - vcpu_of(xen)->id];

    other->vlapic_irr[pirq_of(xen)->gvec / 64].value = 1ull << pirq_of(xen)->gvec % 64;
    other->vector_pirq[pirq_of(xen)->gvec] = NULL;
}

static void reach_irr_of_known(struct xen *xen)
{
    struct vcpu *other = &xen->domains[0].vcpus[1 - vcpu_of(xen)->id];

    reach_irr_of_another(xen);
    other->vector_pirq[pirq_of(xen)->gvec] = pirq_of(xen);
}

/* --- in Xen --- */

static void be_delivered(struct xen *xen) { pirq_of(xen)->state.value = DPCI_STATE_RUN; }
static void be_scheduled(struct xen *xen) { pirq_of(xen)->state.value = DPCI_STATE_SCHED; }
static void be_masked(struct xen *xen) { pirq_of(xen)->masked.value = 1; }

static void be_listed(struct xen *xen)
{
    be_masked(xen);
    list_add_tail(&pirq_of(xen)->softirq_link, &xen->cpus[0].dpci_list);
}

static void be_tasklet(struct xen *xen)
{
    be_masked(xen);
    list_add_tail(&pirq_of(xen)->tasklet.link, &xen->cpus[1].softirq_tasklets);
}

static void be_tasklet_of_domain(struct xen *xen)
{
    be_masked(xen);
    list_add_tail(&xen->domains[0].dirq_tasklet.link, &xen->cpus[1].softirq_tasklets);
}

static void be_tasklet_without_mask(struct xen *xen)
{
    list_add_tail(&pirq_of(xen)->tasklet.link, &xen->cpus[1].softirq_tasklets);
}

static void hold_desc(struct xen *xen) { pirq_of(xen)->desc.lock.holder = 0; }
static void hold_event(struct xen *xen) { xen->domains[0].event_lock.holder = 0; }

/* --- at the host's LAPIC --- */

static struct lapic *lapic_of(struct xen *xen) { return &pirq_of(xen)->desc.source->target->lapic; }

static void reach_lapic(struct xen *xen)
{
    const struct device_vector *source = pirq_of(xen)->desc.source;

    lapic_of(xen)->irr[source->vector / 64] |= 1ull << source->vector % 64;
}

static void reach_service(struct xen *xen)
{
    const struct device_vector *source = pirq_of(xen)->desc.source;

    lapic_of(xen)->isr[source->vector / 64] |= 1ull << source->vector % 64;
}

static void be_in_queue(struct xen *xen, enum cpu_category category)
{
    be_listed(xen);
    xen->cpus[0].cpu->category = category;
}

static void rest_in_queue(struct xen *xen) { be_in_queue(xen, CPU_IDLE); }
static void work_in_queue(struct xen *xen) { be_in_queue(xen, CPU_HYPERVISOR); }

static void rest_with_interrupt(struct xen *xen)
{
    rest_in_queue(xen);
    xen->cpus[0].cpu->lapic.irr_count = 1;
}

static void rest_with_flight(struct xen *xen)
{
    rest_in_queue(xen);
    xen->cpus[0].cpu->lapic.flight_count = 1;
}

static const struct {
    void (*change)(struct xen *xen);
    bool is_lost, is_lost_at_the_end;
    const char *place;
} rows[] = {
    { nothing, true, true, "nowhere" },
    { reach_irr, false, true, "in the virtual IRR of a blocked vCPU" },
    { reach_irr_paused, false, false, "in the virtual IRR of a blocked vCPU" },
    { reach_irr_running, false, false, "in the virtual IRR of a running vCPU" },
    { reach_irr_preempted, false, false, "in the virtual IRR of a preempted vCPU" },
    { reach_irr_offline, false, false, "in the virtual IRR of a paused vCPU" },
    { reach_irr_of_another, true, true, "nowhere" },
    { reach_irr_of_known, false, true, "in the virtual IRR of a blocked vCPU" },
    { handle, false, false, "in the handler of a blocked vCPU" },
    { handle_running, false, false, "in the handler of a running vCPU" },
    { handle_preempted, false, false, "in the handler of a preempted vCPU" },
    { send_event, false, true, "an event that a blocked vCPU has not taken" },
    { send_event_running, false, false, "an event that a running vCPU has not taken" },
    { be_delivered, false, false, "being delivered by a pCPU" },
    { be_scheduled, false, false, "in the dPCI list of a pCPU" },
    { rest_in_queue, false, true, "in the dPCI list of a pCPU" },
    { work_in_queue, false, false, "in the dPCI list of a pCPU" },
    { rest_with_interrupt, false, false, "in the dPCI list of a pCPU" },
    { rest_with_flight, false, false, "in the dPCI list of a pCPU" },
    { be_tasklet, false, true, "in a list of tasklets" },
    { be_tasklet_of_domain, false, true, "in a list of tasklets" },
    { be_tasklet_without_mask, true, true, "nowhere" },
    { be_masked, false, false, "in Xen, with `masked` set" },
    { hold_desc, false, false, "with the holder of its desc->lock" },
    { hold_event, false, false, "with the holder of its guest's event_lock" },
    { reach_lapic, false, false, "in the IRR of a pCPU's LAPIC" },
    { reach_service, false, false, "in service in a pCPU's LAPIC" },
};

/* --- of posted interrupts --- */

static void reach_pir(struct xen *xen)
{
    vcpu_of(xen)->posted->descriptor.pir[pirq_of(xen)->gvec / 64].value |= 1ull << pirq_of(xen)->gvec % 64;
}

static void reach_pir_running(struct xen *xen)
{
    reach_pir(xen);
    be_in(xen, RUNSTATE_RUNNING);
}

static void reach_pir_with_on(struct xen *xen)
{
    reach_pir_running(xen);
    vcpu_of(xen)->posted->descriptor.control.value |= PI_ON;
}

static void reach_both(struct xen *xen)
{
    reach_pir_running(xen);
    reach_irr(xen);
}

static const struct {
    void (*change)(struct xen *xen);
    bool is_lost_at_the_end;
    const char *place;
} posted_rows[] = {
    { reach_pir, true, "in the PIR of a blocked vCPU" },
    { reach_pir_running, true, "in the PIR of a running vCPU" },
    { reach_pir_with_on, false, "in the PIR of a running vCPU" },
    { reach_both, false, "in the virtual IRR of a running vCPU" },
};

/* --- on a line --- */

static void raise_wire(struct xen *xen) { (void)xen; }
static void mask_wire(struct xen *xen) { pirq_of(xen)->desc.pin->is_masked = true; }

static void raise_guest_line(struct xen *xen)
{
    pirq_of(xen)->is_asserted = true;
    mask_wire(xen);
}

static void mask_guest_line(struct xen *xen)
{
    raise_guest_line(xen);
    pirq_of(xen)->line->is_masked = true;
}

static const struct {
    void (*change)(struct xen *xen);
    const char *place;
} line_rows[] = {
    { raise_wire, "on its line, which is asserted" },
    { mask_wire, "on its line, masked until the guest's EOI" },
    { raise_guest_line, "on its guest's line, not acknowledged" },
    { mask_guest_line, "on its guest's line, which is masked" },
    { reach_irr, "in the virtual IRR of a blocked vCPU" },
};

static void check(void (*change)(struct xen *xen), enum device_binding binding, bool is_posted, bool is_over,
                  bool is_lost, const char *place)
{
    static struct setup setup;
    struct model_fixture fixture;

    setup_init(&setup, "package:1 [numa] core:2 pu:1");
    setup.run = (struct run_setup){ .duration_ns = 1000000, .seed = 1, .policy = POLICY_TIMED };
    own_xen(&setup)->posted = is_posted;
    setup_guest(&setup, "guest", 2)->load = GUEST_LOAD_HALT;
    own_xen_device(setup_device(&setup, "nic", 0))->binding = binding;
    model_open(&fixture, &setup, "softirq-requeue");
    struct xen *xen = fixture.machine.hypervisor;
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        xen->cpus[id].cpu->category = CPU_IDLE;
    change(xen);
    xen->vectors[0].outstanding = 1;
    xen->devices[0].statistics.raised = 1;
    stuck_check(&fixture, is_over, 1, is_lost, place);
    model_close(&fixture);
}

static void each_state_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        check(rows[i].change, DEVICE_BINDING_MSI, false, false, rows[i].is_lost, rows[i].place);
        check(rows[i].change, DEVICE_BINDING_MSI, false, true, rows[i].is_lost_at_the_end, rows[i].place);
    }
}

static void posted_interrupts_have_their_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(posted_rows) / sizeof(*posted_rows); i++) {
        check(posted_rows[i].change, DEVICE_BINDING_MSI, true, false, false, posted_rows[i].place);
        check(posted_rows[i].change, DEVICE_BINDING_MSI, true, true, posted_rows[i].is_lost_at_the_end,
              posted_rows[i].place);
    }
}

/* A level stays until its cause is cleared: it is never lost. */
static void levels_have_their_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(line_rows) / sizeof(*line_rows); i++)
        for (int is_over = 0; is_over < 2; is_over++)
            check(line_rows[i].change, DEVICE_BINDING_INTX, false, is_over, false, line_rows[i].place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_place),
        cmocka_unit_test(posted_interrupts_have_their_places),
        cmocka_unit_test(levels_have_their_places),
    };

    return cmocka_run_group_tests_name("places of the Xen model", tests, NULL, NULL);
}
