/* SPDX-License-Identifier: Apache-2.0
 *
 * The processes and threads of a trace for Perfetto. A message's fields are collected first, then prefixed with their
 * length.
 */
#include <string.h>

#include "formats/perfetto_parts.h"

enum { THREAD_BYTES = 256, SEQUENCE_CLEARED = 1 };

/* Appends a field whose contents may be long. */
static void put_bytes(struct bytes *to, uint32_t field, const void *data, size_t count)
{
    bytes_end(to, blob(bytes_begin(to, count + NUMBER_BYTES), field, data, count));
}

/* Appends the message to `to` as a field, and empties it. */
static void put_message(struct bytes *to, uint32_t field, struct bytes *message)
{
    put_bytes(to, field, message->data, message->count);
    bytes_free(message);
}

static void put_process(struct bytes *tree, uint32_t who, const char *name)
{
    struct bytes process = { 0 };
    uint8_t pid[NUMBER_BYTES];

    bytes_put(&process, pid, (size_t)(number(pid, 1, (uint32_t)task_pid(who)) - pid));
    put_bytes(&process, 3, name, strlen(name));
    put_message(tree, 1, &process);
}

static void put_thread(struct bytes *tree, const struct task_row *task, uint32_t leader)
{
    uint8_t thread[THREAD_BYTES], *to = number(thread, 1, (uint32_t)task->pid);

    to = number(perfetto_task_text(to, 2, task), 3, (uint32_t)task_pid(leader));
    put_bytes(tree, 2, thread, (size_t)(to - thread));
}

/* A guest is a process; each of the host's other threads is one, as kernel threads are. */
void perfetto_put_processes(struct bytes *packet, struct task_table *tasks)
{
    const struct trace_world *world = tasks->world;
    struct bytes tree = { 0 };
    uint8_t flags[NUMBER_BYTES];

    for (uint32_t d = 0; d < world->domain_count; d++) {
        put_process(&tree, trace_who(d, 0), world->domains[d].name);
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            put_thread(&tree, task_row(tasks, trace_who(d, v)), trace_who(d, 0));
    }
    for (uint32_t i = 0; i < world->thread_count; i++) {
        put_process(&tree, trace_who(TRACE_THREADS, i), world->threads[i].name);
        put_thread(&tree, task_row(tasks, trace_who(TRACE_THREADS, i)), trace_who(TRACE_THREADS, i));
    }
    put_message(packet, PACKET_PROCESSES, &tree);
    bytes_put(packet, flags, (size_t)(number(flags, PACKET_SEQUENCE_FLAGS, SEQUENCE_CLEARED) - flags));
}
