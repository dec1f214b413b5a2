/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an interrupt is that did not arrive, and whether it is lost: states of the VFIO model, made by hand, each told
 * by the first place on the way to the guest's handler that has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/vfio/vfio.h"
#include "models/stuck.h"

static struct vfio_device *device_of(struct vfio *vfio) { return &vfio->devices[0]; }
static struct kvm_pin *pin_of(struct vfio *vfio) { return device_of(vfio)->pin; }
static struct irq_desc *line_of(struct vfio *vfio) { return device_of(vfio)->desc; }

static void nothing(struct vfio *vfio) { (void)vfio; }

/* --- at the guest --- */

static void reach_irr(struct vfio *vfio) { pin_of(vfio)->vcpu->irr.value = 1ull << pin_of(vfio)->vector; }
static void be_injected(struct vfio *vfio) { pin_of(vfio)->vcpu->injected = pin_of(vfio)->vector + 1; }

static void reach_dead(struct vfio *vfio)
{
    reach_irr(vfio);
    vfio->guests[0].is_dead = true;
}

static void reach_paused(struct vfio *vfio)
{
    reach_irr(vfio);
    vfio->guests[0].is_paused = true;
}

static void reach_blocked(struct vfio *vfio)
{
    reach_irr(vfio);
    pin_of(vfio)->vcpu->mode.value = VCPU_BLOCKED;
}

static void run(struct vfio *vfio, bool irq_on)
{
    reach_irr(vfio);
    pin_of(vfio)->vcpu->mode.value = VCPU_IN_GUEST;
    pin_of(vfio)->vcpu->thread.state = THREAD_RUNNING;
    pin_of(vfio)->vcpu->irq_on = irq_on;
}

static void reach_running(struct vfio *vfio) { run(vfio, true); }
static void reach_masked(struct vfio *vfio) { run(vfio, false); }

static void reach_preempted(struct vfio *vfio)
{
    run(vfio, true);
    pin_of(vfio)->vcpu->thread.state = THREAD_RUNNABLE;
}

static void leave_to_task(struct vfio *vfio) { pin_of(vfio)->has_task = true; }
static void await_eoi(struct vfio *vfio) { pin_of(vfio)->remote_irr = true; }

static void mask_pin(struct vfio *vfio)
{
    pin_of(vfio)->irr = true;
    pin_of(vfio)->is_masked = true;
}

static void leave_pin_unmasked(struct vfio *vfio) { pin_of(vfio)->irr = true; }
static void leave_pin_idle(struct vfio *vfio) { pin_of(vfio)->is_masked = true; }

/* --- at the host --- */

static void signal_trigger(struct vfio *vfio) { device_of(vfio)->trigger_fd.count = 1; }
static void queue_inject(struct vfio *vfio) { device_of(vfio)->irqfd_inject.pending.value = 1; }
static void reach_qemu(struct vfio *vfio) { device_of(vfio)->is_pending = true; }
static void mask_context(struct vfio *vfio) { device_of(vfio)->masked = true; }
static void assert_line(struct vfio *vfio) { device_of(vfio)->source.status = true; }

static void set_disintx(struct vfio *vfio)
{
    assert_line(vfio);
    device_of(vfio)->source.disintx = true;
}

static void kill_line(struct vfio *vfio)
{
    assert_line(vfio);
    line_of(vfio)->is_killed = true;
}

static void mask_line(struct vfio *vfio)
{
    assert_line(vfio);
    line_of(vfio)->pin.is_masked = true;
}

static void mask_line_locked(struct vfio *vfio)
{
    mask_line(vfio);
    line_of(vfio)->lock.holder = 0;
}

static void mask_line_under_irqlock(struct vfio *vfio)
{
    mask_line(vfio);
    device_of(vfio)->irqlock.holder = 0;
}

static void mask_line_of_context(struct vfio *vfio)
{
    mask_line(vfio);
    device_of(vfio)->masked = true;
}

static void mask_line_of_guest(struct vfio *vfio)
{
    mask_line(vfio);
    device_of(vfio)->virq_disabled = true;
}

static void mask_line_of_messages(struct vfio *vfio)
{
    mask_line(vfio);
    device_of(vfio)->irq_type = IRQ_TYPE_NONE;
}

static void kill_masked_line(struct vfio *vfio)
{
    mask_line(vfio);
    line_of(vfio)->is_killed = true;
}

