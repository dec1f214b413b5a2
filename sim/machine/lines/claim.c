/* SPDX-License-Identifier: Apache-2.0
 *
 * Making and revoking claims on lines.
 */
#include "machine/lines/claim.h"

#include "machine/lines/line.h"

/* Whether a claim with this key is over: the CPU that runs now comes later, or is the one that has made it. */
static bool is_over(uint64_t claimed, const struct engine *engine)
{
    return claimed <= eventq_key(engine->now, engine->context.actor);
}

/* Only a line that one CPU owns exclusively: a touch then changes owner and free_at alone, which a claim can restore.
 * The touch must come after those that have been made in advance. */
static bool is_claimable(const struct line *line, const struct cpu *cpu, cycles at)
{
    return line->claimed < eventq_key(at, cpu->slot) && line->owner != LINE_NO_OWNER && !line->is_contended &&
           (!line->is_waited || (line->waiters->first == NULL && !line->waiters->is_reread_due));
}

/* Gives back the last claim of the walk, which is the latest of its line. */
static void claim_give_back(struct walk *walk)
{
    struct claim *lost = &walk->claims[--walk->count];

    lost->line->claimed = lost->claimed_before;
    lost->line->claim = lost->before;
    lost->line->owner = lost->owner_before;
    lost->line->free_at = lost->free_at_before;
    if (walk->count == walk->kept)
        cpu_wake_at(walk->cpu, lost->at);
}

/* The walk is to lose this claim and all later ones. */
static struct walk *walk_revoke(struct claim *claim, struct walk *interrupted)
{
    claim->walk->kept = (uint32_t)(claim - claim->walk->claims);
    claim->walk->interrupted = interrupted;
    return claim->walk;
}

/* Gives back the claim, and before it those that depend on it: the later ones of its walk, and of each line those on
 * top. No walk waits for itself, because each claim depends on earlier ones only. */
static void claim_lose(struct claim *claim)
{
    struct walk *walk = walk_revoke(claim, NULL);

    while (walk != NULL) {
        if (walk->count == walk->kept) {
            walk = walk->interrupted;
            continue;
        }
        struct claim *last = &walk->claims[walk->count - 1], *latest = last->line->claim;
        CHECK(latest != NULL);
        if (latest == last)
            claim_give_back(walk);
        else
            walk = walk_revoke(latest, walk);
    }
}

void claim_revoke(struct line *line)
{
    while (!is_over(line->claimed, line->machine->engine))
        claim_lose(line->claim);
    line->claimed = 0;
}

static cycles transfer_latency(struct walk *walk, const struct line *line)
{
    if (line->owner != walk->met) {
        walk->met = line->owner;
        walk->latency = walk->cpu->costs->atomic_modified[line_owner_distance(line, walk->cpu->domain)];
    }
    return walk->latency;
}

/* Claims the line for a touch at `at`, and returns when that touch ends. */
static cycles claim_make(struct walk *walk, struct line *line, cycles at)
{
    struct claim *claim = &walk->claims[walk->count++];
    const struct cpu *cpu = walk->cpu;

    *claim = (struct claim){ .walk = walk,
                             .line = line,
                             .at = at,
                             .free_at_before = line->free_at,
                             .claimed_before = line->claimed,
                             .before = line->claim,
                             .owner_before = line->owner };
    line->claimed = eventq_key(at, cpu->slot);
    line->claim = claim;
    cycles start = at > line->free_at ? at : line->free_at;
    if (line->owner == cpu->id)
        return start + line_hit_cost(cpu->costs, LINE_ATOMIC);
    line->free_at = start + transfer_latency(walk, line);
    line->owner = cpu->id;
    return line->free_at;
}

/* Forgets the claim, on which there may be later ones. */
static void claim_end(const struct claim *claim, uint64_t key)
{
    uint64_t *claimed = &claim->line->claimed;

    for (struct claim *later = claim->line->claim; *claimed > key; later = later->before)
        claimed = &later->claimed_before;
    if (*claimed == key)
        *claimed = 0;
}

/* Claims of earlier cycles are over for everybody. One of this cycle is not for a CPU of a lower slot that this one
 * wakes in it. */
static void claims_end(struct walk *walk, cycles now)
{
    for (uint32_t left = walk->count; left > 0 && walk->claims[left - 1].at == now; left--)
        claim_end(&walk->claims[left - 1], eventq_key(now, walk->cpu->slot));
}

/* Sleeps until the last touch, which takes from `at` to `end`, or until a claim is revoked. If the touch takes longer
 * than a CPU may be ahead of the clock (line_stays_owned), what follows would settle first: it sleeps to its end. */
static void walk_sleep(struct walk *walk, cycles at, cycles end)
{
    struct cpu *cpu = walk->cpu;
    struct engine *engine = cpu->engine;
    uint32_t claimed = walk->count;
    bool settles = end - at > cpu->machine->fastest_transfer && end < engine->horizon;

    cpu->ahead = 0;
    cpu_wake_at(cpu, settles ? end : at);
    engine_park(engine);
    claims_end(walk, engine->now);
    /* Counts the events of touching one by one: one settle for each touch, and one for a revoked touch. */
    engine->events += (walk->count < claimed ? walk->count + 1 : claimed + settles) - 1;
    if (walk->count == claimed)
        cpu_until(cpu, end);
}

uint32_t line_touch_each(struct cpu *cpu, struct line *const *lines, uint32_t count, cycles after)
{
    struct walk walk;
    struct engine *engine = cpu->engine;

    CHECK(!cpu->irq_on);
    line_touch_locked(cpu, lines[0]);
    cpu_spend(cpu, after);
    if (!engine_is_in_order(engine))
        return 1;
    walk.cpu = cpu;
    walk.count = 0;
    walk.met = LINE_NO_OWNER;
    cycles at = cpu_now(cpu), end = at;
    while (walk.count + 1 < count && walk.count < CLAIMS_MAX && end < engine->horizon &&
           is_claimable(lines[walk.count + 1], cpu, end)) {
        at = end;
        end = claim_make(&walk, lines[walk.count + 1], at) + after;
    }
    if (walk.count > 0)
        walk_sleep(&walk, at, end);
    return 1 + walk.count;
}
