/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes xentrace's binary format in rounds of one window for every pCPU in ascending order. xenalyze requires that
 * every vCPU leave its initial state at the first tsc and go offline at the last, so that all of its time counts; that
 * the vCPU switched out precede the one switched in; and that two records of one vCPU on different pCPUs be at least a
 * cycle apart. A runstate change is in the stream of the vCPU's pCPU. Left out: the scheduler's own records
 * (SWITCH_INFPREV and so on), which xenalyze does not count.
 *
 * What these records do not say is in irqpath's own, so that the trace can be read back as it was: kinds that xentrace
 * has not, and, after a record for xenalyze, one that completes it where a reader could not tell the rest.
 */
#include <stdlib.h>

#include "base/check.h"
#include "formats/xentrace.h"
#include "formats/xentrace_names_write.h"
#include "machine/devices/guest.h"
#include "models/family/exits.h"

enum { RECORD_BYTES = 12 + 4 * XENTRACE_EXTRA_MAX, ROUND_BYTES = 1 << 20, NEST_MAX = 8, CALLBACK_VECTOR = 0xf3 };
enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

struct xentrace_stream {
    struct bytes bytes;
    uint64_t last_tsc;
    uint32_t current; /* the vCPU that runs according to what is written */
    uint32_t depth;   /* of nested interrupts */
    struct {
        uint64_t entry;
        uint32_t irq; /* 0: not a device's interrupt */
    } nest[NEST_MAX];
    bool is_exit_open; /* a VM exit for an interrupt whose vector is not yet known */
};

struct xentrace_vcpu {
    bool is_known;
    uint8_t state;
    uint16_t cpu; /* the pCPU of its last record */
    uint64_t last_tsc;
};

static void put(struct xentrace_stream *stream, uint32_t event, bool has_tsc, uint64_t tsc, const uint32_t *extra,
                uint32_t count)
{
    uint8_t *to = bytes_begin(&stream->bytes, RECORD_BYTES);

    to = encode_u32(to, event | count << 28 | (has_tsc ? UINT32_C(1) << 31 : 0));
    if (has_tsc)
        to = encode_u64(to, tsc);
    for (uint32_t i = 0; i < count; i++)
        to = encode_u32(to, extra[i]);
    bytes_end(&stream->bytes, to);
}

/* Writes a record with a tsc that is not before the stream's last one. Returns that tsc. */
static uint64_t put_at(struct xentrace_stream *stream, uint32_t event, uint64_t tsc, const uint32_t *extra,
                       uint32_t count)
{
    if (tsc < stream->last_tsc)
        tsc = stream->last_tsc;
    stream->last_tsc = tsc;
    put(stream, event, true, tsc, extra, count);
    return tsc;
}

/* Tools take domain 0 as the control domain, so the model's domains begin at 1. */
static uint32_t domain_vcpu(uint32_t who)
{
    return trace_domain(who) == TRACE_IDLE_DOMAIN ? who : (trace_domain(who) + 1) << 16 | trace_vcpu(who);
}

static uint32_t idle_index(const struct xentrace_writer *writer, uint32_t cpu)
{
    return writer->world->vcpu_count + cpu;
}

static struct xentrace_vcpu *vcpu_of(struct xentrace_writer *writer, uint32_t who)
{
    uint32_t index = trace_world_vcpu(writer->world, who);

    return &writer->vcpus[index == UINT32_MAX ? idle_index(writer, trace_vcpu(who)) : index];
}

/* --- windows --- */

static void flush(struct xentrace_writer *writer)
{
    for (uint32_t cpu = 0; cpu < writer->world->cpu_count; cpu++) {
        struct xentrace_stream *stream = &writer->streams[cpu];
        struct bytes head = { 0 };
        bytes_put_u32(&head, XENTRACE_CPU_CHANGE | UINT32_C(2) << 28);
        bytes_put_u32(&head, cpu);
        bytes_put_u32(&head, (uint32_t)stream->bytes.count);
        output_write(writer->output, head.data, head.count);
        output_write(writer->output, stream->bytes.data, stream->bytes.count);
        bytes_free(&head);
        stream->bytes.count = 0;
    }
}

