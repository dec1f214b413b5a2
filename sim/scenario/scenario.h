/* SPDX-License-Identifier: Apache-2.0
 *
 * A scenario: YAML text, plus --set overrides, plus the machine's file, read, resolved and checked as a whole into a
 * struct setup. Every error is reported in one go with its place. A loaded scenario is constant and may be read by any
 * number of threads; all files are read when it is loaded.
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "result/expect.h"
#include "models/family/setup.h"

/* One value of a matrix axis: `label` names it in results; `sets` ("path=value") make it, in order. */
struct scenario_value {
    char *label;
    char **sets;
    size_t set_count;
};

/* `hypervisor.design: [a, b]` is one path with its values. A key without a dot (`sockets:`) is a free name whose values
 * are maps `{ label: 2, machine.topology: "...", guests.idle.pin: "..." }`: paths that move together. */
struct scenario_axis {
    char *path;
    struct scenario_value *values;
    size_t value_count;
};

/* Where a resolved value comes from. */
struct scenario_origin {
    char *path; /* "guests.idle.timer" */
    char *text; /* "default", "a.yaml:3:5", "westmere-ex-8s.yaml:12:3", "--set 1:14" */
};

struct design;
struct inputs;
struct topology;

struct scenario {
    char *path; /* as given; "-" for standard input */
    char *name;
    char *question; /* the text of the first comment; "" when there is none */
    struct setup setup;
    const struct design *design;     /* of setup.hypervisor.design */
    const struct topology *topology; /* of setup.machine */
    struct scenario_axis *axes;      /* in the order of the file */
    size_t axis_count;
    struct expectation *expectations;
    size_t expectation_count;
    size_t added_expectation_count;  /* the last of them: of the command line, no part of what a run resolves to */
    char *explore_expectation;       /* "clean", "violation", "violation KIND"; NULL: none */
    struct scenario_origin *origins; /* ascending by path; a path that is missing has its default */
    size_t origin_count;
    char *text; /* of the file, for scenario_reload */
    size_t text_bytes;
    char **sets; /* the overrides applied so far */
    size_t set_count;
    struct inputs *inputs; /* the files that were read; a reloaded scenario borrows those of its base */
    bool owns_inputs;
};

enum scenario_status {
    SCENARIO_OK,
    SCENARIO_INVALID,    /* exit code 2; errors in diag */
    SCENARIO_UNREADABLE, /* exit code 4; one error in diag */
};

/* Loads `path` ("-": standard input; a bare name that is no file: scenarios/NAME.yaml of the installation) and applies
 * sets[] ("guests.idle.timer=250Hz") in order. Unless SCENARIO_OK the scenario is empty and owns nothing; warnings may
 * stand in diag in any case. */
enum scenario_status scenario_load(struct scenario *scenario, const char *path, const char *const *sets,
                                   size_t set_count, struct diag *diag);

/* The same from text in memory; relative files in it are looked up beside `path`. */
enum scenario_status scenario_load_text(struct scenario *scenario, const char *path, const char *text,
                                        size_t text_bytes, const char *const *sets, size_t set_count,
                                        struct diag *diag);

/* `base` with more sets applied after its own, and without its matrix. Reads no file that `base` has read, and none
 * that was read for another reloaded one. `base` outlives it; threads may reload at the same time. */
enum scenario_status scenario_reload(struct scenario *scenario, const struct scenario *base, const char *const *sets,
                                     size_t set_count, struct diag *diag);

/* scenario_reload with this design. */
enum scenario_status scenario_design_load(struct scenario *scenario, const struct scenario *base, const char *design,
                                          struct diag *diag);

void scenario_free(struct scenario *scenario);

/* What one run of it resolves to: with this seed, without matrix and added expectations. It shares all else with
 * `scenario`, which outlives it; to be freed with free(). */
struct scenario *scenario_with_seed(const struct scenario *scenario, uint64_t seed);

/* How many cells the matrix has: the product of the axes; 1 without a matrix. */
size_t scenario_cell_count(const struct scenario *scenario);

/* The cell's value index in each axis, the last axis fastest; cell < scenario_cell_count. indices[axis_count]. */
void scenario_cell_indices(const struct scenario *scenario, size_t cell, size_t *indices);

/* scenario_reload with the sets of all axes' values of the cell. */
enum scenario_status scenario_cell_load(struct scenario *cell_scenario, const struct scenario *base, size_t cell,
                                        struct diag *diag);

/* Canonical YAML of every resolved value (machine costs included, matrix and expectations too): depends on nothing but
 * the values, and loads as a scenario with the same setup. To be freed by the caller. */
char *scenario_resolved_yaml(const struct scenario *scenario);

/* "default" or where the value of a resolved path comes from. */
const char *scenario_origin(const struct scenario *scenario, const char *path);

#endif
