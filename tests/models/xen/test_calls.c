/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of the Xen model, each called alone on a machine that has just booted, with arguments and states that only
 * a rare interleaving of a run would give it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "death.h"
#include "models/xen/dpci/states.h"
#include "models/xen/posted/state.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MS 1000000u

struct scene {
    const char *design;
    struct setup setup;
    struct model_fixture fixture;
    struct xen *xen;
    void (*call)(struct cpu *cpu, struct scene *scene);
    const void *row;
    bool has_run;
};

static struct domain *domain_of(struct scene *scene) { return &scene->xen->domains[0]; }
static struct pirq *pirq_of(struct scene *scene) { return &domain_of(scene)->pirqs[0]; }

static void run_call(struct cpu *cpu, void *data)
{
    struct scene *scene = data;

    scene->has_run = true;
    scene->call(cpu, scene);
}

/* A guest with two vCPUs on pCPU 1, which halt; the device's two vectors raise nothing for long, and the
 * destruction comes later still. What is called runs on
 * pCPU 0, as a tasklet of its idle vCPU. */
static struct device_setup *scene_init(struct scene *scene, const char *design)
{
    memset(scene, 0, sizeof(*scene));
    scene->design = design;
    setup_init(&scene->setup, "package:1 [numa] core:2 pu:1");
    scene->setup.run = (struct run_setup){ .duration_ns = 50 * MS, .seed = 1, .policy = POLICY_TIMED };
    struct guest_setup *guest = setup_guest(&scene->setup, "guest", 2);
    (void)snprintf(guest->pin, sizeof(guest->pin), "core:1");
    guest->load = GUEST_LOAD_HALT;
    scene->setup.actions[0] = (struct action_setup){ .kind = XEN_ACTION_TASKLET, .at_ns = MS };
    scene->setup.actions[1] = (struct action_setup){ .kind = XEN_ACTION_DESTROY, .at_ns = 1000 * (uint64_t)MS };
    scene->setup.action_count = 2;
    struct device_setup *device = setup_device(&scene->setup, "nic", 0);
    device->vectors = 2;
    device->arrivals.rate_millihertz = 1;
    return device;
}

static void scene_open(struct scene *scene, void (*call)(struct cpu *cpu, struct scene *scene))
{
    model_open(&scene->fixture, &scene->setup, scene->design);
    scene->xen = scene->fixture.machine.hypervisor;
    scene->call = call;
    scene->xen->actions[0].tasklet.function = run_call;
    scene->xen->actions[0].tasklet.data = scene;
}

static void scene_run(struct scene *scene)
{
    model_advance(&scene->fixture, 40 * MS);
    assert_true(scene->has_run);
}

/* --- references, lists, and what a delivery asks first --- */

static void put_nothing(struct cpu *cpu, struct scene *scene)
{
    (void)scene;
    put_domain(cpu, NULL);
}

static void put_the_living(struct cpu *cpu, struct scene *scene)
{
    domain_of(scene)->refcnt.value = 1;
    put_domain(cpu, domain_of(scene));
}

static void put_with_hidden(struct cpu *cpu, struct scene *scene)
{
    domain_of(scene)->is_dead = true;
    domain_of(scene)->pirqs[1].is_hidden = true;
    put_the_living(cpu, scene);
}

static void assist_nobody(struct cpu *cpu, struct scene *scene)
{
    (void)scene;
    dpci_check_domain(cpu, NULL);
}

static void assist_the_freed(struct cpu *cpu, struct scene *scene)
{
    domain_of(scene)->is_freed = true;
    dpci_check_domain(cpu, domain_of(scene));
}

static void assist_without_state(struct cpu *cpu, struct scene *scene)
{
    domain_of(scene)->dpci.value = 0;
    dpci_check_domain(cpu, domain_of(scene));
}

static void enqueue_twice(struct cpu *cpu, struct scene *scene)
{
    list_add_tail(&pirq_of(scene)->softirq_link, &scene->xen->cpus[1].dpci_list);
    dpci_enqueue(cpu, pirq_of(scene));
}

