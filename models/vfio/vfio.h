/* SPDX-License-Identifier: Apache-2.0
 *
 * Linux VFIO's INTx path: a shared level-triggered line, the host's chain of handlers on it, VFIO's handler, the
 * trigger eventfd, KVM's irqfd and its resampling, QEMU where it is involved, and the guest's driver. Names are Linux's
 * and QEMU's where the code mirrors them. Behaviour follows Linux 7.0 and QEMU 10.2 (ece408818d); direct EOI follows
 * the RFC of 2017-05-24. Names of steps are this model's: A assert, G guest, R resample at the guest's EOI, D direct
 * EOI. Left out: DMA, runtime suspend, the work of PCI resets, hotplug, affinity changes.
 *
 * Lock order, outermost first: BQL (QEMU), igate, irqlock, desc->lock, pci_lock. On the way back (resample) irqlock is
 * taken under an eventfd's wqh; on the way to the guest wqh is taken with none of VFIO's locks held, except that the
 * RFC's wrapper signals with irqlock held.
 */
#ifndef VFIO_VFIO_H
#define VFIO_VFIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "machine/devices/device.h"
#include "machine/devices/irq_chip.h"
#include "models/family/family.h"
#include "models/host/eventfd.h"
#include "models/host/host.h"
#include "models/host/mutex.h"
#include "models/host/vcpu.h"
#include "models/host/workqueue.h"
#include "models/vfio/setup.h"
#include "models/vfio/designs.h"

/* Devices of a guest, and lines of the host that they share: each has a vector of the guest's. */
enum { VFIO_GUEST_DEVICES_MAX = 32, VFIO_GUEST_LINES_MAX = 16 };

struct code;
struct control_action;
struct guest;
struct irq_desc;
struct kvm_pin;
struct vfio;
struct vfio_device;

enum vfio_mode {
    VFIO_AUTOMASK,   /* DisINTx; for a device without it disable_irq, with exclusive use of the line */
    VFIO_EXCLUSIVE,  /* nointxmask: disable_irq for every device */
    VFIO_DIRECT_EOI, /* the guest's deactivation deactivates the host's interrupt; automask for devices not admitted */
    VFIO_MSI,        /* messages, no line */
};

struct vfio_design {
    enum vfio_mode mode;
    bool is_kvm_assigned; /* messages as before VFIO and APICv: a worker injects them, and their EOI exits */
};

/* --- irq.c: the host's interrupt core --- */

enum irq_return { IRQ_NONE, IRQ_HANDLED };

struct irq_action {
    enum irq_return (*handler)(struct cpu *cpu, struct irq_action *action);
    struct vfio_device *device;
    bool is_shared; /* IRQF_SHARED */
    struct irq_action *next;
};

struct irq_statistics {
    uint64_t none, handled,
        disabled; /* interrupts that no handler claimed, that a handler claimed, that found the line disabled */
    uint64_t kills, polls, depth_max;
};

/* A line of the host: its pin, and the kernel's descriptor. */
struct irq_desc {
    struct vfio *vfio;
    uint32_t number;
    struct irq_pin pin;
    struct lock lock;
    struct irq_action *actions; /* protected by the lock, as are depth and the flags */
    uint32_t depth;             /* disable_irq calls minus enable_irq calls; 1 without actions */
    bool is_unlazy;             /* disable_irq masks at once */
    bool is_forwarded;          /* a guest deactivates the interrupt */
    bool is_killed;             /* by note_interrupt */
    struct line line;
    struct word in_progress; /* synchronize_irq waits until it is 0 */
    uint32_t irq_count, irqs_unhandled;
    cycles last_unhandled;
    uint32_t poll_slot, poll_vector;
    struct irq_statistics statistics;
};

