/* SPDX-License-Identifier: Apache-2.0
 *
 * The binary format of xentrace as xenalyze reads it: windows of records of one pCPU, little-endian, without a file
 * header. The layout in the manual page xentrace(8) is obsolete. A record's time in cycles is tsc - XENTRACE_TSC_BASE.
 * Source: Xen 4.17, xen/include/public/trace.h and tools/xentrace/xenalyze.c.
 */
#ifndef FORMATS_XENTRACE_H
#define FORMATS_XENTRACE_H

#include "formats/output.h"
#include "trace/sink.h"

/* The first tsc; xenalyze does not accept traces that begin at tsc 0. */
#define XENTRACE_TSC_BASE UINT64_C(1000000)

enum {
    XENTRACE_CPUS_MAX = 255,
    XENTRACE_VCPUS_MAX = 255,
    XENTRACE_EXTRA_MAX = 7,
    XENTRACE_VERSION = 2,    /* of irqpath's own records */
    XENTRACE_IRQ_FIRST = 16, /* the number of the simulated machine's first interrupt */
};

/* Event numbers: 28 bits. */
enum xentrace_event {
    XENTRACE_LOST_RECORDS = 0x0001f001,
    XENTRACE_WRAP_BUFFER = 0x0001f002,
    XENTRACE_CPU_CHANGE = 0x0001f003,
    XENTRACE_RUNSTATE_CHANGE = 0x00021001, /* | old << 8 | new << 4 */
    XENTRACE_CONTINUE_RUNNING = 0x00021002,
    XENTRACE_BLOCK = 0x00028006,
    XENTRACE_WAKE = 0x00028004,
    XENTRACE_SWITCH = 0x0002800a,
    XENTRACE_NESTED = 0x400, /* of an entry or exit of a guest's guest */
    XENTRACE_VMENTRY = 0x00081001,
    XENTRACE_VMEXIT32 = 0x00081002,
    XENTRACE_VMX_EXIT64 = 0x00081102,
    XENTRACE_SVM_EXIT32 = 0x00081003, /* since Xen 4.19; before, AMD processors had the number of VMX */
    XENTRACE_SVM_EXIT64 = 0x00081103,
    XENTRACE_INJ_VIRQ = 0x00082004,
    XENTRACE_MSR_WRITE = 0x0008200d,
    XENTRACE_INTR = 0x0008200f,
    XENTRACE_VMCALL = 0x00082012,
    XENTRACE_HLT = 0x00082013,
    XENTRACE_IDLE_ENTRY = 0x00801002,
    XENTRACE_IDLE_EXIT = 0x00801003,
    XENTRACE_HW_IRQ_HANDLED = 0x00802008,
    /* irqpath's own records, for which xentrace has no equivalent; xenalyze skips unknown records of this class. */
    XENTRACE_OUR_HEAD = 0x00802100,    /* frequency lo, hi in Hz; version */
    XENTRACE_OUR_RAISE = 0x00802101,   /* version 1: irq, tsc of the raise lo, hi, dom << 16 | vcpu, flow */
    XENTRACE_OUR_DROPPED = 0x00802102, /* version 1: records missing */
    XENTRACE_OUR_END = 0x00802103,     /* the run ends; what follows on this pCPU only closes xenalyze's books */
    XENTRACE_OUR_TEXT = 0x00802104,    /* what << 16 | part, index, 20 bytes: part 0 a number lo, hi; then the text */
    /* + enum trace_kind; who, flow, a, b lo, b hi or the pCPU of a change of state, the time lo, hi where the record's
     * own is not exact; words at the end that are 0 may be left out. After a record for xenalyze it completes that. */
    XENTRACE_OUR_OTHER = 0x00802110,
};

/* What a name in the file is of. Its number, in part 0, is a domain's vCPUs, a lock's number within its class, or a
 * thread's pid. */
enum xentrace_text {
    XENTRACE_TEXT_DOMAIN,
    XENTRACE_TEXT_THREAD,
    XENTRACE_TEXT_LOCK,
    XENTRACE_TEXT_SOFTIRQ,
    XENTRACE_TEXT_IRQ,
    XENTRACE_TEXT_ACTION,
    XENTRACE_TEXT_DESIGN,
    XENTRACE_TEXT_EXIT,
    XENTRACE_TEXT_COUNT,
};

struct xentrace_stream;
struct xentrace_vcpu;

struct xentrace_writer {
    struct trace_sink sink;
    struct output *output;
    const struct trace_world *world; /* valid during the run only */
    uint32_t cpu_count;
    uint64_t frequency_hz;           /* of the tsc */
    struct xentrace_stream *streams; /* [cpu_count] */
    struct xentrace_vcpu *vcpus;     /* [vcpu_count], then idle vCPUs */
    uint32_t *first_irq;             /* [domain_count] */
    size_t waiting;                  /* bytes in the streams */
    bool is_begun;
    uint64_t shifted; /* records delayed by a cycle or more, to follow their cause */
};

/* Writes to `output`, which the caller opens before the run and commits after it. */
void xentrace_writer_init(struct xentrace_writer *writer, struct output *output);
void xentrace_writer_free(struct xentrace_writer *writer);

#endif
