/* SPDX-License-Identifier: Apache-2.0
 *
 * run, show, compare, sweep and plot as commands of the program: documents, exit codes, and that stdout contains only
 * the document.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "process.h"
#include "program.h"
#include "sweep/sweep.h"
#include "temporary.h"

#define BYTES 1200

struct room {
    char root[40];
    struct program program;
};

static const char small[] = "name: small\n"
                            "machine: { topology: \"package:1 [numa] core:4 pu:1\" }\n"
                            "guests: [ { name: g, vcpus: 2, timer: 1kHz } ]\n"
                            "devices: [ { name: nic, guest: g, arrivals: { process: poisson, rate: 2kHz } } ]\n"
                            "run: { warmup: 1ms, duration: 20ms }\n"
                            "matrix:\n"
                            "  hypervisor.design: [domain-tasklet, softirq-requeue]\n"
                            "  sockets:\n"
                            "    - { label: 1, guests.g.vcpus: 1 }\n"
                            "    - { label: 2, guests.g.vcpus: 2 }\n";

static int set_up(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    char path[80];
    strcpy(room->root, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(room->root);
    snprintf(path, sizeof path, "%s/s.yaml", room->root);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(small, out);
    assert_int_equal(fclose(out), 0);
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

/* Runs irqpath with the room as working directory, and asserts the exit code. */
__attribute__((format(printf, 3, 4))) static struct program *run(struct room *room, int code, const char *format, ...)
{
    char arguments[BYTES], environment[80];
    va_list list;
    va_start(list, format);
    vsnprintf(arguments, sizeof arguments, format, list);
    va_end(list);
    snprintf(environment, sizeof environment, "cd %s && ", room->root);
    program_run(&room->program, environment, arguments);
    if (room->program.code != code)
        fail_msg("irqpath %s: exit code %d, expected %d\n%s", arguments, room->program.code, code,
                 room->program.errors);
    return &room->program;
}

