/* SPDX-License-Identifier: Apache-2.0
 *
 * A chunk of rows goes through three passes, each over all its steps, so that what one pass looks up can be on its way
 * to the cache while others are looked up: list the steps, take or remember each, add the states reached.
 */
#include "explore/expand.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/hash_table.h"
#include "explore/notes.h"
#include "explore/partition.h"
#include "explore/ranking.h"
#include "machine/lines/store_buffer.h"

enum { CHUNK_ROWS_MAX = 16, TASKS_MAX = EXPAND_CHUNK_STATES };

/* With fewer states than this, forking workers costs more than it saves. */
#define PARALLEL_STATES_MIN 3000

/* A step takes 24 bytes. */
#define STEPS_MAX ((uint64_t)1 << 21)

/* Where each state has a memory of its own, steps are not worth remembering: if after so many look-ups less than one in
 * so many has found a step, a worker does without. */
enum { STEPS_ASKED_MIN = 1 << 16, STEPS_ASKED_PER_KNOWN = 32 };

/* A step to take. */
struct expand_task {
    struct visited_state from, to;
    uint32_t rank, slot, stack_index;
    bool is_violated; /* the step itself raised a violation */
    bool is_asleep;   /* is taken only to verify that it leads to a known state */
    uint32_t footprint;
    uint64_t hash; /* of the step, then of the state that it leads to */
    struct step_key key;
};

bool expand_is_end(const struct search *search, uint32_t rank)
{
    uint32_t count;

    (void)note_pending(search, search->visited.pairs[rank].memory, &count);
    return count == 0;
}

/* --- preemptions --- */

static bool is_actor(const struct search *search, uint32_t slot)
{
    return search->state.stack_of_slot[slot] != STATE_NO_STACK;
}

/* `last` is 0 as soon as the slot that went last cannot go on, so that whatever comes next preempts nobody. */
static bool is_preemption(const struct search *search, struct visited_state state, uint32_t slot)
{
    return state.last != 0 && state.last != slot + 1 && !store_buffers_have_slot(search->subject->machine, slot);
}

static bool is_bounded(const struct search *search)
{
    return search->takes == EXPAND_WITHOUT_PREEMPTIONS || search->takes == EXPAND_PREEMPTIONS;
}

/* Whether the step found a state of the checkpoint. Its states ascend by origin, as the steps asked for do. */
static bool is_resumed(struct search *search, uint64_t origin)
{
    const struct checkpoint *resumed = search->limits->resumed;
    uint64_t next = search->next_resumed;

    while (next < resumed->states && visited_origin(resumed->parents[next], resumed->slots[next]) < origin)
        next++;
    search->next_resumed = next;
    return next < resumed->states && visited_origin(resumed->parents[next], resumed->slots[next]) == origin;
}

static bool takes(struct search *search, uint32_t rank, struct visited_state state, uint32_t slot)
{
    if (search->takes == EXPAND_CHECKPOINT)
        return is_resumed(search, visited_origin(rank, slot));
    return !is_bounded(search) || is_preemption(search, state, slot) == (search->takes == EXPAND_PREEMPTIONS);
}

static uint16_t last_after(const struct search *search, const struct expand_task *task, uint32_t memory)
{
    uint32_t last = is_actor(search, task->slot) ? task->slot + 1 : task->from.last;

    if (!is_bounded(search) || last == 0 || !note_is_pending(search, memory, last - 1))
        return 0;
    return (uint16_t)last;
}

bool expand_has_preemptions(const struct search *search, uint32_t rank)
{
    struct visited_state state = visited_at(&search->visited, rank);
    uint32_t count;
    const uint64_t *words = note_pending(search, state.pair.memory, &count);

    for (uint32_t i = 0; i < count; i++)
        if (is_preemption(search, state, note_pending_slot(words, i)))
            return true;
    return false;
}

/* --- steps --- */

bool expand_remembers_steps(const struct search *search)
{
    const struct steps_use *use = &search->steps_use;

    return use->asked < STEPS_ASKED_MIN || use->known * STEPS_ASKED_PER_KNOWN >= use->asked;
}

static void task_add(struct search *search, uint32_t rank, struct visited_state state, uint32_t slot)
{
    struct expand_task *task = &search->tasks[search->task_count++];
    uint32_t index = search->state.stack_of_slot[slot];

    CHECK(search->task_count <= TASKS_MAX);
    *task = (struct expand_task){ .from = state, .rank = rank, .slot = slot, .stack_index = index };
    task->key = (struct step_key){ slot, STRINGS_NONE, state.pair.memory };
    if (index != STATE_NO_STACK)
        task->key.stack = explore_state_stack(&search->state, state.pair.stacks, index);
    if (!expand_remembers_steps(search))
        return;
    task->hash = steps_hash(task->key);
    steps_prefetch(&search->steps, task->hash);
}

