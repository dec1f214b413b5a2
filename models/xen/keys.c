/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario keys of the Xen family, in the order in which explain prints them, and its actions.
 */
#include "models/xen/keys.h"

#include "models/xen/setup.h"

static const struct option cost_rows[] = {
    { "software_cv_permille", OPTION_INTEGER, KEY_FIELD(struct xen_costs, software_cv_permille), NULL, 0, 2000, NULL,
      NULL, "coefficient of variation of the software paths, in 1/1000" },
    KEY_COST(struct xen_costs, exit_dispatch, "VM exit handler, up to the work for the exit reason"),
    KEY_COST(struct xen_costs, do_irq, "do_IRQ without the action"),
    KEY_COST(struct xen_costs, softirq_dispatch, "one iteration of the softirq loop"),
    KEY_COST(struct xen_costs, timer_softirq, "TIMER_SOFTIRQ without its callbacks"),
    KEY_COST(struct xen_costs, tasklet_hold, "one hold of tasklet_lock, without line misses"),
    KEY_COST(struct xen_costs, sync_local_execstate, "saving a lazily held vCPU"),
    KEY_COST(struct xen_costs, hvm_assert_callback, "body of the event-channel tasklet without vcpu_kick"),
    KEY_COST(struct xen_costs, dpci_body, "dpci work without event_lock and injection"),
    KEY_COST(struct xen_costs, pirq_walk_step, "one mapped PIRQ in the walk of the radix tree"),
    KEY_COST(struct xen_costs, vlapic_set_irq, "setting a virtual interrupt pending"),
    KEY_COST(struct xen_costs, eoi_exit, "emulated guest EOI, without the walk"),
    KEY_COST(struct xen_costs, eoi_walk_step, "one PIRQ in the guest EOI's walk"),
    KEY_COST(struct xen_costs, hypercall, "null hypercall, without exit, dispatch and entry"),
    KEY_COST(struct xen_costs, virq_injection, "injection at VM entry"),
    KEY_COST(struct xen_costs, hlt_exit, "from the HLT exit to vcpu_block"),
    KEY_COST(struct xen_costs, schedule_body, "schedule() without lock waits and context switch"),
    KEY_COST(struct xen_costs, context_switch_in, "loading a vCPU's state"),
    KEY_COST(struct xen_costs, context_switch_out, "saving a vCPU's state"),
    KEY_COST(struct xen_costs, event_channel_send, "setting an event's bits"),
    KEY_COST(struct xen_costs, posted_list_step, "one vCPU in the walk of a blocking list, without line misses"),
    KEY_COST(struct xen_costs, guest_handler, "the guest's interrupt handler, unless a device sets its own"),
};

static const struct option_name scheduler_names[] = { { "credit", 0, "Xen's credit1" }, { NULL, 0, NULL } };

static const struct option_name history_names[] = {
    { "as-designed", XEN_AS_DESIGNED, "the code of the design, without the bugs below" },
    { "before-a29af79e4e", XEN_BEFORE_A29AF79E4E, "2008: tasklet_kill waits for a queued tasklet to run" },
    { "before-c6b4652705", XEN_BEFORE_C6B4652705, "2008: a tasklet is linked while it runs" },
    { "before-0b8d217214", XEN_BEFORE_0B8D217214,
      "2010: a tasklet is requeued on one pCPU, its softirq raised on another" },
    { "before-ad28e42bd1", XEN_BEFORE_AD28E42BD1, "2015 (up to 4.5): a bind unmasks the MSI at once" },
    { "after-ad28e42bd1", XEN_AFTER_AD28E42BD1,
      "2015 (from 4.6), in an older design: an MSI stays masked until its bind is complete" },
    { "before-8c97eb6551", XEN_BEFORE_8C97EB6551, "2018 (up to 4.10): an unbind does not mask the MSI first" },
    { "after-8c97eb6551", XEN_AFTER_8C97EB6551, "2018 (from 4.11), in an older design: an unbind masks the MSI first" },
    { "before-5b58dad089", XEN_BEFORE_5B58DAD089, "2020: a restarted destruction unbinds a PIRQ again" },
    { "before-58427889f5", XEN_BEFORE_58427889F5,
      "2021 (4.12.3, 4.13.1, 4.14.0): a destruction hides PIRQs from the unmapping at its end" },
    { "after-58427889f5", XEN_AFTER_58427889F5,
      "2021 (4.13.3, 4.14.2, 4.15), in an older design: a destruction marks a PIRQ as done by flags=0" },
    { "after-9480a1a519", XEN_AFTER_9480A1A519,
      "2022 (4.17 to 4.19), in an older design: it also ends a pass at the first active PIRQ; no timers of 8 ms" },
    { "after-daa90dfea9", XEN_AFTER_DAA90DFEA9, "2024, in an older design: an unmapped PIRQ is cleaned up" },
    { "before-ba584fb1a2", XEN_BEFORE_BA584FB1A2,
      "2021: a line's EOI may inject an interrupt that another pCPU has just injected" },
    { "before-9b0f0f6e23", XEN_BEFORE_9B0F0F6E23, "2025: idle checks for softirqs with interrupts on, and then halts" },
    { NULL, 0, NULL },
};

