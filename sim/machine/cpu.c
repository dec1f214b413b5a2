/* SPDX-License-Identifier: Apache-2.0
 *
 * Time and interrupts on one pCPU. Left out: resources that SMT siblings share, frequency changes, SMIs and NMIs.
 */
#include "machine/cpu.h"

#include <inttypes.h>

#include "machine/footprint.h"
#include "machine/notes.h"

struct category_record {
    cycles spent, elapsed;
};

static const struct metric_row category_rows[] = {
    { "cpus.C.percent", "%", METRIC_NEUTRAL, "time the pCPUs spent in this category, per elapsed time of all",
      METRIC_PER(struct category_record, spent, elapsed) },
};
const struct metric_table cpu_metric_table = METRIC_TABLE(category_rows);

void cpu_category_flush(struct cpu *cpu)
{
    cpu->category_cycles[cpu->category] += cpu->engine->now - cpu->category_since;
    cpu->category_since = cpu->engine->now;
}

enum cpu_category cpu_category_set(struct cpu *cpu, enum cpu_category category)
{
    enum cpu_category previous = cpu->category;

    if (category == previous)
        return previous;
    cpu_settle(cpu);
    cpu_category_flush(cpu);
    cpu->category = category;
    cpu->lock_waits += category == CPU_LOCK_WAIT;
    return previous;
}

void cpu_measure(struct cpu *cpu)
{
    for (int i = 0; i < CPU_CATEGORY_COUNT; i++)
        cpu->category_cycles[i] = 0;
    cpu->category_since = cpu->engine->now;
}

void cpus_report(struct machine *machine, struct metrics *metrics, cycles elapsed)
{
    static const char *const names[CPU_CATEGORY_COUNT] = { [CPU_GUEST] = "guest",
                                                           [CPU_HYPERVISOR] = "hypervisor",
                                                           [CPU_INTERRUPT] = "interrupt",
                                                           [CPU_LOCK_WAIT] = "lock_wait",
                                                           [CPU_IDLE] = "idle" };
    cycles sums[CPU_CATEGORY_COUNT] = { 0 };

    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        struct cpu *cpu = &machine->cpus[id];
        cycles sum = 0;
        cpu_category_flush(cpu);
        for (int i = 0; i < CPU_CATEGORY_COUNT; i++) {
            sum += cpu->category_cycles[i];
            sums[i] += cpu->category_cycles[i];
        }
        CHECK(sum == elapsed);
    }
    for (int i = 0; i < CPU_CATEGORY_COUNT; i++)
        metrics_report(metrics, &cpu_metric_table, &(struct category_record){ sums[i], elapsed * machine->cpu_count },
                       0, names[i]);
}

/* Runs the handler of one vector with interrupts off, and restores the interrupt state afterwards. */
static void take_interrupt(struct cpu *cpu, uint32_t vector)
{
    enum cpu_category category = cpu_category_set(cpu, CPU_INTERRUPT);
    bool was_on = cpu->irq_on;
    const char *step = cpu->step;

    cpu->step = NULL;
    cpu->irq_on = false;
    cpu_serialise(cpu); /* the store buffer is drained when an interrupt is taken */
    lapic_accept(cpu, vector);
    cpu->interrupt_depth++;
    if (notes_are_read(cpu->engine))
        notes_add(cpu->engine, cpu, "interrupt %" PRIx32, vector);
    cpu_trace(cpu, TRACE_IRQ_ENTRY, TRACE_NOBODY, 0, vector, 0);
    cpu_spend(cpu, cpu->costs->irq_entry);
    cpu->machine->hooks.interrupt(cpu, vector);
    cpu_spend(cpu, cpu->costs->irq_exit);
    /* Settling with interrupts off keeps the next interrupt from nesting in this one: a storm needs no more stack. */
    cpu_settle(cpu);
    cpu_trace(cpu, TRACE_IRQ_EXIT, TRACE_NOBODY, 0, vector, 0);
    cpu_category_set(cpu, category);
    cpu->interrupt_depth--;
    cpu->step = step;
    cpu->irq_on = was_on;
    cpu->on_from = cpu_now(cpu);
}

void cpu_take_interrupts(struct cpu *cpu)
{
    while (cpu->irq_on && lapic_deliverable(cpu) != 0) {
        cpu_settle(cpu); /* may take the vector */
        uint32_t vector = lapic_deliverable(cpu);
        if (vector == 0)
            continue;
        take_interrupt(cpu, vector);
        cpu_serialise(cpu); /* IRET */
    }
}

