/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of recordings. Input is not trusted: damaged files are rejected with the position of the damage.
 */
#ifndef FORMATS_RECORDINGS_H
#define FORMATS_RECORDINGS_H

#include "trace/recorded.h"

enum { RECORDING_CPUS_MAX = 1024 };

struct recording_choice {
    uint64_t frequency_hz;      /* of an xentrace file's clock; 0: as the file says */
    uint64_t from_ns, until_ns; /* the part to read; until_ns 0: to the end */
    bool allows_lost;           /* accept files in which the recorder lost events */
};

/* Reads the file, whose format its contents tell, into `recorded`, which the caller frees also after a failure. False
 * with a message that names the position. Times are from the beginning of the part that is read.
 *
 * Of a Linux host: a thread that enters KVM, or has the name of a vCPU's thread ("CPU 3/KVM", "vcpu3"), is a vCPU; the
 * others are threads. Each interrupt has a flow, which is handed on to the threads that its handler wakes, and by them
 * to those that they wake, until they block. TRACE_IRQ_ENTRY, TRACE_IRQ_EXIT and TRACE_DO_IRQ have the line's number as
 * vector and as number. An MSI of KVM is a TRACE_RAISE of its vCPU with the vector; of interrupt 0, because the event
 * does not name the device. Without sched_switch, what a vCPU did is known from KVM's wake-ups, which say how long it
 * had been blocked. Of /proc/interrupts: recorded->rates, and no records. */
bool recorded_read(const char *path, const struct recording_choice *choice, struct recorded *recorded, char *message,
                   size_t message_bytes);

#endif
