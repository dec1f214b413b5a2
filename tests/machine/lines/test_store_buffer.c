/* SPDX-License-Identifier: Apache-2.0
 *
 * Store buffers: order, forwarding, parts of words, what drains them, and what a full one does.
 */
#include "machine/lines/store_buffer.h"

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
    char notes[2048];
    bool was_full;
    uint64_t read;
};

static void note(void *context, const struct cpu *cpu, const char *text)
{
    struct scene *scene = context;
    size_t used = strlen(scene->notes);

    (void)snprintf(scene->notes + used, sizeof(scene->notes) - used, "%d %s; ", cpu != NULL ? (int)cpu->id : -1, text);
}

static void scene_open(struct scene *scene)
{
    *scene = (struct scene){ .was_full = false };
    fixture_open(&scene->fixture, "package:1 [numa] core:2 pu:1", &costs_nothing, POLICY_EXHAUSTIVE_TSO, 1);
    scene->fixture.engine.explored = &scene->explored;
    scene->explored = (struct explored){ .note = note, .context = scene, .store_buffer_was_full = &scene->was_full };
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

static struct store_buffer *buffer_of(const struct scene *scene, uint32_t cpu)
{
    return store_buffer_of(&scene->fixture.machine.cpus[cpu]);
}

static bool is_pending(const struct scene *scene, uint32_t slot)
{
    return engine_is_pending(&scene->fixture.engine, slot);
}

static void first_in_first_out(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    struct store_buffer *buffer = buffer_of(&scene, 0);
    assert_false(is_pending(&scene, buffer->slot));
    assert_true(store_buffers_have_slot(&scene.fixture.machine, buffer->slot));
    assert_true(store_buffers_have_slot(&scene.fixture.machine, buffer_of(&scene, 1)->slot));
    assert_false(store_buffers_have_slot(&scene.fixture.machine, scene.fixture.machine.cpus[0].actor.slot));
    store_buffer_add(buffer, &scene.word.value, &scene.word, UINT64_MAX, 5);
    store_buffer_add(buffer, &scene.word.value, &scene.word, 0xff00, 0x700);
    store_buffer_add(buffer, &scene.other.value, &scene.other, UINT64_MAX, 9);
    assert_false(store_buffers_are_empty(&scene.fixture.machine));
    assert_int_equal(word_peek(&scene.word), 0);
    assert_int_equal(store_buffer_see(buffer, &scene.word.value), 0x705);
    assert_int_equal(store_buffer_see(buffer_of(&scene, 1), &scene.word.value), 0);
    scene.word.value = 0xff0000; /* another CPU's */
    assert_int_equal(store_buffer_see(buffer, &scene.word.value), 0x705);
    engine_step(&scene.fixture.engine, buffer->slot);
    assert_int_equal(word_peek(&scene.word), 5);
    assert_int_equal(word_peek(&scene.other), 0);
    engine_step(&scene.fixture.engine, buffer->slot);
    assert_int_equal(word_peek(&scene.word), 0x705);
    assert_true(is_pending(&scene, buffer->slot));
    engine_step(&scene.fixture.engine, buffer->slot);
    assert_int_equal(word_peek(&scene.other), 9);
    assert_true(store_buffers_are_empty(&scene.fixture.machine));
    assert_false(is_pending(&scene, buffer->slot));
    static const struct store_entry none;
    for (int i = 0; i < STORE_BUFFER_ENTRIES; i++)
        assert_memory_equal(&buffer->entries[i], &none, sizeof(none));
    assert_string_equal(scene.notes, "-1 store buffer of cpu0: word = 5 is visible; "
                                     "-1 store buffer of cpu0: word = 705 is visible; "
                                     "-1 store buffer of cpu0: other = 9 is visible; ");
    scene_close(&scene);
}

static void those_that_are_due(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    struct store_buffer *buffer = buffer_of(&scene, 1);
    for (uint64_t i = 1; i <= 4; i++)
        store_buffer_add(buffer, &scene.word.value, &scene.word, UINT64_MAX, i);
    buffer->due = 3;
    engine_step(&scene.fixture.engine, buffer->slot);
    assert_int_equal(buffer->due, 2);
    store_buffer_drain_due(buffer);
    assert_int_equal(word_peek(&scene.word), 3);
    assert_int_equal(buffer->count, 1);
    assert_true(is_pending(&scene, buffer->slot));
    store_buffer_drain(buffer);
    assert_int_equal(word_peek(&scene.word), 4);
    assert_false(is_pending(&scene, buffer->slot));
    scene_close(&scene);
}

/* A release is visible at once, or with the store before it. */
static void releases(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    struct store_buffer *buffer = buffer_of(&scene, 0);
    store_buffer_release(buffer, &scene.word, 1);
    assert_int_equal(word_peek(&scene.word), 1);
    assert_int_equal(buffer->count, 0);
    store_buffer_add(buffer, &scene.other.value, &scene.other, UINT64_MAX, 5);
    store_buffer_release(buffer, &scene.word, 2);
    store_buffer_add(buffer, &scene.other.value, &scene.other, UINT64_MAX, 6);
    assert_int_equal(word_peek(&scene.word), 1);
    assert_int_equal(store_buffer_see(buffer, &scene.word.value), 2);
    engine_step(&scene.fixture.engine, buffer->slot);
    assert_int_equal(word_peek(&scene.other), 5);
    assert_int_equal(word_peek(&scene.word), 2);
    assert_int_equal(buffer->count, 1);
    scene_close(&scene);
}

static void a_full_one_is_told_of(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    struct store_buffer *buffer = buffer_of(&scene, 0);
    for (uint64_t i = 1; i <= STORE_BUFFER_ENTRIES; i++)
        store_buffer_add(buffer, &scene.word.value, &scene.word, UINT64_MAX, i);
    assert_true(store_buffer_is_full(buffer) && !scene.was_full);
    store_buffer_add(buffer, &scene.word.value, &scene.word, UINT64_MAX, 99);
    assert_true(scene.was_full);
    assert_int_equal(word_peek(&scene.word), 1);
    assert_int_equal(buffer->count, STORE_BUFFER_ENTRIES);
    scene_close(&scene);
}

/* --- what drains it --- */

enum after { LOAD, XCHG, CAS, ADD, OR, AND, FENCE, LOCK, LOCK_BY_CAS, INTERRUPT, IPI, HALT };

static const struct {
    enum after after;
    bool drains;
} afters[] = {
    { LOAD, false }, { XCHG, true }, { CAS, true },         { ADD, true },       { OR, true },   { AND, true },
    { FENCE, true }, { LOCK, true }, { LOCK_BY_CAS, true }, { INTERRUPT, true }, { IPI, false }, { HALT, false },
};

static enum after what_follows;

static void after_store(struct cpu *cpu, struct scene *scene)
{
    switch (what_follows) {
    case LOAD:
        break;
    case XCHG:
        word_xchg(cpu, &scene->other, 1);
        break;
    case CAS:
        word_cas(cpu, &scene->other, 1, 2);
        break;
    case ADD:
        word_fetch_add(cpu, &scene->other, 1);
        break;
    case OR:
        word_fetch_or(cpu, &scene->other, 1);
        break;
    case AND:
        word_fetch_and(cpu, &scene->other, 1);
        break;
    case FENCE:
        cpu_fence(cpu);
        break;
    case LOCK:
        word_acquire(cpu, &scene->other, 0, 1, false);
        break;
    case LOCK_BY_CAS:
        word_acquire_by_cas(cpu, &scene->other, 0, 1, false);
        break;
    case INTERRUPT:
        lapic_deliver(cpu, VECTOR_DEVICE_FIRST);
        cpu_irq_on(cpu);
        cpu->irq_on = false;
        break;
    case IPI:
        ipi_send(cpu, &scene->fixture.machine.cpus[1], VECTOR_DEVICE_FIRST);
        break;
    case HALT:
        lapic_deliver(cpu, VECTOR_DEVICE_FIRST);
        cpu_halt(cpu);
        break;
    }
}

static void stores_and_goes_on(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    word_store(cpu, &scene->word, 1);
    after_store(cpu, scene);
    scene->read = word_load(cpu, &scene->other) + 100;
}

/* The CPU alone: is its store visible once it has loaded what follows? */
static void what_drains(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(afters) / sizeof(*afters); i++) {
        struct scene scene;

        scene_open(&scene);
        what_follows = afters[i].after;
        uint32_t slot = scene.fixture.machine.cpus[0].actor.slot;
        fixture_program(&scene.fixture, 0, stores_and_goes_on, &scene);
        engine_at(&scene.fixture.engine, slot, 0);
        while (scene.read == 0)
            engine_step(&scene.fixture.engine, slot);
        if ((word_peek(&scene.word) == 1) != afters[i].drains)
            fail_msg("operation %d: %s", (int)afters[i].after, afters[i].drains ? "does not drain" : "drains");
        scene_close(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_first_out),    cmocka_unit_test(those_that_are_due), cmocka_unit_test(releases),
        cmocka_unit_test(a_full_one_is_told_of), cmocka_unit_test(what_drains),
    };

    return cmocka_run_group_tests_name("store_buffer", tests, NULL, NULL);
}
