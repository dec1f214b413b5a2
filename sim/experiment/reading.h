/* SPDX-License-Identifier: Apache-2.0
 *
 * The value of a formula over many rows: of a cell of a table, a point of a figure, a side of an expectation, or a
 * number in a text. Each name in it stands for the mean (or what it says) of the rows that are selected.
 */
#ifndef EXPERIMENT_READING_H
#define EXPERIMENT_READING_H

#include "experiment/rows.h"

/* Which rows are meant besides what the formula says itself. */
struct selection {
    const struct formula *where; /* NULL: all */
    const size_t *axes;          /* [count]: on each of these axes the row has this label */
    const char *const *labels;   /* NULL among them: no label */
    size_t count;
    const struct experiment_row *row; /* this row alone; NULL: all */
    size_t intervals;                 /* `half` is that of so many intervals that hold together; 0 and 1: of one */
};

struct reading {
    double value;       /* NaN: there is none */
    double half;        /* half of the 95 % interval of a mean or a line, half its width for a share; NaN: unknown */
    double low, high;   /* smallest and largest of the rows, of a single name; else NaN */
    size_t n;           /* rows with a value */
    size_t quantity;    /* of the first name; SIZE_MAX: none */
    const char *reason; /* why there is no value; NULL */
    bool is_share;      /* low and high are the ends of its 95 % interval (Wilson); its unit is that of a ratio */
    bool is_mixed;      /* rows of several runs stand behind a name that names no run */
};

struct reading reading_of(const struct experiment_rows *rows, const struct experiment *experiment,
                          const struct formula *formula, const struct selection *selection);

/* What was found where a value was published, over all rows of its place that the selection allows: the mean, and the
 * least and the largest. */
struct reading reading_of_published(const struct experiment_rows *rows, const struct experiment *experiment,
                                    const struct experiment_published *published, const struct formula *where);

/* Whether the range of what was found meets the published one. */
bool reading_is_inside(const struct reading *found, const struct experiment_published *published);

bool is_selected(const struct selection *selection, const struct experiment_row *row);

/* Writes a value as the column says, or with about four digits and its unit. */
#define READING_TEXT_BYTES 96
void reading_text(const struct experiment *experiment, const struct reading *reading, const char *unit, int decimals,
                  bool with_interval, char text[READING_TEXT_BYTES]);

/* Returns the lower end of the 95 % interval; of the mean of a metric it is never below 0, as no metric is. */
double reading_interval_low(const struct experiment *experiment, const struct reading *reading);

/* The unit of a value before it is shown in another: "" if none is known. */
const char *reading_unit(const struct experiment *experiment, const struct reading *reading);

/* What a value is multiplied with to have this unit: 0.001 from ns to us. 1 for units that are not of one kind. */
double unit_factor(const char *from, const char *to);

#endif
