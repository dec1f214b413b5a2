/* SPDX-License-Identifier: Apache-2.0
 *
 * A scenario: YAML text, --set overrides and a machine file, which are resolved into a struct setup and checked as a
 * whole. All errors are reported together, with their places. A loaded scenario is constant and may be read by any
 * number of threads; all of its files are read when it is loaded.
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "result/expect.h"
#include "result/headline.h"
#include "models/family/setup.h"

/* A value of a matrix axis: its label in results, and the overrides ("path=value") that apply it, in order. */
struct scenario_value {
    char *label;
    char **sets;
    size_t set_count;
};

/* `hypervisor.design: [a, b]` is an axis over one path. The key of any other axis is a free name without a dot
 * (`sockets:`), and its values are maps that set several paths together:
 * `{ label: 2, machine.topology: "...", guests.idle.pin: "..." }`. */
struct scenario_axis {
    char *path;
    struct scenario_value *values;
    size_t value_count;
};

/* The place that a resolved value comes from. */
struct scenario_origin {
    char *path; /* "guests.idle.timer" */
    char *text; /* "default", "a.yaml:3:5", "westmere-ex-8s.yaml:12:3", "--set 1:14" */
};

struct design;
struct inputs;
struct node;
struct scenario_sample;
struct topology;

struct scenario {
    char *path; /* as given; "-" for standard input */
    char *name;
    char *question; /* the first paragraph of the comment at the beginning of the file; "" when there is none */
    struct setup setup;
    const struct design *design;     /* of setup.hypervisor.design */
    const struct topology *topology; /* of setup.machine */
    struct scenario_axis *axes;      /* in file order */
    size_t axis_count;
    struct scenario_sample *sample; /* NULL: none; of a reloaded scenario too */
    struct headline headline;       /* empty where the scenario names none */
    struct expectation *expectations;
    size_t expectation_count;
    size_t added_expectation_count;  /* the last ones, from the command line; not in the resolved text */
    char *explore_expectation;       /* "clean", "violation", "violation KIND"; NULL: none */
    char *expected_design;           /* the design that explore_expectation is about */
    struct scenario_origin *origins; /* ascending by path; paths without an origin have their defaults */
    size_t origin_count;
    char *text; /* of the scenario file, for scenario_reload */
    size_t text_bytes;
    char **sets; /* the overrides applied so far */
    size_t set_count;
    struct inputs *inputs; /* the other files that were read; a reloaded scenario borrows those of its base */
    bool owns_inputs;
};

enum scenario_status {
    SCENARIO_OK,
    SCENARIO_INVALID,    /* exit code 2; errors in diag */
    SCENARIO_UNREADABLE, /* exit code 4: it, or what it names, cannot be read; errors in diag */
};

/* Loads `path` and applies sets[] ("guests.idle.timer=250Hz") in order. "-" is standard input. A name that is no file
 * is a scenario of the installation. Unless the status is SCENARIO_OK, the scenario is empty and owns no memory.
 * Warnings may be added to diag in any case. */
enum scenario_status scenario_load(struct scenario *scenario, const char *path, const char *const *sets,
                                   size_t set_count, struct diag *diag);

/* A value in another YAML tree that is set at `path`, and where it is written. NULL takes an axis out of the matrix. */
struct scenario_change {
    char *path; /* "run.duration", "matrix.hypervisor.irqchip" */
    struct place place;
    const struct node *value;
};

/* Calls scenario_load with changes instead of overrides. Errors in a value have its place, in a source of `diag`. */
enum scenario_status scenario_load_changed(struct scenario *scenario, const char *path,
                                           const struct scenario_change *changes, size_t count, struct diag *diag);

/* Loads a scenario from text in memory. Files that it names are relative to the directory of `path`. */
enum scenario_status scenario_load_text(struct scenario *scenario, const char *path, const char *text,
                                        size_t text_bytes, const char *const *sets, size_t set_count,
                                        struct diag *diag);

/* Loads `base` again with more overrides, applied after its own, with its code object and without its matrix. Files
 * that were read for `base` or for another reloaded scenario are not read again. `base` must outlive the scenario.
 * Thread-safe. */
enum scenario_status scenario_reload(struct scenario *scenario, const struct scenario *base, const char *const *sets,
                                     size_t set_count, struct diag *diag);

/* Runs the code object in place of a part of the design, also in what is reloaded from the scenario. False with an
 * error in diag when it is not of the design's family. The object must outlive the scenario. */
bool scenario_set_code(struct scenario *scenario, const struct code_object *object, struct diag *diag);

/* Calls scenario_reload with an override of hypervisor.design. */
enum scenario_status scenario_design_load(struct scenario *scenario, const struct scenario *base, const char *design,
                                          struct diag *diag);

void scenario_free(struct scenario *scenario);

/* Returns the scenario of a single run: with this seed, without the matrix and without the added expectations. It
 * shares everything else with `scenario`, which must outlive it. The caller frees it with free(). */
struct scenario *scenario_with_seed(const struct scenario *scenario, uint64_t seed);

/* Returns the first paragraph of the comment at the beginning of a YAML text, joined into one line; "" when there is
 * none. The caller frees it. */
char *scenario_comment(const char *text);

/* Returns the number of cells of the matrix, the product of the lengths of its axes; 1 without a matrix. */
size_t scenario_cell_count(const struct scenario *scenario);

/* Stores the index of the cell's value on each axis; the last axis varies fastest. cell < scenario_cell_count, and
 * `indices` has axis_count elements. */
void scenario_cell_indices(const struct scenario *scenario, size_t cell, size_t *indices);

/* Calls scenario_reload with the overrides of the cell's value on every axis. */
enum scenario_status scenario_cell_load(struct scenario *cell_scenario, const struct scenario *base, size_t cell,
                                        struct diag *diag);

/* Calls scenario_cell_load with further overrides, which are applied before those of the cell. */
enum scenario_status scenario_cell_load_with(struct scenario *cell_scenario, const struct scenario *base, size_t cell,
                                             const char *const *more, size_t more_count, struct diag *diag);

/* Returns canonical YAML of every resolved value, with machine costs, matrix and expectations. The text depends only on
 * the values and loads as a scenario with the same setup. The caller frees it. */
char *scenario_resolved_yaml(const struct scenario *scenario);

/* Returns the place that the value of a resolved path comes from, or "default". */
const char *scenario_origin(const struct scenario *scenario, const char *path);

#endif
