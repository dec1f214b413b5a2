/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the writer of Perfetto's format share.
 */
#ifndef FORMATS_PERFETTO_PARTS_H
#define FORMATS_PERFETTO_PARTS_H

#include "formats/perfetto.h"
#include "formats/perfetto_wire.h"

/* Field numbers from perfetto.proto. */
enum { TRACE_PACKET = 1 };
enum {
    PACKET_FTRACE = 1,
    PACKET_PROCESSES = 2,
    PACKET_TIMESTAMP = 8,
    PACKET_SEQUENCE = 10,
    PACKET_TRACK_EVENT = 11,
    PACKET_SEQUENCE_FLAGS = 13,
    PACKET_TRACK = 60
};

static inline uint8_t *perfetto_task_text(uint8_t *to, uint32_t field, const struct task_row *task)
{
    return blob(to, field, task->name, task->name_bytes);
}

/* Appends the packet, without its sequence, that names the world's guests and threads. */
void perfetto_put_processes(struct bytes *packet, struct task_table *tasks);

#endif
