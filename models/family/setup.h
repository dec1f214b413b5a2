/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario asks for, as plain data: validated once by the binder (sim/scenario/scenario.h), constant afterwards.
 * Models boot from it. Here stands what every family shares; what is a family's own lies in the `own` bytes of each
 * record, as a struct of that family (models/FAMILY/setup.h). Durations are nanoseconds and rates are in 1/1000 Hz,
 * until the machine's frequency turns them into cycles.
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
#define SETUP_GUESTS_MAX 64
#define SETUP_DEVICES_MAX 256
#define SETUP_VCPUS_MAX 128 /* of one guest */
#define SETUP_ACTIONS_MAX 64

#define SETUP_SOFTWARE_MAX 2

/* Room for a family's own record; each family checks that its record fits (SETUP_OWN_FITS). */
#define SETUP_OWN_BYTES 1024
#define SETUP_GUEST_OWN_BYTES 128
#define SETUP_DEVICE_OWN_BYTES 64
#define SETUP_ACTION_OWN_BYTES 64
#define SETUP_OWN(bytes) _Alignas(8) unsigned char own[bytes]
#define SETUP_OWN_FITS(type, bytes) _Static_assert(sizeof(type) <= (bytes), #type " does not fit its setup record")

struct machine_setup {
    char profile[SETUP_TEXT_BYTES];  /* name of a file scenarios/machines/NAME.yaml, or a path */
    char topology[SETUP_TEXT_BYTES]; /* "" = the profile's own */
    enum interconnect interconnect;  /* from the profile */
    struct costs costs;              /* the profile's, with machine.costs.* overrides applied */
};

struct hypervisor_setup {
    char design[SETUP_NAME_BYTES]; /* a name of `list designs` */
    uint32_t lock;                 /* index into lock_kinds of models/locks/list.h */
};

enum guest_load {
    GUEST_LOAD_HALT,    /* HLT when nothing is to be done */
    GUEST_LOAD_COMPUTE, /* never halts */
};

struct guest_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t count;             /* guests of this kind: 1..1024 */
    uint32_t vcpus;             /* of each: 1..SETUP_VCPUS_MAX */
    char pin[SETUP_TEXT_BYTES]; /* topology_pin's grammar; default "all" */
    enum guest_load load;
    uint32_t pirqs; /* interrupt numbers that it has besides those of its devices */
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

enum device_driver { DEVICE_DRIVER_GUEST, DEVICE_DRIVER_HOST };

struct device_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t guest;            /* index into guests[] */
    enum device_driver driver; /* DEVICE_DRIVER_HOST: the device is no guest's */
    uint32_t count;            /* devices of this kind in each such guest: 1..256 */
    uint32_t vectors;          /* MSI-X vectors of each device: 1..2048 */
    uint64_t handler_ns;       /* guest handler and poll; 0 = the guest_handler of the costs */
    uint32_t interrupts;       /* explored: of each vector */
    struct arrival_setup arrivals;
    SETUP_OWN(SETUP_DEVICE_OWN_BYTES);
};

/* What the control domain, a guest or a thread of QEMU does on one pCPU at a time of the scenario's. */
struct action_setup {
    char name[SETUP_NAME_BYTES];
    uint32_t kind;   /* index into the family's actions[] */
    uint32_t guest;  /* index into guests[] */
    uint32_t device; /* index into devices[]; of actions on a device */
    uint32_t cpu;    /* pCPU that does it */
    uint64_t at_ns;
    uint64_t every_ns; /* again and again at this distance; 0 = once */
    uint64_t times;    /* at most so often; 0 = to the end of the run */
    SETUP_OWN(SETUP_ACTION_OWN_BYTES);
};

struct run_setup {
    uint64_t warmup_ns, duration_ns;
    uint64_t seed;
    enum policy policy;
    bool reduction; /* explored: steps that nobody can tell apart are one (machine/policies/exhaustive.c) */
};

/* The cost profile of each piece of software of the family, in the order of struct family's list. */
struct software_setup {
    char profile[SETUP_TEXT_BYTES]; /* name of a file scenarios/costs/SOFTWARE/NAME.yaml, or a path */
};

struct setup {
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
