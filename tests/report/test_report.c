/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath report from the command line: the sections of a page, and what is refused.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "program.h"
#include "report/sections.h"
#include "result/file.h"
#include "result_samples.h"
#include "temporary.h"

static char directory[] = "/tmp/irqpath-report-XXXXXX";
static struct program program;

/* Reads a file of the directory. The caller frees the text. */
static char *text_of(const char *name)
{
    char path[128];
    char *text = calloc(1, 8 << 20);

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_true(fread(text, 1, (8 << 20) - 1, in) > 0);
    fclose(in);
    return text;
}

/* Writes a file of the directory. */
static void write_file(const char *name, const void *bytes, size_t count)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, count, out), count);
    fclose(out);
}

static int make_results(void **state)
{
    (void)state;
    temporary_directory(directory);
    program_run_with(&program,
                     "compare " SOURCE_DIR
                     "/scenarios/one-msi.yaml --designs domain-tasklet,softirq-requeue --seeds 2 -q "
                     "--set run.warmup=10ms --duration 50ms -o %s/two.cbor",
                     directory);
    return program.code;
}

static int remove_results(void **state)
{
    (void)state;
    temporary_directory_remove(directory);
    return 0;
}

static void a_page_has_its_sections(void **state)
{
    static const char *const parts[] = {
        "<h1>A &lt;title&gt;</h1>",
        "<section id=\"verdict\"",
        "<p class=\"question\">", /* what the comparison says */
        "softirq-requeue beside domain-tasklet: <span class=\"good\">",
        "<table id=\"headline-table\"",
        "<section id=\"figures\"",
        "<section id=\"metrics\"",
        "<tr data-metric=\"irq.latency.p99_ns\"",
        "<section id=\"provenance\"",
        "Resolved scenario of softirq-requeue, seed 1",
        "id=\"figures-data\">[{\"files\":[],\"name\":\"guests\"",
        "</html>\n",
    };

    (void)state;
    program_run_with(&program, "report %s/two.cbor -o %s/two.html --title 'A <title>'", directory, directory);
    assert_int_equal(program.code, 0);
    assert_string_equal(program.errors, "");
    char *text = text_of("two.html"), *at = text;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *found = strstr(at, parts[i]);
        if (found == NULL)
            fail_msg("not in its place: %s", parts[i]);
        at = found;
    }
    free(text);
    program_run_with(&program, "report %s/two.cbor -o %s/two.html", directory, directory);
    assert_int_equal(program.code, 4); /* exists */
}

/* tests/report/experiment.json has invented numbers, and every kind of figure. */
static void an_experiment_has_its_parts(void **state)
{
    static const char *const parts[] = {
        "<title>vfio-cost</title>",
        "<p class=\"question\">What does one INTx interrupt cost with each design where nobody shares the line?</p>",
        "<p>Direct EOI saves <strong>2.8</strong> of 4.2 VM exits.</p>",
        "A quick run",
        "<p class=\"good\">1 of 1 expectation is met.</p>",
        "<p class=\"warn\">0 of 1 aim is met.</p>",
        "data-figures=\"experiment-0\"",
        "<th scope=\"col\" class=\"value\">latency</th>", /* its texts have units */
        "data-value=\"4.2\" title=\"4.2 \">4.20 ±0.10</td>",
        "data-value=\"null\"",
        "direct EOI costs fewer exits <small><code>alone: exits where",
        "class=\"warn\">missed</td>",
        "12000 to 13000 1/s",
        "<h3>Notes</h3>",
        "<em>own</em>",
        "aim missed: exits where path=msi is 1, not 0.9",
        "<code>exits</code> = guests.a.exits / devices.dev.delivered VM exits for each interrupt",
        "id=\"experiment-0-data\">[{\"files\":[],\"name\":\"cost\"",
    };

    (void)state;
    program_run_with(&program, "report " SOURCE_DIR "/tests/report/experiment.json -o %s/experiment.html", directory);
    assert_int_equal(program.code, 0);
    char *text = text_of("experiment.html"), *at = text;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *found = strstr(at, parts[i]);
        if (found == NULL)
            fail_msg("not in its place: %s", parts[i]);
        at = found;
    }
    json_t *json = json_load_file(SOURCE_DIR "/tests/report/experiment.json", 0, NULL);
    static char *printed;
    static size_t printed_bytes;
    FILE *out = open_memstream(&printed, &printed_bytes);
    report_print_experiment(json, out);
    fclose(out);
    assert_string_equal(printed, text);
    free(printed);
    free(text);
    json_array_clear(json_object_get(json, "messages"));
    json_object_set_new(json, "notes", json_string(""));
    out = open_memstream(&printed, &printed_bytes);
    report_print_experiment(json, out);
    fclose(out);
    assert_null(strstr(printed, "What did not go as hoped"));
    assert_null(strstr(printed, "<h3>Notes</h3>"));
    json_decref(json);
    free(printed);
}

