/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes statistics of arrivals and fits one of the scenarios' arrival processes. The coefficient of variation of the
 * gaps decides: periodic below 0.3, Poisson up to 1.3, bursts above. A burst ends with a gap of more than five median
 * gaps. This is a fit of moments; reports show the figures of data and fit side by side, and the distance between their
 * distributions.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/rng.h"
#include "trace/fit.h"

#define PERIODIC_CV 0.3
#define POISSON_CV 1.3

enum { BURST_MEDIANS = 5, WINDOW_GAPS = 10 };

static int by_value(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return first < second ? -1 : first > second;
}

static uint64_t *gaps_of(const uint64_t *times_ns, size_t count)
{
    uint64_t *gaps = malloc((count + 1) * sizeof *gaps);

    CHECK(gaps != NULL);
    for (size_t i = 1; i < count; i++)
        gaps[i - 1] = times_ns[i] - times_ns[i - 1];
    return gaps;
}

static double dispersion_of(const uint64_t *times_ns, size_t count, double mean_gap)
{
    double window = mean_gap * WINDOW_GAPS, sum = 0, squares = 0;
    size_t windows = (size_t)((double)(times_ns[count - 1] - times_ns[0]) / window), at = 0;

    if (windows < 2)
        return NAN;
    for (size_t i = 0; i < windows; i++) {
        size_t from = at;
        while (at < count && (double)(times_ns[at] - times_ns[0]) < window * (double)(i + 1))
            at++;
        sum += (double)(at - from);
        squares += (double)(at - from) * (double)(at - from);
    }
    double mean = sum / (double)windows;
    return (squares / (double)windows - mean * mean) / mean;
}

struct arrival_figures arrival_figures_of(const uint64_t *times_ns, size_t count)
{
    struct arrival_figures figures = { .count = count, .gap_cv = NAN, .dispersion = NAN, .rate_hz = NAN };

    if (count < 3 || times_ns[count - 1] == times_ns[0])
        return figures;
    uint64_t *gaps = gaps_of(times_ns, count);
    size_t gap_count = count - 1;
    double sum = (double)(times_ns[count - 1] - times_ns[0]), mean = sum / (double)gap_count, squares = 0;
    for (size_t i = 0; i < gap_count; i++)
        squares += ((double)gaps[i] - mean) * ((double)gaps[i] - mean);
    figures.rate_hz = 1e9 / mean;
    figures.gap_cv = sqrt(squares / (double)gap_count) / mean;
    figures.dispersion = dispersion_of(times_ns, count, mean);
    qsort(gaps, gap_count, sizeof *gaps, by_value);
    figures.gap_p10 = gaps[gap_count / 10];
    figures.gap_p50 = gaps[gap_count / 2];
    figures.gap_p90 = gaps[gap_count * 9 / 10];
    figures.gap_p99 = gaps[gap_count * 99 / 100];
    free(gaps);
    return figures;
}

static struct arrival_fit bursts_of(const uint64_t *times_ns, size_t count, uint64_t median)
{
    struct arrival_fit fit = { .process = ARRIVAL_ONOFF };
    uint64_t burst_ns = 0, silence_ns = 0, silences = 0;
    uint64_t longest_inside = median > 0 ? median * BURST_MEDIANS : 1;

    for (size_t i = 1; i < count; i++) {
        uint64_t gap = times_ns[i] - times_ns[i - 1];
        if (gap > longest_inside) {
            silence_ns += gap;
            silences++;
        } else {
            burst_ns += gap;
        }
    }
    uint64_t inside = count - 1 - silences;
    fit.rate_millihertz = burst_ns == 0 ? 1000000 : (uint64_t)((double)inside * 1e12 / (double)burst_ns);
    fit.on_ns = burst_ns / (silences + 1) + 1;
    fit.off_ns = silences == 0 ? 1 : silence_ns / silences;
    return fit;
}

struct arrival_fit arrival_fit_of(const uint64_t *times_ns, size_t count)
{
    struct arrival_figures figures = arrival_figures_of(times_ns, count);
    struct arrival_fit fit = { .process = ARRIVAL_REPLAY };

