/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a setup that only QEMU's emulated Xen event channels read, and the costs of QEMU's software.
 */
#ifndef MODELS_QEMU_SETUP_H
#define MODELS_QEMU_SETUP_H

#include "models/family/setup.h"
#include "models/host/costs.h"

/* In cycles. Values: scenarios/costs/qemu/. */
struct qemu_costs {
    cycles commit;           /* KVM_SET_GSI_ROUTING, including its grace period */
    cycles commit_irqfd;     /* the same, for each attached irqfd */
    cycles entry;            /* rebuilding an entry of the route table */
    cycles entry_search;     /* the same, for each entry of the table */
    cycles vector_setup;     /* setting up the use of a vector, without the commit of its route */
    cycles page_refresh;     /* mapping a shared page again after an unmap */
};

/* How the guest is notified of events. */
enum callback_kind {
    CALLBACK_BY_VECTOR,      /* one vector for all vCPUs, which KVM injects while upcall_pending is set */
    CALLBACK_BY_VCPU_VECTOR, /* a vector of its own in each vCPU's local APIC */
    CALLBACK_BY_GSI,         /* a level-triggered GSI to vCPU 0 */
};

/* What a bind or close does to KVM's route table. */
enum route_policy { ROUTES_REFRESH_ALL, ROUTES_BATCHED, ROUTES_ON_DEMAND };

/* What a migration's destination rebuilds. */
enum rebuild_kind { REBUILD_DESIGN, REBUILD_RFC, REBUILD_MERGED, REBUILD_IDEAL };

/* A fix whose code before the fix is modelled, or a draft of the fix. */
enum qemu_revert {
    QEMU_REVERT_NONE,
    QEMU_REVERT_GSI_BOUND,      /* cf885b1957 */
    QEMU_REVERT_LOOPBACK,       /* 75a87af9b2 */
    QEMU_REVERT_RESET,          /* debc995e88 */
    QEMU_REVERT_VCPU_VECTOR,    /* e7dbb62ff1 */
    QEMU_REVERT_SHARED,         /* 25eb291ce9 */
    QEMU_REVERT_SHARED_POINTER, /* a draft of it that tests the pointer */
    QEMU_REVERT_SHARED_POLL,    /* a draft of it that does not arm the poll */
    QEMU_REVERT_PIRQ_BOUND,     /* cd24dcb759 */
    QEMU_REVERT_IOAPIC,         /* 54ad31fb0a */
    QEMU_REVERT_LAPIC,          /* KVM 8e62bf2bfa46 */
};

/* What protects a port against a sender. */
enum port_protection { PORTS_UNDER_MUTEX, PORTS_LOCKLESS };

enum qemu_irqs { QEMU_IRQS_FIXED, QEMU_IRQS_SPREAD };

struct qemu_setup {
    struct host_costs host_costs; /* first member, as models/host requires */
    struct qemu_costs costs;
    enum callback_kind callback;
    uint32_t callback_gsi;
    bool is_in_kernel; /* KVM posts events; not with a callback by GSI */
    enum port_protection ports;
    enum route_policy routes;
    enum rebuild_kind rebuild;
    enum qemu_revert revert;
    uint32_t pirqs;   /* merged: size of the PIRQ table */
    uint32_t cpu;     /* pCPU of the main loop and the kernel worker */
    uint32_t irq_cpu; /* pCPU of the devices' interrupts; the first pCPU when they are spread */
    enum qemu_irqs irqs;
    uint64_t unmap_every_ns; /* interval between unmaps of the shared pages; 0: never */
    uint64_t blackout_ns;    /* time stopped in a migration, in addition to the modelled work */
};

/* How a device's interrupts reach a guest with PIRQs. The first three send messages. */
enum pirq_kind {
    PIRQ_KIND_MSI,      /* one message, no mask bit */
    PIRQ_KIND_MSI_MASK, /* MSI with a mask bit for each vector */
    PIRQ_KIND_MSIX,
    PIRQ_KIND_GSI,  /* a line that the guest has mapped to a PIRQ */
    PIRQ_KIND_INTX, /* a line to the I/O APIC */
    PIRQ_KIND_BACKEND, /* no PIRQ: a PV backend in QEMU notifies its event channel */
    PIRQ_KIND_IPI,  /* no device: a timer on which a vCPU sends an event to another vCPU */
};

enum device_path {
    DEVICE_PATH_IRQFD,     /* its eventfd is attached to KVM, if KVM posts events */
    DEVICE_PATH_EMULATED,  /* QEMU raises its interrupt */
    DEVICE_PATH_MAIN_LOOP, /* passed through; QEMU's main loop reads its eventfd */
};

struct qemu_device_setup {
    enum pirq_kind pirq_kind;
    enum device_path path;
    bool is_polled; /* NAPI: raises no interrupt until the guest's poll has ended */
    bool is_bound;  /* before the run starts */
    uint32_t gsi;
};

/* Indices into qemu_actions. */
enum qemu_action {
    QEMU_ACTION_UNBIND,
    QEMU_ACTION_BIND,
    QEMU_ACTION_AFFINITY, /* the guest moves every event channel of a device to its next vCPU */
    QEMU_ACTION_REOPEN,   /* each event channel of a device is closed, and its PIRQ bound again */
    QEMU_ACTION_MIGRATE,
    QEMU_ACTION_RESET,    /* EVTCHNOP_reset */
    QEMU_ACTION_MAP_PIRQ, /* PHYSDEVOP_map_pirq of any PIRQ and GSI */
    QEMU_ACTION_CALLBACK, /* HVM_PARAM_CALLBACK_IRQ, unchanged */
    QEMU_ACTION_LAPIC,    /* a vCPU disables its local APIC and enables it again */
    QEMU_ACTION_LOOPBACK, /* EVTCHNOP_bind_interdomain of the guest with itself */
    QEMU_ACTION_COUNT,
};

/* The step of the guest after which a migration stops it. */
enum migration_step {
    MIGRATION_STEP_ANY, /* at once; explored: anywhere */
    MIGRATION_STEP_GET_FREE_PIRQ,
    MIGRATION_STEP_MSI_WRITE,
    MIGRATION_STEP_BIND,
    MIGRATION_STEP_DELIVER, /* a port's pending bit is cleared and its handler has not run */
    MIGRATION_STEP_EOI,
};

struct qemu_action_setup {
    enum migration_step step; /* migrate: right after the guest's next step of this kind */
    uint32_t pirq, gsi, port; /* of map-pirq and loopback */
};

SETUP_OWN_FITS(struct qemu_setup, SETUP_OWN_BYTES);
SETUP_OWN_FITS(struct qemu_device_setup, SETUP_DEVICE_OWN_BYTES);
SETUP_OWN_FITS(struct qemu_action_setup, SETUP_ACTION_OWN_BYTES);

static inline const struct qemu_setup *qemu_setup(const struct setup *setup) { return (const void *)setup->own; }

static inline const struct qemu_device_setup *qemu_device_setup(const struct device_setup *device)
{
    return (const void *)device->own;
}

static inline const struct qemu_action_setup *qemu_action_setup(const struct action_setup *action)
{
    return (const void *)action->own;
}

#endif
