/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the search with an interpreter on small generated programs. The interpreter tries every order in turn and
 * uses neither coroutines nor fingerprints. The verdict and the length of the shortest violation must agree, and the
 * search must not miss a state.
 */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "death.h"
#include "explore_fixture.h"
#include "models/family/family.h"

enum { PROGRAMS = 300, CPUS_MAX = 3, STEPS_MAX = 5, WORDS = 3, VALUES = 4 };

enum step_kind { STEP_LOAD, STEP_STORE, STEP_STORE_REGISTER, STEP_XCHG, STEP_OR, STEP_CAS, STEP_WAIT, STEP_KINDS };

/* The value `forbidden` in the register after the access is a BUG; VALUES forbids none. */
struct program_step {
    enum step_kind kind;
    uint8_t word, value, forbidden;
};

struct random_program {
    uint32_t cpus, steps;
    struct program_step code[CPUS_MAX][STEPS_MAX];
};

static struct random_program generate(uint64_t seed)
{
    struct random_program program = { .cpus = 2 };
    struct rng rng;

    rng_init(&rng, seed, 0, RNG_POLICY);
    program.cpus = 2 + (uint32_t)rng_below(&rng, 2);
    program.steps = program.cpus == 2 ? 5 : 3;
    for (uint32_t cpu = 0; cpu < program.cpus; cpu++)
        for (uint32_t i = 0; i < program.steps; i++) {
            struct program_step *step_of = &program.code[cpu][i];
            step_of->kind = (enum step_kind)rng_below(&rng, STEP_KINDS);
            step_of->word = (uint8_t)rng_below(&rng, WORDS);
            step_of->value = (uint8_t)rng_below(&rng, step_of->kind == STEP_WAIT ? 2 : VALUES);
            step_of->forbidden = (uint8_t)(rng_below(&rng, 12) == 0 ? rng_below(&rng, VALUES) : VALUES);
        }
    return program;
}

/* --- the interpreter --- */

struct brute_state {
    uint8_t words[WORDS], registers[CPUS_MAX], at[CPUS_MAX]; /* at: 0 before the start, then 1 + steps done */
};

struct brute {
    const struct random_program *program;
    uint32_t bug_depth, deadlock_depth; /* shortest; UINT32_MAX: none */
    uint32_t states;
    unsigned char *seen; /* bits */
};

static void brute_see(struct brute *brute, const struct brute_state *state)
{
    uint32_t code = 0;

    for (int i = 0; i < WORDS; i++)
        code = code * VALUES + state->words[i];
    for (uint32_t cpu = 0; cpu < brute->program->cpus; cpu++)
        code = (code * VALUES + state->registers[cpu]) * (STEPS_MAX + 2) + state->at[cpu];
    if (!(brute->seen[code / 8] >> (code % 8) & 1)) {
        brute->seen[code / 8] |= (unsigned char)(1u << (code % 8));
        brute->states++;
    }
}

/* Returns false when the step is a BUG. */
static bool brute_step(const struct program_step *step_of, uint8_t *word, uint8_t *value)
{
    uint8_t old = *word;

    switch (step_of->kind) {
    case STEP_STORE:
    case STEP_XCHG:
        *word = step_of->value;
        break;
    case STEP_STORE_REGISTER:
        *word = *value;
        break;
    case STEP_OR:
        *word = old | step_of->value;
        break;
    case STEP_CAS:
        *word = old == 0 ? step_of->value : old;
        break;
    default:
        break;
    }
    if (step_of->kind != STEP_STORE && step_of->kind != STEP_STORE_REGISTER)
        *value = old;
    return *value != step_of->forbidden;
}

static void brute_run(struct brute *brute, struct brute_state state, uint32_t depth)
{
    const struct random_program *program = brute->program;
    bool has_gone = false, is_waiting = false;

    brute_see(brute, &state);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++) {
        struct brute_state next = state;
        if (state.at[cpu] == program->steps + 1)
            continue;
        next.at[cpu]++;
        if (state.at[cpu] > 0) {
            const struct program_step *step_of = &program->code[cpu][state.at[cpu] - 1];
            if (step_of->kind == STEP_WAIT && state.words[step_of->word] != step_of->value) {
                is_waiting = true;
                continue;
            }
            has_gone = true;
            if (!brute_step(step_of, &next.words[step_of->word], &next.registers[cpu])) {
                brute->bug_depth = depth + 1 < brute->bug_depth ? depth + 1 : brute->bug_depth;
                continue;
            }
        }
        has_gone = true;
        brute_run(brute, next, depth + 1);
    }
    if (!has_gone && is_waiting && depth < brute->deadlock_depth)
        brute->deadlock_depth = depth;
}

/* --- the same on the verbs --- */

struct subject_data {
    struct line line;
    struct word words[WORDS];
    uint8_t registers[CPUS_MAX];
    const struct random_program *program;
};

