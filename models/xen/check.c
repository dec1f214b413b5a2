/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a Xen setup beyond the range of each single key: names of fixes and proposals, the targets of actions, the
 * number of vectors that all vCPUs of a guest share, and those of a vCPU that devices name. Also what a search
 * overrides in a setup (xen_explored).
 */
#include "models/xen/check.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "machine/lapic.h"
#include "models/xen/keys.h"
#include "models/xen/posted_fixes.h"
#include "models/xen/setup.h"

/* --- names of fixes and proposals --- */

static void check_posted_names(const struct setup_report *report, const char *key_name, const char *text,
                               const struct posted_name *rows, size_t count, bool is_posted)
{
    const struct setup_key key = { "hypervisor", 0, key_name };
    char suggestion[SUGGEST_TEXT_BYTES], wrong_text[SETUP_NAME_BYTES];
    struct suggest suggest;
    const char *wrong;
    size_t bytes;
    uint32_t bits;

    if (posted_names_parse(rows, count, text, &bits, &wrong, &bytes)) {
        if (bits != 0 && !is_posted)
            report_warning(report, key, "'%s' has no effect without 'posted: on'", key_name);
        return;
    }
    (void)snprintf(wrong_text, sizeof(wrong_text), "%.*s", (int)bytes, wrong);
    suggest_init(&suggest, wrong_text);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggest, rows[i].name);
    report_error(report, key, suggest_text(&suggest, suggestion), "'%s' is not a name that list fixes prints",
                 wrong_text);
}

/* --- actions --- */

static void check_target(const struct setup_report *report, const struct setup *setup, uint32_t index,
                         const struct topology *topology)
{
    const struct action_setup *action = &setup->actions[index];
    const struct setup_key key = { "actions", index, "target" };
    uint32_t target = xen_action_setup(action)->target;

    if (xen_actions[action->kind].object != ACTION_ON_PCPU)
        report_warning(report, key, "'target' has an effect only on offline, online and tasklet");
    else if (topology != NULL && target >= topology->cpu_count)
        report_error(report, key, "", "pCPU %u: the machine has %u", target, topology->cpu_count);
    else if (target == action->cpu)
        report_error(report, key, "", "pCPU %u does the hypercall itself", target);
}

static void check_action(const struct setup_report *report, const struct setup *setup, uint32_t index,
                         const struct topology *topology)
{
    const struct action_setup *action = &setup->actions[index];
    const struct xen_action_setup *own = xen_action_setup(action);
    const struct guest_setup *guest = &setup->guests[action->guest];

    check_target(report, setup, index, topology);
    if (own->fails && action->kind != XEN_ACTION_BIND)
        report_warning(report, (struct setup_key){ "actions", index, "fails" }, "'fails' has an effect only on bind");
    else if (own->fails && xen_device_setup(&setup->devices[action->device])->binding != DEVICE_BINDING_MSI)
        report_error(report, (struct setup_key){ "actions", index, "fails" }, "",
                     "'fails' is the registration of an MSI-X table: the device needs 'binding: msi'");
    if (setup->guest_count > 0 && own->number >= guest->count)
        report_error(report, (struct setup_key){ "actions", index, "number" }, "",
                     "guest number %u of '%s': there are %u, from 0", own->number, guest->name, guest->count);
    if (action->kind == XEN_ACTION_UNBIND && action->every_ns > 0 && action->every_ns <= own->quiesce_ns)
        report_error(report, (struct setup_key){ "actions", index, "every" }, "",
                     "'every' must be longer than 'quiesce'");
    if (action->kind == XEN_ACTION_REBIND_IN_EXIT &&
        xen_device_setup(&setup->devices[action->device])->binding != DEVICE_BINDING_MSI)
        report_error(report, (struct setup_key){ "actions", index, "do" }, "",
                     "'rebind_in_exit' emulates the registers of a message: the device needs 'binding: msi'");
    if (action->kind != XEN_ACTION_TASKLET)
        report_warning(report, (struct setup_key){ "actions", index, "work" }, "'work' has an effect only on tasklet");
    if (action->kind != XEN_ACTION_UNBIND)
        report_warning(report, (struct setup_key){ "actions", index, "quiesce" },
                       "'quiesce' has an effect only on unbind");
}

/* --- vectors --- */

enum { GUEST_VECTORS = 190 };

/* A vector that is sent to any or all vCPUs of a guest is reserved on each of them. */
static void check_shared_vectors(const struct setup_report *report, const struct setup *setup, uint32_t guest)
{
    uint32_t count = 0;
    bool is_shared = false;

    for (uint32_t i = 0; i < setup->device_count; i++)
        if (setup->devices[i].guest == guest) {
            count += setup->devices[i].count * setup->devices[i].vectors;
            is_shared = is_shared || xen_device_setup(&setup->devices[i])->destination != MSI_DESTINATION_SINGLE;
        }
    if (is_shared && count > GUEST_VECTORS)
        report_error(report, (struct setup_key){ "guests", guest, NULL }, "",
                     "guest '%s' has %u device vectors, some of which count for every vCPU; there is room for %u",
                     setup->guests[guest].name, count, GUEST_VECTORS);
}

/* The vectors of a vCPU that a device names, and at most its share of those that go round. */
static uint32_t vectors_of_vcpu(const struct setup *setup, uint32_t guest, uint32_t vcpu)
{
    uint32_t own = 0, round = 0;

    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];
        uint32_t named = xen_device_setup(device)->vcpu;
        if (device->guest != guest)
            continue;
        own += named == vcpu ? device->count * device->vectors : 0;
        round += named == 0 ? device->count * device->vectors : 0;
    }
    return own + (round + setup->guests[guest].vcpus - 1) / setup->guests[guest].vcpus;
}

