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
#include "temporary.h"

#define TRACE_FILE temporary_path("trace.pftrace")

/* The number of lines of the decoded file, behind a filter, that contain `text`. */
static uint64_t decoded(const char *filter, const char *text)
{
    char command[512];

    snprintf(command, sizeof command, "protoc -I " SOURCE_DIR "/sim/formats --decode=Trace perfetto.proto <%s%s",
             TRACE_FILE, filter);
    return export_count(command, text);
}

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
    assert_int_equal(decoded("", "    event {"), writer.ftrace_events);
    assert_int_equal(decoded("", "  track_event {"), writer.track_events);
    assert_int_equal(decoded("", "    threads {"), 6 * 10 + 6 * 13);
    assert_int_equal(decoded(" | grep -E '^ *[0-9]+[:{ ]' || true", ""), 0);
    /* Each interrupt that reached a handler has both ends of its flow. */
    assert_true(decoded("", " terminating_flow_ids: ") > 50);
    assert_true(decoded("", " flow_ids: ") >= 2 * decoded("", " terminating_flow_ids: "));
    assert_true(decoded("", "name: \"tasklet_lock\"") > 10);
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
