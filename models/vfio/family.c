/* SPDX-License-Identifier: Apache-2.0
 *
 * The VFIO family: designs, keys, costs and hooks.
 */
#include "models/vfio/designs.h"
#include "models/vfio/keys.h"
#include "models/vfio/own_code.h"
#include "models/vfio/setup.h"

static const struct design automask = {
    .family = &vfio_family,
    .name = "vfio-automask",
    .summary = "INTx: the handler sets DisINTx, the guest's EOI clears it through a resampling irqfd",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_automask,
};

static const struct design exclusive = {
    .family = &vfio_family,
    .name = "vfio-exclusive",
    .summary = "INTx masked at the interrupt chip by disable_irq, with exclusive use of the line (nointxmask)",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_exclusive,
};

static const struct design direct_eoi = {
    .family = &vfio_family,
    .name = "vfio-direct-eoi",
    .summary = "INTx unmasked: the guest's deactivation deactivates the host's interrupt; the line waits for it",
    .mirrors = "RFC of May 2017 by E. Auger, never merged for PCI",
    .options = &vfio_direct_eoi,
};

static const struct design msi = {
    .family = &vfio_family,
    .name = "vfio-msi",
    .summary = "messages instead of a line; with `posted: on` the IOMMU delivers them to the guest",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_msi,
};

static const struct design kvm_assigned = {
    .family = &vfio_family,
    .name = "kvm-assigned",
    .summary = "messages as before VFIO and APICv: a worker injects them, and their EOI exits",
    .mirrors = "Linux 2.6.29 to 2.6.37, virt/kvm/kvm_main.c",
    .options = &vfio_kvm_assigned,
};

static const struct design *const designs[] = { &automask, &exclusive, &direct_eoi, &msi, &kvm_assigned };

static const struct key_table *const keys[] = {
    &lock_keys,
    &halt_poll_keys,
    &reduction_keys,
    &guest_keys,
    &guest_count_keys,
    &handler_keys,
    &arrival_keys,
    &action_keys,
    &shared_line_cost_keys,
    &ipi_cost_keys,
    &interrupt_cost_keys,
    &timer_cost_keys,
    &vmx_cost_keys,
    &host_cost_keys,
    &host_kvm_cost_keys,
    &host_mmio_cost_keys,
    &host_device_cost_keys,
    &vfio_hypervisor_keys,
    &vfio_guest_keys,
    &vfio_driver_keys,
    &vfio_device_keys,
    NULL,
};

static const struct code_part code_parts[] = {
    { "drivers/vfio/pci/vfio_pci_intrs.c", "INTx of devices of guests, of all designs but vfio-msi and kvm-assigned" },
    { "drivers/vfio/virqfd.c", "the eventfd that unmasks the line" },
    { "virt/kvm/eventfd.c", "irqfds and their resamplers" },
    { "fs/eventfd.c", "eventfds" },
    { "kernel/sched/wait.c", "wait queues of eventfds" },
    { "virt/lib/irqbypass.c", "producers and consumers of interrupts" },
    { NULL, NULL },
};

const struct family vfio_family = {
    .name = "vfio",
    .designs = designs,
    .design_count = sizeof designs / sizeof *designs,
    .keys = keys,
    .software = host_software,
    .actions = vfio_actions,
    .action_count = VFIO_ACTION_COUNT,
    .code_parts = code_parts,
    .code_imports = own_import_tables,
    .check = vfio_check,
    .code_refusal = vfio_code_refusal,
    .explored = host_explored,
    .slots = vfio_slots,
    .boot = vfio_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = vfio_measure,
    .metrics = vfio_metrics,
    .interrupts = vfio_interrupts,
    .metric_tables = vfio_metric_tables,
    .invariants = vfio_invariants,
};
