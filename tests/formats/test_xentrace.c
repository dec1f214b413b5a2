/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads exported traces with the real xenalyze: there are no warnings, and its running, runnable and blocked times of
 * every vCPU equal the model's.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/xenalyze.h"

#define TRACE_FILE "/tmp/irqpath-test.xentrace"

static struct xenalyze_run *run_new(void)
{
    struct xenalyze_run *run = malloc(sizeof *run);

    assert_non_null(run);
    return run;
}

static void totals_are_xenalyze_s(void **state)
{
    static const struct {
        const char *scenario, *sets[3];
        unsigned compared;
    } rows[] = {
        { "one-msi", { "run.warmup=10ms", "run.duration=30ms", "run.seed=1" }, 3 },
        { "radix-walk", { "run.warmup=10ms", "run.duration=10ms", "run.seed=2" }, 2 },
        { "eight-socket-steal", { "run.warmup=5ms", "run.duration=10ms", "run.seed=3" }, 250 },
        { "eight-socket-steal", { "guests.idle.placement=floating", "run.warmup=5ms", "run.duration=10ms" }, 250 },
    };
    static const struct trace_choice all = { 0 };

    (void)state;
    if (!xenalyze_is_there())
        skip();
    struct xenalyze_run *run = run_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[256];
        snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", rows[i].scenario);
        xenalyze_export(run, path, rows[i].sets, 3, &all, TRACE_FILE);
        assert_true(xenalyze_check(run, TRACE_FILE) >= rows[i].compared);
        remove(TRACE_FILE);
    }
    free(run);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_xenalyze_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
