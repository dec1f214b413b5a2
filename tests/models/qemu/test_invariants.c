/* SPDX-License-Identifier: Apache-2.0
 *
 * The invariants of QEMU's event channels: all hold in a machine that has just booted, and a single change breaks one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "machine/property.h"
#include "models/qemu/qemu.h"
#include "models/qemu/qemu_setup.h"

/* After the boot PIRQ 255 has port 1 on vcpu0, and PIRQ 254 port 2 on vcpu1: two vectors with routes of KVM. GSI 11 has
 * PIRQ 16 and port 3 on vcpu0. */
enum { PIRQ_A = 255, PIRQ_B = 254, PIRQ_LINE = 16, PORT_A = 1, PORT_B = 2, PORT_LINE = 3, CLOSED = 5 };

static void nothing(struct qemu *q) { (void)q; }
static void forget_port(struct qemu *q) { q->pirqs[PIRQ_B].port = 0; }
static void forget_pirq(struct qemu *q) { q->ports[PORT_LINE].value = 0; }
static void take_port(struct qemu *q) { q->pirqs[100].port = PORT_B; }

static void forget_in_migration(struct qemu *q)
{
    forget_port(q);
    q->has_migrated = true;
}

static void forget_under_bql(struct qemu *q)
{
    forget_port(q);
    q->bql.owner = &q->vcpus[0].vcpu.thread;
}

static void forget_under_port_lock(struct qemu *q)
{
    forget_port(q);
    q->port_lock.owner = &q->vcpus[0].vcpu.thread;
}

static void forget_gsi(struct qemu *q) { q->pirqs[PIRQ_LINE].gsi = GSI_UNBOUND; }
static void free_gsi(struct qemu *q) { q->inuse[PIRQ_LINE / 64] &= ~(1ull << PIRQ_LINE % 64); }
static void take_gsi(struct qemu *q) { q->gsi_pirq[23] = PIRQ_LINE; }

static void bind_to(struct qemu *q, uint32_t port)
{
    q->nr_ports = 8;
    q->ports[7] = (struct port){ .type = PORT_INTERDOMAIN, .value = port };
}

static void bind_to_itself(struct qemu *q) { bind_to(q, 7); }
static void bind_to_another(struct qemu *q) { bind_to(q, 6); }
static void pend(struct qemu *q, uint32_t port) { q->pending[0].word.value |= 1ull << port; }
static void leave_pending(struct qemu *q) { pend(q, PORT_B); }

static void leave_masked(struct qemu *q)
{
    pend(q, PORT_B);
    q->mask[0].word.value |= 1ull << PORT_B;
}

static void tell(struct qemu *q)
{
    pend(q, PORT_B);
    q->vcpus[1].pending_sel.word.value = 1;
}

static void tell_another(struct qemu *q)
{
    pend(q, PORT_B);
    q->vcpus[0].pending_sel.word.value = 1;
}

static void raise_line(struct qemu *q) { q->gsi_level |= 1u << 11; }

static void raise_and_pend(struct qemu *q)
{
    raise_line(q);
    pend(q, PORT_LINE);
    q->vcpus[0].bound[0].value |= 1ull << PORT_LINE;
}

static void raise_masked(struct qemu *q)
{
    raise_line(q);
    q->mask[0].word.value |= 1ull << PORT_LINE;
}

static void move_port(struct qemu *q) { q->ports[PORT_B].vcpu = 0; }
static void move_pirq(struct qemu *q) { q->vectors[1].message_pirq = PIRQ_A; }

static void move_detached(struct qemu *q)
{
    move_port(q);
    q->vectors[1].is_attached = false;
}

static void pend_closed(struct qemu *q) { pend(q, CLOSED); }

static const struct {
    void (*change)(struct qemu *q);
    const char *texts; /* of the properties that it breaks, in their order */
} rows[] = {
    { nothing, "" },
    { forget_port, "pirq-map: port 2 is PIRQ 254's, whose port is 0; " },
    { forget_pirq, "pirq-map: port 3 is PIRQ 0's, whose port is 0; " },
    { take_port, "pirq-map: PIRQ 100 names port 2, which does not name the PIRQ; " },
    { forget_in_migration, "" },
    { forget_under_bql, "" },
    { forget_under_port_lock, "" },
    { forget_gsi, "gsi-map: GSI 11 is mapped to PIRQ 16, which does not name the GSI; " },
    { free_gsi, "gsi-map: GSI 11 is mapped to PIRQ 16, which does not name the GSI; " },
    { take_gsi, "gsi-map: GSI 23 is mapped to PIRQ 16, which does not name the GSI; " },
    { bind_to_itself, "self-bound: port 7 is bound to itself; " },
    { bind_to_another, "" },
    { leave_pending, "stuck-port: port 2 is pending and not masked, and the vCPU it is bound to was not told; " },
    { leave_masked, "" },
    { tell, "lost-upcall: vcpu1 has selected events, and no upcall to it is pending; " },
    { tell_another, "stuck-port: port 2 is pending and not masked, and the vCPU it is bound to was not told; "
                    "lost-upcall: vcpu0 has selected events, and no upcall to it is pending; " },
    { raise_line, "lost-level: GSI 11 is asserted, its port 3 is open and not pending; " },
    { raise_and_pend, "stuck-port: port 3 is pending and not masked, and the vCPU it is bound to was not told; " },
    { raise_masked, "" },
    { move_port, "stale-route: KVM's route leads to port 2 on vcpu1, which the vector no longer uses; " },
    { move_pirq, "stale-route: KVM's route leads to port 2 on vcpu1, which the vector no longer uses; " },
    { move_detached, "" },
    { pend_closed, "closed-port: port 5 is closed and pending; " },
};

static void check_row(size_t index)
{
    static struct setup setup;
    struct model_fixture fixture;
    char found[1024] = "", text[200];
    size_t used = 0;

    qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX)->vectors = 2;
    struct device_setup *line = setup_device(&setup, "line", 0);
    own_qemu_device(line)->pirq_kind = PIRQ_KIND_GSI;
    own_qemu_device(line)->path = DEVICE_PATH_EMULATED;
    own_qemu_device(line)->is_bound = true;
    own_qemu_device(line)->gsi = 11;
    model_open(&fixture, &setup, "qemu-pirq-merged");
    rows[index].change(((struct host *)fixture.machine.hypervisor)->model);
    for (const struct property *const *property = fixture.design->family->invariants; *property != NULL; property++)
        if ((*property)->is_broken(&fixture.machine, text, sizeof(text)))
            used += (size_t)snprintf(found + used, sizeof(found) - used, "%s: %s; ", (*property)->name, text);
    if (strcmp(found, rows[index].texts) != 0)
        fail_msg("row %zu: %s", index, found);
    model_close(&fixture);
}

static void one_change_breaks_one_property(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_change_breaks_one_property) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
