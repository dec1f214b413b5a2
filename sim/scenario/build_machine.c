/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the machine of a scenario and the sections that only its family has: loads the cost profiles and applies the
 * overrides of the scenario.
 */
#include "scenario/build.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/program.h"
#include "scenario/bind_keys.h"
#include "scenario/installation.h"
#include "scenario/options.h"
#include "scenario/profile.h"
#include "scenario/text_file.h"

static void copy_into(char *to, size_t to_bytes, const char *from)
{
    CHECK(strlen(from) < to_bytes);
    strcpy(to, from);
}

/* The name of an XML file is relative to the scenario; hwloc expects it relative to the working directory. */
static void resolve_topology(const struct build *build, const struct binder *binder, const struct node *topology)
{
    char *text = build->scenario->setup.machine.topology, path[SETUP_TEXT_BYTES];
    size_t bytes = strlen(text);

    if (!topology || bytes < 4 || strcmp(text + bytes - 4, ".xml") != 0)
        return;
    if (!text_file_beside(base_path(build->bases, topology, build->path), text, path, sizeof(path)))
        bind_error(binder, topology, NULL, "the path is too long");
    else
        copy_into(text, SETUP_TEXT_BYTES, path);
}

/* Applies the costs that the scenario overrides. Durations are converted to cycles of the machine's clock. */
static void build_costs(const struct build *build, struct binder *binder, const struct node *node, const char *name)
{
    const struct node *costs = bind_map(binder, node, "costs");
    struct section section = { .node = costs, .path = name, .keeps_missing = true };

    binder->frequency_hz = build->scenario->setup.machine.costs.frequency_hz;
    if (costs)
        bind_keys(binder, build->family, name, &section, &build->scenario->setup);
    binder->frequency_hz = 0;
}

void scenario_build_machine(struct build *build, struct binder *binder)
{
    static const char *const others[] = { "topology", "interconnect", "frequency", "costs", NULL };
    static const char *const override_others[] = { "profile", "costs", NULL };
    struct section section = scenario_section(build, binder, "machine", "profile, topology and costs");
    struct machine_setup *machine = &build->scenario->setup.machine;
    const struct node *topology = node_find(section.node, "topology");
    char name[SETUP_TEXT_BYTES];
    struct profile profile;

    section.others = others;
    bind_section(binder, &profile_options, &section, machine);
    copy_into(name, sizeof(name), machine->profile);
    const struct node *profile_node = node_find(section.node, "profile");
    if (!profile_load_kept(&profile, &machine_profile, name, base_path(build->bases, profile_node, build->path),
                           profile_node, 0, build->inputs, binder->origins, build->diag))
        profile.value->machine.topology[0] = '\0';
    *machine = profile.value->machine;
    copy_into(machine->profile, sizeof(machine->profile), name);
    copy_into(build->machine_name, sizeof(build->machine_name), profile.head.name);
    copy_into(build->machine_like, sizeof(build->machine_like), profile.like_name);
    build->topology_place = profile.topology_place;
    profile_free(&profile);
    section.others = override_others;
    section.keeps_missing = true;
    bind_section(binder, &machine_options, &section, machine);
    resolve_topology(build, binder, topology);
    if (topology)
        build->topology_place = topology->place;
    build_costs(build, binder, node_find(section.node, "costs"), "machine.costs");
}

/* --- sections that only the family has --- */

/* Finds a cost profile with the name of the machine, or of the machine named in its key `like`. Returns false when
 * there is none. */
static bool name_software_profile(const struct build *build, const struct profile_kind *kind, char *name)
{
    const char *names[] = { build->machine_name, build->machine_like };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (names[i][0] != '\0' && profile_exists(kind, names[i], build->inputs)) {
            copy_into(name, SETUP_TEXT_BYTES, names[i]);
            return true;
        }
    return false;
}

static void build_software(const struct build *build, struct binder *binder, const struct section *section, int index)
{
    struct profile_kind kind = software_profile(build->family->software[index]);
    struct setup *setup = &build->scenario->setup;
    struct software_setup *software = &setup->software[index];
    const struct node *name_node = node_find(section->node, "profile");
    struct profile profile;

    CHECK(index < SETUP_SOFTWARE_MAX);
    bind_row(binder, &software_options.rows[0], section, software);
    if (!strcmp(software->profile, "machine") && !name_software_profile(build, &kind, software->profile)) {
        if (build->machine_name[0] == '\0')
            return; /* the error in the machine file has been reported */
        diag_error(build->diag, name_node ? name_node->place : section->place,
                   "%s has no cost profile for the machine '%.60s': choose one with %s.profile (%s list costs)",
                   section->path, build->machine_name, section->path, program_call());
        return;
    }
    profile_load_kept(&profile, &kind, software->profile, base_path(build->bases, name_node, build->path), name_node,
                      setup->machine.costs.frequency_hz, build->inputs, binder->origins, build->diag);
    profile_copy(&profile, setup);
    profile_free(&profile);
    build_costs(build, binder, node_find(section->node, "costs"), kind.section);
}

void scenario_build_software(const struct build *build, struct binder *binder)
{
    static const char *const others[] = { "profile", "costs", NULL };
    char names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES];
    size_t count;

    family_sections(build->family, names, &count);
    for (size_t i = 0; i < count; i++) {
        struct section section = scenario_section(build, binder, names[i], "keys");
        int software = family_software(build->family, names[i]);

        section.others = software >= 0 ? others : NULL;
        bind_keys(binder, build->family, names[i], &section, &build->scenario->setup);
        if (software >= 0)
            build_software(build, binder, &section, software);
    }
}