static void put_back_twice(struct cpu *cpu, struct scene *scene)
{
    list_add_tail(&pirq_of(scene)->softirq_link, &scene->xen->cpus[1].dpci_list);
    dpci_put_back(cpu, pirq_of(scene));
}

static void die_with_work(struct cpu *cpu, struct scene *scene)
{
    list_add_tail(&pirq_of(scene)->softirq_link, &scene->xen->cpus[1].dpci_list);
    dpci_assert_empty(cpu, &scene->xen->cpus[1]);
}

static void deliver_unbound(struct cpu *cpu, struct scene *scene)
{
    spin_lock(cpu, &domain_of(scene)->event_lock);
    pirq_of(scene)->flags = 0;
    hvm_dirq_deliver(cpu, pirq_of(scene));
}

static void deliver_unlocked(struct cpu *cpu, struct scene *scene) { hvm_dirq_deliver(cpu, pirq_of(scene)); }

static void run_in_child(void *argument)
{
    struct scene *scene = argument;

    scene_open(scene, scene->call);
    model_advance(&scene->fixture, 40 * MS);
}

static void what_must_not_be_is_caught(void **state)
{
    static const struct {
        void (*call)(struct cpu *cpu, struct scene *scene);
        const char *text;
    } rows[] = {
        { put_nothing, "put_domain(NULL)" },
        { put_the_living, "the last reference to a domain that lives is given back" },
        { put_with_hidden, "a domain is gone, and an IRQ is still that of a PIRQ of its" },
        { assist_nobody, "hvm_dirq_assist(NULL)" },
        { assist_the_freed, "hvm_dirq_assist on a freed domain" },
        { assist_without_state, "ASSERT in hvm_dirq_assist: the domain's dPCI state is freed" },
        { enqueue_twice, "list_add_tail of a softirq_list that is linked" },
        { put_back_twice, "the put-back of a softirq_list that is linked" },
        { die_with_work, "ASSERT(list_empty(&per_cpu(dpci_list, cpu))) at CPU_DEAD" },
        { deliver_unbound, "set_timer on a timer that was never initialised" },
        { deliver_unlocked, "lock_is_held_by(&pirq->domain->event_lock, cpu)" },
    };
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        scene_init(&scene, "softirq-requeue");
        scene.call = rows[i].call;
        assert_check_fails(run_in_child, &scene, rows[i].text);
    }
}

static void put_one_of_two(struct cpu *cpu, struct scene *scene)
{
    domain_of(scene)->is_dead = true;
    domain_of(scene)->refcnt.value = 2;
    put_domain(cpu, domain_of(scene));
}

static void put_the_last(struct cpu *cpu, struct scene *scene)
{
    put_one_of_two(cpu, scene);
    put_domain(cpu, domain_of(scene));
}

/* With the last reference the domain goes, a grace period later, and with it all its PIRQs. */
static void the_last_reference_frees(void **state)
{
    static struct scene scene;

    (void)state;
    for (int is_last = 0; is_last < 2; is_last++) {
        scene_init(&scene, "softirq-requeue");
        scene_open(&scene, is_last ? put_the_last : put_one_of_two);
        scene_run(&scene);
        const struct domain *d = domain_of(&scene);
        assert_int_equal(word_peek(&d->refcnt), 1 - is_last);
        assert_int_equal(d->is_freed, is_last);
        for (uint32_t i = 0; i < 2; i++)
            assert_int_equal(d->pirqs[i].is_unmapped, is_last);
        model_close(&scene.fixture);
    }
}

/* --- a bind that moves --- */

struct move_row {
    const char *label;
    bool is_shared;   /* to all vCPUs */
    bool is_bound;    /* the PIRQ has its flags */
    uint32_t next[2]; /* the next free vector of each vCPU; 0: as after the boot */
    uint32_t gvec;    /* afterwards; 0: as before */
    bool has_moved;
};

