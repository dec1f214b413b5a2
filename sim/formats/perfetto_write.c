/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodes Perfetto's packets by hand. What events of one kind have in common is encoded once; lengths that take one
 * byte are filled in behind what they count. That and varints are all a writer needs of protocol buffers, and take less
 * code than calls to a library.
 */
#include "formats/perfetto.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/perfetto_parts.h"
#include "formats/perfetto_wire.h"

enum { BUNDLE_BYTES = 1 << 14, SEQUENCE = 1, PRIORITY = 120 };

enum { BUNDLE_CPU = 1, BUNDLE_EVENT = 2 };
enum {
    EVENT_TIMESTAMP = 1,
    EVENT_PID = 2,
    EVENT_SWITCH = 4,
    EVENT_WAKING = 20,
    EVENT_SOFTIRQ_ENTRY = 24,
    EVENT_SOFTIRQ_EXIT = 25,
    EVENT_SOFTIRQ_RAISE = 26,
    EVENT_IRQ_ENTRY = 36,
    EVENT_IRQ_EXIT = 37
};
enum {
    TRACK_EVENT_TYPE = 9,
    TRACK_EVENT_TRACK = 11,
    TRACK_EVENT_NAME = 23,
    TRACK_EVENT_FLOW = 47,
    TRACK_EVENT_LAST_FLOW = 48
};
enum { SLICE_BEGIN = 1, SLICE_END = 2, INSTANT = 3 };

/* Track identifiers: the interrupts' path, then one track for each pCPU's waits and one for each lock. */
enum { TRACK_PATH = 1, TRACK_WAITS = 1 << 16, TRACK_LOCKS = 1 << 17 };

/* --- messages --- */

enum { EVENT_BYTES = 256, OUT_BYTES = 1 << 16 };

/* The time as a varint; room for 16 bytes. */
static inline uint8_t *put_stamp(struct perfetto_stamp *stamp, uint8_t *to, uint64_t ns)
{
    uint64_t upper = ns >> 14;

    if (__builtin_expect(upper != stamp->upper || upper == 0, false)) {
        if (upper == 0)
            return varint(to, ns);
        stamp->upper = upper;
        stamp->count = (uint32_t)(varint(stamp->bytes, upper) - stamp->bytes);
    }
    to[0] = (uint8_t)(ns | 0x80);
    to[1] = (uint8_t)(ns >> 7 | 0x80);
    memcpy(to + 2, stamp->bytes, sizeof stamp->bytes);
    return to + 2 + stamp->count;
}

static void flush(struct perfetto_writer *writer)
{
    output_write(writer->output, writer->out.data, writer->out.count);
    writer->out.count = 0;
}

/* What ends every packet. */
static const uint8_t sequence[2] = { PACKET_SEQUENCE << 3 | WIRE_VARINT, SEQUENCE };

/* The packet ends before `end`. */
static inline void packet_put(struct perfetto_writer *writer, const uint8_t *end)
{
    bytes_end(&writer->out, end);
    if (writer->out.count >= OUT_BYTES)
        flush(writer);
}

static void put_packet(struct perfetto_writer *writer, const uint8_t *packet, size_t count)
{
    uint8_t *to = bytes_begin(&writer->out, count + sizeof sequence + NUMBER_BYTES);

    to = varint(varint(to, TRACE_PACKET << 3 | WIRE_BYTES), count + sizeof sequence);
    packet_put(writer, encode_bytes(encode_bytes(to, packet, count), sequence, sizeof sequence));
}

/* --- the kernel's events: scheduling, interrupts, softirqs --- */

/* Appends the events of the pCPU as one packet. */
static void flush_cpu(struct perfetto_writer *writer, uint32_t cpu)
{
    struct bytes *events = &writer->cpus[cpu].events;
    size_t bundle = number_bytes(BUNDLE_CPU, cpu) + events->count;
    size_t packet = number_bytes(PACKET_FTRACE, bundle) + bundle + sizeof sequence;

    if (events->count == 0)
        return;
    uint8_t *to = bytes_begin(&writer->out, packet + NUMBER_BYTES);
    to = varint(varint(to, TRACE_PACKET << 3 | WIRE_BYTES), packet);
    to = varint(varint(to, PACKET_FTRACE << 3 | WIRE_BYTES), bundle);
    to = encode_bytes(number(to, BUNDLE_CPU, cpu), events->data, events->count);
    events->count = 0;
    packet_put(writer, encode_bytes(to, sequence, sizeof sequence));
}

