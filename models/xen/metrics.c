/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of a Xen run, and the conservation laws that every run checks: runstates and pCPU categories sum to
 * elapsed time to the cycle; raised = delivered + coalesced + discarded + pending + lost; acquisitions of tasklet_lock
 * = schedules + 2 x executed tasklets + empty passes + teardowns (derived from xen/common/tasklet.c at f6dd295381).
 */
#include "models/family/exits.h"
#include "models/family/interrupts.h"
#include "machine/devices/iommu.h"
#include "models/xen/own_code.h"
#include "models/xen/posted.h"

static cycles now_at(const struct xen *xen) { return xen->machine->engine->now; }

void xen_measure(struct machine *machine)
{
    struct xen *xen = machine->hypervisor;

    xen->measured_from = now_at(xen);
    xen->statistics = (struct xen_statistics){ .vmexits = 0 };
    lock_measure(xen->locks, xen->measured_from);
    for (uint32_t i = 0; i < xen->cpu_count; i++) {
        cpu_measure(xen->cpus[i].cpu);
        runstate_measure(&xen->cpus[i].idle_vcpu); /* a switch in progress changes both vCPUs at one time */
    }
    for (uint32_t d = 0; d < xen->domain_count; d++)
        for (uint32_t i = 0; i < xen->domains[d].vcpu_count; i++) {
            runstate_measure(&xen->domains[d].vcpus[i]);
            xen->domains[d].vcpus[i].exits = (struct vm_exits){ .all = 0 };
            guest_measure(&xen->domains[d].vcpus[i].guest);
        }
    for (uint32_t i = 0; i < xen->setup->device_count; i++)
        device_measure(&xen->devices[i]);
    control_measure(xen);
    posted_measure(xen);
    for (uint32_t i = 0; i < xen->vector_count; i++)
        xen->vectors[i].device->statistics.raised += xen->vectors[i].outstanding;
}

void vcpu_note_waker(struct vcpu *v, bool is_tasklet)
{
    if (word_peek(&v->pause_flags) & VPF_BLOCKED)
        v->was_woken_by_tasklet = is_tasklet;
}

static void check_tasklet_takes(const struct xen *xen)
{
    const struct tasklet_counts *counts = &xen->tasklet_counts;

    if (own_has_tasklets(xen))
        return; /* the law is that of our tasklet.c */
    CHECK(counts->takes ==
          counts->schedules + counts->started + counts->ended + counts->empty_passes + counts->teardowns);
    CHECK(counts->started - counts->ended <= xen->cpu_count);
}

/* --- guests --- */

/* Sums over all vCPUs of a group of guests. */
struct guest_record {
    struct runstate_times spent;
    struct guest_statistics counted;
    struct vm_exits exits;
    cycles elapsed, stolen;
    cycles stolen_in_ticks;     /* stolen time, rounded down to whole ticks */
    cycles stolen_and_elapsed;  /* stolen_in_ticks + elapsed */
    uint64_t stolen_or_handled; /* stolen ticks + handled ticks */
    cycles accounted_at_ticks;  /* stolen time + what it left of the ticks */
};

