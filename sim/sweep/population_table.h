/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of a population's table, and the check of a table that is to be continued.
 */
#ifndef SWEEP_POPULATION_TABLE_H
#define SWEEP_POPULATION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result/result.h"

struct scenario;
struct scenario_sample;

/* Returns the comment with the fingerprint and the line of column names. The caller frees it. */
char *population_head(const struct scenario *scenario);

/* Write the first fields of a row, and ",VALUE" for each metric; a metric without observation is empty. */
void population_write_draws(const struct scenario_sample *sample, size_t machine, char *const *texts, FILE *row);
void population_write_metrics(const struct scenario_sample *sample, const struct result *result, FILE *row);

/* Counts the complete rows of a table and the bytes up to the end of the last one; 0 and 0 when there is no table.
 * Returns false with a message when the table has another head, or rows of other machines. */
bool population_check(const char *path, const char *head, size_t shard, size_t shard_count, size_t *rows,
                      size_t *good_bytes, char *message, size_t message_bytes);

#endif
