/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside word.h: who has a line, what a request for it costs, and who spins on it. Used by line*.c and word.c only.
 */
#ifndef MACHINE_LINES_LINE_H
#define MACHINE_LINES_LINE_H

#include "machine/cpu.h"
#include "machine/lines/word.h"

/* --- line.c: ownership --- */

/* A request made at `now` of a line without contenders; returns when it ends. Changes who has the line. */
cycles line_request(struct line *line, struct cpu *cpu, cycles now, enum line_access access);

/* The two halves of it for a request that is served at `start`. */
cycles line_read(struct line *line, struct cpu *cpu, cycles start);
cycles line_own(struct line *line, struct cpu *cpu, cycles start, enum line_access access);

/* How long a read keeps the next request waiting, that comes from `distance`. */
cycles line_read_occupancy(const struct costs *costs, enum distance distance, bool is_modified);

/* Time between a socket's waiters; 0: they are served at once, or each by the directory. */
static inline cycles line_socket_service(const struct costs *costs)
{
    return costs->reads_per_socket ? costs->socket_service : 0;
}

/* The owner's copy becomes a clean one among others. */
void line_share(struct line *line);

/* A clean copy for this CPU. */
void line_add_sharer(struct line *line, const struct cpu *cpu);

/* The domain has a clean copy. */
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

/* The value after the operation. */
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

/* --- line_waiters.c: polling for one value each, in queue locks --- */

struct waiters {
    struct line *line;
    struct cpu *first, *last; /* readers, in order of arrival; all on one word */
    uint32_t reading_count;
    uint32_t domain_count;    /* domains with readers */
    uint32_t *domain_readers; /* readers of each domain */
    bool is_reread_due;       /* readers lost their copies to a write and read again when the queue ends */
    uint32_t writer_domain;
};

void waiters_init(struct machine *machine, struct line *line);

/* After a write to `word`, whose line has waiters, that ends at `finish`: who of them sees it when. */
void waiters_after_write(struct word *word, const struct cpu *writer, cycles finish);

/* Readers whose copies were taken read again. */
void waiters_reread(struct line *line);

/* They do so once the queue of writes ends: before a request made after that. */
static inline void waiters_settle(struct line *line, cycles now)
{
    if (line->waiters != NULL && line->waiters->is_reread_due && now >= line->free_at)
        waiters_reread(line);
}

/* Parks the CPU among the readers until the word, which does not, holds `wanted`. False when an interrupt came first.
 */
bool waiters_park(struct cpu *cpu, struct word *word, uint64_t wanted);

/* --- line_contenders.c: test-and-test-and-set --- */

/* A cache domain at this line. */
struct domain_at_line {
    struct line_place place;  /* of its read */
    struct cpu *first, *last; /* pollers */
    cycles copy_arrives;      /* with the wanted value in it; CYCLES_NEVER: no such copy is under way */
    cycles copies_end;        /* none arrives after that: a write has been served. socket_service only, as the next: */
    cycles copy_latency;      /* of the read */
    uint32_t copies_left;     /* pollers to be served */
    bool is_reading;          /* its read is in the queue */
};

struct contenders {
    struct line *line;
    struct line_place *queue_first, **queue_end;
    bool has_socket_service;        /* line_socket_service: a time that is not 0 */
    uint32_t near;                  /* socket_service: domain of the last writer */
    cycles far_from;                /* socket_service: no request through the directory reaches it before */
    uint32_t polling;               /* CPUs */
    uint32_t idle_domains;          /* with pollers and no read in the queue */
    cycles next_copy;               /* earliest copy_arrives */
    struct domain_at_line *domains; /* [domain_count] */
    bool is_listed;                 /* among the machine's queues */
    struct contenders *next_listed;
};

void contenders_init(struct machine *machine, struct line *line);

/* Queues the operation and parks until it is served; returns the old value. */
uint64_t contenders_request(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                            uint64_t comparand);

/* Polls for `wanted` and xchgs `replacement` until its own xchg returns `wanted`. False when an interrupt came first.
 */
bool contenders_park(struct cpu *cpu, struct word *word, uint64_t wanted, uint64_t replacement);

uint32_t contenders_count(const struct line *line);

/* Lookahead: a line that this CPU owns and nobody polls or waits for stays its own for as long as the fastest transfer
 * takes, whatever others ask for from now on. So much ahead of the clock it is used without settling. */
static inline bool line_stays_own(const struct line *line, const struct cpu *cpu)
{
    return line->owner == cpu->id && cpu->ahead <= line->machine->fastest_transfer && !line->is_contended &&
           (line->waiters == NULL || line->waiters->first == NULL) && line->free_at <= cpu_now(cpu);
}

/* An access by this CPU concerns nobody else: what it costs is all there is to it. */
static inline bool line_is_hit(const struct line *line, const struct cpu *cpu)
{
    return line->waiters == NULL && line_stays_own(line, cpu);
}

static inline cycles line_hit_cost(const struct costs *costs, enum line_access access)
{
    return access == LINE_LOAD ? costs->load_hit : access == LINE_STORE ? costs->store_hit : costs->atomic_hit;
}

#endif