/* `details` has at most EVENT_BYTES. */
static void put_ftrace(struct perfetto_writer *writer, uint32_t cpu, cycles when, int32_t pid, uint32_t field,
                       const uint8_t *details, const uint8_t *end)
{
    struct bytes *events = &writer->cpus[cpu].events;
    size_t count = (size_t)(end - details);
    uint8_t *to = bytes_begin(events, EVENT_BYTES + 6 * NUMBER_BYTES);
    uint64_t ns = task_clock_ns(&writer->clock, when);
    size_t event =
        number_bytes(EVENT_TIMESTAMP, ns) + number_bytes(EVENT_PID, (uint32_t)pid) + number_bytes(field, count) + count;

    to = varint(varint(to, BUNDLE_EVENT << 3 | WIRE_BYTES), event);
    to = number(number(to, EVENT_TIMESTAMP, ns), EVENT_PID, (uint32_t)pid);
    bytes_end(events, blob(to, field, details, count));
    writer->ftrace_events++;
    if (events->count >= BUNDLE_BYTES)
        flush_cpu(writer, cpu);
}

static void put_task_event(struct perfetto_writer *writer, const struct trace_record *record,
                           const struct task_event *event)
{
    const struct task_row from = *task_row(&writer->tasks, event->from), *task = task_row(&writer->tasks, event->to);
    uint8_t details[EVENT_BYTES], *to = details;

    if (event->kind == TASK_SWITCH) {
        to = number(perfetto_task_text(to, 1, &from), 2, (uint32_t)from.pid);
        to = number(to, 3, PRIORITY);
        to = number(to, 4, event->from_state);
        to = number(perfetto_task_text(to, 5, task), 6, (uint32_t)task->pid);
        to = number(to, 7, PRIORITY);
    } else {
        to = number(perfetto_task_text(to, 1, task), 2, (uint32_t)task->pid);
        to = number(to, 3, PRIORITY);
        to = number(to, 4, 1);
        to = number(to, 5, event->cpu);
    }
    put_ftrace(writer, event->cpu, record->time, from.pid, event->kind == TASK_SWITCH ? EVENT_SWITCH : EVENT_WAKING,
               details, to);
}

/* The details of an interrupt's event. A host's interrupt has its number and name; others have their vector. */
static uint8_t *interrupt_details(const struct perfetto_writer *writer, const struct trace_record *record, uint8_t *to)
{
    uint32_t irq = trace_world_irq(writer->world, record->cpu, record->a);
    char name[16];

    to = number(to, 1, irq != TRACE_NO_IRQ ? irq : record->a);
    if (record->kind == TRACE_IRQ_EXIT)
        return number(to, 2, 1);
    if (irq != TRACE_NO_IRQ)
        return text(to, 2, writer->world->irq_names[irq]);
    task_vector_name(record->a, name);
    return text(to, 2, name);
}

static void make_mark(const struct perfetto_writer *writer, const struct trace_record *record, uint32_t field,
                      struct perfetto_mark *mark)
{
    bool is_irq = record->kind == TRACE_IRQ_ENTRY || record->kind == TRACE_IRQ_EXIT;
    uint8_t details[EVENT_BYTES], bytes[EVENT_BYTES + 3 * NUMBER_BYTES];
    const uint8_t *end = is_irq ? interrupt_details(writer, record, details) : number(details, 1, record->a);
    int32_t pid = writer->cpus[record->cpu].pid;
    const uint8_t *to = blob(number(bytes, EVENT_PID, (uint32_t)pid), field, details, (size_t)(end - details));

    *mark = (struct perfetto_mark){ .is_known = true, .number = record->a, .pid = pid };
    mark->count = (uint32_t)(to - bytes);
    CHECK(mark->count <= PERFETTO_MARK_BYTES);
    memcpy(mark->bytes, bytes, mark->count);
}

