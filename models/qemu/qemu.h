/* SPDX-License-Identifier: Apache-2.0
 *
 * QEMU's emulated Xen event channels and PIRQs for a Xen HVM guest on KVM, with a split irqchip: the RFC of 2023-01-14
 * and what was merged on 2023-03-01 (799c23548f, aa98ee38a5, 4f81baa33e, 6096cf7877). Locks: BQL, then port_lock; the
 * kernel's shinfo and vcpu_info locks below. Steps have our names: B bind of the RFC, M of the merged
 * code, c close, S snoop, T translate, D deliver, s and g set_gsi, P posting in user space, U unmask, K posting in the
 * kernel, t poll, G guest. Left out: FIFO event channels, the PIC, xenstore, grant tables, timers, more than one guest.
 */
#ifndef QEMU_QEMU_H
#define QEMU_QEMU_H

#include "machine/devices/device.h"
#include "models/family/family.h"
#include "models/host/eventfd.h"
#include "models/host/host.h"
#include "models/host/mutex.h"
#include "models/host/rwlock.h"
#include "models/host/vcpu.h"
#include "models/host/workqueue.h"
#include "models/qemu/setup.h"
#include "models/qemu/designs.h"

enum { GSI_COUNT = 24, GSI_UNBOUND = -1, GSI_MSI_EMU = -3 };
enum { PIRQ_GSI_FIRST = 16, PIRQ_TABLE_RFC = 4168, PORTS_MAX = 4095, CALLBACK_PIN = 10 };

/* Virtual vectors of a vCPU, by rising priority. */
enum {
    GUEST_VECTOR_GSI = 0,     /* + GSI: of the I/O APIC's pins */
    GUEST_VECTOR_UPCALL = 30, /* per-vCPU callback vector */
    GUEST_VECTOR_SEND = 31,   /* a timer of the guest's: it sends events */
    GUEST_VECTOR_TASK = 32,   /* something to do outside of interrupts */
};

/* The ways from a device to the guest: `irqpath list metrics`, qemu.paths. */
enum qemu_path { PATH_F1, PATH_F2, PATH_F3, PATH_S1, PATH_S2, PATH_S3, PATH_COUNT };

struct qemu;
struct qemu_device;
struct qemu_vector;

/* --- event channels --- */

enum port_type { PORT_CLOSED, PORT_UNBOUND, PORT_INTERDOMAIN, PORT_PIRQ, PORT_VIRQ, PORT_IPI };

/* Under port_lock. */
struct port {
    enum port_type type;
    uint32_t vcpu;
    uint32_t value; /* PIRQ, or the loopback's other end */
};

/* Merged: under the BQL, `port` under both locks. RFC: under port_lock. */
struct pirq {
    int32_t gsi;
    uint32_t port; /* 0: none */
    struct qemu_vector *vector;
    bool is_masked;
    bool is_translated; /* KVM has asked for its route */
};

/* --- devices --- */

/* What the guest's driver knows of a vector. */
struct guest_irq {
    uint32_t pirq, port;
    uint32_t vcpu; /* it is bound to */
    bool needs_eoi;
};

struct route {
    bool is_valid, is_plain; /* plain: an ordinary MSI, with vector 0 */
    uint32_t port, vcpu;
};

struct qemu_vector {
    struct device_vector source;
    struct qemu_device *device;
    struct eventfd eventfd;
    struct work inject; /* the irqfd's */
    struct guest_irq irq;
    uint32_t message_pirq; /* of its MSI message; 0: none written */
    bool is_masked, is_pending;
    bool has_route;           /* an entry of the route table, in order of addition */
    struct route user, kernel; /* as QEMU has put it, and as committed */
    bool is_attached;         /* its eventfd is an irqfd */
    bool cause;               /* gsi, intx: the device wants attention; ipi: the sender is to send */
    uint32_t sender;          /* ipi: vCPU */
    enum qemu_path path;      /* of what is on its way, */
    cycles fired;             /* since */
    bool is_fired;
};

struct qemu_device {
    struct qemu *qemu;
    const struct device_setup *setup;
    const struct qemu_device_setup *own; /* of the setup */
    struct device *kind;
    struct qemu_vector *vectors;
    uint32_t gsi; /* gsi, intx */
    uint32_t number;
};

/* --- vCPUs --- */

struct guest_task {
    struct list link;
    struct qemu *qemu;
    const struct action_setup *setup;
    uint32_t slot;
    uint64_t fired;
    cycles due;
    uint32_t vector; /* of the host's, that tells */
};

struct qemu_vcpu {
    struct vcpu vcpu;
    struct qemu *qemu;
    struct line line;
    struct word upcall_pending, pending_sel;
    struct word shadow_sel; /* KVM's, while the page is not mapped */
    struct rwlock info_lock;
    bool is_info_mapped;
    bool is_lapic_off; /* messages to it are lost */
    struct word *bound; /* the guest's: ports bound to this CPU */
    struct list tasks;
    uint64_t upcalls;
};

