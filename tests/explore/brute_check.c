/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the explorer with brute force.
 */
#include "brute_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "brute_subject.h"
#include "death.h"
#include "explore/search.h"

/* Random walks of each program, which must find no violation that it does not have. */
enum { WALKS = 4 };

/* One bit for each kind of violation that the program can show. */
static uint32_t kinds_of(const struct brute_program *program, const struct brute_answer *answer)
{
    uint32_t kinds = 0;

    if (answer->has_assert)
        kinds |= 1u << VIOLATION_MODELLED_BUG;
    if (answer->has_relocked)
        kinds |= 1u << VIOLATION_DEADLOCK;
    if (answer->has_endless_wait)
        kinds |= 1u << VIOLATION_ENDLESS_WAIT;
    for (size_t i = 0; i < answer->end_count; i++) {
        if (brute_end_waits(&answer->ends[i], program))
            kinds |= 1u << VIOLATION_DEADLOCK;
        if (answer->ends[i].is_outstanding)
            kinds |= 1u << VIOLATION_LOST_INTERRUPT;
    }
    return kinds;
}

static void print_answer(const struct brute_program *program, const char *name, const struct brute_answer *answer)
{
    fprintf(stderr, "%s: %" PRIu64 " states%s\n", name, answer->states,
            answer->has_endless_wait ? ", some of which reach no end" : "");
    for (size_t i = 0; i < answer->end_count; i++)
        brute_end_print(&answer->ends[i], program, stderr);
}

static void compare(const char *name, const struct brute_program *program, enum brute_memory memory,
                    const struct brute_answer *truth, const struct brute_reduction *reduction)
{
    uint32_t kinds = kinds_of(program, truth);
    enum violation_kind kind = brute_judge(program, memory, reduction, 0);
    enum violation_kind walked = brute_judge(program, memory, reduction, WALKS);
    bool is_judged = (kind == VIOLATION_NONE ? kinds == 0 : (kinds >> kind & 1) != 0) &&
                     (walked == VIOLATION_NONE || (kinds >> walked & 1) != 0);
    struct brute_answer answer;

    brute_explore(program, memory, reduction, EXPLORE_UNLIMITED, &answer);
    if (!is_judged || answer.is_incomplete || !brute_answer_equal(truth, &answer)) {
        brute_print(program, stderr);
        print_answer(program, "brute force", truth);
        print_answer(program, "the explorer", &answer);
        fail_msg("%s, %s, %s: the explorer finds %s, random walks %s", name, memory == BRUTE_TSO ? "tso" : "sc",
                 reduction->name, kind == VIOLATION_NONE ? "nothing" : violation_name(kind),
                 walked == VIOLATION_NONE ? "nothing" : violation_name(walked));
    }
    brute_answer_free(&answer);
}

static void count(uint32_t kinds, struct brute_tally *tally)
{
    tally->compared++;
    tally->clean += kinds == 0;
    tally->deadlocks += kinds >> VIOLATION_DEADLOCK & 1;
    tally->asserts += kinds >> VIOLATION_MODELLED_BUG & 1;
    tally->lost += kinds >> VIOLATION_LOST_INTERRUPT & 1;
    tally->endless += kinds >> VIOLATION_ENDLESS_WAIT & 1;
}

/* Whether each end of `some` is one of `all`. */
static bool is_within(const struct brute_answer *some, const struct brute_answer *all)
{
    size_t j = 0;

    for (size_t i = 0; i < some->end_count; i++, j++) {
        while (j < all->end_count && memcmp(&all->ends[j], &some->ends[i], sizeof(all->ends[j])) != 0)
            j++;
        if (j == all->end_count)
            return false;
    }
    return true;
}

/* Returns whether the bound has hidden something from the explorer. */
static bool compare_bound(const char *name, const struct brute_program *program, enum brute_memory memory,
                          uint8_t bound, const struct brute_answer *truth, const struct brute_answer *least,
                          const struct brute_reduction *reduction)
{
    struct brute_answer answer;

    brute_explore(program, memory, reduction, bound, &answer);
    bool has_missed = !is_within(least, &answer) || (least->has_endless_wait && !answer.has_endless_wait);
    bool has_invented = !is_within(&answer, truth) || (answer.has_endless_wait && !truth->has_endless_wait);
    bool has_hidden = answer.end_count < truth->end_count || answer.has_endless_wait < truth->has_endless_wait;
    if (answer.is_incomplete || has_missed || has_invented) {
        brute_print(program, stderr);
        print_answer(program, "brute force", truth);
        print_answer(program, "brute force within the bound", least);
        print_answer(program, "the explorer", &answer);
        fail_msg("%s, %s, %s, %u preemptions: the explorer %s", name, memory == BRUTE_TSO ? "tso" : "sc",
                 reduction->name, bound, has_missed ? "misses something" : "is wrong");
    }
    brute_answer_free(&answer);
    return has_hidden;
}

static void check_bound(const struct brute_program *program, const char *name, enum brute_memory memory,
                        uint64_t states_max, uint8_t bound, const struct brute_answer *truth, struct brute_tally *tally)
{
    struct brute_answer least;
    bool has_hidden = false;

    brute_solve_bounded(program, memory, 8 * states_max, bound, &least);
    if (least.is_incomplete) {
        tally->too_large++;
    } else if (least.end_count < truth->end_count || least.has_endless_wait < truth->has_endless_wait) {
        for (const struct brute_reduction *reduction = brute_reductions; reduction->name != NULL; reduction++)
            has_hidden |= compare_bound(name, program, memory, bound, truth, &least, reduction);
        tally->compared++;
        tally->hidden += has_hidden;
    }
    brute_answer_free(&least);
}

void brute_check_bounds(uint64_t seed, enum brute_memory memory, uint64_t states_max, uint8_t bounds,
                        struct brute_tally *tally)
{
    struct brute_program program;
    struct brute_answer truth;
    char name[32];

    (void)snprintf(name, sizeof(name), "seed %" PRIu64, seed);
    brute_generate(&program, seed);
    brute_solve(&program, memory, states_max, &truth);
    for (uint8_t bound = 0; bound < bounds && !truth.is_incomplete; bound++)
        check_bound(&program, name, memory, states_max, bound, &truth, tally);
    tally->too_large += truth.is_incomplete;
    brute_answer_free(&truth);
}

void brute_check(const struct brute_program *program, const char *name, enum brute_memory memory, uint64_t states_max,
                 struct brute_tally *tally)
{
    struct brute_answer truth;

    brute_solve(program, memory, states_max, &truth);
    if (truth.is_incomplete) {
        tally->too_large++;
    } else {
        for (const struct brute_reduction *reduction = brute_reductions; reduction->name != NULL; reduction++)
            compare(name, program, memory, &truth, reduction);
        count(kinds_of(program, &truth), tally);
    }
    brute_answer_free(&truth);
}

void brute_check_seed(uint64_t seed, enum brute_memory memory, uint64_t states_max, struct brute_tally *tally)
{
    struct brute_program program;
    char name[32];

    (void)snprintf(name, sizeof(name), "seed %" PRIu64, seed);
    brute_generate(&program, seed);
    brute_check(&program, name, memory, states_max, tally);
}
