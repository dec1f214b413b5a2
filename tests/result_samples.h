/* SPDX-License-Identifier: Apache-2.0
 *
 * Results made by hand for the tests of what reads and shows results: invented numbers, every kind of metric.
 */
#ifndef RESULT_SAMPLES_H
#define RESULT_SAMPLES_H

#include "base/histogram.h"
#include "result/result.h"

#include <stdlib.h>

/* Latencies spread over three decades around `scale_ns`, 1000 of them. */
static inline struct histogram *sample_histogram(uint64_t scale_ns)
{
    struct histogram *histogram = malloc(sizeof *histogram);
    histogram_init(histogram);
    uint64_t state = scale_ns;
    for (int i = 0; i < 1000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t draw = state >> 54;
        histogram_record(histogram, scale_ns + scale_ns * draw * draw / 100000);
    }
    return histogram;
}

/* `steal` in 1/100 of a percent of the idle guests' time; everything else follows from it and the seed. */
static inline struct result sample_result(const char *design, uint64_t seed, uint64_t steal)
{
    struct result result;
    result_init(&result, "sample", design, seed, "# Sample.\nname: sample\n");
    result.simulated_ns = 1200000000;
    result.wall.seconds = 0.6;
    result.wall.events = 3000000;
    result.wall.peak_rss_bytes = 64 << 20;

    struct metrics *metrics = &result.metrics;
    metric_ratio(metrics, steal + seed, 100, "guests.idle.steal.percent");
    metric_ratio(metrics, steal, 100, "guests.idle.runnable.percent");
    metric_ratio(metrics, 1000, 100, "guests.idle.running.percent");
    metric_ratio(metrics, 9000 - steal, 100, "guests.idle.blocked.percent");
    metric_ratio(metrics, 0, 100, "guests.idle.offline.percent");
    metric_ratio(metrics, steal / 4, 100, "guests.idle.running_lock.percent");
    metric_count(metrics, 100000 + seed, "irq.raised");
    metric_count(metrics, 99990 + seed, "irq.delivered");
    metric_count(metrics, 0, "irq.lost");
    metric_count(metrics, 2400 + 100 * steal, "irq.latency.p50_ns");
    metric_count(metrics, 9000 + 400 * steal, "irq.latency.p99_ns");
    metric_count(metrics, 2 * steal + 5, "locks.tasklet_lock.wait.mean_ns");
    metric_ratio(metrics, 0, 0, "locks.tasklet_lock.hold.p50_ns");
    metric_count(metrics, UINT64_MAX, "engine.events");

    struct histogram *histogram = sample_histogram(2000 + 100 * steal);
    metric_distribution(metrics, histogram, "irq.latency");
    histogram_init(histogram);
    metric_distribution(metrics, histogram, "devices.vf.latency");
    free(histogram);
    return result;
}

#endif
