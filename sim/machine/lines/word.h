/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared words on cache lines. Every verb is the coherence cost, the linearisation point and the explorer's
 * choice point at once. Requests for a line are served in the order they are made, and end when the line has arrived.
 *
 * Costs: costs.h. A transfer of ownership occupies the line until it arrives; a read occupies the directory for
 * directory_service. One read serves all CPUs of a cache domain that poll the line (its last-level cache has it then;
 * reads_per_socket = 0: every CPU reads the directory; socket_service: one CPU after another). On a plain or waited
 * line a request takes effect when it is made; on a contended one, when its turn in the queue comes. Left out: cache
 * capacity, false sharing within the words of one line is not (it happens), write buffers.
 */
#ifndef MACHINE_LINES_WORD_H
#define MACHINE_LINES_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cycles.h"

struct cpu;
struct machine;
struct waiters;
struct contenders;
struct claim;

/* Who may spin on a line: nobody; CPUs that wait for a value each (word_wait); CPUs that race (word_acquire). */
enum line_kind { LINE_PLAIN, LINE_WAITED, LINE_CONTENDED };

#define LINE_NO_OWNER UINT32_MAX

struct line {
    cycles free_at;                /* the next request is served from here on */
    uint32_t owner;                /* has it modified or exclusive; LINE_NO_OWNER: clean or in memory */
    uint32_t domain_count;         /* of domains with a clean copy */
    bool is_contended;             /* somebody polls it or stands in its queue, or the policy wants to see each access:
                                    * requests go through the policy's `access` */
    uint64_t *sharers;             /* CPUs with a clean copy */
    uint64_t *domains;             /* domains with a clean copy */
    struct waiters *waiters;       /* NULL unless LINE_WAITED */
    struct contenders *contenders; /* NULL unless LINE_CONTENDED */
    struct claim *claim;           /* a touch in advance (claim.h); NULL: none */
    struct machine *machine;
};

struct word {
    struct line *line;
    uint64_t value;
};

/* In memory, no cache has it. */
void line_init(struct machine *machine, struct line *line, enum line_kind kind);
void word_init(struct word *word, struct line *line, uint64_t value);

uint64_t word_load(struct cpu *cpu, struct word *word);
void word_store(struct cpu *cpu, struct word *word, uint64_t value);

/* Stores a part of the word, as a byte or 32-bit store does: what is outside of `mask` stays as it is. */
void word_store_field(struct cpu *cpu, struct word *word, uint64_t mask, uint64_t bits);

/* Locked read-modify-writes; they return the old value. */
uint64_t word_xchg(struct cpu *cpu, struct word *word, uint64_t value);
uint64_t word_cas(struct cpu *cpu, struct word *word, uint64_t expected, uint64_t desired);
uint64_t word_fetch_add(struct cpu *cpu, struct word *word, uint64_t addend);
uint64_t word_fetch_or(struct cpu *cpu, struct word *word, uint64_t bits);
uint64_t word_fetch_and(struct cpu *cpu, struct word *word, uint64_t bits);

/* Polls until the word holds `value`. Takes interrupts while waiting when they are on. Of CPUs that wait for
 * the same value of one word only those that came one after the other are served by one write (locks have one). */
void word_wait(struct cpu *cpu, struct word *word, uint64_t value);

/* The test-and-test-and-set loop in one verb: xchg(taken); while that returned anything but `free`: poll until `free`,
 * xchg again. Interrupts must be off; they are on while polling if `irq_on_while_polling`. Equal, cycle for
 * cycle, to the loop written out, but a losing CPU costs no switch. */
void word_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);

/* A loop of cas(free, taken) and PAUSE that ends when the cas succeeds, on a contended line. Interrupts as with
 * word_acquire. */
void word_acquire_by_cas(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);

/* Accesses a CPU's line without a value: the cost of touching data that a lock protects. */
void line_touch_read(struct cpu *cpu, struct line *line);
void line_touch_write(struct cpu *cpu, struct line *line);
void line_touch_locked(struct cpu *cpu, struct line *line); /* as a locked read-modify-write */

/* A device beside the cache of `domain` takes the line to change it; returns when it has it. The line is in memory
 * afterwards. Only for lines that nobody spins on. */
cycles line_take(struct line *line, uint32_t domain);

/* Who claimed the line for later has not touched it yet, and looks again when that time has come. */
void claim_contest(struct line *line);
static inline void line_contest(struct line *line)
{
    if (__builtin_expect(line->claim != NULL, false))
        claim_contest(line);
}

/* How many CPUs spin on the line now. */
uint32_t line_waiters(const struct line *line);

/* The value without a cost: for checks and metrics only. */
static inline uint64_t word_peek(const struct word *word) { return word->value; }

#endif
