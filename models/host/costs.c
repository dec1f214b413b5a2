/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of host.costs, one table for each group of families that read them, in the order in which `explain` prints
 * the keys.
 */
#include "models/host/costs.h"

static const struct option common_rows[] = {
    { "software_cv_permille", OPTION_INTEGER, KEY_FIELD(struct host_costs, software_cv_permille), NULL, 0, 2000, NULL,
      NULL, "coefficient of variation of the software paths, in 1/1000" },
    KEY_COST(struct host_costs, do_irq, "entry and exit code of an interrupt, around its handlers"),
    KEY_COST(struct host_costs, wake, "waking a thread: the waker's part, without the IPI"),
    KEY_COST(struct host_costs, context_switch, "context switch from one thread to another"),
    KEY_COST(struct host_costs, syscall, "system call: into the kernel and back, without its work"),
};

static const struct option kvm_rows[] = {
    KEY_COST(struct host_costs, exit_dispatch, "VM exit handler up to the work of the exit's reason"),
    KEY_COST(struct host_costs, virq_injection, "injection of a virtual interrupt at VM entry"),
    KEY_COST(struct host_costs, hlt_exit, "from the HLT exit to the sleep of the vCPU's thread"),
    KEY_COST(struct host_costs, userspace, "from KVM_RUN to QEMU and back"),
    KEY_COST(struct host_costs, eventfd_signal, "signalling an eventfd, without the work of its waiters"),
    KEY_COST(struct host_costs, irqfd_inject, "from an irqfd's wake-up to the memory accesses of the injection"),
    KEY_COST(struct host_costs, main_loop, "from the return of ppoll to a handler"),
    KEY_COST(struct host_costs, workqueue, "from the switch to a kernel worker to the work item's function"),
    KEY_COST(struct host_costs, guest_handler, "the guest's interrupt handler: default of a device's `handler`"),
};

static const struct option mmio_rows[] = {
    KEY_COST(struct host_costs, mmio_write, "posted write of a device's register"),
};

static const struct option device_rows[] = {
    KEY_COST(struct host_costs, config_read, "read of a PCI device's configuration space"),
    KEY_COST(struct host_costs, config_write, "posted write of a PCI device's configuration space"),
    KEY_COST(struct host_costs, mmio_read, "read of a device's register"),
    KEY_COST(struct host_costs, chip_access, "masking or unmasking a pin of the host's interrupt chip"),
    KEY_COST(struct host_costs, deactivate, "deactivation of a virtual interrupt by the guest, without an exit"),
    KEY_COST(struct host_costs, eoi_exit, "emulated guest EOI"),
    KEY_COST(struct host_costs, timer_softirq,
             "one expiry of a timer, of the host or of a guest, without its callback"),
};

static const struct option hypercall_rows[] = {
    KEY_COST(struct host_costs, hypercall, "null hypercall, without VM exit, dispatch and VM entry"),
};

static const struct option drive_rows[] = {
    KEY_COST(struct host_costs, io_submit, "the submitting thread's part of an I/O"),
    KEY_COST(struct host_costs, io_complete, "the interrupt handler's part of an I/O"),
    { "irq_once", OPTION_INTEGER, KEY_FIELD(struct host_costs, irq_once), NULL, 0, 100, NULL, NULL,
      "share of do_irq in percent that is spent once for each interrupt; the rest is spent for each handler" },
};

/* The own record of a family on this host begins with its struct host_costs. */
#define OWN offsetof(struct setup, own)

const struct key_table host_cost_keys = { "host.costs", KEY_ROWS(common_rows), OWN };
const struct key_table host_kvm_cost_keys = { "host.costs", KEY_ROWS(kvm_rows), OWN };
const struct key_table host_mmio_cost_keys = { "host.costs", KEY_ROWS(mmio_rows), OWN };
const struct key_table host_device_cost_keys = { "host.costs", KEY_ROWS(device_rows), OWN };
const struct key_table host_hypercall_cost_keys = { "host.costs", KEY_ROWS(hypercall_rows), OWN };
const struct key_table host_drive_cost_keys = { "host.costs", KEY_ROWS(drive_rows), OWN };

const struct key_table *const host_all_cost_keys[] = { &host_cost_keys,
                                                       &host_kvm_cost_keys,
                                                       &host_mmio_cost_keys,
                                                       &host_device_cost_keys,
                                                       &host_hypercall_cost_keys,
                                                       &host_drive_cost_keys,
                                                       NULL };

static const struct software host = { "host", host_all_cost_keys };
const struct software *const host_software[] = { &host, NULL };
