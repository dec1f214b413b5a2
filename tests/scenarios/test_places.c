/* SPDX-License-Identifier: Apache-2.0
 *
 * Where interrupts are on their way: of each scenario of timelines/ the places, as they change, of those that the guest
 * has not handled yet, as in places/NAME.txt. test_scenarios_places --write makes these files.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>

#include "models/family/interrupts.h"
#include "models_fixture.h"
#include "same_text.h"
#include "scenario/scenario.h"

enum { LOOKS = 800, TEXT_BYTES = 4096 }; /* looks at each run */

static bool is_writing;

/* "nic[0] in the IRR of a pCPU's LAPIC" for each vector that has one. `is_over`: nothing more is to come. */
static void places_now(struct model_fixture *fixture, bool is_over, char text[TEXT_BYTES])
{
    struct drain drain = { .measured_until = fixture->engine.now, .is_over = is_over };
    struct stuck_interrupts stuck;
    struct metrics metrics;
    size_t used = 0;

    metrics_init(&metrics);
    fixture->design->family->interrupts(&fixture->machine, &drain, &metrics, &stuck);
    text[0] = '\0';
    for (size_t i = 0; i < stuck.count; i++)
        used += (size_t)snprintf(text + used, TEXT_BYTES - used, " %s[%u] %s%s;",
                                 fixture->setup->devices[stuck.rows[i].device].name, (unsigned)stuck.rows[i].vector,
                                 stuck.rows[i].fate.is_lost ? "lost " : "", stuck.rows[i].fate.place);
    assert_true(used < TEXT_BYTES);
    free(stuck.rows);
    metrics_free(&metrics);
}

static char *places_of(const char *path)
{
    static char last[TEXT_BYTES], now[TEXT_BYTES];
    struct model_fixture fixture;
    struct scenario scenario;
    char *text = NULL;
    size_t bytes = 0;
    struct diag diag;

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, NULL, 0, &diag), SCENARIO_OK);
    diag_free(&diag);
    FILE *stream = open_memstream(&text, &bytes);
    assert_non_null(stream);
    last[0] = '\0';
    model_open(&fixture, &scenario.setup, scenario.setup.hypervisor.design);
    check_context_set(&fixture.engine.context);
    for (uint64_t look = 1; look <= LOOKS; look++) {
        uint64_t ns = (scenario.setup.run.warmup_ns + scenario.setup.run.duration_ns) * look / LOOKS;
        model_advance(&fixture, ns);
        places_now(&fixture, false, now);
        if (strcmp(last, now) != 0)
            (void)fprintf(stream, "%u ns:%s\n", (unsigned)ns, now[0] != '\0' ? now : " none");
        memcpy(last, now, sizeof(last));
    }
    places_now(&fixture, true, now);
    if (strcmp(last, now) != 0)
        (void)fprintf(stream, "in the end:%s\n", now);
    check_context_set(NULL);
    model_close(&fixture);
    assert_int_equal(fclose(stream), 0);
    scenario_free(&scenario);
    return text;
}

static void each_interrupt_is_somewhere(void **state)
{
    glob_t files;

    (void)state;
    assert_int_equal(glob(SOURCE_DIR "/tests/scenarios/timelines/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *name = strrchr(files.gl_pathv[i], '/') + 1;
        char path[512], *text;
        if (strcmp(name, "xen-credit.yaml") == 0)
            continue; /* it has no device */
        text = places_of(files.gl_pathv[i]);
        (void)snprintf(path, sizeof(path), SOURCE_DIR "/tests/scenarios/places/%.*s.txt", (int)strlen(name) - 5, name);
        if (is_writing)
            same_text_write(path, text);
        else
            same_text_assert(path, text);
        free(text);
    }
    globfree(&files);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(each_interrupt_is_somewhere) };

    is_writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
