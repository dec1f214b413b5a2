/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots a scenario's world without time, searches it, and repeats the search for violations found only afterwards.
 */
#include "explore/explore.h"

#include <stdio.h>
#include <string.h>

#include "code/object.h"
#include "code/races.h"
#include "explore/state.h"
#include "explore/ticks.h"
#include "explore/workers.h"
#include "machine/policies/policies.h"
#include "properties/properties.h"
#include "scenario/scenario.h"
#include "models/registry.h"

#define ARENA_RESERVE_BYTES ((size_t)1 << 30)

/* Slots for the model's own events. */
#define OTHER_SLOTS 128

/* Timers of each pCPU that may expire with run.ticks: those of its tick and of its time slice. */
#define TICK_SLOTS 2

/* Walks before the first search of a code object, and how often they are repeated while they find new races. */
enum { RACE_WALKS = 24, RACE_ROUNDS = 4 };

/* A machine that takes more steps than this is taken never to come to rest. */
#define REST_STEPS_MAX 100000

/* Removes all costs, and everything that happens at a fixed time. */
static void setup_strip(struct setup *setup, const struct family *family)
{
    setup->machine.costs = (struct costs){ .frequency_hz = setup->machine.costs.frequency_hz };
    for (uint32_t i = 0; i < setup->device_count; i++)
        setup->devices[i].handler_ns = 0;
    if (family->explored != NULL)
        family->explored(setup);
}

static const struct machine_policy *policy_of(const struct setup *setup)
{
    return setup->run.memory == MEMORY_TSO ? &policy_exhaustive_tso : &policy_exhaustive;
}

/* Those of the machine itself: pCPUs, LAPICs, store buffers. */
static uint32_t own_slots(const struct setup *setup, uint32_t cpu_count)
{
    return machine_explored_slots(cpu_count) + policy_of(setup)->slots_per_cpu * cpu_count;
}

static uint32_t slots_of(const struct setup *setup, uint32_t cpu_count)
{
    uint32_t slots = own_slots(setup, cpu_count) + OTHER_SLOTS + (setup->run.ticks > 0 ? TICK_SLOTS * cpu_count : 0);

    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];
        slots += device->count * device->vectors * setup->guests[device->guest].count * (1 + cpu_count);
    }
    return slots;
}

/* Whether a slot of the machine itself is pending, or a thread of the model. */
static bool is_pending(const struct explore_world *world, uint32_t slot)
{
    const struct engine *engine = &world->engine;

    return engine_is_pending(engine, slot) &&
           (slot < own_slots(world->setup, world->machine.cpu_count) || engine->slots[slot].actor != NULL);
}

bool explore_world_settle(struct explore_world *world)
{
    struct engine *engine = &world->engine;

    check_context_set(&engine->context);
    for (uint32_t steps = 0; steps < REST_STEPS_MAX; steps++) {
        uint32_t slot = 0;
        while (slot < engine->slot_count && !is_pending(world, slot))
            slot++;
        if (slot == engine->slot_count) {
            check_context_set(NULL);
            return true;
        }
        engine_step(engine, slot);
    }
    check_context_set(NULL);
    return false;
}

static bool boot(struct explore_world *world, const char *name, char *message, size_t message_bytes)
{
    const struct setup *setup = world->setup;
    uint32_t slots = slots_of(setup, world->topology->cpu_count) + design_slots(world->design, setup);

    if (slots > EVENTQ_SLOTS_MAX) {
        (void)snprintf(message, message_bytes, "the configuration is too large to explore");
        return false;
    }
    CHECK_SYSTEM(arena_init(&world->arena, ARENA_RESERVE_BYTES), "the address space to explore in cannot be reserved");
    world->arena.records_excluded = true;
    engine_init(&world->engine, &world->arena, slots, policy_of(setup)->engine, setup->run.seed);
    world->engine.explored = &world->explored;
    world->explored.merges = setup->run.reduction;
    world->explored.store_buffer_was_full = world->store_buffer_was_full;
    world->engine.context.scenario = name;
    machine_init(&world->machine, &world->engine, policy_of(setup), world->topology, &setup->machine.costs,
                 (struct machine_hooks){ world->design->family->cpu_main, world->design->family->interrupt },
                 setup->run.seed);
    world->design->family->boot(world->design, &world->machine, setup);
    machine_start(&world->machine);
    arena_seal(&world->arena);
    if (explore_world_settle(world))
        return true;
    (void)snprintf(message, message_bytes, "the machine does not come to rest after boot when nothing takes time");
    return false;
}

struct races *explore_races_new(const struct scenario *scenario, bool is_every_access_a_step)
{
    if (scenario->setup.code == NULL)
        return NULL;
    return races_new(STATE_BYTES_MAX, is_every_access_a_step ? RACES_ALL : RACES_FOUND);
}

