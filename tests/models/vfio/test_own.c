/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's side of files of Linux, with a kernel of our own in their place: one file that masks in the handler,
 * injects from a work item, and unmasks at the EOI. tests/code/linux does the same with the real files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "code/code_sample.h"
#include "code/object.h"
#include "death.h"
#include "models/registry.h"
#include "models_fixture.h"

#define MS 1000000u

/* SAME: a call that may suspend comes back to its CPU, on which no other one has run the code meanwhile. */
static const char *const kernel_text =
    "#include \"irqpath_linux.h\"\n"
    "#define SAME(call) \\\n"
    "    do { \\\n"
    "        unsigned cpu_of_call = irqpath_cpu(); \\\n"
    "        call; \\\n"
    "        if (irqpath_cpu() != cpu_of_call) irqpath_bug(\"a call comes back to another CPU\"); \\\n"
    "    } while (0)\n"
    "struct device {\n"
    "    void *host, *guest; unsigned irq, gsi; int is_pci_2_3, is_masked, is_intx;\n"
    "    long lock, gate, spare, work, second, third, srcu[8];\n"
    "};\n"
    "static struct device *devices[8];\n"
    "static int count, files, has_run, is_reading;\n"
    "static void *queue, *other;\n"
    "static long *lone;\n"
    "void irqpath_linux_boot(unsigned n)\n"
    "{\n"
    "    (void)n;\n"
    "    queue = irqpath_queue_new(\"ordered\", 1);\n"
    "    other = irqpath_queue_new(\"other\", 0);\n"
    "}\n"
    "int irqpath_eventfd(void) { return ++files; }\n"
    "void irqpath_close(int fd) { (void)fd; }\n"
    "/* Reads for long. */\n"
    "static void read_long(struct device *d)\n"
    "{\n"
    "    int index;\n"
    "    SAME(index = irqpath_srcu_read_lock(d->srcu));\n"
    "    is_reading = 1;\n"
    "    for (int i = 0; i < 300; i++) SAME(irqpath_relax());\n"
    "    is_reading = 0;\n"
    "    SAME(irqpath_srcu_read_unlock(d->srcu, index));\n"
    "    has_run++;\n"
    "}\n"
    "void irqpath_linux_work(void *work)\n"
    "{\n"
    "    struct device *d = 0;\n"
    "    int index;\n"
    "    for (int i = 0; i < count; i++) {\n"
    "        if (work == &devices[i]->second) { read_long(devices[i]); return; }\n"
    "        if (work == &devices[i]->third) { for (int j = 0; j < 300; j++) irqpath_relax(); has_run++; return; }\n"
    "        if (work == &devices[i]->work) d = devices[i];\n"
    "    }\n"
    "    SAME(index = irqpath_srcu_read_lock(d->srcu));\n"
    "    SAME(irqpath_kvm_set_irq(d->guest, 1, d->gsi, 1));\n"
    "    SAME(irqpath_srcu_read_unlock(d->srcu, index));\n"
    "}\n"
    "static int handle(int irq, void *device)\n"
    "{\n"
    "    struct device *d = device;\n"
    "    int is_ours = 1;\n"
    "    unsigned long flags = irqpath_lock_irqsave(&d->lock);\n"
    "    if (d->is_pci_2_3) {\n"
    "        if (d->is_masked) is_ours = 0;\n"
    "        else SAME(is_ours = irqpath_pci_check_and_mask_intx(d->host));\n"
    "    } else {\n"
    "        SAME(irqpath_disable_irq_nosync((unsigned)irq));\n"
    "    }\n"
    "    if (is_ours) d->is_masked = 1;\n"
    "    irqpath_unlock_irqrestore(&d->lock, flags);\n"
    "    if (is_ours) SAME(irqpath_work_queue(0, &d->work));\n"
    "    BAD\n"
    "    return is_ours;\n"
    "}\n"
    "void *irqpath_vfio_new(void *host, unsigned irq, int is_pci_2_3)\n"
    "{\n"
    "    struct device *d = irqpath_alloc(sizeof(*d), \"struct device\");\n"
    "    d->host = host; d->irq = irq; d->is_pci_2_3 = is_pci_2_3;\n"
    "    irqpath_lock_name(&d->lock, \"&vdev->irqlock\");\n"
    "    irqpath_mutex_name(&d->gate, \"&vdev->igate\");\n"
    "    irqpath_mutex_name(&d->spare, \"spare\");\n"
    "    irqpath_work_name(&d->work);\n"
    "    irqpath_work_name(&d->second);\n"
    "    irqpath_work_name(&d->third);\n"
    "    irqpath_work_name(lone = irqpath_alloc(64, 0));\n"
    "    irqpath_srcu_synchronize(d->srcu);\n"
    "    irqpath_srcu_read_unlock(d->srcu, irqpath_srcu_read_lock(d->srcu));\n"
    "    return devices[count++] = d;\n"
    "}\n";
