/* SPDX-License-Identifier: Apache-2.0
 *
 * Level-triggered interrupt lines: several devices drive one wire, which is high while any of them asserts; a pin of
 * an interrupt chip samples it. A pin that has interrupted its pCPU is in service (an I/O APIC's remote IRR, a GIC's
 * active state) and sends no interrupt until its service ends: at the EOI, or, where the chip separates priority drop
 * and deactivation (GIC EOImode 1), at the deactivation. Then the chip samples the wire again.
 *
 * Actions of devices and chips take effect at once; a pCPU that accesses one of their registers calls register_access
 * before the effect. Left out: priorities between pins, affinity changes while in service.
 */
#ifndef MACHINE_DEVICES_IRQ_CHIP_H
#define MACHINE_DEVICES_IRQ_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"

struct cpu;
struct irq_pin;
struct machine;

/* The condition under which a pin interrupts. */
enum irq_sampling {
    IRQ_SAMPLING_LEVEL, /* the wire is high */
    IRQ_SAMPLING_EDGE,  /* the wire has risen since the last interrupt; remembered while masked or in service */
};

/* A device on the wire. It drives the wire while its status is set and DisINTx in its command register is clear. */
struct irq_source {
    struct irq_pin *pin;
    struct irq_source *next; /* in the pin's list */
    bool status;
    bool disintx;
    bool has_disintx; /* PCI 2.3 or later; otherwise the bit cannot be set */
};

struct irq_pin_statistics {
    uint64_t interrupts;         /* sent by the pin */
    uint64_t edges;              /* from low to high */
    cycles high, masked, active; /* total time that the wire was high, and the pin masked or in service */
    cycles longest_active;       /* longest service */
    cycles since, active_since;  /* time of the last update; begin of the service in progress */
};

struct irq_pin {
    struct machine *machine;
    enum irq_sampling sampling;
    struct irq_source *sources;
    struct cpu *target;
    uint32_t vector;
    bool is_high, is_masked, is_in_service;
    bool has_edge;      /* sampling by edge: the wire has risen since the last interrupt */
    uint32_t slot;      /* event of the message to the pCPU after the end of a service or an unmask */
    bool is_resampling; /* this message is in flight */
    struct irq_pin_statistics statistics;
};

/* Initialises a pin that is low, unmasked and not in service. Uses one slot of the engine. */
void irq_pin_init(struct irq_pin *pin, struct machine *machine, enum irq_sampling sampling);
void irq_pin_route(struct irq_pin *pin, struct cpu *target, uint32_t vector);
void irq_source_init(struct irq_source *source, struct irq_pin *pin, bool has_disintx);

/* The device sets or clears its status; a write to its command register sets or clears DisINTx. */
void irq_source_status(struct irq_source *source, bool status);
void irq_source_disintx(struct irq_source *source, bool disintx);

static inline bool irq_source_asserts(const struct irq_source *source) { return source->status && !source->disintx; }

void irq_pin_mask(struct irq_pin *pin);
void irq_pin_unmask(struct irq_pin *pin);

/* Ends the service: the EOI of an I/O APIC, the deactivation of a GIC. No effect when the pin is not in service. */
void irq_pin_deactivate(struct irq_pin *pin);

/* irq_pin_charge updates the statistics to now; irq_pin_measure restarts them. */
void irq_pin_charge(struct irq_pin *pin);
void irq_pin_measure(struct irq_pin *pin);

/* An uncached register access by this pCPU. It takes `cost` cycles and ends on return; then the caller applies its
 * effect. */
void register_access(struct cpu *cpu, cycles cost);

#endif
