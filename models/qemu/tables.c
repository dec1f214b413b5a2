/* SPDX-License-Identifier: Apache-2.0
 *
 * The port and PIRQ tables as they are, for checks, metrics and counters: the model's, or those of a code object.
 */
#include "models/qemu/own_parts.h"

static const enum port_type types[] = {
    [IRQPATH_PORT_CLOSED] = PORT_CLOSED,
    [IRQPATH_PORT_UNBOUND] = PORT_UNBOUND,
    [IRQPATH_PORT_INTERDOMAIN] = PORT_INTERDOMAIN,
    [IRQPATH_PORT_PIRQ] = PORT_PIRQ,
    [IRQPATH_PORT_VIRQ] = PORT_VIRQ,
    [IRQPATH_PORT_IPI] = PORT_IPI,
};

struct port port_peek(const struct qemu *q, uint32_t port)
{
    struct irqpath_port_state state;

    if (q->code == NULL)
        return q->ports[port];
    q->code->port_peek(port, &state);
    return (struct port){ types[state.type], state.vcpu, state.value };
}

struct pirq pirq_peek(const struct qemu *q, uint32_t pirq)
{
    struct irqpath_pirq_state state;

    if (q->code == NULL)
        return q->pirqs[pirq];
    q->code->pirq_peek(pirq, &state);
    return (struct pirq){ .gsi = state.gsi,
                          .port = state.port,
                          .is_masked = state.is_masked != 0,
                          .is_translated = state.is_translated != 0 };
}

bool pirq_in_use(const struct qemu *q, uint32_t pirq)
{
    struct irqpath_pirq_state state;

    if (q->code == NULL)
        return q->inuse[pirq / 64] >> (pirq % 64) & 1;
    q->code->pirq_peek(pirq, &state);
    return state.is_used != 0;
}

uint32_t gsi_pirq_peek(const struct qemu *q, uint32_t gsi)
{
    return q->code != NULL ? q->code->gsi_pirq_peek(gsi) : q->gsi_pirq[gsi];
}

uint32_t gsi_level_peek(const struct qemu *q) { return q->code != NULL ? q->code->gsi_level_peek() : q->gsi_level; }
uint32_t ports_peek(const struct qemu *q) { return q->code != NULL ? q->code->ports_peek() : q->nr_ports; }