static void the_same_results_give_the_same_page(void **state)
{
    (void)state;
    program_run_with(&program,
                     "report %s/two.cbor -o %s/first.html && '" IRQPATH "' report - <%s/two.cbor -o %s/second.html",
                     directory, directory, directory, directory);
    assert_int_equal(program.code, 0);
    char *first = text_of("first.html"), *second = text_of("second.html");
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static void what_a_report_cannot_take_is_refused(void **state)
{
    bool has_perf = system("command -v perf >/dev/null 2>&1") == 0; /* NOLINT(cert-env33-c): a fixed command */
    const struct {
        const char *name, *bytes;
        int code;
        const char *error;
    } rows[] = {
        { "empty", "", 2, "this is empty" },
        { "x.dat", "\x17\x08\x44tracing6", 2, "cannot read it" },
        { "x.xentrace", "\x03\xf0\x01\x10", 2, "x.xentrace: byte 0" },
        { "x.pftrace", "\n\x80\x01\x08", 2, "a trace for Perfetto" },
        { "x.data", "PERFILE2xxxx", 2, has_perf ? "x.data: perf cannot read it" : "takes the program perf" },
        { "x.so",
          "\x7f"
          "ELF\x02",
          2, "a program or code object" },
        { "x.yaml", "# Why?\nname: x\nmachine: {}\n", 2, "irqpath run FILE" },
        { "e.yaml", "# Why?\nruns:\n  a: {}\n", 2, "irqpath experiment FILE -o DIR" },
        { "x.csv", "scenario,design,seed,metric\n", 2, "the CSV of results" },
        { "x.txt", "swapper     0 [000] 12.5: irq:irq_handler_entry: irq=1\n", 2, "record sched:sched_switch" },
        { "page.html", "<!doctype html>\n", 2, "a page already" },
        { "text", "hello\n", 2, "this is text" },
        { "bytes", "\x01\x02", 2, "of an unknown kind" },
        { "run.json", "{\"metrics\": {}}", 2, "what --json prints" },
        { "compare.json", "{\"designs\": []}", 2, "what --json prints" },
        { "explore.json", "{\"verdicts\": []}", 2, "the replay that explore -o writes" },
        { "sweep.json", "{\"cells\": []}", 2, "name its directory" },
        { "other.json", "[1]", 2, "neither a replay" },
        { "cut.json", "{\"metrics\": ", 4, "damaged JSON: line 1" },
        { "replay.json", "{\"irqpath_replay\": 99}", 4, "a replay file of version 99; this irqpath reads version 1" },
        { "cut.cbor", "\xa5\x64hash", 4, "byte" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_file(rows[i].name, rows[i].bytes, strlen(rows[i].bytes));
        program_run_with(&program, "report %s/%s -o %s/never.html", directory, rows[i].name, directory);
        if (program.code != rows[i].code || strstr(program.errors, rows[i].error) == NULL)
            fail_msg("%s: %d, %s", rows[i].name, program.code, program.errors);
    }
    program_run_with(&program, "report %s/none.cbor -o %s/never.html", directory, directory);
    assert_int_equal(program.code, 4);
    assert_non_null(strstr(program.errors, "none.cbor: No such file"));
    program_run_with(&program, "report /tmp -o %s/never.html", directory);
    assert_int_equal(program.code, 2);
    assert_non_null(strstr(program.errors, "neither an experiment.json"));
    program_run_with(&program, "report %s/two.cbor", directory);
    assert_int_equal(program.code, 2);
    assert_non_null(strstr(program.errors, "-o FILE.html is needed"));
}

/* Files of a gigabyte, with a hole behind their heads: only the head is read. */
static void what_is_too_large_is_refused_by_its_size(void **state)
{
    static const struct {
        const char *head, *error;
    } rows[] = {
        { "\x17\x08\x44tracing6", "1.000 GiB; this is a trace for KernelShark" },
        { "\xa5\x64hash", "a result file of 1.000 GiB is too large for a page, which takes 64.00 MiB: report some" },
        { "{\"irqpath_replay\": 1,", "JSON of 1.000 GiB is too large" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/large", directory);
        write_file("large", rows[i].head, strlen(rows[i].head));
        assert_int_equal(truncate(path, 1 << 30), 0);
        program_run_with(&program, "report %s -o %s/never.html", path, directory);
        assert_int_equal(program.code, 2);
        if (strstr(program.errors, rows[i].error) == NULL)
            fail_msg("%s", program.errors);
    }
}

/* 600 cells of more than 200 metrics. */
static void too_many_numbers_are_refused(void **state)
{
    char path[128], message[256], design[32], name[METRIC_NAME_BYTES];
    struct result_set set;

    (void)state;
    result_set_init(&set);
    for (uint64_t i = 0; i < 600; i++) {
        snprintf(design, sizeof design, "design-%u", (unsigned)i);
        struct result result = sample_result(design, 1, 4000);
        for (unsigned metric = 0; metric < 200; metric++) {
            snprintf(name, sizeof name, "locks.lock%u.acquisitions", metric);
            metrics_append(&result.metrics, name, metric, 1);
        }
        result_set_append(&set, &result);
    }
    snprintf(path, sizeof path, "%s/many.cbor", directory);
    if (!result_file_write(&set, path, true, message, sizeof message))
        fail_msg("%s", message);
    result_set_free(&set);
    program_run_with(&program, "report %s -o %s/never.html", path, directory);
    assert_int_equal(program.code, 2);
    if (strstr(program.errors, "metrics of 600 cells are too many for a page") == NULL)
        fail_msg("%s", program.errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_has_its_sections),
        cmocka_unit_test(an_experiment_has_its_parts),
        cmocka_unit_test(the_same_results_give_the_same_page),
        cmocka_unit_test(what_a_report_cannot_take_is_refused),
        cmocka_unit_test(what_is_too_large_is_refused_by_its_size),
        cmocka_unit_test(too_many_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, make_results, remove_results);
}
