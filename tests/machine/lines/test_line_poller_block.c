/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of pollers equal pollers served one by one: the same times in the same order, the same number of events. One
 * by one is the same machine with a policy of the engine that selects the earliest slot by a call, for which there are
 * no blocks. Whatever may happen while a block's xchgs fail is tried at every cycle of that time.
 */
#include "machine/lines/line_poller_block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "death.h"
#include "machine/lines/line.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TOPOLOGY "package:5 [numa] core:4 pu:1"
#define CPUS 20
#define MIX 0x9e3779b97f4a7c15u
#define VECTOR 0x40

enum { FREE, TAKEN };

static uint64_t earliest(struct engine *engine) { return eventq_next(&engine->queue); }

struct outcome {
    uint64_t sum; /* of the CPUs' times, mixed in the order in which things happen */
    uint64_t events;
};

static void note(struct outcome *outcome, const struct cpu *cpu)
{
    outcome->sum = (outcome->sum ^ cpu_now(cpu) ^ (uint64_t)cpu->id << 40) * MIX;
}

/* --- one incident, at every cycle --- */

/* CPU 0 holds the lock until 10000. CPUs of sockets 1 and 3 poll with interrupts on, those of socket 2 with interrupts
 * off. Each that gets the lock holds it for a while. */
enum {
    RELEASE = 10000,
    HOLD = 230,
    END = 60000,
    FIRST = 4,
    MIDDLE = 5,
    LAST = 7,
    IRQ_OFF = 9,
    LATE = 16,
    LATE_BESIDE = 3
};

enum incident { NOTHING, VECTOR_ARRIVES, TWO_VECTORS, JOINS, TOUCHES, RUN_ENDS };

struct scene {
    struct fixture fixture;
    struct line line;
    struct word word;
    enum incident incident;
    uint32_t who;
    cycles at, hold;
    uint32_t losers; /* in the block that was failing at that time */
    struct outcome outcome;
};

static void handler(struct cpu *cpu, uint32_t vector)
{
    struct scene *scene = fixture_of(cpu)->data;

    scene->outcome.sum += vector;
    note(&scene->outcome, cpu);
    cpu_spend(cpu, 70);
    lapic_eoi(cpu);
}

static void take_turns(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    for (int round = 0; round < 2; round++) {
        program_sleep_until(cpu, cpu_now(cpu) + (round == 0 ? 300 * cpu->id : 500));
        word_acquire(cpu, &scene->word, FREE, TAKEN, cpu->id / 4 != 2);
        cpu_settle(cpu);
        note(&scene->outcome, cpu);
        if (cpu->id == 0 && round == 0)
            program_sleep_until(cpu, RELEASE);
        else
            cpu_spend(cpu, scene->hold);
        word_store(cpu, &scene->word, FREE);
        note(&scene->outcome, cpu);
    }
}

static void losers_count(struct scene *scene)
{
    uint32_t count = scene->line.pollers->losers.list.count;

    scene->losers = count > scene->losers ? count : scene->losers;
}

static void incident_run(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    program_sleep_until(cpu, scene->at);
    losers_count(scene);
    if (scene->incident == JOINS) {
        word_acquire(cpu, &scene->word, FREE, TAKEN, true);
        note(&scene->outcome, cpu);
        word_store(cpu, &scene->word, FREE);
    } else {
        line_touch_write(cpu, &scene->line);
    }
    note(&scene->outcome, cpu);
}

static void incident_fire(void *argument)
{
    struct scene *scene = argument;

    losers_count(scene);
    if (scene->incident == VECTOR_ARRIVES || scene->incident == TWO_VECTORS)
        lapic_deliver(&scene->fixture.machine.cpus[scene->who], VECTOR);
    if (scene->incident == TWO_VECTORS)
        lapic_deliver(&scene->fixture.machine.cpus[LAST], VECTOR + 1);
}

static struct outcome scene_run(struct scene *scene, const struct costs *costs, bool is_one_by_one)
{
    static const uint32_t cpus[] = { 0, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15 };

