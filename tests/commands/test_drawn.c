/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines drawn at random from the tables of options, with the exit codes that stand in drawn.lines. Most of them
 * are wrong in some way. test_commands_drawn --write makes the file.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "explore/state.h"
#include "program.h"
#include "temporary.h"

#define LINES SOURCE_DIR "/tests/commands/drawn.lines"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { DRAWN = 220, OPTIONS_MAX = 80, BYTES = 2048 };

static FILE *lines;
static bool lines_are_written;
static char directory[] = "/tmp/irqpath-drawn-XXXXXX";

static const struct drawn_command {
    const struct command *command;
    const char *arguments[4]; /* that it takes */
} drawn_commands[] = {
    { &command_run, { "s.yaml", "s.yaml", "s.yaml", "one-msi" } },
    { &command_sweep, { "s.yaml", "s.yaml", "s.yaml", "m.yaml" } },
    { &command_compare, { "m.yaml", "a.cbor b.cbor", "b.cbor", "a.cbor a.cbor" } },
    { &command_show, { "a.cbor", "b.cbor", "t.txt", "a.cbor b.cbor" } },
    { &command_plot, { "a.cbor", "b.cbor", "a.cbor b.cbor", "b.cbor" } },
    { &command_validate, { "s.yaml", "m.yaml", "one-msi", "x.txt" } },
    { &command_explain, { "s.yaml", "m.yaml", "one-msi", "vfio-alone" } },
    { &command_list, { "designs", "metrics", "keys", "machines" } },
    { &command_explore, { "s.yaml", "x.txt", "missing", "m.yaml" } },
    { &command_replay, { "a.cbor", "x.txt", "missing", "s.yaml" } },
    { &command_trace, { "import t.txt", "export a.cbor", "import x.txt", "export b.cbor" } },
    { &command_report, { "a.cbor", "b.cbor", "t.txt", "a.cbor t.txt" } },
    { &command_init, { "one-msi", "vfio-alone", "missing", "nvme-drives" } },
};

/* Those that take long, and those by which files of others would be written. */
static bool is_left_out(const struct cli_option *option)
{
    static const char *const names[] = { "until", "max-seeds", "help", "code", "gdb", "xen", "linux", "qemu" };

    for (size_t i = 0; i < COUNT(names); i++)
        if (!strcmp(option->name, names[i]))
            return true;
    return false;
}

static const char *const values[] = {
    "1",
    "0",
    "2",
    "-1",
    "3x",
    "10ms",
    "1ms,2ms",
    "2ms,1ms",
    "''",
    "5",
    "101",
    "a.cbor",
    "out",
    "irq.lost",
    "'irq.lost < 1'",
    "'irq.lost ~ 1'",
    "ttas",
    "tickets",
    "1/2",
    "3/2",
    "g",
    "domain-tasklet",
    "softirq-requeu",
    "seed=1",
    "99999999999999999999",
    "hypervisor.lock=ticket",
    "guests.g.vcpus=1",
    "guests.h.vcpus=1",
    "run.duration=5ms",
};
static const char *const arguments[] = {
    "s.yaml", "s.yaml",       "s.yaml",        "one-msi",        "a.cbor", "a.cbor",  "b.cbor",
    "t.txt",  "x.txt",        "missing",       "designs",        "keys",   "metrics", "machines",
    "import", "import t.txt", "export a.cbor", "domain-tasklet", "costs",
};

