/* SPDX-License-Identifier: Apache-2.0
 *
 * Derives edges of struct lock_order from the holders of the named locks.
 */
#include "machine/lock_order_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine/cpu.h"
#include "machine/explored.h"
#include "machine/names.h"

/* Sets a bit of `held` for each lock that this CPU holds, and *wanted to the number of the lock on `word`. Returns
 * whether the CPU holds any. */
static bool locks_of(const struct cpu *cpu, const struct word *word, uint64_t *held, uint32_t *wanted)
{
    const struct explored *explored = cpu->engine->explored;
    uint32_t lock = 0;
    bool has_any = false;

    *wanted = LOCK_ORDER_LOCKS;
    for (size_t i = 0; i < explored->name_count && lock < LOCK_ORDER_LOCKS; i++) {
        const struct word_name *name = &explored->names[i];
        if (name->holder == NULL)
            continue;
        if (name->word == word)
            *wanted = lock;
        if (*name->holder == cpu->id) {
            held[lock / 64] |= (uint64_t)1 << lock % 64;
            has_any = true;
        }
        lock++;
    }
    return has_any;
}

void lock_order_record(struct cpu *cpu, const struct word *word)
{
    struct explored *explored = cpu->engine->explored;
    uint64_t held[LOCK_ORDER_LOCKS / 64] = { 0 };
    uint32_t wanted;

    if (explored->order == NULL || !locks_of(cpu, word, held, &wanted))
        return;
    explored->order->is_truncated |= wanted == LOCK_ORDER_LOCKS;
    for (uint32_t lock = 0; lock < LOCK_ORDER_LOCKS && wanted < LOCK_ORDER_LOCKS; lock++) {
        uint64_t bit = (uint64_t)1 << lock % 64;
        struct lock_edge edge;
        if (!(held[lock / 64] & bit))
            continue;
        memset(&edge, 0, sizeof(edge));
        edge.from = (uint8_t)lock;
        edge.to = (uint8_t)wanted;
        memcpy(edge.held, held, sizeof(held));
        edge.held[lock / 64] &= ~bit;
        lock_order_add(explored->order, &edge);
        if (explored->forbidden != NULL && lock_edge_is_equal(explored->forbidden, &edge))
            violation_raise(cpu, VIOLATION_LOCK_ORDER, explored->forbidden_text);
    }
}

void lock_order_name(const struct explored *explored, uint32_t lock, char *text, size_t text_bytes)
{
    const struct word_name *found = NULL;
    uint32_t number = 0, of_the_name = 0;

    for (size_t i = 0; i < explored->name_count && found == NULL; i++)
        if (explored->names[i].holder != NULL && number++ == lock)
            found = &explored->names[i];
    CHECK(found != NULL);
    number = 0;
    for (size_t i = 0; i < explored->name_count; i++) {
        if (strcmp(explored->names[i].name, found->name) != 0)
            continue;
        number += &explored->names[i] < found;
        of_the_name++;
    }
    if (of_the_name == 1)
        (void)snprintf(text, text_bytes, "%s", found->name);
    else
        (void)snprintf(text, text_bytes, "%s %" PRIu32, found->name, number);
}
