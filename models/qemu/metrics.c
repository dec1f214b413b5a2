/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of a run of the qemu family: devices, latency for each path, stuck ports, locks, the host, and the costs
 * of routes, polls, EOIs and migrations.
 */
#include "models/family/interrupts.h"
#include "models/qemu/qemu.h"

void qemu_measure(struct machine *machine)
{
    struct host *host = machine->hypervisor;
    struct qemu *q = host->model;

    host_measure(host);
    q->statistics = (struct qemu_statistics){ .migrations = 0 };
    for (int path = 0; path < PATH_COUNT; path++)
        histogram_init(q->latency[path]);
    for (uint32_t i = 0; i < q->setup->device_count; i++)
        device_measure(&q->kinds[i]);
    for (uint32_t i = 0; i < q->vector_count; i++) {
        q->vectors[i].source.outstanding = 0; /* reset together with the counters of its device */
        q->vectors[i].is_fired = false;
    }
}

/* --- devices --- */

/* Whether the vCPU will look at its selector: an upcall is pending, or the line that stands for it is high. */
static bool is_called(const struct qemu_vcpu *v)
{
    const struct qemu *q = v->qemu;
    uint64_t irr = word_peek(&v->vcpu.irr);

    switch (q->options->callback) {
    case CALLBACK_BY_VCPU_VECTOR:
        return irr >> GUEST_VECTOR_UPCALL & 1;
    case CALLBACK_BY_GSI:
        return q->pins[q->callback_gsi].level || irr >> (GUEST_VECTOR_GSI + q->callback_gsi) & 1;
    default:
        return page_peek(&v->upcall_pending) != 0;
    }
}

/* Whether a vCPU finds the pending port when it looks; `is_called_only`: if it has also been called, because an upcall
 * that went elsewhere is not repeated while the selector is set. */
static bool is_selected(const struct qemu *q, uint32_t port, bool is_called_only)
{
    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        const struct qemu_vcpu *v = &q->vcpus[i];
        uint64_t selected = page_peek(&v->pending_sel) | word_peek(&v->shadow_sel);
        if (selected >> (port / 64) & 1 && word_peek(&v->bound[port / 64]) >> (port % 64) & 1 &&
            (!is_called_only || word_peek(&v->shadow_sel) != 0 || is_called(v)))
            return true;
    }
    return false;
}

/* The thread or handler that is running and may be delivering an event of the vector; NULL: there is none. */
static const char *place_in_code(const struct qemu *q, const struct qemu_vector *vector)
{
    if (q->main_loop.thread.state != THREAD_ASLEEP)
        return "with QEMU's main loop";
    if (!workqueue_is_asleep(q->kworker))
        return "with KVM's worker";
    if (vector->source.target->interrupt_depth > 0)
        return "behind a handler of the host";
    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        const struct vcpu *vcpu = &q->vcpus[i].vcpu;
        bool is_out = word_peek(&vcpu->mode) == VCPU_OUTSIDE && vcpu->thread.state != THREAD_ASLEEP;
        if (is_out)
            return "behind a VM exit";
        if (!vcpu->irq_on || vcpu->injected != 0)
            return "behind a handler of the guest";
    }
    return NULL;
}

/* Where the interrupt waits between the device and its event channel; NULL: nowhere. */
static const char *place_in_host(const struct qemu_vector *vector)
{
    const struct lapic *lapic = &vector->source.target->lapic;
    uint32_t bits = vector->source.vector;

    if ((lapic->irr[bits / 64] | lapic->isr[bits / 64]) >> (bits % 64) & 1)
        return "in a pCPU's LAPIC";
    if (vector->eventfd.count > 0)
        return "in its eventfd";
    return word_peek(&vector->inject.pending) != 0 ? "in KVM's work queue" : NULL;
}

static bool is_set(const struct page_word *bitmap, uint32_t port)
{
    return page_peek(&bitmap[port / 64]) >> (port % 64) & 1;
}

/* Where the interrupt is that nothing will bring to the guest. */
static const char *place_of_lost(const struct qemu *q, const struct qemu_vector *vector)
{
    uint32_t port = vector->irq.port;

    if (port != 0 && is_set(q->pending, port))
        return is_set(q->mask, port) ? "at its event channel, which is masked"
                                     : "at its event channel, and its vCPU is not told";
    if (vector->is_pending)
        return "in its message, which is masked";
    if (vector->cause && vector->device->own->pirq_kind == PIRQ_KIND_IPI)
        return "with its sender, which has not sent the event";
    return vector->cause ? "at its GSI, which is asserted" : "nowhere";
}

/* Some pending work will still notify the guest, or it is lost. */
static struct interrupt_fate fate_of(const struct qemu *q, const struct drain *drain, const struct qemu_vector *vector)
{
    uint32_t port = vector->irq.port;
    const char *place = place_in_host(vector);

