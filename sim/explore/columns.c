/* SPDX-License-Identifier: Apache-2.0
 *
 * A column is added once in a search for each line, so that a lock around it costs nothing.
 */
#include "explore/columns.h"

#include <sched.h>

#include "base/check.h"
#include "explore/workers.h"

void columns_init(struct columns *columns, uint32_t line_count)
{
    *columns = (struct columns){ .line_count = line_count };
    columns->of_line = workers_map(line_count * sizeof(*columns->of_line));
    columns->line_of = workers_map(COLUMNS_MAX * sizeof(*columns->line_of));
    columns->counts = workers_map(sizeof(*columns->counts));
}

void columns_free(struct columns *columns)
{
    workers_unmap((void *)columns->of_line, columns->line_count * sizeof(*columns->of_line));
    workers_unmap(columns->line_of, COLUMNS_MAX * sizeof(*columns->line_of));
    workers_unmap(columns->counts, sizeof(*columns->counts));
    *columns = (struct columns){ .line_count = 0 };
}

uint32_t columns_add(struct columns *columns, uint32_t line)
{
    uint32_t column = atomic_load_explicit(&columns->of_line[line], memory_order_acquire);

    if (column != 0)
        return column - 1;
    while (atomic_flag_test_and_set(&columns->counts->lock))
        (void)sched_yield();
    column = atomic_load(&columns->of_line[line]);
    if (column == 0) {
        column = atomic_load(&columns->counts->count) + 1;
        CHECK(column <= COLUMNS_MAX);
        columns->line_of[column - 1] = line;
        atomic_store(&columns->counts->count, column);
        atomic_store(&columns->of_line[line], column);
    }
    atomic_flag_clear(&columns->counts->lock);
    return column - 1;
}
