/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run of drives reports, the law that each completion is delivered, coalesced or outstanding, and what must hold
 * of explored states besides what the general properties ask.
 */
#include <inttypes.h>
#include <stdio.h>

#include "models/nvme/nvme.h"

void nvme_measure(struct machine *machine)
{
    struct host *host = machine->hypervisor;
    struct nvme *nvme = host->model;

    host_measure(host);
    nvme->books = (struct nvme_books){ .ios = 0 };
    nvme->iommu.statistics = (struct iommu_statistics){ .posts = 0 };
    for (uint32_t i = 0; i < nvme->setup->device_count; i++)
        device_measure(&nvme->kinds[i]);
    for (uint32_t i = 0; i < nvme->drive_count; i++)
        nvme->drives[i].device->raised += nvme->drives[i].vector.outstanding;
}

static void check_devices(const struct nvme *nvme)
{
    for (uint32_t kind = 0; kind < nvme->setup->device_count; kind++) {
        const struct device *device = &nvme->kinds[kind];
        uint64_t outstanding = 0;
        for (uint32_t i = 0; i < nvme->drive_count; i++)
            outstanding += nvme->drives[i].device == device ? nvme->drives[i].vector.outstanding : 0;
        CHECK(device->raised == device->delivered + device->coalesced + outstanding);
    }
}

static bool is_on_its_way(const struct cpu *cpu, uint32_t vector)
{
    for (uint32_t i = 0; i < cpu->lapic.flight_count; i++)
        if (cpu->lapic.flights[i].vector == vector)
            return true;
    return cpu->lapic.irr[vector / 64] >> (vector % 64) & 1;
}

/* What no handler has seen, where none runs and no interrupt is coming that would call it. */
static uint64_t lost_interrupts(const struct nvme *nvme)
{
    uint64_t lost = 0;

    for (uint32_t i = 0; i < nvme->drive_count; i++) {
        const struct device_vector *vector = &nvme->drives[i].vector;
        uint32_t coming = nvme->design->is_posted ? VECTOR_POSTED : vector->vector;
        if (vector->target->interrupt_depth == 0 && !is_on_its_way(vector->target, coming))
            lost += vector->outstanding;
    }
    return lost;
}

void nvme_metrics(struct machine *machine, struct metrics *metrics)
{
    struct host *host = machine->hypervisor;
    const struct nvme *nvme = host->model;
    uint64_t outstanding = 0, lost = lost_interrupts(nvme);

    check_devices(nvme);
    for (uint32_t i = 0; i < nvme->drive_count; i++)
        outstanding += nvme->drives[i].vector.outstanding;
    host_irq_metrics(host, metrics, nvme->kinds, nvme->setup->device_count, outstanding - lost, lost);
    metric_count(metrics, nvme->books.ios, "nvme.ios");
    metric_count(metrics, nvme->books.interrupts, "nvme.interrupts");
    metric_count(metrics, nvme->books.handlers, "nvme.handlers");
    metric_count(metrics, nvme->books.empty, "nvme.handlers_empty");
    metric_ratio(metrics, nvme->books.ios, nvme->books.interrupts, "nvme.ios_per_interrupt");
    if (nvme->design->is_posted) {
        metric_count(metrics, nvme->iommu.statistics.posts, "posted.posts");
        metric_count(metrics, nvme->iommu.statistics.notifications, "posted.notifications");
        metric_count(metrics, nvme->iommu.statistics.suppressed_on, "posted.suppressed_on");
    }
    host_metrics(host, metrics);
}

/* --- explored --- */

static bool has_overslept(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct host *host = machine->hypervisor;
    const struct nvme *nvme = host->model;

    for (uint32_t i = 0; i < nvme->drive_count; i++) {
        const struct drive *drive = &nvme->drives[i];
        if (drive->thread.state != THREAD_ASLEEP || drive->completed < drive->wanted)
            continue;
        (void)snprintf(text, text_bytes, "the thread of '%s' sleeps, and %" PRIu64 " of its I/Os have completed",
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
