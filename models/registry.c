/* SPDX-License-Identifier: Apache-2.0
 *
 * The only list of models.
 */
#include <string.h>

#include "models/model.h"
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
};

const struct model *const model_registry[] = {
    &domain_tasklet, &pirq_tasklet,    &softirq_masked,  &softirq_states,
    &softirq_gated,  &softirq_requeue, &softirq_hotplug,
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
