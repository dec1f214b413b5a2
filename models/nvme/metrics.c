/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of a run of drives, the law that each completion is delivered, coalesced or outstanding, and the
 * properties of explored states in addition to the general ones.
 */
#include <inttypes.h>
#include <stdio.h>

#include "models/family/interrupts.h"
#include "models/nvme/nvme.h"

void nvme_measure(struct machine *machine)
{
    struct host *host = machine->hypervisor;
    struct nvme *nvme = host->model;

    host_measure(host);
    nvme->statistics = (struct nvme_statistics){ .ios = 0 };
    nvme->iommu.statistics = (struct iommu_statistics){ .posts = 0 };
    for (uint32_t i = 0; i < nvme->setup->device_count; i++)
        device_measure(&nvme->kinds[i]);
    for (uint32_t i = 0; i < nvme->drive_count; i++)
        nvme->drives[i].device->statistics.raised += nvme->drives[i].vector.outstanding;
}

static const struct metric_row nvme_rows[] = {
    { "nvme.ios", "count", METRIC_HIGHER, "I/Os completed by the drives' handlers",
      METRIC_AT(struct nvme_statistics, ios) },
    { "nvme.interrupts", "count", METRIC_LOWER, "interrupts taken: messages, or notifications of posted messages",
      METRIC_AT(struct nvme_statistics, interrupts) },
    { "nvme.handlers", "count", METRIC_NEUTRAL, "handlers called: one for each message",
      METRIC_AT(struct nvme_statistics, handlers) },
    { "nvme.handlers_empty", "count", METRIC_LOWER, "handlers called that found no completed I/O",
      METRIC_AT(struct nvme_statistics, empty) },
    { "nvme.ios_per_interrupt", "ratio", METRIC_HIGHER, "I/Os completed per interrupt",
      METRIC_PER(struct nvme_statistics, ios, interrupts) },
};
static const struct metric_table nvme_metric_table = METRIC_TABLE(nvme_rows);

static bool is_on_its_way(const struct cpu *cpu, uint32_t vector)
{
    for (uint32_t i = 0; i < cpu->lapic.flight_count; i++)
        if (cpu->lapic.flights[i].vector == vector)
            return true;
    return cpu->lapic.irr[vector / 64] >> (vector % 64) & 1;
}

/* Outstanding completions are lost if no handler runs, and no interrupt is pending that would call one. */
static struct interrupt_fate fate_of(const struct nvme *nvme, const struct device_vector *vector)
{
    const struct pi_descriptor *descriptor = &nvme->descriptors[vector->target->id];
    uint32_t coming = nvme->design->is_posted ? VECTOR_POSTED : vector->vector;

    if (vector->held > 0)
        return (struct interrupt_fate){ false, "in the drive, whose message waits for more completions" };
    if (is_on_its_way(vector->target, coming))
        return (struct interrupt_fate){ false, "on its way to a handler in its CPU's LAPIC" };
    if (vector->target->interrupt_depth > 0)
        return (struct interrupt_fate){ false, "behind a handler that its CPU runs" };
    if (nvme->design->is_posted && word_peek(&descriptor->pir[vector->vector / 64]) >> (vector->vector % 64) & 1)
        return (struct interrupt_fate){ true, "in the PIR of its CPU, without a notification" };
    return (struct interrupt_fate){ true, "nowhere" };
}

void nvme_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                     struct stuck_interrupts *stuck)
{
    const struct nvme *nvme = ((struct host *)machine->hypervisor)->model;
    struct interrupts interrupts = interrupts_begin(machine, drain, nvme->setup, nvme->kinds);

    for (uint32_t i = 0; i < nvme->drive_count; i++) {
        const struct device_vector *vector = &nvme->drives[i].vector;
        interrupts_outstanding(&interrupts, vector, fate_of(nvme, vector));
    }
    interrupts_report(&interrupts, metrics, stuck);
}

void nvme_metrics(struct machine *machine, struct metrics *metrics)
{
    struct host *host = machine->hypervisor;
    const struct nvme *nvme = host->model;

    metrics_report(metrics, &nvme_metric_table, &nvme->statistics, 0, NULL);
    if (nvme->design->is_posted)
        metrics_report(metrics, &iommu_metric_table, &nvme->iommu.statistics, 0, NULL);
    host_report(host, metrics);
}

const struct metric_table *const nvme_metric_tables[] = {
    &irq_metric_table,  &device_metric_table, &lock_metric_table,  &cpu_metric_table,
    &host_metric_table, &nvme_metric_table,   &iommu_metric_table, NULL,
};

/* --- explored --- */

static bool has_overslept(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct host *host = machine->hypervisor;
    const struct nvme *nvme = host->model;

    for (uint32_t i = 0; i < nvme->drive_count; i++) {
        const struct drive *drive = &nvme->drives[i];
        if (drive->thread.state != THREAD_ASLEEP || drive->completed < drive->wanted)
            continue;
        (void)snprintf(text, text_bytes, "the thread of '%s' sleeps although %" PRIu64 " of its I/Os have completed",
                       drive->setup->name, drive->completed);
        return true;
    }
    return false;
}

static const struct property wakes = {
    .name = "nvme-wakes",
    .kind = VIOLATION_ENDLESS_WAIT,
    .at = PROPERTY_AT_END,
    .is_broken = has_overslept,
};

const struct property *const nvme_invariants[] = { &host_deadlock, &wakes, NULL };
