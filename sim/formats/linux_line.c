/* SPDX-License-Identifier: Apache-2.0
 *
 * Splits a line from the brackets of its CPU on: what is before them differs from tool to tool, and the names of
 * threads may hold anything.
 */
#include "formats/linux_line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool linux_number(const char **text, uint64_t *number)
{
    const char *at = *text;
    uint64_t value = 0;

    if (!isdigit((unsigned char)*at))
        return false;
    for (; isdigit((unsigned char)*at); at++) {
        if (value > (UINT64_MAX - 9) / 10)
            return false;
        value = 10 * value + (uint64_t)(*at - '0');
    }
    *text = at;
    *number = value;
    return true;
}

enum { SHORT_COMM = 8 }; /* characters of a name in trace-cmd report -l */

static bool has_ending(const char *text, const char *ending)
{
    size_t bytes = strlen(text), end = strlen(ending);

    return bytes > end && !strcmp(text + bytes - end, ending);
}

static const char *skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

/* "1284.265615366:", or ticks as in "81632094:". */
static bool time_at(const char **text, struct linux_line *line)
{
    uint64_t seconds, fraction = 0;

    if (!linux_number(text, &seconds))
        return false;
    line->has_ticks = **text == ':';
    line->at.ns = seconds;
    if (line->has_ticks)
        return true;
    if (**text != '.' || seconds > UINT64_C(1) << 33)
        return false;
    const char *from = ++*text;
    if (!linux_number(text, &fraction) || *text - from > 9 || **text != ':')
        return false;
    line->is_coarse = *text - from < 9;
    for (long digits = *text - from; digits < 9; digits++)
        fraction *= 10;
    line->at.ns = seconds * UINT64_C(1000000000) + fraction;
    return true;
}

/* The text after "[001]", where flags or other words and a time follow; NULL if these are no CPU's brackets. */
static const char *after_cpu(const char *bracket, uint64_t *cpu, struct linux_line *line)
{
    const char *at = bracket + 1;

    if (!linux_number(&at, cpu) || *at++ != ']' || (*at != ' ' && *at != '\t'))
        return NULL;
    at = skip_blanks(at);
    for (int words = 0; words < 2 && *at != '\0' && !isdigit((unsigned char)*at); words++)
        at = skip_blanks(at + strcspn(at, " \t"));
    return time_at(&at, line) ? at + 1 : NULL;
}

static bool number_before(const char *text, char **end, int32_t *number)
{
    char *from = *end;

    while (from > text && isdigit((unsigned char)from[-1]))
        from--;
    if (from == *end || *end - from > 9)
        return false;
    *number = (int32_t)strtol(from, NULL, 10);
    *end = from;
    return true;
}

static char *trimmed_end(const char *text, char *end)
{
    while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return end;
}

/* trace-cmd puts the names of buffers and files before a thread's name, which takes 16 characters: "web:     fio". */
static char *after_buffer(char *text, char *end, struct linux_line *line)
{
    enum { COMM_WIDTH = 16 };
    char *comm = end - COMM_WIDTH;

    if (end - text < COMM_WIDTH + 3 || comm[-1] != ' ' || comm[-2] != ':')
        return text;
    comm[-2] = '\0';
    line->buffer = skip_blanks(text);
    return comm;
}

/* What precedes the brackets: "name 23046/23047", "name 23047", "name-23047", "name-23047 (23046)", a name alone or a
 * number alone. */
static void thread_before(char *text, char *bracket, struct linux_line *line)
{
    char *end = trimmed_end(text, bracket);
    int32_t number;

    line->at.tid = line->at.tgid = -1;
    line->at.comm = NULL;
    line->buffer = "";
    if (end > text && end[-1] == ')') {
        end = trimmed_end(text, end - 1);
        (void)number_before(text, &end, &line->at.tgid);
        while (end > text && *end != '(')
            end--;
        end = trimmed_end(text, end);
    }
    char *after = end;
    if (number_before(text, &end, &number)) {
        bool is_thread = true;
        line->at.tid = number;
        if (end > text && end[-1] == '/') {
            end--;
            is_thread = number_before(text, &end, &line->at.tgid);
        }
        if (end > text + 1 && end[-1] == '-' && end[-2] != ' ') {
            end--; /* ftrace */
            text = after_buffer(text, end, line);
        } else if (!is_thread || (end > text && end[-1] != ' ' && end[-1] != '\t')) {
            line->at.tid = line->at.tgid = -1; /* the number is a part of the name */
            end = after;
        }
    }
    end = trimmed_end(text, end);
    *end = '\0';
    const char *comm = skip_blanks(text);
    if (*comm != '\0' && strcmp(comm, "<...>") != 0 && strcmp(comm, ":-1") != 0)
        line->at.comm = comm;
}

