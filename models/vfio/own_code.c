/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots files of Linux into the host, and calls them where intx.c, virqfd.c and kvm.c would act.
 */
#include "models/vfio/own_code.h"

#include <string.h>

#include "code/verbs.h"
#include "models/locks/code_locks.h"
#include "models/vfio/own_objects.h"

/* Bytes of the kernel's objects: of a guest (struct kvm), a device, a CPU (struct task_struct), one enabling of INTx;
 * they differ between kernels. */
enum { GUEST_BYTES = 49152, DEVICE_BYTES = 8192, CPU_BYTES = 12288, ENABLE_BYTES = 1536, SPARE_BYTES = 1024 };
enum { WORKS_OF_DEVICE = 6, LOCKS_OF_DEVICE = 4 };
enum { IRQ_FIRST = 16, NO_FILE = -1 };
enum { CALL_TRIGGER, CALL_UNMASK_FD, CALL_MASK, CALL_UNMASK, CALL_DISABLE, CALL_DISINTX_SET, CALL_DISINTX_CLEAR };

/* --- sizes --- */

static uint32_t guest_devices_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        if (setup->devices[i].driver == DEVICE_DRIVER_GUEST)
            count += setup->devices[i].count * setup->guests[setup->devices[i].guest].count;
    return count;
}

uint32_t own_pool_workers(const struct setup *setup) { return setup->code == NULL ? 1 : guest_devices_of(setup) + 1; }

/* The pools' further workers, and that of the queue of virqfds. vfio_slots has counted one for each place of a pool. */
uint32_t own_slots(const struct setup *setup)
{
    uint32_t pools = setup->action_count;

    if (setup->code == NULL)
        return 0;
    for (uint32_t i = 0; i < setup->guest_count; i++)
        pools += setup->guests[i].count * setup->guests[i].vcpus;
    for (uint32_t i = 0; i < setup->device_count; i++)
        pools++;
    return pools * guest_devices_of(setup) + 1;
}

/* How often the actions of a run may enable INTx, or its trigger. */
static uint64_t enables_of(const struct setup *setup)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < setup->action_count; i++) {
        const struct action_setup *action = &setup->actions[i];
        uint64_t rounds = 1;
        if (action->every_ns != 0)
            rounds += (setup->run.warmup_ns + setup->run.duration_ns) / action->every_ns;
        if (action->times != 0 && rounds > action->times)
            rounds = action->times;
        count += rounds;
    }
    return count;
}

/* Of what is enabled while time passes. */
static size_t spare_bytes(const struct vfio *vfio)
{
    const struct setup *setup = vfio->setup;

    return SPARE_BYTES + guest_devices_of(setup) * enables_of(setup) * ENABLE_BYTES;
}

static size_t heap_bytes(const struct vfio *vfio)
{
    const struct setup *setup = vfio->setup;
    size_t guests = 0;

    for (uint32_t i = 0; i < setup->guest_count; i++)
        guests += setup->guests[i].count;
    return guests * GUEST_BYTES + guest_devices_of(setup) * (size_t)DEVICE_BYTES + spare_bytes(vfio) +
           (size_t)vfio->machine->cpu_count * CPU_BYTES;
}

/* A struct kvm has two mutexes and an SRCU structure; a device a mutex and its works, twice (own_boot_end). */
static uint32_t objects_of(const struct setup *setup)
{
    uint32_t guests = 0;

    for (uint32_t i = 0; i < setup->guest_count; i++)
        guests += setup->guests[i].count;
    return 4 * guests + (1 + 2 * WORKS_OF_DEVICE) * guest_devices_of(setup) + 8;
}

/* --- boot --- */

static void symbol(struct code *code, const char *name, void *function)
{
    void *address = code_function(code, name);

    CHECK(address != NULL); /* the glue has it */
    memcpy(function, &address, sizeof(address));
}

static void symbols(struct code *code, struct own_calls *calls)
{
    symbol(code, "irqpath_linux_boot", &calls->boot);
    symbol(code, "irqpath_linux_work", &calls->work);
    symbol(code, "irqpath_eventfd", &calls->eventfd);
    symbol(code, "irqpath_close", &calls->close);
    symbol(code, "irqpath_vfio_new", &calls->vfio_new);
    symbol(code, "irqpath_vfio_call", &calls->vfio_call);
    symbol(code, "irqpath_vfio_is_masked", &calls->vfio_is_masked);
    symbol(code, "irqpath_vfio_irqlock", &calls->vfio_irqlock);
    symbol(code, "irqpath_vfio_igate", &calls->vfio_igate);
    symbol(code, "irqpath_kvm_new", &calls->kvm_new);
    symbol(code, "irqpath_kvm_irqfd", &calls->kvm_irqfd);
    symbol(code, "irqpath_kvm_acked", &calls->kvm_acked);
}

