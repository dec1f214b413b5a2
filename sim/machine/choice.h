/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs under the exhaustive policy. Every access of a word is a choice point: the CPU parks with its slot
 * pending before it, and whoever explores decides who goes next. Time stands still, and lines cost nothing. A CPU
 * that waits for a value is pending only while the word holds it; interrupts are taken at choice points. A step is
 * everything from one choice point of a CPU to its next.
 */
#ifndef MACHINE_CHOICE_H
#define MACHINE_CHOICE_H

#include "machine/cpu.h"
#include "machine/explored.h"
#include "machine/lines/word.h"

uint64_t choice_operate(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                        uint64_t comparand);
void choice_wait(struct cpu *cpu, struct word *word, uint64_t value);
void choice_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);

/* Reduction. Nobody can tell when, between its neighbours, a CPU with interrupts off gives back a lock that all others
 * wait for and none tries or looks at: giving it back commutes with whatever they do meanwhile, for they can't take the
 * lock. So the release belongs to the step before it, and by the same argument the acquisition to the step after it,
 * unless that takes a lock, too: there a deadlock may lie. Called before the one and after the other. */
static inline void choice_release(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_turn = true;
}

static inline void choice_acquired(struct cpu *cpu)
{
    if (!cpu->irq_on && cpu->engine->explored->merges)
        cpu->has_lock_turn = true;
}

#endif
