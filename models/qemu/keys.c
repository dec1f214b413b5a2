/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario keys and costs of QEMU's emulated Xen event channels; each table is in the order in which `explain`
 * prints the keys.
 */
#include "models/qemu/keys.h"

#include "models/qemu/setup.h"

static const struct option cost_rows[] = {
    KEY_COST(struct qemu_costs, commit, "KVM_SET_GSI_ROUTING, including its grace period"),
    KEY_COST(struct qemu_costs, commit_irqfd, "additional cost of KVM_SET_GSI_ROUTING for each attached irqfd"),
    KEY_COST(struct qemu_costs, entry, "rebuilding an entry of the route table"),
    KEY_COST(struct qemu_costs, entry_search, "additional cost of rebuilding an entry, for each entry of the table"),
    KEY_COST(struct qemu_costs, vector_setup, "setting up the use of a vector, without the commit of its route"),
    KEY_COST(struct qemu_costs, page_refresh, "mapping a shared page again after an unmap"),
};

static const struct option_name callback_names[] = {
    { "vector", CALLBACK_BY_VECTOR, "one vector for all vCPUs" },
    { "vcpu-vector", CALLBACK_BY_VCPU_VECTOR, "a vector of its own in each vCPU's local APIC" },
    { "gsi", CALLBACK_BY_GSI, "a level-triggered GSI to vCPU 0, deasserted by polling" },
    { NULL, 0, NULL },
};

static const struct option_name ports_names[] = {
    { "mutex", PORTS_UNDER_MUTEX, "port_lock" },
    { "lockless", PORTS_LOCKLESS, "one 64-bit word for each port, read by senders, unmask and delivery" },
    { NULL, 0, NULL },
};

static const struct option_name route_names[] = {
    { "refresh-all", ROUTES_REFRESH_ALL, "every route, at each bind or close" },
    { "batched", ROUTES_BATCHED, "every route, once for all vectors of a device" },
    { "on-demand", ROUTES_ON_DEMAND, "the vector's eventfd is detached from KVM; its route is built when it fires" },
    { NULL, 0, NULL },
};

static const struct option_name rebuild_names[] = {
    { "design", REBUILD_DESIGN, "what the design rebuilds" },
    { "rfc", REBUILD_RFC, "nothing" },
    { "merged", REBUILD_MERGED, "what post_load and the devices' load rebuild" },
    { "ideal", REBUILD_IDEAL, "PIRQ records and routes as they were; pending events are posted again" },
    { NULL, 0, NULL },
};

static const struct option_name revert_names[] = {
    { "none", QEMU_REVERT_NONE, "all fixes are present" },
    { "cf885b1957", QEMU_REVERT_GSI_BOUND, "GSI 24 passes the bounds check" },
    { "75a87af9b2", QEMU_REVERT_LOOPBACK, "a port may be bound to itself" },
    { "debc995e88", QEMU_REVERT_RESET, "EVTCHNOP_reset runs without the BQL" },
    { "e7dbb62ff1", QEMU_REVERT_VCPU_VECTOR, "per-vCPU vectors go to vCPU 0" },
    { "25eb291ce9", QEMU_REVERT_SHARED,
      "a device that shares the callback's GSI overwrites the callback's level, and vice versa" },
    { "25eb291ce9-pointer", QEMU_REVERT_SHARED_POINTER, "a draft of this fix: the level of a GSI is always 1" },
    { "25eb291ce9-poll", QEMU_REVERT_SHARED_POLL,
      "a draft of this fix: a falling edge of the device's line arms no poll" },
    { "cd24dcb759", QEMU_REVERT_PIRQ_BOUND, "the PIRQ after the last one passes the bounds check" },
    { "54ad31fb0a", QEMU_REVERT_IOAPIC, "the I/O APIC delivers before KVM's route is updated" },
    { "8e62bf2bfa46", QEMU_REVERT_LAPIC, "KVM: an upcall to a disabled local APIC is not sent again" },
    { NULL, 0, NULL },
};

static const struct option_name irqs_names[] = {
    { "fixed", QEMU_IRQS_FIXED, "all on irq_cpu" },
    { "spread", QEMU_IRQS_SPREAD, "on all pCPUs in turn, starting at irq_cpu" },
    { NULL, 0, NULL },
};

