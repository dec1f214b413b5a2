/* SPDX-License-Identifier: Apache-2.0
 *
 * A walk touches a sequence of lines owned by other CPUs, each once, and does nothing in between. The CPU touches them
 * in advance: it claims each line for the time at which it would reach it, and sleeps until the last claim. A CPU that
 * accesses a claimed line before that time revokes this claim and all later ones of the walk, which resumes there at
 * the time of the revoked claim. Another walk that comes later claims the line on top of it, and loses this claim, too,
 * when the one below is revoked: claims of one line are a stack in the order of their times, and what a claim has
 * changed of the line is given back from the top. Times and event counts equal those of touching the lines one after
 * the other.
 *
 * Left out: of two CPUs at a line in the same cycle the one with the lower slot goes first, even if it was woken in
 * that cycle by a slot above both; touches that cost nothing; the claims of a run that ends in a modelled crash.
 */
#ifndef MACHINE_LINES_CLAIM_H
#define MACHINE_LINES_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/cpu.h"
#include "machine/lines/word.h"

#define CLAIMS_MAX 24u /* of one walk, the first touch not included */

struct claim {
    struct walk *walk;
    struct line *line;
    cycles at;             /* time of the touch */
    cycles free_at_before; /* the line's state before the claim, restored when it is revoked */
    uint64_t claimed_before;
    struct claim *before;
    uint32_t owner_before;
};

/* Lives on the stack of the walking CPU. */
struct walk {
    struct cpu *cpu;
    uint32_t count;           /* claims that have not been revoked */
    uint32_t kept;            /* while claims are revoked: so many of them stay */
    struct walk *interrupted; /* while claims are revoked: the walk to go on with */
    uint32_t met;             /* owner of the line claimed last, before the claim: most often that of the next, too */
    cycles latency;           /* of a transfer from it */
    struct claim claims[CLAIMS_MAX];
};

/* Interrupts must be off. Touches lines[0..count), count > 0, each as line_touch_locked and cpu_spend(after) would; the
 * first one is touched unconditionally. Returns how many were touched: fewer than count when a line is shared, spun on
 * or revoked, or would be reached after the horizon. The CPU may settle at the end, as its next access would; until
 * then it does nothing that another one sees. Code that removes the reason to touch a line must revoke its claim
 * (line_revoke). */
uint32_t line_touch_each(struct cpu *cpu, struct line *const *lines, uint32_t count, cycles after);

#endif
