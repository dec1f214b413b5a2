/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables over rows made by hand, as Markdown, and data.csv, written and read again.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "experiment/samples.h"
#include "experiment/write.h"
#include "temporary.h"

static char *summary_of(const char *text)
{
    struct experiment experiment;
    struct experiment_rows rows;
    struct findings findings;
    char *summary = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&summary, &bytes);

    assert_non_null(out);
    sample_experiment(&experiment, text);
    sample_rows(&rows, &experiment);
    findings_make(&findings, &experiment, &rows, "0");
    findings_print_tables(&findings, true, false, out);
    assert_int_equal(fclose(out), 0);
    findings_free(&findings);
    rows_free(&rows);
    experiment_free(&experiment);
    return summary;
}

static void tables_have_rows_and_columns(void **state)
{
    static const struct {
        const char *text, *summary;
    } cases[] = {
        { "tables: [ { title: T, rows: rate, columns: [irq.raised, max irq.lost] } ]\n",
          "T:\n\n| rate | irq.raised | irq.lost |\n|:--|--:|--:|\n| 100Hz | 16.50 | 1 |\n| 1kHz | 36.50 | 3 |\n" },
        /* The order is that of the axes, not that of the rows. */
        { "tables: [ { rows: [case, rate], columns: [ { value: irq.raised, title: r, decimals: 1 } ] } ]\n",
          "| case | rate | r |\n|:--|:--|--:|\n| a | 100Hz | 11.5 |\n| a | 1kHz | 31.5 |\n| b | 100Hz | 21.5 |\n| b | "
          "1kHz "
          "| 41.5 |\n" },
        { "tables: [ { rows: rate, across: case, value: irq.raised, relative_to: a } ]\n",
          "| rate | a | b | b over a |\n|:--|--:|--:|--:|\n| 100Hz | 11.50 | 21.50 | +87 % |\n| 1kHz | 31.50 | 41.50 | "
          "+32 % "
          "|\n" },
        { "tables: [ { where: rate=1kHz, across: case, columns: [irq.raised, irq.lost] } ]\n",
          "|  | a | b |\n|:--|--:|--:|\n| irq.raised | 31.50 | 41.50 |\n| irq.lost | 1 | 1.500 |\n" },
        { "tables: [ { run: n, rows: scenario, columns: [irq.raised, irq.lost] } ]\n",
          "| scenario | irq.raised | irq.lost |\n|:--|--:|--:|\n| one-msi | 7 | - |\n" },
        { "tables: [ { rows: rate, where: case=a, intervals: on, columns: [ { value: irq.raised, decimals: 1 } ] } ]\n",
          "| rate | irq.raised |\n|:--|--:|\n| 100Hz | 11.5 +- 6.4 |\n| 1kHz | 31.5 +- 6.4 |\n" },
        { "tables: [ { rows: rate, columns: [ irq.raised b - irq.raised a ] } ]\n",
          "| rate | irq.raised b - irq.raised a |\n|:--|--:|\n| 100Hz | 10 |\n| 1kHz | 10 |\n" },
        { "tables: [ { costs: [xen.costs.hypercall] }, { title: 'None?', run: n, costs: chosen } ]\n",
          "| cost | value | typical | range | tag | rests on |\n|:--|:--|:--|:--|:--|:--|\n| xen.costs.hypercall | "
          "169cy | "
          "169cy | 150cy .. 210cy | estimate | the rest of 1230 for a null hypercall |\n\nNone?\n\n| cost | value | "
          "typical | range | tag | rests on "
          "|\n|:--|:--|:--|:--|:--|:--|\n| xen.costs.software_cv_permille | 0 | 400 | 300 .. 500 | estimate | "
          "shape of Xen's CR_ACCESS exits, mean 3957 {2361\\|3378\\|7920} cycles, Xen commit 4068173550 |\n" },
        { "published:\n"
          "  - { run: m, where: rate=1kHz, quantity: irq.raised, value: [30, 40], source: x, tag: seen }\n"
          "  - { name: few, run: m, quantity: irq.lost, value: 2, source: y }\n"
          "  - { run: n, quantity: irq.lost, value: 1, source: z }\n"
          "tables: [ { published: on, where: case=a } ]\n",
          "| published | value | found, from | to | case=a | inside | tag | source |\n"
          "|:--|--:|--:|--:|--:|--:|--:|--:|\n"
          "| irq.raised | 30 to 40 | 31 | 42 | 31.50 | yes | seen | x |\n| few | 2 | 0 | 3 | 0.500 | yes |  | y |\n"
          "| irq.lost | 1 | - | - | - | - |  | z |\n" },
        { "tables: [ { rows: rate, columns: [ { label: case }, { label: seed, title: s } ] } ]\n",
          "| rate | case | s |\n|:--|--:|--:|\n| 100Hz | a, b | 1, 2 |\n| 1kHz | a, b | 1, 2 |\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *summary = summary_of(cases[i].text);

        assert_string_equal(summary, cases[i].summary);
        free(summary);
    }
}

static char *csv_of(const struct experiment_rows *rows, const struct experiment *experiment)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    rows_write_csv(rows, experiment, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void data_is_read_as_it_was_written(void **state)
{
    char path[] = "/tmp/irqpath-test-XXXXXX.csv", message[300];
    struct experiment experiment;
    struct experiment_rows rows, again;
    char *text, *text_again;

    (void)state;
    sample_experiment(&experiment, "derive: { part: irq.lost / irq.raised }\nkeep: [irq.raised]\n");
    sample_rows(&rows, &experiment);
    text = csv_of(&rows, &experiment);
    assert_non_null(strstr(text, "run,scenario,design,seed,rate,case,part,irq.lost,irq.raised\n"));
    assert_non_null(strstr(text, "\nm,one-msi,domain-tasklet,2,100Hz,b,0.0454545455,1,22\n"));
    assert_non_null(strstr(text, "\nn,one-msi,,1,,,,,7\n"));
    temporary_file(path, ".csv");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    rows_init(&again);
    assert_true(rows_read_csv(&again, &experiment, path, message, sizeof message));
    text_again = csv_of(&again, &experiment);
    assert_string_equal(text_again, text);
    free(text);
    free(text_again);
    rows_free(&again);
    rows_free(&rows);
    experiment_free(&experiment);
    unlink(path);
}

/* Aims and expectations apart, by what became of them. */
static void outcomes_are_counted(void **state)
{
    struct experiment experiment;
    struct experiment_rows rows;
    struct findings findings;

    (void)state;
    sample_experiment(&experiment, "expect: [ max irq.lost == 3, max irq.lost > 3, min irq.lost > 0, "
                                   "irq.lost where run=n == 0 ]\naim: [ max irq.raised > 42, max irq.raised > 41 ]\n");
    sample_rows(&rows, &experiment);
    findings_make(&findings, &experiment, &rows, "0");
    assert_int_equal(findings_count(&findings, false, EXPECTATION_MET), 1);
    assert_int_equal(findings_count(&findings, false, EXPECTATION_MISSED), 2);
    assert_int_equal(findings_count(&findings, false, EXPECTATION_NOT_OBSERVED), 1);
    assert_int_equal(findings_count(&findings, true, EXPECTATION_MET), 1);
    assert_int_equal(findings_count(&findings, true, EXPECTATION_MISSED), 1);
    assert_int_equal(findings_count(&findings, true, EXPECTATION_NOT_OBSERVED), 0);
    findings_free(&findings);
    rows_free(&rows);
    experiment_free(&experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_have_rows_and_columns),
        cmocka_unit_test(outcomes_are_counted),
        cmocka_unit_test(data_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