void irq_desc_boot(struct vfio *vfio, struct irq_desc *desc, uint32_t number);
/* At boot, without passing time. Returns false when the line is in use and not shared. */
bool irq_request_boot(struct irq_desc *desc, struct irq_action *action);
/* Returns false for -EBUSY. The first action of a line enables it unless is_no_autoen. */
bool request_irq(struct cpu *cpu, struct irq_desc *desc, struct irq_action *action, bool is_no_autoen);
void free_irq(struct cpu *cpu, struct irq_desc *desc, struct irq_action *action);
void disable_irq_nosync(struct cpu *cpu, struct irq_desc *desc);
void enable_irq(struct cpu *cpu, struct irq_desc *desc);
void synchronize_irq(struct cpu *cpu, struct irq_desc *desc);
/* Sets whether a guest deactivates the interrupt. Clearing it completes a service in progress. The lock is held. */
void irq_set_vcpu_affinity(struct irq_desc *desc, bool is_forwarded);
void irq_set_unlazy(struct cpu *cpu, struct irq_desc *desc, bool is_unlazy);

/* Handler of a device of the host: reads its status, clears it, and does its work. */
enum irq_return host_device_handler(struct cpu *cpu, struct irq_action *action);

/* --- config.c: configuration cycles, under pci_lock --- */

bool pci_check_and_mask_intx(struct cpu *cpu, struct vfio_device *vdev);
bool pci_check_and_unmask_intx(struct cpu *cpu, struct vfio_device *vdev);
void pci_intx(struct cpu *cpu, struct vfio_device *vdev, bool is_enabled);

/* --- intx.c, virqfd.c: a passed-through device --- */

enum irq_type { IRQ_TYPE_NONE, IRQ_TYPE_INTX, IRQ_TYPE_MSI };

struct vfio_statistics {
    uint64_t config_cycles, mmio_exits, resignals, switches;
    cycles masked, direct; /* cycles in which it was masked, and had direct EOI */
};

struct vfio_device {
    struct vfio *vfio;
    struct guest *guest; /* NULL: a device of the host */
    const struct device_setup *setup;
    const struct vfio_device_setup *own; /* the vfio family's part of `setup` */
    uint32_t number;                     /* number among the devices of its kind */
    char name[SETUP_NAME_BYTES + 8];
    struct device *device;
    struct device_vector vector;
    struct irq_source source;
    struct irq_desc *desc;
    struct irq_action action;
    bool pci_2_3; /* the device has DisINTx */

    struct mutex igate;
    struct lock irqlock;
    enum irq_type irq_type;
    bool virq_disabled; /* DisINTx as written by the guest */
    bool masked;        /* this and all below belong to the INTx context */
    bool has_ctx;
    bool is_direct;
    struct line trigger_line;
    struct word trigger; /* 1: there is a trigger eventfd */
    struct eventfd trigger_fd, resample_fd;
    bool has_unmask;   /* ctx->unmask, protected by virqfd_lock */
    bool is_allocated; /* the virqfd is allocated */
    struct work virqfd_inject, virqfd_shutdown;

    struct work irqfd_inject; /* work item of the irqfd, for a level-triggered pin in KVM */
    struct kvm_pin *pin;
    bool is_pending; /* in QEMU, without irqfd: the pin is asserted until a register access is taken for an EOI */
    cycles mmaps_off_until;
    uint32_t msi_vector; /* of the guest */
    struct cpu *msi_cpu;
    uint32_t msi_host_vector;
    struct vcpu_posting posting;
    struct work assigned_inject; /* kvm-assigned: work item of the handler */
    struct vfio_statistics statistics;
    cycles charged_at; /* time of the last update of the cycles masked and direct */
    uint64_t refusals; /* failed requests of its line, since boot */
    struct vfio_device *next_of_pin;

    void *kernel_vdev; /* own_code.h: struct vfio_pci_core_device; NULL: the device is built in */
    int (*kernel_handler)(int irq, void *dev_id);
    void *kernel_dev_id;
    int trigger_file, resample_file; /* file descriptors; 0 or less: none */
};

void vfio_device_boot(struct vfio_device *vdev);
enum irq_return vfio_intx_handler(struct cpu *cpu, struct irq_action *action);
enum irq_return vfio_intx_wrapper(struct cpu *cpu, struct irq_action *action);
void vfio_send_intx_eventfd(struct cpu *cpu, struct vfio_device *vdev);
/* The unmask of a resample or an ioctl; returns true when the device still asserts and must be signalled again. */
bool vfio_pci_intx_unmask_handler(struct cpu *cpu, struct vfio_device *vdev);

