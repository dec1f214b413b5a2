/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares exploration with and without reduction on small generated programs with locks and on every Xen design under
 * the explore scenarios. Verdict and kind must agree, and reduction must never increase the number of states.
 */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/rng.h"
#include "death.h"
#include "explore/explore.h"
#include "explore_fixture.h"
#include "models/locks/lock.h"
#include "models/registry.h"
#include "scenario/scenario.h"

enum { PROGRAMS = 200, CPUS = 2, STEPS = 6, LOCKS = 2, WORDS = 2, VALUES = 3 };

enum step_kind { STEP_LOCK, STEP_LOAD, STEP_STORE, STEP_XCHG, STEP_UNLOCK, STEP_KINDS };

/* A lock step releases the lock if the pCPU holds it, and takes it otherwise. `forbidden` after an access is a BUG. */
struct lock_step {
    enum step_kind kind;
    uint8_t which, value, forbidden;
};

struct lock_program {
    struct line line;
    struct word words[WORDS];
    struct lock locks[LOCKS];
    struct lock_step code[CPUS][STEPS];
};

static void generate(struct lock_program *program, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 1, RNG_POLICY);
    for (int cpu = 0; cpu < CPUS; cpu++)
        for (int i = 0; i < STEPS; i++) {
            struct lock_step *row = &program->code[cpu][i];
            row->kind = rng_below(&rng, 3) > 0 ? STEP_LOCK : (enum step_kind)rng_below(&rng, STEP_KINDS);
            row->which = (uint8_t)rng_below(&rng, 2);
            row->value = (uint8_t)rng_below(&rng, VALUES);
            row->forbidden = (uint8_t)(rng_below(&rng, 3) == 0 ? rng_below(&rng, VALUES) : VALUES);
        }
}

static void run_step(struct cpu *cpu, struct lock_program *program, const struct lock_step *row)
{
    struct lock *lock = &program->locks[row->which];
    struct word *word = &program->words[row->which];
    uint64_t value = VALUES;

    switch (row->kind) {
    case STEP_LOCK:
    case STEP_UNLOCK:
        if (lock_is_held_by(lock, cpu))
            spin_unlock(cpu, lock);
        else if (row->kind == STEP_LOCK)
            spin_lock(cpu, lock);
        break;
    case STEP_LOAD:
        value = word_load(cpu, word);
        break;
    case STEP_STORE:
        word_store(cpu, word, row->value);
        break;
    case STEP_XCHG:
        value = word_xchg(cpu, word, row->value);
        break;
    case STEP_KINDS:
        break;
    }
    if (value < VALUES && value == row->forbidden)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "forbidden value");
}

static void run_program(struct cpu *cpu, void *argument)
{
    struct lock_program *program = argument;

    for (int i = 0; i < STEPS; i++)
        run_step(cpu, program, &program->code[cpu->id][i]);
    for (int i = 0; i < LOCKS; i++)
        if (lock_is_held_by(&program->locks[i], cpu))
            spin_unlock(cpu, &program->locks[i]);
}

static void explore_program(uint64_t seed, enum policy policy, bool is_reduced, struct explore_outcome *outcome)
{
    struct fixture fixture;
    struct explored explored;

    explore_open_as(&fixture, &explored, CPUS, policy);
    explored.merges = is_reduced;
    struct lock_program *program = ARENA_NEW(&fixture.arena, struct lock_program);
    struct lock_class *class = lock_class_new(lock_system_new(&fixture.machine, lock_find("ttas")), "lock");
    generate(program, seed);
    line_init(&fixture.machine, &program->line, LINE_PLAIN);
    for (int i = 0; i < WORDS; i++)
        word_init(&program->words[i], &program->line, 0);
    for (int i = 0; i < LOCKS; i++)
        lock_init(&program->locks[i], class);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        fixture_program(&fixture, cpu, run_program, program);
    explore_run(&fixture, &explore_default_limits, outcome);
    explore_close(&fixture);
}

static void assert_same(const struct explore_outcome *full, const struct explore_outcome *reduced)
{
    assert_int_equal(reduced->verdict, full->verdict);
    assert_int_equal(reduced->violation.kind, full->violation.kind);
    if (full->verdict == EXPLORE_CLEAN)
        assert_true(reduced->states <= full->states);
}

static void keep_their_verdicts(enum policy policy)
{
    uint64_t clean = 0, bugs = 0, deadlocks = 0, full_states = 0, reduced_states = 0;

    for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
        struct explore_outcome full, reduced;
        explore_program(seed, policy, false, &full);
        explore_program(seed, policy, true, &reduced);
        /* The shorter trace may show another violation of the same program. */
        if (full.violation.kind == VIOLATION_NONE || reduced.violation.kind == VIOLATION_NONE)
            assert_same(&full, &reduced);
        clean += full.verdict == EXPLORE_CLEAN;
        bugs += full.violation.kind == VIOLATION_MODELLED_BUG;
        deadlocks += full.violation.kind == VIOLATION_DEADLOCK;
        if (full.verdict == EXPLORE_CLEAN) {
            full_states += full.states;
            reduced_states += reduced.states;
        }
        explore_outcome_free(&full);
        explore_outcome_free(&reduced);
    }
    assert_true(clean >= PROGRAMS / 10 && bugs >= PROGRAMS / 10 && deadlocks >= PROGRAMS / 20);
    assert_true(reduced_states * 10 < full_states * 9);
}

static void programs_keep_their_verdicts(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    keep_their_verdicts(POLICY_EXHAUSTIVE);
    keep_their_verdicts(POLICY_EXHAUSTIVE_TSO);
}

static void explore_shipped(const char *name, const char *design, const char *reduction,
                            struct explore_outcome *outcome)
{
    struct scenario scenario;
    struct diag diag;
    char message[256];

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, name, &reduction, 1, &diag), SCENARIO_OK);
    assert_true(explore_scenario(&scenario, design, &explore_default_limits, NULL, outcome, message, sizeof(message)));
    scenario_free(&scenario);
    diag_free(&diag);
}

static void designs_keep_their_verdicts(void **state)
{
    static const char *const names[] = { "explore-steady", "explore-destroy",     "explore-eoi-timeout",
                                         "explore-rebind", "explore-cpu-offline", "explore-ticks" };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        for (size_t j = 0; j < design_count(); j++) {
            struct explore_outcome full, reduced;
            if (strcmp(design_at(j)->family->name, "xen") != 0)
                continue;
            explore_shipped(names[i], design_at(j)->name, "run.reduction=off", &full);
            explore_shipped(names[i], design_at(j)->name, "run.reduction=on", &reduced);
            assert_same(&full, &reduced);
            explore_outcome_free(&full);
            explore_outcome_free(&reduced);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_keep_their_verdicts),
        cmocka_unit_test(designs_keep_their_verdicts),
    };

    return cmocka_run_group_tests_name("explore_reduction", tests, NULL, NULL);
}
