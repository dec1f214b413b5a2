/* SPDX-License-Identifier: Apache-2.0
 *
 * QEMU's emulated Xen event channels and PIRQs for a Xen HVM guest on KVM with a split irqchip: the RFC of 2023-01-14
 * and the code merged on 2023-03-01 (799c23548f, aa98ee38a5, 4f81baa33e, 6096cf7877). Lock order: BQL, port_lock, then
 * the kernel's shinfo and vcpu_info locks. Names of steps are this model's: B bind of the RFC, M bind of the merged
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
#include "models/qemu/page.h"
#include "models/qemu/setup.h"
#include "models/qemu/designs.h"

enum { GSI_COUNT = 24, GSI_UNBOUND = -1, GSI_MSI_EMU = -3 };
enum { PIRQ_GSI_FIRST = 16, PIRQ_TABLE_RFC = 4168, PORTS_MAX = 4095, CALLBACK_PIN = 10 };

/* Virtual vectors of a vCPU, in ascending priority. */
enum {
    GUEST_VECTOR_GSI = 0,     /* + GSI: the pins of the I/O APIC */
    GUEST_VECTOR_UPCALL = 30, /* per-vCPU callback vector */
    GUEST_VECTOR_SEND = 31,   /* a timer of the guest, whose handler sends events */
    GUEST_VECTOR_TASK = 32,   /* a task to be run outside of interrupts */
};

/* The paths from a device to the guest; metrics.c describes them (qemu.paths.P.count). */
enum qemu_path { PATH_F1, PATH_F2, PATH_F3, PATH_S1, PATH_S2, PATH_S3, PATH_COUNT };

struct qemu;
struct qemu_code;
struct qemu_device;
struct qemu_vector;

/* --- event channels --- */

enum port_type { PORT_CLOSED, PORT_UNBOUND, PORT_INTERDOMAIN, PORT_PIRQ, PORT_VIRQ, PORT_IPI };

/* Protected by port_lock. */
struct port {
    enum port_type type;
    uint32_t vcpu;
    uint32_t value; /* the PIRQ, or the other end of a loopback */
};

/* Protected by the BQL in the merged code, `port` by both locks; by port_lock in the RFC. */
struct pirq {
    int32_t gsi;
    uint32_t port; /* 0: none */
    struct qemu_vector *vector;
    bool is_masked;
    bool is_translated; /* KVM has requested its route */
};

/* --- devices --- */

/* The state of a vector in the guest's driver. */
struct guest_irq {
    uint32_t pirq, port;
    uint32_t vcpu; /* to which it is bound */
    bool needs_eoi;
};

struct route {
    bool is_valid, is_plain; /* is_plain: an ordinary MSI, with vector 0 */
    uint32_t port, vcpu;
};

struct qemu_vector {
    struct device_vector source;
    struct qemu_device *device;
    struct eventfd eventfd;
    struct work inject; /* work item of the irqfd */
    struct guest_irq irq;
    uint32_t message_pirq; /* PIRQ of its MSI message; 0: none has been written */
    bool is_masked, is_pending;
    bool has_route;            /* has an entry in the route table, in order of addition */
    struct route user, kernel; /* as set by QEMU, and as committed to KVM */
    bool is_attached;          /* its eventfd is an irqfd */
    bool cause;                /* gsi, intx: the device needs service; ipi: the sender must send */
    uint32_t sender;           /* ipi: vCPU */
    enum qemu_path path;       /* path of the pending event, */
    cycles fired;              /* and the time at which it fired */
    bool is_fired;
    void *backend; /* backend: in a code object */
};

struct qemu_device {
    struct qemu *qemu;
    const struct device_setup *setup;
    const struct qemu_device_setup *own; /* the qemu family's part of `setup` */
    struct device *kind;
    struct qemu_vector *vectors;
    uint32_t gsi; /* gsi, intx */
    uint32_t number;
    void *real; /* in a code object */
};

/* --- vCPUs --- */

struct guest_task {
    struct list link;
    struct qemu *qemu;
    const struct action_setup *setup;
    uint32_t slot;
    uint64_t fired;
    cycles due;
    uint32_t vector; /* vector of the host that starts the task */
};

struct qemu_vcpu {
    struct vcpu vcpu;
    struct qemu *qemu;
    struct line line;
    struct page_word upcall_pending, pending_sel;
    struct word shadow_sel; /* selector that KVM keeps while the page is not mapped */
    struct rwlock info_lock;
    bool is_info_mapped;
    bool is_lapic_off;  /* messages to the local APIC are lost */
    struct word *bound; /* in the guest: ports bound to this CPU */
    struct list tasks;
    uint64_t upcalls;
};

struct ioapic_pin {
    bool level, remote_irr, is_masked;
    uint32_t vcpu;       /* in the redirection entry, */
    uint32_t route_vcpu; /* and in KVM's route for the pin */
};

