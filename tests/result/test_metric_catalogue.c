/* SPDX-License-Identifier: Apache-2.0
 *
 * Pattern matching, that the catalogue has the documented metrics, and that its units agree with the names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/metric_catalogue.h"

static void names_find_their_row(void **state)
{
    (void)state;
    static const struct {
        const char *name, *pattern, *unit;
        enum metric_better better;
    } rows[] = {
        { "guests.idle.steal.percent", "guests.G.steal.percent", "%", METRIC_LOWER },
        { "guests.with.dots.steal.percent", "guests.G.steal.percent", "%", METRIC_LOWER },
        { "guests.A.steal.percent", "guests.G.steal.percent", "%", METRIC_LOWER },
        { "guests..steal.percent", NULL, "%", METRIC_NEUTRAL },
        { "guests.idle.steal.percentx", NULL, "count", METRIC_NEUTRAL },
        { "guests.idle.steal", NULL, "count", METRIC_NEUTRAL },
        { "irq.lost", "irq.lost", "count", METRIC_LOWER },
        { "irq.latency.p999_ns", "irq.latency.p999_ns", "ns", METRIC_LOWER },
        { "devices.vf.delivered", "devices.D.delivered", "count", METRIC_HIGHER },
        { "locks.tasklet_lock.waiters.max", "locks.L.waiters.max", "count", METRIC_LOWER },
        { "cpus.guest.percent", "cpus.C.percent", "%", METRIC_NEUTRAL },
        { "engine.events", "engine.events", "count", METRIC_NEUTRAL },
        { "engine.realtime_factor", "engine.realtime_factor", "ratio", METRIC_HIGHER },
        { "something.else.max_ns", NULL, "ns", METRIC_NEUTRAL },
        { "", NULL, "count", METRIC_NEUTRAL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct metric_row *row = metric_describe(rows[i].name);
        if (rows[i].pattern == NULL)
            assert_null(row);
        else
            assert_string_equal(row->name, rows[i].pattern);
        assert_string_equal(metric_unit(rows[i].name), rows[i].unit);
        assert_int_equal(metric_better(rows[i].name), rows[i].better);
    }
}

/* No pattern is shadowed by another row's, and the unit in a name is the unit of the row. */
static void rows_are_consistent(void **state)
{
    size_t count;
    const struct metric_row **rows = metric_catalogue_new(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct metric_row *row = rows[i];
        assert_ptr_equal(metric_describe(row->name), row);
        assert_true(strlen(row->meaning) > 10);
        const char *ending = strrchr(row->name, '_');
        if (row->is_cycles || (ending != NULL && strcmp(ending, "_ns") == 0))
            assert_string_equal(row->unit, "ns");
        if (strstr(row->name, ".percent") != NULL)
            assert_string_equal(row->unit, "%");
    }
    free(rows);
}

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; *at != '\0'; at += strcspn(at, " ") + 1)
        if (strncmp(at, word, length) == 0 && at[length] == ' ')
            return true;
    return false;
}

/* A direction the wrong way round turns better into worse in every comparison. What counts progress is better when
 * higher, what merely describes has no direction; all others are times, losses and work in vain. */
static void directions_are_meant(void **state)
{
    static const char higher[] =
        "irq.delivered devices.D.delivered posted.exits_avoided.interrupt posted.exits_avoided.eoi "
        "host.halt_polls_met qemu.recoveries nvme.ios nvme.ios_per_interrupt engine.events_per_second "
        "engine.realtime_factor ";
    static const char neutral[] =
        "guests.G.running.percent guests.G.blocked.percent guests.G.slices.count guests.G.ticks.handled "
        "guests.G.events.sent guests.G.injections irq.raised irq.coalesced irq.discarded irq.pending "
        "irq.drain_ns irq.latency irq.latency_running.count irq.latency_preempted.count "
        "irq.latency_blocked.count devices.D.interrupts devices.D.absorbed devices.D.discarded "
        "devices.D.coalesced devices.D.pending devices.D.latency devices.D.masked.percent "
        "devices.D.direct.percent devices.D.resignals devices.D.mode_switches locks.L.acquisitions "
        "locks.L.contended locks.L.utilization.percent cpus.C.percent xen.vmexits xen.context_switches "
        "xen.wakes xen.parks xen.steals xen.dpci.requeues xen.dpci.dropped xen.pirqs.unmapped "
        "xen.pirqs.removed xen.pirqs.freed xen.H.count posted.posts posted.notifications posted.suppressed_on "
        "posted.suppressed_sn posted.software.posts posted.software.absorbed posted.software.notifications "
        "posted.software.kicks posted.root_notifications posted.wakeups posted.irte.updates posted.irte.stale "
        "host.wakes host.context_switches host.vmexits host.kicks host.irqs host.work_items host.halt_polls "
        "qemu.paths.P.count qemu.paths.P.latency qemu.exits qemu.eois qemu.reposts qemu.polls "
        "qemu.bottom_halves qemu.routes.attaches qemu.routes.detaches qemu.binds qemu.closes qemu.migrations "
        "lines.N.interrupts lines.N.high.percent lines.N.polls lines.N.depth.max nvme.handlers engine.events ";
    size_t count, words = 0, seen = 0;
    const struct metric_row **rows = metric_catalogue_new(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const char *name = rows[i]->name;
        enum metric_better expected = has_word(higher, name)    ? METRIC_HIGHER
                                      : has_word(neutral, name) ? METRIC_NEUTRAL
                                                                : METRIC_LOWER;
        if (rows[i]->better != expected)
            fail_msg("%s has another direction", name);
        seen += expected != METRIC_LOWER;
    }
    for (const char *at = higher; *at != '\0'; at++)
        words += *at == ' ';
    for (const char *at = neutral; *at != '\0'; at++)
        words += *at == ' ';
    assert_int_equal(seen, words); /* no name of the lists is one of the past */
    free(rows);
}

