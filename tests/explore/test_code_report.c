/* SPDX-License-Identifier: Apache-2.0
 *
 * Races and coverage of small programs, as data, text and JSON.
 */
#define _GNU_SOURCE
#include "explore/code_report.h"

#include "death.h"
#include "explore/explore_code.h"

static const char *const text = "void irqpath_lock(void *); void irqpath_unlock(void *);\n"
                                "struct pair { int a; long list[2]; } pair;\n"
                                "int lock, guarded, counter, never;\n"
                                "static void count(void)\n"
                                "{\n"
                                "    __atomic_fetch_add(&counter, 1, 5);\n" /* line 6 */
                                "}\n"
                                "void cpu0(void)\n"
                                "{\n"
                                "    pair.a = 1;\n" /* line 10 */
                                "    pair.list[1] = 2;\n"
                                "    irqpath_lock(&lock);\n"
                                "    guarded++;\n"
                                "    irqpath_unlock(&lock);\n"
                                "    count();\n"
                                "}\n"
                                "void cpu1(void)\n"
                                "{\n"
                                "    irqpath_lock(&lock);\n"
                                "    guarded++;\n"
                                "    pair.list[1]++;\n" /* line 21 */
                                "    irqpath_unlock(&lock);\n"
                                "    count();\n"
                                "    if (pair.a == 9)\n" /* line 24 */
                                "        never++;\n"     /* line 25 */
                                "}\n";

struct explored_code {
    struct sample sample;
    const struct code_object *object;
    struct races *races;
    struct explore_outcome outcome;
};

static void explore(struct explored_code *all, enum race_mode mode)
{
    all->object = code_world_compile(&all->sample, text);
    all->races = races_new(STATE_BYTES_MAX, mode);
    code_world_explore(all->object, all->races, 2, &all->outcome);
    assert_int_equal(all->outcome.verdict, EXPLORE_CLEAN);
}

static struct race_list *list_of(const struct explored_code *all)
{
    struct code_world world;

    code_world_open(&world, all->object, all->races, 2);
    struct race_list *list = race_list_new(&world.explored);
    code_world_close(&world);
    return list;
}

static void finish(struct explored_code *all)
{
    explore_outcome_free(&all->outcome);
    races_free(all->races);
    code_object_close((struct code_object *)all->object);
    sample_remove(&all->sample);
}

static char *text_of(const struct code_report *report, bool is_full)
{
    char *printed;
    size_t bytes;
    FILE *stream = open_memstream(&printed, &bytes);

    code_report_print(report, &(struct code_report_parts){ is_full, is_full }, stream);
    fclose(stream);
    return printed;
}

/* One entry for both halves of 8 bytes; none for what a lock protects or what is atomic everywhere. */
static void test_races(void **state)
{
    struct explored_code all;

    (void)state;
    EXPLORE_OR_SKIP();
    if (!sample_has(&sample_compilers[0]))
        skip();
    explore(&all, RACES_FOUND);
    struct code_report *report = code_report_new(all.object, list_of(&all), NULL);
    const struct race_list *list = report->races;
    assert_int_equal(list->count, 2);
    const struct race_entry *first = &list->entries[0], *second = &list->entries[1];
    if (strcmp(first->memory[0], "pair.a") != 0)
        first = &list->entries[1], second = &list->entries[0];
    assert_string_equal(first->memory[0], "pair.a");
    assert_string_equal(first->sides[0].place, "a.c:10 cpu0");
    assert_string_equal(race_side_access(&first->sides[0]), "write");
    assert_string_equal(first->sides[1].place, "a.c:24 cpu1");
    assert_string_equal(race_side_access(&first->sides[1]), "read");
    assert_string_equal(second->memory[0], "pair.list[1]");
    assert_int_equal(second->memory_count, 1);
    assert_int_equal(second->sides[0].lock_count, 0);
    assert_int_equal(second->sides[1].lock_count, 1);
    assert_false(second->is_interrupt);
    assert_int_equal(list->unpaired, 1); /* the counter */
    char *printed = text_of(report, true);
    assert_non_null(strstr(printed, "race 1 of 2, between CPUs: pair.a\n"
                                    "  write by a.c:10 cpu0 on cpu0, interrupts on, no lock held\n"
                                    "    a.c:10 cpu0\n"
                                    "  read by a.c:24 cpu1 on cpu1, interrupts on, no lock held\n"));
    assert_non_null(strstr(printed, "on cpu1, interrupts on, holding code_lock 0\n"));
    free(printed);
    code_report_free(report);
    finish(&all);
}

