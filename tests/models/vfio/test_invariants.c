/* SPDX-License-Identifier: Apache-2.0
 *
 * The invariants of the VFIO model: all hold in a machine that has just booted, and a single change breaks one, unless
 * something says that the state is in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine/property.h"
#include "models/vfio/vfio.h"
#include "models_fixture.h"

/* dev-a has line 0; dev-c, too, of guest a, and dev-b of guest b share line 1. */
enum { DEV_A, DEV_C, DEV_B };

static void nothing(struct vfio *vfio) { (void)vfio; }
static void record_mask(struct vfio *vfio) { vfio->devices[DEV_B].masked = true; }
static void set_disintx(struct vfio *vfio) { vfio->devices[DEV_C].source.disintx = true; }

static void mask_both(struct vfio *vfio)
{
    record_mask(vfio);
    vfio->devices[DEV_B].source.disintx = true;
}

static void mask_locked(struct vfio *vfio)
{
    record_mask(vfio);
    vfio->devices[DEV_B].irqlock.holder = 0;
}

static void mask_under_desc(struct vfio *vfio)
{
    record_mask(vfio);
    vfio->devices[DEV_B].desc->lock.holder = 0;
}

static void mask_under_gate(struct vfio *vfio)
{
    record_mask(vfio);
    vfio->devices[DEV_B].igate.owner = &vfio->guests[0].vcpus[0].thread;
}

static void mask_of_messages(struct vfio *vfio)
{
    record_mask(vfio);
    vfio->devices[DEV_B].irq_type = IRQ_TYPE_MSI;
}

static void mask_without_context(struct vfio *vfio)
{
    record_mask(vfio);
    vfio->devices[DEV_B].has_ctx = false;
}

static void mask_without_action(struct vfio *vfio)
{
    record_mask(vfio);
    vfio->devices[DEV_B].action.device = NULL;
}

static void disable_once(struct vfio *vfio)
{
    vfio->devices[DEV_C].pci_2_3 = false;
    vfio->lines[1].depth = 1;
}

static void disable_twice(struct vfio *vfio) { vfio->lines[1].depth = 2; }
static void leave_active(struct vfio *vfio) { vfio->lines[1].pin.is_in_service = true; }

static void be_in_handler(struct vfio *vfio)
{
    leave_active(vfio);
    vfio->lines[1].pin.target->interrupt_depth = 1;
}

static void be_on_the_way(struct vfio *vfio)
{
    const struct irq_desc *desc = &vfio->lines[1];

    leave_active(vfio);
    desc->pin.target->lapic.irr[desc->pin.vector / 64] |= 1ull << (desc->pin.vector % 64);
}

static void forward(struct vfio *vfio)
{
    leave_active(vfio);
    vfio->lines[1].is_forwarded = true;
}

static void starve(struct vfio *vfio)
{
    forward(vfio);
    vfio->devices[DEV_B].is_direct = true;
    vfio->devices[DEV_B].guest->is_paused = true;
    vfio->devices[DEV_C].source.status = true;
}

static void starve_itself(struct vfio *vfio)
{
    starve(vfio);
    vfio->devices[DEV_C].source.status = false;
    vfio->devices[DEV_B].source.status = true;
}

static void starve_another_line(struct vfio *vfio)
{
    starve(vfio);
    vfio->devices[DEV_C].source.status = false;
    vfio->devices[DEV_A].source.status = true;
}

static void starve_while_running(struct vfio *vfio)
{
    starve(vfio);
    vfio->devices[DEV_B].guest->is_paused = false;
}

static void starve_messages(struct vfio *vfio)
{
    starve(vfio);
    vfio->devices[DEV_C].irq_type = IRQ_TYPE_MSI;
}

static void starve_until_resumed(struct vfio *vfio)
{
    starve(vfio);
    vfio->actions[0].due = 1000000000;
}

static const struct {
    void (*change)(struct vfio *vfio);
    const char *name, *text; /* of the only property that it breaks; NULL: none */
} rows[] = {
    { nothing, NULL, "" },
    { record_mask, "vfio-masks", "'dev-b' is recorded as masked, and its DisINTx disagrees" },
    { set_disintx, "vfio-masks", "'dev-c' is recorded as unmasked, and its DisINTx disagrees" },
    { mask_both, NULL, "" },
    { mask_locked, NULL, "" },
    { mask_under_desc, NULL, "" },
    { mask_under_gate, NULL, "" },
    { mask_of_messages, NULL, "" },
    { mask_without_context, NULL, "" },
    { mask_without_action, NULL, "" },
    { disable_once, "vfio-masks", "'dev-c' is recorded as unmasked, and its line's depth disagrees" },
    { disable_twice, "vfio-depth", "line 1 is disabled 2 times, and VFIO enables it once" },
    { leave_active, "vfio-active", "line 1 stays active, and no guest is left to deactivate it" },
    { be_in_handler, NULL, "" },
    { be_on_the_way, NULL, "" },
    { forward, NULL, "" },
    { starve, "vfio-starvation", "'dev-c' waits for line 1, which the stopped guest 'b' keeps active" },
    { starve_itself, NULL, "" },
    { starve_another_line, NULL, "" },
    { starve_while_running, NULL, "" },
    { starve_messages, NULL, "" },
    { starve_until_resumed, NULL, "" },
};

static void add_device(struct setup *setup, const char *name, uint32_t guest, uint32_t line)
{
    struct device_setup *device = setup_device(setup, name, guest);

    own_vfio_device(device)->registers = 2;
    own_vfio_device(device)->line = line;
}

static void check_row(size_t index)
{
    static struct setup setup;
    struct model_fixture fixture;
    const char *broken = NULL;
    char found[200] = "", text[200];

    setup_init_plain(&setup, "package:1 [numa] core:4 pu:1");
    *own_host(&setup) = (struct host_costs){ HOST_COSTS_WESTMERE };
    (void)snprintf(setup_guest(&setup, "a", 1)->pin, sizeof(setup.guests[0].pin), "pu:1");
    (void)snprintf(setup_guest(&setup, "b", 1)->pin, sizeof(setup.guests[1].pin), "pu:2");
    add_device(&setup, "dev-a", 0, 0);
    add_device(&setup, "dev-b", 1, 1);
    add_device(&setup, "dev-c", 0, 1);
    setup.actions[setup.action_count++] = (struct action_setup){ .kind = VFIO_ACTION_RESUME, .guest = 1, .cpu = 3 };
    setup.actions[setup.action_count++] = (struct action_setup){ .kind = VFIO_ACTION_RESUME, .guest = 0, .cpu = 3 };
    model_open(&fixture, &setup, "vfio-automask");
    struct vfio *vfio = ((struct host *)fixture.machine.hypervisor)->model;
    vfio->actions[0].due = CYCLES_NEVER; /* it has been */
    rows[index].change(vfio);
    for (const struct property *const *property = fixture.design->family->invariants; *property != NULL; property++) {
        if (!(*property)->is_broken(&fixture.machine, text, sizeof(text)))
            continue;
        if (broken != NULL)
            fail_msg("row %zu breaks %s and %s", index, broken, (*property)->name);
        broken = (*property)->name;
        memcpy(found, text, sizeof(found));
    }
    if (strcmp(broken != NULL ? broken : "", rows[index].name != NULL ? rows[index].name : "") != 0)
        fail_msg("row %zu breaks %s", index, broken != NULL ? broken : "nothing");
    assert_string_equal(found, rows[index].text);
    model_close(&fixture);
}

static void one_change_breaks_one_property(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_change_breaks_one_property) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