/* The words that the step has changed are places, too: recorded ones or not. Whether a slot is pending stands in the
 * queue's leaf for it, which its own step reads; the nodes above follow from the leaves. */
static uint32_t footprint_id(struct search *search, const struct expand_task *task)
{
    const struct explore_state *state = &search->state;
    const struct eventq *queue = &search->subject->engine->queue;
    struct footprint *footprint = &search->footprint;

    if (search->subject->explored->footprint == NULL)
        return SLEEP_EVERYTHING;
    footprint_add(footprint, &queue->keys[queue->leaf_base + task->slot], false);
    footprint->is_everything |= state->changed_count > STATE_CHANGED_MAX;
    for (uint32_t i = 0; i < state->changed_count && !footprint->is_everything; i++) {
        const uint64_t *word = &state->live[state->changed[i]];
        if (word < queue->keys || word >= queue->keys + queue->leaf_base)
            footprint_add(footprint, word, true);
    }
    return sleep_footprint(&search->sleep, footprint);
}

/* The step with another content of what is dead on stacks. */
static struct state_pair execute_filled(struct search *search, const struct expand_task *task,
                                        enum violation_kind *kind)
{
    struct explored *explored = search->subject->explored;

    explore_state_restore(&search->state, task->from.pair);
    explore_state_step_filled(&search->state, task->slot);
    *kind = explored->violation.kind;
    explored->violation.kind = VIOLATION_NONE;
    return explore_state_capture(&search->state);
}

static uint64_t origin_of(const struct search *search, const struct expand_task *task)
{
    return visited_origin(partition_rank(search, task->rank), task->slot);
}

/* Takes the step on the live arena. */
static struct state_pair execute(struct search *search, struct expand_task *task)
{
    struct explored *explored = search->subject->explored;
    enum violation_kind filled_kind = VIOLATION_NONE;
    struct state_pair filled = { 0, 0 };

    if (search->limits->verifies)
        filled = execute_filled(search, task, &filled_kind);
    explore_state_restore(&search->state, task->from.pair);
    search->footprint.is_everything = true;
    search->footprint.count = 0;
    explore_state_step(&search->state, task->slot);
    bool can_remember = explore_state_has_one_stack_run(&search->state);
    struct state_pair pair = explore_state_capture(&search->state);
    CHECK(!search->limits->verifies || (explored->violation.kind == filled_kind && pair.memory == filled.memory));
    note_live(search, pair.memory);
    task->footprint = footprint_id(search, task);
    if (explored->violation.kind != VIOLATION_NONE) {
        ranking_offer(search, &explored->violation, origin_of(search, task));
        explored->violation.kind = VIOLATION_NONE;
        task->is_violated = true;
    } else if (can_remember && expand_remembers_steps(search)) {
        struct step_result result = { STRINGS_NONE, pair.memory, task->footprint };
        if (task->stack_index != STATE_NO_STACK)
            result.stack = search->state.stacks[task->stack_index].id;
        steps_store(&search->steps, task->hash, task->key, result);
    }
    return pair;
}

static struct state_pair remembered(struct search *search, const struct expand_task *task, struct step_result result)
{
    struct state_pair pair = { task->from.pair.stacks, result.memory };

    if (task->stack_index != STATE_NO_STACK && result.stack != task->key.stack)
        pair.stacks = explore_state_with_stack(&search->state, pair.stacks, task->stack_index, result.stack);
    return pair;
}

static bool is_known(struct search *search, const struct expand_task *task, struct step_result *result)
{
    if (!expand_remembers_steps(search))
        return false;
    bool is_found = steps_find(&search->steps, task->hash, task->key, result);
    search->steps_use.asked++;
    search->steps_use.known += is_found;
    return is_found;
}

static void task_step(struct search *search, struct expand_task *task)
{
    struct step_result result;

    if (!is_known(search, task, &result)) {
        task->to.pair = execute(search, task);
    } else {
        task->to.pair = remembered(search, task, result);
        task->footprint = result.footprint;
        if (search->limits->verifies) {
            struct state_pair pair = execute(search, task);
            CHECK(pair.stacks == task->to.pair.stacks && pair.memory == task->to.pair.memory &&
                  task->footprint == result.footprint);
        }
    }
    task->to.last = last_after(search, task, task->to.pair.memory);
    task->hash = visited_prefetch(&search->visited, task->to);
}

