/* SPDX-License-Identifier: Apache-2.0
 *
 * The times of actions: one thread on each pCPU that actions name performs them, one after the other. In an exploration
 * the times order the actions of one pCPU, and do not order those of different pCPUs.
 */
#include "models/host/trace.h"
#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

static struct control_action *earliest(const struct control *control, bool only_due)
{
    struct control_action *found = NULL;

    for (uint32_t i = 0; i < control->vfio->setup->action_count; i++) {
        struct control_action *action = &control->vfio->actions[i];
        if (action->setup->cpu != control->cpu || action->due == CYCLES_NEVER || (only_due && !action->is_due))
            continue;
        if (found == NULL || action->due < found->due)
            found = action;
    }
    return found;
}

/* Schedules the next action of this pCPU, at its time in a timed run. */
static void arm(const struct control *control)
{
    struct control_action *next = earliest(control, false);

    if (next != NULL && !next->is_due)
        machine_event_at(control->vfio->machine, next->slot, next->due);
}

static struct control *control_of(const struct control_action *action)
{
    const struct vfio *vfio = action->vfio;

    for (uint32_t i = 0; i < vfio->control_count; i++)
        if (vfio->controls[i].cpu == action->setup->cpu)
            return &vfio->controls[i];
    CHECK(!"a control thread of that pCPU");
    return NULL;
}

static void action_fire(void *argument)
{
    struct control_action *action = argument;
    const struct control *control = control_of(action);

    action->is_due = true;
    lapic_deliver(&action->vfio->machine->cpus[control->cpu], control->vector);
}

static void control_wake(struct cpu *cpu, void *argument)
{
    struct control *control = argument;

    host_trace_do_irq(cpu, control->vector, NULL);
    thread_wake(cpu, &control->thread);
}

static void advance(struct control_action *action)
{
    const struct action_setup *setup = action->setup;
    bool is_over = setup->every_ns == 0 || (setup->times > 0 && action->fired >= setup->times);

    action->is_due = false;
    action->due = is_over ? CYCLES_NEVER
                          : action->due + cycles_from_ns(setup->every_ns, action->vfio->machine->costs->frequency_hz);
}

static void control_main(struct cpu *cpu, struct thread *thread)
{
    struct control *control = thread->context;

    for (;;) {
        cpu_settle(cpu);
        struct control_action *action = earliest(control, true);
        if (action == NULL) {
            thread_block(cpu);
            continue;
        }
        action->fired++;
        action_perform(cpu, action);
        cpu_settle(cpu);
        advance(action);
        arm(control);
    }
}

static void thread_boot(struct vfio *vfio, uint32_t cpu)
{
    struct control *control = &vfio->controls[vfio->control_count++];

    *control = (struct control){ .vfio = vfio, .cpu = cpu };
    control->vector = host_irq_add(vfio->host, cpu, control_wake, control);
    worker_boot(vfio->host, cpu, own_pool_workers(vfio->setup));
    thread_init(vfio->host, &control->thread, "ioctl", cpu, control_main, control);
}

void vfio_control_boot(struct vfio *vfio)
{
    uint32_t count = vfio->setup->action_count;

    vfio->actions = ARENA_ARRAY(vfio->machine->arena, struct control_action, count + 1);
    vfio->controls = ARENA_ARRAY(vfio->machine->arena, struct control, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        struct control_action *action = &vfio->actions[i];
        bool is_known = false;
        *action = (struct control_action){ .setup = &vfio->setup->actions[i], .vfio = vfio };
        action->slot = engine_event(vfio->machine->engine, action_fire, action);
        action->due = cycles_from_ns(action->setup->at_ns, vfio->machine->costs->frequency_hz);
        for (uint32_t c = 0; c < vfio->control_count; c++)
            is_known = is_known || vfio->controls[c].cpu == action->setup->cpu;
        if (!is_known)
            thread_boot(vfio, action->setup->cpu);
    }
    for (uint32_t c = 0; c < vfio->control_count; c++)
        arm(&vfio->controls[c]);
}
