/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs of bench/peers on the bare engine, with the same steps as ns3.cpp and systemc.cpp: `hold`, in which each
 * of N pending events sets itself again; `move`, in which it moves the time of another one, too; `queue`, an M/M/1;
 * `lock`, one FIFO lock that N CPUs take. Each is written with callback events, as in ns-3, and with actors, like
 * SystemC's threads. `bench_peer_programs hold|move|queue|lock N COUNT events|actors` prints
 * "WHAT,N,PER_SECOND,CYCLES": the rate at which events, customers or acquisitions are simulated, in the thread's own
 * time, and the simulated cycles between two of them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "measure.h"

#define MEMBERS_MAX 16384
#define DRAWS (1u << 14) /* drawn before the measurement */
#define HOLD_CYCLES 400
#define STRETCHES 40 /* parts of a run; the result is their median without the first five, which are warm-up */
#define STRETCHES_WARM 5
#define STACK_BYTES 8192

struct draws {
    uint32_t values[DRAWS], next;
};

struct member {
    uint32_t slot;
    struct actor actor;
    bool is_holding;
};

static struct {
    struct arena arena;
    struct engine engine;
    struct draws think, arrival, service;
    struct member members[MEMBERS_MAX];
    uint32_t member_count;
    uint64_t moved;                                     /* move: state of the draws of members */
    uint64_t waiting;                                   /* queue: customers, including the one in service */
    bool server_is_idle;                                /* queue, actors */
    bool is_taken;                                      /* lock */
    uint32_t ring[MEMBERS_MAX], ring_first, ring_count; /* lock: the waiting members, in order */
    uint64_t total, stretch_left;
    uint64_t times[STRETCHES + 1];
    size_t time_count;
} run;

static void draws_init(struct draws *draws, cycles mean, uint32_t entity)
{
    struct rng rng;

    rng_init(&rng, 1, entity, RNG_THINK);
    for (uint32_t i = 0; i < DRAWS; i++)
        draws->values[i] = (uint32_t)rng_exponential(&rng, mean);
}

static inline cycles draw(struct draws *draws) { return draws->values[draws->next++ & (DRAWS - 1)] + 1; }

static uint64_t thread_time_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline void count(void)
{
    if (--run.stretch_left > 0)
        return;
    run.stretch_left = run.total / STRETCHES;
    run.times[run.time_count++] = thread_time_ns();
    if (run.time_count == STRETCHES + 1)
        engine_stop(&run.engine);
}

static inline void again(const struct member *member, cycles after)
{
    engine_at(&run.engine, member->slot, run.engine.now + after);
}

static inline void pass(const struct member *member, cycles duration)
{
    if (engine_advance(&run.engine, run.engine.now + duration))
        return;
    again(member, duration);
    engine_park(&run.engine);
}

/* --- hold --- */

static void hold_fire(void *argument)
{
    count();
    again(argument, draw(&run.think));
}

static void hold_main(void *argument)
{
    for (;;) {
        pass(argument, draw(&run.think));
        count();
    }
}

/* --- move --- */

static inline void move_another(void)
{
    run.moved = run.moved * 6364136223846793005u + 1442695040888963407u;
    again(&run.members[(run.moved >> 33) * run.member_count >> 31], draw(&run.think));
}

static void move_fire(void *argument)
{
    count();
    again(argument, draw(&run.think));
    move_another();
}

static void move_main(void *argument)
{
    again(argument, draw(&run.think));
    for (;;) {
        engine_park(&run.engine);
        move_fire(argument);
    }
}

/* --- queue: member 0 arrives, member 1 serves --- */

static void queue_arrive(void *argument)
{
    if (run.waiting++ == 0)
        again(&run.members[1], draw(&run.service));
    again(argument, draw(&run.arrival));
}

static void queue_depart(void *argument)
{
    count();
    if (--run.waiting > 0)
        again(argument, draw(&run.service));
}

static void queue_source(void *argument)
{
    run.waiting++;
    if (run.server_is_idle) {
        run.server_is_idle = false;
        again(&run.members[1], 0);
    }
    again(argument, draw(&run.arrival));
}

static void queue_server(void *argument)
{
    for (;;) {
        if (run.waiting == 0) {
            run.server_is_idle = true;
            engine_park(&run.engine);
        }
        pass(argument, draw(&run.service));
        run.waiting--;
        count();
    }
}

/* --- lock: its release schedules the end of the next holder's critical section --- */

static void ring_push(const struct member *member)
{
    uint32_t place = run.ring_first + run.ring_count++;

    run.ring[place < run.member_count ? place : place - run.member_count] = (uint32_t)(member - run.members);
}

