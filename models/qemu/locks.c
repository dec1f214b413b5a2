/* SPDX-License-Identifier: Apache-2.0
 *
 * QEMU's two locks and their order: the BQL outermost, port_lock below it. The RFC changes its tables under port_lock
 * alone. Source: QEMU 10.2, hw/i386/kvm/xen_evtchn.c; RFC of 2023-01-14.
 */
#include "models/qemu/qemu.h"

bool bql_lock(struct cpu *cpu, struct qemu *q, const char *where)
{
    if (mutex_is_mine(cpu, &q->bql))
        return false;
    mutex_lock(step(cpu, where), &q->bql);
    return true;
}

bool tables_lock(struct cpu *cpu, struct qemu *q, const char *where)
{
    bool took = q->is_merged && bql_lock(cpu, q, where);

    mutex_lock(step(cpu, where), &q->port_lock);
    return took;
}

void tables_unlock(struct cpu *cpu, struct qemu *q, bool took_bql)
{
    mutex_unlock(cpu, &q->port_lock);
    if (took_bql)
        mutex_unlock(cpu, &q->bql);
}

void port_enter(struct cpu *cpu, struct qemu *q, uint32_t port, const char *where)
{
    if (q->port_words == NULL)
        mutex_lock(step(cpu, where), &q->port_lock);
    else if (port < q->word_count * 64)
        word_load(step(cpu, where), &q->port_words[port]);
}

void port_leave(struct cpu *cpu, struct qemu *q)
{
    if (q->port_words == NULL)
        mutex_unlock(cpu, &q->port_lock);
}
