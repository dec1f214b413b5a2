/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel's files call (models/vfio/code/irqpath_linux.h), on the model's host.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "machine/lines/hit.h"
#include "models/locks/code_locks.h"
#include "models/vfio/own_code.h"
#include "models/vfio/own_objects.h"

enum { IRQ_FIRST = 16, FLAG_SHARED = 1, FLAG_NO_AUTOEN = 2 };

/* Begins an import that may suspend; NULL: at boot, where nothing is contended. */
static struct cpu *begin(void)
{
    struct cpu *cpu = code_cpu();

    if (cpu != NULL)
        code_settle(code_current(), cpu);
    return cpu;
}

/* The same of an import that may sleep. */
static struct cpu *begin_sleep(void)
{
    struct cpu *cpu = begin();

    if (cpu != NULL && (cpu->interrupt_depth > 0 || !cpu->irq_on))
        code_bug(NULL, VIOLATION_MODELLED_BUG, "the code may sleep in an interrupt, or with interrupts off");
    return cpu;
}

static void end(struct own *own, struct cpu *cpu) { code_resume(own->code, cpu); }

/* --- memory --- */

static void irqpath_kfree(void *memory)
{
    struct own *own = own_current();
    struct code *code = own->code;
    size_t at = (size_t)((char *)memory - code->shared);

    if (memory == NULL)
        return;
    if (at < code->shared_bytes && at % 64 == 0 && !code->freed[at / 64])
        own_objects_forget(own, memory, (size_t)code->sizes[at / 64] * 64);
    code_free(code, memory);
}

static void irqpath_hide(const void *from, unsigned long bytes) { code_hide(code_current(), from, bytes); }

/* --- spinlocks: those of models/locks/code_locks.h, in the model's classes --- */

static void irqpath_lock_name(void *lock, const char *text)
{
    const struct own *own = own_current();
    struct lock_system *system = own->vfio->host->locks;
    const char *name = own_name_of(text);

    if (code_cpu() != NULL)
        return; /* it comes from the stock of code_locks */
    struct lock *host = ARENA_NEW(own->vfio->machine->arena, struct lock);
    lock_init(host, lock_class_named(system, name));
    code_locks_bind(own->code, lock, host, NULL);
}

/* --- mutexes --- */

static void irqpath_mutex_name(void *mutex, const char *name)
{
    (void)own_object(own_current(), OWN_MUTEX, mutex, name);
}

static void irqpath_mutex_lock(void *mutex)
{
    struct own *own = own_current();
    struct cpu *cpu = begin_sleep();

    if (cpu == NULL)
        return;
    mutex_lock(cpu, own_object(own, OWN_MUTEX, mutex, NULL));
    end(own, cpu);
}

static void irqpath_mutex_unlock(void *mutex)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();

    if (cpu == NULL)
        return;
    struct mutex *found = own_object(own, OWN_MUTEX, mutex, NULL);
    if (!mutex_is_mine(cpu, found))
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a mutex is released by a thread that does not hold it");
    mutex_unlock(cpu, found);
    end(own, cpu);
}

/* --- SRCU --- */

/* Without actions nobody ever waits for readers: an exploration leaves them out, but not the fences of
 * __srcu_read_lock and __srcu_read_unlock. */
static void readers_add(void *srcu, uint64_t addend)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();
    struct own_srcu *found = own_object(own, OWN_SRCU, srcu, NULL);

    if (cpu == NULL)
        return;
    if (cpu_is_explored(cpu) && own->vfio->setup->action_count == 0) {
        cpu_fence(cpu);
        end(own, cpu);
        return;
    }
    struct word *readers = &found->readers[cpu->id];
    if (!cpu_is_explored(cpu) && line_hit(readers->line, cpu) == LINE_HIT_OWNED &&
        line_hit_lasts(cpu, LINE_HIT_OWNED)) {
        line_hit_touch(cpu, LINE_ATOMIC, 0); /* no other CPU writes the word, and none waits for it */
        readers->value += addend;
    } else {
        (void)word_fetch_add(cpu, readers, addend);
        end(own, cpu);
    }
}

static int irqpath_srcu_read_lock(void *srcu)
{
    readers_add(srcu, 1);
    return 0;
}

static void irqpath_srcu_read_unlock(void *srcu, int index)
{
    (void)index;
    readers_add(srcu, UINT64_MAX);
}

/* Waits longer than the kernel does if new readers come before the old ones have gone. */
static void irqpath_srcu_synchronize(void *srcu)
{
    struct own *own = own_current();
    struct cpu *cpu = begin_sleep();
    struct own_srcu *found = own_object(own, OWN_SRCU, srcu, NULL);

    if (cpu == NULL)
        return;
    for (uint32_t i = 0; i < own->vfio->machine->cpu_count; i++)
        word_wait(cpu, &found->readers[i], 0);
    end(own, cpu);
}

