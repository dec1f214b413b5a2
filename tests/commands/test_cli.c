/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of the program: help, misspelt names, colours, output streams, exit codes.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "commands/cli.h"
#include "commands/command.h"
#include "program.h"

#define ONE_MSI SOURCE_DIR "/scenarios/one-msi.yaml"

struct row {
    const char *environment, *arguments;
    int code;
    const char *output, *errors; /* contained in it; "" means that it is empty */
};

static const struct row rows[] = {
    { "", "", 2, "", "usage: irqpath COMMAND" },
    { "", "--help", 0, "usage: irqpath COMMAND", "" },
    { "", "help", 0, "  validate    check scenarios", "" },
    { "", "help run", 0, "irqpath run SCENARIO [OPTIONS]", "" },
    { "", "help --man run", 0, ".TH \"IRQPATH\\-RUN\" \"1\"", "" },
    { "", "help scenario", 0, "guests.NAME", "" },
    { "", "help experiment-file", 0, "published:", "" },
    { "", "help runn", 2, "", "irqpath help: error: unknown topic 'runn' (did you mean 'run'?)" },
    { "", "help --write /dev/null/x", 4, "", "/dev/null/x/man1/irqpath.1: cannot be created: Not a directory" },
    { "", "--version", 0, "irqpath 0.", "" },
    { "", "version --json", 0, "{\"version\": \"0.", "" },
    { "", "vlidate x", 2, "", "irqpath: error: unknown command 'vlidate' (did you mean 'validate'?)" },
    { "", "frobnicate", 2, "", "irqpath: error: unknown command 'frobnicate'\n" },
    { "", "validate", 2, "", "irqpath validate: error: missing argument: irqpath validate SCENARIO..." },
    { "", "explain a b", 2, "", "irqpath explain: error: unexpected argument 'b'" },
    { "", "validate --sed 3 x", 2, "", "irqpath validate: error: unknown option '--sed' (did you mean '--set'?)" },
    { "", "validate -z x", 2, "", "irqpath validate: error: unknown option '-z'" },
    { "", "list --desing=x designs", 2, "", "irqpath list: error: unknown option '--desing'" },
    { "", "explain --desing=x y", 2, "", "unknown option '--desing' (did you mean '--design'?)" },
    { "", "validate --seed", 2, "", "irqpath validate: error: --seed needs a value: N" },
    { "", "validate --seed x y", 2, "", "irqpath validate: error: --seed: 'x' is not a number: expected an integer" },
    { "", "validate --duration 2 y", 2, "", "--duration: '2' has no unit: expected a duration (ns, us, ms, s)" },
    { "", "validate --duration=0s y", 2, "", "--duration: the value must be greater than 0" },
    { "", "validate --quiet=yes y", 2, "", "irqpath validate: error: --quiet takes no value" },
    { "", "validate --color=allways y", 2, "", "--color: unknown choice 'allways' (did you mean 'always'?)" },
    { "", "validate --design softirq-reqeue y", 2, "",
      "unknown design 'softirq-reqeue' (did you mean 'softirq-requeue'?)" },
    { "", "validate --help", 0, "  --set PATH=VALUE", "" },
    { "", "validate --help", 0, "\n\noptions:\n  ", "" },
    { "", "validate nowhere.yaml", 4, "", "nowhere.yaml: error: cannot read: No such file or directory" },
    { "", "validate -- --help", 4, "", "--help: error: there is neither a file" },
    { "", "validate " ONE_MSI, 0, "", "one-msi.yaml: valid, 1 cell\n" },
    { "", "validate -q " ONE_MSI, 0, "", "" },
    { "", "validate -q - <" ONE_MSI, 0, "", "" },
    { "", "validate " ONE_MSI " nowhere.yaml", 4, "", "valid" },
    { "", "validate -q " ONE_MSI " --set run.seed=x", 2, "", "--set 1:10: error: 'x' is not a number" },
    { "", "validate -q " ONE_MSI " --expect 'irq.lost = 0'", 2, "", "--expect 1:10: error: unknown operator" },
    { "", "validate -q " ONE_MSI " --expect='irq.lost == 0' --seed 0 --duration 2s --design pirq-tasklet", 0, "", "" },
    { "", "validate " ONE_MSI " --set run.sed=1 --color=always", 2, "", "\033[1;31merror:\033[0m unknown key" },
    { "NO_COLOR=1", "validate " ONE_MSI " --set run.sed=1", 2, "", ": error: unknown key 'sed'" },
    { "", "explain " ONE_MSI " --seed 7 --design pirq-tasklet", 0, "  seed: 7 ", "" },
    { "", "explain " ONE_MSI " >/dev/full", 4, "", "cannot write to standard output: No space left on device" },
    { "", "list designs >/dev/full", 4, "", "cannot write to standard output" },
};

