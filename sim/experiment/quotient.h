/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact arithmetic: quotients of 128-bit integers in lowest terms. What is derived from metrics stays exact until a
 * report divides once.
 */
#ifndef EXPERIMENT_QUOTIENT_H
#define EXPERIMENT_QUOTIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cycles.h"

enum quotient_state {
    QUOTIENT_ABSENT,   /* there is no such value: a metric that the run does not report */
    QUOTIENT_NOTHING,  /* nothing was observed, or a denominator is 0 */
    QUOTIENT_TOO_LONG, /* has no 128-bit terms */
    QUOTIENT_KNOWN,
};

struct quotient {
    enum quotient_state state;
    int128 numerator, denominator; /* of QUOTIENT_KNOWN: lowest terms, denominator > 0 */
};

/* denominator 0 gives QUOTIENT_NOTHING. */
struct quotient quotient_from(int128 numerator, int128 denominator);

/* A value that is not known makes the result of the same state; of two, the first. Division by 0 gives NOTHING. */
struct quotient quotient_add(struct quotient left, struct quotient right);
struct quotient quotient_subtract(struct quotient left, struct quotient right);
struct quotient quotient_multiply(struct quotient left, struct quotient right);
struct quotient quotient_divide(struct quotient left, struct quotient right);

/* Returns the sign of left - right; both are known. The result is exact also where the cross products need more than
 * 128 bits. */
int quotient_compare(struct quotient left, struct quotient right);

/* The one division. NaN unless known. */
double quotient_value(struct quotient value);

/* Reads a decimal ("2.5", "-3", "1.5e-05") at the beginning of the text. Returns the number of bytes read, or 0 when
 * there is none or it has more than 128 bits. */
size_t quotient_read(const char *text, struct quotient *value);

/* Reads a value as scenarios have it: "10us" in s, "2.1GHz" in Hz, "4KiB" in bytes, "300cy", "on" as 1, "off", "none"
 * and "tickless" as 0. Returns false for any other text. */
bool quotient_from_label(const char *label, struct quotient *value);

/* Returns the unit in which quotient_from_label gives the label: "s", "Hz", "B", "cycles", "" for a number without
 * unit; NULL for any other text. */
const char *quotient_label_unit(const char *label);

/* Writes an integer exactly and any other number with nine digits; "" unless known. */
const char *quotient_text(struct quotient value, char text[48]);

#endif