static void write_file(const char *name, const char *text)
{
    char path[80];

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static uint32_t below(struct rng *rng, size_t bound) { return (uint32_t)rng_below(rng, (uint64_t)bound); }

static void draw(struct rng *rng, const struct drawn_command *drawn, char line[BYTES])
{
    const struct cli_option *options[OPTIONS_MAX];
    size_t count = 0;
    int used = snprintf(line, BYTES, "%s", drawn->command->name);

    for (size_t i = 0; cli_option_at(drawn->command, i) != NULL; i++)
        if (!is_left_out(cli_option_at(drawn->command, i)) &&
            !(drawn->command == &command_plot && cli_option_at(drawn->command, i)->letter == 'o'))
            options[count++] = cli_option_at(drawn->command, i);
    assert_in_range(count, 1, OPTIONS_MAX);
    if (below(rng, 12) != 0)
        used += snprintf(line + used, BYTES - (size_t)used, " %s", drawn->arguments[below(rng, 4)]);
    if (below(rng, 12) == 0)
        used += snprintf(line + used, BYTES - (size_t)used, " %s", arguments[below(rng, COUNT(arguments))]);
    for (uint32_t i = 0, wanted = below(rng, 3); i < wanted; i++) {
        const struct cli_option *option = options[below(rng, count)];
        const char *value = values[below(rng, COUNT(values))];
        size_t choices = 0;
        while (option->choices != NULL && option->choices[choices] != NULL)
            choices++;
        if (choices > 0 && below(rng, 8) != 0)
            value = option->choices[below(rng, choices)];
        bool is_letter = option->letter != 0 && below(rng, 2) == 0;
        used += snprintf(line + used, BYTES - (size_t)used, is_letter ? " -%.1s" : " --%s",
                         is_letter ? &option->letter : option->name);
        if (option->value_name != NULL && below(rng, 16) != 0)
            used += snprintf(line + used, BYTES - (size_t)used, " %s", value);
    }
}

static void check(uint64_t number)
{
    static struct program program;
    char line[BYTES], found[BYTES + 16], expected[BYTES + 16] = "", environment[96];
    struct rng rng;

    rng_init(&rng, number, 0, RNG_TEST);
    const struct drawn_command *drawn = &drawn_commands[below(&rng, COUNT(drawn_commands))];
    draw(&rng, drawn, line);
    if (drawn->command == &command_explore && !explore_state_is_supported() && !lines_are_written) {
        assert_non_null(fgets(expected, sizeof(expected), lines));
        return;
    }
    (void)snprintf(environment, sizeof(environment), "cd %s && rm -rf out 1 2 5 && env -u TERM", directory);
    program_run(&program, environment, line);
    (void)snprintf(found, sizeof(found), "%d %s\n", program.code, line);
    if (lines_are_written)
        assert_true(fputs(found, lines) >= 0);
    else if (fgets(expected, sizeof(expected), lines) == NULL || strcmp(found, expected) != 0)
        fail_msg("where drawn.lines has\n%sthere is\n%s%s%s", expected, found, program.output, program.errors);
}

static void drawn_lines_have_their_exit_codes(void **state)
{
    static struct program program;
    char environment[64];

    (void)state;
    temporary_directory(directory);
    write_file("s.yaml", "# q\nname: small\nmachine: { topology: \"package:1 [numa] core:4 pu:1\" }\n"
                         "hypervisor: { design: softirq-requeue }\nguests: [ { name: g, vcpus: 2, timer: 1kHz } ]\n"
                         "devices: [ { name: nic, guest: g, arrivals: { process: poisson, rate: 2kHz } } ]\n"
                         "run: { warmup: 1ms, duration: 10ms }\n");
    write_file("m.yaml", "# q\nname: matrix\nmachine: { topology: \"package:1 [numa] core:4 pu:1\" }\n"
                         "guests: [ { name: g, vcpus: 1, timer: 1kHz } ]\n"
                         "devices: [ { name: nic, guest: g, arrivals: { process: poisson, rate: 2kHz } } ]\n"
                         "run: { warmup: 1ms, duration: 5ms }\nheadline: [irq.latency.mean_ns]\n"
                         "matrix: { hypervisor.design: [domain-tasklet, softirq-requeue] }\n");
    write_file("x.txt", "hello\n");
    write_file("t.txt", "a 1 [001] 700.000001000: sched:sched_waking: comm=b pid=2 prio=120 target_cpu=001\n"
                        "a 1 [001] 700.000002000: sched:sched_switch: prev_comm=a prev_pid=1 prev_prio=120 "
                        "prev_state=S ==> next_comm=b next_pid=2 next_prio=120\n");
    (void)snprintf(environment, sizeof(environment), "cd %s &&", directory);
    program_run(&program, environment, "run s.yaml -q -o a.cbor");
    assert_int_equal(program.code, 0);
    program_run(&program, environment,
                "compare s.yaml --designs domain-tasklet,softirq-requeue --seeds 2 -q -o b.cbor");
    assert_int_equal(program.code, 0);
    lines = fopen(LINES, lines_are_written ? "w" : "r");
    assert_non_null(lines);
    for (uint64_t number = 1; number <= DRAWN; number++)
        check(number);
    assert_int_equal(fclose(lines), 0);
    temporary_directory_remove(directory);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(drawn_lines_have_their_exit_codes) };

    lines_are_written = argc == 2 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests_name("commands_drawn", tests, NULL, NULL);
}
