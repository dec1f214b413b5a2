/* SPDX-License-Identifier: Apache-2.0
 *
 * What a user gets who hands the real program the wrong kind of file, or a number that is out of all proportion: a
 * message that names the file and says what it is instead, the exit code of its kind, never a CHECK. And what he keeps
 * when he interrupts an exploration.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explore/state.h"
#include "program.h"

#define ONE_MSI SOURCE_DIR "/scenarios/one-msi.yaml"
#define STEADY SOURCE_DIR "/scenarios/explore-steady.yaml"

static const struct {
    const char *arguments;
    int code;
    const char *errors; /* contained in what it says */
} rows[] = {
    { "run directory", 4, "directory: error: cannot read: it is a directory" },
    { "run ./directory", 4, "directory: error: cannot read: it is a directory" },
    { "show directory", 4, "directory: this is not the directory of a sweep: it has no sweep.json" },
    { "plot directory -o figures", 4, "directory: this is not the directory of a sweep" },
    { "compare run.cbor directory", 4, "directory: this is not the directory of a sweep" },
    { "show run.json", 4, "run.json: this is JSON; results are read from the CBOR file that -o writes" },
    { "plot run.json -o figures", 4, "run.json: this is JSON" },
    { "compare run.cbor run.json", 4, "run.json: this is JSON" },
    { "show empty", 4, "empty: byte 0: the file ends where a map should be" },
    { "replay directory", 4, "replay: error: directory: is a directory\n" },
    { "replay nowhere", 4, "replay: error: nowhere: No such file or directory\n" },
    { "replay run.cbor", 4, "run.cbor: not a replay file (as written by `explore -o`): line 1: " },
    { "replay empty", 4, "empty: not a replay file" },
    { "replay run.json", 4, "run.json: not a replay file" },
    { "trace import directory -o recorded.yaml", 2, "directory: is a directory" },
    { "trace import run.cbor -o recorded.yaml", 2, "not an xentrace file" },
    { "run " ONE_MSI " -o ''", 2, "--output: empty value: expected FILE" },
    { "sweep " ONE_MSI " -o ''", 2, "--output: empty value: expected FILE" },
    { "run " ONE_MSI " --trace=", 2, "--trace: empty value" },
    { "explore " STEADY " --design softirq-masked -o directory", 4, "directory: is a directory" },
    { "explore " STEADY " -o nowhere/lost.json", 4, "nowhere/lost.json: cannot be created: No such file or directory" },
    { "compare " ONE_MSI " --designs pirq-tasklet --seeds 18446744073709551615 -o x.cbor", 2,
      "--seeds: the value must be at most 100000" },
    { "sweep " ONE_MSI " --seeds 9999999999 -o cells", 2, "--seeds: the value must be at most 100000" },
    { "show run.cbor --slowest 99999999999", 2, "--slowest: the value must be at most 100000" },
    { "explore " ONE_MSI " --max-memory 17592186044416", 0, "" }, /* in bytes too large for 64 bits */
    { "explore " STEADY " --random 10 --max-states 5", 2, "--max-states cannot be used with --random" },
};

static void write_file(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static int enter_a_directory(void **state)
{
    static char directory[] = "/tmp/irqpath-bad-XXXXXX";
    static struct program program;

    if (mkdtemp(directory) == NULL || chdir(directory) != 0)
        return -1;
    program_run(&program, "", "run " ONE_MSI " -q --duration 1ms -o run.cbor");
    write_file("run.json", "{\n  \"metrics\": {}\n}\n");
    write_file("empty", "");
    *state = directory;
    return program.code == 0 ? system("mkdir directory") : -1; /* NOLINT(*-command-processor) */
}

static int leave_it(void **state)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "cd / && rm -r '%s'", (char *)*state);
    return system(command); /* NOLINT(*-command-processor) */
}

static void each_is_told_what_is_wrong(void **state)
{
    static struct program program;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (!explore_state_is_supported() && strncmp(rows[i].arguments, "explore", strlen("explore")) == 0)
            continue;
        program_run(&program, "", rows[i].arguments);
        if (program.code != rows[i].code || strstr(program.errors, rows[i].errors) == NULL)
            fail_msg("irqpath %s: exit code %d, wanted %d; '%s' in: %s", rows[i].arguments, program.code, rows[i].code,
                     rows[i].errors, program.errors);
    }
}

/* Far too large for the second it gets; `timeout` gives the program's own exit code. SIGTERM, for SIGINT is ignored
 * below a shell's job in the background. */
static void an_interrupted_exploration_tells_what_it_knows(void **state)
{
    static const struct {
        const char *arguments, *output;
    } cut[] = {
        { "--designs softirq-states,softirq-hotplug --set devices.nic.interrupts=9", "incomplete (interrupted): " },
        { "--designs softirq-states,softirq-hotplug --set devices.nic.interrupts=9 --json",
          "\"limit\": \"interrupted\"" },
        { "--design softirq-hotplug --random 1000000000", "incomplete (interrupted): " },
    };
    static struct program program;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
        char arguments[512];
        (void)snprintf(arguments, sizeof(arguments), "explore " STEADY " %s", cut[i].arguments);
        program_run(&program, "timeout --preserve-status --signal=TERM 1", arguments);
        if (program.code != 130 || strstr(program.output, cut[i].output) == NULL)
            fail_msg("%s: exit code %d: %s%s", arguments, program.code, program.output, program.errors);
        if (i < 2)
            assert_non_null(strstr(program.output, "modelled-bug"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_is_told_what_is_wrong),
                                        cmocka_unit_test(an_interrupted_exploration_tells_what_it_knows) };

    return cmocka_run_group_tests(tests, enter_a_directory, leave_it);
}
