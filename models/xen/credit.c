/* SPDX-License-Identifier: Apache-2.0
 *
 * The credit scheduler: 30 ms slice, 1 ms ratelimit, 10 ms tick, accounting every 30 ms, BOOST on wake, tickling, work
 * stealing, weights and caps. As in Xen, nothing is stolen from a pCPU whose current vCPU is idle, because it is about
 * to schedule. Left out: yield, soft affinity, migration at ticks and on tickle. Source: xen/common/sched_credit.c at
 * f6dd295381^.
 */
#include "machine/footprint.h"
#include "models/xen/xen.h"

enum {
    CREDITS_PER_SLICE = 300,
    CREDIT_CEILING = 300, /* above it, a vCPU becomes inactive and its credit is halved */
    CREDIT_FLOOR = -300,
    TICKS_PER_SLICE = 3,
};

bool csched_may_run_on(const struct vcpu *v, const struct xen_cpu *xc)
{
    return v->hard_affinity[xc->id / 64] >> (xc->id % 64) & 1;
}

static struct vcpu *runq_first(const struct xen_cpu *xc)
{
    return list_is_empty(&xc->runq) ? NULL : LIST_ENTRY(xc->runq.next, struct vcpu, csched.runq_link);
}

/* Inserts the vCPU behind those of the same or a higher priority. */
void csched_runq_insert(struct vcpu *v)
{
    struct list *runq = &v->processor->runq;
    struct list *after = runq;

    CHECK(list_is_empty(&v->csched.runq_link));
    while (after->previous != runq &&
           LIST_ENTRY(after->previous, struct vcpu, csched.runq_link)->csched.priority < v->csched.priority)
        after = after->previous;
    list_insert_before(&v->csched.runq_link, after);
}

static void burn_credits(const struct xen *xen, struct csched_vcpu *v, cycles now)
{
    if (now <= v->start_time)
        return;
    cycles credits = (now - v->start_time) / xen->credits_cycles;
    v->credit -= (int64_t)credits;
    v->start_time += credits * xen->credits_cycles;
}

/* --- ticks and accounting --- */

static void tick(struct cpu *cpu, void *data)
{
    struct xen_cpu *xc = data;
    struct vcpu *v = xc->current;

    if (!is_idle_vcpu(v)) {
        if (v->csched.priority == CSCHED_PRI_TS_BOOST)
            v->csched.priority = CSCHED_PRI_TS_UNDER;
        burn_credits(xc->xen, &v->csched, now_of(cpu));
        v->csched.is_active = true;
    }
    set_timer(cpu, &xc->ticker, now_of(cpu) + xc->xen->tick);
}

static int64_t divide_up(int64_t value, int64_t by)
{
    CHECK(by > 0);
    return (value + by - 1) / by;
}

/* A vCPU of a capped domain that has used more than the cap allows is paused until its credit is positive again. */
static void park(struct cpu *cpu, struct vcpu *v)
{
    v->csched.is_parked = true;
    xen_of(cpu)->statistics.parks++;
    word_fetch_or(cpu, &v->pause_flags, VPF_PARKED);
    vcpu_sleep(cpu, v);
}

static void unpark(struct cpu *cpu, struct vcpu *v)
{
    v->csched.is_parked = false;
    word_fetch_and(cpu, &v->pause_flags, ~(uint64_t)VPF_PARKED);
    vcpu_wake(cpu, v);
}

/* `cap`: credits that the vCPU may owe before it is parked; 0: not capped. */
static void account(struct cpu *cpu, struct vcpu *vcpu, int64_t fair_share, int64_t cap)
{
    struct csched_vcpu *v = &vcpu->csched;

    v->credit += fair_share;
    if (v->credit < 0) {
        v->priority = CSCHED_PRI_TS_OVER;
        if (cap > 0 && v->credit < -cap && !v->is_parked)
            park(cpu, vcpu);
        if (v->credit < CREDIT_FLOOR)
            v->credit = CREDIT_FLOOR;
        return;
    }
    v->priority = CSCHED_PRI_TS_UNDER;
    if (v->is_parked)
        unpark(cpu, vcpu);
    if (v->credit > CREDIT_CEILING) {
        v->is_active = false;
        v->credit /= 2;
    }
}

