/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that several families share. Each table is in the order in which `explain` prints the keys.
 */
#include "models/family/keys.h"

#include <string.h>

#include "models/locks/list.h"

#define LONG_NS_MAX (1000ull * KEY_NS_PER_S)

static const struct option hypervisor_rows[] = {
    { "design", OPTION_TEXT, KEY_TEXT(struct hypervisor_setup, design), "domain-tasklet", 1, 0, NULL, NULL,
      "delivery design, as listed by `irqpath list designs`" },
};

static const struct option lock_rows[] = {
    { "lock", OPTION_ENUM, KEY_FIELD(struct hypervisor_setup, lock), "ttas", 0, 0, NULL, lock_names,
      "algorithm of every spinlock" },
};

static const struct option halt_poll_rows[] = {
    { "halt_poll", OPTION_DURATION, KEY_FIELD(struct halt_poll_setup, max_ns), "0s", 0, KEY_NS_PER_S, NULL, NULL,
      "longest time for which a vCPU polls after HLT before its thread sleeps; 0: none; KVM's halt_poll_ns is 200us" },
    { "halt_poll_grow", OPTION_INTEGER, KEY_FIELD(struct halt_poll_setup, grow), "2", 0, 1000, NULL, NULL,
      "factor of that time after a halt shorter than halt_poll that polling missed; 0: it stays" },
    { "halt_poll_grow_start", OPTION_DURATION, KEY_FIELD(struct halt_poll_setup, grow_start_ns), "10us", 0,
      KEY_NS_PER_S, NULL, NULL, "the shortest such time other than 0" },
    { "halt_poll_shrink", OPTION_INTEGER, KEY_FIELD(struct halt_poll_setup, shrink), "2", 0, 1000, NULL, NULL,
      "divisor of that time after a halt longer than halt_poll; 0: back to 0, KVM's default before Linux 6.11" },
};

static const struct option_name load_names[] = {
    { "halt", GUEST_LOAD_HALT, "halts when idle" },
    { "compute", GUEST_LOAD_COMPUTE, "never halts" },
    { NULL, 0, NULL },
};

static const struct option guest_rows[] = {
    { "name", OPTION_TEXT, KEY_TEXT(struct guest_setup, name), NULL, 1, 0, NULL, NULL,
      "name of this kind of guest: a letter, then letters, digits, '_', '-'" },
    { "vcpus", OPTION_INTEGER, KEY_FIELD(struct guest_setup, vcpus), "1", 1, SETUP_VCPUS_MAX, NULL, NULL,
      "vCPUs of each guest" },
    { "pin", OPTION_TEXT, KEY_TEXT(struct guest_setup, pin), "all", 1, 0, NULL, NULL,
      "pCPUs of its vCPUs: package:A-B, node:A-B, core:A-B, pu:A-B, separated by commas, or all" },
    { "load", OPTION_ENUM, KEY_FIELD(struct guest_setup, load), "halt", 0, 0, NULL, load_names,
      "what its vCPUs do between interrupts" },
};

static const struct option guest_count_rows[] = {
    { "count", OPTION_INTEGER, KEY_FIELD(struct guest_setup, count), "1", 1, 1024, NULL, NULL,
      "number of guests of this kind" },
};

static const struct option device_rows[] = {
    { "name", OPTION_TEXT, KEY_TEXT(struct device_setup, name), NULL, 1, 0, NULL, NULL,
      "name of this kind of device: a letter, then letters, digits, '_', '-'" },
    { "count", OPTION_INTEGER, KEY_FIELD(struct device_setup, count), "1", 1, 256, NULL, NULL,
      "devices of this kind in each of its guests" },
    { "interrupts", OPTION_INTEGER, KEY_FIELD(struct device_setup, interrupts), "2", 0, 1000, NULL, NULL,
      "explore: number of interrupts that each vector raises" },
};

static const struct option vector_rows[] = {
    { "vectors", OPTION_INTEGER, KEY_FIELD(struct device_setup, vectors), "1", 1, 2048, NULL, NULL,
      "MSI-X vectors of each device" },
};

static const struct option handler_rows[] = {
    { "handler", OPTION_DURATION, KEY_FIELD(struct device_setup, handler_ns), "costs", 0, KEY_NS_PER_S, "costs", NULL,
      "time of the guest's handler and poll; `costs` stands for guest_handler of the software costs" },
};

