/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a setup that only VFIO reads.
 */
#ifndef MODELS_VFIO_SETUP_H
#define MODELS_VFIO_SETUP_H

#include "machine/devices/irq_chip.h"
#include "models/family/setup.h"
#include "models/host/costs.h"

/* Where the guest's interrupt controllers are emulated, and how a device's interrupt reaches them. */
enum irqchip_kind {
    IRQCHIP_KERNEL,    /* both in KVM; irqfd with resampling */
    IRQCHIP_SPLIT,     /* local APICs in KVM, I/O APIC in QEMU; irqfd; EOIs exit to QEMU */
    IRQCHIP_USERSPACE, /* QEMU's main loop reads the eventfd; every register access is taken for an EOI */
};

/* vfio-direct-eoi: which devices' physical interrupts the guest may deactivate. */
enum admission_policy {
    ADMISSION_SHARED_FALLBACK,   /* a device while it is alone on its line */
    ADMISSION_EXCLUSIVE_OR_FAIL, /* every device, with exclusive use of its line; other requests fail */
    ADMISSION_FIRST_COME,        /* the first device that asks, on a shared line too */
};

/* Split irqchip: which of a pin's resample eventfds QEMU signals at an EOI, and which entry it removes for a device. */
enum resample_kind {
    RESAMPLE_FIRST, /* the entry added last; QEMU does this */
    RESAMPLE_ALL,   /* all entries; the device's own. Not in QEMU */
};

/* A fix whose code before the fix is modelled. */
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
    VFIO_REVERT_DEACTIVATE,     /* direct EOI: the interrupt of a guest that goes away is not deactivated */
};

struct vfio_setup {
    struct host_costs costs; /* first member, as models/host requires */
    bool posted;
    enum irqchip_kind irqchip;
    enum resample_kind resample;
    enum irq_sampling sampling; /* of the host's interrupt chip */
    enum admission_policy admission;
    enum vfio_revert revert;
};

/* Whether HLT causes an exit, or the pCPU halts in guest mode. */
enum guest_hlt { GUEST_HLT_EXITS, GUEST_HLT_STAYS };

struct vfio_guest_setup {
    uint64_t descheduled_ns;       /* length of each period in which a vCPU loses its pCPU to another thread, */
    uint64_t descheduled_every_ns; /* and mean time between these periods; 0: never */
    uint32_t irqs_off_permille;    /* share of the computing guest's time with its interrupts off */
    uint64_t irqs_off_ns;          /* length of each such section */
    uint32_t hlt;                  /* enum guest_hlt */
};

enum device_interrupt {
    DEVICE_INTERRUPT_INTX,
    DEVICE_INTERRUPT_MSI,
    DEVICE_INTERRUPT_TIMER,        /* no device: the emulated timer of a vCPU's local APIC */
    DEVICE_INTERRUPT_DIRECT_TIMER, /* no device: the timer of the vCPU's pCPU */
    DEVICE_INTERRUPT_OFF,
};

/* What the device's INTx supports. */
enum device_intx {
    DEVICE_INTX_PCI_2_3, /* an interrupt status bit, and DisINTx */
    DEVICE_INTX_LEGACY,  /* neither */
    DEVICE_INTX_SILENT,  /* broken: its status bit reads 0 while it asserts */
};

/* The order of operations in the driver's interrupt handler. */
enum device_isr {
    DEVICE_ISR_NORMAL,    /* clears the cause, sends the EOI, works */
    DEVICE_ISR_EARLY_EOI, /* sends the EOI; a task clears the cause later */
    DEVICE_ISR_ONESHOT,   /* masks the pin and sends the EOI; a thread clears the cause and unmasks */
    DEVICE_ISR_NO_EOI,    /* clears the cause and never sends an EOI */
    DEVICE_ISR_TASK,      /* wakes a task; the handling counts from the task's first instruction */
};

struct vfio_device_setup {
    enum device_interrupt interrupt;
    enum device_intx intx;
    enum device_isr isr;
    uint32_t line;      /* devices with the same number share a line */
    uint32_t registers; /* accesses of device registers by the guest's handler */
};

/* Indices into vfio_actions. */
enum vfio_action {
    VFIO_ACTION_UNBIND,
    VFIO_ACTION_BIND,
    VFIO_ACTION_DESTROY,
    VFIO_ACTION_BOOT,         /* a guest's devices get their INTx, as at its boot */
    VFIO_ACTION_PAUSE,        /* stops a guest's vCPUs */
    VFIO_ACTION_RESUME,       /* resumes them */
    VFIO_ACTION_MSI,          /* the guest's driver switches from INTx to MSI */
    VFIO_ACTION_INTX,         /* the guest's driver switches to INTx */
    VFIO_ACTION_MASK,         /* VFIO_DEVICE_SET_IRQS: masks INTx */
    VFIO_ACTION_UNMASK,       /* VFIO_DEVICE_SET_IRQS: unmasks INTx */
    VFIO_ACTION_TRIGGER_DROP, /* removes the trigger eventfd */
    VFIO_ACTION_TRIGGER_SET,  /* sets a trigger eventfd */
    VFIO_ACTION_UNMASK_DROP,  /* removes the unmask irqfd */
    VFIO_ACTION_UNMASK_CLOSE, /* closes the eventfd of the unmask irqfd */
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
