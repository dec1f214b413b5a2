/* SPDX-License-Identifier: Apache-2.0
 *
 * Records the lock order of an explored machine. A lock is a named word with a holder (names.h); locks are numbered in
 * the order of their names_add.
 */
#ifndef MACHINE_LOCK_ORDER_RECORD_H
#define MACHINE_LOCK_ORDER_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct cpu;
struct explored;
struct word;

/* Before a CPU waits for a lock: adds an edge to explored->order from each lock that it holds. Raises a violation if
 * the forbidden edge is among them. */
void lock_order_record(struct cpu *cpu, const struct word *word);

/* Writes the name of a lock of struct lock_order, followed by an index where several locks have that name. */
void lock_order_name(const struct explored *explored, uint32_t lock, char *text, size_t text_bytes);

#endif
