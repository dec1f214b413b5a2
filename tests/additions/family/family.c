/* SPDX-License-Identifier: Apache-2.0
 *
 * A family in one file: devices that interrupt pCPUs, and handlers that work in rounds. It has one design, one key, one
 * cost and one metric of its own, and shares everything else.
 */
#include "machine/cpu.h"
#include "machine/devices/device.h"
#include "models/family/arrivals.h"
#include "models/family/family.h"
#include "models/family/interrupts.h"
#include "models/toy/toy.h"

/* --- setup and keys --- */

struct toy_costs {
    cycles handler;
};

struct toy_setup {
    struct toy_costs costs;
    uint32_t rounds;
};

SETUP_OWN_FITS(struct toy_setup, SETUP_OWN_BYTES);

static const struct toy_setup *toy_setup(const struct setup *setup) { return (const void *)setup->own; }

static const struct option cost_rows[] = { KEY_COST(struct toy_costs, handler, "one round of a handler") };
static const struct option toy_rows[] = {
    { "rounds", OPTION_INTEGER, KEY_FIELD(struct toy_setup, rounds), "1", 1, 100, NULL, NULL,
      "rounds of each handler" },
};

static const struct key_table cost_keys = { "toy.costs", KEY_ROWS(cost_rows), offsetof(struct setup, own) };
static const struct key_table toy_keys = { "toy", KEY_ROWS(toy_rows), offsetof(struct setup, own) };
static const struct key_table *const keys[] = { &arrival_keys, &interrupt_cost_keys, &cost_keys, &toy_keys, NULL };
static const struct key_table *const costs[] = { &cost_keys, NULL };
static const struct software toy_software = { "toy", costs };
static const struct software *const software[] = { &toy_software, NULL };

/* --- the model --- */

struct toy_statistics {
    uint64_t rounds;
};

struct toy {
    const struct setup *setup;
    struct device *devices;
    struct device_vector *vectors;
    uint32_t vector_count;
    struct toy_statistics statistics;
};

enum { FIRST_VECTOR = VECTOR_DEVICE_FIRST };

static uint32_t vectors_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        count += setup->devices[i].count;
    return count;
}

/* For each vector its arrivals, and its message when explored. */
static uint32_t toy_slots(const struct setup *setup) { return 2 * vectors_of(setup); }

static void toy_boot(const struct design *design, struct machine *machine, const struct setup *setup)
{
    struct toy *toy = ARENA_NEW(machine->arena, struct toy);

    (void)design;
    machine->hypervisor = toy;
    toy->setup = setup;
    toy->devices = ARENA_ARRAY(machine->arena, struct device, setup->device_count);
    toy->vectors = ARENA_ARRAY(machine->arena, struct device_vector, vectors_of(setup));
    for (uint32_t i = 0; i < setup->device_count; i++) {
        toy->devices[i] = device_kind_of(machine, &setup->devices[i], 0);
        for (uint32_t n = 0; n < setup->devices[i].count; n++) {
            struct device_vector *vector = &toy->vectors[toy->vector_count];
            device_vector_init(vector, &toy->devices[i], machine->seed, toy->vector_count);
            device_route(vector, &machine->cpus[toy->vector_count % machine->cpu_count],
                         FIRST_VECTOR + toy->vector_count);
            device_start(vector);
            toy->vector_count++;
        }
    }
}

static void toy_cpu_main(struct cpu *cpu)
{
    for (;;) {
        while (cpu_acknowledge_interrupt(cpu))
            ;
        cpu_halt(cpu);
    }
}

static void toy_interrupt(struct cpu *cpu, uint32_t vector)
{
    struct toy *toy = cpu->machine->hypervisor;
    const struct toy_setup *setup = toy_setup(toy->setup);

    lapic_eoi(cpu);
    device_handler_begin(&toy->vectors[vector - FIRST_VECTOR]);
    for (uint32_t i = 0; i < setup->rounds; i++) {
        cpu_spend(cpu, setup->costs.handler);
        toy->statistics.rounds++;
    }
    device_handler_end(&toy->vectors[vector - FIRST_VECTOR]);
}

/* --- metrics --- */

static const struct metric_row rows[] = {
    { "toy.rounds", "count", METRIC_NEUTRAL, "rounds of handlers", METRIC_AT(struct toy_statistics, rounds) },
};
static const struct metric_table toy_table = METRIC_TABLE(rows);
static const struct metric_table *const metric_tables[] = { &irq_metric_table, &device_metric_table, &toy_table, NULL };

static void toy_measure(struct machine *machine)
{
    struct toy *toy = machine->hypervisor;

    toy->statistics = (struct toy_statistics){ .rounds = 0 };
    for (uint32_t i = 0; i < toy->setup->device_count; i++)
        device_measure(&toy->devices[i]);
    for (uint32_t i = 0; i < toy->vector_count; i++)
        toy->vectors[i].device->statistics.raised += toy->vectors[i].outstanding;
}

static void toy_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                           struct stuck_interrupts *stuck)
{
    const struct toy *toy = machine->hypervisor;
    struct interrupts interrupts = interrupts_begin(machine, drain, toy->setup, toy->devices);

    for (uint32_t i = 0; i < toy->vector_count; i++)
        interrupts_outstanding(&interrupts, &toy->vectors[i], (struct interrupt_fate){ false, "in the toy" });
    interrupts_report(&interrupts, metrics, stuck);
}

static void toy_metrics(struct machine *machine, struct metrics *metrics)
{
    const struct toy *toy = machine->hypervisor;

    metrics_report(metrics, &toy_table, &toy->statistics, machine->costs->frequency_hz, NULL);
}

static void toy_explored(struct setup *setup) { ((struct toy_setup *)setup->own)->costs.handler = 0; }

static const struct design direct = {
    .family = &toy_family, .name = "toy-direct", .summary = "handlers in the interrupt", .mirrors = "nothing"
};
static const struct design *const designs[] = { &direct };

const struct family toy_family = {
    .name = "toy",
    .designs = designs,
    .design_count = 1,
    .keys = keys,
    .software = software,
    .explored = toy_explored,
    .slots = toy_slots,
    .boot = toy_boot,
    .cpu_main = toy_cpu_main,
    .interrupt = toy_interrupt,
    .measure = toy_measure,
    .metrics = toy_metrics,
    .interrupts = toy_interrupts,
    .metric_tables = metric_tables,
};
