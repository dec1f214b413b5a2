/* SPDX-License-Identifier: Apache-2.0
 *
 * The contract of a family: designs of one hypervisor path that share code, scenario keys, costs and metrics. Each
 * family has a folder of its own, whose family.c fills a struct family, and one row in models/registry.h. No code
 * outside of that folder depends on its contents.
 */
#ifndef MODELS_FAMILY_FAMILY_H
#define MODELS_FAMILY_FAMILY_H

#include <stddef.h>
#include <stdint.h>

#include "base/metric.h"
#include "models/family/keys.h"
#include "models/family/report.h"
#include "models/family/setup.h"

struct code_import;
struct cpu;
struct drain;
struct family;
struct machine;
struct property;
struct stuck_interrupts;

struct design {
    const struct family *family;
    const char *name;    /* value of hypervisor.design */
    const char *summary; /* one line for `list designs` */
    const char *mirrors; /* project and commit whose behaviour it follows */
    const void *options; /* parameters in a type of the family; for Xen a struct dpci_design */
};

enum action_object { ACTION_ON_DEVICE, ACTION_ON_GUEST, ACTION_ON_PCPU };

/* A kind of action that a scenario's `actions` may name. */
struct action_kind {
    const char *name;
    enum action_object object; /* what the action's entry in a scenario names */
    const char *help;
};

/* Software whose paths cost time: the section NAME.costs of a scenario, and the profiles
 * scenarios/costs/NAME/PROFILE.yaml. */
struct software {
    const char *name;
    const struct key_table *const
        *costs; /* all its costs, including those that only other families read; ends with NULL */
};

/* A file of the hypervisor's tree that a code object (sim/code/object.h) may bring. */
struct code_part {
    const char *file;     /* the end of its path: "common/tasklet.c" */
    const char *replaces; /* of the model, and of which designs */
};

#define FAMILY_SOFTWARE_MAX SETUP_SOFTWARE_MAX

struct family {
    const char *name;
    const struct design *const *designs;
    size_t design_count;

    const struct key_table *const *keys; /* the keys it reads in addition to common_keys; ends with NULL */
    const struct software *const
        *software;                     /* software of whose costs it reads some or all; ends with NULL; NULL: none */
    const struct action_kind *actions; /* indexed by struct action_setup.kind */
    size_t action_count;

    const struct code_part *code_parts; /* ends with a NULL file; NULL: the family has no code objects */
    const struct code_import *const *code_imports; /* what it implements for their code; ends with NULL; or NULL */

    /* Reports errors and warnings about combinations of keys; each key has been found valid by itself. topology is NULL
     * when it could not be loaded. The hook is NULL when every combination is valid. */
    void (*check)(const struct design *design, const struct setup *setup, const struct topology *topology,
                  const struct setup_report *report);

    /* Why no code object (setup->code) can run in this setup; NULL: one can. The hook is NULL when one always can. */
    const char *(*code_refusal)(const struct design *design, const struct setup *setup);

    /* Removes from the setup what an exploration does not model: software costs, periodic timers. NULL: nothing. */
    void (*explored)(struct setup *setup);

    /* Number of engine slots that the model needs in addition to those of the machine, the devices' vectors and the
     * actions. NULL: none. */
    uint32_t (*slots)(const struct setup *setup);

    /* Allocates the model's state in the machine's arena and connects guests and devices. No simulated time passes. The
     * setup outlives the run. */
    void (*boot)(const struct design *design, struct machine *machine, const struct setup *setup);

    /* What a pCPU executes from reset; called on the pCPU's own stack with interrupts off; never returns. */
    void (*cpu_main)(struct cpu *cpu);

    /* Handles a vector; called on the interrupted stack with interrupts off and the LAPIC's in-service bit set. */
    void (*interrupt)(struct cpu *cpu, uint32_t vector);

    /* Called at the end of the warm-up: resets counters and statistics, and nothing else. */
    void (*measure)(struct machine *machine);

    /* CHECKs the conservation laws and reports the metrics of the measured time, except irq.* and devices.*. The arena
     * is sealed: it must not be allocated from. */
    void (*metrics)(struct machine *machine, struct metrics *metrics);

    /* Reports irq.* and devices.* after the run has drained, through interrupts_report; and the interrupts that did not
     * arrive, unless `stuck` is NULL. */
    void (*interrupts)(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                       struct stuck_interrupts *stuck);

    /* Every row that `metrics` and `interrupts` may report, and no other; ends with NULL. */
    const struct metric_table *const *metric_tables;

    /* Properties that an exploration checks in addition to the general ones; ends with NULL. NULL: none. */
    const struct property *const *invariants;
    bool has_footprints; /* explored steps record what they read of other CPUs' fields without a word
                          * (machine/footprint.h), so that the search may leave out steps that commute */
};

/* Returns the row of this key in common_keys or in the family's tables; NULL when there is none. */
const struct option *family_key(const struct family *family, const char *section, const char *key);

/* Whether a table of common_keys or of the family belongs to this section. */
bool family_has_section(const struct family *family, const char *section);

/* The row of the action's kind; action->kind < action_count. */
static inline const struct action_kind *action_kind_of(const struct family *family, const struct action_setup *action)
{
    return &family->actions[action->kind];
}

/* Reports the error "the design 'NAME': WHY" for the scenario as a whole. */
void report_refusal(const struct setup_report *report, const struct design *design, const char *why);

/* Number of engine slots that the design's family needs for this setup. */
static inline uint32_t design_slots(const struct design *design, const struct setup *setup)
{
    return design->family->slots != NULL ? design->family->slots(setup) : 0;
}

#endif
