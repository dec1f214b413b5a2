/* SPDX-License-Identifier: Apache-2.0
 *
 * What the models say of their steps when explored: single interleavings of many scenarios (noted.h), as in
 * noted/NAME.txt. A change of the models changes the files:
 * test_explore_noted --write makes them, and what differs is to be read.
 */
#define _GNU_SOURCE
#include "death.h"
#include "explore/state.h"
#include "noted.h"

/* As they stand; NAME is the file's. */
static const char *const plain[] = {
    "scenarios/explore-bind-fails.yaml",
    "scenarios/explore-close.yaml",
    "scenarios/explore-cpu-offline.yaml",
    "scenarios/explore-destroy-create.yaml",
    "scenarios/explore-destroy.yaml",
    "scenarios/explore-domain-destroy.yaml",
    "scenarios/explore-eoi-timeout.yaml",
    "scenarios/explore-events.yaml",
    "scenarios/explore-rebind.yaml",
    "scenarios/explore-steady.yaml",
    "scenarios/explore-ticks.yaml",
    "scenarios/nvme-explore.yaml",
    "scenarios/vfio-explore-admission-race.yaml",
    "scenarios/vfio-explore-late-conflict.yaml",
    "scenarios/vfio-explore-one-guest.yaml",
    "scenarios/vfio-explore-paused.yaml",
    "scenarios/vfio-explore-shared.yaml",
    "scenarios/vfio-explore-switch.yaml",
    "scenarios/vfio-explore-teardown.yaml",
    "tests/explore/25eb291ce9-pointer-before.yaml",
    "tests/explore/25eb291ce9-poll-before.yaml",
    "tests/explore/25eb291ce9-shared-before.yaml",
    "tests/explore/54ad31fb0a-ioapic-before.yaml",
    "tests/explore/75a87af9b2-loopback-before.yaml",
    "tests/explore/810cd4bb5345-config-gate-before.yaml",
    "tests/explore/899649b7d4ea-virq-disabled-before.yaml",
    "tests/explore/8e62bf2bfa46-lapic-before.yaml",
    "tests/explore/aeeea485bc-note-reload.yaml",
    "tests/explore/b620ecbd17a0-trigger-swap-before.yaml",
    "tests/explore/b68e7fa879cd-double-release-before.yaml",
    "tests/explore/cd24dcb759-pirq-bound-before.yaml",
    "tests/explore/cf885b1957-gsi-bound-before.yaml",
    "tests/explore/debc995e88-reset-before.yaml",
    "tests/explore/e7dbb62ff1-vcpu-vector-before.yaml",
    "tests/explore/event-posted-two-vcpus.yaml",
    "tests/explore/f0-e78c98f727-before.yaml",
    "tests/explore/f1-b151125b4d-before.yaml",
    "tests/explore/f11-f164d49881-before.yaml",
    "tests/explore/f12-56348df32b-before.yaml",
    "tests/explore/f2-7c00de1756-before.yaml",
    "tests/explore/f3-17ee5853e2-before.yaml",
    "tests/explore/f4-9152b5f8d9-before.yaml",
    "tests/explore/f5-92fc8d10f5-before.yaml",
    "tests/explore/f6-1066331913-before.yaml",
    "tests/explore/f7-a5e25908d1-before.yaml",
    "tests/explore/f8-220e0b033d-before.yaml",
    "tests/explore/f9-93358e8e83-before.yaml",
    "tests/explore/fe9a7082684e-auto-enable-before.yaml",
    "tests/explore/fef8f2b90edb-oneshot-before.yaml",
    "tests/explore/i1-f6dd295381-before.yaml",
    "tests/explore/i11-730d0f6082-before.yaml",
    "tests/explore/i2-f6dd295381-before.yaml",
    "tests/explore/i3-v7-before.yaml",
    "tests/explore/i4-v7-before.yaml",
    "tests/explore/i5-7ee1d0108a-before.yaml",
    "tests/explore/i5-f6dd295381-before.yaml",
    "tests/explore/i6-730d0f6082-before.yaml",
    "tests/explore/noted/qemu-backend.yaml",
    "tests/explore/noted/qemu-gsi.yaml",
    "tests/explore/noted/qemu-intx.yaml",
    "tests/explore/noted/qemu-ipi.yaml",
    "tests/explore/noted/qemu-main-loop.yaml",
    "tests/explore/noted/qemu-msi-mask.yaml",
    "tests/explore/noted/qemu-msi.yaml",
    "tests/explore/noted/qemu-msix.yaml",
    "tests/explore/noted/vfio-config-direct.yaml",
    "tests/explore/noted/vfio-config-exclusive.yaml",
    "tests/explore/noted/vfio-config-legacy.yaml",
    "tests/explore/noted/vfio-config.yaml",
    "tests/explore/noted/vfio-eventfds-direct.yaml",
    "tests/explore/noted/vfio-eventfds.yaml",
    "tests/explore/noted/vfio-life-assigned.yaml",
    "tests/explore/noted/vfio-life-direct.yaml",
    "tests/explore/noted/vfio-life-legacy.yaml",
    "tests/explore/noted/vfio-life-msi-userspace.yaml",
    "tests/explore/noted/vfio-life-msi.yaml",
    "tests/explore/noted/vfio-life-silent.yaml",
    "tests/explore/noted/vfio-life.yaml",
    "tests/explore/noted/xen-all.yaml",
    "tests/explore/noted/xen-attach.yaml",
    "tests/explore/noted/xen-event-destroy.yaml",
    "tests/explore/noted/xen-event.yaml",
    "tests/explore/noted/xen-hashed.yaml",
    "tests/explore/noted/xen-line-tasklet.yaml",
    "tests/explore/noted/xen-line.yaml",
    "tests/explore/noted/xen-posted-attach.yaml",
    "tests/explore/noted/xen-posted.yaml",
    "tests/explore/noted/xen-tasklet.yaml",
    "tests/explore/noted/xen-translate.yaml",
    "tests/explore/noted/qemu-gsi-irqfd.yaml",
    "tests/explore/noted/qemu-gsi-ipi.yaml",
    "tests/explore/noted/qemu-rfc-gsi.yaml",
    "tests/explore/noted/qemu-rfc-msix.yaml",
    "tests/explore/noted/vfio-trigger-refused.yaml",
    "tests/explore/noted/xen-line-after.yaml",
    "tests/explore/noted/xen-line-before-eoi.yaml",
    "tests/explore/noted/xen-msi-after.yaml",
    "tests/explore/predicted-assign-asleep.yaml",
    "tests/explore/predicted-block-swallows-on.yaml",
    "tests/explore/predicted-cancel-then-bind.yaml",
    "tests/explore/predicted-cancel-then-destroy.yaml",
    "tests/explore/predicted-cancel-then-unmap.yaml",
    "tests/explore/predicted-destroy-second-pass.yaml",
    "tests/explore/predicted-destroy-timer.yaml",
    "tests/explore/predicted-event-posted.yaml",
    "tests/explore/predicted-offline-move.yaml",
    "tests/explore/predicted-preempted-post.yaml",
    "tests/explore/predicted-preempted-software-post.yaml",
    "tests/explore/predicted-rebind-in-exit.yaml",
    "tests/explore/predicted-rebind-own-queue.yaml",
    "tests/explore/predicted-tasklet-post.yaml",
    "tests/explore/predicted-translate-eoi.yaml",
    "tests/explore/predicted-unbind-running-and-queued.yaml",
    "tests/explore/proposed-all-affinity.yaml",
    "tests/explore/proposed-all-detach.yaml",
    "tests/explore/proposed-all-software.yaml",
    "tests/explore/r1-104072fc1c-before.yaml",
    "tests/explore/r13-ba584fb1a2-before.yaml",
    "tests/explore/r2-104072fc1c-before.yaml",
    "tests/explore/r3-a2a935bc5e-before.yaml",
    "tests/explore/r5-5b58dad089-before.yaml",
    "tests/explore/r6-58427889f5-before.yaml",
    "tests/explore/r7-9480a1a519-before.yaml",
    "tests/explore/r8-29555668b5-before.yaml",
    "tests/explore/r9-daa90dfea9-before.yaml",
    "tests/explore/s2-9b0f0f6e23-before.yaml",
    "tests/explore/shared-line-delayed.yaml",
    "tests/explore/t1-a29af79e4e-before.yaml",
    "tests/explore/t2-c6b4652705-before.yaml",
    "tests/explore/t3-0b8d217214-before.yaml",
    "tests/explore/tasklet-dpci.yaml",
    "tests/explore/tasklet-post-halted.yaml",
    "tests/explore/unlazy-lazy-disable-before.yaml",
    "tests/explore/upcall-window.yaml",
};

