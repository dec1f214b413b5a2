/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads files of trace-cmd through libtracecmd and libtraceevent, which own the format, in a process of its own: what a
 * damaged file does to them cannot harm this one. The events come back as lines of text.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/readers.h"

#ifdef IRQPATH_TRACECMD
#include <trace-cmd.h>

static int print_event(struct tracecmd_input *input, struct tep_record *record, int cpu, void *context)
{
    struct tep_handle *tep = tracecmd_get_tep(input);
    struct tep_event *event = tep_find_event_by_record(tep, record);
    struct trace_seq *text = context;

    if (record->missed_events > 0)
        printf("CPU:%d [LOST %lld EVENTS]\n", cpu, record->missed_events);
    else if (record->missed_events < 0)
        printf("CPU:%d [LOST EVENTS]\n", cpu);
    if (event == NULL)
        return 0;
    int pid = tep_data_pid(tep, record);
    const char *comm = tep_data_comm_from_pid(tep, pid);
    trace_seq_reset(text);
    tep_print_event(tep, text, record, "%s", TEP_PRINT_INFO);
    trace_seq_terminate(text);
    for (char *at = text->buffer; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    const char *failed = "[FAILED TO PARSE]";
    const char *info = !strncmp(text->buffer, failed, strlen(failed)) ? text->buffer + strlen(failed) : text->buffer;
    printf("%s-%d [%03d] %llu.%09llu: %s: %s\n", comm != NULL ? comm : "<...>", pid, cpu, record->ts / 1000000000,
           record->ts % 1000000000, event->name, info + strspn(info, " "));
    return 0;
}

/* Standard input is the file. */
static int print_file(void)
{
    struct trace_seq text;

    tracecmd_set_loglevel(TEP_LOG_NONE);
    tep_set_loglevel(TEP_LOG_NONE);
    struct tracecmd_input *input = tracecmd_open_fd(STDIN_FILENO, TRACECMD_FL_LOAD_NO_PLUGINS);
    if (input == NULL)
        return 1;
    trace_seq_init(&text);
    int result = tracecmd_iterate_events(input, NULL, 0, print_event, &text);
    return fflush(stdout) == 0 && result >= 0 ? 0 : 1;
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

    return source_through(source, report, "trace-cmd, or libtracecmd-dev and libtracefs-dev before irqpath is built",
                          message, message_bytes) &&
           linux_text_read(source, choice, recorded, message, message_bytes);
}

#endif