static const struct option_name process_names[] = {
    { "periodic", ARRIVAL_PERIODIC, "at a fixed interval" },
    { "poisson", ARRIVAL_POISSON, "at exponential intervals" },
    { "onoff", ARRIVAL_ONOFF, "Poisson arrivals in bursts, separated by silences" },
    { "moderated", ARRIVAL_MODERATED, "Poisson packets, interrupts limited by a moderation timer" },
    { "closed", ARRIVAL_CLOSED, "the next one follows the guest's handling of the last" },
    { "replay", ARRIVAL_REPLAY, "at the given times, each with the handler's time or work of its own" },
    { NULL, 0, NULL },
};

static const struct option arrival_rows[] = {
    { "process", OPTION_ENUM, KEY_FIELD(struct arrival_setup, process), "poisson", 0, 0, NULL, process_names,
      "arrival process of the interrupts" },
    { "rate", OPTION_RATE, KEY_FIELD(struct arrival_setup, rate_millihertz), "1kHz", 1, 100 * KEY_RATE_MAX, NULL, NULL,
      "rate of each vector: of packets with moderated, during bursts with onoff, of interrupts otherwise" },
    { "first_rate", OPTION_RATE, KEY_FIELD(struct arrival_setup, first_rate_millihertz), "rate", 1, 100 * KEY_RATE_MAX,
      "rate", NULL, "rate until first_for, for runs that start with a loaded machine" },
    { "first_for", OPTION_DURATION, KEY_FIELD(struct arrival_setup, first_for_ns), "0s", 0, LONG_NS_MAX, NULL, NULL,
      "how long first_rate applies" },
    { "on", OPTION_DURATION, KEY_FIELD(struct arrival_setup, on_ns), "10ms", 1, LONG_NS_MAX, NULL, NULL,
      "onoff: mean length of a burst" },
    { "off", OPTION_DURATION, KEY_FIELD(struct arrival_setup, off_ns), "10ms", 1, LONG_NS_MAX, NULL, NULL,
      "onoff: mean length of a silence" },
    { "interval", OPTION_DURATION, KEY_FIELD(struct arrival_setup, interval_ns), "50us", 1, KEY_NS_PER_S, NULL, NULL,
      "moderated: time from the first packet to the interrupt" },
    { "think", OPTION_DURATION, KEY_FIELD(struct arrival_setup, think_ns), "100us", 1, LONG_NS_MAX, NULL, NULL,
      "closed: mean time from the handling to the next interrupt" },
};

