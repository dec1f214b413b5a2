/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the setup of a scenario from its YAML tree: the sections, their defaults, the machine, and the checks across
 * sections. Overrides have been applied to the tree before.
 */
#ifndef SCENARIO_BUILD_H
#define SCENARIO_BUILD_H

#include "base/diag.h"
#include "machine/topology.h"
#include "scenario/scenario.h"
#include "scenario/base.h"
#include "scenario/bind.h"
#include "scenario/inputs.h"
#include "scenario/yaml_tree.h"

struct build {
    struct diag *diag;
    struct origins *origins; /* NULL when only errors are of interest, as for the values of a matrix */
    struct node *root;
    const char *own_design;    /* of the file that has `own_expect`, before overrides; NULL: not given */
    const struct node *own_expect; /* the key `expect` before overrides; NULL: not given */
    const char *path;          /* of the scenario file; other files are named relative to its directory */
    const struct base_files *bases; /* whose files are relative to their own directories */
    struct scenario *scenario; /* name, design, setup, topology and expectations are filled */
    struct inputs *inputs;
    struct place topology_place; /* where the topology in use is given */
    const struct family *family; /* of the scenario's design */
    char machine_name[SETUP_NAME_BYTES],
        machine_like[SETUP_NAME_BYTES]; /* of the machine file, and of the one its key `like` names */
};

/* Binds everything but the matrix. Success shows in build->diag->error_count. The caller frees the contents of the
 * scenario in either case. */
void scenario_build(struct build *build);

/* Returns a section of the top level and reports an error if it is not a map. `what` describes its contents in the
 * message. The place of a missing section is that of the root. */
struct section scenario_section(const struct build *build, const struct binder *binder, const char *name,
                                const char *what);

/* Bind the section `machine`, and the sections that only the design's family has, with the costs of its software. */
void scenario_build_machine(struct build *build, struct binder *binder);
void scenario_build_software(const struct build *build, struct binder *binder);

/* Looks up the value of the key `what` ("guest") among the names of `count` records, which are `record_bytes` apart.
 * Returns the index. Returns 0 after an error, and also when the key is missing and there is only one record. */
uint32_t scenario_find_name(const struct build *build, const struct binder *binder, const struct section *section,
                            const char *what, const char *names, size_t record_bytes, uint32_t count);

/* Binds the section `actions`. Guests and devices must have been bound. */
void scenario_build_actions(const struct build *build, const struct binder *binder);

/* Warns if an action has `times` without `every`. */
void scenario_check_rounds(const struct build *build);

/* Runs the checks of the design's family. `topology` is NULL when it could not be loaded. */
void scenario_check_family(const struct build *build, const struct topology *topology);

/* Reads the list `headline`. Guests and devices must have been bound. */
void scenario_build_headline(const struct build *build, const struct binder *binder);

/* Warns of a metric that the catalogue does not have, and reports one of a guest or device that the scenario does not
 * have. */
void scenario_check_metric(const struct build *build, const char *metric, struct place place);

/* Runs the checks that need more than one section: names, designs, topology and pins, sizes. */
void scenario_check(const struct build *build);

/* Reads the section `matrix` into the axes of the scenario, and builds a scenario for every value of every axis to find
 * its errors. */
void scenario_build_matrix(const struct build *build);

/* Reads the section `sample` of a scenario that has been built. */
void scenario_build_sample(const struct build *build);

/* Frees what scenario_build put into the scenario. */
void scenario_build_free(struct scenario *scenario);

#endif
