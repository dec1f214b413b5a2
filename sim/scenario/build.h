/* SPDX-License-Identifier: Apache-2.0
 *
 * From a scenario's tree to its setup: the sections, their defaults, the machine, and the checks across sections.
 * Works on a tree that overrides have been put into.
 */
#ifndef SCENARIO_BUILD_H
#define SCENARIO_BUILD_H

#include "base/diag.h"
#include "machine/topology.h"
#include "scenario/scenario.h"
#include "scenario/bind.h"
#include "scenario/inputs.h"
#include "scenario/yaml_tree.h"

struct build {
    struct diag *diag;
    struct origins *origins; /* NULL for trials */
    struct node *root;
    const char *path;          /* of the scenario file: relative files stand beside it */
    struct scenario *scenario; /* name, design, setup, topology and expectations are filled */
    struct inputs *inputs;
    struct place topology_place; /* where the topology in use is given */
    const struct family *family; /* of the scenario's design */
    char machine_name[SETUP_NAME_BYTES],
        machine_like[SETUP_NAME_BYTES]; /* of the machine's file, and of the one that it is like */
};

/* Binds everything but the matrix. Whether it went well shows in the diag's count of errors. The caller frees what the
 * scenario holds in either case. */
void scenario_build(struct build *build);

/* The section of the root, checked to be a map of `what`; its place is that of the root when the scenario has none. */
struct section scenario_section(const struct build *build, const struct binder *binder, const char *name,
                                const char *what);

/* Binds the section `machine`; then hypervisor's neighbours that are the family's own, with the costs of its software.
 */
void scenario_build_machine(struct build *build, struct binder *binder);
void scenario_build_software(const struct build *build, struct binder *binder);

/* The section's key names one of `count` records, whose names stand `record_bytes` apart; `what`: "guest". Returns its
 * index, or 0 after an error, or 0 where the scenario has one record only and the key is missing. */
uint32_t scenario_find_name(const struct build *build, const struct binder *binder, const struct section *section,
                            const char *what, const char *names, size_t record_bytes, uint32_t count);

/* Binds the section `actions`; guests and devices are bound. */
void scenario_build_actions(const struct build *build, const struct binder *binder);

/* Warns of rounds of an action that has none. */
void scenario_check_rounds(const struct build *build);

/* The checks of the design's family; topology: NULL when it could not be loaded. */
void scenario_check_family(const struct build *build, const struct topology *topology);

/* The checks that need more than one section: names, designs, topology and pins, sizes. */
void scenario_check(const struct build *build);

/* Reads the section `matrix` into the scenario's axes and builds a trial of every value of every axis. */
void scenario_build_matrix(const struct build *build);

/* Frees what scenario_build put into the scenario. */
void scenario_build_free(struct scenario *scenario);

#endif
