/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The symbols that a module made of the files would find exported, as far as they are reached.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm_host.h>
#include <linux/kvm_irqfd.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#include "irqpath_linux.h"

/* --- memory --- */

struct kmem_cache *kmalloc_caches[NR_KMALLOC_TYPES][KMALLOC_SHIFT_HIGH + 1];

void *__kmalloc(size_t bytes, gfp_t flags) { return irqpath_alloc(bytes, NULL); }
void kfree(const void *object) { irqpath_kfree(object); }
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
void *__kmalloc_cache_noprof(struct kmem_cache *cache, gfp_t flags, size_t bytes) { return irqpath_alloc(bytes, NULL); }
#else
void *kmalloc_trace(struct kmem_cache *cache, gfp_t flags, size_t bytes) { return irqpath_alloc(bytes, NULL); }
#endif

/* Names of interrupts and queues, which nobody reads. */
char *kasprintf(gfp_t flags, const char *format, ...) { return irqpath_alloc(16, NULL); }

int _printk(const char *format, ...) { return 0; }
void _dev_info(const struct device *device, const char *format, ...) {}

/* Wherever the kernel would only warn. */
void refcount_warn_saturate(refcount_t *count, enum refcount_saturation_type kind)
{
    irqpath_bug("a refcount_t that saturates or underflows: use after free");
}

/* --- the current task, one for each CPU: what the files keep in it they set while interrupts are off --- */

static struct task_struct **tasks;

struct task_struct *irqpath_current(void) { return tasks[irqpath_cpu()]; }

/* --- spinlocks --- */

void __raw_spin_lock_init(raw_spinlock_t *lock, const char *name, struct lock_class_key *key, short inner)
{
    irqpath_lock_name(lock, name);
}

void _raw_spin_lock(raw_spinlock_t *lock) { irqpath_lock(lock); }
void _raw_spin_unlock(raw_spinlock_t *lock) { irqpath_unlock(lock); }
unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock) { return irqpath_lock_irqsave(lock); }
void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags) { irqpath_unlock_irqrestore(lock, flags); }
void _raw_spin_lock_irq(raw_spinlock_t *lock) { irqpath_lock_irqsave(lock); }
void _raw_spin_unlock_irq(raw_spinlock_t *lock) { irqpath_unlock_irqrestore(lock, 1); }

/* --- mutexes --- */

void __mutex_init(struct mutex *mutex, const char *name, struct lock_class_key *key)
{
    irqpath_mutex_name(mutex, name);
}

void mutex_lock(struct mutex *mutex) { irqpath_mutex_lock(mutex); }
void mutex_unlock(struct mutex *mutex) { irqpath_mutex_unlock(mutex); }

/* --- SRCU --- */

int __srcu_read_lock(struct srcu_struct *srcu) { return irqpath_srcu_read_lock(srcu); }
void __srcu_read_unlock(struct srcu_struct *srcu, int index) { irqpath_srcu_read_unlock(srcu, index); }
void synchronize_srcu(struct srcu_struct *srcu) { irqpath_srcu_synchronize(srcu); }
void synchronize_srcu_expedited(struct srcu_struct *srcu) { irqpath_srcu_synchronize(srcu); }

/* --- work queues: a struct workqueue_struct is what irqpath_queue_new has returned --- */

struct workqueue_struct *system_wq, *system_percpu_wq;

struct workqueue_struct *alloc_workqueue(const char *format, unsigned flags, int active, ...)
{
    const char *name = format;
    va_list arguments;

    va_start(arguments, active);
    if (format[0] == '%' && format[1] == 's' && !format[2])
        name = va_arg(arguments, const char *);
    va_end(arguments);
    return irqpath_queue_new(name, active == 1);
}

void destroy_workqueue(struct workqueue_struct *queue) {}
bool queue_work_on(int cpu, struct workqueue_struct *queue, struct work_struct *work)
{
    return irqpath_work_queue(queue, work);
}
bool flush_work(struct work_struct *work) { return irqpath_work_flush(work); }
bool cancel_work_sync(struct work_struct *work) { return irqpath_work_cancel(work); }
void __flush_workqueue(struct workqueue_struct *queue) { irqpath_queue_flush(queue); }
void irqpath_linux_work(void *work) { ((struct work_struct *)work)->func(work); }

/* --- files --- */

struct open_file {
    struct file file;
    unsigned references;
};

static struct open_file **files;
static unsigned file_count;

int get_unused_fd_flags(unsigned flags)
{
    unsigned fd;

    for (fd = 1; fd < file_count; fd++)
        if (!files[fd])
            return fd;
    irqpath_bug("too many open files");
}

void fd_install(unsigned fd, struct file *file) { files[fd] = container_of(file, struct open_file, file); }
void put_unused_fd(unsigned fd) { files[fd] = NULL; }

struct file *anon_inode_getfile(const char *name, const struct file_operations *operations, void *data, int flags)
{
    struct open_file *open = irqpath_alloc(sizeof(*open), "struct file");

    open->file.f_op = operations;
    open->file.private_data = data;
    open->file.f_flags = flags;
    open->references = 1;
    return &open->file;
}

static struct file *file_of(unsigned fd) { return fd < file_count && files[fd] ? &files[fd]->file : NULL; }

struct file *fget(unsigned fd)
{
    struct file *file = file_of(fd);

    if (file)
        files[fd]->references++;
    return file;
}

