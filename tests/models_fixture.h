/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of a model from a setup that a test wrote in C: boot, warm-up, measurement, metrics. No scenario, no files.
 */
#ifndef TESTS_MODELS_FIXTURE_H
#define TESTS_MODELS_FIXTURE_H

#include "base/metric.h"
#include "machine_fixture.h"
#include "models/family/family.h"
#include "own.h"

/* Initialisers of what the host has in common with Xen. */
#define HOST_COSTS_WESTMERE \
    .exit_dispatch = 300, .do_irq = 1769, .timer_softirq = 500, .eoi_exit = 403, .hypercall = 169, \
    .virq_injection = 400, .hlt_exit = 1319, .guest_handler = 6000

struct model_fixture {
    const struct setup *setup;
    const struct design *design;
    struct topology topology;
    struct arena arena;
    struct engine engine;
    struct machine machine;
};

/* What software costs on the machine of costs_westmere, without spread. */
extern const struct xen_costs xen_costs_westmere;

/* The Westmere costs, ttas, and what else a setup must have. The guests, the devices, the run and what is a family's
 * own are the test's. */
void setup_init_plain(struct setup *setup, const char *topology);

/* The same for Xen, with credit's times as Xen has them; its guests have a scenario's defaults. */
void setup_init(struct setup *setup, const char *topology);

/* Appends one with the defaults of a scenario; the returned row may be changed. */
struct guest_setup *setup_guest(struct setup *setup, const char *name, uint32_t vcpus);
struct device_setup *setup_device(struct setup *setup, const char *name, uint32_t guest);

/* Boots `design` (of models/registry.c) at cycle 0. The setup outlives the fixture. */
void model_open(struct model_fixture *fixture, const struct setup *setup, const char *design);
void model_advance(struct model_fixture *fixture, uint64_t until_ns);
void model_close(struct model_fixture *fixture);

/* model_open, warm-up, measurement, model_close; metrics_free is the caller's. */
void model_run(const struct setup *setup, const char *design, struct metrics *metrics);

/* The value of a metric that there is and that has an observation. */
double metric_of(const struct metrics *metrics, const char *name);

/* FNV-1a over names, numerators and denominators, and the histograms' counts. */
uint64_t metrics_hash(const struct metrics *metrics);

#endif
