/* SPDX-License-Identifier: Apache-2.0
 *
 * The store buffers of an exploration under total store order (x86-TSO: Sewell, Sarkar, Owens, Zappa Nardelli, Myreen,
 * CACM 53(7), 2010). Each pCPU has one: its plain stores become visible to others in their order, one at a time, each
 * by an event of the buffer's own slot, while its own loads see them at once.
 *
 * What drains a buffer: a locked operation, MFENCE, an I/O instruction and an interrupt that is taken (Intel SDM,
 * volume 3A, 253668-032, 11.10 "Store Buffer"), and IRET, which serialises (8.3; AMD 24592-3.15, 3.9.2). What does
 * not, because it is in neither list: HLT, a VM entry, a VM exit that acknowledges no interrupt, a write of an x2APIC
 * register, above all of the ICR, by which an IPI may overtake the stores before it. Processors may well drain there,
 * too: a model that is clean does not rely on it. An access of a device's register drains. That is more than the
 * manuals have for a write of uncacheable memory, which stays behind earlier stores, but lets later loads pass; a
 * device's register has no value in memory that could wait.
 *
 * Plain fields of models have no buffer. Where a lock orders their accesses, nobody can see the difference: the stores
 * that release a lock follow those of its critical section in every buffer.
 *
 * The buffers are in the arena, being a part of the explored state; unused entries are zero.
 */
#ifndef MACHINE_LINES_STORE_BUFFER_H
#define MACHINE_LINES_STORE_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;
struct machine;
struct word;

/* A store that finds the buffer full makes the oldest one visible at once. That leaves out the interleavings of real
 * buffers, which are larger: explored->store_buffer_was_full records it, and the verdict is incomplete. */
#define STORE_BUFFER_ENTRIES 16

struct store_entry {
    uint64_t *place;   /* what is stored to, aligned to 8 bytes */
    struct word *word; /* which it is the value of; NULL: memory of a code object */
    uint64_t mask, bits;
    bool is_release; /* becomes visible with the entry before it: store_buffer_release */
};

struct store_buffer {
    struct cpu *cpu;
    uint32_t slot;  /* of the event that makes the oldest entry visible; pending while there is one */
    uint32_t count; /* of entries; the oldest is the first */
    uint32_t due;   /* so many of the oldest must be visible before the CPU's next load */
    struct store_entry entries[STORE_BUFFER_ENTRIES];
};

/* Allocates the buffers and registers their slots, in the order of the pCPUs. `word_set` stores to a word, whose
 * waiters it wakes. */
void store_buffers_init(struct machine *machine,
                        void (*word_set)(struct machine *machine, struct word *word, uint64_t value));

/* The CPU's buffer; NULL unless the machine has store buffers. */
struct store_buffer *store_buffer_of(const struct cpu *cpu);

/* Whether this slot makes stores visible; false without store buffers. */
bool store_buffers_have_slot(const struct machine *machine, uint32_t slot);

/* Whether every store of every CPU is visible; true without store buffers. */
bool store_buffers_are_empty(const struct machine *machine);

/* Whether the next store finds it full. */
bool store_buffer_is_full(const struct store_buffer *buffer);

/* Appends a store of `bits` to the masked bits of a place. */
void store_buffer_add(struct store_buffer *buffer, uint64_t *place, struct word *word, uint64_t mask, uint64_t bits);

/* The same for a store that releases a lock for which other CPUs only wait. Reduction: until it is visible they do
 * nothing with the lock, and what they do otherwise commutes with it. So it is visible at once if the buffer is empty,
 * and else together with the entry before it. */
void store_buffer_release(struct store_buffer *buffer, struct word *word, uint64_t value);

/* What the CPU sees in a place whose value in memory is *place. */
uint64_t store_buffer_see(const struct store_buffer *buffer, const uint64_t *place);

/* Makes all entries visible, or those that are due. */
void store_buffer_drain(struct store_buffer *buffer);
void store_buffer_drain_due(struct store_buffer *buffer);

#endif
