/* SPDX-License-Identifier: Apache-2.0
 *
 * Hypercalls on event channels, each alone on a small port table: what it returns, and what it leaves in the shared
 * page and in the table.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/qemu/qemu.h"
#include "models/qemu/qemu_setup.h"

/* The table before each call. Ports of LOOP and LOOPED are each other's ends; SELF is what 75a87af9b2 prevents. */
enum { IPI = 1, UNBOUND = 2, LOOP = 3, LOOPED = 4, SELF = 5, FREE = 6, CLOSED = 9, FAR = 65, VIRQ = 66, PORTS = 128 };

enum call { UNMASK, BIND_VCPU, BIND_IPI, BIND_LOOPBACK, SEND, CLOSE, RESET };

#define BIT(port) (1ull << (port) % 64)

/* What a call changes of the page is named; of the table, the port that it opens or closes, and of that one's other
 * end. */
struct row {
    const char *label;
    enum call call;
    uint32_t port, vcpu;
    uint64_t pending[2], unmasked[2];
    int result;
    uint64_t pending_after[2], unmasked_after[2], selected[2];
    uint32_t changed[2]; /* ports whose type changes; 0: none */
    enum port_type types[2];
};

static const struct row rows[] = {
    { "unmask a pending one", UNMASK, IPI, 0, { BIT(IPI) }, { 0 }, 0, { BIT(IPI) }, { BIT(IPI) }, { 1 }, { 0 }, { 0 } },
    { "unmask one that is not pending", UNMASK, IPI, 0, { 0 }, { 0 }, 0, { 0 }, { BIT(IPI) }, { 0 }, { 0 }, { 0 } },
    { "unmask one that is not masked",
      UNMASK,
      IPI,
      0,
      { BIT(IPI) },
      { BIT(IPI) },
      0,
      { BIT(IPI) },
      { BIT(IPI) },
      { 0 },
      { 0 },
      { 0 } },
    { "unmask one among others",
      UNMASK,
      LOOP,
      0,
      { BIT(IPI) },
      { BIT(IPI) },
      0,
      { BIT(IPI) },
      { BIT(IPI) | BIT(LOOP) },
      { 0 },
      { 0 },
      { 0 } },
    { "unmask another vCPU's",
      UNMASK,
      UNBOUND,
      0,
      { BIT(UNBOUND) },
      { 0 },
      0,
      { BIT(UNBOUND) },
      { BIT(UNBOUND) },
      { 0, 1 },
      { 0 },
      { 0 } },
    { "unmask in the second word",
      UNMASK,
      FAR,
      0,
      { 0, BIT(FAR) },
      { 0 },
      0,
      { 0, BIT(FAR) },
      { 0, BIT(FAR) },
      { 2 },
      { 0 },
      { 0 } },
    { "unmask a closed one",
      UNMASK,
      CLOSED,
      0,
      { BIT(CLOSED) },
      { 0 },
      0,
      { BIT(CLOSED) },
      { 0 },
      { 0 },
      { 0 },
      { 0 } },
    { "unmask 0", UNMASK, 0, 0, { BIT(0) }, { 0 }, 0, { BIT(0) }, { 0 }, { 0 }, { 0 }, { 0 } },
    { "unmask beyond the table", UNMASK, PORTS, 0, { 0 }, { 0 }, 0, { 0 }, { 0 }, { 0 }, { 0 }, { 0 } },

    { "move a pending one",
      BIND_VCPU,
      LOOP,
      1,
      { BIT(LOOP) },
      { BIT(LOOP) },
      0,
      { BIT(LOOP) },
      { BIT(LOOP) },
      { 0, 1 },
      { 0 },
      { 0 } },
    { "move a masked one", BIND_VCPU, LOOP, 1, { BIT(LOOP) }, { 0 }, 0, { BIT(LOOP) }, { 0 }, { 0 }, { 0 }, { 0 } },
    { "move one that is not pending",
      BIND_VCPU,
      LOOP,
      1,
      { 0 },
      { BIT(LOOP) },
      0,
      { 0 },
      { BIT(LOOP) },
      { 0 },
      { 0 },
      { 0 } },
    { "move in the second word",
      BIND_VCPU,
      VIRQ,
      1,
      { 0, BIT(VIRQ) },
      { 0, BIT(VIRQ) },
      0,
      { 0, BIT(VIRQ) },
      { 0, BIT(VIRQ) },
      { 0, 2 },
      { 0 },
      { 0 } },
    { "move an IPI",
      BIND_VCPU,
      IPI,
      1,
      { BIT(IPI) },
      { BIT(IPI) },
      -EINVAL,
      { BIT(IPI) },
      { BIT(IPI) },
      { 0 },
      { 0 },
      { 0 } },
    { "move a closed one",
      BIND_VCPU,
      CLOSED,
      1,
      { BIT(CLOSED) },
      { BIT(CLOSED) },
      -EINVAL,
      { BIT(CLOSED) },
      { BIT(CLOSED) },
      { 0 },
      { 0 },
      { 0 } },

    { "a new IPI", BIND_IPI, 0, 1, { 0 }, { 0 }, FREE, { 0 }, { 0 }, { 0 }, { FREE }, { PORT_IPI } },
    { "a loopback",
      BIND_LOOPBACK,
      UNBOUND,
      0,
      { 0 },
      { 0 },
      FREE,
      { 0 },
      { 0 },
      { 0 },
      { FREE, UNBOUND },
      { PORT_INTERDOMAIN, PORT_INTERDOMAIN } },
    { "a loopback to a closed one",
      BIND_LOOPBACK,
      CLOSED,
      0,
      { 0 },
      { 0 },
      -EINVAL,
      { 0 },
      { 0 },
      { 0 },
      { 0 },
      { 0 } },
    { "a loopback to itself",
      BIND_LOOPBACK,
      FREE,
      0,
      { BIT(FREE) },
      { 0 },
      -EINVAL,
      { 0 },
      { 0 },
      { 0 },
      { 0 },
      { 0 } },
    { "a loopback to an IPI", BIND_LOOPBACK, IPI, 0, { 0 }, { 0 }, -EINVAL, { 0 }, { 0 }, { 0 }, { 0 }, { 0 } },

    { "send an IPI", SEND, IPI, 0, { 0 }, { BIT(IPI) }, 0, { BIT(IPI) }, { BIT(IPI) }, { 1 }, { 0 }, { 0 } },
    { "send to the other end",
      SEND,
      LOOP,
      0,
      { 0 },
      { BIT(LOOP) | BIT(LOOPED) },
      0,
      { BIT(LOOPED) },
      { BIT(LOOP) | BIT(LOOPED) },
      { 0, 1 },
      { 0 },
      { 0 } },
    { "send to a masked one", SEND, IPI, 0, { 0 }, { 0 }, 0, { BIT(IPI) }, { 0 }, { 0 }, { 0 }, { 0 } },
    { "send to a pending one",
      SEND,
      IPI,
      0,
      { BIT(IPI) },
      { BIT(IPI) },
      0,
      { BIT(IPI) },
      { BIT(IPI) },
      { 0 },
      { 0 },
      { 0 } },
    { "send in the second word",
      SEND,
      FAR,
      0,
      { 0 },
      { 0, BIT(FAR) },
      0,
      { 0, BIT(FAR) },
      { 0, BIT(FAR) },
      { 2 },
      { 0 },
      { 0 } },
    { "send to an unbound one",
      SEND,
      UNBOUND,
      0,
      { 0 },
      { BIT(UNBOUND) },
      -EINVAL,
      { 0 },
      { BIT(UNBOUND) },
      { 0 },
      { 0 },
      { 0 } },
    { "send to a closed one",
      SEND,
      CLOSED,
      0,
      { 0 },
      { BIT(CLOSED) },
      -EINVAL,
      { 0 },
      { BIT(CLOSED) },
      { 0 },
      { 0 },
      { 0 } },

    { "close an IPI",
      CLOSE,
      IPI,
      0,
      { BIT(IPI) | BIT(LOOP) },
      { BIT(IPI) },
      0,
      { BIT(LOOP) },
      { BIT(IPI) },
      { 0 },
      { IPI },
      { PORT_CLOSED } },
    { "close one end",
      CLOSE,
      LOOP,
      0,
      { BIT(LOOP) | BIT(LOOPED) },
      { 0 },
      0,
      { BIT(LOOPED) },
      { 0 },
      { 0 },
      { LOOP, LOOPED },
      { PORT_CLOSED, PORT_UNBOUND } },
    { "close one that is its own end",
      CLOSE,
      SELF,
      0,
      { 0 },
      { 0 },
      0,
      { 0 },
      { 0 },
      { 0 },
      { SELF },
      { PORT_CLOSED } },
    { "close in the second word",
      CLOSE,
      FAR,
      0,
      { 0, BIT(FAR) | BIT(VIRQ) },
      { 0 },
      0,
      { 0, BIT(VIRQ) },
      { 0 },
      { 0 },
      { FAR },
      { PORT_CLOSED } },
    { "close a closed one", CLOSE, CLOSED, 0, { BIT(CLOSED) }, { 0 }, 0, { BIT(CLOSED) }, { 0 }, { 0 }, { 0 }, { 0 } },
};

