/* SPDX-License-Identifier: Apache-2.0
 *
 * From a grid of simulated closed loops to the throughput of four locks on 1 to 4 nodes. A point (think, hold and lines
 * at one node) of an application's range weighs as much as its MCS throughput at 2, 3 and 4 nodes over that at 1 agrees
 * with the published ones, which scatter by SCATTER; at more nodes think may have drifted (memory and caches are not
 * the lock's). A prediction is the weighted geometric mean, its band the weighted 5 to 95 %. bench_lock_predict
 * [--fit-all] [--any-hold] [--same-think] [--lines N] VARIANT APPLICATIONS PUBLISHED GRID
 * --fit-all weighs with all four columns: what the best point could do. --any-hold ignores what the lock protects, and
 * --lines says how many lines it is where that is not known. Think does not drift with --same-think. The files are
 * those of bench/lock-prediction/; the lines of GRID are those of bench_lock_loop with the number of lines before them.
 * Prints rows of measured.csv (bench/measure/lock-prediction); of a ranking `within` is whether every lead in it is at
 * least 1 %.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "sweep/table.h"

#define LOCKS 4
#define MCS 3
#define NODES 4
#define CPUS_PER_NODE 12
#define SCATTER 0.03
#define DRIFT 0.2
#define BIN 0.005   /* of a prediction's logarithm */
#define MIDDLE 4000 /* the bin of 1; the last ones are e^-20 and e^20 */
#define BINS (2 * MIDDLE + 1)
#define NEGLIGIBLE 1e-6  /* of the weight of all points */
#define AS_MEASURED 1.05 /* two locks that were measured closer than this may come in either order */

static const char *const lock_names[LOCKS] = { "spinlock", "ttas", "ticket", "mcs" };

struct think {
    double think;
    double rates[LOCKS][NODES]; /* acquisitions per second; 0: not simulated */
};

/* What was simulated with one hold time over one number of lines. */
struct group {
    double lines, hold;
    struct think *thinks;
    size_t count;
};

struct application {
    const char *name;
    double hold_low, hold_high, lines_low, lines_high;
    double published[LOCKS][NODES]; /* over MCS at one node */
};

struct point {
    const struct group *group;
    size_t first; /* its think at one node */
    double weight;
};

struct prediction {
    const char *variant;
    bool is_fit_to_all, is_any_hold, is_same_think;
    double lines; /* 0: as the applications say */
    struct group *groups;
    size_t group_count;
    struct application application; /* the one at hand */
    struct point *points;
    size_t point_count, best;
    double total_weight, best_badness;
    double predicted[LOCKS][NODES];
    double *share;            /* of each think of a group, at one node */
    double bins[LOCKS][BINS]; /* the weight of the logarithms, at one node */
    double logarithms[LOCKS]; /* their weighted means */
};

/* --- input --- */

static bool read_table(struct csv *csv, const char *path, size_t columns)
{
    char message[300];

    if (!csv_read(csv, path, message, sizeof message)) {
        (void)fprintf(stderr, "%s\n", message);
        return false;
    }
    if (csv->column_count < columns)
        (void)fprintf(stderr, "%s: %zu columns, not %zu\n", path, csv->column_count, columns);
    return csv->column_count >= columns;
}

static double number(const struct csv *csv, size_t row, size_t column)
{
    return strtod(csv_field(csv, row, column), NULL);
}

static size_t find_lock(const char *name)
{
    size_t lock = 0;

    while (lock < LOCKS && strcmp(lock_names[lock], name) != 0)
        lock++;
    return lock;
}

static void *grow(void *array, size_t count, size_t bytes)
{
    char *grown = realloc(array, (count + 1) * bytes);

    CHECK(grown != NULL);
    memset(grown + count * bytes, 0, bytes);
    return grown;
}

static struct group *find_group(struct prediction *prediction, double lines, double hold)
{
    for (size_t i = 0; i < prediction->group_count; i++)
        if (prediction->groups[i].lines == lines && prediction->groups[i].hold == hold)
            return &prediction->groups[i];
    prediction->groups = grow(prediction->groups, prediction->group_count, sizeof *prediction->groups);
    struct group *group = &prediction->groups[prediction->group_count++];
    group->lines = lines;
    group->hold = hold;
    return group;
}

