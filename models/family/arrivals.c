/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the machine's devices from the devices of a setup: converts their rates and durations into cycles and allocates
 * their histograms.
 */
#include "models/family/arrivals.h"

#include "base/histogram.h"

/* The work for each arrival of a replay, the handler's where it has none of its own; NULL: none has. */
static const cycles *works_of(struct machine *machine, const struct arrival_setup *setup, cycles handler)
{
    if (setup->works_ns == NULL)
        return NULL;
    cycles *works = ARENA_ARRAY(machine->arena, cycles, setup->time_count + 1);
    for (uint64_t t = 0; t < setup->time_count; t++)
        works[t] = setup->works_ns[t] == ARRIVAL_HANDLER
                       ? handler
                       : cycles_from_ns(setup->works_ns[t], machine->costs->frequency_hz);
    return works;
}

static struct device_arrivals arrivals_of(struct machine *machine, const struct arrival_setup *setup, cycles handler)
{
    uint64_t hz = machine->costs->frequency_hz;
    cycles *times = ARENA_ARRAY(machine->arena, cycles, setup->time_count + 1);

    for (uint64_t t = 0; t < setup->time_count; t++)
        times[t] = cycles_from_ns(setup->times_ns[t], hz);
    return (struct device_arrivals){
        .process = (enum device_process)setup->process,
        .gap = setup->process == ARRIVAL_CLOSED ? cycles_from_ns(setup->think_ns, hz)
                                                : cycles_of_period(setup->rate_millihertz, hz),
        .first_gap = cycles_of_period(setup->first_rate_millihertz, hz),
        .first_end = setup->first_rate_millihertz == 0 ? 0 : cycles_from_ns(setup->first_for_ns, hz),
        .on = cycles_from_ns(setup->on_ns, hz),
        .off = cycles_from_ns(setup->off_ns, hz),
        .interval = cycles_from_ns(setup->interval_ns, hz),
        .times = times,
        .works = works_of(machine, setup, handler),
        .time_count = setup->time_count,
    };
}

struct device device_kind_of(struct machine *machine, const struct device_setup *setup, cycles guest_handler)
{
    cycles handler =
        setup->handler_ns > 0 ? cycles_from_ns(setup->handler_ns, machine->costs->frequency_hz) : guest_handler;
    struct device_arrivals arrivals = arrivals_of(machine, &setup->arrivals, handler);
    struct histogram *latency = ARENA_NEW(machine->arena, struct histogram);

    histogram_init(latency);
    return (struct device){
        .machine = machine,
        .explored_interrupts = setup->interrupts,
        .handler = handler,
        .latency = latency,
        .arrivals = arrivals,
    };
}
