/* SPDX-License-Identifier: Apache-2.0
 *
 * The cache lines of an arena that were ever seen to differ from the first state, numbered in the order in which they
 * did. All workers share the numbers. A new column needs no change of what is stored: all states stored before have the
 * first state's contents in it.
 */
#ifndef EXPLORE_COLUMNS_H
#define EXPLORE_COLUMNS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define COLUMN_WORDS 8u /* of 8 bytes, aligned to as many */
#define COLUMN_BYTES (COLUMN_WORDS * sizeof(uint64_t))
#define COLUMNS_MAX 8192u
#define BLOCK_COLUMNS 4u /* columns of a block (state.h) */
#define BLOCKS_MAX (COLUMNS_MAX / BLOCK_COLUMNS)

struct columns {
    _Atomic uint32_t *of_line; /* column + 1; 0: none */
    uint32_t *line_of;         /* [COLUMNS_MAX] */
    struct columns_counts {
        atomic_flag lock;
        _Atomic uint32_t count;
    } * counts;
    uint32_t line_count;
};

void columns_init(struct columns *columns, uint32_t line_count);
void columns_free(struct columns *columns);

/* The column of this line, which becomes one if it is none yet. */
uint32_t columns_add(struct columns *columns, uint32_t line);

#endif
