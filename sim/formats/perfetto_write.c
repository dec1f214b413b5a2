/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodes Perfetto's packets by hand. A message's fields are collected first, then prefixed with their length. That and
 * varints are all a writer needs of protocol buffers, and take less code than calls to a library.
 */
#include "formats/perfetto.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/perfetto_wire.h"

enum { BUNDLE_BYTES = 1 << 14, SEQUENCE = 1, SEQUENCE_CLEARED = 1, PRIORITY = 120 };

/* Field numbers from perfetto.proto. */
enum { TRACE_PACKET = 1 };
enum {
    PACKET_FTRACE = 1,
    PACKET_PROCESSES = 2,
    PACKET_TIMESTAMP = 8,
    PACKET_SEQUENCE = 10,
    PACKET_TRACK_EVENT = 11,
    PACKET_SEQUENCE_FLAGS = 13,
    PACKET_TRACK = 60
};
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

static uint8_t *task_text(uint8_t *to, uint32_t field, const struct task_row *task)
{
    return blob(to, field, task->name, task->name_bytes);
}

/* Appends a field whose contents may be long. */
static void put_bytes(struct bytes *to, uint32_t field, const void *data, size_t count)
{
    bytes_end(to, blob(bytes_begin(to, count + NUMBER_BYTES), field, data, count));
}

/* Appends the message to `to` as a field, and empties it. */
static void put_message(struct bytes *to, uint32_t field, struct bytes *message)
{
    put_bytes(to, field, message->data, message->count);
    bytes_free(message);
}

static void flush(struct perfetto_writer *writer)
{
    output_write(writer->output, writer->out.data, writer->out.count);
    writer->out.count = 0;
}

/* What ends every packet. */
static const uint8_t sequence[2] = { PACKET_SEQUENCE << 3 | WIRE_VARINT, SEQUENCE };

static void put_packet(struct perfetto_writer *writer, const uint8_t *packet, size_t count)
{
    uint8_t *to = bytes_begin(&writer->out, count + sizeof sequence + NUMBER_BYTES);

    to = varint(varint(to, TRACE_PACKET << 3 | WIRE_BYTES), count + sizeof sequence);
    to = encode_bytes(encode_bytes(to, packet, count), sequence, sizeof sequence);
    bytes_end(&writer->out, to);
    if (writer->out.count >= OUT_BYTES)
        flush(writer);
}

/* --- the kernel's events: scheduling, interrupts, softirqs --- */

static void flush_cpu(struct perfetto_writer *writer, uint32_t cpu)
{
    struct bytes *events = &writer->cpus[cpu].events, bundle = { 0 }, packet = { 0 };

    if (events->count == 0)
        return;
    bytes_end(&bundle, number(bytes_begin(&bundle, events->count + NUMBER_BYTES), BUNDLE_CPU, cpu));
    bytes_put(&bundle, events->data, events->count);
    events->count = 0;
    put_message(&packet, PACKET_FTRACE, &bundle);
    put_packet(writer, packet.data, packet.count);
    bytes_free(&packet);
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
        to = number(task_text(to, 1, &from), 2, (uint32_t)from.pid);
        to = number(to, 3, PRIORITY);
        to = number(to, 4, event->from_state);
        to = number(task_text(to, 5, task), 6, (uint32_t)task->pid);
        to = number(to, 7, PRIORITY);
    } else {
        to = number(task_text(to, 1, task), 2, (uint32_t)task->pid);
        to = number(to, 3, PRIORITY);
        to = number(to, 4, 1);
        to = number(to, 5, event->cpu);
    }
    put_ftrace(writer, event->cpu, record->time, from.pid, event->kind == TASK_SWITCH ? EVENT_SWITCH : EVENT_WAKING,
               details, to);
}

static int32_t current_pid(struct perfetto_writer *writer, uint32_t cpu)
{
    return task_row(&writer->tasks, writer->view.current[cpu])->pid;
}

/* A host's interrupt has its number and name; others have their vector. */
static void put_interrupt(struct perfetto_writer *writer, const struct trace_record *record)
{
    uint32_t irq = trace_world_irq(writer->world, record->cpu, record->a);
    uint8_t details[EVENT_BYTES], *to = number(details, 1, irq != TRACE_NO_IRQ ? irq : record->a);
    char name[16];

    if (record->kind == TRACE_IRQ_EXIT) {
        to = number(to, 2, 1);
    } else if (irq != TRACE_NO_IRQ) {
        to = text(to, 2, writer->world->irq_names[irq]);
    } else {
        task_vector_name(record->a, name);
        to = text(to, 2, name);
    }
    put_ftrace(writer, record->cpu, record->time, current_pid(writer, record->cpu),
               record->kind == TRACE_IRQ_ENTRY ? EVENT_IRQ_ENTRY : EVENT_IRQ_EXIT, details, to);
}