struct qemu_statistics {
    uint64_t swallowed, dropped, stray, spurious, misdelivered, reposts, eois;
    uint64_t poll_exits, polls_wasted, bottom_halves;
    uint64_t commits, refreshes, entries_walked, entries_left, attaches, detaches, faults;
    cycles commit_cycles, refresh_cycles, bind_cycles, blackout_cycles;
    uint64_t binds, closes, migrations;
    uint64_t exits;
    uint64_t stuck; /* number of ports; set when it is reported */
};

struct qemu {
    struct host *host;
    const struct setup *setup;
    const struct qemu_setup *options;
    bool is_merged;
    struct qemu_code *code; /* in place of the tables below and their functions; NULL: they are the model's */
    enum qemu_revert revert;
    struct mutex bql, port_lock;
    struct poller main_loop;
    struct workqueue *kworker;

    uint32_t vcpu_count, word_count, nr_pirqs, nr_ports;
    struct qemu_vcpu *vcpus;
    struct port *ports;      /* [word_count * 64] */
    struct word *port_words; /* lockless ports: one word each, for the cost of reading it */
    struct pirq *pirqs;
    uint64_t *inuse;
    struct qemu_vector **guest_ports; /* in the guest: the vector bound to a port */
    uint32_t gsi_pirq[GSI_COUNT];
    uint32_t gsi_level; /* QEMU's pirq_gsi_set */
    struct line *lines; /* of the shared page */
    struct page_word *pending, *mask;
    struct rwlock shinfo_lock;
    bool is_shinfo_mapped, is_unmappable;
    uint32_t unmap_slot;

    uint32_t callback_gsi; /* 0: none */
    bool is_in_kernel;     /* QEMU's evtchn_in_kernel */
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
    const struct action_setup *migration; /* waits for its step, or is requested */
    cycles stopped_at;
    bool is_recovering; /* from a migration to the first interrupt handled after it */
    struct histogram *recovery;
    struct histogram *latency[PATH_COUNT];
    struct qemu_statistics statistics;
};

static inline struct qemu *qemu_of(const struct cpu *cpu) { return host_of(cpu)->model; }
static inline struct qemu_vcpu *qemu_vcpu(const struct vcpu *vcpu) { return vcpu->context; }

/* --- locks.c --- */

/* Acquires the BQL unless this thread holds it; returns whether it did. */
bool bql_lock(struct cpu *cpu, struct qemu *q, const char *where);
/* Acquires the locks for a change of the tables: the BQL in the merged code, then port_lock. Returns whether it
 * acquired the BQL. */
bool tables_lock(struct cpu *cpu, struct qemu *q, const char *where);
void tables_unlock(struct cpu *cpu, struct qemu *q, bool took_bql);
/* Begins posting to a port: acquires port_lock, or with lockless ports reads the port's word. */
void port_enter(struct cpu *cpu, struct qemu *q, uint32_t port, const char *where);
void port_leave(struct cpu *cpu, struct qemu *q);

/* --- tables.c: the tables as they are, without a cost --- */

struct port port_peek(const struct qemu *q, uint32_t port);
/* `vector` is not set with a code object. */
struct pirq pirq_peek(const struct qemu *q, uint32_t pirq);
bool pirq_in_use(const struct qemu *q, uint32_t pirq);
uint32_t gsi_pirq_peek(const struct qemu *q, uint32_t gsi);
uint32_t gsi_level_peek(const struct qemu *q);
uint32_t ports_peek(const struct qemu *q); /* one more than the highest open port */

/* --- port.c --- */

/* Returns a new port, or 0 when none is free. port_lock is held. */
uint32_t port_allocate(struct qemu *q, enum port_type type, uint32_t vcpu, uint32_t value);
void port_free(struct cpu *cpu, struct qemu *q, uint32_t port);
/* P1 to P5, or the ioctl of KVM. port_lock is held. */
void port_set_pending(struct cpu *cpu, struct qemu *q, uint32_t port);
/* Hypercalls; they run in the vCPU thread, in user space. They return 0 or a negative errno. */
int evtchn_unmask(struct cpu *cpu, struct qemu *q, uint32_t port);
int evtchn_bind_vcpu(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu);
int evtchn_bind_ipi(struct cpu *cpu, struct qemu *q, uint32_t vcpu);
int evtchn_bind_loopback(struct cpu *cpu, struct qemu *q, uint32_t remote_port);
int evtchn_send_op(struct cpu *cpu, struct qemu *q, uint32_t port);
int evtchn_close(struct cpu *cpu, struct qemu *q, uint32_t port);
int evtchn_reset(struct cpu *cpu, struct qemu *q);
/* Called with the locks that evtchn_close takes; sets *flush when routes must be updated. */
void port_close(struct cpu *cpu, struct qemu *q, uint32_t port, bool *flush);

/* --- pirq.c --- */

int physdev_map_pirq(struct cpu *cpu, struct qemu *q, int32_t wanted, uint32_t gsi);
int physdev_unmap_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq);
int physdev_get_free_pirq(struct cpu *cpu, struct qemu *q);
int physdev_eoi(struct cpu *cpu, struct qemu *q, uint32_t number);
int physdev_irq_status_query(struct cpu *cpu, struct qemu *q, uint32_t pirq, bool *needs_eoi);
int evtchn_bind_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq);

