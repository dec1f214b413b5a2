/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of irqpath.h that needs nothing but the machine: ends, memory, CPUs, interrupts, time.
 */
#include "code/verbs.h"

#include <stdio.h>

#include "code/abi/irqpath.h"
#include "code/describe.h"
#include "machine/notes.h"

#define PC __builtin_return_address(0)

void irqpath_bug(const char *text) { code_bug(PC, VIOLATION_MODELLED_BUG, text); }

void *irqpath_alloc(unsigned long bytes, const char *type)
{
    void *object = code_alloc(code_current(), bytes, type);

    if (object == NULL)
        code_bug(PC, VIOLATION_MODELLED_BUG, "irqpath's memory for the code's objects is used up");
    return object;
}

void irqpath_free(void *object) { code_free_at(code_current(), object, PC); }

void irqpath_name(const void *object, unsigned long bytes, const char *type, const char *name, unsigned number)
{
    code_name(code_current(), object, bytes, type, "%s%u", name, number);
}

unsigned irqpath_cpu(void)
{
    const struct cpu *cpu = code_cpu();

    return cpu == NULL ? 0 : cpu->id;
}

unsigned irqpath_cpus(void) { return code_current()->machine->cpu_count; }

void irqpath_relax(void)
{
    struct code *code = code_current();
    struct cpu *cpu = code_cpu();

    if (cpu == NULL)
        return;
    code_settle(code, cpu);
    cpu_relax(cpu);
    if (notes_are_read(cpu->engine)) {
        char place[80];
        describe_place(code, PC, place, sizeof(place));
        notes_add(cpu->engine, cpu, "%s" NOTE_PAUSE, place);
    }
    code_resume(code, cpu);
}

unsigned long irqpath_irq_save(void)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return 0;
    bool was_on = cpu_irq_off(caller.cpu);
    code_caller_leave(caller);
    return was_on;
}

void irqpath_irq_restore(unsigned long was_on)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    if (was_on)
        cpu_irq_on(caller.cpu);
    else
        caller.cpu->irq_on = false;
    code_caller_leave(caller);
}

int irqpath_irq_is_on(void) { return code_cpu() != NULL && code_cpu()->irq_on; }

int irqpath_in_irq(void) { return code_cpu() != NULL && code_cpu()->interrupt_depth > 0; }

unsigned long irqpath_now(void)
{
    const struct cpu *cpu = code_caller_enter().cpu;

    return cpu == NULL ? 0 : cycles_to_ns(cpu_now(cpu), cpu->costs->frequency_hz);
}

const struct code_import verb_imports[] = {
    CODE_IMPORT(irqpath_bug),
    CODE_IMPORT(irqpath_alloc),
    CODE_IMPORT(irqpath_free),
    CODE_IMPORT(irqpath_name),
    CODE_IMPORT(irqpath_cpu),
    CODE_IMPORT(irqpath_cpus),
    CODE_IMPORT(irqpath_relax),
    CODE_IMPORT(irqpath_irq_save),
    CODE_IMPORT(irqpath_irq_restore),
    CODE_IMPORT(irqpath_irq_is_on),
    CODE_IMPORT(irqpath_in_irq),
    CODE_IMPORT(irqpath_now),
    { NULL, NULL },
};
