/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs whose rows say which drawn values decide an event: `indices: share NAME>NUMBER where run=RUN ...` in the file of
 * an experiment, about the machines of a sampled run. Each drawn value has a row with its first-order Sobol' index,
 * which the sample itself gives, and the strongest pairs have one each. `redrawn: RUN` names a run of the same machines
 * with `redraw: on`; then each drawn value has its total index, too, the share of the variance that it takes part in.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "experiment/derive.h"
#include "experiment/perform.h"
#include "experiment/read.h"
#include "sample/indices.h"
#include "scenario/sample.h"
#include "sweep/drawn.h"

const char *const indices_axes[] = { "drawn", "drawn_with", NULL };
const char *const indices_numbers[] = { "first_order", "first_noise", "pair_order", "pair_noise", "total_order",
                                        "total_low",   "total_high",  "redraws",    NULL };
enum { FIRST, FIRST_NOISE, PAIR, PAIR_NOISE, TOTAL, TOTAL_LOW, TOTAL_HIGH, REDRAWS };

/* --- reading the experiment --- */

void read_indices(struct reader *reader, const struct node *node, struct experiment_run *run)
{
    static const char *const keys[] = { "indices", "redrawn", NULL };

    run->kind = EXPERIMENT_INDICES;
    read_check_keys(reader, node, keys);
    run->event = read_formula(reader, node_find(node, "indices"));
    run->redrawn = read_string(reader, node, "redrawn", "the name of a run");
}

static size_t run_named(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->run_count; i++)
        if (strcmp(experiment->runs[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* The run that the conditions name; SIZE_MAX if they name none. */
static size_t run_of(const struct experiment *experiment, const struct formula *event)
{
    for (size_t i = 0; i < event->condition_count; i++)
        if (event->conditions[i].axis == AXIS_RUN && event->conditions[i].relation == RELATION_IS)
            return run_named(experiment, event->conditions[i].values[0]);
    return SIZE_MAX;
}

static bool is_sampled(const struct experiment *experiment, size_t run, bool is_redrawn)
{
    return run != SIZE_MAX && experiment->runs[run].kind == EXPERIMENT_SAMPLED &&
           experiment->runs[run].scenarios[0].sample->is_redrawn == is_redrawn;
}

void check_indices(struct reader *reader)
{
    struct experiment *experiment = reader->experiment;

    for (size_t i = 0; i < experiment->run_count; i++) {
        const struct experiment_run *run = &experiment->runs[i];
        const struct formula *event = run->event;

        if (event == NULL)
            continue;
        if (event->kind != FORMULA_NAME || event->over != OVER_SHARE || event->quantity == SIZE_MAX ||
            experiment->quantities[event->quantity].formula != NULL ||
            !is_sampled(experiment, run_of(experiment, event), false))
            diag_error(reader->diag, event->place,
                       "indices are those of an event of a run that draws machines: share METRIC>NUMBER where run=RUN");
        if (run->redrawn != NULL && !is_sampled(experiment, run_named(experiment, run->redrawn), true))
            diag_error(reader->diag, node_find(run->node, "redrawn")->place,
                       "'%.60s' is no run of a sample with `redraw: on`", run->redrawn);
    }
}

/* --- the machines --- */

struct machines {
    struct experiment *experiment;
    struct experiment_rows *rows;
    size_t run; /* of the indices */
    const struct formula *event;
    size_t *index;  /* [count] of the rows */
    double *output; /* [count]: 1 where it happens */
    size_t count;
    double variance;
};

/* Whether the event's conditions but for that of the run hold. */
static bool is_meant(const struct formula *event, const struct experiment_row *row)
{
    for (size_t i = 0; i < event->condition_count; i++)
        if (event->conditions[i].axis != AXIS_RUN && !condition_holds(&event->conditions[i], row))
            return false;
    return row->values[event->quantity].state == QUOTIENT_KNOWN;
}

static bool happens(const struct formula *event, const struct experiment_row *row)
{
    return number_holds(event->shared, row->values[event->quantity]);
}

static void find_machines(struct machines *machines)
{
    const struct experiment_rows *rows = machines->rows;
    size_t run = run_of(machines->experiment, machines->event), hits = 0;

    machines->index = calloc(rows->count + 1, sizeof *machines->index);
    machines->output = calloc(rows->count + 1, sizeof *machines->output);
    CHECK(machines->index != NULL && machines->output != NULL);
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].run != run || !is_meant(machines->event, &rows->rows[i]))
            continue;
        machines->index[machines->count] = i;
        machines->output[machines->count++] = happens(machines->event, &rows->rows[i]);
        hits += happens(machines->event, &rows->rows[i]);
    }
    double share = machines->count > 0 ? (double)hits / (double)machines->count : 0;
    machines->variance = share * (1 - share);
}