static void put_softirq(struct perfetto_writer *writer, const struct trace_record *record)
{
    static const uint32_t fields[] = { EVENT_SOFTIRQ_RAISE, EVENT_SOFTIRQ_ENTRY, EVENT_SOFTIRQ_EXIT };
    uint8_t details[NUMBER_BYTES];

    put_ftrace(writer, record->cpu, record->time, current_pid(writer, record->cpu),
               fields[record->kind - TRACE_SOFTIRQ_RAISE], details, number(details, 1, record->a));
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
static uint8_t *packet_begin(struct perfetto_writer *writer, cycles when)
{
    uint8_t *to = bytes_begin(&writer->out, EVENT_BYTES);

    *to = TRACE_PACKET << 3 | WIRE_BYTES;
    to = number(to + 2, PACKET_TIMESTAMP, task_clock_ns(&writer->clock, when));
    *to = PACKET_TRACK_EVENT << 3 | WIRE_BYTES;
    return to + 2;
}

static void packet_end(struct perfetto_writer *writer, uint8_t *event, uint8_t *end)
{
    uint8_t *packet = writer->out.data + writer->out.count;

    event[-1] = (uint8_t)(end - event);
    end = encode_bytes(end, sequence, sizeof sequence);
    packet[1] = (uint8_t)(end - packet - 2);
    CHECK(end - packet - 2 <= 0x7f);
    bytes_end(&writer->out, end);
    writer->track_events++;
    if (writer->out.count >= OUT_BYTES)
        flush(writer);
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

static const struct perfetto_step *step_of(struct perfetto_writer *writer, const struct trace_record *record)
{
    static const char *const names[PERFETTO_STEPS] = { "device raises", "do_IRQ", "virtual interrupt pending",
                                                       "injected", "guest handler" };
    uint32_t number = record->kind == TRACE_RAISE    ? 0
                      : record->kind == TRACE_DO_IRQ ? 1
                      : record->kind == TRACE_PEND   ? 2
                      : record->kind == TRACE_INJECT ? 3
                                                     : 4;
    struct perfetto_step *step = &writer->cpus[record->cpu].steps[number];

    if (step->count == 0)
        step->count =
            (uint32_t)(event_begin(step->bytes, TRACK_PATH + record->cpu, INSTANT, names[number]) - step->bytes);
    return step;
}

static void put_step(struct perfetto_writer *writer, const struct trace_record *record)
{
    const struct perfetto_step *step = step_of(writer, record);
    uint8_t *event = packet_begin(writer, record->kind == TRACE_RAISE ? record->b : record->time), *to = event;

    memcpy(to, step->bytes, PERFETTO_STEP_BYTES);
    to += step->count;
    if (record->flow != 0)
        to = fixed(to, record->kind == TRACE_HANDLER ? TRACK_EVENT_LAST_FLOW : TRACK_EVENT_FLOW, record->flow);
    packet_end(writer, event, to);
}

static void put_dropped(struct perfetto_writer *writer, const struct trace_record *record)
{
    char name[64];

    snprintf(name, sizeof name, "%u records dropped", record->a);
    put_track_event(writer, record->time, TRACK_PATH + record->cpu, INSTANT, name);
}

static void write_record(struct perfetto_writer *writer, const struct trace_record *record)
{
    struct task_event event;

    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        if (task_view_follow(&writer->view, record, &event))
            put_task_event(writer, record, &event);
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
    case TRACE_LOCK_WAIT:
    case TRACE_LOCK_ACQUIRE:
    case TRACE_LOCK_RELEASE:
        put_lock(writer, record);
        break;
    case TRACE_RAISE:
    case TRACE_DO_IRQ:
    case TRACE_PEND:
    case TRACE_INJECT:
    case TRACE_HANDLER:
        if (!writer->world->is_opening)
            put_step(writer, record);
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

static void put_process(struct bytes *tree, uint32_t who, const char *name)
{
    struct bytes process = { 0 };
    uint8_t pid[NUMBER_BYTES];

    bytes_put(&process, pid, (size_t)(number(pid, 1, (uint32_t)task_pid(who)) - pid));
    put_bytes(&process, 3, name, strlen(name));
    put_message(tree, 1, &process);
}

static void put_thread(struct bytes *tree, const struct task_row *task, uint32_t leader)
{
    uint8_t thread[EVENT_BYTES], *to = number(thread, 1, (uint32_t)task->pid);

    to = number(task_text(to, 2, task), 3, (uint32_t)task_pid(leader));
    put_bytes(tree, 2, thread, (size_t)(to - thread));
}

/* A guest is a process; each of the host's other threads is one, as kernel threads are. */
static void put_processes(struct perfetto_writer *writer)
{
    const struct trace_world *world = writer->world;
    struct bytes tree = { 0 }, packet = { 0 };
    uint8_t flags[NUMBER_BYTES];

    for (uint32_t d = 0; d < world->domain_count; d++) {
        put_process(&tree, trace_who(d, 0), world->domains[d].name);
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            put_thread(&tree, task_row(&writer->tasks, trace_who(d, v)), trace_who(d, 0));
    }
    for (uint32_t i = 0; i < world->thread_count; i++) {
        put_process(&tree, trace_who(TRACE_THREADS, i), world->threads[i].name);
        put_thread(&tree, task_row(&writer->tasks, trace_who(TRACE_THREADS, i)), trace_who(TRACE_THREADS, i));
    }
    put_message(&packet, PACKET_PROCESSES, &tree);
    bytes_put(&packet, flags, (size_t)(number(flags, PACKET_SEQUENCE_FLAGS, SEQUENCE_CLEARED) - flags));
    put_packet(writer, packet.data, packet.count);
    bytes_free(&packet);
}

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
    put_processes(writer);
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