static void subject_step(struct cpu *cpu, struct subject_data *data, const struct program_step *step_of)
{
    struct word *word = &data->words[step_of->word];
    uint8_t *value = &data->registers[cpu->id];

    switch (step_of->kind) {
    case STEP_LOAD:
        *value = (uint8_t)word_load(cpu, word);
        break;
    case STEP_STORE:
        word_store(cpu, word, step_of->value);
        break;
    case STEP_STORE_REGISTER:
        word_store(cpu, word, *value);
        break;
    case STEP_XCHG:
        *value = (uint8_t)word_xchg(cpu, word, step_of->value);
        break;
    case STEP_OR:
        *value = (uint8_t)word_fetch_or(cpu, word, step_of->value);
        break;
    case STEP_CAS:
        *value = (uint8_t)word_cas(cpu, word, 0, step_of->value);
        break;
    case STEP_WAIT:
        word_wait(cpu, word, step_of->value);
        *value = step_of->value;
        break;
    case STEP_KINDS:
        break;
    }
    if (*value == step_of->forbidden)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "forbidden value");
}

static void subject_main(struct cpu *cpu, void *argument)
{
    struct subject_data *data = argument;

    for (uint32_t i = 0; i < data->program->steps; i++)
        subject_step(cpu, data, &data->program->code[cpu->id][i]);
}

static void explore_program(const struct random_program *program, const struct explore_limits *limits,
                            struct explore_outcome *outcome)
{
    struct fixture fixture;
    struct explored explored;

    explore_open(&fixture, &explored, program->cpus);
    struct subject_data *data = ARENA_NEW(&fixture.arena, struct subject_data);
    data->program = program;
    line_init(&fixture.machine, &data->line, LINE_PLAIN);
    for (int i = 0; i < WORDS; i++)
        word_init(&data->words[i], &data->line, 0);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++)
        fixture_program(&fixture, cpu, subject_main, data);
    explore_run(&fixture, limits, outcome);
    explore_close(&fixture);
}

/* --- the comparison --- */

static void check_program(const struct random_program *program, struct brute *brute)
{
    struct explore_outcome outcome;
    uint32_t shortest = brute->bug_depth < brute->deadlock_depth ? brute->bug_depth : brute->deadlock_depth;

    explore_program(program, &explore_default_limits, &outcome);
    if (shortest == UINT32_MAX) {
        assert_int_equal(outcome.verdict, EXPLORE_CLEAN);
        /* Dead registers may split a state of the interpreter into several, but never merge two. */
        assert_true(outcome.states >= brute->states);
        assert_true(outcome.states < 2 * brute->states);
    } else {
        assert_int_equal(outcome.verdict, EXPLORE_VIOLATION);
        assert_int_equal(outcome.depth, shortest);
        assert_int_equal(outcome.trace_count, shortest);
        if (brute->bug_depth < brute->deadlock_depth)
            assert_int_equal(outcome.violation.kind, VIOLATION_MODELLED_BUG);
        if (brute->bug_depth > brute->deadlock_depth)
            assert_int_equal(outcome.violation.kind, VIOLATION_DEADLOCK);
    }
    explore_outcome_free(&outcome);
}

/* A bound on preemptions may hide a violation, but then the verdict is not clean. The first bound that does not is the
 * number of preemptions that the violation takes. */
static void check_bounded(const struct random_program *program, bool is_clean)
{
    uint64_t least = EXPLORE_UNLIMITED;

    for (uint64_t bound = 0; bound < 3; bound++) {
        struct explore_limits limits = explore_default_limits;
        struct explore_outcome outcome;

        limits.preemptions = bound;
        explore_program(program, &limits, &outcome);
        if (is_clean)
            assert_int_not_equal(outcome.verdict, EXPLORE_VIOLATION);
        else
            assert_int_not_equal(outcome.verdict, EXPLORE_CLEAN);
        assert_true(outcome.is_bounded);
        if (outcome.verdict == EXPLORE_VIOLATION && least == EXPLORE_UNLIMITED)
            least = bound;
        if (outcome.verdict == EXPLORE_VIOLATION)
            assert_int_equal(outcome.preemptions, least);
        explore_outcome_free(&outcome);
    }
}

static void test_programs(void **state)
{
    uint32_t codes = 64 * 28 * 28 * 28, clean = 0, bugs = 0, deadlocks = 0;
    unsigned char *seen = malloc(codes / 8 + 1);

    (void)state;
    assert_non_null(seen);
    if (!explore_state_is_supported()) {
        free(seen);
        skip();
    }
    for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
        struct random_program program = generate(seed);
        struct brute brute = { &program, UINT32_MAX, UINT32_MAX, 0, seen };

        memset(seen, 0, codes / 8 + 1);
        brute_run(&brute, (struct brute_state){ .words = { 0 } }, 0);
        check_program(&program, &brute);
        bool is_clean = brute.bug_depth == UINT32_MAX && brute.deadlock_depth == UINT32_MAX;
        check_bounded(&program, is_clean);
        clean += is_clean;
        bugs += brute.bug_depth < brute.deadlock_depth;
        deadlocks += brute.deadlock_depth < brute.bug_depth;
    }
    /* The programs have a mix of verdicts. */
    assert_true(clean >= PROGRAMS / 10 && bugs >= PROGRAMS / 10 && deadlocks >= PROGRAMS / 10);
    free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs),
    };

    return cmocka_run_group_tests_name("explore_random", tests, NULL, NULL);
}
