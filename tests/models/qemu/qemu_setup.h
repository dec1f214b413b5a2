/* SPDX-License-Identifier: Apache-2.0
 *
 * One guest and one device under QEMU.
 */
#ifndef TESTS_QEMU_SETUP_H
#define TESTS_QEMU_SETUP_H

#include <string.h>

#include "models/qemu/qemu.h"
#include "models_fixture.h"

/* Main loop and interrupts on the first pCPU, two vCPUs on the others. Times are those of the options' defaults. */
static inline struct device_setup *qemu_setup_of(struct setup *setup, enum callback_kind callback, enum pirq_kind kind)
{
    setup_init_plain(setup, "package:1 [numa] core:3 pu:1");
    *own_host(setup) = (struct host_costs){ HOST_COSTS_WESTMERE,   .wake = 700,         .context_switch = 1500,
                                            .syscall = 600,        .userspace = 2600,   .main_loop = 2500,
                                            .eventfd_signal = 300, .irqfd_inject = 800, .workqueue = 1800 };
    struct host_costs host_costs = *own_host(setup);
    *own_qemu(setup) = (struct qemu_setup){ .host_costs = host_costs,
                                            .callback = callback,
                                            .callback_gsi = 10,
                                            .is_in_kernel = true,
                                            .pirqs = 256,
                                            .costs.commit = 200000,
                                            .costs.commit_irqfd = 5000,
                                            .costs.entry = 300,
                                            .costs.entry_search = 3,
                                            .costs.page_refresh = 6000,
                                            .blackout_ns = 1000000 };
    struct guest_setup *guest = setup_guest(setup, "guest", 2);
    (void)strcpy(guest->pin, "pu:1-2");
    struct device_setup *device = setup_device(setup, "nic", 0);
    own_qemu_device(device)->pirq_kind = kind;
    own_qemu_device(device)->is_bound = true;
    own_qemu_device(device)->gsi = 11;
    return device;
}

static inline void qemu_add_action(struct setup *setup, enum qemu_action kind, uint64_t at_ns)
{
    struct action_setup *action = &setup->actions[setup->action_count++];

    *action = (struct action_setup){ .name = "act", .kind = kind, .at_ns = at_ns };
}

#endif
