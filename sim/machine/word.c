/* SPDX-License-Identifier: Apache-2.0
 *
 * The word verbs: value, cost and effect on those who spin.
 */
#include "machine/word.h"

#include "machine/cpu.h"
#include "machine/line.h"

void word_init(struct word *word, struct line *line, uint64_t value)
{
    word->line = line;
    word->value = value;
}

uint64_t word_load(struct cpu *cpu, struct word *word)
{
    uint64_t value = word->value;

    cpu_until(cpu, line_request(word->line, cpu, cpu->engine->now, LINE_LOAD));
    return value;
}

/* Takes effect now, ends when the line has arrived. */
static uint64_t word_write(struct cpu *cpu, struct word *word, uint64_t value, enum line_access access)
{
    uint64_t old = word->value;
    cycles finish = line_request(word->line, cpu, cpu->engine->now, access);

    word->value = value;
    spin_after_write(word, cpu, finish);
    cpu_until(cpu, finish);
    return old;
}

void word_store(struct cpu *cpu, struct word *word, uint64_t value)
{
    word_write(cpu, word, value, LINE_STORE);
}

uint64_t word_xchg(struct cpu *cpu, struct word *word, uint64_t value)
{
    return word_write(cpu, word, value, LINE_ATOMIC);
}

uint64_t word_cas(struct cpu *cpu, struct word *word, uint64_t expected, uint64_t desired)
{
    return word_write(cpu, word, word->value == expected ? desired : word->value, LINE_ATOMIC);
}

uint64_t word_fetch_add(struct cpu *cpu, struct word *word, uint64_t addend)
{
    return word_write(cpu, word, word->value + addend, LINE_ATOMIC);
}

uint64_t word_fetch_or(struct cpu *cpu, struct word *word, uint64_t bits)
{
    return word_write(cpu, word, word->value | bits, LINE_ATOMIC);
}

uint64_t word_fetch_and(struct cpu *cpu, struct word *word, uint64_t bits)
{
    return word_write(cpu, word, word->value & bits, LINE_ATOMIC);
}

void word_wait(struct cpu *cpu, struct word *word, uint64_t value)
{
    enum cpu_category category = cpu_category_set(cpu, CPU_LOCK_WAIT);

    while (word_load(cpu, word) != value) {
        /* The load has ended; a write may have taken effect since. */
        if (word->value == value)
            continue;
        if (spin_park(cpu, word, value, false, 0))
            break;
        cpu_take_interrupts(cpu);
    }
    cpu_category_set(cpu, category);
}

void word_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling)
{
    CHECK(!cpu->irq_on);
    if (word_xchg(cpu, word, taken) == free)
        return;
    enum cpu_category category = cpu_category_set(cpu, CPU_LOCK_WAIT);
    bool is_acquired = false;
    while (!is_acquired) {
        cpu->irq_on = irq_on_while_polling;
        cpu_take_interrupts(cpu);
        is_acquired = spin_park(cpu, word, free, true, taken);
        cpu->irq_on = false;
    }
    cpu_category_set(cpu, category);
}

void line_touch_read(struct cpu *cpu, struct line *line)
{
    cpu_until(cpu, line_request(line, cpu, cpu->engine->now, LINE_LOAD));
}

void line_touch_write(struct cpu *cpu, struct line *line)
{
    cpu_until(cpu, line_request(line, cpu, cpu->engine->now, LINE_STORE));
}

