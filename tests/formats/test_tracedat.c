/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads trace.dat with the real trace-cmd: every event is found, and there are no warnings.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/export.h"
#include "formats/tracedat.h"

#define TRACE_FILE "/tmp/irqpath-test.dat"
#define REPORT "trace-cmd report -i " TRACE_FILE " 2>&1"

static void every_event_is_reported(void **state)
{
    struct tracedat_writer writer;
    struct output output;
    uint64_t records;

    (void)state;
    if (!export_has("trace-cmd", "trace-cmd"))
        skip();
    tracedat_writer_init(&writer, &output);
    export_run(&writer.sink, &output, TRACE_FILE, &records);
    assert_in_range(writer.events, records / 2, records);
    assert_int_equal(export_count(REPORT, "cpus=160"), 1);
    assert_int_equal(export_count(REPORT, "] "), writer.events);
    assert_int_equal(export_count(REPORT, ""), writer.events + 1);
    assert_true(export_count(REPORT, ": sched_switch: ") > 100);
    assert_true(export_count(REPORT, ": sched_waking: ") > 50);
    assert_true(export_count(REPORT, "lock_wait:            tasklet_lock ") > 100);
    assert_true(export_count(REPORT, "guest_handler:") > 50);
    tracedat_writer_free(&writer);
    remove(TRACE_FILE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
