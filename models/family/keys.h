/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that a family reads: tables of option rows, each for one section of a scenario. A family lists its own
 * tables and those of the shared tables below that its models read; any other key is refused.
 *
 * Shared sections are "hypervisor", "run", "guests", "devices", "devices.arrivals", "actions" and "machine.costs"; a
 * family may add sections with names of its own ("xen.costs", "qemu"). A row fills a field of its section's record: the
 * struct of the guest, device or action for those sections, and the whole struct setup for every other section.
 */
#ifndef MODELS_FAMILY_KEYS_H
#define MODELS_FAMILY_KEYS_H

#include <stddef.h>

#include "base/option.h"
#include "models/family/setup.h"

struct key_table {
    const char *section;
    struct option_table options;
    size_t offset; /* within the section's record, of the struct that holds the rows' fields */
};

#define KEY_FIELD(type, member) offsetof(type, member), sizeof(((type *)0)->member), 1
#define KEY_TEXT(type, member) offsetof(type, member), sizeof(((type *)0)->member), 1
#define KEY_ROWS(rows) \
    { \
        rows, sizeof(rows) / sizeof(*(rows)) \
    }

#define KEY_NS_PER_S 1000000000ull
#define KEY_RUN_NS_MAX (86400ull * KEY_NS_PER_S) /* longest run.duration */
#define KEY_RATE_MAX 1000000000ull   /* 1 MHz in units of 1/1000 Hz */
#define KEY_CYCLES_MAX 1000000000ull /* maximum of one cost */

/* The row of a cost, a field of struct TYPE in cycles. A cost has no default: its value comes from a profile. */
#define KEY_COST(type, member, help) \
    { \
#member, OPTION_CYCLES, KEY_FIELD(type, member), NULL, 0, KEY_CYCLES_MAX, NULL, NULL, help \
    }

/* Tables that every family reads: hypervisor.design, devices.{name,count,interrupts}, run.* but run.reduction and
 * run.ticks, and line_cost_keys; ends with NULL. */
extern const struct key_table *const common_keys[];
extern const struct key_table hypervisor_keys; /* the first of them */

/* For families with spinlocks: hypervisor.lock, and run.reduction, which is about the steps around spinlocks. */
extern const struct key_table lock_keys, reduction_keys;

/* For families whose timers may expire when explored: run.ticks. */
extern const struct key_table tick_keys;

/* For families with vCPUs of KVM: hypervisor.halt_poll*. */
extern const struct key_table halt_poll_keys;

/* For families with guests, with several guests of a kind, with several arrival processes, with actions, with handlers
 * in guests, and with devices of several vectors, respectively. */
extern const struct key_table guest_keys, guest_count_keys, arrival_keys, action_keys, handler_keys, vector_keys;

/* Costs of hardware, by mechanism: cache lines of one CPU and of devices (read by every family), cache lines that CPUs
 * share, IPIs, interrupts, the local APIC's timer, virtualisation, and posted interrupts of the IOMMU. */
extern const struct key_table line_cost_keys, shared_line_cost_keys, ipi_cost_keys, interrupt_cost_keys,
    timer_cost_keys, vmx_cost_keys, posting_cost_keys;

/* These seven tables; ends with NULL. */
extern const struct key_table *const machine_cost_keys[];

/* Names of the elements of a cost by distance: near, middle, far; ends with NULL. */
extern const char *const distance_names[];

/* Set of the arrival processes that read a key of devices.arrivals, as bits 1 << process; 0: every process. */
uint32_t arrival_processes(const char *key);

#endif
