/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: what it needs to know of a memory (state.h) without restoring it, in the note of
 * the memory's string: bits, and above them the id of a string of `pendings`, the slots that are pending.
 */
#ifndef EXPLORE_NOTES_H
#define EXPLORE_NOTES_H

#include "explore/expand.h"

enum note_bits {
    NOTE_KNOWN = 1,
    NOTE_BROKEN = 2,     /* a property is violated */
    NOTE_SUSPICIOUS = 4, /* times the number of weak properties violated, at most NOTE_SUSPICIOUS_MAX */
    NOTE_SUSPICIOUS_MAX = 63,
    NOTE_PENDING_SHIFT = 8
};

static inline uint32_t note_of(const struct search *search, uint32_t memory)
{
    return atomic_load_explicit(&search->state.memories.notes[memory], memory_order_acquire);
}

static inline void note_set(struct search *search, uint32_t memory, uint32_t note)
{
    atomic_store_explicit(&search->state.memories.notes[memory], note, memory_order_release);
}

/* Notes the live arena's memory, unless it is noted. Workers that note the same at once write the same. */
void note_live(struct search *search, uint32_t memory);

/* The slots pending in a noted memory, for note_pending_slot. */
const uint64_t *note_pending(const struct search *search, uint32_t memory, uint32_t *count);

static inline uint32_t note_pending_slot(const uint64_t *words, uint32_t i)
{
    return words[i / 4] >> 16 * (i % 4) & UINT16_MAX;
}

bool note_is_pending(const struct search *search, uint32_t memory, uint32_t slot);

#endif
