/* SPDX-License-Identifier: Apache-2.0
 *
 * Declarative rows of named, typed values: one table drives the parser, `explain`, `list`, help and the range checks.
 * Values carry their unit: a bare number where a unit belongs is an error, as is a unit where none belongs. Decimal
 * arithmetic is exact and checked for overflow: "2.13GHz" is 2130000000 Hz, "0.5ns" is an error.
 */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/suggest.h"

enum option_type {
    OPTION_DURATION,  /* ns, us, ms, s, to nanoseconds */
    OPTION_RATE,      /* mHz, Hz, kHz, MHz, to 1/1000 Hz */
    OPTION_FREQUENCY, /* Hz, kHz, MHz, GHz, to Hz */
    OPTION_CYCLES,    /* cy */
    OPTION_SIZE,      /* B, KiB, MiB, GiB, to bytes */
    OPTION_INTEGER,
    OPTION_ENUM, /* one of names[] */
    OPTION_BOOL, /* on, off, true, false */
    OPTION_TEXT,
};

struct option_name {
    const char *name;
    uint32_t value;
    const char *help;
};

struct option {
    const char *key;
    enum option_type type;
    size_t offset;             /* of the field in the struct the table fills */
    size_t bytes;              /* of one element: 1, 4 or 8; of the whole array for text; 0: checked, not stored */
    uint32_t count;            /* elements; 0 and 1 mean a single value */
    const char *default_text;  /* NULL: must be given */
    uint64_t minimum, maximum; /* in the stored unit; of text: of its length in bytes; maximum 0: none */
    const char *zero_name;     /* a word that stands for 0, besides the number ("tickless"); or NULL */
    const struct option_name *names; /* OPTION_ENUM: ends with a NULL name */
    const char *help;
};

struct option_table {
    const struct option *rows;
    size_t count;
};

/* The row of that key, or NULL. */
const struct option *option_find(const struct option_table *table, const char *key);

/* What is wrong with a value, without the place: "unknown unit 'mS' in '8mS'" and " (did you mean 'ms'?)" or "". */
struct option_problem {
    char message[560];
    char suggestion[SUGGEST_TEXT_BYTES];
};

/* Reads one element from `text` into `record` (the struct the table fills). On failure fills `problem` and leaves the
 * record alone. index < count. */
bool option_parse(const struct option *option, const char *text, void *record, uint32_t index,
                  struct option_problem *problem);

/* The canonical text of an element: parses to the same value. Returns its length, as snprintf does. */
int option_format(const struct option *option, const void *record, uint32_t index, char *text, size_t text_bytes);

/* Reads and writes a single number of a type, without a row: for options of the command line. */
bool option_parse_number(enum option_type type, const char *text, uint64_t *value, struct option_problem *problem);
int option_format_number(enum option_type type, uint64_t value, char *text, size_t text_bytes);

/* The number stored at an element of a row that is not text. */
uint64_t option_value(const struct option *option, const void *record, uint32_t index);
void option_store(const struct option *option, void *record, uint32_t index, uint64_t value);

/* "a duration (ns, us, ms, s)", "on or off", "one of ttas, ticket, mcs": what the row wants. */
const char *option_expected(const struct option *option, char *text, size_t text_bytes);

#endif
