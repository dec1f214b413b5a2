/* SPDX-License-Identifier: Apache-2.0
 *
 * Hash tables of rows by the labels that siblings must share. A table only proposes: is_sibling decides.
 */
#include "experiment/siblings.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "experiment/derive.h"
#include "experiment/read.h"

/* For the rows of one run, and one set of axes that `at` changes. */
struct index {
    size_t run, axis_count;
    bool *is_changed; /* [axis_count] */
    bool *is_shared;  /* [run_count][axis_count]: siblings in that run have the same label, or none, on this axis */
    size_t *heads;    /* [mask + 1]: a row, or SIZE_MAX */
    size_t *next;     /* [rows]: another with the same hash */
    size_t mask;
};

struct siblings {
    struct index *indexes;
    size_t count;
};

struct siblings *siblings_new(void)
{
    struct siblings *siblings = calloc(1, sizeof *siblings);

    CHECK(siblings != NULL);
    return siblings;
}

void siblings_forget(struct siblings *siblings)
{
    for (size_t i = 0; i < siblings->count; i++) {
        free(siblings->indexes[i].is_changed);
        free(siblings->indexes[i].is_shared);
        free(siblings->indexes[i].heads);
        free(siblings->indexes[i].next);
    }
    free(siblings->indexes);
    *siblings = (struct siblings){ 0 };
}

void siblings_free(struct siblings *siblings)
{
    if (siblings != NULL)
        siblings_forget(siblings);
    free(siblings);
}

/* --- what siblings share --- */

static bool has_design_axis(const struct experiment_run *run)
{
    for (size_t i = 0; i < run->label_count; i++)
        if (strcmp(run->labels[i], "design") == 0)
            return true;
    for (size_t i = 0; i < run->scenario_count; i++)
        for (size_t j = 0; j < run->scenarios[i].axis_count; j++)
            if (strcmp(run->scenarios[i].axes[j].path, "hypervisor.design") == 0)
                return true;
    return false;
}

/* Whether the label follows from others in this run, or is an outcome. */
static bool is_free(const struct experiment_run *run, size_t axis)
{
    if (axis == AXIS_VERDICT || axis == AXIS_OUTCOME)
        return true;
    if (axis == AXIS_SCENARIO)
        return run->scenario_count == 1;
    return axis == AXIS_DESIGN && !has_design_axis(run);
}

static bool is_changed(const struct formula *name, size_t axis)
{
    for (size_t i = 0; i < name->at_count; i++)
        if (name->conditions[i].axis == axis)
            return true;
    return false;
}

/* Whether the other row is where the conditions of `at` lead from this one. */
static bool is_sibling(const struct experiment *experiment, const struct formula *name,
                       const struct experiment_row *row, const struct experiment_row *other)
{
    bool is_other_run = is_changed(name, AXIS_RUN);

    for (size_t i = 0; i < name->at_count; i++)
        if (!condition_holds(&name->conditions[i], other))
            return false;
    for (size_t i = 0; i < experiment->axis_count; i++) {
        const char *left = row->labels[i], *right = other->labels[i];

        if (left == right || is_changed(name, i) || is_free(&experiment->runs[other->run], i))
            continue;
        if (is_other_run && (left == NULL || right == NULL))
            continue;
        if (left == NULL || right == NULL || strcmp(left, right) != 0)
            return false;
    }
    return true;
}

/* Between runs an axis that one of two rows does not have is no difference: it cannot be hashed. */
static void find_shared(struct index *index, const struct experiment_rows *rows, const struct experiment *experiment)
{
    for (size_t run = 0; run < experiment->run_count; run++)
        for (size_t i = 0; i < index->axis_count; i++)
            index->is_shared[run * index->axis_count + i] =
                !index->is_changed[i] && !is_free(&experiment->runs[run], i);
    for (size_t row = 0; row < rows->count && index->is_changed[AXIS_RUN]; row++)
        for (size_t i = 0; i < index->axis_count; i++) {
            if (rows->rows[row].labels[i] != NULL)
                continue;
            index->is_shared[rows->rows[row].run * index->axis_count + i] = false;
            for (size_t run = 0; rows->rows[row].run == index->run && run < experiment->run_count; run++)
                index->is_shared[run * index->axis_count + i] = false;
        }
}

/* --- the hash tables --- */

/* FNV-1a of what a row shares with its siblings in a run. */
static size_t bucket_of(const struct index *index, const struct experiment_row *row, size_t run)
{
    uint64_t hash = 0xCBF29CE484222325 ^ run;

    for (size_t i = 0; i < index->axis_count; i++) {
        if (!index->is_shared[run * index->axis_count + i])
            continue;
        for (const char *at = row->labels[i]; at != NULL && *at != '\0'; at++)
            hash = (hash ^ (unsigned char)*at) * 0x100000001B3;
        hash = (hash ^ 0xFF) * 0x100000001B3;
    }
    return (size_t)(hash ^ hash >> 32) & index->mask;
}

static void make_index(struct index *index, const struct experiment_rows *rows, const struct experiment *experiment,
                       const struct formula *name, size_t run)
{
    index->run = run;
    index->axis_count = experiment->axis_count;
    while (index->mask < rows->count)
        index->mask = index->mask * 2 + 1;
    index->is_changed = calloc(index->axis_count, sizeof *index->is_changed);
    index->is_shared = calloc(experiment->run_count * index->axis_count, sizeof *index->is_shared);
    index->heads = malloc((index->mask + 1) * sizeof *index->heads);
    index->next = malloc((rows->count + 1) * sizeof *index->next);
    CHECK(index->is_changed != NULL && index->is_shared != NULL && index->heads != NULL && index->next != NULL);
    for (size_t i = 0; i < index->axis_count; i++)
        index->is_changed[i] = is_changed(name, i);
    find_shared(index, rows, experiment);
    memset(index->heads, 0xFF, (index->mask + 1) * sizeof *index->heads);
    for (size_t i = 0; i < rows->count; i++) {
        size_t *head = &index->heads[bucket_of(index, &rows->rows[i], rows->rows[i].run)];

        index->next[i] = *head;
        *head = i;
    }
}

static const struct index *find_index(const struct experiment_rows *rows, const struct experiment *experiment,
                                      const struct formula *name, size_t run)
{
    struct siblings *siblings = rows->siblings;

    for (size_t i = 0; i < siblings->count; i++) {
        const struct index *index = &siblings->indexes[i];
        size_t same = 0;

        while (same < index->axis_count && index->is_changed[same] == is_changed(name, same))
            same++;
        if (index->run == run && same == index->axis_count)
            return index;
    }
    struct index *index = ARRAY_ADD(siblings->indexes, siblings->count);
    make_index(index, rows, experiment, name, run);
    return index;
}

size_t find_sibling(const struct experiment_rows *rows, const struct experiment *experiment, const struct formula *name,
                    size_t row)
{
    const struct experiment_row *own = &rows->rows[row];
    size_t found = SIZE_MAX;

    if (name->at_count == 0)
        return row;
    const struct index *index = find_index(rows, experiment, name, own->run);
    for (size_t run = 0; run < experiment->run_count; run++) {
        if (run != own->run && !index->is_changed[AXIS_RUN])
            continue;
        for (size_t i = index->heads[bucket_of(index, own, run)]; i != SIZE_MAX; i = index->next[i]) {
            if (rows->rows[i].run != run || !is_sibling(experiment, name, own, &rows->rows[i]))
                continue;
            if (found != SIZE_MAX)
                return SIZE_MAX;
            found = i;
        }
    }
    return found;
}
