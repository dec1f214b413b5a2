/* SPDX-License-Identifier: Apache-2.0
 *
 * Adds up the devices' counters and the interrupts that are still outstanding, and reports both.
 */
#include "models/family/interrupts.h"

#include <stdlib.h>

#include "base/check.h"

static const struct metric_row irq_rows[] = {
    { "irq.raised", "count", METRIC_NEUTRAL, "interrupts that devices raised",
      METRIC_AT(struct interrupt_record, counted.raised) },
    { "irq.delivered", "count", METRIC_HIGHER, "interrupts whose guest handler ran",
      METRIC_AT(struct interrupt_record, counted.delivered) },
    { "irq.coalesced", "count", METRIC_NEUTRAL, "interrupts merged into an earlier one that was still pending",
      METRIC_AT(struct interrupt_record, counted.coalesced) },
    { "irq.discarded", "count", METRIC_NEUTRAL, "interrupts of devices that were unbound before their handler ran",
      METRIC_AT(struct interrupt_record, counted.discarded) },
    { "irq.pending", "count", METRIC_NEUTRAL,
      "interrupts still on their way when the run had drained, or masked or paused by somebody who may undo it",
      METRIC_AT(struct interrupt_record, pending) },
    { "irq.lost", "count", METRIC_LOWER, "interrupts that nothing is left to deliver",
      METRIC_AT(struct interrupt_record, lost) },
    { "irq.drain_ns", "ns", METRIC_NEUTRAL,
      "time after the measured time until no interrupt was outstanding, at most run.drain",
      METRIC_CYCLES_AT(struct interrupt_record, drained) },
    { "irq.latency", "ns", METRIC_NEUTRAL, "device raise to guest handler, distribution (for plots)",
      METRIC_OF(struct interrupt_record, latency, DISTRIBUTION) },
    { "irq.latency.mean_ns", "ns", METRIC_LOWER, "device raise to guest handler, mean",
      METRIC_OF(struct interrupt_record, latency, MEAN) },
    METRIC_PERCENTILES("irq.latency", "device raise to guest handler", struct interrupt_record, latency),
};
const struct metric_table irq_metric_table = METRIC_TABLE(irq_rows);

static const struct metric_row device_rows[] = {
    { "devices.D.interrupts", "count", METRIC_NEUTRAL, "interrupts that the device raised",
      METRIC_AT(struct interrupt_record, counted.raised) },
    { "devices.D.delivered", "count", METRIC_HIGHER, "interrupts of the device whose guest handler ran",
      METRIC_AT(struct interrupt_record, counted.delivered) },
    { "devices.D.absorbed", "count", METRIC_NEUTRAL, "arrivals that raised no interrupt because the guest was polling",
      METRIC_AT(struct interrupt_record, counted.absorbed) },
    { "devices.D.discarded", "count", METRIC_NEUTRAL,
      "interrupts discarded because the device was unbound before their handler ran",
      METRIC_AT(struct interrupt_record, counted.discarded) },
    { "devices.D.coalesced", "count", METRIC_NEUTRAL, "interrupts of the device merged into an earlier one",
      METRIC_AT(struct interrupt_record, counted.coalesced) },
    { "devices.D.pending", "count", METRIC_NEUTRAL,
      "interrupts of the device still on their way, masked or paused when the run had drained",
      METRIC_AT(struct interrupt_record, pending) },
    { "devices.D.lost", "count", METRIC_LOWER, "interrupts of the device that nothing is left to deliver",
      METRIC_AT(struct interrupt_record, lost) },
    { "devices.D.latency", "ns", METRIC_NEUTRAL, "raise to guest handler, distribution (for plots)",
      METRIC_OF(struct interrupt_record, latency, DISTRIBUTION) },
    { "devices.D.latency.mean_ns", "ns", METRIC_LOWER, "raise to guest handler, mean",
      METRIC_OF(struct interrupt_record, latency, MEAN) },
    METRIC_PERCENTILES("devices.D.latency", "raise to guest handler", struct interrupt_record, latency),
    { "devices.D.starvation.max_ns", "ns", METRIC_LOWER, "longest time asserted and eligible but not serviced",
      METRIC_CYCLES_AT(struct interrupt_record, starvation) },
};
const struct metric_table device_metric_table = METRIC_TABLE(device_rows);

struct state_record {
    struct histogram *latency[TARGET_STATE_COUNT];
};

static const struct metric_row irq_state_rows[] = {
    { "irq.latency_running.count", "count", METRIC_NEUTRAL, "delivered interrupts whose message found its vCPU RUNNING",
      METRIC_OF(struct state_record, latency[TARGET_RUNNING], COUNT) },
    METRIC_PERCENTILES("irq.latency_running", "device raise to guest handler of those", struct state_record,
                       latency[TARGET_RUNNING]),
    { "irq.latency_preempted.count", "count", METRIC_NEUTRAL,
      "delivered interrupts whose message found its vCPU RUNNABLE or OFFLINE",
      METRIC_OF(struct state_record, latency[TARGET_PREEMPTED], COUNT) },
    METRIC_PERCENTILES("irq.latency_preempted", "device raise to guest handler of those", struct state_record,
                       latency[TARGET_PREEMPTED]),
    { "irq.latency_blocked.count", "count", METRIC_NEUTRAL, "delivered interrupts whose message found its vCPU BLOCKED",
      METRIC_OF(struct state_record, latency[TARGET_BLOCKED], COUNT) },
    METRIC_PERCENTILES("irq.latency_blocked", "device raise to guest handler of those", struct state_record,
                       latency[TARGET_BLOCKED]),
};
const struct metric_table irq_state_metric_table = METRIC_TABLE(irq_state_rows);

