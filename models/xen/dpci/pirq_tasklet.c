/* SPDX-License-Identifier: Apache-2.0
 *
 * Design (b): one tasklet per PIRQ. There is no walk, but tasklet_lock is still acquired three times per delivery.
 * Source: aeeea485bc.
 */
#include "models/xen/xen.h"

static void pirq_tasklet_raise(struct cpu *cpu, struct pirq *pirq)
{
    word_store(step(cpu, "b1"), &pirq->masked, 1);
    tasklet_schedule(step(cpu, "b2"), &pirq->tasklet);
}

static void pirq_tasklet_assist(struct cpu *cpu, void *data)
{
    struct pirq *pirq = data;
    struct domain *d = pirq_dom(step(cpu, "b3"), pirq);

    if (d == NULL) { /* b4 */
        word_store(cpu, &pirq->masked, 0);
        return;
    }
    dpci_check_domain(cpu, d);
    spin_lock(step(cpu, "b5"), &d->event_lock);
    if (word_xchg(step(cpu, "b6"), &pirq->masked, 0) != 0)
        hvm_dirq_deliver(cpu, pirq);
    spin_unlock(step(cpu, "b7"), &d->event_lock);
}

const struct design xen_pirq_tasklet = {
    .family = &xen_family,
    .name = "pirq-tasklet",
    .summary = "one tasklet a PIRQ under the global tasklet lock",
    .mirrors = "Xen aeeea485bc, 2014-11-12",
    .options =
        &(const struct dpci_design){
            .raise = pirq_tasklet_raise,
            .pirq_tasklet = pirq_tasklet_assist,
            .bind_wait = DPCI_BIND_AT_ONCE,
            .reset = dpci_clear_dom,
            .time_out = dpci_clear_masked,
        },
};
