/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (b): one tasklet a PIRQ. No walk, the same three takes of tasklet_lock. Source: facts xen-dpci 1.2
 * (aeeea485bc).
 */
#include "models/xen/xen.h"

static void pirq_tasklet_raise(struct cpu *cpu, struct pirq *pirq)
{
    word_store(cpu, &pirq->masked, 1);     /* b1 */
    tasklet_schedule(cpu, &pirq->tasklet); /* b2 */
}

static void pirq_tasklet_assist(struct cpu *cpu, void *data)
{
    struct pirq *pirq = data;

    spin_lock(cpu, &pirq->domain->event_lock); /* b5 */
    if (word_xchg(cpu, &pirq->masked, 0) != 0) /* b6 */
        hvm_dirq_deliver(cpu, pirq);
    spin_unlock(cpu, &pirq->domain->event_lock); /* b7 */
}

const struct dpci_design dpci_pirq_tasklet = {
    .raise = pirq_tasklet_raise,
    .pirq_tasklet = pirq_tasklet_assist,
};