static void assert_contains(const char *arguments, const char *text, const char *part)
{
    if (*part ? !strstr(text, part) : *text)
        fail_msg("irqpath %s: expected '%s' in '%s'", arguments, part, text);
}

static void streams_and_exit_codes(void **state)
{
    static struct program program;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        program_run(&program, rows[i].environment, rows[i].arguments);
        if (program.code != rows[i].code)
            fail_msg("irqpath %s: exit code %d, not %d: %s", rows[i].arguments, program.code, rows[i].code,
                     program.errors);
        assert_contains(rows[i].arguments, program.output, rows[i].output);
        assert_contains(rows[i].arguments, program.errors, rows[i].errors);
    }
}

struct own {
    bool is_forced;
    struct cli_list names;
    struct cli_count number;
};

static const struct cli_option own_options[] = {
    { "force", 'f', CLI_FLAG, offsetof(struct own, is_forced), NULL, NULL, "" },
    { "name", 'n', CLI_LIST, offsetof(struct own, names), "NAME", NULL, "" },
    { "number", 0, CLI_NUMBER, offsetof(struct own, number), "N", NULL, "" },
};

static const struct command command = {
    .name = "test",
    .arguments = "",
    .summary = "",
    .common = CLI_OUTPUT | CLI_SEEDS | CLI_JSON,
    .options = own_options,
    .option_count = 3,
    .own_bytes = sizeof(struct own),
    .argument_maximum = 9,
};

static void options_fill_their_structs(void **state)
{
    char *arguments[] = { "a",       "-nx", "--name=y", "-o", "file", "--name", "--z", "-f",
                          "--seeds", "3",   "--number", "0",  "-",    "--json", "--",  "-f" };
    const struct own *own;
    struct cli cli;

    (void)state;
    assert_true(cli_parse(&cli, &command, sizeof(arguments) / sizeof(*arguments), arguments));
    own = cli.own;
    assert_true(own->is_forced && cli.wants_json && !cli.is_quiet);
    assert_int_equal(own->names.count, 3);
    assert_string_equal(own->names.items[0], "x");
    assert_string_equal(own->names.items[2], "--z");
    assert_true(own->number.is_given && own->number.value == 0);
    assert_true(cli.seeds.is_given && cli.seeds.value == 3);
    assert_string_equal(cli.output, "file");
    assert_int_equal(cli.argument_count, 3);
    assert_string_equal(cli.arguments[1], "-");
    assert_string_equal(cli.arguments[2], "-f");
    cli_free(&cli);
}

static void without_options_there_are_defaults(void **state)
{
    struct cli cli;

    (void)state;
    assert_true(cli_parse(&cli, &command, 0, NULL));
    assert_true(cli.seeds.value == 1 && !cli.seeds.is_given && !cli.output && cli.sets.count == 0);
    assert_false(cli_use_colour(&cli, -1));
    cli_free(&cli);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_and_exit_codes),
        cmocka_unit_test(options_fill_their_structs),
        cmocka_unit_test(without_options_there_are_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