static int64_t active_of(const struct domain *d)
{
    int64_t active = 0;

    for (uint32_t i = 0; i < d->vcpu_count; i++)
        active += d->vcpus[i].csched.is_active;
    return active;
}

static int64_t weight_of(const struct domain *d)
{
    return active_of(d) * (int64_t)xen_guest_setup(&d->xen->setup->guests[d->group])->weight;
}

/* What is still to be given out in one accounting. */
struct pot {
    int64_t credit, weight, weight_left, balance;
    bool has_extra; /* a domain has got less than it could use */
};

/* The share of a domain by its weight, but no more than its active vCPUs can use, or its cap allows; the domains that
 * follow get the rest. */
static int64_t share_of(const struct xen *xen, struct domain *d, int64_t limit, struct pot *pot)
{
    int64_t weight = weight_of(d), peak = active_of(d) * CREDITS_PER_SLICE;

    pot->weight_left -= weight;
    if (xen->credit_balance < 0)
        peak += divide_up(-xen->credit_balance * weight, pot->weight);
    if (limit > 0 && limit < peak)
        peak = limit;
    int64_t fair = divide_up(pot->credit * weight, pot->weight);
    if (fair < peak) {
        pot->has_extra = true;
        return fair;
    }
    if (pot->weight_left > 0)
        pot->credit += divide_up((fair - peak) * pot->weight, pot->weight_left);
    if (pot->has_extra) {
        list_remove(&d->credit_link);
        list_insert_before(&d->credit_link, d->xen->credit_domains.next);
    }
    return peak;
}

static void account_domain(struct cpu *cpu, struct domain *d, struct pot *pot)
{
    int64_t active = active_of(d);
    int64_t limit = divide_up((int64_t)xen_guest_setup(&d->xen->setup->guests[d->group])->cap * CREDITS_PER_SLICE, 100);
    int64_t share = divide_up(share_of(d->xen, d, limit, pot), active);

    for (uint32_t i = 0; i < d->vcpu_count; i++)
        if (d->vcpus[i].csched.is_active) {
            account(cpu, &d->vcpus[i], share, divide_up(limit, active));
            pot->balance += d->vcpus[i].csched.credit;
        }
}

static void accounting(struct cpu *cpu, void *data)
{
    struct xen_cpu *xc = data;
    struct xen *xen = xc->xen;
    struct pot pot = { .credit = (int64_t)CREDITS_PER_SLICE * xen->cpu_count };
    bool was_on = spin_lock_irqsave(cpu, &xen->credit_lock);

    for (uint32_t d = 0; d < xen->domain_count; d++)
        pot.weight += weight_of(&xen->domains[d]);
    pot.weight_left = pot.weight;
    if (xen->credit_balance < 0)
        pot.credit -= xen->credit_balance;
    for (struct list *link = xen->credit_domains.next, *next; link != &xen->credit_domains; link = next) {
        struct domain *d = LIST_ENTRY(link, struct domain, credit_link);
        next = link->next;
        if (active_of(d) > 0)
            account_domain(cpu, d, &pot);
    }
    xen->credit_balance = pot.balance;
    spin_unlock_irqrestore(cpu, &xen->credit_lock, was_on);
    set_timer(cpu, &xc->master_ticker, now_of(cpu) + xen->tick * TICKS_PER_SLICE);
}

void csched_init(struct xen *xen)
{
    uint32_t words = (xen->cpu_count + 63) / 64;

    line_init(xen->machine, &xen->idlers_line, LINE_PLAIN);
    xen->idlers = ARENA_ARRAY(xen->machine->arena, struct word, words);
    for (uint32_t w = 0; w < words; w++) {
        word_init(&xen->idlers[w], &xen->idlers_line, 0);
        names_add(xen->machine, &xen->idlers[w], "idlers", NULL);
    }
    xen->node_cpus = ARENA_ARRAY(xen->machine->arena, uint64_t, xen->machine->topology->node_count * words);
    xen->credits_cycles = xen->timeslice / CREDITS_PER_SLICE;
    xen->tick = xen->timeslice / TICKS_PER_SLICE;
}

