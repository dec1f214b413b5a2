/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the costs of this host's hardware with threads pinned to its CPUs, in interleaved rounds so that a
 * disturbance affects all quantities alike. A quantity's value is the median of its rounds and its range their
 * quartiles. A round is the mean of the middle four fifths of its measurements, because some clocks advance in steps of
 * dozens of cycles. Cycles are those of the time-stamp counter, the simulator's only clock. Quantities that this host
 * cannot measure are skipped with a reason, never guessed.
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
#define DISTANCE_NONE DISTANCE_COUNT /* for quantities that do not depend on a distance */

enum quantity_unit { UNIT_CYCLES, UNIT_NS, UNIT_PER_SECOND };

struct quantity {
    char name[48];
    const char *how; /* it was measured */
    enum quantity_unit unit;
    enum distance distance;
    double *rounds; /* [count] */
    size_t count;
    double value, low, high; /* set by calibrate_finish */
    bool is_remainder;       /* what other costs leave: 0 or more, and its range is that of its parts */
};

struct skipped {
    char name[48], reason[160];
};

struct calibration {
    struct host host;
    uint32_t rounds, iterations; /* rounds of each quantity, measurements in each round */
    struct quantity quantities[QUANTITIES_MAX];
    size_t quantity_count;
    struct skipped skipped[QUANTITIES_MAX];
    size_t skipped_count;
};

/* Returns false with a message on stderr when the host's CPUs cannot be determined. Call calibrate_free in either
 * case. */
bool calibrate_init(struct calibration *calibration, uint32_t rounds, uint32_t iterations);
void calibrate_free(struct calibration *calibration);

/* The parts of a calibration; each adds its quantities or skips them. */
void calibrate_lines(struct calibration *calibration); /* hits, transfers by distance, memory, PAUSE */
void calibrate_locks(struct calibration *calibration); /* each lock, on one CPU and on two */
void calibrate_wakes(struct calibration *calibration); /* IPI, futex wake, timer */
void calibrate_guest(struct calibration *calibration); /* a minimal guest's exits and interrupts, through KVM */
void calibrate_code(struct calibration *calibration);  /* a basic block beside its hits; after calibrate_lines */

/* Computes the value and range of each quantity. */
void calibrate_finish(struct calibration *calibration);

/* The quantity, or NULL. */
const struct quantity *calibrate_find(const struct calibration *calibration, const char *name, enum distance distance);

/* Adds a round to a quantity, and the quantity if it is new. `name` is copied; `how` must outlive the calibration. */
void quantity_record(struct calibration *calibration, const char *name, enum distance distance, enum quantity_unit unit,
                     double value, const char *how);
__attribute__((format(printf, 3, 4))) void quantity_skip(struct calibration *calibration, const char *name,
                                                         const char *format, ...);

/* --- write.c --- */

/* Writes a machine file. Measured costs have the tag `measured`; all others are those of the machine `like`. */
void calibrate_write(const struct calibration *calibration, const char *name, const char *like, FILE *stream);
/* Prints a table. */
void calibrate_print(const struct calibration *calibration, FILE *stream);
/* Prints one JSON document. */
void calibrate_print_json(const struct calibration *calibration, FILE *stream);

/* As a machine file states a cost: no cost is nothing. */
uint64_t whole_cycles(double value);

/* --- code.c --- */

/* The rounds of code_block: each the mean of its parts' in that round. All parts have the same number of them. */
void code_block_record(struct calibration *calibration);
/* The range of code_block, when its parts have their values; for calibrate_finish. */
void code_range_set(struct calibration *calibration);

/* --- calibrate.c --- */

/* The median, and the mean without the lowest and highest tenth. Both sort the values; count > 0. */
double median_of(double *values, size_t count);
double trimmed_mean_of(double *values, size_t count);

#endif
