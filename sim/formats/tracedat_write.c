/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes trace.dat. Full pages go to a temporary file and are copied to the output at the end, when the size of each
 * pCPU's section is known. Records with an equivalent among the kernel's events (sched, irq) become those; each other
 * kind of record is an event of irqpath's own.
 */
#define _GNU_SOURCE
#include "formats/tracedat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "formats/tracedat_parts.h"
#include "models/family/exits.h"

enum {
    PAGE_BYTES = TRACEDAT_PAGE_BYTES,
    PAGE_HEAD_BYTES = 16,
    SPOOL_BYTES = 1 << 20, /* written to the temporary file, and read from it, at a time */
    NAME_BYTES = 24,
    WORDS_MAX = 28, /* largest event whose length fits the type_len field */
    TIME_EXTEND = 30,
    DELTA_BITS = 27,
};

struct tracedat_cpu {
    uint8_t page[PAGE_BYTES]; /* being filled */
    uint32_t count;           /* its bytes behind the head */
    int32_t pid;              /* of its current task; 0: idle */
    uint64_t page_ns, last_ns;
    uint32_t *pages; /* numbers of its pages in the spool */
    uint32_t page_count, page_capacity;
};

/* --- pages --- */

/* Remembers the first error of the spool. */
static void spooled(struct tracedat_writer *writer, bool is_good)
{
    if (!is_good && writer->error == 0)
        writer->error = errno != 0 ? errno : EIO;
}

static void close_page(struct tracedat_writer *writer, struct tracedat_cpu *cpu)
{
    uint8_t *end = cpu->page + PAGE_HEAD_BYTES + cpu->count;

    if (cpu->count == 0)
        return;
    encode_u64(encode_u64(cpu->page, cpu->page_ns), cpu->count);
    memset(end, 0, PAGE_BYTES - PAGE_HEAD_BYTES - cpu->count);
    spooled(writer, fwrite(cpu->page, PAGE_BYTES, 1, writer->spool) == 1);
    cpu->count = 0;
    if (cpu->page_count == cpu->page_capacity) {
        cpu->page_capacity = cpu->page_capacity * 2 + 16;
        cpu->pages = realloc(cpu->pages, cpu->page_capacity * sizeof *cpu->pages);
        CHECK(cpu->pages != NULL);
    }
    cpu->pages[cpu->page_count++] = writer->page_count++;
}

/* The place of an event's data in the page, which is padded to words. Event_put is to be followed by `bytes` of data,
 * a number that is known where it is called, mostly. */
static inline __attribute__((always_inline)) uint8_t *event_put(struct tracedat_writer *writer, uint32_t cpu_id,
                                                                cycles when, size_t bytes)
{
    struct tracedat_cpu *cpu = &writer->cpus[cpu_id];
    uint64_t ns = task_clock_ns(&writer->clock, when);
    uint32_t words = (uint32_t)(bytes + 3) / 4;

    CHECK(words <= WORDS_MAX);
    if (cpu->count + 12 + 4 * words > PAGE_BYTES - PAGE_HEAD_BYTES)
        close_page(writer, cpu);
    if (cpu->count == 0)
        cpu->page_ns = cpu->last_ns = ns;
    uint8_t *begin = cpu->page + PAGE_HEAD_BYTES + cpu->count, *to = begin;
    uint64_t delta = ns - cpu->last_ns;
    if (delta >> DELTA_BITS != 0) {
        to = encode_u32(to, TIME_EXTEND | (uint32_t)(delta << 5));
        to = encode_u32(to, (uint32_t)(delta >> DELTA_BITS));
        delta = 0;
    }
    to = encode_u32(to, words | (uint32_t)(delta << 5));
    if (words > 0)
        memset(to + 4 * (words - 1), 0, 4);
    cpu->count += (uint32_t)(to - begin) + 4 * words;
    cpu->last_ns = ns;
    writer->events++;
    return to;
}

/* --- events --- */

enum { COMMON_BYTES = 8 };

static uint8_t *common(uint8_t *to, uint32_t id, int32_t pid)
{
    return encode_u32(encode_u32(to, id), (uint32_t)pid); /* flags and preempt_count are 0 */
}

/* The event of the record's pCPU, with `bytes` of data behind the common part. */
static inline __attribute__((always_inline)) uint8_t *
record_put(struct tracedat_writer *writer, const struct trace_record *record, uint32_t id, size_t bytes)
{
    uint8_t *to = event_put(writer, record->cpu, record->time, COMMON_BYTES + bytes);

    return common(to, id, writer->cpus[record->cpu].pid);
}

enum { PRIORITY = 120, SWITCH_BYTES = 56, WAKING_BYTES = 28 };