void csched_master_init(struct xen *xen)
{
    list_init(&xen->credit_domains);
    timer_init(&xen->cpus[0].master_ticker, accounting, &xen->cpus[0]);
    timer_boot(&xen->cpus[0], &xen->cpus[0].master_ticker, xen->tick * TICKS_PER_SLICE);
}

void csched_pcpu_init(struct xen_cpu *xc)
{
    struct xen *xen = xc->xen;

    timer_init(&xc->ticker, tick, xc);
    timer_tick(xen, &xc->ticker, "ticker", TRACE_NOBODY);
    timer_boot(xc, &xc->ticker, xen->tick + xen->tick * xc->id / xen->cpu_count);
    xen->idlers[xc->id / 64].value |= 1ull << (xc->id % 64);
    xen->node_cpus[xc->cpu->node * ((xen->cpu_count + 63) / 64) + xc->id / 64] |= 1ull << (xc->id % 64);
}

/* --- wake --- */

/* The next idle pCPU, after the one that this pCPU tickled last, where v may run; NULL if there is none. */
static struct xen_cpu *pick_idler(struct cpu *cpu, const struct vcpu *v)
{
    struct xen_cpu *waker = xen_cpu(cpu);
    struct xen *xen = waker->xen;
    uint64_t idlers = 0;

    for (uint32_t i = 1; i <= xen->cpu_count; i++) {
        uint32_t id = (waker->last_tickle + i) % xen->cpu_count;
        if (i == 1 || id % 64 == 0)
            idlers = word_load(cpu, &xen->idlers[id / 64]);
        if (!(idlers >> id % 64 & 1) || !csched_may_run_on(v, &xen->cpus[id]))
            continue;
        waker->last_tickle = id;
        return &xen->cpus[id];
    }
    return NULL;
}

static void runq_tickle(struct cpu *cpu, struct vcpu *v)
{
    struct xen_cpu *xc = v->processor;

    if (is_idle_vcpu(xc->curr)) {
        cpu_raise_softirq(cpu, xc, SCHEDULE_SOFTIRQ);
        return;
    }
    struct xen_cpu *idler = pick_idler(cpu, v);
    if (idler != NULL)
        cpu_raise_softirq(cpu, idler, SCHEDULE_SOFTIRQ);
    else if (v->csched.priority > xc->curr->csched.priority)
        cpu_raise_softirq(cpu, xc, SCHEDULE_SOFTIRQ);
}

void csched_vcpu_wake(struct cpu *cpu, struct vcpu *v)
{
    if (v->processor->curr == v || !list_is_empty(&v->csched.runq_link))
        return;
    if (v->csched.priority == CSCHED_PRI_TS_UNDER)
        v->csched.priority = CSCHED_PRI_TS_BOOST;
    csched_runq_insert(v);
    runq_tickle(cpu, v);
}

/* --- picking who runs --- */

/* The first vCPU in the peer's queue that has a priority above this, is not still being switched away from, and may run
 * on the thief. */
static struct vcpu *stealable(struct cpu *cpu, const struct xen_cpu *peer, enum csched_priority above)
{
    if (is_idle_vcpu(peer->curr))
        return NULL;
    for (struct list *link = peer->runq.next; link != &peer->runq; link = link->next) {
        struct vcpu *v = LIST_ENTRY(link, struct vcpu, csched.runq_link);
        if (v->csched.priority <= above)
            return NULL;
        if (word_load(cpu, &v->is_running) == 0 && csched_may_run_on(v, xen_cpu(cpu)))
            return v;
    }
    return NULL;
}

static void move(struct vcpu *v, struct xen_cpu *to)
{
    list_remove(&v->csched.runq_link);
    vcpu_lock_charge(v);
    footprint_everything(to->cpu->engine); /* others read it without a lock */
    v->processor = to;
    v->lock_mark = lock_clock_read(to);
    for (int cause = 0; cause < CAUSE_COUNT; cause++)
        v->cause_mark[cause] = to->lock_clock.by_cause[cause];
}

/* Steals from the peer's queue if its lock is free. Both schedule_locks are held while a vCPU moves. */
static struct vcpu *try_steal(struct cpu *cpu, struct xen_cpu *peer, enum csched_priority above)
{
    if (!spin_trylock(cpu, &peer->schedule_lock))
        return NULL;
    struct vcpu *v = stealable(cpu, peer, above);
    if (v != NULL) {
        move(v, xen_cpu(cpu));
        xen_of(cpu)->statistics.steals++;
    }
    spin_unlock(cpu, &peer->schedule_lock);
    return v;
}