static void check_vcpu(const struct setup_report *report, const struct setup *setup, uint32_t index)
{
    const struct device_setup *device = &setup->devices[index];
    const struct xen_device_setup *own = xen_device_setup(device);
    const struct guest_setup *guest = &setup->guests[device->guest];
    const struct setup_key key = { "devices", index, "vcpu" };

    if (own->vcpu == 0)
        return;
    if (own->vcpu > guest->vcpus)
        report_error(report, key, "", "vCPU %u of guest '%s': it has %u, from 0", own->vcpu - 1, guest->name,
                     guest->vcpus);
    else if (own->destination != MSI_DESTINATION_SINGLE || own->binding != DEVICE_BINDING_MSI)
        report_error(report, key, "", "'vcpu' needs 'destination: single' and 'binding: msi'");
    else if (vectors_of_vcpu(setup, device->guest, own->vcpu) > GUEST_VECTORS)
        report_error(report, key, "", "vCPU %u of guest '%s' has %u device vectors; there is room for %u",
                     own->vcpu - 1, guest->name, vectors_of_vcpu(setup, device->guest, own->vcpu), GUEST_VECTORS);
}

/* An interrupt that may reach any pCPU needs a vector that is free on all of them. */
static void check_vectors_of_any(const struct setup_report *report, const struct setup *setup)
{
    enum { CPU_VECTORS = VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1 };
    uint32_t count = 0, any = UINT32_MAX;

    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];
        count += device->count * device->vectors * setup->guests[device->guest].count;
        if (xen_device_setup(device)->target == MSI_TARGET_ANY)
            any = i;
    }
    if (any != UINT32_MAX && count > CPU_VECTORS)
        report_error(report, (struct setup_key){ "devices", any, "target" }, "",
                     "with 'target: any' all devices together may have %u vectors, not %u", CPU_VECTORS, count);
}

/* --- events --- */

static void check_events(const struct setup_report *report, const struct setup *setup, uint32_t index)
{
    const struct xen_device_setup *own = xen_device_setup(&setup->devices[index]);

    if (own->delivery != DEVICE_DELIVERY_EVENT)
        return;
    if (own->binding == DEVICE_BINDING_TRANSLATE || own->destination != MSI_DESTINATION_SINGLE ||
        own->assigned == DEVICE_ASSIGNED_NEVER)
        report_error(
            report, (struct setup_key){ "devices", index, "delivery" }, "",
            "'delivery: event' needs 'binding' msi or intx, 'destination: single' and a device that is assigned");
}

static bool is_for_lapic_alone(enum xen_action kind)
{
    return kind == XEN_ACTION_AFFINITY || kind == XEN_ACTION_SPREAD;
}

static void check_event_action(const struct setup_report *report, const struct setup *setup, uint32_t index)
{
    const struct action_setup *action = &setup->actions[index];
    const struct setup_key key = { "actions", index, "do" };

    if (setup->device_count == 0 || xen_actions[action->kind].object != ACTION_ON_DEVICE)
        return;
    bool is_event = xen_device_setup(&setup->devices[action->device])->delivery == DEVICE_DELIVERY_EVENT;
    if (is_event && is_for_lapic_alone(action->kind))
        report_error(report, key, "", "'%s' changes a message, and an event has none: 'delivery: lapic' is needed",
                     xen_actions[action->kind].name);
    if (!is_event && (action->kind == XEN_ACTION_CLOSE || action->kind == XEN_ACTION_OPEN))
        report_error(report, key, "", "'%s' needs a device with 'delivery: event'", xen_actions[action->kind].name);
}

void xen_check(const struct design *design, const struct setup *setup, const struct topology *topology,
               const struct setup_report *report)
{
    const struct xen_setup *own = xen_setup(setup);

    (void)design;
    check_posted_names(report, "posted_without", own->posted_without, posted_fix_names, POSTED_FIX_COUNT, own->posted);
    check_posted_names(report, "posted_with", own->posted_with, posted_proposal_names, POSTED_PROPOSAL_COUNT,
                       own->posted);
    for (uint32_t i = 0; i < setup->action_count; i++)
        check_action(report, setup, i, topology);
    for (uint32_t i = 0; i < setup->action_count; i++)
        check_event_action(report, setup, i);
    for (uint32_t i = 0; i < setup->device_count; i++) {
        check_events(report, setup, i);
        check_vcpu(report, setup, i);
    }
    for (uint32_t i = 0; i < setup->guest_count; i++)
        check_shared_vectors(report, setup, i);
    check_vectors_of_any(report, setup);
}

void xen_explored(struct setup *setup)
{
    struct xen_setup *own = (struct xen_setup *)setup->own;

    own->costs = (struct xen_costs){ .do_irq = 0 };
    for (uint32_t i = 0; i < setup->guest_count; i++) {
        struct xen_guest_setup *guest = (struct xen_guest_setup *)setup->guests[i].own;
        if (setup->run.ticks == 0)
            guest->timer_millihertz = 0;
        guest->phase = GUEST_PHASE_ALIGNED; /* a tick is at the time that stands still */
        guest->tick_run_ns = 0;
        guest->wake_millihertz = 0;
        guest->wake_run_ns = 0;
    }
}
