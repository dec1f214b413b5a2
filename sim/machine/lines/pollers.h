/* SPDX-License-Identifier: Apache-2.0
 *
 * Internals of line_pollers.c: the queue of a contended line and the CPUs that poll it. Included by this folder only.
 */
#ifndef MACHINE_LINES_POLLERS_H
#define MACHINE_LINES_POLLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cycles.h"
#include "machine/spin.h"

struct cpu;
struct line;
struct machine;
struct word;

/* CPUs of one domain that poll, linked through spin.previous and spin.next. */
struct poller_list {
    struct cpu *first, *last;
    uint32_t count;
};

/* The state of one cache domain at a contended line. */
struct domain_at_line {
    struct line_place read_place; /* of the domain's read */
    struct poller_list polling;
    bool has_vectors;     /* one of `polling` may have been woken to take an interrupt, or may soon be */
    bool is_reading;      /* the domain's read is in the queue */
    cycles copy_arrives;  /* next arrival of a copy with the wanted value; CYCLES_NEVER: none is in flight */
    cycles copies_end;    /* socket_service: no copy arrives later than this, because a write was served */
    cycles copy_latency;  /* socket_service: latency of the read */
    uint32_t copies_left; /* socket_service: pollers still to be served */

    struct line_place block_place; /* of the xchgs of `block` (line_poller_block.h), queued if there are any */
    struct poller_list block;
};

/* The rest of a block whose xchgs are being served and all fail (line_poller_block.h). */
struct losers {
    struct domain_at_line *domain;
    struct poller_list list; /* not served yet, as far as anybody has looked; count 0: no block is being served */
    cycles next, step;       /* time at which the first of the list is served, and between one and the next */
    bool is_next_counted;    /* the copies that arrive at `next` share one event with the service of the first */
};

/* Requests in the order in which they were issued. */
struct place_queue {
    struct line_place *first, **end;
};

struct pollers {
    struct line *line;
    struct place_queue queue; /* socket_service: of those that go through the directory */
    struct place_queue near;  /* socket_service: of those that found the line in the LLC of their own domain */
    bool has_socket_service;  /* line_socket_service is not 0 */
    uint32_t near_domain;     /* socket_service: domain of the last writer */
    cycles directory_free_at; /* socket_service: when the directory can forward the next request */
    uint32_t polling;         /* number of polling CPUs */
    uint32_t idle_domains;    /* domains with pollers and no read in the queue */
    cycles next_copy;         /* earliest copy_arrives */
    struct losers losers;
    struct domain_at_line *domains; /* [domain_count] */
    struct word *word;              /* polled by all alike, for one value, until an xchg of another one takes it */
    uint64_t wanted, replacement;
    bool is_listed; /* in the machine's list of contended lines */
    struct pollers *next_listed;
};

/* --- line_poller_queue.c: the lists of pollers and the queue --- */

void poller_join(struct pollers *pollers, struct cpu *cpu);
void poller_leave(struct pollers *pollers, struct cpu *cpu);

/* Appends the list, which is not empty, to the pollers of its domain. */
void pollers_add(struct pollers *pollers, struct domain_at_line *domain, const struct poller_list *list);

/* Takes all pollers of the domain, which has some, out of its list. */
struct poller_list pollers_take(struct pollers *pollers, struct domain_at_line *domain);

/* Whether the domain's pollers have no copy and no read in the queue, so that the next write lets them read. */
static inline bool domain_is_idle(const struct domain_at_line *domain)
{
    return domain->polling.count > 0 && !domain->is_reading;
}

/* A poller issues its xchg. */
void attempt_prepare(struct cpu *cpu);

/* Appends a request of the domain's pollers for a copy, of a CPU, or of a block. */
void queue_add_read(struct pollers *pollers, struct domain_at_line *domain, cycles issued);
void queue_add_cpu(struct pollers *pollers, struct cpu *cpu);
void queue_add_block(struct pollers *pollers, struct domain_at_line *domain, cycles issued);

static inline void queue_init(struct place_queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
}

static inline bool is_queued(const struct pollers *pollers)
{
    return pollers->queue.first != NULL || pollers->near.first != NULL;
}

/* Inserts a place before the one that the link points to. */
void queue_insert(struct place_queue *queue, struct line_place **link, struct line_place *place);
void queue_remove(struct place_queue *queue, struct line_place **link);

struct domain_at_line *place_domain(const struct pollers *pollers, struct line_place *place);
struct cpu *place_cpu(struct line_place *place);

#endif