static void lock_give(void)
{
    if (run.ring_count == 0) {
        run.is_taken = false;
        return;
    }
    struct member *next = &run.members[run.ring[run.ring_first]];
    run.ring_first = run.ring_first + 1 < run.member_count ? run.ring_first + 1 : 0;
    run.ring_count--;
    next->is_holding = true;
    again(next, HOLD_CYCLES);
}

static void lock_fire(void *argument)
{
    struct member *member = argument;

    if (member->is_holding) {
        count();
        member->is_holding = false;
        lock_give();
        again(member, draw(&run.think));
    } else if (run.is_taken) {
        ring_push(member);
    } else {
        run.is_taken = member->is_holding = true;
        again(member, HOLD_CYCLES);
    }
}

static void lock_main(void *argument)
{
    struct member *member = argument;

    for (;;) {
        pass(member, draw(&run.think));
        if (run.is_taken) {
            ring_push(member);
            engine_park(&run.engine);
        } else {
            run.is_taken = true;
            pass(member, HOLD_CYCLES);
        }
        count();
        lock_give();
    }
}

/* --- the programs --- */

static const struct program {
    const char *name;
    cycles think_mean;
    uint32_t members_max;
    void (*events[2])(void *argument); /* callback of member 0, and of the others */
    void (*first_event)(void *argument);
    void (*actor)(void *argument);
} programs[] = {
    { "hold", 100000, MEMBERS_MAX, { hold_fire, hold_fire }, NULL, hold_main },
    { "move", 100000, MEMBERS_MAX, { move_fire, move_fire }, NULL, move_main },
    { "queue", 10000, 1, { queue_arrive, queue_depart }, queue_source, queue_server },
    { "lock", 10000, MEMBERS_MAX, { lock_fire, lock_fire }, NULL, lock_main },
};

static void open_program(const struct program *program, uint32_t members, bool has_actors)
{
    uint32_t slots = program->members_max > 1 ? members : 2; /* the queue's source and server */

    run.member_count = members;
    engine_init(&run.engine, &run.arena, slots, &engine_policy_timed, 1);
    draws_init(&run.think, program->think_mean, 0);
    draws_init(&run.arrival, 12500, 1);
    draws_init(&run.service, 10000, 2);
    for (uint32_t i = 0; i < slots; i++) {
        struct member *member = &run.members[i];
        bool is_event = !has_actors || (i == 0 && program->first_event != NULL);
        void (*fire)(void *) = has_actors ? program->first_event : program->events[i > 0];
        if (is_event) {
            member->slot = engine_event(&run.engine, fire, member);
        } else {
            engine_actor(&run.engine, &member->actor, STACK_BYTES, program->actor, member);
            member->slot = member->actor.slot;
        }
        if (i == 0 || fire != queue_depart)
            again(member, has_actors && !is_event ? 0 : draw(&run.think));
    }
}

static double median_per_second(void)
{
    double seconds[STRETCHES];
    size_t stretches = 0;

    for (size_t i = STRETCHES_WARM; i < STRETCHES; i++)
        seconds[stretches++] = (double)(run.times[i + 1] - run.times[i]) / 1e9;
    uint64_t counted = run.total / STRETCHES;
    return (double)counted / measure_median(seconds, stretches);
}

static const struct program *find_program(const char *name)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        if (!strcmp(programs[i].name, name))
            return &programs[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const struct program *program = argc == 5 ? find_program(argv[1]) : NULL;
    unsigned long members = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
    bool has_actors = argc == 5 && !strcmp(argv[4], "actors");

    run.total = argc == 5 ? strtoull(argv[3], NULL, 10) : 0;
    if (program == NULL || (!has_actors && strcmp(argv[4], "events") != 0) || run.total < STRETCHES || members < 1 ||
        members > program->members_max) {
        (void)fprintf(stderr,
                      "usage: %s hold|move|queue|lock N COUNT events|actors (N up to %d, of queue 1; COUNT from %d)\n",
                      argv[0], MEMBERS_MAX, STRETCHES);
        return 2;
    }
    if (!arena_init(&run.arena, (size_t)1 << 32))
        return 4;
    open_program(program, (uint32_t)members, has_actors);
    run.stretch_left = 1;
    engine_run(&run.engine, CYCLES_NEVER - 1);
    printf("%s,%lu,%.6g,%.6g\n", program->name, members, median_per_second(),
           (double)run.engine.now / (double)run.total);
    arena_drop(&run.arena);
    return 0;
}
