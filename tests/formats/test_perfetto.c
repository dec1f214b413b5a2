/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes Perfetto files with protoc, an independent decoder: the number of events agrees with what was written, and
 * there is no field that perfetto.proto does not describe.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/export.h"
#include "formats/perfetto.h"

#define TRACE_FILE "/tmp/irqpath-test.pftrace"
#define DECODE "protoc -I " SOURCE_DIR "/sim/formats --decode=Trace perfetto.proto <" TRACE_FILE

static void every_event_is_decoded(void **state)
{
    struct perfetto_writer writer;
    struct output output;
    uint64_t records;

    (void)state;
    if (!export_has("protoc", "protobuf-compiler"))
        skip();
    perfetto_writer_init(&writer, &output);
    export_run(&writer.sink, &output, TRACE_FILE, &records);
    assert_true(writer.ftrace_events > 1000 && writer.track_events > 1000);
    assert_int_equal(export_count(DECODE, "    event {"), writer.ftrace_events);
    assert_int_equal(export_count(DECODE, "  track_event {"), writer.track_events);
    assert_int_equal(export_count(DECODE, "    threads {"), 6 * 10 + 6 * 13);
    assert_int_equal(export_count(DECODE " | grep -E '^ *[0-9]+[:{ ]' || true", ""), 0);
    /* Each interrupt that reached a handler has both ends of its flow. */
    assert_true(export_count(DECODE, " terminating_flow_ids: ") > 50);
    assert_true(export_count(DECODE, " flow_ids: ") >= 2 * export_count(DECODE, " terminating_flow_ids: "));
    assert_true(export_count(DECODE, "name: \"tasklet_lock\"") > 10);
    perfetto_writer_free(&writer);
    remove(TRACE_FILE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
