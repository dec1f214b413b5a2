/* SPDX-License-Identifier: Apache-2.0
 *
 * What one simulation produced, and sets of them. A result is identified by (resolved scenario, design, seed); all that
 * the file holds is a pure function of these, so two runs give the same bytes. Wall-clock figures stay in memory.
 * The bytes stand in result_cbor.h, the file in result_file.h, documents for people and scripts in result_report.h.
 */
#ifndef RESULT_RESULT_H
#define RESULT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/metric.h"

/* One cell coordinate of a sweep: matrix path and the value it has here. */
struct result_axis {
    char *path;
    char *value;
};

/* Differs from run to run; never written to a file. */
struct result_wall {
    double seconds;
    uint64_t peak_rss_bytes;
    uint64_t events;
};

/* A BUG() or ASSERT of the modelled hypervisor that ended the run. */
struct result_violation {
    char *kind; /* NULL: none */
    char *text;
    uint64_t cpu;
    uint64_t at_ns; /* simulated, warm-up included */
};

struct result {
    char *scenario; /* its name */
    char *design;
    char *resolved; /* canonical YAML of the resolved scenario */
    uint64_t seed;
    uint64_t simulated_ns;    /* warm-up included */
    bool is_partial;          /* stopped before its end: interrupted, or by a violation */
    struct result_violation violation;
    struct result_axis *axes; /* ascending by path */
    size_t axis_count;
    struct metrics metrics;
    struct result_wall wall;
};

struct result_set {
    struct result *results;
    size_t count, capacity;
};

/* Copies the strings; everything else is zero or empty. */
void result_init(struct result *result, const char *scenario, const char *design, uint64_t seed, const char *resolved);
void result_free(struct result *result);

/* Copies the strings; only once. */
void result_set_violation(struct result *result, const char *kind, const char *text, uint64_t cpu, uint64_t at_ns);

/* Keeps axes[] ascending by path; CHECKs that the path is new. */
void result_add_axis(struct result *result, const char *path, const char *value);

/* The value of the axis, or NULL. */
const char *result_axis_value(const struct result *result, const char *path);

/* The value of a metric, NaN when the result has none of that name or it has no observation. */
double result_metric_value(const struct result *result, const char *name);

/* The histogram of that name, or NULL. */
const struct histogram *result_histogram(const struct result *result, const char *name);

void result_set_init(struct result_set *set);
void result_set_free(struct result_set *set);

/* Takes over `result`; the caller's struct is empty afterwards. The order of a set is the order of its file. */
void result_set_append(struct result_set *set, struct result *result);

/* Moves every result of `from` to the end of `set`. */
void result_set_append_all(struct result_set *set, struct result_set *from);

#endif
