/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario asks for: plain data, validated once by the binder (sim/scenario/scenario.h), constant afterwards.
 * Models boot from it. Durations are nanoseconds, rates are in 1/1000 Hz, until the machine's frequency turns them into
 * cycles.
 */
#ifndef MODELS_SETUP_H
#define MODELS_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "machine/costs.h"
#include "machine/irq_chip.h"
#include "machine/topology.h"

#define SETUP_NAME_BYTES 48
#define SETUP_TEXT_BYTES 1024
#define SETUP_GUESTS_MAX 64
#define SETUP_DEVICES_MAX 256
#define SETUP_VCPUS_MAX 128 /* of one guest */
#define SETUP_ACTIONS_MAX 64

struct machine_setup {
    char profile[SETUP_TEXT_BYTES];  /* name of a file scenarios/machines/NAME.yaml, or a path */
    char topology[SETUP_TEXT_BYTES]; /* "" = the profile's own */
    enum interconnect interconnect;  /* from the profile */
    struct costs costs;              /* the profile's, with machine.costs.* overrides applied */
};

/* vfio: who emulates the guest's interrupt controllers, and how a device's interrupt gets there. */
enum irqchip_kind {
    IRQCHIP_KERNEL,    /* both in KVM; irqfd with a resampling one */
    IRQCHIP_SPLIT,     /* local APICs in KVM, I/O APIC in QEMU; irqfd, EOIs end in QEMU */
    IRQCHIP_USERSPACE, /* QEMU's main loop reads the eventfd; every register access is taken for an EOI */
};

/* vfio-direct-eoi: who may have his physical interrupt deactivated by the guest. */
enum admission_policy {
    ADMISSION_SHARED_FALLBACK,   /* who is alone on his line, and only while he is */
    ADMISSION_EXCLUSIVE_OR_FAIL, /* who gets the line for himself; others are refused it */
    ADMISSION_FIRST_COME,        /* who asks while no other has it, shared or not */
};

/* xen: before which fix. */
enum xen_history {
    XEN_AS_DESIGNED,
    XEN_BEFORE_A29AF79E4E,
    XEN_BEFORE_C6B4652705,
    XEN_BEFORE_0B8D217214,
    XEN_BEFORE_5B58DAD089,
    XEN_BEFORE_58427889F5,
    XEN_AFTER_DAA90DFEA9,
    XEN_BEFORE_BA584FB1A2,
    XEN_BEFORE_9B0F0F6E23,
};

/* vfio: the one fix that this Linux does not have yet. */
enum vfio_revert {
    VFIO_REVERT_NONE,
    VFIO_REVERT_DOUBLE_RELEASE, /* b68e7fa879cd */
    VFIO_REVERT_VIRQ_DISABLED,  /* 899649b7d4ea */
    VFIO_REVERT_AUTO_ENABLE,    /* fe9a7082684e */
    VFIO_REVERT_CONFIG_GATE,    /* 810cd4bb5345 */
    VFIO_REVERT_TRIGGER_SWAP,   /* b620ecbd17a0, 18c198c96a81 */
    VFIO_REVERT_UNLAZY,         /* "Fix INTx handling on legacy non-PCI 2.3 devices", Linux 6.18 */
    VFIO_REVERT_ONESHOT,        /* fef8f2b90edb */
    VFIO_REVERT_EOI_BRAKE,      /* 184564efae4d, 958a01dab8 */
    VFIO_REVERT_DEACTIVATE,     /* of direct EOI: nobody deactivates for a guest that goes away */
};

struct hypervisor_setup {
    char design[SETUP_NAME_BYTES]; /* a name of models/registry.c */
    uint32_t lock;                 /* index into lock_kinds of models/locks/list.h */
    bool posted;
    char posted_without[SETUP_NAME_BYTES]; /* fixes left out, and proposals tried: models/xen/posted/fixes.h */
    char posted_with[SETUP_NAME_BYTES];
    uint64_t timeslice_ns;  /* credit: 30 ms */
    uint64_t ratelimit_ns;  /* 1 ms; 0 = off */
    uint64_t timer_slop_ns; /* 50 us */
    enum irqchip_kind irqchip;
    enum irq_sampling sampling; /* of the host's interrupt chip */
    enum admission_policy admission;
    enum vfio_revert revert;
    enum xen_history history;
};