static const struct row {
    const char *name, *file, *design; /* design NULL: the scenario's */
    enum noted_order order;
    enum memory_model memory;
} rows[] = {
    { "xen-lowest", "scenarios/explore-rebind.yaml", "softirq-hotplug", NOTED_LOWEST, MEMORY_SC },
    { "xen-highest", "scenarios/explore-domain-destroy.yaml", "softirq-hotplug", NOTED_HIGHEST, MEMORY_SC },
    { "vfio-lowest", "scenarios/vfio-explore-teardown.yaml", NULL, NOTED_LOWEST, MEMORY_SC },
    { "vfio-highest", "scenarios/vfio-explore-shared.yaml", NULL, NOTED_HIGHEST, MEMORY_SC },
    { "qemu-lowest", "tests/explore/25eb291ce9-shared-after.yaml", NULL, NOTED_LOWEST, MEMORY_SC },
    { "qemu-highest", "tests/explore/e7dbb62ff1-vcpu-vector-after.yaml", NULL, NOTED_HIGHEST, MEMORY_SC },
    { "steady-domain-tasklet", "scenarios/explore-steady.yaml", "domain-tasklet", NOTED_IN_TURNS, MEMORY_SC },
    { "steady-pirq-tasklet", "scenarios/explore-steady.yaml", "pirq-tasklet", NOTED_IN_TURNS, MEMORY_SC },
    { "steady-softirq-masked", "scenarios/explore-steady.yaml", "softirq-masked", NOTED_IN_TURNS, MEMORY_SC },
    { "steady-softirq-states", "scenarios/explore-steady.yaml", "softirq-states", NOTED_IN_TURNS, MEMORY_SC },
    { "steady-softirq-gated", "scenarios/explore-steady.yaml", "softirq-gated", NOTED_IN_TURNS, MEMORY_SC },
    { "steady-softirq-hotplug", "scenarios/explore-steady.yaml", "softirq-hotplug", NOTED_IN_TURNS, MEMORY_SC },
    { "one-guest-vfio-exclusive", "scenarios/vfio-explore-one-guest.yaml", "vfio-exclusive", NOTED_IN_TURNS,
      MEMORY_SC },
    { "one-guest-vfio-direct-eoi", "scenarios/vfio-explore-one-guest.yaml", "vfio-direct-eoi", NOTED_IN_TURNS,
      MEMORY_SC },
    { "one-guest-vfio-msi", "scenarios/vfio-explore-one-guest.yaml", "vfio-msi", NOTED_IN_TURNS, MEMORY_SC },
    { "one-guest-kvm-assigned", "scenarios/vfio-explore-one-guest.yaml", "kvm-assigned", NOTED_IN_TURNS, MEMORY_SC },
    { "tso-steady", "scenarios/explore-steady.yaml", "softirq-requeue", NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-destroy", "scenarios/explore-domain-destroy.yaml", "softirq-hotplug", NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-offline", "scenarios/explore-cpu-offline.yaml", "softirq-hotplug", NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-posted", "tests/explore/f5-92fc8d10f5-after.yaml", NULL, NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-vfio", "scenarios/vfio-explore-teardown.yaml", NULL, NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-shared", "scenarios/vfio-explore-shared.yaml", NULL, NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-vfio-msi", "scenarios/vfio-explore-one-guest.yaml", "vfio-msi", NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-qemu", "tests/explore/25eb291ce9-shared-after.yaml", NULL, NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-qemu-vectors", "tests/explore/e7dbb62ff1-vcpu-vector-after.yaml", NULL, NOTED_IN_TURNS, MEMORY_TSO },
    { "tso-drive", "scenarios/nvme-explore.yaml", "nvme-posted-msi", NOTED_IN_TURNS, MEMORY_TSO },
    { "drive-nvme-msi", "scenarios/nvme-explore.yaml", "nvme-msi", NOTED_HIGHEST, MEMORY_SC },
    { "drive-nvme-posted-msi", "scenarios/nvme-explore.yaml", "nvme-posted-msi", NOTED_HIGHEST, MEMORY_SC },
};

static bool is_writing;

static void every_step_is_noted(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        char name[64];
        const char *base = strrchr(plain[i], '/') + 1;

        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "."), base);
        noted_check(name, noted_walk_of(plain[i], NULL, MEMORY_SC, NULL, NOTED_IN_TURNS), is_writing);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        noted_check(rows[i].name, noted_walk_of(rows[i].file, rows[i].design, rows[i].memory, NULL, rows[i].order),
                    is_writing);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_step_is_noted) };

    is_writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