bool cpu_acknowledge_interrupt(struct cpu *cpu)
{
    uint32_t vector = lapic_deliverable(cpu);

    CHECK(!cpu->irq_on);
    if (vector == 0)
        return false;
    take_interrupt(cpu, vector);
    return true;
}

void cpu_irq_on(struct cpu *cpu)
{
    cpu->irq_on = true;
    cpu->has_turn = cpu->has_lock_turn = false;
    cpu->on_from = cpu_now(cpu);
    if (cpu->lapic.irr_count != 0)
        cpu_take_interrupts(cpu);
}

void cpu_spend(struct cpu *cpu, cycles duration) { cpu->ahead += duration; }

void cpu_spend_software(struct cpu *cpu, cycles mean)
{
    cpu_spend(cpu, rng_lognormals_draw(&cpu->software, mean, &cpu->machine->software));
}

bool cpu_run_until(struct cpu *cpu, cycles when)
{
    cpu_settle(cpu);
    while (lapic_deliverable(cpu) == 0 && !cpu->is_nudged) {
        if (when <= cpu->engine->now || engine_advance_or_set(cpu->engine, cpu->slot, when))
            return true;
        cpu->is_interruptible = true;
        engine_park(cpu->engine);
        cpu->is_interruptible = false;
    }
    return false;
}

void cpu_nudge(struct cpu *target)
{
    footprint_everything(target->engine);
    target->is_nudged = true;
    cpu_interrupt(target);
}

void cpu_power_off(struct cpu *cpu)
{
    enum cpu_category category = cpu_category_set(cpu, CPU_IDLE);

    CHECK(!cpu->irq_on && !cpu->is_off);
    cpu_settle(cpu);
    cpu->is_off = true;
    while (cpu->is_off)
        engine_park(cpu->engine);
    cpu_category_set(cpu, category);
}

void cpu_power_on(struct cpu *cpu, struct cpu *target)
{
    CHECK(target->is_off);
    footprint_everything(cpu->engine);
    notes_add(cpu->engine, cpu, "sends INIT to cpu%" PRIu32, target->id);
    cpu_spend(cpu, cpu->costs->icr_write);
    cpu_settle(cpu);
    lapic_reset(target);
    target->is_off = false;
    cpu_wake_at(target, cpu->engine->now);
}

/* The time that it takes to leave a state deeper than C1; 0: there is no such state. */
static cycles deeper_wake(const struct costs *costs, uint64_t state)
{
    if (state == IDLE_C1E)
        return costs->idle_wake_c1e;
    return state == IDLE_C3 ? costs->idle_wake_c3 : costs->idle_wake_c6;
}

/* The time that it takes to leave the state which the governor chooses. An array of these in the frame would be taken
 * for an address in the frame of a CPU that parks (explore/code_liveness.h). */
static cycles idle_wake(const struct cpu *cpu)
{
    const struct costs *costs = cpu->costs;

    for (uint64_t state = costs->idle_deepest; state > IDLE_C1; state--) {
        cycles wake = deeper_wake(costs, state);
        if (wake > 0 && wake <= cpu->idle_mean / 10)
            return wake;
    }
    return costs->idle_wake;
}

static void halt(struct cpu *cpu, cycles wake)
{
    CHECK(!cpu->irq_on);
    cpu_settle(cpu);
    if (lapic_deliverable(cpu) != 0)
        return;
    cycles begin = cpu->engine->now;
    enum cpu_category category = cpu_category_set(cpu, CPU_IDLE);
    cpu_trace(cpu, TRACE_IDLE_ENTRY, TRACE_NOBODY, 0, 0, 0);
    cpu_run_until(cpu, CYCLES_NEVER);
    cpu_trace(cpu, TRACE_IDLE_EXIT, TRACE_NOBODY, 0, 0, 0);
    cpu->idle_mean = (cpu->idle_mean + cpu->engine->now - begin) / 2;
    cpu_until(cpu, cpu->engine->now + wake);
    cpu_category_set(cpu, category);
}

void cpu_halt(struct cpu *cpu) { halt(cpu, idle_wake(cpu)); }

void cpu_halt_shallow(struct cpu *cpu) { halt(cpu, cpu->costs->idle_wake); }