static size_t waiting_bytes(const struct xentrace_writer *writer)
{
    size_t sum = 0;

    for (uint32_t cpu = 0; cpu < writer->world->cpu_count; cpu++)
        sum += writer->streams[cpu].bytes.count;
    return sum;
}

/* --- irqpath's own --- */

/* Words at the end that are 0 are left out; the time is written when the file has another one. A change of state says
 * after the pCPU of the vCPU on which pCPU it happened. */
static inline __attribute__((always_inline)) void put_words(struct xentrace_stream *stream,
                                                            const struct trace_record *record, bool is_state)
{
    enum { HEAD_BYTES = 12 };
    uint64_t wanted = record->time + XENTRACE_TSC_BASE;
    uint64_t tsc = wanted > stream->last_tsc ? wanted : stream->last_tsc;
    uint32_t low = (uint32_t)record->b, high = is_state ? record->cpu : (uint32_t)(record->b >> 32);
    uint32_t count = high != 0 ? 5 : low != 0 ? 4 : record->a != 0 ? 3 : record->flow != 0 ? 2 : 1;
    uint8_t *begin = bytes_begin(&stream->bytes, RECORD_BYTES), *to = begin + HEAD_BYTES;

    to = encode_u32(encode_u32(encode_u32(to, record->who), record->flow), record->a);
    to = encode_u32(encode_u32(to, low), high);
    if (__builtin_expect(tsc != wanted, false)) {
        encode_u64(to, wanted);
        count = wanted >> 32 != 0 ? 7 : 6;
    }
    encode_u64(encode_u32(begin, (XENTRACE_OUR_OTHER + record->kind) | count << 28 | UINT32_C(1) << 31), tsc);
    stream->last_tsc = tsc;
    bytes_end(&stream->bytes, begin + HEAD_BYTES + 4 * (size_t)count);
}

static void put_ours(struct xentrace_stream *stream, const struct trace_record *record)
{
    put_words(stream, record, record->kind == TRACE_RUNSTATE || record->kind == TRACE_VCPU);
}

/* Completes the record before it, if that does not tell all. */
static void complete(struct xentrace_stream *stream, const struct trace_record *record, bool is_told)
{
    if (!is_told || stream->last_tsc != record->time + XENTRACE_TSC_BASE)
        put_ours(stream, record);
}

/* --- runstates --- */

static void put_runstate(struct xentrace_stream *stream, uint64_t tsc, uint32_t who, uint32_t old, uint32_t new)
{
    uint32_t extra = domain_vcpu(who);

    put_at(stream, XENTRACE_RUNSTATE_CHANGE | old << 8 | new << 4, tsc, &extra, 1);
    if (new == RUNNING)
        stream->current = who;
    else if (stream->current == who)
        stream->current = TRACE_NOBODY;
}

static void runstate(struct xentrace_writer *writer, const struct trace_record *record)
{
    struct xentrace_vcpu *vcpu = vcpu_of(writer, record->who);
    struct xentrace_stream *stream = &writer->streams[record->b];
    uint64_t wanted = record->time + XENTRACE_TSC_BASE, tsc = wanted;

    if (vcpu->cpu != record->b && tsc <= vcpu->last_tsc)
        tsc = vcpu->last_tsc + 1;
    put_runstate(stream, tsc, record->who, record->a / 16, record->a % 16);
    complete(stream, record, record->cpu == record->b && record->flow == 0);
    writer->shifted += stream->last_tsc != wanted;
    *vcpu = (struct xentrace_vcpu){ true, (uint8_t)(record->a % 16), (uint16_t)record->b, stream->last_tsc };
}

