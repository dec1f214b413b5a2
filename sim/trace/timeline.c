/* SPDX-License-Identifier: Apache-2.0
 *
 * An event is recorded when it ends. Those under way when the window ends, or is cut, end there.
 */
#define _GNU_SOURCE
#include "trace/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { NEST_MAX = 16, HOLDS_MAX = 16 };

static const char *const kind_names[TIMELINE_KINDS] = {
    [TIMELINE_HYPERVISOR] = "a vCPU is current, in the hypervisor",
    [TIMELINE_GUEST] = "in guest mode",
    [TIMELINE_IDLE] = "sleeps",
    [TIMELINE_HANDLER] = "the interrupt's handler",
    [TIMELINE_INTERRUPT] = "handles an interrupt",
    [TIMELINE_SOFTIRQ] = "runs a softirq",
    [TIMELINE_LOCK_WAIT] = "waits for a lock",
    [TIMELINE_LOCK_HELD] = "holds a lock",
    [TIMELINE_RAISE] = "a device's interrupt arrives",
    [TIMELINE_IPI] = "sends an IPI",
    [TIMELINE_PEND] = "a virtual interrupt is pending",
    [TIMELINE_INJECT] = "a virtual interrupt is injected",
    [TIMELINE_WAKE] = "wakes a vCPU",
    [TIMELINE_BLOCK] = "a vCPU blocks",
    [TIMELINE_RUNNING] = "running",
    [TIMELINE_RUNNABLE] = "runnable (steal)",
    [TIMELINE_BLOCKED] = "blocked",
    [TIMELINE_OFFLINE] = "offline",
};

/* Where the host's threads are, too. */
static const char *const thread_names[TIMELINE_KINDS] = {
    [TIMELINE_HYPERVISOR] = "a thread or vCPU is current",
    [TIMELINE_WAKE] = "wakes a thread or vCPU",
    [TIMELINE_BLOCK] = "a thread or vCPU blocks",
};

/* An event under way. */
struct open {
    cycles since;
    uint32_t text, lock;
    uint8_t kind;
    bool is_open;
};

struct timeline_lane {
    struct open state; /* of a pCPU: the current vCPU; of a vCPU: its runstate */
    struct open guest, idle, handler;
    struct open nest[NEST_MAX]; /* interrupts, softirqs and lock waits in each other */
    uint32_t nest_count;
    struct open holds[HOLDS_MAX];
    uint32_t hold_count;
};

/* --- events --- */

