/* SPDX-License-Identifier: Apache-2.0
 *
 * A run_scenario that simulates nothing: its numbers follow from scenario and seed, and it takes the scenario's
 * warm-up as wall-clock time, so that tests of what drives runs are fast. A guest named "refused" is refused; one named
 * "interrupting" is done at once before seed 9, which interrupts the process. A run that is to be interrupted waits for
 * that, however long it takes.
 */
#ifndef FAKE_RUN_H
#define FAKE_RUN_H

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "simulation/run.h"
#include "scenario/scenario.h"

static inline uint64_t fake_number(const char *text, uint64_t seed)
{
    uint64_t number = seed + 1;
    for (; *text != '\0'; text++)
        number = (number ^ (unsigned char)*text) * 1099511628211u;
    return number >> 40;
}

static atomic_size_t fake_started;         /* runs so far */
static size_t fake_held_from = SIZE_MAX; /* runs from this one on end when they are cancelled, and not before */

static inline bool fake_guest_is(const struct scenario *scenario, const char *name)
{
    return scenario->setup.guest_count > 0 && strcmp(scenario->setup.guests[0].name, name) == 0;
}

bool run_scenario(const struct scenario *scenario, uint64_t seed, struct run_progress *progress, struct result *result,
                  char *message, size_t message_bytes)
{
    bool is_cancelled = false, is_interrupting = fake_guest_is(scenario, "interrupting");
    bool is_held = atomic_fetch_add(&fake_started, 1) >= fake_held_from || (is_interrupting && seed >= 9);
    uint64_t wall_ns = is_interrupting ? 0 : scenario->setup.run.warmup_ns;

    if (fake_guest_is(scenario, "refused")) {
        snprintf(message, message_bytes, "no such machine");
        return false;
    }
    if (progress != NULL)
        atomic_store(&progress->total_ns, scenario->setup.run.warmup_ns);
    if (is_interrupting && seed == 9)
        kill(getpid(), SIGINT);
    for (uint64_t slept = 0; (is_held || slept < wall_ns) && !is_cancelled; slept += 1000000) {
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        if (progress != NULL)
            atomic_store(&progress->simulated_ns, slept);
        is_cancelled = progress != NULL && progress->is_cancelled != NULL && atomic_load(progress->is_cancelled);
    }
    struct scenario *resolved = scenario_with_seed(scenario, seed);
    char *yaml = scenario_resolved_yaml(resolved);
    free(resolved);
    result_init(result, scenario->name, scenario->setup.hypervisor.design, seed, yaml);
    if (scenario->setup.code != NULL)
        result_set_code(result, scenario->setup.code);
    metrics_append(&result->metrics, "irq.raised", fake_number(yaml, seed), 1);
    metrics_append(&result->metrics, "guests.idle.steal.percent", fake_number(yaml, seed) % 100, 7);
    free(yaml);
    result->simulated_ns = 1000;
    result->is_partial = is_cancelled;
    result->wall.seconds = 0.25;
    return true;
}

#endif
