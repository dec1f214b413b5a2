/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the events of trace.dat. Records with an equivalent among the kernel's events (sched, irq) become those; each
 * other kind of record is an event of irqpath's own.
 */
#include "formats/tracedat.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/tracedat_pages.h"
#include "formats/tracedat_parts.h"
#include "models/family/exits.h"

enum { NAME_BYTES = 24 };

enum { COMMON_BYTES = 8 };

static uint8_t *common(uint8_t *to, uint32_t id, int32_t pid)
{
    return encode_u32(encode_u32(to, id), (uint32_t)pid); /* flags and preempt_count are 0 */
}

/* The event of the record's pCPU, with `bytes` of data behind the common part. `ns` is the record's time. */
static inline __attribute__((always_inline)) uint8_t *
record_put(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns, uint32_t id, size_t bytes)
{
    struct tracedat_cpu *cpu = &writer->cpus[record->cpu];
    int32_t pid = cpu->pid;

    return common(tracedat_event(writer, cpu, ns, COMMON_BYTES + bytes), id, pid);
}

enum { PRIORITY = 120, SWITCH_BYTES = 56, WAKING_BYTES = 28 };

static void put_task_event(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns,
                           const struct task_event *event)
{
    const struct task_row from = *task_row(&writer->tasks, event->from), *task = task_row(&writer->tasks, event->to);
    bool is_switch = event->kind == TASK_SWITCH;
    uint32_t cpu = is_switch ? event->cpu : record->cpu; /* a waking is the waker's event */
    uint8_t *to =
        tracedat_event(writer, &writer->cpus[cpu], ns, COMMON_BYTES + (is_switch ? SWITCH_BYTES : WAKING_BYTES));

    to = common(to, is_switch ? ID_SWITCH : ID_WAKING, from.pid);
    if (is_switch) {
        writer->cpus[cpu].pid = task->pid;
        to = encode_u32(encode_bytes(to, from.name, TASK_NAME_BYTES), (uint32_t)from.pid);
        to = encode_u64(encode_u32(to, PRIORITY), event->from_state);
    }
    to = encode_u32(encode_bytes(to, task->name, TASK_NAME_BYTES), (uint32_t)task->pid);
    to = encode_u32(to, PRIORITY);
    if (!is_switch)
        encode_u32(to, event->cpu);
}

/* A host's interrupt has its number and name; others have their vector. */
static const struct tracedat_line *line_of(struct tracedat_writer *writer, const struct trace_record *record)
{
    struct tracedat_line *line = &writer->cpus[record->cpu].line;

    if (__builtin_expect(line->is_known && line->vector == record->a, true))
        return line;
    uint32_t irq = trace_world_irq(writer->world, record->cpu, record->a);
    *line = (struct tracedat_line){ .is_known = true, .vector = record->a, .number = record->a };
    if (irq != TRACE_NO_IRQ) {
        line->number = irq;
        snprintf(line->name, LINE_BYTES, "%s", writer->world->irq_names[irq]);
    } else {
        task_vector_name(record->a, line->name);
    }
    line->bytes = (uint32_t)strlen(line->name) + 1;
    return line;
}

static void put_irq_entry(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    const struct tracedat_line *line = line_of(writer, record);
    uint8_t *to = record_put(writer, record, ns, ID_IRQ_ENTRY, 8 + line->bytes);

    to = encode_u32(encode_u32(to, line->number), line->bytes << 16 | 16);
    encode_bytes(to, line->name, line->bytes);
}

static void put_irq_exit(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    const struct tracedat_line *line = line_of(writer, record);

    encode_u32(encode_u32(record_put(writer, record, ns, ID_IRQ_EXIT, 8), line->number), 1);
}

static void put_softirq(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    encode_u32(record_put(writer, record, ns, ID_SOFTIRQ_RAISE + record->kind - TRACE_SOFTIRQ_RAISE, 4), record->a);
}

