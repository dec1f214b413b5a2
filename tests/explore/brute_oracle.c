/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of all states of a program, and its answer.
 */
#include "brute_machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* More than happens in one state. */
enum { SUCCESSORS_MAX = 64 };

struct solver {
    struct brute_machine machine;
    struct brute_state *states;
    uint32_t (*edges)[2]; /* from, to */
    uint32_t *table;      /* index + 1 */
    uint64_t state_count, state_space, edge_count, edge_space, table_size;
    uint32_t from; /* the state whose successors are being found */
    bool has_successor, has_preemption;
    uint8_t bound; /* UINT8_MAX: none */
};

/* --- the table --- */

static uint64_t hash_of(const struct brute_state *state)
{
    const uint8_t *bytes = (const uint8_t *)state;
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < sizeof(*state); i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash ^ hash >> 29;
}

static void *grown(void *memory, uint64_t *space, size_t element)
{
    *space = *space == 0 ? 1024 : 2 * *space;
    memory = realloc(memory, *space * element);
    CHECK(memory != NULL);
    return memory;
}

static void place(struct solver *solver, uint32_t index)
{
    uint64_t at = hash_of(&solver->states[index]) & (solver->table_size - 1);

    while (solver->table[at] != 0)
        at = (at + 1) & (solver->table_size - 1);
    solver->table[at] = index + 1;
}

static void grow_table(struct solver *solver)
{
    free(solver->table);
    solver->table_size = solver->table_size == 0 ? 4096 : 4 * solver->table_size;
    solver->table = calloc(solver->table_size, sizeof(*solver->table));
    CHECK(solver->table != NULL);
    for (uint32_t i = 0; i < solver->state_count; i++)
        place(solver, i);
}

static uint32_t add_state(struct solver *solver, const struct brute_state *state)
{
    if (2 * solver->state_count >= solver->table_size)
        grow_table(solver);
    uint64_t at = hash_of(state) & (solver->table_size - 1);
    for (; solver->table[at] != 0; at = (at + 1) & (solver->table_size - 1))
        if (memcmp(&solver->states[solver->table[at] - 1], state, sizeof(*state)) == 0)
            return solver->table[at] - 1;
    if (solver->state_count == solver->state_space)
        solver->states = grown(solver->states, &solver->state_space, sizeof(*solver->states));
    solver->states[solver->state_count] = *state;
    solver->table[at] = (uint32_t)++solver->state_count;
    return (uint32_t)solver->state_count - 1;
}

/* What waits for stores to leave a buffer can go on: the explorer's locked operations drain what is in their way, and
 * its locks are free as soon as they are released. */
static bool can_go_on(const struct solver *solver, const struct brute_state *state, uint32_t id)
{
    struct brute_state drained = *state, next = *state;

    if (brute_step(&solver->machine, &next, id))
        return true;
    for (uint32_t other = 0; other < BRUTE_CPUS; other++)
        while (brute_drain(&drained, other)) {
            next = drained;
            if (brute_step(&solver->machine, &next, id))
                return true;
        }
    return false;
}

/* Who: CPU + 1, or 0 for an arrival. */
static void count_preemption(const struct solver *solver, struct brute_state *next, uint8_t who, bool is_drain)
{
    next->preemptions += next->last != 0 && next->last != who && !is_drain;
    next->last = who != 0 ? who : next->last;
    if (next->last != 0 && !can_go_on(solver, next, next->last - 1u))
        next->last = 0;
}

static void arrive(struct solver *solver, struct brute_state *next, bool happens, uint8_t who, bool is_drain)
{
    if (!happens)
        return;
    if (solver->bound != UINT8_MAX)
        count_preemption(solver, next, who, is_drain);
    if (next->preemptions > solver->bound) {
        solver->has_preemption = true;
        return;
    }
    uint32_t to = add_state(solver, next);
    if (solver->edge_count == solver->edge_space)
        solver->edges = grown(solver->edges, &solver->edge_space, sizeof(*solver->edges));
    solver->edges[solver->edge_count][0] = solver->from;
    solver->edges[solver->edge_count++][1] = to;
    solver->has_successor = true;
}

/* --- answers --- */

