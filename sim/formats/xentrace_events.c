/* SPDX-License-Identifier: Apache-2.0
 *
 * What the records of xentrace say. Files of irqpath have, beside the records that xenalyze reads, the run's own: one
 * that stands for itself, or one that completes the record before it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/xentrace_names.h"
#include "formats/xentrace_parts.h"
#include "machine/devices/guest.h"

enum { KEPT_MAX = 1 << 27 };

static bool check_count(struct xen_reader *reader, const struct xen_record *record, uint32_t count)
{
    return record->count >= count ||
           xen_fail(reader, record->at, "event %08x has %u words, not %u", record->event, record->count, count);
}

static bool add(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record, struct trace_record made)
{
    if (reader->recorded->count >= KEPT_MAX)
        return xen_fail(reader, record->at, "more than %d records", KEPT_MAX);
    if (made.time == 0)
        made.time = record->tsc;
    made.cpu = (uint16_t)cpu;
    recorded_add(reader->recorded, made);
    reader->cpus[cpu].last_record = reader->recorded->count;
    return true;
}

static bool runstate(struct xen_reader *reader, uint32_t cpu_id, const struct xen_record *record)
{
    struct xen_cpu *cpu = &reader->cpus[cpu_id];
    uint32_t old = record->event >> 8 & 0xf, new = record->event >> 4 & 0xf;

    if (!check_count(reader, record, 1))
        return false;
    if (old > XEN_OFFLINE || new > XEN_OFFLINE)
        return xen_fail(reader, record->at, "a runstate that does not exist: %u to %u", old, new);
    if (new == XEN_RUNNING)
        cpu->current = record->extra[0];
    else if (cpu->current == record->extra[0])
        cpu->current = TRACE_NOBODY;
    if (cpu->skip > 0) {
        cpu->skip--;
        return true;
    }
    return add(reader, cpu_id, record,
               (struct trace_record){
                   .kind = TRACE_RUNSTATE, .who = record->extra[0], .a = old * 16 + new, .b = cpu_id, .flow = 0 });
}

/* The whole of an interrupt in one record. */
static bool handled(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record)
{
    if (reader->version >= 2)
        return true;
    if (!check_count(reader, record, 3))
        return false;
    uint32_t irq = record->extra[0];
    uint64_t took = (uint32_t)(record->extra[2] - record->extra[1]);
    uint64_t entry = record->tsc > took ? record->tsc - took : 1;
    struct trace_record made = { .who = TRACE_NOBODY, .a = irq, .time = entry };

    made.kind = TRACE_IRQ_ENTRY;
    bool is_good = add(reader, cpu, record, made);
    made.kind = TRACE_DO_IRQ;
    made.b = irq;
    is_good = is_good && add(reader, cpu, record, made);
    made.kind = TRACE_IRQ_EXIT;
    made.b = 0;
    made.time = record->tsc;
    return is_good && add(reader, cpu, record, made);
}

/* How many; the domain and the vCPU that runs when records come again; when the first one was due. */
static bool lost(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record)
{
    const uint32_t *extra = record->extra;
    bool has_all = record->count >= 4;
    uint64_t first = has_all ? (uint64_t)extra[3] << 32 | extra[2] : record->tsc;

    if (!check_count(reader, record, 1))
        return false;
    if (!reader->choice->allows_lost)
        return xen_fail(reader, record->at,
                        "xentrace lost %u records here (--allow-lost imports the file without them)", record->extra[0]);
    recorded_ignore(reader->recorded, "gap of lost records", "xentrace could not keep up");
    reader->recorded->lost += extra[0];
    reader->cpus[cpu].current = has_all ? (extra[1] & 0xffff) << 16 | extra[1] >> 16 : TRACE_NOBODY;
    return record->tsc == 0 || add(reader, cpu, record,
                                   (struct trace_record){ .kind = TRACE_DROPPED,
                                                          .who = TRACE_NOBODY,
                                                          .a = extra[0],
                                                          .b = first < record->tsc ? first : record->tsc });
}

static bool of_vcpu(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record, enum trace_kind kind)
{
    if (!check_count(reader, record, 2))
        return false;
    return add(
        reader, cpu, record,
        (struct trace_record){ .kind = (uint16_t)kind, .who = record->extra[0] << 16 | (record->extra[1] & 0xffff) });
}

static bool task_switch(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record)
{
    const uint32_t *extra = record->extra;

    if (!check_count(reader, record, 4))
        return false;
    return add(reader, cpu, record,
               (struct trace_record){ .kind = TRACE_SWITCH,
                                      .who = extra[2] << 16 | (extra[3] & 0xffff),
                                      .b = extra[0] << 16 | (extra[1] & 0xffff) });
}

/* --- guest mode --- */

