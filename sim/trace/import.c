/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a recording's workload as a scenario. Each task becomes a vCPU of a tickless guest (import_guests.c), on the
 * pCPU where it ran, or on all of them where it floated; each of its sources becomes a device whose interrupts have the
 * recorded work.
 */
#define _GNU_SOURCE
#include "trace/import.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/option.h"
#include "trace/fit.h"

static const char *const process_names[] = { "periodic", "poisson", "onoff", "moderated", "closed", "replay" };

static bool has_key(const struct import_choice *choice, const char *section, const char *key)
{
    return family_key(choice->design->family, section, key) != NULL;
}

static void put_number(FILE *out, enum option_type type, uint64_t value)
{
    char text[32];

    option_format_number(type, value, text, sizeof text);
    fputs(text, out);
}

static void put_comment(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(*text >= ' ' && *text <= '~' ? *text : '?', out);
}

static void put_head(FILE *out, const struct workload *workload, const struct recorded *recorded,
                     const struct import_choice *choice, const char *note, const char *name)
{
    bool polls = false, has_others = false;
    size_t tasks = 0, others = 0;

    for (size_t i = 0; i < workload->task_count; i++)
        others += workload->tasks[i].is_others;
    tasks = workload->task_count - others;

    fputs("# How does the simulated machine handle the interrupts and wake-ups recorded in ", out);
    put_comment(out, choice->source);
    fprintf(out, "?\n#\n# %zu vCPU%s", tasks, tasks == 1 ? "" : "s");
    if (workload->guest_count < workload->task_count)
        fprintf(out, " of %zu guest%s", workload->guest_count - others, workload->guest_count - others == 1 ? "" : "s");
    fprintf(out, " on %u pCPU%s, %.6f s. %s\n", workload->cpu_count, workload->cpu_count == 1 ? "" : "s",
            (double)workload->duration_ns / 1e9, note);
    fputs("# Lock and machine costs are defaults, not recorded.\n", out);
    for (size_t i = 0; i < workload->task_count; i++) {
        polls |= workload->tasks[i].polled > 0;
        has_others |= workload->tasks[i].is_others;
        if (workload->tasks[i].own_ns > 0)
            fprintf(out, "# %s: %" PRIu64 " ns of each recorded run are the design's own time, and no work.\n",
                    workload->tasks[i].name, workload->tasks[i].own_ns);
    }
    for (size_t i = 0; i < recorded->ignored_count; i++) {
        fprintf(out, "# Ignored: %" PRIu64 " x ", recorded->ignored[i].count);
        put_comment(out, recorded->ignored[i].what);
        fprintf(out, ": %s.\n", recorded->ignored[i].why);
    }
    for (size_t i = 0; i < workload->dropped_count; i++)
        fprintf(out, "# Ignored: %" PRIu64 " x %s: %s.\n", workload->dropped[i].count, workload->dropped[i].what,
                workload->dropped[i].why);
    fprintf(out, "name: %s\nmachine:\n  profile: %s\n  topology: \"package:1 [numa] core:%u pu:1\"\n", name,
            choice->profile, workload->cpu_count);
    uint64_t hz = recorded->is_in_cycles ? workload->frequency_hz : recorded->machine_hz;
    if (hz != 0) {
        fputs("  frequency: ", out);
        put_number(out, OPTION_FREQUENCY, hz);
        fputc('\n', out);
    }
    fprintf(out, "hypervisor: { design: %s", choice->design->name);
    if (polls && has_key(choice, "hypervisor", "halt_poll"))
        fputs(", halt_poll: 200us", out);
    if (has_others && has_key(choice, "hypervisor", "ratelimit"))
        fputs(", ratelimit: off", out);
    fputs(" }\nguests:\n", out);
}

/* The guest's pCPUs in the grammar of `pin`. */
static void put_pin(FILE *out, const struct workload *workload, uint32_t guest, bool may_float)
{
    const struct workload_task *first = import_vcpu(workload, guest, 0);
    const char *comma = "";

    if (!may_float) {
        fprintf(out, "\"pu:%u\"", first->home);
        return;
    }
    fputc('"', out);
    for (uint32_t cpu = 0, last; cpu < WORKLOAD_CPUS_MAX; cpu++) {
        if (!import_guest_may_run_on(workload, guest, cpu))
            continue;
        for (last = cpu; last + 1 < WORKLOAD_CPUS_MAX && import_guest_may_run_on(workload, guest, last + 1);)
            last++;
        fprintf(out, last == cpu ? "%spu:%u" : "%spu:%u-%u", comma, cpu, last);
        comma = ",";
        cpu = last;
    }
    fprintf(out, "\"%s", first->is_pinned ? "" : ", placement: floating");
}