static const struct metric_row guest_rows[] = {
    { "guests.G.steal.percent", "%", METRIC_LOWER, "time the vCPUs were RUNNABLE or OFFLINE, per elapsed time",
      METRIC_PER(struct guest_record, stolen, elapsed) },
    { "guests.G.steal_top.percent", "%", METRIC_LOWER,
      "what top prints as st until Linux 4.7: stolen ticks per stolen ticks and handled ticks",
      METRIC_PER(struct guest_record, counted.steal_ticks, stolen_or_handled) },
    { "guests.G.steal_top_since_4_8.percent", "%", METRIC_LOWER,
      "what top prints as st from Linux 4.8 on, which drops a tick that is all stolen",
      METRIC_PER(struct guest_record, counted.stolen_at_ticks, accounted_at_ticks) },
    { "guests.G.steal_tick.percent", "%", METRIC_LOWER,
      "stolen time in whole ticks, as kernels until 4.7 account it, per elapsed time",
      METRIC_PER(struct guest_record, stolen_in_ticks, elapsed) },
    { "guests.G.steal_overlap.percent", "%", METRIC_LOWER,
      "stolen time per stolen and elapsed time, as where idle time overlaps stolen time",
      METRIC_PER(struct guest_record, stolen_in_ticks, stolen_and_elapsed) },
    { "guests.G.running.percent", "%", METRIC_NEUTRAL, "time in RUNNING, per elapsed time",
      METRIC_PER(struct guest_record, spent.total[RUNSTATE_RUNNING], elapsed) },
    { "guests.G.runnable.percent", "%", METRIC_LOWER, "time in RUNNABLE (wants to run, does not), per elapsed time",
      METRIC_PER(struct guest_record, spent.total[RUNSTATE_RUNNABLE], elapsed) },
    { "guests.G.blocked.percent", "%", METRIC_NEUTRAL, "time in BLOCKED (halted), per elapsed time",
      METRIC_PER(struct guest_record, spent.total[RUNSTATE_BLOCKED], elapsed) },
    { "guests.G.offline.percent", "%", METRIC_LOWER,
      "time in OFFLINE (paused or waiting for the toolstack), per elapsed time",
      METRIC_PER(struct guest_record, spent.total[RUNSTATE_OFFLINE], elapsed) },
    { "guests.G.running_lock.percent", "%", METRIC_LOWER,
      "cycles spent on the tasklet lock (waiting or holding) charged to RUNNING, per RUNNING cycle",
      METRIC_PER(struct guest_record, spent.lock[RUNSTATE_RUNNING], spent.total[RUNSTATE_RUNNING]) },
    { "guests.G.running_lock_u1.percent", "%", METRIC_LOWER,
      "part of running_lock: a timer expired while any vCPU was current on that pCPU",
      METRIC_PER(struct guest_record, spent.lock_cause[CAUSE_TIMER_WHILE_RUNNING], spent.total[RUNSTATE_RUNNING]) },
    { "guests.G.running_lock_u2.percent", "%", METRIC_LOWER,
      "part of running_lock: the rest of the tasklet list ran at the VM entry of the vCPU that the first tasklet woke",
      METRIC_PER(struct guest_record, spent.lock_cause[CAUSE_REST_OF_LIST], spent.total[RUNSTATE_RUNNING]) },
    { "guests.G.running_lock_u4.percent", "%", METRIC_LOWER,
      "part of running_lock: something else woke the vCPU between enqueue and dequeue of its tasklet",
      METRIC_PER(struct guest_record, spent.lock_cause[CAUSE_WOKEN_ELSEWHERE], spent.total[RUNSTATE_RUNNING]) },
    { "guests.G.running_lock_u5.percent", "%", METRIC_LOWER,
      "part of running_lock: passthrough interrupts of other guests hit the pCPU while the vCPU was current",
      METRIC_PER(struct guest_record, spent.lock_cause[CAUSE_PASSTHROUGH], spent.total[RUNSTATE_RUNNING]) },
    { "guests.G.lock_running.percent", "%", METRIC_LOWER,
      "cycles spent on the tasklet lock (waiting or holding) charged to RUNNING, per elapsed cycle",
      METRIC_PER(struct guest_record, spent.lock[RUNSTATE_RUNNING], elapsed) },
    { "guests.G.lock_runnable.percent", "%", METRIC_LOWER, "the same charged to RUNNABLE (lock time that is steal)",
      METRIC_PER(struct guest_record, spent.lock[RUNSTATE_RUNNABLE], elapsed) },
    { "guests.G.lock_blocked.percent", "%", METRIC_LOWER, "the same charged to BLOCKED (lock time that only delays)",
      METRIC_PER(struct guest_record, spent.lock[RUNSTATE_BLOCKED], elapsed) },
    { "guests.G.slices.count", "count", METRIC_NEUTRAL,
      "runs of at least hypervisor.timeslice, from the change to RUNNING to the next change",
      METRIC_AT(struct guest_record, spent.slices.count) },
    { "guests.G.slices.lock.percent", "%", METRIC_LOWER,
      "cycles of those runs spent on the tasklet lock (waiting or holding), per cycle of those runs",
      METRIC_PER(struct guest_record, spent.slices.lock, spent.slices.total) },
    { "guests.G.ticks.handled", "count", METRIC_NEUTRAL, "timer ticks the guests handled",
      METRIC_AT(struct guest_record, counted.ticks_handled) },
    { "guests.G.ticks.skipped", "count", METRIC_LOWER, "timer ticks whose time had passed before they were armed",
      METRIC_AT(struct guest_record, counted.ticks_skipped) },
    { "guests.G.events.sent", "count", METRIC_NEUTRAL, "event-channel wakes sent between vCPUs",
      METRIC_AT(struct guest_record, counted.sends) },
};
static const struct metric_table guest_metric_table = METRIC_TABLE(guest_rows);

