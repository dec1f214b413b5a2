/* SPDX-License-Identifier: Apache-2.0
 *
 * replay --gdb, and what replay makes of --code.
 */
#include "death.h"
#include "code/code_sample.h"
#include "explore/state.h"
#include "program.h"

static struct program ran;
static struct sample sample;
static char replay[64];

static void run(const char *environment, const char *arguments)
{
    char line[512];

    snprintf(line, sizeof(line), "replay %s %s", replay, arguments);
    program_run(&ran, environment, line);
}

static int open_replay(void **state)
{
    char line[256];

    (void)state;
    sample_new(&sample);
    snprintf(replay, sizeof(replay), "%s/x.replay", sample.directory);
    snprintf(line, sizeof(line), "explore " SOURCE_DIR "/scenarios/explore-steady.yaml -o %s", replay);
    program_run(&ran, "", line);
    return 0;
}

static int close_replay(void **state)
{
    (void)state;
    sample_remove(&sample);
    return 0;
}

static void test_options(void **state)
{
    static const struct {
        const char *environment, *arguments, *said;
    } rows[] = {
        { "PATH=/nowhere ", "--gdb", "gdb cannot be started: No such file or directory (on Debian" },
        { "", "--gdb --step 10000", "--step 10000: the interleaving has " },
        { "", "--gdb --step 0", "--step" },
        { "", "--step 3", "--step needs --gdb" },
        { "", "--code /nowhere/x.so", "/nowhere/x.so: No such file or directory" },
    };

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        run(rows[i].environment, rows[i].arguments);
        assert_int_equal(ran.code, 2);
        assert_non_null(strstr(ran.errors, rows[i].said));
    }
}

static void test_gdb(void **state)
{
    (void)state;
    if (!explore_state_is_supported() || system("command -v gdb >/dev/null") != 0)
        skip();
    run("HOME=/nowhere ", "--gdb --step 3 </dev/null");
    if (strstr(ran.output, "emporary breakpoint 1, ") == NULL) /* where a process must not be traced */
        skip();
    assert_non_null(strstr(ran.output, "debugger_step (step=3)"));
}

/* An interleaving of a code object needs that object. */
static void test_code(void **state)
{
    char arguments[128], message[128];
    char line[256];

    (void)state;
    if (!explore_state_is_supported() || !sample_has(&sample_compilers[0]))
        skip();
    sample_write(&sample, "a.c", "int total;\n");
    sample_compile(&sample, &sample_compilers[0], "-O1", "a.c", "files: a.c\n");
    snprintf(arguments, sizeof(arguments), "--code %s", sample.object);
    run("", arguments);
    assert_int_equal(ran.code, 2);
    assert_non_null(strstr(ran.errors, "the interleaving is one of no code object"));
    snprintf(line, sizeof(line),
             "sed -i 's/\"design\"/\"code\": {\"path\": \"gone.so\", \"hash\": \"12ab\", \"accesses\": [64]}, &/' %s",
             replay);
    assert_int_equal(system(line), 0);
    run("", arguments);
    assert_int_equal(ran.code, 2);
    snprintf(message, sizeof(message), "is one of the code object 12ab; %s is ", sample.object);
    assert_non_null(strstr(ran.errors, message));
    run("", "");
    assert_int_equal(ran.code, 2);
    assert_non_null(strstr(ran.errors, "gone.so: No such file"));
    assert_non_null(strstr(ran.errors, "the code object 12ab, which was gone.so: --code names it elsewhere"));
    snprintf(line, sizeof(line), "sed -i 's/\\[64\\]/[-4]/' %s", replay);
    assert_int_equal(system(line), 0);
    run("", "");
    assert_int_equal(ran.code, 4);
    assert_non_null(strstr(ran.errors, "not a replay file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_gdb),
        cmocka_unit_test(test_code),
    };

    return cmocka_run_group_tests(tests, open_replay, close_replay);
}
