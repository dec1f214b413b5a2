/* SPDX-License-Identifier: Apache-2.0
 *
 * What this host's hardware costs: measured by threads that are pinned to its CPUs, in interleaved rounds, so that a
 * disturbance hits all quantities alike. A quantity's value is the median of its rounds, its range their quartiles; a
 * round is the mean of the middle four fifths of its measurements, for some clocks advance in steps of dozens of
 * cycles. Cycles are those of the time-stamp counter, the simulator's one clock. What the host cannot show is skipped
 * with a reason, never guessed.
 */
#ifndef CALIBRATE_CALIBRATE_H
#define CALIBRATE_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "calibrate/host.h"
#include "machine/costs.h"

#define QUANTITIES_MAX 96
#define CALIBRATE_ROUNDS_MAX 1001
#define DISTANCE_NONE DISTANCE_COUNT /* of a quantity that has none */

enum quantity_unit { UNIT_CYCLES, UNIT_NS, UNIT_PER_SECOND };

struct quantity {
    char name[48];
    const char *how; /* was it measured */
    enum quantity_unit unit;
    enum distance distance;
    double *rounds; /* so far */
    size_t count;
    double value, low, high; /* after calibrate_finish */
};

struct skipped {
    char name[48], reason[160];
};

struct calibration {
    struct host host;
    uint32_t rounds, iterations; /* of each quantity; in each round */
    struct quantity quantities[QUANTITIES_MAX];
    size_t quantity_count;
    struct skipped skipped[QUANTITIES_MAX];
    size_t skipped_count;
};

/* False, with a message on stderr, when the host's CPUs cannot be told. calibrate_free in either case. */
bool calibrate_init(struct calibration *calibration, uint32_t rounds, uint32_t iterations);
void calibrate_free(struct calibration *calibration);

/* The parts; each adds its quantities, or skips them. */
void calibrate_lines(struct calibration *calibration); /* hits, transfers by distance, memory, PAUSE */
void calibrate_locks(struct calibration *calibration); /* each lock, on one CPU and on two */
void calibrate_wakes(struct calibration *calibration); /* IPI, futex wake, timer */
void calibrate_guest(struct calibration *calibration); /* a minimal guest's exits and interrupts, through KVM */
void calibrate_finish(struct calibration *calibration);

/* The quantity, or NULL. */
const struct quantity *calibrate_find(const struct calibration *calibration, const char *name, enum distance distance);

/* For the parts: one more round. `name` and `how` outlive the calibration or are copied. */
void quantity_record(struct calibration *calibration, const char *name, enum distance distance, enum quantity_unit unit,
                     double value, const char *how);
__attribute__((format(printf, 3, 4))) void quantity_skip(struct calibration *calibration, const char *name,
                                                         const char *format, ...);

/* --- write.c --- */

/* A machine file: what was measured has the tag measured, all else is like `like`. */
void calibrate_write(const struct calibration *calibration, const char *name, const char *like, FILE *stream);
/* A table for people. */
void calibrate_print(const struct calibration *calibration, FILE *stream);
/* One JSON document. */
void calibrate_print_json(const struct calibration *calibration, FILE *stream);

/* Both sort the values; count > 0. */
double median_of(double *values, size_t count);
double trimmed_mean_of(double *values, size_t count);

#endif
