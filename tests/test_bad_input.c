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

#include <signal.h>
#include <sys/stat.h>

#include "explore/state.h"
#include "process.h"
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
    /* a device has no end */
    { "show /dev/zero", 2, "/dev/zero: byte 0: the file is empty" },
    { "show - </dev/zero", 4, "-: is a device" },
    { "plot /dev/zero -o figures", 4, "/dev/zero: is a device" },
    { "compare /dev/zero run.cbor", 4, "/dev/zero: is a device" },
    { "replay /dev/zero", 4, "/dev/zero: is a device" },
    { "validate - </dev/zero", 2, "<stdin>: error: cannot read: it is larger than 4 MiB" },
    { "run " ONE_MSI " --set machine.topology=/dev/zero", 2, "topology file /dev/zero: is a device" },
    { "run large.yaml", 2, "topology file large.xml: has 67108865 bytes, more than 67108864" },
    { "run incomplete.yaml", 2, "topology file incomplete.xml: hwloc " },
    /* of another version */
    { "show old.cbor", 4, "old.cbor: results of version 7; this irqpath reads version 1" },
    { "replay old.json", 4, "old.json: a replay file of version 9; this irqpath reads version 1" },
    { "show old.sweep", 4, "old.sweep/sweep.json: a plan of version 9; this irqpath reads version 1" },
    /* what a terminal would obey is nowhere */
    { "show 'e\033[31m'", 4, "e?[31m: No such file" },
    { "run 'e\302\233m'", 4, "e??m: error: there is neither a file" },
    { "run 'e\377'", 4, "e?: error: there is neither a file" },
    { "run 'red\033[31m.yaml'", 2, "red?[31m.yaml:1:1: error" },
    { "run " ONE_MSI " -q --duration 1ms -o 'nowhere/e\033[31m'", 4, "nowhere/e?[31m: cannot be created" },
    { "run " ONE_MSI " --design 'e\033[31m'", 2, "unknown design 'e?[31m'" },
    { "'e\033[31m'", 2, "unknown command 'e?[31m'" },
    { "replay red.json", 4, "red.json: not a replay file of version 1" },
    { "show red.sweep", 4, "red.sweep/sweep.json: cell 0 is malformed" },
    /* time and memory are bounded by the size */
    { "validate keys.yaml", 2, "keys.yaml:1001:1: error: more than 1000 keys in one map" },
    /* no line of a file that a scenario names */
    { "run " ONE_MSI " --set \"devices.nic.arrivals={process: replay, file: $PWD/secret}\"", 2,
      "secret:1:1: error: not a time: expected a duration (ns, us, ms, s), and perhaps another, the work\n" },
    { "run " ONE_MSI " --set \"machine.profile=$PWD/secret\"", 2, "secret:1:1: error: " },
};

static const char old_replay[] = "{\"irqpath_replay\": 9}",
                  old_plan[] = "{\"format\": \"irqpath-sweep\", "
                               "\"scenario\": \"x\", \"version\": 9, \"cells\": []}",
                  red_replay[] = "{\"irqpath_replay\": 1, \"scenario\": \"\", \"design\": \"d\", \"kind\": \"k\", "
                                 "\"text\": \"\\u001b[31m\", \"steps\": []}",
                  red_plan[] = "{\"format\": \"irqpath-sweep\", \"scenario\": \"x\", \"tool\": \"0\", "
                               "\"version\": 1, \"cells\": [{\"file\": \"f\", "
                               "\"design\": \"\\u009b31m\", \"seed\": \"1\", "
                               "\"resolved_hash\": \"1\", \"axes\": {}}]}";

static void write_file(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static void write_keys(const char *path, int count)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    for (int i = 0; i < count; i++)
        assert_true(fprintf(stream, "key%d: 1\n", i) > 0);
    assert_int_equal(fclose(stream), 0);
}

