/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations of word.h: a hit is served inline, anything else goes to the line or to the policy.
 */
#include "machine/lines/word.h"

#include "machine/cpu.h"
#include "machine/lines/line.h"

void word_init(struct word *word, struct line *line, uint64_t value)
{
    word->line = line;
    word->value = value;
}

/* Lets the clock catch up to the access unless the CPU keeps the line meanwhile, and revokes a claim on the line. */
static void line_reach(struct cpu *cpu, struct line *line)
{
    line_revoke(line);
    if (line_stays_owned(line, cpu))
        return;
    cpu_arrive(cpu);
    line_revoke(line);
}

static uint64_t word_request(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                             uint64_t comparand)
{
    struct line *line = word->line;

    line_reach(cpu, line);
    if (line->is_contended)
        return cpu->policy->access(cpu, word, operation, operand, comparand);
    uint64_t old = word->value;
    cycles finish = line_request(line, cpu, cpu_now(cpu), word_access(operation));
    if (operation != WORD_LOAD) {
        word->value = word_apply(operation, old, operand, comparand);
        if (line->is_waited)
            waiters_after_write(word, cpu, finish);
    }
    cpu_until(cpu, finish);
    return old;
}

/* Always inline: the operation is a constant in each caller, and most accesses are hits. */
__attribute__((always_inline)) static inline uint64_t
word_operate(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand, uint64_t comparand)
{
    if (!line_is_hit(word->line, cpu))
        return word_request(cpu, word, operation, operand, comparand);
    uint64_t old = word->value;
    if (operation != WORD_LOAD)
        word->value = word_apply(operation, old, operand, comparand);
    line_hit_touch(cpu, word_access(operation), 0);
    return old;
}

/* Not inlined: a load that hits, as most do, saves no registers then. */
__attribute__((noinline)) static uint64_t load_slowly(struct cpu *cpu, struct word *word)
{
    return word_request(cpu, word, WORD_LOAD, 0, 0);
}

uint64_t word_load(struct cpu *cpu, struct word *word)
{
    if (!line_is_hit(word->line, cpu))
        return load_slowly(cpu, word);
    line_hit_touch(cpu, LINE_LOAD, 0);
    return word->value;
}

uint64_t word_load_own(struct cpu *cpu, struct word *word)
{
    if (__builtin_expect(cpu->policy->load_own != NULL, false))
        return cpu->policy->load_own(cpu, word);
    return word_load(cpu, word);
}

uint64_t word_see(struct cpu *cpu, const struct word *word)
{
    return cpu->policy->load_own != NULL ? cpu->policy->load_own(cpu, word) : word->value;
}

void word_add_own(struct cpu *cpu, struct word *word, uint64_t addend)
{
    word_store(cpu, word, word_see(cpu, word) + addend);
}

void word_store(struct cpu *cpu, struct word *word, uint64_t value) { word_operate(cpu, word, WORD_STORE, value, 0); }

void word_store_field(struct cpu *cpu, struct word *word, uint64_t mask, uint64_t bits)
{
    word_operate(cpu, word, WORD_FIELD, bits, mask);
}

uint64_t word_xchg(struct cpu *cpu, struct word *word, uint64_t value)
{
    return word_operate(cpu, word, WORD_XCHG, value, 0);
}

uint64_t word_cas(struct cpu *cpu, struct word *word, uint64_t expected, uint64_t desired)
{
    return word_operate(cpu, word, WORD_CAS, desired, expected);
}

uint64_t word_fetch_add(struct cpu *cpu, struct word *word, uint64_t addend)
{
    return word_operate(cpu, word, WORD_ADD, addend, 0);
}

uint64_t word_fetch_or(struct cpu *cpu, struct word *word, uint64_t bits)
{
    return word_operate(cpu, word, WORD_OR, bits, 0);
}

uint64_t word_fetch_and(struct cpu *cpu, struct word *word, uint64_t bits)
{
    return word_operate(cpu, word, WORD_AND, bits, 0);
}

uint64_t word_load_at_event(const struct word *word)
{
    CHECK(word->line->machine->engine->running == NULL);
    return word->value;
}

uint32_t line_waiters(const struct line *line)
{
    if (line->waiters != NULL)
        return line->waiters->reading_count;
    return line->pollers != NULL ? pollers_count(line) : 0;
}

void word_wait(struct cpu *cpu, struct word *word, uint64_t value) { cpu->policy->wait(cpu, word, value); }

void word_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
{
    CHECK(!cpu->irq_on);
    cpu->policy->acquire(cpu, word, free, taken, irq_on_while_polling);
}

void word_acquire_by_cas(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
{
    CHECK(!cpu->irq_on);
    cpu->policy->acquire_by_cas(cpu, word, free, taken, irq_on_while_polling);
}

static void line_touch(struct cpu *cpu, struct line *line, enum line_access access)
{
    if (line_is_hit(line, cpu)) {
        line_hit_touch(cpu, access, 0);
        return;
    }
    line_reach(cpu, line);
    if (line->is_contended)
        cpu->policy->touch(cpu, line, access);
    else
        cpu_until(cpu, line_request(line, cpu, cpu_now(cpu), access));
}

void line_touch_read(struct cpu *cpu, struct line *line) { line_touch(cpu, line, LINE_LOAD); }

void line_touch_write(struct cpu *cpu, struct line *line) { line_touch(cpu, line, LINE_STORE); }

void line_touch_locked(struct cpu *cpu, struct line *line) { line_touch(cpu, line, LINE_ATOMIC); }
