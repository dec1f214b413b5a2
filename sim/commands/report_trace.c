/* SPDX-License-Identifier: Apache-2.0
 *
 * The slowest interrupts and the attribution come from one run, and the timeline from the same one where its window is
 * given.
 */
#define _GNU_SOURCE
#include "commands/report_trace.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "commands/watched_run.h"
#include "trace/attribution.h"
#include "trace/recorder.h"
#include "trace/slowest.h"
#include "trace/tee.h"
#include "trace/timeline.h"

enum { WAITING_RECORDS = 1 << 21 };

/* Of the window around the slowest interrupt: so much of its latency before and after it, and at least so many ns. */
enum { WINDOW_PERCENT = 10, WINDOW_MARGIN_NS = 2000 };

static int repeat(const struct cli *cli, const char *name, const struct result *result, struct trace_sink *sink)
{
    struct scenario scenario;
    struct result again;
    int code = watched_repeat(cli, name, result, sink, WAITING_RECORDS, &scenario, &again);

    if (code != EXIT_CODE_OK)
        return code;
    scenario_free(&scenario);
    result_free(&again);
    return EXIT_CODE_OK;
}

/* False when no interrupt reached a handler. */
static bool window_of_slowest(const struct slowest *slowest, struct trace_choice *window)
{
    if (slowest->count == 0)
        return false;
    const struct slow_interrupt *slow = &slowest->rows[0];
    uint64_t from = cycles_to_ns(slow->flow.raise, slowest->frequency_hz);
    uint64_t until = cycles_to_ns(slow->end, slowest->frequency_hz);
    uint64_t margin = (until - from) * WINDOW_PERCENT / 100 + WINDOW_MARGIN_NS;

    window->from_ns = from > margin ? from - margin : 0;
    window->until_ns = until + margin;
    return true;
}

static int add_timeline(const struct cli *cli, const char *name, const struct result *result,
                        const struct trace_choice *window, struct report_trace *trace)
{
    struct timeline timeline;

    timeline_init(&timeline, window->from_ns, window->until_ns);
    int code = repeat(cli, name, result, &timeline.sink);
    if (code == EXIT_CODE_OK)
        trace->timeline = timeline_json(&timeline);
    timeline_free(&timeline);
    return code;
}

static int make(const struct cli *cli, const char *name, const struct result *result, struct trace_choice *window,
                struct slowest *slowest, struct report_trace *trace)
{
    struct attribution attribution;
    struct trace_tee tee;

    attribution_init(&attribution);
    trace_tee_init(&tee);
    trace_tee_add(&tee, &slowest->sink);
    trace_tee_add(&tee, &attribution.sink);
    int code = repeat(cli, name, result, &tee.sink);
    if (code == EXIT_CODE_OK) {
        trace->slowest = slowest_json(slowest);
        trace->attribution = attribution.has_vcpus ? attribution_json(&attribution) : NULL;
    }
    attribution_free(&attribution);
    if (code == EXIT_CODE_OK && (window->until_ns > 0 || window_of_slowest(slowest, window)))
        code = add_timeline(cli, name, result, window, trace);
    return code;
}

int report_traces_make(const struct cli *cli, const struct values *values, const struct report_trace_choice *choice,
                       struct report_traces *traces)
{
    struct trace_choice window = { .until_ns = 0 };
    char message[256];

    traces->count = 0;
    if (choice->window != NULL && !trace_window_parse(choice->window, &window, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    }
    if (values->column_count > REPORT_TRACES_MAX) {
        cli_error(cli, "--trace: a page has room for the traces of %d results, and there are %zu cells",
                  REPORT_TRACES_MAX, values->column_count);
        return EXIT_CODE_USAGE;
    }
    struct slowest *slowest = malloc(sizeof *slowest);
    CHECK(slowest != NULL);
    int code = EXIT_CODE_OK;
    for (size_t i = 0; i < values->column_count && code == EXIT_CODE_OK; i++) {
        const struct value_column *column = &values->columns[i];
        struct report_trace *trace = &traces->rows[traces->count++];
        struct trace_choice own = window;
        *trace = (struct report_trace){ .label = column->label, .path = choice->path, .window = choice->window };
        slowest_init(slowest, choice->slowest, SLOWEST_HISTORY);
        code = make(cli, column->label, column->group->first, &own, slowest, trace);
        slowest_free(slowest);
    }
    free(slowest);
    return code;
}

void report_traces_free(struct report_traces *traces)
{
    for (size_t i = 0; i < traces->count; i++) {
        json_decref(traces->rows[i].answer);
        json_decref(traces->rows[i].slowest);
        json_decref(traces->rows[i].attribution);
        json_decref(traces->rows[i].timeline);
    }
}
