/* SPDX-License-Identifier: Apache-2.0
 *
 * Xen's side of its own files, with files of our own in their place (own_files.c): tasklets, dPCI and softirqs in
 * runs, under control actions and CPU hotplug. Counts are those of the built-in designs. tests/code/xen does the same
 * with the real files.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "death.h"
#include "models/own_code.h"
#include "models/xen/own_parts.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MS UINT64_C(1000000)

/* --- the object --- */

static struct code_object *object_of(const char *files, const char *bad)
{
    return own_code("xen", "xen/own_files.c", files, bad);
}

static const char *const files_of[] = { "common/tasklet.c", "drivers/passthrough/io.c", "common/softirq.c" };
enum { TASKLETS, DPCI, SOFTIRQS };

static struct code_object *objects[COUNT(files_of)]; /* without anything bad */

/* One guest of two vCPUs on pCPUs 1 and 2; the control domain has pCPU 0. */
static struct device_setup *setup_of(struct setup *setup, enum device_binding binding, enum device_delivery delivery)
{
    setup_init(setup, "package:1 [numa] core:3 pu:1");
    setup->run = (struct run_setup){ .warmup_ns = MS, .duration_ns = 40 * MS, .seed = 3, .policy = POLICY_TIMED };
    struct guest_setup *guest = setup_guest(setup, "busy", 2);
    (void)snprintf(guest->pin, sizeof(guest->pin), "core:1-2");
    struct device_setup *device = setup_device(setup, "nic", 0);
    own_xen_device(device)->binding = binding;
    own_xen_device(device)->delivery = delivery;
    device->vectors = binding == DEVICE_BINDING_MSI ? 4 : 1;
    device->arrivals.process = ARRIVAL_PERIODIC;
    device->arrivals.rate_millihertz = 5000000;
    return device;
}

static struct action_setup *act(struct setup *setup, enum xen_action kind, uint64_t at_ns)
{
    struct action_setup *action = &setup->actions[setup->action_count++];

    *action = (struct action_setup){ .kind = kind, .at_ns = at_ns };
    return action;
}

static double of(const struct metrics *metrics, const char *name) { return metric_of(metrics, name); }

/* --- runs --- */

