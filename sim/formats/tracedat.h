/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer of trace.dat, version 6, the file format of trace-cmd and KernelShark. Each pCPU's events are stored
 * together in pages of 4 KiB in the layout of the kernel's ring buffer. Source: the manual page trace-cmd.dat.v6(5).
 */
#ifndef FORMATS_TRACEDAT_H
#define FORMATS_TRACEDAT_H

#include "formats/output.h"
#include "formats/tasks.h"

struct tracedat_cpu;
struct tracedat_age;

struct tracedat_writer {
    struct trace_sink sink;
    struct output *output;
    const struct trace_world *world; /* valid during the run only */
    struct task_view view;
    struct task_table tasks;
    struct task_clock clock;
    char *lock_names; /* by lock, of the events' size; "": not yet needed */
    struct tracedat_age *age;
    struct tracedat_cpu *cpus;
    uint32_t cpu_count;
    uint8_t *chunks; /* of all pCPUs */
    size_t chunk_bytes;
    FILE *spool; /* temporary file with the full chunks of pages of all pCPUs, in the order in which they were filled */
    uint32_t page_count;
    uint64_t events;  /* written so far */
    uint64_t *polled; /* ns, by vCPU: when a poll began that ended without a wake-up; UINT64_MAX: none */
    bool has_begun;   /* the event that names the design is written */
    int error;        /* errno of the first failure of the spool, or 0 */
};

/* Writes to `output`, which the caller opens before the run and commits after it. */
void tracedat_writer_init(struct tracedat_writer *writer, struct output *output);
void tracedat_writer_free(struct tracedat_writer *writer);

#endif
