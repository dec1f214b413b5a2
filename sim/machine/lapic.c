/* SPDX-License-Identifier: Apache-2.0
 *
 * Local APIC: IRR, ISR, IPIs in flight, one-shot timer. Left out: logical destinations, level triggering, self-IPI
 * shorthand.
 */
#include "machine/lapic.h"

#include "machine/cpu.h"
#include "machine/footprint.h"
#include "machine/notes.h"

static void flights_schedule(struct cpu *cpu);
static void flights_fire(void *argument);
static void arrival_fire(void *argument);
static void timer_fire(void *argument);

static void arrivals_init(struct cpu *cpu)
{
    struct lapic_arrival *arrivals = ARENA_ARRAY(cpu->machine->arena, struct lapic_arrival, LAPIC_FLIGHTS);

    for (uint32_t i = 0; i < LAPIC_FLIGHTS; i++) {
        arrivals[i] = (struct lapic_arrival){ .cpu = cpu, .place = i };
        arrivals[i].slot = engine_event(cpu->engine, arrival_fire, &arrivals[i]);
    }
    cpu->lapic.arrivals = arrivals;
}

void lapic_init(struct cpu *cpu)
{
    cpu->lapic.flight_slot = engine_event(cpu->engine, flights_fire, cpu);
    cpu->lapic.timer_slot = engine_event(cpu->engine, timer_fire, cpu);
    if (cpu_is_explored(cpu))
        arrivals_init(cpu);
}

void lapic_reset(struct cpu *cpu)
{
    struct lapic *lapic = &cpu->lapic;

    for (int i = 0; i < 4; i++)
        lapic->irr[i] = lapic->isr[i] = 0;
    lapic->irr_count = lapic->flight_count = 0;
    flights_schedule(cpu);
    engine_cancel(cpu->engine, lapic->timer_slot);
}

static uint32_t highest(const uint64_t bits[4])
{
    for (int i = 3; i >= 0; i--)
        if (bits[i] != 0)
            return (uint32_t)i * 64 + 63 - (uint32_t)__builtin_clzll(bits[i]);
    return 0;
}

bool lapic_deliver(struct cpu *target, uint32_t vector)
{
    uint64_t bit = 1ull << (vector % 64);

    CHECK(vector >= 16 && vector < 256);
    footprint_write(target->engine, &target->lapic);
    cpu_interrupt(target);
    if (target->lapic.irr[vector / 64] & bit)
        return false;
    target->lapic.irr[vector / 64] |= bit;
    target->lapic.irr_count++;
    engine_trace(target->engine, target->engine->now, target->id, TRACE_ACCEPT, TRACE_NOBODY, 0, vector, 0);
    return true;
}

uint32_t lapic_deliverable(const struct cpu *cpu)
{
    if (cpu->lapic.irr_count == 0)
        return 0;
    uint32_t requested = highest(cpu->lapic.irr);
    return requested / 16 > highest(cpu->lapic.isr) / 16 ? requested : 0;
}

void lapic_accept(struct cpu *cpu, uint32_t vector)
{
    uint64_t bit = 1ull << (vector % 64);

    CHECK(cpu->lapic.irr[vector / 64] & bit);
    cpu->lapic.irr[vector / 64] &= ~bit;
    cpu->lapic.isr[vector / 64] |= bit;
    cpu->lapic.irr_count--;
}

void lapic_consume(struct cpu *cpu, uint32_t vector)
{
    CHECK(cpu->lapic.irr[vector / 64] >> (vector % 64) & 1);
    cpu->lapic.irr[vector / 64] &= ~(1ull << (vector % 64));
    cpu->lapic.irr_count--;
}

void lapic_eoi(struct cpu *cpu)
{
    uint32_t vector = highest(cpu->lapic.isr);

    CHECK(vector != 0);
    cpu->lapic.isr[vector / 64] &= ~(1ull << (vector % 64));
    cpu_spend(cpu, cpu->costs->lapic_eoi);
}

static void arrivals_schedule(const struct cpu *cpu)
{
    footprint_write(cpu->engine, cpu->lapic.flights);
    for (uint32_t i = 0; i < LAPIC_FLIGHTS; i++)
        engine_at(cpu->engine, cpu->lapic.arrivals[i].slot,
                  i < cpu->lapic.flight_count ? cpu->engine->now : CYCLES_NEVER);
}