/* Of a file of irqpath, its own number of the exit. That of a hypercall the next record tells. */
static uint32_t our_exit(uint32_t reason)
{
    return reason == 32   ? GUEST_EXIT_EOI
           : reason == 7  ? GUEST_EXIT_WINDOW
           : reason == 12 ? GUEST_EXIT_HALT
                          : GUEST_EXIT_INTERRUPT;
}

static void our_hypercall(struct xen_reader *reader, uint32_t cpu, uint32_t number)
{
    size_t last = reader->cpus[cpu].last_record;

    if (last > 0 && reader->recorded->records[last - 1].kind == TRACE_VMEXIT)
        reader->recorded->records[last - 1].a = number == 15   ? GUEST_EXIT_SET_TIMER
                                                : number == 32 ? GUEST_EXIT_SEND
                                                               : GUEST_EXIT_PIRQ_EOI;
}

static uint32_t exit_number(struct xen_reader *reader, uint32_t reason)
{
    reader->is_svm |= reason >= 0x50 && reason < 0x1000; /* VMX has no such reasons, but flags above them */
    return intern_number(&reader->exits, reason, "");
}

static bool vmexit(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record)
{
    if (!check_count(reader, record, 1))
        return false;
    uint32_t number = reader->version >= 2 ? our_exit(record->extra[0]) : exit_number(reader, record->extra[0]);
    return add(reader, cpu, record,
               (struct trace_record){ .kind = TRACE_VMEXIT, .who = reader->cpus[cpu].current, .a = number });
}

static bool of_current(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record, enum trace_kind kind)
{
    return add(reader, cpu, record,
               (struct trace_record){ .kind = (uint16_t)kind,
                                      .who = reader->cpus[cpu].current,
                                      .a = kind == TRACE_INJECT ? record->extra[0] : 0 });
}

static bool of_nobody(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record, enum trace_kind kind)
{
    return add(reader, cpu, record, (struct trace_record){ .kind = (uint16_t)kind, .who = TRACE_NOBODY });
}

/* --- irqpath's own --- */

/* irqpath numbers domains from 0, and writes them from 1. */
static uint32_t as_in_file(uint32_t who)
{
    return who != TRACE_NOBODY && trace_domain(who) < TRACE_THREADS ? who + (1u << 16) : who;
}

/* Whether the record is one that xenalyze reads, which irqpath's own completes. */
static bool is_for_xenalyze(uint32_t kind)
{
    return kind == TRACE_RUNSTATE || kind == TRACE_WAKE || kind == TRACE_BLOCK || kind == TRACE_VMEXIT ||
           kind == TRACE_VMENTRY || kind == TRACE_INJECT;
}

static bool ours(struct xen_reader *reader, uint32_t cpu_id, const struct xen_record *record)
{
    struct xen_cpu *cpu = &reader->cpus[cpu_id];
    const uint32_t *extra = record->extra;
    struct trace_record made = { .kind = (uint16_t)(record->event - XENTRACE_OUR_OTHER),
                                 .who = as_in_file(extra[0]),
                                 .flow = extra[1],
                                 .a = extra[2],
                                 .b = (uint64_t)extra[4] << 32 | extra[3] };
    struct trace_record *last = cpu->last_record > 0 ? &reader->recorded->records[cpu->last_record - 1] : NULL;
    uint32_t at = cpu_id;
    bool is_of_thread = trace_is_thread(made.who); /* unknown to xenalyze */

    if (!check_count(reader, record, reader->version >= 2 ? 1 : 5))
        return false;
    if (made.kind == TRACE_RAISE || made.kind == TRACE_DROPPED)
        made.b += XENTRACE_TSC_BASE;
    if (made.kind == TRACE_SWITCH)
        made.b = as_in_file(extra[3]);
    if (made.kind == TRACE_RUNSTATE || made.kind == TRACE_VCPU) {
        if (made.a > 0x33 || made.a % 16 > XEN_OFFLINE)
            return xen_fail(reader, record->at, "a runstate that does not exist: %u", made.a);
        at = extra[4];
        made.b = extra[3];
    }
    if (at >= RECORDING_CPUS_MAX)
        return xen_fail(reader, record->at, "pCPU %u; there are at most %d", at, RECORDING_CPUS_MAX);
    if (record->count > 5)
        made.time = (uint64_t)extra[6] << 32 | extra[5];
    if (made.time >> 62 != 0)
        return xen_fail(reader, record->at, "a time that no run reaches");
    if (made.kind == TRACE_VCPU && !is_of_thread && cpu->skip == 0 && reader->version >= 2)
        cpu->skip = trace_domain(made.who) == TRACE_IDLE_DOMAIN ? 0 : made.a == XEN_RUNNING ? 2 : 4;
    if (!is_for_xenalyze(made.kind) || is_of_thread || reader->version < 2 || last == NULL || last->kind != made.kind) {
        bool is_good = add(reader, at, record, made);
        reader->cpus[at].last_record = 0;
        return is_good;
    }
    made.time = made.time != 0 ? made.time : last->time;
    made.cpu = (uint16_t)at;
    *last = made;
    cpu->last_record = 0;
    return true;
}

