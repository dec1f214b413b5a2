/* SPDX-License-Identifier: Apache-2.0
 *
 * The result of one simulation, and sets of results. A result is identified by (resolved scenario, design, seed). All
 * contents of a result file are a pure function of these, so that two runs give the same bytes; wall-clock figures are
 * never written. See cbor.h for the encoding, file.h for files, report.h for documents.
 */
#ifndef RESULT_RESULT_H
#define RESULT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/metric.h"

struct code_object;

/* One coordinate of a cell of a sweep: a path of the matrix and its value in this cell. */
struct result_axis {
    char *path;
    char *value;
};

/* Wall-clock figures, which differ from run to run and are never written to a file. */
struct result_wall {
    double seconds;
    uint64_t peak_rss_bytes;
    uint64_t events;
    double measured_seconds;    /* without the boot, the warm-up and the drain */
    uint64_t interrupts, ticks; /* raised by devices, and expiries of pCPUs' timers, in the measured time */
};

/* A BUG() or failed ASSERT() of the modelled hypervisor, which ended the run. */
struct result_violation {
    char *kind; /* NULL: none */
    char *text;
    uint64_t cpu;
    uint64_t at_ns; /* simulated, warm-up included */
};

/* Interrupts of one vector whose handler has not run, although the run has drained. */
struct result_stuck {
    char *device;    /* its name in the scenario */
    uint64_t vector; /* number among the vectors of that entry of the scenario, from 0 */
    uint64_t count;
    bool is_lost; /* nothing is left to deliver them; otherwise pending */
    char *place;  /* plain English: "in the PIR of a blocked vCPU" */
};

/* The code object that ran in place of a part of the design (code/object.h). */
struct result_code {
    char *hash;   /* NULL: all was built in */
    char *family; /* the rest as code_object_info gives it */
    char *files;
    char *commit; /* of the tree */
    char *compiler;
};

struct result {
    char *scenario; /* its name */
    char *design;   /* with a code object, result_design_name */
    struct result_code code;
    char *resolved; /* canonical YAML of the resolved scenario */
    uint64_t seed;
    uint64_t simulated_ns; /* warm-up included */
    bool is_partial;       /* stopped early, by the user or by a violation */
    struct result_violation violation;
    struct result_axis *axes; /* ascending by path */
    size_t axis_count;
    struct result_stuck *stuck; /* in the order of the scenario's devices, ascending by vector */
    size_t stuck_count;
    struct metrics metrics;
    struct result_wall wall;
};

struct result_set {
    struct result *results;
    size_t count, capacity;
};

/* Copies the strings. All other fields are zero or empty. */
void result_init(struct result *result, const char *scenario, const char *design, uint64_t seed, const char *resolved);
void result_free(struct result *result);

/* "softirq-requeue+1a2b3c4d": the design, and the first digits of the object's hash; only the design where `object` is
 * NULL. The caller frees the text. */
char *result_design_name(const char *design, const struct code_object *object);

/* The number of bytes of the design's name without the hash. */
size_t result_design_bytes(const struct result *result);

/* Notes the object, which is not NULL, and renames the design. */
void result_set_code(struct result *result, const struct code_object *object);

/* Sets the violation and copies the strings. To be called at most once. */
void result_set_violation(struct result *result, const char *kind, const char *text, uint64_t cpu, uint64_t at_ns);

/* Appends interrupts that did not arrive, and copies the strings. */
void result_add_stuck(struct result *result, const struct result_stuck *stuck);

/* Inserts an axis and keeps axes[] in ascending order of the paths. CHECKs that the path is new. */
void result_add_axis(struct result *result, const char *path, const char *value);

/* Returns the value of the axis, or NULL. */
const char *result_axis_value(const struct result *result, const char *path);

/* Returns the value of a metric, or NaN when the result has no metric of this name or the metric has no observation. */
double result_metric_value(const struct result *result, const char *name);

/* Returns the histogram of this name, or NULL. */
const struct histogram *result_histogram(const struct result *result, const char *name);

void result_set_init(struct result_set *set);
void result_set_free(struct result_set *set);

/* Moves `result` to the end of the set and leaves the caller's struct empty. Files keep the order of the set. */
void result_set_append(struct result_set *set, struct result *result);

/* Moves every result of `from` to the end of `set`. */
void result_set_append_all(struct result_set *set, struct result_set *from);

#endif
