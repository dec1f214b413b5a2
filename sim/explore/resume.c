/* SPDX-License-Identifier: Apache-2.0
 *
 * The states of a checkpoint are visited by the search itself, which takes only the steps that found them. Since a rank
 * is the number of states with an earlier origin, each state gets the rank that it had.
 */
#include "explore/resume.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/wall_clock.h"

/* Rows between two comparisons with the checkpoint. */
#define RESUME_ROWS 4096

/* Whether the states from `from` to `to` - 1 were found by the checkpoint's steps. */
static bool are_same(const struct search *search, uint64_t from, uint64_t to)
{
    const struct checkpoint *resumed = search->limits->resumed;

    return memcmp(&search->visited.parents[from], &resumed->parents[from], (to - from) * sizeof(uint32_t)) == 0 &&
           memcmp(&search->visited.slots[from], &resumed->slots[from], (to - from) * sizeof(uint16_t)) == 0;
}

/* The number of states found when those before `row` are expanded, at least `from`. */
static uint64_t found_before(const struct checkpoint *resumed, uint64_t row, uint64_t from)
{
    while (from < resumed->states && resumed->parents[from] < row)
        from++;
    return from;
}

static struct resume_level level_of(const struct checkpoint *resumed)
{
    struct resume_level level = { 0, resumed->expanded, 1 };

    for (; level.end <= resumed->expanded && level.end < resumed->states; level.depth++)
        level.end = found_before(resumed, level.end, level.end);
    return level;
}

/* What the checkpoint has of steps that are not taken again: after the states are visited, and before. */
static void add_rest(struct search *search)
{
    const struct checkpoint *resumed = search->limits->resumed;
    uint32_t *onward = search->visited.onward;

    own_share(search)->transitions = search->workers.self == 0 ? resumed->transitions : 0;
    search->expanded = resumed->expanded;
    for (uint64_t rank = 0; rank < resumed->expanded && search->workers.self == 0; rank++)
        if (onward[rank] == VISITED_NO_RANK)
            onward[rank] = resumed->onward[rank];
}

static void add_sleeps(struct search *search)
{
    const struct checkpoint *resumed = search->limits->resumed;
    const struct checkpoint_sets *sets = &resumed->sets;
    uint32_t *ids = calloc(sets->count + 1, sizeof(*ids)), number = 1;

    CHECK(ids != NULL);
    strings_grow(&search->sleep.footprints, sets->word_count);
    strings_grow(&search->sleep.sets, sets->count);
    for (uint64_t at = 0; at < sets->word_count; at += 1 + sets->words[at])
        ids[number++] = sleep_import(&search->sleep, &sets->words[at + 1], (uint32_t)sets->words[at]);
    for (uint64_t rank = resumed->expanded; rank < resumed->states; rank++)
        search->visited.sleeps[rank] = ids[resumed->sleeps[rank - resumed->expanded]];
    free(ids);
}

static void add_records(struct search *search)
{
    const struct checkpoint *resumed = search->limits->resumed;
    struct explored *explored = search->subject->explored;

    if (explored->order != NULL)
        lock_order_merge(explored->order, &resumed->order);
    if (explored->store_buffer_was_full != NULL)
        *explored->store_buffer_was_full |= resumed->store_buffer_was_full;
}

/* False when the search is over. */
static bool visit_again(struct search *search)
{
    const struct checkpoint *resumed = search->limits->resumed;
    const struct common *common = search->common;
    uint64_t known = 1;

    search->takes = EXPAND_CHECKPOINT;
    search->next_resumed = 1;
    for (uint64_t first = 0, end; first < resumed->expanded; first = end) {
        end = first + RESUME_ROWS < known ? first + RESUME_ROWS : known;
        end = end < resumed->expanded ? end : resumed->expanded;
        expand_rows(search, first, end - first);
        uint64_t ranks = found_before(resumed, end, known);
        if (common->incident != NULL || visited_ranks(&search->visited) != ranks || !are_same(search, known, ranks)) {
            search->outcome->limit = EXPLORE_NOT_RESUMED;
            return false;
        }
        if (common->is_interrupted || common->is_late || common->is_full)
            return false;
        expand_fork(search);
        known = ranks;
    }
    return true;
}

