/* SPDX-License-Identifier: Apache-2.0
 *
 * What must not hold of any explored machine, whatever its model. One file each. What modelled code itself reports
 * (its BUGs, list corruptions, uses after free) comes through violation_raise; a model's own invariants through struct
 * model.
 */
#ifndef PROPERTIES_PROPERTIES_H
#define PROPERTIES_PROPERTIES_H

#include <stddef.h>

#include "machine/explored.h"
#include "machine/property.h"

/* At the end: CPUs that wait for a value which nobody will ever store. */
extern const struct property property_deadlock;

/* At the end: a device whose event no guest handler has seen. */
extern const struct property property_lost_interrupt;

/* Handlers that ran more often than the device raised. */
extern const struct property property_double_delivery;

/* A handler that ran on another vCPU, or as another vector, than the model has announced. */
extern const struct property property_misdelivery;

/* All of them, in the order in which they are asked; ends with NULL. */
extern const struct property *const properties_all[];

/* Of a whole exploration: a cycle in the order of locks, in words, and one edge of it that a search may forbid. False:
 * there is none. */
bool property_lock_order(const struct explored *explored, struct lock_edge *edge, char *text, size_t text_bytes);

/* Of a state from which no end can be reached: who waits for what, and who polls. Steps the machine on. */
void property_endless_wait_describe(struct machine *machine, char *text, size_t text_bytes);

/* "cpu1 waits for event_lock, which cpu0 holds"; false: it waits for nothing. */
bool property_wait_describe(const struct machine *machine, const struct cpu *cpu, char *text, size_t text_bytes);

#endif
