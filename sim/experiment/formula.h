/* SPDX-License-Identifier: Apache-2.0
 *
 * Formulas: arithmetic over metrics, derived quantities and axes. A formula of `derive` is about one row, that is one
 * run with one seed:
 *
 *   100 * (per_s / per_s at irqchip=userspace - 1)
 *
 * `is CONDITIONS` is 1 or 0. `NAME at AXIS=VALUE` is the quantity of the run that differs in nothing but this axis;
 * `published NAME` is what is published for this row. A formula of `expect`, `verdict` and the like is about many rows:
 *
 *   max exits where path=direct-eoi - 2 * mean exits automask
 *
 * A name there stands for the mean over all rows that have it and fulfil the conditions after it: mean, median, min,
 * max, sum, count or published before it say otherwise; so do `share NAME>NUMBER` and `slope NAME over AXIS`. A
 * condition is AXIS=VALUE, AXIS!=VALUE, NAME>NUMBER (< <= >=, too), or VALUE alone when only one axis has it; AXIS=A,B
 * means either. The words `where` and `at` may precede them.
 */
#ifndef EXPERIMENT_FORMULA_H
#define EXPERIMENT_FORMULA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "experiment/quotient.h"

enum formula_kind {
    FORMULA_NUMBER,
    FORMULA_NAME,
    FORMULA_ADD,
    FORMULA_SUBTRACT,
    FORMULA_MULTIPLY,
    FORMULA_DIVIDE,
    FORMULA_SMALLER, /* min(a, b) */
    FORMULA_LARGER,  /* max(a, b) */
    FORMULA_FIRST,   /* first(a, b): a, or b where a has no value */
};

/* What stands for the values of many rows. */
enum formula_over {
    OVER_MEAN, /* also where none is written */
    OVER_MEDIAN,
    OVER_MIN,
    OVER_MAX,
    OVER_SUM,
    OVER_COUNT,
    OVER_PUBLISHED,
    OVER_SHARE,     /* share NAME>NUMBER: of the rows that have it; 0 to 1 */
    OVER_SLOPE,     /* slope NAME over AXIS: of the line of least squares */
    OVER_INTERCEPT, /* intercept NAME over AXIS */
    OVER_LOWEST,    /* lowest NAME over AXIS: of the means for each value of the axis */
    OVER_HIGHEST,   /* highest NAME over AXIS */
    OVER_HALF,      /* half NAME: half the width of the 95 % interval of the mean */
    OVER_INSIDE,    /* inside NAME, of a published value: 1 where the range of the rows meets its range, 0 elsewhere */
    OVER_IS,        /* is CONDITIONS, of a derived quantity: 1 where the row fulfils them, 0 elsewhere */
};

enum formula_relation {
    RELATION_IS,
    RELATION_IS_NOT,
    RELATION_LESS,
    RELATION_AT_MOST,
    RELATION_MORE,
    RELATION_AT_LEAST
};

struct formula_condition {
    char *name; /* "" for a value alone */
    enum formula_relation relation;
    char **values;
    size_t value_count;
    struct quotient number; /* of a relation other than RELATION_IS and RELATION_IS_NOT */
    struct place place;
    size_t axis;     /* set by experiment_resolve: index of the axis, or SIZE_MAX */
    size_t quantity; /* or else of the quantity */
};

struct formula {
    enum formula_kind kind;
    struct place place;
    struct quotient number;
    char *name;
    enum formula_over over;
    bool has_over;
    struct formula_condition *shared;     /* of OVER_SHARE: what the rows are counted for */
    char *over_axis;                      /* of those with `over AXIS` */
    size_t over_index;                    /* set by experiment_resolve */
    struct formula_condition *conditions; /* of a name */
    size_t condition_count;
    size_t at_count; /* the first ones, after `at` */
    size_t axis;     /* set by experiment_resolve: the name is that of an axis, or SIZE_MAX */
    size_t quantity; /* or else of a quantity */
    size_t published; /* of OVER_INSIDE: set by experiment_resolve */
    struct formula *left, *right;
};

/* Where a text stands, for the places of errors: one line, or a block of lines in YAML. */
struct formula_text {
    const char *text;
    struct place place; /* of the first character, or of the `|` of a block */
    bool is_block;      /* the text begins in the line below */
    uint32_t indent;    /* of a block: columns to the left of its text */
};

/* Returns the place of a character of the text. */
struct place formula_place(const struct formula_text *text, size_t offset);

/* Parses the longest formula at *at, an offset in the text, and moves *at behind it and the blanks after it. Returns
 * NULL after an error, which is added to `diag`. The caller frees the formula with formula_free. */
struct formula *formula_parse(const struct formula_text *text, size_t *at, struct diag *diag);

/* Parses a text that is a formula and nothing else. */
struct formula *formula_parse_all(const struct formula_text *text, struct diag *diag);

/* Parses conditions alone ("irqchip=kernel think=10us") up to the end of the text into a FORMULA_NAME without name. */
struct formula *formula_parse_conditions(const struct formula_text *text, struct diag *diag);

void formula_free(struct formula *formula);

/* Calls `visit` for every name in the formula. */
void formula_each_name(struct formula *formula, void (*visit)(void *context, struct formula *name), void *context);

/* Whether the word is one that no quantity may be called, as it means something else in a formula. */
bool formula_is_keyword(const char *word);

#endif
