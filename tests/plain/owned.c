/* SPDX-License-Identifier: Apache-2.0
 *
 * Ownership in each family.
 */
#include "plain/owned.h"

#include <string.h>

#include "explore/explore.h"
#include "plain/host_owned.h"
#include "models/xen/posted/state.h"

static bool is_xen(const struct explore_world *world) { return strcmp(world->design->family->name, "xen") == 0; }

static void vcpu_owned(const struct cpu *cpu, const struct vcpu *v, uint64_t bit, uint64_t words[PLAIN_OWNED_WORDS])
{
    const struct xen_cpu *xc = xen_cpu(cpu);

    if (xc->current == v)
        words[PLAIN_OWNED_VCPU] |= bit;
    if (lock_is_held_by(&v->processor->schedule_lock, cpu))
        words[PLAIN_OWNED_SCHEDULING] |= bit;
    if (v->posted == NULL || v->posted->blocking_lock.value == 0)
        return;
    if (lock_is_held_by(&xc->xen->cpus[v->posted->blocking_lock.value - 1].posted->blocking_lock, cpu))
        words[PLAIN_OWNED_BLOCKING] |= bit;
}

void plain_owned(const struct explore_world *world, const struct cpu *cpu, uint64_t words[PLAIN_OWNED_WORDS])
{
    uint32_t number = 0;

    if (!is_xen(world)) {
        words[0] |= host_mutexes(cpu);
        return;
    }
    const struct xen *xen = xen_of(cpu);
    for (uint32_t d = 0; d < xen->domain_count; d++)
        for (uint32_t i = 0; i < xen->domains[d].vcpu_count; i++)
            vcpu_owned(cpu, &xen->domains[d].vcpus[i], 1ull << number++ % 64, words);
}

uint32_t plain_runner(const struct explore_world *world, const struct cpu *cpu)
{
    return is_xen(world) ? cpu->id : host_runner(cpu);
}

const char *plain_owned_name(uint32_t word)
{
    static const char *const names[] = { [PLAIN_OWNED_VCPU] = "its current vCPU or a mutex",
                                         [PLAIN_OWNED_SCHEDULING] = "the vCPU's schedule_lock",
                                         [PLAIN_OWNED_BLOCKING] = "the vCPU's blocking_lock" };

    return names[word];
}
