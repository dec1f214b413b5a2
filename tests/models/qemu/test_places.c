/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an interrupt is that did not arrive, and whether it is lost: states of QEMU's event channels, made by hand on a
 * machine at rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/qemu/qemu.h"
#include "models/qemu/qemu_setup.h"
#include "models/stuck.h"

/* After the boot the vector is bound to vcpu0. */
enum { MESSAGE };

static uint32_t port_of(const struct qemu *q, int vector) { return q->vectors[vector].irq.port; }

static void nothing(struct qemu *q) { (void)q; }
static void deadlock(struct qemu *q) { q->host->faults.deadlocks = 1; }

/* --- at the host --- */

static struct lapic *lapic_of(struct qemu *q) { return &q->vectors[MESSAGE].source.target->lapic; }
static uint64_t bit_of(const struct qemu *q) { return 1ull << q->vectors[MESSAGE].source.vector % 64; }
static void reach_irr(struct qemu *q) { lapic_of(q)->irr[q->vectors[MESSAGE].source.vector / 64] |= bit_of(q); }
static void reach_isr(struct qemu *q) { lapic_of(q)->isr[q->vectors[MESSAGE].source.vector / 64] |= bit_of(q); }
static void reach_eventfd(struct qemu *q) { q->vectors[MESSAGE].eventfd.count = 1; }
static void queue_inject(struct qemu *q) { q->vectors[MESSAGE].inject.pending.value = 1; }

static void reach_irr_in_deadlock(struct qemu *q)
{
    reach_irr(q);
    deadlock(q);
}

/* --- at the event channel --- */

static void pend(struct qemu *q)
{
    uint32_t port = port_of(q, MESSAGE);

    q->pending[port / 64].word.value |= 1ull << port % 64;
    q->mask[port / 64].word.value &= ~(1ull << port % 64);
}

static void pend_masked(struct qemu *q)
{
    pend(q);
    q->mask[0].word.value = UINT64_MAX;
}

static void select_it(struct qemu *q)
{
    pend(q);
    q->vcpus[0].pending_sel.word.value = 1;
}

static void select_and_call(struct qemu *q)
{
    select_it(q);
    q->vcpus[0].upcall_pending.word.value = 1;
}

static void select_and_send(struct qemu *q)
{
    select_it(q);
    q->vcpus[0].vcpu.irr.value = 1ull << GUEST_VECTOR_UPCALL;
}

static void select_and_raise(struct qemu *q)
{
    select_it(q);
    q->pins[q->callback_gsi].level = true;
}

static void select_and_deliver(struct qemu *q)
{
    select_it(q);
    q->vcpus[0].vcpu.irr.value = 1ull << (GUEST_VECTOR_GSI + q->callback_gsi);
}

static void select_in_shadow(struct qemu *q)
{
    pend(q);
    q->vcpus[0].shadow_sel.value = 1;
}

static void select_another_word(struct qemu *q)
{
    pend(q);
    q->vcpus[0].pending_sel.word.value = 2;
}

static void select_on_another(struct qemu *q)
{
    pend(q);
    q->vcpus[1].pending_sel.word.value = 1;
    q->vcpus[1].upcall_pending.word.value = 1;
}

/* --- at the message, at the GSI --- */

static void mask_message(struct qemu *q) { q->vectors[MESSAGE].is_pending = true; }

static void mask_unbound_message(struct qemu *q)
{
    mask_message(q);
    q->vectors[MESSAGE].irq.port = 0;
}

static void have_cause(struct qemu *q) { q->vectors[MESSAGE].cause = true; }

/* --- in code --- */

static void run_main_loop(struct qemu *q) { q->main_loop.thread.state = THREAD_RUNNABLE; }
static void be_in_host(struct qemu *q) { q->vectors[MESSAGE].source.target->interrupt_depth = 1; }
static void exit_guest(struct qemu *q) { q->vcpus[1].vcpu.mode.value = VCPU_OUTSIDE; }
static void turn_off(struct qemu *q) { q->vcpus[1].vcpu.irq_on = false; }
static void inject(struct qemu *q) { q->vcpus[0].vcpu.injected = 5; }

static void sleep_outside(struct qemu *q)
{
    exit_guest(q);
    q->vcpus[1].vcpu.thread.state = THREAD_ASLEEP;
}

#define TOLD "at its event channel, and its vCPU is told"
#define NOT_TOLD "at its event channel, and its vCPU is not told"