struct ioapic_pin {
    bool level, remote_irr, is_masked;
    uint32_t vcpu;       /* of the redirection entry, */
    uint32_t route_vcpu; /* and of KVM's route for it */
};

struct qemu_statistics {
    uint64_t swallowed, dropped, stray, spurious, misdelivered, reposts, eois;
    uint64_t poll_exits, polls_wasted, bottom_halves;
    uint64_t commits, refreshes, entries_walked, entries_left, attaches, detaches, faults;
    cycles commit_cycles, refresh_cycles, bind_cycles, blackout_cycles;
    uint64_t binds, closes, migrations;
    uint64_t exits;
    uint64_t stuck; /* ports; known when it is reported */
};

struct qemu {
    struct host *host;
    const struct setup *setup;
    const struct qemu_setup *options;
    bool is_merged;
    enum qemu_revert revert;
    struct mutex bql, port_lock;
    struct poller main_loop;
    struct workqueue kworker;

    uint32_t vcpu_count, word_count, nr_pirqs, nr_ports;
    struct qemu_vcpu *vcpus;
    struct port *ports; /* [word_count * 64] */
    struct word *port_words; /* lockless: one each, for what reading it costs */
    struct pirq *pirqs;
    uint64_t *inuse;
    struct qemu_vector **guest_ports; /* the guest's: who is at a port */
    uint32_t gsi_pirq[GSI_COUNT];
    uint32_t gsi_level; /* pirq_gsi_set */
    struct line *lines; /* of the shared page */
    struct word *pending, *mask;
    struct rwlock shinfo_lock;
    bool is_shinfo_mapped, is_unmappable;
    uint32_t unmap_slot;

    uint32_t callback_gsi; /* 0: none */
    bool is_in_kernel;     /* evtchn_in_kernel */
    bool extern_level, is_setting_callback, is_callback_asserted;
    struct eventfd callback_bh;
    struct ioapic_pin pins[GSI_COUNT];

    struct qemu_device *devices;
    struct qemu_vector *vectors, **routes;
    struct device *kinds;
    uint32_t device_count, vector_count, route_count, attached_count;
    bool is_batching, is_refresh_due;

    struct guest_task *tasks;
    struct eventfd migrate_fd;
    bool has_migrated;
    const struct action_setup *migration; /* that waits for its step, or is wanted */
    cycles stopped_at;
    bool is_recovering; /* until the first good delivery after a migration */
    struct histogram *recovery;
    struct histogram *latency[PATH_COUNT];
    struct qemu_statistics statistics;
};

static inline struct qemu *qemu_of(const struct cpu *cpu) { return host_of(cpu)->model; }
static inline struct qemu_vcpu *qemu_vcpu(const struct vcpu *vcpu) { return vcpu->context; }

/* --- locks.c --- */

/* The BQL, unless this thread holds it: whether it took it. */
bool bql_lock(struct cpu *cpu, struct qemu *q, const char *where);
/* To change the tables: port_lock, and if merged first the BQL. Whether it took that. */
bool tables_lock(struct cpu *cpu, struct qemu *q, const char *where);
void tables_unlock(struct cpu *cpu, struct qemu *q, bool took_bql);
/* To post to a port: port_lock, or with lockless ports one read of the port's word. */
void port_enter(struct cpu *cpu, struct qemu *q, uint32_t port, const char *where);
void port_leave(struct cpu *cpu, struct qemu *q);

/* --- port.c --- */

/* port_lock held. 0: none is free. */
uint32_t port_allocate(struct qemu *q, enum port_type type, uint32_t vcpu, uint32_t value);
void port_free(struct cpu *cpu, struct qemu *q, uint32_t port);
/* P1 to P5, or the ioctl; port_lock held. */
void port_set_pending(struct cpu *cpu, struct qemu *q, uint32_t port);
/* Hypercalls, in the vCPU thread and in user space. 0 or a negative errno. */
int evtchn_unmask(struct cpu *cpu, struct qemu *q, uint32_t port);
int evtchn_bind_vcpu(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu);
int evtchn_bind_ipi(struct cpu *cpu, struct qemu *q, uint32_t vcpu);
int evtchn_bind_loopback(struct cpu *cpu, struct qemu *q, uint32_t remote_port);
int evtchn_send_op(struct cpu *cpu, struct qemu *q, uint32_t port);
int evtchn_close(struct cpu *cpu, struct qemu *q, uint32_t port);
int evtchn_reset(struct cpu *cpu, struct qemu *q);
/* With the locks that evtchn_close takes. */
void port_close(struct cpu *cpu, struct qemu *q, uint32_t port, bool *flush);

/* --- pirq.c --- */