/* A PU without the sets that hwloc follows. */
static const char incomplete_topology[] =
    "<topology version=\"2.0\">\n"
    "  <object type=\"Machine\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" allowed_cpuset=\"0x3\" "
    "nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\">\n"
    "    <object type=\"NUMANode\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" nodeset=\"0x1\" "
    "complete_nodeset=\"0x1\" local_memory=\"1\"/>\n"
    "    <object type=\"Core\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" nodeset=\"0x1\" "
    "complete_nodeset=\"0x1\">\n"
    "      <object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" nodeset=\"0x1\"/>\n"
    "      <object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\" nodeset=\"0x1\" "
    "complete_nodeset=\"0x1\"/>\n"
    "    </object>\n  </object>\n</topology>\n";

static int enter_a_directory(void **state)
{
    static char directory[] = "/tmp/irqpath-bad-XXXXXX";
    static struct program program;

    if (mkdtemp(directory) == NULL || chdir(directory) != 0)
        return -1;
    program_run(&program, "", "run " ONE_MSI " -q --duration 1ms -o run.cbor");
    write_file("run.json", "{\n  \"metrics\": {}\n}\n");
    write_file("empty", "");
    write_file("old.cbor", "\xA5\x64hashgversion\x07");
    write_file("old.json", old_replay);
    write_file("red.json", red_replay);
    write_file("red\033[31m.yaml", "\033[31m");
    write_file("incomplete.yaml", "base: one-msi\nmachine: { topology: incomplete.xml }\n");
    write_file("incomplete.xml", incomplete_topology);
    write_file("large.yaml", "base: one-msi\nmachine: { topology: large.xml }\n");
    write_file("large.xml", "<");
    if (truncate("large.xml", (64 << 20) + 1) != 0)
        return -1;
    write_file("secret", "hunter2: swordfish\n");
    write_keys("keys.yaml", 100000);
    if (mkdir("old.sweep", 0777) != 0 || mkdir("red.sweep", 0777) != 0)
        return -1;
    write_file("old.sweep/sweep.json", old_plan);
    write_file("red.sweep/sweep.json", red_plan);
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

static bool has_text(const char *path, const char *text)
{
    static char contents[65536];
    FILE *stream = fopen(path, "r");

    assert_non_null(stream);
    contents[fread(contents, 1, sizeof(contents) - 1, stream)] = '\0';
    assert_int_equal(fclose(stream), 0);
    return strstr(contents, text) != NULL;
}

static pid_t start(const char *arguments, const char *output)
{
    char line[1024];

    (void)snprintf(line, sizeof(line), "exec '%s' %s >%s 2>&1", IRQPATH, arguments, output);
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

/* It gets SIGTERM once it asks for signals and has said what is waited for, however long that takes; what is asked is
 * far too large to end before. SIGINT is ignored below a shell's job in the background. */
static void an_interrupted_exploration_tells_what_it_knows(void **state)
{
    static const struct {
        const char *arguments, *awaited, *output;
    } cut[] = {
        { "--designs softirq-states,softirq-hotplug --set devices.nic.interrupts=9", "modelled-bug",
          "incomplete (interrupted): " },
        { "-j 1 --design softirq-hotplug --set devices.nic.interrupts=9 --json", "", "\"limit\": \"interrupted\"" },
        { "-j 1 --design softirq-hotplug --random 1000000000", "", "incomplete (interrupted): " },
    };

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
        char arguments[512];
        int status;
        write_file("told", "");
        (void)snprintf(arguments, sizeof(arguments), "explore " STEADY " %s", cut[i].arguments);
        pid_t child = start(arguments, "told");
        while (!process_watches(child) || !has_text("told", cut[i].awaited) ||
               (cut[i].awaited[0] == '\0' && !process_has_worked(child)))
            (void)usleep(1000);
        assert_int_equal(kill(child, SIGTERM), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 130 || !has_text("told", cut[i].output))
            fail_msg("%s: status %#x", arguments, (unsigned)status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_is_told_what_is_wrong),
                                        cmocka_unit_test(an_interrupted_exploration_tells_what_it_knows) };

    return cmocka_run_group_tests(tests, enter_a_directory, leave_it);
}
