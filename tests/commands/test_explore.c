/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explore and replay as commands: verdicts, exit codes, JSON, replay files, expectations.
 */
#include <jansson.h>

#include "death.h"
#include "explore/state.h"
#include "program.h"
#include "temporary.h"

#define STEADY SOURCE_DIR "/scenarios/explore-steady.yaml"

static struct program ran;

static void run(const char *arguments) { program_run(&ran, "", arguments); }

static void test_verdicts(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    run("explore " STEADY);
    assert_int_equal(ran.code, 0); /* as its expect: says */
    assert_non_null(strstr(ran.output, "softirq-masked     violation lost-interrupt: "));
    run("explore " STEADY " --set expect=clean");
    assert_int_equal(ran.code, 1);
    run("explore " STEADY " --set expect=clean --design softirq-requeue");
    assert_int_equal(ran.code, 0);
    run("explore " STEADY " --set expect=clean --design softirq-requeue --max-states 10");
    assert_int_equal(ran.code, 1);
    assert_non_null(strstr(ran.output, "incomplete (limit of states)"));
    run("explore " STEADY " --set expect='violation deadlok'");
    assert_int_equal(ran.code, 2);
    assert_non_null(strstr(ran.errors, "clean, violation KIND"));
    run("explore " STEADY " --designs softirq-masked,nonsense");
    assert_int_equal(ran.code, 2);
}

/* Whether --design or --designs names a design, it is held to its own standard, and the output says which. */
static void test_what_is_expected(void **state)
{
    static const struct {
        const char *arguments;
        int code;
        const char *said;
    } rows[] = {
        { "", 0, "\n  expected violation lost-interrupt, found violation lost-interrupt\n" },
        { "--set expect=clean", 1, "\n  expected clean, found violation lost-interrupt\n" },
        { "--design softirq-masked", 0, "\n  expected violation lost-interrupt, found violation lost-interrupt\n" },
        { "--design softirq-requeue", 0,
          "\n  expected no violation (the scenario's `expect` is about softirq-masked), found clean\n" },
        { "--set hypervisor.design=softirq-requeue", 0, "about softirq-masked), found clean\n" },
        { "--designs softirq-requeue", 0, "about softirq-masked), found clean\n" },
        { "--design softirq-gated", 1, "about softirq-masked), found violation " },
        { "--designs softirq-gated", 1, "about softirq-masked), found violation " },
        { "--design softirq-requeue --set expect=violation", 1, "\n  expected violation, found clean\n" },
    };

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char arguments[256];

        (void)snprintf(arguments, sizeof(arguments), "explore " STEADY " %s", rows[i].arguments);
        run(arguments);
        if (ran.code != rows[i].code || !strstr(ran.output, rows[i].said))
            fail_msg("%s: exit %d, %s", rows[i].arguments, ran.code, ran.output);
        if (i < 2) {
            (void)snprintf(arguments, sizeof(arguments), "explore --csv " STEADY " %s", rows[i].arguments);
            run(arguments);
            assert_int_equal(ran.code, rows[i].code);
            assert_true((strstr(ran.errors, "expected clean, found violation") != NULL) == (ran.code == 1));
        }
    }
}

static void test_json(void **state)
{
    json_t *document, *verdicts;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    run("explore " STEADY " --json --designs softirq-masked,softirq-requeue");
    document = json_loads(ran.output, 0, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "scenario")), "explore-steady");
    verdicts = json_object_get(document, "verdicts");
    assert_int_equal(json_array_size(verdicts), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *verdict = json_array_get(verdicts, i);
        assert_string_equal(json_string_value(json_object_get(verdict, "verdict")), i == 0 ? "violation" : "clean");
        assert_true(json_integer_value(json_object_get(verdict, "states")) > 0);
        assert_true(json_integer_value(json_object_get(verdict, "transitions")) > 0);
        assert_true(json_integer_value(json_object_get(verdict, "depth")) > 0);
        assert_true(json_is_real(json_object_get(verdict, "seconds")));
    }
    assert_string_equal(json_string_value(json_object_get(json_array_get(verdicts, 0), "kind")), "lost-interrupt");
    json_decref(document);
}

/* Both spellings, in the line and in the document; the last one given counts. Only an exploration has memory. */
static void test_memory(void **state)
{
    static const struct {
        const char *arguments, *said;
        int code;
    } rows[] = {
        { "--design softirq-requeue --memory tso", "softirq-requeue    clean under tso: ", 0 },
        { "--design softirq-requeue --set run.memory=tso", "softirq-requeue    clean under tso: ", 0 },
        { "--design softirq-requeue --set run.memory=tso --memory sc", "softirq-requeue    clean: ", 0 },
        { "--design softirq-requeue --memory tso --json", "\"memory\": \"tso\"", 0 },
        { "--design softirq-requeue --json", "\"memory\": \"sc\"", 0 },
        { "--memory arm", "", 2 },
        { "--set run.memory=arm", "", 2 },
    };

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char arguments[256];

        (void)snprintf(arguments, sizeof(arguments), "explore " STEADY " %s", rows[i].arguments);
        run(arguments);
        if (ran.code != rows[i].code || !strstr(ran.output, rows[i].said))
            fail_msg("%s: exit %d, %s", rows[i].arguments, ran.code, ran.output);
    }
    run("explain " STEADY " --set run.memory=tso");
    assert_non_null(strstr(ran.output, "memory: tso"));
}

