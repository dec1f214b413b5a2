/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodes Perfetto's packets by hand. A message's fields are collected first, then prefixed with their length. That and
 * varints are all a writer needs of protocol buffers, and take less code than calls to a library.
 */
#include "formats/perfetto.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

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

/* --- wire format --- */

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };

static void put_varint(struct bytes *to, uint64_t value)
{
    uint8_t encoded[10];
    size_t count = 0;

    do {
        encoded[count++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    bytes_put(to, encoded, count);
}

static void put_number(struct bytes *to, uint32_t field, uint64_t value)
{
    put_varint(to, field << 3 | WIRE_VARINT);
    put_varint(to, value);
}

static void put_fixed(struct bytes *to, uint32_t field, uint64_t value)
{
    put_varint(to, field << 3 | WIRE_FIXED64);
    bytes_put_u64(to, value);
}

static void put_bytes(struct bytes *to, uint32_t field, const void *data, size_t count)
{
    put_varint(to, field << 3 | WIRE_BYTES);
    put_varint(to, count);
    bytes_put(to, data, count);
}

static void put_text(struct bytes *to, uint32_t field, const char *text) { put_bytes(to, field, text, strlen(text)); }

/* Appends the message to `to` as a field, and empties it. */
static void put_message(struct bytes *to, uint32_t field, struct bytes *message)
{
    put_bytes(to, field, message->data, message->count);
    bytes_free(message);
}

static void put_packet(struct perfetto_writer *writer, struct bytes *packet)
{
    struct bytes framed = { 0 };

    put_number(packet, PACKET_SEQUENCE, SEQUENCE);
    put_message(&framed, TRACE_PACKET, packet);
    output_write(writer->output, framed.data, framed.count);
    bytes_free(&framed);
}

/* --- the kernel's events: scheduling, interrupts, softirqs --- */

static void flush_cpu(struct perfetto_writer *writer, uint32_t cpu)
{
    struct bytes *events = &writer->cpus[cpu].events, bundle = { 0 }, packet = { 0 };

    if (events->count == 0)
        return;
    put_number(&bundle, BUNDLE_CPU, cpu);
    bytes_put(&bundle, events->data, events->count);
    events->count = 0;
    put_message(&packet, PACKET_FTRACE, &bundle);
    put_packet(writer, &packet);
}

static void put_ftrace(struct perfetto_writer *writer, uint32_t cpu, cycles when, int32_t pid, uint32_t field,
                       struct bytes *details)
{
    struct bytes event = { 0 };

    put_number(&event, EVENT_TIMESTAMP, cycles_to_ns(when, writer->world->frequency_hz));
    put_number(&event, EVENT_PID, (uint32_t)pid);
    put_message(&event, field, details);
    put_message(&writer->cpus[cpu].events, BUNDLE_EVENT, &event);
    writer->ftrace_events++;
    if (writer->cpus[cpu].events.count >= BUNDLE_BYTES)
        flush_cpu(writer, cpu);
}

static void put_task_event(struct perfetto_writer *writer, const struct trace_record *record,
                           const struct task_event *event)
{
    struct bytes details = { 0 };
    char name[TASK_NAME_BYTES];

    if (event->kind == TASK_SWITCH) {
        put_text(&details, 1, task_name(writer->world, event->from, name));
        put_number(&details, 2, (uint32_t)task_pid(event->from));
        put_number(&details, 3, PRIORITY);
        put_number(&details, 4, event->from_state);
        put_text(&details, 5, task_name(writer->world, event->to, name));
        put_number(&details, 6, (uint32_t)task_pid(event->to));
        put_number(&details, 7, PRIORITY);
    } else {
        put_text(&details, 1, task_name(writer->world, event->to, name));
        put_number(&details, 2, (uint32_t)task_pid(event->to));
        put_number(&details, 3, PRIORITY);
        put_number(&details, 4, 1);
        put_number(&details, 5, event->cpu);
    }
    put_ftrace(writer, event->cpu, record->time, task_pid(event->from),
               event->kind == TASK_SWITCH ? EVENT_SWITCH : EVENT_WAKING, &details);
}

static void put_interrupt(struct perfetto_writer *writer, const struct trace_record *record)
{
    struct bytes details = { 0 };
    char name[16];

    put_number(&details, 1, record->a);
    if (record->kind == TRACE_IRQ_ENTRY) {
        snprintf(name, sizeof name, "vector-%02x", record->a);
        put_text(&details, 2, name);
    } else {
        put_number(&details, 2, 1);
    }
    put_ftrace(writer, record->cpu, record->time, task_pid(writer->view.current[record->cpu]),
               record->kind == TRACE_IRQ_ENTRY ? EVENT_IRQ_ENTRY : EVENT_IRQ_EXIT, &details);
}

static void put_softirq(struct perfetto_writer *writer, const struct trace_record *record)
{
    static const uint32_t fields[] = { EVENT_SOFTIRQ_RAISE, EVENT_SOFTIRQ_ENTRY, EVENT_SOFTIRQ_EXIT };
    struct bytes details = { 0 };

    put_number(&details, 1, record->a);
    put_ftrace(writer, record->cpu, record->time, task_pid(writer->view.current[record->cpu]),
               fields[record->kind - TRACE_SOFTIRQ_RAISE], &details);
}

/* --- tracks --- */

static void put_track(struct perfetto_writer *writer, uint64_t track, const char *name)
{
    struct bytes descriptor = { 0 }, packet = { 0 };

    put_number(&descriptor, 1, track);
    put_text(&descriptor, 2, name);
    put_message(&packet, PACKET_TRACK, &descriptor);
    put_packet(writer, &packet);
}

static void put_track_event(struct perfetto_writer *writer, cycles when, uint64_t track, uint32_t type,
                            const char *name, uint32_t flow, bool is_last)
{
    struct bytes event = { 0 }, packet = { 0 };

    put_number(&event, TRACK_EVENT_TYPE, type);
    put_number(&event, TRACK_EVENT_TRACK, track);
    if (name != NULL)
        put_text(&event, TRACK_EVENT_NAME, name);
    if (flow != 0)
        put_fixed(&event, is_last ? TRACK_EVENT_LAST_FLOW : TRACK_EVENT_FLOW, flow);
    put_number(&packet, PACKET_TIMESTAMP, cycles_to_ns(when, writer->world->frequency_hz));
    put_message(&packet, PACKET_TRACK_EVENT, &event);
    put_packet(writer, &packet);
    writer->track_events++;
}

static void put_lock(struct perfetto_writer *writer, const struct trace_record *record)
{
    struct perfetto_cpu *cpu = &writer->cpus[record->cpu];
    uint32_t lock = record->a;
    char name[TRACE_TEXT_BYTES];

    trace_lock_text(writer->world, lock, name);
    if (!writer->lock_seen[lock])
        put_track(writer, TRACK_LOCKS + lock, name);
    writer->lock_seen[lock] = 1;
    if (record->kind == TRACE_LOCK_WAIT) {
        bool is_free = record->b == UINT32_MAX && writer->lock_waiters[lock] == 0;
        if (is_free || cpu->wait_count == PERFETTO_NEST_MAX)
            return;
        put_track_event(writer, record->time, TRACK_WAITS + record->cpu, SLICE_BEGIN, name, 0, false);
        cpu->waits[cpu->wait_count++] = lock;
        writer->lock_waiters[lock]++;
        return;
    }
    if (record->kind == TRACE_LOCK_ACQUIRE) {
        if (cpu->wait_count > 0 && cpu->waits[cpu->wait_count - 1] == lock) {
            put_track_event(writer, record->time, TRACK_WAITS + record->cpu, SLICE_END, NULL, 0, false);
            cpu->wait_count--;
            writer->lock_waiters[lock]--;
        }
        snprintf(name, sizeof name, "cpu%u", record->cpu);
        put_track_event(writer, record->time, TRACK_LOCKS + lock, SLICE_BEGIN, name, 0, false);
    } else if (writer->lock_held[lock]) {
        put_track_event(writer, record->time, TRACK_LOCKS + lock, SLICE_END, NULL, 0, false);
    }
    writer->lock_held[lock] = record->kind == TRACE_LOCK_ACQUIRE;
}

static void put_step(struct perfetto_writer *writer, const struct trace_record *record)
{
    const char *name = record->kind == TRACE_RAISE    ? "device raises"
                       : record->kind == TRACE_DO_IRQ ? "do_IRQ"
                       : record->kind == TRACE_PEND   ? "virtual interrupt pending"
                       : record->kind == TRACE_INJECT ? "injected"
                                                      : "guest handler";
    cycles when = record->kind == TRACE_RAISE ? record->b : record->time;

    put_track_event(writer, when, TRACK_PATH + record->cpu, INSTANT, name, record->flow, record->kind == TRACE_HANDLER);
}

static void put_dropped(struct perfetto_writer *writer, const struct trace_record *record)
{
    char name[64];

    snprintf(name, sizeof name, "%u records dropped", record->a);
    put_track_event(writer, record->time, TRACK_PATH + record->cpu, INSTANT, name, 0, false);
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

static void put_processes(struct perfetto_writer *writer)
{
    const struct trace_world *world = writer->world;
    struct bytes tree = { 0 }, packet = { 0 };
    char name[TASK_NAME_BYTES];

    for (uint32_t d = 0; d < world->domain_count; d++) {
        struct bytes process = { 0 };
        put_number(&process, 1, (uint32_t)task_pid(trace_who(d, 0)));
        put_text(&process, 3, world->domains[d].name);
        put_message(&tree, 1, &process);
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++) {
            struct bytes thread = { 0 };
            put_number(&thread, 1, (uint32_t)task_pid(trace_who(d, v)));
            put_text(&thread, 2, task_name(world, trace_who(d, v), name));
            put_number(&thread, 3, (uint32_t)task_pid(trace_who(d, 0)));
            put_message(&tree, 2, &thread);
        }
    }
    put_message(&packet, PACKET_PROCESSES, &tree);
    put_number(&packet, PACKET_SEQUENCE_FLAGS, SEQUENCE_CLEARED);
    put_packet(writer, &packet);
}

static bool writer_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct perfetto_writer *writer = (struct perfetto_writer *)sink;
    char name[64];

    (void)message, (void)message_bytes;
    writer->world = world;
    writer->cpu_count = world->cpu_count;
    task_view_init(&writer->view, world->cpu_count);
    writer->cpus = calloc(world->cpu_count, sizeof *writer->cpus);
    writer->lock_seen = calloc(world->trace->lock_count + 1, 1);
    writer->lock_held = calloc(world->trace->lock_count + 1, 1);
    writer->lock_waiters = calloc(world->trace->lock_count + 1, sizeof *writer->lock_waiters);
    CHECK(writer->cpus != NULL && writer->lock_seen != NULL && writer->lock_held != NULL &&
          writer->lock_waiters != NULL);
    put_processes(writer);
    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++) {
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
}

void perfetto_writer_init(struct perfetto_writer *writer, struct output *output)
{
    *writer = (struct perfetto_writer){ .sink = { TRACE_ALL_KINDS, writer_begin, writer_records, writer_end },
                                        .output = output };
}

void perfetto_writer_free(struct perfetto_writer *writer)
{
    if (writer->cpus == NULL)
        return;
    for (uint32_t cpu = 0; cpu < writer->cpu_count; cpu++)
        bytes_free(&writer->cpus[cpu].events);
    free(writer->cpus);
    free(writer->lock_seen);
    free(writer->lock_held);
    free(writer->lock_waiters);
    task_view_free(&writer->view);
}
