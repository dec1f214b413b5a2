/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of a model from a setup that a test wrote in C: boot, warm-up, measurement, metrics. No scenario, no files.
 */
#ifndef TESTS_MODELS_FIXTURE_H
#define TESTS_MODELS_FIXTURE_H

#include "base/metric.h"
#include "machine_fixture.h"
#include "models/family/family.h"

struct model_fixture {
    const struct setup *setup;
    const struct design *design;
    struct topology topology;
    struct arena arena;
    struct engine engine;
    struct machine machine;
};

/* The Westmere costs without spread, credit's times as Xen has them, ttas, and what else a setup must have. The guests,
 * the devices and the run are the test's. */
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