static void move(struct cpu *cpu, struct scene *scene)
{
    const struct move_row *row = scene->row;
    struct vcpu *vcpus = domain_of(scene)->vcpus;
    struct vcpu *to = pirq_of(scene)->dest_vcpu == &vcpus[0] ? &vcpus[1] : &vcpus[0];

    assert_int_equal(pt_irq_move_bind(cpu, pirq_of(scene), row->is_shared ? NULL : to), HYPERCALL_DONE);
}

/* Where no vector is free, nothing changes. */
static void a_bind_moves_to_a_free_vector(void **state)
{
    static const struct move_row rows[] = {
        { "to the other vCPU", false, true, { 100, 100 }, 100, true },
        { "to its last vector", false, true, { GUEST_VECTOR_LAST, GUEST_VECTOR_LAST }, GUEST_VECTOR_LAST, true },
        { "no vector is free", false, true, { GUEST_VECTOR_LAST + 1, GUEST_VECTOR_LAST + 1 }, 0, false },
        { "not bound", false, false, { 100, 100 }, 0, false },
        { "to all", true, true, { 100, 120 }, 120, true },
        { "to all, the other way round", true, true, { 120, 100 }, 120, true },
        { "to all, with the last", true, true, { 100, GUEST_VECTOR_LAST }, GUEST_VECTOR_LAST, true },
        { "not free on all", true, true, { 100, GUEST_VECTOR_LAST + 1 }, 0, false },
    };
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct move_row *row = &rows[i];
        scene_init(&scene, "softirq-requeue");
        scene_open(&scene, move);
        scene.row = row;
        struct pirq *pirq = pirq_of(&scene);
        struct vcpu *before = pirq->dest_vcpu;
        uint32_t gvec = pirq->gvec;
        domain_of(&scene)->irr_words = 4;
        for (int v = 0; v < 2; v++)
            domain_of(&scene)->vcpus[v].next_vector = row->next[v];
        if (!row->is_bound)
            pirq->flags = 0;
        scene_run(&scene);
        if (pirq->gvec != (row->gvec != 0 ? row->gvec : gvec))
            fail_msg("%s: vector %u", row->label, pirq->gvec);
        if ((pirq->dest_vcpu != before) != (row->has_moved && !row->is_shared))
            fail_msg("%s: has%s moved", row->label, pirq->dest_vcpu != before ? "" : " not");
        assert_int_equal(pirq->is_multicast, row->is_shared && row->has_moved);
        assert_int_equal(pirq->desc.source->is_multicast, row->is_shared && row->has_moved);
        model_close(&scene.fixture);
    }
}

/* --- the timer of 8 ms --- */

struct timeout_row {
    const char *label;
    uint32_t flags[2];        /* of the PIRQ that times out and of the one with which it shares the line */
    bool is_asserted;         /* the first one, */
    uint16_t pending_left[2]; /* of both afterwards: 1 has been left alone */
};

static void time_out(struct cpu *cpu, struct scene *scene) { pt_irq_time_out(cpu, pirq_of(scene)); }

