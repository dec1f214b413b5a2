/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots a code object of Xen files and calls them. What the files call comes back through own_imports.c. An object of
 * dPCI code replaces the functions of the design: xen->dpci then points to a copy with this file's functions.
 */
#include "models/xen/own_code.h"

#include "code/code.h"
#include "models/locks/code_locks.h"
#include "models/xen/own_parts.h"
#include "models/xen/posted.h"

/* The heap holds the tree's structures of domains, vCPUs, PIRQs and tasklets, and each CPU's copy of per-CPU data. What
 * lies in it unused costs an exploration time; a timed run may bind and unbind for long. */
enum { HEAP_BYTES = 8192, HEAP_BYTES_PER_DOMAIN = 8192, HEAP_BYTES_PER_VCPU = 2048, HEAP_BYTES_PER_VECTOR = 1024 };
enum { TIMED_FACTOR = 4 };

static struct xen_code *own_of(const struct cpu *cpu) { return xen_of(cpu)->code; }

static void enter(struct cpu *cpu) { code_enter(own_of(cpu)->code, cpu); }

static void enter_boot(const struct xen *xen) { code_enter(xen->code->code, NULL); }

/* --- boot --- */

struct population {
    size_t domains, vcpus, vectors;
};

static struct population population_of(const struct setup *setup)
{
    struct population population = { .domains = 0 };

    for (uint32_t i = 0; i < setup->guest_count; i++) {
        population.domains += setup->guests[i].count;
        population.vcpus += (size_t)setup->guests[i].count * setup->guests[i].vcpus;
        population.vectors += (size_t)setup->guests[i].count * setup->guests[i].pirqs;
    }
    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];
        population.vectors += (size_t)device->count * device->vectors * setup->guests[device->guest].count;
    }
    return population;
}

static size_t heap_bytes(const struct xen *xen)
{
    struct population population = population_of(xen->setup);

    size_t bytes = HEAP_BYTES + HEAP_BYTES_PER_DOMAIN * population.domains +
                   HEAP_BYTES_PER_VECTOR * population.vectors +
                   HEAP_BYTES_PER_VCPU * (population.vcpus + xen->cpu_count);

    return machine_is_explored(xen->machine) ? bytes : TIMED_FACTOR * bytes;
}

/* Names the parts of the object that are there. */
static void find_parts(struct xen_code *own)
{
    const struct code_object *object = own->code->object;

    own->has_tasklets = code_object_has_file(object, "tasklet.c");
    own->has_dpci = code_object_has_file(object, "io.c") || code_object_has_file(object, "x86/hvm.c");
    own->has_softirqs = code_object_has_file(object, "softirq.c");
}

#define PART(name) (*(void **)(void *)&own->name = code_function(own->code, "irqpath_" #name))

/* The glue and this program belong together. */
static void check_part(const struct xen_code *own, bool is_there)
{
    if (is_there)
        return;
    code_enter(own->code, NULL);
    code_bug(NULL, VIOLATION_MODELLED_BUG, "it was built by another version of irqpath: build it again");
}

static void find_functions(struct xen_code *own)
{
    PART(xen_boot);
    PART(cpu_notify);
    PART(tasklet_new);
    PART(tasklet_schedule);
    PART(tasklet_kill);
    PART(do_tasklet);
    PART(tasklet_scheduled);
    PART(tasklet_waits);
    PART(tasklet_is_queued);
    PART(tasklet_first);
    PART(tasklet_place);
    PART(domain_new);
    PART(vcpu_of);
    PART(pirq_new);
    PART(pirq_remove);
    PART(pirq_free);
    PART(bind);
    PART(bind_unmasks);
    PART(unbind);
    PART(clean_pirqs);
    PART(do_IRQ_dpci);
    PART(dpci_eoi);
    PART(dpci_msi_eoi);
    PART(gsi_asserted);
    PART(cleanup_check);
    PART(put_domain);
    PART(pirq_peek);
    PART(domain_peek);
    PART(raise);
    PART(do_softirq);
    PART(process_pending_softirqs);
    PART(softirqs_pending);
    PART(softirqs_peek);
    PART(open);
    check_part(own, own->xen_boot != NULL && own->cpu_notify != NULL);
    check_part(own, !own->has_tasklets || (own->tasklet_new != NULL && own->tasklet_schedule != NULL));
    check_part(own, !own->has_dpci || (own->domain_new != NULL && own->pirq_new != NULL && own->do_IRQ_dpci != NULL &&
                                       own->dpci_msi_eoi != NULL && own->bind_unmasks != NULL));
    check_part(own, !own->has_softirqs || (own->raise != NULL && own->do_softirq != NULL && own->open != NULL));
}

