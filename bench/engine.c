/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the speed of the engine. Hold model: a fixed number of pending events, each of which reschedules itself by
 * an exponential draw, as engine events and as actors that park; the baseline is a binary heap of (time, sequence) with
 * the same draws. Null costs: the cost of parking and of running ahead when nothing else happens.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "heap.h"
#include "measure.h"

#define DRAWS (1u << 14) /* precomputed: 64 KiB, read in order */
#define DRAW_MEAN_CYCLES 100000
#define ROUNDS_MAX 101
#define STACK_BYTES 8192

struct hold;

/* One implementation of the queue of pending events. */
struct contender {
    const char *name;
    void (*open)(struct hold *hold);
    void (*run)(struct hold *hold); /* until hold->left is 0 */
};

struct hold_event {
    struct hold *hold;
    void (*fire)(struct hold_event *event);
    uint32_t slot;
    struct actor actor;
};

struct hold {
    uint32_t population;
    uint64_t left;     /* events until the end of the round */
    uint64_t time_sum; /* sum of all events' times; must be equal for all contenders */
    uint32_t next_draw;
    const uint32_t *draws;
    struct hold_event *events;
    struct arena arena;
    struct engine engine;
    struct heap heap;
    uint64_t now; /* the heap's clock */
};

static inline uint64_t draw_next(struct hold *hold) { return hold->draws[hold->next_draw++ & (DRAWS - 1)]; }

/* --- the baseline --- */

static void heap_event_fire(struct hold_event *event)
{
    struct hold *hold = event->hold;

    hold->time_sum += hold->now;
    hold->left--;
    heap_push(&hold->heap, hold->now + draw_next(hold), event);
}

static void heap_open(struct hold *hold)
{
    for (uint32_t i = 0; i < hold->population; i++) {
        hold->events[i].fire = heap_event_fire;
        heap_push(&hold->heap, draw_next(hold), &hold->events[i]);
    }
}

static void heap_run(struct hold *hold)
{
    while (hold->left > 0) {
        struct heap_entry top = heap_pop(&hold->heap);
        struct hold_event *event = top.item;

        hold->now = top.time;
        event->fire(event);
    }
}

/* A heap specialised for events that always reschedule themselves: instead of a pop and a push it replaces the root. */
static void replaced_event_fire(struct hold_event *event)
{
    struct hold *hold = event->hold;

    hold->time_sum += hold->now;
    hold->left--;
    heap_sift_down(&hold->heap, (struct heap_entry){ hold->now + draw_next(hold), hold->heap.sequence++, event });
}

static void replaced_open(struct hold *hold)
{
    heap_open(hold);
    for (uint32_t i = 0; i < hold->population; i++)
        hold->events[i].fire = replaced_event_fire;
}

static void replaced_run(struct hold *hold)
{
    while (hold->left > 0) {
        struct hold_event *event = hold->heap.entries[1].item;

        hold->now = hold->heap.entries[1].time;
        event->fire(event);
    }
}

/* --- the engine --- */

static void event_step(struct hold_event *event)
{
    struct hold *hold = event->hold;

    hold->time_sum += hold->engine.now;
    if (--hold->left == 0)
        engine_stop(&hold->engine);
    engine_at(&hold->engine, event->slot, hold->engine.now + draw_next(hold));
}

static void engine_event_fire(void *argument) { event_step(argument); }

static void actor_main(void *argument)
{
    struct hold_event *event = argument;

    for (;;) {
        event_step(event);
        engine_park(&event->hold->engine);
    }
}

static void engine_open(struct hold *hold)
{
    engine_init(&hold->engine, &hold->arena, hold->population, &engine_policy_timed, 1);
    for (uint32_t i = 0; i < hold->population; i++)
        hold->events[i].slot = engine_event(&hold->engine, engine_event_fire, &hold->events[i]);
    for (uint32_t i = 0; i < hold->population; i++)
        engine_at(&hold->engine, hold->events[i].slot, draw_next(hold));
}

static void actors_open(struct hold *hold)
{
    engine_init(&hold->engine, &hold->arena, hold->population, &engine_policy_timed, 1);
    for (uint32_t i = 0; i < hold->population; i++) {
        struct hold_event *event = &hold->events[i];

        engine_actor(&hold->engine, &event->actor, STACK_BYTES, actor_main, event);
        event->slot = event->actor.slot;
        engine_at(&hold->engine, event->slot, draw_next(hold));
    }
}