bool explore_world_open(struct explore_world *world, const struct scenario *scenario, const char *design,
                        struct races *races, char *message, size_t message_bytes)
{
    const char *refusal;

    *world = (struct explore_world){ .design = design_find(design), .topology = scenario->topology };
    CHECK(world->design != NULL && (scenario->setup.code == NULL || races != NULL));
    world->explored.races = races;
    if (scenario->setup.code != NULL &&
        strcmp(code_object_info(scenario->setup.code, "family"), world->design->family->name) != 0) {
        (void)snprintf(message, message_bytes, "%s: this code object is of the family '%s', not of that of %s",
                       scenario->setup.code->path, code_object_info(scenario->setup.code, "family"), design);
        return false;
    }
    if (scenario->setup.code != NULL && world->design->family->code_refusal != NULL &&
        (refusal = world->design->family->code_refusal(world->design, &scenario->setup)) != NULL) {
        (void)snprintf(message, message_bytes, "%s: this code object takes no part in the design '%s': %s",
                       scenario->setup.code->path, design, refusal);
        return false;
    }
    if (!explore_state_is_supported()) {
        (void)snprintf(message, message_bytes,
                       "this build cannot explore: it has sanitizers or the portable coroutine switch");
        return false;
    }
    /* The state holds its address, which is to be the same in all processes under mpirun; those of the heap are not,
     * since only the first process writes replays. */
    world->setup = workers_map(sizeof(*world->setup));
    world->store_buffer_was_full = workers_map(sizeof(*world->store_buffer_was_full));
    *world->setup = scenario->setup;
    setup_strip(world->setup, world->design->family);
    if (boot(world, scenario->name, message, message_bytes))
        return true;
    explore_world_close(world);
    return false;
}

void explore_world_close(struct explore_world *world)
{
    arena_drop(&world->arena);
    names_free(&world->explored);
    workers_unmap(world->store_buffer_was_full, sizeof(*world->store_buffer_was_full));
    workers_unmap(world->setup, sizeof(*world->setup));
}

struct explore_subject explore_world_subject(struct explore_world *world)
{
    world->explored.order = &world->order;
    return (struct explore_subject){
        .engine = &world->engine,
        .machine = &world->machine,
        .explored = &world->explored,
        .properties = properties_all,
        .invariants = world->design->family->invariants,
        /* What a code object touches is not recorded. */
        .has_footprints =
            world->design->family->has_footprints && world->explored.code == NULL && world->explored.merges,
    };
}

/* --- a whole exploration --- */

struct exploration {
    const struct scenario *scenario;
    const char *design;
    const struct explore_limits *limits;
    struct races *races; /* NULL: no code object */
    struct explore_outcome *outcome;
};

/* Repeats the search with the violation made fatal, for its shortest trace. The same model reaches the same states, so
 * the second search finds it unless interrupted. */
static void search_again(const struct exploration *exploration, bool is_strict, const struct lock_edge *forbidden,
                         const char *text)
{
    struct explore_limits limits = *exploration->limits;
    struct explore_world world;
    struct explore_outcome outcome;
    char message[256];

    CHECK(explore_world_open(&world, exploration->scenario, exploration->design, exploration->races, message,
                             sizeof(message)));
    struct explore_subject subject = explore_world_subject(&world);
    subject.is_strict = is_strict;
    world.explored.forbidden = forbidden;
    world.explored.forbidden_text = text;
    limits.resumed = NULL;
    limits.keep = NULL;
    explore_search(&subject, &limits, &outcome);
    explore_world_close(&world);
    /* It may reach a limit of time, or be interrupted, where the first did not. */
    CHECK(outcome.verdict == EXPLORE_VIOLATION || outcome.limit != NULL);
    explore_outcome_free(exploration->outcome);
    *exploration->outcome = outcome;
}

/* Opens a world and takes the steps of the outcome's trace. */
static void retrace(const struct exploration *exploration, struct explore_world *world)
{
    const struct explore_outcome *outcome = exploration->outcome;
    char message[256];

    CHECK(explore_world_open(world, exploration->scenario, exploration->design, exploration->races, message,
                             sizeof(message)));
    check_context_set(&world->engine.context);
    for (size_t i = 0; i < outcome->trace_count; i++)
        engine_step(&world->engine, outcome->trace[i]);
    check_context_set(NULL);
}

/* Replays the trace to say which CPUs wait or poll: the search only knows that no end is reachable. */
static void describe_endless_wait(const struct exploration *exploration)
{
    struct explore_outcome *outcome = exploration->outcome;
    struct explore_world world;

    retrace(exploration, &world);
    check_context_set(&world.engine.context);
    property_endless_wait_describe(&world.machine, outcome->violation.text, sizeof(outcome->violation.text));
    check_context_set(NULL);
    explore_world_close(&world);
}

