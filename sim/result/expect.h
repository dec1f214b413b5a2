/* SPDX-License-Identifier: Apache-2.0
 *
 * Expectations: 'METRIC OP VALUE' with OP one of < <= > >= == != or '== VALUE +- TOLERANCE'. Values are bare decimals
 * (a metric's unit stands in its name) and the comparison is exact: metrics are quotients of integers.
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
    char *text;                      /* as written, blanks normalised */
    struct place place;              /* of the text */
};

enum expect_verdict {
    EXPECT_MET,
    EXPECT_FAILED,
    EXPECT_NO_OBSERVATION, /* the metric's denominator is 0: counts as failed */
    EXPECT_UNKNOWN_METRIC, /* a usage error */
};

/* False, with the error in `diag` at the offending column; `expectation` then owns nothing. */
bool expect_parse(struct expectation *expectation, const char *text, struct place place, struct diag *diag);

/* Warns when no row of the metric catalogue has the metric's name; only a run knows for sure. */
void expect_check_name(const struct expectation *expectation, struct diag *diag);

void expect_free(struct expectation *expectation);

/* Writes one line without newline unless the verdict is EXPECT_MET:
 * "expectation failed: guests.idle.steal.percent < 1, but it is 35.7" */
enum expect_verdict expect_evaluate(const struct expectation *expectation, const struct metrics *metrics, char *message,
                                    size_t message_bytes);

#endif
