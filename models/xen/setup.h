/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings of a scenario that only the Xen family has, and the costs of Xen's software.
 */
#ifndef MODELS_XEN_SETUP_H
#define MODELS_XEN_SETUP_H

#include "models/family/setup.h"

/* Mean cycles of software paths, without lock waits and cache-line misses, which the model adds. The values are in
 * scenarios/costs/xen/. */
struct xen_costs {
    uint64_t software_cv_permille; /* lognormal coefficient of variation of the paths below, in 1/1000 */
    cycles exit_dispatch; /* VM exit handler, up to the work for the exit reason */
    cycles do_irq; /* do_IRQ without the action */
    cycles softirq_dispatch; /* one iteration of the softirq loop */
    cycles timer_softirq; /* TIMER_SOFTIRQ without its callbacks */
    cycles tasklet_hold; /* one hold of tasklet_lock, without line misses */
    cycles sync_local_execstate; /* full save of a lazily held vCPU */
    cycles hvm_assert_callback; /* body of the event-channel tasklet without vcpu_kick */
    cycles dpci_body; /* dpci work without event_lock and injection */
    cycles pirq_walk_step; /* one mapped PIRQ in the walk of the radix tree */
    cycles vlapic_set_irq;
    cycles eoi_exit; /* emulated guest EOI, without the event_lock walk */
    cycles eoi_walk_step; /* one PIRQ in the guest EOI's walk */
    cycles hypercall; /* null hypercall, without exit, dispatch and entry */
    cycles virq_injection; /* at VM entry */
    cycles hlt_exit; /* from the HLT exit to vcpu_block */
    cycles schedule_body; /* schedule() without lock waits and context switch */
    cycles context_switch_in; /* full load of a vCPU's state */
    cycles context_switch_out; /* full save */
    cycles event_channel_send; /* setting an event's bits */
    cycles posted_list_step; /* one vCPU in the walk of a blocking list, without line misses */
    cycles guest_handler; /* the guest's interrupt handler, unless a device sets its own */
};

/* The code to model where it differs from the design's: BEFORE a fix, or AFTER a commit later than the design. */
enum xen_history {
    XEN_AS_DESIGNED,
    XEN_BEFORE_A29AF79E4E,
    XEN_BEFORE_C6B4652705,
    XEN_BEFORE_0B8D217214,
    XEN_BEFORE_5B58DAD089,
    XEN_BEFORE_AD28E42BD1,
    XEN_AFTER_AD28E42BD1,
    XEN_BEFORE_8C97EB6551,
    XEN_AFTER_8C97EB6551,
    XEN_BEFORE_58427889F5,
    XEN_AFTER_58427889F5,
    XEN_AFTER_9480A1A519,
    XEN_AFTER_DAA90DFEA9,
    XEN_BEFORE_BA584FB1A2,
    XEN_BEFORE_9B0F0F6E23,
};

struct xen_setup {
    struct xen_costs costs;
    bool posted;
    char posted_without[SETUP_NAME_BYTES]; /* fixes left out (posted_fixes.h) */
    char posted_with[SETUP_NAME_BYTES]; /* proposals added (posted_fixes.h) */
    uint64_t timeslice_ns;  /* of the credit scheduler; default 30 ms */
    uint64_t ratelimit_ns;  /* shortest run before a preemption; default 1 ms; 0: off */
    uint64_t timer_slop_ns; /* timers due within it expire together; default 50 us */
    enum xen_history history;
};

enum guest_placement {
    GUEST_PLACEMENT_PINNED,   /* each vCPU on one pCPU of the pin, assigned round robin */
    GUEST_PLACEMENT_FLOATING, /* hard affinity to the whole pin; initial pCPUs assigned round robin */
};

enum guest_phase { GUEST_PHASE_RANDOM, GUEST_PHASE_GUEST, GUEST_PHASE_ALIGNED };

struct xen_guest_setup {
    enum guest_placement placement;
    uint32_t weight; /* of the credit scheduler; default 256 */
    uint32_t cap;    /* percent of one pCPU that the whole guest may use; 0: no cap */
    uint64_t timer_millihertz;    /* rate of each vCPU's VIRQ_TIMER tick; 0: tickless */
    enum guest_phase phase;       /* of the ticks among vCPUs; default GUEST_PHASE_GUEST */
    uint64_t tick_run_ns;         /* guest work per tick */
    uint32_t work_spread_percent; /* lognormal coefficient of variation of all guest work: 0..200 */
    uint64_t min_delta_ns;        /* shortest one-shot timer that the guest's clockevent programs; default 100 us */
    uint64_t wake_millihertz;     /* event-channel wakes from another vCPU of the guest, per vCPU */
    uint64_t wake_run_ns;         /* guest work per such wake */
};

