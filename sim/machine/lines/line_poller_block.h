/* SPDX-License-Identifier: Apache-2.0
 *
 * The pollers of one cache domain that read "free" at the same time queue their xchgs one behind the other. Such a
 * block is one place in the line's queue. At most its first xchg wins; then the others fail one after the other, each a
 * fixed time after the one before, because the line moves inside the domain and nothing can come in between: whatever
 * else asks for the line is behind them in the queue. So nobody is told while they fail. Whoever needs to know what has
 * happened looks, and the CPUs whose xchgs have failed by then poll again, as if each had been served by an event of
 * its own: at the same cycles, in the same order, with the same number of events.
 *
 * Everything that reads or changes the line's pollers or its queue looks first:
 *  - a request or a new poller, because the domain's next read joins the queue when the second xchg fails, and later
 *    requests are behind it;
 *  - a copy that arrives, which takes those along whose xchgs have failed, but none whose xchg is due in this cycle:
 *    copies come first;
 *  - a vector, which wakes a CPU that polls, but not one in a block: it ends the block, so that its xchgs are queued
 *    one by one and each CPU takes its interrupts when its own has been served;
 *  - an access that bypasses the queue, which ends the block, too;
 *  - whoever counts events: the end of the warm-up and of the run (machine_settle).
 *
 * There are no blocks where slots do not go in the order of their times, with socket_service, by which the copies of a
 * domain arrive one by one, where a transfer takes no time, and while a poller may take an interrupt.
 */
#ifndef MACHINE_LINES_LINE_POLLER_BLOCK_H
#define MACHINE_LINES_LINE_POLLER_BLOCK_H

#include <stdbool.h>

#include "machine/lines/pollers.h"

/* Whether the xchgs of the domain's pollers can be queued as a block. */
bool block_is_possible(const struct pollers *pollers, const struct domain_at_line *domain);

/* Queues the xchgs of all pollers of the domain. */
void block_queue(struct pollers *pollers, struct domain_at_line *domain);

/* Takes the first CPU out of the block, whose place is no longer in the queue, and returns the rest. */
struct cpu *block_take_first(struct domain_at_line *domain);

/* The xchgs of the block, all of which fail, are served from the time on at which the line is free. */
void losers_begin(struct pollers *pollers, struct domain_at_line *domain);

/* Serves those xchgs that are due before this time, of which there are some. */
void losers_serve_before(struct pollers *pollers, cycles before);

static inline void losers_settle(struct pollers *pollers, cycles before)
{
    if (pollers->losers.list.count > 0 && pollers->losers.next < before)
        losers_serve_before(pollers, before);
}

/* The same for a CPU or an event that looks now, after the services of this cycle: their slot is the lowest. */
static inline void losers_look(struct pollers *pollers, cycles now) { losers_settle(pollers, now + 1); }

/* Whether the domain will read the line again behind what is queued. */
static inline bool losers_will_read(const struct pollers *pollers)
{
    const struct losers *losers = &pollers->losers;

    return losers->list.count > 0 && !losers->domain->is_reading &&
           losers->domain->polling.count + losers->list.count > 1;
}

/* The line is about to change in a way that is not foreseen: what is left of the block being served is queued one by
 * one. */
void losers_stop(struct pollers *pollers);

/* A vector arrives at a CPU in SPIN_POLLING: afterwards its state is its own, not that of a block. Returns whether the
 * time of the line's next service has changed. */
bool poller_single_out(struct pollers *pollers, struct cpu *cpu);

#endif
