/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of named, typed values. One table drives the parser, `explain`, `list`, the help texts and the range checks.
 * Values are written with their unit: a number without its unit is an error, as is a unit on a value that has none.
 * Decimal arithmetic is exact and checked for overflow: "2.13GHz" is 2130000000 Hz, "0.5ns" is an error.
 */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/suggest.h"

enum option_type {
    OPTION_DURATION,  /* ns, us, ms, s; stored in nanoseconds */
    OPTION_RATE,      /* mHz, Hz, kHz, MHz; stored in 1/1000 Hz */
    OPTION_FREQUENCY, /* Hz, kHz, MHz, GHz; stored in Hz */
    OPTION_CYCLES,    /* cy */
    OPTION_SIZE,      /* B, KiB, MiB, GiB; stored in bytes */
    OPTION_INTEGER,
    OPTION_INDEX, /* an integer, stored plus one; 0: the row's zero_name, which stands for none of them */
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
    size_t offset;             /* of the field in the struct that the table fills */
    size_t bytes;              /* size of an element: 1, 4 or 8; of text: of the array; 0: checked but not stored */
    uint32_t count;            /* number of elements; 0 and 1 mean a single value */
    const char *default_text;  /* NULL: the key is mandatory */
    uint64_t minimum, maximum; /* in the stored unit; for text its length in bytes; maximum 0: no limit */
    const char *zero_name;     /* a word that may be written for 0 ("tickless"); or NULL */
    const struct option_name *names; /* of OPTION_ENUM; the last row has a NULL name */
    const char *help;
};

struct option_table {
    const struct option *rows;
    size_t count;
};

/* Returns the row with this key, or NULL. */
const struct option *option_find(const struct option_table *table, const char *key);

/* An error in a value, without its place: "unknown unit 'mS' in '8mS'", and " (did you mean 'ms'?)" or "". */
struct option_problem {
    char message[560];
    char suggestion[SUGGEST_TEXT_BYTES];
};

/* Parses `text` and stores it as element `index` of the option in `record`, the struct that the table fills. On failure
 * returns false, fills `problem` and does not change the record. index < count. */
bool option_parse(const struct option *option, const char *text, void *record, uint32_t index,
                  struct option_problem *problem);

/* Writes the canonical text of an element, which parses to the same value. Returns its length as snprintf does. */
int option_format(const struct option *option, const void *record, uint32_t index, char *text, size_t text_bytes);

/* Parse and format a number of a type without a row, for command-line options. */
bool option_parse_number(enum option_type type, const char *text, uint64_t *value, struct option_problem *problem);
int option_format_number(enum option_type type, uint64_t value, char *text, size_t text_bytes);

/* Read and write the stored number of an element. The option must not be text. */
uint64_t option_value(const struct option *option, const void *record, uint32_t index);
void option_store(const struct option *option, void *record, uint32_t index, uint64_t value);

/* Writes and returns a description of valid values: "a duration (ns, us, ms, s)", "on or off", "one of ttas, mcs". */
const char *option_expected(const struct option *option, char *text, size_t text_bytes);

#endif
