/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside word.h: who has a line, what a request for it costs, and who spins on it. Used by word.c, line.c and spin.c only.
 */
#ifndef MACHINE_LINE_H
#define MACHINE_LINE_H

#include "machine/cpu.h"
#include "machine/word.h"

enum line_access { LINE_LOAD, LINE_STORE, LINE_ATOMIC };

/* The CPUs that poll a line, and the attempts they are about to make. */
struct waiters {
    struct line *line;
    struct cpu *first, *last;            /* SPIN_READING, in order of arrival; all on one word */
    struct cpu *attempt_first, *attempt_last;    /* SPIN_ATTEMPT, by time */
    uint32_t reading_count;
    uint32_t domain_count;               /* domains with readers */
    uint32_t *domain_readers;            /* readers of each domain */
    bool is_reread_due;                  /* readers lost their copies to a write and read again when the queue ends */
    cycles reads_at;                     /* a write they wait for is visible from here; CYCLES_NEVER: none */
    uint32_t writer_domain;
    bool is_active;                      /* in the machine's list of bursts */
    struct waiters *next_active;
};

/* A request made at `now`; returns when it ends. Changes who has the line. */
cycles line_request(struct line *line, struct cpu *cpu, cycles now, enum line_access access);

/* The owner's copy becomes a clean one among others. */
void line_share(struct line *line);

/* A clean copy for this CPU. */
void line_add_sharer(struct line *line, const struct cpu *cpu);

/* After a write to `word` that ends at `finish`: who of its waiters sees it when. */
void spin_after_write(struct word *word, const struct cpu *writer, cycles finish);

void spin_init(struct machine *machine, struct line *line);

/* Readers of this many directory reads. */
static inline uint32_t spin_directory_reads(const struct waiters *waiters, const struct costs *costs)
{
    return costs->reads_per_socket ? waiters->domain_count : waiters->reading_count;
}

/* Parks the CPU among the readers of `word` until it holds `wanted` (and, when `attempts`, until its own xchg of
 * `replacement` returned `wanted`). False when an interrupt came first. */
bool spin_park(struct cpu *cpu, struct word *word, uint64_t wanted, bool attempts, uint64_t replacement);

#endif