/* An interrupt or softirq; `number` is that of its kind of mark. Lengths take one byte each. */
static inline __attribute__((always_inline)) void
put_mark(struct perfetto_writer *writer, const struct trace_record *record, uint32_t number, uint32_t field)
{
    struct perfetto_cpu *cpu = &writer->cpus[record->cpu];
    struct perfetto_mark *mark = &cpu->marks[number];
    uint64_t ns = task_clock_ns(&writer->clock, record->time);

    if (__builtin_expect(!mark->is_known || mark->number != record->a || mark->pid != cpu->pid, false))
        make_mark(writer, record, field, mark);
    uint8_t *begin = bytes_begin(&cpu->events, PERFETTO_MARK_BYTES + 2 * NUMBER_BYTES);
    begin[0] = BUNDLE_EVENT << 3 | WIRE_BYTES;
    begin[2] = EVENT_TIMESTAMP << 3 | WIRE_VARINT;
    uint8_t *to = put_stamp(&writer->stamp, begin + 3, ns);
    memcpy(to, mark->bytes, PERFETTO_MARK_BYTES);
    to += mark->count;
    begin[1] = (uint8_t)(to - begin - 2);
    CHECK(to - begin - 2 <= 0x7f);
    bytes_end(&cpu->events, to);
    writer->ftrace_events++;
    if (cpu->events.count >= BUNDLE_BYTES)
        flush_cpu(writer, record->cpu);
}

/* --- tracks --- */

static void put_track(struct perfetto_writer *writer, uint64_t track, const char *name)
{
    uint8_t descriptor[EVENT_BYTES], packet[EVENT_BYTES + NUMBER_BYTES];
    const uint8_t *end = text(number(descriptor, 1, track), 2, name);

    end = blob(packet, PACKET_TRACK, descriptor, (size_t)(end - descriptor));
    put_packet(writer, packet, (size_t)(end - packet));
}

/* The beginning of a track's event; `name`, which may be NULL, has less than TRACE_TEXT_BYTES. */
static uint8_t *event_begin(uint8_t *to, uint64_t track, uint32_t type, const char *name)
{
    to = number(number(to, TRACK_EVENT_TYPE, type), TRACK_EVENT_TRACK, track);
    return name != NULL ? text(to, TRACK_EVENT_NAME, name) : to;
}

/* The place of a track's event in its packet, of which the lengths are to follow: they take one byte each. */
static inline __attribute__((always_inline)) uint8_t *packet_begin(struct perfetto_writer *writer, cycles when)
{
    uint8_t *to = bytes_begin(&writer->out, EVENT_BYTES);

    to[0] = TRACE_PACKET << 3 | WIRE_BYTES;
    to[2] = PACKET_TIMESTAMP << 3 | WIRE_VARINT;
    to = put_stamp(&writer->stamp, to + 3, task_clock_ns(&writer->clock, when));
    *to = PACKET_TRACK_EVENT << 3 | WIRE_BYTES;
    return to + 2;
}

static inline __attribute__((always_inline)) void packet_end(struct perfetto_writer *writer, uint8_t *event,
                                                             uint8_t *end)
{
    uint8_t *packet = writer->out.data + writer->out.count;

    event[-1] = (uint8_t)(end - event);
    end = encode_bytes(end, sequence, sizeof sequence);
    packet[1] = (uint8_t)(end - packet - 2);
    CHECK(end - packet - 2 <= 0x7f);
    writer->track_events++;
    packet_put(writer, end);
}

static void put_track_event(struct perfetto_writer *writer, cycles when, uint64_t track, uint32_t type,
                            const char *name)
{
    uint8_t *event = packet_begin(writer, when);

    packet_end(writer, event, event_begin(event, track, type, name));
}

static const char *lock_name(struct perfetto_writer *writer, uint32_t lock)
{
    struct perfetto_lock *row = &writer->locks[lock];

    if (row->name[0] != '\0')
        return row->name;
    trace_lock_text(writer->world, lock, row->name);
    put_track(writer, TRACK_LOCKS + lock, row->name);
    return row->name;
}

