/* SPDX-License-Identifier: Apache-2.0
 *
 * Each row of each family's metric tables is reported by a shipped scenario, and every reported metric is a row of its
 * family. The runs are short, because only the names matter, not the values.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/registry.h"
#include "result/engine_metrics.h"
#include "scenarios/scenario_run.h"

/* Together they report all that the families can: interrupts posted and not, actions of each kind, every path. */
static const struct {
    const char *scenario, *design; /* NULL: its own */
} runs[] = {
    { "posted-states.yaml", NULL },    { "teardown-rebind.yaml", NULL },          { "qemu-contention.yaml", NULL },
    { "vfio-shared-line.yaml", NULL }, { "nvme-drives.yaml", "nvme-posted-msi" },
};

#define RUN_COUNT (sizeof runs / sizeof *runs)

static const struct metric_table *const engine_tables[] = { &engine_metric_table, NULL };

static bool has_row(const struct metric_table *const *tables, const char *name)
{
    for (; *tables != NULL; tables++)
        for (size_t i = 0; i < (*tables)->count; i++)
            if (metric_name_matches((*tables)->rows[i].name, name))
                return true;
    return false;
}

static void check_names(const struct family *family, const struct metrics *metrics)
{
    for (size_t i = 0; i < metrics->count + metrics->histogram_count; i++) {
        const char *name = i < metrics->count ? metrics->rows[i].name : metrics->histograms[i - metrics->count].name;
        if (!has_row(family->metric_tables, name) && !has_row(engine_tables, name))
            fail_msg("%s reports '%s', which is no row of its tables", family->name, name);
    }
}

static bool is_reported(const struct metric_row *row, const struct metrics *metrics)
{
    if (row->source == METRIC_SOURCE_DISTRIBUTION) {
        for (size_t i = 0; i < metrics->histogram_count; i++)
            if (metric_name_matches(row->name, metrics->histograms[i].name))
                return true;
        return false;
    }
    for (size_t i = 0; i < metrics->count; i++)
        if (metric_name_matches(row->name, metrics->rows[i].name))
            return true;
    return false;
}

/* Among the runs of the family's designs. */
static void check_row(const struct family *family, const struct metric_row *row, const struct result results[RUN_COUNT])
{
    for (size_t i = 0; i < RUN_COUNT; i++)
        if (design_find(results[i].design)->family == family && is_reported(row, &results[i].metrics))
            return;
    fail_msg("no run of %s reports '%s'", family->name, row->name);
}

static void check_tables(const struct family *family, const struct metric_table *const *tables,
                         const struct result results[RUN_COUNT])
{
    for (; *tables != NULL; tables++)
        for (size_t i = 0; i < (*tables)->count; i++)
            check_row(family, &(*tables)->rows[i], results);
}

static void each_row_is_reported_and_nothing_else(void **state)
{
    static const char *const sets[SCENARIO_RUN_SETS] = { "run.warmup=5ms", "run.duration=60ms" };
    struct result results[RUN_COUNT];

    (void)state;
    for (size_t i = 0; i < RUN_COUNT; i++) {
        scenario_run(&results[i], runs[i].scenario, runs[i].design, sets);
        check_names(design_find(results[i].design)->family, &results[i].metrics);
    }
    for (size_t i = 0; i < family_count; i++) {
        check_tables(families[i], families[i]->metric_tables, results);
        check_tables(families[i], engine_tables, results);
    }
    for (size_t i = 0; i < RUN_COUNT; i++)
        result_free(&results[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(each_row_is_reported_and_nothing_else) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
