/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's side of files of Linux, with a kernel of our own in their place (own_kernel.c). tests/code/linux does the
 * same with the real files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "death.h"
#include "base/histogram.h"
#include "code/code.h"
#include "models/own_code.h"
#include "models/registry.h"
#include "models/vfio/own_code.h"
#include "models/vfio/own_objects.h"
#include "models_fixture.h"

#define MS 1000000u

/* --- the object --- */

static struct code_object *kernel; /* that does nothing bad */

static struct code_object *kernel_of(const char *bad) { return own_code("vfio", "vfio/own_kernel.c", "kernel.c", bad); }

static void setup_of(struct setup *setup, const struct code_object *object)
{
    setup_init_plain(setup, "package:1 [numa] core:4 pu:1");
    setup->code = object;
    *own_host(setup) = (struct host_costs){
        HOST_COSTS_WESTMERE, .wake = 700,        .context_switch = 1500, .syscall = 600,
        .irqfd_inject = 800, .workqueue = 1800,  .config_read = 900,     .config_write = 300,
        .mmio_read = 900,    .chip_access = 500, .deactivate = 71,       .mmio_write = 300,
    };
    setup->run = (struct run_setup){ .warmup_ns = 10 * MS, .duration_ns = 90 * MS, .seed = 1 };
    struct guest_setup *guest = setup_guest(setup, "a", 1);
    (void)snprintf(guest->pin, sizeof(guest->pin), "pu:1");
    guest->load = GUEST_LOAD_COMPUTE;
    for (int i = 0; i < 2; i++) {
        struct device_setup *device = setup_device(setup, i == 0 ? "dev-a" : "dev-b", 0);
        own_vfio_device(device)->registers = 2;
        own_vfio_device(device)->line = (uint32_t)i;
        device->handler_ns = 2000;
        device->arrivals.process = ARRIVAL_PERIODIC;
        device->arrivals.rate_millihertz = 1000 * 1000;
    }
}

static void add(struct setup *setup, enum vfio_action kind, uint32_t at_ms)
{
    setup->actions[setup->action_count++] =
        (struct action_setup){ .kind = kind, .at_ns = at_ms * (uint64_t)MS, .cpu = 2 };
}

/* --- runs --- */

static void every_interrupt_goes_through_the_code(void **state)
{
    static const char *const designs[] = { "vfio-automask", "vfio-exclusive" };
    static struct setup setup;
    struct metrics metrics;

    (void)state;
    for (size_t i = 0; i < sizeof(designs) / sizeof(*designs); i++) {
        setup_of(&setup, kernel);
        add(&setup, VFIO_ACTION_UNMASK, 20);
        add(&setup, VFIO_ACTION_UNBIND, 30);
        add(&setup, VFIO_ACTION_BIND, 40);
        add(&setup, VFIO_ACTION_DISINTX_SET, 50); /* this kernel does not know it */
        add(&setup, VFIO_ACTION_DISINTX_CLEAR, 51);
        add(&setup, VFIO_ACTION_TRIGGER_DROP, 60);
        add(&setup, VFIO_ACTION_TRIGGER_SET, 61);
        add(&setup, VFIO_ACTION_UNMASK_DROP, 62);
        add(&setup, VFIO_ACTION_UNMASK_CLOSE, 63);
        model_run(&setup, designs[i], &metrics);
        assert_in_range((uint64_t)metric_of(&metrics, "devices.dev-b.delivered"), 85, 91);
        assert_in_range((uint64_t)metric_of(&metrics, "devices.dev-a.delivered"), 70, 90);
        assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
        metrics_free(&metrics);
    }
}

#define BOOT(kind) \
    "boot 5@0; kvm 0@0; device" kind " 16@0; device" kind " 17@0; eventfd 1@0; eventfd 2@0; " \
    "call 0@0; fd 2@0; call 1@0; fd 3@0; irqfd 1@0; resample 2@0; gsi 0@0; eventfd 3@0; " \
    "eventfd 4@0; call 0@0; fd 4@0; call 1@0; fd 5@0; irqfd 3@0; resample 4@0; gsi 1@0; "
#define IRQS "irq 17@1; irq 16@0; work 1@1; work 0@0; acked 1@1; acked 0@1; "

