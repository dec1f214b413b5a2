/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (a): one tasklet per domain, which walks all mapped PIRQs from 0 and delivers those that are masked. Low PIRQs
 * are served first, and each delivery pays for the whole walk. Xen 4.0 to 4.5. Source: 802b778e9a, hvm_do_IRQ_dpci and
 * hvm_dirq_assist (xen/drivers/passthrough/io.c).
 */
#include "models/xen/xen.h"

enum { GANG_LOOKUP_BATCH = 8 };

static void domain_tasklet_raise(struct cpu *cpu, struct pirq *pirq)
{
    word_store(step(cpu, "a1"), &pirq->masked, 1);
    tasklet_schedule(step(cpu, "a2"), &pirq->domain->dirq_tasklet);
}

static void domain_tasklet_assist(struct cpu *cpu, void *data)
{
    struct domain *d = data;

    dpci_check_domain(cpu, d); /* a3 */
    spin_lock(step(cpu, "a4"), &d->event_lock);
    for (uint32_t i = 0; i < d->pirq_count; i++) {
        if (i % GANG_LOOKUP_BATCH == 0) /* a5 */
            cpu_spend_software(cpu, xen_costs(cpu)->pirq_walk_step * GANG_LOOKUP_BATCH);
        if (!(d->pirqs[i].flags & DPCI_MAPPED))
            continue;
        if (word_xchg(step(cpu, "a6"), &d->pirqs[i].masked, 0) != 0)
            hvm_dirq_deliver(cpu, &d->pirqs[i]);
    }
    spin_unlock(step(cpu, "a8"), &d->event_lock);
}

const struct design xen_domain_tasklet = {
    .family = &xen_family,
    .name = "domain-tasklet",
    .summary = "one tasklet a domain under the global tasklet lock, walking all PIRQs",
    .mirrors = "Xen 4.0 to 4.5, 802b778e9a",
    .options =
        &(const struct dpci_design){
            .raise = domain_tasklet_raise,
            .domain_tasklet = domain_tasklet_assist,
            .bind_wait = DPCI_BIND_AT_ONCE,
            .reset = dpci_clear_dom,
            .time_out = dpci_clear_masked,
        },
};
