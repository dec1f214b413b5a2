/* SPDX-License-Identifier: Apache-2.0
 *
 * A sink that does not want all kinds that the tee receives gets its records in runs.
 */
#include "trace/tee.h"

#include "base/check.h"

static bool tee_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    const struct trace_tee *tee = (const struct trace_tee *)sink;

    for (size_t i = 0; i < tee->count; i++)
        if (!tee->sinks[i]->begin(tee->sinks[i], world, message, message_bytes))
            return false;
    if (world->needed_from != NULL)
        *world->needed_from = 0; /* one of several may say so for itself only */
    return true;
}

static void hand_over(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t from = 0, until; from < count; from = until) {
        until = from;
        while (until < count && (sink->kinds >> records[until].kind & 1) != 0)
            until++;
        if (until > from)
            sink->records(sink, &records[from], until - from);
        while (until < count && (sink->kinds >> records[until].kind & 1) == 0)
            until++;
    }
}

static void tee_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    const struct trace_tee *tee = (const struct trace_tee *)sink;

    for (size_t i = 0; i < tee->count; i++)
        hand_over(tee->sinks[i], records, count);
}

static void tee_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    const struct trace_tee *tee = (const struct trace_tee *)sink;

    for (size_t i = 0; i < tee->count; i++)
        tee->sinks[i]->end(tee->sinks[i], machine, now);
}

void trace_tee_init(struct trace_tee *tee)
{
    *tee = (struct trace_tee){ .sink = { 0, tee_begin, tee_records, tee_end } };
}

void trace_tee_add(struct trace_tee *tee, struct trace_sink *sink)
{
    CHECK(tee->count < TRACE_TEE_MAX);
    tee->sinks[tee->count++] = sink;
    tee->sink.kinds |= sink->kinds;
}
