/* SPDX-License-Identifier: Apache-2.0
 *
 * The port table and the event-channel hypercalls: allocation, posting from user space (P1 to P5), unmask, bind_vcpu,
 * send, close, reset. Source: QEMU 10.2, hw/i386/kvm/xen_evtchn.c.
 */
#include <errno.h>

#include "models/qemu/own_code.h"

static uint64_t bit_of(uint32_t port) { return 1ull << (port % 64); }

static bool is_valid(const struct qemu *q, uint32_t port)
{
    return port > 0 && port < q->word_count * 64 && q->ports[port].type != PORT_CLOSED;
}

uint32_t port_allocate(struct qemu *q, enum port_type type, uint32_t vcpu, uint32_t value)
{
    for (uint32_t port = 1; port < q->word_count * 64; port++) {
        if (q->ports[port].type != PORT_CLOSED)
            continue;
        q->ports[port] = (struct port){ type, vcpu, value };
        q->nr_ports = port >= q->nr_ports ? port + 1 : q->nr_ports;
        return port;
    }
    return 0;
}

void port_free(struct cpu *cpu, struct qemu *q, uint32_t port)
{
    q->ports[port] = (struct port){ .type = PORT_CLOSED };
    while (q->nr_ports > 0 && q->ports[q->nr_ports - 1].type == PORT_CLOSED)
        q->nr_ports--;
    page_fetch_and(step(cpu, "c4"), &q->pending[port / 64], ~bit_of(port));
}

bool callback_inject(struct cpu *cpu, struct qemu *q, uint32_t vcpu)
{
    if (q->options->callback == CALLBACK_BY_VCPU_VECTOR) {
        uint32_t target = q->revert == QEMU_REVERT_VCPU_VECTOR ? 0 : vcpu;
        cpu_spend_software(cpu, q->host->costs->syscall);
        kvm_send_upcall(step(cpu, "P5"), &q->vcpus[target]);
    } else if (q->callback_gsi == 0) {
        cpu_spend_software(cpu, q->host->costs->syscall);
        kvm_vcpu_kick(cpu, &q->vcpus[vcpu].vcpu);
    } else {
        return vcpu == 0;
    }
    return false;
}

/* P3 to P5. */
static void post_to(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu)
{
    struct qemu_vcpu *v = &q->vcpus[vcpu];

    if (page_fetch_or(step(cpu, "P3"), &v->pending_sel, bit_of(port / 64)) & bit_of(port / 64))
        return;
    if (page_fetch_or(step(cpu, "P4"), &v->upcall_pending, 1) != 0)
        return;
    if (callback_inject(cpu, q, vcpu))
        callback_set_level(cpu, q, true);
}

void port_set_pending(struct cpu *cpu, struct qemu *q, uint32_t port)
{
    uint32_t vcpu = q->ports[port].vcpu;

    if (q->is_in_kernel) {
        cpu_spend_software(cpu, q->host->costs->syscall);
        evtchn_set_slow(cpu, q, port, vcpu);
        return;
    }
    if (page_fetch_or(step(cpu, "P1"), &q->pending[port / 64], bit_of(port)) & bit_of(port))
        return;
    if (__builtin_expect(cpu->engine->trace != NULL, false))
        cpu_trace(cpu, TRACE_PEND, q->vcpus[vcpu].vcpu.thread.who, vector_flow(q->guest_ports[port]), 0, 0);
    if (page_load(step(cpu, "P2"), &q->mask[port / 64]) & bit_of(port))
        return;
    post_to(cpu, q, port, vcpu);
}

/* --- hypercalls --- */

static void post_if_pending(struct cpu *cpu, struct qemu *q, uint32_t port)
{
    if (page_load(step(cpu, "U3"), &q->pending[port / 64]) & bit_of(port))
        post_to(cpu, q, port, q->ports[port].vcpu);
}

int evtchn_unmask(struct cpu *cpu, struct qemu *q, uint32_t port)
{
    if (q->code != NULL)
        return qemu_own_unmask(cpu, q, port);
    port_enter(cpu, q, port, "U1");
    if (is_valid(q, port) && page_fetch_and(step(cpu, "U2"), &q->mask[port / 64], ~bit_of(port)) & bit_of(port))
        post_if_pending(cpu, q, port);
    port_leave(cpu, q);
    return 0;
}

int evtchn_bind_vcpu(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu)
{
    int result = -EINVAL;

    if (q->code != NULL)
        return qemu_own_bind_vcpu(cpu, q, port, vcpu);
    mutex_lock(step(cpu, "bind_vcpu"), &q->port_lock);
    if (is_valid(q, port) && q->ports[port].type != PORT_IPI) {
        q->ports[port].vcpu = vcpu;
        if (!(page_load(cpu, &q->mask[port / 64]) & bit_of(port)))
            post_if_pending(cpu, q, port);
        result = 0;
    }
    mutex_unlock(cpu, &q->port_lock);
    return result;
}

