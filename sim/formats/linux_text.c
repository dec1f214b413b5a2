/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the text of perf, trace-cmd and ftrace, line by line.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/linux_events.h"
#include "formats/linux_input.h"
#include "formats/readers.h"

struct reader {
    struct linux_input input;
    struct recorded *recorded;
    const struct recording_choice *choice;
    char *message;
    size_t message_bytes;
    uint64_t previous_ns;
    bool has_event, is_coarse;
    struct linux_events events;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct reader *reader, const char *format, ...)
{
    char text[300];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(reader->message, reader->message_bytes, "line %" PRIu64 ": %s", reader->input.number, text);
    return false;
}

/* --- lines --- */

static bool lost(struct reader *reader, uint32_t cpu, uint64_t count)
{
    char number[32] = "";

    if (count > 0)
        snprintf(number, sizeof number, "%" PRIu64 " ", count);
    if (!reader->choice->allows_lost)
        return fail(reader, "%sevents lost here (--allow-lost reads the recording without them)", number);
    recorded_ignore(reader->recorded, "gap of lost events", "the recorder could not keep up");
    reader->events.line.at.ns = reader->previous_ns;
    if (cpu != UINT32_MAX)
        reader->events.line.at.cpu = cpu;
    reader->events.line.at.tid = -1;
    if (!reader->has_event)
        return true;
    const char *problem = linux_lost(reader->events.host, &reader->events.line.at, count);
    return problem == NULL || fail(reader, "%s", problem);
}

/* Times of a clock that counts ticks become ns. */
static bool check_time(struct reader *reader)
{
    struct linux_line *line = &reader->events.line;

    if (line->has_ticks) {
        if (reader->choice->frequency_hz == 0)
            return fail(reader, "the time has no fraction: the clock counts cycles; --cpu-hz gives its frequency, as "
                                "in --cpu-hz 2.4GHz");
        uint64_t hz = reader->choice->frequency_hz;
        line->at.ns = line->at.ns / hz * 1000000000 + (uint64_t)((double)(line->at.ns % hz) * 1e9 / (double)hz);
    }
    reader->is_coarse |= line->is_coarse && !line->has_ticks;
    if (reader->has_event && line->at.ns < reader->previous_ns)
        return fail(reader,
                    "time goes back by %" PRIu64 " ns: not in the order of time, or with the times between events "
                    "(--deltatime)",
                    reader->previous_ns - line->at.ns);
    reader->previous_ns = line->at.ns;
    reader->has_event = true;
    return true;
}

/* "PERF_RECORD_COMM exec: name:pid/tid" gives a thread its name; other records of perf itself are not used. */
static void perf_record(struct reader *reader, char *text)
{
    char *name = strstr(text, "PERF_RECORD_COMM"), *colon = name != NULL ? strrchr(name, ':') : NULL;
    int tgid, tid;

    if (colon == NULL || sscanf(colon, ":%d/%d", &tgid, &tid) != 2 || tid <= 0 || (name = strstr(name, ": ")) == NULL ||
        name >= colon) {
        recorded_ignore(reader->recorded, "record of perf itself", "it is not used");
        return;
    }
    *colon = '\0';
    linux_rename(reader->events.host, tid, tgid, name + 2);
}

/* What the line is if it is no event. */
static bool read_other(struct reader *reader, const char *text, const char *problem)
{
    if (reader->input.is_cut)
        return fail(reader, "the file is cut off in the middle of a line");
    if (linux_line_is_call_chain(text))
        recorded_ignore(reader->recorded, "line of a call chain", "call chains are not used");
    else if (strstr(text, " <-") != NULL)
        recorded_ignore(reader->recorded, "call of a function", "it is not used");
    else
        return fail(reader, "%s", problem);
    return true;
}

static bool read_line(struct reader *reader, char *text)
{
    uint64_t count;
    uint32_t cpu;

    if (linux_line_is_chatter(text))
        return true;
    bool is_lost = linux_line_is_lost(text, &cpu, &count), is_record = strstr(text, "PERF_RECORD_") != NULL;
    if (is_record && !is_lost) {
        perf_record(reader, text);
        return true;
    }
    const char *problem = linux_line_split(text, &reader->events.line);
    if (is_lost)
        return lost(reader, cpu, count);
    if (problem != NULL)
        return read_other(reader, text, problem);
    if (reader->input.is_cut)
        return fail(reader, "the file is cut off in the middle of a line");
    if (!check_time(reader))
        return false;
    reader->events.line.at.ends = linux_event_ends(reader->events.line.event);
    problem = linux_event(reader->events.host, &reader->events.line.at);
    if (problem == NULL)
        problem = linux_events_follow(&reader->events);
    return problem == NULL || fail(reader, "%s", problem);
}

static bool read_lines(struct reader *reader)
{
    char *text;

    while ((text = linux_input_line(&reader->input)) != NULL)
        if (!read_line(reader, text))
            return false;
    if (reader->input.has_failed)
        return fail(reader, "the file cannot be read");
    if (reader->input.is_too_long)
        return fail(reader, "longer than %d bytes: not the text of perf script or trace-cmd report", LINUX_LINE_MAX);
    if (!reader->has_event)
        return fail(reader, "no line of perf script, trace-cmd report or ftrace");
    if (reader->is_coarse)
        recorded_ignore(reader->recorded, "nanoseconds of its times",
                        "perf script was run without --ns, or trace-cmd report without -t");
    const char *problem = linux_finish(reader->events.host);
    return problem == NULL || fail(reader, "%s", problem);
}

bool linux_text_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                     char *message, size_t message_bytes)
{
    struct reader *reader = calloc(1, sizeof *reader);

    CHECK(reader != NULL);
    *reader = (struct reader){ .events = { .host = linux_host_new(recorded, choice), .recorded = recorded },
                               .recorded = recorded,
                               .choice = choice,
                               .message = message,
                               .message_bytes = message_bytes };
    linux_input_init(&reader->input, source->file, source->head, source->head_bytes);
    bool is_good = read_lines(reader);
    linux_input_free(&reader->input);
    linux_host_free(reader->events.host);
    free(reader);
    return is_good;
}
