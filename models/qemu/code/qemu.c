/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What xen_evtchn.c needs of QEMU, for any version: functions and variables by their names and calling convention, with
 * no header of QEMU's but KVM's. Functions that only the monitor calls are absent (unreached).
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvm.h>

#include "irqpath_qemu.h"

enum { INFO_BYTES = 64, IRQS_MAX = 64, XEN_EMULATED = 2, DOMAIN = 1, NO_FILE = 3 };

void *irqpath_qemu_page;
char *irqpath_qemu_infos;
void (*irqpath_qemu_bh)(void *opaque);
void *irqpath_qemu_bh_opaque;

/* --- variables --- */

uint32_t xen_domid = DOMAIN;
int xen_mode = XEN_EMULATED;
int qemu_loglevel;
void *kvm_state;
void *xen_evtchn_ops;
const void *const vmstate_info_uint16, *const vmstate_info_uint32, *const vmstate_info_uint64;

/* --- messages --- */

void error_report(const char *format, ...) { (void)format; }
void qemu_log(const char *format, ...) { (void)format; }

/* --- memory --- */

/* Behind it lies a cache line that counts as freed. */
static void *allocate(size_t bytes)
{
    void *memory = bytes == 0 ? NULL : irqpath_alloc(bytes, NULL);

    irqpath_free(irqpath_alloc(1, "memory behind an object"));
    return memory;
}

void *g_malloc0(size_t bytes) { return allocate(bytes); }
void *g_malloc0_n(size_t count, size_t bytes) { return allocate(count * bytes); }
void g_free(void *memory) { irqpath_free(memory); }
void free(void *memory) { irqpath_free(memory); }

/* --- locks: the BQL, by its names before and after QEMU 9.0, and mutexes --- */

bool bql_locked(void) { return irqpath_qemu_bql_is_mine(); }
void bql_lock_impl(const char *file, int line) { irqpath_qemu_bql_lock(file, line); }
void bql_unlock(void) { irqpath_qemu_bql_unlock(); }
bool qemu_mutex_iothread_locked(void) { return irqpath_qemu_bql_is_mine(); }
void qemu_mutex_lock_iothread_impl(const char *file, int line) { irqpath_qemu_bql_lock(file, line); }
void qemu_mutex_unlock_iothread(void) { irqpath_qemu_bql_unlock(); }

void qemu_mutex_init(void *mutex) { irqpath_qemu_mutex_init(mutex); }
void qemu_mutex_lock_impl(void *mutex, const char *file, int line) { irqpath_qemu_mutex_lock(mutex, file, line); }

void qemu_mutex_unlock_impl(void *mutex, const char *file, int line)
{
    (void)file;
    (void)line;
    irqpath_qemu_mutex_unlock(mutex);
}

/* --- the object model: one class with one object --- */

static const void *type;
static void **irq_places[IRQS_MAX];
static unsigned irq_count;

void register_module_init(void (*init)(void), int kind)
{
    (void)kind;
    init();
}

void *type_register_static(const void *info)
{
    type = info;
    return NULL;
}

void *sysbus_create_varargs(const char *name, uint64_t address, ...)
{
    (void)name;
    (void)address;
    irq_count = 0;
    return irqpath_evtchn_instance_new(type);
}

void *object_dynamic_cast_assert(void *object, const char *name, const char *file, int line, const char *function)
{
    (void)name;
    (void)file;
    (void)line;
    (void)function;
    return object;
}

void *object_class_dynamic_cast_assert(void *class, const char *name, const char *file, int line, const char *function)
{
    return object_dynamic_cast_assert(class, name, file, line, function);
}

char *qdev_get_dev_path(void *device)
{
    (void)device;
    return NULL;
}

/* --- interrupts: an irq is the number of its GSI + 1 --- */

void sysbus_init_irq(void *device, void **place)
{
    (void)device;
    if (irq_count == IRQS_MAX)
        irqpath_bug("the device has more interrupts than irqpath has room for");
    irq_places[irq_count++] = place;
}

void sysbus_connect_irq(void *device, int number, void *irq)
{
    (void)device;
    *irq_places[number] = irq;
}

