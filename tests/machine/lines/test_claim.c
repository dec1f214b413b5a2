/* SPDX-License-Identifier: Apache-2.0
 *
 * Touching lines in advance must equal touching the same lines one by one: random walks, while other CPUs read, write,
 * poll and contend for these lines, give the same times and the same number of events on every machine.
 */
#include "machine/lines/claim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "machine_fixture.h"

#define TOPOLOGY "package:8 [numa] core:4 pu:1"
#define CPUS 32
#define LINES 40
#define STEPS 60
#define RUNS 60
#define MIX 0x9e3779b97f4a7c15u

struct world {
    struct fixture fixture;
    struct line lines[LINES];
    struct word words[LINES];
    bool in_advance, by_cas;
    uint32_t walkers;
    cycles gap;
    struct rng rng[CPUS];
    uint64_t sum;  /* of every CPU's times, mixed in the order in which things happen */
    uint32_t most; /* touched at once */
    bool is_stacked; /* a line has been claimed by several walks */
};

static void note(struct world *world, const struct cpu *cpu)
{
    world->sum = (world->sum ^ cpu_now(cpu) ^ (uint64_t)cpu->id << 40) * MIX;
}

static bool is_ahead(const struct cpu *cpu, uint64_t claimed) { return eventq_key_time(claimed) > cpu->engine->now; }

static void walk(struct cpu *cpu, struct world *world, struct rng *rng)
{
    struct line *lines[LINES];
    uint32_t from = (uint32_t)rng_below(rng, LINES), count = 1 + (uint32_t)rng_below(rng, LINES - 1), done = 0;

    for (uint32_t i = 0; i < count; i++) {
        lines[i] = &world->lines[(from + i) % LINES];
        world->is_stacked |= is_ahead(cpu, lines[i]->claimed) && is_ahead(cpu, lines[i]->claim->claimed_before);
    }
    while (done < count) {
        uint32_t touched;
        cpu_settle(cpu);
        if (lines[done]->is_contended) {
            done++;
            continue;
        }
        touched = line_touch_each(cpu, &lines[done], world->in_advance ? count - done : 1, 15);
        assert_in_range(touched, 1, count - done);
        world->most = touched > world->most ? touched : world->most;
        done += touched;
    }
    cpu_settle(cpu); /* a walk may have done so */
}

/* Only kinds of lines that locks use: every third is polled for a value, every third is contended. */
static void disturb(struct cpu *cpu, struct world *world, struct rng *rng)
{
    uint32_t at = (uint32_t)rng_below(rng, LINES);
    struct word *word = &world->words[at];

    switch (rng_below(rng, 4)) {
    case 0:
        if (at % 3 == 1) {
            (world->by_cas ? word_acquire_by_cas : word_acquire)(cpu, word, 0, 1, false);
            cpu_spend(cpu, rng_below(rng, 600));
            word_store(cpu, word, 0);
            break;
        }
        line_touch_read(cpu, word->line);
        break;
    case 1:
        line_touch_write(cpu, word->line);
        break;
    case 2:
        if (at % 3 != 1)
            word_fetch_add(cpu, word, 1);
        break;
    default:
        word_load(cpu, word);
    }
}

static void program(struct cpu *cpu, void *data)
{
    struct world *world = data;
    struct rng *rng = &world->rng[cpu->id];

    for (uint32_t step = 0; step < STEPS; step++) {
        cpu_spend(cpu, rng_below(rng, world->gap));
        if (cpu->id % world->walkers == 0)
            walk(cpu, world, rng);
        else
            disturb(cpu, world, rng);
        note(world, cpu);
    }
}

/* Returns the mixed times. */
static uint64_t run(uint64_t seed, enum policy policy, bool in_advance, uint64_t *events, uint32_t *most,
                    bool *is_stacked)
{
    static const enum line_kind kinds[] = { LINE_WAITED, LINE_CONTENDED, LINE_PLAIN };
    static struct world world;

    memset(&world, 0, sizeof(world));
    world.in_advance = in_advance;
    world.by_cas = seed % 3 == 0;
    world.walkers = 1 + (uint32_t)seed % 5;
    world.gap = 1 + (seed % 7) * (seed % 7) * 300;
    fixture_open(&world.fixture, TOPOLOGY, &costs_westmere, policy, seed);
    for (uint32_t i = 0; i < LINES; i++) {
        line_init(&world.fixture.machine, &world.lines[i], kinds[i % 3]);
        word_init(&world.words[i], &world.lines[i], 0);
    }
    for (uint32_t i = 0; i < CPUS; i++) {
        rng_init(&world.rng[i], seed, i, RNG_TEST);
        fixture_program(&world.fixture, i, program, &world);
    }
    for (cycles until = 10000; until < 200000; until += 10000) {
        fixture_run(&world.fixture, until);
        for (uint32_t i = 0; i < LINES; i++)
            world.sum = (world.sum ^ world.lines[i].owner) * MIX;
    }
    fixture_run(&world.fixture, CYCLES_NEVER);
    for (uint32_t i = 0; i < LINES; i++)
        assert_true(eventq_key_time(world.lines[i].claimed) <= world.fixture.engine.now);
    *events = world.fixture.engine.events;
    *most = world.most;
    *is_stacked |= world.is_stacked;
    fixture_close(&world.fixture);
    return world.sum;
}

