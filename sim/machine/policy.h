/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy: one object that selects the next slot (engine/policy.h) and defines what accesses, waits, steps, time and
 * violations mean under it. Each policy is one file of sim/machine/policies/. The machine calls it only where policies
 * differ: under the timed policy an access to a line that the CPU owns exclusively costs no call.
 */
#ifndef MACHINE_POLICY_H
#define MACHINE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"
#include "engine/policy.h"
#include "machine/spin.h"
#include "machine/violation.h"

struct cpu;
struct device_vector;
struct engine;
struct line;
struct machine;
struct word;

/* As in a scenario's run.policy; policies/policies.h finds the object. */
enum policy { POLICY_TIMED, POLICY_RANDOM, POLICY_EXHAUSTIVE, POLICY_EXHAUSTIVE_TSO };

struct machine_policy {
    const struct engine_policy *engine;
    bool is_explored;        /* every interleaving is tried; read by models (cpu_is_explored) */
    bool has_line_ownership; /* lines have owners, whose accesses are hits that the policy does not see. False: lines
                              * have no owner and cost nothing, and every access goes through `access` */

    /* Called at boot, before the pCPUs exist: allocates what the machine needs for lines on which CPUs spin, and store
     * buffers. */
    void (*lines_init)(struct machine *machine);
    void (*lines_settle)(struct machine *machine); /* machine_settle; NULL: nothing is put off */
    uint32_t slots_per_cpu; /* that it registers, beside those of machine_slots */

    /* --- accesses: the operations of lines/word.h --- */

    uint64_t (*access)(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                       uint64_t comparand);                         /* of a contended line */
    uint64_t (*load_own)(struct cpu *cpu, const struct word *word); /* word_load_own; NULL: as a load */
    void (*wait)(struct cpu *cpu, struct word *word, uint64_t value);
    void (*acquire)(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);
    void (*acquire_by_cas)(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken,
                           bool irq_on_while_polling);
    void (*touch)(struct cpu *cpu, struct line *line, enum line_access access); /* of a contended line */
    void (*disturb)(struct cpu *cpu);   /* a vector is about to wake a CPU in SPIN_POLLING */
    void (*fence)(struct cpu *cpu);     /* cpu_fence; NULL: every store is visible at once */
    void (*serialise)(struct cpu *cpu); /* cpu_serialise; NULL: the same */

    /* --- steps without an access of a word; NULL: no step --- */

    void (*local_step)(struct cpu *cpu);               /* cpu_local_step */
    void (*register_step)(struct cpu *cpu);            /* an access of a device's register */
    void (*access_step)(struct cpu *cpu, bool drains); /* cpu_access_step */

    /* --- notices from locks (cpu.h); NULL: ignored --- */

    void (*lock_wanted)(struct cpu *cpu, const struct word *word); /* the CPU is about to wait for the lock */
    void (*lock_acquired)(struct cpu *cpu);                        /* of a lock that no CPU tries or reads */
    void (*lock_released)(struct cpu *cpu);                        /* the same: its next access will release it */

    /* --- time --- */

    void (*settle)(struct cpu *cpu); /* called with cpu->ahead > 0: lets the clock catch up */
    void (*timer_set)(struct cpu *cpu, cycles when);
    cycles (*deadline)(const struct cpu *cpu, cycles after);
    void (*event_at)(struct engine *engine, uint32_t slot, cycles when);
    void (*event_again)(struct engine *engine, uint32_t slot, cycles when);
    void (*event_after)(struct engine *engine, uint32_t slot, cycles delay);

    /* --- sources of interrupts: the operations of devices/device.h --- */

    void (*vector_init)(struct device_vector *vector); /* NULL: nothing to add to device_vector_init */
    void (*vector_start)(struct device_vector *vector);

    /* --- violations --- */

    void (*raise)(struct cpu *cpu, enum violation_kind kind, const char *text) __attribute__((noreturn));
    void (*find)(struct cpu *cpu, enum violation_kind kind, const char *text); /* NULL: the caller only counts it */
};

#endif
