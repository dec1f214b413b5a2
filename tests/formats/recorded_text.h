/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of recorders, and what is read of them, one line for each record.
 */
#ifndef RECORDED_TEXT_H
#define RECORDED_TEXT_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/recordings.h"
#include "temporary.h"

static char message[512];

static inline bool read_text(const char *text, const struct recording_choice *choice, struct recorded *recorded)
{
    char path[] = "/tmp/irqpath-recordings-XXXXXX.txt";

    temporary_file(path, ".txt");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    bool is_good = recorded_read(path, choice, recorded, message, sizeof message);
    unlink(path);
    return is_good;
}

/* --- records as text --- */

static const char *const kinds[TRACE_KIND_COUNT] = {
    [TRACE_VCPU] = "vcpu",
    [TRACE_RUNSTATE] = "state",
    [TRACE_SWITCH] = "switch",
    [TRACE_WAKE] = "wake",
    [TRACE_RAISE] = "raise",
    [TRACE_IRQ_ENTRY] = "irq",
    [TRACE_IRQ_EXIT] = "/irq",
    [TRACE_DO_IRQ] = "line",
    [TRACE_SOFTIRQ_RAISE] = "raise-softirq",
    [TRACE_SOFTIRQ_ENTRY] = "softirq",
    [TRACE_SOFTIRQ_EXIT] = "/softirq",
    [TRACE_IDLE_ENTRY] = "idle",
    [TRACE_IDLE_EXIT] = "/idle",
    [TRACE_VMEXIT] = "exit",
    [TRACE_VMENTRY] = "entry",
    [TRACE_PEND] = "pend",
    [TRACE_INJECT] = "inject",
    [TRACE_HANDLER] = "handler",
    [TRACE_ACTION] = "action",
    [TRACE_POLL] = "poll",
    [TRACE_DROPPED] = "dropped",
    [TRACE_LOCK_WAIT] = "lock-wait",
    [TRACE_LOCK_ACQUIRE] = "lock",
    [TRACE_LOCK_RELEASE] = "unlock",
    [TRACE_IPI] = "ipi",
    [TRACE_FOR] = "for",
};

static inline void put(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void put(char **text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    *text += vsprintf(*text, format, arguments);
    va_end(arguments);
}

static inline void put_record(char **text, const struct recorded *recorded, const struct trace_record *record)
{
    static const char states[] = "RwSO"; /* running, waiting, sleeping, offline */
    const struct trace_world *world = &recorded->world;
    char who[TRACE_TEXT_BYTES], from[TRACE_TEXT_BYTES];

    put(text, "%d@%d %s", (int)record->time, record->cpu, kinds[record->kind]);
    if (record->who != TRACE_NOBODY)
        put(text, " %s", trace_who_text(world, record->who, who));
    if (record->kind == TRACE_RUNSTATE)
        put(text, " %c%c@%d", states[record->a / 16], states[record->a % 16], (int)record->b);
    else if (record->kind == TRACE_VCPU)
        put(text, " %c@%d", states[record->a], (int)record->b);
    else if (record->kind == TRACE_SWITCH)
        put(text, " <- %s", trace_who_text(world, (uint32_t)record->b, from));
    else if (record->kind == TRACE_ACTION)
        put(text, " %s %d", world->action_names[record->a], (int)record->b);
    else if (record->kind == TRACE_DO_IRQ)
        put(text, " %s", world->irq_names[record->b]);
    else if (record->kind == TRACE_VMEXIT)
        put(text, " %s", world->exit_names[record->a]);
    else if (record->kind >= TRACE_SOFTIRQ_RAISE && record->kind <= TRACE_SOFTIRQ_EXIT)
        put(text, " %s", trace_softirq_text(world, record->a, who));
    else if (record->kind != TRACE_WAKE && record->kind != TRACE_IDLE_ENTRY && record->kind != TRACE_IDLE_EXIT &&
             record->kind != TRACE_VMENTRY)
        put(text, " %d %d", (int)record->a, (int)record->b);
    if (record->flow != 0)
        put(text, " #%d", (int)record->flow);
    put(text, "\n");
}

/* The records of the kinds in the mask; 0: all. */
static inline void assert_records(const struct recorded *recorded, uint64_t mask, const char *expected)
{
    static char text[1 << 16];
    char *at = text;

    text[0] = '\0';
    for (size_t i = 0; i < recorded->count; i++)
        if (mask == 0 || (mask >> recorded->records[i].kind & 1) != 0)
            put_record(&at, recorded, &recorded->records[i]);
    assert_string_equal(text, expected);
}

#define KIND(kind) (UINT64_C(1) << (kind))
#define STATES (KIND(TRACE_RUNSTATE) | KIND(TRACE_VCPU) | KIND(TRACE_WAKE))
#define INTERRUPTS (KIND(TRACE_IRQ_ENTRY) | KIND(TRACE_IRQ_EXIT) | KIND(TRACE_DO_IRQ) | KIND(TRACE_ACTION))
#define WORK (INTERRUPTS | KIND(TRACE_SOFTIRQ_ENTRY) | KIND(TRACE_SOFTIRQ_EXIT))

struct row {
    const char *name, *text;
    uint64_t kinds;
    const char *records;
};

static inline void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct recorded recorded;
        if (!read_text(rows[i].text, &(struct recording_choice){ .allows_lost = true }, &recorded))
            fail_msg("%s: %s", rows[i].name, message);
        assert_records(&recorded, rows[i].kinds, rows[i].records);
        recorded_free(&recorded);
    }
}

#endif
