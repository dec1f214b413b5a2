/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (a): one tasklet a domain; it walks all mapped PIRQs from 0 and delivers the masked ones. Low PIRQs come
 * first, and every PIRQ pays for the walk. Xen 4.0 to 4.5. Source: facts xen-dpci 1.1 (802b778e9a).
 */
#include "models/xen/xen.h"

enum { GANG_LOOKUP_BATCH = 8 };

static void domain_tasklet_raise(struct cpu *cpu, struct pirq *pirq)
{
    word_store(cpu, &pirq->masked, 1);                  /* a1 */
    tasklet_schedule(cpu, &pirq->domain->dirq_tasklet); /* a2 */
}

static void domain_tasklet_assist(struct cpu *cpu, void *data)
{
    struct domain *d = data;

    spin_lock(cpu, &d->event_lock); /* a4 */
    for (uint32_t i = 0; i < d->pirq_count; i++) {
        if (i % GANG_LOOKUP_BATCH == 0) /* a5 */
            cpu_spend_software(cpu, cpu->costs->pirq_walk_step * GANG_LOOKUP_BATCH);
        if (word_xchg(cpu, &d->pirqs[i].masked, 0) != 0) /* a6 */
            hvm_dirq_deliver(cpu, &d->pirqs[i]);
    }
    spin_unlock(cpu, &d->event_lock); /* a8 */
}

const struct dpci_design dpci_domain_tasklet = {
    .raise = domain_tasklet_raise,
    .domain_tasklet = domain_tasklet_assist,
};