/* Costs of a Linux host with QEMU on it, in cycles (models/host). Of the hardware and of lines: the machine's. */
struct host_setup {
    cycles wake;           /* the waker's side of a wake-up, without the IPI */
    cycles context_switch; /* from one thread to another */
    cycles syscall;        /* into the kernel and back */
    cycles userspace;      /* out of KVM_RUN to QEMU and back into it */
    cycles main_loop;      /* from ppoll's return to a handler */
    cycles eventfd_signal; /* without its waiters */
    cycles irqfd_inject;   /* an irqfd's wake-up to the injection's own work */
    cycles workqueue;      /* from the worker's turn to the item's function */
    cycles config_read;    /* of a PCI device's configuration space */
    cycles config_write;   /* posted */
    cycles mmio_read;      /* of a device's register, from host or guest */
    cycles mmio_write;     /* posted */
    cycles chip_access;    /* masking or unmasking a pin of the host's interrupt chip */
    cycles deactivate;     /* of a virtual interrupt by its guest, in hardware */
    cycles io_submit;      /* nvme: a thread's part of an I/O, from preparing it to seeing its result */
    cycles io_complete;    /* nvme: the interrupt handler's part */
    uint32_t irq_once;     /* nvme: percent of the machine's do_irq that come once an interrupt, not at each handler */
};

/* qemu: how the guest is told of events. */
enum callback_kind {
    CALLBACK_BY_VECTOR,      /* one vector for all vCPUs, which KVM injects while upcall_pending is set */
    CALLBACK_BY_VCPU_VECTOR, /* a vector of each vCPU's LAPIC */
    CALLBACK_BY_GSI,         /* a level-triggered GSI to vCPU 0 */
};

/* qemu: KVM's route table after a bind or close. */
enum route_policy { ROUTES_REFRESH_ALL, ROUTES_BATCHED, ROUTES_ON_DEMAND };

/* qemu: what a migration's destination rebuilds. */
enum rebuild_kind { REBUILD_DESIGN, REBUILD_RFC, REBUILD_MERGED, REBUILD_IDEAL };

/* qemu: the fix that is taken out, or a draft of it put in. */
enum qemu_revert {
    QEMU_REVERT_NONE,
    QEMU_REVERT_GSI_BOUND,      /* cf885b1957 */
    QEMU_REVERT_LOOPBACK,       /* 75a87af9b2 */
    QEMU_REVERT_RESET,          /* debc995e88 */
    QEMU_REVERT_VCPU_VECTOR,    /* e7dbb62ff1 */
    QEMU_REVERT_SHARED,         /* 25eb291ce9 */
    QEMU_REVERT_SHARED_POINTER, /* its draft that tests the pointer, */
    QEMU_REVERT_SHARED_POLL,    /* and the one that does not arm the poll */
    QEMU_REVERT_PIRQ_BOUND,     /* cd24dcb759 */
    QEMU_REVERT_IOAPIC,         /* 54ad31fb0a */
    QEMU_REVERT_LAPIC,          /* KVM 8e62bf2bfa46 */
};

/* qemu: what protects a port against a sender. */
enum port_protection { PORTS_UNDER_MUTEX, PORTS_LOCKLESS };

enum qemu_irqs { QEMU_IRQS_FIXED, QEMU_IRQS_SPREAD };

struct qemu_setup {
    enum callback_kind callback;
    uint32_t callback_gsi;
    bool is_in_kernel; /* KVM posts events; not with a callback by GSI */
    enum port_protection ports;
    enum route_policy routes;
    enum rebuild_kind rebuild;
    enum qemu_revert revert;
    uint32_t pirqs;   /* merged: size of the table */
    uint32_t cpu;     /* pCPU of the main loop and the kernel worker */
    uint32_t irq_cpu; /* pCPU of the devices' interrupts; the first one when they are spread */
    enum qemu_irqs irqs;
    uint64_t unmap_every_ns; /* the shared pages; 0: never */
    uint64_t blackout_ns;    /* of a migration, besides what is modelled */
    cycles commit;           /* KVM_SET_GSI_ROUTING with its grace period, */
    cycles commit_irqfd;     /* and for each irqfd attached */
    cycles entry;            /* rebuilding a route's entry, */
    cycles entry_search;     /* and for each entry of the table */
    cycles vector_setup;     /* using a vector, without its route's commit */
    cycles page_refresh;     /* mapping a shared page again */
};

