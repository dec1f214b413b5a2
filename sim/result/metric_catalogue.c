/* SPDX-License-Identifier: Apache-2.0
 *
 * The one list of metrics. Neutral are those that describe the load rather than judge the design.
 */
#include "result/metric_catalogue.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const struct metric_description metric_catalogue[] = {
    { "guests.G.steal.percent", "%", METRIC_LOWER, "time the vCPUs were RUNNABLE or OFFLINE, per elapsed time" },
    { "guests.G.steal_top.percent", "%", METRIC_LOWER,
      "what top prints as st: stolen time per stolen time and handled ticks" },
    { "guests.G.steal_tick.percent", "%", METRIC_LOWER,
      "stolen time in whole ticks, as kernels until 4.7 account it, per elapsed time" },
    { "guests.G.steal_overlap.percent", "%", METRIC_LOWER,
      "stolen time per stolen and elapsed time, as where idle time overlaps stolen time" },
    { "guests.G.running.percent", "%", METRIC_NEUTRAL, "time in RUNNING, per elapsed time" },
    { "guests.G.runnable.percent", "%", METRIC_LOWER, "time in RUNNABLE (wants to run, does not), per elapsed time" },
    { "guests.G.blocked.percent", "%", METRIC_NEUTRAL, "time in BLOCKED (halted), per elapsed time" },
    { "guests.G.offline.percent", "%", METRIC_LOWER,
      "time in OFFLINE (paused or waiting for the toolstack), per elapsed time" },
    { "guests.G.running_lock.percent", "%", METRIC_LOWER,
      "cycles of waiting for or handling the tasklet lock that are charged to RUNNING, per RUNNING cycle" },
    { "guests.G.running_lock_u1.percent", "%", METRIC_LOWER,
      "part of running_lock: a timer expired while its guest, or any, was current on that pCPU" },
    { "guests.G.running_lock_u2.percent", "%", METRIC_LOWER,
      "part of running_lock: the rest of the tasklet list ran at the VM entry of the vCPU that its head woke" },
    { "guests.G.running_lock_u3.percent", "%", METRIC_LOWER,
      "part of running_lock: a polling vCPU was unblocked before its tasklet ran" },
    { "guests.G.running_lock_u4.percent", "%", METRIC_LOWER,
      "part of running_lock: another route woke the vCPU between enqueue and dequeue of its tasklet" },
    { "guests.G.running_lock_u5.percent", "%", METRIC_LOWER,
      "part of running_lock: passthrough interrupts of other guests hit the pCPU while the vCPU was current" },
    { "guests.G.running_lock_u6.percent", "%", METRIC_LOWER,
      "part of running_lock: periodic timer work in schedule()" },
    { "guests.G.lock_running.percent", "%", METRIC_LOWER,
      "cycles of waiting for or handling the tasklet lock that are charged to RUNNING, per elapsed cycle" },
    { "guests.G.lock_runnable.percent", "%", METRIC_LOWER, "the same charged to RUNNABLE (lock time that is steal)" },
    { "guests.G.lock_blocked.percent", "%", METRIC_LOWER, "the same charged to BLOCKED (lock time that only delays)" },
    { "guests.G.ticks.handled", "count", METRIC_NEUTRAL, "timer ticks the guests handled" },
    { "guests.G.ticks.skipped", "count", METRIC_LOWER, "timer ticks that came too late to be armed" },
    { "guests.G.events.sent", "count", METRIC_NEUTRAL, "event-channel wakes that vCPUs sent each other" },
    { "irq.raised", "count", METRIC_NEUTRAL, "interrupts that devices raised" },
    { "irq.delivered", "count", METRIC_HIGHER, "interrupts whose guest handler ran" },
    { "irq.coalesced", "count", METRIC_NEUTRAL, "interrupts merged into an earlier one that was still on its way" },
    { "irq.pending", "count", METRIC_NEUTRAL, "interrupts on their way when the run ended" },
    { "irq.lost", "count", METRIC_LOWER, "interrupts that will never be delivered" },
    { "irq.latency.mean_ns", "ns", METRIC_LOWER, "device raise to guest handler, mean" },
    { "irq.latency.p50_ns", "ns", METRIC_LOWER, "device raise to guest handler, median" },
    { "irq.latency.p99_ns", "ns", METRIC_LOWER, "device raise to guest handler, 99th percentile" },
    { "irq.latency.p999_ns", "ns", METRIC_LOWER, "device raise to guest handler, 99.9th percentile" },
    { "irq.latency.max_ns", "ns", METRIC_LOWER, "device raise to guest handler, longest" },
    { "irq.latency_running.count", "count", METRIC_NEUTRAL, "delivered interrupts whose message met its vCPU RUNNING" },
    { "irq.latency_running.p50_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, median" },
    { "irq.latency_running.p99_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, 99th percentile" },
    { "irq.latency_running.max_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, longest" },
    { "irq.latency_preempted.count", "count", METRIC_NEUTRAL,
      "delivered interrupts whose message met its vCPU RUNNABLE or OFFLINE" },
    { "irq.latency_preempted.p50_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, median" },
    { "irq.latency_preempted.p99_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, 99th percentile" },
    { "irq.latency_preempted.max_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, longest" },
    { "irq.latency_blocked.count", "count", METRIC_NEUTRAL, "delivered interrupts whose message met its vCPU BLOCKED" },
    { "irq.latency_blocked.p50_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, median" },
    { "irq.latency_blocked.p99_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, 99th percentile" },
    { "irq.latency_blocked.max_ns", "ns", METRIC_LOWER, "device raise to guest handler of those, longest" },
    { "devices.D.interrupts", "count", METRIC_NEUTRAL, "interrupts that the device raised" },
    { "devices.D.delivered", "count", METRIC_HIGHER, "interrupts of the device whose guest handler ran" },
    { "devices.D.absorbed", "count", METRIC_NEUTRAL, "arrivals that raised nothing, as the guest was polling" },
    { "devices.D.discarded", "count", METRIC_NEUTRAL,
      "interrupts taken back when the device was unbound before their handler ran" },
    { "devices.D.coalesced", "count", METRIC_NEUTRAL, "interrupts of the device merged into an earlier one" },
    { "devices.D.pending", "count", METRIC_NEUTRAL, "interrupts of the device on their way when the run ended" },
    { "devices.D.lost", "count", METRIC_LOWER, "interrupts of the device that will never be delivered" },
    { "devices.D.latency.mean_ns", "ns", METRIC_LOWER, "raise to guest handler, mean" },
    { "devices.D.latency.p50_ns", "ns", METRIC_LOWER, "raise to guest handler, median" },
    { "devices.D.latency.p99_ns", "ns", METRIC_LOWER, "raise to guest handler, 99th percentile" },
    { "devices.D.latency.p999_ns", "ns", METRIC_LOWER, "raise to guest handler, 99.9th percentile" },
    { "devices.D.latency.max_ns", "ns", METRIC_LOWER, "raise to guest handler, longest" },
    { "devices.D.starvation.max_ns", "ns", METRIC_LOWER, "longest time asserted and eligible but not serviced" },
    { "devices.D.masked.percent", "%", METRIC_NEUTRAL, "vfio: time the device was masked by VFIO, per elapsed time" },
    { "devices.D.direct.percent", "%", METRIC_NEUTRAL, "vfio: time its guest deactivated its interrupt directly" },
    { "devices.D.config_cycles", "count", METRIC_LOWER, "vfio: accesses of the device's configuration space" },
    { "devices.D.config_cycles_per_interrupt", "ratio", METRIC_LOWER,
      "vfio: accesses of the device's configuration space per interrupt delivered" },
    { "devices.D.mmio_exits", "count", METRIC_LOWER, "vfio: register accesses of the guest that exited to QEMU" },
    { "devices.D.resignals", "count", METRIC_NEUTRAL,
      "vfio: unmasks that found the device asserting, and signalled it without an interrupt of the host" },
    { "devices.D.mode_switches", "count", METRIC_NEUTRAL, "vfio: changes to and from direct EOI" },
    { "devices.D.refusals", "count", METRIC_LOWER,
      "vfio: requests of its line that failed, from the start of the run" },
    { "guests.G.exits", "count", METRIC_LOWER, "vfio: VM exits" },
    { "guests.G.eoi_exits.kernel", "count", METRIC_LOWER, "vfio: EOIs of level-triggered interrupts that KVM handled" },
    { "guests.G.eoi_exits.userspace", "count", METRIC_LOWER, "vfio: those that QEMU handled" },
    { "guests.G.injections", "count", METRIC_NEUTRAL, "vfio: INTx interrupts injected" },
    { "guests.G.spurious", "count", METRIC_LOWER, "vfio: INTx interrupts that found no device with a cause" },
    { "guests.G.eoi_brakes", "count", METRIC_LOWER,
      "vfio: 10 ms brakes after 10000 EOIs of an asserted line in a row" },
    { "lines.N.interrupts", "count", METRIC_NEUTRAL, "vfio: interrupts of the host's line" },
    { "lines.N.none.percent", "%", METRIC_LOWER, "vfio: interrupts of the line that no handler claimed (IRQ_NONE)" },
    { "lines.N.disabled", "count", METRIC_LOWER, "vfio: interrupts that found the line disabled, and masked it" },
    { "lines.N.high.percent", "%", METRIC_NEUTRAL, "vfio: time some device asserted the line, per elapsed time" },
    { "lines.N.active.percent", "%", METRIC_LOWER,
      "vfio: time the line was in service and could not interrupt again, per elapsed time" },
    { "lines.N.active.max_ns", "ns", METRIC_LOWER, "vfio: longest service of the line" },
    { "lines.N.masked.percent", "%", METRIC_LOWER, "vfio: time the line was masked at the chip, per elapsed time" },
    { "lines.N.kills", "count", METRIC_LOWER, "vfio: disabled for good, as 99900 of 100000 interrupts were nobody's" },
    { "lines.N.polls", "count", METRIC_NEUTRAL, "vfio: polls of the handlers of a line that was killed" },
    { "lines.N.depth.max", "count", METRIC_NEUTRAL, "vfio: most disable_irq calls in force at once" },
    { "locks.L.acquisitions", "count", METRIC_NEUTRAL, "times the lock was taken" },
    { "locks.L.contended", "count", METRIC_LOWER, "times the lock was not free" },
    { "locks.L.utilization.percent", "%", METRIC_NEUTRAL, "time the lock was held, per elapsed time" },
    { "locks.L.wait.mean_ns", "ns", METRIC_LOWER, "request to acquisition, mean" },
    { "locks.L.wait.p50_ns", "ns", METRIC_LOWER, "request to acquisition, median" },
    { "locks.L.wait.p99_ns", "ns", METRIC_LOWER, "request to acquisition, 99th percentile" },
    { "locks.L.wait.max_ns", "ns", METRIC_LOWER, "request to acquisition, longest" },
    { "locks.L.hold.mean_ns", "ns", METRIC_LOWER, "acquisition to release, mean" },
    { "locks.L.hold.p50_ns", "ns", METRIC_LOWER, "acquisition to release, median" },
    { "locks.L.hold.p99_ns", "ns", METRIC_LOWER, "acquisition to release, 99th percentile" },
    { "locks.L.waiters.max", "count", METRIC_LOWER, "most pCPUs that waited at the same time" },
    { "cpus.C.percent", "%", METRIC_NEUTRAL, "time the pCPUs spent in this category, per elapsed time of all" },
    { "xen.vmexits", "count", METRIC_NEUTRAL, "VM exits of all vCPUs" },
    { "xen.context_switches", "count", METRIC_NEUTRAL, "context switches from one vCPU to another" },
    { "xen.wakes", "count", METRIC_NEUTRAL, "vCPUs that went from BLOCKED to RUNNABLE" },
    { "xen.steals", "count", METRIC_NEUTRAL, "vCPUs that an idle pCPU took from another one's run queue" },
    { "xen.dpci.requeues", "count", METRIC_NEUTRAL,
      "dPCI entries put back as their interrupt was being delivered elsewhere" },
    { "xen.dpci.dropped", "count", METRIC_NEUTRAL, "dPCI entries taken off the list with nothing left to do" },
    { "posted.posts", "count", METRIC_NEUTRAL, "interrupts that the IOMMU posted" },
    { "posted.notifications", "count", METRIC_NEUTRAL, "posts that sent an interrupt to a pCPU: ON and SN were clear" },
    { "posted.suppressed_on", "count", METRIC_NEUTRAL, "posts without a notification, as one was under way" },
    { "posted.suppressed_sn", "count", METRIC_NEUTRAL,
      "posts without a notification, as the vCPU was preempted or paused" },
    { "posted.software.posts", "count", METRIC_NEUTRAL, "interrupts that software posted" },
    { "posted.software.absorbed", "count", METRIC_NEUTRAL, "of them, those whose bit was set already" },
    { "posted.software.notifications", "count", METRIC_NEUTRAL, "of them, those with an IPI to a running vCPU" },
    { "posted.software.kicks", "count", METRIC_NEUTRAL, "of them, those that found ON or SN set" },
    { "posted.root_notifications", "count", METRIC_NEUTRAL, "notifications that found their pCPU in the hypervisor" },
    { "posted.spurious.root", "count", METRIC_LOWER,
      "of them, those in the code of a vCPU with nothing posted any more" },
    { "posted.spurious.idle", "count", METRIC_LOWER, "of them, those at an idle pCPU that holds nobody with ON set" },
    { "posted.spurious.lazy", "count", METRIC_LOWER,
      "of them, those at an idle pCPU that holds the vCPU's state lazily" },
    { "posted.spurious.lazy_again", "count", METRIC_LOWER, "of those, the ones beyond the first in a cycle of ON" },
    { "posted.spurious.wrong_vcpu", "count", METRIC_LOWER,
      "notifications in guest mode with nothing posted to that vCPU" },
    { "posted.wakeups", "count", METRIC_NEUTRAL, "wake-up interrupts" },
    { "posted.wakeups_useless", "count", METRIC_LOWER, "wake-up interrupts that woke nobody" },
    { "posted.wakeup.time.p50_ns", "ns", METRIC_LOWER,
      "handler of a wake-up interrupt, with its wait for the list, median" },
    { "posted.wakeup.time.p99_ns", "ns", METRIC_LOWER, "handler of a wake-up interrupt, 99th percentile" },
    { "posted.wakeup.time.max_ns", "ns", METRIC_LOWER, "handler of a wake-up interrupt, longest" },
    { "posted.list.mean", "count", METRIC_LOWER, "vCPUs on the blocking list that a wake-up interrupt walks, mean" },
    { "posted.list.max", "count", METRIC_LOWER, "vCPUs on the longest blocking list walked" },
    { "posted.exits_avoided.interrupt", "count", METRIC_HIGHER,
      "notifications that brought something in guest mode, each in place of a VM exit" },
    { "posted.exits_avoided.eoi", "count", METRIC_HIGHER, "EOIs of guests without a VM exit" },
    { "posted.unnoticed_on", "count", METRIC_LOWER,
      "VM entries with a posted interrupt that waits for the next exit: ON set, no notification under way" },
    { "posted.unnoticed_sn", "count", METRIC_LOWER,
      "VM entries with a posted interrupt that waits for the next post: posted while SN was set, ON clear" },
    { "posted.mismatches", "count", METRIC_LOWER, "descriptors found in a state that the hooks should not leave" },
    { "posted.irte.updates", "count", METRIC_NEUTRAL, "interrupt remapping entries written" },
    { "posted.irte.stale", "count", METRIC_NEUTRAL, "interrupts served by a cached entry that was being replaced" },
    { "posted.irte.strays", "count", METRIC_LOWER, "posts to an address that is no descriptor's" },
    { "xen.H.count", "count", METRIC_NEUTRAL,
      "hypercalls of the kind H (bind, unbind, unmap, destroy, offline, online) done" },
    { "xen.H.pending", "count", METRIC_LOWER, "hypercalls begun and not done when the run ended" },
    { "xen.H.retries", "count", METRIC_LOWER, "tries of them that found a delivery under way" },
    { "xen.H.wait_ns", "ns", METRIC_LOWER, "pCPU time of those tries, all together" },
    { "xen.H.time.p50_ns", "ns", METRIC_LOWER, "a hypercall from its first try to its end, median" },
    { "xen.H.time.p99_ns", "ns", METRIC_LOWER, "a hypercall from its first try to its end, 99th percentile" },
    { "xen.H.time.max_ns", "ns", METRIC_LOWER, "a hypercall from its first try to its end, longest" },
    { "qemu.paths.P.count", "count", METRIC_NEUTRAL,
      "events handled that came by the path P: F1 irqfd, F2 irqfd with the page unmapped, F3 a send that KVM takes, S1 "
      "QEMU by KVM's ioctl, S2 QEMU on the shared page, S3 QEMU's main loop for a device passed through" },
    { "qemu.paths.P.latency.mean_ns", "ns", METRIC_LOWER,
      "from the fire of such an event to the guest's handler, mean" },
    { "qemu.paths.P.latency.p50_ns", "ns", METRIC_LOWER, "the same, median" },
    { "qemu.paths.P.latency.p99_ns", "ns", METRIC_LOWER, "the same, 99th percentile" },
    { "qemu.paths.P.latency.max_ns", "ns", METRIC_LOWER, "the same, longest" },
    { "qemu.exits", "count", METRIC_NEUTRAL, "exits of the guest that QEMU handled" },
    { "qemu.dropped", "count", METRIC_LOWER, "messages that named no port: written to memory, or sent with vector 0" },
    { "qemu.swallowed", "count", METRIC_LOWER, "rises of a mapped GSI whose PIRQ has no port" },
    { "qemu.stray", "count", METRIC_LOWER, "events that KVM set on a closed port" },
    { "qemu.spurious", "count", METRIC_LOWER, "handlers that ran with nothing left to do" },
    { "qemu.misdelivered", "count", METRIC_LOWER,
      "interrupts of I/O APIC pins that went to another vCPU than the entry names" },
    { "qemu.stuck", "count", METRIC_LOWER, "ports pending and open at the end, whose vCPU was not told" },
    { "qemu.eois", "count", METRIC_NEUTRAL, "PHYSDEVOP_eoi hypercalls" },
    { "qemu.reposts", "count", METRIC_NEUTRAL, "of them, those that found the GSI still up and posted again" },
    { "qemu.polls", "count", METRIC_NEUTRAL, "exits that polled for the end of the callback by GSI" },
    { "qemu.polls_wasted", "count", METRIC_LOWER, "of them, those that found it still wanted" },
    { "qemu.bottom_halves", "count", METRIC_NEUTRAL, "callbacks by GSI that the main loop had to raise" },
    { "qemu.faults", "count", METRIC_LOWER, "shared pages that KVM had to map again" },
    { "qemu.routes.commits", "count", METRIC_LOWER, "KVM_SET_GSI_ROUTING calls" },
    { "qemu.routes.commit_ns", "ns", METRIC_LOWER, "time in them, all together" },
    { "qemu.routes.refreshes", "count", METRIC_LOWER, "rebuilds of all routes" },
    { "qemu.routes.refresh_ns", "ns", METRIC_LOWER, "time in route updates after a bind or close, commits included" },
    { "qemu.routes.entries_walked", "count", METRIC_LOWER, "route entries translated again" },
    { "qemu.routes.entries_left", "count", METRIC_LOWER, "of them, those that were refused and left as they were" },
    { "qemu.routes.attaches", "count", METRIC_NEUTRAL, "eventfds given to KVM" },
    { "qemu.routes.detaches", "count", METRIC_NEUTRAL, "eventfds taken from KVM" },
    { "qemu.binds", "count", METRIC_NEUTRAL, "EVTCHNOP_bind_pirq hypercalls" },
    { "qemu.bind_ns", "ns", METRIC_LOWER, "time in them and in the end of their batches, all together" },
    { "qemu.closes", "count", METRIC_NEUTRAL, "EVTCHNOP_close hypercalls" },
    { "qemu.migrations", "count", METRIC_NEUTRAL, "live migrations" },
    { "qemu.blackout_ns", "ns", METRIC_LOWER, "time the vCPUs were stopped by them, all together" },
    { "qemu.recoveries", "count", METRIC_HIGHER, "of them, those after which an interrupt reached the guest" },
    { "qemu.recovery.max_ns", "ns", METRIC_LOWER, "from the stop to the first interrupt delivered, longest" },
    { "host.wakes", "count", METRIC_NEUTRAL, "threads woken from sleep" },
    { "host.context_switches", "count", METRIC_NEUTRAL, "switches from one thread of the host to another or to idle" },
    { "host.vmexits", "count", METRIC_NEUTRAL, "VM exits of all vCPU threads" },
    { "host.kicks", "count", METRIC_NEUTRAL, "IPIs sent to get a vCPU out of its guest" },
    { "host.irqs", "count", METRIC_NEUTRAL, "interrupts of devices that the host took" },
    { "host.work_items", "count", METRIC_NEUTRAL, "items that kernel workers ran" },
    { "host.deadlocks", "count", METRIC_LOWER, "threads that hang for ever in a mutex; never reset by the warm-up" },
    { "host.lock_order", "count", METRIC_LOWER, "mutexes taken against their order; never reset by the warm-up" },
    { "nvme.ios", "count", METRIC_HIGHER, "I/Os that handlers of drives have completed" },
    { "nvme.interrupts", "count", METRIC_LOWER,
      "interrupts taken for them: messages, or notifications of posted ones" },
    { "nvme.handlers", "count", METRIC_NEUTRAL, "handlers called: one an interrupt, or as many as were posted" },
    { "nvme.handlers_empty", "count", METRIC_LOWER, "of them, those that found no I/O completed" },
    { "nvme.ios_per_interrupt", "ratio", METRIC_HIGHER, "I/Os completed per interrupt" },
    { "engine.events", "count", METRIC_NEUTRAL, "events the engine executed while measuring" },
    { "engine.wall_seconds", "s", METRIC_LOWER, "wall-clock time of the run (JSON only)" },
    { "engine.events_per_second", "1/s", METRIC_HIGHER, "events per wall-clock second (JSON only)" },
    { "engine.realtime_factor", "ratio", METRIC_HIGHER, "simulated seconds per wall-clock second (JSON only)" },
    { "engine.peak_rss_bytes", "bytes", METRIC_LOWER, "peak resident memory of the process (JSON only)" },
};
const size_t metric_catalogue_count = sizeof metric_catalogue / sizeof metric_catalogue[0];