/* It also ends what shares the line, unless the PIRQ has been unbound meanwhile: then only what was latched before. */
static void a_timeout_ends_the_whole_line(void **state)
{
    enum { BOUND = DPCI_MAPPED | DPCI_GUEST_PCI };
    static const struct timeout_row rows[] = {
        { "both", { BOUND, BOUND }, false, { 0, 0 } },
        { "an unbound sharer", { BOUND, 0 }, false, { 0, 1 } },
        { "unbound", { 0, BOUND }, true, { 1, 1 } },
        { "unbound, the other is latched", { 0, BOUND | DPCI_EOI_LATCH }, true, { 1, 0 } },
    };
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct device_setup *device = scene_init(&scene, "softirq-requeue");
        own_xen_device(device)->binding = DEVICE_BINDING_INTX;
        own_xen_device(device)->line = 7;
        scene_open(&scene, time_out);
        struct pirq *pirqs = domain_of(&scene)->pirqs;
        for (int n = 0; n < 2; n++) {
            assert_ptr_equal(pirqs[n].line, pirqs[0].line);
            pirqs[n].flags = rows[i].flags[n];
            pirqs[n].pending = 1;
        }
        pirqs[0].is_asserted = true;
        pirqs[0].line->assert_count = 1;
        pirqs[0].line->remote_irr = true; /* nothing is injected */
        scene_run(&scene);
        for (int n = 0; n < 2; n++) {
            if (pirqs[n].pending != rows[i].pending_left[n])
                fail_msg("%s: %u of %d pending", rows[i].label, pirqs[n].pending, n);
            assert_int_equal(pirqs[n].flags, rows[i].flags[n] & ~(uint32_t)DPCI_EOI_LATCH);
        }
        assert_int_equal(pirqs[0].is_asserted, rows[i].is_asserted);
        assert_int_equal(pirqs[0].line->assert_count, rows[i].is_asserted);
        model_close(&scene.fixture);
    }
}

/* --- a delivery that a timeout cancels --- */

struct cancel_row {
    const char *design;
    bool is_cancelled; /* by the timeout */
};

static bool is_delivered;

/* event_lock is held until the delivery on pCPU 1 waits for it. */
static void hold_and_cancel(struct cpu *cpu, struct scene *scene)
{
    const struct cancel_row *row = scene->row;
    struct pirq *pirq = pirq_of(scene);
    struct xen_cpu *there = &scene->xen->cpus[1];

    spin_lock(cpu, &domain_of(scene)->event_lock);
    pirq->state.value = DPCI_STATE_SCHED;
    pirq->masked.value = 1;
    domain_of(scene)->refcnt.value++;
    list_add_tail(&pirq->softirq_link, &there->dpci_list);
    cpu_raise_softirq(cpu, there, HVM_DPCI_SOFTIRQ);
    cpu_spend_software(cpu, 1000000);
    cpu_settle(cpu);
    assert_true(list_is_empty(&pirq->softirq_link));
    if (row->is_cancelled)
        scene->xen->dpci->time_out(cpu, pirq);
    spin_unlock(cpu, &domain_of(scene)->event_lock);
    for (int i = 0; i < 1000; i++) {
        cpu_relax(cpu);
        cpu_settle(cpu);
        is_delivered |= vlapic_is_in_irr(pirq->dest_vcpu, pirq->gvec);
    }
}

/* States look under event_lock whether there is still something to deliver; the gate is closed by whoever comes first.
 */
static void a_timeout_cancels_what_waits(void **state)
{
    static const struct cancel_row rows[] = {
        { "softirq-states", false },
        { "softirq-states", true },
        { "softirq-gated", false },
        { "softirq-gated", true },
    };
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        scene_init(&scene, rows[i].design);
        scene_open(&scene, hold_and_cancel);
        scene.row = &rows[i];
        is_delivered = false;
        scene_run(&scene);
        if (is_delivered == rows[i].is_cancelled)
            fail_msg("row %zu: is%s delivered", i, is_delivered ? "" : " not");
        assert_int_equal(word_peek(&pirq_of(&scene)->state), 0);
        assert_int_equal(word_peek(&domain_of(&scene)->refcnt), 1);
        model_close(&scene.fixture);
    }
}

/* --- the state table of posted interrupts --- */

static void enter_with_sn(struct cpu *cpu, struct vcpu *v)
{
    v->posted->descriptor.control.value |= PI_SN;
    posted_check_entry(cpu, v, true);
}

static void enter_elsewhere(struct cpu *cpu, struct vcpu *v) { posted_check_entry(cpu, v, true); }
static void enter_without_hook(struct cpu *cpu, struct vcpu *v) { posted_check_entry(cpu, v, false); }