static void engine_hold_run(struct hold *hold) { engine_run(&hold->engine, CYCLES_NEVER - 1); }

static const struct contender contenders[] = {
    { "heap", heap_open, heap_run }, /* the baseline: the others' rates are divided by its rate */
    { "heap_replace", replaced_open, replaced_run },
    { "events", engine_open, engine_hold_run },
    { "actors", actors_open, engine_hold_run },
};
#define CONTENDERS (sizeof(contenders) / sizeof(contenders[0]))

/* The results of one population. */
struct hold_result {
    double ns[CONTENDERS];    /* median ns per event */
    double ratio[CONTENDERS]; /* median of the rate divided by the heap's rate */
};

static bool hold_open(struct hold *hold, uint32_t population, const uint32_t *draws)
{
    memset(hold, 0, sizeof(*hold));
    hold->population = population;
    hold->draws = draws;
    hold->events = calloc(population, sizeof(*hold->events));
    if (hold->events == NULL || !arena_init(&hold->arena, (size_t)1 << 32))
        return false;
    for (uint32_t i = 0; i < population; i++)
        hold->events[i].hold = hold;
    return true;
}

static void hold_close(struct hold *hold)
{
    arena_drop(&hold->arena);
    free(hold->events);
}

static double round_run(const struct contender *contender, struct hold *hold, uint64_t events)
{
    uint64_t start = measure_clock_ns();

    hold->left = events;
    contender->run(hold);
    return (double)(measure_clock_ns() - start) / (double)events;
}

/* Returns false when memory is short, or when the contenders did not see the same times. */
static bool hold_measure(uint32_t population, uint32_t rounds, uint64_t events, struct hold_result *result)
{
    static uint32_t draws[DRAWS];
    static struct hold holds[CONTENDERS];
    double ns[CONTENDERS][ROUNDS_MAX], ratio[CONTENDERS][ROUNDS_MAX];
    struct rng rng;
    bool is_same = true;

    rng_init(&rng, 1, population, RNG_THINK);
    for (uint32_t i = 0; i < DRAWS; i++)
        draws[i] = (uint32_t)rng_exponential(&rng, DRAW_MEAN_CYCLES);
    for (size_t i = 0; i < CONTENDERS; i++) {
        if (!hold_open(&holds[i], population, draws))
            return false;
        contenders[i].open(&holds[i]);
        round_run(&contenders[i], &holds[i], events);
    }
    for (uint32_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < CONTENDERS; i++)
            ns[i][round] = round_run(&contenders[i], &holds[i], events);
        for (size_t i = 0; i < CONTENDERS; i++)
            ratio[i][round] = ns[0][round] / ns[i][round];
    }
    for (size_t i = 0; i < CONTENDERS; i++) {
        is_same = is_same && holds[i].time_sum == holds[0].time_sum;
        result->ns[i] = measure_median(ns[i], rounds);
        result->ratio[i] = measure_median(ratio[i], rounds);
        hold_close(&holds[i]);
    }
    return is_same;
}

/* Null costs: actors that only let time pass. */
enum null_kind { NULL_ADVANCE, NULL_PARK, NULL_SWITCH, NULL_KINDS };

static const char *const null_names[NULL_KINDS] = {
    [NULL_ADVANCE] = "advance", /* run ahead, since nothing is due earlier */
    [NULL_PARK] = "park",       /* set a time, park, and resume the same actor */
    [NULL_SWITCH] = "switch",   /* set a time, park, and resume the other actor */
};

struct null_actor {
    struct engine *engine;
    struct actor actor;
    uint64_t left;
    enum null_kind kind;
};

static void null_main(void *argument)
{
    struct null_actor *self = argument;
    struct engine *engine = self->engine;

    while (--self->left > 0) {
        if (self->kind == NULL_ADVANCE && engine_advance(engine, engine->now + 2))
            continue;
        engine_at(engine, self->actor.slot, engine->now + 2);
        engine_park(engine);
    }
    engine_stop(engine);
    for (;;)
        engine_park(engine);
}

