/* SPDX-License-Identifier: Apache-2.0
 *
 * The boot of the host and its CPUs with their idle threads, and the metrics of a run.
 */
#include "models/host/host.h"

#include "models/host/thread.h"

/* --- boot --- */

struct host *host_boot(struct machine *machine, const struct setup *setup)
{
    struct host *host = ARENA_NEW(machine->arena, struct host);

    machine->hypervisor = host;
    host->machine = machine;
    host->costs = (const struct host_costs *)setup->own;
    host->halt_poll = &setup->hypervisor.halt_poll;
    machine->software = rng_spread_of((uint32_t)host->costs->software_cv_permille);
    host->locks = lock_system_new(machine, setup->hypervisor.lock);
    host->wqh_class = lock_class_new(host->locks, "wqh");
    ARENA_EXCLUDE(machine->arena, host->statistics);
    ARENA_EXCLUDE(machine->arena, host->faults);
    host->cpus = ARENA_ARRAY(machine->arena, struct host_cpu, machine->cpu_count);
    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        struct host_cpu *hc = &host->cpus[id];
        hc->host = host;
        hc->cpu = &machine->cpus[id];
        hc->cpu->hypervisor = hc;
        hc->idle = ARENA_NEW(machine->arena, struct thread);
        *hc->idle = (struct thread){ .host = host, .on = hc, .name = "idle", .category = CPU_IDLE };
        hc->idle->who = trace_who(TRACE_IDLE_DOMAIN, id);
        hc->current = hc->idle;
        hc->next_vector = VECTOR_DEVICE_FIRST;
        list_init(&hc->runq);
    }
    return host;
}

/* --- metrics --- */

static const struct metric_row host_rows[] = {
    { "host.wakes", "count", METRIC_NEUTRAL, "threads woken from sleep", METRIC_AT(struct host, statistics.wakes) },
    { "host.context_switches", "count", METRIC_NEUTRAL,
      "switches from one thread of the host to another or to the idle thread",
      METRIC_AT(struct host, statistics.context_switches) },
    { "host.vmexits", "count", METRIC_NEUTRAL, "VM exits of all vCPU threads",
      METRIC_AT(struct host, statistics.vmexits) },
    { "host.kicks", "count", METRIC_NEUTRAL, "IPIs sent to force a vCPU out of its guest",
      METRIC_AT(struct host, statistics.kicks) },
    { "host.irqs", "count", METRIC_NEUTRAL, "device interrupts that the host took",
      METRIC_AT(struct host, statistics.irqs) },
    { "host.work_items", "count", METRIC_NEUTRAL, "work items that kernel workers ran",
      METRIC_AT(struct host, statistics.work_items) },
    { "host.halt_polls", "count", METRIC_NEUTRAL, "halts after which a vCPU polled before its thread slept",
      METRIC_AT(struct host, statistics.halt_polls) },
    { "host.halt_polls_met", "count", METRIC_HIGHER, "polls that met a wake-up, so that the thread did not sleep",
      METRIC_AT(struct host, statistics.halt_polls_met) },
    { "host.halt_polled_ns", "ns", METRIC_LOWER, "time for which vCPUs polled, of all pCPUs",
      METRIC_CYCLES_AT(struct host, statistics.halt_polled) },
    { "host.deadlocks", "count", METRIC_LOWER, "threads that wait for each other for ever; includes the warm-up",
      METRIC_AT(struct host, faults.deadlocks) },
    { "host.lock_order", "count", METRIC_LOWER, "mutexes acquired against their order; includes the warm-up",
      METRIC_AT(struct host, faults.lock_order) },
};
const struct metric_table host_metric_table = METRIC_TABLE(host_rows);

void host_measure(struct host *host)
{
    host->measured_from = host->machine->engine->now;
    host->statistics = (struct host_statistics){ .wakes = 0 };
    lock_measure(host->locks, host->measured_from);
    for (uint32_t id = 0; id < host->machine->cpu_count; id++)
        cpu_measure(host->cpus[id].cpu);
}

void host_report(struct host *host, struct metrics *metrics)
{
    struct machine *machine = host->machine;

    locks_report(host->locks, metrics, host->measured_from);
    cpus_report(machine, metrics, machine->engine->now - host->measured_from);
    metrics_report(metrics, &host_metric_table, host, machine->costs->frequency_hz, NULL);
}

void host_explored(struct setup *setup) { *(struct host_costs *)setup->own = (struct host_costs){ .wake = 0 }; }