/* --- rows --- */

/* A number as a quotient; data.csv has nine digits of it. */
static struct quotient rounded(double value)
{
    return isfinite(value) ? quotient_from((int128)llround(value * 1e6), 1000000) : (struct quotient){ 0 };
}

static void set(const struct machines *machines, struct experiment_row *row, int number, double value)
{
    size_t quantity = experiment_find_quantity(machines->experiment, indices_numbers[number]);

    if (quantity != SIZE_MAX)
        row->values[quantity] = rounded(value);
}

/* The row of a drawn value, which is added if there is none. */
static struct experiment_row *row_of(const struct machines *machines, const char *drawn, const char *with)
{
    size_t axis = experiment_find_axis(machines->experiment, indices_axes[0]);
    size_t other = experiment_find_axis(machines->experiment, indices_axes[1]);

    for (size_t i = 0; i < machines->rows->count; i++) {
        struct experiment_row *row = &machines->rows->rows[i];

        if (row->run == machines->run && strcmp(row->labels[axis], drawn) == 0 && row->labels[other] == NULL &&
            with == NULL)
            return row;
    }
    struct experiment_row *row = rows_add(machines->rows, machines->experiment, machines->run);
    rows_label(machines->rows, machines->experiment, row, axis, drawn);
    if (with != NULL)
        rows_label(machines->rows, machines->experiment, row, other, with);
    return row;
}

/* --- total indices --- */

struct total {
    const char *drawn;
    size_t count, changed;
};

/* The output of a machine, or NaN when it is not among them. */
static double output_of(const struct machines *machines, const char *machine)
{
    for (size_t i = 0; machine != NULL && i < machines->count; i++)
        if (strcmp(machines->rows->rows[machines->index[i]].labels[AXIS_SEED], machine) == 0)
            return machines->output[i];
    return NAN;
}

static int compare_totals(const void *left, const void *right)
{
    const struct total *a = left, *b = right;
    double x = (double)a->changed * (double)b->count, y = (double)b->changed * (double)a->count;

    return x > y ? -1 : x < y ? 1 : strcmp(a->drawn, b->drawn);
}

/* Counts, for each drawn value, the redraws that change whether the event happens. */
static struct total *count_totals(const struct machines *machines, size_t run, size_t *count)
{
    size_t base = experiment_find_axis(machines->experiment, "base");
    size_t redrawn = experiment_find_axis(machines->experiment, "redrawn");
    struct total *totals = NULL;

    *count = 0;
    for (size_t i = 0; i < machines->rows->count; i++) {
        const struct experiment_row *row = &machines->rows->rows[i];
        double output =
            row->run == run && is_meant(machines->event, row) ? output_of(machines, row->labels[base]) : NAN;
        size_t at = 0;

        if (isnan(output) || row->labels[redrawn] == NULL)
            continue;
        while (at < *count && strcmp(totals[at].drawn, row->labels[redrawn]) != 0)
            at++;
        if (at == *count)
            ((struct total *)ARRAY_ADD(totals, *count))->drawn = row->labels[redrawn];
        totals[at].count++;
        totals[at].changed += happens(machines->event, row) != (output > 0);
    }
    if (*count > 0)
        qsort(totals, *count, sizeof *totals, compare_totals);
    return totals;
}

/* Half the share of the machines that the redraw changes, per variance (Jansen 1999). */
static void add_totals(const struct machines *machines, size_t run)
{
    size_t count;
    struct total *totals = count_totals(machines, run, &count);

    for (size_t i = 0; i < count; i++) {
        struct experiment_row *row = row_of(machines, totals[i].drawn, NULL);
        struct sample_interval interval = sample_share(totals[i].changed, totals[i].count);
        double scale = 2 * machines->variance;

        set(machines, row, TOTAL, (double)totals[i].changed / (double)totals[i].count / scale);
        set(machines, row, TOTAL_LOW, interval.low / scale);
        set(machines, row, TOTAL_HIGH, interval.high / scale);
        set(machines, row, REDRAWS, (double)totals[i].count);
    }
    free(totals);
}

/* --- first-order indices --- */

struct input {
    const char *path;
    const char **texts; /* [count] of machines */
    struct sample_index index;
};

