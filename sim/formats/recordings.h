/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of recordings. Input is not trusted: damaged files are rejected with the position of the damage.
 */
#ifndef FORMATS_RECORDINGS_H
#define FORMATS_RECORDINGS_H

#include "trace/recording.h"

struct recording_choice {
    uint64_t frequency_hz;      /* of an xentrace file's clock; 0: as the file says */
    uint64_t from_ns, until_ns; /* the part to read; until_ns 0: to the end */
    bool allows_lost;           /* accept files in which xentrace lost records */
};

/* Reads xentrace's binary format. Arrivals come from irqpath's own raise records if present, else from HW_IRQ_HANDLED;
 * wake-ups and runs from runstate changes; the work for an interrupt from the time in guest mode. Both readers return
 * false with a message on failure. */
bool xentrace_read(const char *path, const struct recording_choice *choice, struct recording *recording, char *message,
                   size_t message_bytes);

/* Reads the text of `perf script --ns -F comm,pid,tid,cpu,time,event,trace`. Uses irq:irq_handler_entry,
 * sched:sched_switch, sched:sched_waking, kvm:kvm_msi_set_irq and kvm:kvm_vcpu_wakeup. */
bool perf_read(const char *path, const struct recording_choice *choice, struct recording *recording, char *message,
               size_t message_bytes);

/* Whether the file's first bytes are text. */
bool recording_is_text(const char *path);

#endif
