/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explore --checkpoint and --resume: a search in two parts prints what one prints; what is refused, and how.
 */
#include <jansson.h>

#include "death.h"
#include "explore/state.h"
#include "program.h"
#include "temporary.h"

#define SCENARIOS SOURCE_DIR "/scenarios"
#define CLOSE SCENARIOS "/explore-close.yaml --set actions.free.at=4ms" /* endless-wait */
#define PART CLOSE " --max-states 9000 --checkpoint kept"

struct room {
    char root[48];
    struct program program;
};

static int set_up(void **state)
{
    struct room *room = calloc(1, sizeof(*room));

    assert_non_null(room);
    strcpy(room->root, "/tmp/irqpath-checkpoints-XXXXXX");
    temporary_directory(room->root);
    *state = room;
    return 0;
}

static int tear_down(void **state)
{
    struct room *room = *state;

    temporary_directory_remove(room->root);
    free(room);
    return 0;
}

static void run(struct room *room, int code, const char *arguments)
{
    char before[80];

    (void)snprintf(before, sizeof(before), "cd %s &&", room->root);
    program_run(&room->program, before, arguments);
    if (room->program.code != code)
        fail_msg("irqpath %s: exit code %d\n%s", arguments, room->program.code, room->program.errors);
}

/* The printed document without what depends on time and on the memory that steps were remembered in. */
static json_t *document_of(const struct room *room)
{
    static const char *const changing[] = { "seconds", "states_per_second", "peak_bytes" };
    json_t *document = json_loads(room->program.output, 0, NULL), *verdict;
    size_t i;

    assert_non_null(document);
    json_array_foreach(json_object_get(document, "verdicts"), i, verdict) for (size_t j = 0; j < 3; j++)(void)
        json_object_del(verdict, changing[j]);
    return document;
}

static void test_two_parts(void **state)
{
    struct room *room = *state;
    json_t *whole, *parts;

    if (!explore_state_is_supported())
        skip();
    run(room, 1, "explore " CLOSE " --json -o whole.json");
    whole = document_of(room);
    run(room, 1, "explore " PART " -j 2");
    assert_non_null(strstr(room->program.output, "limit of states"));
    assert_non_null(strstr(room->program.errors, "kept has a checkpoint of "));
    assert_non_null(strstr(room->program.errors, "set actions.free.at=4ms --max-states 9000 --checkpoint kept -j 2 "
                                                 "--resume kept\n"));
    /* The same limit ends it again, and the checkpoint is replaced. */
    run(room, 1, "explore " PART " --resume kept");
    assert_non_null(strstr(room->program.errors, "--checkpoint kept --resume kept\n"));
    run(room, 1, "explore " CLOSE " --resume=kept --checkpoint kept --json -o parts.json");
    assert_null(strstr(room->program.errors, "--resume"));
    parts = document_of(room);
    json_t *verdict = json_array_get(json_object_get(parts, "verdicts"), 0);
    assert_string_equal(json_string_value(json_object_get(verdict, "kind")), "endless-wait");
    (void)json_object_set(
        verdict, "replay",
        json_object_get(json_array_get(json_object_get(whole, "verdicts"), 0), "replay")); /* a path */
    if (!json_equal(whole, parts))
        fail_msg("%s", room->program.output);
    json_decref(whole);
    json_decref(parts);
    char command[128];
    (void)snprintf(command, sizeof(command), "cd %s && cmp whole.json parts.json", room->root);
    assert_int_equal(system(command), 0);
}

/* Killed at some moment after its first checkpoint, or when it has ended. */
static void test_killed(void **state)
{
    struct room *room = *state;
    char command[512];
    json_t *whole, *parts;

    if (!explore_state_is_supported())
        skip();
    run(room, 1, "explore " CLOSE " --json");
    whole = document_of(room);
    (void)snprintf(command, sizeof(command),
                   "cd %s && { " IRQPATH " explore " CLOSE " -j 2 --checkpoint killed --checkpoint-every 0 "
                   ">/dev/null 2>&1 & } && while ! [ -s killed ]; do :; done && kill -9 $!",
                   room->root);
    (void)!system(command);
    run(room, 1, "explore " CLOSE " --resume killed --json");
    parts = document_of(room);
    if (!json_equal(whole, parts))
        fail_msg("%s", room->program.output);
    json_decref(whole);
    json_decref(parts);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *arguments;
        int code;
        const char *message;
    } rows[] = {
        { CLOSE " --design domain-tasklet --resume kept", 2, "of the design pirq-tasklet, not of domain-tasklet" },
        { SCENARIOS "/explore-close.yaml --resume kept", 2, "of another scenario" },
        { CLOSE " --memory tso --resume kept", 2, "of another scenario" },
        { CLOSE " --designs pirq-tasklet,domain-tasklet --resume kept", 2, "--resume needs a single design" },
        { CLOSE " --designs all --checkpoint new", 2, "--checkpoint needs a single design" },
        { CLOSE " " SCENARIOS "/explore-steady.yaml --checkpoint new", 2, "--checkpoint needs a single scenario" },
        { CLOSE " --random 10 --checkpoint new", 2, "cannot be used with --random" },
        { CLOSE " --random 1 --checkpoint new", 2, "cannot be used with --random" },
        { CLOSE " --preemptions 1 --resume kept", 2, "cannot be used with --preemptions" },
        { CLOSE " --resume damaged", 4, "damaged: damaged checkpoint: byte 54: the file is cut off" },
        { CLOSE " --resume " SCENARIOS "/explore-close.yaml", 4, "not a checkpoint" },
        { CLOSE " --resume missing", 4, "missing: No such file" },
        { CLOSE " --checkpoint missing/new", 4, "missing/new: cannot be created" },
    };
    struct room *room = *state;
    char command[128];

    if (!explore_state_is_supported())
        skip();
    run(room, 1, "explore " CLOSE " --max-depth 9 --checkpoint kept");
    (void)snprintf(command, sizeof(command), "cd %s && head -c 70 kept >damaged", room->root);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char arguments[512];

        (void)snprintf(arguments, sizeof(arguments), "explore %s", rows[i].arguments);
        run(room, rows[i].code, arguments);
        if (strstr(room->program.errors, rows[i].message) == NULL)
            fail_msg("row %zu: %s", i, room->program.errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("commands_checkpoints", tests, NULL, NULL);
}
