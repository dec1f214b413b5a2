/* SPDX-License-Identifier: Apache-2.0
 *
 * The work of code_work.h. CMake compiles this file twice, with WORK_BUILD as the name of the build.
 *
 * Most branches go one way, as in code that checks for what is rare; in each part some depend on the inputs, which are
 * random, so that predictors miss them now and then.
 */
#include "calibrate/code_work.h"

#include <stdbool.h>
#include <stddef.h>

#define OUT_OF_LINE __attribute__((noinline))
#define QUEUED 1u
#define BUSY 2u
#define FAILED 4u

/* --- lists: what becomes ready is queued; all queues are spliced and run --- */

static inline bool link_is_empty(const struct code_work_link *head) { return head->next == head; }

static inline void link_add_tail(struct code_work_link *head, struct code_work_link *link)
{
    struct code_work_link *last = head->previous;

    link->next = head;
    link->previous = last;
    last->next = link;
    head->previous = link;
}

static inline void link_remove(struct code_work_link *link)
{
    struct code_work_link *next = link->next, *previous = link->previous;

    next->previous = previous;
    previous->next = next;
    link->next = link->previous = NULL;
}

/* Moves all of `from` to the end of `to`. */
static inline void link_splice(struct code_work_link *from, struct code_work_link *to)
{
    struct code_work_link *first = from->next, *last = from->previous, *at = to->previous;

    if (link_is_empty(from))
        return;
    first->previous = at;
    at->next = first;
    last->next = to;
    to->previous = last;
    from->next = from->previous = from;
}

static OUT_OF_LINE void object_queue(struct code_work *work, struct code_work_object *object, uint32_t queue)
{
    if (object->state & QUEUED)
        return;
    object->state |= QUEUED;
    link_add_tail(&work->queues[queue], &object->link);
}

static OUT_OF_LINE void object_cancel(struct code_work_object *object)
{
    if (!(object->state & QUEUED))
        return;
    link_remove(&object->link);
    object->state &= ~QUEUED;
}

static OUT_OF_LINE void queues_run(struct code_work *work)
{
    for (uint32_t i = 0; i < WORK_QUEUES; i++)
        link_splice(&work->queues[i], &work->taken);
    while (!link_is_empty(&work->taken)) {
        struct code_work_object *object = (struct code_work_object *)(void *)work->taken.next;

        link_remove(&object->link);
        object->state &= ~QUEUED;
        if (object->state & (BUSY | FAILED)) {
            work->errors++;
            continue;
        }
        object->count++;
    }
}

static void run_lists(struct code_work *work, uint32_t turns)
{
    for (uint32_t turn = 0; turn < turns; turn++) {
        uint32_t input = work->inputs[turn];
        struct code_work_object *object = &work->objects[input % WORK_OBJECTS];

        object_queue(work, object, input / WORK_OBJECTS % WORK_QUEUES);
        if (input >> 12 == 0)
            object_cancel(object);
        if (turn % 8 == 7)
            queues_run(work);
    }
    queues_run(work);
}

/* --- bits: pending bits under a mask, with a word of those that have any --- */

static OUT_OF_LINE void bit_raise(struct code_work *work, uint32_t bit)
{
    uint32_t word = bit / 64;
    uint64_t mask = UINT64_C(1) << bit % 64;

    if (work->pending[word] & mask)
        return;
    work->pending[word] |= mask;
    if (work->masked[word] & mask)
        return;
    if (!(work->summary >> word & 1))
        (void)__atomic_fetch_or(&work->summary, UINT64_C(1) << word, __ATOMIC_SEQ_CST);
}

static OUT_OF_LINE void bits_deliver(struct code_work *work)
{
    uint64_t words = __atomic_exchange_n(&work->summary, 0, __ATOMIC_SEQ_CST);

    while (words != 0) {
        uint32_t word = (uint32_t)__builtin_ctzll(words);
        uint64_t bits = work->pending[word] & ~work->masked[word];

        words &= words - 1;
        while (bits != 0) {
            uint32_t bit = (uint32_t)__builtin_ctzll(bits);

            bits &= bits - 1;
            work->pending[word] &= ~(UINT64_C(1) << bit);
            work->counts[word * 64 + bit]++;
        }
    }
}

static void run_bits(struct code_work *work, uint32_t turns)
{
    for (uint32_t turn = 0; turn < turns; turn++) {
        uint32_t input = work->inputs[turn];

        bit_raise(work, input % (WORK_WORDS * 64));
        if (turn % 16 == 15)
            bits_deliver(work);
    }
    bits_deliver(work);
}

/* --- records: a loop over records, by their kinds --- */

static void run_records(struct code_work *work, uint32_t turns)
{
    for (uint32_t turn = 0; turn < turns; turn++) {
        uint32_t input = work->inputs[turn];
        struct code_work_object *object = &work->objects[turn % WORK_OBJECTS];

        if (object->state & FAILED)
            continue;
        switch (object->kind) {
        case 0:
            object->count += input & 7;
            break;
        case 1:
            if (object->count > object->limit) {
                object->count = 0;
                work->errors++;
            } else {
                object->count++;
            }
            break;
        case 2:
            if (input % 16 == 0)
                object->state ^= BUSY;
            else if (!(object->state & BUSY))
                object->limit = (object->limit + 1) & 0xff;
            break;
        default:
            object->limit = object->count & 0xff;
        }
        work->totals[object->kind]++;
    }
}

/* --- calls: an operation through checks, a table of functions and small helpers --- */

static OUT_OF_LINE bool object_is_usable(const struct code_work_object *object)
{
    return !(object->state & FAILED) && object->operations != NULL;
}

static OUT_OF_LINE uint32_t object_clamp(const struct code_work_object *object, uint32_t value)
{
    return value > object->limit ? object->limit : value;
}

static OUT_OF_LINE uint32_t apply_add(struct code_work_object *object, uint32_t value)
{
    object->count += object_clamp(object, value);
    return object->count;
}

static OUT_OF_LINE uint32_t apply_set(struct code_work_object *object, uint32_t value)
{
    object->count = value;
    return value;
}

static OUT_OF_LINE uint32_t apply_flag(struct code_work_object *object, uint32_t value)
{
    if (value & 1)
        object->state |= BUSY;
    else
        object->state &= ~BUSY;
    return 0;
}

static OUT_OF_LINE int object_apply(struct code_work *work, uint32_t index, uint32_t value)
{
    struct code_work_object *object;
    uint32_t result;

    if (index >= WORK_OBJECTS)
        return -1;
    object = &work->objects[index];
    if (!object_is_usable(object))
        return -2;
    result = object->operations->apply(object, value);
    if (result > UINT32_MAX / 2)
        return -3;
    work->totals[object->kind] += result;
    return 0;
}

static void run_calls(struct code_work *work, uint32_t turns)
{
    for (uint32_t turn = 0; turn < turns; turn++) {
        uint32_t input = work->inputs[turn];

        if (object_apply(work, turn % WORK_OBJECTS, input >> 8) != 0)
            work->errors++;
    }
}

const struct code_work_build WORK_BUILD = {
    .operations = { { apply_add }, { apply_add }, { apply_set }, { apply_flag } },
    .run = { [WORK_LISTS] = run_lists, [WORK_BITS] = run_bits, [WORK_RECORDS] = run_records, [WORK_CALLS] = run_calls },
};
