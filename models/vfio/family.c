/* SPDX-License-Identifier: Apache-2.0
 *
 * The VFIO family, as models/registry.h lists it.
 */
#include "models/vfio/designs.h"

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
    .summary = "INTx masked at the chip by disable_irq, on a line of its own (nointxmask)",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_exclusive,
};

static const struct design direct_eoi = {
    .family = &vfio_family,
    .name = "vfio-direct-eoi",
    .summary = "INTx unmasked: the guest's deactivation deactivates the host's interrupt; others wait for it",
    .mirrors = "RFC of May 2017 by E. Auger, never merged for PCI",
    .options = &vfio_direct_eoi,
};

static const struct design msi = {
    .family = &vfio_family,
    .name = "vfio-msi",
    .summary = "messages instead of a line; with `posted: on` from the IOMMU straight into the guest",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_msi,
};

static const struct design kvm_assigned = {
    .family = &vfio_family,
    .name = "kvm-assigned",
    .summary = "messages before VFIO and APICv: a worker injects them, their EOI exits",
    .mirrors = "Linux 2.6.29 to 2.6.37, virt/kvm/kvm_main.c",
    .options = &vfio_kvm_assigned,
};

static const struct design *const designs[] = { &automask, &exclusive, &direct_eoi, &msi, &kvm_assigned };

const struct family vfio_family = {
    .name = "vfio",
    .designs = designs,
    .design_count = sizeof designs / sizeof *designs,
    .refusal = vfio_refusal,
    .slots = vfio_slots,
    .boot = vfio_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = vfio_measure,
    .metrics = vfio_metrics,
    .metric_tables = vfio_metric_tables,
    .invariants = vfio_invariants,
};