enum pirq_order { PIRQ_ORDER_FIRST, PIRQ_ORDER_LAST };

enum msi_target {
    MSI_TARGET_VCPU, /* the pCPU of the vector's vCPU */
    MSI_TARGET_ANY,  /* explored: any pCPU, each time a choice; timed: as MSI_TARGET_VCPU */
};

/* How a passed-through device's interrupt reaches its guest: physical source to virtual sink. */
enum device_binding {
    DEVICE_BINDING_MSI,       /* MSI to MSI */
    DEVICE_BINDING_INTX,      /* level-triggered line to line */
    DEVICE_BINDING_TRANSLATE, /* MSI to line */
};

/* The guest destination of the vector's messages. */
enum msi_destination {
    MSI_DESTINATION_SINGLE, /* one vCPU */
    MSI_DESTINATION_HASHED, /* lowest priority, any vCPU; the vector number chooses it (vector hashing) */
    MSI_DESTINATION_ALL,    /* all vCPUs of the guest; never posted */
};

/* How the guest receives the device's interrupts. */
enum device_delivery {
    DEVICE_DELIVERY_LAPIC, /* through its virtual interrupt controllers */
    DEVICE_DELIVERY_EVENT, /* as an event: it has mapped the PIRQ to an event channel */
};

/* When the device is assigned to the guest. */
enum device_assigned {
    DEVICE_ASSIGNED_ON,    /* from the start */
    DEVICE_ASSIGNED_LATER, /* an action attaches it */
    DEVICE_ASSIGNED_NEVER, /* emulated: software injects its interrupts */
};

struct xen_device_setup {
    enum pirq_order pirqs; /* PIRQ numbers below or above those of the guest's idle mapped PIRQs */
    bool is_polled;        /* NAPI: raises nothing from the interrupt to the end of the guest's poll */
    bool by_state; /* report latency by the target vCPU's state; always on with posted interrupts */
    enum msi_destination destination;
    uint32_t vcpu; /* of the guest, plus one, that its messages reach; 0: each vector the next one's, round robin */
    enum device_delivery delivery;
    enum device_assigned assigned;
    enum msi_target target;
    enum device_binding binding;
    uint32_t timeouts; /* explored: how often each EOI timer of the device may expire */
    uint32_t line;     /* number of the guest's line; devices with the same number share the line */
};

/* Indices into xen_actions. */
enum xen_action {
    XEN_ACTION_UNBIND,  /* destroy_bind of every vector of a device */
    XEN_ACTION_BIND,    /* create_bind of every vector of a device, bound or not */
    XEN_ACTION_DESTROY, /* destroys a domain */
    XEN_ACTION_OFFLINE, /* takes a pCPU offline */
    XEN_ACTION_ONLINE,  /* brings a pCPU back online */
    XEN_ACTION_UNMAP,    /* unmaps every vector of a device, after unbind */
    XEN_ACTION_ATTACH,   /* assigns a device to its guest and binds every vector */
    XEN_ACTION_DETACH,   /* unbinds every vector and deassigns the device */
    XEN_ACTION_AFFINITY, /* the guest moves every vector to its next vCPU */
    XEN_ACTION_SPREAD,   /* the guest addresses every vector to all its vCPUs */
    XEN_ACTION_NOTIFY,   /* the control domain sends an event to a guest's first vCPU */
    XEN_ACTION_PAUSE,    /* pauses all vCPUs of a guest */
    XEN_ACTION_RESUME,   /* unpauses them */
    XEN_ACTION_REBIND_IN_EXIT, /* destroy_bind, then create_bind of every vector, without a softirq in between */
    XEN_ACTION_CLOSE, /* the guest closes the event channel of every vector of a device */
    XEN_ACTION_OPEN,  /* it binds one to every vector of a device */
    XEN_ACTION_TASKLET, /* schedules a tasklet of a vCPU's context on a pCPU */
    XEN_ACTION_COUNT,
};

struct xen_action_setup {
    uint32_t number;     /* index of the guest in its group, from 0 */
    uint32_t target;     /* offline, online, tasklet: the pCPU to take down or up, or to run it */
    uint64_t work_ns;    /* tasklet: duration of its function */
    bool fails;          /* bind: fails after pirq_guest_bind and is undone */
    uint64_t quiesce_ns; /* unbind: time from the silencing of the device to the first hypercall */
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
