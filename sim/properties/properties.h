/* SPDX-License-Identifier: Apache-2.0
 *
 * Properties whose violation is an error in every explored machine, whatever its model; one file each. What modelled
 * code itself reports (its BUGs, list corruptions, uses after free) comes through violation_raise; a model's own
 * invariants through struct family.
 */
#ifndef PROPERTIES_PROPERTIES_H
#define PROPERTIES_PROPERTIES_H

#include <stddef.h>

#include "machine/explored.h"
#include "machine/property.h"

/* In an end: a CPU waits for a value that no CPU will store. */
extern const struct property property_deadlock;

/* In an end: the last event of a device was not seen by any guest handler. */
extern const struct property property_lost_interrupt;

/* In an end: an interrupt waits for a VM exit of its vCPU that nothing causes. */
extern const struct property property_delayed_interrupt;

/* A guest's handler ran more often than the device raised. */
extern const struct property property_double_delivery;

/* A guest's handler ran on another vCPU, or as another vector, than the model announced. */
extern const struct property property_misdelivery;

/* All of the above in the order of evaluation, NULL-terminated. */
extern const struct property *const properties_all[];

/* Looks for a cycle in the lock order of a whole exploration. Returns true if there is one, with its description and
 * one of its edges, which a second search can forbid to get a trace. */
bool property_lock_order(const struct explored *explored, struct lock_edge *edge, char *text, size_t text_bytes);

/* Describes a state from which no end can be reached: which CPUs wait, for what, and which poll. Steps the machine
 * on. */
void property_endless_wait_describe(struct machine *machine, char *text, size_t text_bytes);

/* "cpu1 waits for event_lock, which cpu0 holds". False when the CPU does not wait. */
bool property_wait_describe(const struct machine *machine, const struct cpu *cpu, char *text, size_t text_bytes);

#endif
