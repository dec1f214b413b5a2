/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a recording as a scenario. Each vCPU becomes a tickless guest of its own, pinned to the pCPU where it ran
 * most; everything that woke it becomes a device interrupt. The handler's time for one interrupt is the recorded time
 * in guest mode or, if unknown, the running time, divided by the number of interrupts.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/option.h"
#include "result/file.h"
#include "result/table.h"
#include "trace/recording.h"

static const char *const process_names[] = { "periodic", "poisson", "onoff", "moderated", "closed", "replay" };

/* --- vCPUs --- */

static uint32_t home_of(const struct recorded_vcpu *vcpu)
{
    uint32_t best = 0;

    for (uint32_t cpu = 1; cpu < RECORDING_CPUS_MAX; cpu++)
        if (vcpu->cpu_ns[cpu] > vcpu->cpu_ns[best])
            best = cpu;
    return best;
}

static uint64_t interrupts_of(const struct recording *recording, uint32_t vcpu)
{
    uint64_t count = 0;

    for (size_t i = 0; i < recording->stream_count; i++)
        if (recording->streams[i].vcpu == vcpu)
            count += recording->streams[i].count;
    return count;
}

/* A vCPU that runs and never blocks or wakes up. */
static bool is_computing(const struct recorded_vcpu *vcpu)
{
    return vcpu->wake_count == 0 && vcpu->runs == 0 && vcpu->running_ns > 0;
}

/* The guest's work for one interrupt in ns; 0 when the recording does not show it. */
static uint64_t handler_of(const struct recording *recording, uint32_t vcpu)
{
    const struct recorded_vcpu *v = &recording->vcpus[vcpu];
    uint64_t count = interrupts_of(recording, vcpu), work = v->guest_ns > 0 ? v->guest_ns : v->running_ns;

    return count == 0 || is_computing(v) ? 0 : work / count;
}

static double run_cv(const struct recorded_vcpu *vcpu)
{
    double runs = (double)vcpu->runs, mean = (double)vcpu->running_ns / runs;

    return vcpu->runs < 2 ? NAN : sqrt(fmax(0, vcpu->running_square_ns / runs - mean * mean)) / mean;
}

/* --- the scenario --- */

static void put_duration(FILE *out, uint64_t ns)
{
    char text[32];

    option_format_number(OPTION_DURATION, ns, text, sizeof text);
    fputs(text, out);
}

static void put_head(FILE *out, const struct recording *recording, const struct import_choice *choice, const char *name)
{
    fputs("# How does the simulated machine handle the interrupts and wake-ups recorded in ", out);
    for (const char *at = choice->source; *at; at++)
        fputc(*at >= ' ' && *at <= '~' ? *at : '?', out);
    fputs("?\n", out);
    fprintf(out, "#\n# %zu vCPUs on %u pCPUs, %.6f s. Design, lock and machine costs are defaults, not recorded.\n",
            recording->vcpu_count, recording->cpu_count, (double)recording->duration_ns / 1e9);
    for (size_t i = 0; i < recording->note_count; i++)
        fprintf(out, "# Ignored: %" PRIu64 " x %s: %s.\n", recording->notes[i].count, recording->notes[i].what,
                recording->notes[i].why);
    fprintf(out, "name: %s\nmachine:\n  profile: %s\n  topology: \"package:1 [numa] core:%u pu:1\"\n", name,
            choice->profile, recording->cpu_count);
    if (recording->frequency_hz != 0) {
        char text[32];
        option_format_number(OPTION_FREQUENCY, recording->frequency_hz, text, sizeof text);
        fprintf(out, "  frequency: %s\n", text);
    }
    fputs("hypervisor: { design: softirq-requeue }\nguests:\n", out);
}

static void put_guest(FILE *out, const struct recorded_vcpu *vcpu)
{
    fprintf(out, "  - { name: %s, pin: \"pu:%u\", timer: tickless, load: %s }\n", vcpu->name, home_of(vcpu),
            is_computing(vcpu) ? "compute" : "halt");
}

/* SCENARIO.STREAM.times, where SCENARIO is the path without ".yaml". */
static void times_path(const char *path, const char *stream, char *text, size_t text_bytes)
{
    size_t bytes = strlen(path);

    if (bytes > 5 && !strcmp(path + bytes - 5, ".yaml"))
        bytes -= 5;
    snprintf(text, text_bytes, "%.*s.%s.times", (int)bytes, path, stream);
}