/* --- work queues --- */

/* At boot. An ordered queue is not bound to a CPU; here it is that of no line, if there is one, so that its items do
 * not wait for handlers. */
static void *irqpath_queue_new(const char *name, int is_ordered)
{
    struct own *own = own_current();
    struct own_queue *queue = ARENA_NEW(own->vfio->machine->arena, struct own_queue);

    queue->is_ordered = is_ordered;
    if (is_ordered)
        workqueue_init(own->vfio->host, &queue->ordered, name, own->vfio->machine->cpu_count - 1);
    return queue;
}

static void irqpath_work_name(void *work) { (void)own_object(own_current(), OWN_WORK, work, NULL); }

static int irqpath_work_queue(void *queue, void *work)
{
    struct own *own = own_current();
    struct own_queue *to = queue;
    struct cpu *cpu = begin();
    struct own_work *found = own_object(own, OWN_WORK, work, NULL);

    if (cpu == NULL)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "work is queued at boot");
    found->queue = to;
    bool is_queued = work_queue(cpu, to != NULL && to->is_ordered ? &to->ordered : worker_of(cpu), &found->work);
    end(own, cpu);
    return is_queued;
}

static int irqpath_work_flush(void *work)
{
    struct own *own = own_current();
    struct cpu *cpu = begin_sleep();
    struct own_work *found = own_object_find(own, OWN_WORK, work);

    if (cpu == NULL || found == NULL)
        return 0;
    bool had_work = work_flush(cpu, &found->work);
    end(own, cpu);
    return had_work;
}

static int irqpath_work_cancel(void *work)
{
    struct own *own = own_current();
    struct cpu *cpu = begin_sleep();
    struct own_work *found = own_object_find(own, OWN_WORK, work);

    if (cpu == NULL || found == NULL)
        return 0;
    bool was_queued = work_cancel_sync(cpu, &found->work);
    end(own, cpu);
    return was_queued;
}

/* Of a queue that is not ordered, one item after the other: also those that are queued meanwhile. */
static void irqpath_queue_flush(void *queue)
{
    struct own *own = own_current();
    struct own_queue *flushed = queue;
    struct cpu *cpu = begin_sleep();

    if (cpu == NULL)
        return;
    if (flushed == NULL)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a work queue is flushed that does not exist");
    if (flushed->is_ordered)
        workqueue_flush(cpu, &flushed->ordered);
    for (uint32_t i = 0; !flushed->is_ordered && i < own->object_count; i++) {
        const struct own_object *object = &own->objects[i];
        struct own_work *work = object->object;
        if (object->kind == OWN_WORK && work->queue == flushed)
            (void)work_flush(cpu, &work->work);
    }
    end(own, cpu);
}

/* --- interrupts --- */

static struct irq_desc *desc_of(const struct own *own, unsigned irq)
{
    if (irq < IRQ_FIRST || irq - IRQ_FIRST >= own->vfio->line_count)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "an interrupt that the host does not have");
    return &own->vfio->lines[irq - IRQ_FIRST];
}

enum irq_return own_handle(struct cpu *cpu, struct irq_action *action)
{
    struct vfio_device *vdev = action->device;
    struct own *own = own_of(vdev->vfio);

    code_enter(own->code, cpu);
    int result = vdev->kernel_handler((int)(vdev->desc->number + IRQ_FIRST), vdev->kernel_dev_id);
    own_follow(vdev);
    return result != 0 ? IRQ_HANDLED : IRQ_NONE;
}

/* The first handler is known at boot. */
static own_handler *handler_of(struct own *own, own_handler *handler)
{
    void *function;

    if (own->handler == NULL && code_cpu() == NULL) {
        memcpy(&function, &handler, sizeof(function));
        function = code_way_in(own->code, function);
        own->handler = handler;
        memcpy(&own->handler_in, &function, sizeof(function));
    }
    return handler == own->handler ? own->handler_in : handler;
}

static int irqpath_request_irq(void *device, own_handler *handler, unsigned flags, void *dev_id)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();
    struct vfio_device *vdev = device;

    if (vdev->action.device != NULL)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "an interrupt is requested twice for the same device");
    vdev->kernel_handler = handler_of(own, handler);
    vdev->kernel_dev_id = dev_id;
    vdev->action =
        (struct irq_action){ .handler = own_handle, .device = vdev, .is_shared = (flags & FLAG_SHARED) != 0 };
    bool is_ours = cpu == NULL ? irq_request_boot(vdev->desc, &vdev->action)
                               : request_irq(cpu, vdev->desc, &vdev->action, (flags & FLAG_NO_AUTOEN) != 0);
    if (!is_ours)
        vdev->action.device = NULL;
    end(own, cpu);
    return is_ours ? 0 : -EBUSY;
}

