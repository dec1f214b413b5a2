/* SPDX-License-Identifier: Apache-2.0
 *
 * What a Xen run reports, and the conservation laws that hold in every run: runstates and pCPU categories sum to
 * elapsed time to the cycle; raised = delivered + coalesced + pending; takes of tasklet_lock =
 * schedules + 2 x executed tasklets + empty passes (derived from xen/common/tasklet.c at f6dd295381).
 */
#include <stdlib.h>

#include "base/check.h"
#include "models/xen/posted.h"

static cycles now_at(const struct xen *xen) { return xen->machine->engine->now; }

void xen_measure(struct machine *machine)
{
    struct xen *xen = machine->hypervisor;
    struct xen_statistics *statistics = &xen->statistics;

    xen->measured_from = now_at(xen);
    xen->events_from = machine->engine->events;
    statistics->vmexits = statistics->context_switches = statistics->wakes = statistics->steals = 0;
    statistics->dpci_requeues = statistics->dpci_dropped = 0;
    lock_measure(xen->locks, xen->measured_from);
    for (uint32_t i = 0; i < xen->cpu_count; i++) {
        cpu_measure(xen->cpus[i].cpu);
        runstate_measure(&xen->cpus[i].idle_vcpu); /* one stamp for both of a switch under way */
    }
    for (uint32_t d = 0; d < xen->domain_count; d++)
        for (uint32_t i = 0; i < xen->domains[d].vcpu_count; i++) {
            runstate_measure(&xen->domains[d].vcpus[i]);
            guest_measure(&xen->domains[d].vcpus[i].guest);
        }
    for (uint32_t i = 0; i < xen->setup->device_count; i++)
        device_measure(&xen->devices[i]);
    control_measure(xen);
    posted_measure(xen);
    for (uint32_t i = 0; i < xen->vector_count; i++)
        xen->vectors[i].device->raised += xen->vectors[i].outstanding;
}

/* --- conservation --- */

static void check_tasklet_takes(const struct xen *xen)
{
    const struct xen_statistics *s = &xen->statistics;

    CHECK(s->tasklet_takes == s->tasklet_schedules + s->tasklets_started + s->tasklets_ended + s->tasklet_empty_passes +
                                  s->tasklet_teardowns);
    CHECK(s->tasklets_started - s->tasklets_ended <= xen->cpu_count);
}

static void check_cpu(struct cpu *cpu, cycles elapsed)
{
    cycles sum = 0;

    cpu_category_flush(cpu);
    for (int i = 0; i < CPU_CATEGORY_COUNT; i++)
        sum += cpu->category_cycles[i];
    CHECK(sum == elapsed);
}

static void check_vcpu(struct vcpu *v, cycles now, cycles elapsed)
{
    cycles sum = 0;

    vcpu_runstate_change(v, v->state, now);
    for (int i = 0; i < RUNSTATE_COUNT; i++)
        sum += v->time[i];
    CHECK(sum == elapsed);
}

/* --- guests --- */

struct guest_totals {
    cycles time[RUNSTATE_COUNT], lock_time[RUNSTATE_COUNT], lock_cause[CAUSE_COUNT];
    cycles elapsed; /* of all vCPUs together */
    uint64_t steal_ticks, ticks_handled, ticks_skipped, sends;
};

static struct guest_totals totals_of(struct xen *xen, uint32_t group)
{
    struct guest_totals totals = { .elapsed = 0 };
    cycles elapsed = now_at(xen) - xen->measured_from;

    for (uint32_t d = 0; d < xen->domain_count; d++) {
        if (xen->domains[d].group != group)
            continue;
        for (uint32_t i = 0; i < xen->domains[d].vcpu_count; i++) {
            struct vcpu *v = &xen->domains[d].vcpus[i];
            check_vcpu(v, now_at(xen), elapsed);
            for (int s = 0; s < RUNSTATE_COUNT; s++) {
                totals.time[s] += v->time[s];
                totals.lock_time[s] += v->lock_time[s];
            }
            for (int c = 0; c < CAUSE_COUNT; c++)
                totals.lock_cause[c] += v->lock_cause[c];
            totals.steal_ticks += v->guest.steal_ticks;
            totals.ticks_handled += v->guest.ticks_handled;
            totals.ticks_skipped += v->guest.ticks_skipped;
            totals.sends += v->guest.sends;
            totals.elapsed += elapsed;
        }
    }
    return totals;
}