__attribute__((format(printf, 2, 3))) static uint32_t text_of(struct timeline *timeline, const char *format, ...)
{
    char text[2 * TRACE_TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const json_t *known = json_object_get(timeline->text_index, text);
    if (known != NULL)
        return (uint32_t)json_integer_value(known);
    uint32_t index = (uint32_t)json_array_size(timeline->texts);
    json_t *json = json_string(text);
    json_array_append_new(timeline->texts, json != NULL ? json : json_string("?"));
    json_object_set_new(timeline->text_index, text, json_integer(index));
    return index;
}

static void add(struct timeline *timeline, uint32_t lane, uint8_t kind, cycles from, cycles until, uint32_t text)
{
    cycles begin = from > timeline->from ? from : timeline->from;
    cycles end = until < timeline->until ? until : timeline->until;
    bool is_moment = kind >= TIMELINE_RAISE && kind <= TIMELINE_BLOCK;

    if (end < begin || (end == begin && !is_moment) || timeline->is_over)
        return;
    CHECK(timeline->event_count < TIMELINE_EVENTS_MAX);
    timeline->events[timeline->event_count++] =
        (struct timeline_event){ begin - timeline->from, end - begin, lane, text, kind };
}

static void begin(struct timeline *timeline, struct open *open, uint8_t kind, cycles now, uint32_t text)
{
    *open = (struct open){ .since = now, .text = text, .kind = kind, .is_open = true };
    timeline->open_count++;
}

static void end(struct timeline *timeline, uint32_t lane, struct open *open, cycles now)
{
    if (!open->is_open)
        return;
    add(timeline, lane, open->kind, open->since, now, open->text);
    open->is_open = false;
    timeline->open_count--;
}

static void lane_end(struct timeline *timeline, uint32_t number, cycles now)
{
    struct timeline_lane *lane = &timeline->lanes[number];

    while (lane->nest_count > 0)
        end(timeline, number, &lane->nest[--lane->nest_count], now);
    while (lane->hold_count > 0)
        end(timeline, number, &lane->holds[--lane->hold_count], now);
    end(timeline, number, &lane->guest, now);
    end(timeline, number, &lane->idle, now);
    end(timeline, number, &lane->handler, now);
    end(timeline, number, &lane->state, now);
}

static void finish(struct timeline *timeline, cycles now)
{
    if (timeline->is_over)
        return;
    if (now < timeline->until)
        timeline->until = now > timeline->from ? now : timeline->from;
    for (uint32_t lane = 0; lane < timeline->lane_count; lane++)
        lane_end(timeline, lane, timeline->until);
    timeline->is_over = true;
}

/* --- records --- */

static struct timeline_lane *lane_of(const struct timeline *timeline, const struct trace_record *record)
{
    return &timeline->lanes[record->cpu];
}

static void push(struct timeline *timeline, const struct trace_record *record, uint8_t kind, uint32_t text)
{
    struct timeline_lane *lane = lane_of(timeline, record);

    if (lane->nest_count == NEST_MAX)
        return;
    begin(timeline, &lane->nest[lane->nest_count], kind, record->time, text);
    lane->nest[lane->nest_count++].lock = record->a;
}

/* Ends the innermost event of this kind, and what it may have left open inside. */
static void pop(struct timeline *timeline, const struct trace_record *record, uint8_t kind)
{
    struct timeline_lane *lane = lane_of(timeline, record);
    uint32_t at = lane->nest_count;

    while (at > 0 && lane->nest[at - 1].kind != kind)
        at--;
    while (at > 0 && lane->nest_count >= at)
        end(timeline, record->cpu, &lane->nest[--lane->nest_count], record->time);
}

static void follow_lock(struct timeline *timeline, const struct trace_record *record)
{
    struct timeline_lane *lane = lane_of(timeline, record);
    char name[TRACE_TEXT_BYTES];

    trace_lock_text(timeline->world, record->a, name);
    if (record->kind == TRACE_LOCK_WAIT) {
        push(timeline, record, TIMELINE_LOCK_WAIT,
             record->b == UINT32_MAX
                 ? text_of(timeline, "%s, free when the wait began", name)
                 : text_of(timeline, "%s, held by cpu%" PRIu64 " when the wait began", name, record->b));
    } else if (record->kind == TRACE_LOCK_ACQUIRE) {
        if (lane->nest_count > 0 && lane->nest[lane->nest_count - 1].kind == TIMELINE_LOCK_WAIT)
            pop(timeline, record, TIMELINE_LOCK_WAIT);
        if (lane->hold_count == HOLDS_MAX)
            return;
        begin(timeline, &lane->holds[lane->hold_count], TIMELINE_LOCK_HELD, record->time,
              text_of(timeline, "%s", name));
        lane->holds[lane->hold_count++].lock = record->a;
    } else {
        for (uint32_t i = lane->hold_count; i > 0; i--) {
            if (lane->holds[i - 1].lock != record->a)
                continue;
            end(timeline, record->cpu, &lane->holds[i - 1], record->time);
            lane->holds[i - 1] = lane->holds[--lane->hold_count];
            return;
        }
    }
}

static void follow_current(struct timeline *timeline, const struct trace_record *record, bool was_running,
                           bool is_running)
{
    char name[TRACE_TEXT_BYTES];

    if (record->b >= timeline->cpu_count || was_running == is_running || trace_domain(record->who) == TRACE_IDLE_DOMAIN)
        return;
    struct open *state = &timeline->lanes[record->b].state;
    end(timeline, (uint32_t)record->b, state, record->time);
    if (is_running)
        begin(timeline, state, TIMELINE_HYPERVISOR, record->time,
              text_of(timeline, "%s", trace_who_text(timeline->world, record->who, name)));
}

static void follow_state(struct timeline *timeline, const struct trace_record *record)
{
    uint32_t vcpu = trace_world_vcpu(timeline->world, record->who);
    uint32_t before = record->kind == TRACE_VCPU ? 1 : record->a / 16, after = record->a % 16;

    follow_current(timeline, record, before == 0, after == 0);
    if (vcpu == UINT32_MAX)
        return;
    struct open *state = &timeline->lanes[timeline->cpu_count + vcpu].state;
    end(timeline, timeline->cpu_count + vcpu, state, record->time);
    if (after > TIMELINE_OFFLINE - TIMELINE_RUNNING)
        return; /* not known */
    begin(timeline, state, (uint8_t)(TIMELINE_RUNNING + after), record->time,
          text_of(timeline, "cpu%" PRIu64, record->b));
}

static void follow_guest(struct timeline *timeline, const struct trace_record *record)
{
    struct timeline_lane *lane = lane_of(timeline, record);
    char name[TRACE_TEXT_BYTES];

    switch (record->kind) {
    case TRACE_VMENTRY:
        end(timeline, record->cpu, &lane->guest, record->time);
        begin(timeline, &lane->guest, TIMELINE_GUEST, record->time,
              text_of(timeline, "%s", trace_who_text(timeline->world, record->who, name)));
        break;
    case TRACE_VMEXIT:
        end(timeline, record->cpu, &lane->guest, record->time);
        break;
    case TRACE_IDLE_ENTRY:
        end(timeline, record->cpu, &lane->idle, record->time);
        begin(timeline, &lane->idle, TIMELINE_IDLE, record->time, text_of(timeline, "%s", ""));
        break;
    case TRACE_IDLE_EXIT:
        end(timeline, record->cpu, &lane->idle, record->time);
        break;
    case TRACE_HANDLER:
        end(timeline, record->cpu, &lane->handler, record->time);
        begin(timeline, &lane->handler, TIMELINE_HANDLER, record->time,
              record->a == 0 ? text_of(timeline, "of an event channel")
                             : text_of(timeline, "of vector %02x", record->a));
        break;
    default:
        end(timeline, record->cpu, &lane->handler, record->time);
    }
}

static void follow_moment(struct timeline *timeline, const struct trace_record *record)
{
    char name[TRACE_TEXT_BYTES];
    const char *who = trace_who_text(timeline->world, record->who, name);
    uint8_t kind = record->kind == TRACE_RAISE    ? TIMELINE_RAISE
                   : record->kind == TRACE_IPI    ? TIMELINE_IPI
                   : record->kind == TRACE_PEND   ? TIMELINE_PEND
                   : record->kind == TRACE_INJECT ? TIMELINE_INJECT
                   : record->kind == TRACE_WAKE   ? TIMELINE_WAKE
                                                  : TIMELINE_BLOCK;

    if (record->time < timeline->from)
        return;
    uint32_t text = kind == TIMELINE_RAISE  ? text_of(timeline, "vector %02x, for %s", record->a % 256, who)
                    : kind == TIMELINE_IPI  ? text_of(timeline, "vector %02x to cpu%" PRIu64, record->a, record->b)
                    : kind >= TIMELINE_WAKE ? text_of(timeline, "%s", who)
                    : record->a == 0        ? text_of(timeline, "an event channel, for %s", who)
                                            : text_of(timeline, "vector %02x, for %s", record->a, who);
    add(timeline, record->cpu, kind, record->time, record->time, text);
}

static void follow(struct timeline *timeline, const struct trace_record *record)
{
    char name[TRACE_TEXT_BYTES];

    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        follow_state(timeline, record);
        break;
    case TRACE_IRQ_ENTRY:
        push(timeline, record, TIMELINE_INTERRUPT,
             text_of(timeline, "%s", trace_interrupt_text(timeline->world, record->a, name)));
        break;
    case TRACE_SOFTIRQ_ENTRY:
        push(timeline, record, TIMELINE_SOFTIRQ,
             text_of(timeline, "%s", trace_softirq_text(timeline->world, record->a, name)));
        break;
    case TRACE_IRQ_EXIT:
        pop(timeline, record, TIMELINE_INTERRUPT);
        break;
    case TRACE_SOFTIRQ_EXIT:
        pop(timeline, record, TIMELINE_SOFTIRQ);
        break;
    case TRACE_LOCK_WAIT:
    case TRACE_LOCK_ACQUIRE:
    case TRACE_LOCK_RELEASE:
        follow_lock(timeline, record);
        break;
    case TRACE_VMENTRY:
    case TRACE_VMEXIT:
    case TRACE_IDLE_ENTRY:
    case TRACE_IDLE_EXIT:
    case TRACE_HANDLER:
    case TRACE_HANDLER_END:
        follow_guest(timeline, record);
        break;
    case TRACE_RAISE:
    case TRACE_IPI:
    case TRACE_PEND:
    case TRACE_INJECT:
    case TRACE_WAKE:
    case TRACE_BLOCK:
        follow_moment(timeline, record);
        break;
    default:
        break;
    }
}