/* Every interrupt comes, through the tree's list, as often as in the built-in design, and nearly as fast. */
static void every_interrupt_goes_through_the_files(void **state)
{
    static const struct {
        int files;
        const char *design;
        enum device_binding binding;
        enum device_delivery delivery;
    } rows[] = {
        { DPCI, "softirq-requeue", DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC },
        { DPCI, "softirq-requeue", DEVICE_BINDING_MSI, DEVICE_DELIVERY_EVENT },
        { DPCI, "softirq-requeue", DEVICE_BINDING_INTX, DEVICE_DELIVERY_LAPIC },
        { TASKLETS, "domain-tasklet", DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC },
        { TASKLETS, "pirq-tasklet", DEVICE_BINDING_MSI, DEVICE_DELIVERY_EVENT },
        { SOFTIRQS, "softirq-requeue", DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC },
        { SOFTIRQS, "softirq-masked", DEVICE_BINDING_INTX, DEVICE_DELIVERY_LAPIC },
        { SOFTIRQS, "domain-tasklet", DEVICE_BINDING_MSI, DEVICE_DELIVERY_EVENT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double delivered[2], mean[2];
        for (int is_own = 0; is_own < 2; is_own++) {
            struct setup setup;
            struct metrics metrics;

            (void)setup_of(&setup, rows[i].binding, rows[i].delivery);
            setup.code = is_own ? objects[rows[i].files] : NULL;
            model_run(&setup, rows[i].design, &metrics);
            assert_int_equal(of(&metrics, "irq.lost"), 0);
            delivered[is_own] = of(&metrics, "irq.delivered") + of(&metrics, "irq.coalesced");
            mean[is_own] = of(&metrics, "irq.latency.mean_ns");
            metrics_free(&metrics);
        }
        if (delivered[0] != delivered[1] || mean[1] < 0.7 * mean[0] || mean[1] > 1.5 * mean[0])
            fail_msg("row %zu: %.0f of %.0f delivered, in %.0f of %.0f ns", i, delivered[1], delivered[0], mean[1],
                     mean[0]);
    }
}

static void control_actions_go_through_the_files(void **state)
{
    static const struct {
        int files;
        const char *design;
        enum xen_action kinds[3]; /* at 10, 15 and 20 ms */
        int count;
        bool ends; /* the guest or the device is gone then */
    } rows[] = {
        { DPCI, "softirq-requeue", { XEN_ACTION_UNBIND, XEN_ACTION_BIND }, 2, false },
        { DPCI, "softirq-requeue", { XEN_ACTION_AFFINITY }, 1, false },
        { DPCI, "softirq-requeue", { XEN_ACTION_DESTROY }, 1, true },
        { TASKLETS, "domain-tasklet", { XEN_ACTION_TASKLET }, 1, false },
        { TASKLETS, "domain-tasklet", { XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE }, 2, false },
        { DPCI, "softirq-hotplug", { XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE }, 2, false },
        { SOFTIRQS, "softirq-hotplug", { XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE }, 2, false },
        { SOFTIRQS, "softirq-masked", { XEN_ACTION_BIND }, 1, false },
        { SOFTIRQS, "domain-tasklet", { XEN_ACTION_TASKLET }, 1, false },
        { SOFTIRQS, "softirq-requeue", { XEN_ACTION_DESTROY }, 1, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double delivered[2];
        for (int is_own = 0; is_own < 2; is_own++) {
            struct setup setup;
            struct metrics metrics;

            (void)setup_of(&setup, DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC);
            for (int action = 0; action < rows[i].count; action++) {
                struct action_setup *row = act(&setup, rows[i].kinds[action], (10 + 5 * (uint64_t)action) * MS);
                own_xen_action(row)->target = 2;
                own_xen_action(row)->work_ns = 20000;
            }
            setup.code = is_own ? objects[rows[i].files] : NULL;
            model_run(&setup, rows[i].design, &metrics);
            assert_int_equal(of(&metrics, "irq.lost"), 0);
            delivered[is_own] = of(&metrics, "irq.delivered");
            if (rows[i].ends != (delivered[is_own] < 400))
                fail_msg("row %zu, own %d: %.0f delivered", i, is_own, delivered[is_own]);
            metrics_free(&metrics);
        }
        if (delivered[1] < 0.9 * delivered[0] || delivered[1] > 1.1 * delivered[0])
            fail_msg("row %zu: %.0f delivered, built-in %.0f", i, delivered[1], delivered[0]);
    }
}

/* While all pCPUs run the code nearly always, each call comes on its own pCPU (own_files.c asks), and the interrupts
 * that arrive are those of the built-in design, of which more or fewer coalesce. */
static void busy_pcpus_keep_apart(void **state)
{
    static const struct {
        int files;
        const char *design;
        enum xen_action kinds[3]; /* at 2, 4 and 6 ms */
        int count;
    } rows[] = {
        { DPCI, "softirq-requeue", { XEN_ACTION_UNBIND, XEN_ACTION_BIND, XEN_ACTION_REBIND_IN_EXIT }, 3 },
        { DPCI, "softirq-requeue", { XEN_ACTION_AFFINITY, XEN_ACTION_SPREAD }, 2 },
        { DPCI, "softirq-requeue", { XEN_ACTION_DETACH, XEN_ACTION_ATTACH }, 2 },
        { DPCI, "softirq-requeue", { XEN_ACTION_UNBIND, XEN_ACTION_UNMAP }, 2 },
        { DPCI, "softirq-requeue", { XEN_ACTION_DESTROY }, 1 },
        { DPCI, "softirq-hotplug", { XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE }, 2 },
        { TASKLETS, "domain-tasklet", { XEN_ACTION_TASKLET, XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE }, 3 },
        { TASKLETS, "pirq-tasklet", { XEN_ACTION_UNBIND, XEN_ACTION_BIND, XEN_ACTION_DESTROY }, 3 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double raised[2], arrived[2], discarded[2];
        for (int is_own = 0; is_own < 2; is_own++) {
            struct setup setup;
            struct metrics metrics;

            struct device_setup *device = setup_of(&setup, DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC);
            device->vectors = 2;
            device->arrivals.process = ARRIVAL_POISSON;
            device->arrivals.rate_millihertz = 60000000;
            setup.run.duration_ns = 8 * MS;
            for (int action = 0; action < rows[i].count; action++) {
                struct action_setup *row = act(&setup, rows[i].kinds[action], (2 + 2 * (uint64_t)action) * MS);
                own_xen_action(row)->target = 2;
                own_xen_action(row)->work_ns = 20000;
            }
            setup.code = is_own ? objects[rows[i].files] : NULL;
            model_run(&setup, rows[i].design, &metrics);
            raised[is_own] = of(&metrics, "irq.raised");
            arrived[is_own] = of(&metrics, "irq.delivered") + of(&metrics, "irq.coalesced");
            discarded[is_own] = of(&metrics, "irq.discarded");
            assert_int_equal(of(&metrics, "irq.lost"), 0);
            metrics_free(&metrics);
        }
        if (raised[0] != raised[1] || fabs(arrived[0] - arrived[1]) > 2 || fabs(discarded[0] - discarded[1]) > 1)
            fail_msg("row %zu: %.0f of %.0f raised, %.0f of %.0f have arrived, %.0f of %.0f are discarded", i,
                     raised[1], raised[0], arrived[1], arrived[0], discarded[1], discarded[0]);
    }
}

/* What the files are asked for, in order, with the pCPU: two interrupts at 10 and 30 ms, and actions at 20 and 25 ms.
 * '*': and that again for as long as the control domain waits for the other pCPU. */
static const struct {
    int files;
    const char *design;
    enum device_binding binding;
    enum xen_action kinds[2];
    int count;
    const char *said;
    uint32_t line;
} asked[] = {
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_UNBIND, XEN_ACTION_BIND },
      2,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to 49000@0; irq 1@1; softirq 0@1; "
      "deliver 49@1; put 2@1; msi eoi 49@1; unbind 0@0; bind 0@0; to 49000@0; irq 1@1; "
      "softirq 0@1; deliver 49@1; put 2@1; msi eoi 49@1; ",
      0 },
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_AFFINITY, XEN_ACTION_SPREAD },
      2,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to 49000@0; irq 1@1; softirq 0@1; "
      "deliver 49@1; put 2@1; msi eoi 49@1; bind 0@0; to 49001@0; bind 0@0; to 49255@0; irq 1@1; "
      "softirq 0@1; deliver 49@1; put 2@1; msi eoi 49@1; msi eoi 49@2; ",
      0 },
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_UNBIND, XEN_ACTION_UNMAP },
      2,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to 49000@0; irq 1@1; softirq 0@1; "
      "deliver 49@1; put 2@1; msi eoi 49@1; unbind 0@0; ",
      0 },
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_DETACH, XEN_ACTION_ATTACH },
      2,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to 49000@0; irq 1@1; softirq 0@1; "
      "deliver 49@1; put 2@1; msi eoi 49@1; unbind 0@0; bind 0@0; to 49000@0; irq 1@1; "
      "softirq 0@1; deliver 49@1; put 2@1; msi eoi 49@1; ",
      0 },
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_DESTROY },
      1,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to 49000@0; irq 1@1; softirq 0@1; "
      "deliver 49@1; put 2@1; msi eoi 49@1; clean 0@0; put 1@0; grace 0@0; ",
      0 },
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_INTX,
      { XEN_ACTION_REBIND_IN_EXIT },
      0,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to line 0@0; irq 1@1; softirq 0@1; "
      "deliver 0@1; put 2@1; eoi 16@1; msi eoi 49@1; irq 1@1; softirq 0@1; deliver 0@1; put 2@1; "
      "eoi 16@1; msi eoi 49@1; ",
      0 },
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_TRANSLATE,
      { XEN_ACTION_UNBIND, XEN_ACTION_BIND },
      2,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to line 0@0; irq 1@1; softirq 0@1; "
      "deliver 0@1; put 2@1; eoi 16@1; msi eoi 49@1; unbind 0@0; bind 0@0; to line 0@0; irq 1@1; "
      "softirq 0@1; deliver 0@1; put 2@1; eoi 16@1; msi eoi 49@1; ",
      0 },
    { DPCI,
      "softirq-hotplug",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE },
      2,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to 49000@0; irq 1@1; softirq 0@1; "
      "deliver 49@1; put 2@1; msi eoi 49@1; dead 1@0; up 1@0; irq 1@2; softirq 0@2; deliver 49@2; "
      "put 2@2; msi eoi 49@2; ",
      0 },
    { TASKLETS,
      "domain-tasklet",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_TASKLET },
      1,
      "tasklet_new 1@0; tasklet_new 1@0; tasklet_new 1@0; tasklet_new 0@0; schedule on 1@1; "
      "run 1@1; schedule on 1@0; run 0@1; schedule on 1@1; run 1@1; ",
      0 },
    { TASKLETS,
      "pirq-tasklet",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_DESTROY },
      1,
      "tasklet_new 1@0; tasklet_new 1@0; tasklet_new 1@0; tasklet_new 0@0; schedule on 1@1; "
      "run 1@1; kill 0@0; ",
      0 },
    { TASKLETS,
      "domain-tasklet",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE },
      2,
      "tasklet_new 1@0; tasklet_new 1@0; tasklet_new 1@0; tasklet_new 0@0; tasklet_new 0@0; "
      "schedule on 1@1; run 1@1; dead 1@0; up 1@0; schedule on 2@2; run 1@2; ",
      0 },
    { DPCI,
      "softirq-requeue",
      DEVICE_BINDING_INTX,
      { XEN_ACTION_AFFINITY },
      0,
      "domain 201@0; vcpu 0@0; vcpu 1@0; pirq 0@0; bind 0@0; to line 13@0; irq 1@1; softirq 0@1; "
      "deliver 0@1; put 2@1; eoi 23@1; msi eoi 49@1; irq 1@1; softirq 0@1; deliver 0@1; put 2@1; "
      "eoi 23@1; msi eoi 49@1; ",
      7 },
    { SOFTIRQS,
      "softirq-hotplug",
      DEVICE_BINDING_MSI,
      { XEN_ACTION_OFFLINE, XEN_ACTION_ONLINE },
      2,
      "open 0@0; open 1@0; open 2@0; open 3@0; open 4@0; open 5@0; dead 1@0; up 1@0; process 0@0; *",
      0 },
};

