/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a file of xentrace says of records that it lost: when the first of them was due, and which vCPU runs when
 * records come again (TRC_LOST_RECORDS of Xen, common/trace.c).
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "formats/recordings.h"
#include "temporary.h"
#include "trace/answer.h"
#include "xentrace_bytes.h"

enum { DOMAIN_1 = 1 << 16 };

static void put_state(struct bytes *bytes, uint64_t tsc, uint32_t from, uint32_t to)
{
    const uint32_t who = DOMAIN_1;

    xentrace_put(bytes, XENTRACE_RUNSTATE_CHANGE | from << 8 | to << 4, tsc, 1, &who);
}

/* Domain 1's vCPU 0 runs from 0 and is in its guest from 100 to 600. Records are lost from 1000 on; the next one that
 * is kept, at 5000, says so. It enters its guest at 5100, leaves it at 6000, and blocks at 6100. */
static void write_file(const char *path)
{
    static const uint32_t lost[] = { 34, 1, XENTRACE_TSC_BASE + 1000, 0 }, exit[] = { 12, 0, 0 };
    struct bytes records = { 0 };

    put_state(&records, 0, 1, 0);
    xentrace_put(&records, XENTRACE_VMENTRY, 100, 0, NULL);
    xentrace_put(&records, XENTRACE_VMX_EXIT64, 600, 3, exit);
    xentrace_put(&records, XENTRACE_LOST_RECORDS, 5000, 4, lost);
    xentrace_put(&records, XENTRACE_VMENTRY, 5100, 0, NULL);
    xentrace_put(&records, XENTRACE_VMX_EXIT64, 6000, 3, exit);
    put_state(&records, 6100, 0, 2);
    xentrace_write(path, &records);
}

static void a_gap_begins_with_the_first_lost_record(void **state)
{
    const struct recording_choice choice = { .frequency_hz = 1000000000, .allows_lost = true };
    const char *path = temporary_path("lost.xentrace");
    struct recorded recorded;
    struct answer answer;
    char message[512] = "";

    (void)state;
    write_file(path);
    if (!recorded_read(path, &choice, &recorded, message, sizeof message) ||
        !answer_make(&answer, &recorded, 0, CYCLES_NEVER, message, sizeof message))
        fail_msg("%s", message);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.tasks[0].running, 1000 + 1000);
    assert_int_equal(answer.tasks[0].own, 500 + 900);
    assert_int_equal(answer.tasks[0].unknown, 4100);
    assert_int_equal(answer.tasks[0].blocked, recorded.world.end - 6100);
    answer_free(&answer);
    recorded_free(&recorded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(a_gap_begins_with_the_first_lost_record) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
