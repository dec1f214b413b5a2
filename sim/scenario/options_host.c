/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of the families that run on a Linux host: sections `host` and `qemu`, and the names that keys of devices and
 * actions take. Rows stand in the order in which explain prints them.
 */
#include "scenario/options.h"

#define COST_CYCLES_MAX 1000000000
#define NS_PER_S 1000000000u
#define FIELD(type, member) offsetof(type, member), sizeof(((type *)0)->member), 1

/* All assumed at 3 GHz: no source gives these parts. Their sums are a KVM_RUN round trip of 2528
 * cycles (seen: AMD, lkml, December 2020), and our estimates of a main loop's wake, 6000, and a work-queue bounce,
 * 4000. */
static const struct option host_rows[] = {
    { "wake", OPTION_CYCLES, FIELD(struct host_setup, wake), "700cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "waking a thread, the waker's side without the IPI; assumed" },
    { "context_switch", OPTION_CYCLES, FIELD(struct host_setup, context_switch), "1500cy", 0, COST_CYCLES_MAX, NULL,
      NULL, "from one thread to another; assumed" },
    { "syscall", OPTION_CYCLES, FIELD(struct host_setup, syscall), "600cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "into the kernel and back, its work not included; assumed" },
    { "userspace", OPTION_CYCLES, FIELD(struct host_setup, userspace), "2600cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "out of KVM_RUN to QEMU and back; assumed" },
    { "main_loop", OPTION_CYCLES, FIELD(struct host_setup, main_loop), "2500cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "from ppoll's return to a handler; assumed" },
    { "eventfd_signal", OPTION_CYCLES, FIELD(struct host_setup, eventfd_signal), "300cy", 0, COST_CYCLES_MAX, NULL,
      NULL, "signalling an eventfd, its waiters not included; assumed" },
    { "irqfd_inject", OPTION_CYCLES, FIELD(struct host_setup, irqfd_inject), "800cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "from an irqfd's wake-up to the injection's own accesses; assumed" },
    { "workqueue", OPTION_CYCLES, FIELD(struct host_setup, workqueue), "1800cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "from a kernel worker's turn to the item's function; assumed" },
    { "config_read", OPTION_CYCLES, FIELD(struct host_setup, config_read), "900cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "reading a PCI device's configuration space; assumed" },
    { "config_write", OPTION_CYCLES, FIELD(struct host_setup, config_write), "300cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "writing it, posted; assumed" },
    { "mmio_read", OPTION_CYCLES, FIELD(struct host_setup, mmio_read), "900cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "vfio: reading a register of a device; assumed" },
    { "mmio_write", OPTION_CYCLES, FIELD(struct host_setup, mmio_write), "300cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "vfio: writing one, posted; assumed" },
    { "chip_access", OPTION_CYCLES, FIELD(struct host_setup, chip_access), "500cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "vfio: masking or unmasking a pin of the host's interrupt chip; assumed" },
    { "deactivate", OPTION_CYCLES, FIELD(struct host_setup, deactivate), "71cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "vfio: a guest's deactivation of a virtual interrupt without trap; recalled: ISCA 2016, ARM" },
    { "io_submit", OPTION_CYCLES, FIELD(struct host_setup, io_submit), "200cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "nvme: a thread's part of an I/O; assumed" },
    { "io_complete", OPTION_CYCLES, FIELD(struct host_setup, io_complete), "100cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "nvme: the interrupt handler's part of an I/O; assumed" },
    { "irq_once", OPTION_INTEGER, FIELD(struct host_setup, irq_once), "50", 0, 100, NULL, NULL,
      "nvme: percent of do_irq that come once an interrupt, not at each handler it calls; assumed" },
};

const struct option_name migration_step_names[] = {
    { "any", MIGRATION_STEP_ANY, "at its time; explored: anywhere" },
    { "get-free-pirq", MIGRATION_STEP_GET_FREE_PIRQ, "the guest has been given a PIRQ" },
    { "msi-write", MIGRATION_STEP_MSI_WRITE, "the device has been given its message" },
    { "bind", MIGRATION_STEP_BIND, "the PIRQ is bound to a port" },
    { "deliver", MIGRATION_STEP_DELIVER, "the port's pending bit is cleared, its handler has not run" },
    { "eoi", MIGRATION_STEP_EOI, "the guest has ended an interrupt that needs it" },
    { NULL, 0, NULL },
};

const struct option_name pirq_kind_names[] = {
    { "msi", PIRQ_KIND_MSI, "one message, no mask" },
    { "msi-mask", PIRQ_KIND_MSI_MASK, "MSI with a mask for each vector" },
    { "msix", PIRQ_KIND_MSIX, "MSI-X" },
    { "gsi", PIRQ_KIND_GSI, "a line that the guest maps to a PIRQ" },
    { "intx", PIRQ_KIND_INTX, "a line that goes to the I/O APIC" },
    { "backend", PIRQ_KIND_BACKEND, "a paravirtual backend in QEMU, which notifies an event channel" },
    { "ipi", PIRQ_KIND_IPI, "a vCPU's timer, on which it sends an event to the vCPU before it" },
    { NULL, 0, NULL },
};

const struct option_name device_path_names[] = {
    { "irqfd", DEVICE_PATH_IRQFD, "KVM, as soon as it has a route: F1, F2" },
    { "emulated", DEVICE_PATH_EMULATED, "QEMU, whose device it is: S1, S2" },
    { "main-loop", DEVICE_PATH_MAIN_LOOP, "QEMU's main loop, as without a route: S3" },
    { NULL, 0, NULL },
};

static const struct option_name callback_names[] = {
    { "vector", CALLBACK_BY_VECTOR, "one vector for all vCPUs" },
    { "vcpu-vector", CALLBACK_BY_VCPU_VECTOR, "a vector of each vCPU's local APIC" },
    { "gsi", CALLBACK_BY_GSI, "a level-triggered GSI to vCPU 0, dropped by polling" },
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

static const struct option_name ports_names[] = {
    { "mutex", PORTS_UNDER_MUTEX, "port_lock" },
    { "lockless", PORTS_LOCKLESS, "a 64-bit word of its own, read by senders, unmask and delivery" },
    { NULL, 0, NULL },
};

static const struct option_name irqs_names[] = {
    { "fixed", QEMU_IRQS_FIXED, "irq_cpu" },
    { "spread", QEMU_IRQS_SPREAD, "all pCPUs in turn, from irq_cpu on" },
    { NULL, 0, NULL },
};

static const struct option qemu_rows[] = {
    { "callback", OPTION_ENUM, FIELD(struct qemu_setup, callback), "vector", 0, 0, NULL, callback_names,
      "how the guest is told of events" },
    { "callback_gsi", OPTION_INTEGER, FIELD(struct qemu_setup, callback_gsi), "10", 1, 23, NULL, NULL,
      "of the callback gsi" },
    { "kernel", OPTION_BOOL, FIELD(struct qemu_setup, is_in_kernel), "on", 0, 0, NULL, NULL,
      "KVM posts events; never with the callback gsi" },
    { "ports", OPTION_ENUM, FIELD(struct qemu_setup, ports), "mutex", 0, 0, NULL, ports_names,
      "what protects a port against a sender" },
    { "routes", OPTION_ENUM, FIELD(struct qemu_setup, routes), "refresh-all", 0, 0, NULL, route_names,
      "what a bind or close does to KVM's routes" },
    { "rebuild", OPTION_ENUM, FIELD(struct qemu_setup, rebuild), "design", 0, 0, NULL, rebuild_names,
      "what a migration's destination rebuilds" },
    { "revert", OPTION_ENUM, FIELD(struct qemu_setup, revert), "none", 0, 0, NULL, revert_names,
      "the fix that is taken out" },
    { "pirqs", OPTION_INTEGER, FIELD(struct qemu_setup, pirqs), "256", 32, 8192, NULL, NULL,
      "merged: size of the PIRQ table" },
    { "cpu", OPTION_INTEGER, FIELD(struct qemu_setup, cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU of QEMU's main loop and of the kernel's worker" },
    { "irq_cpu", OPTION_INTEGER, FIELD(struct qemu_setup, irq_cpu), "0", 0, TOPOLOGY_CPUS_MAX - 1, NULL, NULL,
      "pCPU of the devices' interrupts" },
    { "irqs", OPTION_ENUM, FIELD(struct qemu_setup, irqs), "fixed", 0, 0, NULL, irqs_names, "where they go" },
    { "unmap_every", OPTION_DURATION, FIELD(struct qemu_setup, unmap_every_ns), "never", 0, 1000ull * NS_PER_S, "never",
      NULL, "how often the guest's shared pages lose their mapping" },
    { "blackout", OPTION_DURATION, FIELD(struct qemu_setup, blackout_ns), "50ms", 0, 1000ull * NS_PER_S, NULL, NULL,
      "of a migration, besides what is modelled; assumed" },
    { "commit", OPTION_CYCLES, FIELD(struct qemu_setup, commit), "210000cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "KVM_SET_GSI_ROUTING with its grace period: 70 us, derived from QEMU dc580d51f7" },
    { "commit_irqfd", OPTION_CYCLES, FIELD(struct qemu_setup, commit_irqfd), "5000cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "the same for each irqfd attached: 1.7 us, derived from QEMU dc580d51f7" },
    { "entry", OPTION_CYCLES, FIELD(struct qemu_setup, entry), "300cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "rebuilding a route's entry; assumed" },
    { "entry_search", OPTION_CYCLES, FIELD(struct qemu_setup, entry_search), "3cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "the same for each entry of the table; assumed" },
    { "vector_setup", OPTION_CYCLES, FIELD(struct qemu_setup, vector_setup), "0cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "using a vector, without the commit of its route" },
    { "page_refresh", OPTION_CYCLES, FIELD(struct qemu_setup, page_refresh), "6000cy", 0, COST_CYCLES_MAX, NULL, NULL,
      "mapping a shared page again; assumed" },
};

const struct option_table host_options = { host_rows, sizeof(host_rows) / sizeof(*host_rows) };
const struct option_table qemu_options = { qemu_rows, sizeof(qemu_rows) / sizeof(*qemu_rows) };