/* The files' own initcalls: offsets of functions, relative to themselves. */
static void initcalls(const struct code *code)
{
    static const char *const levels[] = { ".initcallearly.init", ".initcall0.init", ".initcall1.init",
                                          ".initcall2.init",     ".initcall3.init", ".initcall4.init",
                                          ".initcall5.init",     ".initcall6.init", ".initcall7.init" };

    for (size_t level = 0; level < sizeof(levels) / sizeof(levels[0]); level++) {
        size_t bytes;
        char *section = code_section(code, levels[level], &bytes);
        for (size_t at = 0; at + sizeof(int32_t) <= bytes; at += sizeof(int32_t)) {
            int32_t offset;
            int (*call)(void);
            memcpy(&offset, section + at, sizeof(offset));
            char *function = section + at + offset;
            memcpy(&call, &function, sizeof(call));
            CHECK(call() == 0);
        }
    }
}

const struct code_import *const own_import_tables[] = { own_imports, code_lock_imports, verb_imports, NULL };

void own_boot(struct vfio *vfio)
{
    struct own *own;

    if (vfio->setup->code == NULL)
        return;
    struct code_config config = { .imports = own_import_tables, .heap_bytes = heap_bytes(vfio) };
    vfio->code = code_boot(vfio->machine, vfio->setup->code, &config);
    own = ARENA_NEW(vfio->machine->arena, struct own);
    own->vfio = vfio;
    own->code = vfio->code;
    vfio->code->family = own;
    code_locks_boot(vfio->code, vfio->host->locks, LOCKS_OF_DEVICE * (guest_devices_of(vfio->setup) + 1));
    own_objects_boot(own, objects_of(vfio->setup));
    symbols(vfio->code, &own->calls);
    code_enter(vfio->code, NULL);
    own->calls.boot(2 * guest_devices_of(vfio->setup) + 1);
    initcalls(vfio->code);
}

/* A device that is enabled again needs two eventfds, an irqfd, a resampler and a virqfd, while the old ones may still
 * be in use. */
void own_boot_end(struct vfio *vfio)
{
    const uint32_t counts[OWN_KINDS] = { [OWN_WORK] = WORKS_OF_DEVICE * guest_devices_of(vfio->setup) };

    if (vfio->code == NULL)
        return;
    if (vfio->setup->action_count > 0)
        own_objects_reserve(own_of(vfio), counts);
    code_trim(vfio->code, spare_bytes(vfio));
}

/* --- calls --- */

void own_follow(struct vfio_device *vdev)
{
    bool is_masked = vfio_is_masked(vdev);

    if (is_masked != vdev->masked)
        vfio_masked_set(vdev, is_masked);
}

/* Whatever suspends the code, it comes back to the CPU that it ran on: threads stay where they are. */
static struct own *enter(const struct vfio_device *vdev, struct cpu *cpu)
{
    struct own *own = own_of(vdev->vfio);

    code_enter(own->code, cpu);
    return own;
}

static int call(struct cpu *cpu, struct vfio_device *vdev, int what, int fd)
{
    struct own *own = enter(vdev, cpu);
    int result = own->calls.vfio_call(vdev->kernel_vdev, what, fd);

    own_follow(vdev);
    return result;
}

static void eventfds_open(struct cpu *cpu, struct vfio_device *vdev)
{
    struct own *own = enter(vdev, cpu);

    if (vdev->trigger_file <= 0)
        vdev->trigger_file = own->calls.eventfd();
    if (vdev->resample_file <= 0)
        vdev->resample_file = own->calls.eventfd();
    own_follow(vdev);
    CHECK(vdev->trigger_file > 0 && vdev->resample_file > 0);
}

static void file_close(struct cpu *cpu, struct vfio_device *vdev, int *file)
{
    struct own *own = enter(vdev, cpu);

    own->calls.close(*file);
    own_follow(vdev);
    *file = NO_FILE;
}

static int irqfd(struct cpu *cpu, struct vfio_device *vdev, bool is_assigned)
{
    struct own *own = enter(vdev, cpu);
    int result = own->calls.kvm_irqfd(vdev->guest->kernel_kvm, vdev->trigger_file, vdev->resample_file,
                                      (unsigned)(vdev->pin - vdev->guest->pins), is_assigned);

    own_follow(vdev);
    return result;
}

static const char refused[] = "VFIO or KVM refuses an eventfd of a device whose INTx is enabled";