/* The works of the task's arrivals, or of one source's; to be freed. */
static uint64_t *works_of(const struct workload *workload, uint32_t task, const struct workload_source *only,
                          size_t *count)
{
    size_t capacity = 0;

    *count = 0;
    for (size_t s = 0; s < workload->source_count; s++)
        capacity += workload->sources[s].count;
    uint64_t *works = calloc(capacity + 1, sizeof *works);
    CHECK(works != NULL);
    for (size_t s = 0; s < workload->source_count; s++)
        for (size_t i = 0; workload->sources[s].task == task && i < workload->sources[s].count; i++)
            if ((only == NULL || only == &workload->sources[s]) &&
                workload->sources[s].arrivals[i].work_ns != WORKLOAD_UNKNOWN)
                works[(*count)++] = workload_work(workload, &workload->sources[s], i);
    return works;
}

struct work_fit import_work_fit(const struct workload *workload, uint32_t task, const struct workload_source *only,
                                double *distance)
{
    size_t count;
    uint64_t *works = works_of(workload, task, only, &count);
    struct work_fit fit = work_fit_of(works, count);

    *distance = count == 0 ? NAN : work_fit_distance(&fit, works, count);
    free(works);
    return fit;
}

static struct arrival_fit fit_of(const struct workload_source *source, const struct import_choice *choice)
{
    struct arrival_fit fit = { .process = ARRIVAL_REPLAY };

    if (!choice->is_fitted)
        return fit;
    uint64_t *times = workload_times(source);
    fit = arrival_fit_of(times, source->count);
    free(times);
    return fit;
}

/* Whether the works of the guest's vCPUs are replayed: unless a fit is asked for, and where no source of them has one.
 */
static bool replays_works(const struct workload *workload, uint32_t guest, const struct import_choice *choice)
{
    bool replays = true;

    for (size_t s = 0; s < workload->source_count; s++)
        replays &= workload->tasks[workload->sources[s].task].guest != guest ||
                   fit_of(&workload->sources[s], choice).process == ARRIVAL_REPLAY;
    return replays;
}

/* The mean spread of the works of the guest's vCPUs, each as often as it was interrupted. */
static uint32_t work_spread(const struct workload *workload, uint32_t guest)
{
    uint64_t sum = 0, count = 0;

    for (uint32_t t = 0; t < workload->task_count; t++) {
        size_t works;
        double distance;
        if (workload->tasks[t].guest != guest)
            continue;
        free(works_of(workload, t, NULL, &works));
        sum += works * import_work_fit(workload, t, NULL, &distance).cv_percent;
        count += works;
    }
    return count == 0 ? 0 : (uint32_t)((sum + count / 2) / count);
}

/* Which vCPUs were recorded, where these numbers are others than the scenario's. */
static void put_numbers(FILE *out, const struct workload *workload, uint32_t guest)
{
    uint32_t same = 0, vcpus = workload->guests[guest].vcpus;

    while (same < vcpus && trace_vcpu(import_vcpu(workload, guest, same)->who) == same)
        same++;
    if (vcpus == 1 || same == vcpus)
        return;
    fprintf(out, "  # its vCPUs 0-%u are the recorded", vcpus - 1);
    for (uint32_t vcpu = 0; vcpu < vcpus; vcpu++)
        fprintf(out, "%s v%u", vcpu == 0 ? "" : ",", trace_vcpu(import_vcpu(workload, guest, vcpu)->who));
    fputc('\n', out);
}

static void put_guest(FILE *out, const struct workload *workload, uint32_t guest, const struct import_choice *choice)
{
    const struct workload_guest *it = &workload->guests[guest];

    put_numbers(out, workload, guest);
    fprintf(out, "  - { name: %s, ", it->name);
    if (it->vcpus > 1)
        fprintf(out, "vcpus: %u, ", it->vcpus);
    fputs("pin: ", out);
    put_pin(out, workload, guest, has_key(choice, "guests", "placement"));
    if (has_key(choice, "guests", "timer"))
        fputs(", timer: tickless", out);
    fprintf(out, ", load: %s", import_vcpu(workload, guest, 0)->is_computing ? "compute" : "halt");
    if (!replays_works(workload, guest, choice) && has_key(choice, "guests", "work_spread_percent"))
        fprintf(out, ", work_spread_percent: %u", work_spread(workload, guest));
    fputs(" }\n", out);
}

/* SCENARIO.STREAM.times, where SCENARIO is the path without ".yaml". */
static void times_path(const char *path, const char *source, char *text, size_t text_bytes)
{
    size_t bytes = strlen(path);

    if (bytes > 5 && !strcmp(path + bytes - 5, ".yaml"))
        bytes -= 5;
    snprintf(text, text_bytes, "%.*s.%s.times", (int)bytes, path, source);
}

static void put_arrivals(FILE *out, const struct workload_source *source, const struct arrival_fit *fit,
                         const char *path)
{
    char file[4096];

    fprintf(out, "arrivals: { process: %s", process_names[fit->process]);
    if (fit->process == ARRIVAL_REPLAY) {
        times_path(path, source->name, file, sizeof file);
        const char *slash = strrchr(file, '/');
        fprintf(out, ", file: \"%s\"", slash != NULL ? slash + 1 : file);
    } else {
        fputs(", rate: ", out);
        put_number(out, OPTION_RATE, fit->rate_millihertz);
    }
    if (fit->process == ARRIVAL_ONOFF) {
        fputs(", on: ", out);
        put_number(out, OPTION_DURATION, fit->on_ns);
        fputs(", off: ", out);
        put_number(out, OPTION_DURATION, fit->off_ns);
    }
    fputs(" } }\n", out);
}

