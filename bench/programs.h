/* SPDX-License-Identifier: Apache-2.0
 *
 * Small concurrent programs as tables. The same table runs on the machine's verbs and is written as Promela, so that
 * irqpath and SPIN explore models with the same states. An instruction is one access and the branch that depends on it.
 * All state is in words, registers and program counters; a process has one more step before its first instruction, as
 * a pCPU has.
 */
#ifndef BENCH_PROGRAMS_H
#define BENCH_PROGRAMS_H

#include <inttypes.h>
#include <stdio.h>

#include "machine/cpu.h"
#include "machine/lines/word.h"
#include "machine/violation.h"
#include "models/family/family.h"

enum { PROGRAM_CPUS_MAX = 4, PROGRAM_STEPS_MAX = 32, PROGRAM_WORDS = 12 };

enum program_operation {
    PROGRAM_LOAD,     /* register = word */
    PROGRAM_STORE,    /* word = value */
    PROGRAM_STORE_UP, /* word = register + value */
    PROGRAM_XCHG,     /* register = word, word = value */
    PROGRAM_ADD,      /* register = word, word += value */
    PROGRAM_CAS,      /* register = word; if that is value: word = other */
    PROGRAM_WAIT,     /* until word == value */
    PROGRAM_WAIT_FOR, /* until word == register */
};

/* The next instruction: `target` if the condition on the register and `compared` holds, else the following one. */
enum program_branch { PROGRAM_NEXT, PROGRAM_IF, PROGRAM_IF_NOT, PROGRAM_ALWAYS };

/* ENTER: falling through to the next instruction enters the critical section. LEAVE: the access leaves it. FENCE: a
 * fence follows, which is nothing where memory is sequentially consistent, as SPIN's is. */
enum program_mark { PROGRAM_ENTER = 1, PROGRAM_LEAVE = 2, PROGRAM_FENCE = 4 };

struct program_step {
    enum program_operation operation;
    uint8_t word, value, other;
    enum program_branch branch;
    uint8_t compared, target;
    uint8_t mark;
};

struct program {
    const char *name;
    uint8_t cpus, counts[PROGRAM_CPUS_MAX];
    struct program_step code[PROGRAM_CPUS_MAX][PROGRAM_STEPS_MAX];
};

static inline void program_add(struct program *program, uint32_t cpu, struct program_step row)
{
    CHECK(cpu < PROGRAM_CPUS_MAX && program->counts[cpu] < PROGRAM_STEPS_MAX);
    program->code[cpu][program->counts[cpu]++] = row;
}

/* --- on the verbs --- */

struct program_state {
    struct line line;
    struct word words[PROGRAM_WORDS];
    uint8_t registers[PROGRAM_CPUS_MAX], at[PROGRAM_CPUS_MAX], inside;
    const struct program *program;
};

static inline struct program_state *program_state_new(struct machine *machine, const struct program *program)
{
    struct program_state *state = ARENA_NEW(machine->arena, struct program_state);

    state->program = program;
    line_init(machine, &state->line, LINE_PLAIN);
    for (int i = 0; i < PROGRAM_WORDS; i++)
        word_init(&state->words[i], &state->line, 0);
    return state;
}

static inline void program_access(struct cpu *cpu, struct program_state *state, const struct program_step *row)
{
    struct word *word = &state->words[row->word];
    uint8_t *value = &state->registers[cpu->id];

    switch (row->operation) {
    case PROGRAM_LOAD:
        *value = (uint8_t)word_load(cpu, word);
        break;
    case PROGRAM_STORE:
        word_store(cpu, word, row->value);
        break;
    case PROGRAM_STORE_UP:
        word_store(cpu, word, (uint8_t)(*value + row->value));
        break;
    case PROGRAM_XCHG:
        *value = (uint8_t)word_xchg(cpu, word, row->value);
        break;
    case PROGRAM_ADD:
        *value = (uint8_t)word_fetch_add(cpu, word, row->value);
        break;
    case PROGRAM_CAS:
        *value = (uint8_t)word_cas(cpu, word, row->value, row->other);
        break;
    case PROGRAM_WAIT:
        word_wait(cpu, word, row->value);
        break;
    case PROGRAM_WAIT_FOR:
        word_wait(cpu, word, *value);
        break;
    }
}

static inline bool program_branches(const struct program_step *row, uint8_t value)
{
    return row->branch == PROGRAM_ALWAYS || (row->branch == PROGRAM_IF && value == row->compared) ||
           (row->branch == PROGRAM_IF_NOT && value != row->compared);
}

