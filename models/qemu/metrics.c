/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run of the qemu family reports: the devices', latency for each path, ports that are stuck, the locks' and the
 * host's, and what routes, polls, EOIs and migrations cost.
 */
#include "models/qemu/qemu.h"

static const char *const path_names[] = { "F1", "F2", "F3", "S1", "S2", "S3" };

static cycles now_of(const struct qemu *q) { return q->host->machine->engine->now; }

void qemu_measure(struct machine *machine)
{
    struct host *host = machine->hypervisor;
    struct qemu *q = host->model;

    host_measure(host);
    q->statistics = (struct qemu_statistics){ .migrations = 0 };
    q->blackout = 0;
    for (int path = 0; path < PATH_COUNT; path++)
        histogram_init(q->latency[path]);
    for (uint32_t i = 0; i < q->setup->device_count; i++)
        device_measure(&q->kinds[i]);
    for (uint32_t i = 0; i < q->vector_count; i++) {
        q->vectors[i].source.outstanding = 0; /* begins anew, as its device's counters */
        q->vectors[i].is_fired = false;
    }
}

/* --- devices --- */

static bool is_selected(const struct qemu *q, uint32_t port)
{
    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        const struct qemu_vcpu *v = &q->vcpus[i];
        uint64_t selected = word_peek(&v->pending_sel) | word_peek(&v->shadow_sel);
        if (selected >> (port / 64) & 1 && word_peek(&v->bound[port / 64]) >> (port % 64) & 1)
            return true;
    }
    return false;
}

/* Somebody is at work who may have an event in his hands. */
static bool is_anybody_busy(const struct qemu *q, const struct qemu_vector *vector)
{
    if (q->main_loop.thread.state != THREAD_ASLEEP || q->kworker.thread.state != THREAD_ASLEEP ||
        vector->source.target->interrupt_depth > 0)
        return true;
    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        const struct vcpu *vcpu = &q->vcpus[i].vcpu;
        bool is_out = vcpu->mode == VCPU_OUTSIDE && vcpu->thread.state != THREAD_ASLEEP;
        if (!vcpu->irq_on || vcpu->injected != 0 || is_out)
            return true;
    }
    return false;
}

/* Whether anything is left that would tell the guest. */
static bool is_in_flight(const struct qemu *q, const struct qemu_vector *vector)
{
    const struct lapic *lapic = &vector->source.target->lapic;
    uint32_t bits = vector->source.vector, port = vector->irq.port;

    if (q->host->statistics.deadlocks > 0)
        return false;
    if ((lapic->irr[bits / 64] | lapic->isr[bits / 64]) >> (bits % 64) & 1 || is_anybody_busy(q, vector))
        return true;
    if (vector->eventfd.count > 0 || word_peek(&vector->inject.pending) != 0)
        return true;
    if (port == 0) /* its driver may still come, and unmask it */
        return vector->is_pending || (vector->cause && q->pins[vector->device->gsi].remote_irr);
    return word_peek(&q->pending[port / 64]) >> (port % 64) & 1 && is_selected(q, port);
}

static void device_metrics(struct qemu *q, struct metrics *metrics, uint32_t index, uint64_t *all_pending,
                           uint64_t *all_lost)
{
    const char *name = q->setup->devices[index].name;
    struct device *kind = &q->kinds[index];
    uint64_t hz = q->host->machine->costs->frequency_hz, outstanding = 0, lost = 0;
    cycles starvation = kind->starvation_max;

    for (uint32_t i = 0; i < q->vector_count; i++) {
        const struct qemu_vector *vector = &q->vectors[i];
        if (vector->device->kind != kind || vector->source.outstanding == 0)
            continue;
        outstanding += vector->source.outstanding;
        lost += is_in_flight(q, vector) ? 0 : vector->source.outstanding;
        if (now_of(q) - vector->source.first_raise > starvation)
            starvation = now_of(q) - vector->source.first_raise;
    }
    CHECK(kind->raised == kind->delivered + kind->coalesced + kind->discarded + outstanding);
    metric_count(metrics, kind->raised, "devices.%s.interrupts", name);
    metric_count(metrics, kind->delivered, "devices.%s.delivered", name);
    metric_count(metrics, kind->coalesced, "devices.%s.coalesced", name);
    metric_count(metrics, outstanding - lost, "devices.%s.pending", name);
    metric_count(metrics, lost, "devices.%s.lost", name);
    metric_count(metrics, histogram_quantile(kind->latency, 5000), "devices.%s.latency.p50_ns", name);
    metric_count(metrics, histogram_quantile(kind->latency, 9900), "devices.%s.latency.p99_ns", name);
    metric_count(metrics, kind->latency->count == 0 ? 0 : kind->latency->maximum, "devices.%s.latency.max_ns", name);
    metric_count(metrics, cycles_to_ns(starvation, hz), "devices.%s.starvation.max_ns", name);
    metric_distribution(metrics, kind->latency, "devices.%s.latency", name);
    *all_pending += outstanding - lost;
    *all_lost += lost;
}

