/* SPDX-License-Identifier: Apache-2.0
 *
 * Explorations of small code objects: which accesses are found as races, what the interleavings that follow from them
 * show, and that the number of processes does not matter.
 */
#define _GNU_SOURCE
#include "death.h"
#include "code/describe.h"
#include "code/race_list.h"
#include "code/source.h"
#include "explore/explore_code.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
enum { VECTOR = 0x40 };

#define COMMON \
    "#include \"irqpath.h\"\n" \
    "long counter, other, done, lock, second; struct item { long value; } *item;\n" \
    "static void end(long want) { if (counter != want) irqpath_bug(\"an update is lost\"); }\n" \
    "__attribute__((noinline)) void add(long n)\n" \
    "{\n" \
    "    counter += n;\n" /* line 6 */ \
    "    __asm__ volatile(\"\");\n" \
    "}\n"
#define TWICE(statements) "void cpu0(void) { " statements " } void cpu1(void) { " statements " }\n"

/* With an interrupt for CPU 0, which CPU 1 sends. */
#define HANDLED(before, after) \
    "void handler(void) { add(10); __atomic_store_n(&done, 1, 5); }\n" \
    "void cpu0(void)\n" \
    "{\n" \
    "    unsigned long on = 0;\n" \
    "    " before " add(1); " after "\n" \
    "    while (!__atomic_load_n(&done, 5)) irqpath_relax();\n" \
    "    " before " end(11); " after " (void)on;\n" \
    "}\n"

static const struct program {
    const char *name, *text;
    enum violation_kind kind;
    const char *violation;
    const char *memory; /* of the only race that is shown; NULL: there is none */
    bool is_interrupt;
} programs[] = {
    { "without a lock", COMMON TWICE("add(1); if (__atomic_add_fetch(&done, 1, 5) == 2) end(2);"),
      VIOLATION_MODELLED_BUG, "an update is lost", "counter", false },
    { "with a lock", COMMON TWICE("irqpath_lock(&lock); add(1); if (++done == 2) end(2); irqpath_unlock(&lock);"),
      VIOLATION_NONE, "", NULL, false },
    { "with two locks",
      COMMON "void cpu0(void) { irqpath_lock(&lock); add(1); irqpath_unlock(&lock);\n"
             "    if (__atomic_add_fetch(&done, 1, 5) == 2) end(2); }\n"
             "void cpu1(void) { irqpath_lock(&second); add(1); irqpath_unlock(&second);\n"
             "    if (__atomic_add_fetch(&done, 1, 5) == 2) end(2); }\n",
      VIOLATION_MODELLED_BUG, "an update is lost", "counter", false },
    { "from more places than are kept",
      COMMON TWICE("add(1); add(1); add(1); add(1); add(1);\n"
                   "    if (__atomic_add_fetch(&done, 1, 5) == 2) end(10);"),
      VIOLATION_MODELLED_BUG, "an update is lost", "counter", false },
    { "reads", COMMON TWICE("if (counter + other) irqpath_bug(\"not 0\");"), VIOLATION_NONE, "", NULL, false },
    { "atomics",
      COMMON TWICE("__atomic_fetch_add(&counter, 1, 5);\n"
                   "    if (__atomic_add_fetch(&done, 1, 5) == 2 && __atomic_load_n(&counter, 5) != 2)"
                   " irqpath_bug(\"lost\");"),
      VIOLATION_NONE, "", NULL, false },
    { "a handler", COMMON HANDLED("", ""), VIOLATION_MODELLED_BUG, "an update is lost", "counter", true },
    { "a handler, interrupts off", COMMON HANDLED("on = irqpath_irq_save();", "irqpath_irq_restore(on);"),
      VIOLATION_NONE, "", NULL, false },
    { "a free",
      COMMON "void cpu0(void) { struct item *mine = irqpath_alloc(8, \"struct item\");\n"
             "    __atomic_store_n(&item, mine, 5); irqpath_free(mine); }\n"
             "void cpu1(void) { struct item *found = __atomic_load_n(&item, 5); if (found) found->value = 1; }\n",
      VIOLATION_USE_AFTER_FREE, "write of item->value, which is freed", NULL, false },
};

/* --- the world --- */

static void handle(struct cpu *cpu, uint32_t vector)
{
    struct code *code = fixture_of(cpu)->data;
    void *found = code_symbol(code, "handler");
    void (*function)(void);

    assert_int_equal(vector, VECTOR);
    memcpy(&function, &found, sizeof(found));
    code_enter(code, cpu);
    function();
    lapic_eoi(cpu);
}

static void send(struct cpu *cpu, void *data)
{
    (void)data;
    ipi_send(cpu, &cpu->machine->cpus[0], VECTOR);
}

static void world_open(struct code_world *world, const struct code_object *object, struct races *races)
{
    code_world_open(world, object, races, 2);
    world->fixture.data = world->code;
    if (code_symbol(world->code, "handler") == NULL)
        return;
    world->fixture.interrupt = handle;
    fixture_program(&world->fixture, 1, send, NULL);
}

struct found {
    struct explore_outcome outcome;
    struct races *races;
    struct race_list *list;
    size_t searches;
};

