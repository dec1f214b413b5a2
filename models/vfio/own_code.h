/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of Linux in place of intx.c, virqfd.c and kvm.c's irqfd: vfio_pci_intrs.c, virqfd.c, virt/kvm/eventfd.c and
 * what they rest on, built by `irqpath build --linux`. The kernel's objects lie in the code's heap; those of struct
 * vfio_device that they replace stay unused, except `masked`, `irq_type` and `has_ctx`, which follow the kernel's when
 * a call ends. Messages, and the split and userspace irqchips, remain built in.
 */
#ifndef VFIO_OWN_CODE_H
#define VFIO_OWN_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/vfio/vfio.h"

struct code_import;

/* Engine slots that the code needs for its workers. */
uint32_t own_slots(const struct setup *setup);
/* Workers of a CPU's pool: with the code one for each irqfd, whose release sleeps, and one more. */
uint32_t own_pool_workers(const struct setup *setup);

/* Tables of what the model implements for the code; ends with NULL. */
extern const struct code_import *const own_import_tables[];

/* Loads setup->code, before the devices boot; does nothing without. */
void own_boot(struct vfio *vfio);
/* After the devices have booted: sets aside what the code will need while time passes. */
void own_boot_end(struct vfio *vfio);

static inline bool own_has(const struct vfio_device *vdev) { return vdev->kernel_vdev != NULL; }

/* At boot, a device of a guest: makes the kernel's. */
void own_device_boot(struct vfio_device *vdev);
/* At boot, without passing time: enables INTx, with its irqfds. Returns false when the line is in use. */
bool own_enable_at_boot(struct vfio_device *vdev);

/* The calls of intx.c and virqfd.c, which include the mutexes. */
bool own_enable(struct cpu *cpu, struct vfio_device *vdev);
void own_disable(struct cpu *cpu, struct vfio_device *vdev);
void own_mask(struct cpu *cpu, struct vfio_device *vdev);
void own_unmask(struct cpu *cpu, struct vfio_device *vdev);
void own_set_trigger(struct cpu *cpu, struct vfio_device *vdev, bool has_trigger);
void own_config_disintx(struct cpu *cpu, struct vfio_device *vdev, bool disintx);
void own_unmask_close(struct cpu *cpu, struct vfio_device *vdev);
void own_unmask_drop(struct cpu *cpu, struct vfio_device *vdev);
/* The guest's EOI: de-asserts the pin and signals its resample eventfds. */
void own_acked(struct cpu *cpu, struct kvm_pin *pin);

/* Without steps; of the model's device when there is no code. */
bool vfio_is_masked(const struct vfio_device *vdev);
const struct lock *vfio_irqlock(const struct vfio_device *vdev);
bool vfio_is_gate_free(const struct vfio_device *vdev);

#endif
