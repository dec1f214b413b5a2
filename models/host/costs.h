/* SPDX-License-Identifier: Apache-2.0
 *
 * What the software of a Linux host with QEMU on it costs.
 */
#ifndef MODELS_HOST_COSTS_H
#define MODELS_HOST_COSTS_H

#include "models/family/family.h"

/* Mean cycles; lock waits and line misses come on top, from the models. Values: scenarios/costs/host/. */
struct host_costs {
    uint64_t software_cv_permille; /* lognormal coefficient of variation of the paths below, in 1/1000 */
    cycles do_irq;                 /* the interrupt's entry code and handle_irq's own work around the handlers */
    cycles wake;                   /* the waker's side of a wake-up, without the IPI */
    cycles context_switch;         /* from one thread to another */
    cycles syscall;                /* into the kernel and back */
    cycles userspace;              /* out of KVM_RUN to QEMU and back into it */
    cycles main_loop;              /* from ppoll's return to a handler */
    cycles eventfd_signal;         /* without its waiters */
    cycles irqfd_inject;           /* an irqfd's wake-up to the injection's own work */
    cycles workqueue;              /* from the worker's turn to the item's function */
    cycles config_read;            /* of a PCI device's configuration space */
    cycles config_write;           /* posted */
    cycles mmio_read;              /* of a device's register, from host or guest */
    cycles mmio_write;             /* posted */
    cycles chip_access;            /* masking or unmasking a pin of the host's interrupt chip */
    cycles deactivate;             /* of a virtual interrupt by its guest, in hardware */
    cycles io_submit;              /* a thread's part of an I/O, from preparing it to seeing its result */
    cycles io_complete;            /* the interrupt handler's part */
    uint32_t irq_once;     /* percent of the machine's do_irq that come once an interrupt, not at each handler */
    cycles exit_dispatch;  /* VM exit handler until the reason's own work */
    cycles virq_injection; /* at VM entry */
    cycles hlt_exit;       /* HLT exit to the vCPU thread's sleep */
    cycles eoi_exit;       /* emulated guest EOI */
    cycles timer_softirq;  /* of the host's timer, or the guest's, without the callback */
    cycles hypercall;      /* null hypercall: exit, dispatch, entry are counted by their own items */
    cycles guest_handler;  /* the guest's interrupt handler, default of devices */
};

/* By reader: every family on the host; families with vCPU threads of KVM; with writes of devices' registers; VFIO;
 * guests that call Xen's hypercalls; drives. */
extern const struct key_table host_cost_keys, host_kvm_cost_keys, host_mmio_cost_keys, host_device_cost_keys,
    host_hypercall_cost_keys, host_drive_cost_keys;

/* struct family's software of a family whose only software is the host's. */
extern const struct software *const host_software[];
extern const struct key_table *const host_all_cost_keys[]; /* all of the above; ends with NULL */

/* Takes the costs of software out of a setup that is explored: a hook of the families. */
void host_explored(struct setup *setup);

#endif
