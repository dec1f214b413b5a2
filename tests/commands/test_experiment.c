/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath experiment: the example in its help runs as it stands; exit codes; the files; --check; names that a shell or
 * a program for drawing would take for something else.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdbool.h>

#include "base/sha256.h"
#include "program.h"
#include "temporary.h"

static int set_up(void **state)
{
    char *root = strdup("/tmp/irqpath-test-XXXXXX");

    temporary_directory(root);
    *state = root;
    return 0;
}

static int tear_down(void **state)
{
    temporary_directory_remove(*state);
    free(*state);
    return 0;
}

static void write_file(const char *root, const char *text)
{
    char path[100];

    snprintf(path, sizeof path, "%s/e.yaml", root);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Runs `irqpath experiment e.yaml -o out` in the directory. */
static void run(struct program *program, const char *root, const char *text, const char *options)
{
    char arguments[200];

    write_file(root, text);
    snprintf(arguments, sizeof arguments, "experiment %s/e.yaml -o %s/out %s", root, root, options);
    program_run(program, "", arguments);
}

static bool has_file(const char *root, const char *name)
{
    char path[100];

    snprintf(path, sizeof path, "%s/out/%s", root, name);
    return access(path, R_OK) == 0;
}

static json_t *load(const char *root, const char *name)
{
    char path[100];
    json_error_t error;

    snprintf(path, sizeof path, "%s/out/%s", root, name);
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(json);
    return json;
}

static void the_example_in_the_help_runs(void **state)
{
    static struct program program;
    char text[2000];
    size_t used = 0;

    program_run(&program, "", "experiment --help");
    char *at = strstr(program.output, "\n  # How much");
    assert_non_null(at);
    for (char *line = at + 1; strncmp(line, "  ", 2) == 0; line = strchr(line, '\n') + 1) {
        size_t bytes = strcspn(line, "\n") - 1;

        memcpy(text + used, line + 2, bytes);
        used += bytes;
    }
    text[used] = '\0';
    run(&program, *state, text, "--quiet");
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "How much does each design delay an interrupt?\n"));
    assert_non_null(strstr(program.output, "direct-eoi"));
    assert_true(has_file(*state, "summary.md") && has_file(*state, "data.csv") && has_file(*state, "expectations.tsv"));
}

#define RUN "# Is it so?\nruns: { m: { scenario: one-msi, run.duration: 100ms } }\n"

static void exit_codes_tell_what_became_of_expectations(void **state)
{
    static const struct {
        const char *text, *output;
        int code;
    } cases[] = {
        { RUN "expect: [ 'irq.lost == 0' ]\n", "", 0 },
        { RUN "expect: [ 'irq.lost > 0' ]\n", "expectation failed: irq.lost > 0: found 0, wanted > 0\n", 1 },
        { RUN "aim: [ { nothing gets lost: 'irq.lost > 0' } ]\n",
          "aim missed: nothing gets lost: found 0, wanted > 0\n", 0 },
        { RUN "expect: [ 'irq.lost where seed=3 == 0' ]\n",
          "expectation not observed: irq.lost where seed=3 == 0: no row fulfils the conditions\n", 1 },
        { RUN "expects: []\n", "", 2 },
    };
    static struct program program;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run(&program, *state, cases[i].text, "--quiet");
        assert_int_equal(program.code, cases[i].code);
        assert_non_null(strstr(program.output, cases[i].output));
        if (cases[i].code == 2)
            continue;
        run(&program, *state, cases[i].text, "--quiet --annotations");
        assert_true((strstr(program.output, " irq.lost > 0::found 0, wanted > 0") != NULL) ==
                    (strstr(cases[i].output, "failed: irq.lost > 0") != NULL));
        run(&program, *state, cases[i].text, "--quiet --check");
        assert_int_equal(program.code, cases[i].code);
        assert_non_null(strstr(program.output, cases[i].output));
    }
    run(&program, *state, RUN, "--check --cells /nowhere"); /* runs nothing */
    assert_int_equal(program.code, 0);
    program_run(&program, "", "experiment /nowhere/e.yaml");
    assert_int_equal(program.code, 4);
}