/* What the kernel is asked for, in order, with the pCPU: two interrupts at 10 and 30 ms, and actions from 15 ms on. */
static const struct {
    const char *design;
    enum vfio_action kinds[4];
    int count;
    const char *said;
} asked[] = {
    { "vfio-automask",
      { VFIO_ACTION_MASK, VFIO_ACTION_UNMASK },
      2,
      BOOT(" 2.3") IRQS "call 2@2; fd 0@2; call 3@2; fd 0@2; " IRQS },
    { "vfio-automask",
      { VFIO_ACTION_UNBIND, VFIO_ACTION_BIND },
      2,
      BOOT(" 2.3") IRQS "no irqfd 1@2; resample 2@2; gsi 0@2; call 4@2; fd 0@2; call 0@2; fd 2@2; call 1@2; "
                        "fd 3@2; irqfd 1@2; resample 2@2; gsi 0@2; " IRQS },
    { "vfio-exclusive",
      { VFIO_ACTION_UNBIND, VFIO_ACTION_BIND },
      2,
      BOOT("") IRQS "no irqfd 1@2; resample 2@2; gsi 0@2; call 4@2; fd 0@2; call 0@2; fd 2@2; call 1@2; "
                    "fd 3@2; irqfd 1@2; resample 2@2; gsi 0@2; " IRQS },
    { "vfio-automask",
      { VFIO_ACTION_TRIGGER_DROP, VFIO_ACTION_TRIGGER_DROP, VFIO_ACTION_TRIGGER_SET, VFIO_ACTION_TRIGGER_SET },
      4,
      BOOT(" 2.3") IRQS "call 0@2; fd 0@2; no irqfd 1@2; resample 2@2; gsi 0@2; close 1@2; eventfd 5@2; "
                        "irqfd 5@2; resample 2@2; gsi 0@2; call 0@2; fd 6@2; " IRQS },
    { "vfio-automask",
      { VFIO_ACTION_UNMASK_DROP, VFIO_ACTION_UNMASK_CLOSE, VFIO_ACTION_UNBIND, VFIO_ACTION_BIND },
      4,
      BOOT(" 2.3") IRQS "call 1@2; fd 0@2; close 2@2; no irqfd 1@2; resample 18446744073709551615@2; gsi 0@2; "
                        "call 4@2; fd 0@2; eventfd 5@2; call 0@2; fd 2@2; call 1@2; fd 6@2; irqfd 1@2; "
                        "resample 5@2; gsi 0@2; " IRQS },
    { "vfio-automask",
      { VFIO_ACTION_TRIGGER_DROP, VFIO_ACTION_UNBIND, VFIO_ACTION_TRIGGER_SET, VFIO_ACTION_BIND },
      4,
      BOOT(" 2.3") IRQS "call 0@2; fd 0@2; no irqfd 1@2; resample 2@2; gsi 0@2; close 1@2; call 4@2; fd 0@2; "
                        "eventfd 5@2; call 0@2; fd 6@2; call 1@2; fd 3@2; irqfd 5@2; resample 2@2; gsi 0@2; " IRQS },
    { "vfio-automask",
      { VFIO_ACTION_DISINTX_SET, VFIO_ACTION_DISINTX_CLEAR },
      2,
      BOOT(" 2.3") IRQS "call 5@2; fd 0@2; call 6@2; fd 0@2; " IRQS },
    { "vfio-automask",
      { VFIO_ACTION_MSI, VFIO_ACTION_INTX },
      2,
      BOOT(" 2.3") IRQS "no irqfd 1@2; resample 2@2; gsi 0@2; call 4@2; fd 0@2; call 0@2; fd 2@2; call 1@2; "
                        "fd 3@2; irqfd 1@2; resample 2@2; gsi 0@2; " IRQS },
    { "vfio-automask",
      { VFIO_ACTION_DESTROY, VFIO_ACTION_BOOT },
      2,
      BOOT(" 2.3") IRQS "no irqfd 1@2; resample 2@2; gsi 0@2; call 4@2; fd 0@2; no irqfd 3@2; resample 4@2; "
                        "gsi 1@2; call 4@2; fd 0@2; call 0@2; fd 2@2; call 1@2; fd 3@2; irqfd 1@2; "
                        "resample 2@2; gsi 0@2; call 0@2; fd 4@2; call 1@2; fd 5@2; irqfd 3@2; resample 4@2; "
                        "gsi 1@2; irq 16@0; irq 17@1; work 1@1; work 0@0; " },
};

static void each_call_comes_in_its_order(void **state)
{
    static uint64_t times_ns[] = { 10 * MS, 40 * MS };

    (void)state;
    for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
        static struct setup setup;
        struct model_fixture fixture;

        setup_of(&setup, kernel);
        for (int device = 0; device < 2; device++)
            setup.devices[device].arrivals =
                (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = times_ns, .time_count = 2 };
        for (int action = 0; action < asked[i].count; action++)
            add(&setup, asked[i].kinds[action], 15 + 5 * (uint32_t)action);
        model_open(&fixture, &setup, asked[i].design);
        model_advance(&fixture, 50 * MS);
        const struct vfio *vfio = ((struct host *)fixture.machine.hypervisor)->model;
        const char *said = code_symbol(vfio->code, "own_said");
        if (strcmp(said, asked[i].said) != 0)
            fail_msg("row %zu: the kernel has been asked for\n%s", i, said);
        model_close(&fixture);
    }
}

