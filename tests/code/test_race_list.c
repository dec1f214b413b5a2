/* SPDX-License-Identifier: Apache-2.0
 *
 * Races of made-up accesses, by a CPU that the test moves about: which two accesses are shown, and what is merged.
 */
#define _GNU_SOURCE
#include "code/race_list.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "code/code.h"
#include "code/code_sample.h"
#include "code/describe.h"
#include "code/running.h"
#include "machine/machine.h"

static const char *const text = "struct pirq { long masked, state; } pirqs[8];\n"
                                "int flag;\n"
                                "void one(void) { flag = 1; }\n"
                                "void two(void) { flag = 2; }\n"
                                "void three(void) { flag = 3; }\n";

struct fixture {
    struct sample sample;
    struct code_object *object;
    struct arena arena;
    struct actor actor;
    struct engine engine;
    struct machine machine;
    struct code code;
    struct explored explored;
    uint32_t holder[2]; /* of the two locks */
    struct cpu cpu;
};

static void fixture_open(struct fixture *fixture)
{
    char message[256];

    *fixture = (struct fixture){ .holder = { UINT32_MAX, UINT32_MAX } };
    sample_new(&fixture->sample);
    sample_write(&fixture->sample, "a.c", text);
    sample_compile(&fixture->sample, &sample_compilers[0], "-O1", "a.c", "files: a.c\n");
    fixture->object = code_object_open(fixture->sample.object, message, sizeof(message));
    assert_non_null(fixture->object);
    assert_true(arena_init(&fixture->arena, (size_t)1 << 20));
    fixture->actor = (struct actor){ .stack = fixture->arena.base, .stack_bytes = 64 };
    fixture->engine = (struct engine){ .running = &fixture->actor, .explored = &fixture->explored };
    fixture->machine = (struct machine){ .arena = &fixture->arena, .engine = &fixture->engine };
    fixture->code = (struct code){ .object = fixture->object, .machine = &fixture->machine };
    fixture->code.image = arena_alloc(&fixture->arena, fixture->object->image_bytes, 4096);
    fixture->code.shared = fixture->code.image + fixture->object->text_bytes;
    fixture->explored.code = &fixture->code;
    fixture->explored.races = races_new((size_t)1 << 20, RACES_FOUND);
    names_add(&fixture->machine, NULL, "event_lock", &fixture->holder[0]);
    names_add(&fixture->machine, NULL, "desc_lock", &fixture->holder[1]);
    fixture->cpu = (struct cpu){ .engine = &fixture->engine, .irq_on = true };
    code_running = (struct running){ .code = &fixture->code };
}

static void fixture_close(struct fixture *fixture)
{
    code_running = (struct running){ .code = NULL };
    names_free(&fixture->explored);
    races_free(fixture->explored.races);
    arena_drop(&fixture->arena);
    code_object_close(fixture->object);
    sample_remove(&fixture->sample);
}

/* An access by the function of this name. */
struct made {
    const char *function;
    size_t offset; /* in pirqs */
    enum code_access access;
    uint32_t cpu;
    bool is_step, in_interrupt, is_irq_off, is_free;
    int lock; /* 1, 2; 0: none */
};

static void make(struct fixture *fixture, const struct made *made)
{
    const struct code *code = &fixture->code;
    const char *memory = (const char *)code_symbol(code, "pirqs") + made->offset;
    const char *pc = made->is_free ? NULL : (const char *)code_symbol(code, made->function) + 1;

    fixture->cpu.id = made->cpu;
    fixture->cpu.interrupt_depth = made->in_interrupt;
    fixture->cpu.irq_on = !made->is_irq_off;
    fixture->holder[0] = made->lock == 1 ? made->cpu : UINT32_MAX;
    fixture->holder[1] = made->lock == 2 ? made->cpu : UINT32_MAX;
    races_see(fixture->explored.races, &fixture->cpu, (size_t)(memory - fixture->arena.base), 8, made->access,
              made->is_step, pc, NULL);
}

/* Twice: the first time finds the races, whose sites are then known. */
static struct race_list *list_of(struct fixture *fixture, const struct made *made, size_t count)
{
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i++)
            make(fixture, &made[i]);
        races_promote(fixture->explored.races);
    }
    return race_list_new(&fixture->explored);
}

