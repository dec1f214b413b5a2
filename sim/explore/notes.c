/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes of memories.
 */
#include "explore/notes.h"

#include "base/check.h"
#include "explore/check_properties.h"

/* The list of slots pending in the live arena: their number, and four of them in a word. */
static uint32_t pending_id(struct search *search)
{
    const struct engine *engine = search->subject->engine;
    uint64_t words[1 + EVENTQ_SLOTS_MAX / 4];
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < engine->slot_count; slot++) {
        if (!engine_is_pending(engine, slot))
            continue;
        if (count % 4 == 0)
            words[1 + count / 4] = 0;
        words[1 + count / 4] |= (uint64_t)slot << 16 * (count % 4);
        count++;
    }
    words[0] = count;
    return strings_add(&search->pendings, words, 1 + (count + 3) / 4);
}

void note_live(struct search *search, uint32_t memory)
{
    struct violation violation;
    uint64_t suspicious = 0;
    uint32_t note = NOTE_KNOWN;

    if (note_of(search, memory) != 0)
        return;
    if (explore_check_properties(search->subject, &violation, &suspicious))
        note |= NOTE_BROKEN;
    CHECK(suspicious <= NOTE_SUSPICIOUS_MAX);
    note += (uint32_t)suspicious * NOTE_SUSPICIOUS;
    note += pending_id(search) << NOTE_PENDING_SHIFT;
    note_set(search, memory, note);
}

const uint64_t *note_pending(const struct search *search, uint32_t memory, uint32_t *count)
{
    uint32_t word_count;
    const uint64_t *words =
        strings_words(&search->pendings, note_of(search, memory) >> NOTE_PENDING_SHIFT, &word_count);

    *count = (uint32_t)words[0];
    return words + 1;
}

bool note_is_pending(const struct search *search, uint32_t memory, uint32_t slot)
{
    uint32_t count;
    const uint64_t *words = note_pending(search, memory, &count);

    for (uint32_t i = 0; i < count; i++)
        if (note_pending_slot(words, i) == slot)
            return true;
    return false;
}
