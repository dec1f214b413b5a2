/* SPDX-License-Identifier: Apache-2.0
 *
 * What a step of an exploration has touched of that which several pCPUs or events share, recorded by the machine while
 * the step is taken. Steps of which neither writes what the other touches lead to the same state in either order.
 *
 * A place is a word, a LAPIC's requests or flights, a store buffer, or an event's slot, whose time is set. What a CPU
 * alone may touch is no place. Nor are fields without a word: a lock, or another word, orders all accesses of them
 * (tests/plain), so that steps which touch the same field touch the same word as well.
 */
#ifndef MACHINE_FOOTPRINT_H
#define MACHINE_FOOTPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "machine/explored.h"

enum { FOOTPRINT_PLACES_MAX = 40 };

struct footprint_place {
    const void *place;
    bool is_written;
};

struct footprint {
    bool is_everything; /* the places are not known */
    uint32_t count;
    struct footprint_place places[FOOTPRINT_PLACES_MAX];
};

static inline struct footprint *footprint_of(const struct engine *engine)
{
    return engine->explored != NULL ? engine->explored->footprint : NULL;
}

/* The recording functions have no effect when nothing is recorded (explored.footprint is NULL). */

/* The step may have touched anything. */
static inline void footprint_everything(const struct engine *engine)
{
    if (footprint_of(engine) != NULL)
        footprint_of(engine)->is_everything = true;
}

/* Called first by an event that records all that it touches: of other events everything is assumed. */
static inline void footprint_begin(const struct engine *engine)
{
    struct footprint *footprint = footprint_of(engine);

    if (footprint == NULL)
        return;
    footprint->is_everything = false;
    footprint->count = 0;
}

void footprint_add(struct footprint *footprint, const void *place, bool is_written);

static inline void footprint_read(const struct engine *engine, const void *place)
{
    if (footprint_of(engine) != NULL)
        footprint_add(footprint_of(engine), place, false);
}

static inline void footprint_write(const struct engine *engine, const void *place)
{
    if (footprint_of(engine) != NULL)
        footprint_add(footprint_of(engine), place, true);
}

#endif
