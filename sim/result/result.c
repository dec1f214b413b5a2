/* SPDX-License-Identifier: Apache-2.0
 *
 * Creation, destruction and lookup of results and sets of results.
 */
#define _GNU_SOURCE
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"
#include "base/text.h"
#include "code/object.h"

static char *copy_text(const char *text) { return text_copy(text != NULL ? text : ""); }

void result_init(struct result *result, const char *scenario, const char *design, uint64_t seed, const char *resolved)
{
    *result = (struct result){
        .scenario = copy_text(scenario),
        .design = copy_text(design),
        .resolved = copy_text(resolved),
        .seed = seed,
    };
    metrics_init(&result->metrics);
}

void result_free(struct result *result)
{
    if (result->scenario == NULL)
        return;
    free(result->scenario);
    free(result->design);
    free(result->resolved);
    for (size_t i = 0; i < result->axis_count; i++) {
        free(result->axes[i].path);
        free(result->axes[i].value);
    }
    free(result->axes);
    for (size_t i = 0; i < result->stuck_count; i++) {
        free(result->stuck[i].device);
        free(result->stuck[i].place);
    }
    free(result->stuck);
    free(result->code.hash);
    free(result->code.family);
    free(result->code.files);
    free(result->code.commit);
    free(result->code.compiler);
    free(result->violation.kind);
    free(result->violation.text);
    metrics_free(&result->metrics);
    *result = (struct result){ 0 };
}

#define HASH_DIGITS 8 /* in the name of a design */

char *result_design_name(const char *design, const struct code_object *object)
{
    char *name;

    if (object == NULL)
        return copy_text(design);
    CHECK(asprintf(&name, "%s+%.*s", design, HASH_DIGITS, object->hash) > 0);
    return name;
}

size_t result_design_bytes(const struct result *result)
{
    size_t bytes = strlen(result->design);

    return result->code.hash != NULL && bytes > HASH_DIGITS + 1 ? bytes - (HASH_DIGITS + 1) : bytes;
}

void result_set_code(struct result *result, const struct code_object *object)
{
    char *name = result_design_name(result->design, object);

    CHECK(result->code.hash == NULL);
    free(result->design);
    result->design = name;
    result->code = (struct result_code){
        .hash = copy_text(object->hash),
        .family = copy_text(code_object_info(object, "family")),
        .files = copy_text(code_object_info(object, "files")),
        .commit = copy_text(code_object_info(object, "commit")),
        .compiler = copy_text(code_object_info(object, "compiler")),
    };
}

void result_set_violation(struct result *result, const char *kind, const char *text, uint64_t cpu, uint64_t at_ns)
{
    CHECK(result->violation.kind == NULL);
    result->violation = (struct result_violation){ copy_text(kind), copy_text(text), cpu, at_ns };
}

void result_add_stuck(struct result *result, const struct result_stuck *stuck)
{
    result->stuck = realloc(result->stuck, (result->stuck_count + 1) * sizeof *result->stuck);
    CHECK(result->stuck != NULL);

    struct result_stuck *copy = &result->stuck[result->stuck_count++];
    *copy = *stuck;
    copy->device = copy_text(stuck->device);
    copy->place = copy_text(stuck->place);
}

void result_add_axis(struct result *result, const char *path, const char *value)
{
    CHECK(result_axis_value(result, path) == NULL);
    result->axes = realloc(result->axes, (result->axis_count + 1) * sizeof *result->axes);
    CHECK(result->axes != NULL);

    size_t at = result->axis_count++;
    for (; at > 0 && strcmp(result->axes[at - 1].path, path) > 0; at--)
        result->axes[at] = result->axes[at - 1];
    result->axes[at] = (struct result_axis){ copy_text(path), copy_text(value) };
}

const char *result_axis_value(const struct result *result, const char *path)
{
    for (size_t i = 0; i < result->axis_count; i++)
        if (strcmp(result->axes[i].path, path) == 0)
            return result->axes[i].value;
    return NULL;
}

double result_metric_value(const struct result *result, const char *name)
{
    const struct metric *metric = metric_find(&result->metrics, name);
    return metric != NULL ? metric_value(metric) : NAN;
}

const struct histogram *result_histogram(const struct result *result, const char *name)
{
    for (size_t i = 0; i < result->metrics.histogram_count; i++)
        if (strcmp(result->metrics.histograms[i].name, name) == 0)
            return result->metrics.histograms[i].histogram;
    return NULL;
}

void result_set_init(struct result_set *set) { *set = (struct result_set){ 0 }; }

void result_set_free(struct result_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        result_free(&set->results[i]);
    free(set->results);
    *set = (struct result_set){ 0 };
}

void result_set_append(struct result_set *set, struct result *result)
{
    CHECK(result->scenario != NULL);
    if (set->count == set->capacity) {
        set->capacity = set->capacity > 0 ? 2 * set->capacity : 8;
        set->results = realloc(set->results, set->capacity * sizeof *set->results);
        CHECK(set->results != NULL);
    }
    set->results[set->count++] = *result;
    *result = (struct result){ 0 };
}

void result_set_append_all(struct result_set *set, struct result_set *from)
{
    for (size_t i = 0; i < from->count; i++)
        result_set_append(set, &from->results[i]);
    result_set_free(from);
}