/* A replay file has the memory model in its scenario: the trace is one of stores that become visible later. */
static void test_replay_of_tso(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    char arguments[256];
    snprintf(arguments, sizeof arguments, "explore " STEADY " --memory tso -o %s", temporary_path("tso.json"));
    run(arguments);
    assert_int_equal(ran.code, 0);
    snprintf(arguments, sizeof arguments, "replay %s", temporary_path("tso.json"));
    run(arguments);
    assert_int_equal(ran.code, 0);
    assert_non_null(strstr(ran.output, "store buffer of cpu"));
}

#define REBIND SOURCE_DIR "/scenarios/explore-rebind.yaml"
#define SMALL " --set devices.nic.interrupts=1 --set expect=clean "

static void test_several_scenarios(void **state)
{
    json_t *documents;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    run("explore " STEADY " " REBIND SMALL "--designs all");
    assert_int_equal(ran.code, 0);
    assert_non_null(strstr(ran.output, "explore-steady\ndomain-tasklet     clean: "));
    assert_non_null(strstr(ran.output, "\nexplore-rebind\ndomain-tasklet     clean: "));
    const char *table = strstr(ran.output, "\n\ndesign ");
    assert_non_null(table);
    assert_non_null(strstr(table, "softirq-hotplug"));
    run("explore " STEADY " " REBIND SMALL "--designs softirq-requeue,pirq-tasklet --markdown");
    assert_non_null(strstr(ran.output, "| design | steady | rebind |\n"));
    assert_non_null(strstr(ran.output, "| pirq-tasklet | clean ("));
    run("explore " STEADY " " REBIND SMALL "--designs softirq-requeue,pirq-tasklet --csv");
    assert_non_null(strstr(ran.output, "scenario,design,verdict,kind,states,transitions,depth,seconds,text,bound\n"
                                       "\"explore-steady\",softirq-requeue,clean,,"));
    run("explore " STEADY " " REBIND SMALL "--json");
    documents = json_loads(ran.output, 0, NULL);
    assert_int_equal(json_array_size(documents), 2);
    json_decref(documents);
    /* What is found stands before what goes wrong afterwards. */
    run("explore " STEADY " /nowhere.yaml 2>&1");
    const char *found = strstr(ran.output, "expected violation lost"), *error = strstr(ran.output, "/nowhere.yaml: ");
    assert_true(found != NULL && error != NULL && found < error);
    /* What is expected is expected of the scenario's own design. */
    run("explore " STEADY " --designs softirq-masked,softirq-requeue");
    assert_int_equal(ran.code, 0);
    run("explore " STEADY " --designs softirq-masked,softirq-gated");
    assert_int_equal(ran.code, 1);
    run("explore " STEADY " /nowhere.yaml");
    assert_int_equal(ran.code, 4);
    assert_non_null(strstr(ran.output, "lost-interrupt"));
}

static void test_replay(void **state)
{
    char directory[] = "/tmp/irqpath-explore-XXXXXX", arguments[256];

    (void)state;
    if (!explore_state_is_supported())
        skip();
    assert_non_null(mkdtemp(directory));
    (void)snprintf(arguments, sizeof(arguments), "explore " STEADY " -o %s/trace", directory);
    run(arguments);
    assert_int_equal(ran.code, 0);
    assert_non_null(strstr(ran.output, "irqpath replay /tmp/irqpath-explore-"));
    (void)snprintf(arguments, sizeof(arguments), "replay %s/trace", directory);
    run(arguments);
    assert_int_equal(ran.code, 0);
    assert_non_null(strstr(ran.output, "c11 store masked: 1 -> 0"));
    assert_non_null(strstr(ran.output, "\nlost-interrupt: "));
    (void)snprintf(arguments, sizeof(arguments), "replay %s/trace --brief", directory);
    run(arguments);
    assert_non_null(strstr(ran.output, "  cpu0  interrupt 30; "));
    (void)snprintf(arguments, sizeof(arguments), "replay %s/trace --json", directory);
    run(arguments);
    assert_non_null(strstr(ran.output, "\"kind\": \"lost-interrupt\""));
    (void)snprintf(arguments, sizeof(arguments), "replay %s/trace --svg %s/drawing", directory, directory);
    run(arguments);
    assert_int_equal(ran.code, 0);
    assert_string_equal(ran.output, "");
    (void)snprintf(arguments, sizeof(arguments), "replay %s/trace --svg /nowhere/drawing", directory);
    run(arguments);
    assert_int_equal(ran.code, 4);
    (void)snprintf(arguments, sizeof(arguments), "sed -i s/softirq-masked/softirq-states/ %s/trace", directory);
    assert_int_equal(system(arguments), 0);
    (void)snprintf(arguments, sizeof(arguments), "replay %s/trace", directory);
    run(arguments);
    assert_int_equal(ran.code, 2);
    assert_string_equal(ran.output, "");
    assert_non_null(strstr(ran.errors, "this version of softirq-states"));
    (void)snprintf(arguments, sizeof(arguments), "%s/drawing", directory);
    assert_int_equal(unlink(arguments), 0);
    (void)snprintf(arguments, sizeof(arguments), "%s/trace", directory);
    assert_int_equal(unlink(arguments), 0);
    assert_int_equal(rmdir(directory), 0);
    run("replay /nowhere/file");
    assert_int_equal(ran.code, 4);
    run("replay " STEADY);
    assert_int_equal(ran.code, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),      cmocka_unit_test(test_what_is_expected),
        cmocka_unit_test(test_json),          cmocka_unit_test(test_memory),
        cmocka_unit_test(test_replay_of_tso), cmocka_unit_test(test_several_scenarios),
        cmocka_unit_test(test_replay),
    };

    return cmocka_run_group_tests_name("command_explore", tests, NULL, NULL);
}
