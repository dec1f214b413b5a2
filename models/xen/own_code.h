/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of a Xen tree (a code object, models/xen/code/irqpath_xen.h) in place of parts of the Xen model: tasklet.c in
 * place of tasklet.c, the tree's dPCI code in place of the design's functions, softirq.c in place of softirq.c. What
 * remains of the model calls the functions of struct dpci_design, tasklet.h and softirq.h as before.
 */
#ifndef MODELS_XEN_OWN_CODE_H
#define MODELS_XEN_OWN_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/xen/softirq.h"

struct code_import;
struct cpu;
struct domain;
struct pirq;
struct tasklet;
struct vcpu;
struct xen;
struct xen_cpu;
struct xen_code;

/* Tables of what the model implements for the code; ends with NULL. */
extern const struct code_import *const xen_import_tables[];

/* Before anything else of the model that a code object may replace; sets xen->code, which stays NULL if the setup has
 * none. own_code_started: when all domains are there. */
void own_code_boot(struct xen *xen);
void own_code_started(struct xen *xen);

/* A domain, its vCPU, or a PIRQ that has just been initialised; and the binding of a PIRQ that is bound at boot. */
void own_domain_boot(struct domain *d, uint32_t pirqs);
void own_pirq_boot(struct pirq *pirq);
void own_bind_boot(struct pirq *pirq);
void own_tasklet_boot(struct xen *xen, struct tasklet *tasklet);

/* --- tasklets: only if own_has_tasklets --- */

bool own_has_tasklets(const struct xen *xen);
void own_tasklet_schedule(struct cpu *cpu, struct tasklet *tasklet, const struct xen_cpu *on);
void own_tasklet_kill(struct cpu *cpu, struct tasklet *tasklet);
void own_tasklet_softirq(struct cpu *cpu);
void own_do_tasklet(struct cpu *cpu);
bool own_tasklet_scheduled(struct cpu *cpu);
bool own_tasklet_waits(struct cpu *cpu);
/* Whether the tasklet is on a list; on the softirq list of this pCPU. */
bool own_tasklet_is_queued(const struct tasklet *tasklet, const struct xen_cpu *xc);

/* --- softirqs: only if own_has_softirqs --- */

bool own_has_softirqs(const struct xen *xen);
void own_raise_softirq(struct cpu *cpu, const struct xen_cpu *target, enum softirq nr);
void own_do_softirq(struct cpu *cpu);
void own_process_pending_softirqs(struct cpu *cpu);
uint64_t own_softirqs_pending(struct cpu *cpu);
uint64_t own_softirqs_peek(const struct xen_cpu *xc);

/* --- CPU notifiers: CPU_UP_PREPARE and CPU_DEAD of the target, on the pCPU that does it; nothing without an object ---
 */

void own_cpu_up(struct cpu *cpu, const struct xen_cpu *target);
void own_cpu_dead(struct cpu *cpu, const struct xen_cpu *dead);

#endif
