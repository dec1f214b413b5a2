/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario asks for of VFIO alone.
 */
#ifndef MODELS_VFIO_SETUP_H
#define MODELS_VFIO_SETUP_H

#include "machine/devices/irq_chip.h"
#include "models/family/setup.h"
#include "models/host/costs.h"

/* Who emulates the guest's interrupt controllers, and how a device's interrupt gets there. */
enum irqchip_kind {
    IRQCHIP_KERNEL,    /* both in KVM; irqfd with a resampling one */
    IRQCHIP_SPLIT,     /* local APICs in KVM, I/O APIC in QEMU; irqfd, EOIs end in QEMU */
    IRQCHIP_USERSPACE, /* QEMU's main loop reads the eventfd; every register access is taken for an EOI */
};

/* vfio-direct-eoi: whose physical interrupt the guest may deactivate. */
enum admission_policy {
    ADMISSION_SHARED_FALLBACK,   /* a device alone on its line, and only while it is */
    ADMISSION_EXCLUSIVE_OR_FAIL, /* a device with exclusive use of its line; others are refused it */
    ADMISSION_FIRST_COME,        /* the device that asks while no other has it, on a shared line, too */
};

/* The one fix that this Linux does not have yet. */
enum vfio_revert {
    VFIO_REVERT_NONE,
    VFIO_REVERT_DOUBLE_RELEASE, /* b68e7fa879cd */
    VFIO_REVERT_VIRQ_DISABLED,  /* 899649b7d4ea */
    VFIO_REVERT_AUTO_ENABLE,    /* fe9a7082684e */
    VFIO_REVERT_CONFIG_GATE,    /* 810cd4bb5345 */
    VFIO_REVERT_TRIGGER_SWAP,   /* b620ecbd17a0, 18c198c96a81 */
    VFIO_REVERT_UNLAZY,         /* "Fix INTx handling on legacy non-PCI 2.3 devices", Linux 6.18 */
    VFIO_REVERT_ONESHOT,        /* fef8f2b90edb */
    VFIO_REVERT_EOI_BRAKE,      /* 184564efae4d, 958a01dab8 */
    VFIO_REVERT_DEACTIVATE,     /* of direct EOI: nobody deactivates for a guest that goes away */
};

struct vfio_setup {
    struct host_costs costs; /* first: models/host reads them there */
    bool posted;
    enum irqchip_kind irqchip;
    enum irq_sampling sampling; /* of the host's interrupt chip */
    enum admission_policy admission;
    enum vfio_revert revert;
};

struct vfio_guest_setup {
    uint64_t descheduled_ns;       /* how long its vCPUs lose their pCPU to another thread, */
    uint64_t descheduled_every_ns; /* and how often; 0 = never */
};

enum device_interrupt {
    DEVICE_INTERRUPT_INTX,
    DEVICE_INTERRUPT_MSI,
    DEVICE_INTERRUPT_TIMER,        /* no device: the timer of a vCPU's local APIC, emulated, */
    DEVICE_INTERRUPT_DIRECT_TIMER, /* or its pCPU's own */
    DEVICE_INTERRUPT_OFF,
};

/* What the device's INTx can do. */
enum device_intx {
    DEVICE_INTX_PCI_2_3, /* a status bit that tells, and DisINTx */
    DEVICE_INTX_LEGACY,  /* neither */
    DEVICE_INTX_SILENT,  /* broken: asserts, and its status bit reads 0 */
};

/* The order of things in the driver's interrupt handler. */
enum device_isr {
    DEVICE_ISR_NORMAL,    /* clears the cause, EOIs, works */
    DEVICE_ISR_EARLY_EOI, /* EOIs; the cause is cleared later, by a task */
    DEVICE_ISR_ONESHOT,   /* masks the pin and EOIs; a thread clears the cause and unmasks */
    DEVICE_ISR_NO_EOI,    /* clears the cause and never EOIs */
    DEVICE_ISR_TASK,      /* wakes a task, whose first instruction counts as the handler's */
};

struct vfio_device_setup {
    enum device_interrupt interrupt;
    enum device_intx intx;
    enum device_isr isr;
    uint32_t line;      /* devices with the same number share a wire */
    uint32_t registers; /* accesses of device registers by the guest's handler */
};

/* Indices into vfio_actions. */
enum vfio_action {
    VFIO_ACTION_UNBIND,
    VFIO_ACTION_BIND,
    VFIO_ACTION_DESTROY,
    VFIO_ACTION_BOOT,         /* a guest's devices get their INTx, as when its firmware or kernel starts them */
    VFIO_ACTION_PAUSE,        /* a guest's vCPUs stop, */
    VFIO_ACTION_RESUME,       /* and go on */
    VFIO_ACTION_MSI,          /* the guest's driver switches from INTx to MSI, */
    VFIO_ACTION_INTX,         /* and back */
    VFIO_ACTION_MASK,         /* VFIO_DEVICE_SET_IRQS: mask, */
    VFIO_ACTION_UNMASK,       /* unmask, */
    VFIO_ACTION_TRIGGER_DROP, /* no trigger eventfd any more, */
    VFIO_ACTION_TRIGGER_SET,  /* and one again */
    VFIO_ACTION_UNMASK_DROP,  /* no unmask irqfd any more */
    VFIO_ACTION_UNMASK_CLOSE, /* its eventfd is closed */
    VFIO_ACTION_DISINTX_SET,  /* the guest writes DisINTx of the command register */
    VFIO_ACTION_DISINTX_CLEAR,
    VFIO_ACTION_COUNT,
};

SETUP_OWN_FITS(struct vfio_setup, SETUP_OWN_BYTES);
SETUP_OWN_FITS(struct vfio_guest_setup, SETUP_GUEST_OWN_BYTES);
SETUP_OWN_FITS(struct vfio_device_setup, SETUP_DEVICE_OWN_BYTES);

static inline const struct vfio_setup *vfio_setup(const struct setup *setup) { return (const void *)setup->own; }

static inline const struct vfio_guest_setup *vfio_guest_setup(const struct guest_setup *guest)
{
    return (const void *)guest->own;
}

static inline const struct vfio_device_setup *vfio_device_setup(const struct device_setup *device)
{
    return (const void *)device->own;
}

#endif
