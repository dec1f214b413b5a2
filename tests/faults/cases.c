/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything is in a directory of the test program: in/ has what the cases read, out/ what they write, and is made
 * again before each run.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "room.h"

#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/sha256.h"
#include "code/build/workspace.h"
#include "code/build/xen_folders.h"
#include "contents.h"
#include "explore/state.h"
#include "program.h"
#include "temporary.h"

#define SHORT " -q --duration 2ms --set run.warmup=0s --set devices.nic.arrivals.rate=4kHz "
#define RUN "run one-msi" SHORT
#define STEADY "explore explore-steady -q -j 1 "
#define WORDS_MAX 40

const struct fault_case fault_cases[] = {
    { "init", "init host", NULL, false, FILES_MEASURED },
    { "init", "init explore -o out/x.yaml --force", "x.yaml", false, FILES_MEASURED },
    { "run", RUN "-o out/x.cbor --force", "x.cbor", false, FILES_WHOLE },
    { "run", RUN "--json", NULL, false, FILES_WHOLE },
    { "run", "run in/machine.yaml -q -o out/x.cbor", NULL, false, FILES_WHOLE },
    { "run", RUN "--junit out/x.xml --force", "x.xml", false, FILES_MEASURED },
    { "run --trace", RUN "--trace out/x.xentrace --force", "x.xentrace", false, FILES_WHOLE },
    { "run --trace", RUN "--trace out/x.dat --force", "x.dat", false, FILES_WHOLE },
    { "run --trace", RUN "--trace out/x.pftrace --force", "x.pftrace", false, FILES_WHOLE },
    { "compare", "compare one-msi" SHORT "-j 1 --seeds 2 --designs domain-tasklet,pirq-tasklet -o out/x.cbor --force",
      "x.cbor", false, FILES_WHOLE },
    { "compare", "compare in/a.cbor in/b.cbor --json", NULL, false, FILES_WHOLE },
    { "sweep", "sweep in/matrix.yaml -q -j 1 -o out/cells", NULL, false, FILES_RESUMED },
    { "sweep", "sweep in/sample.yaml -q -j 1 -o out/machines", NULL, false, FILES_RESUMED },
    { "sweep --merge", "sweep --merge in/cells -q -o out/x.cbor --force", "x.cbor", false, FILES_WHOLE },
    { "experiment", "experiment in/experiment.yaml -q -j 1 -o out/done", NULL, true, FILES_RESUMED },
    { "report", "report in/a.cbor in/b.cbor -q -o out/x.html --force", "x.html", false, FILES_WHOLE },
    { "report", "report in/lost.json -q -o out/x.html", NULL, true, FILES_WHOLE },
    { "report", "report in/recording.txt -q -o out/x.html", NULL, false, FILES_WHOLE },
    { "show", "show in/a.cbor", NULL, false, FILES_WHOLE },
    { "show", "show in/a.cbor --json", NULL, false, FILES_WHOLE },
    { "show", "show in/cells --csv", NULL, false, FILES_WHOLE },
    { "show", "show in/a.cbor --slowest 1", NULL, false, FILES_WHOLE },
    { "show RECORDING", "show in/recording.txt", NULL, false, FILES_WHOLE },
    { "show RECORDING", "show in/own.dat --slowest 1", NULL, false, FILES_WHOLE },
    { "show RECORDING", "show in/own.xentrace --attribution", NULL, false, FILES_WHOLE },
    { "plot", "plot in/a.cbor -q -o out --force", "runstates.svg", false, FILES_WHOLE },
    { "plot", "plot in/a.cbor --term dumb", NULL, false, FILES_WHOLE },
    { "trace import", "trace import in/recording.txt -q -o out/x.yaml --force", "x.yaml", false, FILES_RESUMED },
    { "trace import", "trace import in/recording.txt --fit -q -o out/x.yaml --force", NULL, false, FILES_RESUMED },
    { "trace export", "trace export in/a.cbor -q -o out/x.dat --force", "x.dat", false, FILES_WHOLE },
    { "trace export", "trace export in/a.cbor -q -o out/x.xentrace --force", "x.xentrace", false, FILES_WHOLE },
    { "explore", STEADY "--design softirq-masked -o out/x.json --force", "x.json", true, FILES_WHOLE },
    { "explore", STEADY "--design domain-tasklet --max-states 100 --checkpoint out/x.kept --json", NULL, true,
      FILES_WHOLE },
    { "explore", STEADY "--design domain-tasklet --random 100", NULL, true, FILES_WHOLE },
    { "replay", "replay in/lost.json", NULL, true, FILES_WHOLE },
    { "replay", "replay in/lost.json --svg out/x.svg --force", "x.svg", true, FILES_WHOLE },
    { "build", "build --xen in/tree --compiler cc -o out/x.so -q", "x.so", false, FILES_WHOLE },
    { "list", "list metrics --json", NULL, false, FILES_WHOLE },
    { "list", "list machines", NULL, false, FILES_WHOLE },
    { "calibrate", "calibrate -q --parts lines --rounds 1 --iterations 1 -o out/x.yaml --force", "x.yaml", false,
      FILES_MEASURED },
    { "validate", "validate one-msi in/matrix.yaml", NULL, false, FILES_WHOLE },
    { "explain", "explain one-msi", NULL, false, FILES_WHOLE },
    { "help", "help explore", NULL, false, FILES_WHOLE },
    { "version", "version", NULL, false, FILES_WHOLE },
};

