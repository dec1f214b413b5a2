/* SPDX-License-Identifier: Apache-2.0
 *
 * The host: its CPUs with their idle threads, and what a run reports of them.
 */
#include "models/host/host.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/histogram.h"
#include "machine/device.h"
#include "models/host/thread.h"

/* --- boot --- */

struct host *host_boot(struct machine *machine, const struct setup *setup)
{
    struct host *host = ARENA_NEW(machine->arena, struct host);

    machine->hypervisor = host;
    host->machine = machine;
    host->costs = (const struct host_costs *)setup->own;
    machine->software_cv_permille = (uint32_t)host->costs->software_cv_permille;
    host->locks = lock_system_new(machine, setup->hypervisor.lock);
    host->wqh_class = lock_class_new(host->locks, "wqh");
    ARENA_BOOKS(machine->arena, host->statistics);
    host->cpus = ARENA_ARRAY(machine->arena, struct host_cpu, machine->cpu_count);
    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        struct host_cpu *hc = &host->cpus[id];
        hc->host = host;
        hc->cpu = &machine->cpus[id];
        hc->cpu->hypervisor = hc;
        hc->idle = ARENA_NEW(machine->arena, struct thread);
        *hc->idle = (struct thread){ .host = host, .on = hc, .name = "idle", .category = CPU_IDLE };
        hc->current = hc->idle;
        hc->next_vector = VECTOR_DEVICE_FIRST;
        list_init(&hc->runq);
    }
    return host;
}

/* --- what it took --- */

void host_measure(struct host *host)
{
    host->measured_from = host->machine->engine->now;
    host->events_from = host->machine->engine->events;
    host->statistics =
        (struct host_statistics){ .deadlocks = host->statistics.deadlocks, .lock_order = host->statistics.lock_order };
    lock_measure(host->locks, host->measured_from);
    for (uint32_t id = 0; id < host->machine->cpu_count; id++)
        cpu_measure(host->cpus[id].cpu);
}

static void cpu_metrics(const struct host *host, struct metrics *metrics)
{
    static const char *const categories[] = { "guest", "hypervisor", "interrupt", "lock_wait", "idle" };
    cycles elapsed = host->machine->engine->now - host->measured_from, sums[CPU_CATEGORY_COUNT] = { 0 };

    for (uint32_t id = 0; id < host->machine->cpu_count; id++) {
        struct cpu *cpu = host->cpus[id].cpu;
        cycles sum = 0;
        cpu_category_flush(cpu);
        for (int c = 0; c < CPU_CATEGORY_COUNT; c++) {
            sum += cpu->category_cycles[c];
            sums[c] += cpu->category_cycles[c];
        }
        CHECK(sum == elapsed);
    }
    for (int c = 0; c < CPU_CATEGORY_COUNT; c++)
        metric_ratio(metrics, sums[c] * 100, elapsed * host->machine->cpu_count, "cpus.%s.percent", categories[c]);
}

void host_metrics(struct host *host, struct metrics *metrics)
{
    const struct host_statistics *statistics = &host->statistics;

    lock_metrics(host->locks, metrics, host->measured_from);
    cpu_metrics(host, metrics);
    metric_count(metrics, statistics->wakes, "host.wakes");
    metric_count(metrics, statistics->context_switches, "host.context_switches");
    metric_count(metrics, statistics->vmexits, "host.vmexits");
    metric_count(metrics, statistics->kicks, "host.kicks");
    metric_count(metrics, statistics->irqs, "host.irqs");
    metric_count(metrics, statistics->work_items, "host.work_items");
    metric_count(metrics, statistics->deadlocks, "host.deadlocks");
    metric_count(metrics, statistics->lock_order, "host.lock_order");
    metric_count(metrics, host->machine->engine->events - host->events_from, "engine.events");
}

void host_irq_metrics(const struct host *host, struct metrics *metrics, const struct device *kinds, uint32_t count,
                      uint64_t pending, uint64_t lost)
{
    struct histogram *all = malloc(sizeof(*all));
    uint64_t raised = 0, delivered = 0, coalesced = 0;

    (void)host;
    CHECK(all != NULL);
    histogram_init(all);
    for (uint32_t i = 0; i < count; i++) {
        raised += kinds[i].raised;
        delivered += kinds[i].delivered;
        coalesced += kinds[i].coalesced;
        histogram_merge(all, kinds[i].latency);
    }
    metric_count(metrics, raised, "irq.raised");
    metric_count(metrics, delivered, "irq.delivered");
    metric_count(metrics, coalesced, "irq.coalesced");
    metric_count(metrics, lost, "irq.lost");
    metric_count(metrics, pending, "irq.pending");
    metric_count(metrics, histogram_quantile(all, 5000), "irq.latency.p50_ns");
    metric_count(metrics, histogram_quantile(all, 9900), "irq.latency.p99_ns");
    metric_count(metrics, histogram_quantile(all, 9990), "irq.latency.p999_ns");
    metric_count(metrics, histogram_quantile(all, 10000), "irq.latency.max_ns");
    metric_distribution(metrics, all, "irq.latency");
    free(all);
}

void host_explored(struct setup *setup) { *(struct host_costs *)setup->own = (struct host_costs){ .wake = 0 }; }