static bool is_modifier(const char *text, size_t bytes) { return bytes > 0 && strspn(text, "ukhpPGHSDWeIb") >= bytes; }

/* "sched:sched_switch", "sched_switch", "sched:sched_switch:u", "sched:sched_switch/call-graph=no/": the name. */
static char *event_name(char *event)
{
    char *slash = strchr(event, '/');

    if (slash != NULL)
        *slash = '\0';
    char *colon = strchr(event, ':');
    if (colon == NULL)
        return event;
    char *second = strchr(colon + 1, ':');
    if (second != NULL)
        *second = '\0';
    else if (is_modifier(colon + 1, strlen(colon + 1)))
        *colon = '\0';
    return *colon == '\0' ? event : colon + 1;
}

/* The event's name after the time, perhaps after a count; *bytes is that of the name with its colon. */
static const char *event_at(const char *at, size_t *bytes)
{
    uint64_t count;

    at = skip_blanks(at);
    if (!strncmp(at, "(+", 2) && strchr(at, ')') != NULL) /* since the line before: trace-cmd report --ts-diff */
        at = skip_blanks(strchr(at, ')') + 1);
    const char *after = at;
    if (linux_number(&after, &count) && (*after == ' ' || *after == '\t'))
        at = skip_blanks(after);
    *bytes = strcspn(at, " \t");
    return *bytes > 1 && at[*bytes - 1] == ':' ? at : NULL;
}

/* trace-cmd report -l writes "name-23047   1d.h2.  700.1: ...", the CPU before the flags and no brackets. The text
 * after the time, or NULL; *thread_end is set behind the thread's number. */
static const char *after_latency_cpu(char *text, uint64_t *cpu, struct linux_line *line, char **thread_end)
{
    for (char *dash = text; (dash = strchr(dash, '-')) != NULL; dash++) {
        uint64_t pid;
        const char *at = dash + 1;
        if (!linux_number(&at, &pid) || *at != ' ')
            continue;
        *thread_end = text + (at - text);
        at = skip_blanks(at);
        if (!linux_number(&at, cpu))
            continue;
        size_t flags = strspn(at, ".dDnNXpbBhHsSzZlL#0123456789");
        at += flags;
        if (flags == 0 || *at != ' ')
            continue;
        at = skip_blanks(at);
        if (time_at(&at, line) && !line->has_ticks)
            return at + 1;
    }
    return NULL;
}

/* What a line lacks that is no event. */
static const char *missing_of(const char *text)
{
    const char *bracket = strchr(text, '['), *digits = bracket != NULL ? bracket + 1 : "";
    uint64_t cpu;
    bool has_cpu = false, has_time = false;

    for (; bracket != NULL && !has_cpu; bracket = strchr(bracket + 1, '['), digits = bracket ? bracket + 1 : "")
        has_cpu = linux_number(&digits, &cpu) && *digits == ']' && digits[1] == ' ';
    for (const char *at = text; *at != '\0' && !has_time; at++) {
        struct linux_line line;
        const char *end = at;
        has_time = (at == text || at[-1] == ' ') && time_at(&end, &line) && !line.has_ticks && end[1] == ' ';
    }
    if (strstr(text, "us : ") != NULL || strstr(text, "us+: ") != NULL || strstr(text, "us!: ") != NULL)
        return "ftrace's latency format: `echo 0 >/sys/kernel/tracing/options/latency-format` gives the other one";
    if (has_cpu)
        return "no time as in 1284.265615366: after the CPU: perf script -F comm,pid,tid,cpu,time,event,trace has both";
    if (has_time)
        return "no CPU in brackets, as in [001]: perf script -F comm,pid,tid,cpu,time,event,trace has it";
    return "no CPU in brackets, as in [001]: not a line of perf script, trace-cmd report or ftrace";
}