const struct fault_case fault_kill_cases[] = {
    { "run", RUN "-o out/x.cbor --trace out/x.xentrace --force", "x.cbor", false, FILES_WHOLE },
    { "compare", "compare one-msi" SHORT "-j 2 --seeds 3 --designs domain-tasklet,pirq-tasklet -o out/x.cbor --force",
      "x.cbor", false, FILES_WHOLE },
    { "sweep", "sweep in/matrix.yaml -q -j 2 --seeds 2 -o out/cells", NULL, false, FILES_RESUMED },
    { "sweep", "sweep in/sample.yaml -q -j 2 -o out/machines", NULL, false, FILES_RESUMED },
    { "experiment", "experiment in/experiment.yaml -q -j 2 -o out/done", NULL, true, FILES_RESUMED },
    { "explore", "explore explore-steady -q -j 2 --design softirq-masked -o out/x.json --force", "x.json", true,
      FILES_WHOLE },
};

const size_t fault_kill_case_count = sizeof fault_kill_cases / sizeof fault_kill_cases[0];

const size_t fault_case_count = sizeof fault_cases / sizeof fault_cases[0];

/* What the cases read; the last word of those with a file is that file. */
static const char *const inputs[] = {
    RUN "-o in/a.cbor",
    RUN "--seed 2 -o in/b.cbor",
    RUN "--trace in/own.dat",
    RUN "--trace in/own.xentrace",
    "init recording -q -o in/recording.txt",
    "sweep in/matrix.yaml -q -j 1 -o in/cells",
};

static const struct {
    const char *name, *text;
} texts[] = {
    { "matrix.yaml", "base: one-msi\nrun: { warmup: 0s, duration: 1ms }\nmatrix: { run.seed: [1, 2] }\n" },
    { "sample.yaml", "base: one-msi\nrun: { warmup: 0s, duration: 1ms }\nsample: { n: 2, seed: 1, costs: [measured], "
                     "metrics: [irq.raised], axes: { "
                     "devices.nic.arrivals.rate: { log: [1kHz, 10kHz] } } }\n" },
    { "machine.yaml", "base: one-msi\nmachine: { topology: machine.xml }\nrun: { warmup: 0s, duration: 1ms }\n" },
    { "machine.xml",
      "<topology version=\"2.0\">\n"
      "  <object type=\"Machine\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" allowed_cpuset=\"0x3\" "
      "nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\">\n"
      "    <object type=\"NUMANode\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\" local_memory=\"1\"/>\n"
      "    <object type=\"Core\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\">\n"
      "      <object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\"/>\n"
      "      <object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\" nodeset=\"0x1\" "
      "complete_nodeset=\"0x1\"/>\n"
      "    </object>\n  </object>\n</topology>\n" },
    { "experiment.yaml",
      "# Is it so?\n"
      "runs:\n"
      "  one: { scenario: one-msi, run.duration: 1ms, run.warmup: 0s, matrix: { devices.nic.arrivals.rate: [1kHz, "
      "4kHz] } }\n"
      "  all: { explore: explore-steady, designs: [softirq-masked], replays: on }\n"
      "tables: [ { run: one, rows: rate, columns: [irq.raised, irq.lost] } ]\n"
      "figures: [ { kind: lines, run: one, x: rate, y: irq.raised } ]\n"
      "expect: [ 'one: irq.lost == 0' ]\n"
      "verdict: '{max irq.raised where run=one} interrupts'\n" },
};

/* In place of a compiler: quick, and what it does is not irqpath's. */
static const char compiler[] = "#!/bin/sh\n"
                               "for word; do [ \"$last\" != -o ] || to=$word; last=$word; done\n"
                               "case $* in\n"
                               "*--version*) echo cc 1 ;;\n"
                               "*-shared*) cp \"${0%/*}/part.so\" \"$to\" ;;\n"
                               "*' -c '*) cp \"${0%/*}/part.o\" \"$to\" ;;\n"
                               "esac\n";

static char room[112];

static void in_room(char path[256], const char *name) { (void)snprintf(path, 256, "%s/%s", room, name); }

static void run_shell(const char *format, ...)
{
    char command[1024];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(command, sizeof command, format, list);
    va_end(list);
    if (system(command) != 0) /* NOLINT(cert-env33-c): a fixed command */
        fail_msg("%s", command);
}

