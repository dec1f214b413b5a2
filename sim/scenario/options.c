/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a scenario and of a machine file. Rows stand in the order in which explain prints them.
 */
#include "scenario/options.h"

#include <string.h>

#include "models/locks/list.h"
#include "scenario/options_costs.h"

#define NS_PER_S 1000000000u
#define RUN_NS_MAX (86400ull * NS_PER_S)
#define RATE_MAX 1000000000 /* 1 MHz in 1/1000 Hz */
#define TEXT(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define FIELD(type, member) offsetof(type, member), sizeof(((type *)0)->member), 1
#define NO_FIELD 0, 0, 1
#define TABLE(rows) \
    { \
        rows, sizeof(rows) / sizeof(*(rows)) \
    }

const char *const distance_names[] = { "near", "middle", "far", NULL };

static const struct option_name interconnect_names[] = {
    { "full", INTERCONNECT_FULL, "every socket one hop from every other" },
    { "glueless", INTERCONNECT_GLUELESS, "eight sockets: three peers at one hop, four at two" },
    { "chiplet", INTERCONNECT_CHIPLET, "same cache, same socket, other socket" },
    { NULL, 0, NULL },
};

static const struct option_name scheduler_names[] = { { "credit", 0, "Xen's credit1" }, { NULL, 0, NULL } };

static const struct option_name placement_names[] = {
    { "pinned", GUEST_PLACEMENT_PINNED, "one pCPU for each vCPU, round robin over the pin" },
    { "floating", GUEST_PLACEMENT_FLOATING, "any pCPU of the pin" },
    { NULL, 0, NULL },
};

static const struct option_name load_names[] = {
    { "halt", GUEST_LOAD_HALT, "HLT when nothing is to be done" },
    { "compute", GUEST_LOAD_COMPUTE, "never halts" },
    { NULL, 0, NULL },
};

