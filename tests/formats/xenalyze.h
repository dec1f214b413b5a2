/* SPDX-License-Identifier: Apache-2.0
 *
 * The real xenalyze as an oracle: it adds up the runstates of an exported trace by itself, and what it finds must be
 * what the model has counted.
 */
#ifndef XENALYZE_H
#define XENALYZE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/xentrace.h"
#include "models/xen/xen.h"
#include "simulation/run.h"
#include "scenario/scenario.h"
#include "trace/recorder.h"

/* A run's sink, which looks at the model's own statistics at the end. */
struct xenalyze_run {
    struct trace_sink sink;
    struct trace_recorder recorder;
    struct xentrace_writer writer;
    struct output output;
    uint32_t domains, vcpus[256];
    cycles time[256][256][RUNSTATE_COUNT];
};

static inline bool xenalyze_is_there(void)
{
    if (system("xenalyze --help >/dev/null 2>&1") == 0)
        return true;
    fprintf(stderr, "skipped: no xenalyze (apt-get install xen-utils-common)\n");
    return false;
}

static bool xenalyze_begin(struct trace_sink *sink, const struct trace_world *world, char *message,
                           size_t message_bytes)
{
    struct xenalyze_run *run = (struct xenalyze_run *)sink;

    return run->recorder.sink.begin(&run->recorder.sink, world, message, message_bytes);
}

static void xenalyze_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct xenalyze_run *run = (struct xenalyze_run *)sink;

    run->recorder.sink.records(&run->recorder.sink, records, count);
}

static void xenalyze_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct xenalyze_run *run = (struct xenalyze_run *)sink;
    const struct xen *xen = machine->hypervisor;

    run->domains = xen->domain_count;
    for (uint32_t d = 0; d < xen->domain_count; d++) {
        run->vcpus[d] = xen->domains[d].vcpu_count;
        for (uint32_t v = 0; v < xen->domains[d].vcpu_count; v++)
            memcpy(run->time[d][v], xen->domains[d].vcpus[v].spent.total, sizeof run->time[d][v]);
    }
    run->recorder.sink.end(&run->recorder.sink, machine, now);
}

/* Runs the scenario with its measured part traced into `path`. */
static inline void xenalyze_export(struct xenalyze_run *run, const char *scenario_path, const char *const *sets,
                                   size_t set_count, const struct trace_choice *choice, const char *path)
{
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char message[512] = "";

    memset(run, 0, sizeof *run);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, scenario_path, sets, set_count, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_true(output_open(&run->output, path, true, message, sizeof message));
    xentrace_writer_init(&run->writer, &run->output);
    trace_recorder_init(&run->recorder, choice, &run->writer.sink);
    run->sink = (struct trace_sink){ run->recorder.sink.kinds, xenalyze_begin, xenalyze_records, xenalyze_end };
    if (!run_scenario_traced(&scenario, &run->sink, 1 << 20, NULL, &result, message, sizeof message))
        fail_msg("%s: %s", scenario_path, message);
    assert_true(output_commit(&run->output, message, sizeof message));
    xentrace_writer_free(&run->writer);
    trace_recorder_free(&run->recorder);
    result_free(&result);
    scenario_free(&scenario);
}

static inline bool xenalyze_complains(const char *line)
{
    static const char *const words[] = { "Strange", "FATAL", "ERROR", "WARNING", "skew", "early_eof" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(line, words[i]) != NULL)
            return true;
    return false;
}

/* "  running:   100  0.00s  18709 {..." of the vCPU: count times the average is short of the sum by less than count. */
static inline unsigned xenalyze_compare(const struct xenalyze_run *run, unsigned domain, unsigned vcpu,
                                        const char *line)
{
    static const char *const states[] = { " running:", " runnable:", " blocked:" };
    uint64_t count, average;

    for (unsigned state = 0; state < 3; state++) {
        const char *at = strstr(line, states[state]);
        if (at == NULL || sscanf(at + strlen(states[state]), "%" SCNu64 " %*fs %" SCNu64, &count, &average) != 2)
            continue;
        assert_true(domain < run->domains && vcpu < run->vcpus[domain]);
        cycles ours = run->time[domain][vcpu][state];
        if (ours < count * average || ours - count * average > count)
            fail_msg("d%uv%u%s ours %" PRIu64 ", xenalyze %" PRIu64 " * %" PRIu64, domain, vcpu, states[state], ours,
                     count, average);
        return 1;
    }
    return 0;
}

/* Returns how many totals were compared. */
static inline unsigned xenalyze_check(const struct xenalyze_run *run, const char *path)
{
    char command[512], line[1024];
    unsigned domain = 0, vcpu = UINT32_MAX, compared = 0;

    snprintf(command, sizeof command, "xenalyze --cpu-hz=2G -s '%s' 2>'%s.err'", path, path);
    FILE *summary = popen(command, "r");
    assert_non_null(summary);
    while (fgets(line, sizeof line, summary)) {
        if (sscanf(line, "|-- Domain %u --|", &domain) == 1)
            vcpu = UINT32_MAX;
        else if (sscanf(line, "-- v%u --", &vcpu) != 1 && vcpu != UINT32_MAX && domain < 32767)
            compared += xenalyze_compare(run, domain - 1, vcpu, line);
    }
    int status = pclose(summary);
    snprintf(command, sizeof command, "%s.err", path);
    FILE *errors = fopen(command, "r");
    assert_non_null(errors);
    while (fgets(line, sizeof line, errors))
        if (xenalyze_complains(line))
            fail_msg("xenalyze says: %s", line);
    fclose(errors);
    if (status != 0)
        fail_msg("xenalyze %s ends with status %d", path, status);
    remove(command);
    return compared;
}

#endif