static struct think *find_think(struct group *group, double think)
{
    for (size_t i = 0; i < group->count; i++)
        if (group->thinks[i].think == think)
            return &group->thinks[i];
    group->thinks = grow(group->thinks, group->count, sizeof *group->thinks);
    group->thinks[group->count].think = think;
    return &group->thinks[group->count++];
}

/* Every lock must have a rate at every point and on each number of nodes. */
static bool is_complete(const struct prediction *prediction, const char *path)
{
    for (size_t i = 0; i < prediction->group_count; i++)
        for (size_t j = 0; j < prediction->groups[i].count; j++)
            for (size_t lock = 0; lock < LOCKS; lock++)
                for (size_t node = 0; node < NODES; node++)
                    if (!(prediction->groups[i].thinks[j].rates[lock][node] > 0)) {
                        (void)fprintf(stderr, "%s: no rate of %s on %zu nodes with %g lines, think %g and hold %g\n",
                                      path, lock_names[lock], node + 1, prediction->groups[i].lines,
                                      prediction->groups[i].thinks[j].think, prediction->groups[i].hold);
                        return false;
                    }
    return prediction->group_count > 0;
}

static bool read_grid(struct prediction *prediction, const char *path)
{
    struct csv csv;
    bool is_good = read_table(&csv, path, 7);
    size_t most = 0;

    for (size_t i = 0; is_good && i < csv.row_count; i++) {
        size_t lock = find_lock(csv_field(&csv, i, 1)), cpus = (size_t)number(&csv, i, 2);
        struct group *group = find_group(prediction, number(&csv, i, 0), number(&csv, i, 4));
        struct think *think = find_think(group, number(&csv, i, 3));

        most = group->count > most ? group->count : most;
        if (lock < LOCKS && cpus % CPUS_PER_NODE == 0 && cpus > 0 && cpus <= CPUS_PER_NODE * NODES)
            think->rates[lock][cpus / CPUS_PER_NODE - 1] = number(&csv, i, 6);
    }
    csv_free(&csv);
    prediction->share = calloc(most + 1, sizeof *prediction->share);
    CHECK(prediction->share != NULL);
    return is_good && is_complete(prediction, path);
}

static bool read_application(struct prediction *prediction, const struct csv *applications, size_t row,
                             const struct csv *published)
{
    struct application *application = &prediction->application;
    size_t found = 0;

    application->name = csv_field(applications, row, 0);
    application->hold_low = number(applications, row, 1);
    application->hold_high = number(applications, row, 2);
    application->lines_low = number(applications, row, 3);
    application->lines_high = number(applications, row, 4);
    if (prediction->lines >= application->lines_low && prediction->lines <= application->lines_high)
        application->lines_low = application->lines_high = prediction->lines;
    for (size_t i = 0; i < published->row_count; i++) {
        size_t lock = find_lock(csv_field(published, i, 1));

        if (strcmp(csv_field(published, i, 0), application->name) != 0 || lock == LOCKS)
            continue;
        found++;
        for (size_t node = 0; node < NODES; node++)
            application->published[lock][node] = number(published, i, 2 + node);
    }
    if (found != LOCKS)
        (void)fprintf(stderr, "%s: %zu locks are published, not %d\n", application->name, found, LOCKS);
    return found == LOCKS;
}

/* --- weights --- */

static double square(double value) { return value * value; }

static bool is_of_application(const struct prediction *prediction, const struct group *group)
{
    const struct application *application = &prediction->application;

    return prediction->is_any_hold ||
           (group->lines >= application->lines_low && group->lines <= application->lines_high &&
            group->hold >= application->hold_low && group->hold <= application->hold_high);
}

/* Squared deviations at a node; rates are normalised as the published ones, to MCS at one node. */
static double deviation(const struct prediction *prediction, const struct think *think, double base, size_t node)
{
    double sum = 0;

    for (size_t lock = 0; lock < LOCKS; lock++)
        if (lock == MCS || prediction->is_fit_to_all)
            sum +=
                square(log(think->rates[lock][node] / base / prediction->application.published[lock][node]) / SCATTER);
    return sum;
}

