/* SPDX-License-Identifier: Apache-2.0
 *
 * The poll of a line that the kernel has disabled: it runs the handlers, and comes again, for as long as the line stays
 * disabled and has handlers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/lapic.h"
#include "models/vfio/vfio.h"
#include "models_fixture.h"

#define MS UINT64_C(1000000)

static void only_disabled_lines_are_polled(void **state)
{
    static const struct {
        bool is_killed, has_actions;
        uint64_t polls; /* in 350 ms: at once, and each 100 ms */
    } rows[] = { { true, true, 4 }, { true, false, 0 }, { false, true, 0 }, { false, false, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        static struct setup setup;
        struct model_fixture fixture;

        setup_init_plain(&setup, "package:1 [numa] core:2 pu:1");
        *own_host(&setup) = (struct host_costs){ HOST_COSTS_WESTMERE };
        (void)setup_guest(&setup, "a", 1);
        setup_device(&setup, "dev", 0)->arrivals.rate_millihertz = 1;
        model_open(&fixture, &setup, "vfio-automask");
        struct vfio *vfio = ((struct host *)fixture.machine.hypervisor)->model;
        struct irq_desc *desc = &vfio->lines[0];
        assert_non_null(desc->actions);
        desc->is_killed = rows[i].is_killed;
        desc->actions = rows[i].has_actions ? desc->actions : NULL;
        lapic_deliver(desc->pin.target, desc->poll_vector);
        model_advance(&fixture, 350 * MS);
        if (desc->statistics.polls != rows[i].polls)
            fail_msg("row %zu: %u polls", i, (unsigned)desc->statistics.polls);
        assert_int_equal(word_peek(&desc->in_progress), 0);
        model_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(only_disabled_lines_are_polled) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
