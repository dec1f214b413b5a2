/* SPDX-License-Identifier: Apache-2.0
 *
 * The only list of models.
 */
#include <string.h>

#include "models/host/hooks.h"
#include "models/model.h"
#include "models/nvme/designs.h"
#include "models/qemu/designs.h"
#include "models/vfio/designs.h"
#include "models/xen/xen.h"

static const struct model domain_tasklet = {
    .name = "domain-tasklet",
    .family = "xen",
    .summary = "one tasklet a domain under the global tasklet lock, walking all PIRQs",
    .mirrors = "Xen 4.0 to 4.5, 802b778e9a",
    .options = &dpci_domain_tasklet,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .invariants = xen_invariants,
    .slots = xen_slots,
};

static const struct model pirq_tasklet = {
    .name = "pirq-tasklet",
    .family = "xen",
    .summary = "one tasklet a PIRQ under the global tasklet lock",
    .mirrors = "Xen aeeea485bc, 2014-11-12",
    .options = &dpci_pirq_tasklet,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .invariants = xen_invariants,
    .slots = xen_slots,
};

static const struct model softirq_masked = {
    .name = "softirq-masked",
    .family = "xen",
    .summary = "per-CPU lists, one flag; loses interrupts",
    .mirrors = "xen-devel patch v7, 2014, never merged",
    .options = &dpci_softirq_masked,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .invariants = xen_invariants,
    .slots = xen_slots,
};

static const struct model softirq_states = {
    .name = "softirq-states",
    .family = "xen",
    .summary = "per-CPU lists, SCHED and RUN states; crashes when two pCPUs meet",
    .mirrors = "Xen f6dd295381, 2014-11-12",
    .options = &dpci_softirq_states,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .invariants = xen_invariants,
    .slots = xen_slots,
};

static const struct model softirq_gated = {
    .name = "softirq-gated",
    .family = "xen",
    .summary = "softirq-states behind a masked gate; still crashes",
    .mirrors = "Xen 4.5.0-rc3, 104072fc1c",
    .options = &dpci_softirq_gated,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .invariants = xen_invariants,
    .slots = xen_slots,
};

static const struct model softirq_requeue = {
    .name = "softirq-requeue",
    .family = "xen",
    .summary = "per-CPU lists, SCHED and RUN states, masked gate, put-back",
    .mirrors = "Xen 4.6, a2a935bc5e",
    .options = &dpci_softirq_requeue,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .invariants = xen_invariants,
    .slots = xen_slots,
};

static const struct model softirq_hotplug = {
    .name = "softirq-hotplug",
    .family = "xen",
    .summary = "softirq-requeue whose lists survive CPU offline",
    .mirrors = "Xen 4.20, 29555668b5",
    .options = &dpci_softirq_hotplug,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .invariants = xen_invariants,
    .slots = xen_slots,
};

static const struct model qemu_rfc_model = {
    .name = "qemu-pirq-rfc",
    .family = "qemu",
    .summary = "device vectors unmasked and GSIs nested under port_lock; no rebuild after a migration",
    .mirrors = "qemu-devel \"Xen PIRQ support\", RFC of 2023-01-14",
    .options = &qemu_pirq_rfc,
    .refusal = qemu_refusal,
    .slots = qemu_slots,
    .boot = qemu_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = qemu_measure,
    .metrics = qemu_metrics,
    .invariants = qemu_invariants,
};

static const struct model qemu_merged_model = {
    .name = "qemu-pirq-merged",
    .family = "qemu",
    .summary = "BQL outermost, port_lock dropped before routes change, the callback GSI recognised first",
    .mirrors = "QEMU 8.0, 6096cf7877 of 2023-03-01",
    .options = &qemu_pirq_merged,
    .refusal = qemu_refusal,
    .slots = qemu_slots,
    .boot = qemu_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = qemu_measure,
    .metrics = qemu_metrics,
    .invariants = qemu_invariants,
};

static const struct model vfio_automask_model = {
    .name = "vfio-automask",
    .family = "vfio",
    .summary = "INTx: the handler sets DisINTx, the guest's EOI clears it through a resampling irqfd",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_automask,
    .refusal = vfio_refusal,
    .slots = vfio_slots,
    .boot = vfio_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = vfio_measure,
    .metrics = vfio_metrics,
    .invariants = vfio_invariants,
};