/* How likely the column at this node is with each think; the weights go to `share`. Returns the logarithm of their
 * mean, and the least deviation. */
static double weigh_node(struct prediction *prediction, const struct point *point, size_t node, double *least)
{
    const struct group *group = point->group;
    double first = group->thinks[point->first].think, base = group->thinks[point->first].rates[MCS][0], total = 0;

    *least = INFINITY;
    for (size_t i = 0; i < group->count; i++) {
        double *misfit = &prediction->share[i];

        *misfit = INFINITY;
        if (i != point->first && (node == 0 || prediction->is_same_think))
            continue;
        *misfit = deviation(prediction, &group->thinks[i], base, node);
        if (i != point->first)
            *misfit += square(log(group->thinks[i].think / first) / DRIFT);
        *least = fmin(*least, *misfit);
    }
    for (size_t i = 0; i < group->count; i++)
        total += prediction->share[i] = exp((*least - prediction->share[i]) / 2);
    for (size_t i = 0; i < group->count; i++)
        prediction->share[i] /= total;
    return log(total) - *least / 2;
}

static double weigh_point(struct prediction *prediction, const struct point *point, double *badness)
{
    double weight = 0, least;

    *badness = 0;
    for (size_t node = 0; node < NODES; node++) {
        weight += weigh_node(prediction, point, node, &least);
        *badness += least;
    }
    return weight;
}

/* Weighs all points of the application's range, and finds the best. False when there is none. */
static bool weigh(struct prediction *prediction)
{
    double most = -INFINITY;

    prediction->point_count = 0;
    for (size_t i = 0; i < prediction->group_count; i++)
        for (size_t j = 0; is_of_application(prediction, &prediction->groups[i]) && j < prediction->groups[i].count;
             j++) {
            struct point point = { .group = &prediction->groups[i], .first = j };
            double badness;

            point.weight = weigh_point(prediction, &point, &badness);
            prediction->points = grow(prediction->points, prediction->point_count, sizeof *prediction->points);
            prediction->points[prediction->point_count] = point;
            if (point.weight > most) {
                most = point.weight;
                prediction->best = prediction->point_count;
                prediction->best_badness = badness;
            }
            prediction->point_count++;
        }
    prediction->total_weight = 0;
    for (size_t i = 0; i < prediction->point_count; i++)
        prediction->total_weight += prediction->points[i].weight = exp(prediction->points[i].weight - most);
    if (prediction->point_count == 0)
        (void)fprintf(stderr, "%s: no point of the grid is in its range\n", prediction->application.name);
    return prediction->point_count > 0;
}

/* --- predictions --- */

static size_t bin_of(double logarithm)
{
    double bin = floor(logarithm / BIN) + MIDDLE;

    return bin < 0 ? 0 : bin >= BINS ? BINS - 1 : (size_t)bin;
}

/* Spreads the weights over the logarithms of the throughput on `node` + 1 nodes. */
static void spread(struct prediction *prediction, size_t node)
{
    double least;

    memset(prediction->bins, 0, sizeof prediction->bins);
    memset(prediction->logarithms, 0, sizeof prediction->logarithms);
    for (size_t i = 0; i < prediction->point_count; i++) {
        const struct point *point = &prediction->points[i];
        double base = point->group->thinks[point->first].rates[MCS][0];

        if (point->weight < NEGLIGIBLE * prediction->total_weight)
            continue;
        (void)weigh_node(prediction, point, node, &least);
        for (size_t j = 0; j < point->group->count; j++) {
            double mass = point->weight / prediction->total_weight * prediction->share[j];

            for (size_t lock = 0; mass > 0 && lock < LOCKS; lock++) {
                double logarithm = log(point->group->thinks[j].rates[lock][node] / base);

                prediction->logarithms[lock] += mass * logarithm;
                prediction->bins[lock][bin_of(logarithm)] += mass;
            }
        }
    }
}

static double quantile(const struct prediction *prediction, size_t lock, double share)
{
    double sum = 0;
    size_t bin = 0;

    while (bin < BINS && (sum += prediction->bins[lock][bin]) < share)
        bin++;
    return exp(((double)bin + 0.5 - MIDDLE) * BIN);
}