static const struct option hypervisor_rows[] = {
    { "posted", OPTION_BOOL, KEY_FIELD(struct xen_setup, posted), "off", 0, 0, NULL, NULL, "posted interrupts" },
    { "posted_without", OPTION_TEXT, KEY_TEXT(struct xen_setup, posted_without), "none", 1, 0, NULL, NULL,
      "fixes of posted interrupts to leave out, by name or commit: F1,F5 (list fixes)" },
    { "posted_with", OPTION_TEXT, KEY_TEXT(struct xen_setup, posted_with), "none", 1, 0, NULL, NULL,
      "proposals to add that Xen does not have: recheck-pir,keep-on (list fixes)" },
    { "scheduler", OPTION_ENUM, 0, 0, 1, "credit", 0, 0, NULL, scheduler_names, "scheduler of vCPUs" },
    { "timeslice", OPTION_DURATION, KEY_FIELD(struct xen_setup, timeslice_ns), "30ms", 1000, KEY_NS_PER_S, NULL, NULL,
      "time slice of the credit scheduler" },
    { "ratelimit", OPTION_DURATION, KEY_FIELD(struct xen_setup, ratelimit_ns), "1ms", 0, KEY_NS_PER_S, "off", NULL,
      "shortest run before a preemption" },
    { "timer_slop", OPTION_DURATION, KEY_FIELD(struct xen_setup, timer_slop_ns), "50us", 0, KEY_NS_PER_S, NULL, NULL,
      "timers due within it expire together" },
    { "history", OPTION_ENUM, KEY_FIELD(struct xen_setup, history), "as-designed", 0, 0, NULL, history_names,
      "model the code before this fix" },
};

static const struct option_name placement_names[] = {
    { "pinned", GUEST_PLACEMENT_PINNED, "one pCPU for each vCPU, round robin over the pin" },
    { "floating", GUEST_PLACEMENT_FLOATING, "any pCPU of the pin" },
    { NULL, 0, NULL },
};

/* Linux starts the ticks of all CPUs on one grid, unless skew_tick=1 is given: tick_setup_sched_timer() in
 * kernel/time/tick-sched.c, where sched_skew_tick is 0 by default (Linux 3.5 and later; until 2.6.35 they were always
 * skewed). */
static const struct option_name phase_names[] = {
    { "random", GUEST_PHASE_RANDOM, "each vCPU ticks at its own phase" },
    { "guest", GUEST_PHASE_GUEST, "the vCPUs of a guest tick at the same time, each guest at its own phase" },
    { "aligned", GUEST_PHASE_ALIGNED, "all vCPUs tick at the same time" },
    { NULL, 0, NULL },
};

static const struct option guest_rows[] = {
    { "placement", OPTION_ENUM, KEY_FIELD(struct xen_guest_setup, placement), "pinned", 0, 0, NULL, placement_names,
      "placement of vCPUs on the pin" },
    { "weight", OPTION_INTEGER, KEY_FIELD(struct xen_guest_setup, weight), "256", 1, 65535, NULL, NULL,
      "share of each active vCPU in the credit scheduler" },
    { "cap", OPTION_INTEGER, KEY_FIELD(struct xen_guest_setup, cap), "0", 0, 65535, "none", NULL,
      "most of a pCPU that the whole guest may use, in percent" },
    { "timer", OPTION_RATE, KEY_FIELD(struct xen_guest_setup, timer_millihertz), "250Hz", 1, KEY_RATE_MAX, "tickless",
      NULL, "tick of each vCPU" },
    { "phase", OPTION_ENUM, KEY_FIELD(struct xen_guest_setup, phase), "guest", 0, 0, NULL, phase_names,
      "phase of the ticks" },
    { "tick_run", OPTION_DURATION, KEY_FIELD(struct xen_guest_setup, tick_run_ns), "30us", 0, KEY_NS_PER_S, NULL, NULL,
      "guest work for each tick" },
    { "min_delta", OPTION_DURATION, KEY_FIELD(struct xen_guest_setup, min_delta_ns), "100us", 0, KEY_NS_PER_S, NULL,
      NULL, "shortest one-shot timer the guest programs" },
    { "wakes", OPTION_RATE, KEY_FIELD(struct xen_guest_setup, wake_millihertz), "none", 1, KEY_RATE_MAX, "none", NULL,
      "event-channel wakes from another vCPU of the guest, for each vCPU" },
    { "wake_run", OPTION_DURATION, KEY_FIELD(struct xen_guest_setup, wake_run_ns), "10us", 0, KEY_NS_PER_S, NULL, NULL,
      "guest work for each wake" },
    { "work_spread_percent", OPTION_INTEGER, KEY_FIELD(struct xen_guest_setup, work_spread_percent), "0", 0, 200, NULL,
      NULL, "lognormal coefficient of variation of all guest work" },
};

