/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a recording of a real or simulated machine that a scenario can reproduce: arrival times of interrupts and
 * their vCPUs, wake-up times of vCPUs, and how long they ran. Times are nanoseconds since the recording's start. The
 * readers of sim/formats/ fill it.
 */
#ifndef TRACE_RECORDING_H
#define TRACE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "models/family/setup.h"

enum {
    RECORDING_TIMES_MAX = 100000, /* limit of a scenario for one stream */
    RECORDING_CPUS_MAX = 1024,
};

#define RECORDING_NOBODY UINT32_MAX

/* Interrupts of one source for one vCPU. */
struct recorded_stream {
    char name[SETUP_NAME_BYTES];
    uint64_t key;  /* defined by the reader */
    uint32_t vcpu; /* index of the target, or RECORDING_NOBODY when unknown */
    uint64_t *times_ns;
    size_t count, capacity;
};

struct recorded_vcpu {
    char name[SETUP_NAME_BYTES];
    uint64_t key;
    uint64_t *wakes_ns; /* times at which it became runnable */
    size_t wake_count, wake_capacity;
    uint64_t *cpu_ns; /* [RECORDING_CPUS_MAX]: running time on each pCPU */
    uint64_t running_ns, runs;
    double running_square_ns; /* sum over whole runs of their squared length */
    uint64_t guest_ns;        /* part of running_ns in guest mode; 0: not recorded */
    uint64_t run_ns;          /* of the run in progress, without its interruptions */
    uint64_t blocked_ns;      /* in total */
};

/* Input that is ignored, with the reason. */
struct recorded_note {
    char what[120];
    const char *why;
    uint64_t count;
};

struct recording {
    uint64_t duration_ns;
    uint64_t frequency_hz; /* of the recording's clock; 0: it counts nanoseconds */
    uint32_t cpu_count;
    struct recorded_stream *streams;
    size_t stream_count;
    struct recorded_vcpu *vcpus;
    size_t vcpu_count;
    struct recorded_note *notes;
    size_t note_count;
};

void recording_init(struct recording *recording);
void recording_free(struct recording *recording);

/* Returns the index of the stream or vCPU with that key; adds it with that name if it is new. */
uint32_t recording_stream(struct recording *recording, uint64_t key, const char *name);
uint32_t recording_vcpu(struct recording *recording, uint64_t key, const char *name);

/* An interrupt of the stream, or a wake-up of the vCPU, at time `ns`. */
void recording_arrival(struct recording *recording, uint32_t stream, uint64_t ns);
void recording_wake(struct recording *recording, uint32_t vcpu, uint64_t ns);

/* The vCPU ran for `ns` on that pCPU, and then blocked or was descheduled. */
void recording_run(struct recording *recording, uint32_t vcpu, uint32_t cpu, uint64_t ns, bool blocks);

/* Counts one ignored item. `why` must be a string literal. */
void recording_ignore(struct recording *recording, const char *what, const char *why);

/* Sorts all times, drops (as ignored) vCPUs without activity and streams without a vCPU, and makes a stream of the
 * wake-ups that no interrupt explains. False with a message when the recording exceeds the limits of a scenario or has
 * no vCPU. */
bool recording_finish(struct recording *recording, char *message, size_t message_bytes);

/* --- fit.c --- */

/* Statistics of a stream's arrivals; gaps in nanoseconds. */
struct arrival_figures {
    uint64_t count;
    double rate_hz, gap_cv; /* coefficient of variation of the gaps */
    double dispersion;      /* variance over mean of the counts in windows of ten mean gaps: 1 for Poisson */
    uint64_t gap_p10, gap_p50, gap_p90, gap_p99;
};

struct arrival_fit {
    enum arrival_process process; /* periodic, poisson, onoff */
    uint64_t rate_millihertz, on_ns, off_ns;
};

struct arrival_figures arrival_figures_of(const uint64_t *times_ns, size_t count);
struct arrival_fit arrival_fit_of(const uint64_t *times_ns, size_t count);
/* The statistics of `count` arrivals drawn from the fit. */
struct arrival_figures arrival_figures_fitted(const struct arrival_fit *fit, size_t count);

/* --- import.c --- */

struct import_choice {
    const char *source;  /* name of the recording, for the scenario's comment */
    const char *profile; /* machine */
    bool is_fitted;      /* write fitted processes instead of times to replay */
    bool is_forced;      /* overwrite existing files */
};

/* Writes the scenario and, beside it, the files of times to replay. False with a message on failure. */
bool import_write(struct recording *recording, const struct import_choice *choice, const char *path, char *message,
                  size_t message_bytes);
/* Prints the statistics of the recording and of its fit, and what was ignored with the reasons. */
void import_report(const struct recording *recording, FILE *out, bool use_colour);

#endif