static const struct {
    void (*change)(struct qemu *q);
    bool is_lost;            /* before the whole drain is over */
    bool is_lost_at_the_end; /* and then */
    const char *place;       /* before, NULL: */
    const char *later;       /* where it is only then */
    enum callback_kind callback;
} rows[] = {
    { nothing, true, true, "nowhere", NULL, CALLBACK_BY_VECTOR },
    { deadlock, true, true, "behind a deadlock of the host's threads", NULL, CALLBACK_BY_VECTOR },
    { reach_irr_in_deadlock, true, true, "behind a deadlock of the host's threads", NULL, CALLBACK_BY_VECTOR },
    { reach_irr, false, false, "in a pCPU's LAPIC", NULL, CALLBACK_BY_VECTOR },
    { reach_isr, false, false, "in a pCPU's LAPIC", NULL, CALLBACK_BY_VECTOR },
    { reach_eventfd, false, false, "in its eventfd", NULL, CALLBACK_BY_VECTOR },
    { queue_inject, false, false, "in KVM's work queue", NULL, CALLBACK_BY_VECTOR },
    { pend, true, true, NOT_TOLD, NULL, CALLBACK_BY_VECTOR },
    { pend_masked, true, true, "at its event channel, which is masked", NULL, CALLBACK_BY_VECTOR },
    { select_it, false, true, TOLD, NOT_TOLD, CALLBACK_BY_VECTOR },
    { select_and_call, false, false, TOLD, NULL, CALLBACK_BY_VECTOR },
    { select_and_call, false, true, TOLD, NOT_TOLD, CALLBACK_BY_VCPU_VECTOR },
    { select_and_call, false, true, TOLD, NOT_TOLD, CALLBACK_BY_GSI },
    { select_and_send, false, true, TOLD, NOT_TOLD, CALLBACK_BY_VECTOR },
    { select_and_send, false, false, TOLD, NULL, CALLBACK_BY_VCPU_VECTOR },
    { select_and_send, false, true, TOLD, NOT_TOLD, CALLBACK_BY_GSI },
    { select_and_raise, false, true, TOLD, NOT_TOLD, CALLBACK_BY_VCPU_VECTOR },
    { select_and_raise, false, false, TOLD, NULL, CALLBACK_BY_GSI },
    { select_and_deliver, false, true, TOLD, NOT_TOLD, CALLBACK_BY_VCPU_VECTOR },
    { select_and_deliver, false, false, TOLD, NULL, CALLBACK_BY_GSI },
    { select_in_shadow, false, false, TOLD, NULL, CALLBACK_BY_VECTOR },
    { select_another_word, true, true, NOT_TOLD, NULL, CALLBACK_BY_VECTOR },
    { select_on_another, true, true, NOT_TOLD, NULL, CALLBACK_BY_VECTOR },
    { mask_message, true, true, "in its message, which is masked", NULL, CALLBACK_BY_VECTOR },
    { mask_unbound_message, false, false, "in its message, which is masked", NULL, CALLBACK_BY_VECTOR },
    { have_cause, true, true, "at its GSI, which is asserted", NULL, CALLBACK_BY_VECTOR },
    { run_main_loop, false, false, "with QEMU's main loop", NULL, CALLBACK_BY_VECTOR },
    { be_in_host, false, false, "behind a handler of the host", NULL, CALLBACK_BY_VECTOR },
    { exit_guest, false, false, "behind a VM exit", NULL, CALLBACK_BY_VECTOR },
    { sleep_outside, true, true, "nowhere", NULL, CALLBACK_BY_VECTOR },
    { turn_off, false, false, "behind a handler of the guest", NULL, CALLBACK_BY_VECTOR },
    { inject, false, false, "behind a handler of the guest", NULL, CALLBACK_BY_VECTOR },
};

static void rest(struct qemu *q)
{
    q->main_loop.thread.state = THREAD_ASLEEP;
    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        q->vcpus[i].vcpu.mode.value = VCPU_IN_GUEST;
        q->vcpus[i].vcpu.thread.state = THREAD_RUNNING;
        q->vcpus[i].vcpu.irq_on = true;
        q->vcpus[i].vcpu.injected = 0;
    }
}

static void check_row(size_t index, bool is_over)
{
    static struct setup setup;
    struct model_fixture fixture;

    (void)qemu_setup_of(&setup, rows[index].callback, PIRQ_KIND_MSIX);
    setup.devices[0].arrivals.rate_millihertz = 1;
    model_open(&fixture, &setup, "qemu-pirq-merged");
    model_advance(&fixture, 100000); /* threads go to sleep */
    struct qemu *q = ((struct host *)fixture.machine.hypervisor)->model;
    rest(q);
    rows[index].change(q);
    q->vectors[MESSAGE].source.outstanding = 1;
    q->kinds[0].statistics.raised = 1;
    stuck_check(&fixture, is_over, 1, is_over ? rows[index].is_lost_at_the_end : rows[index].is_lost,
                is_over && rows[index].later != NULL ? rows[index].later : rows[index].place);
    model_close(&fixture);
}

static void each_state_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        check_row(i, false);
        check_row(i, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_state_has_its_place) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