enum guest_load {
    GUEST_LOAD_HALT,    /* HLT when nothing is to be done */
    GUEST_LOAD_COMPUTE, /* never halts */
};

enum guest_placement {
    GUEST_PLACEMENT_PINNED,   /* one pCPU each, round robin over the pin */
    GUEST_PLACEMENT_FLOATING, /* hard affinity to the whole pin, started round robin */
};

enum guest_phase { GUEST_PHASE_RANDOM, GUEST_PHASE_ALIGNED };

struct guest_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t count;             /* guests of this kind: 1..1024 */
    uint32_t vcpus;             /* of each: 1..SETUP_VCPUS_MAX */
    char pin[SETUP_TEXT_BYTES]; /* topology_pin's grammar; default "all" */
    enum guest_placement placement;
    enum guest_load load;
    uint64_t timer_millihertz;     /* tick rate of each vCPU through VIRQ_TIMER; 0 = tickless */
    enum guest_phase phase;        /* of the ticks among vCPUs */
    uint64_t tick_run_ns;          /* guest work per tick */
    uint32_t work_spread_percent;  /* lognormal coefficient of variation of all guest work: 0..200 */
    uint64_t min_delta_ns;         /* shortest one-shot the guest's clockevent programs: 100 us */
    uint64_t wake_millihertz;      /* event-channel wakes from another vCPU of the guest, per vCPU */
    uint64_t wake_run_ns;          /* guest work per such wake */
    uint32_t pirqs;                /* PIRQs mapped besides those of the guest's devices; they never fire */
    uint64_t descheduled_ns;       /* vfio: how long its vCPUs lose their pCPU to another thread, */
    uint64_t descheduled_every_ns; /* and how often; 0 = never */
};

enum arrival_process {
    ARRIVAL_PERIODIC,
    ARRIVAL_POISSON,
    ARRIVAL_ONOFF,
    ARRIVAL_MODERATED,
    ARRIVAL_CLOSED,
    ARRIVAL_REPLAY,
};

struct arrival_setup {
    enum arrival_process process;
    uint64_t rate_millihertz;       /* per vector: of interrupts (periodic, poisson), during bursts (onoff), of packets
                                       (moderated) */
    uint64_t first_rate_millihertz; /* instead of the rate until first_for_ns; 0 = the rate */
    uint64_t first_for_ns;
    uint64_t on_ns, off_ns; /* onoff: mean burst and mean silence, exponential */
    uint64_t interval_ns;   /* moderated: the ITR timer, armed by the first packet after an interrupt */
    uint64_t think_ns;      /* closed: mean from the guest's handling to the next raise, exponential */
    uint64_t *times_ns;     /* replay: ascending, from the start of the run; owned by the scenario */
    uint64_t time_count;
};

enum pirq_order { PIRQ_ORDER_FIRST, PIRQ_ORDER_LAST };

enum msi_target {
    MSI_TARGET_VCPU, /* the pCPU of the vector's vCPU */
    MSI_TARGET_ANY,  /* explored: whichever pCPU the hardware chooses; otherwise as vcpu */
};

/* How a passed-through device's interrupt reaches its guest: source to sink. */
enum device_binding {
    DEVICE_BINDING_MSI,       /* MSI to MSI */
    DEVICE_BINDING_INTX,      /* level-triggered line to line */
    DEVICE_BINDING_TRANSLATE, /* MSI to line */
};

/* xen: where the vector's messages are addressed to. */
enum msi_destination {
    MSI_DESTINATION_SINGLE, /* one vCPU */
    MSI_DESTINATION_HASHED, /* any vCPU, lowest priority: its vector chooses one when interrupts are posted */
    MSI_DESTINATION_ALL,    /* all vCPUs of the guest: never posted */
};

/* xen: when the guest has the device. */
enum device_assigned {
    DEVICE_ASSIGNED_ON,    /* from the start */
    DEVICE_ASSIGNED_LATER, /* an action attaches it */
    DEVICE_ASSIGNED_NEVER, /* emulated: software injects its interrupts */
};

enum device_driver { DEVICE_DRIVER_GUEST, DEVICE_DRIVER_HOST };

