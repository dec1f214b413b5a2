/* SPDX-License-Identifier: Apache-2.0
 *
 * The timer of a vCPU's local APIC, as a device. KVM emulates it with a host timer on the vCPU's pCPU, whose interrupt
 * injects the virtual one; arming it is a VM exit. A direct timer is the pCPU's own, given to the vCPU (DID, VEE 2015):
 * it is armed without an exit, and its interrupt takes the path of a posted interrupt. Left out: that a timer must be
 * armed to expire (it expires at the scenario's arrivals, and each expiry arms it once), the VMX preemption timer,
 * timers of other vCPUs than the first. Source: Linux arch/x86/kvm/lapic.c; costs: kvm-unit-tests cfbd129c (an hrtimer
 * instead of a preemption timer).
 */
#include "models/host/trace.h"
#include "models/vfio/vfio.h"

static void apic_timer_fn(struct cpu *cpu, void *argument)
{
    struct vfio_device *vdev = argument;

    host_trace_do_irq(cpu, vdev->msi_host_vector, &vdev->vector);
    cpu_spend_software(cpu, host_costs(cpu)->do_irq);
    cpu_spend_software(cpu, host_costs(cpu)->timer_softirq);
    if (vdev->irq_type == IRQ_TYPE_MSI)
        vcpu_interrupt(step(cpu, "timer"), vdev->pin->vcpu, vdev->msi_vector);
}

void apic_timer_boot(struct vfio_device *vdev)
{
    vdev->vector.is_local = true;
    vdev->msi_cpu = vdev->pin->vcpu->thread.on->cpu;
    vdev->msi_host_vector = host_irq_add(vdev->vfio->host, vdev->msi_cpu->id, apic_timer_fn, vdev);
}

/* The guest's handler: runs the expired timer and arms the next one. */
void apic_timer_expire(struct cpu *cpu, struct vcpu *vcpu, const struct vfio_device *vdev)
{
    vcpu_compute(cpu, vcpu, host_costs(cpu)->timer_softirq);
    if (vdev->own->interrupt == DEVICE_INTERRUPT_DIRECT_TIMER) {
        vcpu_compute(cpu, vcpu, cpu->costs->timer_program);
        return;
    }
    vcpu_border(cpu, vcpu);
    cpu_step_end(cpu);
    vcpu_exit(step(cpu, "arm"), vcpu, VM_EXIT_MSR_WRITE);
    cpu_spend_software(cpu, cpu->costs->timer_program);
    vcpu_enter(cpu, vcpu);
}
