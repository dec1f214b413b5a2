/* SPDX-License-Identifier: Apache-2.0
 *
 * Operations under the exhaustive policy: which CPUs are pending when, the extent of a step, and the trace's notes.
 */
#include "machine/policies/policies.h"

#include <stdio.h>
#include <string.h>

#include "death.h"
#include "machine/explored.h"
#include "machine/names.h"
#include "machine_fixture.h"

struct scene {
    struct fixture fixture;
    struct explored explored;
    struct line line;
    struct word word, other;
    char notes[1024];
    bool is_polling_with_interrupts;
    uint32_t interrupts;
};

static struct scene *scene_of(const struct cpu *cpu) { return fixture_of(cpu)->data; }

static void note(void *context, const struct cpu *cpu, const char *text)
{
    struct scene *scene = context;
    size_t used = strlen(scene->notes);

    (void)snprintf(scene->notes + used, sizeof(scene->notes) - used, "%d %s; ", cpu != NULL ? (int)cpu->id : -1, text);
}

static void interrupt(struct cpu *cpu, uint32_t vector)
{
    (void)vector;
    lapic_eoi(cpu);
    scene_of(cpu)->interrupts++;
    word_store(cpu, &scene_of(cpu)->other, 7);
}

static void scene_open(struct scene *scene)
{
    *scene = (struct scene){ .is_polling_with_interrupts = false };
    fixture_open(&scene->fixture, "package:1 [numa] core:2 pu:1", &costs_nothing, POLICY_EXHAUSTIVE, 1);
    scene->fixture.engine.explored = &scene->explored;
    scene->fixture.data = scene;
    scene->fixture.interrupt = interrupt;
    scene->explored.note = note;
    scene->explored.context = scene;
    line_init(&scene->fixture.machine, &scene->line, LINE_PLAIN);
    word_init(&scene->word, &scene->line, 0);
    word_init(&scene->other, &scene->line, 0);
    names_add(&scene->fixture.machine, &scene->word, "word", NULL);
    names_add(&scene->fixture.machine, &scene->other, "other", NULL);
}

static void scene_close(struct scene *scene)
{
    names_free(&scene->explored);
    fixture_close(&scene->fixture);
}

static bool is_pending(const struct scene *scene, uint32_t cpu)
{
    return engine_is_pending(&scene->fixture.engine, scene->fixture.machine.cpus[cpu].actor.slot);
}

static void go(struct scene *scene, uint32_t cpu)
{
    engine_step(&scene->fixture.engine, scene->fixture.machine.cpus[cpu].actor.slot);
}

static void two_accesses(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    if (cpu->id == 0) {
        word_store(step(cpu, "w1"), &scene->word, 5);
        word_fetch_add(cpu, &scene->word, 1);
    } else {
        word_wait(step(cpu, "r1"), &scene->word, 5);
    }
}

static void test_steps(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        fixture_program(&scene.fixture, cpu, two_accesses, &scene);
    machine_start(&scene.fixture.machine);
    go(&scene, 0);
    go(&scene, 1);
    assert_true(is_pending(&scene, 0));
    assert_false(is_pending(&scene, 1));
    assert_int_equal(word_peek(&scene.word), 0);
    go(&scene, 0);
    assert_int_equal(word_peek(&scene.word), 5);
    assert_true(is_pending(&scene, 1));
    go(&scene, 0); /* 6 again: the CPU that waited for 5 has missed it */
    assert_false(is_pending(&scene, 0));
    assert_false(is_pending(&scene, 1));
    assert_int_equal(scene.fixture.machine.cpus[1].spin.state, SPIN_READING);
    assert_int_equal(scene.fixture.engine.now, 0);
    assert_string_equal(scene.notes, "0 w1 store word: 0 -> 5; 0 add word: 5 -> 6; ");
    scene_close(&scene);
}

static void own_accesses(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    word_store(cpu, &scene->word, 5);
    word_add_own(cpu, &scene->word, 2);
    word_store(cpu, &scene->other, word_load_own(cpu, &scene->word));
}

/* A load of what no other CPU writes is no step, an add to it is one. */
static void test_own_words(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    fixture_program(&scene.fixture, 0, own_accesses, &scene);
    machine_start(&scene.fixture.machine);
    for (uint32_t steps = 0; is_pending(&scene, 0); steps++) {
        assert_in_range(steps, 0, 3);
        assert_int_equal(word_load_at_event(&scene.word), steps < 2 ? 0 : steps == 2 ? 5 : 7);
        go(&scene, 0);
    }
    assert_string_equal(scene.notes, "0 store word: 0 -> 5; 0 store word: 5 -> 7; 0 store other: 0 -> 7; ");
    scene_close(&scene);
}

static void acquire(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    word_acquire(cpu, &scene->word, 0, 1, scene->is_polling_with_interrupts);
    assert_false(cpu->irq_on);
}

/* A waiter takes an interrupt only when it polls with interrupts on; it continues to wait afterwards. */
static void test_interrupted_wait(void **state)
{
    (void)state;
    for (int on = 0; on < 2; on++) {
        struct scene scene;

        scene_open(&scene);
        scene.is_polling_with_interrupts = on;
        scene.word.value = 1;
        fixture_program(&scene.fixture, 0, acquire, &scene);
        engine_at(&scene.fixture.engine, scene.fixture.machine.cpus[0].actor.slot, 0);
        go(&scene, 0);
        if (on)
            go(&scene, 0); /* the attempt that fails turns them on */
        assert_false(is_pending(&scene, 0));
        lapic_deliver(&scene.fixture.machine.cpus[0], VECTOR_DEVICE_FIRST);
        assert_int_equal(is_pending(&scene, 0), on);
        if (on)
            go(&scene, 0);
        assert_int_equal(scene.interrupts, on);
        assert_int_equal(word_peek(&scene.other), on ? 7 : 0);
        assert_false(is_pending(&scene, 0));
        scene_close(&scene);
    }
}

static void turns_off(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    cpu_irq_on(cpu);
    cpu_irq_off(cpu);
    word_store(cpu, &scene->word, 1);
}

/* Turning interrupts off is a choice point where one may be taken first; the next access is part of the same step. */
static void test_before_interrupts_go_off(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    fixture_program(&scene.fixture, 0, turns_off, &scene);
    engine_at(&scene.fixture.engine, scene.fixture.machine.cpus[0].actor.slot, 0);
    go(&scene, 0);
    lapic_deliver(&scene.fixture.machine.cpus[0], VECTOR_DEVICE_FIRST);
    go(&scene, 0);
    assert_int_equal(scene.interrupts, 1);
    assert_int_equal(word_peek(&scene.word), 0);
    go(&scene, 0);
    assert_int_equal(word_peek(&scene.word), 1);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_own_words),
        cmocka_unit_test(test_interrupted_wait),
        cmocka_unit_test(test_before_interrupts_go_off),
    };

    return cmocka_run_group_tests_name("exhaustive", tests, NULL, NULL);
}
