/* SPDX-License-Identifier: Apache-2.0
 *
 * What is under way after some records, as a text: one letter for each record, with its number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/opening.h"

enum { AT = 1000, WHO = 7 };

/* Upper-case letters begin something that lower-case ones end. */
static const struct {
    char letter;
    enum trace_kind kind;
} letters[] = {
    { 'I', TRACE_IRQ_ENTRY },    { 'i', TRACE_IRQ_EXIT },   { 'S', TRACE_SOFTIRQ_ENTRY }, { 's', TRACE_SOFTIRQ_EXIT },
    { 'D', TRACE_DO_IRQ },       { 'F', TRACE_FOR },        { 'W', TRACE_LOCK_WAIT },     { 'L', TRACE_LOCK_ACQUIRE },
    { 'l', TRACE_LOCK_RELEASE }, { 'Z', TRACE_IDLE_ENTRY }, { 'z', TRACE_IDLE_EXIT },     { 'X', TRACE_VMEXIT },
    { 'E', TRACE_VMENTRY },      { 'R', TRACE_RUNSTATE },   { '?', TRACE_DROPPED },       { 'r', TRACE_RAISE },
};

static struct trace_record record_of(const char **text)
{
    struct trace_record record = { .time = 5, .who = WHO, .cpu = 1 };
    char *end;
    size_t i = 0;

    if (**text == '@') { /* of another pCPU */
        record.cpu = 0;
        ++*text;
    }
    while (letters[i].letter != **text)
        i++;
    record.kind = (uint16_t)letters[i].kind;
    record.a = (uint32_t)strtoul(*text + 1, &end, 10);
    if (record.kind == TRACE_RUNSTATE) /* another vCPU comes to run, or leaves as runnable */
        record.who = WHO + 1;
    *text = end;
    return record;
}

static void text_of(const struct trace_opening *opening, char *text)
{
    size_t count;
    struct trace_record *records = trace_opening_records(opening, AT, &count);

    *text = '\0';
    for (size_t r = 0; r < count; r++) {
        size_t i = 0;
        while (letters[i].kind != records[r].kind)
            i++;
        assert_int_equal(records[r].time, AT);
        assert_int_equal(records[r].who, WHO);
        text += sprintf(text, "%s%c%u", records[r].cpu == 1 ? "" : "@", letters[i].letter, records[r].a);
    }
    free(records);
}

static const struct {
    const char *records, *xen, *host; /* of Xen and of Linux, NULL where that is the same */
} rows[] = {
    { "", "", NULL },
    { "r1", "", NULL },
    { "I1", "I1", NULL },
    { "I1i1", "", NULL },
    { "i1", "", NULL },
    { "s1I2", "I2", NULL },
    { "I1I2i2", "I1", NULL },
    { "S1I2D2", "S1I2D2", NULL },
    { "S1I2D2i2", "S1", NULL },
    { "S1D1I2D2i2s1", "", NULL },
    { "S1F1F2", "S1F2", NULL },
    { "S1F1I2F2", "S1F1I2F2", NULL },
    { "S1F1I2F2i2F3", "S1F3", NULL },
    { "I1D1F2", "I1D1F2", NULL },
    { "I1D1F2D3", "I1F2D3", NULL },
    { "W1", "W1", NULL },
    { "W1L1", "L1", NULL },
    { "W1L1l1", "", NULL },
    { "L1W2", "L1W2", NULL },
    { "L1L2l1", "L2", NULL },
    { "W1I2", "W1I2", NULL },
    { "W1I2L3", "W1I2L3", NULL },
    { "W1I2L3l3i2", "W1", NULL },
    { "W1I2i2L1", "L1", NULL },
    { "I1L2i1", "L2", NULL },
    { "S1L2F3I4", "S1L2F3I4", NULL },
    { "l1", "", NULL },
    { "X1", "X1", NULL },
    { "X1E0", "E0", NULL },
    { "I1X2", "X2I1", NULL },
    { "X1R0", "X1", "" },
    { "X1R1", "X1", NULL },
    { "Z0", "Z0", NULL },
    { "Z0z0", "Z0", NULL },
    { "Z0R0", "Z0", NULL },
    { "Z0I1", "z0I1", "Z0I1" },
    { "Z0I1i1", "z0", "Z0" },
    { "Z0S1s1Z0", "Z0", NULL },
    { "X1I1L2?0", "", NULL },
    { "L1@W1", "@W1L1", NULL },
    { "L1@W1l1", "@W1l1", NULL },     /* it is handed over */
    { "L1@W1l1W1", "@W1W1l1", NULL }, /* and who has released it waits again */
    { "L1@W1l1@L1", "@L1", NULL },
    { "L1@W1l1@L1@l1", "", NULL },
    { "L1l1@W1", "@W1", NULL }, /* it is free */
    { "@W1L2l2", "@W1", NULL },
    { "L1@W1l1?0", "", NULL },
    { "L1@I2@W1@i2l1", "", NULL }, /* damaged */
};

static void what_is_under_way_is_kept(void **state)
{
    char text[100];

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (int is_linux = 0; is_linux < 2; is_linux++) {
            const char *expected = is_linux && rows[row].host != NULL ? rows[row].host : rows[row].xen;
            struct trace_opening opening;
            trace_opening_init(&opening, 3, is_linux);
            for (const char *at = rows[row].records; *at != '\0';) {
                struct trace_record record = record_of(&at);
                trace_opening_follow(&opening, &record);
            }
            text_of(&opening, text);
            if (strcmp(text, expected) != 0)
                fail_msg("'%s' leaves '%s', not '%s'", rows[row].records, text, expected);
            trace_opening_free(&opening);
        }
}

/* What begins and never ends, as in a damaged recording, does not go beyond the list. */
static size_t count_of(const struct trace_opening *opening)
{
    size_t count;

    free(trace_opening_records(opening, AT, &count));
    return count;
}

static void a_list_that_is_full_begins_anew(void **state)
{
    enum { MOST = 64 };
    struct trace_record wait = { .kind = TRACE_LOCK_WAIT, .a = 3 }, exit = { .kind = TRACE_VMEXIT };
    struct trace_record release = { .kind = TRACE_LOCK_RELEASE, .a = 3, .cpu = 1 };
    struct trace_opening opening;

    (void)state;
    trace_opening_init(&opening, 2, false);
    trace_opening_follow(&opening, &exit);
    for (size_t i = 0; i < MOST; i++)
        trace_opening_follow(&opening, &wait);
    assert_int_equal(count_of(&opening), MOST + 1);
    trace_opening_follow(&opening, &wait);
    assert_int_equal(count_of(&opening), 2);
    trace_opening_follow(&opening, &release);
    assert_int_equal(count_of(&opening), 3);
    wait.kind = TRACE_LOCK_ACQUIRE; /* the only one that is known to wait no longer does */
    trace_opening_follow(&opening, &wait);
    trace_opening_follow(&opening, &release);
    assert_int_equal(count_of(&opening), 2);
    trace_opening_free(&opening);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_under_way_is_kept),
        cmocka_unit_test(a_list_that_is_full_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
