/* SPDX-License-Identifier: Apache-2.0
 *
 * The expected work grows with the simulated time, the machine, the guests and the rates of interrupts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario_samples.h"
#include "sweep/work.h"

#define DEVICE "devices: [ { name: d, guest: g, arrivals: { process: poisson, rate: 8kHz } } ]\n"

static double work_of(const char *text)
{
    struct scenario scenario;

    assert_int_equal(sample_load(&scenario, text, NULL, 0, NULL), SCENARIO_OK);
    double work = sweep_work(&scenario);
    scenario_free(&scenario);
    return work;
}

static void work_grows_with_what_is_simulated(void **state)
{
    static const struct {
        const char *less, *more;
        double times; /* 0: not compared */
    } rows[] = {
        { SAMPLE "run: { warmup: 10ms, duration: 90ms }\n", SAMPLE "run: { warmup: 100ms, duration: 100ms }\n", 2 },
        { SAMPLE "machine: { topology: 'package:1 core:2 pu:1' }\n",
          SAMPLE "machine: { topology: 'package:4 core:2 pu:1' }\n", 0 },
        { SAMPLE, "name: x\nguests: [ { name: g, vcpus: 2 } ]\n", 0 },
        { SAMPLE, "name: x\nguests: [ { name: g, count: 2 } ]\n", 0 },
        { SAMPLE, SAMPLE DEVICE, 0 },
        { SAMPLE "devices: [ { name: d, guest: g, arrivals: { process: onoff, rate: 8kHz, on: 1ms, off: 3ms } } ]\n",
          SAMPLE DEVICE, 0 },
        { SAMPLE DEVICE,
          SAMPLE "devices: [ { name: d, guest: g, count: 2, arrivals: { process: poisson, rate: 8kHz } } ]\n", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double less = work_of(rows[i].less), more = work_of(rows[i].more);

        assert_true(less > 0);
        if (more <= less ||
            (rows[i].times > 0 && (more < .999 * rows[i].times * less || more > 1.001 * rows[i].times * less)))
            fail_msg("row %zu: %g and %g", i, less, more);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(work_grows_with_what_is_simulated) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