/* The halt's whole length is told when the vCPU runs again, as KVM tells it. */
static void put_halt(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns, uint64_t halted_ns,
                     bool has_waited)
{
    encode_u32(encode_u64(record_put(writer, record, ns, ID_WAKEUP, 12), halted_ns), has_waited ? 0x101 : 0x100);
}

static void put_poll(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    uint32_t vcpu = trace_world_vcpu(writer->world, record->who);

    if (record->a == 1)
        put_halt(writer, record, ns, record->b, false);
    else if (vcpu != UINT32_MAX)
        writer->polled[vcpu] = ns - record->b;
}

/* The vCPU of the record runs again. */
static void end_halt(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    uint32_t vcpu = trace_world_vcpu(writer->world, record->who);

    if (vcpu == UINT32_MAX || record->a % 16 != 0 || writer->polled[vcpu] == UINT64_MAX)
        return;
    put_halt(writer, record, ns, ns - writer->polled[vcpu], true);
    writer->polled[vcpu] = UINT64_MAX;
}

/* Returns false for a record that is none of KVM's. */
static bool put_kvm(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    static const uint8_t reasons[VM_EXIT_COUNT] = {
        [VM_EXIT_EXTERNAL_INTERRUPT] = 1,
        [VM_EXIT_INTERRUPT_WINDOW] = 7,
        [VM_EXIT_HLT] = 12,
        [VM_EXIT_VMCALL] = 18,
        [VM_EXIT_EOI] = 45,
        [VM_EXIT_MSR_WRITE] = 32,
        [VM_EXIT_MMIO] = 49,
    };
    uint8_t *to;

    switch (record->kind) {
    case TRACE_VMENTRY:
        to = encode_u32(record_put(writer, record, ns, ID_ENTRY, 16), trace_vcpu(record->who));
        encode_u64(encode_u32(to, 0), 0);
        return true;
    case TRACE_VMEXIT:
        to =
            encode_u32(record_put(writer, record, ns, ID_EXIT, 24), record->a < VM_EXIT_COUNT ? reasons[record->a] : 0);
        to = encode_u64(encode_u32(to, 0), 0);
        encode_u32(encode_u32(to, 1), trace_vcpu(record->who));
        return true;
    case TRACE_POLL:
        put_poll(writer, record, ns);
        return true;
    default:
        return false;
    }
}

static const char *lock_name(struct tracedat_writer *writer, uint32_t lock)
{
    char text[TRACE_TEXT_BYTES], *name = writer->lock_names + (size_t)lock * NAME_BYTES;

    if (name[0] == '\0') {
        trace_lock_text(writer->world, lock, text);
        memcpy(name, text, strlen(text) < NAME_BYTES ? strlen(text) : NAME_BYTES - 1);
    }
    return name;
}

/* How long ago a device has raised a vector, which is most often as long as it was the last time. */
struct tracedat_age {
    uint32_t vector;
    uint64_t ns;
    char text[NAME_BYTES]; /* "vector-31, 560ns ago", padded with zeros, as far as there is room for it */
};

static void age_text(struct tracedat_age *age, uint32_t vector, uint64_t ns)
{
    char digits[24], *digit = digits + sizeof digits;
    char *to = age->text, *end = age->text + NAME_BYTES - 1;

    *age = (struct tracedat_age){ .vector = vector, .ns = ns };
    do
        *--digit = (char)('0' + ns % 10);
    while ((ns /= 10) != 0);
    task_vector_name(vector, to);
    to += strlen(to);
    *to++ = ',';
    *to++ = ' ';
    while (to < end && digit < digits + sizeof digits)
        *to++ = *digit++;
    for (const char *unit = "ns ago"; to < end && *unit != '\0';)
        *to++ = *unit++;
}

static uint8_t *put_age(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns, uint8_t *to)
{
    struct tracedat_age *age = writer->age;
    uint64_t ago = ns - task_clock_ns(&writer->clock, record->b);

    if (__builtin_expect(ago != age->ns || record->a % 256 != age->vector || age->text[0] == '\0', false))
        age_text(age, record->a % 256, ago);
    return encode_bytes(to, age->text, NAME_BYTES);
}