static void print_predictions(struct prediction *prediction)
{
    for (size_t node = 0; node < NODES; node++) {
        spread(prediction, node);
        for (size_t lock = 0; lock < LOCKS; lock++) {
            double ours = exp(prediction->logarithms[lock]), real = prediction->application.published[lock][node];
            double low = quantile(prediction, lock, 0.05), high = quantile(prediction, lock, 0.95);

            prediction->predicted[lock][node] = ours;
            printf("prediction,%s,%s,%s,%zu,%g,%.4g,%.4g,%.4g,,%.4g,%d,\n", prediction->variant,
                   prediction->application.name, lock_names[lock], node + 1, real, ours, low, high,
                   (ours > real ? ours / real - 1 : 1 - ours / real) * 100, real >= low && real <= high);
        }
    }
}

/* Whether two locks come in the wrong order, or one leads by less than `least`. */
static bool is_wrong(const struct prediction *prediction, size_t a, size_t b, size_t node, double least)
{
    double ratio = prediction->application.published[a][node] / prediction->application.published[b][node];
    double lead = prediction->predicted[a][node] / prediction->predicted[b][node];

    return (ratio > AS_MEASURED && lead <= least) || (ratio < 1 / AS_MEASURED && lead >= 1 / least);
}

static void print_rankings(const struct prediction *prediction)
{
    for (size_t node = 0; node < NODES; node++) {
        const char *separator = "";
        bool is_right = true, is_clear = true;

        printf("ranking,%s,%s,", prediction->variant, prediction->application.name);
        for (size_t a = 0; a < LOCKS; a++)
            for (size_t b = a + 1; b < LOCKS; b++) {
                is_clear = is_clear && !is_wrong(prediction, a, b, node, 1.01);
                if (!is_wrong(prediction, a, b, node, 1))
                    continue;
                printf("%s%s/%s", separator, lock_names[a], lock_names[b]);
                separator = " ";
                is_right = false;
            }
        printf(",%zu,,,,,,,%d,%d\n", node + 1, is_clear, is_right);
    }
}

static bool predict(struct prediction *prediction, const struct csv *applications, const struct csv *published)
{
    for (size_t i = 0; i < applications->row_count; i++) {
        if (!read_application(prediction, applications, i, published) || !weigh(prediction))
            return false;
        const struct point *best = &prediction->points[prediction->best];
        printf("fit,%s,%s,,,,,%g,%g,%.3g,,,\n", prediction->variant, prediction->application.name,
               best->group->thinks[best->first].think, best->group->hold, prediction->best_badness);
        print_predictions(prediction);
        print_rankings(prediction);
    }
    return fflush(stdout) == 0;
}

static int predict_files(struct prediction *prediction, char **paths)
{
    struct csv applications = { 0 }, published = { 0 };
    bool is_good = read_table(&applications, paths[0], 5) && read_table(&published, paths[1], 2 + NODES) &&
                   read_grid(prediction, paths[2]) && predict(prediction, &applications, &published);

    for (size_t i = 0; i < prediction->group_count; i++)
        free(prediction->groups[i].thinks);
    free(prediction->groups);
    free(prediction->points);
    free(prediction->share);
    csv_free(&applications);
    csv_free(&published);
    return is_good ? 0 : 2;
}

int main(int argc, char **argv)
{
    static struct prediction prediction;
    int at = 1;

    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++)
        if (strcmp(argv[at], "--fit-all") == 0)
            prediction.is_fit_to_all = true;
        else if (strcmp(argv[at], "--any-hold") == 0)
            prediction.is_any_hold = true;
        else if (strcmp(argv[at], "--same-think") == 0)
            prediction.is_same_think = true;
        else if (strcmp(argv[at], "--lines") == 0 && at + 1 < argc)
            prediction.lines = strtod(argv[++at], NULL);
        else
            break;
    if (argc - at != 4) {
        (void)fprintf(
            stderr,
            "usage: %s [--fit-all] [--any-hold] [--same-think] [--lines N] VARIANT APPLICATIONS PUBLISHED GRID\n",
            argv[0]);
        return 2;
    }
    prediction.variant = argv[at];
    return predict_files(&prediction, argv + at + 1);
}
