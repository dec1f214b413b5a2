/* SPDX-License-Identifier: Apache-2.0
 *
 * Results made by hand for the tests of what reads and shows results: invented numbers, every kind of metric.
 */
#ifndef RESULT_SAMPLES_H
#define RESULT_SAMPLES_H

#include "base/histogram.h"
#include "code/object.h"
#include "result/result.h"

#include <stdlib.h>
#include <string.h>

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

/* A code object of the family whose hash is 40 times this digit; nothing of it can run. */
static inline struct code_object sample_code_object(const char *family, char digit)
{
    struct code_object object = {
        .path = (char *)"x.so",
        .info = { { "family", family },
                  { "files", "common/tasklet.c arch/x86/hvm.c" },
                  { "commit", "RELEASE-1" },
                  { "compiler", "gcc 12" } },
        .info_count = 4,
    };

    memset(object.hash, digit, sizeof object.hash - 1);
    return object;
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
    metrics_append(metrics, "guests.idle.steal.percent", steal + seed, 100);
    metrics_append(metrics, "guests.idle.runnable.percent", steal, 100);
    metrics_append(metrics, "guests.idle.running.percent", 1000, 100);
    metrics_append(metrics, "guests.idle.blocked.percent", 9000 - steal, 100);
    metrics_append(metrics, "guests.idle.offline.percent", 0, 100);
    metrics_append(metrics, "guests.idle.running_lock.percent", steal / 4, 100);
    metrics_append(metrics, "irq.raised", 100000 + seed, 1);
    metrics_append(metrics, "irq.delivered", 99990 + seed, 1);
    metrics_append(metrics, "irq.lost", 0, 1);
    metrics_append(metrics, "irq.latency.p50_ns", 2400 + 100 * steal, 1);
    metrics_append(metrics, "irq.latency.p99_ns", 9000 + 400 * steal, 1);
    metrics_append(metrics, "locks.tasklet_lock.wait.mean_ns", 2 * steal + 5, 1);
    metrics_append(metrics, "locks.tasklet_lock.hold.p50_ns", 0, 0);
    metrics_append(metrics, "engine.events", UINT64_MAX, 1);

    struct histogram *histogram = sample_histogram(2000 + 100 * steal);
    metrics_append_histogram(metrics, "irq.latency", histogram);
    histogram_init(histogram);
    metrics_append_histogram(metrics, "devices.vf.latency", histogram);
    free(histogram);
    return result;
}

#endif