/* --- message.c: MSI messages and PIRQs --- */

void message_snoop(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
/* Returns 0 and fills *route; 1 when the message names no PIRQ; a negative errno when it is refused. */
int message_translate(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, struct route *route);
/* Returns false when the message has no receiver and is written to memory. */
bool message_deliver(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);

/* --- gsi.c --- */

/* Sets the level of a line. The BQL is held. */
void gsi_handler(struct cpu *cpu, struct qemu *q, uint32_t gsi, bool level);
void callback_set_level(struct cpu *cpu, struct qemu *q, bool level);
/* Notifies a vCPU; returns whether the callback's GSI must be raised for that. */
bool callback_inject(struct cpu *cpu, struct qemu *q, uint32_t vcpu);
void callback_schedule(struct cpu *cpu, struct qemu *q); /* of the bottom half */
void callback_poll(struct cpu *cpu, struct qemu_vcpu *v);
void callback_param_set(struct cpu *cpu, struct qemu *q);
void callback_bottom_half(struct cpu *cpu, struct eventfd *eventfd);
void qemu_ioapic_pin_eoi(struct cpu *cpu, struct qemu *q, uint32_t gsi);
void ioapic_mask(struct cpu *cpu, struct qemu *q, uint32_t gsi);
void ioapic_set_affinity(struct cpu *cpu, struct qemu *q, uint32_t gsi, uint32_t vcpu);

/* --- kernel.c --- */

/* Sends an upcall by the vCPU's own vector, a message to its local APIC. */
void kvm_send_upcall(struct cpu *cpu, struct qemu_vcpu *v);

/* K1 to K7. Returns false when the page is not mapped. */
bool evtchn_set_fast(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu);
/* Repeats evtchn_set_fast, mapping the page again, until it succeeds; may sleep. */
void evtchn_set_slow(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu);
void evtchn_irqfd_wakeup(struct cpu *cpu, struct eventfd *eventfd);
void evtchn_irqfd_inject(struct cpu *cpu, struct work *work);
bool kvm_wants_upcall(struct cpu *cpu, struct vcpu *vcpu);
void kernel_boot(struct qemu *q);

/* --- route.c --- */

/* Begins the use of a vector: adds a route, commits it, and makes the vector's eventfd an irqfd. */
void route_add(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
void route_commit(struct cpu *cpu, struct qemu *q);
/* Updates routes after a bind or close of the PIRQ's port: kvm_update_msi_routes_all, or what the route policy does
 * instead. */
void route_flush(struct cpu *cpu, struct qemu *q, struct qemu_vector *changed);
void route_batch_end(struct cpu *cpu, struct qemu *q);
/* Called when the eventfd of a detached vector has fired in user space: builds its route and attaches it again. */
void route_rebuild(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
void route_attach(struct qemu *q, struct qemu_vector *vector);
void route_detach(struct qemu *q, struct qemu_vector *vector);

/* --- device.c --- */

void vector_boot(struct qemu *q, struct qemu_vector *vector, struct qemu_device *device, uint32_t number);
/* The guest writes a message or a mask bit; both are MMIO exits that QEMU handles under the BQL. */
void msi_write_message(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, uint32_t pirq);
void msi_set_mask(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, bool is_masked);
/* The guest's handler has served the device, which lowers its line. */
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
/* The two halves of a hypercall or MMIO exit: to QEMU, and back to the guest. */
void guest_exit_begin(struct cpu *cpu, struct qemu_vcpu *v, enum vm_exit reason);
void guest_exit_end(struct cpu *cpu, struct qemu_vcpu *v);
void guest_unmask(struct cpu *cpu, struct qemu_vcpu *v, uint32_t port);
void guest_handle(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector);
void driver_run(struct cpu *cpu, struct qemu_vcpu *v, struct guest_task *task);
/* Sets the state in which the driver has bound the vector, without passing time. */
void driver_boot(struct qemu *q, struct qemu_vector *vector, uint32_t vcpu);

/* --- migrate.c --- */

void migration_run(struct cpu *cpu, struct eventfd *eventfd);
/* The guest has completed `step`: starts a migration that waits for this step. */
void migration_point(struct cpu *cpu, struct qemu *q, enum migration_step step);

/* For traces: the number of the vector's interrupt that waits for its handler; 0: none. `vector` may be NULL. */
static inline uint32_t vector_flow(const struct qemu_vector *vector)
{
    return vector != NULL && vector->source.outstanding > 0 ? vector->source.flow : 0;
}

/* Binds the vector's interrupt to the guest's vCPU, which owns it in traces. */
static inline void vector_bind_to(struct qemu_vector *vector, uint32_t vcpu)
{
    vector->irq.vcpu = vcpu;
    vector->source.owner = trace_who(0, vcpu);
}

/* Records that an event fires now on this path; the time is that of the first event not yet handled. */
static inline void vector_fire(struct cpu *cpu, struct qemu_vector *vector, enum qemu_path path)
{
    if (!vector->is_fired)
        vector->fired = cpu_now(cpu);
    vector->is_fired = true;
    vector->path = path;
}

#endif