static int compare_inputs(const void *left, const void *right)
{
    const struct input *a = left, *b = right;

    if (a->index.value != b->index.value)
        return a->index.value > b->index.value ? -1 : 1;
    return strcmp(a->path, b->path);
}

static bool are_same(const char *const *left, const char *const *right, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(left[i], right[i]) != 0)
            return false;
    return true;
}

/* The texts of an axis, or NULL when the machines do not differ in it, or as in an input before. */
static const char **texts_of(const struct machines *machines, size_t axis, const struct input *inputs, size_t count)
{
    const char **texts = calloc(machines->count + 1, sizeof *texts);
    bool is_input = false;

    CHECK(texts != NULL);
    for (size_t i = 0; i < machines->count; i++) {
        const char *label = machines->rows->rows[machines->index[i]].labels[axis];

        texts[i] = label != NULL ? label : "";
        is_input = is_input || strcmp(texts[i], texts[0]) != 0;
    }
    for (size_t i = 0; i < count && is_input; i++)
        is_input = !are_same(texts, inputs[i].texts, machines->count);
    if (is_input)
        return texts;
    free(texts);
    return NULL;
}

static void add_pairs(const struct machines *machines, const struct input *inputs, size_t count)
{
    uint32_t *first = calloc(machines->count + 1, sizeof *first), *second = calloc(machines->count + 1, sizeof *second);

    CHECK(first != NULL && second != NULL);
    for (size_t i = 0; i < count && i < DRAWN_PAIR_INPUTS; i++)
        for (size_t j = i + 1; j < count && j < DRAWN_PAIR_INPUTS; j++) {
            size_t first_count = drawn_groups(inputs[i].texts, machines->count, DRAWN_PAIR_GROUPS, first);
            size_t second_count = drawn_groups(inputs[j].texts, machines->count, DRAWN_PAIR_GROUPS, second);

            for (size_t k = 0; k < machines->count; k++)
                first[k] = first[k] * (uint32_t)second_count + second[k];
            struct sample_index index = sample_index_first(first, first_count * second_count, machines->output,
                                                           machines->count, DRAWN_PERMUTATIONS, 1);
            struct experiment_row *row = row_of(machines, inputs[i].path, inputs[j].path);
            set(machines, row, PAIR, index.value);
            set(machines, row, PAIR_NOISE, index.noise);
        }
    free(first);
    free(second);
}

static void add_first_orders(const struct machines *machines)
{
    const struct experiment *experiment = machines->experiment;
    struct input *inputs = calloc(experiment->axis_count + 1, sizeof *inputs);
    uint32_t *groups = calloc(machines->count + 1, sizeof *groups);
    size_t count = 0;

    CHECK(inputs != NULL && groups != NULL);
    for (size_t axis = AXIS_BUILT_IN; axis < experiment->axis_count; axis++) {
        const char **texts = texts_of(machines, axis, inputs, count);

        if (texts == NULL)
            continue;
        size_t group_count = drawn_groups(texts, machines->count, DRAWN_GROUPS, groups);
        inputs[count++] = (struct input){ experiment->axes[axis].path, texts,
                                          sample_index_first(groups, group_count, machines->output, machines->count,
                                                             DRAWN_PERMUTATIONS, axis) };
    }
    qsort(inputs, count, sizeof *inputs, compare_inputs);
    for (size_t i = 0; i < count; i++) {
        struct experiment_row *row = row_of(machines, inputs[i].path, NULL);

        set(machines, row, FIRST, inputs[i].index.value);
        set(machines, row, FIRST_NOISE, inputs[i].index.noise);
    }
    add_pairs(machines, inputs, count);
    for (size_t i = 0; i < count; i++)
        free(inputs[i].texts);
    free(inputs);
    free(groups);
}

void perform_indices(struct experiment *experiment, struct experiment_rows *rows)
{
    for (size_t i = 0; i < experiment->run_count; i++) {
        struct machines machines = {
            .experiment = experiment, .rows = rows, .run = i, .event = experiment->runs[i].event
        };

        if (machines.event == NULL)
            continue;
        find_machines(&machines);
        if (machines.variance > 0) {
            if (experiment->runs[i].redrawn != NULL)
                add_totals(&machines, run_named(experiment, experiment->runs[i].redrawn));
            add_first_orders(&machines);
        } else {
            rows_message(rows, "%s: no indices, as the event happens on %s of the machines", experiment->runs[i].name,
                         machines.count > 0 && machines.output[0] > 0 ? "all" : "none");
        }
        free(machines.index);
        free(machines.output);
    }
}