static void put_arrivals(FILE *out, const struct recorded_stream *stream, const struct arrival_fit *fit,
                         const char *path)
{
    char text[32], file[4096];

    fprintf(out, "arrivals: { process: %s", process_names[fit->process]);
    if (fit->process == ARRIVAL_REPLAY) {
        times_path(path, stream->name, file, sizeof file);
        const char *slash = strrchr(file, '/');
        fprintf(out, ", file: \"%s\"", slash != NULL ? slash + 1 : file);
    } else {
        option_format_number(OPTION_RATE, fit->rate_millihertz, text, sizeof text);
        fprintf(out, ", rate: %s", text);
    }
    if (fit->process == ARRIVAL_ONOFF) {
        fputs(", on: ", out);
        put_duration(out, fit->on_ns);
        fputs(", off: ", out);
        put_duration(out, fit->off_ns);
    }
    fputs(" } }\n", out);
}

static void put_device(FILE *out, const struct recording *recording, const struct recorded_stream *stream,
                       const struct import_choice *choice, const char *path)
{
    struct arrival_fit fit = { .process = ARRIVAL_REPLAY };
    uint64_t handler = handler_of(recording, stream->vcpu);

    if (choice->is_fitted)
        fit = arrival_fit_of(stream->times_ns, stream->count);
    fprintf(out, "  - { name: %s, guest: %s, ", stream->name, recording->vcpus[stream->vcpu].name);
    if (handler > 0) {
        fputs("handler: ", out);
        put_duration(out, handler);
        fputs(", ", out);
    }
    put_arrivals(out, stream, &fit, path);
}

static bool write_times(const struct recorded_stream *stream, const struct import_choice *choice, const char *path,
                        char *message, size_t message_bytes)
{
    char *text = NULL, file[4096];
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    fprintf(out, "# %s\n", stream->name);
    for (size_t i = 0; i < stream->count; i++)
        fprintf(out, "%" PRIu64 "ns\n", stream->times_ns[i]);
    CHECK(fclose(out) == 0);
    times_path(path, stream->name, file, sizeof file);
    bool is_good = file_write(file, text, bytes, choice->is_forced, message, message_bytes);
    free(text);
    return is_good;
}

/* Appends a number to names that occur twice among the devices or among the guests. */
static void make_unique(struct recording *recording)
{
    for (size_t i = 0; i < recording->stream_count; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(recording->streams[i].name, recording->streams[j].name)) {
                size_t bytes = strlen(recording->streams[i].name);
                snprintf(recording->streams[i].name + bytes, SETUP_NAME_BYTES - bytes, "-%zu", i);
            }
    for (size_t i = 0; i < recording->vcpu_count; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(recording->vcpus[i].name, recording->vcpus[j].name)) {
                size_t bytes = strlen(recording->vcpus[i].name);
                snprintf(recording->vcpus[i].name + bytes, SETUP_NAME_BYTES - bytes, "-%zu", i);
            }
}

static char *scenario_text(const struct recording *recording, const struct import_choice *choice, const char *path,
                           size_t *bytes)
{
    const char *slash = strrchr(path, '/');
    char *text = NULL, name[SETUP_NAME_BYTES];
    FILE *out = open_memstream(&text, bytes);

    CHECK(out != NULL);
    snprintf(name, sizeof name, "%.40s", slash != NULL ? slash + 1 : path);
    name[strcspn(name, ".")] = '\0';
    put_head(out, recording, choice, name[0] ? name : "imported");
    for (size_t i = 0; i < recording->vcpu_count; i++)
        put_guest(out, &recording->vcpus[i]);
    if (recording->stream_count > 0)
        fputs("devices:\n", out);
    for (size_t i = 0; i < recording->stream_count; i++)
        put_device(out, recording, &recording->streams[i], choice, path);
    fputs("run: { warmup: 0s, duration: ", out);
    put_duration(out, recording->duration_ns > 0 ? recording->duration_ns : 1);
    fputs(", seed: 1 }\n", out);
    CHECK(fclose(out) == 0);
    return text;
}

