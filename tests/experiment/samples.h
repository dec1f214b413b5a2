/* SPDX-License-Identifier: Apache-2.0
 *
 * Experiments from text, with rows made by hand: two runs, four cells of `m` with two seeds each. Cell i (0: 100Hz a,
 * 1: 100Hz b, 2: 1kHz a, 3: 1kHz b) has irq.raised 10 * (i + 1) + seed and irq.lost 0 for seed 1 and i for seed 2; the
 * row of `n` has irq.raised 7 and nothing else.
 */
#ifndef TESTS_EXPERIMENT_SAMPLES_H
#define TESTS_EXPERIMENT_SAMPLES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/rows.h"
#include "scenario_samples.h"

#define RUNS \
    "# Is it so?\n" \
    "runs:\n" \
    "  m:\n" \
    "    scenario: one-msi\n" \
    "    seeds: 2\n" \
    "    matrix:\n" \
    "      devices.nic.arrivals.rate: [100Hz, 1kHz]\n" \
    "      case: [ { label: a, guests.guest.timer: tickless }, { label: b, guests.guest.timer: 250Hz } ]\n" \
    "  n: one-msi\n"

/* Loads the text after RUNS; fails with the messages when it has errors. */
static inline void sample_experiment(struct experiment *experiment, const char *text)
{
    struct diag diag;
    char *whole;

    assert_true(asprintf(&whole, "%s%s", RUNS, text) > 0);
    diag_init(&diag);
    if (experiment_load_text(experiment, SAMPLE_PATH, whole, strlen(whole), false, &diag) != EXPERIMENT_OK) {
        char *messages = sample_messages(&diag);

        fail_msg("%s%s", whole, messages);
    }
    diag_free(&diag);
    free(whole);
}

static inline void sample_value(struct experiment *experiment, struct experiment_row *row, const char *name, int value)
{
    size_t quantity = experiment_find_quantity(experiment, name);

    if (quantity != SIZE_MAX)
        row->values[quantity] = quotient_from(value, 1);
}

static inline void sample_rows(struct experiment_rows *rows, struct experiment *experiment)
{
    static const char *const rates[] = { "100Hz", "1kHz" }, *const cases[] = { "a", "b" },
                             *const seeds[] = { "1", "2" };
    size_t rate = experiment_find_axis(experiment, "rate"), kind = experiment_find_axis(experiment, "case");
    struct experiment_row *row;

    rows_init(rows);
    for (int i = 0; i < 8; i++) {
        row = rows_add(rows, experiment, 0);
        rows_label(rows, experiment, row, AXIS_SCENARIO, "one-msi");
        rows_label(rows, experiment, row, AXIS_DESIGN, "domain-tasklet");
        rows_label(rows, experiment, row, AXIS_SEED, seeds[i % 2]);
        rows_label(rows, experiment, row, rate, rates[i / 4]);
        rows_label(rows, experiment, row, kind, cases[i / 2 % 2]);
        sample_value(experiment, row, "irq.raised", 10 * (i / 2 + 1) + i % 2 + 1);
        sample_value(experiment, row, "irq.lost", i % 2 * (i / 2));
    }
    row = rows_add(rows, experiment, 1);
    rows_label(rows, experiment, row, AXIS_SCENARIO, "one-msi");
    rows_label(rows, experiment, row, AXIS_SEED, "1");
    sample_value(experiment, row, "irq.raised", 7);
    rows_derive(rows, experiment);
}

#endif
