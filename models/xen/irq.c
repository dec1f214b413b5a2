/* SPDX-License-Identifier: Apache-2.0
 *
 * Physical interrupts: do_IRQ, under desc->lock with interrupts off, for maskable MSIs (LAPIC EOI at ack, no guest EOI
 * needed) and for level-triggered pins (masked from ack until the guest's EOI or 1 ms without one).
 * Left out: unmaskable MSIs, ack by EOI, the storm limit of 10000 interrupts in 10 ms, two-step affinity changes.
 * Source: do_IRQ and __do_IRQ_guest, xen/arch/x86/irq.c at f6dd295381.
 */
#include "machine/footprint.h"
#include "models/xen/posted.h"

void send_IPI(struct cpu *cpu, struct cpu *target, uint32_t vector)
{
    cpu_fence(cpu);
    ipi_send(cpu, target, vector);
}

/* The interrupt's messages may reach any pCPU; its vector is allocated on all of them. */
static bool is_anywhere(const struct irq_desc *desc)
{
    return desc->source != NULL && desc->pin == NULL && desc->source->device->is_at_any_cpu;
}

static void vector_share(struct irq_desc *desc, struct xen *xen)
{
    for (uint32_t id = 0; id < xen->cpu_count; id++) {
        CHECK(xen->cpus[id].vector_irq[desc->vector] == NULL || &xen->cpus[id] == desc->cpu);
        xen->cpus[id].vector_irq[desc->vector] = desc;
    }
}

/* Whether the vector is free on this pCPU; of an interrupt that may reach any pCPU, on all of them. */
static bool is_free(const struct irq_desc *desc, const struct xen_cpu *xc, uint32_t vector)
{
    bool is_free = xc->vector_irq[vector] == NULL;

    for (uint32_t id = 0; is_anywhere(desc) && id < xc->xen->cpu_count; id++)
        is_free = is_free && xc->xen->cpus[id].vector_irq[vector] == NULL;
    return is_free;
}

/* A free vector for the interrupt on this pCPU; 0 if there is none. */
static uint32_t free_vector(const struct irq_desc *desc, const struct xen_cpu *xc)
{
    for (uint32_t vector = VECTOR_DEVICE_FIRST; vector <= VECTOR_DEVICE_LAST; vector++)
        if (is_free(desc, xc, vector))
            return vector;
    return 0;
}

static void assign(struct irq_desc *desc, struct xen_cpu *xc, uint32_t vector)
{
    xc->vector_irq[vector] = desc;
    desc->cpu = xc;
    desc->vector = vector;
    if (desc->pin != NULL)
        irq_pin_route(desc->pin, xc->cpu, vector);
    device_route(desc->source, xc->cpu, vector);
}

void irq_boot(struct irq_desc *desc, struct xen_cpu *xc)
{
    struct xen *xen = xc->xen;

    for (uint32_t i = 0; i < xen->cpu_count; i++) {
        struct xen_cpu *candidate = &xen->cpus[(xc->id + i) % xen->cpu_count];
        uint32_t vector = free_vector(desc, candidate);
        if (vector != 0) {
            assign(desc, candidate, vector);
            if (is_anywhere(desc))
                vector_share(desc, xen);
            return;
        }
    }
    CHECK(!"the run was refused: more vectors than the machine has");
}

/* A message in flight arrives at the new pCPU. An interrupt that the old LAPIC has accepted still needs its descriptor
 * there. */
static void vector_release(struct xen_cpu *xc, uint32_t vector)
{
    const struct lapic *lapic = &xc->cpu->lapic;

    if (!((lapic->irr[vector / 64] | lapic->isr[vector / 64]) >> (vector % 64) & 1))
        xc->vector_irq[vector] = NULL;
}

void irq_set_affinity(struct irq_desc *desc, struct xen_cpu *xc)
{
    if (desc->cpu == xc || desc->source == NULL || is_anywhere(desc) || (desc->pin != NULL && desc->pin->is_in_service))
        return;
    uint32_t vector = free_vector(desc, xc);
    if (vector == 0)
        return; /* the interrupt keeps its affinity */
    vector_release(desc->cpu, desc->vector);
    assign(desc, xc, vector);
}

static struct xen_cpu *other_online_cpu(struct cpu *cpu)
{
    const struct xen_cpu *xc = xen_cpu(cpu);

    for (uint32_t i = 1; i < xc->xen->cpu_count; i++) {
        struct xen_cpu *candidate = &xc->xen->cpus[(xc->id + i) % xc->xen->cpu_count];
        if (!cpu_is_offline(cpu, candidate))
            return candidate;
    }
    CHECK(!"the first pCPU stays online");
    return NULL;
}

static bool is_latched(const struct cpu *cpu, uint32_t vector)
{
    return cpu->lapic.irr[vector / 64] >> (vector % 64) & 1;
}

static void fixup_irq(struct cpu *cpu, struct irq_desc *desc, bool forwards_vectors)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    uint32_t vector = desc->vector;

    spin_lock(cpu, &desc->lock);
    cpu_spend(cpu, cpu->costs->icr_write);
    bool is_pending = desc->cpu == xc && is_latched(cpu, vector);
    if (is_anywhere(desc)) {
        device_allow(desc->source, cpu, false);
        if (desc->cpu == xc)
            desc->cpu = other_online_cpu(cpu);
        device_route(desc->source, desc->cpu->cpu, vector);
    } else if (desc->cpu == xc) {
        irq_set_affinity(desc, other_online_cpu(cpu));
        posted_affinity_changed(cpu, desc->pirq);
    }
    if (forwards_vectors && is_pending)
        send_IPI(cpu, desc->cpu->cpu, desc->vector);
    spin_unlock(cpu, &desc->lock);
}