static void put_lock(struct perfetto_writer *writer, const struct trace_record *record)
{
    struct perfetto_cpu *cpu = &writer->cpus[record->cpu];
    struct perfetto_lock *lock = &writer->locks[record->a];
    const char *name = lock_name(writer, record->a);

    if (record->kind == TRACE_LOCK_WAIT) {
        bool is_free = record->b == UINT32_MAX && lock->waiters == 0;
        if (is_free || cpu->wait_count == PERFETTO_NEST_MAX)
            return;
        put_track_event(writer, record->time, TRACK_WAITS + record->cpu, SLICE_BEGIN, name);
        cpu->waits[cpu->wait_count++] = record->a;
        lock->waiters++;
        return;
    }
    if (record->kind == TRACE_LOCK_ACQUIRE) {
        if (cpu->wait_count > 0 && cpu->waits[cpu->wait_count - 1] == record->a) {
            put_track_event(writer, record->time, TRACK_WAITS + record->cpu, SLICE_END, NULL);
            cpu->wait_count--;
            lock->waiters--;
        }
        put_track_event(writer, record->time, TRACK_LOCKS + record->a, SLICE_BEGIN, cpu->name);
    } else if (lock->is_held) {
        put_track_event(writer, record->time, TRACK_LOCKS + record->a, SLICE_END, NULL);
    }
    lock->is_held = record->kind == TRACE_LOCK_ACQUIRE;
}

static void make_step(struct perfetto_step *step, uint32_t cpu, uint32_t number)
{
    static const char *const names[PERFETTO_STEPS] = { "device raises", "do_IRQ", "virtual interrupt pending",
                                                       "injected", "guest handler" };

    step->count = (uint32_t)(event_begin(step->bytes, TRACK_PATH + cpu, INSTANT, names[number]) - step->bytes);
}

/* A step of an interrupt's path; `number` is that of its kind. */
static inline __attribute__((always_inline)) void
put_step(struct perfetto_writer *writer, const struct trace_record *record, cycles when, uint32_t number)
{
    struct perfetto_step *step = &writer->cpus[record->cpu].steps[number];

    if (writer->world->is_opening)
        return;
    if (__builtin_expect(step->count == 0, false))
        make_step(step, record->cpu, number);
    uint8_t *event = packet_begin(writer, when), *to = event;
    memcpy(to, step->bytes, PERFETTO_STEP_BYTES);
    to += step->count;
    if (record->flow != 0)
        to = fixed(to, number == STEP_HANDLER ? TRACK_EVENT_LAST_FLOW : TRACK_EVENT_FLOW, record->flow);
    packet_end(writer, event, to);
}

static void put_dropped(struct perfetto_writer *writer, const struct trace_record *record)
{
    char name[64];

    snprintf(name, sizeof name, "%u records dropped", record->a);
    put_track_event(writer, record->time, TRACK_PATH + record->cpu, INSTANT, name);
}

static void put_state(struct perfetto_writer *writer, const struct trace_record *record)
{
    struct task_event event;

    if (!task_view_follow(&writer->view, record, &event))
        return;
    put_task_event(writer, record, &event);
    if (event.kind == TASK_SWITCH)
        writer->cpus[event.cpu].pid = task_row(&writer->tasks, event.to)->pid;
}

static void write_record(struct perfetto_writer *writer, const struct trace_record *record)
{
    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        put_state(writer, record);
        break;
    case TRACE_IRQ_ENTRY:
        put_mark(writer, record, MARK_IRQ_ENTRY, EVENT_IRQ_ENTRY);
        break;
    case TRACE_IRQ_EXIT:
        put_mark(writer, record, MARK_IRQ_EXIT, EVENT_IRQ_EXIT);
        break;
    case TRACE_SOFTIRQ_RAISE:
        put_mark(writer, record, MARK_SOFTIRQ_RAISE, EVENT_SOFTIRQ_RAISE);
        break;
    case TRACE_SOFTIRQ_ENTRY:
        put_mark(writer, record, MARK_SOFTIRQ_ENTRY, EVENT_SOFTIRQ_ENTRY);
        break;
    case TRACE_SOFTIRQ_EXIT:
        put_mark(writer, record, MARK_SOFTIRQ_EXIT, EVENT_SOFTIRQ_EXIT);
        break;
    case TRACE_LOCK_WAIT:
    case TRACE_LOCK_ACQUIRE:
    case TRACE_LOCK_RELEASE:
        put_lock(writer, record);
        break;
    case TRACE_RAISE:
        put_step(writer, record, record->b, STEP_RAISE);
        break;
    case TRACE_DO_IRQ:
        put_step(writer, record, record->time, STEP_DO_IRQ);
        break;
    case TRACE_PEND:
        put_step(writer, record, record->time, STEP_PEND);
        break;
    case TRACE_INJECT:
        put_step(writer, record, record->time, STEP_INJECT);
        break;
    case TRACE_HANDLER:
        put_step(writer, record, record->time, STEP_HANDLER);
        break;
    case TRACE_DROPPED:
        put_dropped(writer, record);
        break;
    default:
        break;
    }
}