/* A capital letter that is a whole component. */
static bool is_wildcard(const char *pattern, const char *start)
{
    return isupper((unsigned char)pattern[0]) && (pattern == start || pattern[-1] == '.') &&
           (pattern[1] == '.' || pattern[1] == '\0');
}

static bool pattern_matches(const char *pattern, const char *start, const char *name)
{
    while (*pattern != '\0') {
        if (is_wildcard(pattern, start)) {
            for (const char *rest = name; *rest != '\0';)
                if (pattern_matches(pattern + 1, start, ++rest))
                    return true;
            return false;
        }
        if (*pattern++ != *name++)
            return false;
    }
    return *name == '\0';
}

const struct metric_description *metric_describe(const char *name)
{
    for (size_t i = 0; i < metric_catalogue_count; i++)
        if (pattern_matches(metric_catalogue[i].pattern, metric_catalogue[i].pattern, name))
            return &metric_catalogue[i];
    return NULL;
}

const char *metric_unit(const char *name)
{
    static const struct {
        const char *ending, *unit;
    } endings[] = {
        { ".percent", "%" }, { "_ns", "ns" }, { "_seconds", "s" }, { "_bytes", "bytes" }, { "_per_second", "1/s" }
    };
    const struct metric_description *row = metric_describe(name);

    if (row != NULL)
        return row->unit;
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t ending = strlen(endings[i].ending);
        if (length >= ending && strcmp(name + length - ending, endings[i].ending) == 0)
            return endings[i].unit;
    }
    return "count";
}