static void files_hold_what_was_found(void **state)
{
    static const char text[] =
        RUN "derive: { each: { formula: irq.raised / run.duration, unit: Hz, title: Each } }\ntables: [ { rows: seed, "
            "columns: [each] } ]\n"
            "verdict: '{each | 0} a second'\nnotes: so\n"
            "published: [ { quantity: each, value: 90, source: a book, tag: recalled },\n"
            "  { run: m, where: seed=1, quantity: irq.lost, value: [0, 1], source: y } ]\n";
    static struct program program;
    char hash[SHA256_TEXT_BYTES];
    json_t *json, *manifest;

    run(&program, *state, text, "--quiet");
    assert_int_equal(program.code, 0);
    json = load(*state, "experiment.json");
    assert_string_equal(json_string_value(json_object_get(json, "schema")), "irqpath-experiment/1");
    assert_string_equal(json_string_value(json_object_get(json, "verdict")), "100 a second");
    json_t *published = json_array_get(json_object_get(json, "published"), 0);
    assert_true(json_number_value(json_object_get(published, "found")) == 100);
    assert_true(json_number_value(json_object_get(published, "value")) == 90);
    assert_string_equal(json_string_value(json_object_get(published, "tag")), "recalled");
    published = json_array_get(json_object_get(json, "published"), 1);
    const json_t *where = json_object_get(published, "where");
    assert_int_equal(json_object_size(where), 1);
    assert_string_equal(json_string_value(json_object_get(where, "seed")), "1");
    assert_string_equal(json_string_value(json_object_get(published, "run")), "m");
    assert_true(json_number_value(json_object_get(published, "high")) == 1);
    json_t *table = json_array_get(json_object_get(json, "tables"), 0);
    json_t *cell = json_array_get(json_array_get(json_object_get(table, "rows"), 0), 1);
    assert_true(json_number_value(json_object_get(cell, "value")) == 100);
    json_t *quantities = json_object_get(json, "quantities"), *quantity;
    size_t at, found = 0;
    json_array_foreach(quantities, at, quantity)
    {
        if (strcmp(json_string_value(json_object_get(quantity, "name")), "each") != 0)
            continue;
        found++;
        assert_string_equal(json_string_value(json_object_get(quantity, "unit")), "Hz");
        assert_string_equal(json_string_value(json_object_get(quantity, "title")), "Each");
    }
    assert_int_equal(found, 1);
    assert_true(has_file(*state, "report.html"));
    manifest = load(*state, "manifest.json");
    assert_true(json_array_size(json_object_get(manifest, "files")) >= 3);
    const json_t *file = json_array_get(json_object_get(manifest, "files"), 0);
    sha256_text(text, strlen(text), hash);
    assert_string_equal(json_string_value(json_object_get(file, "sha256")), hash);
    assert_string_equal(json_string_value(json_object_get(manifest, "question")), "Is it so?");
    json_decref(json);
    json_decref(manifest);
    run(&program, *state, RUN, "--quiet"); /* without a verdict now */
    assert_false(has_file(*state, "verdict.md"));
}

/* A run that --quick leaves out has no cells, and the rest is written; directories above are made. */
static void quick_leaves_out(void **state)
{
    static struct program program;
    char options[200];

    (void)snprintf(options, sizeof options, "--quick --cells %s/a/b/cells", (char *)*state);
    run(&program, *state,
        "# Is it so?\nruns:\n  long: { scenario: one-msi, quick: { skip: on } }\n"
        "  m: { scenario: one-msi, run.duration: 100ms }\nexpect: [ 'irq.lost where run=m == 0' ]\n",
        options);
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.errors, "long: left out, as it takes long"));
    json_t *json = load(*state, "experiment.json");
    const json_t *left_out = json_array_get(json_object_get(json, "runs"), 0);
    const json_t *scenario = json_array_get(json_object_get(left_out, "scenarios"), 0);
    assert_string_equal(json_string_value(json_object_get(scenario, "cells")), "");
    assert_int_equal(json_integer_value(json_object_get(left_out, "rows")), 0);
    json_decref(json);
}