/* Ioctls and configuration writes; called in threads. */
void vfio_pci_intx_mask(struct cpu *cpu, struct vfio_device *vdev);
void vfio_pci_intx_unmask(struct cpu *cpu, struct vfio_device *vdev);
void vfio_config_disintx(struct cpu *cpu, struct vfio_device *vdev, bool disintx);
bool vfio_intx_enable(struct cpu *cpu, struct vfio_device *vdev);
void vfio_intx_disable(struct cpu *cpu, struct vfio_device *vdev);
void vfio_intx_set_signal(struct cpu *cpu, struct vfio_device *vdev, bool has_trigger);
void vfio_device_charge(struct vfio_device *vdev);
void vfio_masked_set(struct vfio_device *vdev, bool masked);
/* Counts and reports a request of a line that is in use and not shared. */
void vfio_refused(struct cpu *cpu, struct vfio_device *vdev);

/* `cpu` is NULL at boot, where no event has come. */
void virqfd_enable(struct cpu *cpu, struct vfio_device *vdev);
void virqfd_wakeup(struct cpu *cpu, struct eventfd *eventfd);
void virqfd_close(struct cpu *cpu, struct vfio_device *vdev);
void virqfd_disable(struct cpu *cpu, struct vfio_device *vdev);
void virqfd_boot(struct vfio_device *vdev);

/* --- direct.c: admission to direct EOI --- */

/* Whether the policy requires exclusive use of the line. */
bool direct_is_exclusive(const struct vfio_device *vdev);
/* At boot, without passing time: gives the device direct EOI if the policy admits it. */
void direct_at_boot(struct vfio_device *vdev);
/* Returns a device with direct EOI to automask; direct_leave is called with irqlock held. */
void direct_end(struct cpu *cpu, struct vfio_device *vdev);
void direct_leave(struct cpu *cpu, struct vfio_device *vdev);
/* Called when the line has been requested: gives the device direct EOI if the policy admits it. */
void direct_begin(struct cpu *cpu, struct vfio_device *vdev);
/* Called when the device has been unmasked, with irqlock held: tries again to give it direct EOI. */
void direct_reconsider(struct cpu *cpu, struct vfio_device *vdev);
/* Called when `newcomer` joins a line: a device that had direct EOI because it was alone falls back to automask. */
void direct_sharer_came(struct cpu *cpu, const struct vfio_device *newcomer);
/* Called when the guest has deactivated its virtual interrupt. */
void direct_guest_deactivates(struct cpu *cpu, struct kvm_pin *pin);

/* --- kvm.c: irqfds, the virtual I/O APIC --- */

enum { KVM_SOURCE_RESAMPLE = 1, KVM_SOURCE_USERSPACE = 2 };

struct kvm_statistics {
    uint64_t injections, spurious, brakes, eoi_exits, userspace_eois;
};

/* A pin of a guest's I/O APIC, which is a GSI. */
struct kvm_pin {
    struct guest *guest;
    uint32_t vector;
    struct vcpu *vcpu;
    struct vfio_device *devices;     /* devices on the pin */
    struct vfio_device **resamplers; /* QEMU's entries for the pin, the newest last; protected by the BQL */
    uint32_t resampler_count;
    bool irr, remote_irr, is_masked; /* protected by ioapic_lock, as are all fields below */
    uint32_t levels;                 /* KVM_SOURCE_* */
    uint32_t eoi_count;              /* EOIs in a row with the line still asserted */
    uint32_t brake_slot, brake_vector;
    enum device_isr isr; /* in the guest: order of its first device */
    bool has_task;       /* in the guest: its task has a cause to clear */
    struct kvm_statistics statistics;
};

void irqfd_wakeup(struct cpu *cpu, struct eventfd *eventfd);
void irqfd_inject(struct cpu *cpu, struct work *work);
void kvm_pin_boot(struct guest *guest, struct kvm_pin *pin, uint32_t vector);
void kvm_set_irq(struct cpu *cpu, struct kvm_pin *pin, uint32_t source, bool level);
/* The guest's EOI of the pin's vector; called in guest mode. */
void kvm_eoi(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin);
/* The guest's EOI of a message's vector. */
void kvm_message_eoi(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin);
void kvm_pin_mask(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin, bool is_masked);