/* An interrupt that the next ticks bring is not lost. The search has none left where it finds it. */
static void tell_delayed_from_lost(const struct exploration *exploration)
{
    struct violation *violation = &exploration->outcome->violation;
    struct explore_world world;
    size_t used = strlen(violation->text);

    retrace(exploration, &world);
    if (explore_ticks_deliver(&world)) {
        violation->kind = VIOLATION_DELAYED_INTERRUPT;
        (void)snprintf(violation->text + used, sizeof(violation->text) - used, " before the next tick");
    }
    explore_world_close(&world);
}

static void search(const struct exploration *exploration, struct explore_world *world)
{
    struct explore_outcome *outcome = exploration->outcome;
    struct explore_subject subject = explore_world_subject(world);
    struct lock_edge edge;
    char text[sizeof(outcome->violation.text)];

    explore_search(&subject, exploration->limits, outcome);
    if (outcome->violation.kind == VIOLATION_ENDLESS_WAIT)
        describe_endless_wait(exploration);
    if (outcome->violation.kind == VIOLATION_LOST_INTERRUPT && world->machine.allow_ticks != NULL)
        tell_delayed_from_lost(exploration);
    if (outcome->verdict != EXPLORE_CLEAN && !outcome->has_bound)
        return;
    if (outcome->suspicious > 0) {
        search_again(exploration, true, NULL, NULL);
    } else if (property_lock_order(&world->explored, &edge, text, sizeof(text))) {
        search_again(exploration, false, &edge, text);
    } else if (world->order.is_truncated) {
        outcome->verdict = EXPLORE_INCOMPLETE;
        outcome->limit = "locks in the lock-order graph";
    } else if (*world->store_buffer_was_full) {
        outcome->verdict = EXPLORE_INCOMPLETE;
        outcome->limit = "stores in a store buffer";
    }
}

/* Whether the search could not do what it was asked for; says why. */
static bool has_failed(struct explore_outcome *outcome, char *message, size_t message_bytes)
{
    const char *limit = outcome->limit != NULL ? outcome->limit : "";

    if (strcmp(limit, EXPLORE_NOT_RESUMED) == 0)
        (void)snprintf(message, message_bytes, "the checkpoint is of a search that reached other states");
    else if (strcmp(limit, EXPLORE_NOT_ALIKE) == 0)
        (void)snprintf(
            message, message_bytes,
            "the processes differ in the scenario, the limits, or the addresses of the program: all need the "
            "same program, files, arguments and kind of machine, and may not randomise addresses");
    else
        return false;
    explore_outcome_free(outcome);
    return true;
}

static bool search_once(const struct exploration *exploration, char *message, size_t message_bytes)
{
    struct explore_world world;

    if (!explore_world_open(&world, exploration->scenario, exploration->design, exploration->races, message,
                            message_bytes))
        return false;
    search(exploration, &world);
    explore_world_close(&world);
    return !has_failed(exploration->outcome, message, message_bytes);
}

/* A race found may give other interleavings, but none of those tried is wrong; except that of a state which reaches no
 * end some interleaving not tried may reach one, and that a store which is no step yet overtakes those in a store
 * buffer. */
static bool is_settled(const struct exploration *exploration)
{
    const struct explore_outcome *outcome = exploration->outcome;

    if (exploration->races == NULL || !races_have_news(exploration->races))
        return true;
    if (outcome->limit != NULL && strcmp(outcome->limit, EXPLORE_INTERRUPTED) == 0)
        return true;
    return outcome->verdict == EXPLORE_VIOLATION && outcome->violation.kind != VIOLATION_ENDLESS_WAIT &&
           exploration->scenario->setup.run.memory == MEMORY_SC;
}

/* Random walks find most races at little cost; what they find otherwise, the search finds, too. */
static bool find_races(const struct exploration *exploration, char *message, size_t message_bytes)
{
    struct explore_limits limits = *exploration->limits;
    struct explore_outcome outcome;
    struct exploration walks = *exploration;

    if (exploration->races == NULL || limits.walks > 0)
        return true;
    limits.walks = RACE_WALKS;
    walks.limits = &limits;
    walks.outcome = &outcome;
    for (int round = 0; round < RACE_ROUNDS; round++) {
        if (!search_once(&walks, message, message_bytes))
            return false;
        explore_outcome_free(&outcome);
        if (!races_have_news(exploration->races))
            break;
        races_promote(exploration->races);
    }
    return true;
}

bool explore_scenario(const struct scenario *scenario, const char *design, const struct explore_limits *limits,
                      struct races *races, struct explore_outcome *outcome, char *message, size_t message_bytes)
{
    struct exploration exploration = { scenario, design, limits, races, outcome };

    if (!find_races(&exploration, message, message_bytes) || !search_once(&exploration, message, message_bytes))
        return false;
    while (!is_settled(&exploration)) {
        explore_outcome_free(outcome);
        races_promote(races);
        if (!search_once(&exploration, message, message_bytes))
            return false;
    }
    return true;
}
