/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests footprints: which places the verbs of a step record under the exhaustive policies.
 */
#include "machine/footprint.h"

#include "death.h"
#include "machine/names.h"
#include "machine_fixture.h"

struct scene {
    struct line line;
    struct word word;
};

static struct word *word_of(const struct cpu *cpu) { return &((struct scene *)fixture_of(cpu)->data)->word; }

static void store(struct cpu *cpu) { word_store(cpu, word_of(cpu), 1); }
static void store_the_same(struct cpu *cpu) { word_store(cpu, word_of(cpu), 0); }
static void load(struct cpu *cpu) { (void)word_load(cpu, word_of(cpu)); }
static void failing_cas(struct cpu *cpu) { (void)word_cas(cpu, word_of(cpu), 5, 6); }
static void wait_zero(struct cpu *cpu) { word_wait(cpu, word_of(cpu), 0); }
static void send(struct cpu *cpu) { ipi_send(cpu, &cpu->machine->cpus[1], 0x40); }

static void nudge(struct cpu *cpu)
{
    cpu_local_step(cpu);
    cpu_nudge(&cpu->machine->cpus[1]);
}

/* How the step with the verb touches the word and the flights to CPU 1: r, w, or - for not. */
static const struct {
    const char *name;
    void (*verb)(struct cpu *cpu);
    char word, flights;
    bool is_everything;
} rows[] = {
    { "a store", store, 'w', '-', false },
    { "a store that changes nothing", store_the_same, 'r', '-', false },
    { "a load", load, 'r', '-', false },
    { "a compare-and-swap that fails", failing_cas, 'r', '-', false },
    { "a wait that is over", wait_zero, 'r', '-', false },
    { "an IPI", send, '-', 'w', false },
    { "a nudge", nudge, '-', '-', true },
};

/* The first step ends before this access, so that the verb's is known from its beginning. */
static void program(struct cpu *cpu, void *data)
{
    const size_t *row = data;

    cpu_local_step(cpu);
    cpu->has_turn = false;
    rows[*row].verb(cpu);
    cpu_local_step(cpu);
}

static char touched(const struct footprint *footprint, const void *place)
{
    for (uint32_t i = 0; i < footprint->count; i++)
        if (footprint->places[i].place == place)
            return footprint->places[i].is_written ? 'w' : 'r';
    return '-';
}

static void test_verbs(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct fixture fixture;
        struct explored explored;
        struct scene scene;
        struct footprint footprint = { .is_everything = true };
        bool is_seen = false;

        explored = (struct explored){ .footprint = &footprint };
        fixture_open(&fixture, "package:1 [numa] core:2 pu:1", &costs_nothing, POLICY_EXHAUSTIVE, 1);
        fixture.engine.explored = &explored;
        fixture.data = &scene;
        line_init(&fixture.machine, &scene.line, LINE_PLAIN);
        word_init(&scene.word, &scene.line, 0);
        fixture_program(&fixture, 0, program, &row);
        machine_start(&fixture.machine);
        const struct cpu *cpu = &fixture.machine.cpus[0];
        engine_step(&fixture.engine, cpu->actor.slot);
        assert_true(footprint.is_everything); /* nothing is known of a step from the start */
        for (int step = 0; step < 3 && engine_is_pending(&fixture.engine, cpu->actor.slot) && !is_seen; step++) {
            footprint = (struct footprint){ .is_everything = true };
            engine_step(&fixture.engine, cpu->actor.slot);
            is_seen = touched(&footprint, &scene.word.value) == rows[row].word &&
                      touched(&footprint, fixture.machine.cpus[1].lapic.flights) == rows[row].flights &&
                      footprint.is_everything == rows[row].is_everything &&
                      (footprint.is_everything || touched(&footprint, &cpu->lapic) == 'r') &&
                      (step > 0 || rows[row].is_everything || rows[row].word != '-' || rows[row].flights != '-');
        }
        if (!is_seen)
            fail_msg("%s", rows[row].name);
        names_free(&explored);
        fixture_close(&fixture);
    }
}

static void test_overflow(void **state)
{
    static char places[FOOTPRINT_PLACES_MAX + 1];
    struct footprint footprint = { .count = 0 };

    (void)state;
    for (int i = 0; i < FOOTPRINT_PLACES_MAX; i++)
        for (int again = 0; again < 2; again++)
            footprint_add(&footprint, &places[i], again != 0);
    assert_true(footprint.count == FOOTPRINT_PLACES_MAX && !footprint.is_everything && footprint.places[0].is_written);
    footprint_add(&footprint, &places[FOOTPRINT_PLACES_MAX], false);
    assert_true(footprint.is_everything);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_verbs), cmocka_unit_test(test_overflow) };

    return cmocka_run_group_tests_name("footprint", tests, NULL, NULL);
}
