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

static const struct row {
    const char *name, *file, *design; /* design NULL: the scenario's */
    enum noted_order order;
    enum memory_model memory;
} rows[] = {
    { "explore-bind-fails", "scenarios/explore-bind-fails.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-close", "scenarios/explore-close.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-cpu-offline", "scenarios/explore-cpu-offline.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-destroy-create", "scenarios/explore-destroy-create.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-destroy", "scenarios/explore-destroy.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-domain-destroy", "scenarios/explore-domain-destroy.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-eoi-timeout", "scenarios/explore-eoi-timeout.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-events", "scenarios/explore-events.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-rebind", "scenarios/explore-rebind.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-steady", "scenarios/explore-steady.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "explore-ticks", "scenarios/explore-ticks.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "nvme-explore", "scenarios/nvme-explore.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "vfio-explore-admission-race", "scenarios/vfio-explore-admission-race.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "vfio-explore-late-conflict", "scenarios/vfio-explore-late-conflict.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "vfio-explore-one-guest", "scenarios/vfio-explore-one-guest.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "vfio-explore-paused", "scenarios/vfio-explore-paused.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "vfio-explore-shared", "scenarios/vfio-explore-shared.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "vfio-explore-switch", "scenarios/vfio-explore-switch.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "vfio-explore-teardown", "scenarios/vfio-explore-teardown.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "25eb291ce9-pointer-before", "tests/explore/25eb291ce9-pointer-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "25eb291ce9-poll-before", "tests/explore/25eb291ce9-poll-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "25eb291ce9-shared-before", "tests/explore/25eb291ce9-shared-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "54ad31fb0a-ioapic-before", "tests/explore/54ad31fb0a-ioapic-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "75a87af9b2-loopback-before", "tests/explore/75a87af9b2-loopback-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "810cd4bb5345-config-gate-before", "tests/explore/810cd4bb5345-config-gate-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "899649b7d4ea-virq-disabled-before", "tests/explore/899649b7d4ea-virq-disabled-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "8e62bf2bfa46-lapic-before", "tests/explore/8e62bf2bfa46-lapic-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "aeeea485bc-note-reload", "tests/explore/aeeea485bc-note-reload.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "b620ecbd17a0-trigger-swap-before", "tests/explore/b620ecbd17a0-trigger-swap-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "b68e7fa879cd-double-release-before", "tests/explore/b68e7fa879cd-double-release-before.yaml", NULL,
      NOTED_IN_TURNS, MEMORY_SC },
    { "cd24dcb759-pirq-bound-before", "tests/explore/cd24dcb759-pirq-bound-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "cf885b1957-gsi-bound-before", "tests/explore/cf885b1957-gsi-bound-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "debc995e88-reset-before", "tests/explore/debc995e88-reset-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "e7dbb62ff1-vcpu-vector-before", "tests/explore/e7dbb62ff1-vcpu-vector-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "event-posted-two-vcpus", "tests/explore/event-posted-two-vcpus.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f0-e78c98f727-before", "tests/explore/f0-e78c98f727-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f1-b151125b4d-before", "tests/explore/f1-b151125b4d-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f11-f164d49881-before", "tests/explore/f11-f164d49881-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f12-56348df32b-before", "tests/explore/f12-56348df32b-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f2-7c00de1756-before", "tests/explore/f2-7c00de1756-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f3-17ee5853e2-before", "tests/explore/f3-17ee5853e2-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f4-9152b5f8d9-before", "tests/explore/f4-9152b5f8d9-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f5-92fc8d10f5-before", "tests/explore/f5-92fc8d10f5-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f6-1066331913-before", "tests/explore/f6-1066331913-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f7-a5e25908d1-before", "tests/explore/f7-a5e25908d1-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f8-220e0b033d-before", "tests/explore/f8-220e0b033d-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "f9-93358e8e83-before", "tests/explore/f9-93358e8e83-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "fe9a7082684e-auto-enable-before", "tests/explore/fe9a7082684e-auto-enable-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "fef8f2b90edb-oneshot-before", "tests/explore/fef8f2b90edb-oneshot-before.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "i1-f6dd295381-before", "tests/explore/i1-f6dd295381-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "i11-730d0f6082-before", "tests/explore/i11-730d0f6082-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "i2-f6dd295381-before", "tests/explore/i2-f6dd295381-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "i3-v7-before", "tests/explore/i3-v7-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "i4-v7-before", "tests/explore/i4-v7-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "i5-7ee1d0108a-before", "tests/explore/i5-7ee1d0108a-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "i5-f6dd295381-before", "tests/explore/i5-f6dd295381-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "i6-730d0f6082-before", "tests/explore/i6-730d0f6082-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-assign-asleep", "tests/explore/predicted-assign-asleep.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-block-swallows-on", "tests/explore/predicted-block-swallows-on.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "predicted-cancel-then-bind", "tests/explore/predicted-cancel-then-bind.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-cancel-then-destroy", "tests/explore/predicted-cancel-then-destroy.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "predicted-cancel-then-unmap", "tests/explore/predicted-cancel-then-unmap.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "predicted-destroy-second-pass", "tests/explore/predicted-destroy-second-pass.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "predicted-destroy-timer", "tests/explore/predicted-destroy-timer.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-event-posted", "tests/explore/predicted-event-posted.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-offline-move", "tests/explore/predicted-offline-move.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-preempted-post", "tests/explore/predicted-preempted-post.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-preempted-software-post", "tests/explore/predicted-preempted-software-post.yaml", NULL, NOTED_IN_TURNS,
      MEMORY_SC },
    { "predicted-rebind-in-exit", "tests/explore/predicted-rebind-in-exit.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-rebind-own-queue", "tests/explore/predicted-rebind-own-queue.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-tasklet-post", "tests/explore/predicted-tasklet-post.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-translate-eoi", "tests/explore/predicted-translate-eoi.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "predicted-unbind-running-and-queued", "tests/explore/predicted-unbind-running-and-queued.yaml", NULL,
      NOTED_IN_TURNS, MEMORY_SC },
    { "proposed-all-affinity", "tests/explore/proposed-all-affinity.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "proposed-all-detach", "tests/explore/proposed-all-detach.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "proposed-all-software", "tests/explore/proposed-all-software.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r1-104072fc1c-before", "tests/explore/r1-104072fc1c-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r13-ba584fb1a2-before", "tests/explore/r13-ba584fb1a2-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r2-104072fc1c-before", "tests/explore/r2-104072fc1c-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r3-a2a935bc5e-before", "tests/explore/r3-a2a935bc5e-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r5-5b58dad089-before", "tests/explore/r5-5b58dad089-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r6-58427889f5-before", "tests/explore/r6-58427889f5-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r7-9480a1a519-before", "tests/explore/r7-9480a1a519-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r8-29555668b5-before", "tests/explore/r8-29555668b5-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "r9-daa90dfea9-before", "tests/explore/r9-daa90dfea9-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "s2-9b0f0f6e23-before", "tests/explore/s2-9b0f0f6e23-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "shared-line-delayed", "tests/explore/shared-line-delayed.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "t1-a29af79e4e-before", "tests/explore/t1-a29af79e4e-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "t2-c6b4652705-before", "tests/explore/t2-c6b4652705-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "t3-0b8d217214-before", "tests/explore/t3-0b8d217214-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "tasklet-dpci", "tests/explore/tasklet-dpci.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "tasklet-post-halted", "tests/explore/tasklet-post-halted.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "unlazy-lazy-disable-before", "tests/explore/unlazy-lazy-disable-before.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
    { "upcall-window", "tests/explore/upcall-window.yaml", NULL, NOTED_IN_TURNS, MEMORY_SC },
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