/* --- the sink --- */

static bool timeline_begin(struct trace_sink *sink, const struct trace_world *world, char *message,
                           size_t message_bytes)
{
    struct timeline *timeline = (struct timeline *)sink;
    char name[TRACE_TEXT_BYTES];
    bool is_whole = timeline->until_ns == 0;

    (void)message, (void)message_bytes;
    timeline->world = world;
    timeline->frequency_hz = world->frequency_hz;
    timeline->has_threads = world->thread_count > 0;
    timeline->from = is_whole ? world->measured_from : cycles_from_ns(timeline->from_ns, world->frequency_hz);
    timeline->until = is_whole ? world->end : cycles_from_ns(timeline->until_ns, world->frequency_hz);
    timeline->from_ns = cycles_to_ns(timeline->from, world->frequency_hz);
    timeline->until_ns = cycles_to_ns(timeline->until, world->frequency_hz);
    timeline->cpu_count = world->cpu_count;
    timeline->lane_count = world->cpu_count + world->vcpu_count;
    timeline->lanes = calloc(timeline->lane_count + 1, sizeof *timeline->lanes);
    CHECK(timeline->lanes != NULL);
    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++) {
        snprintf(name, sizeof name, "cpu%u", cpu);
        json_array_append_new(timeline->lane_names, json_string(name));
    }
    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            json_array_append_new(timeline->lane_names, json_string(trace_who_text(world, trace_who(d, v), name)));
    return true;
}