    if (isnan(figures.gap_cv))
        return fit;
    if (figures.gap_cv > POISSON_CV)
        return bursts_of(times_ns, count, figures.gap_p50);
    fit.process = figures.gap_cv < PERIODIC_CV ? ARRIVAL_PERIODIC : ARRIVAL_POISSON;
    fit.rate_millihertz = (uint64_t)(figures.rate_hz * 1000 + 0.5);
    if (fit.rate_millihertz == 0)
        fit.rate_millihertz = 1;
    return fit;
}

/* Times of `count` arrivals; to be freed. */
static uint64_t *drawn(const struct arrival_fit *fit, size_t count)
{
    uint64_t *times = malloc((count + 1) * sizeof *times), now = 0, burst_end = 0;
    uint64_t gap = fit->rate_millihertz == 0 ? 1 : UINT64_C(1000000000000) / fit->rate_millihertz;
    struct rng rng;

    CHECK(times != NULL);
    rng_init(&rng, 1, 0, RNG_ARRIVAL);
    for (size_t i = 0; i < count; i++) {
        if (fit->process == ARRIVAL_POISSON)
            now += rng_exponential(&rng, gap);
        else if (fit->process == ARRIVAL_PERIODIC || now + gap <= burst_end)
            now += gap;
        else {
            now = (burst_end > now ? burst_end : now) + rng_exponential(&rng, fit->off_ns);
            burst_end = now + rng_exponential(&rng, fit->on_ns);
        }
        times[i] = now;
    }
    return times;
}

struct arrival_figures arrival_figures_fitted(const struct arrival_fit *fit, size_t count)
{
    uint64_t *times = drawn(fit, count);
    struct arrival_figures figures = arrival_figures_of(times, count);

    free(times);
    return figures;
}

/* --- the quality of a fit --- */

/* Sorts both. */
static double distance(uint64_t *a, uint64_t *b, size_t count)
{
    size_t i = 0, j = 0;
    double largest = 0;

    qsort(a, count, sizeof *a, by_value);
    qsort(b, count, sizeof *b, by_value);
    while (i < count && j < count) {
        uint64_t at = a[i] < b[j] ? a[i] : b[j];
        while (i < count && a[i] <= at)
            i++;
        while (j < count && b[j] <= at)
            j++;
        largest = fmax(largest, fabs((double)i - (double)j) / (double)count);
    }
    return largest;
}

double arrival_fit_distance(const struct arrival_fit *fit, const uint64_t *times_ns, size_t count)
{
    if (count < 3 || fit->process == ARRIVAL_REPLAY)
        return NAN;
    uint64_t *times = drawn(fit, count), *gaps = gaps_of(times_ns, count), *fitted = gaps_of(times, count);
    double largest = distance(gaps, fitted, count - 1);
    free(times);
    free(gaps);
    free(fitted);
    return largest;
}

/* --- work --- */

struct work_fit work_fit_of(const uint64_t *works_ns, size_t count)
{
    double sum = 0, squares = 0;
    struct work_fit fit = { .cv = NAN };

    for (size_t i = 0; i < count; i++) {
        sum += (double)works_ns[i];
        squares += (double)works_ns[i] * (double)works_ns[i];
    }
    if (count == 0 || sum == 0)
        return fit;
    double mean = sum / (double)count;
    fit.cv = sqrt(fmax(0, squares / (double)count - mean * mean)) / mean;
    fit.mean_ns = (uint64_t)(mean + 0.5);
    fit.cv_percent = fit.cv * 100 < WORK_CV_MAX_PERCENT ? (uint32_t)(fit.cv * 100 + 0.5) : WORK_CV_MAX_PERCENT;
    return fit;
}

double work_fit_distance(const struct work_fit *fit, const uint64_t *works_ns, size_t count)
{
    struct rng rng;

    if (fit->mean_ns >> RNG_MEAN_BITS != 0)
        return 1;
    uint64_t *works = malloc((count + 1) * sizeof *works), *fitted = malloc((count + 1) * sizeof *fitted);
    CHECK(works != NULL && fitted != NULL);
    rng_init(&rng, 1, 0, RNG_GUEST);
    for (size_t i = 0; i < count; i++) {
        works[i] = works_ns[i];
        fitted[i] = rng_lognormal(&rng, fit->mean_ns, fit->cv_percent * 10);
    }
    double largest = count == 0 ? NAN : distance(works, fitted, count);
    free(works);
    free(fitted);
    return largest;
}
