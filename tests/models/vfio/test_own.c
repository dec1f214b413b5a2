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
#include "models/own_code.h"
#include "models/registry.h"
#include "models_fixture.h"

#define MS 1000000u

/* --- the object --- */

static void open_setup(struct setup *setup, struct code_object **object, const char *bad)
{
    *object = own_code("vfio", "vfio/own_kernel.c", "kernel.c", bad);
    setup_init_plain(setup, "package:1 [numa] core:4 pu:1");
    setup->code = *object;
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
    struct code_object *object;
    struct metrics metrics;

    (void)state;
    for (size_t i = 0; i < sizeof(designs) / sizeof(*designs); i++) {
        open_setup(&setup, &object, "");
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
        code_object_close(object);
        memset(&setup, 0, sizeof(setup));
    }
}

/* The handler disables INTx at its end, which nobody enables again. */
static void a_device_without_intx_is_silent(void **state)
{
    static struct setup setup;
    struct code_object *object;
    struct metrics metrics;

    (void)state;
    open_setup(&setup, &object, "irqpath_pci_intx(d->host,0);");
    model_run(&setup, "vfio-exclusive", &metrics);
    assert_in_range((uint64_t)metric_of(&metrics, "devices.dev-a.delivered"), 0, 2);
    assert_in_range((uint64_t)metric_of(&metrics, "devices.dev-b.delivered"), 0, 2);
    metrics_free(&metrics);
    code_object_close(object);
    memset(&setup, 0, sizeof(setup));
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
        open_setup(&run.setup, &run.object, rows[i].bad);
        assert_check_fails(run_and_forget, &run, rows[i].text);
        code_object_close(run.object);
        memset(&run, 0, sizeof(run));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_interrupt_goes_through_the_code),
        cmocka_unit_test(a_device_without_intx_is_silent),
        cmocka_unit_test(some_setups_are_refused),
        cmocka_unit_test(what_the_code_must_not_do_ends_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