bool pirq_in_use(const struct qemu *q, uint32_t pirq);
int physdev_map_pirq(struct cpu *cpu, struct qemu *q, int32_t wanted, uint32_t gsi);
int physdev_unmap_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq);
int physdev_get_free_pirq(struct cpu *cpu, struct qemu *q);
int physdev_eoi(struct cpu *cpu, struct qemu *q, uint32_t number);
int physdev_irq_status_query(struct cpu *cpu, struct qemu *q, uint32_t pirq, bool *needs_eoi);
int evtchn_bind_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq);

/* --- message.c: MSI messages and PIRQs --- */

void message_snoop(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
/* 1: no PIRQ; negative: refused; 0: *route is filled. */
int message_translate(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, struct route *route);
/* False: nobody wants it, it is written to memory. */
bool message_deliver(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);

/* --- gsi.c --- */

/* A line changes; the BQL is held. */
void gsi_handler(struct cpu *cpu, struct qemu *q, uint32_t gsi, bool level);
void callback_set_level(struct cpu *cpu, struct qemu *q, bool level);
void callback_poll(struct cpu *cpu, struct qemu_vcpu *v);
void callback_param_set(struct cpu *cpu, struct qemu *q);
void callback_bottom_half(struct cpu *cpu, struct eventfd *eventfd);
void qemu_ioapic_pin_eoi(struct cpu *cpu, struct qemu *q, uint32_t gsi);
void ioapic_mask(struct cpu *cpu, struct qemu *q, uint32_t gsi);
void ioapic_set_affinity(struct cpu *cpu, struct qemu *q, uint32_t gsi, uint32_t vcpu);

/* --- kernel.c --- */

/* An upcall by the vCPU's own vector: a message to its LAPIC. */
void kvm_send_upcall(struct cpu *cpu, struct qemu_vcpu *v);

/* K1 to K7. False: the page is not mapped. */
bool evtchn_set_fast(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu);
/* It, until it is; may sleep. */
void evtchn_set_slow(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu);
void evtchn_irqfd_wakeup(struct cpu *cpu, struct eventfd *eventfd);
void evtchn_irqfd_inject(struct cpu *cpu, struct work *work);
bool kvm_wants_upcall(struct cpu *cpu, struct vcpu *vcpu);
void kernel_boot(struct qemu *q);

/* --- route.c --- */

/* The vector is used: an entry, a commit, its eventfd becomes an irqfd. */
void route_add(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
void route_commit(struct cpu *cpu, struct qemu *q);
/* After a port of this PIRQ has come or gone: kvm_update_msi_routes_all, or what the policy does instead. */
void route_flush(struct cpu *cpu, struct qemu *q, struct qemu_vector *changed);
void route_batch_end(struct cpu *cpu, struct qemu *q);
/* The eventfd of a detached vector has fired in user space. */
void route_rebuild(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
void route_attach(struct qemu *q, struct qemu_vector *vector);
void route_detach(struct qemu *q, struct qemu_vector *vector);

/* --- device.c --- */

void vector_boot(struct qemu *q, struct qemu_vector *vector, struct qemu_device *device, uint32_t number);
/* The guest writes message or mask: MMIO exits end here, with the BQL. */
void msi_write_message(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, uint32_t pirq);
void msi_set_mask(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, bool is_masked);
/* The guest's handler has served the device: its line falls. */
void device_acknowledge(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
static inline bool vector_is_message(const struct qemu_vector *vector)
{
    return vector->device->own->pirq_kind <= PIRQ_KIND_MSIX;
}
static inline bool vector_has_mask(const struct qemu_vector *vector)
{
    return vector->device->own->pirq_kind == PIRQ_KIND_MSIX || vector->device->own->pirq_kind == PIRQ_KIND_MSI_MASK;
}

/* --- guest.c, driver.c: the guest --- */

extern const struct vcpu_operations qemu_guest_operations;
/* A hypercall or an MMIO exit: out to QEMU, and back. */
void guest_exit_begin(struct cpu *cpu, struct qemu_vcpu *v);
void guest_exit_end(struct cpu *cpu, struct qemu_vcpu *v);
void guest_unmask(struct cpu *cpu, struct qemu_vcpu *v, uint32_t port);
void guest_handle(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector);
void driver_run(struct cpu *cpu, struct qemu_vcpu *v, struct guest_task *task);
/* Without time: as if the driver had bound it. */
void driver_boot(struct qemu *q, struct qemu_vector *vector, uint32_t vcpu);

/* --- migrate.c --- */

void migration_run(struct cpu *cpu, struct eventfd *eventfd);
/* The guest has just done `step`: a migration that waits for it begins. */
void migration_point(struct cpu *cpu, struct qemu *q, enum migration_step step);

/* An event is on its way over this path, from now on. */
static inline void vector_fire(struct cpu *cpu, struct qemu_vector *vector, enum qemu_path path)
{
    if (!vector->is_fired)
        vector->fired = cpu_now(cpu);
    vector->is_fired = true;
    vector->path = path;
}

#endif