static void put_task_event(struct tracedat_writer *writer, const struct trace_record *record,
                           const struct task_event *event)
{
    const struct task_row from = *task_row(&writer->tasks, event->from), *task = task_row(&writer->tasks, event->to);
    bool is_switch = event->kind == TASK_SWITCH;
    uint32_t cpu = is_switch ? event->cpu : record->cpu; /* a waking is the waker's event */
    uint8_t *to = event_put(writer, cpu, record->time, COMMON_BYTES + (is_switch ? SWITCH_BYTES : WAKING_BYTES));

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
static void put_interrupt(struct tracedat_writer *writer, const struct trace_record *record)
{
    uint32_t irq = trace_world_irq(writer->world, record->cpu, record->a);
    char vector[16];
    const char *name = vector;
    size_t bytes = sizeof "vector-xx";

    if (record->kind == TRACE_IRQ_EXIT) {
        encode_u32(encode_u32(record_put(writer, record, ID_IRQ_EXIT, 8), irq != TRACE_NO_IRQ ? irq : record->a), 1);
        return;
    }
    if (irq != TRACE_NO_IRQ) {
        name = writer->world->irq_names[irq];
        bytes = strlen(name) + 1;
    } else {
        task_vector_name(record->a, vector);
    }
    uint8_t *to = record_put(writer, record, ID_IRQ_ENTRY, 8 + bytes);
    to = encode_u32(to, irq != TRACE_NO_IRQ ? irq : record->a);
    encode_bytes(encode_u32(to, (uint32_t)bytes << 16 | 16), name, bytes);
}

static void put_softirq(struct tracedat_writer *writer, const struct trace_record *record)
{
    encode_u32(record_put(writer, record, ID_SOFTIRQ_RAISE + record->kind - TRACE_SOFTIRQ_RAISE, 4), record->a);
}

/* The halt's whole length is told when the vCPU runs again, as KVM tells it. */
static void put_halt(struct tracedat_writer *writer, const struct trace_record *record, uint64_t ns, bool has_waited)
{
    encode_u32(encode_u64(record_put(writer, record, ID_WAKEUP, 12), ns), has_waited ? 0x101 : 0x100);
}

static void put_poll(struct tracedat_writer *writer, const struct trace_record *record)
{
    uint32_t vcpu = trace_world_vcpu(writer->world, record->who);

    if (record->a == 1)
        put_halt(writer, record, record->b, false);
    else if (vcpu != UINT32_MAX)
        writer->polled[vcpu] = task_clock_ns(&writer->clock, record->time) - record->b;
}

/* The vCPU of the record runs again. */
static void end_halt(struct tracedat_writer *writer, const struct trace_record *record)
{
    uint32_t vcpu = trace_world_vcpu(writer->world, record->who);

    if (vcpu == UINT32_MAX || record->a % 16 != 0 || writer->polled[vcpu] == UINT64_MAX)
        return;
    put_halt(writer, record, task_clock_ns(&writer->clock, record->time) - writer->polled[vcpu], true);
    writer->polled[vcpu] = UINT64_MAX;
}

/* Returns false for a record that is none of KVM's. */
static bool put_kvm(struct tracedat_writer *writer, const struct trace_record *record)
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
        to = encode_u32(record_put(writer, record, ID_ENTRY, 16), trace_vcpu(record->who));
        encode_u64(encode_u32(to, 0), 0);
        return true;
    case TRACE_VMEXIT:
        to = encode_u32(record_put(writer, record, ID_EXIT, 24), record->a < VM_EXIT_COUNT ? reasons[record->a] : 0);
        to = encode_u64(encode_u32(to, 0), 0);
        encode_u32(encode_u32(to, 1), trace_vcpu(record->who));
        return true;
    case TRACE_POLL:
        put_poll(writer, record);
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

static uint8_t *put_age(struct tracedat_writer *writer, const struct trace_record *record, uint8_t *to)
{
    struct tracedat_age *age = writer->age;
    uint64_t ns = task_clock_ns(&writer->clock, record->time) - task_clock_ns(&writer->clock, record->b);

    if (__builtin_expect(ns != age->ns || record->a % 256 != age->vector || age->text[0] == '\0', false))
        age_text(age, record->a % 256, ns);
    return encode_bytes(to, age->text, NAME_BYTES);
}

/* What the event is about, in NAME_BYTES padded with zeros. */
static uint8_t *what(struct tracedat_writer *writer, const struct trace_record *record, uint8_t *to)
{
    static const char event_channel[NAME_BYTES] = "event channel", vector[NAME_BYTES] = "vector";
    static const char nothing[NAME_BYTES];
    char name[NAME_BYTES] = "";

    switch (record->kind) {
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
            return put_age(writer, record, to);
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
static uint32_t value_of(const struct trace_record *record)
{
    switch (record->kind) {
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

static void put_ours(struct tracedat_writer *writer, const struct trace_record *record)
{
    static const char nobody[TASK_NAME_BYTES] = "-";
    const char *who = record->who == TRACE_NOBODY ? nobody : task_row(&writer->tasks, record->who)->name;

    if (tracedat_our_names[record->kind] == NULL)
        return;
    uint8_t *to = record_put(writer, record, ID_OURS + record->kind, TASK_NAME_BYTES + NAME_BYTES + 8);
    to = what(writer, record, encode_bytes(to, who, TASK_NAME_BYTES));
    encode_u32(encode_u32(to, record->flow), value_of(record));
}

/* The first event of the first pCPU, at the time of the first record. */
static void put_simulated(struct tracedat_writer *writer, const struct trace_record *first)
{
    static const char nobody[TASK_NAME_BYTES] = "-";
    char design[NAME_BYTES] = "";
    uint8_t *to = event_put(writer, 0, first->time, COMMON_BYTES + TASK_NAME_BYTES + NAME_BYTES + 8);

    if (writer->world->setup != NULL)
        snprintf(design, sizeof design, "%.23s", writer->world->setup->hypervisor.design);
    to = encode_bytes(common(to, ID_SIMULATED, 0), nobody, TASK_NAME_BYTES);
    encode_u32(encode_u32(encode_bytes(to, design, NAME_BYTES), 0), 0);
    writer->has_begun = true;
}

static void write_record(struct tracedat_writer *writer, const struct trace_record *record)
{
    struct task_event event;

    if (!writer->has_begun)
        put_simulated(writer, record);
    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        if (task_view_follow(&writer->view, record, &event))
            put_task_event(writer, record, &event);
        end_halt(writer, record);
        break;
    case TRACE_IRQ_ENTRY:
    case TRACE_IRQ_EXIT:
        put_interrupt(writer, record);
        break;
    case TRACE_SOFTIRQ_RAISE:
    case TRACE_SOFTIRQ_ENTRY:
    case TRACE_SOFTIRQ_EXIT:
        put_softirq(writer, record);
        break;
    default:
        if (!tracedat_is_linux(writer->world) || writer->world->is_opening || !put_kvm(writer, record))
            put_ours(writer, record);
    }
}

/* --- the sink --- */

static bool writer_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;

    writer->world = world;
    writer->cpu_count = world->cpu_count;
    writer->spool = tmpfile();
    if (writer->spool == NULL) {
        snprintf(message, message_bytes, "no temporary file: %s", strerror(errno));
        return false;
    }
    (void)setvbuf(writer->spool, NULL, _IOFBF, SPOOL_BYTES);
    task_view_init(&writer->view, world->cpu_count);
    task_table_init(&writer->tasks, world);
    task_clock_init(&writer->clock, world->frequency_hz);
    writer->cpus = calloc(world->cpu_count, sizeof *writer->cpus);
    writer->lock_names = calloc(world->trace->lock_count + 1, NAME_BYTES);
    writer->polled = malloc((world->vcpu_count + 1) * sizeof *writer->polled);
    writer->age = calloc(1, sizeof *writer->age);
    CHECK(writer->cpus != NULL && writer->lock_names != NULL && writer->polled != NULL && writer->age != NULL);
    memset(writer->polled, 0xff, (world->vcpu_count + 1) * sizeof *writer->polled);
    return true;
}

static void writer_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_record((struct tracedat_writer *)sink, &records[i]);
}

static void copy_page(struct tracedat_writer *writer, uint32_t page)
{
    uint8_t bytes[PAGE_BYTES];

    if (pread(fileno(writer->spool), bytes, PAGE_BYTES, (off_t)page * PAGE_BYTES) != PAGE_BYTES)
        spooled(writer, false);
    output_write(writer->output, bytes, PAGE_BYTES);
}

static void writer_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;
    struct bytes head = { 0 };

    (void)machine, (void)now;
    for (uint32_t i = 0; i < writer->cpu_count; i++)
        close_page(writer, &writer->cpus[i]);
    spooled(writer, fflush(writer->spool) == 0);
    tracedat_put_head(&head, &writer->tasks);
    uint64_t offset = (head.count + 16 * (uint64_t)writer->cpu_count + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    for (uint32_t i = 0; i < writer->cpu_count; i++) {
        uint64_t bytes = (uint64_t)writer->cpus[i].page_count * PAGE_BYTES;
        bytes_put_u64(&head, offset);
        bytes_put_u64(&head, bytes);
        offset += bytes;
    }
    bytes_pad(&head, PAGE_BYTES);
    output_write(writer->output, head.data, head.count);
    bytes_free(&head);
    for (uint32_t i = 0; i < writer->cpu_count; i++)
        for (uint32_t page = 0; page < writer->cpus[i].page_count; page++)
            copy_page(writer, writer->cpus[i].pages[page]);
    if (writer->output->file.error == 0)
        writer->output->file.error = writer->error;
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
    for (uint32_t i = 0; i < writer->cpu_count; i++)
        free(writer->cpus[i].pages);
    free(writer->cpus);
    free(writer->lock_names);
    free(writer->polled);
    free(writer->age);
    task_table_free(&writer->tasks);
    task_view_free(&writer->view);
    fclose(writer->spool);
}
