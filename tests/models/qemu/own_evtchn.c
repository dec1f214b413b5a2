/* SPDX-License-Identifier: Apache-2.0
 *
 * Event channels in place of QEMU's xen_evtchn.c, for tests/models/qemu/test_own.c: no more than what drivers use, in
 * the least code. BAD is what an EOI does besides.
 */
#include "irqpath_qemu.h"
#include "own_said.h"

enum { WORDS = 64, PORTS = WORDS * 64, PIRQS = 256, GSIS = 24, VCPUS = 8, UNBOUND = -1, MESSAGE = -3 };

static struct port {
    enum irqpath_port_type type;
    unsigned vcpu, value;
} ports[PORTS];
static struct pirq {
    int gsi, is_used, is_masked, is_translated;
    unsigned port, vector;
    void *host;
} pirqs[PIRQS];
static unsigned gsi_pirq[GSIS], gsi_level, callback_gsi, vcpu_count;
static unsigned long pending[WORDS], mask[WORDS];
static struct info {
    unsigned char upcall;
    unsigned long selector;
} infos[VCPUS];
static int is_setting, is_extern, is_in_kernel, boots;
static long lock, second_lock;

static unsigned long bit_of(unsigned port) { return 1ul << (port % 64); }

static void enter(void) { irqpath_qemu_mutex_lock(&lock, "hw/i386/kvm/xen_evtchn.c", __LINE__); }
static void leave(void) { irqpath_qemu_mutex_unlock(&lock); }

static int enter_all(void)
{
    int is_mine = irqpath_qemu_bql_is_mine();

    if (!is_mine)
        irqpath_qemu_bql_lock("include/qemu/main-loop.h", __LINE__);
    return !is_mine;
}

static void leave_all(int took)
{
    if (took)
        irqpath_qemu_bql_unlock();
}

/* --- boot --- */

void irqpath_evtchn_boot(unsigned vcpus, unsigned gsis)
{
    /* Nothing is injected before a guest runs. */
    say("boot", vcpus * 100 + gsis + (irqpath_qemu_inject_callback(0) ? 1000000 : 0));

    vcpu_count = vcpus;
    boots++;
    irqpath_qemu_mutex_init(&lock);
    irqpath_qemu_mutex_init(&second_lock);
    for (int i = 0; i < WORDS; i++)
        mask[i] = ~0ul;
    for (int i = 0; i < PIRQS; i++)
        pirqs[i].gsi = UNBOUND;
}

/* --- the callback --- */

static void callback_line(int level)
{
    is_setting = 1;
    irqpath_qemu_set_irq(callback_gsi, level || is_extern);
    is_setting = 0;
    if (level && !is_extern)
        irqpath_qemu_callback_asserted();
}

void irqpath_evtchn_set_callback_level(int level)
{
    say("level", (unsigned long)level);

    if (irqpath_qemu_bql_is_mine())
        callback_line(level);
    else
        irqpath_qemu_schedule_bh();
}

void irqpath_evtchn_callback_bh(void)
{
    say("bh", 0);
    callback_line(__atomic_load_n(&infos[0].upcall, __ATOMIC_SEQ_CST) != 0);
}

int irqpath_evtchn_set_callback(enum irqpath_callback kind, unsigned number)
{
    say(kind == IRQPATH_CALLBACK_GSI ? "callback gsi" : "callback vector", number);

    callback_gsi = kind == IRQPATH_CALLBACK_GSI ? number : 0;
    is_in_kernel = irqpath_qemu_has_kernel() && (kind == IRQPATH_CALLBACK_VECTOR || irqpath_qemu_has_vcpu_vector());
    irqpath_qemu_kvm_attribute();
    if (callback_gsi != 0)
        irqpath_evtchn_set_callback_level(__atomic_load_n(&infos[0].upcall, __ATOMIC_SEQ_CST) != 0);
    return 0;
}

/* --- ports --- */

static unsigned allocate_port(enum irqpath_port_type type, unsigned vcpu, unsigned value)
{
    for (unsigned port = 1; port < PORTS; port++)
        if (ports[port].type == IRQPATH_PORT_CLOSED) {
            ports[port].type = type;
            ports[port].vcpu = vcpu;
            ports[port].value = value;
            return port;
        }
    return 0;
}

static void post_to(unsigned port, unsigned vcpu)
{
    unsigned long bit = bit_of(port / 64);

    if (__atomic_fetch_or(&infos[vcpu].selector, bit, __ATOMIC_SEQ_CST) & bit)
        return;
    if (__atomic_fetch_or(&infos[vcpu].upcall, 1, __ATOMIC_SEQ_CST) != 0)
        return;
    if (irqpath_qemu_inject_callback(vcpu))
        irqpath_evtchn_set_callback_level(1);
}

static void post(unsigned port)
{
    if (is_in_kernel) {
        irqpath_qemu_kvm_send(port, ports[port].vcpu);
        return;
    }
    if (__atomic_fetch_or(&pending[port / 64], bit_of(port), __ATOMIC_SEQ_CST) & bit_of(port))
        return;
    if (!(__atomic_load_n(&mask[port / 64], __ATOMIC_SEQ_CST) & bit_of(port)))
        post_to(port, ports[port].vcpu);
}

