/* SPDX-License-Identifier: Apache-2.0
 *
 * The interface of receivers of a run's trace: the writers of sim/formats/ and the reports of sim/trace/. A sink embeds
 * struct trace_sink. The run calls it from its own thread; the sink must not modify the run.
 */
#ifndef TRACE_SINK_H
#define TRACE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/trace.h"
#include "models/family/setup.h"

struct machine;

/* The guests of the run, in order of their numbers. */
struct trace_domain {
    char name[SETUP_NAME_BYTES + 8]; /* "idle", or "idle.3" where there are several */
    uint32_t group;                  /* index into setup->guests */
    uint32_t vcpu_count;
    uint32_t first_vcpu; /* number of its vCPU 0 among all vCPUs */
};

/* A thread of a host that is no vCPU: vhost, a threaded interrupt, a kernel thread, a process. Its records have `who`
 * trace_who(TRACE_THREADS, index), and runstates as vCPUs have them. */
struct trace_thread {
    char name[SETUP_NAME_BYTES];
    int32_t pid; /* as recorded; of a run: 0 */
    bool has_namesake; /* another thread has its name; of a run: false */
};

/* What the numbers in records mean. A run's world has a setup; that of a recording has none, and names what its own
 * recorder named. */
struct trace_world {
    const struct setup *setup; /* NULL: a recording */
    const struct trace *trace; /* names of locks and softirqs */
    uint64_t frequency_hz;     /* of the records' times; a recording that counts in ns has 1 GHz */
    uint32_t cpu_count;
    struct trace_domain *domains;
    uint32_t domain_count;
    uint32_t vcpu_count; /* of all domains */
    struct trace_thread *threads;
    uint32_t thread_count;
    const char *const *irq_names; /* [irq_count], by interrupt number; NULL where unknown */
    uint32_t irq_count;
    bool has_lines; /* TRACE_IRQ_ENTRY and TRACE_IRQ_EXIT have the interrupt's number in place of the vector */
    const char *const *action_names; /* [action_count], of TRACE_ACTION */
    uint32_t action_count;
    const char *const *exit_names; /* [exit_count], of TRACE_VMEXIT; NULL: trace_exit_names */
    uint32_t exit_count;
    cycles measured_from, end; /* of the run or recording */
    /* Here a sink's `begin` may say from when on it needs all records: before that time it needs no more than the
     * states of tasks (TRACE_VCPU, TRACE_RUNSTATE), and may get others. NULL: nobody asks. */
    cycles *needed_from;
    bool is_opening; /* the records handed over now are no events: they tell what is under way where the trace begins */
};

struct trace_sink {
    uint64_t kinds; /* of records to receive: bit masks of enum trace_kind */
    /* Called before the first record. If it returns false with a message, the run does not start. */
    bool (*begin)(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes);
    /* Records from boot on, ascending by time. */
    void (*records)(struct trace_sink *sink, const struct trace_record *records, size_t count);
    /* The run is over at `now`, which is earlier than world->end if it was cut short. `machine` is in its final state.
     */
    void (*end)(struct trace_sink *sink, const struct machine *machine, cycles now);
};

/* False with a message when the setup has more domains than a trace can number. */
bool trace_world_init(struct trace_world *world, const struct setup *setup, const struct trace *trace,
                      uint32_t cpu_count, char *message, size_t message_bytes);
void trace_world_free(struct trace_world *world);

/* A copy that is valid after the run, with domains and threads of its own, and without the setup, the trace and the
 * names that belong to them. To be freed with trace_world_free. */
struct trace_world trace_world_kept(const struct trace_world *world);

/* The vCPU's number among all vCPUs; UINT32_MAX for an idle vCPU, a whole domain or TRACE_NOBODY. */
uint32_t trace_world_vcpu(const struct trace_world *world, uint32_t who);

/* The thread of a host; NULL: `who` is none of the world's. */
const struct trace_thread *trace_world_thread(const struct trace_world *world, uint32_t who);

/* Of a vCPU or thread: a number below vcpu_count + thread_count, threads after vCPUs; UINT32_MAX for others. */
uint32_t trace_world_task(const struct trace_world *world, uint32_t who);

#define TRACE_TEXT_BYTES (SETUP_NAME_BYTES + 24)

/* Names for reports: "idle.3 v0", "idle.3", "idle cpu7", "vhost-2340" or "nobody"; "tasklet_lock" or "event_lock[3]";
 * "TASKLET" or "softirq 4". Each writes to `text` and returns it. */
const char *trace_who_text(const struct trace_world *world, uint32_t who, char text[TRACE_TEXT_BYTES]);
const char *trace_lock_text(const struct trace_world *world, uint32_t lock, char text[TRACE_TEXT_BYTES]);
/* "vector 30", or "interrupt 36 virtio1-req.0": of a TRACE_IRQ_ENTRY. */
const char *trace_interrupt_text(const struct trace_world *world, uint32_t number, char text[TRACE_TEXT_BYTES]);
const char *trace_softirq_text(const struct trace_world *world, uint32_t number, char text[TRACE_TEXT_BYTES]);

/* The reason of a TRACE_VMEXIT. */
const char *trace_exit_text(const struct trace_world *world, uint32_t reason);

/* The number of the interrupt that comes to pCPU `cpu` as `vector`; TRACE_NO_IRQ where it is unknown, as for all of a
 * Xen host. */
uint32_t trace_world_irq(const struct trace_world *world, uint32_t cpu, uint32_t vector);

/* Names of runstates, and of enum guest_exit. */
extern const char *const trace_state_names[4];
extern const char *const trace_exit_names[7];

#endif