static const struct option pirq_rows[] = {
    { "pirqs", OPTION_INTEGER, KEY_FIELD(struct guest_setup, pirqs), "0", 0, 65536, NULL, NULL,
      "PIRQs mapped in addition to those of the devices; they never fire" },
};

static const struct option_name order_names[] = {
    { "first", PIRQ_ORDER_FIRST, "numbers below the guest's idle PIRQs" },
    { "last", PIRQ_ORDER_LAST, "numbers above the guest's idle PIRQs" },
    { NULL, 0, NULL },
};

static const struct option_name destination_names[] = {
    { "single", MSI_DESTINATION_SINGLE, "one vCPU" },
    { "hashed", MSI_DESTINATION_HASHED, "lowest priority of all vCPUs; the vector number chooses one" },
    { "all", MSI_DESTINATION_ALL, "every vCPU of the guest; never posted" },
    { NULL, 0, NULL },
};

static const struct option_name delivery_names[] = {
    { "lapic", DEVICE_DELIVERY_LAPIC, "through the guest's virtual LAPIC" },
    { "event", DEVICE_DELIVERY_EVENT, "as events: the guest has mapped its PIRQs to event channels, as Linux does" },
    { NULL, 0, NULL },
};

static const struct option_name assigned_names[] = {
    { "on", DEVICE_ASSIGNED_ON, "from the start" },
    { "later", DEVICE_ASSIGNED_LATER, "an action attaches it" },
    { "never", DEVICE_ASSIGNED_NEVER,
      "emulated: software injects its interrupts, through dPCI in place of the device model" },
    { NULL, 0, NULL },
};

static const struct option_name target_names[] = {
    { "vcpu", MSI_TARGET_VCPU, "the pCPU of the vector's vCPU" },
    { "any", MSI_TARGET_ANY, "explored: any pCPU for each message, as with logical destinations" },
    { NULL, 0, NULL },
};

static const struct option_name binding_names[] = {
    { "msi", DEVICE_BINDING_MSI, "MSI to MSI" },
    { "intx", DEVICE_BINDING_INTX, "level-triggered line to line" },
    { "translate", DEVICE_BINDING_TRANSLATE, "MSI to line" },
    { NULL, 0, NULL },
};

static const struct option device_rows[] = {
    { "pirqs", OPTION_ENUM, KEY_FIELD(struct xen_device_setup, pirqs), "first", 0, 0, NULL, order_names,
      "position of its PIRQ numbers among the guest's" },
    { "polled", OPTION_BOOL, KEY_FIELD(struct xen_device_setup, is_polled), "off", 0, 0, NULL, NULL,
      "raises nothing from the interrupt to the end of the guest's poll (NAPI)" },
    { "by_state", OPTION_BOOL, KEY_FIELD(struct xen_device_setup, by_state), "off", 0, 0, NULL, NULL,
      "also report latency by the state of the target vCPU; always with posted interrupts" },
    { "destination", OPTION_ENUM, KEY_FIELD(struct xen_device_setup, destination), "single", 0, 0, NULL,
      destination_names, "guest destination of its messages" },
    { "vcpu", OPTION_INDEX, KEY_FIELD(struct xen_device_setup, vcpu), "any", 0, SETUP_VCPUS_MAX - 1, "any", NULL,
      "number of the guest's vCPU that its messages reach, from 0; any: round robin, vector by vector" },
    { "delivery", OPTION_ENUM, KEY_FIELD(struct xen_device_setup, delivery), "lapic", 0, 0, NULL, delivery_names,
      "how the guest receives its interrupts" },
    { "assigned", OPTION_ENUM, KEY_FIELD(struct xen_device_setup, assigned), "on", 0, 0, NULL, assigned_names,
      "when it is assigned to the guest" },
    { "target", OPTION_ENUM, KEY_FIELD(struct xen_device_setup, target), "vcpu", 0, 0, NULL, target_names,
      "explore: pCPU that its messages reach" },
    { "binding", OPTION_ENUM, KEY_FIELD(struct xen_device_setup, binding), "msi", 0, 0, NULL, binding_names,
      "how its interrupts reach the guest" },
    { "timeouts", OPTION_INTEGER, KEY_FIELD(struct xen_device_setup, timeouts), "1", 0, 1000, NULL, NULL,
      "xen, explore: how often each EOI timer of a line may expire; what is left to one is delayed, not lost" },
    { "line", OPTION_INTEGER, KEY_FIELD(struct xen_device_setup, line), "0", 0, 63, NULL, NULL,
      "bindings intx, translate: number of the guest's line; devices with the same number share it" },
};

