/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads files of trace-cmd through libtracecmd and libtraceevent, which own the format, in a process of its own: what a
 * damaged file does to them cannot harm this one. The events come back as lines of text.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "formats/readers.h"

#ifdef IRQPATH_TRACECMD
#include <trace-cmd.h>

enum { BUFFERS_MAX = 64, FL_IN_USECS = 1 << 2 };

/* The library exports it and does not declare it: FL_IN_USECS is set when times are in ns, not of a clock that counts
 * ticks (trace-cmd, lib/trace-cmd/include/private/trace-cmd-private.h, since 2.9). */
unsigned long tracecmd_get_flags(struct tracecmd_input *handle) __attribute__((weak));

/* A file may have several buffers, each with the name of its instance. */
struct buffers {
    struct tracecmd_input *handles[BUFFERS_MAX];
    const char *names[BUFFERS_MAX]; /* "": the main one */
    int count;
    bool has_ticks;
    struct trace_seq text;
};

static const char *name_of(const struct buffers *buffers, const struct tracecmd_input *input)
{
    int i = 0;

    while (i < buffers->count - 1 && buffers->handles[i] != input)
        i++;
    return buffers->names[i];
}

static void print_head(const struct buffers *buffers, const struct tracecmd_input *input, const char *comm, int pid,
                       int cpu, unsigned long long time)
{
    const char *name = name_of(buffers, input);

    printf("%s%s%16s-%d [%03d] ", name, name[0] != '\0' ? ": " : "", comm != NULL ? comm : "<...>", pid, cpu);
    if (buffers->has_ticks)
        printf("%llu: ", time);
    else
        printf("%llu.%09llu: ", time / 1000000000, time % 1000000000);
}

static int print_event(struct tracecmd_input *input, struct tep_record *record, int cpu, void *context)
{
    struct tep_handle *tep = tracecmd_get_tep(input);
    struct tep_event *event = tep_find_event_by_record(tep, record);
    struct buffers *buffers = context;
    struct trace_seq *text = &buffers->text;

    cpu = record->cpu; /* the argument is one of those of all buffers together */
    if (record->missed_events > 0)
        printf("CPU:%d [LOST %lld EVENTS]\n", cpu, record->missed_events);
    else if (record->missed_events < 0)
        printf("CPU:%d [LOST EVENTS]\n", cpu);
    if (event == NULL)
        return 0;
    int pid = tep_data_pid(tep, record);
    trace_seq_reset(text);
    tep_print_event(tep, text, record, "%s", TEP_PRINT_INFO);
    trace_seq_terminate(text);
    for (char *at = text->buffer; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    print_head(buffers, input, tep_data_comm_from_pid(tep, pid), pid, cpu, record->ts);
    printf("%s: %s\n", event->name, text->buffer);
    CHECK_SYSTEM(!ferror(stdout), "its text cannot be handed on");
    return 0;
}

static void find_buffers(struct buffers *buffers, struct tracecmd_input *input)
{
    int instances = tracecmd_buffer_instances(input);

    buffers->names[0] = "";
    buffers->handles[buffers->count++] = input;
    for (int i = 0; i < instances && buffers->count < BUFFERS_MAX; i++) {
        struct tracecmd_input *handle = tracecmd_buffer_instance_handle(input, i);
        const char *name = tracecmd_buffer_instance_name(input, i);
        if (handle == NULL)
            continue;
        buffers->names[buffers->count] = name != NULL && name[0] != '\0' ? name : "?";
        buffers->handles[buffers->count++] = handle;
    }
}

/* Standard input is the file. */
static int print_file(void)
{
    static struct buffers buffers;

    tracecmd_set_loglevel(TEP_LOG_NONE);
    tep_set_loglevel(TEP_LOG_NONE);
    struct tracecmd_input *input = tracecmd_open_fd(STDIN_FILENO, TRACECMD_FL_LOAD_NO_PLUGINS);
    if (input == NULL)
        return 1;
    buffers.has_ticks = tracecmd_get_flags != NULL && (tracecmd_get_flags(input) & FL_IN_USECS) == 0;
    find_buffers(&buffers, input);
    trace_seq_init(&buffers.text);
    int result = buffers.count > 1
                     ? tracecmd_iterate_events_multi(buffers.handles, buffers.count, print_event, &buffers)
                     : tracecmd_iterate_events(input, NULL, 0, print_event, &buffers);
    CHECK_SYSTEM(fflush(stdout) == 0, "its text cannot be handed on");
    return result >= 0 ? 0 : 1;
}

bool tracedat_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                   char *message, size_t message_bytes)
{
    return source_through_function(source, print_file, "libtracecmd", message, message_bytes) &&
           linux_text_read(source, choice, recorded, message, message_bytes);
}

#else

/* This build has no libtracecmd; trace-cmd itself prints what it recorded. */
bool tracedat_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                   char *message, size_t message_bytes)
{
    static const char *const report[] = { "trace-cmd", "report", "-t", "-N", "-i", "/proc/self/fd/0", NULL };

    if (!source_through(source, report, "trace-cmd, or libtracecmd-dev and libtracefs-dev before irqpath is built",
                        message, message_bytes))
        return false;
    if (source->head_bytes > 0)
        return linux_text_read(source, choice, recorded, message, message_bytes);
    (void)snprintf(message, message_bytes, "trace-cmd cannot read it to its end: it prints nothing");
    return false;
}

#endif