static bool raise(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record)
{
    if (reader->version >= 2)
        return true;
    if (!check_count(reader, record, 4))
        return false;
    return add(reader, cpu, record,
               (struct trace_record){ .kind = TRACE_RAISE,
                                      .who = record->extra[3],
                                      .flow = record->count > 4 ? record->extra[4] : 0,
                                      .a = record->extra[0] << 8,
                                      .b = (uint64_t)record->extra[2] << 32 | record->extra[1] });
}

static bool head(struct xen_reader *reader, const struct xen_record *record)
{
    if (!check_count(reader, record, 2))
        return false;
    reader->frequency_hz = (uint64_t)record->extra[1] << 32 | record->extra[0];
    reader->version = record->count > 2 ? record->extra[2] : 1;
    return true;
}

static bool other(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record)
{
    static const struct {
        uint32_t class;
        const char *name;
    } classes[] = { { 0x0001f000, "general" }, { 0x0002f000, "scheduler" }, { 0x0004f000, "domain" },
                    { 0x0008f000, "HVM" },     { 0x0010f000, "memory" },    { 0x0020f000, "PV" },
                    { 0x0040f000, "shadow" },  { 0x0080f000, "hardware" },  { 0x0800f000, "guest" } };
    const char *name = "unknown";
    char what[64];

    if (reader->version > 0 && record->event == XENTRACE_OUR_RAISE)
        return raise(reader, cpu, record);
    if (reader->version >= 2 && record->event == XENTRACE_VMCALL)
        our_hypercall(reader, cpu, record->extra[0]);
    if (reader->version > 0 && record->event == XENTRACE_OUR_TEXT)
        return xen_text_add(reader, record);
    if (reader->version > 0 && record->event == XENTRACE_OUR_END) {
        reader->cpus[cpu].is_over = true;
        reader->end_tsc = record->tsc;
        return true;
    }
    if (reader->version > 0 && record->event >= XENTRACE_OUR_OTHER &&
        record->event < XENTRACE_OUR_OTHER + TRACE_KIND_COUNT)
        return ours(reader, cpu, record);
    if (reader->version > 0)
        return true; /* what xenalyze wants to see around a record */
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if ((record->event & 0x0fff0000) == (classes[i].class & 0x0fff0000))
            name = classes[i].name;
    snprintf(what, sizeof what, "%s event %08x", name, record->event);
    recorded_ignore(reader->recorded, what, "this event is not used");
    return true;
}

bool xen_event(struct xen_reader *reader, uint32_t cpu, const struct xen_record *record)
{
    if (reader->cpus[cpu].is_over)
        return true;
    if ((record->event & ~0xff0u) == XENTRACE_RUNSTATE_CHANGE && record->event != XENTRACE_RUNSTATE_CHANGE)
        return runstate(reader, cpu, record);
    bool is_mode = (record->event & 0xfffff000) == (XENTRACE_VMENTRY & 0xfffff000);
    switch (is_mode ? record->event & ~XENTRACE_NESTED : record->event) {
    case XENTRACE_LOST_RECORDS:
        return lost(reader, cpu, record);
    case XENTRACE_HW_IRQ_HANDLED:
        return handled(reader, cpu, record);
    case XENTRACE_OUR_HEAD:
        return head(reader, record);
    case XENTRACE_WAKE:
        return of_vcpu(reader, cpu, record, TRACE_WAKE);
    case XENTRACE_BLOCK:
        return of_vcpu(reader, cpu, record, TRACE_BLOCK);
    case XENTRACE_SWITCH:
        return task_switch(reader, cpu, record);
    case XENTRACE_VMENTRY:
        return of_current(reader, cpu, record, TRACE_VMENTRY);
    case XENTRACE_VMEXIT32:
    case XENTRACE_VMX_EXIT64:
        return vmexit(reader, cpu, record);
    case XENTRACE_SVM_EXIT32:
    case XENTRACE_SVM_EXIT64:
        reader->is_svm = true;
        return vmexit(reader, cpu, record);
    case XENTRACE_INJ_VIRQ:
        return check_count(reader, record, 1) && of_current(reader, cpu, record, TRACE_INJECT);
    case XENTRACE_IDLE_ENTRY:
        return of_nobody(reader, cpu, record, TRACE_IDLE_ENTRY);
    case XENTRACE_IDLE_EXIT:
        return of_nobody(reader, cpu, record, TRACE_IDLE_EXIT);
    case XENTRACE_CONTINUE_RUNNING:
        if (record->count > 0)
            reader->cpus[cpu].current = record->extra[0];
        return true;
    case XENTRACE_WRAP_BUFFER:
        return true;
    default:
        return other(reader, cpu, record);
    }
}
