/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration cycles of the INTx path. The machine-wide pci_lock is held over them. Reading the status and writing
 * DisINTx takes one read and one write, which are the most expensive part of the handler. In an exploration the access
 * and the acquisition of the lock are one step: no other CPU writes the register under the lock, and whatever the
 * device does between a read and a write it could also do after the write. Source: pci_check_and_mask_intx,
 * pci_check_and_unmask_intx (Linux 7.0, drivers/pci).
 */
#include "models/vfio/vfio.h"

static void cycle(struct cpu *cpu, struct vfio_device *vdev, cycles cost)
{
    vdev->statistics.config_cycles++;
    cpu_spend(cpu, cost);
    cpu_settle(cpu);
}

/* The interrupt status bit of configuration space; that of a broken device always reads 0. */
static bool read_status(struct cpu *cpu, struct vfio_device *vdev)
{
    cycle(cpu, vdev, host_costs(cpu)->config_read);
    return vdev->source.status && vdev->own->intx != DEVICE_INTX_SILENT;
}

static void write_disintx(struct cpu *cpu, struct vfio_device *vdev, bool disintx)
{
    cycle(cpu, vdev, host_costs(cpu)->config_write);
    irq_source_disintx(&vdev->source, disintx);
}

bool pci_check_and_mask_intx(struct cpu *cpu, struct vfio_device *vdev)
{
    bool was_on = spin_lock_irqsave(cpu, &vdev->vfio->pci_lock);
    bool has_status = read_status(cpu, vdev);

    if (has_status)
        write_disintx(cpu, vdev, true);
    spin_unlock_irqrestore(cpu, &vdev->vfio->pci_lock, was_on);
    return has_status;
}

bool pci_check_and_unmask_intx(struct cpu *cpu, struct vfio_device *vdev)
{
    bool was_on = spin_lock_irqsave(cpu, &vdev->vfio->pci_lock);
    bool has_status = read_status(cpu, vdev);

    if (!has_status)
        write_disintx(cpu, vdev, false);
    spin_unlock_irqrestore(cpu, &vdev->vfio->pci_lock, was_on);
    return !has_status;
}

void pci_intx(struct cpu *cpu, struct vfio_device *vdev, bool is_enabled)
{
    bool was_on = spin_lock_irqsave(cpu, &vdev->vfio->pci_lock);

    cycle(cpu, vdev, host_costs(cpu)->config_read);
    if (vdev->source.disintx == is_enabled)
        write_disintx(cpu, vdev, !is_enabled);
    spin_unlock_irqrestore(cpu, &vdev->vfio->pci_lock, was_on);
}
