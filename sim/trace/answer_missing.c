/* SPDX-License-Identifier: Apache-2.0
 *
 * What a recording lacks, and what follows from that. Sources: the events of Linux, as `perf list` names them; the
 * classes of xentrace's -e, xen/include/public/trace.h.
 */
#include <inttypes.h>

#include "trace/answer.h"

#define KIND(kind) (UINT64_C(1) << (kind))

struct piece {
    uint64_t kinds;                    /* one of them is enough */
    const char *linux_text, *xen_text; /* NULL: nothing is missing there */
};

static const struct piece pieces[] = {
    { KIND(TRACE_WAKE),
      "wake-ups (sched:sched_waking): until it runs, a task that was woken counts as blocked, not as waiting", NULL },
    { KIND(TRACE_VMENTRY),
      "guest mode (kvm:kvm_entry, kvm:kvm_exit): the host's work for a guest counts as the vCPU's own running",
      "guest mode (xentrace -e 0x0008f000): the hypervisor's work for a guest counts as the vCPU's own running" },
    { KIND(TRACE_VMEXIT), "VM exits (kvm:kvm_exit): from a VM entry on, a vCPU counts as in its guest until it leaves",
      "VM exits (xentrace -e 0x0008f000): from a VM entry on, a vCPU counts as in its guest" },
    { KIND(TRACE_IRQ_ENTRY),
      "interrupts (irq:irq_handler_entry, irq:irq_handler_exit): their time counts for what they interrupted",
      "interrupts (xentrace -e 0x00802000): their time counts for what they interrupted" },
    { KIND(TRACE_SOFTIRQ_ENTRY),
      "softirqs (irq:softirq_entry, irq:softirq_exit): their time counts for what they interrupted",
      "softirqs, of which Xen has no records: their time counts for what they interrupted" },
    { KIND(TRACE_LOCK_WAIT) | KIND(TRACE_LOCK_ACQUIRE), NULL,
      "locks, of which Xen has no records: waiting for them is part of the hypervisor's time" },
};

/* Names the vCPUs that ran and never entered nor left their guests; false: there are none. */
static bool untold_modes(const struct answer *answer, char sentence[ANSWER_MISSING_BYTES])
{
    const char *host = answer->recorded->host == RECORDED_HOST_XEN ? "hypervisor" : "host";
    char name[ANSWER_TEXT_BYTES], others[40] = "";
    const struct answer_task *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < answer->count; i++) {
        const struct answer_task *task = &answer->tasks[i];
        if (answer_tells_mode(answer, task) || task->running == 0)
            continue;
        first = first == NULL ? task : first;
        count++;
    }
    if (count == 0)
        return false;
    if (count > 1)
        snprintf(others, sizeof others, " and %zu other%s", count - 1, count == 2 ? "" : "s");
    snprintf(sentence, ANSWER_MISSING_BYTES,
             "VM entries and exits of %.60s%s: what the %s does for %s counts as own running",
             answer_who(answer, first->who, name), others, host, count == 1 ? "it" : "them");
    return true;
}

size_t answer_missing(const struct answer *answer, char (*sentences)[ANSWER_MISSING_BYTES], size_t count)
{
    const struct recorded *recorded = answer->recorded;
    bool is_xen = recorded->host == RECORDED_HOST_XEN;
    bool has_modes = (recorded->kinds & KIND(TRACE_VMENTRY)) != 0;
    size_t used = 0;

    if (recorded->lost > 0 && used < count)
        snprintf(sentences[used++], ANSWER_MISSING_BYTES,
                 "%" PRIu64 " event%s the recorder lost: what their pCPUs and tasks did meanwhile is unknown",
                 recorded->lost, recorded->lost == 1 ? "" : "s");
    else if ((recorded->kinds & KIND(TRACE_DROPPED)) != 0 && used < count)
        snprintf(sentences[used++], ANSWER_MISSING_BYTES,
                 "events that the recorder lost, their number unknown: what their pCPUs and tasks did is unknown");
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces && used < count; i++) {
        const char *text = is_xen ? pieces[i].xen_text : pieces[i].linux_text;
        bool is_of_guests = (pieces[i].kinds & (KIND(TRACE_VMENTRY) | KIND(TRACE_VMEXIT))) != 0;
        if (pieces[i].kinds == KIND(TRACE_VMEXIT) && !has_modes) /* entries are missing, too */
            continue;
        if (text != NULL && (recorded->kinds & pieces[i].kinds) == 0 &&
            (!is_of_guests || recorded->world.vcpu_count > 0))
            snprintf(sentences[used++], ANSWER_MISSING_BYTES, "%s", text);
    }
    if (has_modes && used < count && untold_modes(answer, sentences[used]))
        used++;
    return used;
}
