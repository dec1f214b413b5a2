/* SPDX-License-Identifier: Apache-2.0
 *
 * Hand-made recordings of a Linux host, for tests.
 */
#ifndef TESTS_RECORDED_BUILDER_H
#define TESTS_RECORDED_BUILDER_H

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "trace/recorded.h"

enum { STATE_RUNNING, STATE_RUNNABLE, STATE_BLOCKED, STATE_OFFLINE, STATE_UNKNOWN };

static inline uint32_t builder_thread(uint32_t thread) { return trace_who(TRACE_THREADS, thread); }
static inline uint32_t builder_idle(uint32_t cpu) { return trace_who(TRACE_IDLE_DOMAIN, cpu); }

/* Guests "vm1", "vm2", ... of `vcpus` vCPUs each, and threads by name; ticks are ns. */
static inline void builder_init(struct recorded *recorded, uint32_t cpus, uint32_t guests, uint32_t vcpus,
                                const char *const *threads, uint32_t thread_count)
{
    recorded_init(recorded);
    struct trace_world *world = &recorded->world;
    recorded->host = RECORDED_HOST_LINUX;
    world->frequency_hz = 1000000000;
    world->cpu_count = cpus;
    world->domains = calloc(guests + 1, sizeof *world->domains);
    world->threads = calloc(thread_count + 1, sizeof *world->threads);
    CHECK(world->domains != NULL && world->threads != NULL);
    world->domain_count = guests;
    for (uint32_t d = 0; d < guests; d++) {
        struct trace_domain *domain = &world->domains[d];
        *domain = (struct trace_domain){ .group = d, .vcpu_count = vcpus, .first_vcpu = d * vcpus };
        snprintf(domain->name, sizeof domain->name, "vm%u", d + 1);
    }
    world->vcpu_count = guests * vcpus;
    world->thread_count = thread_count;
    for (uint32_t t = 0; t < thread_count; t++)
        snprintf(world->threads[t].name, sizeof world->threads[t].name, "%s", threads[t]);
}

/* Names of four softirqs, of interrupt 1 ("virtio0") and of two VM exits ("hlt" and "ept"). */
static inline void builder_name(struct recorded *recorded)
{
    static const char *const softirqs[] = { "HI", "TIMER", "NET_TX", "NET_RX" };
    static const char *const irqs[] = { NULL, "virtio0" };
    static const char *const exits[] = { "hlt", "ept" };

    trace_softirq_names(&recorded->names, softirqs, 4);
    recorded->world.irq_names = irqs;
    recorded->world.irq_count = 2;
    recorded->world.exit_names = exits;
    recorded->world.exit_count = 2;
}

static inline void builder_add(struct recorded *recorded, cycles time, uint32_t cpu, enum trace_kind kind, uint32_t who,
                               uint32_t a, uint64_t b)
{
    recorded_add(recorded,
                 (struct trace_record){
                     .time = time, .b = b, .who = who, .a = a, .kind = (uint16_t)kind, .cpu = (uint16_t)cpu });
}

static inline void builder_state(struct recorded *recorded, cycles time, uint32_t cpu, uint32_t who, uint32_t from,
                                 uint32_t to)
{
    builder_add(recorded, time, cpu, TRACE_RUNSTATE, who, from * 16 + to, cpu);
}

/* As sched_switch: `previous` goes to the state `left_as`, `next` comes to run. */
static inline void builder_switch(struct recorded *recorded, cycles time, uint32_t cpu, uint32_t previous,
                                  uint32_t left_as, uint32_t next)
{
    builder_state(recorded, time, cpu, previous, STATE_RUNNING, left_as);
    builder_state(recorded, time, cpu, next, STATE_RUNNABLE, STATE_RUNNING);
    builder_add(recorded, time, cpu, TRACE_SWITCH, next, 0, previous);
}

static inline void builder_wake(struct recorded *recorded, cycles time, uint32_t cpu, uint32_t who, uint32_t target)
{
    builder_add(recorded, time, cpu, TRACE_WAKE, who, 0, 0);
    builder_add(recorded, time, cpu, TRACE_RUNSTATE, who, STATE_BLOCKED * 16 + STATE_RUNNABLE, target);
}

#endif
