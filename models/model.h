/* SPDX-License-Identifier: Apache-2.0
 *
 * The contract of a model (a hypervisor path). Three hooks: boot, cpu_main, interrupt; and metrics, at the end.
 */
#ifndef MODELS_MODEL_H
#define MODELS_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/metric.h"
#include "models/setup.h"

struct cpu;
struct machine;
struct property;

struct model {
    const char *name;    /* as in hypervisor.design */
    const char *family;  /* "xen", "vfio": designs that share hooks, scenario keys and metrics */
    const char *summary; /* one line for `list designs` */
    const char *mirrors; /* project and commit whose behaviour it follows */
    const void *options; /* the family's own; for Xen the struct dpci_design */

    /* Why it can't run this setup, whose every key is good by itself; NULL: it can. NULL hook: it always can. */
    const char *(*refusal)(const struct setup *setup);

    /* Slots of the engine that it needs besides the machine's, the vectors' and the actions'. NULL: none. */
    uint32_t (*slots)(const struct setup *setup);

    /* Allocates the model's state in the machine's arena and wires guests and devices. No time passes. The setup
     * outlives the run. */
    void (*boot)(const struct model *model, struct machine *machine, const struct setup *setup);

    /* The pCPU's life from reset; runs on the pCPU's own stack with interrupts off; never returns. */
    void (*cpu_main)(struct cpu *cpu);

    /* A vector is taken: on the interrupted stack, interrupts off, the LAPIC's in-service bit set. */
    void (*interrupt)(struct cpu *cpu, uint32_t vector);

    /* Warm-up is over: counters restart, states stay. */
    void (*measure)(struct machine *machine);

    /* CHECKs the conservation laws and hands over what was measured. */
    void (*metrics)(struct machine *machine, struct metrics *metrics);

    /* Explored: what must not hold of its states; ends with NULL. NULL: nothing is asked. */
    const struct property *const *invariants;
};

/* The only list of models. */
extern const struct model *const model_registry[];
extern const size_t model_count;

const struct model *model_find(const char *name);

uint32_t model_slots(const struct model *model, const struct setup *setup);

#endif
