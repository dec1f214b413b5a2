/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run reports of posted interrupts. The classes of unnoticed bits are ours.
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

/* Set in a PIR or waiting in a vIRR of some vCPU that has a vector for it. */
bool posted_is_in_flight(const struct pirq *pirq)
{
    if (pirq->posted == NULL)
        return false;
    for (uint32_t i = 0; i < pirq->domain->vcpu_count; i++) {
        const struct vcpu *v = &pirq->domain->vcpus[i];
        for (uint32_t vector = 0; vector < 256; vector++) {
            uint64_t bits = word_peek(&v->posted->descriptor.pir[vector / 64]) | word_peek(&v->vlapic_irr[vector / 64]);
            if (v->vector_pirq[vector] == pirq && bits >> (vector % 64) & 1)
                return true;
        }
        if (v->guest.device == pirq->desc.source)
            return true;
    }
    return false;
}

static void notification_metrics(const struct posted *posted, struct metrics *metrics)
{
    const struct iommu_statistics *iommu = &posted->iommu.statistics;
    const struct posted_statistics *s = &posted->statistics;

    metric_count(metrics, iommu->posts, "posted.posts");
    metric_count(metrics, iommu->notifications, "posted.notifications");
    metric_count(metrics, iommu->suppressed_on, "posted.suppressed_on");
    metric_count(metrics, iommu->suppressed_sn, "posted.suppressed_sn");
    metric_count(metrics, s->software_posts, "posted.software.posts");
    metric_count(metrics, s->software_absorbed, "posted.software.absorbed");
    metric_count(metrics, s->software_ipis, "posted.software.notifications");
    metric_count(metrics, s->software_kicks, "posted.software.kicks");
    metric_count(metrics, s->root_notifications, "posted.root_notifications");
    metric_count(metrics, s->spurious[POSTED_SPURIOUS_ROOT], "posted.spurious.root");
    metric_count(metrics, s->spurious[POSTED_SPURIOUS_IDLE], "posted.spurious.idle");
    metric_count(metrics, s->spurious[POSTED_SPURIOUS_LAZY], "posted.spurious.lazy");
    metric_count(metrics, s->lazy_again, "posted.spurious.lazy_again");
    metric_count(metrics, posted->guest_mode.spurious, "posted.spurious.wrong_vcpu");
}

static void wakeup_metrics(const struct posted *posted, struct metrics *metrics)
{
    const struct posted_statistics *s = &posted->statistics;
    const struct histogram *time = posted->wakeup_time;

    metric_count(metrics, s->wakeups, "posted.wakeups");
    metric_count(metrics, s->wakeup_useless, "posted.wakeups_useless");
    metric_ratio(metrics, s->list_walked, s->wakeups, "posted.list.mean");
    metric_count(metrics, s->list_longest, "posted.list.max");
    metric_count(metrics, histogram_quantile(time, 5000), "posted.wakeup.time.p50_ns");
    metric_count(metrics, histogram_quantile(time, 9900), "posted.wakeup.time.p99_ns");
    metric_count(metrics, time->count == 0 ? 0 : time->maximum, "posted.wakeup.time.max_ns");
}

void posted_metrics(struct xen *xen, struct metrics *metrics)
{
    const struct posted *posted = xen->posted;

    if (posted == NULL)
        return;
    CHECK(posted->iommu.statistics.posts ==
          posted->iommu.statistics.notifications + posted->iommu.statistics.suppressed_on +
              posted->iommu.statistics.suppressed_sn + posted->iommu.statistics.undirected);
    notification_metrics(posted, metrics);
    wakeup_metrics(posted, metrics);
    metric_count(metrics, posted->guest_mode.processed - posted->guest_mode.spurious, "posted.exits_avoided.interrupt");
    metric_count(metrics, posted->guest_mode.eois, "posted.exits_avoided.eoi");
    metric_count(metrics, posted->statistics.unnoticed_on, "posted.unnoticed_on");
    metric_count(metrics, posted->statistics.unnoticed_sn, "posted.unnoticed_sn");
    metric_count(metrics, posted->statistics.mismatches, "posted.mismatches");
    metric_count(metrics, posted->statistics.irte_updates, "posted.irte.updates");
    metric_count(metrics, posted->iommu.statistics.stale, "posted.irte.stale");
    metric_count(metrics, posted->iommu.statistics.strays, "posted.irte.strays");
}