/* Brings a vCPU into its first state: it runs for no time in place of the idle vCPU, and then changes to its state. */
static void first_state(struct xentrace_writer *writer, const struct trace_record *record)
{
    struct xentrace_stream *stream = &writer->streams[record->b];
    uint64_t tsc = record->time + XENTRACE_TSC_BASE;
    uint32_t idle = trace_who(TRACE_IDLE_DOMAIN, (uint32_t)record->b);

    *vcpu_of(writer, record->who) = (struct xentrace_vcpu){ true, (uint8_t)record->a, (uint16_t)record->b, tsc };
    if (trace_domain(record->who) == TRACE_IDLE_DOMAIN) {
        put_ours(stream, record);
        stream->current = record->who;
        put_at(stream, XENTRACE_CONTINUE_RUNNING, tsc, &record->who, 1);
        return;
    }
    put_ours(stream, record);
    put_runstate(stream, tsc, idle, RUNNING, RUNNABLE);
    put_runstate(stream, tsc, record->who, RUNNABLE, RUNNING);
    if (record->a == RUNNING)
        return; /* the idle vCPU stays runnable */
    put_runstate(stream, tsc, record->who, RUNNING, record->a);
    put_runstate(stream, tsc, idle, RUNNABLE, RUNNING);
}

/* --- other records --- */

static bool is_linux(const struct trace_world *world) { return world->irq_count > 0; }

static uint32_t irq_of(const struct xentrace_writer *writer, uint32_t who, uint32_t number)
{
    /* Nobody's is a device of the host; a Linux host numbers all interrupts. */
    uint32_t first = who == TRACE_NOBODY || is_linux(writer->world) ? 0 : writer->first_irq[trace_domain(who)];

    return XENTRACE_IRQ_FIRST + first + number;
}

static void interrupt(struct xentrace_writer *writer, struct xentrace_stream *stream, const struct trace_record *record)
{
    uint64_t tsc = record->time + XENTRACE_TSC_BASE;

    if (record->kind == TRACE_IRQ_ENTRY) {
        if (stream->is_exit_open)
            put(stream, XENTRACE_INTR, false, 0, &record->a, 1);
        stream->is_exit_open = false;
        CHECK(stream->depth < NEST_MAX);
        stream->nest[stream->depth].entry = tsc;
        stream->nest[stream->depth++].irq = 0;
    } else if (record->kind == TRACE_DO_IRQ) {
        if (stream->depth > 0)
            stream->nest[stream->depth - 1].irq = irq_of(writer, record->who, (uint32_t)record->b);
    } else if (stream->depth > 0 && stream->nest[--stream->depth].irq != 0) {
        uint32_t extra[3] = { stream->nest[stream->depth].irq, (uint32_t)stream->nest[stream->depth].entry,
                              (uint32_t)tsc };
        put_at(stream, XENTRACE_HW_IRQ_HANDLED, tsc, extra, 3);
    }
}

struct vmx_exit {
    uint32_t reason, handler, count, extra[3];
};

/* Writes the exit and the handler record that xenalyze expects after it. An EOI is a write of x2APIC's MSR 0x80b.
 * `has_host`: the reasons are those of a Linux host. */
static void vmexit(struct xentrace_stream *stream, const struct trace_record *record, bool has_host)
{
    static const struct vmx_exit exits[] = {
        [GUEST_EXIT_INTERRUPT] = { 1, 0, 0, { 0 } },
        [GUEST_EXIT_EOI] = { 32, XENTRACE_MSR_WRITE, 3, { 0x80b, 0, 0 } },
        [GUEST_EXIT_SET_TIMER] = { 18, XENTRACE_VMCALL, 1, { 15 } },
        [GUEST_EXIT_SEND] = { 18, XENTRACE_VMCALL, 1, { 32 } },
        [GUEST_EXIT_PIRQ_EOI] = { 18, XENTRACE_VMCALL, 1, { 33 } },
        [GUEST_EXIT_WINDOW] = { 7, 0, 0, { 0 } },
        [GUEST_EXIT_HALT] = { 12, XENTRACE_HLT, 1, { 0 } },
    };
    static const struct vmx_exit hosts[VM_EXIT_COUNT] = {
        [VM_EXIT_EXTERNAL_INTERRUPT] = { 1, 0, 0, { 0 } },
        [VM_EXIT_INTERRUPT_WINDOW] = { 7, 0, 0, { 0 } },
        [VM_EXIT_HLT] = { 12, XENTRACE_HLT, 1, { 0 } },
        [VM_EXIT_VMCALL] = { 18, XENTRACE_VMCALL, 1, { 32 } },
        [VM_EXIT_EOI] = { 32, XENTRACE_MSR_WRITE, 3, { 0x80b, 0, 0 } },
        [VM_EXIT_MSR_WRITE] = { 32, XENTRACE_MSR_WRITE, 3, { 0x6e0, 0, 0 } },
        [VM_EXIT_MMIO] = { 48, 0, 0, { 0 } },
    };
    const struct vmx_exit *row = has_host ? &hosts[record->a] : &exits[record->a];
    uint32_t extra[3] = { row->reason, 0, 0 };

    put_at(stream, XENTRACE_VMX_EXIT64, record->time + XENTRACE_TSC_BASE, extra, 3);
    stream->is_exit_open = row->reason == 1;
    if (row->handler != 0)
        put(stream, row->handler, false, 0, row->extra, row->count);
}

