/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of posted interrupts. The classification of unnoticed bits is the model's own; Xen does not count them.
 */
#include "models/xen/posted/state.h"

void posted_measure(struct xen *xen)
{
    struct posted *posted = xen->posted;

    if (posted == NULL)
        return;
    posted->statistics = (struct posted_statistics){ .wakeups = 0 };
    posted->guest_mode = (struct apicv_statistics){ .processed = 0 };
    posted->iommu.statistics = (struct iommu_statistics){ .posts = 0 };
    histogram_init(posted->wakeup_time);
}

static const struct metric_row posted_rows[] = {
    { "posted.suppressed_sn", "count", METRIC_NEUTRAL,
      "posts without a notification because the vCPU was preempted or paused",
      METRIC_AT(struct posted, iommu.statistics.suppressed_sn) },
    { "posted.software.posts", "count", METRIC_NEUTRAL, "interrupts that software posted",
      METRIC_AT(struct posted, statistics.software_posts) },
    { "posted.software.absorbed", "count", METRIC_NEUTRAL, "software posts whose bit was already set",
      METRIC_AT(struct posted, statistics.software_absorbed) },
    { "posted.software.notifications", "count", METRIC_NEUTRAL, "software posts that sent an IPI to a running vCPU",
      METRIC_AT(struct posted, statistics.software_ipis) },
    { "posted.software.kicks", "count", METRIC_NEUTRAL, "software posts that found ON or SN set",
      METRIC_AT(struct posted, statistics.software_kicks) },
    { "posted.root_notifications", "count", METRIC_NEUTRAL, "notifications that found their pCPU in the hypervisor",
      METRIC_AT(struct posted, statistics.root_notifications) },
    { "posted.spurious.root", "count", METRIC_LOWER,
      "root notifications in a vCPU's context with nothing left to merge (ON clear)",
      METRIC_AT(struct posted, statistics.spurious[POSTED_SPURIOUS_ROOT]) },
    { "posted.spurious.idle", "count", METRIC_LOWER,
      "root notifications at an idle pCPU that holds no vCPU with ON set",
      METRIC_AT(struct posted, statistics.spurious[POSTED_SPURIOUS_IDLE]) },
    { "posted.spurious.lazy", "count", METRIC_LOWER,
      "root notifications at an idle pCPU that holds a vCPU with ON set lazily",
      METRIC_AT(struct posted, statistics.spurious[POSTED_SPURIOUS_LAZY]) },
    { "posted.spurious.lazy_again", "count", METRIC_LOWER, "lazy root notifications after the first while ON stays set",
      METRIC_AT(struct posted, statistics.lazy_again) },
    { "posted.spurious.wrong_vcpu", "count", METRIC_LOWER,
      "notifications in guest mode with nothing posted to the running vCPU",
      METRIC_AT(struct posted, guest_mode.spurious) },
    { "posted.wakeups", "count", METRIC_NEUTRAL, "wake-up interrupts", METRIC_AT(struct posted, statistics.wakeups) },
    { "posted.wakeups_useless", "count", METRIC_LOWER, "wake-up interrupts that woke no vCPU",
      METRIC_AT(struct posted, statistics.wakeup_useless) },
    METRIC_PERCENTILES("posted.wakeup.time", "handler of a wake-up interrupt, including the wait for the list's lock",
                       struct posted, wakeup_time),
    { "posted.list.mean", "count", METRIC_LOWER, "vCPUs on the blocking list that a wake-up interrupt walks, mean",
      METRIC_PER(struct posted, statistics.list_walked, statistics.wakeups) },
    { "posted.list.max", "count", METRIC_LOWER, "vCPUs on the longest blocking list walked",
      METRIC_AT(struct posted, statistics.list_longest) },
    { "posted.exits_avoided.interrupt", "count", METRIC_HIGHER,
      "notifications that delivered an interrupt in guest mode, each instead of a VM exit",
      METRIC_AT(struct posted, statistics.exits_avoided) },
    { "posted.exits_avoided.eoi", "count", METRIC_HIGHER, "guest EOIs without a VM exit",
      METRIC_AT(struct posted, guest_mode.eois) },
    { "posted.unnoticed_on", "count", METRIC_LOWER,
      "VM entries with a posted interrupt that waits for the next exit: ON set, no notification in flight",
      METRIC_AT(struct posted, statistics.unnoticed_on) },
    { "posted.unnoticed_sn", "count", METRIC_LOWER,
      "VM entries with a posted interrupt that waits for the next post: posted while SN was set, ON clear",
      METRIC_AT(struct posted, statistics.unnoticed_sn) },
    { "posted.mismatches", "count", METRIC_LOWER, "descriptors found in a state that the hooks should not leave",
      METRIC_AT(struct posted, statistics.mismatches) },
    { "posted.irte.updates", "count", METRIC_NEUTRAL, "interrupt remapping entries written",
      METRIC_AT(struct posted, statistics.irte_updates) },
    { "posted.irte.stale", "count", METRIC_NEUTRAL, "interrupts served by a cached entry that was being replaced",
      METRIC_AT(struct posted, iommu.statistics.stale) },
    { "posted.irte.strays", "count", METRIC_LOWER, "posts to an address that is not a descriptor",
      METRIC_AT(struct posted, iommu.statistics.strays) },
};
const struct metric_table posted_metric_table = METRIC_TABLE(posted_rows);

void posted_metrics(struct xen *xen, struct metrics *metrics)
{
    struct posted *posted = xen->posted;

    if (posted == NULL)
        return;
    CHECK(posted->iommu.statistics.posts ==
          posted->iommu.statistics.notifications + posted->iommu.statistics.suppressed_on +
              posted->iommu.statistics.suppressed_sn + posted->iommu.statistics.undirected);
    posted->statistics.exits_avoided = posted->guest_mode.processed - posted->guest_mode.spurious;
    metrics_report(metrics, &iommu_metric_table, &posted->iommu.statistics, 0, NULL);
    metrics_report(metrics, &posted_metric_table, posted, 0, NULL);
}