/* --- states --- */

void expand_found(struct search *search, uint32_t number, uint32_t memory, bool is_violated)
{
    struct share *share = own_share(search);
    uint32_t note = note_of(search, memory), pending;
    struct found_state *found =
        &search->found[(uint64_t)search->workers.self * VISITED_BATCH_MAX + share->found_count++];

    CHECK(share->found_count <= VISITED_BATCH_MAX);
    (void)note_pending(search, memory, &pending);
    share->ends += pending == 0;
    if (!is_violated)
        share->suspicious += note / NOTE_SUSPICIOUS % (NOTE_SUSPICIOUS_MAX + 1);
    *found = (struct found_state){ .number = number, .is_broken = !is_violated && (note & NOTE_BROKEN) != 0 };
}

/* One state onward of each is enough: the first found. */
static void onward_add(struct search *search, uint32_t from, uint32_t number)
{
    uint32_t *onward = &search->visited.onward[from];

    if (number <= from || *onward != VISITED_NO_RANK)
        return;
    if (number < visited_ranks(&search->visited)) {
        *onward = partition_rank(search, number);
        return;
    }
    if (search->later_count > 0 && search->later[search->later_count - 1].from == from)
        return;
    if (search->later_count == search->later_max) {
        search->later_max = 2 * search->later_max + 1024;
        search->later = realloc(search->later, search->later_max * sizeof(*search->later));
        CHECK(search->later != NULL);
    }
    search->later[search->later_count++] = (struct onward_later){ from, number };
}

static void task_arrive(struct search *search, const struct expand_task *task, uint32_t sleep)
{
    uint64_t origin = origin_of(search, task);
    struct partition_step step = { task->to, task->rank, origin, sleep, task->is_violated };

    own_share(search)->transitions += !task->is_asleep;
    if (partition_is_divided(search) && (task->is_asleep || partition_sends(search, &step)))
        return;
    struct visited_number arrived = visited_add(&search->visited, task->to, task->hash, visited_arrival(origin, sleep));
    CHECK(!task->is_asleep || !arrived.is_new);
    if (partition_is_divided(search))
        partition_arrived(search, arrived.number, &step);
    else if (arrived.is_new)
        expand_found(search, arrived.number, task->to.pair.memory, task->is_violated);
    onward_add(search, task->rank, arrived.number);
}

static void tasks_arrive(struct search *search)
{
    struct sleepers sleepers; /* of the task's row */

    for (uint32_t i = 0; i < search->task_count; i++) {
        const struct expand_task *task = &search->tasks[i];
        uint32_t sleep = STRINGS_NONE;
        if (search->takes == EXPAND_AWAKE) {
            if (i == 0 || task->rank != search->tasks[i - 1].rank)
                sleep_load(&search->sleep, search->visited.sleeps[task->rank], &sleepers);
            sleep = sleep_set_after(&search->sleep, &sleepers, task->footprint);
            if (!task->is_asleep)
                sleep_add(&sleepers, (struct sleeper){ task->slot, task->footprint });
        }
        task_arrive(search, task, sleep);
    }
}

static void tasks_do(struct search *search)
{
    for (uint32_t i = 0; i < search->task_count; i++)
        task_step(search, &search->tasks[i]);
    tasks_arrive(search);
    search->task_count = 0;
}

static void row_list(struct search *search, uint32_t rank)
{
    struct visited_state state = visited_at(&search->visited, rank);
    uint32_t count;
    const uint64_t *words = note_pending(search, state.pair.memory, &count);
    struct sleepers sleepers;

    sleepers.count = 0;
    if (search->takes == EXPAND_AWAKE)
        sleep_load(&search->sleep, search->visited.sleeps[rank], &sleepers);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = note_pending_slot(words, i);
        bool is_asleep = sleep_is_asleep(&sleepers, slot);
        if (!takes(search, rank, state, slot) || (is_asleep && !search->limits->verifies))
            continue;
        if (search->task_count == TASKS_MAX)
            tasks_do(search);
        task_add(search, rank, state, slot);
        search->tasks[search->task_count - 1].is_asleep = is_asleep;
    }
}

