/* SPDX-License-Identifier: Apache-2.0
 *
 * Loops of code objects that wait for what never comes: the verdict names the place in the source and the memory.
 */
#include "death.h"
#include "explore/explore_code.h"

struct loop {
    const char *text;
    const char *said;
    bool is_stuck; /* in a single step */
};

#define HEAD \
    "void irqpath_relax(void); void irqpath_lock(void *); void irqpath_unlock(void *);\n" \
    "struct dpci { int state, other; } dpci; int lock, seen;\n"

static const struct loop loops[] = {
    { HEAD "void cpu0(void)\n"
           "{\n"
           "    while (*(volatile int *)&dpci.other == 0)\n" /* line 5 */
           "        ;\n"
           "}\n"
           "void cpu1(void) { dpci.state = 1; }\n",
      "cpu0 polls (a.c:5 read dpci.other = 0)", false },
    { HEAD "void cpu0(void)\n"
           "{\n"
           "    irqpath_lock(&lock);\n"
           "    while (__atomic_load_n(&dpci.other, 5) == 0)\n" /* line 6 */
           "        irqpath_relax();\n"
           "}\n"
           "void cpu1(void) { dpci.state = 1; }\n",
      "cpu0 polls (a.c:6 read dpci.other = 0) holding code_lock", false },
    { HEAD "void cpu0(void)\n"
           "{\n"
           "    while (dpci.other == 0)\n" /* line 5 */
           "        irqpath_relax();\n"
           "}\n"
           "void cpu1(void) { if (seen) dpci.other = 1; }\n",
      "cpu0 polls (a.c:6 pause)", false },
    { HEAD "void cpu0(void)\n"
           "{\n"
           "    while (dpci.other == 0 && seen == 0)\n" /* line 5 */
           "        __asm__ volatile(\"\" ::: \"memory\");\n"
           "}\n"
           "void cpu1(void) { dpci.state = 1; }\n",
      "a.c:6: an endless loop, in which nothing is read that another pCPU changes", true },
};

/* As explore_scenario does, at the end of the trace. */
static void describe(const struct code_object *object, struct races *races, struct explore_outcome *outcome)
{
    struct code_world world;

    code_world_open(&world, object, races, 2);
    machine_start(&world.fixture.machine);
    check_context_set(&world.fixture.engine.context);
    for (size_t i = 0; i < outcome->trace_count; i++)
        engine_step(&world.fixture.engine, outcome->trace[i]);
    property_endless_wait_describe(&world.fixture.machine, outcome->violation.text, sizeof(outcome->violation.text));
    check_context_set(NULL);
    code_world_close(&world);
}

static void test_loops(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    if (!sample_has(&sample_compilers[0]))
        skip();
    for (size_t i = 0; i < sizeof(loops) / sizeof(*loops); i++) {
        struct sample sample;
        const struct code_object *object = code_world_compile(&sample, loops[i].text);
        struct races *races = races_new(STATE_BYTES_MAX, RACES_FOUND);
        struct explore_outcome outcome;

        code_world_explore(object, races, 2, &outcome);
        assert_int_equal(outcome.violation.kind, VIOLATION_ENDLESS_WAIT);
        if (!loops[i].is_stuck)
            describe(object, races, &outcome);
        if (!strstr(outcome.violation.text, loops[i].said))
            fail_msg("%zu: %s", i, outcome.violation.text);
        explore_outcome_free(&outcome);
        races_free(races);
        code_object_close((struct code_object *)(uintptr_t)object);
        sample_remove(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