/* Whether the record is one of those that a thread has, too, of which xenalyze does not know. */
static bool is_of_thread(const struct trace_record *record)
{
    static const uint64_t kinds = TRACE_KIND(VCPU) | TRACE_KIND(RUNSTATE) | TRACE_KIND(WAKE) | TRACE_KIND(BLOCK);

    return (kinds >> record->kind & 1) != 0 && trace_is_thread(record->who);
}

static inline void write_record(struct xentrace_writer *writer, const struct trace_record *record)
{
    struct xentrace_stream *stream = &writer->streams[record->cpu];
    uint64_t tsc = record->time + XENTRACE_TSC_BASE;
    uint32_t pair[2];

    switch (record->kind) {
    case TRACE_VCPU:
        first_state(writer, record);
        break;
    case TRACE_RUNSTATE:
        runstate(writer, record);
        break;
    case TRACE_WAKE:
    case TRACE_BLOCK:
        pair[0] = domain_vcpu(record->who) >> 16;
        pair[1] = domain_vcpu(record->who) & 0xffff;
        put_at(stream, record->kind == TRACE_WAKE ? XENTRACE_WAKE : XENTRACE_BLOCK, tsc, pair, 2);
        complete(stream, record, record->flow == 0 && record->a == 0 && record->b == 0);
        break;
    case TRACE_IRQ_ENTRY:
    case TRACE_IRQ_EXIT:
    case TRACE_DO_IRQ:
        interrupt(writer, stream, record);
        put_words(stream, record, false);
        break;
    case TRACE_VMEXIT:
        vmexit(stream, record, is_linux(writer->world));
        complete(stream, record,
                 !is_linux(writer->world) && record->who == stream->current && record->flow == 0 && record->b == 0);
        break;
    case TRACE_VMENTRY:
        put_at(stream, XENTRACE_VMENTRY, tsc, NULL, 0);
        complete(stream, record,
                 record->who == stream->current && record->flow == 0 && record->a == 0 && record->b == 0);
        break;
    case TRACE_INJECT:
        pair[0] = record->a != 0 ? record->a : CALLBACK_VECTOR;
        pair[1] = 0;
        put_at(stream, XENTRACE_INJ_VIRQ, tsc, pair, 2);
        put_ours(stream, record);
        break;
    default:
        put_words(stream, record, false);
    }
}

/* --- the sink --- */