/* The parts of the loss sum to the guest's steal, which another run of the same experiment measures. */
static void time_is_attributed(void **state)
{
    static struct program program;

    run(&program, *state,
        "# Who takes whose time?\nruns:\n"
        "  parts: { attribute: posted-overcommit, run.duration: 100ms, matrix: { hypervisor.posted: [on, off], "
        "guests.others.count: [1] } }\n"
        "  whole: { scenario: posted-overcommit, run.duration: 100ms, matrix: { hypervisor.posted: [on, off], "
        "guests.others.count: [1] } }\n"
        "derive: { percent: 100 * lost_cycles / kind_cycles }\n"
        "tables: [ { run: parts, rows: [guest, loss, culprit], across: posted, value: sum percent } ]\n"
        "expect:\n"
        "  - 'sum percent where run=parts guest=others loss=steal posted=on > 10'\n"
        "  - 'sum percent where run=parts guest=others loss=steal posted=on - guests.others.steal.percent where "
        "run=whole "
        "posted=on == 0 +- 0.000001'\n",
        "--quiet");
    assert_int_equal(program.code, 0);
    run(&program, *state,
        "# q\nruns: { parts: { attribute: posted-overcommit, run.duration: 100ms, matrix: { "
        "guests.others.count: [1] } } }\nkeep: [lost_cycles]\n",
        "");
    assert_non_null(strstr(program.errors, "parts: 2 of 2 attributed (2 now)"));
    run(&program, *state,
        "# q\nruns: { parts: { attribute: posted-overcommit, run.duration: 100ms, matrix: { "
        "guests.others.count: [1] } } }\nkeep: [lost_cycles]\n",
        "");
    assert_non_null(strstr(program.errors, "parts: 2 of 2 attributed (0 now)"));

    /* Shards take it from each other. */
    for (int shard = 0; shard < 2; shard++) {
        run(&program, *state,
            "# q\nruns: { m: { attribute: posted-overcommit, run.duration: 20ms, matrix: { hypervisor.posted: [on], "
            "guests.others.count: [1, 2, 3] } } }\nkeep: [lost_cycles]\n",
            shard == 0 ? "--shard 1/2" : "--shard 2/2");
        assert_int_equal(program.code, 0);
        const char *done = shard == 0 ? "m: 2 of 3 attributed (2 now)" : "m: 3 of 3 attributed (1 now)";
        assert_non_null(strstr(program.errors, done));
        assert_int_equal(strstr(program.errors, "m: 1 of 3 cells are missing: this shard is done") != NULL, shard == 0);
    }
}

static void hostile_names_stay_text(void **state)
{
    static struct program program;
    json_t *json;

    run(&program, *state,
        "# `touch hacked` $(touch hacked) \"'\nruns:\n  m:\n    scenario: one-msi\n    run.duration: 10ms\n"
        "    matrix:\n      case:\n        - { label: \"`touch hacked`\", devices.nic.arrivals.rate: 100Hz }\n"
        "        - { label: \"<script>'\\\"\", devices.nic.arrivals.rate: 1kHz }\n"
        "tables: [ { rows: case, columns: [irq.raised] } ]\n"
        "figures: [ { title: \"`touch hacked`'\", kind: bars, y: case, x: irq.raised } ]\n",
        "--quiet");
    assert_int_equal(program.code, 0);
    json = load(*state, "experiment.json");
    json_t *label = json_array_get(json_object_get(json_array_get(json_object_get(json, "labels"), 4), "values"), 1);
    assert_string_equal(json_string_value(label), "<script>'\"");
    json_decref(json);
    assert_int_not_equal(access("hacked", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_example_in_the_help_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exit_codes_tell_what_became_of_expectations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_hold_what_was_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quick_leaves_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_is_attributed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_names_stay_text, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