int evtchn_bind_ipi(struct cpu *cpu, struct qemu *q, uint32_t vcpu)
{
    if (q->code != NULL)
        return qemu_own_bind_ipi(cpu, q, vcpu);
    mutex_lock(step(cpu, "bind_ipi"), &q->port_lock);
    uint32_t port = port_allocate(q, PORT_IPI, vcpu, 0);
    mutex_unlock(cpu, &q->port_lock);
    return port == 0 ? -ENOSPC : (int)port;
}

/* Both ends belong to this guest. 75a87af9b2: without this fix the other end may be the port that is being created. */
int evtchn_bind_loopback(struct cpu *cpu, struct qemu *q, uint32_t remote_port)
{
    int result = -EINVAL;

    if (q->code != NULL)
        return qemu_own_bind_loopback(cpu, q, remote_port);
    mutex_lock(step(cpu, "bind_interdomain"), &q->port_lock);
    uint32_t port = port_allocate(q, PORT_UNBOUND, 0, 0);
    bool is_rejected = remote_port == port && q->revert != QEMU_REVERT_LOOPBACK;
    if (is_valid(q, remote_port) && q->ports[remote_port].type == PORT_UNBOUND && !is_rejected) {
        q->ports[port] = (struct port){ PORT_INTERDOMAIN, 0, remote_port };
        q->ports[remote_port] = (struct port){ PORT_INTERDOMAIN, q->ports[remote_port].vcpu, port };
        result = (int)port;
    } else {
        port_free(cpu, q, port);
    }
    mutex_unlock(cpu, &q->port_lock);
    return result;
}

int evtchn_send_op(struct cpu *cpu, struct qemu *q, uint32_t port)
{
    int result = -EINVAL;

    if (q->code != NULL)
        return qemu_own_send(cpu, q, port);
    port_enter(cpu, q, port, "send");
    if (is_valid(q, port) && (q->ports[port].type == PORT_IPI || q->ports[port].type == PORT_INTERDOMAIN)) {
        port_set_pending(cpu, q, q->ports[port].type == PORT_IPI ? port : q->ports[port].value);
        result = 0;
    }
    port_leave(cpu, q);
    return result;
}

/* c3, c4. */
void port_close(struct cpu *cpu, struct qemu *q, uint32_t port, bool *flush)
{
    if (!is_valid(q, port))
        return;
    if (q->ports[port].type == PORT_PIRQ) {
        struct pirq *pirq = &q->pirqs[q->ports[port].value];
        if (q->is_merged && !mutex_is_mine(cpu, &q->bql))
            violation_raise(cpu, VIOLATION_MODELLED_BUG,
                            "close_port of a PIRQ asserts that its caller holds the BQL, and it does not");
        pirq->port = 0;
        *flush = *flush || pirq->is_translated;
    }
    if (q->ports[port].type == PORT_INTERDOMAIN && q->ports[port].value != port)
        q->ports[q->ports[port].value].type = PORT_UNBOUND;
    port_free(cpu, q, port);
}

int evtchn_close(struct cpu *cpu, struct qemu *q, uint32_t port)
{
    struct qemu_vector *vector = NULL;
    bool flush = false, took = false;

    if (q->code != NULL)
        return qemu_own_close(cpu, q, port);
    q->statistics.closes++;
    if (q->is_merged)
        took = bql_lock(cpu, q, "c1");
    mutex_lock(step(cpu, "c2"), &q->port_lock);
    if (is_valid(q, port) && q->ports[port].type == PORT_PIRQ)
        vector = q->pirqs[q->ports[port].value].vector;
    port_close(cpu, q, port, &flush);
    mutex_unlock(step(cpu, "c5"), &q->port_lock);
    if (flush && q->is_merged)
        route_flush(cpu, q, vector);
    if (took)
        mutex_unlock(step(cpu, "c7"), &q->bql);
    return 0;
}

/* debc995e88: without this fix the caller does not hold the BQL. */
int evtchn_reset(struct cpu *cpu, struct qemu *q)
{
    bool flush = false, took = false;

    if (q->code != NULL)
        return qemu_own_reset(cpu, q);
    if (q->is_merged && q->revert != QEMU_REVERT_RESET)
        took = bql_lock(cpu, q, "reset");
    mutex_lock(step(cpu, "reset"), &q->port_lock);
    for (uint32_t port = 1; port < q->word_count * 64; port++)
        port_close(cpu, q, port, &flush);
    mutex_unlock(cpu, &q->port_lock);
    if (flush && q->is_merged)
        route_flush(cpu, q, NULL);
    if (took)
        mutex_unlock(cpu, &q->bql);
    return 0;
}
