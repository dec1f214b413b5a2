/* SPDX-License-Identifier: Apache-2.0
 *
 * The axes of an experiment, from the matrices and samples of its scenarios.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "experiment/attributed.h"
#include "experiment/read.h"
#include "scenario/sample.h"

#define LABELS_MAX 1000

size_t experiment_add_label(struct experiment_axis *axis, const char *label)
{
    for (size_t i = 0; i < axis->value_count; i++)
        if (strcmp(axis->values[i], label) == 0)
            return i;
    if (axis->value_count == LABELS_MAX)
        return SIZE_MAX;
    *(char **)ARRAY_ADD(axis->values, axis->value_count) = text_copy(label);
    return axis->value_count - 1;
}

static struct experiment_axis *add_axis(struct experiment *experiment, const char *path)
{
    for (size_t i = 0; i < experiment->axis_count; i++)
        if (strcmp(experiment->axes[i].path, path) == 0)
            return &experiment->axes[i];
    struct experiment_axis *axis = ARRAY_ADD(experiment->axes, experiment->axis_count);
    axis->path = text_copy(path);
    return axis;
}

/* "rate=2kHz" of the axis `vary`: what is varied, and to what. */
static void add_varied(struct experiment *experiment, const char *label)
{
    const char *equals = strchr(label, '=');
    char *parameter = text_copy_bytes(label, (size_t)(equals - label));
    experiment_add_label(add_axis(experiment, "parameter"), parameter);
    experiment_add_label(add_axis(experiment, "value"), equals + 1);
    free(parameter);
}

static void add_matrix_axes(struct experiment *experiment, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->axis_count; i++) {
        const struct scenario_axis *axis = &scenario->axes[i];

        for (size_t j = 0; j < axis->value_count; j++) {
            experiment_add_label(add_axis(experiment, axis->path), axis->values[j].label);
            if (strcmp(axis->path, "vary") == 0 && strchr(axis->values[j].label, '=') != NULL)
                add_varied(experiment, axis->values[j].label);
        }
    }
}

static void add_sample_axes(struct experiment *experiment, const struct scenario_sample *sample)
{
    for (size_t i = 0; i < sample->axis_count; i++)
        add_axis(experiment, sample->axes[i].name)->is_open = true;
    for (size_t i = 0; i < sample->setting_count; i++)
        add_axis(experiment, sample->settings[i].path)->is_open = true;
    if (sample->is_redrawn) {
        add_axis(experiment, "base")->is_open = true;
        add_axis(experiment, "redrawn")->is_open = true;
    }
}

/* Guests, then their copies, in the order of the scenario. */
static void add_guests(struct experiment *experiment, const struct scenario *scenario, const char *kind_path,
                       const char *copy_path)
{
    for (uint32_t i = 0; i < scenario->setup.guest_count; i++) {
        const struct guest_setup *guest = &scenario->setup.guests[i];

        experiment_add_label(add_axis(experiment, kind_path), guest->name);
        for (uint32_t copy = 0; copy < guest->count; copy++) {
            char name[SETUP_NAME_BYTES + 16];

            (void)snprintf(name, sizeof name, guest->count > 1 ? "%s.%u" : "%s", guest->name, copy);
            experiment_add_label(add_axis(experiment, copy_path), name);
        }
    }
}

static void add_attributed_axes(struct experiment *experiment, const struct scenario *scenario)
{
    for (size_t i = 0; attributed_axes[i] != NULL; i++)
        add_axis(experiment, attributed_axes[i])->is_open = true;
    add_guests(experiment, scenario, "guest", "copy");
    add_guests(experiment, scenario, "culprit", "culprit_copy");
}

/* Whether the name is the end of the path, from a dot on. */
static bool ends_path(const char *path, const char *name)
{
    size_t path_bytes = strlen(path), bytes = strlen(name);

    return path_bytes >= bytes && strcmp(path + path_bytes - bytes, name) == 0 &&
           (path_bytes == bytes || path[path_bytes - bytes - 1] == '.');
}

static size_t count_ends(const struct experiment *experiment, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < experiment->axis_count; i++)
        count += ends_path(experiment->axes[i].path, name);
    return count;
}

/* Gives each axis the shortest end of its path that no other axis has. */
static void name_axes(struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->axis_count; i++) {
        struct experiment_axis *axis = &experiment->axes[i];
        const char *name = axis->path + strlen(axis->path);

        do {
            for (name -= name > axis->path; name > axis->path && name[-1] != '.'; name--)
                ;
        } while (name > axis->path && count_ends(experiment, name) > 1);
        axis->name = text_copy(name);
    }
}

/* A column of a CSV is the axis whose path ends with its name, or else an axis of its own. Its values are not known
 * before it is read. */
static void add_measured_axis(struct experiment *experiment, const char *name)
{
    struct experiment_axis *found = NULL;

    for (size_t i = 0; i < experiment->axis_count; i++)
        if (ends_path(experiment->axes[i].path, name) && (found == NULL || strcmp(experiment->axes[i].path, name) == 0))
            found = &experiment->axes[i];
    if (found == NULL || (strcmp(found->path, name) != 0 && count_ends(experiment, name) > 1))
        found = add_axis(experiment, name);
    found->is_open = true;
}

void build_axes(struct experiment *experiment)
{
    static const char *const built_in[AXIS_BUILT_IN] = {
        [AXIS_RUN] = "run",   [AXIS_SCENARIO] = "scenario", [AXIS_DESIGN] = "hypervisor.design",
        [AXIS_SEED] = "seed", [AXIS_VERDICT] = "verdict",   [AXIS_OUTCOME] = "outcome",
    };

    for (size_t i = 0; i < AXIS_BUILT_IN; i++)
        add_axis(experiment, built_in[i])->is_open = i == AXIS_SEED || i == AXIS_VERDICT || i == AXIS_OUTCOME;
    for (size_t i = 0; i < experiment->run_count; i++) {
        struct experiment_run *run = &experiment->runs[i];

        experiment_add_label(&experiment->axes[AXIS_RUN], run->name);
        for (size_t j = 0; j < run->scenario_count; j++) {
            const struct scenario *scenario = &run->scenarios[j];

            experiment_add_label(&experiment->axes[AXIS_SCENARIO], scenario->name);
            add_matrix_axes(experiment, scenario);
            experiment_add_label(&experiment->axes[AXIS_DESIGN], scenario->setup.hypervisor.design);
            if (run->kind == EXPERIMENT_ATTRIBUTED)
                add_attributed_axes(experiment, scenario);
            if (scenario->sample != NULL)
                add_sample_axes(experiment, scenario->sample);
        }
    }
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; experiment->runs[i].kind == EXPERIMENT_INDICES && indices_axes[j] != NULL; j++)
            add_axis(experiment, indices_axes[j])->is_open = true;
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; j < experiment->runs[i].label_count; j++)
            add_measured_axis(experiment, experiment->runs[i].labels[j]);
    name_axes(experiment);
    /* Where an axis sets the design among other things, the design itself is open. */
    experiment->axes[AXIS_DESIGN].is_open = true;
}

size_t experiment_find_axis(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->axis_count; i++)
        if (strcmp(experiment->axes[i].name, name) == 0 || strcmp(experiment->axes[i].path, name) == 0)
            return i;
    if (count_ends(experiment, name) == 1)
        for (size_t i = 0; i < experiment->axis_count; i++)
            if (ends_path(experiment->axes[i].path, name))
                return i;
    return SIZE_MAX;
}
