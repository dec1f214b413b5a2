/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of recordings. Input is not trusted: what is damaged is refused, with the byte or the line.
 */
#ifndef FORMATS_RECORDINGS_H
#define FORMATS_RECORDINGS_H

#include "trace/recording.h"

struct recording_choice {
    uint64_t frequency_hz;      /* of an xentrace file's clock; 0: the file says it itself */
    uint64_t from_ns, until_ns; /* part of the recording; until 0: to its end */
    bool allows_lost;           /* records that xentrace itself lost */
};

/* xentrace's binary format. Arrivals: our own raise records when there are any, else HW_IRQ_HANDLED; wake-ups and runs:
 * runstate changes; work: time in guest mode. */
bool xentrace_read(const char *path, const struct recording_choice *choice, struct recording *recording, char *message,
                   size_t message_bytes);

/* Text of `perf script --ns -F comm,pid,tid,cpu,time,event,trace`: irq:irq_handler_entry, sched:sched_switch,
 * sched:sched_waking, kvm:kvm_msi_set_irq, kvm:kvm_vcpu_wakeup. */
bool perf_read(const char *path, const struct recording_choice *choice, struct recording *recording, char *message,
               size_t message_bytes);

/* By its first bytes. */
bool recording_is_text(const char *path);

#endif
