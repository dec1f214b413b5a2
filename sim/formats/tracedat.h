/* SPDX-License-Identifier: Apache-2.0
 *
 * The file format trace.dat, version 6, of trace-cmd and KernelShark. Each pCPU's events stand together in pages of 4
 * KiB, as the kernel's ring buffer has them. Source: the manual page trace-cmd.dat.v6(5).
 */
#ifndef FORMATS_TRACEDAT_H
#define FORMATS_TRACEDAT_H

#include "formats/output.h"
#include "formats/tasks.h"

struct tracedat_cpu;

struct tracedat_writer {
    struct trace_sink sink;
    struct output *output;
    const struct trace_world *world; /* during the run */
    struct task_view view;
    struct tracedat_cpu *cpus;
    uint32_t cpu_count;
    FILE *spool; /* pages in order of their end */
    uint32_t page_count;
    uint64_t events; /* written */
    bool has_failed;
};

void tracedat_writer_init(struct tracedat_writer *writer, struct output *output);
void tracedat_writer_free(struct tracedat_writer *writer);

#endif