struct resume_level resume_states(struct search *search)
{
    struct checkpoint *resumed = search->limits->resumed;
    struct resume_level level = level_of(resumed);

    add_records(search);
    if (visit_again(search)) {
        add_rest(search);
        if (search->workers.self == 0)
            add_sleeps(search);
        workers_barrier(&search->workers);
    }
    checkpoint_free_arrays(resumed);
    return level;
}

/* The sets in the order in which the states come that have them. The caller frees sleeps and sets. */
static void keep_sleeps(const struct search *search, struct checkpoint *checkpoint)
{
    const struct sleep *sleep = &search->sleep;
    uint32_t *numbers = calloc(atomic_load(&sleep->sets.counts->count) + 1, sizeof(*numbers));
    uint64_t max = 0;

    checkpoint->sleeps = calloc(checkpoint->states - checkpoint->expanded + 1, sizeof(*checkpoint->sleeps));
    CHECK(numbers != NULL && checkpoint->sleeps != NULL);
    for (uint64_t rank = checkpoint->expanded; rank < checkpoint->states; rank++) {
        uint32_t set = search->visited.sleeps[rank];
        if (set != STRINGS_NONE && numbers[set] == 0) {
            struct checkpoint_sets *sets = &checkpoint->sets;
            if (max - sets->word_count < 1 + SLEEP_WORDS_MAX) {
                max = 2 * max + 1 + SLEEP_WORDS_MAX;
                sets->words = realloc(sets->words, max * sizeof(*sets->words));
                CHECK(sets->words != NULL);
            }
            uint32_t count = sleep_export(sleep, set, &sets->words[sets->word_count + 1]);
            sets->words[sets->word_count] = count;
            sets->word_count += 1 + count;
            numbers[set] = (uint32_t)++sets->count;
        }
        checkpoint->sleeps[rank - checkpoint->expanded] = numbers[set];
    }
    free(numbers);
}

static uint64_t transitions_of(const struct search *search)
{
    uint64_t transitions = 0;

    for (uint32_t worker = 0; worker < WORKERS_MAX; worker++)
        transitions += search->common->shares[worker].transitions;
    return transitions;
}

void resume_keep(struct search *search, bool has_ended)
{
    const struct explore_limits *limits = search->limits;
    const struct explored *explored = search->subject->explored;
    struct checkpoint checkpoint = {
        .states = visited_ranks(&search->visited),
        .expanded = search->expanded,
        .transitions = transitions_of(search),
        .store_buffer_was_full = explored->store_buffer_was_full != NULL && *explored->store_buffer_was_full,
        .parents = search->visited.parents,
        .slots = search->visited.slots,
        .onward = search->visited.onward,
    };

    if (limits->keep == NULL || (limits->resumed != NULL && search->expanded < limits->resumed->expanded))
        return;
    if (explored->order != NULL)
        checkpoint.order = *explored->order;
    keep_sleeps(search, &checkpoint);
    limits->keep(limits->keep_context, &checkpoint, has_ended);
    free(checkpoint.sleeps);
    free(checkpoint.sets.words);
}

void resume_keep_now(struct search *search)
{
    struct lock_order *order = search->subject->explored->order;

    if (order != NULL)
        own_share(search)->order = *order;
    workers_barrier(&search->workers);
    if (search->workers.self == 0) {
        for (uint32_t worker = 1; worker < search->workers.size && order != NULL; worker++)
            lock_order_merge(order, &search->common->shares[worker].order);
        resume_keep(search, false);
        search->keep_ns = clock_after(search->limits->keep_seconds);
    }
    workers_barrier(&search->workers);
}