/* What the event is about, in NAME_BYTES padded with zeros. Here and in the next two, `kind` is the record's, and is
 * known where they are called, mostly. */
static inline __attribute__((always_inline)) uint8_t *
what(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns, enum trace_kind kind, uint8_t *to)
{
    static const char event_channel[NAME_BYTES] = "event channel", vector[NAME_BYTES] = "vector";
    static const char nothing[NAME_BYTES];
    char name[NAME_BYTES] = "";

    switch (kind) {
    case TRACE_LOCK_WAIT:
    case TRACE_LOCK_ACQUIRE:
    case TRACE_LOCK_RELEASE:
        return encode_bytes(to, lock_name(writer, record->a), NAME_BYTES);
    case TRACE_PEND:
    case TRACE_INJECT:
    case TRACE_HANDLER:
        return encode_bytes(to, record->a == 0 ? event_channel : vector, NAME_BYTES);
    case TRACE_RAISE:
        if (record->b < record->time)
            return put_age(writer, record, ns, to);
        task_vector_name(record->a % 256, name);
        break;
    case TRACE_VMEXIT:
        strncpy(name, trace_exit_text(writer->world, record->a), NAME_BYTES - 1);
        break;
    case TRACE_IPI:
        task_vector_name(record->a, name);
        memcpy(name + 9, " to cpu", 8);
        break;
    default:
        return encode_bytes(to, nothing, NAME_BYTES);
    }
    return encode_bytes(to, name, NAME_BYTES);
}

/* The event's number: the holder's or the target's pCPU, a vector, a count or an interrupt. */
static inline __attribute__((always_inline)) uint32_t value_of(const struct trace_record *record, enum trace_kind kind)
{
    switch (kind) {
    case TRACE_LOCK_WAIT:
    case TRACE_IPI:
    case TRACE_DO_IRQ:
        return (uint32_t)record->b;
    case TRACE_RAISE:
        return record->a / 256;
    default:
        return record->a;
    }
}

static inline __attribute__((always_inline)) void
put_ours(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns, enum trace_kind kind)
{
    static const char nobody[TASK_NAME_BYTES] = "-";
    const char *who = record->who == TRACE_NOBODY ? nobody : task_row(&writer->tasks, record->who)->name;
    uint8_t *to = record_put(writer, record, ns, ID_OURS + kind, TASK_NAME_BYTES + NAME_BYTES + 8);

    to = what(writer, record, ns, kind, encode_bytes(to, who, TASK_NAME_BYTES));
    encode_u32(encode_u32(to, record->flow), value_of(record, kind));
}

static void put_other(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    if (tracedat_is_linux(writer->world) && !writer->world->is_opening && put_kvm(writer, record, ns))
        return;
    if (tracedat_our_names[record->kind] != NULL)
        put_ours(writer, record, ns, (enum trace_kind)record->kind);
}

/* The first event of the first pCPU, at the time of the first record. */
static void put_simulated(struct tracedat_writer *writer, const struct trace_record *first)
{
    static const char nobody[TASK_NAME_BYTES] = "-";
    char design[NAME_BYTES] = "";
    uint64_t ns = task_clock_ns(&writer->clock, first->time);
    uint8_t *to = tracedat_event(writer, &writer->cpus[0], ns, COMMON_BYTES + TASK_NAME_BYTES + NAME_BYTES + 8);

    if (writer->world->setup != NULL)
        snprintf(design, sizeof design, "%.23s", writer->world->setup->hypervisor.design);
    to = encode_bytes(common(to, ID_SIMULATED, 0), nobody, TASK_NAME_BYTES);
    encode_u32(encode_u32(encode_bytes(to, design, NAME_BYTES), 0), (uint32_t)(writer->world->frequency_hz / 1000));
    writer->has_begun = true;
}