static const struct port table[] = {
    [IPI] = { PORT_IPI, 0, 0 },
    [UNBOUND] = { PORT_UNBOUND, 1, 0 },
    [LOOP] = { PORT_INTERDOMAIN, 0, LOOPED },
    [LOOPED] = { PORT_INTERDOMAIN, 1, LOOP },
    [SELF] = { PORT_INTERDOMAIN, 0, SELF },
    [FAR] = { PORT_IPI, 0, 0 },
    [VIRQ] = { PORT_VIRQ, 0, 0 },
};

#define TABLE_COUNT (sizeof(table) / sizeof(*table))

struct scene {
    struct setup setup;
    struct model_fixture fixture;
    struct qemu *q;
    const struct row *row;
    int result;
    bool has_run;
};

static void call(struct cpu *cpu, struct eventfd *eventfd)
{
    struct scene *scene = eventfd->context;
    const struct row *row = scene->row;
    struct qemu *q = scene->q;

    scene->has_run = true;
    switch (row->call) {
    case UNMASK:
        scene->result = evtchn_unmask(cpu, q, row->port);
        break;
    case BIND_VCPU:
        scene->result = evtchn_bind_vcpu(cpu, q, row->port, row->vcpu);
        break;
    case BIND_IPI:
        scene->result = evtchn_bind_ipi(cpu, q, row->vcpu);
        break;
    case BIND_LOOPBACK:
        scene->result = evtchn_bind_loopback(cpu, q, row->port);
        break;
    case SEND:
        scene->result = evtchn_send_op(cpu, q, row->port);
        break;
    case CLOSE:
        scene->result = evtchn_close(cpu, q, row->port);
        break;
    case RESET:
        scene->result = evtchn_reset(cpu, q);
        break;
    }
}