enum device_interrupt {
    DEVICE_INTERRUPT_INTX,
    DEVICE_INTERRUPT_MSI,
    DEVICE_INTERRUPT_TIMER,        /* no device: the timer of a vCPU's local APIC, emulated, */
    DEVICE_INTERRUPT_DIRECT_TIMER, /* or its pCPU's own */
    DEVICE_INTERRUPT_OFF,
};

/* What the device's INTx can do. */
enum device_intx {
    DEVICE_INTX_PCI_2_3, /* a status bit that tells, and DisINTx */
    DEVICE_INTX_LEGACY,  /* neither */
    DEVICE_INTX_SILENT,  /* broken: asserts, and its status bit reads 0 */
};

/* The order of things in the driver's interrupt handler. */
enum device_isr {
    DEVICE_ISR_NORMAL,    /* clears the cause, EOIs, works */
    DEVICE_ISR_EARLY_EOI, /* EOIs; the cause is cleared later, by a task */
    DEVICE_ISR_ONESHOT,   /* masks the pin and EOIs; a thread clears the cause and unmasks */
    DEVICE_ISR_NO_EOI,    /* clears the cause and never EOIs */
    DEVICE_ISR_TASK,      /* wakes a task, whose first instruction counts as the handler's */
};

/* How a device's interrupts reach a guest with PIRQs. The first three send messages. */
enum pirq_kind {
    PIRQ_KIND_MSI,      /* one message, no mask */
    PIRQ_KIND_MSI_MASK, /* MSI with a mask for each vector */
    PIRQ_KIND_MSIX,
    PIRQ_KIND_GSI,  /* a line that the guest has mapped to a PIRQ */
    PIRQ_KIND_INTX, /* a line that goes to the I/O APIC */
    PIRQ_KIND_BACKEND, /* no PIRQ: a PV backend in QEMU notifies its event channel */
    PIRQ_KIND_IPI,  /* no device: a vCPU's timer, and it sends an event to another vCPU */
};

enum device_path {
    DEVICE_PATH_IRQFD,     /* its eventfd is KVM's, if KVM posts events */
    DEVICE_PATH_EMULATED,  /* QEMU raises its interrupt */
    DEVICE_PATH_MAIN_LOOP, /* passed through, its eventfd is QEMU's */
};

struct device_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t guest;        /* index into guests[] */
    uint32_t count;        /* devices of this kind in each such guest: 1..256 */
    uint32_t vectors;      /* MSI-X vectors of each device: 1..2048 */
    enum pirq_order pirqs; /* before or after the guest's idle mapped PIRQs, in PIRQ numbers */
    bool is_polled;        /* NAPI: raises nothing between interrupt and the end of the guest's poll */
    uint64_t handler_ns;   /* guest handler and poll; 0 = the machine's guest_handler */
    uint32_t interrupts;   /* explored: of each vector */
    enum msi_target target;
    enum device_binding binding;   /* xen, */
    uint32_t timeouts;             /* explored: how often each of its EOI timers may expire */
    bool by_state; /* latency split by the state of the vCPU that it meets; with posted interrupts always */
    enum msi_destination destination;
    enum device_assigned assigned;
    enum device_driver driver;     /* vfio, as all below but line */
    enum device_interrupt interrupt;
    enum device_intx intx;
    enum device_isr isr;
    uint32_t line;      /* devices with the same number share a wire */
    uint32_t registers; /* accesses of device registers by the guest's handler */
    enum pirq_kind pirq_kind; /* qemu, as all below */
    enum device_path path;
    bool is_bound; /* from the start */
    uint32_t gsi;
    uint32_t depth; /* nvme: I/Os that its thread keeps under way, */
    uint32_t batch; /* and that it submits, or waits for, at once */
    struct arrival_setup arrivals;
};

