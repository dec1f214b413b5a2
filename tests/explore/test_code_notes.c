/* SPDX-License-Identifier: Apache-2.0
 *
 * What the steps of a code object say: the line of the user's file, also below functions of the shim, and the memory.
 */
#define _GNU_SOURCE
#include "death.h"
#include "explore/explore_code.h"

/* The shim's functions have files of their own, outside of those that the object is built for. */
static const char *const shim = "void irqpath_lock(void *); void irqpath_unlock(void *);\n"
                                "void shim_lock(void *lock)\n"
                                "{\n"
                                "    irqpath_lock(lock);\n"
                                "    __asm__ volatile (\"\");\n"
                                "}\n"
                                "void shim_unlock(void *lock)\n"
                                "{\n"
                                "    irqpath_unlock(lock);\n"
                                "    __asm__ volatile (\"\");\n"
                                "}\n";

static const char *const text = "void shim_lock(void *); void shim_unlock(void *);\n"
                                "static inline void set(int *to, int value) { *to = value; }\n"
                                "struct pair { int a; struct pair *self; } pair;\n"
                                "int lock;\n"
                                "void cpu0(void)\n"
                                "{\n"
                                "    pair.self = &pair;\n"
                                "    shim_lock(&lock);\n" /* line 8 */
                                "    set(&pair.a, 7);\n"
                                "    shim_unlock(&lock);\n" /* line 10 */
                                "    lock = pair.self->a;\n"
                                "}\n";

static void collect(void *context, const struct cpu *cpu, const char *note)
{
    (void)cpu;
    fprintf(context, "%s\n", note);
}

static const char *const expected[] = {
    "a.c:7 write pair.self\n",
    "code_lock",
    "\nat a.c:8\na.c:2 write pair.a\n",
    "code_lock",
    "\nat a.c:10\na.c:11 read pair.self = &pair.a\na.c:11 read pair.a = 7\na.c:11 write lock\n",
};

static void test_notes(void **state)
{
    struct races *races = races_new(STATE_BYTES_MAX, RACES_ALL);
    struct code_world world;
    struct sample sample;
    char message[256] = "", *notes;
    size_t bytes;

    (void)state;
    if (!explore_state_is_supported() || !sample_has(&sample_compilers[0]))
        skip();
    sample_new(&sample);
    sample_write(&sample, "a.c", text);
    sample_write(&sample, "shim.c", shim);
    sample_compile(&sample, &sample_compilers[0], "-O1 -fno-optimize-sibling-calls", "a.c shim.c", "files: a.c\n");
    struct code_object *object = code_object_open(sample.object, message, sizeof(message));
    assert_non_null(object);
    code_world_open(&world, object, races, 1);
    FILE *stream = open_memstream(&notes, &bytes);
    world.explored.note = collect;
    world.explored.context = stream;
    machine_start(&world.fixture.machine);
    for (uint32_t slot = 0; slot < world.fixture.engine.slot_count; slot++)
        while (engine_is_pending(&world.fixture.engine, slot))
            engine_step(&world.fixture.engine, slot);
    fclose(stream);
    const char *at = notes;
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        at = strstr(at, expected[i]);
        if (at == NULL)
            fail_msg("no '%s' in its place in:\n%s", expected[i], notes);
        at += strlen(expected[i]);
    }
    free(notes);
    code_world_close(&world);
    code_object_close(object);
    races_free(races);
    sample_remove(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
