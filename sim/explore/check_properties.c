/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluates the general properties first, then the model's invariants. Where a store is in a buffer, memory may have
 * half of what one CPU has changed, and no CPU sees that half as it is; the state in which all stores are visible is
 * one step or more away, and is checked in its turn.
 */
#include "explore/check_properties.h"

#include "machine/lines/store_buffer.h"

static bool is_broken(const struct explore_subject *subject, const struct property *const *properties,
                      enum property_at at, struct violation *violation, uint64_t *suspicious)
{
    for (; properties != NULL && *properties != NULL; properties++) {
        const struct property *property = *properties;
        if (property->at != at || !property->is_broken(subject->machine, violation->text, sizeof(violation->text)))
            continue;
        violation->kind = property->kind;
        if (!property->is_weak || subject->is_strict)
            return true;
        (*suspicious)++;
    }
    return false;
}

bool explore_check_properties(const struct explore_subject *subject, struct violation *violation, uint64_t *suspicious)
{
    if (!store_buffers_are_empty(subject->machine))
        return false;
    if (is_broken(subject, subject->properties, PROPERTY_AT_STATE, violation, suspicious) ||
        is_broken(subject, subject->invariants, PROPERTY_AT_STATE, violation, suspicious))
        return true;
    return explore_is_end(subject->engine) &&
           (is_broken(subject, subject->properties, PROPERTY_AT_END, violation, suspicious) ||
            is_broken(subject, subject->invariants, PROPERTY_AT_END, violation, suspicious));
}
