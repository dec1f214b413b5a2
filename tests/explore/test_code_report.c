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

/* Up to three files are named; of more their sums are told. */
static void test_text(void **state)
{
    static struct coverage_file files[] = {
        { .name = "xen/arch/x86/irq.c", .line_count = 10, .lines_reached = 4, .blocks = 30, .blocks_reached = 12 },
        { .name = "a.c", .line_count = 5, .lines_reached = 5, .blocks = 7, .blocks_reached = 6 },
        { .name = "xen/b.c", .line_count = 100, .lines_reached = 0, .blocks = 200, .blocks_reached = 0 },
        { .name = "c.c", .line_count = 1, .lines_reached = 1, .blocks = 1, .blocks_reached = 1 },
    };
    static const struct {
        size_t files, races; /* SIZE_MAX: not explored */
        const char *text;
    } rows[] = {
        { 0, SIZE_MAX, "" },
        { 0, 0, "  no memory is accessed without a common lock, but by atomics\n" },
        { 1, 1,
          "  reached: irq.c 4 of 10 lines, 12 of 30 blocks\n"
          "  1 pair of lines accesses memory without a common lock: --races prints them\n" },
        { 2, 2,
          "  reached: irq.c 4 of 10 lines, 12 of 30 blocks; a.c 5 of 5 lines, 6 of 7 blocks\n"
          "  2 pairs of lines access memory without a common lock: --races prints them\n" },
        { 3, SIZE_MAX,
          "  reached: irq.c 4 of 10 lines, 12 of 30 blocks; a.c 5 of 5 lines, 6 of 7 blocks; "
          "b.c 0 of 100 lines, 0 of 200 blocks\n" },
        { 4, SIZE_MAX, "  reached: 10 of 116 lines, 19 of 238 blocks of 4 files: --coverage lists them\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct coverage coverage = { files, rows[i].files };
        struct race_list races = { .count = rows[i].races };
        struct code_report report = { .coverage = &coverage, .races = rows[i].races != SIZE_MAX ? &races : NULL };
        char *printed = text_of(&report, false);
        assert_string_equal(printed, rows[i].text);
        free(printed);
    }
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

static void assert_json(json_t *document, const char *key, const char *expected)
{
    char *dumped = json_dumps(json_object_get(document, key), JSON_SORT_KEYS | JSON_ENCODE_ANY);

    for (char *at = dumped; *at != '\0'; at++) /* so that it can be read in C */
        *at = *at == '"' ? '\'' : *at;
    assert_string_equal(dumped, expected);
    free(dumped);
}

/* Every field, of numbers that are given. */
static void test_json_fields(void **state)
{
    static struct coverage_line lines[] = { { .line = 3, .is_reached = true }, { .line = 4 }, { .line = 9 } };
    static struct coverage_function functions[] = { { "f", 2, 5, 4, true }, { "g", 8, 3, 0, false } };
    static struct coverage_file files[] = {
        { "x/a.c", lines, 3, 1, .functions = functions, .function_count = 2, .blocks = 8, .blocks_reached = 4 },
        { "b.c", NULL, 0, 0, .blocks = 0, .blocks_reached = 0 },
    };
    static struct race_entry entries[] = {
        { .memory = { "a", "b" },
          .memory_count = 2,
          .memory_left_out = 7,
          .is_interrupt = true,
          .sides = { { .site = { .pcs = { 64, 128 }, .cpus = 1u << 31 | 2, .access = CODE_WRITE, .in_interrupt = true },
                       .place = "a.c:3 f",
                       .locks = { "l", "m" },
                       .lock_count = 2 },
                     { .site = { .pcs = { 256 }, .cpus = 1, .access = CODE_READ, .is_irq_on = true },
                       .place = "a.c:9 g" } } },
        { .memory = { "c" }, .memory_count = 1, .sides = { { .place = "x" }, { .place = "y" } } },
    };
    static uint32_t changed[] = { 3, 4, 5 };
    static struct patch_file changed_file = { "x/a.c", changed, 3 };
    static const struct patch patch = { &changed_file, 1 };
    struct race_list races = { entries, 2, 5, 6, NULL };
    struct coverage coverage = { files, 2 };
    struct code_object object = { .path = "p.o", .hash = "ab", .info = { { "compiler", "cc 1" }, { "commit", "v2" } } };
    struct code_report report = { &object, &races, &coverage, &patch, &coverage };
    json_t *document = json_object();

    (void)state;
    object.info_count = 2;
    code_report_to_json(&report, document);
    assert_json(document, "races",
                "[{'between': 'handler', 'memory': ['a', 'b'], 'memory_left_out': 7, 'sides': [{'access': 'write', "
                "'cpus': [1, 31], 'handler': true, 'interrupts': 'off', 'locks': ['l', 'm'], 'place': 'a.c:3 f', "
                "'stack': [{'offset': 64}, {'offset': 128}]}, {'access': 'read', 'cpus': [0], 'handler': false, "
                "'interrupts': 'on', 'locks': [], 'place': 'a.c:9 g', 'stack': [{'offset': 256}]}]}, {'between': "
                "'cpus', 'memory': ['c'], 'memory_left_out': 0, 'sides': [{'access': 'read', 'cpus': [], 'handler': "
                "false, 'interrupts': 'off', 'locks': [], 'place': 'x', 'stack': []}, {'access': 'read', 'cpus': [], "
                "'handler': false, 'interrupts': 'off', 'locks': [], 'place': 'y', 'stack': []}]}]");
    assert_json(document, "object", "{'commit': 'v2', 'compiler': 'cc 1', 'hash': 'ab', 'path': 'p.o'}");
    assert_json(document, "races_freed", "5");
    assert_json(document, "races_unpaired", "6");
    assert_json(
        document, "coverage",
        "[{'blocks': 8, 'blocks_reached': 4, 'file': 'x/a.c', 'functions': [{'blocks': 5, 'blocks_reached': 4, 'line': "
        "2, 'name': 'f', 'reached': true}, {'blocks': 3, 'blocks_reached': 0, 'line': 8, 'name': 'g', 'reached': "
        "false}], 'lines': 3, 'lines_reached': 1, 'lines_unreached': [4, 9]}, {'blocks': 0, 'blocks_reached': 0, "
        "'file': 'b.c', 'functions': [], 'lines': 0, 'lines_reached': 0, 'lines_unreached': []}]");
    assert_json(document, "patch", "{'lines': 3, 'reached': 1, 'unknown': 0, 'with_code': 2}");
    json_decref(document);
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
        cmocka_unit_test(test_all_accesses), cmocka_unit_test(test_notes),    cmocka_unit_test(test_text),
        cmocka_unit_test(test_json_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
