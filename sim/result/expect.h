/* SPDX-License-Identifier: Apache-2.0
 *
 * Expectations: 'METRIC OP VALUE' with OP one of < <= > >= == !=, or 'METRIC == VALUE +- TOLERANCE'. Values are
 * decimals without a unit, as the unit is part of the metric's name. Comparisons are exact: metrics are quotients of
 * integers.
 */
#ifndef RESULT_EXPECT_H
#define RESULT_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/metric.h"

enum expect_relation {
    EXPECT_LESS,
    EXPECT_AT_MOST,
    EXPECT_MORE,
    EXPECT_AT_LEAST,
    EXPECT_EQUAL,
    EXPECT_NOT_EQUAL,
};

/* mantissa / 10^digits; digits <= 9. */
struct expect_decimal {
    uint64_t mantissa;
    uint32_t digits;
};

struct expectation {
    char metric[96];
    enum expect_relation relation;
    struct expect_decimal value;
    struct expect_decimal tolerance; /* of EXPECT_EQUAL; 0 = exact */
    char *text;                      /* as written, with single blanks */
    struct place place;              /* of the text */
};

enum expect_verdict {
    EXPECT_MET,
    EXPECT_FAILED,
    EXPECT_NO_OBSERVATION, /* the metric's denominator is 0: counts as failed */
    EXPECT_UNKNOWN_METRIC, /* a usage error */
};

/* Parses an expectation that begins at `place`. On failure returns false, reports the error in `diag` at the offending
 * column, and `expectation` owns no memory. */
bool expect_parse(struct expectation *expectation, const char *text, struct place place, struct diag *diag);

/* Returns whether the text can be the name of a metric: letters, digits, '_', '.' and '-', not too many. */
bool expect_is_metric_name(const char *text);

/* Warns when no row of the metric catalogue has this name. Which metrics exist is known only after a run. */
void expect_check_name(const char *metric, struct place place, struct diag *diag);

/* Reads one of the operators at the beginning of a text. Returns what follows it, or NULL when there is none. */
const char *expect_read_relation(const char *text, enum expect_relation *relation);

/* "<=" */
const char *expect_relation_text(enum expect_relation relation);

void expect_free(struct expectation *expectation);

/* Evaluates an expectation. Unless the verdict is EXPECT_MET, the message is a line without a newline:
 * "expectation failed: guests.idle.steal.percent < 1, but it is 35.7" */
enum expect_verdict expect_evaluate(const struct expectation *expectation, const struct metrics *metrics, char *message,
                                    size_t message_bytes);

#endif
