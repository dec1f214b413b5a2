/* SPDX-License-Identifier: Apache-2.0
 *
 * What was recorded of a real or simulated machine, as far as a scenario can repeat it: when interrupts arrived and for
 * which vCPU, when vCPUs woke up, how long they ran. Times are nanoseconds from the recording's start. Filled by the
 * readers of sim/formats/.
 */
#ifndef TRACE_RECORDING_H
#define TRACE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "models/family/setup.h"

enum {
    RECORDING_TIMES_MAX = 100000, /* of one stream: what a scenario may hold */
    RECORDING_CPUS_MAX = 1024,
};

#define RECORDING_NOBODY UINT32_MAX

/* Interrupts of one source for one vCPU. */
struct recorded_stream {
    char name[SETUP_NAME_BYTES];
    uint64_t key;  /* the reader's */
    uint32_t vcpu; /* index, or RECORDING_NOBODY: not known */
    uint64_t *times_ns;
    size_t count, capacity;
};

struct recorded_vcpu {
    char name[SETUP_NAME_BYTES];
    uint64_t key;
    uint64_t *wakes_ns; /* times at which it became runnable */
    size_t wake_count, wake_capacity;
    uint64_t *cpu_ns; /* [RECORDING_CPUS_MAX]: where it ran */
    uint64_t running_ns, runs;
    double running_square_ns; /* sum of squares, of whole runs */
    uint64_t guest_ns;        /* of running_ns, in guest mode; 0: not recorded */
    uint64_t run_ns;          /* of the run in progress, over its interruptions */
    uint64_t blocked_ns;      /* all of it */
};

/* What is not in the scenario, and why. */
struct recorded_note {
    char what[120];
    const char *why;
    uint64_t count;
};

struct recording {
    uint64_t duration_ns;
    uint64_t frequency_hz; /* of its clock; 0: it is in nanoseconds */
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

/* The stream or vCPU of that key; a new one gets the name. Returns its index. */
uint32_t recording_stream(struct recording *recording, uint64_t key, const char *name);
uint32_t recording_vcpu(struct recording *recording, uint64_t key, const char *name);

void recording_arrival(struct recording *recording, uint32_t stream, uint64_t ns);
void recording_wake(struct recording *recording, uint32_t vcpu, uint64_t ns);
/* It ran so long on that pCPU, and then blocked, or is only interrupted. */
void recording_run(struct recording *recording, uint32_t vcpu, uint32_t cpu, uint64_t ns, bool blocks);

/* One more of what is ignored; `why` is a literal. */
void recording_ignore(struct recording *recording, const char *what, const char *why);

/* Sorts times; drops vCPUs that nothing is known of and streams without a vCPU (as ignored), and makes streams of the
 * wake-ups that no interrupt explains. False with a message when a scenario has no room for it. */
bool recording_finish(struct recording *recording, char *message, size_t message_bytes);

/* --- fit.c --- */

/* A stream's arrivals in figures; gaps in nanoseconds. */
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
/* The same figures of as many arrivals drawn from the fit. */
struct arrival_figures arrival_figures_fitted(const struct arrival_fit *fit, size_t count);

/* --- import.c --- */

struct import_choice {
    const char *source;  /* name of the recording, for the scenario's comment */
    const char *profile; /* machine */
    bool is_fitted;      /* processes instead of replayed times */
    bool is_forced;
};

/* Writes the scenario and, beside it, the files of times to be replayed. */
bool import_write(struct recording *recording, const struct import_choice *choice, const char *path, char *message,
                  size_t message_bytes);
/* What was found, beside its fit; what was ignored, and why. */
void import_report(const struct recording *recording, FILE *out, bool use_colour);

#endif
