/* SPDX-License-Identifier: Apache-2.0
 *
 * A store, and an IPI whose handler loads what was stored: under tso the IPI may come first, unless something between
 * drains the store buffer. And a handler's own store, which the code that it interrupted finds visible after IRET.
 */
#include "death.h"
#include "explore_fixture.h"

enum { VECTOR = 0x40 };
enum between { NOTHING, FENCE, LOCKED, REGISTER };

/* In the arena, being a part of the state. */
struct memory {
    struct line line;
    struct word stored, other;
    uint64_t handler_read, code_read;
};

struct scene {
    struct fixture fixture;
    struct explored explored;
    struct memory *memory;
    enum between between;
    bool saw_old, neither_saw, saw_one, saw_two;
};

static struct scene *scene_of(const struct cpu *cpu) { return fixture_of(cpu)->data; }

/* --- an IPI --- */

static void sender(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    word_store(cpu, &scene->memory->stored, 1);
    switch (scene->between) {
    case NOTHING:
        break;
    case FENCE:
        cpu_fence(cpu);
        break;
    case LOCKED:
        word_fetch_or(cpu, &scene->memory->other, 1);
        break;
    case REGISTER:
        cpu->policy->register_step(cpu);
        break;
    }
    ipi_send(cpu, &cpu->machine->cpus[1], VECTOR);
}

static void receiver(struct cpu *cpu, void *data)
{
    (void)data;
    cpu_halt(cpu);
    cpu_irq_on(cpu);
}

static void handle(struct cpu *cpu, uint32_t vector)
{
    (void)vector;
    scene_of(cpu)->memory->handler_read = word_load(cpu, &scene_of(cpu)->memory->stored) + 10;
    lapic_eoi(cpu);
}

/* --- a handler, and what it interrupts: the handler stores and the code loads, as does the other CPU --- */

static void interrupted(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    cpu_halt(cpu);
    cpu_irq_on(cpu);
    cpu->irq_on = false;
    scene->memory->code_read = word_load(cpu, &scene->memory->other) + 10;
}

static void handle_by_store(struct cpu *cpu, uint32_t vector)
{
    (void)vector;
    lapic_eoi(cpu);
    word_store(cpu, &scene_of(cpu)->memory->stored, 1);
}

static void sends_and_looks(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    ipi_send(cpu, &cpu->machine->cpus[1], VECTOR);
    word_xchg(cpu, &scene->memory->other, 1);
    scene->memory->handler_read = word_load(cpu, &scene->memory->stored) + 10;
}

/* --- two IPIs of one vector, which merge unless the first has arrived when the second is sent --- */

static void sends_twice(struct cpu *cpu, void *data)
{
    (void)data;
    ipi_send(cpu, &cpu->machine->cpus[1], VECTOR);
    ipi_send(cpu, &cpu->machine->cpus[1], VECTOR);
}

static void takes_all(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    cpu_halt(cpu);
    cpu_irq_on(cpu);
    for (int i = 0; i < 3; i++)
        (void)word_load(cpu, &scene->memory->stored);
}

static void handle_by_count(struct cpu *cpu, uint32_t vector)
{
    (void)vector;
    lapic_eoi(cpu);
    scene_of(cpu)->memory->handler_read++;
}

/* --- the search --- */

/* No property: notes what an end shows. */
static bool note_end(const struct machine *machine, char *text, size_t text_bytes)
{
    struct scene *scene = ((struct fixture *)machine->hypervisor)->data;

    (void)text;
    (void)text_bytes;
    scene->saw_one |= scene->memory->handler_read == 1;
    scene->saw_two |= scene->memory->handler_read == 2;
    scene->saw_old |= scene->memory->handler_read == 10;
    scene->neither_saw |= scene->memory->handler_read == 10 && scene->memory->code_read == 10;
    return false;
}

static void scene_explore(struct scene *scene, enum policy policy, enum between between,
                          void (*programs[2])(struct cpu *cpu, void *data),
                          void (*interrupt)(struct cpu *cpu, uint32_t vector))
{
    static const struct property noted = { "end", VIOLATION_MODELLED_BUG, PROPERTY_AT_END, false, note_end };
    static const struct property *const properties[] = { &noted, NULL };
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;

    *scene = (struct scene){ .between = between };
    explore_open_as(&scene->fixture, &scene->explored, 2, policy);
    scene->fixture.data = scene;
    scene->fixture.interrupt = interrupt;
    scene->memory = ARENA_NEW(&scene->fixture.arena, struct memory);
    line_init(&scene->fixture.machine, &scene->memory->line, LINE_PLAIN);
    word_init(&scene->memory->stored, &scene->memory->line, 0);
    word_init(&scene->memory->other, &scene->memory->line, 0);
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        fixture_program(&scene->fixture, cpu, programs[cpu], scene);
    machine_start(&scene->fixture.machine);
    limits.jobs = 1;
    explore_search(&(struct explore_subject){ .engine = &scene->fixture.engine,
                                              .machine = &scene->fixture.machine,
                                              .explored = &scene->explored,
                                              .properties = properties },
                   &limits, &outcome);
    assert_int_equal(outcome.verdict, EXPLORE_CLEAN);
    assert_true(outcome.ends > 0);
    explore_outcome_free(&outcome);
    explore_close(&scene->fixture);
}

static void an_ipi_overtakes_a_store(void **state)
{
    static struct scene scene;

    (void)state;
    EXPLORE_OR_SKIP();
    for (enum between between = NOTHING; between <= REGISTER; between++)
        for (int is_tso = 0; is_tso < 2; is_tso++) {
            scene_explore(&scene, is_tso ? POLICY_EXHAUSTIVE_TSO : POLICY_EXHAUSTIVE, between,
                          (void (*[])(struct cpu *, void *)){ sender, receiver }, handle);
            if (scene.saw_old != (is_tso && between == NOTHING))
                fail_msg("with %d between, %s: the handler sees %s", (int)between, is_tso ? "tso" : "sc",
                         scene.saw_old ? "the old value" : "only the new one");
        }
}

/* IRET drains: without it, neither would see the other's store. */
static void a_handlers_store_is_visible_after_it(void **state)
{
    static struct scene scene;

    (void)state;
    EXPLORE_OR_SKIP();
    for (int is_tso = 0; is_tso < 2; is_tso++) {
        scene_explore(&scene, is_tso ? POLICY_EXHAUSTIVE_TSO : POLICY_EXHAUSTIVE, NOTHING,
                      (void (*[])(struct cpu *, void *)){ sends_and_looks, interrupted }, handle_by_store);
        assert_true(scene.saw_old);
        assert_false(scene.neither_saw);
    }
}

static void ipis_merge_or_not(void **state)
{
    static struct scene scene;

    (void)state;
    EXPLORE_OR_SKIP();
    for (int is_tso = 0; is_tso < 2; is_tso++) {
        scene_explore(&scene, is_tso ? POLICY_EXHAUSTIVE_TSO : POLICY_EXHAUSTIVE, NOTHING,
                      (void (*[])(struct cpu *, void *)){ sends_twice, takes_all }, handle_by_count);
        assert_true(scene.saw_one && scene.saw_two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ipi_overtakes_a_store),
        cmocka_unit_test(ipis_merge_or_not),
        cmocka_unit_test(a_handlers_store_is_visible_after_it),
    };

    return cmocka_run_group_tests_name("ipi_order", tests, NULL, NULL);
}