static void irq_metrics(struct qemu *q, struct metrics *metrics)
{
    uint64_t pending = 0, lost = 0;

    for (uint32_t i = 0; i < q->setup->device_count; i++)
        device_metrics(q, metrics, i, &pending, &lost);
    host_irq_metrics(q->host, metrics, q->kinds, q->setup->device_count, pending, lost);
}

/* --- the family's own --- */

static void path_metrics(const struct qemu *q, struct metrics *metrics)
{
    for (int path = 0; path < PATH_COUNT; path++) {
        const struct histogram *latency = q->latency[path];
        if (latency->count == 0)
            continue;
        metric_count(metrics, latency->count, "qemu.paths.%s.count", path_names[path]);
        metric_ratio(metrics, latency->sum, latency->count, "qemu.paths.%s.latency.mean_ns", path_names[path]);
        metric_count(metrics, histogram_quantile(latency, 5000), "qemu.paths.%s.latency.p50_ns", path_names[path]);
        metric_count(metrics, histogram_quantile(latency, 9900), "qemu.paths.%s.latency.p99_ns", path_names[path]);
        metric_count(metrics, latency->maximum, "qemu.paths.%s.latency.max_ns", path_names[path]);
        metric_distribution(metrics, latency, "qemu.paths.%s.latency", path_names[path]);
    }
}

/* Pending, not masked, the guest has somebody at it, and no vCPU is told. */
static uint64_t stuck_ports(const struct qemu *q)
{
    uint64_t stuck = 0;

    for (uint32_t port = 1; port < q->nr_ports; port++) {
        bool is_pending = word_peek(&q->pending[port / 64]) >> (port % 64) & 1;
        bool is_masked = word_peek(&q->mask[port / 64]) >> (port % 64) & 1;
        if (q->guest_ports[port] != NULL && is_pending && !is_masked && !is_selected(q, port))
            stuck++;
    }
    return stuck;
}

static void route_metrics(const struct qemu *q, struct metrics *metrics)
{
    const struct qemu_statistics *s = &q->statistics;
    uint64_t hz = q->host->machine->costs->frequency_hz;

    metric_count(metrics, s->commits, "qemu.routes.commits");
    metric_count(metrics, cycles_to_ns(s->commit_cycles, hz), "qemu.routes.commit_ns");
    metric_count(metrics, s->refreshes, "qemu.routes.refreshes");
    metric_count(metrics, cycles_to_ns(s->refresh_cycles, hz), "qemu.routes.refresh_ns");
    metric_count(metrics, s->entries_walked, "qemu.routes.entries_walked");
    metric_count(metrics, s->entries_left, "qemu.routes.entries_left");
    metric_count(metrics, s->attaches, "qemu.routes.attaches");
    metric_count(metrics, s->detaches, "qemu.routes.detaches");
    metric_count(metrics, s->binds, "qemu.binds");
    metric_count(metrics, cycles_to_ns(s->bind_cycles, hz), "qemu.bind_ns");
    metric_count(metrics, s->closes, "qemu.closes");
}

void qemu_metrics(struct machine *machine, struct metrics *metrics)
{
    struct host *host = machine->hypervisor;
    struct qemu *q = host->model;
    const struct qemu_statistics *s = &q->statistics;
    uint64_t hz = machine->costs->frequency_hz;

    irq_metrics(q, metrics);
    path_metrics(q, metrics);
    host_metrics(host, metrics);
    route_metrics(q, metrics);
    metric_count(metrics, s->hypercalls, "qemu.exits");
    metric_count(metrics, s->swallowed, "qemu.swallowed");
    metric_count(metrics, s->raw_writes + s->plain_msis, "qemu.dropped");
    metric_count(metrics, s->stray, "qemu.stray");
    metric_count(metrics, s->spurious, "qemu.spurious");
    metric_count(metrics, s->misdelivered, "qemu.misdelivered");
    metric_count(metrics, stuck_ports(q), "qemu.stuck");
    metric_count(metrics, s->eois, "qemu.eois");
    metric_count(metrics, s->reposts, "qemu.reposts");
    metric_count(metrics, s->poll_exits, "qemu.polls");
    metric_count(metrics, s->polls_wasted, "qemu.polls_wasted");
    metric_count(metrics, s->bottom_halves, "qemu.bottom_halves");
    metric_count(metrics, s->faults, "qemu.faults");
    metric_count(metrics, s->migrations, "qemu.migrations");
    metric_count(metrics, cycles_to_ns(q->blackout, hz), "qemu.blackout_ns");
    metric_count(metrics, q->recovery->count, "qemu.recoveries");
    metric_count(metrics, q->recovery->count == 0 ? 0 : q->recovery->maximum, "qemu.recovery.max_ns");
}
