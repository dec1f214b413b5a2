/* SPDX-License-Identifier: Apache-2.0
 *
 * The contract of a family: designs of one hypervisor path that share code, scenario keys, costs and metrics. A family
 * has a folder of its own, whose family.c fills a struct family, and one row in models/registry.h. Nothing outside of
 * its folder knows what is in it.
 */
#ifndef MODELS_FAMILY_FAMILY_H
#define MODELS_FAMILY_FAMILY_H

#include <stddef.h>
#include <stdint.h>

#include "base/metric.h"
#include "models/family/keys.h"
#include "models/family/report.h"
#include "models/family/setup.h"

struct cpu;
struct family;
struct machine;
struct property;

struct design {
    const struct family *family;
    const char *name;    /* as in hypervisor.design */
    const char *summary; /* one line for `list designs` */
    const char *mirrors; /* project and commit whose behaviour it follows */
    const void *options; /* the family's own; for Xen the struct dpci_design */
};

enum action_object { ACTION_ON_DEVICE, ACTION_ON_GUEST, ACTION_ON_PCPU };

/* What an entry of `actions` may do. */
struct action_kind {
    const char *name;
    enum action_object object; /* whether the action names a device, a guest, or a pCPU */
    const char *help;
};

/* A piece of software whose paths cost time: NAME.costs in a scenario, scenarios/costs/NAME/PROFILE.yaml. */
struct software {
    const char *name;
    const struct key_table *const *costs; /* all its costs, whoever reads them; ends with NULL */
};

#define FAMILY_SOFTWARE_MAX SETUP_SOFTWARE_MAX

struct family {
    const char *name;
    const struct design *const *designs;
    size_t design_count;

    const struct key_table *const *keys;    /* besides common_keys; ends with NULL */
    const struct software *const *software; /* whose costs it reads, some or all; ends with NULL; NULL: none */
    const struct action_kind *actions;      /* struct action_setup.kind is an index into them */
    size_t action_count;

    /* Reports what is wrong in a setup each of whose keys is valid by itself. topology: NULL where it could not be
     * loaded. NULL hook: nothing can be. */
    void (*check)(const struct design *design, const struct setup *setup, const struct topology *topology,
                  const struct setup_report *report);

    /* Takes out of the setup what an exploration leaves out: timers, times. NULL: nothing. */
    void (*explored)(struct setup *setup);

    /* Slots of the engine that it needs besides the machine's, the vectors' and the actions'. NULL: none. */
    uint32_t (*slots)(const struct setup *setup);

    /* Allocates the model's state in the machine's arena and wires guests and devices. No time passes. The setup
     * outlives the run. */
    void (*boot)(const struct design *design, struct machine *machine, const struct setup *setup);

    /* The pCPU's life from reset; runs on the pCPU's own stack with interrupts off; never returns. */
    void (*cpu_main)(struct cpu *cpu);

    /* A vector is taken: on the interrupted stack, interrupts off, the LAPIC's in-service bit set. */
    void (*interrupt)(struct cpu *cpu, uint32_t vector);

    /* The warm-up is over: counters restart, states stay. */
    void (*measure)(struct machine *machine);

    /* CHECKs the conservation laws and reports what was measured. Nothing is allocated in the arena any more. */
    void (*metrics)(struct machine *machine, struct metrics *metrics);

    /* What it reports: each of its rows in some run, and nothing else. Ends with NULL. */
    const struct metric_table *const *metric_tables;

    /* Explored: what must not hold in any of its states; ends with NULL. NULL: nothing is asked. */
    const struct property *const *invariants;
};

/* Whether one of the family's tables, or a common one, has this key. */
const struct option *family_key(const struct family *family, const char *section, const char *key);

/* Whether the family has a table for this section at all. */
bool family_has_section(const struct family *family, const char *section);

/* The action's row; action->kind < action_count. */
static inline const struct action_kind *action_kind_of(const struct family *family, const struct action_setup *action)
{
    return &family->actions[action->kind];
}

/* "the design 'NAME': WHY", of the scenario as a whole. */
void report_refusal(const struct setup_report *report, const struct design *design, const char *why);

/* Slots of the engine that the design's family needs for this setup. */
static inline uint32_t design_slots(const struct design *design, const struct setup *setup)
{
    return design->family->slots != NULL ? design->family->slots(setup) : 0;
}

#endif
