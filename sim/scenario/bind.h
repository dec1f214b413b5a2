/* SPDX-License-Identifier: Apache-2.0
 *
 * From maps of a YAML tree to structs, by option rows: unknown and missing keys, types, ranges, and where each value
 * came from. What a section means is scenario_build's and profile's.
 */
#ifndef SCENARIO_BIND_H
#define SCENARIO_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/option.h"
#include "scenario/scenario.h"
#include "scenario/yaml_tree.h"

struct origins {
    struct scenario_origin *rows; /* in order of binding; origins_sort makes them unique */
    size_t count, capacity;
};

struct binder {
    struct diag *diag;
    struct origins *origins; /* NULL: nobody asks */
    uint64_t frequency_hz;   /* not 0: durations may stand for cycles */
};

struct section {
    const struct node *node;     /* NULL: the scenario has no such section */
    const struct node *fallback; /* the defaults of entries of its kind, or NULL */
    struct place place;          /* where a missing key is missed */
    const char *path;            /* "guests.idle", for origins */
    const char *const *others;   /* keys besides the table's, ends with NULL; or NULL */
    bool keeps_missing;          /* the record holds the values that keys may override */
};

/* Binds every row of the table. Errors go to the diag; a value with an error keeps its default, if it has one. */
void bind_section(const struct binder *binder, const struct option_table *table, const struct section *section,
                  void *record);

/* Binds one row; unknown keys are not looked for. */
void bind_row(const struct binder *binder, const struct option *option, const struct section *section, void *record);

/* Binds the elements of one row from a node: a scalar, a list of all, or a map of named elements. */
bool bind_value(const struct binder *binder, const struct option *option, const struct node *node, bool keeps_missing,
                void *record);

/* The value node of a key, in the section or its fallback; NULL when neither has it. */
const struct node *section_find(const struct section *section, const char *key);

/* The map `node` is, or NULL after an error (no error when node is NULL). `what` as in "expected a map of %s". */
const struct node *bind_map(const struct binder *binder, const struct node *node, const char *what);
const struct node *bind_list(const struct binder *binder, const struct node *node, const char *what);
/* The scalar's text, or NULL after an error. */
const char *bind_text(const struct binder *binder, const struct node *node, const char *what);

/* "MESSAGE at .PATH SUGGESTION", at the node's place, or at its key's. */
__attribute__((format(printf, 4, 5))) void bind_error(const struct binder *binder, const struct node *node,
                                                      const char *suggestion, const char *format, ...);
void bind_unknown_key(const struct binder *binder, const struct node *node, const struct option_table *table,
                      const char *const *others);

/* "PREFIX.KEY" comes from `place`; `note` is appended to it unless NULL. */
void origins_add(const struct binder *binder, const char *prefix, const char *key, struct place place,
                 const char *note);
void origins_sort(struct origins *origins);

#endif
