/* SPDX-License-Identifier: Apache-2.0
 *
 * What QEMU's main loop does alone, on a machine at rest: the bottom half of the callback by GSI, and the PIRQs that it
 * maps and unmaps one after the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/qemu/qemu.h"
#include "models/qemu/qemu_setup.h"

struct scene {
    struct setup setup;
    struct model_fixture fixture;
    struct qemu *q;
    bool has_run;
};

/* The driver binds nothing, and both vCPUs have an upcall pending of which nobody tells them. */
static void scene_open(struct scene *scene)
{
    struct device_setup *device = qemu_setup_of(&scene->setup, CALLBACK_BY_GSI, PIRQ_KIND_MSIX);

    own_qemu_device(device)->is_bound = false;
    model_open(&scene->fixture, &scene->setup, "qemu-pirq-merged");
    scene->q = ((struct host *)scene->fixture.machine.hypervisor)->model;
    for (uint32_t i = 0; i < 2; i++)
        scene->q->vcpus[i].upcall_pending.word.value = 1;
    scene->q->migrate_fd.context = scene;
    scene->q->migrate_fd.count = 1;
    scene->has_run = false;
}

/* The level is that of the time at which the bottom half runs. */
static void the_bottom_half_sets_the_level(void **state)
{
    static struct scene scene;

    (void)state;
    for (int is_pending = 0; is_pending < 2; is_pending++) {
        scene_open(&scene);
        struct qemu *q = scene.q;
        q->migrate_fd.count = 0;
        q->callback_bh.count = 1;
        q->vcpus[0].upcall_pending.word.value = (uint64_t)is_pending;
        q->vcpus[0].is_lapic_off = true;
        q->pins[q->callback_gsi].level = !is_pending;
        q->pins[q->callback_gsi].is_masked = true;
        model_advance(&scene.fixture, 1000000);
        assert_int_equal(q->callback_bh.count, 0);
        assert_int_equal(q->pins[q->callback_gsi].level, is_pending);
        assert_int_equal(q->is_callback_asserted, is_pending);
        assert_null(q->bql.owner);
        model_close(&scene.fixture);
    }
}

/* --- PIRQs --- */

enum { CALLS_MAX = 10, ANY = INT32_MAX, LAST = INT32_MAX };

/* Maps (+) and unmaps (-), one after the other, each mapped one to a GSI of its own; ANY: whichever is free. And what
 * is in use then; LAST: the one with the highest number. */
static const struct pirq_row {
    const char *label;
    int32_t calls[CALLS_MAX]; /* until 0 */
    uint32_t used[CALLS_MAX]; /* until 0 */
} pirq_rows[] = {
    { "each in its word", { 20, 64, 130, 200 }, { 20, 64, 130, 200 } },
    { "the same bit of each word", { 20, 84, 148, 212 }, { 20, 84, 148, 212 } },
    { "the last and the first of words", { 63, 64, 127, 128 }, { 63, 64, 127, 128 } },
    { "unmapped in the first word", { 20, 30, -20 }, { 30 } },
    { "unmapped in the second word", { 20, 84, 70, -84 }, { 20, 70 } },
    { "unmapped and mapped", { 84, 148, -84, -148, 84 }, { 84 } },
    { "all unmapped", { 65, 129, 193, -129, -65, -193 }, { 0 } },
    { "any for a GSI", { ANY, ANY, -16, 17, ANY }, { 16, 17 } },
    { "any for a GSI, where its own are in use",
      { 16, 17, 18, 19, 20, 21, 22, 23, ANY },
      { 16, 17, 18, 19, 20, 21, 22, 23, LAST } },
};

static const struct pirq_row *pirq_row;

static void call_pirqs(struct cpu *cpu, struct eventfd *eventfd)
{
    struct scene *scene = eventfd->context;

    scene->has_run = true;
    for (uint32_t i = 0; i < CALLS_MAX && pirq_row->calls[i] != 0; i++) {
        int32_t pirq = pirq_row->calls[i];
        if (pirq > 0)
            (void)physdev_map_pirq(cpu, scene->q, pirq == ANY ? -1 : pirq, 1 + i);
        else
            (void)physdev_unmap_pirq(cpu, scene->q, (uint32_t)-pirq);
    }
}

static void pirqs_are_used_and_free(void **state)
{
    static struct scene scene;

    (void)state;
    for (size_t i = 0; i < sizeof(pirq_rows) / sizeof(*pirq_rows); i++) {
        pirq_row = &pirq_rows[i];
        scene_open(&scene);
        scene.q->migrate_fd.handler = call_pirqs;
        model_advance(&scene.fixture, 1000000);
        assert_true(scene.has_run);
        for (uint32_t pirq = 0; pirq < scene.q->nr_pirqs; pirq++) {
            bool is_used = false;
            for (int n = 0; n < CALLS_MAX && pirq != 0; n++)
                is_used |= pirq_row->used[n] == (pirq == scene.q->nr_pirqs - 1 ? LAST : pirq);
            if (pirq_in_use(scene.q, pirq) != is_used)
                fail_msg("%s: PIRQ %u is%s in use", pirq_row->label, pirq, is_used ? " not" : "");
        }
        model_close(&scene.fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bottom_half_sets_the_level),
        cmocka_unit_test(pirqs_are_used_and_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