/* Of a record come at most as many events as its pCPU has under way, and each of these has room kept for it. */
static void timeline_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct timeline *timeline = (struct timeline *)sink;

    for (size_t i = 0; i < count && !timeline->is_over; i++) {
        if (records[i].time >= timeline->until) {
            finish(timeline, timeline->until);
        } else if (timeline->event_count + timeline->open_count + 2 > TIMELINE_EVENTS_MAX) {
            timeline->is_cut = true;
            finish(timeline, records[i].time);
        } else {
            follow(timeline, &records[i]);
        }
    }
}

static void timeline_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)machine;
    finish((struct timeline *)sink, now);
}

void timeline_init(struct timeline *timeline, uint64_t from_ns, uint64_t until_ns)
{
    *timeline = (struct timeline){ .sink = { TRACE_ALL_KINDS, timeline_begin, timeline_records, timeline_end },
                                   .from_ns = from_ns,
                                   .until_ns = until_ns };
    timeline->events = malloc(TIMELINE_EVENTS_MAX * sizeof *timeline->events);
    timeline->texts = json_array();
    timeline->text_index = json_object();
    timeline->lane_names = json_array();
    CHECK(timeline->events != NULL && timeline->texts != NULL && timeline->text_index != NULL &&
          timeline->lane_names != NULL);
}

void timeline_free(struct timeline *timeline)
{
    free(timeline->lanes);
    free(timeline->events);
    json_decref(timeline->texts);
    json_decref(timeline->text_index);
    json_decref(timeline->lane_names);
}

static int by_kind(const void *a, const void *b)
{
    const struct timeline_event *first = a, *second = b;

    if (first->kind != second->kind)
        return first->kind < second->kind ? -1 : 1;
    if (first->from != second->from)
        return first->from < second->from ? -1 : 1;
    if (first->lane != second->lane)
        return first->lane < second->lane ? -1 : 1;
    return first->length < second->length ? 1 : first->length > second->length ? -1 : 0;
}

json_t *timeline_json(struct timeline *timeline)
{
    json_t *kinds = json_array(), *events = json_array();

    for (uint32_t kind = 0; kind < TIMELINE_KINDS; kind++)
        json_array_append_new(
            kinds,
            json_string(timeline->has_threads && thread_names[kind] != NULL ? thread_names[kind] : kind_names[kind]));
    qsort(timeline->events, timeline->event_count, sizeof *timeline->events, by_kind);
    for (size_t i = 0; i < timeline->event_count; i++) {
        const struct timeline_event *event = &timeline->events[i];
        json_array_append_new(events, json_integer(event->lane));
        json_array_append_new(events, json_integer(event->kind));
        json_array_append_new(events, json_integer((json_int_t)event->from));
        json_array_append_new(events, json_integer((json_int_t)event->length));
        json_array_append_new(events, json_integer(event->text));
    }
    return json_pack("{s:I, s:I, s:I, s:b, s:I, s:I, s:O, s:o, s:O, s:o}", "from_ns", (json_int_t)timeline->from_ns,
                     "until_ns", (json_int_t)cycles_to_ns(timeline->until, timeline->frequency_hz), "wanted_until_ns",
                     (json_int_t)timeline->until_ns, "cut", timeline->is_cut, "frequency_hz",
                     (json_int_t)timeline->frequency_hz, "cpus", (json_int_t)timeline->cpu_count, "lanes",
                     timeline->lane_names, "kinds", kinds, "texts", timeline->texts, "events", events);
}