    scene->outcome = (struct outcome){ .sum = 1 };
    fixture_open(&scene->fixture, TOPOLOGY, costs, POLICY_TIMED, 1);
    if (is_one_by_one)
        scene->fixture.engine.choose = earliest;
    scene->fixture.interrupt = handler;
    scene->fixture.data = scene;
    line_init(&scene->fixture.machine, &scene->line, LINE_CONTENDED);
    word_init(&scene->word, &scene->line, FREE);
    for (size_t i = 0; i < COUNT(cpus); i++)
        fixture_program(&scene->fixture, cpus[i], take_turns, scene);
    if (scene->incident == JOINS || scene->incident == TOUCHES)
        fixture_program(&scene->fixture, scene->who, incident_run, scene);
    engine_at(&scene->fixture.engine, engine_event(&scene->fixture.engine, incident_fire, scene), scene->at);
    if (scene->incident == RUN_ENDS) {
        fixture_run(&scene->fixture, scene->at);
        scene->outcome.sum = (scene->outcome.sum ^ scene->fixture.engine.events ^ scene->line.owner) * MIX;
        scene->outcome.sum += line_waiters(&scene->line);
    }
    fixture_run(&scene->fixture, END);
    scene->outcome.events = scene->fixture.engine.events;
    fixture_close(&scene->fixture);
    return scene->outcome;
}

static void scene_check(struct scene *scene, const struct costs *costs, uint32_t *failing)
{
    struct outcome expected = scene_run(scene, costs, true);

    assert_int_equal(scene->losers, 0);
    struct outcome outcome = scene_run(scene, costs, false);
    if (outcome.sum != expected.sum || outcome.events != expected.events)
        fail_msg("incident %d of CPU %u at %llu, hold %llu: %llu events, not %llu, or other times", scene->incident,
                 scene->who, (unsigned long long)scene->at, (unsigned long long)scene->hold,
                 (unsigned long long)outcome.events, (unsigned long long)expected.events);
    *failing += scene->losers > 0;
}

/* CPUs left in the block whose xchgs are failing then. */
static uint32_t losers_at(cycles at)
{
    struct scene scene = { .incident = NOTHING, .at = at, .hold = HOLD };

    scene_run(&scene, &costs_westmere, false);
    return scene.losers;
}

static void an_incident_finds_what_one_by_one_has_done(void **state)
{
    static const struct {
        enum incident incident;
        uint32_t who;
    } rows[] = {
        { VECTOR_ARRIVES, FIRST },   { VECTOR_ARRIVES, MIDDLE }, { VECTOR_ARRIVES, LAST },
        { VECTOR_ARRIVES, IRQ_OFF }, { TWO_VECTORS, MIDDLE },    { JOINS, LATE },
        { JOINS, LATE_BESIDE },      { TOUCHES, LATE },          { RUN_ENDS, 0 },
    };
    const cycles step = costs_westmere.atomic_modified[DISTANCE_NEAR];
    cycles from = RELEASE;

    (void)state;
    while (losers_at(from) < 2)
        from += 20;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t failing = 0;
        for (cycles at = from; at <= from + step; at++) {
            struct scene scene = { .incident = rows[i].incident, .who = rows[i].who, .at = at, .hold = HOLD };
            scene_check(&scene, &costs_westmere, &failing);
        }
        assert_int_equal(failing, step + 1);
    }
}

/* The farther sockets' copies take so long that they arrive while the xchgs of the nearer ones fail: at each cycle
 * between two of these. */
static void copies_come_before_a_service_of_the_same_cycle(void **state)
{
    const cycles step = costs_westmere.atomic_modified[DISTANCE_NEAR];
    uint32_t failing = 0;

    (void)state;
    for (cycles later = 0; later <= 2 * step; later++) {
        struct scene scene = { .incident = NOTHING, .at = RELEASE + 1700 + later, .hold = HOLD };
        struct costs costs = costs_westmere;

        costs.load_shared[DISTANCE_FAR] = costs.load_shared[DISTANCE_MIDDLE] = 1000 + later;
        scene_check(&scene, &costs, &failing);
    }
    assert_true(failing > 0);
}

/* --- at random --- */

#define LINES 3
#define STEPS 40
#define RUNS 48

struct world {
    struct fixture fixture;
    struct line lines[LINES];
    struct word words[LINES];
    struct rng rng[CPUS + 1];
    cycles gap, hold;
    uint32_t slot;
    struct outcome outcome;
};

static void acquirer(struct cpu *cpu, void *data)
{
    struct world *world = data;
    struct rng *rng = &world->rng[cpu->id];

    for (uint32_t step = 0; step < STEPS; step++) {
        struct word *word = &world->words[rng_below(rng, LINES)];

        cpu_spend(cpu, rng_below(rng, world->gap));
        cpu_irq_on(cpu);
        cpu_irq_off(cpu);
        word_acquire(cpu, word, FREE, TAKEN, rng_below(rng, 3) != 0);
        note(&world->outcome, cpu);
        cpu_spend(cpu, rng_below(rng, world->hold));
        word_store(cpu, word, FREE);
        note(&world->outcome, cpu);
    }
}

