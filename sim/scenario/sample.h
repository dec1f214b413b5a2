/* SPDX-License-Identifier: Apache-2.0
 *
 * The section `sample` of a scenario: machines drawn at random instead of the cells of a matrix.
 *
 *   sample:
 *     n: 4000                # machines
 *     seed: 1                # of the draws
 *     method: sobol          # or lhs
 *     redraw: on             # of each of the n machines one for each axis, with that drawn anew; all costs count as
 * one costs: [estimate]      # draws every cost with one of these tags from its profile's low to its high axes:
 *       idle_hz: { choice: [tickless, 100Hz, 1kHz] }
 *       cores: { range: [4, 10] }
 *       devices.vf.arrivals.rate: { log: [500Hz, 20000Hz] }
 *     set:                   # values that follow from the drawn ones
 *       machine.topology: "package:8 [numa] core:{cores} pu:2"
 *       guests.idle.vcpus: "{cores*8/6}"
 *     metrics: [guests.idle.steal.percent]
 *
 * An axis whose name has a dot sets that path; any other is a name for `set`. In `set`, {NAME} is the text of the drawn
 * value, and {A*B/C} a product of names and numbers, rounded down to an integer of at least 1.
 */
#ifndef SCENARIO_SAMPLE_H
#define SCENARIO_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "sample/points.h"
#include "scenario/scenario.h"

#define SAMPLE_ELEMENTS_MAX 8

enum sample_axis_kind {
    SAMPLE_UNIFORM,
    SAMPLE_LOG,
    SAMPLE_CHOICE,
    SAMPLE_COST, /* log-uniform on either side of the typical value, half of the draws each; uniform if low is 0 */
};

struct sample_axis {
    char *name; /* of a cost, or with a dot in it: a path */
    enum sample_axis_kind kind;
    uint64_t low[SAMPLE_ELEMENTS_MAX], middle[SAMPLE_ELEMENTS_MAX], high[SAMPLE_ELEMENTS_MAX];
    uint32_t count;             /* elements, which share one draw; above 1 only for SAMPLE_COST */
    uint32_t digits;            /* low and high are in 1/10^digits of the unit */
    char unit[8];               /* of SAMPLE_UNIFORM and SAMPLE_LOG */
    enum option_type cost_type; /* of SAMPLE_COST */
    char **choices;
    size_t choice_count;
};

struct sample_setting {
    char *path, *text;
};

struct scenario_sample {
    size_t machines; /* rows of the table: n, or with is_redrawn n for each group of axes */
    uint64_t seed;
    enum sample_method method;
    bool is_redrawn;
    struct sample_axis *axes; /* in file order, then the costs; axis i uses dimension i */
    size_t axis_count;
    struct sample_setting *settings;
    size_t setting_count;
    char **metrics;
    size_t metric_count;
};

/* Returns the texts of the drawn values of a machine, one for each axis and then one for each setting. The caller frees
 * them with sample_texts_free. Thread-safe. */
char **sample_draw(const struct scenario_sample *sample, const struct sample_points *points, size_t machine);
/* The number of the machine of which this one is a redraw, or its own: machines with the same number run with the same
 * seed. */
size_t sample_base(const struct scenario_sample *sample, size_t machine);

/* The axes that are drawn anew together: one, or all costs. */
size_t sample_group_count(const struct scenario_sample *sample);
const char *sample_group_name(const struct scenario_sample *sample, size_t group);

void sample_texts_free(const struct scenario_sample *sample, char **texts);

/* Loads the scenario of a machine in a cell of the matrix. Thread-safe. */
enum scenario_status sample_machine_load(struct scenario *machine, const struct scenario *base, size_t cell,
                                         char *const *texts, struct diag *diag);

/* Evaluates the template of a setting. Returns the text, which the caller frees, or NULL with the name that is neither
 * a number nor an axis in `unknown`. `texts` are the values of the axes. */
char *sample_expand(const struct scenario_sample *sample, const char *text, char *const *texts, char unknown[64]);

void scenario_sample_free(struct scenario_sample *sample);

#endif
