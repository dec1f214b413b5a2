/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of other programs: recordings, topologies, objects.
 */
#include <stdio.h>

#include "base/check.h"
#include "code/object.h"
#include "formats/recordings.h"
#include "fuzz/targets.h"
#include "machine/topology.h"

void fuzz_recording(const uint8_t *bytes, size_t count)
{
    const struct recording_choice choice = { .allows_lost = true };
    struct recorded recorded;
    char message[512];
    uint64_t before = 0;

    recorded_init(&recorded);
    if (recorded_read(fuzz_file(bytes, count), &choice, &recorded, message, sizeof(message))) {
        for (size_t i = 0; i < recorded.count; i++) {
            CHECK(recorded.records[i].time >= before && recorded.records[i].time <= recorded.world.end);
            before = recorded.records[i].time;
        }
    }
    recorded_free(&recorded);
}

void fuzz_topology(const uint8_t *bytes, size_t count)
{
    struct topology topology;
    char message[512];

    if (topology_load(&topology, fuzz_file(bytes, count), INTERCONNECT_FULL, message, sizeof(message))) {
        CHECK(topology.cpu_count > 0 && topology.cpu_count <= TOPOLOGY_CPUS_MAX);
        topology_free(&topology);
    }
}

void fuzz_code(const uint8_t *bytes, size_t count)
{
    char message[512];

    struct code_object *object = code_object_open(fuzz_file(bytes, count), message, sizeof(message));
    if (object) {
        CHECK(code_object_info(object, "abi")[0] != '\0');
        code_object_close(object);
    }
}