static void each_call_comes_in_its_order(void **state)
{
    static uint64_t times_ns[] = { 10 * MS, 30 * MS };

    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        static struct setup setup;
        struct model_fixture fixture;

        struct device_setup *device = setup_of(&setup, asked[i].binding, DEVICE_DELIVERY_LAPIC);
        device->vectors = 1;
        own_xen_device(device)->line = asked[i].line;
        device->arrivals =
            (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = times_ns, .time_count = COUNT(times_ns) };
        for (int action = 0; action < asked[i].count; action++)
            own_xen_action(act(&setup, asked[i].kinds[action], (20 + 5 * (uint64_t)action) * MS))->target = 1;
        setup.code = objects[asked[i].files];
        model_open(&fixture, &setup, asked[i].design);
        model_advance(&fixture, 40 * MS);
        const struct xen *xen = fixture.machine.hypervisor;
        const char *said = code_symbol(xen->code->code, "own_said");
        size_t bytes = strcspn(asked[i].said, "*");
        if (strncmp(said, asked[i].said, bytes) != 0 || (asked[i].said[bytes] == '\0' && said[bytes] != '\0'))
            fail_msg("row %zu: the files have been asked for\n%s", i, said);
        model_close(&fixture);
    }
}

/* The files are told whether the IOMMU posts; without it they say nothing of it, in the rows above. */
static void a_domain_knows_of_posting(void **state)
{
    static struct setup setup;
    struct model_fixture fixture;

    (void)state;
    (void)setup_of(&setup, DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC);
    own_xen(&setup)->posted = true;
    setup.code = objects[DPCI];
    model_open(&fixture, &setup, "softirq-requeue");
    const struct xen *xen = fixture.machine.hypervisor;
    const char *said = code_symbol(xen->code->code, "own_said"), *first = "domain 204@0; posted 1@0; ";
    if (strncmp(said, first, strlen(first)) != 0)
        fail_msg("the files have been asked for\n%s", said);
    model_close(&fixture);
}

