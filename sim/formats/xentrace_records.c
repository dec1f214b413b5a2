/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads xentrace's binary format one record at a time, so that files may be larger than memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/readers.h"
#include "formats/xentrace_parts.h"

bool xen_fail(struct xen_reader *reader, uint64_t at, const char *format, ...)
{
    char text[300];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(reader->message, reader->message_bytes, "byte %" PRIu64 ": %s", at, text);
    return false;
}

static bool read_words(struct xen_reader *reader, uint32_t *words, uint32_t count, uint64_t end)
{
    uint8_t bytes[4 * (XENTRACE_EXTRA_MAX + 1)];

    if (end - reader->at < 4 * (uint64_t)count)
        return xen_fail(reader, reader->at, "a record goes beyond its window, which ends at byte %" PRIu64, end);
    if (fread(bytes, 4, count, reader->file) != count)
        return xen_fail(reader, reader->at, "the file cannot be read, or is cut off here");
    reader->at += 4 * (uint64_t)count;
    for (uint32_t i = 0; i < count; i++)
        words[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
                   (uint32_t)bytes[4 * i + 3] << 24;
    return true;
}

static bool read_record(struct xen_reader *reader, struct xen_cpu *cpu, uint64_t end, struct xen_record *record)
{
    uint32_t head = 0, tsc[2] = { 0 };

    record->at = reader->at;
    if (!read_words(reader, &head, 1, end))
        return false;
    record->event = head & 0x0fffffff;
    record->count = head >> 28 & 7;
    if (record->event == 0)
        return xen_fail(reader, record->at, "a record without an event: not an xentrace file, or damaged");
    if (head >> 31 != 0) {
        if (!read_words(reader, tsc, 2, end))
            return false;
        uint64_t now = (uint64_t)tsc[1] << 32 | tsc[0];
        if (cpu->has_tsc && now < cpu->tsc)
            return xen_fail(reader, record->at,
                            "time goes back by %" PRIu64 " cycles on this pCPU: its clock is skewed", cpu->tsc - now);
        if (now == 0)
            return xen_fail(reader, record->at, "time 0");
        cpu->tsc = now;
        cpu->has_tsc = true;
        reader->first_tsc = now < reader->first_tsc ? now : reader->first_tsc;
        reader->last_tsc = now > reader->last_tsc ? now : reader->last_tsc;
    }
    record->tsc = cpu->tsc;
    return read_words(reader, record->extra, record->count, end);
}

static bool read_window(struct xen_reader *reader)
{
    uint32_t head[3] = { 0 };
    uint64_t from = reader->at;

    if (!read_words(reader, head, 3, reader->size))
        return false;
    if (head[0] != (XENTRACE_CPU_CHANGE | UINT32_C(2) << 28))
        return xen_fail(reader, from, "no window of a pCPU begins here (%08x): not an xentrace file, or damaged",
                        head[0]);
    if (head[1] >= RECORDING_CPUS_MAX)
        return xen_fail(reader, from, "pCPU %u; there are at most %d", head[1], RECORDING_CPUS_MAX);
    if (head[2] > reader->size - reader->at)
        return xen_fail(reader, from, "a window of %u bytes, but the file ends %" PRIu64 " bytes later: it is cut off",
                        head[2], reader->size - reader->at);
    uint64_t end = reader->at + head[2];
    if (head[1] >= reader->recorded->world.cpu_count)
        reader->recorded->world.cpu_count = head[1] + 1;
    while (reader->at < end) {
        struct xen_record record = { 0 };
        if (!read_record(reader, &reader->cpus[head[1]], end, &record) || !xen_event(reader, head[1], &record))
            return false;
    }
    return true;
}

bool xentrace_records_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                           char *message, size_t message_bytes)
{
    struct xen_reader reader = { .choice = choice,
                                 .recorded = recorded,
                                 .message = message,
                                 .message_bytes = message_bytes,
                                 .first_tsc = UINT64_MAX };
    bool is_good = true;

    if (!source_rewind(source, message, message_bytes))
        return false;
    reader.file = source->file;
    if (fseeko(reader.file, 0, SEEK_END) != 0) {
        snprintf(message, message_bytes, "%s", strerror(errno));
        return false;
    }
    reader.size = (uint64_t)ftello(reader.file);
    rewind(reader.file);
    reader.cpus = calloc(RECORDING_CPUS_MAX, sizeof *reader.cpus);
    CHECK(reader.cpus != NULL);
    for (uint32_t cpu = 0; cpu < RECORDING_CPUS_MAX; cpu++)
        reader.cpus[cpu].current = TRACE_NOBODY;
    recorded->host = RECORDED_HOST_XEN;
    if (reader.size == 0)
        is_good = xen_fail(&reader, 0, "the file is empty");
    while (is_good && reader.at < reader.size)
        is_good = read_window(&reader);
    is_good = is_good && xen_finish(&reader);
    free(reader.cpus);
    intern_free(&reader.exits);
    intern_free(&reader.text_numbers);
    free(reader.texts);
    return is_good;
}