static uint32_t lowest(uint64_t bits) { return (uint32_t)__builtin_ctzll(bits); }

/* Whether the peer's lock is free and its queue has nothing to steal, which only a holder of the lock can change. That
 * its current vCPU is the idle one is told without is_idle_vcpu, which reads the vCPU: another cache line of each peer.
 */
static bool is_passed_over(const struct cpu *cpu, const struct xen_cpu *peer)
{
    footprint_read(cpu->engine, &peer->curr);
    footprint_read(cpu->engine, &peer->runq.next);
    return (peer->curr == &peer->idle_vcpu || list_is_empty(&peer->runq)) && spin_is_probeable(&peer->schedule_lock);
}

/* Skips the leading peers that are passed over; returns the others. Not inlined, to keep the stacks of an exploration
 * small. */
__attribute__((noinline)) static uint64_t pass_over(struct cpu *cpu, struct xen_cpu *cpus, uint64_t peers)
{
    struct line *lines[SPIN_PROBES_MAX];
    uint32_t count = 0;

    cpu_settle(cpu);
    for (uint64_t left = peers; left != 0 && count < SPIN_PROBES_MAX; left &= left - 1) {
        struct xen_cpu *peer = &cpus[lowest(left)];
        if (!is_passed_over(cpu, peer))
            break;
        lines[count++] = &peer->schedule_lock.line;
    }
    for (uint32_t probed = spin_probe_each(cpu, xen_of(cpu)->schedule_class, lines, count); probed > 0; probed--)
        peers &= peers - 1;
    return peers;
}

/* Searches the own node first; idle pCPUs are skipped. */
static struct vcpu *load_balance(struct cpu *cpu, enum csched_priority above)
{
    struct xen *xen = xen_of(cpu);
    uint32_t nodes = xen->machine->topology->node_count, words = (xen->cpu_count + 63) / 64;

    for (uint32_t n = 0; n < nodes; n++) {
        const uint64_t *node = &xen->node_cpus[(cpu->node + n) % nodes * words];
        for (uint32_t w = 0; w < words; w++) {
            uint64_t idlers = word_load(cpu, &xen->idlers[w]);
            uint64_t peers = node[w] & ~idlers & ~(w == cpu->id / 64 ? 1ull << (cpu->id % 64) : 0);
            while (peers != 0) {
                uint64_t left = pass_over(cpu, &xen->cpus[w * 64], peers);
                if (left == peers) {
                    struct vcpu *v = try_steal(cpu, &xen->cpus[w * 64 + lowest(peers)], above);
                    if (v != NULL)
                        return v;
                    left &= left - 1;
                }
                peers = left;
            }
        }
    }
    return NULL;
}

/* A pCPU's own bit is changed by itself alone. */
static void set_idler(struct cpu *cpu, bool is_idle)
{
    struct word *word = &xen_of(cpu)->idlers[cpu->id / 64];
    uint64_t bit = 1ull << (cpu->id % 64);

    if (((word_load_own(cpu, word) & bit) != 0) == is_idle)
        return;
    if (is_idle)
        word_fetch_or(cpu, word, bit);
    else
        word_fetch_and(cpu, word, ~bit);
}

/* Whether the current vCPU has not run as long yet as the ratelimit gives it. When explored, only the end of the slice
 * that it was given says so: no time passes otherwise. */
static bool is_protected(const struct cpu *cpu, const struct vcpu *current, cycles now)
{
    const struct xen *xen = xen_of(cpu);

    if (cpu_is_explored(cpu))
        return xen->ratelimit > 0 && !xen_cpu(cpu)->has_slice_ended;
    return xen->ratelimit > 0 && now < current->state_entry + xen->ratelimit;
}