static void rows_stand_by_subject(void **state)
{
    size_t count;
    const struct metric_row **rows = metric_catalogue_new(&count);

    (void)state;
    for (size_t i = 1; i < count; i++) {
        size_t bytes = strcspn(rows[i]->name, ".") + 1;
        if (strncmp(rows[i]->name, rows[i - 1]->name, bytes) == 0)
            continue;
        for (size_t earlier = 0; earlier < i; earlier++)
            if (strncmp(rows[i]->name, rows[earlier]->name, bytes) == 0)
                fail_msg("%s stands apart from %s", rows[i]->name, rows[earlier]->name);
    }
    free(rows);
}

static void rows_know_their_families(void **state)
{
    static const struct {
        const char *name, *families;
    } cases[] = {
        { "guests.idle.steal.percent", "xen" },
        { "guests.g.exits", "xen vfio" },
        { "irq.lost", "xen qemu vfio nvme" },
        { "host.wakes", "qemu vfio nvme" },
        { "posted.posts", "xen nvme" },
        { "posted.wakeups", "xen" },
        { "engine.events", "xen qemu vfio nvme" },
        { "engine.wall_seconds", "xen qemu vfio nvme" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char names[80] = "";
        for (size_t family = 0; family < family_count; family++)
            if (metric_is_reported_by(metric_describe(cases[i].name), families[family])) {
                strcat(names, *names != '\0' ? " " : "");
                strcat(names, families[family]->name);
            }
        assert_string_equal(names, cases[i].families);
    }
}

/* Whatever order the names come in, and how often. */
static void report_order_is_the_catalogues(void **state)
{
    (void)state;
    static const char *const ascending[] = {
        "guests.busy.steal.percent",
        "guests.idle.steal.percent",
        "guests.busy.running.percent",
        "irq.raised",
        "irq.lost",
        "devices.a.interrupts",
        "engine.events",
        "aaa.unknown",
        "bbb.unknown",
    };
    enum { COUNT = sizeof ascending / sizeof *ascending };
    const char *names[2 * COUNT];

    for (size_t i = 0; i < COUNT; i++) {
        names[i] = ascending[(i * 4 + 2) % COUNT];
        names[2 * COUNT - 1 - i] = ascending[i];
    }
    assert_int_equal(metric_names_sort(names, 2 * COUNT), COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(names[i], ascending[i]);
    assert_int_equal(metric_names_sort(NULL, 0), 0);
}

static void numbers_are_short_and_carry_their_unit(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *unit, *text;
    } rows[] = {
        { 35.7, "%", "35.70" },
        { 0, "%", "0.00" },
        { 0.0004, "%", "0.0004" },
        { -3, "%", "-3.00" },
        { NAN, "%", "-" },
        { 0, "ns", "0 ns" },
        { 999, "ns", "999 ns" },
        { 2412.4, "ns", "2.412 us" },
        { 243960, "ns", "244.0 us" },
        { 999999, "ns", "1.000 ms" },
        { 1.5e9, "ns", "1.500 s" },
        { -2500, "ns", "-2.500 us" },
        { 0.05, "s", "50.00 ms" },
        { 67108864, "bytes", "64.00 MiB" },
        { 512, "bytes", "512 B" },
        { 0, "count", "0" },
        { 9999999, "count", "9999999" },
        { 12345678, "count", "12.35M" },
        { 1e12, "count", "1000.0G" },
        { 1234.5678, "count", "1234.6" },
        { 2.25, "ratio", "2.250" },
        { INFINITY, "count", "inf" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[METRIC_TEXT_BYTES];
        metric_format(rows[i].value, rows[i].unit, text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_find_their_row),
        cmocka_unit_test(rows_are_consistent),
        cmocka_unit_test(directions_are_meant),
        cmocka_unit_test(rows_stand_by_subject),
        cmocka_unit_test(rows_know_their_families),
        cmocka_unit_test(report_order_is_the_catalogues),
        cmocka_unit_test(numbers_are_short_and_carry_their_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
