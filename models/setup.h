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
#include "machine/topology.h"

#define SETUP_NAME_BYTES 48
#define SETUP_TEXT_BYTES 1024
#define SETUP_GUESTS_MAX 64
#define SETUP_DEVICES_MAX 256
#define SETUP_VCPUS_MAX 128 /* of one guest */
#define SETUP_ACTIONS_MAX 64

struct machine_setup {
    char profile[SETUP_NAME_BYTES];  /* name of a file scenarios/machines/NAME.yaml, or a path */
    char topology[SETUP_TEXT_BYTES]; /* "" = the profile's own */
    enum interconnect interconnect;  /* from the profile */
    struct costs costs;              /* the profile's, with machine.costs.* overrides applied */
};

enum lock_kind { LOCK_TTAS, LOCK_TICKET, LOCK_MCS };

struct hypervisor_setup {
    char design[SETUP_NAME_BYTES]; /* a name of models/registry.c */
    enum lock_kind lock;
    bool posted;
    uint64_t timeslice_ns;  /* credit: 30 ms */
    uint64_t ratelimit_ns;  /* 1 ms; 0 = off */
    uint64_t timer_slop_ns; /* 50 us */
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
    uint64_t timer_millihertz;    /* tick rate of each vCPU through VIRQ_TIMER; 0 = tickless */
    enum guest_phase phase;       /* of the ticks among vCPUs */
    uint64_t tick_run_ns;         /* guest work per tick */
    uint32_t work_spread_percent; /* lognormal coefficient of variation of all guest work: 0..200 */
    uint64_t min_delta_ns;        /* shortest one-shot the guest's clockevent programs: 100 us */
    uint64_t wake_millihertz;     /* event-channel wakes from another vCPU of the guest, per vCPU */
    uint64_t wake_run_ns;         /* guest work per such wake */
    uint32_t pirqs;               /* PIRQs mapped besides those of the guest's devices; they never fire */
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
    struct arrival_setup arrivals;
};

enum action_kind {
    ACTION_UNBIND,  /* destroy_bind of every vector of a device */
    ACTION_BIND,    /* create_bind of every vector of a device, bound or not */
    ACTION_DESTROY, /* of a domain */
};

/* What the control domain does, through hypercalls on one pCPU. */
struct action_setup {
    char name[SETUP_NAME_BYTES];
    enum action_kind kind;
    uint32_t guest;  /* index into guests[], */
    uint32_t number; /* and which guest of that kind, from 0 */
    uint32_t device; /* index into devices[]: of unbind and bind */
    uint32_t cpu;    /* pCPU of the hypercalls */
    uint64_t at_ns;
    uint64_t every_ns;   /* again and again at this distance; 0 = once */
    uint64_t times;      /* at most so often; 0 = to the end of the run */
    uint64_t quiesce_ns; /* from the driver's silencing of the device to the first unbind */
};

struct run_setup {
    uint64_t warmup_ns, duration_ns;
    uint64_t seed;
    enum policy policy;
};

struct setup {
    struct machine_setup machine;
    struct hypervisor_setup hypervisor;
    struct guest_setup guests[SETUP_GUESTS_MAX];
    uint32_t guest_count;
    struct device_setup devices[SETUP_DEVICES_MAX];
    uint32_t device_count;
    struct action_setup actions[SETUP_ACTIONS_MAX];
    uint32_t action_count;
    struct run_setup run;
};

#endif
