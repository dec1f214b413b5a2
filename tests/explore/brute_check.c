/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the explorer with brute force.
 */
#include "brute_check.h"

#include <inttypes.h>
#include <stdio.h>

#include "brute_subject.h"
#include "death.h"

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

    brute_explore(program, memory, reduction, &answer);
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