bool import_write(struct recording *recording, const struct import_choice *choice, const char *path, char *message,
                  size_t message_bytes)
{
    size_t bytes;

    make_unique(recording);
    for (size_t i = 0; i < recording->stream_count && !choice->is_fitted; i++)
        if (!write_times(&recording->streams[i], choice, path, message, message_bytes))
            return false;
    char *text = scenario_text(recording, choice, path, &bytes);
    bool is_good = file_write(path, text, bytes, choice->is_forced, message, message_bytes);
    free(text);
    return is_good;
}

/* --- the report --- */

static void cell_number(struct table *table, double value, const char *format)
{
    char text[32];

    snprintf(text, sizeof text, format, value);
    table_cell(table, "%s", isnan(value) ? "-" : text);
}

static void row_of(struct table *table, const char *name, const char *guest, const char *process,
                   const struct arrival_figures *figures)
{
    table_cell(table, "%s", name);
    table_cell(table, "%s", guest);
    table_cell(table, "%s", process);
    table_cell(table, "%" PRIu64, figures->count);
    cell_number(table, figures->rate_hz, "%.2f");
    cell_number(table, figures->gap_cv, "%.3f");
    cell_number(table, figures->dispersion, "%.2f");
    cell_number(table, (double)figures->gap_p10 / 1e3, "%.1f");
    cell_number(table, (double)figures->gap_p50 / 1e3, "%.1f");
    cell_number(table, (double)figures->gap_p90 / 1e3, "%.1f");
    cell_number(table, (double)figures->gap_p99 / 1e3, "%.1f");
}

static void report_streams(const struct recording *recording, FILE *out, bool use_colour)
{
    static const char *const heads[] = { "interrupts", "for",        "process", "count", "rate Hz", "gap CoV",
                                         "dispersion", "gap p10 us", "p50",     "p90",   "p99" };
    struct table table;

    table_init(&table, 11, 3);
    for (size_t i = 0; i < 11; i++)
        table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < recording->stream_count; i++) {
        const struct recorded_stream *stream = &recording->streams[i];
        struct arrival_figures data = arrival_figures_of(stream->times_ns, stream->count);
        struct arrival_fit fit = arrival_fit_of(stream->times_ns, stream->count);
        row_of(&table, stream->name, recording->vcpus[stream->vcpu].name, "recorded", &data);
        if (fit.process == ARRIVAL_REPLAY)
            continue; /* too few for a fit */
        struct arrival_figures fitted = arrival_figures_fitted(&fit, stream->count);
        row_of(&table, "", "", process_names[fit.process], &fitted);
    }
    table_print(&table, out, 0, use_colour);
    table_free(&table);
}

static void report_vcpus(const struct recording *recording, FILE *out, bool use_colour)
{
    static const char *const heads[] = {
        "guest", "pCPU", "wake-ups", "runs", "run mean us", "run CoV", "work per interrupt us"
    };
    struct table table;

    table_init(&table, 7, 1);
    for (size_t i = 0; i < 7; i++)
        table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < recording->vcpu_count; i++) {
        const struct recorded_vcpu *vcpu = &recording->vcpus[i];
        uint64_t handler = handler_of(recording, i);
        table_cell(&table, "%s", vcpu->name);
        table_cell(&table, "%u", home_of(vcpu));
        table_cell(&table, "%zu", vcpu->wake_count);
        table_cell(&table, "%" PRIu64, vcpu->runs);
        cell_number(&table, vcpu->runs == 0 ? NAN : (double)vcpu->running_ns / 1e3 / (double)vcpu->runs, "%.3f");
        cell_number(&table, run_cv(vcpu), "%.3f");
        cell_number(&table, handler == 0 ? NAN : (double)handler / 1e3, "%.3f");
    }
    table_print(&table, out, 0, use_colour);
    table_free(&table);
}

void import_report(const struct recording *recording, FILE *out, bool use_colour)
{
    fprintf(out, "%.6f s, %u pCPUs\n\n", (double)recording->duration_ns / 1e9, recording->cpu_count);
    if (recording->stream_count > 0) {
        report_streams(recording, out, use_colour);
        fputc('\n', out);
    }
    report_vcpus(recording, out, use_colour);
    if (recording->note_count > 0)
        fputs("\nignored:\n", out);
    for (size_t i = 0; i < recording->note_count; i++)
        fprintf(out, "  %" PRIu64 " x %s: %s\n", recording->notes[i].count, recording->notes[i].what,
                recording->notes[i].why);
}
