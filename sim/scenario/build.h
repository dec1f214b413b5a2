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
};

/* Binds everything but the matrix. Whether it went well shows in the diag's count of errors. The caller frees what the
 * scenario holds in either case. */
void scenario_build(struct build *build);

/* The section's key names one of `count` records, whose names stand `record_bytes` apart; `what`: "guest". Returns its
 * index, or 0 after an error, or 0 where the scenario has one record only and the key is missing. */
uint32_t scenario_find_name(const struct build *build, const struct binder *binder, const struct section *section,
                            const char *what, const char *names, size_t record_bytes, uint32_t count);

/* Binds the section `actions`; guests and devices are bound. */
void scenario_build_actions(const struct build *build, const struct binder *binder);

/* Its checks; topology: NULL when it could not be loaded. */
void scenario_check_actions(const struct build *build, const struct topology *topology);

/* The checks that need more than one section: names, designs, topology and pins, sizes. */
void scenario_check(const struct build *build);

/* Keys and actions that the scenario's design knows nothing of (families.h). */
void scenario_check_families(const struct build *build);

/* Reads the section `matrix` into the scenario's axes and builds a trial of every value of every axis. */
void scenario_build_matrix(const struct build *build);

/* Frees what scenario_build put into the scenario. */
void scenario_build_free(struct scenario *scenario);

#endif