static bool has_room(const struct search *search)
{
    uint32_t workers = search->workers.size;

    return strings_have_room(&search->state.strings, (uint64_t)workers * EXPAND_CHUNK_STRINGS) &&
           strings_have_room(&search->state.memories, (uint64_t)workers * EXPAND_CHUNK_STATES) &&
           strings_have_room(&search->pendings, (uint64_t)workers * EXPAND_CHUNK_STATES) &&
           strings_have_room(&search->sleep.footprints, (uint64_t)workers * EXPAND_CHUNK_STATES) &&
           strings_have_room(&search->sleep.sets, (uint64_t)workers * EXPAND_CHUNK_STATES) &&
           visited_has_room(&search->visited, workers * EXPAND_CHUNK_STATES);
}

/* So few that even if all slots were pending in each, there would be room for the states found. */
static uint64_t chunk_rows(const struct search *search)
{
    uint64_t rows = EXPAND_CHUNK_STATES / search->subject->engine->slot_count;

    return rows > CHUNK_ROWS_MAX ? CHUNK_ROWS_MAX : rows > 0 ? rows : 1;
}

void expand_make_room(struct search *search)
{
    if (!has_room(search))
        ranking_make_room(search);
}

static void expand_own_rows(struct search *search, uint64_t first, uint64_t count)
{
    uint64_t place = partition_place(search, first), end = partition_place(search, first + count);

    while (place < end) {
        expand_make_room(search);
        for (uint64_t rows = chunk_rows(search); rows > 0 && place < end; rows--)
            row_list(search, (uint32_t)place++);
        tasks_do(search);
    }
    (void)ranking_settle(search, 0);
}

void expand_rows(struct search *search, uint64_t first, uint64_t count)
{
    uint64_t rows = chunk_rows(search);

    if (partition_is_divided(search)) {
        expand_own_rows(search, first, count);
        return;
    }
    for (uint64_t done = 0, from; done < count;) {
        while (has_room(search) && (from = atomic_fetch_add(&search->common->next_row, rows)) < count - done) {
            for (uint64_t row = from; row < from + rows && row < count - done; row++)
                row_list(search, (uint32_t)(first + done + row));
            tasks_do(search);
        }
        done += ranking_settle(search, count - done);
    }
}

void expand_fork(struct search *search)
{
    uint64_t states = visited_ranks(&search->visited);

    if (search->partition != NULL) {
        if (!partition_is_divided(search) && states > search->partition->peers->states_together)
            partition_divide(search);
    } else if (search->workers.size == 1 && search->jobs > 1 && states > PARALLEL_STATES_MIN) {
        workers_fork(&search->workers, search->jobs);
    }
}

uint32_t expand_successors(struct search *search, uint32_t rank, enum expand_steps takes, struct visited_state *to)
{
    uint32_t count = 0;

    search->takes = takes;
    row_list(search, rank);
    for (; count < search->task_count; count++) {
        task_step(search, &search->tasks[count]);
        to[count] = search->tasks[count].to;
    }
    search->task_count = 0;
    return count;
}

/* --- the first state --- */

void expand_first(struct search *search)
{
    struct visited_state first = { .pair = search->state.first_pair };
    uint32_t number;

    explore_state_restore(&search->state, first.pair);
    note_live(search, first.pair.memory);
    number = visited_add(&search->visited, first, visited_prefetch(&search->visited, first), 0).number;
    expand_found(search, number, first.pair.memory, false);
    (void)ranking_settle(search, 0);
}

void expand_open(struct search *search, uint64_t states)
{
    search->common = workers_map(sizeof(*search->common));
    search->found = workers_map(search->jobs * (uint64_t)VISITED_BATCH_MAX * sizeof(*search->found));
    search->tasks = calloc(TASKS_MAX, sizeof(*search->tasks));
    CHECK(search->tasks != NULL);
    strings_init(&search->pendings, (uint64_t)1 << 22, (uint64_t)1 << 26);
    visited_init(&search->visited, states);
    sleep_init(&search->sleep, search->subject->engine->arena);
    steps_init(&search->steps, STEPS_MAX);
    if (search->limits->peers != NULL)
        partition_open(search, states);
}

void expand_close(struct search *search)
{
    workers_unmap(search->common, sizeof(*search->common));
    workers_unmap(search->found, search->jobs * (uint64_t)VISITED_BATCH_MAX * sizeof(*search->found));
    free(search->tasks);
    free(search->later);
    strings_free(&search->pendings);
    visited_free(&search->visited);
    steps_free(&search->steps);
    partition_close(search);
    sleep_free(&search->sleep);
}
