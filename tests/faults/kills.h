/* SPDX-License-Identifier: Apache-2.0
 *
 * Kills at moments that a seed draws: at the n-th call of a kind, so that the clock has no part in it.
 */
#ifndef FAULTS_KILLS_H
#define FAULTS_KILLS_H

#include "base/rng.h"
#include "cases.h"
#include "explore/state.h"

/* Makes so many kills, turn by turn of each case; fails with the seed and the kill when one goes wrong. */
static inline void kill_at_random(uint64_t seed, int kills)
{
    static const enum fault_kind kinds[] = { FAULT_OPEN,   FAULT_READ, FAULT_WRITE, FAULT_FSYNC,
                                             FAULT_RENAME, FAULT_FORK, FAULT_MMAP };
    static const size_t kind_count = sizeof kinds / sizeof kinds[0];
    struct fault_calm calm[8];
    struct rng rng;
    int wrong = 0;

    assert_true(fault_kill_case_count <= sizeof calm / sizeof calm[0]);
    for (size_t i = 0; i < fault_kill_case_count; i++)
        fault_calm_run(&fault_kill_cases[i], &calm[i]);
    rng_init(&rng, seed, 0, RNG_TEST);
    for (int kill = 0; kill < kills; kill++) {
        size_t i = (size_t)kill % fault_kill_case_count;
        enum fault_kind kind = kinds[rng_below(&rng, kind_count)];
        struct fault fault = { .kind = kind,
                               .at = 1 + (long)rng_below(&rng, (uint64_t)calm[i].calls[kind] + 1),
                               .victim = rng_below(&rng, 3) == 0 ? FAULT_KILLS_CALLER : FAULT_KILLS_FIRST };
        char reason[2048];

        if ((fault_kill_cases[i].explores && !explore_state_is_supported()) ||
            fault_kill(&fault_kill_cases[i], &calm[i], &fault, reason, sizeof reason) != FAULT_WRONG)
            continue;
        wrong++;
        print_error("seed %llu, kill %d: irqpath %s: %s %ld, %s: %s\n", (unsigned long long)seed, kill,
                    fault_kill_cases[i].arguments, fault_names[kind], fault.at,
                    fault.victim == FAULT_KILLS_FIRST ? "the first process" : "the caller", reason);
    }
    for (size_t i = 0; i < fault_kill_case_count; i++)
        fault_calm_free(&calm[i]);
    assert_int_equal(wrong, 0);
}

#endif