/* As explore_scenario does, without its random walks. */
static void explore(const struct code_object *object, enum race_mode mode, uint32_t jobs, struct found *found)
{
    static struct code_world world;
    struct explore_limits limits = explore_default_limits;

    limits.jobs = jobs;
    found->races = races_new(STATE_BYTES_MAX / 4, mode);
    for (found->searches = 0; found->searches == 0 || races_have_news(found->races); found->searches++) {
        if (found->searches > 0)
            explore_outcome_free(&found->outcome);
        races_promote(found->races);
        world_open(&world, object, found->races);
        explore_run(&world.fixture, &limits, &found->outcome);
        code_world_close(&world);
    }
    world_open(&world, object, found->races);
    found->list = race_list_new(&world.explored);
    code_world_close(&world);
}

static void found_free(struct found *found)
{
    race_list_free(found->list);
    races_free(found->races);
    explore_outcome_free(&found->outcome);
}

static struct code_object *open_program(struct sample *sample, size_t compiler, const struct program *program)
{
    char message[256] = "", options[256];

    sample_new(sample);
    sample_write(sample, "a.c", program->text);
    snprintf(options, sizeof(options), "-O1 -I%s/sim/code/abi", SOURCE_DIR);
    sample_compile(sample, &sample_compilers[compiler], options, "a.c", "files: a.c\n");
    struct code_object *object = code_object_open(sample->object, message, sizeof(message));
    if (object == NULL)
        fail_msg("%s", message);
    return object;
}

/* --- what comes out --- */

static void outcome_check(const struct program *program, const struct found *found)
{
    const struct explore_outcome *got = &found->outcome;

    if (got->verdict != (program->kind == VIOLATION_NONE ? EXPLORE_CLEAN : EXPLORE_VIOLATION) ||
        got->violation.kind != program->kind || strstr(got->violation.text, program->violation) == NULL)
        fail_msg("%s: verdict %d, %s '%s'", program->name, (int)got->verdict, violation_name(got->violation.kind),
                 got->violation.text);
}

/* The access is one of add(), which cpu0, cpu1 or the handler has called. */
static void side_check(const struct code_object *object, const struct race_side *side)
{
    struct code_place place;
    const uint32_t *pcs = side->site.pcs;

    assert_string_equal(side->place, "a.c:6 add");
    assert_true(code_source_place(describe_source(object), pcs[1] - 1, &place));
    if (strncmp(place.function, "cpu", 3) != 0 && strcmp(place.function, "handler") != 0)
        fail_msg("called by %s", place.function);
    assert_int_equal(pcs[RACE_STACK_MAX - 1], 0);
}

static void races_check(const struct program *program, const struct code_object *object, const struct found *found)
{
    const struct race_list *list = found->list;

    if (list->count != (program->memory != NULL))
        fail_msg("%s: %zu races", program->name, list->count);
    if (program->memory == NULL)
        return;
    const struct race_entry *entry = &list->entries[0];
    assert_string_equal(entry->memory[0], program->memory);
    assert_int_equal(entry->is_interrupt, program->is_interrupt);
    assert_int_equal(races_get(found->races, 0)->is_interrupt, program->is_interrupt);
    for (size_t i = 0; i < 2; i++)
        side_check(object, &entry->sides[i]);
}

/* The counts of one process and of two. */
static void same_check(const struct found *one, const struct found *two)
{
    assert_int_equal(two->outcome.verdict, one->outcome.verdict);
    assert_string_equal(two->outcome.violation.text, one->outcome.violation.text);
    assert_int_equal(two->outcome.states, one->outcome.states);
    assert_int_equal(two->outcome.transitions, one->outcome.transitions);
    assert_int_equal(two->outcome.ends, one->outcome.ends);
    assert_int_equal(two->outcome.depth, one->outcome.depth);
    assert_int_equal(two->outcome.trace_count, one->outcome.trace_count);
    assert_int_equal(two->searches, one->searches);
    assert_int_equal(races_count(two->races), races_count(one->races));
    for (size_t i = 0; i < races_count(one->races); i++)
        assert_memory_equal(races_get(two->races, i), races_get(one->races, i), sizeof(struct race));
}

static void program_check(const struct program *program, const struct code_object *object)
{
    struct found one, two, all;

    explore(object, RACES_FOUND, 1, &one);
    outcome_check(program, &one);
    races_check(program, object, &one);
    explore(object, RACES_FOUND, 2, &two);
    same_check(&one, &two);
    explore(object, RACES_ALL, 1, &all);
    outcome_check(program, &all);
    races_check(program, object, &all);
    if (program->kind == VIOLATION_NONE && all.outcome.states < one.outcome.states)
        fail_msg("%s: %zu states with every access a step, otherwise %zu", program->name, (size_t)all.outcome.states,
                 (size_t)one.outcome.states);
    found_free(&one);
    found_free(&two);
    found_free(&all);
}

static void test_programs(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t compiler = 0; compiler < SAMPLE_COMPILERS; compiler++)
        for (size_t i = 0; sample_has(&sample_compilers[compiler]) && i < COUNT(programs); i++) {
            struct sample sample;
            struct code_object *object = open_program(&sample, compiler, &programs[i]);

            program_check(&programs[i], object);
            code_object_close(object);
            sample_remove(&sample);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
