/* SPDX-License-Identifier: Apache-2.0
 *
 * A CPU that walks over lines of other CPUs, each touched once and nothing done between, touches them in advance: it
 * claims each for the time at which it gets there, and sleeps until the last. Whoever is at a claimed line before that
 * time contests it: that claim and those behind it are given back, and the walk goes on from there when its time has
 * come. Equal, cycle for cycle and event for event, to touching one after the other.
 *
 * Left out: of two that are at a line in the same cycle the one with the lower slot is first, even if it was woken in
 * that cycle by a slot above both; touches that cost nothing; claims of a run that a modelled crash ends.
 */
#ifndef MACHINE_LINES_CLAIM_H
#define MACHINE_LINES_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/cpu.h"
#include "machine/lines/word.h"

#define CLAIMS_MAX 24u /* beside the first touch */

struct claim {
    struct walk *walk;
    struct line *line;
    cycles at;             /* the touch */
    cycles free_at_before; /* what it changed of the line */
    uint32_t owner_before;
};

/* On the stack of the CPU that walks. */
struct walk {
    struct cpu *cpu;
    uint32_t count; /* of claims that nobody has contested */
    struct claim claims[CLAIMS_MAX];
};

/* Interrupts must be off. Touches lines[0..count), count > 0, each as line_touch_locked and cpu_spend(after) would; the
 * first now, whatever it is. Returns how many were touched: less than count when one is shared, spun on, behind the
 * horizon or contested. The caller contests (line_contest) a claim where its reason to touch the line goes away. */
uint32_t line_touch_each(struct cpu *cpu, struct line *const *lines, uint32_t count, cycles after);

#endif