void fput(struct file *file)
{
    struct open_file *open = container_of(file, struct open_file, file);

    if (--open->references)
        return;
    if (file->f_op->release)
        file->f_op->release(NULL, file);
    irqpath_kfree(open);
}

/* Nobody closes a file descriptor that another thread of the process is using. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
struct fd fdget(unsigned fd) { return (struct fd){ (unsigned long)file_of(fd) }; }
#else
unsigned long __fdget(unsigned fd) { return (unsigned long)file_of(fd); }
#endif

void irqpath_close(int fd)
{
    struct file *file = file_of(fd);

    if (!file)
        return;
    files[fd] = NULL;
    fput(file);
}

int ida_alloc_range(struct ida *ida, unsigned from, unsigned to, gfp_t flags) { return 0; }
void ida_free(struct ida *ida, unsigned number) {}

asmlinkage long __x64_sys_eventfd2(const struct pt_regs *regs);

int irqpath_eventfd(void)
{
    struct pt_regs registers = { .di = 0, .si = 0 };

    return __x64_sys_eventfd2(&registers);
}

/* --- xarrays of the one index 0 --- */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#include <linux/xarray.h>
void *xa_load(struct xarray *array, unsigned long index) { return index ? NULL : READ_ONCE(array->xa_head); }
int __xa_insert(struct xarray *array, unsigned long index, void *entry, gfp_t flags)
{
    if (index)
        irqpath_bug("an xarray of more than one entry");
    WRITE_ONCE(array->xa_head, entry);
    return 0;
}
void *xa_erase(struct xarray *array, unsigned long index)
{
    void *entry = array->xa_head;

    if (index)
        irqpath_bug("an xarray of more than one entry");
    WRITE_ONCE(array->xa_head, NULL);
    return entry;
}
#endif

/* --- KVM: kvm->debugfs_dentry is irqpath's guest --- */

int kvm_set_irq(struct kvm *kvm, int source, u32 irq, int level, bool line_status)
{
    irqpath_kvm_set_irq(kvm->debugfs_dentry, source, irq, level);
    return 1;
}

int kvm_irq_map_gsi(struct kvm *kvm, struct kvm_kernel_irq_routing_entry *entries, int gsi)
{
    entries->gsi = gsi;
    entries->type = KVM_IRQ_ROUTING_IRQCHIP;
    return 1;
}

int kvm_irq_map_chip_pin(struct kvm *kvm, unsigned chip, unsigned pin) { return pin; }
bool kvm_arch_has_irq_bypass(void) { return false; }
void kvm_arch_post_irq_ack_notifier_list_update(struct kvm *kvm) {}

void *irqpath_kvm_new(void *guest)
{
    struct kvm *kvm = irqpath_alloc(sizeof(*kvm), "struct kvm");

    kvm->debugfs_dentry = guest;
    kvm_eventfd_init(kvm);
    mutex_init(&kvm->irq_lock);
    INIT_HLIST_HEAD(&kvm->irq_ack_notifier_list);
    irqpath_hide(kvm, offsetof(struct kvm, irqfds));
    irqpath_hide(&kvm->arch, sizeof(kvm->arch));
    irqpath_name(kvm, sizeof(*kvm), "struct kvm", "kvm", 0);
    return kvm;
}

int irqpath_kvm_irqfd(void *kvm, int trigger, int resample, unsigned gsi, int is_assigned)
{
    struct kvm_irqfd arguments = { .fd = trigger,
                                   .gsi = gsi,
                                   .resamplefd = resample,
                                   .flags = is_assigned ? KVM_IRQFD_FLAG_RESAMPLE : KVM_IRQFD_FLAG_DEASSIGN };
    int result = kvm_irqfd(kvm, &arguments);
    struct kvm_kernel_irqfd *irqfd;

    list_for_each_entry(irqfd, &((struct kvm *)kvm)->irqfds.items, list)
    {
        irqpath_name(irqfd, sizeof(*irqfd), "struct kvm_kernel_irqfd", "irqfd", irqfd->gsi);
        irqpath_work_name(&irqfd->inject);
        irqpath_work_name(&irqfd->shutdown);
    }
    return result;
}

void irqpath_kvm_acked(void *kvm, unsigned gsi) { kvm_notify_acked_irq(kvm, KVM_IRQCHIP_IOAPIC, gsi); }

/* --- boot --- */

/* Of a task only the bit field with in_eventfd is there. */
static struct task_struct *task_new(void)
{
    struct task_struct *task = irqpath_alloc(sizeof(*task), "struct task_struct");
    const char *bytes = (const char *)task;
    unsigned long at = 0;

    task->in_eventfd = 1;
    while (!bytes[at])
        at++;
    task->in_eventfd = 0;
    at &= ~63ul;
    irqpath_hide(bytes, at);
    irqpath_hide(bytes + at + 64, sizeof(*task) - at - 64);
    return task;
}

int kvm_irqfd_init(void);
int vfio_virqfd_init(void);

void irqpath_linux_boot(unsigned count)
{
    unsigned cpu;

    tasks = irqpath_alloc(irqpath_cpus() * sizeof(*tasks), NULL);
    for (cpu = 0; cpu < irqpath_cpus(); cpu++)
        tasks[cpu] = task_new();
    file_count = count + 1;
    files = irqpath_alloc(file_count * sizeof(*files), NULL);
    kvm_irqfd_init();
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
    vfio_virqfd_init(); /* before, an initcall */
#endif
}