static const char *const calls_text =
    "static void unmask(struct device *d)\n"
    "{\n"
    "    unsigned long flags = irqpath_lock_irqsave(&d->lock);\n"
    "    int again = 0;\n"
    "    if (d->is_masked && d->is_intx) {\n"
    "        if (!d->is_pci_2_3) SAME(irqpath_enable_irq(d->irq));\n"
    "        else SAME(again = !irqpath_pci_check_and_unmask_intx(d->host));\n"
    "        d->is_masked = again;\n"
    "    }\n"
    "    irqpath_unlock_irqrestore(&d->lock, flags);\n"
    "    if (again) SAME(irqpath_work_queue(0, &d->work));\n"
    "}\n"
    "/* Whatever waits for the work of others waits until it is done. */\n"
    "static void wait_for_all(struct device *d)\n"
    "{\n"
    "    int result;\n"
    "    has_run = is_reading = 0;\n"
    "    SAME(irqpath_work_queue(queue, &d->second));\n"
    "    while (!*(volatile int *)&is_reading) SAME(irqpath_relax());\n"
    "    SAME(irqpath_srcu_synchronize(d->srcu));\n"
    "    if (*(volatile int *)&is_reading) irqpath_bug(\"the grace period does not wait\");\n"
    "    SAME(irqpath_queue_flush(queue));\n"
    "    if (has_run != 1) irqpath_bug(\"the flush of an ordered queue does not wait\");\n"
    "    SAME(result = irqpath_work_queue(queue, &d->second));\n"
    "    if (!result) irqpath_bug(\"work is not queued again\");\n"
    "    SAME(irqpath_queue_flush(queue));\n"
    "    if (has_run != 2) irqpath_bug(\"the flush does not wait for what is only queued\");\n"
    "    SAME(irqpath_work_queue(other, &d->third));\n"
    "    SAME(irqpath_queue_flush(other));\n"
    "    if (has_run != 3) irqpath_bug(\"the flush of a queue does not wait\");\n"
    "    SAME(irqpath_work_queue(other, &d->third));\n"
    "    SAME(result = irqpath_work_queue(other, &d->third));\n"
    "    if (result) irqpath_bug(\"work is queued twice\");\n"
    "    SAME(result = irqpath_work_flush(&d->third));\n"
    "    if (!result || has_run != 4) irqpath_bug(\"the flush of work does not wait\");\n"
    "    SAME(result = irqpath_work_flush(&d->third));\n"
    "    if (result) irqpath_bug(\"work is flushed that is done\");\n"
    "    SAME(result = irqpath_work_cancel(&d->third));\n"
    "    if (result) irqpath_bug(\"work is cancelled that is done\");\n"
    "}\n"
    "int irqpath_vfio_call(void *vdev, enum irqpath_vfio_call call, int fd)\n"
    "{\n"
    "    struct device *d = vdev;\n"
    "    int result = 0;\n"
    "    SAME(irqpath_mutex_lock(&d->gate));\n"
    "    if (call == IRQPATH_VFIO_TRIGGER && fd > 0 && !d->is_intx) {\n"
    "        SAME(irqpath_pci_intx(d->host, 1));\n"
    "        irqpath_irq_unlazy(d->irq, !d->is_pci_2_3);\n"
    "        d->is_intx = 1;\n"
    "        d->is_masked = 0;\n"
    "        SAME(result = irqpath_request_irq(d->host, handle, d->is_pci_2_3 ? IRQPATH_IRQ_SHARED : 0, d));\n"
    "        d->is_intx = !result;\n"
    "    } else if (call == IRQPATH_VFIO_DISABLE) {\n"
    "        SAME(irqpath_free_irq(d->host, d));\n"
    "        SAME(irqpath_work_flush(&d->work));\n"
    "        SAME(irqpath_work_cancel(&d->work));\n"
    "        wait_for_all(d);\n"
    "        d->is_intx = d->is_masked = 0;\n"
    "    } else if (call == IRQPATH_VFIO_UNMASK) {\n"
    "        unmask(d);\n"
    "    } else if (call == IRQPATH_VFIO_MASK) {\n"
    "        SAME(irqpath_synchronize_irq(d->irq));\n"
    "    }\n"
    "    SAME(irqpath_mutex_unlock(&d->gate));\n"
    "    return result;\n"
    "}\n"
    "int irqpath_vfio_is_masked(const void *vdev) { return ((const struct device *)vdev)->is_masked; }\n"
    "int irqpath_vfio_is_intx(const void *vdev) { return ((const struct device *)vdev)->is_intx; }\n"
    "const void *irqpath_vfio_irqlock(const void *vdev) { return &((const struct device *)vdev)->lock; }\n"
    "const void *irqpath_vfio_igate(const void *vdev) { return &((const struct device *)vdev)->gate; }\n"
    "void *irqpath_kvm_new(void *guest) { return guest; }\n"
    "int irqpath_kvm_irqfd(void *kvm, int trigger, int resample, unsigned gsi, int is_assigned)\n"
    "{\n"
    "    (void)trigger; (void)resample;\n"
    "    struct device *d = devices[gsi]; /* each has a line of its own */\n"
    "    d->guest = kvm; d->gsi = gsi;\n"
    "    return is_assigned < 0;\n"
    "}\n"
    "void irqpath_kvm_acked(void *kvm, unsigned gsi)\n"
    "{\n"
    "    SAME(irqpath_kvm_set_irq(kvm, 1, gsi, 0));\n"
    "    for (int i = 0; i < count; i++)\n"
    "        if (devices[i]->guest == kvm && devices[i]->gsi == gsi) unmask(devices[i]);\n"
    "}\n";

/* --- the object --- */

static void build(struct sample *sample, const char *bad)
{
    char options[512], text[12288];

    sample_new(sample);
    (void)snprintf(text, sizeof(text), "%s%s", kernel_text, calls_text);
    sample_write(sample, "kernel.c", text);
    (void)snprintf(options, sizeof(options), "-I%s/models/vfio/code -I%s/sim/code/abi '-DBAD=%s'", SOURCE_DIR,
                   SOURCE_DIR, bad);
    sample_compile(sample, &sample_compilers[0], options, "kernel.c", "family: vfio\nfiles: kernel.c\n");
}

static void open_setup(struct setup *setup, struct code_object **object, const char *bad)
{
    struct sample sample;
    char message[256];

    build(&sample, bad);
    *object = code_object_open(sample.object, message, sizeof(message));
    assert_non_null(*object);
    sample_remove(&sample);
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
