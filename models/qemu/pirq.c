/* SPDX-License-Identifier: Apache-2.0
 *
 * The PIRQ table: physdev hypercalls, and the bind of a PIRQ to a port. The RFC deadlocks in the bind: it unmasks the
 * device's vector under port_lock, and the unmask takes port_lock again. Source: QEMU aa98ee38a5, 6096cf7877
 * (hw/i386/kvm/xen_evtchn.c); RFC of 2023-01-14.
 */
#include <errno.h>

#include "models/qemu/own_code.h"

static void use(struct qemu *q, uint32_t pirq, bool is_used)
{
    uint64_t bit = 1ull << (pirq % 64);

    q->inuse[pirq / 64] = is_used ? q->inuse[pirq / 64] | bit : q->inuse[pirq / 64] & ~bit;
}

/* Returns a free PIRQ, or 0 when there is none: never 0 to 15, one of 16 to 23 for a GSI, the highest otherwise.
 * port_lock is held. */
static uint32_t allocate(struct qemu *q, int32_t gsi)
{
    uint32_t found = 0;

    if (gsi >= 0)
        for (uint32_t pirq = PIRQ_GSI_FIRST; pirq < GSI_COUNT && found == 0; pirq++)
            found = pirq_in_use(q, pirq) ? 0 : pirq;
    for (uint32_t pirq = q->nr_pirqs - 1; pirq >= GSI_COUNT && found == 0; pirq--)
        found = pirq_in_use(q, pirq) ? 0 : pirq;
    if (found != 0) {
        use(q, found, true);
        q->pirqs[found] = (struct pirq){ .gsi = gsi };
    }
    return found;
}

/* cf885b1957 and cd24dcb759: without these fixes a bound is one too high. */
int physdev_map_pirq(struct cpu *cpu, struct qemu *q, int32_t wanted, uint32_t gsi)
{
    uint32_t last_gsi = q->revert == QEMU_REVERT_GSI_BOUND ? GSI_COUNT : GSI_COUNT - 1;
    int32_t last_pirq = (int32_t)q->nr_pirqs - (q->revert == QEMU_REVERT_PIRQ_BOUND ? 0 : 1);
    int result = -EINVAL;

    if (q->code != NULL)
        return qemu_own_map_pirq(cpu, q, wanted, gsi);
    if (gsi > last_gsi || wanted > last_pirq)
        return -EINVAL;
    if (gsi >= GSI_COUNT)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "gsi_pirq[24] is read, one past its end");
    if (wanted >= (int32_t)q->nr_pirqs)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "pirq[nr_pirqs] is written, one past its end");
    bool took = tables_lock(cpu, q, "map_pirq");
    uint32_t pirq = wanted < 0 ? allocate(q, (int32_t)gsi) : (uint32_t)wanted;
    if (wanted >= 0 && pirq_in_use(q, pirq) && q->pirqs[pirq].gsi != GSI_UNBOUND) {
        result = -EBUSY;
    } else if (pirq != 0) {
        use(q, pirq, true);
        q->gsi_pirq[gsi] = pirq;
        q->pirqs[pirq].gsi = (int32_t)gsi;
        result = (int)pirq;
    }
    tables_unlock(cpu, q, took);
    return result;
}

int physdev_unmap_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq)
{
    int result = -EINVAL;

    if (q->code != NULL)
        return qemu_own_unmap_pirq(cpu, q, pirq);
    bool took = tables_lock(cpu, q, "unmap_pirq");

    if (pirq_in_use(q, pirq) && q->pirqs[pirq].gsi >= 0) {
        q->gsi_pirq[q->pirqs[pirq].gsi] = 0;
        q->pirqs[pirq].gsi = GSI_UNBOUND;
        use(q, pirq, false);
        result = 0;
    }
    tables_unlock(cpu, q, took);
    return result;
}