/* Tasklet work overrides all else: the idle vCPU then has the priority BOOST, and its pCPU is no idler. */
struct csched_pick csched_schedule(struct cpu *cpu, cycles now, bool has_tasklet_work)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    struct xen *xen = xc->xen;
    struct vcpu *current = xc->curr;
    bool is_stopping = xc->runs_stop_work = hotplug_wants(cpu);
    bool is_preempted = is_stopping || has_tasklet_work;

    if (!is_idle_vcpu(current)) {
        burn_credits(xen, &current->csched, now);
        if (vcpu_runnable(cpu, current)) {
            if (!is_preempted && is_protected(cpu, current, now))
                return (struct csched_pick){ current, xen->ratelimit };
            csched_runq_insert(current);
        }
    }
    struct vcpu *next = is_preempted ? NULL : runq_first(xc);
    if (!is_preempted && (next == NULL || next->csched.priority <= CSCHED_PRI_TS_OVER)) {
        struct vcpu *stolen = load_balance(cpu, next != NULL ? next->csched.priority : CSCHED_PRI_IDLE);
        next = stolen != NULL ? stolen : next;
    }
    if (next == NULL)
        next = &xc->idle_vcpu;
    else if (!list_is_empty(&next->csched.runq_link))
        list_remove(&next->csched.runq_link);
    set_idler(cpu, is_idle_vcpu(next) && !has_tasklet_work);
    if (!is_idle_vcpu(next) && next != current)
        next->csched.start_time = now;
    return (struct csched_pick){ next, is_idle_vcpu(next) ? CYCLES_NEVER : xen->timeslice };
}

/* --- hotplug --- */

/* The next online pCPU in the vCPU's affinity. If there is none, the affinity is reset to all pCPUs. */
static struct xen_cpu *pick_cpu(struct cpu *cpu, struct vcpu *v, const struct xen_cpu *xc)
{
    struct xen *xen = xc->xen;

    for (int breaks_affinity = 0; breaks_affinity < 2; breaks_affinity++) {
        for (uint32_t i = 1; i < xen->cpu_count; i++) {
            struct xen_cpu *candidate = &xen->cpus[(xc->id + i) % xen->cpu_count];
            if (!cpu_is_offline(cpu, candidate) && csched_may_run_on(v, candidate))
                return candidate;
        }
        for (uint32_t w = 0; w < (xen->cpu_count + 63) / 64; w++)
            v->hard_affinity[w] = UINT64_MAX;
    }
    CHECK(!"the first pCPU stays online");
    return NULL;
}

static void migrate(struct cpu *cpu, struct vcpu *v)
{
    struct xen_cpu *from = v->processor, *to = pick_cpu(cpu, v, from);
    struct xen_cpu *first = from->id < to->id ? from : to, *second = first == from ? to : from;

    word_fetch_or(cpu, &v->pause_flags, VPF_MIGRATING);
    vcpu_sleep(cpu, v);
    spin_lock(cpu, &first->schedule_lock);
    spin_lock(cpu, &second->schedule_lock);
    move(v, to);
    spin_unlock(cpu, &second->schedule_lock);
    spin_unlock(cpu, &first->schedule_lock);
    word_fetch_and(cpu, &v->pause_flags, ~(uint64_t)VPF_MIGRATING);
    vcpu_wake(cpu, v);
}

/* Other pCPUs read both bitmaps without a lock. */
static void online_set(struct cpu *cpu, bool is_online)
{
    struct xen *xen = xen_of(cpu);
    uint32_t words = (xen->cpu_count + 63) / 64;
    uint64_t bit = 1ull << (cpu->id % 64), *node = &xen->node_cpus[cpu->node * words + cpu->id / 64];

    footprint_everything(cpu->engine);

    *node = is_online ? *node | bit : *node & ~bit;
    set_idler(cpu, is_online);
}

void cpu_disable_scheduler(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    CHECK(is_idle_vcpu(xc->curr));
    online_set(cpu, false);
    for (uint32_t d = 0; d < xc->xen->domain_count; d++)
        for (uint32_t i = 0; i < xc->xen->domains[d].vcpu_count; i++)
            if (xc->xen->domains[d].vcpus[i].processor == xc)
                migrate(cpu, &xc->xen->domains[d].vcpus[i]);
}

void csched_cpu_online(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    online_set(cpu, true);
    timer_init(&xc->s_timer, schedule_timer_fn, xc);
    timer_init(&xc->ticker, tick, xc);
    set_timer(cpu, &xc->ticker, now_of(cpu) + xc->xen->tick);
}