/* The machine with the table, on which nothing but the main loop does anything: both vCPUs have an upcall pending of
 * which nobody tells them, so that another one only selects a word of events. */
static void scene_open(struct scene *scene, enum port_protection ports, const struct row *row)
{
    struct device_setup *device = qemu_setup_of(&scene->setup, CALLBACK_BY_GSI, PIRQ_KIND_MSIX);

    own_qemu_device(device)->is_bound = false;
    device->vectors = 70;
    own_qemu(&scene->setup)->ports = ports;
    model_open(&scene->fixture, &scene->setup, "qemu-pirq-merged");
    struct qemu *q = ((struct host *)scene->fixture.machine.hypervisor)->model;
    assert_int_equal(q->word_count * 64, PORTS);
    assert_int_equal(ports_peek(q), 0);
    memcpy(q->ports, table, sizeof(table));
    q->nr_ports = TABLE_COUNT;
    for (uint32_t i = 0; i < 2; i++) {
        q->pending[i].word.value = row->pending[i];
        q->mask[i].word.value = ~row->unmasked[i];
        q->vcpus[i].upcall_pending.word.value = 1;
    }
    q->migrate_fd.handler = call;
    q->migrate_fd.context = scene;
    q->migrate_fd.count = 1;
    scene->q = q;
    scene->row = row;
    scene->has_run = false;
}