static const struct which {
    struct made made[3];
    size_t count, unpaired, freed;
    bool is_interrupt;
    const char *first, *second;
} which[] = {
    { { { .function = "one", .access = CODE_WRITE }, { .function = "two", .cpu = 1 } },
      .count = 1,
      .first = "a.c:3 one",
      .second = "a.c:4 two" },
    { { { .function = "one" }, { .function = "two", .cpu = 1 } }, .count = 0 },
    { { { .function = "one", .access = CODE_WRITE, .lock = 1 }, { .function = "two", .cpu = 1, .lock = 1 } },
      .count = 0 },
    { { { .function = "one", .access = CODE_WRITE, .lock = 1 },
        { .function = "two", .cpu = 1, .lock = 1 },
        { .function = "three", .cpu = 1, .lock = 2 } },
      .count = 1,
      .first = "a.c:3 one",
      .second = "a.c:5 three" },
    { { { .function = "one", .access = CODE_RMW, .is_step = true },
        { .function = "two", .access = CODE_RMW, .cpu = 1, .is_step = true } },
      .unpaired = 2 }, /* two times 4 bytes */
    { { { .function = "one", .access = CODE_RMW, .is_step = true }, { .function = "two", .cpu = 1 } },
      .count = 1,
      .first = "a.c:3 one",
      .second = "a.c:4 two" },
    { { { .function = "free", .access = CODE_WRITE, .is_free = true }, { .function = "two", .cpu = 1 } }, .freed = 2 },
    { { { .function = "free", .access = CODE_WRITE, .is_free = true },
        { .function = "one", .access = CODE_WRITE },
        { .function = "two", .cpu = 1 } },
      .count = 1,
      .first = "a.c:3 one",
      .second = "a.c:4 two" },
    { { { .function = "one", .access = CODE_WRITE, .in_interrupt = true, .is_irq_off = true }, { .function = "two" } },
      .count = 1,
      .is_interrupt = true,
      .first = "a.c:3 one",
      .second = "a.c:4 two" },
    { { { .function = "one", .access = CODE_WRITE, .in_interrupt = true, .is_irq_off = true },
        { .function = "two", .is_irq_off = true } },
      .count = 0 },
};

static void test_which(void **state)
{
    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    for (size_t i = 0; i < sizeof(which) / sizeof(*which); i++) {
        struct fixture fixture;
        size_t made = 0;
        fixture_open(&fixture);
        while (made < 3 && which[i].made[made].function != NULL)
            made++;
        struct race_list *list = list_of(&fixture, which[i].made, made);
        if (list->count != which[i].count || list->unpaired != which[i].unpaired || list->freed != which[i].freed)
            fail_msg("row %zu: %zu, %zu", i, list->count, list->unpaired);
        if (list->count > 0) {
            assert_string_equal(list->entries[0].sides[0].place, which[i].first);
            assert_string_equal(list->entries[0].sides[1].place, which[i].second);
            assert_int_equal(list->entries[0].is_interrupt, which[i].is_interrupt);
            assert_string_equal(list->entries[0].memory[0], "pirqs[0].masked");
            assert_int_equal(list->entries[0].memory_count, 1);
        }
        race_list_free(list);
        fixture_close(&fixture);
    }
}

/* The same two lines with different memory are one entry. */
static void test_merge(void **state)
{
    struct fixture fixture;
    struct made made[12];
    char *printed;
    size_t bytes, steps = 0;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    fixture_open(&fixture);
    for (size_t i = 0; i < 12; i++)
        made[i] = (struct made){ .function = i % 2 ? "two" : "one",
                                 .offset = i / 2 * 8,
                                 .access = CODE_WRITE,
                                 .cpu = i % 2,
                                 .lock = i % 2 ? 2 : 0 };
    struct race_list *list = list_of(&fixture, made, 12);
    assert_int_equal(list->count, 1);
    FILE *stream = open_memstream(&printed, &bytes);
    race_list_print(list, stream);
    fclose(stream);
    assert_string_equal(printed,
                        "race 1 of 1, between CPUs: pirqs[0].masked, pirqs[0].state, pirqs[1].masked and 3 more\n"
                        "  write by a.c:3 one on cpu0, interrupts on, no lock held\n"
                        "    a.c:3 one\n"
                        "  write by a.c:4 two on cpu1, interrupts on, holding desc_lock\n"
                        "    a.c:4 two\n");
    free(printed);
    for (size_t at = races_next_step(fixture.explored.races, 0); at != SIZE_MAX; steps++)
        at = races_next_step(fixture.explored.races, at + 4);
    assert_int_equal(steps, 12);
    race_list_free(list);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which),
        cmocka_unit_test(test_merge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
