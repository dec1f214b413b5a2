/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the profiles that a scenario names.
 */
#include "experiment/costs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "models/family/family.h"
#include "scenario/profile.h"

/* Writes "300cy", or "[1cy, 2cy, 3cy]" of near, middle and far. */
static void write_value(const struct profile_cost *cost, struct setup *setup, char text[COST_TEXT_BYTES])
{
    const void *record = profile_record(setup, cost->table);
    uint32_t count = cost->option->count > 0 ? cost->option->count : 1;
    size_t used = 0;

    for (uint32_t i = 0; i < count && used < COST_TEXT_BYTES; i++) {
        char element[32];

        option_format(cost->option, record, i, element, sizeof element);
        used += (size_t)snprintf(text + used, COST_TEXT_BYTES - used, "%s%s%s",
                                 i > 0       ? ", "
                                 : count > 1 ? "["
                                             : "",
                                 element, i + 1 == count && count > 1 ? "]" : "");
    }
}

static void write_row(const struct scenario *scenario, const struct profile_kind *kind, const struct profile *profile,
                      const struct profile_cost *cost, struct cost_row *row)
{
    *row = (struct cost_row){ .path = "" };
    (void)snprintf(row->path, sizeof row->path, "%s.%s", kind->section, cost->option->key);
    write_value(cost, (struct setup *)&scenario->setup, row->value);
    write_value(cost, profile->value, row->typical);
    if (cost->has_range) {
        write_value(cost, profile->low, row->low);
        write_value(cost, profile->high, row->high);
        (void)snprintf(row->range, sizeof row->range, "%.40s .. %.40s", row->low, row->high);
    }
    (void)snprintf(row->tag, sizeof row->tag, "%s", cost_tag_names[cost->tag].name);
    (void)snprintf(row->source, sizeof row->source, "%s", cost->source != NULL ? cost->source : "");
}

/* The profiles of a scenario: of the machine, then of the software of its family. */
static bool profile_at(const struct scenario *scenario, size_t index, struct profile_kind *kind, const char **name)
{
    const struct software *const *software = scenario->design->family->software;

    *kind = machine_profile;
    *name = scenario->setup.machine.profile;
    if (index == 0)
        return true;
    for (size_t i = 0; software != NULL && software[i] != NULL; i++)
        if (i == index - 1) {
            *kind = software_profile(software[i]);
            *name = scenario->setup.software[i].profile;
            return true;
        }
    return false;
}

bool cost_each(const struct scenario *scenario, bool (*visit)(void *context, const struct cost_row *row), void *context)
{
    struct profile_kind kind;
    const char *name;
    bool is_done = false;

    for (size_t i = 0; !is_done && profile_at(scenario, i, &kind, &name); i++) {
        struct profile *profile = calloc(1, sizeof *profile);
        struct diag diag;
        struct cost_row row;

        CHECK(profile != NULL);
        diag_init(&diag);
        if (profile_load_kept(profile, &kind, name, scenario->path, NULL, scenario->setup.machine.costs.frequency_hz,
                              scenario->inputs, NULL, &diag))
            for (size_t j = 0; !is_done && j < profile->cost_count; j++) {
                if (profile->costs[j].source == NULL)
                    continue;
                write_row(scenario, &kind, profile, &profile->costs[j], &row);
                is_done = visit(context, &row);
            }
        profile_free(profile);
        free(profile);
        diag_free(&diag);
    }
    return is_done;
}

struct search {
    const char *path; /* or else the number `left` of those that are chosen */
    size_t left;
    struct cost_row *row;
};

static bool is_it(void *context, const struct cost_row *row)
{
    struct search *search = context;

    if (search->path != NULL ? strcmp(row->path, search->path) != 0
                             : strcmp(row->value, row->typical) == 0 || search->left-- > 0)
        return false;
    *search->row = *row;
    return true;
}

bool cost_find(const struct scenario *scenario, const char *path, struct cost_row *row)
{
    return cost_each(scenario, is_it, &(struct search){ path, 0, row });
}

bool cost_chosen(const struct scenario *scenario, size_t index, struct cost_row *row)
{
    return cost_each(scenario, is_it, &(struct search){ NULL, index, row });
}
