/* SPDX-License-Identifier: Apache-2.0
 *
 * Converts maps of a YAML tree to structs by option rows: reports unknown and missing keys, wrong types and values out
 * of range, and records where each value comes from. The meaning of the sections is in build.h and profile.h.
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
    struct scenario_origin *rows; /* in order of binding; unique only after origins_sort */
    size_t count, capacity;
};

struct binder {
    struct diag *diag;
    struct origins *origins; /* NULL: origins are not recorded */
    uint64_t frequency_hz;   /* if not 0, numbers of cycles may be given as durations of this clock */
};

struct section {
    const struct node *node;     /* NULL: the scenario has no such section */
    const struct node *fallback; /* the section `defaults` for entries of this kind, or NULL */
    struct place place;          /* where missing keys are reported */
    const char *path;            /* "guests.idle", for origins */
    const char *const *others;   /* valid keys that are not in the table; ends with NULL; or NULL */
    bool keeps_missing;          /* missing keys keep the values in the record instead of getting their defaults */
};

/* Binds every row of the table and reports unknown keys. Errors are added to binder->diag; an invalid value is replaced
 * by the default, if there is one. */
void bind_section(const struct binder *binder, const struct option_table *table, const struct section *section,
                  void *record);

/* Binds one row. Does not report unknown keys. */
void bind_row(const struct binder *binder, const struct option *option, const struct section *section, void *record);

/* Binds the elements of a row from a node: a scalar, a list of all elements, or a map of named elements. Returns false
 * after an error. */
bool bind_value(const struct binder *binder, const struct option *option, const struct node *node, bool keeps_missing,
                void *record);

/* Returns the value of a key in the section or, if it is missing there, in its fallback; NULL when neither has it. */
const struct node *section_find(const struct section *section, const char *key);

/* Returns the node if it is a map (or a list), otherwise reports an error and returns NULL. A NULL node is no error.
 * `what` completes the message "expected a map of %s". */
const struct node *bind_map(const struct binder *binder, const struct node *node, const char *what);
const struct node *bind_list(const struct binder *binder, const struct node *node, const char *what);
/* Returns the text of a scalar. Reports an error and returns NULL for any other node. */
const char *bind_text(const struct binder *binder, const struct node *node, const char *what);

/* Report "MESSAGE at .PATH SUGGESTION", at the place of the node; for an unknown key, at the place of the key. */
__attribute__((format(printf, 4, 5))) void bind_error(const struct binder *binder, const struct node *node,
                                                      const char *suggestion, const char *format, ...);
void bind_unknown_key(const struct binder *binder, const struct node *node, const struct option_table *table,
                      const char *const *others);

/* Records that the value of "PREFIX.KEY" comes from `place`. `note` is appended in parentheses unless it is NULL. */
void origins_add(const struct binder *binder, const char *prefix, const char *key, struct place place,
                 const char *note);

/* Sorts by path, ascending. Of several origins of one path, keeps the one that was added last. */
void origins_sort(struct origins *origins);

#endif
