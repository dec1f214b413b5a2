/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared words on cache lines. Each operation has its coherence cost, is a linearisation point, and is a choice point
 * of the explorer. Requests for a line are served in the order they are issued, and end when the line has arrived.
 *
 * Costs: costs.h. A transfer of ownership occupies the line until it arrives; a read occupies the directory for
 * directory_service. One read serves all CPUs of a cache domain that poll the line, since it is then in their LLC
 * (reads_per_socket = 0: every CPU reads from the directory; socket_service: the LLC serves one CPU after another). A
 * request for a LINE_PLAIN or LINE_WAITED line takes effect when it is issued; for a LINE_CONTENDED one, when it is
 * served. Words of one line share it falsely, as in hardware. Left out: cache capacity, and store buffers, which only
 * an exploration of total store order has (store_buffer.h): in a run a CPU waits until its store is visible.
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
struct pollers;
struct claim;

/* Which CPUs may spin on a line: none; CPUs that each wait for one value (word_wait); CPUs that contend for the word
 * (word_acquire). */
enum line_kind { LINE_PLAIN, LINE_WAITED, LINE_CONTENDED };

#define LINE_NO_OWNER UINT32_MAX

/* What a walk (claim.h) reads and writes of a line is in its first 32 bytes. */
struct line {
    cycles free_at;          /* earliest time at which the next request can be served */
    uint64_t claimed;        /* time and slot of the latest of the touches made in advance (claim.h); 0: none */
    struct claim *claim;     /* that touch; it exists only while its time has not come */
    uint32_t owner;          /* CPU that has it modified or exclusive; LINE_NO_OWNER: clean or in memory */
    bool is_contended;       /* requests go through the policy's `access`, because CPUs poll the line or are queued for
                              * it, or because the policy handles every access */
    bool is_waited;          /* waiters != NULL, which a walk does not reach */
    uint32_t domain_count;   /* domains with a clean copy */
    uint64_t *sharers;       /* CPUs with a clean copy */
    uint64_t *domains;       /* domains with a clean copy */
    struct waiters *waiters; /* NULL unless LINE_WAITED */
    struct pollers *pollers; /* NULL unless LINE_CONTENDED */
    struct machine *machine;
};

struct word {
    struct line *line;
    uint64_t value;
};

/* Allocates from the machine's arena. The line is in memory and in no cache. */
void line_init(struct machine *machine, struct line *line, enum line_kind kind);
void word_init(struct word *word, struct line *line, uint64_t value);

/* Loads and returns the value. */
uint64_t word_load(struct cpu *cpu, struct word *word);

/* Of a word that no other CPU can write at this moment, because this CPU holds the lock under which it is written, or
 * is the only one that writes it, or because nobody does. word_load_own costs a load, and word_add_own, an add without
 * a lock prefix, a store. Explored, a load of such a word is no choice point. */
uint64_t word_load_own(struct cpu *cpu, struct word *word);
void word_add_own(struct cpu *cpu, struct word *word, uint64_t addend);

void word_store(struct cpu *cpu, struct word *word, uint64_t value);

/* Stores a part of the word, as a byte or 32-bit store does: the bits outside `mask` are unchanged, and `bits` must lie
 * within it. */
void word_store_field(struct cpu *cpu, struct word *word, uint64_t mask, uint64_t bits);

/* Locked read-modify-writes; all return the old value. */
uint64_t word_xchg(struct cpu *cpu, struct word *word, uint64_t value);
uint64_t word_cas(struct cpu *cpu, struct word *word, uint64_t expected, uint64_t desired);
uint64_t word_fetch_add(struct cpu *cpu, struct word *word, uint64_t addend);
uint64_t word_fetch_or(struct cpu *cpu, struct word *word, uint64_t bits);
uint64_t word_fetch_and(struct cpu *cpu, struct word *word, uint64_t bits);

/* Polls until the word holds `value`. The line must be LINE_WAITED. Takes interrupts while waiting when they are on.
 * Of the CPUs that wait for the same value of one word, one write serves only those adjacent in the list of waiters (in
 * a queue lock there is one). */
void word_wait(struct cpu *cpu, struct word *word, uint64_t value);

/* The test-and-test-and-set loop: xchg(taken); while that returned anything but `free`, poll until the word is `free`
 * and xchg again. The line must be LINE_CONTENDED. Interrupts must be off; they are on while polling if
 * `irq_on_while_polling`. Takes the same cycles as the loop written with word_xchg and word_load, but a failed xchg
 * costs no coroutine switch. */
void word_acquire(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);

/* A loop of cas(free, taken) and PAUSE that ends when the cas succeeds, on a LINE_CONTENDED line. Interrupts are
 * handled as in word_acquire. */
void word_acquire_by_cas(struct cpu *cpu, struct word *word, uint64_t free, uint64_t taken, bool irq_on_while_polling);

/* For checks that a CPU makes of its own doing: what it would load, at no cost and without a choice point. */
uint64_t word_see(struct cpu *cpu, const struct word *word);

/* Loads at no cost for an event, which happens at one moment and which no CPU runs (engine_event). */
uint64_t word_load_at_event(const struct word *word);

/* Accesses the line without a value: the cost of touching data, such as that protected by a lock. */
void line_touch_read(struct cpu *cpu, struct line *line);
void line_touch_write(struct cpu *cpu, struct line *line);
void line_touch_locked(struct cpu *cpu, struct line *line); /* as a locked read-modify-write */

/* A device attached next to the LLC of `domain` takes the line to write it; returns the time at which it has the line,
 * which is in memory afterwards. Only for LINE_PLAIN lines. */
cycles line_take(struct line *line, uint32_t domain);

/* Revokes claims on the line whose times have not come (claim.h): their CPUs will touch the line at those times
 * instead. */
void claim_revoke(struct line *line);
static inline void line_revoke(struct line *line)
{
    if (__builtin_expect(line->claimed != 0, false))
        claim_revoke(line);
}

/* Returns how many CPUs spin on the line or are queued for it. */
uint32_t line_waiters(const struct line *line);

/* Reads the value without a cost: for invariants, checks, metrics and modelled hardware only, whose files tests/tidy
 * knows. Code that steers by a word loads it. */
static inline uint64_t word_peek(const struct word *word) { return word->value; }

#endif
