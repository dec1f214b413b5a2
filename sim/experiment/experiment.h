/* SPDX-License-Identifier: Apache-2.0
 *
 * An experiment: one question, asked of runs of scenarios, with what is derived from them, tables, figures, published
 * values, expectations and a verdict. It is read from a YAML file, which is checked as a scenario is: all errors are
 * reported together, with their places. `irqpath experiment --help` describes the file.
 */
#ifndef EXPERIMENT_EXPERIMENT_H
#define EXPERIMENT_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/metric.h"
#include "base/sha256.h"
#include "experiment/formula.h"
#include "result/expect.h"
#include "scenario/scenario.h"
#include "scenario/yaml_tree.h"

enum experiment_run_kind {
    EXPERIMENT_SIMULATED,  /* every cell of the matrix with every seed */
    EXPERIMENT_SAMPLED,    /* the machines of a section `sample`, each in every cell */
    EXPERIMENT_EXPLORED,   /* every interleaving of every cell */
    EXPERIMENT_ATTRIBUTED, /* every cell with every seed: who took whose time */
    EXPERIMENT_INDICES,    /* what decides an event of a sampled run: a row for each drawn value; no scenario */
    EXPERIMENT_MEASURED,   /* rows of a CSV that another program has written; no scenario */
};

/* A column of numbers of a CSV. */
struct experiment_number {
    char *name, *unit; /* unit: "" if none is given */
};

/* A run of one scenario or of several, with the same changes to each. */
struct experiment_run {
    char *name;
    enum experiment_run_kind kind;
    const char *subject;        /* key that names the scenarios; NULL: the run is nothing but a name */
    struct scenario *scenarios; /* loaded with the changes; their axes are those of the run */
    size_t scenario_count;
    char **cells; /* [scenario_count]: directories of the results, once run; NULL before */
    size_t seeds;
    uint64_t states, preemptions; /* limits of an exploration */
    bool keeps_replays;           /* of explorations: writes the shortest violating traces */
    bool is_skipped;              /* quick: skip, and it is quick */
    struct formula *event;        /* EXPERIMENT_INDICES: `share NAME>NUMBER ...` of a sampled run */
    char *redrawn;                /* and the run with its redraws, for total indices; NULL: none */
    char *measured;               /* EXPERIMENT_MEASURED: path of the CSV */
    char *measured_note;          /* its first comments, once it is read; NULL before, and if it has none */
    char measured_hash[SHA256_TEXT_BYTES]; /* of the file as it was read; "" before */
    char **labels;                /* [label_count]: its columns that are axes */
    size_t label_count;
    struct experiment_number *numbers; /* [number_count]: its columns that are quantities */
    size_t number_count;
    const struct node *node;
};

/* A label of the rows. The first ones are run, scenario, design and seed, and of explorations verdict and outcome. */
struct experiment_axis {
    char *path;    /* "hypervisor.irqchip" */
    char *name;    /* "irqchip": the shortest end of the path that no other axis has */
    char **values; /* in the order of appearance */
    size_t value_count;
    bool is_open; /* other values may appear: seeds, drawn values, verdicts */
};
enum { AXIS_RUN, AXIS_SCENARIO, AXIS_DESIGN, AXIS_SEED, AXIS_VERDICT, AXIS_OUTCOME, AXIS_BUILT_IN };

/* A number of a row: a metric, or what is derived from others. */
struct experiment_quantity {
    char *name;
    struct formula *formula; /* NULL: a metric, a key of the scenario ("run.duration"), or a number of an exploration */
    char *text;              /* of the formula */
    char *unit, *title, *meaning;
    enum metric_better better;
    bool is_key;        /* of the resolved scenario */
    bool is_resolving;  /* for the search for quantities that are derived from themselves */
    struct place place; /* of its first use */
};

/* A quantity in a table or figure, as it is shown. */
struct experiment_column {
    struct formula *formula; /* a FORMULA_NAME with conditions, or arithmetic over several; NULL: a label */
    char *label;             /* axis whose labels are shown; NULL: a number */
    size_t label_axis;
    char *title, *unit; /* "": of the quantity */
    int decimals;       /* -1: about four digits */
    struct place place;
};

/* Axes as they are written in a list. */
struct experiment_axes {
    char **names;
    struct place *places;
    size_t *axes; /* set by experiment_resolve */
    size_t count;
};

