/* SPDX-License-Identifier: Apache-2.0
 *
 * What must not hold of an explored state: a predicate that depends on the arena alone, and changes nothing. The
 * general ones are listed in sim/properties/properties.c, a model's own in its struct model.
 *
 * A search that leaves out states (partial-order reduction) leaves them out of the question, too. What is asked at the
 * end is not affected: no reduction leaves out an end. What is asked of every state is, unless it stays broken once it
 * is: then the end shows it.
 */
#ifndef MACHINE_PROPERTY_H
#define MACHINE_PROPERTY_H

#include <stdbool.h>

#include "machine/machine.h"
#include "machine/violation.h"

enum property_at {
    PROPERTY_AT_END,   /* nothing is pending any more */
    PROPERTY_AT_STATE, /* every state that is visited */
};

struct property {
    const char *name;
    enum violation_kind kind;
    enum property_at at;
    bool is_weak; /* has no consequence of its own: reported only where nothing else is wrong */
    bool (*is_broken)(const struct machine *machine, char *text, size_t text_bytes);
};

#endif
