/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario keys of QEMU's emulated Xen event channels: rows stand in the order in which explain prints them.
 */
#include "models/qemu/keys.h"

#include "models/qemu/setup.h"

static const struct option cost_rows[] = {
    KEY_COST(struct qemu_costs, commit, "KVM_SET_GSI_ROUTING with its grace period"),
    KEY_COST(struct qemu_costs, commit_irqfd, "the same for each irqfd attached"),
    KEY_COST(struct qemu_costs, entry, "rebuilding a route's entry"),
    KEY_COST(struct qemu_costs, entry_search, "the same for each entry of the table"),
    KEY_COST(struct qemu_costs, vector_setup, "using a vector, without the commit of its route"),
    KEY_COST(struct qemu_costs, page_refresh, "mapping a shared page again"),
};

static const struct option_name callback_names[] = {
    { "vector", CALLBACK_BY_VECTOR, "one vector for all vCPUs" },
    { "vcpu-vector", CALLBACK_BY_VCPU_VECTOR, "a vector of each vCPU's local APIC" },
    { "gsi", CALLBACK_BY_GSI, "a level-triggered GSI to vCPU 0, dropped by polling" },
    { NULL, 0, NULL },
};

static const struct option_name ports_names[] = {
    { "mutex", PORTS_UNDER_MUTEX, "port_lock" },
    { "lockless", PORTS_LOCKLESS, "a 64-bit word of its own, read by senders, unmask and delivery" },
    { NULL, 0, NULL },
};

static const struct option_name route_names[] = {
    { "refresh-all", ROUTES_REFRESH_ALL, "every route, at each bind or close" },
    { "batched", ROUTES_BATCHED, "every route, once for all vectors of a device" },
    { "on-demand", ROUTES_ON_DEMAND, "the vector's eventfd leaves KVM; its route is built when it fires" },
    { NULL, 0, NULL },
};

static const struct option_name rebuild_names[] = {
    { "design", REBUILD_DESIGN, "what the design does" },
    { "rfc", REBUILD_RFC, "nothing" },
    { "merged", REBUILD_MERGED, "post_load, and the devices' load" },
    { "ideal", REBUILD_IDEAL, "PIRQ records as they were, routes, and what is pending is posted again" },
    { NULL, 0, NULL },
};

static const struct option_name revert_names[] = {
    { "none", QEMU_REVERT_NONE, "every fix is in" },
    { "cf885b1957", QEMU_REVERT_GSI_BOUND, "GSI 24 passes the bound" },
    { "75a87af9b2", QEMU_REVERT_LOOPBACK, "a port may be bound to itself" },
    { "debc995e88", QEMU_REVERT_RESET, "EVTCHNOP_reset runs without the BQL" },
    { "e7dbb62ff1", QEMU_REVERT_VCPU_VECTOR, "per-vCPU vectors go to vCPU 0" },
    { "25eb291ce9", QEMU_REVERT_SHARED, "the callback's GSI is nobody else's" },
    { "25eb291ce9-pointer", QEMU_REVERT_SHARED_POINTER, "a draft of it: a GSI's level is always 1" },
    { "25eb291ce9-poll", QEMU_REVERT_SHARED_POLL, "a draft of it: the device's falling line arms no poll" },
    { "cd24dcb759", QEMU_REVERT_PIRQ_BOUND, "the PIRQ after the last one passes the bound" },
    { "54ad31fb0a", QEMU_REVERT_IOAPIC, "the I/O APIC delivers before KVM's route follows" },
    { "8e62bf2bfa46", QEMU_REVERT_LAPIC, "KVM: an upcall that finds the local APIC off is not sent again" },
    { NULL, 0, NULL },
};

static const struct option_name irqs_names[] = {
    { "fixed", QEMU_IRQS_FIXED, "irq_cpu" },
    { "spread", QEMU_IRQS_SPREAD, "all pCPUs in turn, from irq_cpu on" },
    { NULL, 0, NULL },
};

