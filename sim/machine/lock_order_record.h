/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of locks, as an explored machine takes them: named words that have a holder, numbered as they were named.
 */
#ifndef MACHINE_LOCK_ORDER_RECORD_H
#define MACHINE_LOCK_ORDER_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct cpu;
struct explored;
struct word;

/* Before a lock is waited for: enters what the CPU holds into explored->order. Raises a violation where that is the
 * forbidden edge. */
void lock_order_record(struct cpu *cpu, const struct word *word);

/* The name of a lock of struct lock_order, with its number where several have that name. */
void lock_order_name(const struct explored *explored, uint32_t lock, char *text, size_t text_bytes);

#endif
