/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what irqpath's own events in a recording become: locks, interrupts and IPIs, and how many locks a CPU may have.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recorded_text.h"

#define LOCKS (KIND(TRACE_LOCK_WAIT) | KIND(TRACE_LOCK_ACQUIRE) | KIND(TRACE_LOCK_RELEASE))
#define BEGIN \
    "<idle>-0 [001] 7.0: simulated: vfio-msi flow=0 value=0 who=-\n" \
    "<idle>-0 [001] 7.0: sched_waking: comm=bv0 pid=1000 prio=120 target_cpu=1\n"

/* A lock is its class and its number, and has the place of its first event. */
static const struct row rows[] = {
    { "locks",
      BEGIN "<idle>-0 [001] 7.000000001: lock_wait: event_lock[0] flow=0 value=3 who=bv0\n"
            "<idle>-0 [001] 7.000000002: lock_acquire: event_lock[0] flow=0 value=0 who=bv0\n"
            "<idle>-0 [001] 7.000000003: lock_acquire: event_lock[1] flow=0 value=0 who=bv0\n"
            "<idle>-0 [001] 7.000000004: lock_acquire: desc->lock[0] flow=0 value=0 who=bv0\n"
            "<idle>-0 [001] 7.000000005: lock_release: desc->lock[0] flow=0 value=0 who=bv0\n"
            "<idle>-0 [001] 7.000000006: lock_acquire: desc->lock flow=0 value=0 who=bv0\n"
            "<idle>-0 [001] 7.000000007: lock_release: event_lock[1] flow=0 value=0 who=bv0\n"
            "<idle>-0 [001] 7.000000008: lock_release: event_lock[0] flow=0 value=0 who=bv0\n",
      LOCKS,
      "1@1 lock-wait b v0 0 3\n2@1 lock b v0 0 0\n3@1 lock b v0 1 0\n4@1 lock b v0 2 0\n5@1 unlock b v0 2 0\n"
      "6@1 lock b v0 2 0\n7@1 unlock b v0 1 0\n8@1 unlock b v0 0 0\n" },
    { "a lock whose holder is not known",
      BEGIN "<idle>-0 [001] 7.000000001: lock_wait: event_lock[0] flow=0 value=4294967295 who=bv0\n", LOCKS,
      "1@1 lock-wait b v0 0 -1\n" },
    { "an IPI", BEGIN "<idle>-0 [001] 7.000000001: ipi_send: vector-f2 flow=4 value=3 who=bv0\n", KIND(TRACE_IPI),
      "1@1 ipi b v0 242 3 #4\n" },
    { "a device raises, and when",
      BEGIN "<idle>-0 [001] 7.000001000: device_raise: vector-31 flow=2 value=5 who=bv0\n"
            "<idle>-0 [001] 7.000002000: device_raise: vector-31, 560ns ago flow=3 value=5 who=bv0\n",
      KIND(TRACE_RAISE), "1000@1 raise b v0 1329 1000 #2\n2000@1 raise b v0 1329 1440 #3\n" },
};

static void events_become_records(void **state)
{
    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* Of a letter for each event: w waits for a lock, a acquires it, r releases it. At most 4 waits and 12 held locks may
 * be under way; what has begun before the recording is not counted when it ends. */
static void locks_are_balanced(void **state)
{
    static const struct {
        const char *events;
        unsigned refused; /* the event of this number, from 1; 0: none */
    } sequences[] = {
        { "wwww", 0 },          { "wwwww", 5 },           { "wwwwawa", 0 },        { "wwwwaww", 7 },
        { "awwww", 0 },         { "awwwww", 6 },          { "aaaaaaaaaaaa", 0 },   { "aaaaaaaaaaaaa", 13 },
        { "raaaaaaaaaaaa", 0 }, { "raaaaaaaaaaaaa", 14 }, { "aaaaaaaaaaaara", 0 }, { "aaaaaaaaaaaaraa", 15 },
        { "rrrrwwwwaaaa", 0 },
    };
    static const char *const names[128] = { ['w'] = "lock_wait", ['a'] = "lock_acquire", ['r'] = "lock_release" };

    (void)state;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
        char text[4096], *at = text, place[64];
        struct recorded recorded;

        put(&at, "%s", BEGIN);
        for (unsigned n = 0; sequences[i].events[n] != '\0'; n++)
            put(&at, "<idle>-0 [001] 7.%09u: %s: x_lock[0] flow=0 value=0 who=bv0\n", n + 1,
                names[(int)sequences[i].events[n]]);
        bool is_good = read_text(text, &(struct recording_choice){ .allows_lost = true }, &recorded);
        if (is_good != (sequences[i].refused == 0))
            fail_msg("%s: %s", sequences[i].events, is_good ? "not refused" : message);
        recorded_free(&recorded);
        if (is_good)
            continue;
        snprintf(place, sizeof place, "line %u: ", sequences[i].refused + 2);
        if (strstr(message, place) == NULL || strstr(message, "locks that are taken and not released") == NULL)
            fail_msg("%s: %s", sequences[i].events, message);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_become_records),
        cmocka_unit_test(locks_are_balanced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
