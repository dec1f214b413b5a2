/* SPDX-License-Identifier: Apache-2.0
 *
 * The same device with messages: an edge, no shared line, and an EOI that has no effect on the host. Its interrupt
 * takes the path of the host's handler and the irqfd, or, with posted interrupts, goes from the IOMMU to the guest. In
 * KVM's own device assignment before VFIO (kvm-assigned) the handler leaves the injection to a work item on its CPU,
 * for which the vCPU's thread is switched out and in again. Left out of kvm-assigned: assigned_dev_lock. Source: Linux
 * 7.0, drivers/vfio/pci/vfio_pci_intrs.c, virt/kvm/eventfd.c; x86 posting: c112b5f50232; virt/kvm/assigned-dev.c before
 * 0645211c43df (2010), which replaced the work item by a threaded handler.
 */
#include "models/host/trace.h"
#include "models/vfio/vfio.h"

static void vfio_msihandler(struct cpu *cpu, void *argument)
{
    struct vfio_device *vdev = argument;

    host_trace_do_irq(cpu, vdev->msi_host_vector, &vdev->vector);
    cpu_spend_software(cpu, host_costs(cpu)->do_irq);
    if (vdev->irq_type != IRQ_TYPE_MSI)
        return;
    if (vdev->vfio->design->is_kvm_assigned)
        work_queue(cpu, worker_of(cpu), &vdev->assigned_inject);
    else
        eventfd_signal(cpu, &vdev->trigger_fd);
}

static void assigned_inject(struct cpu *cpu, struct work *work)
{
    const struct vfio_device *vdev = work->context;

    host_trace_for(cpu, &vdev->vector);
    cpu_spend_software(cpu, host_costs(cpu)->irqfd_inject);
    vcpu_interrupt(cpu, vdev->pin->vcpu, vdev->msi_vector);
}

void msi_boot(struct vfio_device *vdev)
{
    struct cpu *cpu = &vdev->vfio->machine->cpus[vdev->own->line % vdev->vfio->machine->cpu_count];

    vdev->msi_cpu = cpu;
    vdev->msi_host_vector = host_irq_add(vdev->vfio->host, cpu->id, vfio_msihandler, vdev);
    if (vdev->vfio->design->is_kvm_assigned)
        work_init(vdev->vfio->host, &vdev->assigned_inject, assigned_inject, vdev);
}

void vfio_msi_enable(struct vfio_device *vdev)
{
    vdev->irq_type = IRQ_TYPE_MSI;
    vdev->vector.wire = NULL;
    device_route(&vdev->vector, vdev->msi_cpu, vdev->msi_host_vector);
    if (!vfio_setup(vdev->vfio->setup)->posted || vdev->own->interrupt == DEVICE_INTERRUPT_TIMER)
        return;
    vdev->posting = (struct vcpu_posting){ vdev->pin->vcpu, vdev->msi_vector };
    vcpu_post_from(&vdev->vector, &vdev->posting);
}

void vfio_msi_disable(struct vfio_device *vdev)
{
    if (vdev->irq_type == IRQ_TYPE_MSI)
        vdev->irq_type = IRQ_TYPE_NONE;
}