/* What the way of an interrupt to the guest's handler takes with one of the costs 1 us higher, in ns. */
static uint64_t latency_with(size_t cost)
{
    static uint64_t times_ns[] = { 20 * MS };
    static struct setup setup;
    struct metrics metrics;
    uint64_t sum = 0;

    setup_of(&setup, kernel);
    setup.device_count = 1;
    setup.devices[0].arrivals =
        (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = times_ns, .time_count = 1 };
    if (cost != 0)
        *(cycles *)(void *)(setup.own + cost) += costs_westmere.frequency_hz / 1000000;
    model_run(&setup, "vfio-automask", &metrics);
    assert_int_equal(metric_of(&metrics, "irq.delivered"), 1);
    for (size_t i = 0; i < metrics.histogram_count; i++)
        if (strcmp(metrics.histograms[i].name, "devices.dev-a.latency") == 0)
            sum += metrics.histograms[i].histogram->sum;
    metrics_free(&metrics);
    return sum;
}

/* The handler masks with a read and a write of the configuration space and wakes a worker, which injects. */
static void each_cost_is_spent_so_often(void **state)
{
    static const struct {
        size_t cost;
        uint64_t times;
    } rows[] = {
        { offsetof(struct host_costs, irqfd_inject), 1 }, { offsetof(struct host_costs, workqueue), 1 },
        { offsetof(struct host_costs, config_read), 1 },  { offsetof(struct host_costs, config_write), 1 },
        { offsetof(struct host_costs, do_irq), 1 },       { offsetof(struct host_costs, userspace), 0 },
    };
    uint64_t plain = latency_with(0);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (latency_with(rows[i].cost) != plain + 1000 * rows[i].times)
            fail_msg("row %zu: %lld ns more", i, (long long)(latency_with(rows[i].cost) - plain));
}

/* While its line is masked, from the handler to the EOI, the model knows it, as it does of its own VFIO. */
static void the_mask_is_followed(void **state)
{
    static uint64_t times_ns[] = { 20 * MS, 40 * MS };
    double masked[2];

    (void)state;
    for (int is_own = 0; is_own < 2; is_own++) {
        static struct setup setup;
        struct metrics metrics;

        setup_of(&setup, is_own ? kernel : NULL);
        for (int device = 0; device < 2; device++)
            setup.devices[device].arrivals =
                (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = times_ns, .time_count = 2 };
        model_run(&setup, "vfio-automask", &metrics);
        masked[is_own] = metric_of(&metrics, "devices.dev-a.masked.percent");
        metrics_free(&metrics);
    }
    if (masked[0] <= 0 || masked[1] < 0.5 * masked[0] || masked[1] > 2 * masked[0])
        fail_msg("masked for %g %% of the time, not for %g %%", masked[1], masked[0]);
}

/* What has been freed gives its lock back: there is room for far fewer at a time. */
static void locks_come_and_go(void **state)
{
    struct code_object *object = kernel_of("static int n;if(n++<20)for(int i=0;i<10;i++){long*l=irqpath_alloc(64,0);"
                                           "irqpath_lock(l);irqpath_unlock(l);irqpath_kfree(l);}");
    static struct setup setup;
    struct metrics metrics;

    (void)state;
    setup_of(&setup, object);
    for (uint32_t i = 0; i < 10; i++)
        add(&setup, i % 2 == 0 ? VFIO_ACTION_MASK : VFIO_ACTION_UNMASK, 80 + i);
    model_run(&setup, "vfio-automask", &metrics);
    assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
    assert_true(metric_of(&metrics, "irq.delivered") > 100);
    metrics_free(&metrics);
    code_object_close(object);
}

/* The handler disables INTx at its end, which nobody enables again. */
static void a_device_without_intx_is_silent(void **state)
{
    static struct setup setup;
    struct code_object *object = kernel_of("irqpath_pci_intx(d->host,0);");
    struct metrics metrics;

    (void)state;
    setup_of(&setup, object);
    model_run(&setup, "vfio-exclusive", &metrics);
    assert_in_range((uint64_t)metric_of(&metrics, "devices.dev-a.delivered"), 0, 2);
    assert_in_range((uint64_t)metric_of(&metrics, "devices.dev-b.delivered"), 0, 2);
    metrics_free(&metrics);
    code_object_close(object);
}

