/* SPDX-License-Identifier: Apache-2.0
 *
 * How many interrupts, softirqs and locks may be under way on a pCPU in a recording: the analyses keep no more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine/trace.h"
#include "formats/recordings.h"
#include "temporary.h"
#include "xentrace_bytes.h"

/* A letter for each record. What is under way: e, s, w (16 together), a (12, and each ends a wait). */
static const enum trace_kind kinds[128] = {
    ['e'] = TRACE_IRQ_ENTRY, ['x'] = TRACE_IRQ_EXIT,     ['s'] = TRACE_SOFTIRQ_ENTRY, ['y'] = TRACE_SOFTIRQ_EXIT,
    ['w'] = TRACE_LOCK_WAIT, ['a'] = TRACE_LOCK_ACQUIRE, ['r'] = TRACE_LOCK_RELEASE,
};

static const struct {
    const char *letters;
    bool is_good;
} rows[] = {
    { "eeeeeeeeeeeeeeee", true },
    { "eeeeeeeeeeeeeeeee", false },
    { "ssssssssssssssss", true },
    { "sssssssssssssssss", false },
    { "wwwwwwwwwwwwwwww", true },
    { "wwwwwwwwwwwwwwwww", false },
    { "eeeeeesssssswwww", true },
    { "eeeeeesssssswwwww", false },
    { "eeeeeeeeeeeeeeeexe", true },
    { "eeeeeeeeeeeeeeeexee", false },
    { "sssssssssssssssyss", true },
    { "sssssssssssssssysss", false },
    { "xeeeeeeeeeeeeeeee", true },
    { "xeeeeeeeeeeeeeeeee", false },
    { "yssssssssssssssss", true },
    { "ysssssssssssssssss", false },
    { "wawawawawawawawawawawawa", true },
    { "wawawawawawawawawawawawawa", false },
    { "aaaaaaaaaaaa", true },
    { "aaaaaaaaaaaaa", false },
    { "aaaaaaaaaaaara", true },
    { "aaaaaaaaaaaaraa", false },
    { "raaaaaaaaaaaa", true },
    { "raaaaaaaaaaaaa", false },
    { "awwwwwwwwwwwwwwww", true },
    { "awwwwwwwwwwwwwwwww", false },
};

static void write_file(const char *path, const char *letters)
{
    static const uint32_t words[] = { 1000000000, 0, XENTRACE_VERSION }, nobody[] = { TRACE_NOBODY };
    struct bytes records = { 0 };

    xentrace_put(&records, XENTRACE_OUR_HEAD, 0, 3, words);
    for (size_t i = 0; letters[i] != '\0'; i++)
        xentrace_put(&records, XENTRACE_OUR_OTHER + kinds[(int)letters[i]], 10 * (i + 1), 1, nobody);
    xentrace_write(path, &records);
}

static void what_is_under_way_has_a_limit(void **state)
{
    const char *path = temporary_path("depth.xentrace");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recorded recorded;
        char message[512] = "";

        write_file(path, rows[i].letters);
        bool is_good =
            recorded_read(path, &(struct recording_choice){ .frequency_hz = 0 }, &recorded, message, sizeof message);
        if (is_good != rows[i].is_good)
            fail_msg("%s: %s", rows[i].letters, is_good ? "not refused" : message);
        if (!is_good && strstr(message, "of pCPU 0 that begin and do not end") == NULL)
            fail_msg("%s: %s", rows[i].letters, message);
        if (is_good)
            assert_int_equal(recorded.count, strlen(rows[i].letters));
        recorded_free(&recorded);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_under_way_has_a_limit) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
