/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath report from the command line: the sections of a page, and what is refused.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

static char directory[] = "/tmp/irqpath-report-XXXXXX";
static struct program program;

static void run(const char *format, ...)
{
    char arguments[4096];
    va_list list;

    va_start(list, format);
    vsnprintf(arguments, sizeof arguments, format, list);
    va_end(list);
    program_run(&program, "", arguments);
}

static int make_results(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    run("compare " SOURCE_DIR "/scenarios/one-msi.yaml --designs domain-tasklet,softirq-requeue --seeds 2 -q "
        "--set run.warmup=10ms --duration 50ms -o %s/two.cbor",
        directory);
    return program.code;
}

static int remove_results(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

static void a_page_has_its_sections(void **state)
{
    (void)state;
    run("report %s/two.cbor -o - --title 'A <title>'", directory);
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "<h1>A &lt;title&gt;</h1>"));
    assert_non_null(strstr(program.output, "<section id=\"metrics\""));
    assert_non_null(strstr(program.output, "<tr data-metric=\"irq.latency.p99_ns\""));
    assert_non_null(strstr(program.output, "</html>\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_has_its_sections),
    };
    return cmocka_run_group_tests(tests, make_results, remove_results);
}