static void check_vcpu(struct vcpu *v, cycles now, cycles elapsed)
{
    cycles sum = 0;

    runstate_end(v, now);
    for (int i = 0; i < RUNSTATE_COUNT; i++)
        sum += v->spent.total[i];
    CHECK(sum == elapsed);
}

static struct guest_record totals_of(struct xen *xen, uint32_t group)
{
    struct guest_record totals = { .elapsed = 0 };
    cycles elapsed = now_at(xen) - xen->measured_from;

    for (uint32_t d = 0; d < xen->domain_count; d++) {
        if (xen->domains[d].group != group)
            continue;
        for (uint32_t i = 0; i < xen->domains[d].vcpu_count; i++) {
            struct vcpu *v = &xen->domains[d].vcpus[i];
            check_vcpu(v, now_at(xen), elapsed);
            counters_add(&totals.spent, &v->spent, sizeof(totals.spent));
            counters_add(&totals.exits, &v->exits, sizeof(totals.exits));
            counters_add(&totals.counted, &v->guest.statistics, sizeof(totals.counted));
            totals.elapsed += elapsed;
        }
    }
    return totals;
}

/* Returns the number of VM exits. */
static uint64_t guest_metrics(struct xen *xen, struct metrics *metrics, uint32_t group)
{
    uint64_t hz = xen->machine->costs->frequency_hz;
    uint64_t millihertz = xen_guest_setup(&xen->setup->guests[group])->timer_millihertz;
    cycles period = millihertz == 0 ? 0 : hz * 1000 / millihertz;
    struct guest_record record = totals_of(xen, group);

    record.stolen = record.spent.total[RUNSTATE_RUNNABLE] + record.spent.total[RUNSTATE_OFFLINE];
    record.stolen_in_ticks = record.counted.steal_ticks * period;
    record.stolen_and_elapsed = record.stolen_in_ticks + record.elapsed;
    record.stolen_or_handled = record.counted.steal_ticks + record.counted.ticks_handled;
    record.accounted_at_ticks = record.counted.stolen_at_ticks + record.counted.unstolen_at_ticks;
    vm_exits_report(&record.exits, metrics, xen->setup->guests[group].name);
    metrics_report(metrics, &guest_metric_table, &record, hz, xen->setup->guests[group].name);
    return record.exits.all;
}

/* --- interrupts --- */

static bool is_vector_of(const struct pirq *pirq, const struct vcpu *v, uint32_t vector)
{
    return v->vector_pirq[vector] == pirq || (v == pirq->dest_vcpu && vector == pirq->gvec);
}

/* Where the vCPU has the PIRQ's interrupt; NULL: it has not. */
static const char *place_in_vcpu(const struct pirq *pirq, const struct vcpu *v)
{
    static const char *const handlers[] = { "in the handler of a running vCPU", "in the handler of a preempted vCPU",
                                            "in the handler of a blocked vCPU", "in the handler of a paused vCPU" };
    static const char *const events[] = { "an event that a running vCPU has not taken",
                                          "an event that a preempted vCPU has not taken",
                                          "an event that a blocked vCPU has not taken",
                                          "an event that a paused vCPU has not taken" };
    static const char *const irrs[] = { "in the virtual IRR of a running vCPU",
                                        "in the virtual IRR of a preempted vCPU",
                                        "in the virtual IRR of a blocked vCPU", "in the virtual IRR of a paused vCPU" };
    static const char *const pirs[] = { "in the PIR of a running vCPU", "in the PIR of a preempted vCPU",
                                        "in the PIR of a blocked vCPU", "in the PIR of a paused vCPU" };
    bool is_in_pir = false;

    if (v->guest.device == pirq->desc.source)
        return handlers[v->state];
    if (pirq->desc.source->is_event && v == pirq->dest_vcpu)
        return events[v->state];
    for (uint32_t vector = 1; vector < 256; vector++) { /* nothing handles vector 0 */
        if (!is_vector_of(pirq, v, vector))
            continue;
        if (vlapic_is_in_irr(v, vector))
            return irrs[v->state];
        is_in_pir = is_in_pir || (v->posted != NULL && posted_is_in_pir(v, vector));
    }
    return is_in_pir ? pirs[v->state] : NULL;
}

static const char *place_in_lapic(const struct device_vector *source)
{
    const struct lapic *lapic = &source->target->lapic;
    uint32_t word = source->vector / 64, bit = source->vector % 64;

    if (lapic->irr[word] >> bit & 1)
        return "in the IRR of a pCPU's LAPIC";
    return lapic->isr[word] >> bit & 1 ? "in service in a pCPU's LAPIC" : NULL;
}

