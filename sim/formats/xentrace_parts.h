/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the reader of xentrace's format; private to xentrace_records.c, xentrace_events.c and xentrace_world.c.
 */
#ifndef FORMATS_XENTRACE_PARTS_H
#define FORMATS_XENTRACE_PARTS_H

#include "formats/recordings.h"
#include "base/intern.h"
#include "formats/xentrace.h"

enum { XEN_RUNNING, XEN_RUNNABLE, XEN_BLOCKED, XEN_OFFLINE };

struct xen_cpu {
    uint64_t tsc;
    bool has_tsc;
    uint32_t current;   /* the running vCPU as the file numbers it; TRACE_NOBODY: unknown */
    uint32_t skip;      /* runstate changes to come that only xenalyze needs */
    bool is_over;       /* irqpath's run has ended; what follows only xenalyze needs */
    size_t last_record; /* the record made last of this pCPU, + 1 */
};

struct xen_reader {
    FILE *file;
    const struct recording_choice *choice;
    struct recorded *recorded;
    uint64_t at, size; /* position and file size in bytes */
    char *message;
    size_t message_bytes;
    struct xen_cpu *cpus; /* [RECORDING_CPUS_MAX] */
    uint64_t first_tsc, last_tsc, frequency_hz;
    uint32_t version;    /* of irqpath's own records; 0: the file has none */
    uint64_t end_tsc;    /* of irqpath's run; 0: unknown */
    struct intern exits; /* the reason behind each number in TRACE_VMEXIT; none: those of irqpath */
    bool is_svm;         /* a reason that only AMD's processors have */
    struct intern text_numbers; /* by what the name is of, and its index */
    struct xen_text *texts;
    size_t text_count;
};

/* A record of the file. */
struct xen_record {
    uint64_t at; /* its position */
    uint32_t event, count, extra[XENTRACE_EXTRA_MAX];
    uint64_t tsc;
};

/* A name of irqpath's own. */
struct xen_text {
    uint32_t what, index;
    uint64_t number;
    char text[SETUP_NAME_BYTES + 8];
};

__attribute__((format(printf, 3, 4))) bool xen_fail(struct xen_reader *reader, uint64_t at, const char *format, ...);

/* Makes trace records of a record of the file. Until xen_finish, their times are tsc, and their vCPUs are as the file
 * numbers them. */
bool xen_event(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record);

/* Sorts the records, and numbers and names what they tell of. */
bool xen_finish(struct xen_reader *reader);

#endif
