/* SPDX-License-Identifier: Apache-2.0
 *
 * What an exploration keeps outside of the explored state.
 */
#ifndef MACHINE_EXPLORED_H
#define MACHINE_EXPLORED_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/lock_order.h"
#include "machine/names.h"
#include "machine/violation.h"

struct cpu;

struct explored {
    struct violation violation;                                           /* of the step in progress */
    void (*note)(void *context, const struct cpu *cpu, const char *text); /* what a step does; NULL: nobody reads. cpu
                                                                           * NULL: a device */
    void *context;
    struct word_name *names;
    size_t name_count;
    struct lock_order *order;          /* NULL: nobody asks */
    const struct lock_edge *forbidden; /* taking a lock this way is a violation, described by */
    const char *forbidden_text;
    bool merges; /* steps of a CPU that holds a lock with interrupts off: see policies/exhaustive.c */
};

#endif
