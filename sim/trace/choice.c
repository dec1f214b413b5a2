/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses the command line's filters of a trace: classes, trigger, pCPUs and window.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
#include "base/suggest.h"
#include "base/text.h"
#include "trace/recorder.h"

static bool is_word(const char *text, size_t bytes, const char *word)
{
    return strlen(word) == bytes && !strncmp(text, word, bytes);
}

bool trace_classes_parse(const char *text, uint32_t *classes, char *message, size_t message_bytes)
{
    static const char *const names[] = { "sched", "irq", "softirq", "lock", "hvm" };

    *classes = 0;
    for (;;) {
        size_t bytes = strcspn(text, ","), i = 0;
        while (i < sizeof names / sizeof *names && !is_word(text, bytes, names[i]))
            i++;
        if (is_word(text, bytes, "all")) {
            *classes |= TRACE_CLASS_ALL;
        } else if (i == sizeof names / sizeof *names) {
            snprintf(message, message_bytes, "unknown class '%.*s': sched, irq, softirq, lock, hvm, all",
                     (int)(bytes < 40 ? bytes : 40), text);
            return false;
        } else {
            *classes |= 1u << i;
        }
        if (text[bytes] == '\0')
            return true;
        text += bytes + 1;
    }
}

static bool parse_time(const char *text, size_t bytes, uint64_t *ns, char *message, size_t message_bytes)
{
    struct option_problem problem;
    char *copy = text_copy_bytes(text, bytes);

    bool is_good = option_parse_number(OPTION_DURATION, copy, ns, &problem);
    if (!is_good)
        snprintf(message, message_bytes, "%s%s", problem.message, problem.suggestion);
    free(copy);
    return is_good;
}

bool trace_trigger_parse(const char *text, struct trace_choice *choice, char *message, size_t message_bytes)
{
    static const char *const names[] = { NULL, "latency", "runnable", "lock_wait" };
    size_t bytes = strcspn(text, ">");

    for (enum trace_trigger i = TRACE_TRIGGER_LATENCY; i <= TRACE_TRIGGER_LOCK_WAIT; i++)
        if (text[bytes] == '>' && is_word(text, bytes, names[i])) {
            choice->trigger = i;
            return parse_time(text + bytes + 1, strlen(text + bytes + 1), &choice->trigger_ns, message, message_bytes);
        }
    snprintf(message, message_bytes, "expected latency>TIME, runnable>TIME or lock_wait>TIME, not '%.60s'", text);
    return false;
}

/* Parses a pCPU number at *text and advances *text past it. */
static bool parse_cpu(const char **text, unsigned long *cpu)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    *cpu = strtoul(*text, &end, 10);
    *text = end;
    return *cpu < TRACE_CPU_WORDS * 64;
}

bool trace_cpus_parse(const char *text, uint64_t cpus[TRACE_CPU_WORDS], char *message, size_t message_bytes)
{
    const char *at = text;

    memset(cpus, 0, TRACE_CPU_WORDS * sizeof *cpus);
    for (;;) {
        unsigned long first, last;
        if (!parse_cpu(&at, &first))
            break;
        last = first;
        if (*at == '-' && (at++, !parse_cpu(&at, &last)))
            break;
        for (unsigned long cpu = first; cpu <= last; cpu++)
            cpus[cpu / 64] |= UINT64_C(1) << (cpu % 64);
        if (*at == '\0' && first <= last)
            return true;
        if (*at++ != ',' || first > last)
            break;
    }
    snprintf(message, message_bytes, "expected pCPUs below %d as in 0-9,40, not '%.60s'", TRACE_CPU_WORDS * 64, text);
    return false;
}

bool trace_window_parse(const char *text, struct trace_choice *choice, char *message, size_t message_bytes)
{
    size_t bytes = strcspn(text, ",");

    if (text[bytes] == '\0') {
        snprintf(message, message_bytes, "expected two times as in 10ms,30ms, not '%.60s'", text);
        return false;
    }
    if (!parse_time(text, bytes, &choice->from_ns, message, message_bytes) ||
        !parse_time(text + bytes + 1, strlen(text + bytes + 1), &choice->until_ns, message, message_bytes))
        return false;
    if (choice->from_ns >= choice->until_ns)
        snprintf(message, message_bytes, "the window '%.60s' ends before it begins", text);
    return choice->from_ns < choice->until_ns;
}