static const struct option qemu_rows[] = {
    { "callback", OPTION_ENUM, KEY_FIELD(struct qemu_setup, callback), "vector", 0, 0, NULL, callback_names,
      "how the guest is told of events" },
    { "callback_gsi", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, callback_gsi), "10", 1, 23, NULL, NULL,
      "of the callback gsi" },
    { "kernel", OPTION_BOOL, KEY_FIELD(struct qemu_setup, is_in_kernel), "on", 0, 0, NULL, NULL,
      "KVM posts events; never with the callback gsi" },
    { "ports", OPTION_ENUM, KEY_FIELD(struct qemu_setup, ports), "mutex", 0, 0, NULL, ports_names,
      "what protects a port against a sender" },
    { "routes", OPTION_ENUM, KEY_FIELD(struct qemu_setup, routes), "refresh-all", 0, 0, NULL, route_names,
      "what a bind or close does to KVM's routes" },
    { "rebuild", OPTION_ENUM, KEY_FIELD(struct qemu_setup, rebuild), "design", 0, 0, NULL, rebuild_names,
      "what a migration's destination rebuilds" },
    { "revert", OPTION_ENUM, KEY_FIELD(struct qemu_setup, revert), "none", 0, 0, NULL, revert_names,
      "the fix that is taken out" },
    { "pirqs", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, pirqs), "256", 32, 8192, NULL, NULL,
      "merged: size of the PIRQ table" },
    { "cpu", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU of QEMU's main loop and of the kernel's worker" },
    { "irq_cpu", OPTION_INTEGER, KEY_FIELD(struct qemu_setup, irq_cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU of the devices' interrupts" },
    { "irqs", OPTION_ENUM, KEY_FIELD(struct qemu_setup, irqs), "fixed", 0, 0, NULL, irqs_names, "where they go" },
    { "unmap_every", OPTION_DURATION, KEY_FIELD(struct qemu_setup, unmap_every_ns), "never", 0, 1000 * KEY_NS_PER_S,
      "never", NULL, "how often the guest's shared pages lose their mapping" },
    { "blackout", OPTION_DURATION, KEY_FIELD(struct qemu_setup, blackout_ns), "50ms", 0, 1000 * KEY_NS_PER_S, NULL,
      NULL, "of a migration, besides what is modelled; assumed" },
};

static const struct option_name pirq_kind_names[] = {
    { "msi", PIRQ_KIND_MSI, "one message, no mask" },
    { "msi-mask", PIRQ_KIND_MSI_MASK, "MSI with a mask for each vector" },
    { "msix", PIRQ_KIND_MSIX, "MSI-X" },
    { "gsi", PIRQ_KIND_GSI, "a line that the guest maps to a PIRQ" },
    { "intx", PIRQ_KIND_INTX, "a line that goes to the I/O APIC" },
    { "backend", PIRQ_KIND_BACKEND, "a paravirtual backend in QEMU, which notifies an event channel" },
    { "ipi", PIRQ_KIND_IPI, "a vCPU's timer, on which it sends an event to the vCPU before it" },
    { NULL, 0, NULL },
};

static const struct option_name device_path_names[] = {
    { "irqfd", DEVICE_PATH_IRQFD, "KVM, as soon as it has a route: F1, F2" },
    { "emulated", DEVICE_PATH_EMULATED, "QEMU, whose device it is: S1, S2" },
    { "main-loop", DEVICE_PATH_MAIN_LOOP, "QEMU's main loop, as without a route: S3" },
    { NULL, 0, NULL },
};

static const struct option device_rows[] = {
    { "polled", OPTION_BOOL, KEY_FIELD(struct qemu_device_setup, is_polled), "off", 0, 0, NULL, NULL,
      "raises nothing between interrupt and the end of the guest's poll (NAPI)" },
    { "kind", OPTION_ENUM, KEY_FIELD(struct qemu_device_setup, pirq_kind), "msix", 0, 0, NULL, pirq_kind_names,
      "how it interrupts" },
    { "path", OPTION_ENUM, KEY_FIELD(struct qemu_device_setup, path), "irqfd", 0, 0, NULL, device_path_names,
      "who takes its events" },
    { "bound", OPTION_BOOL, KEY_FIELD(struct qemu_device_setup, is_bound), "on", 0, 0, NULL, NULL,
      "the guest's driver has bound it from the start" },
    { "gsi", OPTION_INTEGER, KEY_FIELD(struct qemu_device_setup, gsi), "11", 1, 23, NULL, NULL,
      "of the kinds gsi and intx" },
};

static const struct option_name migration_step_names[] = {
    { "any", MIGRATION_STEP_ANY, "at its time; explored: anywhere" },
    { "get-free-pirq", MIGRATION_STEP_GET_FREE_PIRQ, "the guest has been given a PIRQ" },
    { "msi-write", MIGRATION_STEP_MSI_WRITE, "the device has been given its message" },
    { "bind", MIGRATION_STEP_BIND, "the PIRQ is bound to a port" },
    { "deliver", MIGRATION_STEP_DELIVER, "the port's pending bit is cleared, its handler has not run" },
    { "eoi", MIGRATION_STEP_EOI, "the guest has ended an interrupt that needs it" },
    { NULL, 0, NULL },
};

static const struct option action_rows[] = {
    { "step", OPTION_ENUM, KEY_FIELD(struct qemu_action_setup, step), "any", 0, 0, NULL, migration_step_names,
      "migrate: after which step of the guest" },
    { "pirq", OPTION_INTEGER, KEY_FIELD(struct qemu_action_setup, pirq), "0", 0, 65535, NULL, NULL, "map-pirq: PIRQ" },
    { "gsi", OPTION_INTEGER, KEY_FIELD(struct qemu_action_setup, gsi), "0", 0, 65535, NULL, NULL, "map-pirq: GSI" },
    { "port", OPTION_INTEGER, KEY_FIELD(struct qemu_action_setup, port), "1", 0, 4095, NULL, NULL,
      "loopback: the other end" },
};

const struct key_table qemu_cost_keys = { "qemu.costs", KEY_ROWS(cost_rows),
                                          offsetof(struct setup, own) + offsetof(struct qemu_setup, costs) };
const struct key_table qemu_keys = { "qemu", KEY_ROWS(qemu_rows), offsetof(struct setup, own) };
const struct key_table qemu_device_keys = { "devices", KEY_ROWS(device_rows), offsetof(struct device_setup, own) };
const struct key_table qemu_action_keys = { "actions", KEY_ROWS(action_rows), offsetof(struct action_setup, own) };

const struct action_kind qemu_actions[] = {
    [QEMU_ACTION_UNBIND] = { "unbind", ACTION_ON_DEVICE,
                             "takes every vector of a device from the guest, as rmmod does" },
    [QEMU_ACTION_BIND] = { "bind", ACTION_ON_DEVICE, "gives every vector of a device to the guest, as modprobe does" },
    [QEMU_ACTION_AFFINITY] = { "affinity", ACTION_ON_DEVICE,
                               "moves every interrupt of a device to the guest's next vCPU" },
    [QEMU_ACTION_REOPEN] = { "reopen", ACTION_ON_DEVICE,
                             "closes the device's event channels and binds its PIRQs again" },
    [QEMU_ACTION_MIGRATE] = { "migrate", ACTION_ON_GUEST, "live migration" },
    [QEMU_ACTION_RESET] = { "reset", ACTION_ON_GUEST, "EVTCHNOP_reset" },
    [QEMU_ACTION_MAP_PIRQ] = { "map-pirq", ACTION_ON_GUEST, "PHYSDEVOP_map_pirq of `pirq` and `gsi`" },
    [QEMU_ACTION_CALLBACK] = { "callback", ACTION_ON_GUEST, "the guest sets its callback again" },
    [QEMU_ACTION_LAPIC] = { "lapic", ACTION_ON_GUEST, "a vCPU turns its local APIC off and on again" },
    [QEMU_ACTION_LOOPBACK] = { "loopback", ACTION_ON_GUEST, "EVTCHNOP_bind_interdomain with the guest's own `port`" },
};