static const struct option action_rows[] = {
    { "quiesce", OPTION_DURATION, KEY_FIELD(struct xen_action_setup, quiesce_ns), "0s", 0, KEY_NS_PER_S, NULL, NULL,
      "time from `at`, when the driver silences the device, to the first hypercall" },
    { "fails", OPTION_BOOL, KEY_FIELD(struct xen_action_setup, fails), "off", 0, 0, NULL, NULL,
      "bind: fails half-way (msixtbl_pt_register) and is undone" },
    { "number", OPTION_INTEGER, KEY_FIELD(struct xen_action_setup, number), "0", 0, 1023, NULL, NULL,
      "number of the guest in its group, from 0" },
    { "target", OPTION_INTEGER, KEY_FIELD(struct xen_action_setup, target), "1", 1, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "offline, online, tasklet: the pCPU; never the first one" },
    { "work", OPTION_DURATION, KEY_FIELD(struct xen_action_setup, work_ns), "10us", 0, KEY_NS_PER_S, NULL, NULL,
      "tasklet: how long its function runs" },
};

const struct key_table xen_cost_keys = { "xen.costs", KEY_ROWS(cost_rows),
                                         offsetof(struct setup, own) + offsetof(struct xen_setup, costs) };
const struct key_table xen_hypervisor_keys = { "hypervisor", KEY_ROWS(hypervisor_rows), offsetof(struct setup, own) };
const struct key_table xen_guest_keys = { "guests", KEY_ROWS(guest_rows), offsetof(struct guest_setup, own) };
const struct key_table xen_pirq_keys = { "guests", KEY_ROWS(pirq_rows), 0 };
const struct key_table xen_device_keys = { "devices", KEY_ROWS(device_rows), offsetof(struct device_setup, own) };
const struct key_table xen_action_keys = { "actions", KEY_ROWS(action_rows), offsetof(struct action_setup, own) };

const struct action_kind xen_actions[] = {
    [XEN_ACTION_UNBIND] = { "unbind", ACTION_ON_DEVICE, "unbinds every vector of a device, as rmmod does" },
    [XEN_ACTION_BIND] = { "bind", ACTION_ON_DEVICE, "binds every vector of a device, as modprobe does" },
    [XEN_ACTION_DESTROY] = { "destroy", ACTION_ON_GUEST, "destroys the guest" },
    [XEN_ACTION_OFFLINE] = { "offline", ACTION_ON_PCPU, "takes a pCPU offline" },
    [XEN_ACTION_ONLINE] = { "online", ACTION_ON_PCPU, "brings a pCPU back online" },
    [XEN_ACTION_UNMAP] = { "unmap", ACTION_ON_DEVICE, "unmaps every unbound vector of a device, as its removal does" },
    [XEN_ACTION_ATTACH] = { "attach", ACTION_ON_DEVICE, "assigns a device to its guest and binds every vector" },
    [XEN_ACTION_DETACH] = { "detach", ACTION_ON_DEVICE,
                            "unbinds every vector of a device and takes it from its guest" },
    [XEN_ACTION_AFFINITY] = { "affinity", ACTION_ON_DEVICE,
                              "moves every interrupt of a device to the guest's next vCPU" },
    [XEN_ACTION_SPREAD] = { "spread", ACTION_ON_DEVICE,
                            "the guest addresses every vector of a device to all its vCPUs" },
    [XEN_ACTION_NOTIFY] = { "notify", ACTION_ON_GUEST, "sends an event to the guest's first vCPU" },
    [XEN_ACTION_PAUSE] = { "pause", ACTION_ON_GUEST, "stops the guest's vCPUs" },
    [XEN_ACTION_RESUME] = { "resume", ACTION_ON_GUEST, "lets the guest's vCPUs continue" },
    [XEN_ACTION_REBIND_IN_EXIT] = { "rebind_in_exit", ACTION_ON_DEVICE,
                                    "unbinds and binds every vector of a device within one VM exit, as vPCI does" },
    [XEN_ACTION_TASKLET] = { "tasklet", ACTION_ON_PCPU,
                             "runs a tasklet on a pCPU's idle vCPU, as a hypercall's continuation on that pCPU does" },
    [XEN_ACTION_CLOSE] = { "close", ACTION_ON_DEVICE,
                           "the guest closes the event channel of every vector of a device, as free_irq does" },
    [XEN_ACTION_OPEN] = { "open", ACTION_ON_DEVICE,
                          "the guest binds an event channel to every vector of a device, as request_irq does" },
};