/* Runs a pCPU's program. */
static inline void program_run(struct cpu *cpu, void *data)
{
    struct program_state *state = data;
    uint32_t self = cpu->id;

    while (state->at[self] < state->program->counts[self]) {
        const struct program_step *row = &state->program->code[self][state->at[self]];
        program_access(cpu, state, row);
        if (state->program->code[self][state->at[self]].mark & PROGRAM_FENCE)
            cpu_fence(cpu);
        row = &state->program->code[self][state->at[self]];
        state->inside = (uint8_t)(state->inside - ((row->mark & PROGRAM_LEAVE) != 0));
        if (program_branches(row, state->registers[self])) {
            state->at[self] = row->target;
            continue;
        }
        state->at[self]++;
        if ((row->mark & PROGRAM_ENTER) && ++state->inside > 1)
            violation_raise(cpu, VIOLATION_MODELLED_BUG, "two in the critical section");
    }
}

/* --- as Promela --- */

static inline void promela_access(const struct program_step *row, FILE *file)
{
    switch (row->operation) {
    case PROGRAM_LOAD:
        fprintf(file, "r[_pid] = w[%u]; ", row->word);
        break;
    case PROGRAM_STORE:
        fprintf(file, "w[%u] = %u; ", row->word, row->value);
        break;
    case PROGRAM_STORE_UP:
        fprintf(file, "w[%u] = r[_pid] + %u; ", row->word, row->value);
        break;
    case PROGRAM_XCHG:
        fprintf(file, "r[_pid] = w[%u]; w[%u] = %u; ", row->word, row->word, row->value);
        break;
    case PROGRAM_ADD:
        fprintf(file, "r[_pid] = w[%u]; w[%u] = w[%u] + %u; ", row->word, row->word, row->word, row->value);
        break;
    case PROGRAM_CAS:
        fprintf(file, "r[_pid] = w[%u]; w[%u] = (w[%u] == %u -> %u : w[%u]); ", row->word, row->word, row->word,
                row->value, row->other, row->word);
        break;
    case PROGRAM_WAIT:
    case PROGRAM_WAIT_FOR:
        break; /* part of the guard */
    }
}

static inline void promela_guard(const struct program_step *row, uint32_t at, FILE *file)
{
    fprintf(file, "  :: d_step { (pc[_pid] == %u", at);
    if (row->operation == PROGRAM_WAIT)
        fprintf(file, " && w[%u] == %u", row->word, row->value);
    if (row->operation == PROGRAM_WAIT_FOR)
        fprintf(file, " && w[%u] == r[_pid]", row->word);
    fputs(") -> ", file);
}

static inline void promela_instruction(const struct program_step *row, uint32_t at, FILE *file)
{
    promela_guard(row, at, file);
    promela_access(row, file);
    if (row->mark & PROGRAM_LEAVE)
        fputs("inside = inside - 1; ", file);
    if (row->branch == PROGRAM_IF || row->branch == PROGRAM_IF_NOT)
        fprintf(file, "pc[_pid] = (r[_pid] %s %u -> %u : %u); ", row->branch == PROGRAM_IF ? "==" : "!=", row->compared,
                row->target, at + 1);
    else
        fprintf(file, "pc[_pid] = %u; ", row->branch == PROGRAM_ALWAYS ? row->target : at + 1);
    if (row->mark & PROGRAM_ENTER)
        fprintf(file, "if :: (pc[_pid] == %u) -> inside = inside + 1; assert(inside == 1) :: else fi; ", at + 1);
    fputs("skip }\n", file);
}

/* Writes one Promela process for each pCPU, and an assertion that all have ended when no process can continue. */
static inline void program_promela(const struct program *program, FILE *file)
{
    fprintf(file, "/* %s */\nbyte w[%d]; byte r[%u]; byte pc[%u]; byte inside;\n", program->name, PROGRAM_WORDS,
            program->cpus, program->cpus);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++) {
        fprintf(file, "active proctype p%u() {\nend:\n  do\n  :: d_step { (pc[_pid] == 0) -> pc[_pid] = 1 }\n", cpu);
        for (uint32_t at = 0; at < program->counts[cpu]; at++) {
            struct program_step row = program->code[cpu][at];
            row.target++;
            promela_instruction(&row, at + 1, file);
        }
        if (cpu == 0) {
            fputs("  :: atomic { timeout -> assert(", file);
            for (uint32_t other = 0; other < program->cpus; other++)
                fprintf(file, "%spc[%u] == %u", other > 0 ? " && " : "", other, program->counts[other] + 1u);
            fputs(") }\n", file);
        }
        fputs("  od\n}\n", file);
    }
}

#endif
