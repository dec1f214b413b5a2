/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots a host with drives from a setup, without passing time: a thread for each drive, on the pCPUs in turn, its
 * vector on the same pCPU or by affinity, and a posted-interrupt descriptor for each pCPU. Also refuses what a scenario
 * of this family cannot ask for.
 */
#include <string.h>

#include "models/host/trace.h"
#include "models/nvme/nvme.h"

const struct nvme_design nvme_msi = { .is_posted = false };
const struct nvme_design nvme_posted_msi = { .is_posted = true };

enum { DRIVES_MAX = 128 }; /* one pCPU has vectors for so many */

static uint32_t drives_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        count += setup->devices[i].count;
    return count;
}

const char *nvme_refusal(const struct design *design, const struct setup *setup)
{
    (void)design;
    if (drives_of(setup) > DRIVES_MAX)
        return "more than 128 drives";
    return NULL;
}

void nvme_check(const struct design *design, const struct setup *setup, const struct topology *topology,
                const struct setup_report *report)
{
    const char *refusal = nvme_refusal(design, setup);

    if (refusal != NULL)
        report_refusal(report, design, refusal);
    for (uint32_t i = 0; i < setup->device_count && topology != NULL; i++) {
        const char *affinity = nvme_device_setup(&setup->devices[i])->affinity;
        uint16_t cpus[TOPOLOGY_CPUS_MAX];
        char message[512];
        if (strcmp(affinity, "thread") != 0 && topology_pin(topology, affinity, cpus, message, sizeof(message)) == 0)
            report_error(report, (struct setup_key){ "devices", i, "affinity" }, "", "%s", message);
    }
}

/* For each drive its vector, the vector's message when explored, and its thread. */
uint32_t nvme_slots(const struct setup *setup) { return 3 * drives_of(setup); }

static void kind_boot(struct nvme *nvme, uint32_t kind)
{
    const struct device_setup *setup = &nvme->setup->devices[kind];
    uint64_t rate = setup->arrivals.rate_millihertz;

    nvme->kinds[kind] = (struct device){
        .machine = nvme->machine,
        .explored_interrupts = setup->interrupts,
        .latency = ARENA_NEW(nvme->machine->arena, struct histogram),
        .arrivals = { .process = DEVICE_QUEUE,
                      .gap = (nvme->machine->costs->frequency_hz * 1000 + rate / 2) / rate,
                      .threshold = nvme_device_setup(setup)->coalesce_threshold,
                      .threshold_time = cycles_from_ns(nvme_device_setup(setup)->coalesce_time_ns,
                                                       nvme->machine->costs->frequency_hz) },
    };
    histogram_init(nvme->kinds[kind].latency);
}

/* The pCPU that takes the interrupts of the kind's drive `index`, whose thread is on pCPU `thread`. */
static uint32_t vector_cpu(const struct nvme *nvme, const struct device_setup *setup, uint32_t index, uint32_t thread)
{
    const char *affinity = nvme_device_setup(setup)->affinity;
    uint16_t cpus[TOPOLOGY_CPUS_MAX];
    char message[512];

    if (strcmp(affinity, "thread") == 0)
        return thread;
    uint32_t count = topology_pin(nvme->machine->topology, affinity, cpus, message, sizeof(message));
    CHECK(count > 0);
    return cpus[index % count];
}

static void drive_boot(struct nvme *nvme, uint32_t kind, uint32_t index)
{
    const struct device_setup *setup = &nvme->setup->devices[kind];
    uint32_t number = nvme->drive_count++, thread = number % nvme->machine->cpu_count;
    struct drive *drive = &nvme->drives[number];
    struct cpu *cpu = &nvme->machine->cpus[vector_cpu(nvme, setup, index, thread)];
    uint32_t vector = host_irq_add(nvme->host, cpu->id, drive_interrupt, drive);

    *drive = (struct drive){ .setup = setup, .device = &nvme->kinds[kind] };
    device_vector_init(&drive->vector, drive->device, nvme->machine->seed, number);
    drive->vector.owner = TRACE_NOBODY;
    device_route(&drive->vector, cpu, vector);
    if (nvme->design->is_posted) {
        struct pi_descriptor *descriptor = &nvme->descriptors[cpu->id];
        descriptor->used |= 1u << (vector / 64);
        irte_init(&nvme->iommu, &drive->irte, cpu->domain, irte_posted(descriptor, vector));
        drive->vector.irte = &drive->irte;
    }
    line_init(nvme->machine, &drive->line, LINE_PLAIN);
    thread_init(nvme->host, &drive->thread, setup->name, thread, drive_main, drive);
}

void nvme_boot(const struct design *design, struct machine *machine, const struct setup *setup)
{
    struct host *host = host_boot(machine, setup);
    struct nvme *nvme = ARENA_NEW(machine->arena, struct nvme);

    *nvme = (struct nvme){ .host = host, .machine = machine, .setup = setup, .design = design->options };
    host->model = nvme;
    ARENA_EXCLUDE(machine->arena, nvme->statistics);
    nvme->kinds = ARENA_ARRAY(machine->arena, struct device, setup->device_count + 1);
    nvme->drives = ARENA_ARRAY(machine->arena, struct drive, drives_of(setup) + 1);
    nvme->descriptors = ARENA_ARRAY(machine->arena, struct pi_descriptor, machine->cpu_count);
    nvme->copies = ARENA_ARRAY(machine->arena, struct pir_copy, machine->cpu_count);
    iommu_init(&nvme->iommu, machine, machine->cpu_count);
    for (uint32_t cpu = 0; cpu < machine->cpu_count && nvme->design->is_posted; cpu++)
        pi_descriptor_init(&nvme->iommu, &nvme->descriptors[cpu], VECTOR_POSTED, cpu);
    for (uint32_t kind = 0; kind < setup->device_count; kind++) {
        kind_boot(nvme, kind);
        for (uint32_t i = 0; i < setup->devices[kind].count; i++)
            drive_boot(nvme, kind, i);
    }
    for (uint32_t i = 0; i < nvme->drive_count; i++)
        host_trace_irq(host, nvme->drives[i].vector.target->id, nvme->drives[i].vector.vector, TRACE_NO_IRQ, "nvme%uq1",
                       i);
    host_trace_boot(host);
}