void qemu_set_irq(void *irq, int level) { irqpath_qemu_set_irq((unsigned)(uintptr_t)irq - 1, level); }

static void set_mask(void *device, unsigned vector, bool is_masked)
{
    irqpath_qemu_set_mask(*(void **)device, vector, is_masked);
}

void msix_set_mask(void *device, int vector, bool is_masked) { set_mask(device, (unsigned)vector, is_masked); }

void msi_set_mask(void *device, int vector, bool is_masked, void *errors)
{
    (void)errors;
    set_mask(device, (unsigned)vector, is_masked);
}

/* --- the main loop --- */

void *qemu_get_aio_context(void) { return NULL; }

void *aio_bh_new_full(void *context, void (*function)(void *opaque), void *opaque, const char *name, void *guard)
{
    (void)context;
    (void)name;
    (void)guard;
    irqpath_qemu_bh = function;
    irqpath_qemu_bh_opaque = opaque;
    return NULL;
}

void qemu_bh_schedule(void *bottom_half)
{
    (void)bottom_half;
    irqpath_qemu_schedule_bh();
}

void irqpath_evtchn_callback_bh(void) { irqpath_qemu_bh(irqpath_qemu_bh_opaque); }

/* --- eventfds of backends: nobody reads them --- */

int eventfd(unsigned value, int flags)
{
    (void)value;
    (void)flags;
    return NO_FILE;
}

int eventfd_write(int file, uint64_t value)
{
    (void)file;
    (void)value;
    return 0;
}

/* --- vCPUs: a CPUState is the vCPU's number + 1 --- */

void *qemu_get_cpu(int number)
{
    return (unsigned)number < irqpath_qemu_vcpus() ? (void *)(uintptr_t)(number + 1) : NULL;
}

unsigned long kvm_arch_vcpu_id(void *cpu) { return (uintptr_t)cpu - 1; }

/* --- KVM --- */

uint32_t kvm_xen_get_caps(void) { return irqpath_qemu_has_kernel() ? ~0u : 0; }
uint16_t kvm_xen_get_evtchn_max_pirq(void) { return (uint16_t)irqpath_qemu_pirqs(); }
bool kvm_xen_has_vcpu_callback_vector(void) { return irqpath_qemu_has_vcpu_vector(); }
void kvm_xen_set_callback_asserted(void) { irqpath_qemu_callback_asserted(); }

int kvm_xen_set_vcpu_virq(uint32_t vcpu, uint16_t virq, uint16_t port)
{
    (void)vcpu;
    (void)virq;
    (void)port;
    return irqpath_qemu_kvm_attribute();
}

void *kvm_xen_get_vcpu_info_hva(uint32_t vcpu)
{
    return vcpu < irqpath_qemu_vcpus() ? irqpath_qemu_infos + (size_t)vcpu * INFO_BYTES : NULL;
}

void kvm_xen_inject_vcpu_callback_vector(uint32_t vcpu, int kind)
{
    (void)kind;
    if (irqpath_qemu_inject_callback(vcpu))
        irqpath_evtchn_set_callback_level(1);
}

void kvm_update_msi_routes_all(void *data, bool is_global, uint32_t address, uint32_t mask)
{
    (void)data;
    (void)is_global;
    (void)address;
    (void)mask;
    irqpath_qemu_update_routes();
}

int kvm_vm_ioctl(void *state, unsigned long request, ...)
{
    va_list arguments;
    const void *argument;

    (void)state;
    va_start(arguments, request);
    argument = va_arg(arguments, const void *);
    va_end(arguments);
    if ((unsigned)request == KVM_XEN_HVM_EVTCHN_SEND) {
        const struct kvm_irq_routing_xen_evtchn *event = argument;

        return irqpath_qemu_kvm_send(event->port, event->vcpu);
    }
    if ((unsigned)request != KVM_XEN_HVM_SET_ATTR)
        irqpath_bug("an ioctl of KVM that irqpath does not know");
    return irqpath_qemu_kvm_attribute();
}

/* --- the guest's pages --- */

void *xen_overlay_get_shinfo_ptr(void) { return irqpath_qemu_page; }
bool xen_is_long_mode(void) { return true; }