static void in_advance_is_as_one_by_one(void **state)
{
    uint32_t most_of_all = 0;
    bool is_stacked = false, is_stacked_expected = false;

    (void)state;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        uint64_t events, events_expected;
        uint32_t most, most_expected;
        uint64_t expected = run(seed, POLICY_TIMED, false, &events_expected, &most_expected, &is_stacked_expected);

        assert_int_equal(run(seed, POLICY_TIMED, true, &events, &most, &is_stacked), expected);
        assert_int_equal(events, events_expected);
        assert_int_equal(most_expected, 1);
        most_of_all = most > most_of_all ? most : most_of_all;
    }
    assert_int_equal(most_of_all, 1 + CLAIMS_MAX); /* or nothing would have been shown */
    assert_true(is_stacked && !is_stacked_expected);
}

static void the_random_policy_knows_no_future(void **state)
{
    uint64_t events;
    uint32_t most;
    bool is_stacked = false;

    (void)state;
    run(3, POLICY_RANDOM, true, &events, &most, &is_stacked);
    assert_int_equal(most, 1);
}

/* --- in the cycle of the last touch --- */

struct meeting {
    struct fixture fixture;
    struct line lines[3];
    bool in_advance;
    cycles end; /* when the sleeper has touched the last line */
};

static void sleeper(struct cpu *cpu, void *data)
{
    struct meeting *meeting = data;

    cpu_run_until(cpu, CYCLES_NEVER);
    line_touch_locked(cpu, &meeting->lines[2]);
    meeting->end = cpu_now(cpu);
}

/* The last touch is a hit, after which the walker need not settle. */
static void walker(struct cpu *cpu, void *data)
{
    struct meeting *meeting = data;
    struct line *lines[3];

    for (uint32_t i = 0; i < 3; i++) {
        lines[i] = &meeting->lines[i];
        line_touch_locked(cpu, lines[i]);
        cpu_settle(cpu);
    }
    for (uint32_t done = 0; done < 3;) {
        cpu_settle(cpu);
        done += line_touch_each(cpu, &lines[done], meeting->in_advance ? 3 - done : 1, 15);
    }
    cpu_nudge(&cpu->machine->cpus[0]);
    cpu_settle(cpu);
}

static cycles meet(bool in_advance, uint64_t *events)
{
    static struct meeting meeting;

    memset(&meeting, 0, sizeof(meeting));
    meeting.in_advance = in_advance;
    fixture_open(&meeting.fixture, TOPOLOGY, &costs_westmere, POLICY_TIMED, 1);
    for (uint32_t i = 0; i < 3; i++)
        line_init(&meeting.fixture.machine, &meeting.lines[i], LINE_PLAIN);
    fixture_program(&meeting.fixture, 0, sleeper, &meeting);
    fixture_program(&meeting.fixture, 1, walker, &meeting);
    fixture_run(&meeting.fixture, CYCLES_NEVER);
    assert_int_equal(meeting.lines[2].owner, 0);
    assert_int_equal(meeting.lines[2].claimed, 0);
    *events = meeting.fixture.engine.events;
    fixture_close(&meeting.fixture);
    return meeting.end;
}

/* The sleeper has the lower slot, and is woken in the cycle of the walker's last touch. */
static void a_touch_is_over_when_its_cpu_goes_on(void **state)
{
    uint64_t events, events_expected;
    cycles expected = meet(false, &events_expected);

    (void)state;
    assert_true(expected > 0);
    assert_int_equal(meet(true, &events), expected);
    assert_int_equal(events, events_expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_touch_is_over_when_its_cpu_goes_on),
        cmocka_unit_test(in_advance_is_as_one_by_one),
        cmocka_unit_test(the_random_policy_knows_no_future),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