static void steal_metrics(const struct xen *xen, struct metrics *metrics, const struct guest_totals *t, uint32_t group)
{
    const char *name = xen->setup->guests[group].name;
    uint64_t millihertz = xen_guest_setup(&xen->setup->guests[group])->timer_millihertz;
    cycles period = millihertz == 0 ? 0 : xen->machine->costs->frequency_hz * 1000 / millihertz;
    cycles stolen = t->steal_ticks * period;

    metric_ratio(metrics, (t->time[RUNSTATE_RUNNABLE] + t->time[RUNSTATE_OFFLINE]) * 100, t->elapsed,
                 "guests.%s.steal.percent", name);
    metric_ratio(metrics, stolen * 100, t->elapsed, "guests.%s.steal_tick.percent", name);
    metric_ratio(metrics, t->steal_ticks * 100, t->steal_ticks + t->ticks_handled, "guests.%s.steal_top.percent", name);
    metric_ratio(metrics, stolen * 100, stolen + t->elapsed, "guests.%s.steal_overlap.percent", name);
    metric_count(metrics, t->ticks_handled, "guests.%s.ticks.handled", name);
    metric_count(metrics, t->ticks_skipped, "guests.%s.ticks.skipped", name);
    metric_count(metrics, t->sends, "guests.%s.events.sent", name);
}

static void guest_metrics(struct xen *xen, struct metrics *metrics, uint32_t group)
{
    static const char *const states[] = { "running", "runnable", "blocked", "offline" };
    static const char *const causes[] = { "u1", "u2", "u4", "u5" };
    const char *name = xen->setup->guests[group].name;
    struct guest_totals t = totals_of(xen, group);

    steal_metrics(xen, metrics, &t, group);
    for (int s = 0; s < RUNSTATE_COUNT; s++)
        metric_ratio(metrics, t.time[s] * 100, t.elapsed, "guests.%s.%s.percent", name, states[s]);
    for (int s = 0; s < RUNSTATE_OFFLINE; s++)
        metric_ratio(metrics, t.lock_time[s] * 100, t.elapsed, "guests.%s.lock_%s.percent", name, states[s]);
    metric_ratio(metrics, t.lock_time[RUNSTATE_RUNNING] * 100, t.time[RUNSTATE_RUNNING],
                 "guests.%s.running_lock.percent", name);
    for (int c = 0; c < CAUSE_COUNT; c++)
        metric_ratio(metrics, t.lock_cause[c] * 100, t.time[RUNSTATE_RUNNING], "guests.%s.running_lock_%s.percent",
                     name, causes[c]);
}

/* --- interrupts --- */

static void device_metrics(struct xen *xen, struct metrics *metrics, uint32_t index, uint64_t *pending)
{
    const char *name = xen->setup->devices[index].name;
    struct device *device = &xen->devices[index];
    uint64_t hz = xen->machine->costs->frequency_hz;
    uint64_t outstanding = 0;
    cycles starvation = device->starvation_max;

    for (uint32_t i = 0; i < xen->vector_count; i++) {
        const struct device_vector *vector = &xen->vectors[i];
        if (vector->device != device || vector->outstanding == 0)
            continue;
        outstanding += vector->outstanding;
        if (now_at(xen) - vector->first_raise > starvation)
            starvation = now_at(xen) - vector->first_raise;
    }
    CHECK(device->raised == device->delivered + device->coalesced + device->discarded + outstanding);
    *pending += outstanding;
    metric_count(metrics, device->raised, "devices.%s.interrupts", name);
    metric_count(metrics, device->delivered, "devices.%s.delivered", name);
    metric_count(metrics, device->absorbed, "devices.%s.absorbed", name);
    if (xen->setup->action_count > 0)
        metric_count(metrics, device->discarded, "devices.%s.discarded", name);
    metric_count(metrics, histogram_quantile(device->latency, 5000), "devices.%s.latency.p50_ns", name);
    metric_count(metrics, histogram_quantile(device->latency, 9900), "devices.%s.latency.p99_ns", name);
    metric_count(metrics, device->latency->count == 0 ? 0 : device->latency->maximum, "devices.%s.latency.max_ns",
                 name);
    metric_count(metrics, cycles_to_ns(starvation, hz), "devices.%s.starvation.max_ns", name);
    metric_distribution(metrics, device->latency, "devices.%s.latency", name);
}

/* An interrupt is lost when it is outstanding and nothing on its path will bring it to the guest any more. */
static bool is_in_flight(const struct pirq *pirq)
{
    const struct device_vector *source = pirq->desc.source;

    if (source->wire != NULL)
        return true; /* the level stays until somebody looks at the device */
    const struct vcpu *v = pirq->dest_vcpu;
    const struct lapic *lapic = &source->target->lapic;
    bool in_lapic = lapic->irr[source->vector / 64] >> (source->vector % 64) & 1 ||
                    lapic->isr[source->vector / 64] >> (source->vector % 64) & 1;

    return in_lapic || word_peek(&pirq->masked) != 0 || pirq->state.value != 0 ||
           pirq->desc.lock.holder != UINT32_MAX ||
           word_peek(&v->vlapic_irr[pirq->gvec / 64]) >> (pirq->gvec % 64) & 1 ||
           pirq->domain->event_lock.holder != UINT32_MAX || v->guest.device == source || posted_is_in_flight(pirq);
}