static void some_setups_are_refused(void **state)
{
    static const struct {
        const char *design;
        enum irqchip_kind irqchip;
        enum vfio_revert revert;
        bool is_refused;
    } rows[] = {
        { "vfio-automask", IRQCHIP_KERNEL, VFIO_REVERT_NONE, false },
        { "vfio-exclusive", IRQCHIP_KERNEL, VFIO_REVERT_ONESHOT, false },
        { "vfio-exclusive", IRQCHIP_KERNEL, VFIO_REVERT_UNLAZY, true },
        { "vfio-automask", IRQCHIP_SPLIT, VFIO_REVERT_NONE, true },
        { "vfio-automask", IRQCHIP_USERSPACE, VFIO_REVERT_NONE, true },
        { "vfio-msi", IRQCHIP_KERNEL, VFIO_REVERT_NONE, true },
        { "vfio-direct-eoi", IRQCHIP_KERNEL, VFIO_REVERT_NONE, true },
    };
    static struct setup setup;

    (void)state;
    setup_init_plain(&setup, "package:1 [numa] core:4 pu:1");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct design *design = design_find(rows[i].design);
        own_vfio(&setup)->irqchip = rows[i].irqchip;
        own_vfio(&setup)->revert = rows[i].revert;
        assert_int_equal(design->family->code_refusal(design, &setup) != NULL, rows[i].is_refused);
    }
}

/* --- errors of the code --- */

struct run {
    struct setup setup;
    struct code_object *object;
};

static void run_and_forget(void *argument)
{
    struct run *run = argument;
    struct metrics metrics;

    model_run(&run->setup, "vfio-automask", &metrics);
    metrics_free(&metrics);
}

/* What the handler does at its end. */
static void what_the_code_must_not_do_ends_the_run(void **state)
{
    static const struct {
        const char *bad, *text;
    } rows[] = {
        { "irqpath_unlock(&d->lock);", "a lock is released that this CPU does not hold" },
        { "irqpath_mutex_unlock(&d->gate);", "a mutex is released by a thread that does not hold it" },
        { "irqpath_work_queue(0,&d->second);irqpath_kfree(d);", "a work item is freed while it is queued" },
        { "irqpath_work_queue(0,lone);irqpath_kfree(lone);", "a work item is freed while it is queued" },
        { "irqpath_lock(&d->lock);irqpath_kfree(d);", "a lock is freed while it is held" },
        { "static long*old;if(old)irqpath_lock(old);else{old=irqpath_alloc(64,0);irqpath_kfree(old);}",
          "used after its object has been freed" },
        { "static long*old;if(old)irqpath_work_name(old);else{old=irqpath_alloc(64,0);irqpath_kfree(old);}",
          "a mutex or work item is used after its object has been freed" },
        { "irqpath_work_flush(&d->work);", "may sleep in an interrupt" },
        { "irqpath_mutex_lock(&d->spare);", "may sleep in an interrupt" },
        { "irqpath_request_irq(d->host,handle,0,d);", "requested twice for the same device" },
        { "irqpath_disable_irq_nosync(99);", "an interrupt that the host does not have" },
        { "irqpath_kvm_set_irq(d->guest,1,9,1);", "a GSI that the guest does not have" },
        { "irqpath_kfree((char*)d+8);", "memory is freed that was not allocated" },
        { "irqpath_mutex_name(&d->srcu[7],\"late\");", "more mutexes or work items than irqpath has set aside" },
        { "long here=0;irqpath_work_queue(0,&here);", "is on a stack or at a wild address" },
    };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        run.object = kernel_of(rows[i].bad);
        setup_of(&run.setup, run.object);
        assert_check_fails(run_and_forget, &run, rows[i].text);
        code_object_close(run.object);
    }
}

/* As the model calls the same locks. */
static void locks_have_the_model_s_names(void **state)
{
    static const char *const rows[][2] = {
        { "&vdev->irqlock", "irqlock" },
        { "vdev->igate", "igate" },
        { "wq_head->lock", "wqh" },
        { "&wq_head->lock", "wqh" },
        { "&x->wait.lock", "wqh" },
        { "lock", "lock" },
        { "&lock", "lock" },
        { "virqfd_lock", "virqfd_lock" },
        { "y->wait.lock", "wait.lock" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_string_equal(own_name_of(rows[i][0]), rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_interrupt_goes_through_the_code),
        cmocka_unit_test(each_call_comes_in_its_order),
        cmocka_unit_test(each_cost_is_spent_so_often),
        cmocka_unit_test(the_mask_is_followed),
        cmocka_unit_test(locks_come_and_go),
        cmocka_unit_test(a_device_without_intx_is_silent),
        cmocka_unit_test(some_setups_are_refused),
        cmocka_unit_test(locks_have_the_model_s_names),
        cmocka_unit_test(what_the_code_must_not_do_ends_the_run),
    };

    kernel = kernel_of("");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    code_object_close(kernel);
    return failed;
}