static void serve_line(struct vfio *vfio)
{
    assert_line(vfio);
    line_of(vfio)->pin.is_in_service = true;
}

static void spend_edge(struct vfio *vfio)
{
    assert_line(vfio);
    line_of(vfio)->pin.sampling = IRQ_SAMPLING_EDGE;
    line_of(vfio)->pin.is_high = true;
}

static void have_edge(struct vfio *vfio)
{
    spend_edge(vfio);
    line_of(vfio)->pin.has_edge = true;
}

static void resample_edge(struct vfio *vfio)
{
    spend_edge(vfio);
    line_of(vfio)->pin.is_resampling = true;
}

static void be_low(struct vfio *vfio)
{
    spend_edge(vfio);
    line_of(vfio)->pin.is_high = false;
}

/* Several at once: who is nearest to the handler. */
static void be_everywhere(struct vfio *vfio)
{
    reach_blocked(vfio);
    leave_to_task(vfio);
    await_eoi(vfio);
    signal_trigger(vfio);
    assert_line(vfio);
}

static void be_at_pin_and_line(struct vfio *vfio)
{
    await_eoi(vfio);
    reach_qemu(vfio);
    mask_context(vfio);
}

static const struct {
    void (*change)(struct vfio *vfio);
    bool is_lost;
    const char *place;
} rows[] = {
    { nothing, false, "in code that is running" },
    { be_injected, false, "in the virtual IRR of a preempted vCPU" },
    { reach_dead, false, "in the virtual IRR of a dead guest" },
    { reach_paused, false, "in the virtual IRR of a paused guest" },
    { reach_blocked, false, "in the virtual IRR of a blocked vCPU" },
    { reach_preempted, false, "in the virtual IRR of a preempted vCPU" },
    { reach_running, false, "in the virtual IRR of a running vCPU" },
    { reach_masked, false, "in the virtual IRR of a running vCPU with interrupts off" },
    { leave_to_task, false, "with a task of its guest's driver" },
    { await_eoi, false, "at its virtual pin, which awaits the guest's EOI" },
    { mask_pin, false, "at its virtual pin, which the guest has masked" },
    { leave_pin_unmasked, false, "in code that is running" },
    { leave_pin_idle, false, "in code that is running" },
    { signal_trigger, false, "in its trigger eventfd" },
    { queue_inject, false, "in KVM's work queue" },
    { reach_qemu, false, "with QEMU, until it takes a register access for an EOI" },
    { mask_context, false, "at its line, which VFIO has masked until the guest's EOI" },
    { assert_line, false, "on its line, which is asserted" },
    { set_disintx, true, "in the device, whose DisINTx is set" },
    { kill_line, false, "on its line, which the kernel has disabled because nobody handled it" },
    { mask_line, true, "on its line, which is masked" },
    { mask_line_locked, false, "on its line, which is masked" },
    { mask_line_under_irqlock, false, "on its line, which is masked" },
    { mask_line_of_context, false, "at its line, which VFIO has masked until the guest's EOI" },
    { mask_line_of_guest, false, "on its line, which is masked" },
    { mask_line_of_messages, false, "on its line, which is masked" },
    { kill_masked_line, false, "on its line, which the kernel has disabled because nobody handled it" },
    { serve_line, false, "on its line, whose service has not ended" },
    { spend_edge, true, "on its line, which is asserted" },
    { have_edge, false, "on its line, which is asserted" },
    { resample_edge, false, "on its line, which is asserted" },
    { be_low, false, "on its line, which is asserted" },
    { be_everywhere, false, "in the virtual IRR of a blocked vCPU" },
    { be_at_pin_and_line, false, "at its virtual pin, which awaits the guest's EOI" },
};

static void check_row(size_t index)
{
    static struct setup setup;
    struct model_fixture fixture;

    setup_init_plain(&setup, "package:1 [numa] core:2 pu:1");
    (void)setup_guest(&setup, "a", 1);
    (void)setup_device(&setup, "dev", 0);
    model_open(&fixture, &setup, "vfio-automask");
    struct vfio *vfio = ((struct host *)fixture.machine.hypervisor)->model;
    rows[index].change(vfio);
    vfio->devices[0].vector.outstanding = 2;
    vfio->kinds[0].statistics.raised = 2;
    stuck_check(&fixture, true, 2, rows[index].is_lost, rows[index].place);
    model_close(&fixture);
}

static void each_state_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_state_has_its_place) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
