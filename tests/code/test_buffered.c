/* SPDX-License-Identifier: Apache-2.0
 *
 * An access that a code object makes by itself, taken out of memory and put into a store buffer; the interleavings are
 * in tests/explore/test_code_tso.c.
 */
#include "code/buffered.h"

#include <stdio.h>
#include <string.h>

#include "death.h"
#include "machine/explored.h"
#include "machine/lines/store_buffer.h"
#include "machine_fixture.h"

struct scene {
    struct fixture fixture;
    struct cpu *cpu;
    const struct store_buffer *buffer;
    _Alignas(8) unsigned char memory[32];
};

static void scene_open(struct scene *scene, enum policy policy)
{
    *scene = (struct scene){ .cpu = NULL };
    fixture_open(&scene->fixture, "package:1 [numa] core:2 pu:1", &costs_nothing, policy, 1);
    scene->cpu = &scene->fixture.machine.cpus[0];
    scene->buffer = store_buffer_of(scene->cpu);
}

/* Stores a byte `value` to each of the bytes, as the code does after its hook. */
static void store(struct scene *scene, size_t at, size_t bytes, int value)
{
    buffered_begin(scene->cpu, scene->memory + at, bytes, true, true);
    memset(scene->memory + at, value, bytes);
    buffered_end();
}

static void stores_leave_memory(void **state)
{
    static const struct {
        size_t at, bytes, places;
    } rows[] = { { 0, 8, 1 }, { 3, 1, 1 }, { 4, 4, 1 }, { 6, 4, 2 }, { 8, 16, 2 }, { 5, 16, 3 } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        static const unsigned char none[32];
        struct scene scene;

        scene_open(&scene, POLICY_EXHAUSTIVE_TSO);
        store(&scene, rows[i].at, rows[i].bytes, 0x55);
        assert_memory_equal(scene.memory, none, sizeof(none));
        assert_int_equal(scene.buffer->count, rows[i].places);
        assert_true(buffered_has(scene.cpu, scene.memory + rows[i].at, 1));
        assert_true(buffered_has(scene.cpu, scene.memory + rows[i].at + rows[i].bytes - 1, 1));
        assert_false(buffered_has(scene.cpu, scene.memory + rows[i].at + rows[i].bytes, 1));
        assert_false(buffered_has(&scene.fixture.machine.cpus[1], scene.memory + rows[i].at, 1));
        while (scene.buffer->count > 0)
            engine_step(&scene.fixture.engine, scene.buffer->slot);
        for (size_t j = 0; j < sizeof(scene.memory); j++)
            assert_int_equal(scene.memory[j], j - rows[i].at < rows[i].bytes ? 0x55 : 0);
        fixture_close(&scene.fixture);
    }
}

static void loads_see_it(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene, POLICY_EXHAUSTIVE_TSO);
    store(&scene, 0, 8, 0x11);
    store(&scene, 2, 2, 0x22);
    scene.memory[1] = 0x99; /* another CPU's */
    buffered_begin(scene.cpu, scene.memory, 8, false, true);
    assert_memory_equal(scene.memory, "\x11\x11\x22\x22\x11\x11\x11\x11", 8);
    buffered_end();
    assert_memory_equal(scene.memory, "\x00\x99\x00\x00\x00\x00\x00\x00", 8);
    /* A write that is no step follows the one in the buffer; elsewhere it is visible at once. */
    buffered_begin(scene.cpu, scene.memory, 1, true, false);
    scene.memory[0] = 0x33;
    buffered_end();
    assert_int_equal(scene.memory[0], 0);
    buffered_begin(scene.cpu, scene.memory + 16, 1, true, false);
    scene.memory[16] = 0x44;
    buffered_end();
    assert_int_equal(scene.memory[16], 0x44);
    fixture_close(&scene.fixture);
}

/* --- notes --- */

static struct {
    const volatile unsigned char *described;
    char note[256];
} told; /* last */

static void describe(const struct code *code, const volatile void *address, char *text, size_t text_bytes)
{
    (void)code;
    told.described = address;
    (void)snprintf(text, text_bytes, "memory");
}

static void note(void *context, const struct cpu *cpu, const char *text)
{
    (void)context;
    (void)cpu;
    (void)snprintf(told.note, sizeof(told.note), "%s", text);
}

/* What a store changes is named by the first byte that it changes. */
static void the_first_byte_is_named(void **state)
{
    static const struct {
        size_t at, bytes;
        const char *note;
    } rows[] = {
        { 8, 8, "store buffer of cpu0: memory = 5555555555555555 is visible" },
        { 9, 2, "store buffer of cpu0: memory = 5555 is visible" },
        { 15, 1, "store buffer of cpu0: memory = 55 is visible" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        bool was_full = false;
        struct explored explored = { .note = note, .describe_memory = describe, .store_buffer_was_full = &was_full };
        struct scene scene;

        scene_open(&scene, POLICY_EXHAUSTIVE_TSO);
        store(&scene, rows[i].at, rows[i].bytes, 0x55);
        scene.fixture.engine.explored = &explored;
        engine_step(&scene.fixture.engine, scene.buffer->slot);
        assert_ptr_equal(told.described, scene.memory + rows[i].at);
        assert_string_equal(told.note, rows[i].note);
        scene.fixture.engine.explored = NULL;
        fixture_close(&scene.fixture);
    }
}

static void without_buffers(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene, POLICY_EXHAUSTIVE);
    assert_null(scene.buffer);
    store(&scene, 0, 8, 0x55);
    assert_int_equal(scene.memory[7], 0x55);
    assert_false(buffered_has(scene.cpu, scene.memory, 8));
    fixture_close(&scene.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_leave_memory),
        cmocka_unit_test(loads_see_it),
        cmocka_unit_test(the_first_byte_is_named),
        cmocka_unit_test(without_buffers),
    };

    return cmocka_run_group_tests_name("code_buffered", tests, NULL, NULL);
}