static bool is_left_in_tasklets(const struct xen_cpu *xc, const struct pirq *pirq)
{
    return tasklet_is_on(&pirq->tasklet, xc) || tasklet_is_on(&pirq->domain->dirq_tasklet, xc);
}

static const char *place_in_xen(const struct pirq *pirq)
{
    struct dpci_view view = dpci_view(pirq);

    if (view.state & DPCI_STATE_RUN)
        return "being delivered by a pCPU";
    if (view.state != 0 || (view.is_masked && view.is_linked))
        return "in the dPCI list of a pCPU";
    for (uint32_t id = 0; view.is_masked && id < pirq->domain->xen->cpu_count; id++)
        if (is_left_in_tasklets(&pirq->domain->xen->cpus[id], pirq))
            return "in a list of tasklets";
    if (view.is_masked)
        return "in Xen, with `masked` set";
    if (pirq->desc.lock.holder != UINT32_MAX)
        return "with the holder of its desc->lock";
    return pirq->domain->event_lock.holder != UINT32_MAX ? "with the holder of its guest's event_lock" : NULL;
}

/* The wire of an interrupt on a pin, or the virtual one of a guest's line; NULL: neither is asserted. */
static const char *place_on_line(const struct pirq *pirq)
{
    if (pirq->line != NULL && pirq->is_asserted)
        return pirq->line->is_masked ? "on its guest's line, which is masked" : "on its guest's line, not acknowledged";
    if (pirq->desc.source->wire == NULL)
        return NULL;
    return pirq->desc.pin->is_masked ? "on its line, masked until the guest's EOI" : "on its line, which is asserted";
}

/* The place from which something will still bring the interrupt to the guest; NULL: there is none. */
static const char *place_in_flight(const struct pirq *pirq)
{
    const struct device_vector *source = pirq->desc.source;
    const char *place = NULL;

    for (uint32_t i = 0; place == NULL && i < pirq->domain->vcpu_count; i++)
        place = place_in_vcpu(pirq, &pirq->domain->vcpus[i]);
    if (place == NULL)
        place = place_in_xen(pirq);
    if (place == NULL)
        place = place_in_lapic(source);
    /* the level stays asserted until the guest's driver clears its cause */
    return place == NULL && source->wire != NULL ? place_on_line(pirq) : place;
}

/* Whether nothing but a VM exit that never comes, or a wake-up that nobody sends, would bring an interrupt from a PIR
 * or a virtual IRR to the guest: the vCPU sleeps; or it runs, and no exit looks at its PIR because ON is clear. Only
 * where the whole drain has passed: ticks and notifications have then had their time. */
static bool is_left_behind(const struct pirq *pirq, const struct vcpu *v)
{
    bool is_event = pirq->desc.source->is_event && v == pirq->dest_vcpu;
    bool is_known = is_vector_of(pirq, v, pirq->gvec);
    bool is_in_irr = is_event || (is_known && vlapic_is_in_irr(v, pirq->gvec));
    bool is_in_pir = is_known && v->posted != NULL && posted_is_in_pir(v, pirq->gvec);

    if (!is_in_irr && !is_in_pir)
        return false;
    if (v->state == RUNSTATE_BLOCKED)
        return word_peek(&v->pause_flags) == VPF_BLOCKED;
    return v->state == RUNSTATE_RUNNING && !is_in_irr && !posted_is_synced_by_exit(v, pirq->gvec);
}

/* Whether the softirq or tasklet that would deliver an interrupt is queued on a pCPU that rests, in its guest or
 * halted, with no interrupt on its way that would make it look. Only where the whole drain has passed: the timers of
 * that pCPU have not made it look either. */
static bool is_left_in_queue(const struct xen_cpu *xc, const struct pirq *pirq)
{
    const struct cpu *cpu = xc->cpu;

    if ((cpu->category != CPU_GUEST && cpu->category != CPU_IDLE) || cpu->lapic.irr_count > 0 ||
        cpu->lapic.flight_count > 0)
        return false;
    return dpci_view(pirq).list_cpu == xc->id + 1 || is_left_in_tasklets(xc, pirq);
}

static struct interrupt_fate fate_of(const struct xen *xen, const struct drain *drain, const struct pirq *pirq)
{
    const char *place = place_in_flight(pirq);

