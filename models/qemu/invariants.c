/* SPDX-License-Identifier: Apache-2.0
 *
 * Properties of explored states, derived from the code by the authors of this model: while the locks that protect them
 * are free, the two directions of PIRQ and port, and of GSI and PIRQ, agree. At the end no open, unmasked port is
 * pending with its vCPU not notified, no asserted level is without its event, no route leads to a port that was closed
 * or moved, and no closed port is pending.
 */
#include <inttypes.h>
#include <stdio.h>

#include "models/host/deadlock.h"
#include "models/qemu/qemu.h"

static const struct qemu *qemu_in(const struct machine *machine)
{
    const struct host *host = machine->hypervisor;

    return host->model;
}

static bool is_set(const struct page_word *words, uint32_t port)
{
    return page_peek(&words[port / 64]) >> (port % 64) & 1;
}

static bool is_pirq_map_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    if (q->port_lock.owner != NULL || q->bql.owner != NULL || q->has_migrated)
        return false;
    for (uint32_t port = 1; port < ports_peek(q); port++) {
        struct port peeked = port_peek(q, port);
        if (peeked.type != PORT_PIRQ || pirq_peek(q, peeked.value).port == port)
            continue;
        (void)snprintf(text, text_bytes, "port %" PRIu32 " is PIRQ %" PRIu32 "'s, whose port is %" PRIu32, port,
                       peeked.value, pirq_peek(q, peeked.value).port);
        return true;
    }
    for (uint32_t i = 0; i < q->nr_pirqs; i++) {
        uint32_t port = pirq_peek(q, i).port;
        if (port == 0 || (port_peek(q, port).type == PORT_PIRQ && port_peek(q, port).value == i))
            continue;
        (void)snprintf(text, text_bytes, "PIRQ %" PRIu32 " names port %" PRIu32 ", which does not name the PIRQ", i,
                       port);
        return true;
    }
    return false;
}

static bool is_gsi_map_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    if (q->port_lock.owner != NULL || q->bql.owner != NULL || q->has_migrated)
        return false;
    for (uint32_t gsi = 0; gsi < GSI_COUNT; gsi++) {
        uint32_t pirq = gsi_pirq_peek(q, gsi);
        if (pirq == 0 || (pirq_in_use(q, pirq) && pirq_peek(q, pirq).gsi == (int32_t)gsi))
            continue;
        (void)snprintf(text, text_bytes, "GSI %" PRIu32 " is mapped to PIRQ %" PRIu32 ", which does not name the GSI",
                       gsi, pirq);
        return true;
    }
    return false;
}

static bool is_self_bound(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    for (uint32_t port = 1; q->port_lock.owner == NULL && port < ports_peek(q); port++) {
        struct port peeked = port_peek(q, port);
        if (peeked.type != PORT_INTERDOMAIN || peeked.value != port)
            continue;
        (void)snprintf(text, text_bytes, "port %" PRIu32 " is bound to itself", port);
        return true;
    }
    return false;
}

/* --- at the end --- */

static bool is_told(const struct qemu *q, uint32_t port)
{
    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        const struct qemu_vcpu *v = &q->vcpus[i];
        if (page_peek(&v->pending_sel) >> (port / 64) & 1 && word_peek(&v->bound[port / 64]) >> (port % 64) & 1)
            return true;
    }
    return false;
}

static bool is_port_stuck(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    for (uint32_t port = 1; port < ports_peek(q); port++) {
        if (q->guest_ports[port] == NULL || !is_set(q->pending, port) || is_set(q->mask, port) || is_told(q, port))
            continue;
        (void)snprintf(text, text_bytes,
                       "port %" PRIu32 " is pending and not masked, and the vCPU it is bound to was not told", port);
        return true;
    }
    return false;
}

/* A vCPU whose upcall was lost sleeps although it has been notified. */
static bool is_upcall_lost(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        const struct qemu_vcpu *v = &q->vcpus[i];
        if (page_peek(&v->pending_sel) == 0)
            continue;
        (void)snprintf(text, text_bytes, "vcpu%" PRIu32 " has selected events, and no upcall to it is pending", i);
        return true;
    }
    return false;
}

static bool is_level_lost(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    for (uint32_t gsi = 0; gsi < GSI_COUNT; gsi++) {
        uint32_t pirq = gsi_pirq_peek(q, gsi), port = pirq != 0 ? pirq_peek(q, pirq).port : 0;
        if (!(gsi_level_peek(q) >> gsi & 1) || port == 0 || is_set(q->pending, port) || is_set(q->mask, port))
            continue;
        (void)snprintf(text, text_bytes, "GSI %" PRIu32 " is asserted, its port %" PRIu32 " is open and not pending",
                       gsi, port);
        return true;
    }
    return false;
}

static bool is_route_stale(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    for (uint32_t i = 0; i < q->vector_count; i++) {
        const struct qemu_vector *vector = &q->vectors[i];
        struct port port = port_peek(q, vector->kernel.port);
        if (!vector->is_attached || !vector->kernel.is_valid || vector->kernel.is_plain)
            continue;
        if (port.type == PORT_PIRQ && port.value == vector->message_pirq && port.vcpu == vector->kernel.vcpu)
            continue;
        (void)snprintf(text, text_bytes,
                       "KVM's route leads to port %" PRIu32 " on vcpu%" PRIu32 ", which the vector no longer uses",
                       vector->kernel.port, vector->kernel.vcpu);
        return true;
    }
    return false;
}

static bool is_closed_port_pending(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct qemu *q = qemu_in(machine);

    for (uint32_t port = 1; port < q->word_count * 64; port++) {
        if (port_peek(q, port).type != PORT_CLOSED || !is_set(q->pending, port))
            continue;
        (void)snprintf(text, text_bytes, "port %" PRIu32 " is closed and pending", port);
        return true;
    }
    return false;
}

static const struct property pirq_map = { "pirq-map", VIOLATION_STATE_MISMATCH, PROPERTY_AT_STATE, false,
                                          is_pirq_map_broken };
static const struct property gsi_map = { "gsi-map", VIOLATION_STATE_MISMATCH, PROPERTY_AT_STATE, false,
                                         is_gsi_map_broken };
static const struct property self_bound = { "self-bound", VIOLATION_STATE_MISMATCH, PROPERTY_AT_STATE, false,
                                            is_self_bound };
static const struct property stuck_port = { "stuck-port", VIOLATION_LOST_INTERRUPT, PROPERTY_AT_END, false,
                                            is_port_stuck };
static const struct property lost_upcall = { "lost-upcall", VIOLATION_LOST_INTERRUPT, PROPERTY_AT_END, false,
                                             is_upcall_lost };
static const struct property lost_level = { "lost-level", VIOLATION_LOST_INTERRUPT, PROPERTY_AT_END, false,
                                            is_level_lost };
static const struct property stale_route = { "stale-route", VIOLATION_STATE_MISMATCH, PROPERTY_AT_END, true,
                                             is_route_stale };
static const struct property closed_port = { "closed-port", VIOLATION_STATE_MISMATCH, PROPERTY_AT_END, true,
                                             is_closed_port_pending };

const struct property *const qemu_invariants[] = {
    &host_deadlock, &pirq_map,   &gsi_map,     &self_bound,  &stuck_port,
    &lost_upcall,   &lost_level, &stale_route, &closed_port, NULL,
};