int physdev_get_free_pirq(struct cpu *cpu, struct qemu *q)
{
    if (q->code != NULL)
        return qemu_own_get_free_pirq(cpu, q);
    mutex_lock(step(cpu, "get_free_pirq"), &q->port_lock);
    uint32_t pirq = allocate(q, GSI_UNBOUND);
    mutex_unlock(cpu, &q->port_lock);
    return pirq == 0 ? -ENOSPC : (int)pirq;
}

/* Resamples a GSI: if the line is still asserted, the event is posted again. */
int physdev_eoi(struct cpu *cpu, struct qemu *q, uint32_t number)
{
    if (q->code != NULL)
        return qemu_own_eoi(cpu, q, number);
    bool took = tables_lock(cpu, q, "eoi");
    const struct pirq *pirq = &q->pirqs[number];
    int result = -EINVAL;

    q->statistics.eois++;
    if (pirq_in_use(q, number) && pirq->gsi >= 0) {
        if (q->gsi_level >> pirq->gsi & 1 && pirq->port != 0) {
            q->statistics.reposts++;
            port_set_pending(cpu, q, pirq->port);
        }
        result = 0;
    }
    tables_unlock(cpu, q, took);
    return result;
}

int physdev_irq_status_query(struct cpu *cpu, struct qemu *q, uint32_t pirq, bool *needs_eoi)
{
    if (q->code != NULL)
        return qemu_own_query(cpu, q, pirq, needs_eoi);
    bool took = tables_lock(cpu, q, "status");

    *needs_eoi = pirq_in_use(q, pirq) && q->pirqs[pirq].gsi >= 0;
    tables_unlock(cpu, q, took);
    return 0;
}

/* --- bind --- */

/* B1 to B6: without the BQL; the device's vector is unmasked with port_lock held. */
static int bind_rfc(struct cpu *cpu, struct qemu *q, uint32_t number)
{
    struct pirq *pirq = &q->pirqs[number];
    int result = -EBUSY;

    mutex_lock(step(cpu, "B1"), &q->port_lock);
    if (pirq->port == 0) {
        pirq->port = port_allocate(q, PORT_PIRQ, 0, number);
        result = (int)pirq->port;
        if (pirq->gsi == GSI_MSI_EMU && pirq->vector != NULL && vector_has_mask(pirq->vector))
            msi_set_mask(step(cpu, "B5"), q, pirq->vector, false);
    }
    mutex_unlock(step(cpu, "B6"), &q->port_lock);
    return result;
}

/* M1 to M8. */
static int bind_merged(struct cpu *cpu, struct qemu *q, uint32_t number)
{
    struct pirq *pirq = &q->pirqs[number];
    bool took = bql_lock(cpu, q, "M1");
    int result = -EBUSY;

    if (pirq->port == 0) {
        mutex_lock(step(cpu, "M3"), &q->port_lock);
        pirq->port = port_allocate(q, PORT_PIRQ, 0, number);
        result = (int)pirq->port;
        mutex_unlock(step(cpu, "M6"), &q->port_lock);
        if (pirq->gsi == GSI_MSI_EMU && pirq->is_masked)
            msi_set_mask(step(cpu, "M7"), q, pirq->vector, false);
        else if (pirq->gsi == GSI_MSI_EMU && pirq->is_translated)
            route_flush(cpu, q, pirq->vector);
    }
    if (took)
        mutex_unlock(step(cpu, "M8"), &q->bql);
    return result;
}

int evtchn_bind_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq)
{
    if (q->code == NULL && (pirq >= q->nr_pirqs || !pirq_in_use(q, pirq)))
        return -EINVAL;
    cpu_settle(cpu);
    cycles from = cpu_now(cpu);
    int result = q->code != NULL ? qemu_own_bind_pirq(cpu, q, pirq)
                 : q->is_merged  ? bind_merged(cpu, q, pirq)
                                 : bind_rfc(cpu, q, pirq);
    q->statistics.binds++;
    q->statistics.bind_cycles += cpu_now(cpu) - from;
    return result;
}
