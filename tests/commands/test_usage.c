/* SPDX-License-Identifier: Apache-2.0
 *
 * Options that contradict each other, or lack another one, are named before anything runs.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"
#include "temporary.h"

static void mistakes_are_named(void **state)
{
    static const char *const rows[][2] = {
        { "build -o x.so", "--xen TREE, --linux TREE or --qemu TREE, and -o FILE, are needed" },
        { "build --xen .", "--xen TREE, --linux TREE or --qemu TREE, and -o FILE, are needed" },
        { "calibrate --rounds 1002", "at most 1001 rounds of 1000000 iterations" },
        { "run one-msi --json -o -", "--json and -o - cannot both write to standard output" },
        { "run one-msi --trace-window 1ms,2ms", "--trace-* have no effect without --trace FILE" },
        { "run one-msi --annotations --json", "--annotations and a document cannot both go to standard output" },
        { "run one-msi --allow-unreached", "--allow-unreached has no effect without --code" },
        { "compare one-msi --json --annotations", "--annotations and a document cannot both go to standard output" },
        { "show a.cbor --json --csv", "only one of --json, --csv, --markdown and --hash can be used" },
        { "show a.cbor --markdown --hash", "only one of --json, --csv, --markdown and --hash can be used" },
        { "show a.cbor --json --histograms", "--histograms can be used with --csv only" },
        { "show a.cbor --timehist --attribution", "only one of --timehist, --attribution and --slowest can be used" },
        { "show a.cbor --trace-window 1ms,2ms", "of the --trace-* options, only --trace-window can be used" },
        { "sweep --merge a", "--merge DIR needs -o FILE and takes no scenario" },
        { "sweep --merge a -o b.cbor one-msi", "--merge DIR needs -o FILE and takes no scenario" },
        { "sweep --analyse a", "--analyse TABLE needs --metric COLUMN and takes no scenario" },
        { "sweep --analyse a --metric m one-msi", "--analyse TABLE needs --metric COLUMN and takes no scenario" },
        { "sweep --analyse a --metric m --above x", "--above: expected a number, not 'x'" },
        { "sweep one-msi --shard 0/2", "--shard: expected I/N with 1 <= I <= N, not '0/2'" },
        { "trace export a.cbor", "-o FILE is missing" },
        { "trace import a.xentrace", "-o SCENARIO is missing" },
        { "trace expor a.cbor -o x.dat", "unknown action 'expor': expected export or import" },
        { "report a.cbor -o r.html --trace-window 1ms,2ms", "--trace-window and --slowest need --trace" },
        { "report a.cbor -o r.html --slowest 3", "--trace-window and --slowest need --trace" },
        { "report a.cbor -o r.html --trace --slowest 51", "--slowest 51: a page takes 50" },
        { "compare one-msi --xen nowhere", "two trees are needed" },
        { "compare a.cbor b.cbor c.cbor", "unexpected argument 'c.cbor'" },
        { "compare one-msi --over hypervisor.lock=mcs,,ticket", "a value in 'mcs,,ticket' is empty" },
        { "compare one-msi --over hypervisor.lock=mcs,ticket,mcs", "names mcs twice" },
        { "compare one-msi --xen nowhere --xen none", "nowhere: not a directory of sources" },
        { "compare one-msi --xen a --xen b --patch c", "--patch needs one tree" },
        { "explore one-msi --walks 0,2", "--walks needs --random N" },
        { "explore one-msi --random 5 --walks 2,2", "expected FROM,TO with 0 <= FROM < TO <= 5, not '2,2'" },
        { "explore one-msi --random 5 --walks 1,6", "expected FROM,TO with 0 <= FROM < TO <= 5, not '1,6'" },
        { "explore one-msi --random 5 --walks 1", "expected FROM,TO with 0 <= FROM < TO <= 5, not '1'" },
        { "experiment x.yaml --check --redraw", "--check writes nothing, and --redraw writes" },
    };
    static struct program program;
    char directory[] = "/tmp/irqpath-test-XXXXXX", environment[64];

    (void)state;
    temporary_directory(directory);
    snprintf(environment, sizeof environment, "cd %s &&", directory);
    program_run(&program, environment, "run " SOURCE_DIR "/scenarios/one-msi.yaml --duration 5ms -o a.cbor -q");
    assert_int_equal(program.code, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        program_run(&program, environment, rows[i][0]);
        if (program.code != 2 || strstr(program.errors, rows[i][1]) == NULL)
            fail_msg("%s: exit code %d, %s", rows[i][0], program.code, program.errors);
        assert_string_equal(program.output, "");
    }
    temporary_directory_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(mistakes_are_named) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
