/* SPDX-License-Identifier: Apache-2.0
 *
 * The local APIC of a pCPU: IRR and ISR with priorities (vector / 16), IPIs in flight, and the one-shot timer.
 */
#ifndef MACHINE_LAPIC_H
#define MACHINE_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"

struct cpu;
struct machine;

/* Vectors, by rising priority class. Devices get 0x30 .. 0xdf. */
enum {
    VECTOR_DEVICE_FIRST = 0x30,
    VECTOR_DEVICE_LAST = 0xdf,
    VECTOR_POSTED = 0xf2,
    VECTOR_WAKEUP = 0xf3,
    VECTOR_TIMER = 0xf9,
    VECTOR_EVENT_CHECK = 0xfb,
    VECTOR_SYNC = 0xfc,
};

#define LAPIC_FLIGHTS 8

struct lapic_flight {
    cycles arrival;
    uint32_t vector;
};

/* Explored: any message in flight may be the next to arrive. A slot for each place in the list of flights. */
struct lapic_arrival {
    struct cpu *cpu;
    uint32_t slot, place;
};

struct lapic {
    uint64_t irr[4];
    uint32_t irr_count;
    uint32_t flight_count;
    uint64_t isr[4];
    struct lapic_flight flights[LAPIC_FLIGHTS]; /* IPIs in flight: of each vector the earliest. Explored: by vector */
    uint32_t flight_slot, timer_slot;
    struct lapic_arrival *arrivals; /* explored: [LAPIC_FLIGHTS]; NULL otherwise */
    uint64_t ipis_sent, ipis_received, timer_expiries;
};

/* Registers the two event slots; explored, as many for the arrivals besides. */
void lapic_init(struct cpu *cpu);

/* Resets the LAPIC as INIT does: requests, IPIs in flight and the timer are lost. */
void lapic_reset(struct cpu *cpu);

/* A vector arrives: sets its IRR bit and wakes the CPU if it is interruptible. Returns false when the bit was set. */
bool lapic_deliver(struct cpu *target, uint32_t vector);

/* The highest IRR vector whose class is above every in-service one, or 0. */
uint32_t lapic_deliverable(const struct cpu *cpu);

/* Moves the vector from the IRR to the ISR. */
void lapic_accept(struct cpu *cpu, uint32_t vector);

/* Clears the vector's IRR bit, for hardware that handles the vector itself. */
void lapic_consume(struct cpu *cpu, uint32_t vector);

/* End of the highest in-service interrupt; spends lapic_eoi. */
void lapic_eoi(struct cpu *cpu);

/* Sends a fixed IPI; spends icr_write; arrives ipi_flight_* later. Explored, it ends the step: what follows may be seen
 * before or after it arrives. The ICR is that of an x2APIC, whose writes do not serialise: the IPI may arrive before
 * earlier stores of this CPU are visible, unless there is a cpu_fence between. */
void ipi_send(struct cpu *cpu, struct cpu *target, uint32_t vector);

/* Sends a message from any source that arrives at `arrival`. Two messages of one vector in flight merge into the
 * earlier one. */
void lapic_send(struct cpu *target, uint32_t vector, cycles arrival);

/* Arms the one-shot timer for `when` (past: at once) or, with CYCLES_NEVER, stops it; spends timer_program. */
void lapic_timer_set(struct cpu *cpu, cycles when);

#endif