/* Measures the ns per step. False when memory is short. */
static bool null_measure(enum null_kind kind, uint32_t rounds, uint64_t steps, double *ns)
{
    uint32_t actors = kind == NULL_SWITCH ? 2 : 1;
    double round_ns[ROUNDS_MAX];

    for (uint32_t round = 0; round < rounds; round++) {
        struct arena arena;
        struct engine engine;
        struct null_actor rows[2];
        uint64_t start;

        if (!arena_init(&arena, (size_t)1 << 22))
            return false;
        engine_init(&engine, &arena, actors, &engine_policy_timed, 1);
        for (uint32_t i = 0; i < actors; i++) {
            rows[i] = (struct null_actor){ .engine = &engine, .left = steps, .kind = kind };
            engine_actor(&engine, &rows[i].actor, STACK_BYTES, null_main, &rows[i]);
            engine_at(&engine, rows[i].actor.slot, i);
        }
        start = measure_clock_ns();
        engine_run(&engine, CYCLES_NEVER);
        round_ns[round] = (double)(measure_clock_ns() - start) / (double)engine.events;
        arena_drop(&arena);
    }
    *ns = measure_median(round_ns, rounds);
    return true;
}

static const uint32_t populations[] = { 16, 240, 1024, 16384 };
#define POPULATIONS (sizeof(populations) / sizeof(populations[0]))

static void table_print(const struct hold_result *holds, const double *null_ns)
{
    printf("%-10s %-14s %12s %10s\n", "pending", "", "ns an event", "x heap");
    for (size_t p = 0; p < POPULATIONS; p++)
        for (size_t i = 0; i < CONTENDERS; i++)
            printf("%-10u %-14s %12.2f %10.2f\n", populations[p], contenders[i].name, holds[p].ns[i],
                   holds[p].ratio[i]);
    for (size_t i = 0; i < NULL_KINDS; i++)
        printf("%-10s %-14s %12.2f\n", "null", null_names[i], null_ns[i]);
}

static bool json_print(const struct hold_result *holds, const double *null_ns)
{
    json_t *rows = json_array(), *nulls = json_object(), *root;
    bool is_written;

    for (size_t p = 0; p < POPULATIONS; p++)
        for (size_t i = 0; i < CONTENDERS; i++)
            json_array_append_new(rows, json_pack("{s:i, s:s, s:f, s:f}", "pending", (int)populations[p], "queue",
                                                  contenders[i].name, "ns_per_event", holds[p].ns[i], "ratio_to_heap",
                                                  holds[p].ratio[i]));
    for (size_t i = 0; i < NULL_KINDS; i++)
        json_object_set_new(nulls, null_names[i], json_real(null_ns[i]));
    root = json_pack("{s:s, s:o, s:o}", "compiler", __VERSION__, "hold", rows, "null_ns", nulls);
    is_written = root != NULL && json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5)) == 0;
    json_decref(root);
    (void)putchar('\n');
    return is_written;
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "json", no_argument, NULL, 'j' },
                                             { "quick", no_argument, NULL, 'q' },
                                             { NULL, 0, NULL, 0 } };
    bool is_json = false, is_quick = false;
    struct hold_result holds[POPULATIONS];
    double null_ns[NULL_KINDS];
    uint32_t rounds;
    uint64_t events;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?') {
            (void)fprintf(stderr, "usage: %s [--json] [--quick]\n", argv[0]);
            return 2;
        }
        is_json = is_json || option == 'j';
        is_quick = is_quick || option == 'q';
    }
    rounds = is_quick ? 7 : 41;
    events = is_quick ? 20000 : 400000;
    for (size_t p = 0; p < POPULATIONS; p++)
        if (!hold_measure(populations[p], rounds, events, &holds[p])) {
            (void)fprintf(stderr, "%s: the contenders disagree, or memory is short\n", argv[0]);
            return 3;
        }
    for (size_t i = 0; i < NULL_KINDS; i++)
        if (!null_measure((enum null_kind)i, rounds, events, &null_ns[i]))
            return 3;
    if (is_json)
        return json_print(holds, null_ns) ? 0 : 4;
    table_print(holds, null_ns);
    return 0;
}
