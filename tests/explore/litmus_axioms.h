/* SPDX-License-Identifier: Apache-2.0
 *
 * Small programs of loads and stores, and the outcomes that the axioms of a memory model allow: an oracle that shares
 * nothing with the explorer, which knows no axioms but store buffers. Sequential consistency: the program order, and
 * which write each read reads from, the order of the writes to each word, and which writes come after each read, have
 * no cycle. TSO: so in each word; and over all words without the program order of a write before a read, unless there
 * is a fence between, and without a read that reads from its own thread. Source: Alglave, Maranget, Tautschnig, TOPLAS
 * 36(2), 2014, which proves these axioms of TSO equal to x86-TSO.
 */
#ifndef TESTS_EXPLORE_LITMUS_AXIOMS_H
#define TESTS_EXPLORE_LITMUS_AXIOMS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { LITMUS_THREADS = 4, LITMUS_OPERATIONS = 4, LITMUS_WORDS = 2, LITMUS_EVENTS = 16, LITMUS_OUTCOMES = 512 };

enum litmus_operation { LITMUS_END, LITMUS_READ, LITMUS_WRITE };

struct litmus_step {
    enum litmus_operation operation;
    uint8_t word, value; /* what a write stores: not 0 */
};

typedef struct litmus_step litmus_code[LITMUS_THREADS][LITMUS_OPERATIONS];

/* An outcome is a number of base 4: what the reads of thread 0, 1, ... have read, in their order, and then what is in
 * the words at the end. */
struct litmus_outcomes {
    uint32_t outcomes[LITMUS_OUTCOMES]; /* ascending, all different */
    size_t count;
};

static inline void litmus_add(struct litmus_outcomes *set, uint32_t outcome)
{
    size_t at = set->count;

    while (at > 0 && set->outcomes[at - 1] >= outcome)
        at--;
    if (at < set->count && set->outcomes[at] == outcome)
        return;
    CHECK(set->count < LITMUS_OUTCOMES);
    memmove(&set->outcomes[at + 1], &set->outcomes[at], (set->count - at) * sizeof(*set->outcomes));
    set->outcomes[at] = outcome;
    set->count++;
}

static inline bool litmus_has(const struct litmus_outcomes *set, uint32_t outcome)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->outcomes[i] == outcome)
            return true;
    return false;
}

/* --- axioms --- */

struct litmus_event {
    int thread; /* -1: the initial write */
    int index;
    bool is_write;
    uint8_t word, value;
    uint32_t from;  /* of a read: the event that wrote the value */
    uint32_t place; /* of a write: in the order of the writes to its word */
};

struct litmus_execution {
    struct litmus_event events[LITMUS_EVENTS];
    uint32_t count;
    bool is_tso, has_fences;
    struct litmus_outcomes *allowed;
};

static inline bool litmus_is_before(const struct litmus_event *a, const struct litmus_event *b)
{
    return a->thread == b->thread && a->thread >= 0 && a->index < b->index;
}

/* Whether b comes after a by what either reads or overwrites. */
static inline bool litmus_is_seen(const struct litmus_execution *run, uint32_t a, uint32_t b, bool is_own_read_left_out)
{
    const struct litmus_event *first = &run->events[a], *second = &run->events[b];

    if (first->word != second->word)
        return false;
    if (first->is_write && second->is_write)
        return first->place < second->place;
    if (first->is_write)
        return second->from == a && !(is_own_read_left_out && first->thread == second->thread);
    return second->is_write && run->events[first->from].place < second->place;
}

static inline bool litmus_edge(const struct litmus_execution *run, uint32_t a, uint32_t b, bool is_one_word)
{
    const struct litmus_event *first = &run->events[a], *second = &run->events[b];
    bool is_relaxed = run->is_tso && !run->has_fences && first->is_write && !second->is_write;

    if (litmus_is_before(first, second) && (is_one_word ? first->word == second->word : !is_relaxed))
        return true;
    return litmus_is_seen(run, a, b, run->is_tso && !is_one_word);
}

static inline bool litmus_has_cycle(const struct litmus_execution *run, bool is_one_word)
{
    bool reaches[LITMUS_EVENTS][LITMUS_EVENTS];

    for (uint32_t a = 0; a < run->count; a++)
        for (uint32_t b = 0; b < run->count; b++)
            reaches[a][b] = a != b && litmus_edge(run, a, b, is_one_word);
    for (uint32_t via = 0; via < run->count; via++)
        for (uint32_t a = 0; a < run->count; a++)
            for (uint32_t b = 0; b < run->count; b++)
                reaches[a][b] = reaches[a][b] || (reaches[a][via] && reaches[via][b]);
    for (uint32_t a = 0; a < run->count; a++)
        if (reaches[a][a])
            return true;
    return false;
}

static inline void litmus_judge(const struct litmus_execution *run)
{
    uint32_t outcome = 0, last[LITMUS_WORDS] = { 0 };

    if (litmus_has_cycle(run, true) || litmus_has_cycle(run, false))
        return;
    for (uint32_t i = 0; i < run->count; i++) {
        const struct litmus_event *event = &run->events[i];
        if (!event->is_write)
            outcome = outcome * 4 + run->events[event->from].value;
        else if (event->place >= run->events[last[event->word]].place)
            last[event->word] = i;
    }
    for (uint32_t word = 0; word < LITMUS_WORDS; word++)
        outcome = outcome * 4 + run->events[last[word]].value;
    litmus_add(run->allowed, outcome);
}

/* Tries every write of its word for each read, and every order of the writes of a word. Initial writes, which are the
 * events of the words' numbers, are first. */
static inline void litmus_choose(struct litmus_execution *run, uint32_t at)
{
    struct litmus_event *event = &run->events[at];

    if (at == run->count) {
        litmus_judge(run);
        return;
    }
    for (uint32_t other = 0; other < run->count && !event->is_write; other++)
        if (run->events[other].is_write && run->events[other].word == event->word) {
            event->from = other;
            litmus_choose(run, at + 1);
        }
    for (uint32_t place = 1; place <= run->count && event->is_write; place++) {
        bool is_taken = false;
        for (uint32_t other = 0; other < at; other++)
            is_taken |= run->events[other].is_write && run->events[other].word == event->word &&
                        run->events[other].place == place;
        event->place = place;
        if (!is_taken)
            litmus_choose(run, at + 1);
    }
}

/* The outcomes that the axioms allow, with fences between all accesses or without any. */
static inline void litmus_allow(litmus_code code, bool is_tso, bool has_fences, struct litmus_outcomes *allowed)
{
    struct litmus_execution run = { .is_tso = is_tso, .has_fences = has_fences, .allowed = allowed };

    for (uint32_t word = 0; word < LITMUS_WORDS; word++)
        run.events[run.count++] = (struct litmus_event){ .thread = -1, .is_write = true, .word = (uint8_t)word };
    for (int thread = 0; thread < LITMUS_THREADS; thread++)
        for (int i = 0; i < LITMUS_OPERATIONS && code[thread][i].operation != LITMUS_END; i++) {
            const struct litmus_step *step = &code[thread][i];
            CHECK(run.count < LITMUS_EVENTS);
            run.events[run.count++] = (struct litmus_event){
                .thread = thread,
                .index = i,
                .is_write = step->operation == LITMUS_WRITE,
                .word = step->word,
                .value = step->operation == LITMUS_WRITE ? step->value : 0,
            };
        }
    litmus_choose(&run, LITMUS_WORDS);
}

#endif