static uint64_t lost_interrupts(const struct xen *xen)
{
    uint64_t lost = 0;

    for (uint32_t d = 0; d < xen->domain_count; d++)
        for (uint32_t i = 0; i < xen->domains[d].pirq_count; i++) {
            const struct pirq *pirq = &xen->domains[d].pirqs[i];
            if (pirq->desc.source != NULL && pirq->desc.source->outstanding > 0 && !is_in_flight(pirq))
                lost += pirq->desc.source->outstanding;
        }
    return lost;
}

/* Of all devices that ask for it; nothing where none does. */
static void by_state_metrics(struct xen *xen, struct metrics *metrics)
{
    static const char *const names[] = { "running", "preempted", "blocked" };
    bool is_asked = false;

    for (uint32_t i = 0; i < xen->setup->device_count; i++)
        is_asked = is_asked || xen->devices[i].target_state != NULL;
    for (int state = 0; is_asked && state < TARGET_STATE_COUNT; state++) {
        struct histogram *all = malloc(sizeof(*all));
        CHECK(all != NULL);
        histogram_init(all);
        for (uint32_t i = 0; i < xen->setup->device_count; i++)
            if (xen->devices[i].target_state != NULL)
                histogram_merge(all, xen->devices[i].latency_by_state[state]);
        metric_count(metrics, all->count, "irq.latency_%s.count", names[state]);
        metric_count(metrics, histogram_quantile(all, 5000), "irq.latency_%s.p50_ns", names[state]);
        metric_count(metrics, histogram_quantile(all, 9900), "irq.latency_%s.p99_ns", names[state]);
        metric_count(metrics, all->count == 0 ? 0 : all->maximum, "irq.latency_%s.max_ns", names[state]);
        free(all);
    }
}

static void irq_metrics(struct xen *xen, struct metrics *metrics)
{
    static const struct {
        const char *name;
        uint32_t permyriad;
    } quantiles[] = { { "p50_ns", 5000 }, { "p99_ns", 9900 }, { "p999_ns", 9990 }, { "max_ns", 10000 } };
    struct histogram *all = malloc(sizeof(*all));
    uint64_t raised = 0, delivered = 0, coalesced = 0, pending = 0;

    CHECK(all != NULL);
    histogram_init(all);
    for (uint32_t i = 0; i < xen->setup->device_count; i++) {
        device_metrics(xen, metrics, i, &pending);
        raised += xen->devices[i].raised;
        delivered += xen->devices[i].delivered;
        coalesced += xen->devices[i].coalesced;
        histogram_merge(all, xen->devices[i].latency);
    }
    uint64_t lost = lost_interrupts(xen);
    metric_count(metrics, raised, "irq.raised");
    metric_count(metrics, delivered, "irq.delivered");
    metric_count(metrics, coalesced, "irq.coalesced");
    metric_count(metrics, lost, "irq.lost");
    metric_count(metrics, pending - lost, "irq.pending");
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        metric_count(metrics, histogram_quantile(all, quantiles[i].permyriad), "irq.latency.%s", quantiles[i].name);
    metric_distribution(metrics, all, "irq.latency");
    free(all);
    by_state_metrics(xen, metrics);
}

/* --- the machine --- */

static void machine_metrics(struct xen *xen, struct metrics *metrics)
{
    static const char *const categories[] = { "guest", "hypervisor", "interrupt", "lock_wait", "idle" };
    cycles elapsed = now_at(xen) - xen->measured_from;
    cycles sums[CPU_CATEGORY_COUNT] = { 0 };

    for (uint32_t i = 0; i < xen->cpu_count; i++) {
        check_cpu(xen->cpus[i].cpu, elapsed);
        for (int c = 0; c < CPU_CATEGORY_COUNT; c++)
            sums[c] += xen->cpus[i].cpu->category_cycles[c];
    }
    for (int c = 0; c < CPU_CATEGORY_COUNT; c++)
        metric_ratio(metrics, sums[c] * 100, elapsed * xen->cpu_count, "cpus.%s.percent", categories[c]);
    metric_count(metrics, xen->statistics.vmexits, "xen.vmexits");
    metric_count(metrics, xen->statistics.context_switches, "xen.context_switches");
    metric_count(metrics, xen->statistics.wakes, "xen.wakes");
    metric_count(metrics, xen->statistics.steals, "xen.steals");
    metric_count(metrics, xen->statistics.dpci_requeues, "xen.dpci.requeues");
    metric_count(metrics, xen->statistics.dpci_dropped, "xen.dpci.dropped");
    metric_count(metrics, xen->machine->engine->events - xen->events_from, "engine.events");
}

void xen_metrics(struct machine *machine, struct metrics *metrics)
{
    struct xen *xen = machine->hypervisor;

    check_tasklet_takes(xen);
    for (uint32_t group = 0; group < xen->setup->guest_count; group++)
        guest_metrics(xen, metrics, group);
    irq_metrics(xen, metrics);
    lock_metrics(xen->locks, metrics, xen->measured_from);
    machine_metrics(xen, metrics);
    control_metrics(xen, metrics);
    posted_metrics(xen, metrics);
}