static void softirqs_boot(struct xen_code *own)
{
    for (enum irqpath_softirq nr = 0; nr < IRQPATH_OTHER_SOFTIRQ; nr++)
        own->softirq_hosts[nr] = nr;
    if (!own->has_softirqs)
        return;
    for (enum irqpath_softirq nr = 0; nr < IRQPATH_OTHER_SOFTIRQ; nr++)
        if (!(nr == IRQPATH_TASKLET_SOFTIRQ && own->has_tasklets) && !(nr == IRQPATH_HVM_DPCI_SOFTIRQ && own->has_dpci))
            own->open(nr, &own->softirq_hosts[nr]);
}

const struct code_import *const xen_import_tables[] = { xen_code_imports, code_lock_imports, NULL };

void own_code_boot(struct xen *xen)
{
    struct xen_code *own;

    if (xen->setup->code == NULL)
        return;
    own = ARENA_NEW(xen->machine->arena, struct xen_code);
    own->xen = xen;
    own->code = code_boot(
        xen->machine, xen->setup->code,
        &(struct code_config){ .imports = xen_import_tables, .heap_bytes = heap_bytes(xen), .volatile_is_step = true });
    own->code->family = own;
    struct population population = population_of(xen->setup);
    code_locks_boot(own->code, xen->locks, (uint32_t)(population.domains + 2 * population.vectors));
    find_parts(own);
    find_functions(own);
    xen->code = own;
    if (own->has_dpci)
        own_dpci_boot(own);
    enter_boot(xen);
    own->xen_boot();
    softirqs_boot(own);
}

/* The softirqs with which a pCPU starts. */
void own_code_started(struct xen *xen)
{
    if (!own_has_softirqs(xen))
        return;
    enter_boot(xen);
    for (uint32_t id = 0; id < xen->cpu_count; id++) {
        xen->code->raise(id, IRQPATH_TIMER_SOFTIRQ);
        xen->code->raise(id, IRQPATH_SCHEDULE_SOFTIRQ);
    }
}

void own_domain_boot(struct domain *d, uint32_t pirqs)
{
    struct xen_code *own = d->xen->code;

    if (own == NULL || !own->has_dpci)
        return;
    enter_boot(d->xen);
    d->real = own->domain_new(d, d->id, d->vcpu_count, pirqs);
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        d->vcpus[i].real = own->vcpu_of(d->real, i, &d->vcpus[i]);
}

void own_tasklet_boot(struct xen *xen, struct tasklet *tasklet)
{
    if (!own_has_tasklets(xen) || tasklet->function == NULL)
        return;
    enter_boot(xen);
    tasklet->real = xen->code->tasklet_new(tasklet, !tasklet->runs_in_idle);
}

/* --- CPU notifiers --- */

void own_cpu_up(struct cpu *cpu, const struct xen_cpu *target)
{
    if (own_of(cpu) == NULL)
        return;
    enter(cpu);
    own_of(cpu)->cpu_notify(IRQPATH_CPU_UP_PREPARE, target->id);
}

void own_cpu_dead(struct cpu *cpu, const struct xen_cpu *dead)
{
    if (own_of(cpu) == NULL)
        return;
    enter(cpu);
    own_of(cpu)->cpu_notify(IRQPATH_CPU_DEAD, dead->id);
}

/* --- tasklets --- */

bool own_has_tasklets(const struct xen *xen) { return xen->code != NULL && xen->code->has_tasklets; }