static void world_handler(struct cpu *cpu, uint32_t vector)
{
    struct world *world = fixture_of(cpu)->data;

    (void)vector;
    note(&world->outcome, cpu);
    lapic_eoi(cpu);
}

static void vector_fire(void *argument)
{
    struct world *world = argument;
    struct rng *rng = &world->rng[CPUS];

    lapic_deliver(&world->fixture.machine.cpus[rng_below(rng, CPUS)], 0x40 + (uint32_t)rng_below(rng, 64));
    engine_at(&world->fixture.engine, world->slot, world->fixture.engine.now + 1 + rng_below(rng, 1500));
}

static struct outcome world_run(uint64_t seed, bool is_one_by_one)
{
    static struct world world;
    struct costs costs = costs_westmere;

    memset(&world, 0, sizeof(world));
    world.gap = 1 + seed % 5 * 3000;
    world.hold = 1 + seed % 3 * 400;
    costs.reads_per_socket = seed % 4 != 0;
    for (int distance = 0; distance < DISTANCE_COUNT; distance++) {
        costs.load_shared[distance] += seed % 6 * 250;
        costs.load_modified[distance] += seed % 6 * 250;
    }
    costs.socket_service = seed % 8 == 7 ? 30 : 0;
    fixture_open(&world.fixture, TOPOLOGY, &costs, POLICY_TIMED, seed);
    if (is_one_by_one)
        world.fixture.engine.choose = earliest;
    world.fixture.interrupt = world_handler;
    world.fixture.data = &world;
    for (uint32_t i = 0; i < LINES; i++) {
        line_init(&world.fixture.machine, &world.lines[i], LINE_CONTENDED);
        word_init(&world.words[i], &world.lines[i], FREE);
    }
    for (uint32_t i = 0; i <= CPUS; i++)
        rng_init(&world.rng[i], seed, i, RNG_TEST);
    for (uint32_t i = 0; i < CPUS; i++)
        fixture_program(&world.fixture, i, acquirer, &world);
    world.slot = engine_event(&world.fixture.engine, vector_fire, &world);
    if (seed % 2 == 0)
        engine_at(&world.fixture.engine, world.slot, 1000);
    for (cycles until = 10007; until < 2000000; until += 10007) {
        fixture_run(&world.fixture, until);
        world.outcome.sum = (world.outcome.sum ^ world.fixture.engine.events) * MIX;
        for (uint32_t i = 0; i < LINES; i++)
            world.outcome.sum = (world.outcome.sum ^ world.lines[i].owner) * MIX + line_waiters(&world.lines[i]);
    }
    world.outcome.events = world.fixture.engine.events;
    fixture_close(&world.fixture);
    return world.outcome;
}

static void blocks_equal_one_by_one(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct outcome expected = world_run(seed, true), outcome = world_run(seed, false);

        if (outcome.sum != expected.sum || outcome.events != expected.events)
            fail_msg("seed %llu: %llu events, not %llu, or other times", (unsigned long long)seed,
                     (unsigned long long)outcome.events, (unsigned long long)expected.events);
    }
}

/* --- one word, one value --- */

static void poll_for_another_value(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    program_sleep_until(cpu, 1000 * cpu->id);
    word_acquire(cpu, &scene->word, cpu->id < 2 ? FREE : 7, TAKEN, false);
    program_sleep_until(cpu, RELEASE);
}

static void two_wanted_values(void *argument)
{
    static struct scene scene;

    (void)argument;
    fixture_open(&scene.fixture, TOPOLOGY, &costs_westmere, POLICY_TIMED, 1);
    line_init(&scene.fixture.machine, &scene.line, LINE_CONTENDED);
    word_init(&scene.word, &scene.line, FREE);
    for (uint32_t cpu = 0; cpu < 3; cpu++)
        fixture_program(&scene.fixture, cpu, poll_for_another_value, &scene);
    fixture_run(&scene.fixture, END);
}

static void all_poll_for_the_same(void **state)
{
    char text[4096];

    (void)state;
    assert_int_equal(death_run(two_wanted_values, NULL, text, sizeof(text)), DEATH_OF_CHECK);
    assert_non_null(strstr(text, "wanted"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incident_finds_what_one_by_one_has_done),
        cmocka_unit_test(copies_come_before_a_service_of_the_same_cycle),
        cmocka_unit_test(blocks_equal_one_by_one),
        cmocka_unit_test(all_poll_for_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