static void enter_listed(struct cpu *cpu, struct vcpu *v)
{
    v->posted->blocking_lock.value = cpu->id + 1;
    posted_check_entry(cpu, v, true);
}

static void list_it_here(struct cpu *cpu, struct vcpu *v)
{
    v->posted->blocking_lock.value = cpu->id + 1;
    posted_check_list(cpu, v);
}

static void list_it_there(struct cpu *cpu, struct vcpu *v)
{
    v->posted->blocking_lock.value = cpu->id + 2;
    posted_check_list(cpu, v);
}

static const struct breach_row {
    void (*check)(struct cpu *cpu, struct vcpu *v);
    uint32_t cpu; /* in NDST */
    enum posted_breach breach;
    const char *text;
} breaches[] = {
    { enter_elsewhere, 0, POSTED_BREACH_NONE, "" },
    { enter_without_hook, 1, POSTED_BREACH_NONE, "" },
    { list_it_here, 0, POSTED_BREACH_NONE, "" },
    { enter_with_sn, 0, POSTED_BREACH_ENTRY_SN, "has entered guest mode with SN set" },
    { enter_elsewhere, 1, POSTED_BREACH_ENTRY_NDST, "has entered guest mode with another pCPU in NDST" },
    { enter_listed, 0, POSTED_BREACH_ENTRY_LISTED, "has entered guest mode while on a blocking list" },
    { list_it_there, 0, POSTED_BREACH_WRONG_LIST, "was on a different blocking list than its blocking lock says" },
};

static void check_posted(struct cpu *cpu, struct scene *scene)
{
    const struct breach_row *row = scene->row;
    struct vcpu *v = &domain_of(scene)->vcpus[0];

    uint64_t control = v->posted->descriptor.control.value, lock = v->posted->blocking_lock.value;
    v->posted->blocking_lock.value = 0;
    v->posted->descriptor.control.value = (uint64_t)VECTOR_POSTED << PI_NV_SHIFT | (uint64_t)row->cpu << PI_NDST_SHIFT;
    row->check(cpu, v);
    assert_int_equal(v->posted->breach, row->breach);
    assert_int_equal(scene->xen->posted->statistics.mismatches, row->breach != POSTED_BREACH_NONE);
    v->posted->descriptor.control.value = control;
    v->posted->blocking_lock.value = lock;
}

static void run_posted(void *argument)
{
    struct scene *scene = argument;

    scene_open(scene, check_posted);
    model_advance(&scene->fixture, 2 * MS);
}

/* With every fix a breach is an error of the model; with one left out it is only counted. */
static void breaches_end_a_run_with_every_fix(void **state)
{
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < COUNT(breaches); i++)
        for (int lacks = 0; lacks < 2; lacks++) {
            char text[2048];

            scene_init(&scene, "softirq-requeue");
            scene.row = &breaches[i];
            own_xen(&scene.setup)->posted = true;
            if (lacks)
                (void)snprintf(own_xen(&scene.setup)->posted_without, SETUP_NAME_BYTES, "%s",
                               posted_fix_names[POSTED_FIX_COUNT - 1].name);
            int code = death_run(run_posted, &scene, text, sizeof(text));
            bool must_end = breaches[i].breach != POSTED_BREACH_NONE && !lacks;
            if (code != (must_end ? DEATH_OF_CHECK : 0) || (must_end && strstr(text, breaches[i].text) == NULL))
                fail_msg("row %zu, lacks %d: exit code %d, %s", i, lacks, code, text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_must_not_be_is_caught),    cmocka_unit_test(the_last_reference_frees),
        cmocka_unit_test(a_bind_moves_to_a_free_vector), cmocka_unit_test(a_timeout_ends_the_whole_line),
        cmocka_unit_test(a_timeout_cancels_what_waits),  cmocka_unit_test(breaches_end_a_run_with_every_fix),
    };

    return cmocka_run_group_tests_name("calls of the Xen model", tests, NULL, NULL);
}
