/* SPDX-License-Identifier: Apache-2.0
 *
 * What every pCPU did and in which state every vCPU was in one window of a run, as at most TIMELINE_EVENTS_MAX events:
 * a page can draw them. Where a window has more, its end is cut off.
 */
#ifndef TRACE_TIMELINE_H
#define TRACE_TIMELINE_H

#include <jansson.h>

#include "trace/sink.h"

#define TIMELINE_EVENTS_MAX 50000u

/* Kinds of events; those from TIMELINE_RAISE to TIMELINE_BLOCK are moments, the others last. */
enum timeline_kind {
    TIMELINE_HYPERVISOR, /* pCPU: a guest's vCPU is current; drawn below the kinds that follow */
    TIMELINE_GUEST,      /* the vCPU is in guest mode */
    TIMELINE_IDLE,       /* sleeps */
    TIMELINE_HANDLER,    /* a guest's, or of a host's own device the host's */
    TIMELINE_INTERRUPT,
    TIMELINE_SOFTIRQ,
    TIMELINE_LOCK_WAIT,
    TIMELINE_LOCK_HELD,
    TIMELINE_RAISE, /* a message reaches the pCPU */
    TIMELINE_IPI,
    TIMELINE_PEND,
    TIMELINE_INJECT,
    TIMELINE_WAKE,
    TIMELINE_BLOCK,
    TIMELINE_RUNNING, /* vCPU: its runstate, in the order of trace_state_names */
    TIMELINE_RUNNABLE,
    TIMELINE_BLOCKED,
    TIMELINE_OFFLINE,
    TIMELINE_KINDS,
};

struct timeline_event {
    cycles from, length; /* from: since the start of the window */
    uint32_t lane;       /* pCPU, or the number of pCPUs + the number of the vCPU */
    uint32_t text;       /* index */
    uint8_t kind;
};

struct timeline_lane;

struct timeline {
    struct trace_sink sink; /* attach without a recorder: it follows all states from boot on */
    const struct trace_world *world;
    uint64_t from_ns, until_ns; /* window since the start of the run; both 0: the measured part */
    uint64_t frequency_hz;
    cycles from, until; /* `until` is earlier than until_ns if the window was cut */
    bool is_cut, is_over;
    bool has_threads; /* the world has */
    uint32_t cpu_count, lane_count;
    struct timeline_lane *lanes; /* what is under way in each */
    size_t open_count;           /* events under way */
    struct timeline_event *events;
    size_t event_count;
    json_t *texts, *text_index; /* the texts, and the index of each */
    json_t *lane_names;
};

void timeline_init(struct timeline *timeline, uint64_t from_ns, uint64_t until_ns);
void timeline_free(struct timeline *timeline);

/* {"from_ns", "until_ns", "wanted_until_ns", "cut", "frequency_hz", "cpus", "lanes": [name], "kinds": [what it means],
 *  "texts": [...], "events": [lane, kind, from, length, text, lane, kind, ...]}: times of events in cycles since
 * from_ns. In ascending order of kinds, then of starts. The caller releases it. */
json_t *timeline_json(struct timeline *timeline);

#endif
