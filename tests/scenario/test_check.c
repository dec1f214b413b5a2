/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks across sections at their limits: the last valid value loads, the first invalid one does not.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario_samples.h"

struct row {
    const char *text;
    bool is_good;
};

#define QEMU \
    "name: x\nmachine: { topology: \"package:1 core:2 pu:1\" }\nhypervisor: { design: qemu-pirq-merged }\n" \
    "guests: [ { name: g } ]\n"
#define NVME "name: x\nmachine: { topology: \"package:1 core:2 pu:1\" }\nhypervisor: { design: nvme-msi }\n"

static const struct row rows[] = {
    { "name: x\nguests: [ { name: g, count: 64, vcpus: 128 } ]\n", true },
    { "name: x\nguests: [ { name: g, count: 65, vcpus: 128 } ]\n", false },
    { SAMPLE "devices: [ { name: d, count: 32, vectors: 2048 } ]\n", true },
    { SAMPLE "devices: [ { name: d, count: 33, vectors: 2048 } ]\n", false },
    { "name: x\nmachine: { topology: \"package:2 core:2 pu:1\" }\nguests: [ { name: g, pin: \"package:1\" } ]\n",
      true },
    { "name: x\nmachine: { topology: \"package:2 core:2 pu:1\" }\nguests: [ { name: g, pin: \"package:2\" } ]\n",
      false },
    { SAMPLE "machine: { frequency: 100GHz }\nrun: { warmup: 0ns, duration: 11257s }\n", true },
    { SAMPLE "machine: { frequency: 100GHz }\nrun: { warmup: 0ns, duration: 11258s }\n", false },
    { SAMPLE "expect: [ guests.g.steal.percent < 1, devices.d.interrupts > 0 ]\ndevices: [ { name: d } ]\n", true },
    { SAMPLE "expect: [ devices.d.interrupts > 0 ]\n", false },
    { SAMPLE "headline: [ guests.g.steal.percent ]\n", true },
    { SAMPLE "headline: [ guests.h.steal.percent ]\n", false },
    { SAMPLE "hypervisor: { design: softirq-requeue }\n", true },
    { SAMPLE "hypervisor: { design: softirq }\n", false },
    { "name: a.b_c-1\nguests: [ { name: G-1_x } ]\n", true },
    { "name: .a\nguests: [ { name: g } ]\n", false },
    { "name: a\nguests: [ { name: _g } ]\n", false },
    { QEMU "qemu: { cpu: 1, irq_cpu: 1 }\n", true },
    { QEMU "qemu: { cpu: 2 }\n", false },
    { QEMU "qemu: { irq_cpu: 2 }\n", false },
    { NVME "devices: [ { name: d, affinity: \"pu:1\" } ]\n", true },
    { NVME "devices: [ { name: d, affinity: \"thread\" } ]\n", true },
    { NVME "devices: [ { name: d, affinity: \"pu:2\" } ]\n", false },
    { SAMPLE "host: { wake: 1cy }\n", false }, /* the design is of Xen's family */
};

static void limits_are_where_they_are_said_to_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scenario scenario;
        char *messages;
        enum scenario_status status = sample_load(&scenario, rows[i].text, NULL, 0, &messages);

        if ((status == SCENARIO_OK) != rows[i].is_good)
            fail_msg("row %zu: %s", i, messages);
        free(messages);
        if (status == SCENARIO_OK)
            scenario_free(&scenario);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(limits_are_where_they_are_said_to_be) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
