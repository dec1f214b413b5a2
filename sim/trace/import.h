/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes a scenario of a recording's workload, and compares what its run does with what was recorded.
 */
#ifndef TRACE_IMPORT_H
#define TRACE_IMPORT_H

#include <stdio.h>

#include "models/family/family.h"
#include "trace/fit.h"
#include "trace/recorded.h"
#include "trace/workload.h"

struct import_choice {
    const char *source;          /* name of the recording, for the scenario's comment */
    const char *profile;         /* machine */
    const struct design *design; /* from import_design */
    bool is_fitted;              /* write fitted processes and distributions instead of times and works to replay */
    bool is_forced;              /* overwrite existing files */
};

#define IMPORT_NOTE_BYTES 400

/* The design that simulates the recording: the one that is asked for by name, else the recording's own, else one that
 * fits its host. `note` says which and why. NULL: there is no such design, or it cannot; `note` says so. */
const struct design *import_design(const struct recorded *recorded, const struct workload *workload, const char *asked,
                                   char note[IMPORT_NOTE_BYTES]);

/* Makes the workload fit a scenario of the design: pCPUs, guests, unique names, no more sources and tasks than a
 * scenario has. False with a message when it cannot. */
bool import_prepare(struct workload *workload, const struct design *design, char *message, size_t message_bytes);

/* Writes the scenario and, beside it, the files of times to replay. False with a message on failure. */
bool import_write(const struct workload *workload, const struct recorded *recorded, const struct import_choice *choice,
                  const char *note, const char *path, char *message, size_t message_bytes);

/* A recorded run contains what a hypervisor spends itself on an interrupt. The design does so, too: takes off each work
 * what a run shows of that, its time outside of guest mode. Returns whether anything changed. */
bool import_calibrate(struct workload *workload, const struct workload *simulated);

/* The distribution of the works of a task's interrupts, or of one of its sources (NULL: all), and its distance from the
 * data. */
struct work_fit import_work_fit(const struct workload *workload, uint32_t task, const struct workload_source *only,
                                double *distance);

/* --- import_guests.c --- */

/* Puts the tasks, whose pCPUs are known, into guests, and numbers their vCPUs. Notes guests of the recording that the
 * scenario cannot have as one. */
void import_group(struct workload *workload, const struct design *design);

/* Of the scenario's guest. */
bool import_guest_may_run_on(const struct workload *workload, uint32_t guest, uint32_t cpu);
const struct workload_task *import_vcpu(const struct workload *workload, uint32_t guest, uint32_t vcpu);

/* What the run of the scenario shows of the task; NULL: nothing. */
const struct workload_task *import_simulated(const struct workload *simulated, const struct workload_task *task);

/* --- import_report.c --- */

/* Prints the statistics of the recording and of its fit, and what was ignored with the reasons. */
void import_report(const struct workload *workload, const struct recorded *recorded, bool is_fitted, FILE *out,
                   bool use_colour);

/* Prints what was recorded beside what the run of the scenario did, marks what differs by more than IMPORT_SHARE, and
 * says what the recording cannot tell. */
#define IMPORT_SHARE 0.10 /* of the recorded value */
#define IMPORT_POINTS 2.0 /* of a share of time in percent */
void import_compare(const struct workload *workload, const struct workload *simulated, FILE *out, bool use_colour);

#endif
