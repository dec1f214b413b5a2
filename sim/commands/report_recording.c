/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays a recording, which is in memory, to the analyses one after the other.
 */
#include "commands/report_recording.h"

#include <stdlib.h>

#include "base/check.h"
#include "trace/answer.h"
#include "trace/timeline.h"

/* Of the window around the slowest: so much of its latency before and after it, and at least so many ns. */
enum { WINDOW_PERCENT = 10, WINDOW_MARGIN_NS = 20000, WHOLE_NS = 2000000 };

static int add_answer(const struct cli *cli, const char *path, struct recorded *recorded, cycles from, cycles until,
                      struct report_trace *trace)
{
    struct answer answer;
    char message[512];

    bool is_good = answer_make(&answer, recorded, from, until, message, sizeof message);
    if (is_good)
        trace->answer = answer_json(&answer);
    else
        cli_error(cli, "%s: %s", path, message);
    answer_free(&answer);
    return is_good ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

static int add_timeline(const struct cli *cli, const char *path, struct recorded *recorded, uint64_t from_ns,
                        uint64_t until_ns, struct report_trace *trace)
{
    struct timeline timeline;

    timeline_init(&timeline, from_ns, until_ns);
    int code = recording_play(cli, path, recorded, 0, CYCLES_NEVER, &timeline.sink);
    if (code == EXIT_CODE_OK)
        trace->timeline = timeline_json(&timeline);
    timeline_free(&timeline);
    return code;
}

/* The window that was asked for, one around the slowest, or the beginning. */
static int choose_timeline(const struct cli *cli, const char *path, struct recorded *recorded, cycles from,
                           cycles until, const struct slowest *slowest, struct report_trace *trace)
{
    uint64_t hz = recorded->world.frequency_hz;

    if (until != CYCLES_NEVER)
        return add_timeline(cli, path, recorded, cycles_to_ns(from, hz), cycles_to_ns(until, hz), trace);
    if (slowest->count == 0)
        return add_timeline(cli, path, recorded, 0, WHOLE_NS, trace);
    uint64_t raise = cycles_to_ns(slowest->rows[0].flow.raise, hz), end = cycles_to_ns(slowest->rows[0].end, hz);
    uint64_t margin = (end - raise) * WINDOW_PERCENT / 100 + WINDOW_MARGIN_NS;
    return add_timeline(cli, path, recorded, raise > margin ? raise - margin : 0, end + margin, trace);
}

int report_recording_make(const struct cli *cli, const char *path, const struct recording_options *options,
                          size_t wanted, struct report_trace *trace)
{
    struct slowest *slowest = malloc(sizeof *slowest);
    struct recorded recorded;
    cycles from, until;

    CHECK(slowest != NULL);
    slowest_init(slowest, wanted, SLOWEST_HISTORY);
    int code = recording_open(cli, path, options, &recorded, &from, &until);
    if (code == EXIT_CODE_OK)
        code = add_answer(cli, path, &recorded, from, until, trace);
    if (code == EXIT_CODE_OK)
        code = recording_slowest(cli, path, &recorded, from, until, slowest);
    if (code == EXIT_CODE_OK) {
        trace->slowest = slowest_json(slowest);
        code = choose_timeline(cli, path, &recorded, from, until, slowest, trace);
    }
    slowest_free(slowest);
    free(slowest);
    recorded_free(&recorded);
    return code;
}