static void test_coverage(void **state)
{
    static const struct {
        uint32_t line;
        bool is_missed;
        const char *said;
    } rows[] = {
        { 24, false, "\n  changed lines reached: 1 of 1\n" },
        { 25, true, "\n  changed lines reached: 0 of 1; not reached: a.c:25: nothing of the patch has run\n" },
        { 1, true, "\n  changed lines: 1, none of which has code in the object\n" },
    };
    struct explored_code all;

    (void)state;
    EXPLORE_OR_SKIP();
    if (!sample_has(&sample_compilers[0]))
        skip();
    explore(&all, RACES_FOUND);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint32_t line = rows[i].line;
        struct patch_file file = { "a.c", &line, 1 };
        struct patch patch = { &file, 1 };
        struct code_report *report = code_report_new(all.object, list_of(&all), &patch);
        assert_true(code_report_misses_patch(report) == rows[i].is_missed);
        char *printed = text_of(report, false);
        if (!strstr(printed, "  reached: a.c ") || !strstr(printed, " blocks\n") || !strstr(printed, rows[i].said) ||
            !strstr(printed, "\n  2 pairs of lines access memory without a common lock: --races prints them\n"))
            fail_msg("%s", printed);
        free(printed);
        code_report_free(report);
    }
    finish(&all);
}

static void test_json(void **state)
{
    struct explored_code all;
    json_t *document, *side;

    (void)state;
    EXPLORE_OR_SKIP();
    if (!sample_has(&sample_compilers[0]))
        skip();
    explore(&all, RACES_FOUND);
    struct code_report *report = code_report_new(all.object, list_of(&all), NULL);
    document = json_object();
    code_report_to_json(report, document);
    assert_string_equal(json_string_value(json_object_get(json_object_get(document, "object"), "hash")),
                        all.object->hash);
    assert_int_equal(json_array_size(json_object_get(document, "races")), 2);
    side = json_array_get(json_object_get(json_array_get(json_object_get(document, "races"), 0), "sides"), 0);
    assert_non_null(json_string_value(json_object_get(side, "place")));
    assert_int_equal(json_array_size(json_object_get(side, "stack")), 1);
    assert_int_equal(
        json_array_size(json_object_get(json_array_get(json_object_get(document, "coverage"), 0), "functions")), 3);
    json_decref(document);
    code_report_free(report);
    finish(&all);
}

/* With every access as a step no interleaving is missed: the same end states, through more states. */
static void test_all_accesses(void **state)
{
    struct explored_code found, all;

    (void)state;
    EXPLORE_OR_SKIP();
    if (!sample_has(&sample_compilers[0]))
        skip();
    explore(&found, RACES_FOUND);
    explore(&all, RACES_ALL);
    assert_true(all.outcome.states > found.outcome.states);
    assert_int_equal(all.outcome.ends, found.outcome.ends);
    finish(&found);
    finish(&all);
}

/* --- notes --- */

static char notes[4][160];
static size_t note_count;

static void note(void *context, const struct cpu *cpu, const char *noted)
{
    (void)context;
    (void)cpu;
    if (note_count < 4)
        (void)snprintf(notes[note_count++], sizeof(notes[0]), "%s", noted);
}

static void test_notes(void **state)
{
    static const char *const program = "int counter, flag; int *pointer;\n"
                                       "static inline int bump(int by)\n"
                                       "{\n"
                                       "    return __atomic_fetch_add(&counter, by, 5);\n" /* line 4 */
                                       "}\n"
                                       "void cpu0(void)\n"
                                       "{\n"
                                       "    bump(1);\n"
                                       "    __atomic_exchange_n(&pointer, &flag, 5);\n" /* line 9 */
                                       "    if (__atomic_load_n(&counter, 5) == 1)\n"
                                       "        __atomic_store_n(&flag, 1, 5);\n" /* line 11 */
                                       "}\n";
    static const char *const expected[] = { "a.c:4 rmw counter: 0 -> 1", "a.c:9 rmw pointer: 0 -> &flag",
                                            "a.c:10 read counter = 1", "a.c:11 write flag" };
    struct sample sample;
    struct code_world world;

    (void)state;
    EXPLORE_OR_SKIP();
    if (!sample_has(&sample_compilers[0]))
        skip();
    const struct code_object *object = code_world_compile(&sample, program);
    struct races *races = races_new(STATE_BYTES_MAX, RACES_FOUND);
    code_world_open(&world, object, races, 1);
    machine_start(&world.fixture.machine);
    world.explored.note = note;
    check_context_set(&world.fixture.engine.context);
    uint32_t slot = world.fixture.machine.cpus[0].actor.slot;
    while (engine_is_pending(&world.fixture.engine, slot))
        engine_step(&world.fixture.engine, slot);
    check_context_set(NULL);
    assert_int_equal(note_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(notes[i], expected[i]);
    code_world_close(&world);
    races_free(races);
    code_object_close((struct code_object *)object);
    sample_remove(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_races),        cmocka_unit_test(test_coverage), cmocka_unit_test(test_json),
        cmocka_unit_test(test_all_accesses), cmocka_unit_test(test_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