enum metric_better metric_better(const char *name)
{
    const struct metric_description *row = metric_describe(name);
    return row != NULL ? row->better : METRIC_NEUTRAL;
}

const char *metric_better_name(enum metric_better better)
{
    static const char *const names[] = { "lower", "higher", "neutral" };
    return names[better];
}

int metric_name_compare(const char *left, const char *right)
{
    const struct metric_description *end = metric_catalogue + metric_catalogue_count;
    const struct metric_description *left_row = metric_describe(left), *right_row = metric_describe(right);

    if (left_row == NULL)
        left_row = end;
    if (right_row == NULL)
        right_row = end;
    if (left_row != right_row)
        return left_row < right_row ? -1 : 1;
    return strcmp(left, right);
}

struct scale {
    double from;    /* values from here on ... */
    double divisor; /* ... are divided by this */
    const char *suffix;
};

/* The largest scale that the value reaches; rows ascend. */
static void format_scaled(double value, const struct scale *scales, char text[METRIC_TEXT_BYTES])
{
    const struct scale *scale = scales;
    while (scale[1].suffix != NULL && fabs(value) >= scale[1].from)
        scale++;
    double scaled = value / scale->divisor;
    double size = fabs(scaled);
    int decimals = size >= 99.995 ? 1 : size >= 9.9995 ? 2 : 3;
    if (scaled == floor(scaled) && size < 1e7 && scale->divisor == 1)
        decimals = 0;
    snprintf(text, METRIC_TEXT_BYTES, "%.*f%s", decimals, scaled, scale->suffix);
}