static const struct option action_rows[] = {
    { "name", OPTION_TEXT, KEY_TEXT(struct action_setup, name), NULL, 1, 0, NULL, NULL,
      "name of this action: a letter, then letters, digits, '_', '-'" },
    { "at", OPTION_DURATION, KEY_FIELD(struct action_setup, at_ns), NULL, 0, KEY_RUN_NS_MAX, NULL, NULL,
      "time of the action, from the start of the run" },
    { "every", OPTION_DURATION, KEY_FIELD(struct action_setup, every_ns), "once", 1, KEY_RUN_NS_MAX, "once", NULL,
      "period of a repeated action; a round still in progress skips the next one" },
    { "times", OPTION_INTEGER, KEY_FIELD(struct action_setup, times), "unlimited", 0, 0, "unlimited", NULL,
      "number of rounds of a repeated action" },
    { "cpu", OPTION_INTEGER, KEY_FIELD(struct action_setup, cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU that performs the action; preferably one without guests" },
};

static const struct option_name policy_names[] = {
    { "timed", POLICY_TIMED, "the earliest event first, as on a real machine" },
    { "random", POLICY_RANDOM, "any pending event, at random" },
    { NULL, 0, NULL },
};

static const struct option_name memory_names[] = {
    { "sc", MEMORY_SC, "sequentially consistent: every store is visible at once" },
    { "tso", MEMORY_TSO, "total store order, as x86 has it: each pCPU has a store buffer" },
    { NULL, 0, NULL },
};

static const struct option run_rows[] = {
    { "warmup", OPTION_DURATION, KEY_FIELD(struct run_setup, warmup_ns), "200ms", 0, KEY_RUN_NS_MAX, NULL, NULL,
      "simulated time before the measurement starts" },
    { "duration", OPTION_DURATION, KEY_FIELD(struct run_setup, duration_ns), "1s", 1, KEY_RUN_NS_MAX, NULL, NULL,
      "simulated time of the measurement" },
    { "drain", OPTION_DURATION, KEY_FIELD(struct run_setup, drain_ns), "1s", 0, KEY_RUN_NS_MAX, NULL, NULL,
      "longest simulated time after the measurement in which devices are silent and interrupts on their way arrive" },
    { "seed", OPTION_INTEGER, KEY_FIELD(struct run_setup, seed), "1", 0, 0, NULL, NULL, "seed of all random draws" },
    { "policy", OPTION_ENUM, KEY_FIELD(struct run_setup, policy), "timed", 0, 0, NULL, policy_names,
      "which event is executed next" },
    { "memory", OPTION_ENUM, KEY_FIELD(struct run_setup, memory), "sc", 0, 0, NULL, memory_names,
      "explore: when other pCPUs see a store; in a run every store is visible once its cache line has arrived" },
};

static const struct option reduction_rows[] = {
    { "reduction", OPTION_BOOL, KEY_FIELD(struct run_setup, reduction), "on", 0, 0, NULL, NULL,
      "explore: merge a lock's release with the step before it if interrupts are off, its acquisition with the step "
      "after it, and try steps that commute in one order only (Xen's designs)" },
};

static const struct option tick_rows[] = {
    { "ticks", OPTION_INTEGER, KEY_FIELD(struct run_setup, ticks), "0", 0, 1000, NULL, NULL,
      "explore: how often timers of the hypervisor may expire, on all pCPUs together, each at any moment while it is "
      "armed: the scheduler's tick, the end of a time slice, a guest's own tick" },
};

const struct key_table hypervisor_keys = { "hypervisor", KEY_ROWS(hypervisor_rows),
                                           offsetof(struct setup, hypervisor) };
static const struct key_table device_keys = { "devices", KEY_ROWS(device_rows), 0 };
static const struct key_table run_keys = { "run", KEY_ROWS(run_rows), offsetof(struct setup, run) };

const struct key_table lock_keys = { "hypervisor", KEY_ROWS(lock_rows), offsetof(struct setup, hypervisor) };
const struct key_table halt_poll_keys = { "hypervisor", KEY_ROWS(halt_poll_rows),
                                          offsetof(struct setup, hypervisor.halt_poll) };
const struct key_table reduction_keys = { "run", KEY_ROWS(reduction_rows), offsetof(struct setup, run) };
const struct key_table tick_keys = { "run", KEY_ROWS(tick_rows), offsetof(struct setup, run) };
const struct key_table guest_keys = { "guests", KEY_ROWS(guest_rows), 0 };
const struct key_table guest_count_keys = { "guests", KEY_ROWS(guest_count_rows), 0 };
const struct key_table vector_keys = { "devices", KEY_ROWS(vector_rows), 0 };
const struct key_table handler_keys = { "devices", KEY_ROWS(handler_rows), 0 };
const struct key_table arrival_keys = { "devices.arrivals", KEY_ROWS(arrival_rows),
                                        offsetof(struct device_setup, arrivals) };
const struct key_table action_keys = { "actions", KEY_ROWS(action_rows), 0 };

const struct key_table *const common_keys[] = { &hypervisor_keys, &line_cost_keys, &device_keys, &run_keys, NULL };

uint32_t arrival_processes(const char *key)
{
    const uint32_t paced =
        1u << ARRIVAL_PERIODIC | 1u << ARRIVAL_POISSON | 1u << ARRIVAL_ONOFF | 1u << ARRIVAL_MODERATED;

    if (!strcmp(key, "rate") || !strcmp(key, "first_rate") || !strcmp(key, "first_for"))
        return paced;
    if (!strcmp(key, "on") || !strcmp(key, "off"))
        return 1u << ARRIVAL_ONOFF;
    if (!strcmp(key, "interval"))
        return 1u << ARRIVAL_MODERATED;
    if (!strcmp(key, "think"))
        return 1u << ARRIVAL_CLOSED;
    if (!strcmp(key, "times") || !strcmp(key, "file"))
        return 1u << ARRIVAL_REPLAY;
    return 0;
}