void own_tasklet_schedule(struct cpu *cpu, struct tasklet *tasklet, const struct xen_cpu *on)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    const struct tasklet *outer = xc->code_tasklet;

    xc->code_tasklet = tasklet;
    enter(cpu);
    own_of(cpu)->tasklet_schedule(tasklet->real, on->id);
    xc->code_tasklet = outer;
}

void own_tasklet_kill(struct cpu *cpu, struct tasklet *tasklet)
{
    enter(cpu);
    own_of(cpu)->tasklet_kill(tasklet->real);
}

static const struct tasklet *first_of(const struct xen_cpu *xc)
{
    return xc->xen->code->tasklet_first != NULL && !machine_is_explored(xc->xen->machine)
               ? xc->xen->code->tasklet_first(xc->id)
               : NULL;
}

void own_tasklet_softirq(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    const struct tasklet *first = first_of(xc);

    CHECK(own_of(cpu)->handlers[IRQPATH_TASKLET_SOFTIRQ] != NULL);
    cpu_trace(cpu, TRACE_FOR, first != NULL ? first->owner : TRACE_NOBODY, 0, 0, 0);
    xc->code_tasklet = first;
    enter(cpu);
    own_of(cpu)->handlers[IRQPATH_TASKLET_SOFTIRQ]();
    xc->code_tasklet = NULL;
}

void own_do_tasklet(struct cpu *cpu)
{
    enter(cpu);
    own_of(cpu)->do_tasklet();
}

bool own_tasklet_scheduled(struct cpu *cpu)
{
    enter(cpu);
    return own_of(cpu)->tasklet_scheduled() != 0;
}

bool own_tasklet_waits(struct cpu *cpu)
{
    enter(cpu);
    return own_of(cpu)->tasklet_waits() != 0;
}

bool own_tasklet_is_queued(const struct tasklet *tasklet, const struct xen_cpu *xc)
{
    const struct xen_code *own = xc->xen->code;

    return tasklet->real != NULL && own->tasklet_is_queued(tasklet->real) != 0 &&
           own->tasklet_place(tasklet->real) == xc->id + 1;
}

/* --- softirqs --- */

static const enum irqpath_softirq names_of[SOFTIRQ_COUNT] = {
    [TIMER_SOFTIRQ] = IRQPATH_TIMER_SOFTIRQ,
    [SCHEDULE_SOFTIRQ] = IRQPATH_SCHEDULE_SOFTIRQ,
    [RCU_SOFTIRQ] = IRQPATH_RCU_SOFTIRQ,
    [TASKLET_SOFTIRQ] = IRQPATH_TASKLET_SOFTIRQ,
    [VCPU_KICK_SOFTIRQ] = IRQPATH_VCPU_KICK_SOFTIRQ,
    [HVM_DPCI_SOFTIRQ] = IRQPATH_HVM_DPCI_SOFTIRQ,
};

bool own_has_softirqs(const struct xen *xen) { return xen->code != NULL && xen->code->has_softirqs; }

void own_raise_softirq(struct cpu *cpu, const struct xen_cpu *target, enum softirq nr)
{
    enter(cpu);
    own_of(cpu)->raise(target->id, names_of[nr]);
}

/* In Xen schedule() does not return where it has switched to another vCPU: the frames of do_softirq are left behind. */
void own_do_softirq(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    void *volatile outer = xc->code_return;
    void *back[5];

    if (__builtin_setjmp(back) == 0) {
        xc->code_return = back;
        enter(cpu);
        own_of(cpu)->do_softirq();
    }
    xc->code_return = outer;
}

void own_process_pending_softirqs(struct cpu *cpu)
{
    enter(cpu);
    own_of(cpu)->process_pending_softirqs();
}

uint64_t own_softirqs_pending(struct cpu *cpu)
{
    enter(cpu);
    return own_of(cpu)->softirqs_pending(cpu->id);
}

uint64_t own_softirqs_peek(const struct xen_cpu *xc) { return xc->xen->code->softirqs_peek(xc->id); }