static void put_state(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns)
{
    struct task_event event;

    if (task_view_follow(&writer->view, record, &event))
        put_task_event(writer, record, ns, &event);
    end_halt(writer, record, ns);
}

static void write_record(struct tracedat_writer *writer, const struct trace_record *record)
{
    uint64_t ns = task_clock_ns(&writer->clock, record->time);

    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        put_state(writer, record, ns);
        break;
    case TRACE_IRQ_ENTRY:
        put_irq_entry(writer, record, ns);
        break;
    case TRACE_IRQ_EXIT:
        put_irq_exit(writer, record, ns);
        break;
    case TRACE_SOFTIRQ_RAISE:
    case TRACE_SOFTIRQ_ENTRY:
    case TRACE_SOFTIRQ_EXIT:
        put_softirq(writer, record, ns);
        break;
    case TRACE_RAISE:
        put_ours(writer, record, ns, TRACE_RAISE);
        break;
    case TRACE_DO_IRQ:
        put_ours(writer, record, ns, TRACE_DO_IRQ);
        break;
    case TRACE_HANDLER:
        put_ours(writer, record, ns, TRACE_HANDLER);
        break;
    case TRACE_LOCK_WAIT:
        put_ours(writer, record, ns, TRACE_LOCK_WAIT);
        break;
    case TRACE_LOCK_ACQUIRE:
        put_ours(writer, record, ns, TRACE_LOCK_ACQUIRE);
        break;
    case TRACE_LOCK_RELEASE:
        put_ours(writer, record, ns, TRACE_LOCK_RELEASE);
        break;
    default:
        put_other(writer, record, ns);
    }
}

/* --- the sink --- */

static bool writer_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;

    writer->world = world;
    writer->cpu_count = world->cpu_count;
    if (!tracedat_pages_begin(writer, message, message_bytes))
        return false;
    task_view_init(&writer->view, world->cpu_count);
    task_table_init(&writer->tasks, world);
    task_clock_init(&writer->clock, world->frequency_hz);
    writer->lock_names = calloc(world->trace->lock_count + 1, NAME_BYTES);
    writer->polled = malloc((world->vcpu_count + 1) * sizeof *writer->polled);
    writer->age = calloc(1, sizeof *writer->age);
    CHECK(writer->lock_names != NULL && writer->polled != NULL && writer->age != NULL);
    memset(writer->polled, 0xff, (world->vcpu_count + 1) * sizeof *writer->polled);
    return true;
}

static void writer_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;

    if (!writer->has_begun && count > 0)
        put_simulated(writer, &records[0]);
    for (size_t i = 0; i < count; i++)
        write_record(writer, &records[i]);
}

static void writer_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;

    (void)machine, (void)now;
    tracedat_pages_end(writer);
}

static uint64_t written_kinds(void)
{
    uint64_t kinds = TRACE_KIND(VCPU) | TRACE_KIND(RUNSTATE) | TRACE_KIND(IRQ_ENTRY) | TRACE_KIND(IRQ_EXIT) |
                     TRACE_KIND(SOFTIRQ_RAISE) | TRACE_KIND(SOFTIRQ_ENTRY) | TRACE_KIND(SOFTIRQ_EXIT) |
                     TRACE_KIND(POLL);

    for (uint32_t kind = 0; kind < TRACE_KIND_COUNT; kind++)
        if (tracedat_our_names[kind] != NULL)
            kinds |= UINT64_C(1) << kind;
    return kinds;
}

void tracedat_writer_init(struct tracedat_writer *writer, struct output *output)
{
    *writer = (struct tracedat_writer){ .sink = { written_kinds(), writer_begin, writer_records, writer_end },
                                        .output = output };
}

void tracedat_writer_free(struct tracedat_writer *writer)
{
    if (writer->cpus == NULL)
        return;
    tracedat_pages_free(writer);
    free(writer->lock_names);
    free(writer->polled);
    free(writer->age);
    task_table_free(&writer->tasks);
    task_view_free(&writer->view);
}
