/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy: one object that says who goes next (engine/policy.h), and what an access, a wait, a step, a passing of time
 * and a violation mean then. Each is a file of sim/machine/policies/; the machine's verbs call it where they can't do
 * without: an access of a line that a CPU has for itself costs no call under the timed policy.
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
enum policy { POLICY_TIMED, POLICY_RANDOM, POLICY_EXHAUSTIVE };

struct machine_policy {
    const struct engine_policy *engine;
    bool is_explored;   /* every interleaving is tried: for what is a model's own affair (cpu_is_explored) */
    bool has_own_lines; /* a CPU's accesses of a line that it owns are nobody else's affair. False: no line has an
                         * owner, none costs anything, and each access is `access` */

    /* At boot, before the pCPUs': what lines on which CPUs spin need of the machine. */
    void (*lines_init)(struct machine *machine);

    /* --- accesses: the verbs of lines/word.h --- */

    uint64_t (*access)(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                       uint64_t comparand); /* of a contended line */
    void (*wait)(struct cpu *cpu, struct word *word, uint64_t value);
    void (*acquire)(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);
    void (*acquire_by_cas)(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken,
                           bool irq_on_while_polling);
    void (*touch)(struct cpu *cpu, struct line *line, enum line_access access); /* of a contended line */

    /* --- steps without an access; NULL: they are none --- */

    void (*local_step)(struct cpu *cpu);    /* others may go before what follows, and interrupts come */
    void (*register_step)(struct cpu *cpu); /* an access of a device's register */

    /* --- a lock tells; NULL: nobody listens --- */

    void (*lock_wanted)(struct cpu *cpu, const struct word *word); /* it will be waited for */
    void (*lock_acquired)(struct cpu *cpu);                        /* one that nobody tries or looks at */
    void (*lock_released)(struct cpu *cpu);                        /* so one will be, by the next access */

    /* --- time --- */

    void (*settle)(struct cpu *cpu); /* cpu->ahead > 0: the clock catches up */
    void (*timer_set)(struct cpu *cpu, cycles when);
    cycles (*deadline)(const struct cpu *cpu, cycles after);
    void (*event_at)(struct engine *engine, uint32_t slot, cycles when);
    void (*event_again)(struct engine *engine, uint32_t slot, cycles when);
    void (*event_after)(struct engine *engine, uint32_t slot, cycles delay);

    /* --- sources of interrupts: the verbs of devices/device.h --- */

    void (*vector_init)(struct device_vector *vector); /* NULL: nothing more to do */
    void (*vector_start)(struct device_vector *vector);

    /* --- violations --- */

    void (*raise)(struct cpu *cpu, enum violation_kind kind, const char *text) __attribute__((noreturn));
    void (*find)(struct cpu *cpu, enum violation_kind kind, const char *text); /* NULL: the caller has counted it */
};

#endif
