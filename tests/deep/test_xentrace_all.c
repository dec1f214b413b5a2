/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads complete traces of every shipped scenario, under every design that it compares, with the real xenalyze. Long
 * scenarios are traced without locks and softirqs.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>

#include "formats/xenalyze.h"
#include "models/registry.h"
#include "temporary.h"

#define TRACE_FILE temporary_path("trace.xentrace")

static bool is_xen(const struct design *design) { return strcmp(design->family->name, "xen") == 0; }

static bool is_scenario_of_xen(const char *path)
{
    struct scenario scenario;
    struct diag diag;

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, NULL, 0, &diag), SCENARIO_OK);
    bool is_it = is_xen(design_find(scenario.setup.hypervisor.design));
    scenario_free(&scenario);
    diag_free(&diag);
    return is_it;
}

static void check(struct xenalyze_run *run, const char *path, const char *design, bool is_whole)
{
    static const struct trace_choice choices[] = { { .classes = TRACE_CLASS_SCHED | TRACE_CLASS_IRQ | TRACE_CLASS_HVM },
                                                   { .classes = TRACE_CLASS_ALL } };
    print_message("%s %s\n", path, design);
    const char *sets[] = { design, "run.warmup=10ms", "run.duration=40ms" };

    xenalyze_export(run, path, sets, is_whole ? 1 : 3, &choices[!is_whole], TRACE_FILE);
    assert_true(xenalyze_check(run, TRACE_FILE) > 0);
    remove(TRACE_FILE);
}

static void every_scenario_under_every_design(void **state)
{
    glob_t files;

    (void)state;
    if (!xenalyze_is_there())
        skip();
    struct xenalyze_run *run = malloc(sizeof *run);
    assert_non_null(run);
    assert_int_equal(glob(SOURCE_DIR "/scenarios/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        if (strstr(files.gl_pathv[i], "/explore-") != NULL || !is_scenario_of_xen(files.gl_pathv[i]))
            continue;
        for (size_t m = 0; m < design_count(); m++) {
            char design[128];
            snprintf(design, sizeof design, "hypervisor.design=%s", design_at(m)->name);
            if (is_xen(design_at(m)))
                check(run, files.gl_pathv[i], design, false);
        }
    }
    globfree(&files);
    free(run);
}

static void the_headline_whole(void **state)
{
    (void)state;
    if (!xenalyze_is_there())
        skip();
    struct xenalyze_run *run = malloc(sizeof *run);
    assert_non_null(run);
    check(run, SOURCE_DIR "/scenarios/eight-socket-steal.yaml", "hypervisor.design=domain-tasklet", true);
    check(run, SOURCE_DIR "/scenarios/eight-socket-steal.yaml", "hypervisor.design=softirq-requeue", true);
    free(run);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_under_every_design),
        cmocka_unit_test(the_headline_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
