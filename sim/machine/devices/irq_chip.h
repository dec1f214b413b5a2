/* SPDX-License-Identifier: Apache-2.0
 *
 * Level-triggered interrupt lines: several devices drive one wire, which is high while any of them asserts; a pin of
 * an interrupt chip watches it. A pin that has interrupted its pCPU is in service (an I/O APIC's remote IRR, a GIC's
 * active state) and silent until its service ends: at the EOI, or, where the chip splits priority drop from
 * deactivation (GIC EOImode 1), when somebody deactivates it. Then the wire is looked at again.
 *
 * What devices and chips do by themselves happens at once; what a pCPU does to a register of theirs is
 * register_access, then the effect. Left out: priorities between pins, affinity changes while in service.
 */
#ifndef MACHINE_DEVICES_IRQ_CHIP_H
#define MACHINE_DEVICES_IRQ_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"

struct cpu;
struct irq_pin;
struct machine;

/* What makes a pin interrupt. */
enum irq_sampling {
    IRQ_SAMPLING_LEVEL, /* the wire is high */
    IRQ_SAMPLING_EDGE,  /* it has risen since the last interrupt; remembered while masked or in service */
};

/* A device's end of the wire. It drives it while its status is set, unless its command register's DisINTx is. */
struct irq_source {
    struct irq_pin *pin;
    struct irq_source *next; /* of the pin */
    bool status;
    bool disintx;
    bool has_disintx; /* PCI 2.3; otherwise the bit can't be set */
};

struct irq_pin_statistics {
    uint64_t interrupts;         /* that the pin sent */
    uint64_t edges;              /* low to high */
    cycles high, masked, active; /* for how long the wire was high, the pin masked, in service */
    cycles longest_active;
    cycles since, active_since; /* as of when; the service in progress began at */
};

struct irq_pin {
    struct machine *machine;
    enum irq_sampling sampling;
    struct irq_source *sources;
    struct cpu *target;
    uint32_t vector;
    bool is_high, is_masked, is_in_service;
    bool has_edge;        /* sampling by edge: one that has not interrupted */
    uint32_t slot;        /* of the message to the pCPU after the end of a service or an unmask */
    bool is_resampling;   /* it is under way */
    struct irq_pin_statistics statistics;
};

/* Low, unmasked, out of service. Takes one slot of the engine. */
void irq_pin_init(struct irq_pin *pin, struct machine *machine, enum irq_sampling sampling);
void irq_pin_route(struct irq_pin *pin, struct cpu *target, uint32_t vector);
void irq_source_init(struct irq_source *source, struct irq_pin *pin, bool has_disintx);

/* The device sets or clears its status; its command register is written. */
void irq_source_status(struct irq_source *source, bool status);
void irq_source_disintx(struct irq_source *source, bool disintx);

static inline bool irq_source_asserts(const struct irq_source *source) { return source->status && !source->disintx; }

void irq_pin_mask(struct irq_pin *pin);
void irq_pin_unmask(struct irq_pin *pin);

/* The service ends: EOI of the I/O APIC, deactivation of the GIC. Nothing when it is over already. */
void irq_pin_deactivate(struct irq_pin *pin);

/* Brings the statistics up to now; counters restart. */
void irq_pin_charge(struct irq_pin *pin);
void irq_pin_measure(struct irq_pin *pin);

/* An uncached access of a register by this pCPU, which takes `cost` and ends now: what follows is its effect. */
void register_access(struct cpu *cpu, cycles cost);

#endif
