/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs whose rows come from a CSV: columns become axes and quantities, an axis is that of a simulated run with the same
 * name, what is missing or no number is refused with its place.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "experiment/perform.h"
#include "experiment/read.h"
#include "scenario_samples.h"
#include "temporary.h"

static char root[] = "/tmp/irqpath-test-XXXXXX";

/* Loads a run of the CSV with this text, and returns its data.csv or the message. The caller frees it. */
static char *measure(const char *run, const char *csv)
{
    struct experiment experiment;
    struct experiment_rows rows;
    struct perform perform = { .experiment = &experiment };
    char *yaml, *path, *text = NULL, message[600];
    size_t bytes;
    struct diag diag;

    assert_true(asprintf(&path, "%s/m.csv", root) > 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(csv, file) >= 0 && fclose(file) == 0);
    assert_true(asprintf(&yaml,
                         "# q\nruns:\n  s: { scenario: one-msi, matrix: { hypervisor.lock: [ttas] } }\n"
                         "  m: { measured: %s, %s }\nderive: { middle: '(value - known) / 2' }\n",
                         path, run) > 0);
    diag_init(&diag);
    if (experiment_load_text(&experiment, SAMPLE_PATH, yaml, strlen(yaml), false, &diag) != EXPERIMENT_OK)
        fail_msg("%s%s", yaml, sample_messages(&diag));
    rows_init(&rows);
    if (perform_measured(&perform, 1, &rows, message, sizeof message) == PERFORM_OK) {
        char hash[SHA256_TEXT_BYTES];
        FILE *out = open_memstream(&text, &bytes);

        sha256_text(csv, strlen(csv), hash);
        assert_string_equal(experiment.runs[1].measured_hash, hash);

        assert_non_null(out);
        rows_derive(&rows, &experiment);
        rows_write_csv(&rows, &experiment, out);
        fprintf(out, "# %s\n", experiment.runs[1].measured_note != NULL ? experiment.runs[1].measured_note : "no note");
        assert_int_equal(fclose(out), 0);
    } else {
        text = text_copy(strstr(message, "m.csv"));
    }
    rows_free(&rows);
    experiment_free(&experiment);
    diag_free(&diag);
    free(yaml);
    free(path);
    return text;
}

static void columns_become_axes_and_quantities(void **state)
{
    static const char run[] = "labels: [lock, tool], numbers: { value: ns, known: ns }";
    static const struct {
        const char *csv, *text;
    } cases[] = {
        { "# SPDX-License-Identifier: x\n# 2 CPUs,\n# "
          "idle\ntool,lock,value,ignored,known\na,ttas,5,x,2\nb,mcs,2.5,y,\n",
          "run,lock,tool,middle,value,known\nm,ttas,a,1.5,5,2\nm,mcs,b,,2.5,\n# 2 CPUs, idle\n" },
        { "tool,lock,value,known\n,ttas,10us,1\n",
          "run,lock,middle,value,known\nm,ttas,-0.499995,1e-05,1\n# no note\n" },
        { "tool,lock,value,known\na,ttas,.5,.25\n",
          "run,lock,tool,middle,value,known\nm,ttas,a,0.125,0.5,0.25\n# no note\n" },
        { "tool,lock,value,known\na,ttas,many,1\n", "m.csv: row 1: 'many' in column 'value' is no number" },
        { "tool,lock,valve,known\na,ttas,1,1\n", "m.csv: the table has no column 'value' (did you mean 'valve'?)" },
        { "tool,lock,value,known\n", "m.csv: the table has no complete row" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = measure(run, cases[i].csv);

        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static int set_up(void **state)
{
    (void)state;
    temporary_directory(root);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temporary_directory_remove(root);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(columns_become_axes_and_quantities) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