void fixup_irqs(struct cpu *cpu, bool forwards_vectors)
{
    for (uint32_t d = 0; d < xen_of(cpu)->domain_count; d++)
        for (uint32_t i = 0; i < xen_of(cpu)->domains[d].pirq_count; i++)
            if (xen_of(cpu)->domains[d].pirqs[i].desc.source != NULL)
                fixup_irq(cpu, &xen_of(cpu)->domains[d].pirqs[i].desc, forwards_vectors);
}

void irq_cpu_online(struct xen_cpu *xc)
{
    for (uint32_t i = 0; i < xc->xen->vector_count; i++)
        device_allow(&xc->xen->vectors[i], xc->cpu, true);
}

/* --- level-triggered interrupts --- */

static void eoi_timer_fn(struct cpu *cpu, void *data);

void irq_pin_boot(struct irq_desc *desc, uint32_t timeouts)
{
    struct xen *xen = desc->cpu->xen;

    desc->pin = ARENA_NEW(xen->machine->arena, struct irq_pin);
    desc->source->wire = ARENA_NEW(xen->machine->arena, struct irq_source);
    irq_pin_init(desc->pin, xen->machine, IRQ_SAMPLING_LEVEL);
    irq_pin_route(desc->pin, desc->cpu->cpu, desc->vector);
    irq_source_init(desc->source->wire, desc->pin, true);
    timer_init(&desc->eoi_timer, eoi_timer_fn, desc);
    timer_explore(xen, &desc->eoi_timer, "eoi_timer", timeouts);
}

/* The host's EOI is broadcast at once; the pin stays masked until the guest's EOI. */
static void pin_ack(struct cpu *cpu, struct irq_desc *desc)
{
    register_access(cpu, cpu->costs->icr_write);
    irq_pin_mask(desc->pin);
    irq_pin_deactivate(desc->pin);
}

static void pin_end(struct cpu *cpu, struct irq_desc *desc)
{
    register_access(cpu, cpu->costs->icr_write);
    irq_pin_unmask(desc->pin);
}

void desc_guest_eoi(struct cpu *cpu, struct irq_desc *desc)
{
    if (!desc->is_eoi_owed)
        return;
    desc->is_eoi_owed = false;
    if (--desc->in_flight > 0)
        return;
    stop_timer(cpu, &desc->eoi_timer);
    pin_end(cpu, desc);
}

/* Ends the interrupt if the guest has not sent its EOI within 1 ms, unless the timer has been armed again meanwhile. */
static void eoi_timer_fn(struct cpu *cpu, void *data)
{
    struct irq_desc *desc = data;
    bool was_on = spin_lock_irqsave(cpu, &desc->lock);

    footprint_read(cpu->engine, &desc->eoi_timer.link.next);
    if (list_is_empty(&desc->eoi_timer.link))
        desc_guest_eoi(cpu, desc);
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
}

void pirq_guest_eoi(struct cpu *cpu, struct pirq *pirq)
{
    struct irq_desc *desc = &pirq->desc;

    if (desc->pin == NULL)
        return;
    bool was_on = spin_lock_irqsave(cpu, &desc->lock);
    desc_guest_eoi(cpu, desc);
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
}

void desc_guest_unbind(struct cpu *cpu, struct irq_desc *desc)
{
    desc->is_bound = false;
    if (desc->pin == NULL)
        return;
    desc_guest_eoi(cpu, desc);
    stop_timer(cpu, &desc->eoi_timer);
    register_access(cpu, cpu->costs->icr_write);
    irq_pin_mask(desc->pin);
}

/* The action of a level-triggered interrupt: raises it, and expects the guest's EOI within 1 ms. */
static void eoi_expect(struct cpu *cpu, struct irq_desc *desc)
{
    if (!desc->is_eoi_owed) {
        desc->is_eoi_owed = true;
        desc->in_flight++;
    }
    xen_of(cpu)->dpci->raise(cpu, desc->pirq);
    set_timer(cpu, &desc->eoi_timer, now_of(cpu) + cpu->costs->frequency_hz / 1000);
}

void do_irq(struct cpu *cpu, uint32_t vector)
{
    struct irq_desc *desc = xen_cpu(cpu)->vector_irq[vector];

    CHECK(desc != NULL && !cpu->irq_on);
    cpu_trace(cpu, TRACE_DO_IRQ, desc->source->owner, desc->source->flow, vector, desc->pirq->number);
    spin_lock(cpu, &desc->lock);
    cpu_spend_software(cpu, xen_costs(cpu)->do_irq);
    if (desc->pin != NULL)
        pin_ack(cpu, desc);
    lapic_eoi(cpu);
    if (!is_anywhere(desc) && (desc->cpu->id != cpu->id || desc->vector != vector))
        vector_release(xen_cpu(cpu), vector);
    if (desc->is_bound && desc->pin != NULL)
        eoi_expect(cpu, desc);
    else if (desc->is_bound)
        xen_of(cpu)->dpci->raise(cpu, desc->pirq);
    spin_unlock(cpu, &desc->lock);
}

void xen_interrupt(struct cpu *cpu, uint32_t vector)
{
    switch (vector) {
    case VECTOR_TIMER:
        lapic_eoi(cpu);
        raise_softirq(cpu, TIMER_SOFTIRQ);
        break;
    case VECTOR_EVENT_CHECK:
        lapic_eoi(cpu); /* the interrupt has already ended the halt or caused the VM exit */
        break;
    case VECTOR_SYNC:
        lapic_eoi(cpu);
        sync_local_execstate(cpu);
        break;
    case VECTOR_POSTED:
        posted_notification_interrupt(cpu);
        break;
    case VECTOR_WAKEUP:
        posted_wakeup_interrupt(cpu);
        break;
    default:
        do_irq(cpu, vector);
    }
}
