/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that a family reads: rows of options, a table for each section of a scenario. A family lists the tables of
 * its own, and those of the shared ones below that its models read. A key that no table of the family has is refused.
 *
 * Sections are "hypervisor", "run", "guests", "devices", "devices.arrivals", "actions", "machine.costs", and any name
 * that a family chooses for itself ("xen.costs", "qemu"). A row fills a field of the record of its section: of each
 * guest, device or action, and of the whole struct setup for every other section.
 */
#ifndef MODELS_FAMILY_KEYS_H
#define MODELS_FAMILY_KEYS_H

#include <stddef.h>

#include "base/option.h"
#include "models/family/setup.h"

struct key_table {
    const char *section;
    struct option_table options;
    size_t offset; /* in the section's record, of the struct whose fields the rows name */
};

#define KEY_FIELD(type, member) offsetof(type, member), sizeof(((type *)0)->member), 1
#define KEY_TEXT(type, member) offsetof(type, member), sizeof(((type *)0)->member), 1
#define KEY_ROWS(rows) \
    { \
        rows, sizeof(rows) / sizeof(*(rows)) \
    }

#define KEY_NS_PER_S 1000000000ull
#define KEY_RATE_MAX 1000000000ull   /* 1 MHz in 1/1000 Hz */
#define KEY_CYCLES_MAX 1000000000ull /* of one cost */

/* The row of a cost in cycles of struct TYPE, in a table of costs: no default, as a profile gives it. */
#define KEY_COST(type, member, help) \
    { \
#member, OPTION_CYCLES, KEY_FIELD(type, member), NULL, 0, KEY_CYCLES_MAX, NULL, NULL, help \
    }

/* Read by every family: hypervisor.design, devices.{name,count,interrupts}, run.* but run.reduction, and
 * line_cost_keys; ends with NULL. */
extern const struct key_table *const common_keys[];

/* Read by families with spinlocks: hypervisor.lock, and run.reduction, which is about the steps around them. */
extern const struct key_table lock_keys, reduction_keys;

/* Read by families with guests, with several guests of a kind, with arrivals of several kinds, with actions, with
 * guests' handlers, with devices of several vectors. */
extern const struct key_table guest_keys, guest_count_keys, arrival_keys, action_keys, handler_keys, vector_keys;

/* What hardware costs, by what a family has of it: cache lines that a pCPU and devices use (read by every family),
 * lines that pCPUs share, IPIs, interrupts, a timer of the local APIC, virtualisation, posting by the IOMMU. */
extern const struct key_table line_cost_keys, shared_line_cost_keys, ipi_cost_keys, interrupt_cost_keys,
    timer_cost_keys, vmx_cost_keys, posting_cost_keys;

/* All of the seven; ends with NULL. */
extern const struct key_table *const machine_cost_keys[];

/* The names of a cost's elements: near, middle, far, NULL. */
extern const char *const distance_names[];

/* Which arrival processes read a key of devices.arrivals: bits 1 << process; 0: all of them. */
uint32_t arrival_processes(const char *key);

#endif