    if (q->host->faults.deadlocks > 0)
        return (struct interrupt_fate){ true, "behind a deadlock of the host's threads" };
    if (place != NULL)
        return (struct interrupt_fate){ false, place };
    if (port != 0 && is_set(q->pending, port) && is_selected(q, port, drain->is_over))
        return (struct interrupt_fate){ false, "at its event channel, and its vCPU is told" };
    if (port == 0 && vector->is_pending) /* its driver may still bind and unmask it */
        return (struct interrupt_fate){ false, "in its message, which is masked" };
    if (port == 0 && vector->cause && q->pins[vector->device->gsi].remote_irr)
        return (struct interrupt_fate){ false, "at its GSI, which awaits the guest's EOI" };
    place = place_in_code(q, vector);
    if (place != NULL)
        return (struct interrupt_fate){ false, place };
    return (struct interrupt_fate){ true, place_of_lost(q, vector) };
}

void qemu_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                     struct stuck_interrupts *stuck)
{
    struct qemu *q = ((struct host *)machine->hypervisor)->model;
    struct interrupts interrupts = interrupts_begin(machine, drain, q->setup, q->kinds);

    for (uint32_t i = 0; i < q->vector_count; i++) {
        const struct device_vector *source = &q->vectors[i].source;
        interrupts_outstanding(&interrupts, source, fate_of(q, drain, &q->vectors[i]));
    }
    interrupts_report(&interrupts, metrics, stuck);
}

/* --- the family's own --- */

struct path_record {
    struct histogram *latency;
};

static const struct metric_row path_rows[] = {
    { "qemu.paths.P.count", "count", METRIC_NEUTRAL,
      "events handled that took the path P: F1 irqfd, F2 irqfd with the page unmapped, F3 a send handled by KVM, S1 "
      "QEMU by KVM's ioctl, S2 QEMU on the shared page, S3 QEMU's main loop for a device passed through",
      METRIC_OF(struct path_record, latency, COUNT) },
    { "qemu.paths.P.latency", "ns", METRIC_NEUTRAL,
      "from the firing of such an event to the guest's handler, distribution (for plots)",
      METRIC_OF(struct path_record, latency, DISTRIBUTION) },
    { "qemu.paths.P.latency.mean_ns", "ns", METRIC_LOWER,
      "from the firing of such an event to the guest's handler, mean", METRIC_OF(struct path_record, latency, MEAN) },
    METRIC_PERCENTILES("qemu.paths.P.latency", "latency of such an event", struct path_record, latency),
};
static const struct metric_table path_metric_table = METRIC_TABLE(path_rows);

static void path_metrics(const struct qemu *q, struct metrics *metrics)
{
    static const char *const names[] = { "F1", "F2", "F3", "S1", "S2", "S3" };

    for (int path = 0; path < PATH_COUNT; path++)
        if (q->latency[path]->count > 0)
            metrics_report(metrics, &path_metric_table, &(struct path_record){ q->latency[path] }, 0, names[path]);
}

