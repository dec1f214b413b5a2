/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of rates.
 */
#include "trace/rates.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/table.h"

static int by_count(const void *a, const void *b)
{
    const struct recorded_rate *first = a, *second = b;

    if (first->count != second->count)
        return first->count > second->count ? -1 : 1;
    if (first->irq != second->irq)
        return first->irq < second->irq ? -1 : 1;
    return (first->cpu > second->cpu) - (first->cpu < second->cpu);
}

void rates_report(const struct recorded *recorded, FILE *out, bool use_colour)
{
    static const char *const heads[] = { "line", "name", "pCPU", "count", "rate Hz" };
    struct recorded_rate *rates = calloc(recorded->rate_count + 1, sizeof *rates);
    double seconds = (double)recorded->world.end / (double)recorded->world.frequency_hz;
    struct table table;

    CHECK(rates != NULL);
    memcpy(rates, recorded->rates, recorded->rate_count * sizeof *rates);
    qsort(rates, recorded->rate_count, sizeof *rates, by_count);
    table_init(&table, 5, 2);
    for (size_t i = 0; i < 5; i++)
        table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < recorded->rate_count; i++) {
        const char *name = rates[i].irq < recorded->world.irq_count ? recorded->world.irq_names[rates[i].irq] : NULL;
        table_cell(&table, "%" PRIu32, rates[i].irq);
        table_cell(&table, "%s", name != NULL ? name : "-");
        table_cell(&table, "%" PRIu32, rates[i].cpu);
        table_cell(&table, "%" PRIu64, rates[i].count);
        table_cell(&table, "%.2f", (double)rates[i].count / seconds);
    }
    table_print(&table, out, 0, use_colour);
    table_free(&table);
    free(rates);
}
