/* SPDX-License-Identifier: Apache-2.0
 *
 * Costs of the software of a Linux host that runs QEMU.
 */
#ifndef MODELS_HOST_COSTS_H
#define MODELS_HOST_COSTS_H

#include "models/family/family.h"

/* Mean cycles, without lock waits and cache-line transfers, which the models add. Values: scenarios/costs/host/. */
struct host_costs {
    uint64_t software_cv_permille; /* lognormal coefficient of variation of the paths below, in 1/1000 */
    cycles do_irq;                 /* entry code of the interrupt and handle_irq's work around the handlers */
    cycles wake;                   /* the waker's part of a wake-up, without the IPI */
    cycles context_switch;         /* from one thread to another */
    cycles syscall;                /* into the kernel and back */
    cycles userspace;              /* from KVM_RUN to QEMU and back */
    cycles main_loop;              /* from the return of ppoll to a handler */
    cycles eventfd_signal;         /* without the work of its waiters */
    cycles irqfd_inject;           /* from an irqfd's wake-up to the injection's memory accesses */
    cycles workqueue;              /* from the switch to the worker to the item's function */
    cycles config_read;            /* of a PCI device's configuration space */
    cycles config_write;           /* posted */
    cycles mmio_read;              /* of a device's register, by host or guest */
    cycles mmio_write;             /* posted */
    cycles chip_access;            /* masking or unmasking a pin of the host's interrupt chip */
    cycles deactivate;             /* of a virtual interrupt by its guest, in hardware */
    cycles io_submit;              /* the thread's part of an I/O, from its preparation to its result */
    cycles io_complete;            /* the interrupt handler's part of an I/O */
    uint32_t irq_once;     /* percent of do_irq spent once for each interrupt; the rest is spent for each handler */
    cycles exit_dispatch;  /* VM exit handler up to the work of the exit's reason */
    cycles virq_injection; /* at VM entry */
    cycles hlt_exit;       /* from the HLT exit to the sleep of the vCPU's thread */
    cycles eoi_exit;       /* emulated guest EOI */
    cycles timer_softirq;  /* one expiry of a timer of the host or of a guest, without its callback */
    cycles hypercall;      /* null hypercall, without exit, dispatch and entry */
    cycles guest_handler;  /* the guest's interrupt handler, for devices that give no time */
};

/* Costs by the families that read them: every family on the host; families with vCPU threads; families that write
 * registers of devices; vfio; qemu; nvme. */
extern const struct key_table host_cost_keys, host_kvm_cost_keys, host_mmio_cost_keys, host_device_cost_keys,
    host_hypercall_cost_keys, host_drive_cost_keys;

/* The `software` of a family whose only software is the host's. */
extern const struct software *const host_software[];
extern const struct key_table *const host_all_cost_keys[]; /* all of the above; ends with NULL */

/* Clears the software costs of a setup: the `explored` hook of the families on this host. */
void host_explored(struct setup *setup);

#endif