struct interrupts interrupts_begin(const struct machine *machine, const struct drain *drain, const struct setup *setup,
                                   const struct device *devices)
{
    struct interrupts interrupts = { .machine = machine, .drain = drain, .setup = setup, .devices = devices };

    interrupts.records = calloc(setup->device_count + 1, sizeof(*interrupts.records));
    CHECK(interrupts.records != NULL);
    for (uint32_t i = 0; i < setup->device_count; i++)
        interrupts.records[i] = (struct interrupt_record){ .counted = devices[i].statistics,
                                                           .starvation = devices[i].starvation_max,
                                                           .latency = devices[i].latency };
    return interrupts;
}

static void append(struct stuck_interrupts *stuck, struct stuck_interrupt row)
{
    stuck->rows = realloc(stuck->rows, (stuck->count + 1) * sizeof(*stuck->rows));
    CHECK(stuck->rows != NULL);
    stuck->rows[stuck->count++] = row;
}

void interrupts_outstanding(struct interrupts *interrupts, const struct device_vector *vector,
                            struct interrupt_fate fate)
{
    uint32_t device = (uint32_t)(vector->device - interrupts->devices);
    struct interrupt_record *record = &interrupts->records[device];
    uint32_t number = record->vectors++;

    if (vector->outstanding == 0)
        return;
    CHECK(fate.place != NULL);
    append(&interrupts->stuck, (struct stuck_interrupt){ device, number, vector->outstanding, fate });
    *(fate.is_lost ? &record->lost : &record->pending) += vector->outstanding;
    cycles until = interrupts->drain->measured_until;
    if (until > vector->first_raise && until - vector->first_raise > record->starvation)
        record->starvation = until - vector->first_raise;
}

static struct histogram *histogram_new(void)
{
    struct histogram *histogram = malloc(sizeof(*histogram));

    CHECK(histogram != NULL);
    histogram_init(histogram);
    return histogram;
}

static void add(struct interrupt_record *all, const struct interrupt_record *record)
{
    counters_add(&all->counted, &record->counted, sizeof(all->counted));
    all->pending += record->pending;
    all->lost += record->lost;
    histogram_merge(all->latency, record->latency);
}

static int stuck_compare(const void *left, const void *right)
{
    const struct stuck_interrupt *a = left, *b = right;

    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->vector < b->vector ? -1 : a->vector > b->vector;
}

static void hand_over(struct stuck_interrupts *from, struct stuck_interrupts *stuck)
{
    if (stuck == NULL) {
        free(from->rows);
        return;
    }
    if (from->count > 0)
        qsort(from->rows, from->count, sizeof(*from->rows), stuck_compare);
    *stuck = *from;
}

void interrupts_report(struct interrupts *interrupts, struct metrics *metrics, struct stuck_interrupts *stuck)
{
    struct interrupt_record all = { .drained = interrupts->machine->engine->now - interrupts->drain->measured_until,
                                    .latency = histogram_new() };
    uint64_t hz = interrupts->machine->costs->frequency_hz;

    for (uint32_t i = 0; i < interrupts->setup->device_count; i++) {
        const struct interrupt_record *record = &interrupts->records[i];
        const struct device_statistics *counted = &record->counted;
        CHECK(counted->raised ==
              counted->delivered + counted->coalesced + counted->discarded + record->pending + record->lost);
        metrics_report(metrics, &device_metric_table, record, hz, interrupts->setup->devices[i].name);
        add(&all, record);
    }
    metrics_report(metrics, &irq_metric_table, &all, hz, NULL);
    free(all.latency);
    free(interrupts->records);
    hand_over(&interrupts->stuck, stuck);
}

void interrupts_report_states(const struct setup *setup, const struct device *devices, struct metrics *metrics)
{
    struct state_record all = { .latency = { NULL } };
    bool is_asked = false;

    for (int state = 0; state < TARGET_STATE_COUNT; state++)
        all.latency[state] = histogram_new();
    for (uint32_t i = 0; i < setup->device_count; i++) {
        if (devices[i].target_state == NULL)
            continue;
        is_asked = true;
        for (int state = 0; state < TARGET_STATE_COUNT; state++)
            histogram_merge(all.latency[state], devices[i].latency_by_state[state]);
    }
    if (is_asked)
        metrics_report(metrics, &irq_state_metric_table, &all, 0, NULL);
    for (int state = 0; state < TARGET_STATE_COUNT; state++)
        free(all.latency[state]);
}