/* A list of labels and quantities from rows of one run. */
struct experiment_table {
    char *title;
    struct formula *where;       /* a name "" with conditions; NULL: all rows */
    struct experiment_axes rows; /* each combination of their values gets a row */
    struct experiment_column *columns;
    size_t column_count;
    char *across; /* axis whose values get a column each; NULL: none */
    size_t across_axis;
    char *relative_to; /* value of `across` that the others are compared with; NULL: none */
    bool has_intervals;
    char **costs; /* instead of all this: costs of a run and what they rest on */
    size_t cost_count;
    bool has_chosen_costs; /* those that the scenario or the experiment sets itself */
    struct place *cost_places;
    bool is_published; /* instead of all this: the published values beside what was found */
    char *where_text;  /* of that: `where`, as written, which the mean is about; NULL: all rows */
    size_t cost_run;   /* SIZE_MAX until resolved: the first run, or that of `where` */
    struct place place, across_place, relative_place;
};

enum experiment_figure_kind {
    FIGURE_BARS,
    FIGURE_LINES,
    FIGURE_DOTS,
    FIGURE_CCDF,
    FIGURE_HEAT,
    FIGURE_STACK,
    FIGURE_FOREST,
    FIGURE_POINTS
};

struct experiment_panel {
    enum experiment_figure_kind kind;
    char *title;
    struct formula *where;
    char *key, *series; /* axes, as written; NULL: none */
    size_t key_axis, series_axis;
    struct experiment_column *values; /* several: one series each */
    size_t value_count;
    char *relative_to; /* value of the axis of series */
    bool is_key_log, is_value_log;
    char *key_title, *value_title;
    char *distribution;               /* of a CCDF over the values of a histogram, not over rows */
    struct experiment_column *across; /* POINTS: x, one column */
    size_t across_count;
    struct experiment_axes points; /* each combination of their values gets a point; none: each row gets one */
    bool has_diagonal;
    double diagonal; /* the share of x that the band reaches to either side */
    struct place place, key_place, series_place, relative_place;
};

struct experiment_figure {
    char *name, *title, *subtitle;
    struct experiment_panel *panels;
    size_t panel_count;
};

struct experiment_published {
    char *name; /* for `inside NAME` and tables; NULL */
    struct formula *where;
    char *quantity_name;
    size_t quantity;                  /* SIZE_MAX until resolved */
    struct quotient value, low, high; /* value is not KNOWN where there is only a range */
    char *unit, *source, *tag;
    struct place place;
};

struct experiment_expectation {
    bool is_aim;
    char *text, *condition;
    struct formula *left, *right;
    enum expect_relation relation;
    struct quotient tolerance; /* of EXPECT_EQUAL */
    char *each;                /* it must hold for each value of this axis; NULL: once */
    size_t each_axis;
    struct place place, each_place;
};

/* A piece of a text: words, or a formula whose value stands there. */
struct experiment_piece {
    char *words; /* NULL: a formula */
    struct formula *formula;
    char *unit;   /* "": as it comes */
    int decimals; /* -1: about four digits */
    bool has_sign, has_interval;
};

struct experiment_text {
    struct experiment_piece *pieces;
    size_t count;
};

struct experiment {
    char *path, *name, *question;
    char hash[SHA256_TEXT_BYTES]; /* of the file as it was read */
    bool is_quick;
    struct experiment_run *runs;
    size_t run_count;
    struct experiment_axis *axes;
    size_t axis_count;
    struct experiment_quantity *quantities;
    size_t quantity_count;
    struct formula **kept; /* of section `keep`: metrics that nothing else names */
    size_t kept_count;
    struct experiment_table *tables;
    size_t table_count;
    struct experiment_figure *figures;
    size_t figure_count;
    struct experiment_published *published;
    size_t published_count;
    struct experiment_expectation *expectations;
    size_t expectation_count;
    struct experiment_text verdict, notes;
    struct yaml_tree tree;
};

enum experiment_status {
    EXPERIMENT_OK,
    EXPERIMENT_INVALID,    /* exit code 2; errors in diag */
    EXPERIMENT_UNREADABLE, /* exit code 4: it, or what it names, cannot be read; errors in diag */
};

/* Loads an experiment and the scenarios of its runs. Unless the status is EXPERIMENT_OK, it is empty. Warnings may be
 * added to diag in any case. */
enum experiment_status experiment_load(struct experiment *experiment, const char *path, bool is_quick,
                                       struct diag *diag);
enum experiment_status experiment_load_text(struct experiment *experiment, const char *path, const char *text,
                                            size_t bytes, bool is_quick, struct diag *diag);
void experiment_free(struct experiment *experiment);

/* Return an index, or SIZE_MAX. An axis is found by its name, its path, or an end of its path that is unique. */
size_t experiment_find_axis(const struct experiment *experiment, const char *name);
size_t experiment_find_quantity(const struct experiment *experiment, const char *name);

/* Returns the index of a label among the values of the axis, which it is added to if it is new. */
size_t experiment_add_label(struct experiment_axis *axis, const char *label);

#endif