static bool writer_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct xentrace_writer *writer = (struct xentrace_writer *)sink;

    if (world->cpu_count > XENTRACE_CPUS_MAX) {
        snprintf(message, message_bytes,
                 "the machine has %u pCPUs; an xentrace file supports at most %d (the formats .dat and .pftrace have "
                 "no such limit)",
                 world->cpu_count, XENTRACE_CPUS_MAX);
        return false;
    }
    writer->world = world;
    writer->cpu_count = world->cpu_count;
    writer->frequency_hz = world->frequency_hz;
    writer->streams = calloc(world->cpu_count, sizeof *writer->streams);
    writer->vcpus = calloc(idle_index(writer, world->cpu_count), sizeof *writer->vcpus);
    writer->first_irq = calloc(world->domain_count + 1, sizeof *writer->first_irq);
    CHECK(writer->streams != NULL && writer->vcpus != NULL && writer->first_irq != NULL);
    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++)
        writer->streams[cpu].current = TRACE_NOBODY;
    for (uint32_t d = 0; d < world->domain_count; d++) {
        uint32_t pirqs = world->setup->guests[world->domains[d].group].pirqs;
        for (uint32_t i = 0; i < world->setup->device_count; i++)
            if (world->setup->devices[i].guest == world->domains[d].group)
                pirqs += world->setup->devices[i].count * world->setup->devices[i].vectors;
        writer->first_irq[d + 1] = writer->first_irq[d] + pirqs;
    }
    return true;
}

/* The reader needs them before the first record of any pCPU. */
static void begin(struct xentrace_writer *writer, const struct trace_record *first)
{
    uint64_t hz = writer->world->frequency_hz;
    uint32_t head[3] = { (uint32_t)hz, (uint32_t)(hz >> 32), XENTRACE_VERSION };

    put_at(&writer->streams[0], XENTRACE_OUR_HEAD, first->time + XENTRACE_TSC_BASE, head, 3);
    xentrace_put_names(&writer->streams[0].bytes, writer->world);
    writer->is_begun = true;
}

static void writer_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct xentrace_writer *writer = (struct xentrace_writer *)sink;

    if (!writer->is_begun && count > 0)
        begin(writer, &records[0]);
    for (size_t i = 0; i < count; i++) {
        /* Of what is under way at the beginning, xenalyze would count events. */
        if (__builtin_expect(is_of_thread(&records[i]) || writer->world->is_opening, false))
            put_ours(&writer->streams[records[i].cpu], &records[i]);
        else
            write_record(writer, &records[i]);
        if (++writer->waiting % 4096 == 0 && waiting_bytes(writer) >= ROUND_BYTES)
            flush(writer);
    }
}

static void last_state(struct xentrace_writer *writer, uint64_t tsc, uint32_t who)
{
    const struct xentrace_vcpu *vcpu = vcpu_of(writer, who);
    struct xentrace_stream *stream = &writer->streams[vcpu->cpu];

    if (!vcpu->is_known || vcpu->state == OFFLINE)
        return;
    put_runstate(stream, tsc, who, vcpu->state, OFFLINE);
    if (vcpu->state == RUNNING)
        put_runstate(stream, tsc, trace_who(TRACE_IDLE_DOMAIN, vcpu->cpu), RUNNABLE, RUNNING);
}

/* Takes every vCPU offline, then the idle vCPU of every pCPU. */
static void last_states(struct xentrace_writer *writer, uint64_t tsc)
{
    const struct trace_world *world = writer->world;

    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            last_state(writer, tsc, trace_who(d, v));
    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++)
        if (writer->vcpus[idle_index(writer, cpu)].is_known)
            put_runstate(&writer->streams[cpu], tsc, trace_who(TRACE_IDLE_DOMAIN, cpu), RUNNING, OFFLINE);
}

static void writer_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct xentrace_writer *writer = (struct xentrace_writer *)sink;

    (void)machine;
    for (uint32_t cpu = 0; cpu < writer->world->cpu_count; cpu++)
        put_at(&writer->streams[cpu], XENTRACE_OUR_END, now + XENTRACE_TSC_BASE, NULL, 0);
    last_states(writer, now + XENTRACE_TSC_BASE);
    flush(writer);
}

void xentrace_writer_init(struct xentrace_writer *writer, struct output *output)
{
    *writer = (struct xentrace_writer){ .sink = { TRACE_ALL_KINDS, writer_begin, writer_records, writer_end },
                                        .output = output };
}

void xentrace_writer_free(struct xentrace_writer *writer)
{
    for (uint32_t cpu = 0; writer->streams != NULL && cpu < writer->cpu_count; cpu++)
        bytes_free(&writer->streams[cpu].bytes);
    free(writer->streams);
    free(writer->vcpus);
    free(writer->first_irq);
}