static void irqpath_free_irq(void *device, void *dev_id)
{
    struct own *own = own_current();
    struct cpu *cpu = begin_sleep();
    struct vfio_device *vdev = device;

    if (vdev->action.device == NULL || vdev->kernel_dev_id != dev_id)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "an interrupt is freed that was not requested");
    if (cpu == NULL)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "an interrupt is freed at boot");
    free_irq(cpu, vdev->desc, &vdev->action);
    vdev->action.device = NULL;
    end(own, cpu);
}

static void irqpath_disable_irq_nosync(unsigned irq)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();

    disable_irq_nosync(cpu, desc_of(own, irq));
    end(own, cpu);
}

static void irqpath_enable_irq(unsigned irq)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();

    enable_irq(cpu, desc_of(own, irq));
    end(own, cpu);
}

static void irqpath_synchronize_irq(unsigned irq)
{
    struct own *own = own_current();
    struct cpu *cpu = begin_sleep();

    synchronize_irq(cpu, desc_of(own, irq));
    end(own, cpu);
}

static void irqpath_irq_unlazy(unsigned irq, int is_unlazy) { desc_of(own_current(), irq)->is_unlazy = is_unlazy != 0; }

/* --- configuration cycles --- */

static void irqpath_pci_intx(void *device, int is_enabled)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();

    if (cpu == NULL)
        return; /* a device boots with its DisINTx clear */
    pci_intx(cpu, device, is_enabled != 0);
    end(own, cpu);
}

static int irqpath_pci_check_and_mask_intx(void *device)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();
    bool is_masked = pci_check_and_mask_intx(cpu, device);

    end(own, cpu);
    return is_masked;
}

static int irqpath_pci_check_and_unmask_intx(void *device)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();
    struct vfio_device *vdev = device;
    bool is_unmasked = pci_check_and_unmask_intx(cpu, vdev);

    if (!is_unmasked)
        vdev->statistics.resignals++;
    end(own, cpu);
    return is_unmasked;
}

/* --- KVM --- */

/* The rest of the path from an irqfd's wake-up to the injection, which its files do not have, takes irqfd_inject. */
static void irqpath_kvm_set_irq(void *guest, int source, unsigned gsi, int level)
{
    struct own *own = own_current();
    struct cpu *cpu = begin();

    (void)source;
    if (cpu == NULL)
        return;
    if (level)
        cpu_spend_software(cpu, host_costs(cpu)->irqfd_inject);
    if (gsi >= ((struct guest *)guest)->pin_count)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a GSI that the guest does not have");
    kvm_set_irq(cpu, &((struct guest *)guest)->pins[gsi], KVM_SOURCE_RESAMPLE, level != 0);
    end(own, cpu);
}

const struct code_import own_imports[] = {
    CODE_IMPORT(irqpath_kfree),
    CODE_IMPORT(irqpath_lock_name),
    CODE_IMPORT(irqpath_hide),
    CODE_IMPORT(irqpath_mutex_name),
    CODE_IMPORT(irqpath_mutex_lock),
    CODE_IMPORT(irqpath_mutex_unlock),
    CODE_IMPORT(irqpath_srcu_read_lock),
    CODE_IMPORT(irqpath_srcu_read_unlock),
    CODE_IMPORT(irqpath_srcu_synchronize),
    CODE_IMPORT(irqpath_queue_new),
    CODE_IMPORT(irqpath_queue_flush),
    CODE_IMPORT(irqpath_work_name),
    CODE_IMPORT(irqpath_work_queue),
    CODE_IMPORT(irqpath_work_flush),
    CODE_IMPORT(irqpath_work_cancel),
    CODE_IMPORT(irqpath_request_irq),
    CODE_IMPORT(irqpath_free_irq),
    CODE_IMPORT(irqpath_disable_irq_nosync),
    CODE_IMPORT(irqpath_enable_irq),
    CODE_IMPORT(irqpath_synchronize_irq),
    CODE_IMPORT(irqpath_irq_unlazy),
    CODE_IMPORT(irqpath_pci_intx),
    CODE_IMPORT(irqpath_pci_check_and_mask_intx),
    CODE_IMPORT(irqpath_pci_check_and_unmask_intx),
    CODE_IMPORT(irqpath_kvm_set_irq),
    { NULL, NULL },
};