static const struct model vfio_exclusive_model = {
    .name = "vfio-exclusive",
    .family = "vfio",
    .summary = "INTx masked at the chip by disable_irq, on a line of its own (nointxmask)",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_exclusive,
    .refusal = vfio_refusal,
    .slots = vfio_slots,
    .boot = vfio_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = vfio_measure,
    .metrics = vfio_metrics,
    .invariants = vfio_invariants,
};

static const struct model vfio_direct_eoi_model = {
    .name = "vfio-direct-eoi",
    .family = "vfio",
    .summary = "INTx unmasked: the guest's deactivation deactivates the host's interrupt; others wait for it",
    .mirrors = "RFC of May 2017 by E. Auger, never merged for PCI",
    .options = &vfio_direct_eoi,
    .refusal = vfio_refusal,
    .slots = vfio_slots,
    .boot = vfio_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = vfio_measure,
    .metrics = vfio_metrics,
    .invariants = vfio_invariants,
};

static const struct model vfio_msi_model = {
    .name = "vfio-msi",
    .family = "vfio",
    .summary = "messages instead of a line; with `posted: on` from the IOMMU straight into the guest",
    .mirrors = "Linux 7.0, QEMU 10.2",
    .options = &vfio_msi,
    .refusal = vfio_refusal,
    .slots = vfio_slots,
    .boot = vfio_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = vfio_measure,
    .metrics = vfio_metrics,
    .invariants = vfio_invariants,
};

static const struct model kvm_assigned_model = {
    .name = "kvm-assigned",
    .family = "vfio",
    .summary = "messages before VFIO and APICv: a worker injects them, their EOI exits",
    .mirrors = "Linux 2.6.29 to 2.6.37, virt/kvm/kvm_main.c",
    .options = &vfio_kvm_assigned,
    .refusal = vfio_refusal,
    .slots = vfio_slots,
    .boot = vfio_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = vfio_measure,
    .metrics = vfio_metrics,
    .invariants = vfio_invariants,
};

static const struct model nvme_msi_model = {
    .name = "nvme-msi",
    .family = "nvme",
    .summary = "no guests: drives of a bare-metal host, an interrupt for each message",
    .mirrors = "Linux 6.9",
    .options = &nvme_msi,
    .refusal = nvme_refusal,
    .slots = nvme_slots,
    .boot = nvme_boot,
    .cpu_main = host_cpu_main,
    .interrupt = nvme_interrupt,
    .measure = nvme_measure,
    .metrics = nvme_metrics,
    .invariants = nvme_invariants,
};

static const struct model nvme_posted_msi_model = {
    .name = "nvme-posted-msi",
    .family = "nvme",
    .summary = "no guests: their messages posted, a notification calls the handlers in rounds",
    .mirrors = "Linux 6.10, posted_msi",
    .options = &nvme_posted_msi,
    .refusal = nvme_refusal,
    .slots = nvme_slots,
    .boot = nvme_boot,
    .cpu_main = host_cpu_main,
    .interrupt = nvme_interrupt,
    .measure = nvme_measure,
    .metrics = nvme_metrics,
    .invariants = nvme_invariants,
};

const struct model *const model_registry[] = {
    &domain_tasklet,    &pirq_tasklet,        &softirq_masked,       &softirq_states,
    &softirq_gated,     &softirq_requeue,     &softirq_hotplug,      &qemu_rfc_model,
    &qemu_merged_model, &vfio_automask_model, &vfio_exclusive_model, &vfio_direct_eoi_model,
    &vfio_msi_model,    &kvm_assigned_model,  &nvme_msi_model,       &nvme_posted_msi_model,
};

const size_t model_count = sizeof model_registry / sizeof *model_registry;

const struct model *model_find(const char *name)
{
    for (size_t i = 0; i < model_count; i++)
        if (strcmp(model_registry[i]->name, name) == 0)
            return model_registry[i];
    return NULL;
}

uint32_t model_slots(const struct model *model, const struct setup *setup)
{
    return model->slots != NULL ? model->slots(setup) : 0;
}
