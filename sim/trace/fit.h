/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics of recorded arrivals and of the guest's work for them, and the distributions of scenarios that are
 * nearest.
 */
#ifndef TRACE_FIT_H
#define TRACE_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "models/family/setup.h"

/* Statistics of a source's arrivals; gaps in nanoseconds. */
struct arrival_figures {
    uint64_t count;
    double rate_hz, gap_cv; /* coefficient of variation of the gaps */
    double dispersion;      /* variance over mean of the counts in windows of ten mean gaps: 1 for Poisson */
    uint64_t gap_p10, gap_p50, gap_p90, gap_p99;
};

struct arrival_fit {
    enum arrival_process process; /* periodic, poisson, onoff; replay: too few for a fit */
    uint64_t rate_millihertz, on_ns, off_ns;
};

struct arrival_figures arrival_figures_of(const uint64_t *times_ns, size_t count);
struct arrival_fit arrival_fit_of(const uint64_t *times_ns, size_t count);
/* The statistics of `count` arrivals drawn from the fit. */
struct arrival_figures arrival_figures_fitted(const struct arrival_fit *fit, size_t count);
/* The largest difference of the distributions of the gaps, recorded and drawn (Kolmogorov and Smirnov): 0..1. */
double arrival_fit_distance(const struct arrival_fit *fit, const uint64_t *times_ns, size_t count);

/* A lognormal distribution, which is what `work_spread_percent` draws from. */
struct work_fit {
    uint64_t mean_ns;
    uint32_t cv_percent; /* 0..WORK_CV_MAX_PERCENT, to which larger ones are cut */
    double cv;           /* of the data */
};

#define WORK_CV_MAX_PERCENT 200u

struct work_fit work_fit_of(const uint64_t *works_ns, size_t count);
/* As arrival_fit_distance; 1 for a mean of 2^RNG_MEAN_BITS ns or more, which cannot be drawn. */
double work_fit_distance(const struct work_fit *fit, const uint64_t *works_ns, size_t count);

#endif