static const struct metric_row qemu_rows[] = {
    { "qemu.exits", "count", METRIC_NEUTRAL, "exits of the guest that QEMU handled",
      METRIC_AT(struct qemu, statistics.exits) },
    { "qemu.dropped", "count", METRIC_LOWER, "messages that named no port: written to memory, or sent with vector 0",
      METRIC_AT(struct qemu, statistics.dropped) },
    { "qemu.swallowed", "count", METRIC_LOWER, "rises of a mapped GSI whose PIRQ has no port",
      METRIC_AT(struct qemu, statistics.swallowed) },
    { "qemu.stray", "count", METRIC_LOWER, "events that KVM set on a closed port",
      METRIC_AT(struct qemu, statistics.stray) },
    { "qemu.spurious", "count", METRIC_LOWER, "handlers that found nothing to do",
      METRIC_AT(struct qemu, statistics.spurious) },
    { "qemu.misdelivered", "count", METRIC_LOWER,
      "interrupts of I/O APIC pins sent to another vCPU than the redirection entry names",
      METRIC_AT(struct qemu, statistics.misdelivered) },
    { "qemu.stuck", "count", METRIC_LOWER, "open ports pending at the end whose vCPU was not notified",
      METRIC_AT(struct qemu, statistics.stuck) },
    { "qemu.eois", "count", METRIC_NEUTRAL, "PHYSDEVOP_eoi hypercalls", METRIC_AT(struct qemu, statistics.eois) },
    { "qemu.reposts", "count", METRIC_NEUTRAL, "EOIs that found the GSI still asserted and posted the event again",
      METRIC_AT(struct qemu, statistics.reposts) },
    { "qemu.polls", "count", METRIC_NEUTRAL, "exits that checked whether the callback GSI can be deasserted",
      METRIC_AT(struct qemu, statistics.poll_exits) },
    { "qemu.polls_wasted", "count", METRIC_LOWER, "polls that found the callback still needed",
      METRIC_AT(struct qemu, statistics.polls_wasted) },
    { "qemu.bottom_halves", "count", METRIC_NEUTRAL, "callback GSIs raised by the main loop's bottom half",
      METRIC_AT(struct qemu, statistics.bottom_halves) },
    { "qemu.faults", "count", METRIC_LOWER, "shared pages that KVM had to map again",
      METRIC_AT(struct qemu, statistics.faults) },
    { "qemu.routes.commits", "count", METRIC_LOWER, "KVM_SET_GSI_ROUTING calls",
      METRIC_AT(struct qemu, statistics.commits) },
    { "qemu.routes.commit_ns", "ns", METRIC_LOWER, "total time in KVM_SET_GSI_ROUTING calls",
      METRIC_CYCLES_AT(struct qemu, statistics.commit_cycles) },
    { "qemu.routes.refreshes", "count", METRIC_LOWER, "rebuilds of all routes",
      METRIC_AT(struct qemu, statistics.refreshes) },
    { "qemu.routes.refresh_ns", "ns", METRIC_LOWER,
      "total time in route updates after a bind or close, commits included",
      METRIC_CYCLES_AT(struct qemu, statistics.refresh_cycles) },
    { "qemu.routes.entries_walked", "count", METRIC_LOWER, "route entries translated again",
      METRIC_AT(struct qemu, statistics.entries_walked) },
    { "qemu.routes.entries_left", "count", METRIC_LOWER,
      "entries whose translation was refused and that stayed unchanged",
      METRIC_AT(struct qemu, statistics.entries_left) },
    { "qemu.routes.attaches", "count", METRIC_NEUTRAL, "eventfds attached to KVM",
      METRIC_AT(struct qemu, statistics.attaches) },
    { "qemu.routes.detaches", "count", METRIC_NEUTRAL, "eventfds detached from KVM",
      METRIC_AT(struct qemu, statistics.detaches) },
    { "qemu.binds", "count", METRIC_NEUTRAL, "EVTCHNOP_bind_pirq hypercalls",
      METRIC_AT(struct qemu, statistics.binds) },
    { "qemu.bind_ns", "ns", METRIC_LOWER, "total time in EVTCHNOP_bind_pirq hypercalls and the ends of their batches",
      METRIC_CYCLES_AT(struct qemu, statistics.bind_cycles) },
    { "qemu.closes", "count", METRIC_NEUTRAL, "EVTCHNOP_close hypercalls", METRIC_AT(struct qemu, statistics.closes) },
    { "qemu.migrations", "count", METRIC_NEUTRAL, "live migrations", METRIC_AT(struct qemu, statistics.migrations) },
    { "qemu.blackout_ns", "ns", METRIC_LOWER, "total time in which migrations stopped the vCPUs",
      METRIC_CYCLES_AT(struct qemu, statistics.blackout_cycles) },
    { "qemu.recoveries", "count", METRIC_HIGHER, "migrations after which an interrupt reached the guest",
      METRIC_OF(struct qemu, recovery, COUNT) },
    { "qemu.recovery.max_ns", "ns", METRIC_LOWER,
      "from the stop of the vCPUs to the first interrupt delivered, longest",
      METRIC_QUANTILE(struct qemu, recovery, 10000) },
};
static const struct metric_table qemu_metric_table = METRIC_TABLE(qemu_rows);

/* Number of ports that are pending, not masked and used by the guest, and whose vCPU has not been notified. */
static uint64_t stuck_ports(const struct qemu *q)
{
    uint64_t stuck = 0;

    for (uint32_t port = 1; port < ports_peek(q); port++) {
        bool is_pending = page_peek(&q->pending[port / 64]) >> (port % 64) & 1;
        bool is_masked = page_peek(&q->mask[port / 64]) >> (port % 64) & 1;
        if (q->guest_ports[port] != NULL && is_pending && !is_masked && !is_selected(q, port, false))
            stuck++;
    }
    return stuck;
}

void qemu_metrics(struct machine *machine, struct metrics *metrics)
{
    struct host *host = machine->hypervisor;
    struct qemu *q = host->model;

    path_metrics(q, metrics);
    host_report(host, metrics);
    q->statistics.stuck = stuck_ports(q);
    metrics_report(metrics, &qemu_metric_table, q, machine->costs->frequency_hz, NULL);
}

const struct metric_table *const qemu_metric_tables[] = {
    &irq_metric_table,  &device_metric_table, &lock_metric_table, &cpu_metric_table,
    &host_metric_table, &path_metric_table,   &qemu_metric_table, NULL,
};