static void flights_schedule(struct cpu *cpu)
{
    cycles next = CYCLES_NEVER;

    if (cpu->lapic.arrivals != NULL) {
        arrivals_schedule(cpu);
        return;
    }
    for (uint32_t i = 0; i < cpu->lapic.flight_count; i++)
        next = cpu->lapic.flights[i].arrival < next ? cpu->lapic.flights[i].arrival : next;
    if (next < cpu->engine->now)
        next = cpu->engine->now;
    engine_at(cpu->engine, cpu->lapic.flight_slot, next);
}

static void message_arrives(struct cpu *cpu, uint32_t vector)
{
    cpu->lapic.ipis_received++;
    if (notes_are_read(cpu->engine))
        notes_add(cpu->engine, NULL, "IPI %x to cpu%u", vector, cpu->id);
    lapic_deliver(cpu, vector);
}

static void flight_remove(struct lapic *lapic, uint32_t place)
{
    lapic->flight_count--;
    for (uint32_t i = place; i < lapic->flight_count; i++)
        lapic->flights[i] = lapic->flights[i + 1];
    lapic->flights[lapic->flight_count] = (struct lapic_flight){ .vector = 0 }; /* states are compared bytewise */
}

static void arrival_fire(void *argument)
{
    const struct lapic_arrival *arrival = argument;
    uint32_t vector = arrival->cpu->lapic.flights[arrival->place].vector;

    footprint_begin(arrival->cpu->engine);
    flight_remove(&arrival->cpu->lapic, arrival->place);
    message_arrives(arrival->cpu, vector);
    flights_schedule(arrival->cpu);
}

static void flights_fire(void *argument)
{
    struct cpu *cpu = argument;
    struct lapic *lapic = &cpu->lapic;

    for (uint32_t i = 0; i < lapic->flight_count;) {
        struct lapic_flight flight = lapic->flights[i];
        if (flight.arrival > cpu->engine->now) {
            i++;
            continue;
        }
        flight_remove(lapic, i);
        message_arrives(cpu, flight.vector);
    }
    flights_schedule(cpu);
}

static bool is_flying(const struct cpu *target, uint32_t vector)
{
    const struct lapic *lapic = &target->lapic;
    uint32_t i = 0;

    footprint_read(target->engine, lapic->flights);
    while (i < lapic->flight_count && lapic->flights[i].vector != vector)
        i++;
    return i < lapic->flight_count;
}

/* Explored, keeps the flights in the order of their vectors, so that equal states are equal bytes. */
static void flight_add(struct lapic *lapic, struct lapic_flight flight)
{
    uint32_t i = lapic->flight_count++;

    for (; lapic->arrivals != NULL && i > 0 && lapic->flights[i - 1].vector > flight.vector; i--)
        lapic->flights[i] = lapic->flights[i - 1];
    lapic->flights[i] = flight;
}

void lapic_send(struct cpu *target, uint32_t vector, cycles arrival)
{
    struct lapic *lapic = &target->lapic;
    struct lapic_flight ours = { arrival, vector };
    uint32_t i = 0;

    while (i < lapic->flight_count && lapic->flights[i].vector != vector)
        i++;
    CHECK(i < LAPIC_FLIGHTS);
    if (i == lapic->flight_count)
        flight_add(lapic, ours);
    else if (ours.arrival < lapic->flights[i].arrival)
        lapic->flights[i] = ours; /* the two merge, as in the IRR */
    flights_schedule(target);
}

void ipi_send(struct cpu *cpu, struct cpu *target, uint32_t vector)
{
    /* An interrupt may be taken first, whose handler may never return; a message of the same vector may arrive before
     * this one is sent, with which it would merge; and stores that an interrupt or IRET drains are visible by now. */
    if (!cpu->has_turn && (cpu->irq_on || cpu->policy->serialise != NULL || is_flying(target, vector)))
        cpu_local_step(cpu);
    cpu->has_turn = cpu->has_lock_turn = false;
    if (notes_are_read(cpu->engine))
        notes_add(cpu->engine, cpu, "sends IPI %x to cpu%u", vector, target->id);
    cpu_spend(cpu, cpu->costs->icr_write);
    cpu_trace(cpu, TRACE_IPI, TRACE_NOBODY, 0, vector, target->id);
    cpu->lapic.ipis_sent++;
    lapic_send(target, vector,
               cpu_now(cpu) +
                   (cpu->socket == target->socket ? cpu->costs->ipi_flight_near : cpu->costs->ipi_flight_far));
}

static void timer_fire(void *argument)
{
    struct cpu *cpu = argument;

    cpu->lapic.timer_expiries++;
    lapic_deliver(cpu, VECTOR_TIMER);
}

void lapic_timer_set(struct cpu *cpu, cycles when) { cpu->policy->timer_set(cpu, when); }