/* --- qemu.c --- */

void qemu_intx_interrupt(struct cpu *cpu, struct eventfd *eventfd);
/* Begins a register access of the guest, which takes effect when this returns. Returns whether QEMU emulates it. */
bool guest_register_access(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev, cycles cost);
/* Ends a register access, after its effect. */
void guest_register_done(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev, bool was_emulated);
/* Adds and removes the device's entry of the list of resample eventfds that a split irqchip needs. */
void qemu_resample_boot(struct vfio_device *vdev);
void qemu_resample_add(struct cpu *cpu, struct vfio_device *vdev);
void qemu_resample_remove(struct cpu *cpu, const struct vfio_device *vdev);
void qemu_ioapic_eoi(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin);

/* --- msi.c, apic_timer.c --- */

void msi_boot(struct vfio_device *vdev);
void apic_timer_boot(struct vfio_device *vdev);
void apic_timer_expire(struct cpu *cpu, struct vcpu *vcpu, const struct vfio_device *vdev);
static inline bool is_timer(const struct device_setup *device)
{
    return vfio_device_setup(device)->interrupt == DEVICE_INTERRUPT_TIMER ||
           vfio_device_setup(device)->interrupt == DEVICE_INTERRUPT_DIRECT_TIMER;
}
void vfio_msi_enable(struct vfio_device *vdev);
void vfio_msi_disable(struct vfio_device *vdev);

/* --- guest.c --- */

struct guest {
    struct vfio *vfio;
    const struct guest_setup *setup;
    uint32_t number;
    char name[SETUP_NAME_BYTES + 8];
    struct vcpu *vcpus;
    struct vfio_device **devices;
    uint32_t device_count;
    struct kvm_pin *pins;
    uint32_t pin_count;
    struct lock ioapic_lock;
    struct mutex bql;
    struct poller main_loop;
    bool is_paused, is_dead;
    struct vcpu_throttle *throttles;
    void *kernel_kvm; /* own_code.h: struct kvm; NULL: none */
};

/* Takes a vCPU off its pCPU and puts it back, at random times. */
struct vcpu_throttle {
    struct vfio *vfio;
    struct vcpu *vcpu;
    uint32_t slot;
    struct rng rng;
    cycles every, length;
    bool is_off;
    uint32_t left; /* explored: how many times more */
};

extern const struct vcpu_operations guest_operations;
void guest_throttle_boot(struct guest *guest, struct vcpu_throttle *throttle, struct vcpu *vcpu);

/* --- control.c, actions.c --- */

/* Creates the threads that perform the actions. */
void vfio_control_boot(struct vfio *vfio);
/* Performs the action, in its thread. */
void action_perform(struct cpu *cpu, const struct control_action *action);

/* --- the model --- */

struct control_action {
    const struct action_setup *setup;
    struct vfio *vfio;
    uint32_t slot;
    uint64_t fired;
    cycles due;
    bool is_due;
};

struct control {
    struct vfio *vfio;
    struct thread thread;
    uint32_t cpu, vector;
};

struct vfio {
    struct host *host;
    struct machine *machine;
    const struct setup *setup;
    const struct vfio_design *design;
    struct lock_class *irqlock_class, *desc_class, *ioapic_class;
    struct lock pci_lock, virqfd_lock;
    struct workqueue virqfd_cleanup;
    struct irq_desc *lines;
    uint32_t line_count;
    struct device *kinds; /* one entry for each entry of setup->devices */
    struct vfio_device *devices;
    uint32_t device_count;
    struct guest *guests;
    uint32_t guest_count;
    struct control *controls;
    uint32_t control_count;
    struct control_action *actions;
    struct code *code; /* of the kernel, in place of the model's (own_code.h); NULL: none */
};

static inline struct vfio *vfio_of(const struct cpu *cpu) { return host_of(cpu)->model; }
static inline cycles vfio_now(const struct vfio *vfio) { return vfio->machine->engine->now; }
static inline bool vfio_lacks(const struct vfio *vfio, enum vfio_revert fix)
{
    return vfio_setup(vfio->setup)->revert == fix;
}

#endif