static void add_end(const struct solver *solver, const struct brute_state *state, struct brute_answer *answer)
{
    struct brute_end end;

    memset(&end, 0, sizeof(end));
    memcpy(end.words, state->words, sizeof(end.words));
    for (uint32_t lock = 0; lock < BRUTE_LOCKS; lock++)
        end.is_taken[lock] = brute_is_taken(&solver->machine, state, lock);
    end.is_outstanding = state->is_outstanding;
    for (uint32_t id = 0; id < solver->machine.program->cpus; id++) {
        const struct brute_cpu *cpu = &state->cpus[id];
        end.has_asserted[id] = cpu->has_asserted;
        end.frames[id] = cpu->frame_count;
        for (uint32_t i = 0; i < cpu->frame_count; i++)
            end.frame[id][i] = cpu->frames[i].is;
    }
    brute_answer_add(answer, &end);
}

static void note_status(const struct brute_state *state, struct brute_answer *answer)
{
    answer->has_relocked |= state->has_relocked;
    for (int id = 0; id < BRUTE_CPUS; id++)
        answer->has_assert |= state->cpus[id].has_asserted;
}

/* Marks all states that reach an end, backwards, until nothing changes. */
static bool has_endless_wait(const struct solver *solver, uint8_t *reaches_end)
{
    bool has_changed = true;

    while (has_changed) {
        has_changed = false;
        for (uint64_t i = solver->edge_count; i-- > 0;)
            if (!reaches_end[solver->edges[i][0]] && reaches_end[solver->edges[i][1]]) {
                reaches_end[solver->edges[i][0]] = true;
                has_changed = true;
            }
    }
    for (uint64_t i = 0; i < solver->state_count; i++)
        if (!reaches_end[i])
            return true;
    return false;
}

static void first_state(const struct brute_program *program, struct brute_state *first)
{
    memset(first, 0, sizeof(*first));
    first->left = program->device_count;
    for (uint32_t id = 0; id < program->cpus; id++) {
        first->cpus[id].frame_count = 1;
        first->cpus[id].frames[0].is.program = (uint8_t)id;
    }
}

/* Everything that can happen in a state. */
static void expand(struct solver *solver, const struct brute_state *state)
{
    const struct brute_machine *machine = &solver->machine;
    struct brute_state next;

    solver->has_successor = solver->has_preemption = false;
    for (uint32_t id = 0; id < machine->program->cpus; id++) {
        next = *state;
        arrive(solver, &next, brute_step(machine, &next, id), (uint8_t)(id + 1), false);
        next = *state;
        arrive(solver, &next, brute_drain(&next, id), 0, true);
        for (uint32_t vector = 0; vector < BRUTE_VECTORS; vector++) {
            next = *state;
            arrive(solver, &next, brute_arrive(&next, id, vector), 0, false);
        }
    }
    next = *state;
    arrive(solver, &next, brute_raise(machine, &next), 0, false);
}

void brute_solve_bounded(const struct brute_program *program, enum brute_memory memory, uint64_t states_max,
                         uint8_t bound, struct brute_answer *answer)
{
    struct solver solver = { .machine = { program, memory }, .bound = bound };
    uint8_t *reaches_end = calloc(states_max + SUCCESSORS_MAX, 1);
    struct brute_state state;

    CHECK(reaches_end != NULL);
    *answer = (struct brute_answer){ .end_count = 0 };
    first_state(program, &state);
    add_state(&solver, &state);
    for (; solver.from < solver.state_count && solver.state_count <= states_max; solver.from++) {
        state = solver.states[solver.from];
        expand(&solver, &state);
        note_status(&state, answer);
        reaches_end[solver.from] = !solver.has_successor || solver.has_preemption;
        if (!solver.has_successor && !solver.has_preemption)
            add_end(&solver, &state, answer);
    }
    answer->states = solver.state_count;
    answer->is_incomplete = solver.from < solver.state_count;
    answer->has_endless_wait = !answer->is_incomplete && has_endless_wait(&solver, reaches_end);
    free(reaches_end);
    free(solver.states);
    free(solver.edges);
    free(solver.table);
}

void brute_solve(const struct brute_program *program, enum brute_memory memory, uint64_t states_max,
                 struct brute_answer *answer)
{
    brute_solve_bounded(program, memory, states_max, UINT8_MAX, answer);
}
