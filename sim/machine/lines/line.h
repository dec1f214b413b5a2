/* SPDX-License-Identifier: Apache-2.0
 *
 * Internals of word.h: the owner and sharers of a line, the cost of a request, and the CPUs that spin on the line.
 * Included by this folder and by the policies only.
 */
#ifndef MACHINE_LINES_LINE_H
#define MACHINE_LINES_LINE_H

#include "machine/cpu.h"
#include "machine/lines/word.h"

/* --- line.c: ownership --- */

/* Serves a request issued at `now` for an uncontended line, updates owner and sharers, and returns when it ends. */
cycles line_request(struct line *line, struct cpu *cpu, cycles now, enum line_access access);

/* The read and the write case of line_request, for a request that is served at `start`. */
cycles line_read(struct line *line, struct cpu *cpu, cycles start);
cycles line_own(struct line *line, struct cpu *cpu, cycles start, enum line_access access);

/* How long a read from `distance` occupies the line before the next request is served, in cycles. */
cycles line_read_occupancy(const struct costs *costs, enum distance distance, bool is_modified);

/* Time between two waiters of one socket; 0: all are served at once, or each by the directory. */
static inline cycles line_socket_service(const struct costs *costs)
{
    return costs->reads_per_socket ? costs->socket_service : 0;
}

/* The distance of a line that a CPU owns. The CPUs' structs are not read: most are in no cache of the host. */
static inline enum distance line_owner_distance(const struct line *line, uint32_t domain)
{
    const struct topology *topology = line->machine->topology;

    return topology_distance(topology, topology->cpus[line->owner].domain, domain);
}

/* line_own of a line that another CPU owns, which no third one has. */
static inline cycles line_take_over(struct line *line, const struct cpu *cpu, cycles start, enum line_access access)
{
    const struct costs *costs = line->machine->costs;
    const cycles *latency = access == LINE_ATOMIC ? costs->atomic_modified : costs->store_modified;

    line->free_at = start + latency[line_owner_distance(line, cpu->domain)];
    line->owner = cpu->id;
    return line->free_at;
}

/* Downgrades the owner's copy to a clean shared one; no effect without an owner. */
void line_share(struct line *line);

/* Adds this CPU to the sharers. */
void line_add_sharer(struct line *line, const struct cpu *cpu);

/* Whether the domain has a clean copy. */
static inline bool line_is_shared_by(const struct line *line, uint32_t domain)
{
    return line->domains[domain / 64] >> (domain % 64) & 1;
}

static inline enum line_access word_access(enum word_operation operation)
{
    return operation == WORD_LOAD                               ? LINE_LOAD
           : operation == WORD_STORE || operation == WORD_FIELD ? LINE_STORE
                                                                : LINE_ATOMIC;
}

/* The word's value after the operation. */
static inline uint64_t word_apply(enum word_operation operation, uint64_t value, uint64_t operand, uint64_t comparand)
{
    switch (operation) {
    case WORD_LOAD:
        break;
    case WORD_STORE:
    case WORD_XCHG:
        return operand;
    case WORD_CAS:
        return value == comparand ? operand : value;
    case WORD_ADD:
        return value + operand;
    case WORD_OR:
        return value | operand;
    case WORD_AND:
        return value & operand;
    case WORD_FIELD:
        return (value & ~comparand) | operand;
    }
    return value;
}

/* --- line_waiters.c: CPUs that each poll for one value, as in queue locks --- */

struct waiters {
    struct line *line;
    struct cpu *first, *last; /* readers in order of arrival, all of the same word */
    uint32_t reading_count;
    uint32_t domain_count;    /* domains with readers */
    uint32_t *domain_readers; /* readers of each domain */
    bool is_reread_due;       /* a write invalidated the readers' copies: they read again once the line is free */
    uint32_t writer_domain;
};

void waiters_init(struct machine *machine, struct line *line);

/* After a write to `word`, on a LINE_WAITED line, that ends at `finish`: wakes the readers that wait for its value. */
void waiters_after_write(struct word *word, const struct cpu *writer, cycles finish);

/* The readers whose copies were invalidated read again. */
void waiters_reread(struct line *line);

/* Performs a due reread before a request issued once the line is free again. */
static inline void waiters_settle(struct line *line, cycles now)
{
    if (line->is_waited && line->waiters->is_reread_due && now >= line->free_at)
        waiters_reread(line);
}

/* Parks the CPU among the readers until the word holds `wanted`, which it must not hold yet. Returns false when an
 * interrupt came first. */
bool waiters_park(struct cpu *cpu, struct word *word, uint64_t wanted);

/* --- line_pollers.c: test-and-test-and-set --- */

void pollers_init(struct machine *machine, struct line *line);

/* Queues the operation and parks until it is served; returns the old value. */
uint64_t pollers_request(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                         uint64_t comparand);

/* Polls for `wanted` and then xchgs `replacement`, until an xchg of this CPU returns `wanted`. Returns false when an
 * interrupt came first. All CPUs that poll a line poll it for the same. */
bool pollers_park(struct cpu *cpu, struct word *word, uint64_t wanted, uint64_t replacement);

/* A vector arrives at a CPU in SPIN_POLLING, and is about to wake it if it is interruptible. */
void pollers_disturb(struct cpu *cpu);

/* Before an access that does not go through the queue. */
void pollers_bypass(struct line *line);

/* The CPUs that poll the line or have a request in its queue. */
uint32_t pollers_count(const struct line *line);

/* Lookahead: a line that this CPU owns and that no CPU polls or waits for cannot change its owner sooner than the
 * fastest transfer takes. A CPU no further ahead of the clock than that may access the line without settling. */
static inline bool line_stays_owned(const struct line *line, const struct cpu *cpu)
{
    return line->owner == cpu->id && cpu->ahead <= line->machine->fastest_transfer && !line->is_contended &&
           (!line->is_waited || line->waiters->first == NULL) && line->free_at <= cpu_now(cpu);
}

/* The same for a clean copy: it stays valid until a write that another CPU may begin now has invalidated it. */
static inline bool line_keeps_copy(const struct line *line, const struct cpu *cpu)
{
    return line->owner == LINE_NO_OWNER && (line->sharers[cpu->id / 64] >> (cpu->id % 64) & 1) != 0 &&
           cpu->ahead <= line->machine->fastest_invalidation && !line->is_contended && line->waiters == NULL &&
           line->claimed == 0;
}

/* Whether an access by this CPU is a cache hit without any effect on other CPUs. */
static inline bool line_is_hit(const struct line *line, const struct cpu *cpu)
{
    return !line->is_waited && line_stays_owned(line, cpu);
}

static inline cycles line_hit_cost(const struct costs *costs, enum line_access access)
{
    return access == LINE_LOAD ? costs->load_hit : access == LINE_STORE ? costs->store_hit : costs->atomic_hit;
}

/* Spends `duration` and the cost of a hit as one instruction. */
static inline void line_hit_touch(struct cpu *cpu, enum line_access access, cycles duration)
{
    cpu->ahead += duration + line_hit_cost(cpu->costs, access);
    cpu->on_from = cpu_now(cpu);
}

#endif
