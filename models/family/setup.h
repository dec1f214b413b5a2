/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario asks for, as plain data: the binder (sim/scenario/scenario.h) validates it once, and it is constant
 * afterwards. Models boot from it. This header has what all families share; the `own` bytes of each record hold a
 * struct of the design's family (models/FAMILY/setup.h). Durations are in nanoseconds and rates in units of 1/1000 Hz;
 * models convert them into cycles with the machine's frequency.
 */
#ifndef MODELS_FAMILY_SETUP_H
#define MODELS_FAMILY_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/costs.h"
#include "machine/policy.h"
#include "machine/topology.h"

#define SETUP_NAME_BYTES 48
#define SETUP_TEXT_BYTES 1024
#define SETUP_GUESTS_MAX 256
#define SETUP_DEVICES_MAX 512
#define SETUP_VCPUS_MAX 128 /* maximum of one guest */
#define SETUP_ACTIONS_MAX 64

#define SETUP_SOFTWARE_MAX 2

/* Bytes for a family's own record; each family checks that its record fits (SETUP_OWN_FITS). */
#define SETUP_OWN_BYTES 1024
#define SETUP_GUEST_OWN_BYTES 128
#define SETUP_DEVICE_OWN_BYTES 128
#define SETUP_ACTION_OWN_BYTES 64
#define SETUP_OWN(bytes) _Alignas(8) unsigned char own[bytes]
#define SETUP_OWN_FITS(type, bytes) _Static_assert(sizeof(type) <= (bytes), #type " does not fit its setup record")

struct machine_setup {
    char profile[SETUP_TEXT_BYTES];  /* name of a file scenarios/machines/NAME.yaml, or a path */
    char topology[SETUP_TEXT_BYTES]; /* "": the profile's topology */
    enum interconnect interconnect;  /* from the profile */
    struct costs costs;              /* from the profile, with machine.costs.* applied */
};

/* Parameters of KVM's module: how long a vCPU polls after HLT before its thread sleeps. */
struct halt_poll_setup {
    uint64_t max_ns;        /* 0: it sleeps at once */
    uint64_t grow_start_ns; /* shortest time other than 0 */
    uint32_t grow;          /* factor after a short halt that polling missed; 0: it does not grow */
    uint32_t shrink;        /* divisor after a halt longer than max_ns; 0: back to 0 */
};

struct hypervisor_setup {
    char design[SETUP_NAME_BYTES]; /* name of a design */
    uint32_t lock;                 /* index into lock_kinds of models/locks/list.h */
    struct halt_poll_setup halt_poll;
};

enum guest_load {
    GUEST_LOAD_HALT,    /* halts when idle */
    GUEST_LOAD_COMPUTE, /* never halts */
};

struct guest_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t count;             /* guests of this kind: 1..1024 */
    uint32_t vcpus;             /* of each guest: 1..SETUP_VCPUS_MAX */
    char pin[SETUP_TEXT_BYTES]; /* pCPUs, in the grammar of topology_pin; default "all" */
    enum guest_load load;
    uint32_t pirqs; /* interrupt numbers in addition to those of its devices */
    SETUP_OWN(SETUP_GUEST_OWN_BYTES);
};

enum arrival_process {
    ARRIVAL_PERIODIC,
    ARRIVAL_POISSON,
    ARRIVAL_ONOFF,
    ARRIVAL_MODERATED,
    ARRIVAL_CLOSED,
    ARRIVAL_REPLAY,
};

#define ARRIVAL_HANDLER UINT64_MAX

struct arrival_setup {
    enum arrival_process process;
    uint64_t rate_millihertz; /* per vector: of interrupts (periodic, poisson), during bursts (onoff), or of packets
                                 (moderated) */
    uint64_t first_rate_millihertz; /* replaces the rate until first_for_ns; 0: the rate */
    uint64_t first_for_ns;
    uint64_t on_ns, off_ns; /* onoff: mean lengths of a burst and of a silence, exponential */
    uint64_t interval_ns;   /* moderated: the ITR timer, armed by the first packet after an interrupt */
    uint64_t think_ns;      /* closed: mean time from the guest's handling to the next raise, exponential */
    uint64_t *times_ns;     /* replay: ascending, from the start of the run; owned by the scenario */
    uint64_t *works_ns; /* replay: the guest's work for each, ARRIVAL_HANDLER: the device's handler; NULL: for all */
    uint64_t time_count;
};

enum device_driver { DEVICE_DRIVER_GUEST, DEVICE_DRIVER_HOST };

struct device_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t guest;            /* index into guests[] */
    enum device_driver driver; /* DEVICE_DRIVER_HOST: no guest owns the device */
    uint32_t count;            /* devices of this kind in each of the guests: 1..256 */
    uint32_t vectors;          /* MSI-X vectors of each device: 1..2048 */
    uint64_t handler_ns;       /* guest handler and poll; 0: guest_handler of the costs */
    uint32_t interrupts;       /* explored: number that each vector raises */
    struct arrival_setup arrivals;
    SETUP_OWN(SETUP_DEVICE_OWN_BYTES);
};

/* What the control domain, a guest or a thread of QEMU does on one pCPU at a time given by the scenario. */
struct action_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t kind;   /* index into the family's actions[] */
    uint32_t guest;  /* index into guests[] */
    uint32_t device; /* index into devices[]; for actions on a device */
    uint32_t cpu;    /* pCPU that performs it */
    uint64_t at_ns;
    uint64_t every_ns; /* period; 0: once */
    uint64_t times;    /* maximum number of rounds; 0: until the end of the run */
    SETUP_OWN(SETUP_ACTION_OWN_BYTES);
};

/* run.memory */
enum memory_model { MEMORY_SC, MEMORY_TSO };

struct run_setup {
    uint64_t warmup_ns, duration_ns;
    uint64_t drain_ns; /* at most so long do interrupts on their way have to arrive after the measured time */
    uint64_t seed;
    enum policy policy;
    enum memory_model memory; /* explored: when other pCPUs see a store (machine/lines/store_buffer.h) */
    bool reduction; /* explored: merge steps that no other CPU can distinguish (machine/policies/exhaustive.c) */
    uint32_t ticks; /* explored: expiries of the hypervisor's timers, of all pCPUs together; 0: they never expire */
};

/* The cost profile of one piece of software; the entries are in the order of the family's `software`. */
struct software_setup {
    char profile[SETUP_TEXT_BYTES]; /* name of a file scenarios/costs/SOFTWARE/NAME.yaml, or a path */
};

struct code_object;

struct setup {
    const struct code_object *code; /* runs in place of a part of the design; NULL: all of it is built in */
    struct machine_setup machine;
    struct hypervisor_setup hypervisor;
    struct software_setup software[SETUP_SOFTWARE_MAX];
    struct guest_setup guests[SETUP_GUESTS_MAX];
    uint32_t guest_count;
    struct device_setup devices[SETUP_DEVICES_MAX];
    uint32_t device_count;
    struct action_setup actions[SETUP_ACTIONS_MAX];
    uint32_t action_count;
    struct run_setup run;
    SETUP_OWN(SETUP_OWN_BYTES);
};

#endif