const char *linux_line_split(char *text, struct linux_line *line)
{
    const char *at = NULL, *event = NULL;
    uint64_t cpu = 0;
    char *bracket = text, *thread_end = NULL;
    size_t bytes = 0;
    bool has_time = false, is_short = false;

    for (; event == NULL && (bracket = strchr(bracket, '[')) != NULL; bracket++) {
        at = after_cpu(bracket, &cpu, line);
        has_time |= at != NULL;
        event = at != NULL ? event_at(at, &bytes) : NULL;
    }
    if (event == NULL && !has_time && (at = after_latency_cpu(text, &cpu, line, &thread_end)) != NULL) {
        event = event_at(at, &bytes);
        bracket = thread_end + 1;
        is_short = true;
    }
    if (cpu < RECORDING_CPUS_MAX)
        line->at.cpu = (uint32_t)cpu; /* also for a line that says that events are missing */
    if (event == NULL && has_time)
        return "no event as in irq:irq_handler_entry: after the time";
    if (event == NULL)
        return missing_of(text);
    if (cpu >= RECORDING_CPUS_MAX)
        return "a CPU beyond the limit of 1024";
    thread_before(text, bracket - 1, line);
    if (is_short && line->at.comm != NULL && strlen(line->at.comm) >= SHORT_COMM)
        line->at.comm = NULL; /* cut off */
    if (has_ending(line->buffer, ".dat"))
        return "lines of several files, which may be of several machines: `trace-cmd report -t -i` one of them";
    char *name = text + (event - text);
    line->rest = text + (skip_blanks(event + bytes) - text);
    name[bytes - 1] = '\0';
    line->event = event_name(name);
    return NULL;
}

/* --- lines that are no events --- */

bool linux_line_is_call_chain(const char *text)
{
    const char *at = skip_blanks(text);
    size_t digits = strspn(at, "0123456789abcdef");

    if (!strncmp(at, "=> ", 3) || strstr(at, ": <stack trace>") != NULL || strstr(at, ": <user stack") != NULL)
        return true;
    return at != text && digits > 0 && (at[digits] == ' ' || at[digits] == '\0');
}

bool linux_line_is_chatter(const char *text)
{
    static const char *const heads[] = { "cpus=", "version = ", "trace-cmd ", "CPU BUFFER ", "Trace:", "tracer:",
                                         /* of perf, to standard error */
                                         "Warning:", "[ perf record: ", "Kernel address maps (",
                                         "Check /proc/sys/kernel/kptr_restrict", "Samples in kernel functions",
                                         "file is not found in the buildid cache", "Check IO/CPU overload!",
                                         "registering plugin: ", " uname was not recorded", " version was not recorded",
                                         /* around what is pasted */
                                         "```", "$ perf ", "$ sudo ", "$ trace-cmd ", "$ cat ", "\xef\xbb\xbf#" };
    unsigned cpu;
    int end = 0;

    if (text[strspn(text, " \t\r")] == '\0' || text[strspn(text, " \t")] == '#')
        return true;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (!strncmp(text, heads[i], strlen(heads[i])))
            return true;
    (void)sscanf(text, "CPU %u is empty%n", &cpu, &end);
    if (end == 0)
        (void)sscanf(text, "%*u out of order events recorded.%n", &end);
    return end > 0;
}

bool linux_line_is_lost(const char *text, uint32_t *cpu, uint64_t *count)
{
    const char *at = skip_blanks(text);
    const char *record = strstr(at, "PERF_RECORD_LOST");
    uint64_t number = UINT32_MAX;

    *count = 0;
    *cpu = UINT32_MAX;
    if (!strncmp(at, "Processed ", 10) && (at = strstr(at, " and lost ")) != NULL) /* perf's sum of chunks */
        return true;
    at = skip_blanks(text);
    if (record != NULL) {
        record = strstr(record, " lost ");
        const char *digits = record != NULL ? skip_blanks(record + 6) : "";
        (void)linux_number(&digits, count);
        return true;
    }
    if (strncmp(at, "CPU:", 4) != 0 && strncmp(at, "CPU ", 4) != 0)
        return false;
    at += 4;
    if (!linux_number(&at, &number) || (at = strchr(at, '[')) == NULL || strstr(at, "EVENTS") == NULL)
        return false;
    *cpu = number < RECORDING_CPUS_MAX ? (uint32_t)number : 0;
    at += 1 + strcspn(at + 1, "0123456789]");
    (void)linux_number(&at, count);
    return true;
}