enum action_kind {
    ACTION_UNBIND,  /* destroy_bind of every vector of a device */
    ACTION_BIND,    /* create_bind of every vector of a device, bound or not */
    ACTION_DESTROY, /* of a domain */
    ACTION_OFFLINE, /* of a pCPU */
    ACTION_ONLINE,
    ACTION_UNMAP, /* of every vector of a device, after unbind */
    /* xen, of a device */
    ACTION_ATTACH,   /* assigns it to its guest, and binds every vector */
    ACTION_DETACH,   /* unbinds every vector, and takes it from the guest */
    ACTION_SPREAD,   /* the guest addresses every vector to all its vCPUs */
    /* xen, of a guest */
    ACTION_NOTIFY, /* an event from the control domain to its first vCPU */
    /* vfio, of a guest */
    ACTION_BOOT,   /* its devices get their INTx, as when its firmware or kernel starts them */
    ACTION_PAUSE,  /* its vCPUs stop, */
    ACTION_RESUME, /* and go on */
    /* vfio, of a device */
    ACTION_MSI,          /* the guest's driver switches from INTx to MSI, */
    ACTION_INTX,         /* and back */
    ACTION_MASK,         /* VFIO_DEVICE_SET_IRQS: mask, */
    ACTION_UNMASK,       /* unmask, */
    ACTION_TRIGGER_DROP, /* no trigger eventfd any more, */
    ACTION_TRIGGER_SET,  /* and one again */
    ACTION_UNMASK_DROP,  /* no unmask irqfd any more */
    ACTION_UNMASK_CLOSE, /* its eventfd is closed */
    ACTION_DISINTX_SET,  /* the guest writes DisINTx of the command register, */
    ACTION_DISINTX_CLEAR,
    /* xen and qemu, of a device */
    ACTION_AFFINITY, /* the guest moves every vector, or event channel, to its next vCPU */
    /* qemu, of a device */
    ACTION_REOPEN, /* each of its event channels is closed, and its PIRQ bound again */
    /* qemu, of a guest */
    ACTION_MIGRATE,
    ACTION_RESET,    /* EVTCHNOP_reset */
    ACTION_MAP_PIRQ, /* PHYSDEVOP_map_pirq of any PIRQ and GSI */
    ACTION_CALLBACK, /* HVM_PARAM_CALLBACK_IRQ, as it is */
    ACTION_LAPIC,    /* a vCPU turns its local APIC off, and on again */
    ACTION_LOOPBACK, /* EVTCHNOP_bind_interdomain with itself */
    ACTION_KIND_COUNT,
};

static inline bool action_is_of_pcpu(enum action_kind kind) { return kind == ACTION_OFFLINE || kind == ACTION_ONLINE; }

static inline bool action_is_of_guest(enum action_kind kind)
{
    return kind == ACTION_DESTROY || kind == ACTION_NOTIFY || kind == ACTION_BOOT || kind == ACTION_PAUSE ||
           kind == ACTION_RESUME || kind >= ACTION_MIGRATE;
}

/* After which step of the guest's a migration stops it. */
enum migration_step {
    MIGRATION_STEP_ANY, /* at once; explored: anywhere */
    MIGRATION_STEP_GET_FREE_PIRQ,
    MIGRATION_STEP_MSI_WRITE,
    MIGRATION_STEP_BIND,
    MIGRATION_STEP_DELIVER, /* a port's pending bit is cleared, its handler has not run */
    MIGRATION_STEP_EOI,
};

/* What the control domain or a thread of QEMU's does on one pCPU. */
struct action_setup {
    char name[SETUP_NAME_BYTES];
    enum action_kind kind;
    uint32_t guest;  /* index into guests[], */
    uint32_t number; /* and which guest of that kind, from 0 */
    uint32_t device; /* index into devices[]: of unbind and bind */
    uint32_t cpu;    /* pCPU of the hypercalls */
    uint32_t target; /* pCPU that offline and online are about */
    uint64_t at_ns;
    uint64_t every_ns;   /* again and again at this distance; 0 = once */
    uint64_t times;      /* at most so often; 0 = to the end of the run */
    bool fails;          /* bind: after pirq_guest_bind, and is undone */
    uint64_t quiesce_ns; /* from the driver's silencing of the device to the first unbind */
    enum migration_step step; /* migrate: right after the guest's next such step, */
    uint32_t pirq, gsi, port; /* map-pirq, loopback */
};

struct run_setup {
    uint64_t warmup_ns, duration_ns;
    uint64_t seed;
    enum policy policy;
    bool reduction; /* explored: steps that nobody can tell apart are one (machine/choice.h) */
};

struct setup {
    struct machine_setup machine;
    struct hypervisor_setup hypervisor;
    struct host_setup host;
    struct qemu_setup qemu;
    struct guest_setup guests[SETUP_GUESTS_MAX];
    uint32_t guest_count;
    struct device_setup devices[SETUP_DEVICES_MAX];
    uint32_t device_count;
    struct action_setup actions[SETUP_ACTIONS_MAX];
    uint32_t action_count;
    struct run_setup run;
};

#endif