static const struct option qemu_rows[] = {
    { "callback", OPTION_ENUM, KEY_FIELD(struct qemu_setup, callback), "vector", 0, 0, NULL, callback_names,
      "how the guest is notified of events" },
    { "callback_gsi", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, callback_gsi), "10", 1, 23, NULL, NULL,
      "GSI of `callback: gsi`" },
    { "kernel", OPTION_BOOL, KEY_FIELD(struct qemu_setup, is_in_kernel), "on", 0, 0, NULL, NULL,
      "KVM posts events; never with `callback: gsi`" },
    { "ports", OPTION_ENUM, KEY_FIELD(struct qemu_setup, ports), "mutex", 0, 0, NULL, ports_names,
      "what protects a port against a sender" },
    { "routes", OPTION_ENUM, KEY_FIELD(struct qemu_setup, routes), "refresh-all", 0, 0, NULL, route_names,
      "what a bind or close does to KVM's routes" },
    { "rebuild", OPTION_ENUM, KEY_FIELD(struct qemu_setup, rebuild), "design", 0, 0, NULL, rebuild_names,
      "what a migration's destination rebuilds" },
    { "revert", OPTION_ENUM, KEY_FIELD(struct qemu_setup, revert), "none", 0, 0, NULL, revert_names,
      "fix whose code before the fix is modelled" },
    { "pirqs", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, pirqs), "256", 32, 8192, NULL, NULL,
      "qemu-pirq-merged: size of the PIRQ table" },
    { "cpu", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU of QEMU's main loop and of the kernel's worker" },
    { "irq_cpu", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, irq_cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU of the devices' interrupts" },
    { "irqs", OPTION_ENUM, KEY_FIELD(struct qemu_setup, irqs), "fixed", 0, 0, NULL, irqs_names,
      "distribution of the devices' interrupts over pCPUs" },
    { "unmap_every", OPTION_DURATION, KEY_FIELD(struct qemu_setup, unmap_every_ns), "never", 0, 1000 * KEY_NS_PER_S,
      "never", NULL, "interval at which the guest's shared pages are unmapped" },
    { "blackout", OPTION_DURATION, KEY_FIELD(struct qemu_setup, blackout_ns), "50ms", 0, 1000 * KEY_NS_PER_S, NULL,
      NULL, "time the vCPUs are stopped in a migration, in addition to the modelled work; assumed" },
};

static const struct option_name pirq_kind_names[] = {
    { "msi", PIRQ_KIND_MSI, "MSI with one message, without a mask bit" },
    { "msi-mask", PIRQ_KIND_MSI_MASK, "MSI with a mask bit for each vector" },
    { "msix", PIRQ_KIND_MSIX, "MSI-X" },
    { "gsi", PIRQ_KIND_GSI, "a line that the guest maps to a PIRQ" },
    { "intx", PIRQ_KIND_INTX, "a line to the I/O APIC" },
    { "backend", PIRQ_KIND_BACKEND, "a paravirtual backend in QEMU that notifies an event channel" },
    { "ipi", PIRQ_KIND_IPI, "a timer on which a vCPU sends an event to the vCPU before it" },
    { NULL, 0, NULL },
};

static const struct option_name device_path_names[] = {
    { "irqfd", DEVICE_PATH_IRQFD, "KVM, as soon as the vector has a route: F1, F2" },
    { "emulated", DEVICE_PATH_EMULATED, "QEMU, which emulates the device: S1, S2" },
    { "main-loop", DEVICE_PATH_MAIN_LOOP, "QEMU's main loop, as for a vector without a route: S3" },
    { NULL, 0, NULL },
};

static const struct option device_rows[] = {
    { "polled", OPTION_BOOL, KEY_FIELD(struct qemu_device_setup, is_polled), "off", 0, 0, NULL, NULL,
      "raises no interrupt until the guest's poll has ended (NAPI)" },
    { "kind", OPTION_ENUM, KEY_FIELD(struct qemu_device_setup, pirq_kind), "msix", 0, 0, NULL, pirq_kind_names,
      "how its interrupts reach the guest" },
    { "path", OPTION_ENUM, KEY_FIELD(struct qemu_device_setup, path), "irqfd", 0, 0, NULL, device_path_names,
      "who handles its interrupts on the host" },
    { "bound", OPTION_BOOL, KEY_FIELD(struct qemu_device_setup, is_bound), "on", 0, 0, NULL, NULL,
      "the guest's driver has bound it before the run starts" },
    { "gsi", OPTION_INTEGER, KEY_FIELD(struct qemu_device_setup, gsi), "11", 1, 23, NULL, NULL,
      "GSI of the kinds gsi and intx" },
};

static const struct option_name migration_step_names[] = {
    { "any", MIGRATION_STEP_ANY, "at the time of the action; explored: at any step" },
    { "get-free-pirq", MIGRATION_STEP_GET_FREE_PIRQ, "the guest has received a PIRQ" },
    { "msi-write", MIGRATION_STEP_MSI_WRITE, "the guest has written the device's message" },
    { "bind", MIGRATION_STEP_BIND, "the PIRQ is bound to a port" },
    { "deliver", MIGRATION_STEP_DELIVER, "the port's pending bit is cleared and its handler has not run" },
    { "eoi", MIGRATION_STEP_EOI, "the guest has sent an EOI for an interrupt that needs one" },
    { NULL, 0, NULL },
};

static const struct option action_rows[] = {
    { "step", OPTION_ENUM, KEY_FIELD(struct qemu_action_setup, step), "any", 0, 0, NULL, migration_step_names,
      "migrate: step of the guest after which the migration stops it" },
    { "pirq", OPTION_INTEGER, KEY_FIELD(struct qemu_action_setup, pirq), "0", 0, 65535, NULL, NULL,
      "map-pirq: number of the PIRQ" },
    { "gsi", OPTION_INTEGER, KEY_FIELD(struct qemu_action_setup, gsi), "0", 0, 65535, NULL, NULL,
      "map-pirq: number of the GSI" },
    { "port", OPTION_INTEGER, KEY_FIELD(struct qemu_action_setup, port), "1", 0, 4095, NULL, NULL,
      "loopback: port of the other end" },
};

const struct key_table qemu_cost_keys = { "qemu.costs", KEY_ROWS(cost_rows),
                                          offsetof(struct setup, own) + offsetof(struct qemu_setup, costs) };
const struct key_table qemu_keys = { "qemu", KEY_ROWS(qemu_rows), offsetof(struct setup, own) };
const struct key_table qemu_device_keys = { "devices", KEY_ROWS(device_rows), offsetof(struct device_setup, own) };
const struct key_table qemu_action_keys = { "actions", KEY_ROWS(action_rows), offsetof(struct action_setup, own) };

const struct action_kind qemu_actions[] = {
    [QEMU_ACTION_UNBIND] = { "unbind", ACTION_ON_DEVICE,
                             "the guest's driver releases every vector of a device, as rmmod does" },
    [QEMU_ACTION_BIND] = { "bind", ACTION_ON_DEVICE,
                           "the guest's driver binds every vector of a device, as modprobe does" },
    [QEMU_ACTION_AFFINITY] = { "affinity", ACTION_ON_DEVICE,
                               "moves every interrupt of a device to the guest's next vCPU" },
    [QEMU_ACTION_REOPEN] = { "reopen", ACTION_ON_DEVICE,
                             "closes the device's event channels and binds its PIRQs again" },
    [QEMU_ACTION_MIGRATE] = { "migrate", ACTION_ON_GUEST, "migrates the guest to another host while it runs" },
    [QEMU_ACTION_RESET] = { "reset", ACTION_ON_GUEST, "the guest calls EVTCHNOP_reset" },
    [QEMU_ACTION_MAP_PIRQ] = { "map-pirq", ACTION_ON_GUEST,
                               "the guest calls PHYSDEVOP_map_pirq with `pirq` and `gsi`" },
    [QEMU_ACTION_CALLBACK] = { "callback", ACTION_ON_GUEST, "the guest sets HVM_PARAM_CALLBACK_IRQ again, unchanged" },
    [QEMU_ACTION_LAPIC] = { "lapic", ACTION_ON_GUEST, "a vCPU disables its local APIC and enables it again" },
    [QEMU_ACTION_LOOPBACK] = { "loopback", ACTION_ON_GUEST,
                               "the guest calls EVTCHNOP_bind_interdomain with its own `port`" },
};
