/* SPDX-License-Identifier: Apache-2.0
 *
 * Making and revoking claims on lines.
 */
#include "machine/lines/claim.h"

#include "machine/lines/line.h"

/* Only a line that one CPU owns exclusively: a touch then changes owner and free_at alone, which a claim can restore.
 */
static bool is_claimable(const struct line *line)
{
    return line->claim == NULL && line->owner != LINE_NO_OWNER && !line->is_contended &&
           (line->waiters == NULL || (line->waiters->first == NULL && !line->waiters->is_reread_due));
}

static bool is_over(const struct claim *claim)
{
    const struct engine *engine = claim->walk->cpu->engine;

    return claim->at < engine->now || (claim->at == engine->now && claim->walk->cpu->slot < engine->context.actor);
}

void claim_revoke(struct line *line)
{
    struct claim *claim = line->claim;
    struct walk *walk = claim->walk;
    uint32_t kept = (uint32_t)(claim - walk->claims);

    line->claim = NULL;
    if (is_over(claim))
        return;
    for (uint32_t i = kept; i < walk->count; i++) {
        struct claim *lost = &walk->claims[i];
        lost->line->claim = NULL;
        lost->line->owner = lost->owner_before;
        lost->line->free_at = lost->free_at_before;
    }
    walk->count = kept;
    cpu_wake_at(walk->cpu, claim->at);
}

/* Claims the line for a touch at `at`, and returns when that touch ends. */
static cycles claim_make(struct walk *walk, struct line *line, cycles at)
{
    struct claim *claim = &walk->claims[walk->count++];

    *claim = (struct claim){
        .walk = walk, .line = line, .at = at, .free_at_before = line->free_at, .owner_before = line->owner
    };
    line->claim = claim;
    return line_request(line, walk->cpu, at, LINE_ATOMIC);
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
    cycles at = cpu_now(cpu), end = at;
    while (walk.count + 1 < count && walk.count < CLAIMS_MAX && end < engine->horizon &&
           is_claimable(lines[walk.count + 1])) {
        at = end;
        end = claim_make(&walk, lines[walk.count + 1], at) + after;
    }
    uint32_t claimed = walk.count;
    if (claimed == 0)
        return 1;
    cpu->ahead = 0;
    cpu_wake_at(cpu, at);
    engine_park(engine);
    for (uint32_t i = 0; i < walk.count; i++)
        if (walk.claims[i].line->claim == &walk.claims[i])
            walk.claims[i].line->claim = NULL;
    /* Counts the events of touching one by one: one settle for each touch, and one for a revoked touch. */
    engine->events += (walk.count < claimed ? walk.count + 1 : claimed) - 1;
    if (walk.count == claimed)
        cpu_until(cpu, end);
    return 1 + walk.count;
}
