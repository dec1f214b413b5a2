/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of the timed policy, shared with the other policy in which time passes. Each implements the member of
 * struct machine_policy with that name.
 */
#ifndef MACHINE_POLICIES_TIMED_H
#define MACHINE_POLICIES_TIMED_H

#include "machine/policy.h"

void timed_wait(struct cpu *cpu, struct word *word, uint64_t value);
void timed_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);
void timed_acquire_by_cas(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);
void timed_touch(struct cpu *cpu, struct line *line, enum line_access access);
void timed_settle(struct cpu *cpu);
void timed_timer_set(struct cpu *cpu, cycles when);
cycles timed_deadline(const struct cpu *cpu, cycles after);
void timed_event_at(struct engine *engine, uint32_t slot, cycles when);
void timed_event_after(struct engine *engine, uint32_t slot, cycles delay);
__attribute__((noreturn)) void timed_raise(struct cpu *cpu, enum violation_kind kind, const char *text);

#endif