static void put(const char *name, const char *text)
{
    char path[256], message[300];

    in_room(path, name);
    if (!file_write(path, text, strlen(text), true, message, sizeof message))
        fail_msg("%s", message);
}

/* A preloaded library comes before the sanitizers' allocator, which does not allow that. */
static bool has_sanitizers(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
    return __has_feature(address_sanitizer);
#else
    return false;
#endif
}

/* What `build` compiles, with what. */
static void make_tree(void)
{
    char *commands, path[1024];

    run_shell("mkdir %s/in/bin", room);
    put("in/bin/cc", compiler);
    run_shell("cd %s/in/bin && chmod +x cc && echo 'int part;' | gcc -fPIC -x c -c - -o part.o && "
              "gcc -shared -nostdlib part.o -o part.so",
              room);
    (void)snprintf(path, sizeof path, "%s/in/bin:%s", room, getenv("PATH"));
    assert_int_equal(setenv("PATH", path, 1), 0);
    (void)snprintf(path, sizeof path, "%s/in", room);
    assert_true(asprintf(&commands, xen_folders, path) > 0);
    assert_int_equal(system(commands), 0); /* NOLINT(cert-env33-c): fixed commands */
    free(commands);
    (void)snprintf(path, sizeof path, "%s/in/sources", room);
    assert_int_equal(setenv("IRQPATH_CODE", path, 1), 0);
}

bool faults_begin(void)
{
    if (has_sanitizers() || !supervise_is_supported())
        return false;
    if (room[0] != '\0')
        return true;
    (void)snprintf(room, sizeof room, "%s", temporary_path("faults"));
    assert_int_equal(mkdir(room, 0777), 0);
    run_shell("mkdir %s/in %s/out", room, room);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "in/%s", texts[i].name);
        put(name, texts[i].text);
    }
    make_tree();
    assert_int_equal(setenv("IRQPATH_SCENARIOS", SOURCE_DIR "/scenarios", 1), 0);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        run_shell("cd %s && '%s' %s >/dev/null", room, IRQPATH, inputs[i]);
    if (explore_state_is_supported())
        run_shell("cd %s && '%s' " STEADY "--design softirq-masked -o in/lost.json >/dev/null", room, IRQPATH);
    return true;
}

/* --- one run --- */

/* Empties out/, but for the file that a case replaces. */
void room_prepare(const struct fault_case *row)
{
    char name[64], path[256];

    in_room(path, "out");
    workspace_remove(path);
    assert_int_equal(mkdir(path, 0777), 0);
    if (row->file == NULL)
        return;
    (void)snprintf(name, sizeof name, "out/%s", row->file);
    put(name, ROOM_OLD);
}

void room_run(const struct fault_case *row, const struct fault *fault, struct supervised *result)
{
    char words[512], *arguments[WORDS_MAX] = { IRQPATH }, output[256], errors[256];
    size_t count = 1;

    (void)snprintf(words, sizeof words, "%s", row->arguments);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(count + 1 < WORDS_MAX);
        arguments[count++] = word;
    }
    in_room(output, "printed");
    in_room(errors, "errors");
    supervise(FAULTS_SHIM, room, arguments, output, errors, fault, result);
}

char *room_printed(const char *name)
{
    char path[256];

    in_room(path, name);
    return contents(path);
}

/* Of a run's output, without the lines that say how fast it was. */
char *room_output(void)
{
    static const char *const speeds[] = { " simulated in ", "\"engine.", " states/s\n", "\"seconds\"", " steps, " };
    char *text = room_printed("printed"), *to = text;

    for (const char *line = text, *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        bool is_speed = false;
        for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++)
            is_speed |= memmem(line, (size_t)(end - line), speeds[i], strlen(speeds[i])) != NULL;
        if (!is_speed)
            to = (char *)memmove(to, line, (size_t)(end - line)) + (end - line);
    }
    *to = '\0';
    return text;
}

/* --- what stands in out/ --- */

static void list_one(FILE *listing, const char *path)
{
    char message[300], hash[SHA256_TEXT_BYTES];
    size_t count;

    char *bytes = file_read_bytes(path, 1 << 26, &count, message, sizeof message);
    if (bytes == NULL)
        fail_msg("%s", message);
    sha256_text(bytes, count, hash);
    fprintf(listing, "%s %s\n", path + strlen(room) + strlen("/out/"), hash);
    free(bytes);
}

static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

/* A line for each file, "NAME HASH", in the order of names. The caller frees it. */
char *room_files(void)
{
    char path[256], *text, *paths[] = { path, NULL };
    size_t bytes;

    in_room(path, "out");
    FILE *listing = open_memstream(&text, &bytes);
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    assert_true(listing != NULL && walk != NULL);
    for (const FTSENT *entry; (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_F)
            list_one(listing, entry->fts_path);
    assert_int_equal(fts_close(walk), 0);
    assert_int_equal(fclose(listing), 0);
    return text;
}
