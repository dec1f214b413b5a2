/* SPDX-License-Identifier: Apache-2.0
 *
 * A property of explored states: a predicate that is true when the property is broken. It depends on the arena alone
 * and has no side effects. The general properties are listed in sim/properties/properties.c, those of a family in
 * its struct family.
 *
 * A search with partial-order reduction does not visit all states, so that it may miss a property that is broken in an
 * intermediate state only. Properties checked at the end are not affected, because every reduction keeps all end
 * states; nor are properties that stay broken until the end.
 */
#ifndef MACHINE_PROPERTY_H
#define MACHINE_PROPERTY_H

#include <stdbool.h>

#include "machine/machine.h"
#include "machine/violation.h"

enum property_at {
    PROPERTY_AT_END,   /* checked when nothing is pending any more */
    PROPERTY_AT_STATE, /* checked in every state visited */
};

struct property {
    const char *name;
    enum violation_kind kind;
    enum property_at at;
    bool is_weak; /* without consequences of its own: reported only if no other property is broken */
    bool (*is_broken)(const struct machine *machine, char *text, size_t text_bytes);
};

#endif
