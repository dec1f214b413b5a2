/* SPDX-License-Identifier: Apache-2.0
 *
 * Wires and pins. When a pin sends an interrupt:
 *
 *   wire  masked  in service | sends
 *   high  no      no         | yes, and is in service then (sampling by edge: if it has risen since the last one)
 *   any other                | no
 */
#include "machine/devices/irq_chip.h"

#include "machine/cpu.h"
#include "machine/footprint.h"
#include "machine/notes.h"

static cycles now_of(const struct irq_pin *pin) { return pin->machine->engine->now; }

void irq_pin_charge(struct irq_pin *pin)
{
    struct irq_pin_statistics *statistics = &pin->statistics;
    cycles passed = now_of(pin) - statistics->since;

    statistics->high += pin->is_high ? passed : 0;
    statistics->masked += pin->is_masked ? passed : 0;
    statistics->active += pin->is_in_service ? passed : 0;
    statistics->since = now_of(pin);
    if (pin->is_in_service && now_of(pin) - statistics->active_since > statistics->longest_active)
        statistics->longest_active = now_of(pin) - statistics->active_since;
}

void irq_pin_measure(struct irq_pin *pin)
{
    struct irq_pin_statistics *statistics = &pin->statistics;

    irq_pin_charge(pin);
    *statistics = (struct irq_pin_statistics){ .since = now_of(pin), .active_since = now_of(pin) };
}

static bool wants_to_send(const struct irq_pin *pin)
{
    return !pin->is_masked && !pin->is_in_service &&
           (pin->sampling == IRQ_SAMPLING_EDGE ? pin->has_edge : pin->is_high);
}

static void send(struct irq_pin *pin)
{
    if (!wants_to_send(pin))
        return;
    irq_pin_charge(pin);
    pin->has_edge = false;
    pin->is_in_service = true;
    pin->statistics.active_since = now_of(pin);
    pin->statistics.interrupts++;
    notes_add(pin->machine->engine, NULL, "line is high: %x to cpu%u, in service", pin->vector, pin->target->id);
    lapic_deliver(pin->target, pin->vector);
}

/* What a pin does depends on all its sources, masks and routes, and changes its slot. */
static void touch(const struct irq_pin *pin) { footprint_everything(pin->machine->engine); }

static void resample_fire(void *argument)
{
    struct irq_pin *pin = argument;

    engine_cancel(pin->machine->engine, pin->slot);
    pin->is_resampling = false;
    send(pin);
}

/* The pin may send again after a service or an unmask. Its message takes as long as an IPI within the socket. */
static void resample(struct irq_pin *pin)
{
    touch(pin);
    if (pin->is_resampling || !wants_to_send(pin))
        return;
    pin->is_resampling = true;
    machine_event_after(pin->machine, pin->slot, pin->machine->costs->ipi_flight_near);
}

static void wire_update(struct irq_pin *pin)
{
    bool is_high = false;

    touch(pin);
    for (const struct irq_source *source = pin->sources; source != NULL; source = source->next)
        is_high = is_high || irq_source_asserts(source);
    if (is_high == pin->is_high)
        return;
    irq_pin_charge(pin);
    pin->is_high = is_high;
    if (is_high) {
        pin->statistics.edges++;
        pin->has_edge = pin->sampling == IRQ_SAMPLING_EDGE;
        if (!pin->is_resampling)
            send(pin);
    }
}

void irq_pin_init(struct irq_pin *pin, struct machine *machine, enum irq_sampling sampling)
{
    *pin = (struct irq_pin){ .machine = machine, .sampling = sampling };
    pin->slot = engine_event(machine->engine, resample_fire, pin);
    ARENA_EXCLUDE(machine->arena, pin->statistics);
}

void irq_pin_route(struct irq_pin *pin, struct cpu *target, uint32_t vector)
{
    CHECK(!pin->is_in_service);
    touch(pin);
    pin->target = target;
    pin->vector = vector;
}

void irq_source_init(struct irq_source *source, struct irq_pin *pin, bool has_disintx)
{
    struct irq_source **link = &pin->sources;

    *source = (struct irq_source){ .pin = pin, .has_disintx = has_disintx };
    while (*link != NULL)
        link = &(*link)->next;
    *link = source;
}

void irq_source_status(struct irq_source *source, bool status)
{
    source->status = status;
    wire_update(source->pin);
}

void irq_source_disintx(struct irq_source *source, bool disintx)
{
    source->disintx = disintx && source->has_disintx;
    wire_update(source->pin);
}

void irq_pin_mask(struct irq_pin *pin)
{
    touch(pin);
    irq_pin_charge(pin);
    pin->is_masked = true;
}

void irq_pin_unmask(struct irq_pin *pin)
{
    irq_pin_charge(pin);
    pin->is_masked = false;
    resample(pin);
}

void irq_pin_deactivate(struct irq_pin *pin)
{
    touch(pin);
    if (!pin->is_in_service)
        return;
    irq_pin_charge(pin);
    pin->is_in_service = false;
    resample(pin);
}

void register_access(struct cpu *cpu, cycles cost)
{
    cpu_spend(cpu, cost);
    cpu_arrive(cpu);
    if (cpu->policy->register_step != NULL)
        cpu->policy->register_step(cpu);
}