void metric_format(double value, const char *unit, char text[METRIC_TEXT_BYTES])
{
    static const struct scale times[] = {
        { 0, 1, " ns" }, { 999.95, 1e3, " us" }, { 999.95e3, 1e6, " ms" }, { 999.95e6, 1e9, " s" }, { 0, 0, NULL }
    };
    static const struct scale sizes[] = { { 0, 1, " B" },
                                          { 1024, 1024, " KiB" },
                                          { 1048576, 1048576, " MiB" },
                                          { 1073741824, 1073741824, " GiB" },
                                          { 0, 0, NULL } };
    static const struct scale counts[] = {
        { 0, 1, "" }, { 1e7, 1e6, "M" }, { 1e10, 1e9, "G" }, { 1e13, 1e12, "T" }, { 0, 0, NULL }
    };

    if (isnan(value))
        strcpy(text, "-");
    else if (isinf(value))
        strcpy(text, value > 0 ? "inf" : "-inf");
    else if (strcmp(unit, "%") == 0)
        snprintf(text, METRIC_TEXT_BYTES, value != 0 && fabs(value) < 0.005 ? "%.1g" : "%.2f", value);
    else if (strcmp(unit, "ns") == 0)
        format_scaled(value, times, text);
    else if (strcmp(unit, "s") == 0)
        format_scaled(value * 1e9, times, text);
    else if (strcmp(unit, "bytes") == 0)
        format_scaled(value, sizes, text);
    else
        format_scaled(value, counts, text);
}
