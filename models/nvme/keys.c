/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario keys of NVMe drives; each table is in the order in which `explain` prints the keys.
 */
#include "models/nvme/keys.h"

#include "models/nvme/setup.h"

static const struct option_name process_names[] = {
    { "periodic", ARRIVAL_PERIODIC, "a drive completes one I/O after the other, at a fixed rate" },
    { NULL, 0, NULL },
};

static const struct option arrival_rows[] = {
    { "process", OPTION_ENUM, KEY_FIELD(struct arrival_setup, process), "periodic", 0, 0, NULL, process_names,
      "process of the drive's completions" },
    { "rate", OPTION_RATE, KEY_FIELD(struct arrival_setup, rate_millihertz), "1kHz", 1, 100 * KEY_RATE_MAX, NULL, NULL,
      "rate at which a drive serves its queue" },
};

static const struct option device_rows[] = {
    { "depth", OPTION_INTEGER, KEY_FIELD(struct nvme_device_setup, depth), "128", 1, 65536, NULL, NULL,
      "maximum number of I/Os in flight" },
    { "batch", OPTION_INTEGER, KEY_FIELD(struct nvme_device_setup, batch), "32", 1, 65536, NULL, NULL,
      "number of I/Os that the thread submits at once and waits for" },
    { "coalesce_threshold", OPTION_INTEGER, KEY_FIELD(struct nvme_device_setup, coalesce_threshold), "1", 1, 256, NULL,
      NULL, "completions that a message waits for (NVMe's interrupt coalescing); 1: it waits for none" },
    { "coalesce_time", OPTION_DURATION, KEY_FIELD(struct nvme_device_setup, coalesce_time_ns), "100us", 0, KEY_NS_PER_S,
      NULL, NULL, "longest wait for them, from the first completion on" },
    { "affinity", OPTION_TEXT, KEY_TEXT(struct nvme_device_setup, affinity), "thread", 1, 0, NULL, NULL,
      "pCPUs that take the drives' interrupts, in turn, as in `pin`; thread: each drive's own, where its thread runs" },
};

const struct key_table nvme_device_keys = { "devices", KEY_ROWS(device_rows), offsetof(struct device_setup, own) };
const struct key_table nvme_arrival_keys = { "devices.arrivals", KEY_ROWS(arrival_rows),
                                             offsetof(struct device_setup, arrivals) };