    if (place == NULL) {
        place = place_on_line(pirq);
        return (struct interrupt_fate){ true, place != NULL ? place : "nowhere" };
    }
    if (!drain->is_over || pirq->desc.source->wire != NULL)
        return (struct interrupt_fate){ false, place };
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        if (is_left_in_queue(&xen->cpus[id], pirq))
            return (struct interrupt_fate){ true, place };
    for (uint32_t i = 0; i < pirq->domain->vcpu_count; i++) {
        const struct vcpu *v = &pirq->domain->vcpus[i];
        const char *place_there = place_in_vcpu(pirq, v);
        if (place_there != NULL && is_left_behind(pirq, v))
            return (struct interrupt_fate){ true, place_there };
    }
    return (struct interrupt_fate){ false, place };
}

void xen_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                    struct stuck_interrupts *stuck)
{
    struct xen *xen = machine->hypervisor;
    struct interrupts interrupts = interrupts_begin(machine, drain, xen->setup, xen->devices);

    for (uint32_t i = 0; i < xen->vector_count; i++) {
        const struct device_vector *vector = &xen->vectors[i];
        struct interrupt_fate fate = { .place = NULL };
        if (vector->outstanding > 0)
            fate = fate_of(xen, drain, vector->binding);
        interrupts_outstanding(&interrupts, vector, fate);
    }
    interrupts_report(&interrupts, metrics, stuck);
    interrupts_report_states(xen->setup, xen->devices, metrics);
}

/* --- the whole system --- */

static const struct metric_row xen_rows[] = {
    { "xen.vmexits", "count", METRIC_NEUTRAL, "VM exits of all vCPUs", METRIC_AT(struct xen_statistics, vmexits) },
    { "xen.context_switches", "count", METRIC_NEUTRAL, "context switches from one vCPU to another",
      METRIC_AT(struct xen_statistics, context_switches) },
    { "xen.wakes", "count", METRIC_NEUTRAL, "vCPUs that went from BLOCKED to RUNNABLE",
      METRIC_AT(struct xen_statistics, wakes) },
    { "xen.parks", "count", METRIC_NEUTRAL, "vCPUs paused because their guest had used up its cap",
      METRIC_AT(struct xen_statistics, parks) },
    { "xen.steals", "count", METRIC_NEUTRAL, "vCPUs that a pCPU stole from the run queue of another pCPU",
      METRIC_AT(struct xen_statistics, steals) },
    { "xen.dpci.requeues", "count", METRIC_NEUTRAL,
      "dPCI entries put back because another pCPU was delivering the PIRQ",
      METRIC_AT(struct xen_statistics, dpci_requeues) },
    { "xen.dpci.dropped", "count", METRIC_NEUTRAL, "interrupts dropped because `masked` was set (softirq-masked)",
      METRIC_AT(struct xen_statistics, dpci_dropped) },
    { "xen.pirqs.unmapped", "count", METRIC_NEUTRAL, "PIRQs unmapped from their guest",
      METRIC_AT(struct xen_statistics, pirqs_unmapped) },
    { "xen.pirqs.removed", "count", METRIC_NEUTRAL,
      "unmapped PIRQs that pirq_cleanup_check took out of the domain's tree; the others stay there until its end",
      METRIC_AT(struct xen_statistics, pirqs_removed) },
    { "xen.pirqs.freed", "count", METRIC_NEUTRAL, "those whose memory was freed; the other removed ones leak",
      METRIC_AT(struct xen_statistics, pirqs_freed) },
};
static const struct metric_table xen_metric_table = METRIC_TABLE(xen_rows);

void xen_metrics(struct machine *machine, struct metrics *metrics)
{
    struct xen *xen = machine->hypervisor;
    uint64_t exits = 0;

    check_tasklet_takes(xen);
    for (uint32_t group = 0; group < xen->setup->guest_count; group++)
        exits += guest_metrics(xen, metrics, group);
    CHECK(exits == xen->statistics.vmexits);
    locks_report(xen->locks, metrics, xen->measured_from);
    cpus_report(machine, metrics, now_at(xen) - xen->measured_from);
    metrics_report(metrics, &xen_metric_table, &xen->statistics, machine->costs->frequency_hz, NULL);
    control_metrics(xen, metrics);
    posted_metrics(xen, metrics);
}

const struct metric_table *const xen_metric_tables[] = {
    &vm_exit_metric_table, &guest_metric_table,  &irq_metric_table,       &irq_state_metric_table,
    &device_metric_table,  &lock_metric_table,   &cpu_metric_table,       &xen_metric_table,
    &iommu_metric_table,   &posted_metric_table, &hypercall_metric_table, NULL,
};
