/* SPDX-License-Identifier: Apache-2.0
 *
 * Touches that are cache hits without any effect on other CPUs, inline: for code whose every access touches a line
 * (sim/code/access.c).
 */
#ifndef MACHINE_LINES_HIT_H
#define MACHINE_LINES_HIT_H

#include "machine/lines/line.h"

enum line_hit { LINE_MISS, LINE_HIT_COPY, LINE_HIT_OWNED };

/* How this CPU has the line: modified or exclusive, as a copy that no other CPU's write can take away before the
 * access, or neither, so that the access must settle. Stays true until the CPU parks, while line_hit_lasts. */
static inline enum line_hit line_hit(const struct line *line, const struct cpu *cpu)
{
    if (line_is_hit(line, cpu))
        return LINE_HIT_OWNED;
    return line_keeps_copy(line, cpu) ? LINE_HIT_COPY : LINE_MISS;
}

static inline bool line_hit_lasts(const struct cpu *cpu, enum line_hit hit)
{
    const struct machine *machine = cpu->machine;

    return cpu->ahead <= (hit == LINE_HIT_OWNED ? machine->fastest_transfer : machine->fastest_invalidation);
}

#endif