/* A bind takes event_lock, and the walk of the guest's PIRQs, which the files ask for behind it, takes it once more. */
static void a_bind_walks_the_pirqs(void **state)
{
    static const struct {
        enum xen_action kind;
        double takes;
    } rows[] = {
        { XEN_ACTION_TASKLET, 0 }, { XEN_ACTION_BIND, 2 }, { XEN_ACTION_AFFINITY, 2 }, { XEN_ACTION_SPREAD, 1 }
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        struct device_setup *device = setup_of(&setup, DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC);
        device->vectors = 1;
        device->arrivals.rate_millihertz = 1;
        act(&setup, rows[i].kind, 10 * MS);
        setup.code = objects[DPCI];
        model_run(&setup, "softirq-requeue", &metrics);
        assert_int_equal(of(&metrics, "locks.event_lock.acquisitions"), rows[i].takes);
        metrics_free(&metrics);
    }
}

/* --- errors of the code --- */

static void run_and_forget(void *argument)
{
    struct metrics metrics;

    model_run(argument, "softirq-requeue", &metrics);
    metrics_free(&metrics);
}

static void what_the_code_must_not_do_ends_the_run(void **state)
{
    static const struct {
        const char *bad, *text;
    } rows[] = {
        { "irqpath_unlock(&d->event_lock);irqpath_unlock(&d->event_lock);", "a lock is released that this CPU does not "
                                                                            "hold" },
        { "irqpath_raise_softirq(0,IRQPATH_OTHER_SOFTIRQ);", "a softirq is raised that the model does not have" },
        { "irqpath_intx_assert(d->host,31,3,1);", "the line of a slot and pin that no device of the guest has" },
        { "irqpath_timer_set(&d->references,1);", "a timer is used that was never initialised" },
        { "irqpath_timer_init(&d->references,0,0,0);", "a timer is initialised outside of a bind" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct code_object *object = object_of(files_of[DPCI], rows[i].bad);
        struct setup setup;

        (void)setup_of(&setup, DEVICE_BINDING_MSI, DEVICE_DELIVERY_LAPIC);
        setup.code = object;
        assert_check_fails(run_and_forget, &setup, rows[i].text);
        code_object_close(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_interrupt_goes_through_the_files),
        cmocka_unit_test(control_actions_go_through_the_files),
        cmocka_unit_test(busy_pcpus_keep_apart),
        cmocka_unit_test(each_call_comes_in_its_order),
        cmocka_unit_test(a_domain_knows_of_posting),
        cmocka_unit_test(a_bind_walks_the_pirqs),
        cmocka_unit_test(what_the_code_must_not_do_ends_the_run),
    };

    for (size_t i = 0; i < COUNT(files_of); i++)
        objects[i] = object_of(files_of[i], "");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < COUNT(files_of); i++)
        code_object_close(objects[i]);
    return failed;
}