/* --- the sink --- */

static const uint64_t written_kinds = TRACE_KIND(VCPU) | TRACE_KIND(RUNSTATE) | TRACE_KIND(IRQ_ENTRY) |
                                      TRACE_KIND(IRQ_EXIT) | TRACE_KIND(SOFTIRQ_RAISE) | TRACE_KIND(SOFTIRQ_ENTRY) |
                                      TRACE_KIND(SOFTIRQ_EXIT) | TRACE_KIND(LOCK_WAIT) | TRACE_KIND(LOCK_ACQUIRE) |
                                      TRACE_KIND(LOCK_RELEASE) | TRACE_KIND(RAISE) | TRACE_KIND(DO_IRQ) |
                                      TRACE_KIND(PEND) | TRACE_KIND(INJECT) | TRACE_KIND(HANDLER) | TRACE_KIND(DROPPED);

static bool writer_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct perfetto_writer *writer = (struct perfetto_writer *)sink;
    char name[64];

    if (world->cpu_count > PERFETTO_CPUS_MAX) {
        snprintf(
            message, message_bytes,
            "the machine has %u pCPUs; Perfetto reads the events of at most %d (the format .dat has no such limit)",
            world->cpu_count, PERFETTO_CPUS_MAX);
        return false;
    }
    writer->world = world;
    writer->cpu_count = world->cpu_count;
    task_view_init(&writer->view, world->cpu_count);
    task_table_init(&writer->tasks, world);
    task_clock_init(&writer->clock, world->frequency_hz);
    writer->cpus = calloc(world->cpu_count, sizeof *writer->cpus);
    writer->locks = calloc(world->trace->lock_count + 1, sizeof *writer->locks);
    CHECK(writer->cpus != NULL && writer->locks != NULL);
    struct bytes processes = { 0 };
    perfetto_put_processes(&processes, &writer->tasks);
    put_packet(writer, processes.data, processes.count);
    bytes_free(&processes);
    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++) {
        snprintf(writer->cpus[cpu].name, sizeof writer->cpus[cpu].name, "cpu%u", cpu);
        snprintf(name, sizeof name, "cpu%u interrupt path", cpu);
        put_track(writer, TRACK_PATH + cpu, name);
        snprintf(name, sizeof name, "cpu%u waits for a lock", cpu);
        put_track(writer, TRACK_WAITS + cpu, name);
    }
    return true;
}

static void writer_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_record((struct perfetto_writer *)sink, &records[i]);
}

static void writer_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct perfetto_writer *writer = (struct perfetto_writer *)sink;

    (void)machine, (void)now;
    for (uint32_t cpu = 0; cpu < writer->cpu_count; cpu++)
        flush_cpu(writer, cpu);
    flush(writer);
}

void perfetto_writer_init(struct perfetto_writer *writer, struct output *output)
{
    *writer = (struct perfetto_writer){ .sink = { written_kinds, writer_begin, writer_records, writer_end },
                                        .output = output };
}

void perfetto_writer_free(struct perfetto_writer *writer)
{
    if (writer->cpus == NULL)
        return;
    for (uint32_t cpu = 0; cpu < writer->cpu_count; cpu++)
        bytes_free(&writer->cpus[cpu].events);
    free(writer->cpus);
    free(writer->locks);
    bytes_free(&writer->out);
    task_table_free(&writer->tasks);
    task_view_free(&writer->view);
}