static enum port_type type_before(uint32_t port) { return port < TABLE_COUNT ? table[port].type : PORT_CLOSED; }

static enum port_type type_after(const struct row *row, uint32_t port)
{
    for (int i = 0; i < 2; i++)
        if (row->changed[i] == port && port != 0)
            return row->types[i];
    return type_before(port);
}

static void check_table(const struct scene *scene)
{
    uint32_t used = 0;

    for (uint32_t port = 0; port < PORTS; port++) {
        enum port_type type = type_after(scene->row, port);
        if (port_peek(scene->q, port).type != type)
            fail_msg("%s: port %u is of type %d", scene->row->label, port, (int)port_peek(scene->q, port).type);
        used = type != PORT_CLOSED ? port + 1 : used;
    }
    if (ports_peek(scene->q) != used)
        fail_msg("%s: %u ports in use", scene->row->label, ports_peek(scene->q));
}

static void check_row(const struct row *row, enum port_protection ports)
{
    static struct scene scene;

    scene_open(&scene, ports, row);
    model_advance(&scene.fixture, 1000000);
    assert_true(scene.has_run);
    if (scene.result != row->result)
        fail_msg("%s: returns %d", row->label, scene.result);
    for (int i = 0; i < 2; i++) {
        if (scene.q->pending[i].word.value != row->pending_after[i])
            fail_msg("%s: pending[%d] is %#llx", row->label, i, (unsigned long long)scene.q->pending[i].word.value);
        if (~scene.q->mask[i].word.value != row->unmasked_after[i])
            fail_msg("%s: mask[%d] is %#llx", row->label, i, (unsigned long long)scene.q->mask[i].word.value);
        if (scene.q->vcpus[i].pending_sel.word.value != row->selected[i])
            fail_msg("%s: vCPU %d has selected %#llx", row->label, i,
                     (unsigned long long)scene.q->vcpus[i].pending_sel.word.value);
    }
    check_table(&scene);
    assert_null(scene.q->port_lock.owner);
    assert_null(scene.q->bql.owner);
    model_close(&scene.fixture);
}

static void each_call_changes_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        check_row(&rows[i], PORTS_UNDER_MUTEX);
        check_row(&rows[i], PORTS_LOCKLESS);
    }
}

/* Which vCPU and which other end a port has afterwards. */
static void ports_keep_their_owners(void **state)
{
    static const struct {
        struct row row;
        uint32_t port;
        struct port after;
    } known[] = {
        { { .label = "moved", .call = BIND_VCPU, .port = LOOP, .vcpu = 1 }, LOOP, { PORT_INTERDOMAIN, 1, LOOPED } },
        { { .label = "an IPI", .call = BIND_IPI, .vcpu = 1 }, FREE, { PORT_IPI, 1, 0 } },
        { { .label = "near", .call = BIND_LOOPBACK, .port = UNBOUND }, FREE, { PORT_INTERDOMAIN, 0, UNBOUND } },
        { { .label = "far", .call = BIND_LOOPBACK, .port = UNBOUND }, UNBOUND, { PORT_INTERDOMAIN, 1, FREE } },
        { { .label = "left", .call = CLOSE, .port = LOOP }, LOOPED, { PORT_UNBOUND, 1, LOOP } },
        { { .label = "reset", .call = RESET }, LOOPED, { PORT_CLOSED, 0, 0 } },
        { { .label = "all reset", .call = RESET }, FAR, { PORT_CLOSED, 0, 0 } },
    };
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        scene_open(&scene, PORTS_UNDER_MUTEX, &known[i].row);
        model_advance(&scene.fixture, 1000000);
        struct port found = port_peek(scene.q, known[i].port);
        if (found.type != known[i].after.type || found.vcpu != known[i].after.vcpu ||
            found.value != known[i].after.value)
            fail_msg("%s: { %d, %u, %u }", known[i].row.label, (int)found.type, found.vcpu, found.value);
        if (known[i].row.call == RESET)
            assert_int_equal(ports_peek(scene.q), 0);
        model_close(&scene.fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_changes_what_it_says),
        cmocka_unit_test(ports_keep_their_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