static const struct option_name phase_names[] = {
    { "random", GUEST_PHASE_RANDOM, "each vCPU ticks at its own phase" },
    { "aligned", GUEST_PHASE_ALIGNED, "all vCPUs tick at the same time" },
    { NULL, 0, NULL },
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

static const struct option_name assigned_names[] = {
    { "on", DEVICE_ASSIGNED_ON, "from the start" },
    { "later", DEVICE_ASSIGNED_LATER, "an action attaches it" },
    { "never", DEVICE_ASSIGNED_NEVER,
      "emulated: software injects its interrupts, through dPCI in place of the device model" },
    { NULL, 0, NULL },
};

static const struct option_name target_names[] = {
    { "vcpu", MSI_TARGET_VCPU, "the pCPU of the vector's vCPU" },
    { "any", MSI_TARGET_ANY, "explored: any pCPU each time, as with logical destinations" },
    { NULL, 0, NULL },
};

static const struct option_name irqchip_names[] = {
    { "kernel", IRQCHIP_KERNEL, "in KVM: irqfd and resampling irqfd" },
    { "split", IRQCHIP_SPLIT, "local APICs in KVM, I/O APIC in QEMU: irqfd, EOIs exit to QEMU" },
    { "userspace", IRQCHIP_USERSPACE, "no irqfd: QEMU's main loop, and every register access of the guest exits" },
    { NULL, 0, NULL },
};

static const struct option_name sampling_names[] = {
    { "level", IRQ_SAMPLING_LEVEL, "interrupts while the line is high" },
    { "edge", IRQ_SAMPLING_EDGE, "interrupts once each time the line rises" },
    { NULL, 0, NULL },
};

static const struct option_name admission_names[] = {
    { "shared-fallback", ADMISSION_SHARED_FALLBACK, "direct while alone on the line, automask otherwise" },
    { "exclusive-or-fail", ADMISSION_EXCLUSIVE_OR_FAIL, "the line for himself, or no interrupt at all" },
    { "first-come", ADMISSION_FIRST_COME, "direct for the first, whoever shares the line" },
    { NULL, 0, NULL },
};

static const struct option_name revert_names[] = {
    { "none", VFIO_REVERT_NONE, "every fix is in" },
    { "b68e7fa879cd", VFIO_REVERT_DOUBLE_RELEASE, "closing and removing an unmask eventfd release it twice" },
    { "899649b7d4ea", VFIO_REVERT_VIRQ_DISABLED, "INTx enabled under the guest's DisINTx counts as unmasked" },
    { "fe9a7082684e", VFIO_REVERT_AUTO_ENABLE, "request_irq enables the line before the handler's state is set" },
    { "810cd4bb5345", VFIO_REVERT_CONFIG_GATE, "writes of DisINTx do not take igate" },
    { "b620ecbd17a0", VFIO_REVERT_TRIGGER_SWAP, "the unmask path signals a trigger that is gone" },
    { "unlazy", VFIO_REVERT_UNLAZY, "disable_irq leaves the chip unmasked until an interrupt comes" },
    { "fef8f2b90edb", VFIO_REVERT_ONESHOT, "unmasking a pin delivers what was pending while it was masked" },
    { "184564efae4d", VFIO_REVERT_EOI_BRAKE, "a line still asserted at its EOI is delivered again at once, always" },
    { "deactivate", VFIO_REVERT_DEACTIVATE, "direct EOI: nobody deactivates the interrupt of a guest that goes away" },
    { NULL, 0, NULL },
};

static const struct option_name history_names[] = {
    { "as-designed", XEN_AS_DESIGNED, "Xen as of the design, without the bugs below" },
    { "before-a29af79e4e", XEN_BEFORE_A29AF79E4E, "2008: tasklet_kill waits for a queued tasklet to run" },
    { "before-c6b4652705", XEN_BEFORE_C6B4652705, "2008: a tasklet is linked while it runs" },
    { "before-0b8d217214", XEN_BEFORE_0B8D217214,
      "2010: a tasklet is requeued on one pCPU, its softirq raised on another" },
    { "before-5b58dad089", XEN_BEFORE_5B58DAD089, "2020: a destruction tried again unbinds a PIRQ again" },
    { "before-58427889f5", XEN_BEFORE_58427889F5, "2021: a destruction hides PIRQs from the unmapping at its end" },
    { "after-daa90dfea9", XEN_AFTER_DAA90DFEA9, "2024, in an older design: an unmapped PIRQ is cleaned up" },
    { "before-ba584fb1a2", XEN_BEFORE_BA584FB1A2, "2021: a line's EOI may inject what another pCPU just has" },
    { "before-9b0f0f6e23", XEN_BEFORE_9B0F0F6E23, "2025: idle looks for softirqs with interrupts on, and then sleeps" },
    { NULL, 0, NULL },
};

static const struct option_name binding_names[] = {
    { "msi", DEVICE_BINDING_MSI, "MSI to MSI" },
    { "intx", DEVICE_BINDING_INTX, "level-triggered line to line" },
    { "translate", DEVICE_BINDING_TRANSLATE, "MSI to line" },
    { NULL, 0, NULL },
};

static const struct option_name driver_names[] = {
    { "guest", DEVICE_DRIVER_GUEST, "passed through" },
    { "host", DEVICE_DRIVER_HOST, "the host's own" },
    { NULL, 0, NULL },
};

static const struct option_name interrupt_names[] = {
    { "intx", DEVICE_INTERRUPT_INTX, "its line, or MSI with vfio-msi and kvm-assigned" },
    { "msi", DEVICE_INTERRUPT_MSI, "messages" },
    { "timer", DEVICE_INTERRUPT_TIMER, "no device: the timer of the first vCPU's local APIC" },
    { "direct-timer", DEVICE_INTERRUPT_DIRECT_TIMER, "the same, as its pCPU's own; with `posted: on`" },
    { "off", DEVICE_INTERRUPT_OFF, "none before an action gives it one" },
    { NULL, 0, NULL },
};

static const struct option_name intx_names[] = {
    { "pci-2.3", DEVICE_INTX_PCI_2_3, "interrupt status and DisINTx" },
    { "legacy", DEVICE_INTX_LEGACY, "neither" },
    { "silent", DEVICE_INTX_SILENT, "broken: asserts its line, and its status reads 0" },
    { NULL, 0, NULL },
};

static const struct option_name isr_names[] = {
    { "normal", DEVICE_ISR_NORMAL, "clears the cause, EOIs, and then does the rest of its work" },
    { "early-eoi", DEVICE_ISR_EARLY_EOI, "EOIs; a task clears the cause" },
    { "oneshot", DEVICE_ISR_ONESHOT, "masks the pin and EOIs; a thread clears the cause and unmasks" },
    { "no-eoi", DEVICE_ISR_NO_EOI, "clears the cause, does its work, and never EOIs" },
    { "task", DEVICE_ISR_TASK, "messages and timers: wakes a task, which counts as the handler" },
    { NULL, 0, NULL },
};

static const struct option_name process_names[] = {
    { "periodic", ARRIVAL_PERIODIC, "at a fixed interval" },
    { "poisson", ARRIVAL_POISSON, "at exponential intervals" },
    { "onoff", ARRIVAL_ONOFF, "Poisson bursts and silences" },
    { "moderated", ARRIVAL_MODERATED, "Poisson packets behind an interrupt moderation timer" },
    { "closed", ARRIVAL_CLOSED, "the next one after the guest handled the last" },
    { "replay", ARRIVAL_REPLAY, "at the times given" },
    { NULL, 0, NULL },
};

static const struct option_name action_names[] = {
    { "unbind", ACTION_UNBIND, "takes every vector of a device from the guest, as rmmod does" },
    { "bind", ACTION_BIND, "gives every vector of a device to the guest, as modprobe does" },
    { "destroy", ACTION_DESTROY, "destroys the guest" },
    { "offline", ACTION_OFFLINE, "takes a pCPU down" },
    { "online", ACTION_ONLINE, "brings it back" },
    { "unmap", ACTION_UNMAP, "gives back every vector of a device that is unbound, as its removal does" },
    { "attach", ACTION_ATTACH, "assigns a device to its guest and binds every vector" },
    { "detach", ACTION_DETACH, "unbinds every vector of a device and takes it from its guest" },
    { "affinity", ACTION_AFFINITY, "moves every interrupt of a device to the guest's next vCPU" },
    { "spread", ACTION_SPREAD, "the guest addresses every vector of a device to all its vCPUs" },
    { "notify", ACTION_NOTIFY, "sends an event to the guest's first vCPU" },
    { "boot", ACTION_BOOT, "vfio: the guest starts its devices with INTx, again if it runs" },
    { "pause", ACTION_PAUSE, "stops the guest's vCPUs" },
    { "resume", ACTION_RESUME, "lets them go on" },
    { "msi", ACTION_MSI, "vfio: the guest's driver switches its device to MSI" },
    { "intx", ACTION_INTX, "vfio: it switches back to INTx" },
    { "mask", ACTION_MASK, "vfio: VFIO_DEVICE_SET_IRQS masks INTx" },
    { "unmask", ACTION_UNMASK, "vfio: VFIO_DEVICE_SET_IRQS unmasks INTx" },
    { "trigger-drop", ACTION_TRIGGER_DROP, "vfio: takes the trigger eventfd away" },
    { "trigger-set", ACTION_TRIGGER_SET, "vfio: gives a trigger eventfd" },
    { "unmask-drop", ACTION_UNMASK_DROP, "vfio: takes the unmask eventfd away" },
    { "unmask-close", ACTION_UNMASK_CLOSE, "vfio: closes the unmask eventfd" },
    { "disintx-set", ACTION_DISINTX_SET, "vfio: the guest sets DisINTx in the command register" },
    { "disintx-clear", ACTION_DISINTX_CLEAR, "vfio: the guest clears DisINTx" },
    { "reopen", ACTION_REOPEN, "qemu: closes the device's event channels and binds its PIRQs again" },
    { "migrate", ACTION_MIGRATE, "qemu: live migration" },
    { "reset", ACTION_RESET, "qemu: EVTCHNOP_reset" },
    { "map-pirq", ACTION_MAP_PIRQ, "qemu: PHYSDEVOP_map_pirq of `pirq` and `gsi`" },
    { "callback", ACTION_CALLBACK, "qemu: the guest sets its callback again" },
    { "lapic", ACTION_LAPIC, "qemu: a vCPU turns its local APIC off and on again" },
    { "loopback", ACTION_LOOPBACK, "qemu: EVTCHNOP_bind_interdomain with the guest's own `port`" },
    { NULL, 0, NULL },
};

static const struct option_name policy_names[] = {
    { "timed", POLICY_TIMED, "the earliest goes first" },
    { "random", POLICY_RANDOM, "any pending one goes next" },
    { NULL, 0, NULL },
};

static const struct option head_rows[] = {
    { "version", OPTION_INTEGER, FIELD(struct scenario_head, version), "1", 1, 1, NULL, NULL,
      "of the scenario format" },
    { "name", OPTION_TEXT, TEXT(struct scenario_head, name), 1, NULL, 1, 0, NULL, NULL,
      "name of the scenario: letters, digits, '.', '_', '-'" },
};

static const struct option machine_head_rows[] = {
    { "name", OPTION_TEXT, TEXT(struct machine_head, name), 1, NULL, 1, 0, NULL, NULL, "name of the machine" },
    { "summary", OPTION_TEXT, TEXT(struct machine_head, summary), 1, NULL, 1, 0, NULL, NULL,
      "one line for list machines" },
    { "like", OPTION_TEXT, TEXT(struct machine_head, like), 1, "", 0, 0, NULL, NULL,
      "machine whose costs stand for those not given: a name of list machines, or a path" },
};

static const struct option profile_rows[] = {
    { "profile", OPTION_TEXT, TEXT(struct machine_setup, profile), 1, "westmere-ex-8s", 1, 0, NULL, NULL,
      "machine file: a name of list machines, or a path" },
};

static const struct option machine_rows[] = {
    { "topology", OPTION_TEXT, TEXT(struct machine_setup, topology), 1, NULL, 1, 0, NULL, NULL,
      "hwloc synthetic string or lstopo XML file; default: the profile's" },
    { "interconnect", OPTION_ENUM, FIELD(struct machine_setup, interconnect), NULL, 0, 0, NULL, interconnect_names,
      "how sockets are connected; default: the profile's" },
    { "frequency", OPTION_FREQUENCY, FIELD(struct machine_setup, costs.frequency_hz), NULL, 1000000, 100000000000, NULL,
      NULL, "of the clock that counts cycles; default: the profile's" },
};

static const struct option hypervisor_rows[] = {
    { "design", OPTION_TEXT, TEXT(struct hypervisor_setup, design), 1, "domain-tasklet", 1, 0, NULL, NULL,
      "delivery design: a name of list designs" },
    { "lock", OPTION_ENUM, FIELD(struct hypervisor_setup, lock), "ttas", 0, 0, NULL, lock_names,
      "kind of every spinlock" },
    { "posted", OPTION_BOOL, FIELD(struct hypervisor_setup, posted), "off", 0, 0, NULL, NULL, "posted interrupts" },
    { "posted_without", OPTION_TEXT, TEXT(struct hypervisor_setup, posted_without), 1, "none", 1, 0, NULL, NULL,
      "fixes of posted interrupts left out, by name or commit: F1,F5 (list fixes)" },
    { "posted_with", OPTION_TEXT, TEXT(struct hypervisor_setup, posted_with), 1, "none", 1, 0, NULL, NULL,
      "proposals tried that Xen does not have: recheck-pir,set-rvi (list fixes)" },
    { "scheduler", OPTION_ENUM, NO_FIELD, "credit", 0, 0, NULL, scheduler_names, "of vCPUs" },
    { "timeslice", OPTION_DURATION, FIELD(struct hypervisor_setup, timeslice_ns), "30ms", 1000, NS_PER_S, NULL, NULL,
      "of the credit scheduler" },
    { "ratelimit", OPTION_DURATION, FIELD(struct hypervisor_setup, ratelimit_ns), "1ms", 0, NS_PER_S, "off", NULL,
      "shortest run before a preemption" },
    { "timer_slop", OPTION_DURATION, FIELD(struct hypervisor_setup, timer_slop_ns), "50us", 0, NS_PER_S, NULL, NULL,
      "timers due within it expire together" },
    { "irqchip", OPTION_ENUM, FIELD(struct hypervisor_setup, irqchip), "kernel", 0, 0, NULL, irqchip_names,
      "vfio: who emulates the guest's interrupt controllers" },
    { "sampling", OPTION_ENUM, FIELD(struct hypervisor_setup, sampling), "level", 0, 0, NULL, sampling_names,
      "vfio: when a pin of the host's interrupt chip interrupts" },
    { "admission", OPTION_ENUM, FIELD(struct hypervisor_setup, admission), "first-come", 0, 0, NULL, admission_names,
      "vfio-direct-eoi: who gets direct EOI" },
    { "revert", OPTION_ENUM, FIELD(struct hypervisor_setup, revert), "none", 0, 0, NULL, revert_names,
      "vfio: the fix that is taken out" },
    { "history", OPTION_ENUM, FIELD(struct hypervisor_setup, history), "as-designed", 0, 0, NULL, history_names,
      "xen: the fix that is not there yet" },
};

static const struct option guest_rows[] = {
    { "name", OPTION_TEXT, TEXT(struct guest_setup, name), 1, NULL, 1, 0, NULL, NULL,
      "of this kind of guest: a letter, then letters, digits, '_', '-'" },
    { "count", OPTION_INTEGER, FIELD(struct guest_setup, count), "1", 1, 1024, NULL, NULL, "guests of this kind" },
    { "vcpus", OPTION_INTEGER, FIELD(struct guest_setup, vcpus), "1", 1, SETUP_VCPUS_MAX, NULL, NULL, "of each" },
    { "pin", OPTION_TEXT, TEXT(struct guest_setup, pin), 1, "all", 1, 0, NULL, NULL,
      "pCPUs: package:A-B, node:A-B, core:A-B, pu:A-B, separated by commas, or all" },
    { "placement", OPTION_ENUM, FIELD(struct guest_setup, placement), "pinned", 0, 0, NULL, placement_names,
      "of vCPUs on the pin" },
    { "load", OPTION_ENUM, FIELD(struct guest_setup, load), "halt", 0, 0, NULL, load_names, "between interrupts" },
    { "timer", OPTION_RATE, FIELD(struct guest_setup, timer_millihertz), "250Hz", 1, RATE_MAX, "tickless", NULL,
      "tick of each vCPU" },
    { "phase", OPTION_ENUM, FIELD(struct guest_setup, phase), "random", 0, 0, NULL, phase_names, "of the ticks" },
    { "tick_run", OPTION_DURATION, FIELD(struct guest_setup, tick_run_ns), "30us", 0, NS_PER_S, NULL, NULL,
      "guest work for each tick" },
    { "min_delta", OPTION_DURATION, FIELD(struct guest_setup, min_delta_ns), "100us", 0, NS_PER_S, NULL, NULL,
      "shortest one-shot timer the guest programs" },
    { "wakes", OPTION_RATE, FIELD(struct guest_setup, wake_millihertz), "none", 1, RATE_MAX, "none", NULL,
      "event-channel wakes from another vCPU of the guest, for each vCPU" },
    { "wake_run", OPTION_DURATION, FIELD(struct guest_setup, wake_run_ns), "10us", 0, NS_PER_S, NULL, NULL,
      "guest work for each wake" },
    { "work_spread_percent", OPTION_INTEGER, FIELD(struct guest_setup, work_spread_percent), "0", 0, 200, NULL, NULL,
      "lognormal coefficient of variation of all guest work" },
    { "pirqs", OPTION_INTEGER, FIELD(struct guest_setup, pirqs), "0", 0, 65536, NULL, NULL,
      "PIRQs mapped besides those of the devices; they never fire" },
    { "descheduled", OPTION_DURATION, FIELD(struct guest_setup, descheduled_ns), "0s", 0, 1000ull * NS_PER_S, NULL,
      NULL, "vfio: how long other threads keep its vCPUs off their pCPUs, each time" },
    { "descheduled_every", OPTION_DURATION, FIELD(struct guest_setup, descheduled_every_ns), "100ms", 1,
      1000ull * NS_PER_S, NULL, NULL, "vfio: mean time a vCPU runs in between, exponential" },
};

static const struct option device_rows[] = {
    { "name", OPTION_TEXT, TEXT(struct device_setup, name), 1, NULL, 1, 0, NULL, NULL,
      "of this kind of device: a letter, then letters, digits, '_', '-'" },
    { "count", OPTION_INTEGER, FIELD(struct device_setup, count), "1", 1, 256, NULL, NULL, "in each such guest" },
    { "vectors", OPTION_INTEGER, FIELD(struct device_setup, vectors), "1", 1, 2048, NULL, NULL,
      "MSI-X vectors of each" },
    { "pirqs", OPTION_ENUM, FIELD(struct device_setup, pirqs), "first", 0, 0, NULL, order_names,
      "place of its PIRQ numbers among the guest's" },
    { "polled", OPTION_BOOL, FIELD(struct device_setup, is_polled), "off", 0, 0, NULL, NULL,
      "raises nothing between interrupt and the end of the guest's poll (NAPI)" },
    { "handler", OPTION_DURATION, FIELD(struct device_setup, handler_ns), "machine", 0, NS_PER_S, "machine", NULL,
      "guest handler and poll; machine: the machine's guest_handler" },
    { "interrupts", OPTION_INTEGER, FIELD(struct device_setup, interrupts), "2", 0, 1000, NULL, NULL,
      "explore: how many each vector raises" },
    { "by_state", OPTION_BOOL, FIELD(struct device_setup, by_state), "off", 0, 0, NULL, NULL,
      "latency by what the interrupt's vCPU was doing, too; with posted interrupts always" },
    { "destination", OPTION_ENUM, FIELD(struct device_setup, destination), "single", 0, 0, NULL, destination_names,
      "of its messages" },
    { "assigned", OPTION_ENUM, FIELD(struct device_setup, assigned), "on", 0, 0, NULL, assigned_names,
      "when the guest has it" },
    { "target", OPTION_ENUM, FIELD(struct device_setup, target), "vcpu", 0, 0, NULL, target_names,
      "explore: pCPU that its messages reach" },
    { "binding", OPTION_ENUM, FIELD(struct device_setup, binding), "msi", 0, 0, NULL, binding_names,
      "xen: how its interrupts reach the guest" },
    { "timeouts", OPTION_INTEGER, FIELD(struct device_setup, timeouts), "1", 0, 1000, NULL, NULL,
      "xen, explore: how often each EOI timer of a line may expire" },
    { "driver", OPTION_ENUM, FIELD(struct device_setup, driver), "guest", 0, 0, NULL, driver_names,
      "vfio: who drives it; 'guest' names no guest when it is the host" },
    { "interrupt", OPTION_ENUM, FIELD(struct device_setup, interrupt), "intx", 0, 0, NULL, interrupt_names,
      "vfio: what it raises at the start" },
    { "intx", OPTION_ENUM, FIELD(struct device_setup, intx), "pci-2.3", 0, 0, NULL, intx_names,
      "vfio: what its INTx can do" },
    { "isr", OPTION_ENUM, FIELD(struct device_setup, isr), "normal", 0, 0, NULL, isr_names,
      "vfio: order of things in the guest's interrupt handler" },
    { "line", OPTION_INTEGER, FIELD(struct device_setup, line), "0", 0, 63, NULL, NULL,
      "number of its INTx line; devices with the same number share it (xen: the guest's; intx, translate)" },
    { "registers", OPTION_INTEGER, FIELD(struct device_setup, registers), "2", 2, 1000, NULL, NULL,
      "vfio: register accesses of the guest's handler, the status and its clearing included" },
    { "kind", OPTION_ENUM, FIELD(struct device_setup, pirq_kind), "msix", 0, 0, NULL, pirq_kind_names,
      "qemu: how it interrupts" },
    { "path", OPTION_ENUM, FIELD(struct device_setup, path), "irqfd", 0, 0, NULL, device_path_names,
      "qemu: who takes its events" },
    { "bound", OPTION_BOOL, FIELD(struct device_setup, is_bound), "on", 0, 0, NULL, NULL,
      "qemu: the guest's driver has bound it from the start" },
    { "gsi", OPTION_INTEGER, FIELD(struct device_setup, gsi), "11", 1, 23, NULL, NULL,
      "qemu: of the kinds gsi and intx" },
    { "depth", OPTION_INTEGER, FIELD(struct device_setup, depth), "128", 1, 65536, NULL, NULL,
      "nvme: I/Os that its thread keeps under way" },
    { "batch", OPTION_INTEGER, FIELD(struct device_setup, batch), "32", 1, 65536, NULL, NULL,
      "nvme: I/Os that its thread submits at once, or waits for" },
};

static const struct option arrival_rows[] = {
    { "process", OPTION_ENUM, FIELD(struct arrival_setup, process), "poisson", 0, 0, NULL, process_names,
      "of interrupts" },
    { "rate", OPTION_RATE, FIELD(struct arrival_setup, rate_millihertz), "1kHz", 1, 100ull * RATE_MAX, NULL, NULL,
      "of each vector: interrupts, packets with moderated, in bursts with onoff" },
    { "first_rate", OPTION_RATE, FIELD(struct arrival_setup, first_rate_millihertz), "rate", 1, 100ull * RATE_MAX,
      "rate", NULL, "rate until first_for: with it a run starts from a loaded machine" },
    { "first_for", OPTION_DURATION, FIELD(struct arrival_setup, first_for_ns), "0s", 0, 1000ull * NS_PER_S, NULL, NULL,
      "how long first_rate holds" },
    { "on", OPTION_DURATION, FIELD(struct arrival_setup, on_ns), "10ms", 1, 1000ull * NS_PER_S, NULL, NULL,
      "onoff: mean burst" },
    { "off", OPTION_DURATION, FIELD(struct arrival_setup, off_ns), "10ms", 1, 1000ull * NS_PER_S, NULL, NULL,
      "onoff: mean silence" },
    { "interval", OPTION_DURATION, FIELD(struct arrival_setup, interval_ns), "50us", 1, NS_PER_S, NULL, NULL,
      "moderated: from the first packet to the interrupt" },
    { "think", OPTION_DURATION, FIELD(struct arrival_setup, think_ns), "100us", 1, 1000ull * NS_PER_S, NULL, NULL,
      "closed: mean from handling to the next interrupt" },
};

static const struct option action_rows[] = {
    { "name", OPTION_TEXT, TEXT(struct action_setup, name), 1, NULL, 1, 0, NULL, NULL,
      "of this action: a letter, then letters, digits, '_', '-'" },
    { "do", OPTION_ENUM, FIELD(struct action_setup, kind), NULL, 0, 0, NULL, action_names,
      "what the control domain does" },
    { "at", OPTION_DURATION, FIELD(struct action_setup, at_ns), NULL, 0, RUN_NS_MAX, NULL, NULL,
      "when, from the start of the run" },
    { "every", OPTION_DURATION, FIELD(struct action_setup, every_ns), "once", 1, RUN_NS_MAX, "once", NULL,
      "again at this distance; a round that is not over skips the next" },
    { "times", OPTION_INTEGER, FIELD(struct action_setup, times), "unlimited", 0, 0, "unlimited", NULL,
      "rounds of an action with every" },
    { "quiesce", OPTION_DURATION, FIELD(struct action_setup, quiesce_ns), "0s", 0, NS_PER_S, NULL, NULL,
      "from the driver's silencing of the device, at `at`, to the first hypercall" },
    { "fails", OPTION_BOOL, FIELD(struct action_setup, fails), "off", 0, 0, NULL, NULL,
      "bind: it fails half-way (msixtbl_pt_register) and is undone" },
    { "number", OPTION_INTEGER, FIELD(struct action_setup, number), "0", 0, 1023, NULL, NULL,
      "which guest of its kind, from 0" },
    { "cpu", OPTION_INTEGER, FIELD(struct action_setup, cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU of the hypercalls; best one without guests" },
    { "step", OPTION_ENUM, FIELD(struct action_setup, step), "any", 0, 0, NULL, migration_step_names,
      "migrate: after which step of the guest" },
    { "pirq", OPTION_INTEGER, FIELD(struct action_setup, pirq), "0", 0, 65535, NULL, NULL, "map-pirq: PIRQ" },
    { "gsi", OPTION_INTEGER, FIELD(struct action_setup, gsi), "0", 0, 65535, NULL, NULL, "map-pirq: GSI" },
    { "port", OPTION_INTEGER, FIELD(struct action_setup, port), "1", 0, 4095, NULL, NULL, "loopback: the other end" },
    { "target", OPTION_INTEGER, FIELD(struct action_setup, target), "1", 1, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "offline, online: pCPU that goes or comes; never the first" },
};

static const struct option run_rows[] = {
    { "warmup", OPTION_DURATION, FIELD(struct run_setup, warmup_ns), "200ms", 0, RUN_NS_MAX, NULL, NULL,
      "simulated before measuring starts" },
    { "duration", OPTION_DURATION, FIELD(struct run_setup, duration_ns), "1s", 1, RUN_NS_MAX, NULL, NULL,
      "simulated while measuring" },
    { "seed", OPTION_INTEGER, FIELD(struct run_setup, seed), "1", 0, 0, NULL, NULL, "of all random draws" },
    { "reduction", OPTION_BOOL, FIELD(struct run_setup, reduction), "on", 0, 0, NULL, NULL,
      "explored: a release with interrupts off belongs to the step before it, an acquisition to the one after it" },
    { "policy", OPTION_ENUM, FIELD(struct run_setup, policy), "timed", 0, 0, NULL, policy_names, "who goes next" },
};

const struct option_table head_options = TABLE(head_rows);
const struct option_table machine_head_options = TABLE(machine_head_rows);
const struct option_table machine_options = TABLE(machine_rows);
const struct option_table profile_options = TABLE(profile_rows);
const struct option_table hypervisor_options = TABLE(hypervisor_rows);
const struct option_table guest_options = TABLE(guest_rows);
const struct option_table device_options = TABLE(device_rows);
const struct option_table arrival_options = TABLE(arrival_rows);
const struct option_table action_options = TABLE(action_rows);
const struct option_table run_options = TABLE(run_rows);

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