static json_t *parse(const struct program *program)
{
    json_error_t error;
    json_t *json = json_loads(program->output, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        fail_msg("%d:%d: %s", error.line, error.column, error.text);
    return json;
}

static void run_json_has_the_contracts_shape(void **state)
{
    struct room *room = *state;
    json_t *json = parse(run(room, 0, "run s.yaml --json --seed 3"));
    static const char *const metrics[] = { "guests.g.steal.percent",   "irq.raised",
                                           "irq.latency.p99_ns",       "engine.events",
                                           "engine.wall_seconds",      "engine.realtime_factor",
                                           "engine.events_per_second", "engine.peak_rss_bytes" };
    assert_string_equal(json_string_value(json_object_get(json, "scenario")), "small");
    assert_string_equal(json_string_value(json_object_get(json, "design")), "domain-tasklet");
    assert_int_equal(json_integer_value(json_object_get(json, "seed")), 3);
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        assert_true(json_is_number(json_object_get(json_object_get(json, "metrics"), metrics[i])));
    json_decref(json);
}

static void same_runs_have_the_same_bytes(void **state)
{
    struct room *room = *state;
    run(room, 0, "run s.yaml -o a.cbor");
    run(room, 0, "run s.yaml -o b.cbor");
    char command[200];
    snprintf(command, sizeof command, "cmp %s/a.cbor %s/b.cbor", room->root, room->root);
    assert_int_equal(system(command), 0);
    run(room, 0, "run s.yaml --seed 2 -o c.cbor");
    char first[100], second[100];
    snprintf(first, sizeof first, "%.99s", run(room, 0, "show --hash a.cbor")->output);
    snprintf(second, sizeof second, "%.99s", run(room, 0, "show --hash c.cbor")->output);
    assert_non_null(strstr(first, "  small domain-tasklet 1\n"));
    assert_memory_not_equal(first, second, 32);
}

static void files_are_kept_without_force(void **state)
{
    struct room *room = *state;
    run(room, 0, "run s.yaml -q -o a.cbor");
    assert_non_null(strstr(run(room, 4, "run s.yaml -o a.cbor")->errors, "already exists"));
    assert_string_equal(room->program.output, "");
    run(room, 0, "run s.yaml -o a.cbor --force");
    assert_non_null(strstr(run(room, 4, "run s.yaml -o /dev/full")->errors, "No space left"));
    assert_non_null(strstr(run(room, 4, "run s.yaml -o none/a.cbor")->errors, "No such file"));
    char command[200];
    snprintf(command, sizeof command, "cd %s && '%s' run s.yaml --json >/dev/full 2>/dev/null", room->root, IRQPATH);
    assert_int_equal(WEXITSTATUS(system(command)), 4);
    run(room, 2, "run s.yaml --json -o -");
    run(room, 0, "run s.yaml -o - 2>/dev/null | '%s' show --hash -", IRQPATH);
    assert_non_null(strstr(room->program.output, "small domain-tasklet 1"));
}

static void expectations_make_the_exit_code(void **state)
{
    struct room *room = *state;
    run(room, 0, "run s.yaml --expect 'irq.lost == 0'");
    run(room, 1, "run s.yaml --expect 'irq.raised < 1'");
    run(room, 2, "run s.yaml --expect 'irq.nonsense < 1'");
    run(room, 0, "compare s.yaml --expect 'irq.lost == 0'");
    assert_non_null(strstr(run(room, 1, "compare s.yaml --expect 'irq.raised < 1'")->errors, "softirq-requeue"));
    /* One of the seeds has no delivery: the latency of the others does not meet an expectation on all. */
    run(room, 0,
        "compare s.yaml --seeds 1 --set devices.nic.arrivals.rate=40Hz --expect 'irq.latency.max_ns < 1000000000'");
    run(room, 1,
        "compare s.yaml --seeds 4 --set devices.nic.arrivals.rate=40Hz --expect 'irq.latency.max_ns < 1000000000'");
    assert_non_null(strstr(room->program.errors, "but there was no observation"));
    assert_non_null(strstr(room->program.output, " unobserved (--all)"));
}

static void show_documents(void **state)
{
    struct room *room = *state;
    run(room, 0, "run s.yaml -o a.cbor");
    assert_non_null(strstr(run(room, 0, "show a.cbor")->output, "guests (% of time)"));
    const char *csv = run(room, 0, "show --csv a.cbor")->output;
    assert_memory_equal(csv, "scenario,design,seed,metric,value,unit\nsmall,domain-tasklet,1,", 60);
    assert_non_null(strstr(run(room, 0, "show --markdown a.cbor")->output, "| metric | value | unit |"));
    json_t *json = parse(run(room, 0, "show --json a.cbor"));
    assert_null(json_object_get(json_object_get(json, "metrics"), "engine.wall_seconds"));
    json_decref(json);
    json = parse(run(room, 0, "show --json a.cbor a.cbor"));
    assert_int_equal(json_array_size(json), 2);
    json_decref(json);
    run(room, 2, "show --json --csv a.cbor");
    assert_non_null(strstr(run(room, 2, "show s.yaml")->errors, "irqpath run"));
    run(room, 4, "show none.cbor");
}

static void designs_are_compared_on_the_same_draws(void **state)
{
    struct room *room = *state;
    json_t *json = parse(run(room, 0, "compare s.yaml --designs domain-tasklet,softirq-requeue --seeds 3 --json"));
    assert_int_equal(json_integer_value(json_object_get(json, "seeds")), 3);
    json_t *designs = json_object_get(json, "designs");
    assert_int_equal(json_array_size(designs), 2);
    json_t *raised[2];
    for (size_t i = 0; i < 2; i++) {
        raised[i] = json_object_get(json_object_get(json_array_get(designs, i), "metrics"), "irq.raised");
        assert_true(json_is_number(raised[i]));
        assert_true(json_is_object(json_object_get(json_array_get(designs, i), "confidence")));
    }
    assert_true(json_number_value(raised[0]) > 0 && json_number_value(raised[0]) == json_number_value(raised[1]));
    json_decref(json);
    run(room, 0, "compare s.yaml --seeds 2 -j 1 -o a.cbor");
    run(room, 0, "compare s.yaml --seeds 2 -j 4 -o b.cbor");
    char command[200];
    snprintf(command, sizeof command, "cmp %s/a.cbor %s/b.cbor", room->root, room->root);
    assert_int_equal(system(command), 0);
    assert_non_null(strstr(run(room, 0, "compare a.cbor")->output, "against domain-tasklet, 2 seeds\n"));
    assert_null(strstr(room->program.output, "unpaired"));
}

/* Any axis: values of a key, an axis of the matrix, the axis of a file; five seeds unless told. */
static void axes_are_compared(void **state)
{
    struct room *room = *state;
    static const struct {
        const char *command, *has;
    } rows[] = {
        { "compare s.yaml --over hypervisor.lock=ttas,ticket -q -o lock.cbor",
          "small: ticket against ttas, 5 seeds\n" },
        { "compare lock.cbor", "small: ticket against ttas, 5 seeds\n" },
        { "compare lock.cbor --over hypervisor.lock", "small: ticket against ttas, 5 seeds\n" },
        { "compare s.yaml -q --set 'matrix={speed: [{label: a, run.drain: 1s}, {label: b, run.drain: 2s}]}'",
          "small: b against a, 5 seeds\n" },
        { "compare s.yaml --over hypervisor.design -q", "softirq-requeue against domain-tasklet, 5 seeds\n" },
        { "compare s.yaml --over machine.costs.load_modified='[1cy, 2cy, 3cy],[4cy, 5cy, 6cy]' -q --seeds 2",
          "[4cy, 5cy, 6cy] against [1cy, 2cy, 3cy], 2 seeds\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run(room, 0, "%s", rows[i].command);
        if (strstr(room->program.output, rows[i].has) == NULL)
            fail_msg("%s: %s", rows[i].command, room->program.output);
    }
    assert_non_null(strstr(run(room, 2, "compare lock.cbor --over lock")->errors,
                           "on an axis 'lock'; they have hypervisor.design, hypervisor.lock"));
}

/* The same seeds whatever the number of threads, up to the limit; what is still wide is told. */
static void seeds_are_added_until(void **state)
{
    struct room *room = *state;
    char command[200];
    run(room, 0, "compare s.yaml --until 0.5%% --max-seeds 12 -q -j 1 -o a.cbor --set 'headline=[irq.latency.max_ns]'");
    assert_non_null(strstr(room->program.output, "Still wider than ±0.5 % after 12 seeds: irq.latency.max_ns ±"));
    run(room, 0, "compare s.yaml --until 0.5%% --max-seeds 12 -q -j 4 -o b.cbor --set 'headline=[irq.latency.max_ns]'");
    run(room, 0, "compare s.yaml --seeds 12 -q -o c.cbor --set 'headline=[irq.latency.max_ns]'");
    snprintf(command, sizeof command, "cd %s && cmp a.cbor b.cbor && cmp a.cbor c.cbor", room->root);
    assert_int_equal(system(command), 0);
    json_t *json =
        parse(run(room, 0, "compare s.yaml --until 1000000 --seeds 3 --json -q --set 'headline=[irq.latency.max_ns]'"));
    assert_int_equal(json_integer_value(json_object_get(json, "seeds")), 3);
    assert_int_equal(json_array_size(json_object_get(json_object_get(json, "until"), "wider")), 0);
    json_decref(json);
}

static void usage_of_compare(void **state)
{
    struct room *room = *state;
    static const char *const rows[][2] = {
        { "compare s.yaml --designs domain-tasklet,softirq-requeu", "softirq-requeue" },
        { "compare s.yaml --designs domain-tasklet,domain-tasklet", "twice" },
        { "compare s.yaml --threshold many", "--threshold: expected a percentage" },
        { "compare s.yaml --designs domain-tasklet,", "a value in 'domain-tasklet,' is empty" },
        { "compare s.yaml --designs domain-tasklet --over hypervisor.lock=ttas", "one axis can be compared at a time" },
        { "compare s.yaml --over hypervisor.desing", "(did you mean 'hypervisor.design'?)" },
        { "compare s.yaml --over hypervisor.lock=ttas,tiket", "s.yaml: hypervisor.lock=tiket: unknown lock 'tiket'" },
        { "compare s.yaml s.yaml", "s.yaml is a scenario" },
        { "compare one-msi events", "one-msi is a scenario" },
        { "compare s.yaml one-msi --designs domain-tasklet", "s.yaml is a scenario" },
        { "compare s.yaml --over hypervisor.lock=", "a value in '' is empty" },
        { "compare s.yaml --over =ttas", "--over: expected PATH=A,B" },
        { "compare s.yaml --over hypervisor.lock=ttas,ttas", "--over names ttas twice" },
        { "compare s.yaml --set 'matrix={run.drain: [1s, 2s], run.warmup: [1ms, 2ms]}'",
          "several axes: --over one of run.drain, run.warmup" },
        { "compare s.yaml --over run.seed=1,2", "every value runs with the same seeds" },
        { "compare s.yaml --until 2%", "--set 'headline=[METRIC, ...]'" },
        { "compare s.yaml --until wide", "--until: expected a percentage" },
        { "compare s.yaml --until 0 --set headline=[irq.lost]", "an interval without width" },
        { "compare s.yaml --max-seeds 9", "--until, which is missing" },
        { "compare s.yaml --until 2 --max-seeds 4 --set headline=[irq.lost]", "less than the 5 seeds" },
        { "compare a.cbor b.cbor --until 2", "options of a simulation cannot be used" },
        { "compare a.cbor b.cbor --over x", "--over is for one file" },
        { "compare s.yaml --set matrix=", "s.yaml" },
        { "compare a.cbor b.cbor --designs x", "options of a simulation cannot be used" },
        { "sweep", "SCENARIO is missing" },
        { "sweep s.yaml --shard 3/2", "--shard: expected I/N" },
        { "sweep s.yaml --shard 1/2x", "--shard: expected I/N" },
        { "sweep --merge x", "-o FILE" },
        { "plot a.cbor", "exactly one of -o DIR and --term dumb" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run(room, 2, "%s", rows[i][0]);
        if (strcmp(rows[i][1], "s.yaml") != 0 && strstr(room->program.errors, rows[i][1]) == NULL)
            fail_msg("%s: %s", rows[i][0], room->program.errors);
        assert_string_equal(room->program.output, "");
    }
}

/* A regression that everybody sees: the guest's handler takes ten times as long. */
static void a_regression_is_an_exit_code(void **state)
{
    struct room *room = *state;
    run(room, 0, "compare s.yaml --designs softirq-requeue --seeds 4 -o base.cbor -q");
    run(room, 0, "compare s.yaml --designs softirq-requeue --seeds 4 -o same.cbor -q");
    run(room, 0,
        "compare s.yaml --designs softirq-requeue --seeds 4 -o slow.cbor -q --set xen.costs.dpci_body=90000cy");
    assert_non_null(strstr(run(room, 0, "compare base.cbor same.cbor")->output, "0 worse"));
    assert_non_null(strstr(run(room, 1, "compare base.cbor slow.cbor")->output, "worse"));
    assert_non_null(strstr(room->program.errors,
                           ": small, softirq-requeue: the scenarios differ: base xen.costs.dpci_body=1000cy; "
                           "new xen.costs.dpci_body=90000cy"));
    assert_non_null(strstr(run(room, 1, "compare base.cbor slow.cbor --junit a.xml --annotations")->output,
                           "softirq-requeue%3A new against base irq.latency."));
    run(room, 0, "compare slow.cbor base.cbor --junit a.xml");
    run(room, 4, "compare slow.cbor base.cbor --junit none/a.xml");
    run(room, 0, "compare slow.cbor base.cbor");
    run(room, 0, "compare s.yaml --designs softirq-requeue --seeds 4 -o t.cbor -q --set name=t");
    assert_non_null(strstr(run(room, 0, "compare base.cbor t.cbor")->output, "scenarios: t against "));
    run(room, 0, "compare base.cbor slow.cbor --threshold 1000000");
    json_t *json = parse(run(room, 1, "compare base.cbor slow.cbor --json"));
    json_t *difference = json_array_get(json_object_get(json, "differences"), 0);
    json_t *latency = json_object_get(json_object_get(difference, "metrics"), "irq.latency.p50_ns");
    assert_string_equal(json_string_value(json_object_get(latency, "verdict")), "worse");
    assert_true(json_real_value(json_object_get(json, "threshold_percent")) == 1); /* as --help says */
    json_decref(json);
}

#define SAMPLED \
    "sweep s.yaml -q --set 'sample={n: 4, method: lhs, metrics: [irq.raised], axes: {devices.nic.vectors: {choice: " \
    "[1, " \
    "2]}}}' --set matrix={} -o pop"

/* Machines that are drawn: shards, their one table, and what it says. */
static void populations_merge_and_answer(void **state)
{
    struct room *room = *state;

    run(room, 0, SAMPLED " --shard 1/2");
    assert_non_null(strstr(run(room, 4, "sweep --merge pop -o pop.csv")->errors, "machine 1 of 3 is missing"));
    run(room, 0, SAMPLED " --shard 2/2");
    assert_non_null(strstr(run(room, 2, SAMPLED " --shard 2/2 --set run.duration=3ms")->errors, "another sample"));
    run(room, 0, "sweep --merge pop -o pop.csv");
    assert_string_equal(room->program.errors, "");
    assert_non_null(strstr(run(room, 4, "sweep --merge pop -o pop.csv")->errors,
                           "pop.csv: already exists (--force overwrites it)"));
    run(room, 0, "sweep --merge pop -o pop.csv --force");
    assert_non_null(strstr(run(room, 0, "sweep --analyse pop.csv --metric irq.raised --above 1")->output,
                           "\nshare,all,,4,4,1.00000,"));
    assert_non_null(strstr(run(room, 2, "sweep --analyse none.csv --metric irq.raised")->errors, "No such file"));
    assert_non_null(strstr(run(room, 2, "sweep --analyse pop.csv --metric irq.lost")->errors, "no column"));
}

static void sweeps_resume_share_and_merge(void **state)
{
    struct room *room = *state;
    assert_non_null(strstr(run(room, 0, "sweep s.yaml --seeds 2 -o a")->errors, "8 of 8 cells done (8 now, 0 before)"));
    assert_non_null(strstr(run(room, 0, "sweep s.yaml --seeds 2 -o a")->errors, "(0 now, 8 before)"));
    run(room, 2, "sweep s.yaml --seeds 3 -o a");
    assert_non_null(strstr(run(room, 4, "sweep s.yaml -o none/a")->errors, "none/a: No such file or directory"));
    assert_non_null(strstr(run(room, 4, "sweep s.yaml -o s.yaml")->errors, "s.yaml: not a directory"));
    run(room, 2, "sweep s.yaml --seeds 2 -o a --set run.duration=21ms");
    run(room, 0, "sweep s.yaml --seeds 2 -o b --shard 2/3");
    run(room, 4, "sweep --merge b -o b.cbor");
    const char *jobs = run(room, 0, "sweep s.yaml --seeds 2 -o b --print-jobs")->output;
    assert_non_null(strstr(jobs, "irqpath sweep s.yaml --seeds 2 -o b --shard 1/8\n"));
    assert_null(strstr(jobs, "--shard 2/8\n"));
    jobs = run(room, 0, "sweep s.yaml --seeds 2 -o \"it's c\" --print-jobs")->output;
    assert_non_null(strstr(jobs, " -o 'it'\\''s c' --shard 8/8\n"));
    char environment[300];
    snprintf(environment, sizeof environment,
             "cd %s && export SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_COUNT=2 && SLURM_ARRAY_TASK_ID=5 '%s' sweep "
             "s.yaml --seeds 2 -o b 2>/dev/null && SLURM_ARRAY_TASK_ID=6 ",
             room->root, IRQPATH);
    program_run(&room->program, environment, "sweep s.yaml --seeds 2 -o b");
    assert_int_equal(room->program.code, 0);
    assert_non_null(strstr(room->program.errors, "shard 2/2 of the Slurm job array"));
    run(room, 0, "sweep --merge a -o a.cbor");
    run(room, 0, "sweep --merge b -o b.cbor");
    char command[200];
    snprintf(command, sizeof command, "cmp %s/a.cbor %s/b.cbor", room->root, room->root);
    assert_int_equal(system(command), 0);
    assert_non_null(strstr(run(room, 0, "show --csv a.cbor")->output, "unit,hypervisor.design,sockets\n"));
}

static void plots(void **state)
{
    struct room *room = *state;
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        skip();
    struct stat status;
    char path[100];
    run(room, 0, "sweep s.yaml -o a");
    run(room, 0, "plot a -o figures");
    snprintf(path, sizeof path, "%s/figures/steal_g.svg", room->root);
    assert_int_equal(stat(path, &status), 0);
    assert_string_equal(room->program.output, "");
    assert_non_null(strstr(run(room, 0, "plot a --term dumb")->output, "Interrupt latency"));
    run(room, 4, "plot none.cbor -o figures");
    run(room, 4, "plot a -o s.yaml/x");
}

#define CRASH \
    "--set guests.g.placement=floating --set guests.g.count=3 --set devices.nic.arrivals.rate=60kHz " \
    "--set devices.nic.count=4 --duration 1s --design softirq-gated"

static void a_crash_is_reported(void **state)
{
    struct room *room = *state;
    json_t *json = parse(run(room, 1, "run s.yaml --json " CRASH)), *violation = json_object_get(json, "violation");
    assert_string_equal(json_string_value(json_object_get(violation, "kind")), "modelled-bug");
    assert_true(json_integer_value(json_object_get(violation, "at_ns")) > 0);
    json_decref(json);
    assert_non_null(strstr(run(room, 1, "run s.yaml -o crash.cbor " CRASH)->errors, "softirq-gated crashes after"));
    assert_non_null(strstr(run(room, 0, "show crash.cbor")->output, "PARTIAL: crashed before the end"));
}

/* The program in a child of ours, so that the signal reaches it and nothing else. */
static void run_is_interrupted(struct room *room, int number)
{
    char output[80], scenario[80], log[80], find[120];
    snprintf(output, sizeof output, "%s/p.cbor", room->root);
    snprintf(scenario, sizeof scenario, "%s/s.yaml", room->root);
    snprintf(log, sizeof log, "%s/log", room->root);
    pid_t child = fork();
    if (child == 0) {
        (void)signal(number, SIG_DFL); /* nohup ignores SIGHUP */
        if (freopen(log, "w", stdout) == NULL || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
            _exit(99);
        execl(IRQPATH, IRQPATH, "run", scenario, "--duration", "1000s", "-o", output, "--force", (char *)NULL);
        _exit(99);
    }
    while (!process_watches(child) || !process_has_worked(child))
        (void)usleep(1000);
    assert_int_equal(kill(child, number), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_non_null(strstr(run(room, 0, "show p.cbor")->output, "PARTIAL"));
    json_t *json = parse(run(room, 0, "show --json p.cbor"));
    assert_true(json_is_true(json_object_get(json, "partial")));
    json_decref(json);
    (void)snprintf(find, sizeof find, "test -z \"$(find %s -name '.*.tmp')\"", room->root);
    assert_int_equal(system(find), 0); /* NOLINT(cert-env33-c): a fixed command */
}

static void an_interrupted_run_is_partial(void **state)
{
    run_is_interrupted(*state, SIGINT);
    run_is_interrupted(*state, SIGHUP);
}

#define ROOM_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOM_TEST(run_json_has_the_contracts_shape),
        ROOM_TEST(same_runs_have_the_same_bytes),
        ROOM_TEST(files_are_kept_without_force),
        ROOM_TEST(expectations_make_the_exit_code),
        ROOM_TEST(show_documents),
        ROOM_TEST(designs_are_compared_on_the_same_draws),
        ROOM_TEST(axes_are_compared),
        ROOM_TEST(seeds_are_added_until),
        ROOM_TEST(usage_of_compare),
        ROOM_TEST(populations_merge_and_answer),
        ROOM_TEST(a_regression_is_an_exit_code),
        ROOM_TEST(sweeps_resume_share_and_merge),
        ROOM_TEST(plots),
        ROOM_TEST(a_crash_is_reported),
        ROOM_TEST(an_interrupted_run_is_partial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
