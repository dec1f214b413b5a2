/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario asks for of Xen alone, and what Xen's software costs.
 */
#ifndef MODELS_XEN_SETUP_H
#define MODELS_XEN_SETUP_H

#include "models/family/setup.h"

/* Mean cycles of software paths; lock waits and line misses come on top, from the model. Values:
 * scenarios/costs/xen/. */
struct xen_costs {
    uint64_t software_cv_permille; /* lognormal coefficient of variation of the paths below, in 1/1000 */
    cycles exit_dispatch; /* VM exit handler until the reason's own work */
    cycles do_irq; /* do_IRQ's own work around the action */
    cycles softirq_dispatch; /* one turn of the softirq loop */
    cycles timer_softirq; /* TIMER_SOFTIRQ without its callbacks */
    cycles tasklet_hold; /* one hold of tasklet_lock, without line misses */
    cycles sync_local_execstate; /* with a lazily held vCPU: full save */
    cycles hvm_assert_callback; /* body of the event-channel tasklet without the wake */
    cycles dpci_body; /* dpci work without event_lock and injection */
    cycles pirq_walk_step; /* one mapped PIRQ in the walk of the radix tree */
    cycles vlapic_set_irq;
    cycles eoi_exit; /* emulated guest EOI, without the event_lock walk */
    cycles eoi_walk_step; /* one PIRQ in the guest EOI's walk */
    cycles hypercall; /* null hypercall: exit, dispatch, entry are counted by their own items */
    cycles virq_injection; /* at VM entry */
    cycles hlt_exit; /* HLT exit to vcpu_block */
    cycles schedule_body; /* schedule() without lock waits and context switch */
    cycles context_switch_in; /* full load of a vCPU's state */
    cycles context_switch_out; /* full save */
    cycles event_channel_send; /* setting an event's bits */
    cycles posted_list_step; /* one vCPU in the walk of a blocking list, without line misses */
    cycles guest_handler; /* the guest's interrupt handler, default for devices */
};

/* Before which fix. */
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

struct xen_setup {
    struct xen_costs costs;
    bool posted;
    char posted_without[SETUP_NAME_BYTES]; /* fixes left out, and proposals tried: models/xen/posted_fixes.h */
    char posted_with[SETUP_NAME_BYTES];
    uint64_t timeslice_ns;  /* credit: 30 ms */
    uint64_t ratelimit_ns;  /* 1 ms; 0 = off */
    uint64_t timer_slop_ns; /* 50 us */
    enum xen_history history;
};

enum guest_placement {
    GUEST_PLACEMENT_PINNED,   /* one pCPU each, round robin over the pin */
    GUEST_PLACEMENT_FLOATING, /* hard affinity to the whole pin, started round robin */
};

enum guest_phase { GUEST_PHASE_RANDOM, GUEST_PHASE_ALIGNED };

struct xen_guest_setup {
    enum guest_placement placement;
    uint64_t timer_millihertz;    /* tick rate of each vCPU through VIRQ_TIMER; 0 = tickless */
    enum guest_phase phase;       /* of the ticks among vCPUs */
    uint64_t tick_run_ns;         /* guest work per tick */
    uint32_t work_spread_percent; /* lognormal coefficient of variation of all guest work: 0..200 */
    uint64_t min_delta_ns;        /* shortest one-shot the guest's clockevent programs: 100 us */
    uint64_t wake_millihertz;     /* event-channel wakes from another vCPU of the guest, per vCPU */
    uint64_t wake_run_ns;         /* guest work per such wake */
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

/* Where the vector's messages are addressed to. */
enum msi_destination {
    MSI_DESTINATION_SINGLE, /* one vCPU */
    MSI_DESTINATION_HASHED, /* any vCPU, lowest priority: its vector chooses one when interrupts are posted */
    MSI_DESTINATION_ALL,    /* all vCPUs of the guest: never posted */
};

/* When the guest has the device. */
enum device_assigned {
    DEVICE_ASSIGNED_ON,    /* from the start */
    DEVICE_ASSIGNED_LATER, /* an action attaches it */
    DEVICE_ASSIGNED_NEVER, /* emulated: software injects its interrupts */
};

struct xen_device_setup {
    enum pirq_order pirqs; /* before or after the guest's idle mapped PIRQs, in PIRQ numbers */
    bool is_polled;        /* NAPI: raises nothing between interrupt and the end of the guest's poll */
    bool by_state; /* latency split by the state of the vCPU that it meets; with posted interrupts always */
    enum msi_destination destination;
    enum device_assigned assigned;
    enum msi_target target;
    enum device_binding binding;
    uint32_t timeouts; /* explored: how often each of its EOI timers may expire */
    uint32_t line;     /* of its guest; devices with the same number share it */
};

/* Indices into xen_actions. */
enum xen_action {
    XEN_ACTION_UNBIND,  /* destroy_bind of every vector of a device */
    XEN_ACTION_BIND,    /* create_bind of every vector of a device, bound or not */
    XEN_ACTION_DESTROY, /* of a domain */
    XEN_ACTION_OFFLINE, /* of a pCPU */
    XEN_ACTION_ONLINE,
    XEN_ACTION_UNMAP,    /* of every vector of a device, after unbind */
    XEN_ACTION_ATTACH,   /* assigns a device to its guest, and binds every vector */
    XEN_ACTION_DETACH,   /* unbinds every vector, and takes the device from the guest */
    XEN_ACTION_AFFINITY, /* the guest moves every vector to its next vCPU */
    XEN_ACTION_SPREAD,   /* the guest addresses every vector to all its vCPUs */
    XEN_ACTION_NOTIFY,   /* an event from the control domain to a guest's first vCPU */
    XEN_ACTION_PAUSE,    /* a guest's vCPUs stop, */
    XEN_ACTION_RESUME,   /* and go on */
    XEN_ACTION_COUNT,
};

struct xen_action_setup {
    uint32_t number;     /* which guest of its kind, from 0 */
    uint32_t target;     /* pCPU that offline and online are about */
    bool fails;          /* bind: after pirq_guest_bind, and is undone */
    uint64_t quiesce_ns; /* from the driver's silencing of the device to the first unbind */
};

SETUP_OWN_FITS(struct xen_setup, SETUP_OWN_BYTES);
SETUP_OWN_FITS(struct xen_guest_setup, SETUP_GUEST_OWN_BYTES);
SETUP_OWN_FITS(struct xen_device_setup, SETUP_DEVICE_OWN_BYTES);
SETUP_OWN_FITS(struct xen_action_setup, SETUP_ACTION_OWN_BYTES);

static inline const struct xen_setup *xen_setup(const struct setup *setup) { return (const void *)setup->own; }

static inline const struct xen_guest_setup *xen_guest_setup(const struct guest_setup *guest)
{
    return (const void *)guest->own;
}

static inline const struct xen_device_setup *xen_device_setup(const struct device_setup *device)
{
    return (const void *)device->own;
}

static inline const struct xen_action_setup *xen_action_setup(const struct action_setup *action)
{
    return (const void *)action->own;
}

#endif