static void post_if_pending(unsigned port)
{
    if (__atomic_load_n(&pending[port / 64], __ATOMIC_SEQ_CST) & bit_of(port))
        post_to(port, ports[port].vcpu);
}

int irqpath_evtchn_bind_vcpu(unsigned port, unsigned vcpu)
{
    say("bind_vcpu", port * 10 + vcpu);

    enter();
    ports[port].vcpu = vcpu;
    if (!(__atomic_load_n(&mask[port / 64], __ATOMIC_SEQ_CST) & bit_of(port)))
        post_if_pending(port);
    leave();
    return 0;
}

int irqpath_evtchn_bind_ipi(unsigned vcpu)
{
    say("bind_ipi", vcpu);

    enter();
    unsigned port = allocate_port(IRQPATH_PORT_IPI, vcpu, 0);
    leave();
    return (int)port;
}

int irqpath_evtchn_bind_loopback(unsigned remote_port)
{
    say("loopback", remote_port);
    return -22;
}

int irqpath_evtchn_unmask(unsigned port)
{
    say("unmask", port);

    enter();
    if (__atomic_fetch_and(&mask[port / 64], ~bit_of(port), __ATOMIC_SEQ_CST) & bit_of(port))
        post_if_pending(port);
    leave();
    return 0;
}

int irqpath_evtchn_send(unsigned port)
{
    say("send", port);

    enter();
    post(port);
    leave();
    return 0;
}

int irqpath_evtchn_close(unsigned port)
{
    int took = enter_all(), is_flushed = 0;

    say("close", port);
    enter();
    if (ports[port].type == IRQPATH_PORT_PIRQ) {
        is_flushed = pirqs[ports[port].value].is_translated;
        pirqs[ports[port].value].port = 0;
    }
    ports[port].type = IRQPATH_PORT_CLOSED;
    __atomic_fetch_and(&pending[port / 64], ~bit_of(port), __ATOMIC_SEQ_CST);
    leave();
    if (is_flushed)
        irqpath_qemu_update_routes();
    leave_all(took);
    return 0;
}

int irqpath_evtchn_reset(void)
{
    say("reset", 0);

    for (unsigned port = 1; port < PORTS; port++)
        if (ports[port].type != IRQPATH_PORT_CLOSED)
            irqpath_evtchn_close(port);
    return 0;
}

/* --- PIRQs --- */

static int allocate_pirq(int from, int to, int by, int gsi)
{
    for (int i = from; i != to; i += by)
        if (!pirqs[i].is_used) {
            pirqs[i].is_used = 1;
            pirqs[i].gsi = gsi;
            return i;
        }
    return -28;
}

int irqpath_evtchn_map_pirq(int pirq, int gsi)
{
    say("map", (unsigned long)(pirq + 1));
    say("gsi", (unsigned long)gsi);

    enter();
    if (pirq < 0)
        pirq = allocate_pirq(16, GSIS, 1, gsi);
    if (pirq >= PIRQS || gsi >= GSIS)
        pirq = -22;
    if (pirq > 0) {
        pirqs[pirq].is_used = 1;
        pirqs[pirq].gsi = gsi;
        gsi_pirq[gsi] = (unsigned)pirq;
    }
    leave();
    return pirq;
}

int irqpath_evtchn_unmap_pirq(int pirq)
{
    say("unmap", (unsigned long)pirq);

    enter();
    gsi_pirq[pirqs[pirq].gsi] = 0;
    pirqs[pirq].gsi = UNBOUND;
    pirqs[pirq].is_used = 0;
    leave();
    return 0;
}

int irqpath_evtchn_get_free_pirq(void)
{
    say("free pirq", irqpath_qemu_pirqs());

    enter();
    int pirq = allocate_pirq((int)irqpath_qemu_pirqs() - 1, GSIS - 1, -1, UNBOUND);
    leave();
    return pirq;
}

int irqpath_evtchn_eoi_pirq(int pirq)
{
    say("eoi", (unsigned long)pirq);

    enter();
    if (pirqs[pirq].gsi >= 0 && gsi_level >> pirqs[pirq].gsi & 1 && pirqs[pirq].port != 0)
        post(pirqs[pirq].port);
    leave();
    BAD return 0;
}

int irqpath_evtchn_query_pirq(int pirq)
{
    say("query", (unsigned long)pirq);
    return pirqs[pirq].gsi >= 0;
}

int irqpath_evtchn_bind_pirq(unsigned pirq)
{
    int took = enter_all();

    say("bind_pirq", pirq);
    enter();
    unsigned port = allocate_port(IRQPATH_PORT_PIRQ, 0, pirq);
    pirqs[pirq].port = port;
    leave();
    if (pirqs[pirq].gsi == MESSAGE && pirqs[pirq].is_masked)
        irqpath_qemu_set_mask(pirqs[pirq].host, pirqs[pirq].vector, 0);
    else if (pirqs[pirq].gsi == MESSAGE && pirqs[pirq].is_translated)
        irqpath_qemu_update_routes();
    leave_all(took);
    return (int)port;
}

