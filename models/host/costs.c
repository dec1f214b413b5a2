/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of host.costs, a table for each group of readers, in the order in which explain prints them.
 */
#include "models/host/costs.h"

static const struct option common_rows[] = {
    { "software_cv_permille", OPTION_INTEGER, KEY_FIELD(struct host_costs, software_cv_permille), NULL, 0, 2000, NULL,
      NULL, "coefficient of variation of the software paths, in 1/1000" },
    KEY_COST(struct host_costs, do_irq, "interrupt entry and exit code around the handlers"),
    KEY_COST(struct host_costs, wake, "waking a thread, the waker's side without the IPI"),
    KEY_COST(struct host_costs, context_switch, "from one thread to another"),
    KEY_COST(struct host_costs, syscall, "into the kernel and back, its work not included"),
};

static const struct option kvm_rows[] = {
    KEY_COST(struct host_costs, exit_dispatch, "VM exit handler until the reason's own work"),
    KEY_COST(struct host_costs, virq_injection, "injection at VM entry"),
    KEY_COST(struct host_costs, hlt_exit, "HLT exit to the sleep of the vCPU's thread"),
    KEY_COST(struct host_costs, userspace, "out of KVM_RUN to QEMU and back"),
    KEY_COST(struct host_costs, eventfd_signal, "signalling an eventfd, its waiters not included"),
    KEY_COST(struct host_costs, irqfd_inject, "from an irqfd's wake-up to the injection's own accesses"),
    KEY_COST(struct host_costs, main_loop, "from ppoll's return to a handler"),
    KEY_COST(struct host_costs, workqueue, "from a kernel worker's turn to the item's function"),
    KEY_COST(struct host_costs, guest_handler, "the guest's interrupt handler, default of devices"),
};

static const struct option mmio_rows[] = {
    KEY_COST(struct host_costs, mmio_write, "writing a register of a device, posted"),
};

static const struct option device_rows[] = {
    KEY_COST(struct host_costs, config_read, "reading a PCI device's configuration space"),
    KEY_COST(struct host_costs, config_write, "writing a PCI device's configuration space, posted"),
    KEY_COST(struct host_costs, mmio_read, "reading a register of a device"),
    KEY_COST(struct host_costs, chip_access, "masking or unmasking a pin of the host's interrupt chip"),
    KEY_COST(struct host_costs, deactivate, "a guest's deactivation of a virtual interrupt without trap"),
    KEY_COST(struct host_costs, eoi_exit, "emulated guest EOI"),
    KEY_COST(struct host_costs, timer_softirq,
             "one expiry of a timer of the host, or of the guest, without its callback"),
};

static const struct option hypercall_rows[] = {
    KEY_COST(struct host_costs, hypercall, "null hypercall, without exit, dispatch and entry"),
};

static const struct option drive_rows[] = {
    KEY_COST(struct host_costs, io_submit, "a thread's part of an I/O"),
    KEY_COST(struct host_costs, io_complete, "the interrupt handler's part of an I/O"),
    { "irq_once", OPTION_INTEGER, KEY_FIELD(struct host_costs, irq_once), NULL, 0, 100, NULL, NULL,
      "percent of do_irq that come once an interrupt, not at each handler it calls" },
};

/* A family's own record begins with its struct host_costs. */
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