static void put_device(FILE *out, const struct workload *workload, const struct workload_source *source,
                       const struct import_choice *choice, const char *path)
{
    const struct workload_task *task = &workload->tasks[source->task];
    struct arrival_fit fit = fit_of(source, choice);
    double distance;
    struct work_fit work = import_work_fit(workload, source->task, source, &distance);

    if (source->passed_on > 0) {
        fprintf(out, "  # %zu of %zu were passed on by the thread ", source->passed_on, source->count);
        put_comment(out, source->through);
        fputs(", and are raised when it did so\n", out);
    }
    fprintf(out, "  - { name: %s, guest: %s, ", source->name, workload->guests[task->guest].name);
    if (workload->guests[task->guest].vcpus > 1)
        fprintf(out, "vcpu: %u, ", task->vcpu);
    if (has_key(choice, "devices", "interrupt"))
        fprintf(out, "interrupt: msi, line: %u, ", source->cpu % 64);
    if (work.mean_ns > 0) {
        fputs("handler: ", out);
        put_number(out, OPTION_DURATION, work.mean_ns);
        fputs(", ", out);
    }
    put_arrivals(out, source, &fit, path);
}

static bool write_times(const struct workload *workload, const struct workload_source *source,
                        const struct import_choice *choice, const char *path, char *message, size_t message_bytes)
{
    char *text = NULL, file[4096];
    size_t bytes;
    bool has_works = replays_works(workload, workload->tasks[source->task].guest, choice);
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    fprintf(out, "# %s: time%s\n", source->name, has_works ? ", work" : "");
    for (size_t i = 0; i < source->count; i++) {
        fprintf(out, "%" PRIu64 "ns", source->arrivals[i].ns);
        if (source->arrivals[i].work_ns != WORKLOAD_UNKNOWN && has_works)
            fprintf(out, " %" PRIu64 "ns", workload_work(workload, source, i));
        fputc('\n', out);
    }
    CHECK(fclose(out) == 0);
    times_path(path, source->name, file, sizeof file);
    bool is_good = file_write(file, text, bytes, choice->is_forced, message, message_bytes);
    free(text);
    return is_good;
}

static char *scenario_text(const struct workload *workload, const struct recorded *recorded,
                           const struct import_choice *choice, const char *note, const char *path, size_t *bytes)
{
    const char *slash = strrchr(path, '/');
    char *text = NULL, name[SETUP_NAME_BYTES], base[SETUP_NAME_BYTES];
    FILE *out = open_memstream(&text, bytes);

    CHECK(out != NULL);
    snprintf(base, sizeof base, "%.40s", slash != NULL ? slash + 1 : path);
    base[strcspn(base, ".")] = '\0';
    workload_name(name, base[0] ? base : "imported");
    put_head(out, workload, recorded, choice, note, name);
    for (uint32_t i = 0; i < workload->guest_count; i++)
        put_guest(out, workload, i, choice);
    if (workload->source_count > 0)
        fputs("devices:\n", out);
    for (size_t i = 0; i < workload->source_count; i++)
        put_device(out, workload, &workload->sources[i], choice, path);
    fputs("run: { warmup: 0s, duration: ", out);
    put_number(out, OPTION_DURATION, workload->duration_ns > 0 ? workload->duration_ns : 1);
    fputs(", seed: 1 }\n", out);
    CHECK(fclose(out) == 0);
    return text;
}

/* Of several files, none is written if one cannot be. */
static bool can_write_all(const struct workload *workload, const struct import_choice *choice, const char *path,
                          char *message, size_t message_bytes)
{
    char file[4096];
    bool is_good = file_can_write(path, choice->is_forced, message, message_bytes);

    for (size_t i = 0; i < workload->source_count && is_good; i++) {
        if (fit_of(&workload->sources[i], choice).process != ARRIVAL_REPLAY)
            continue;
        times_path(path, workload->sources[i].name, file, sizeof file);
        is_good = file_can_write(file, choice->is_forced, message, message_bytes);
    }
    return is_good;
}

bool import_write(const struct workload *workload, const struct recorded *recorded, const struct import_choice *choice,
                  const char *note, const char *path, char *message, size_t message_bytes)
{
    size_t bytes;

    if (!can_write_all(workload, choice, path, message, message_bytes))
        return false;
    for (size_t i = 0; i < workload->source_count; i++)
        if (fit_of(&workload->sources[i], choice).process == ARRIVAL_REPLAY &&
            !write_times(workload, &workload->sources[i], choice, path, message, message_bytes))
            return false;
    char *text = scenario_text(workload, recorded, choice, note, path, &bytes);
    bool is_good = file_write(path, text, bytes, choice->is_forced, message, message_bytes);
    free(text);
    return is_good;
}