int irqpath_evtchn_set_gsi(int gsi, int *level)
{
    say(*level ? "raise" : "lower", (unsigned long)gsi);

    if ((unsigned)gsi == callback_gsi) {
        if (is_setting)
            return 0;
        is_extern = *level;
        if (!*level && __atomic_load_n(&infos[0].upcall, __ATOMIC_SEQ_CST)) {
            irqpath_qemu_callback_asserted();
            *level = 1;
        }
        return 0;
    }
    enter();
    unsigned pirq = gsi_pirq[gsi];
    if (pirq != 0) {
        gsi_level = *level ? gsi_level | 1u << gsi : gsi_level & ~(1u << gsi);
        if (*level && pirqs[pirq].port != 0)
            post(pirqs[pirq].port);
    }
    leave();
    return pirq != 0;
}

/* --- messages --- */

void *irqpath_evtchn_device_new(void *host)
{
    say("device", 0);
    return host;
}

void irqpath_evtchn_snoop(void *device, int is_msix, unsigned vector, unsigned pirq, int is_masked)
{
    say(is_msix ? "snoop msix" : "snoop msi", vector);
    say(is_masked ? "masked pirq" : "pirq", pirq);
    if (pirq == 0 || pirq >= PIRQS || !pirqs[pirq].is_used)
        return;
    pirqs[pirq].gsi = MESSAGE;
    pirqs[pirq].host = device;
    pirqs[pirq].vector = vector;
    pirqs[pirq].is_masked = is_masked;
}

int irqpath_evtchn_translate(unsigned pirq, struct irqpath_route *route)
{
    int result = -22;

    say("translate", pirq);
    if (pirq == 0)
        return 1;
    if (!is_in_kernel)
        return -22;
    enter();
    pirqs[pirq].is_translated = 1;
    if (pirqs[pirq].port != 0) {
        route->port = pirqs[pirq].port;
        route->vcpu = ports[pirqs[pirq].port].vcpu;
        result = 0;
    }
    leave();
    return result;
}

int irqpath_evtchn_deliver(unsigned pirq)
{
    say("deliver", pirq);

    enter();
    int is_delivered = pirq != 0 && pirqs[pirq].port != 0;
    if (is_delivered)
        post(pirqs[pirq].port);
    leave();
    return is_delivered;
}

/* --- backends --- */

static unsigned backends[PORTS];

void *irqpath_evtchn_backend_new(unsigned vcpu, unsigned *port)
{
    say("backend", vcpu);

    *port = allocate_port(IRQPATH_PORT_INTERDOMAIN, vcpu, 0);
    backends[*port] = *port;
    return &backends[*port];
}

int irqpath_evtchn_backend_notify(void *backend)
{
    say("notify", *(unsigned *)backend);

    enter();
    post(*(unsigned *)backend);
    leave();
    return 0;
}

/* The destination asks KVM for its routes anew. */
void irqpath_evtchn_migrate(void)
{
    say("migrate", 0);

    irqpath_qemu_mutex_init(&lock);
    irqpath_qemu_mutex_init(&second_lock);
    irqpath_qemu_kvm_attribute();
    irqpath_qemu_update_routes();
}

/* --- the guest's pages, and peeks --- */

PEEK void *irqpath_evtchn_pending(unsigned word) { return &pending[word]; }
PEEK void *irqpath_evtchn_mask(unsigned word) { return &mask[word]; }
PEEK void *irqpath_evtchn_upcall_pending(unsigned vcpu) { return &infos[vcpu].upcall; }
PEEK void *irqpath_evtchn_pending_sel(unsigned vcpu) { return &infos[vcpu].selector; }

PEEK void irqpath_evtchn_port_peek(unsigned port, struct irqpath_port_state *state)
{
    state->type = ports[port].type;
    state->vcpu = ports[port].vcpu;
    state->value = ports[port].value;
}

PEEK void irqpath_evtchn_pirq_peek(unsigned pirq, struct irqpath_pirq_state *state)
{
    state->gsi = pirqs[pirq].gsi;
    state->port = pirqs[pirq].port;
    state->is_used = pirqs[pirq].is_used;
    state->is_masked = pirqs[pirq].is_masked;
    state->is_translated = pirqs[pirq].is_translated;
}

PEEK unsigned irqpath_evtchn_gsi_pirq_peek(unsigned gsi) { return gsi_pirq[gsi]; }
PEEK unsigned irqpath_evtchn_gsi_level_peek(void) { return gsi_level; }

PEEK unsigned irqpath_evtchn_ports_peek(void)
{
    unsigned port = PORTS;

    while (port > 0 && ports[port - 1].type == IRQPATH_PORT_CLOSED)
        port--;
    return port;
}

PEEK void irqpath_evtchn_unused_peek(unsigned from, struct irqpath_unused *unused)
{
    unused->device = ports;
    unused->ports = from * sizeof(ports[0]);
    unused->port_bytes = 0;
    unused->handles = unused->handle_bytes = 0;
}
