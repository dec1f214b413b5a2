/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps that a search has taken before. What a step does depends on its slot, the slot's own stack and the memory, not
 * on the other stacks, so that its result can be remembered by these three. The memory of steps is a cache of bounded
 * size shared by all workers: a step not found in it is taken again.
 */
#ifndef EXPLORE_STEPS_H
#define EXPLORE_STEPS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Ids of strings (explore/state.h). `stack`: STRINGS_NONE for an event, which has none. */
struct step_key {
    uint32_t slot, stack, memory;
};

struct step_result {
    uint32_t stack, memory;
    uint32_t footprint; /* commuting.h */
};

struct steps {
    struct steps_entry *entries;
    uint64_t size_max;
    uint64_t *size; /* shared */
};

/* At most `size_max` steps, a power of two. */
void steps_init(struct steps *steps, uint64_t size_max);
void steps_free(struct steps *steps);

/* Makes room for the steps of about this many states; one worker calls it while the others wait. */
void steps_reserve(struct steps *steps, uint64_t states);

uint64_t steps_hash(struct step_key key);
void steps_prefetch(const struct steps *steps, uint64_t hash);
bool steps_find(const struct steps *steps, uint64_t hash, struct step_key key, struct step_result *result);
void steps_store(struct steps *steps, uint64_t hash, struct step_key key, struct step_result result);

/* Memory in use, in bytes. */
uint64_t steps_bytes(const struct steps *steps);

#endif