/* What QEMU does; `cpu` NULL: at boot. */
static bool enable(struct cpu *cpu, struct vfio_device *vdev)
{
    eventfds_open(cpu, vdev);
    vdev->irq_type = IRQ_TYPE_INTX; /* an interrupt may come before the call returns */
    vdev->has_ctx = true;
    if (call(cpu, vdev, CALL_TRIGGER, vdev->trigger_file) != 0) {
        vdev->irq_type = IRQ_TYPE_NONE;
        vdev->has_ctx = false;
        return false;
    }
    if (call(cpu, vdev, CALL_UNMASK_FD, vdev->resample_file) != 0 || irqfd(cpu, vdev, true) != 0)
        code_bug(NULL, VIOLATION_STATE_MISMATCH, refused);
    return true;
}

void own_device_boot(struct vfio_device *vdev)
{
    struct own *own = enter(vdev, NULL);

    if (vdev->guest->kernel_kvm == NULL)
        vdev->guest->kernel_kvm = own->calls.kvm_new(vdev->guest);
    vdev->kernel_vdev = own->calls.vfio_new(vdev, vdev->desc->number + IRQ_FIRST, vdev->pci_2_3);
    vdev->action = (struct irq_action){ .device = NULL };
}

bool own_enable_at_boot(struct vfio_device *vdev) { return enable(NULL, vdev); }

bool own_enable(struct cpu *cpu, struct vfio_device *vdev)
{
    if (enable(cpu, vdev))
        return true;
    vfio_refused(cpu, vdev);
    return false;
}

void own_disable(struct cpu *cpu, struct vfio_device *vdev)
{
    if (vdev->irq_type != IRQ_TYPE_INTX)
        return;
    if (vdev->trigger_file > 0)
        (void)irqfd(cpu, vdev, false);
    (void)call(cpu, vdev, CALL_DISABLE, NO_FILE);
    vdev->irq_type = IRQ_TYPE_NONE;
    vdev->has_ctx = false;
}

void own_mask(struct cpu *cpu, struct vfio_device *vdev) { (void)call(cpu, vdev, CALL_MASK, NO_FILE); }
void own_unmask(struct cpu *cpu, struct vfio_device *vdev) { (void)call(cpu, vdev, CALL_UNMASK, NO_FILE); }

/* Whoever takes the trigger away also takes it from KVM and closes it, as QEMU does. */
void own_set_trigger(struct cpu *cpu, struct vfio_device *vdev, bool has_trigger)
{
    if (vdev->irq_type != IRQ_TYPE_INTX || has_trigger == (vdev->trigger_file > 0))
        return;
    if (has_trigger) {
        eventfds_open(cpu, vdev);
        if (irqfd(cpu, vdev, true) != 0 || call(cpu, vdev, CALL_TRIGGER, vdev->trigger_file) != 0)
            code_bug(NULL, VIOLATION_STATE_MISMATCH, refused);
        return;
    }
    (void)call(cpu, vdev, CALL_TRIGGER, NO_FILE);
    (void)irqfd(cpu, vdev, false);
    file_close(cpu, vdev, &vdev->trigger_file);
}

void own_config_disintx(struct cpu *cpu, struct vfio_device *vdev, bool disintx)
{
    (void)call(cpu, vdev, disintx ? CALL_DISINTX_SET : CALL_DISINTX_CLEAR, NO_FILE);
    vdev->virq_disabled = disintx;
}

void own_unmask_close(struct cpu *cpu, struct vfio_device *vdev) { file_close(cpu, vdev, &vdev->resample_file); }

void own_unmask_drop(struct cpu *cpu, struct vfio_device *vdev) { (void)call(cpu, vdev, CALL_UNMASK_FD, NO_FILE); }

void own_acked(struct cpu *cpu, struct kvm_pin *pin)
{
    struct own *own = own_of(pin->guest->vfio);

    if (pin->guest->kernel_kvm == NULL)
        return;
    code_enter(own->code, cpu);
    own->calls.kvm_acked(pin->guest->kernel_kvm, (unsigned)(pin - pin->guest->pins));
    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin)
        if (own_has(vdev))
            own_follow(vdev);
}

/* --- state --- */

bool vfio_is_masked(const struct vfio_device *vdev)
{
    return own_has(vdev) ? own_of(vdev->vfio)->calls.vfio_is_masked(vdev->kernel_vdev) != 0 : vdev->masked;
}

const struct lock *vfio_irqlock(const struct vfio_device *vdev)
{
    const struct own *own;

    if (!own_has(vdev))
        return &vdev->irqlock;
    own = own_of(vdev->vfio);
    return code_locks_find(own->code, own->calls.vfio_irqlock(vdev->kernel_vdev));
}

bool vfio_is_gate_free(const struct vfio_device *vdev)
{
    const struct mutex *igate = &vdev->igate;

    if (own_has(vdev)) {
        const struct own *own = own_of(vdev->vfio);
        igate = own_object_find(own, OWN_MUTEX, own->calls.vfio_igate(vdev->kernel_vdev));
    }
    return igate->owner == NULL;
}
