/* SPDX-License-Identifier: Apache-2.0
 *
 * MSI messages that name a PIRQ: a message whose data has vector 0 carries the number of a PIRQ in its address. QEMU
 * sees such messages in three places: when the guest writes one (snoop), when KVM needs a route (translate), and when
 * an emulated device fires (deliver). All three take port_lock; the snoop takes it in the RFC only. Source: QEMU
 * 6096cf7877, hw/i386/kvm/xen_evtchn.c; RFC of 2023-01-14.
 */
#include <errno.h>

#include "models/qemu/own_code.h"

/* The RFC reads the MSI message even for an MSI-X vector, and finds none. */
static uint32_t snooped_pirq(const struct qemu *q, const struct qemu_vector *vector)
{
    if (!q->is_merged && vector->device->own->pirq_kind == PIRQ_KIND_MSIX)
        return 0;
    return vector->message_pirq;
}

static void record(struct qemu *q, uint32_t number, struct qemu_vector *vector)
{
    struct pirq *pirq = &q->pirqs[number];

    if (!pirq_in_use(q, number) || (pirq->gsi != GSI_UNBOUND && pirq->gsi != GSI_MSI_EMU))
        return;
    pirq->gsi = GSI_MSI_EMU;
    pirq->vector = vector;
    pirq->is_masked = vector->is_masked;
}

/* Each vector has one record: removes its other records. */
static void wipe_others(struct qemu *q, uint32_t number, const struct qemu_vector *vector)
{
    for (uint32_t i = 1; i < q->nr_pirqs; i++)
        if (i != number && q->pirqs[i].vector == vector)
            q->pirqs[i] = (struct pirq){ .gsi = GSI_UNBOUND, .port = q->pirqs[i].port };
}

void message_snoop(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    uint32_t pirq = snooped_pirq(q, vector);

    if (q->code != NULL)
        qemu_own_snoop(cpu, q, vector);
    if (q->code != NULL || pirq == 0 || pirq >= q->nr_pirqs)
        return;
    if (!q->is_merged)
        mutex_lock(step(cpu, "S"), &q->port_lock);
    record(q, pirq, vector);
    wipe_others(q, pirq, vector);
    if (!q->is_merged)
        mutex_unlock(cpu, &q->port_lock);
}

int message_translate(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, struct route *route)
{
    int result = -EINVAL;

    if (q->code != NULL)
        return qemu_own_translate(cpu, q, vector, route);
    struct pirq *pirq = &q->pirqs[vector->message_pirq];
    if (vector->message_pirq == 0 || vector->message_pirq >= q->nr_pirqs)
        return 1;
    if (!q->is_in_kernel)
        return -EINVAL;
    mutex_lock(step(cpu, "T"), &q->port_lock);
    if (pirq->gsi == GSI_MSI_EMU || !q->is_merged) {
        pirq->is_translated = true;
        if (pirq->port != 0) {
            *route = (struct route){ .is_valid = true, .port = pirq->port, .vcpu = q->ports[pirq->port].vcpu };
            result = 0;
        } else if (!q->is_merged) {
            result = 1;
        }
    }
    mutex_unlock(cpu, &q->port_lock);
    return result;
}

bool message_deliver(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    bool is_delivered = q->code != NULL && qemu_own_deliver(cpu, q, vector);

    if (q->code == NULL && vector->message_pirq != 0 && vector->message_pirq < q->nr_pirqs) {
        port_enter(cpu, q, q->pirqs[vector->message_pirq].port, "D");
        uint32_t port = q->pirqs[vector->message_pirq].port;
        if (port != 0) {
            port_set_pending(cpu, q, port);
            is_delivered = true;
        }
        port_leave(cpu, q);
    }
    if (!is_delivered) {
        q->statistics.dropped++;
        notes_add(cpu->engine, cpu, "the message is written to memory and has no effect");
    }
    return is_delivered;
}
