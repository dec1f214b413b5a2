/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads snapshots of /proc/interrupts, each after the time at which it was taken: what a line did between the first and
 * the last one. The kernel counts interrupts and does not time them, so these are rates, not records.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "formats/linux_input.h"
#include "formats/readers.h"

enum { IRQS_MAX = 1 << 16, SECONDS_MAX = 1 << 30 };

struct snapshots {
    struct recorded *recorded;
    uint64_t count;            /* of snapshots */
    double time, first, last;  /* seconds; `time` is that of the snapshot to come */
    bool has_time;             /* ... which is known */
    uint32_t *cpus, cpu_count; /* the numbers of the columns' CPUs */
    uint64_t **counts; /* [irq][cpu]: at the first snapshot, then [irq][RECORDING_CPUS_MAX + cpu]: at the last */
    char **names;      /* [irq] */
};

/* "           CPU0       CPU1" */
static bool is_head(const char *text)
{
    text += strspn(text, " \t");
    return !strncmp(text, "CPU", 3) && isdigit((unsigned char)text[3]);
}

bool interrupts_is_head(const char *text, size_t bytes)
{
    char head[256];

    snprintf(head, sizeof head, "%.*s", (int)(bytes < sizeof head ? bytes : sizeof head - 1), text);
    const char *second = strchr(head, '\n');
    return is_head(head) || (second != NULL && is_head(second + 1));
}

static const char *begin_snapshot(struct snapshots *all, const char *text)
{
    if (!all->has_time)
        return "no time before this snapshot: make it with `cat /proc/uptime /proc/interrupts; sleep 10; cat "
               "/proc/uptime /proc/interrupts`";
    if (all->count > 0 && all->time <= all->last)
        return "this snapshot was not taken after the one before";
    if (all->count++ == 0)
        all->first = all->time;
    all->last = all->time;
    all->has_time = false;
    all->cpu_count = 0;
    for (const char *at = text; (at = strstr(at, "CPU")) != NULL && all->cpu_count < RECORDING_CPUS_MAX; at += 3) {
        unsigned long cpu = strtoul(at + 3, NULL, 10);
        if (cpu >= RECORDING_CPUS_MAX)
            return "a CPU beyond the limit of 1024";
        all->cpus[all->cpu_count++] = (uint32_t)cpu;
        if (cpu >= all->recorded->world.cpu_count)
            all->recorded->world.cpu_count = (uint32_t)cpu + 1;
    }
    return NULL;
}

/* What follows the counts: "IR-PCI-MSI 524288-edge      virtio1-req.0, eth0", of which the actions are the name. */
static void name_line(struct snapshots *all, uint32_t irq, const char *text)
{
    const char *at = text + strspn(text, " \t"), *last = at;

    for (const char *gap = at; (gap = strstr(gap, "  ")) != NULL; gap += strspn(gap, " "))
        last = gap + strspn(gap, " ");
    if (*last == '\0' || last == at) { /* no double blank: the third word on */
        last = at;
        for (int word = 0; word < 2 && *last != '\0'; word++) {
            last += strcspn(last, " \t");
            last += strspn(last, " \t");
        }
    }
    free(all->names[irq]);
    all->names[irq] = text_copy(*last != '\0' ? last : at);
}

static const char *line(struct snapshots *all, char *text)
{
    char *colon = strchr(text, ':'), *at = text + strspn(text, " \t"), *end;

    if (colon == NULL || all->count == 0)
        return "no line of /proc/interrupts";
    if (!isdigit((unsigned char)*at)) {
        *colon = '\0';
        if (all->count == 1)
            recorded_ignore(all->recorded, at, "it is an interrupt of the CPUs themselves");
        return NULL;
    }
    unsigned long irq = strtoul(at, &end, 10);
    if (irq >= IRQS_MAX || end != colon)
        return "an interrupt's number beyond the limit of 65536";
    bool is_new = all->counts[irq] == NULL;
    if (is_new) {
        all->counts[irq] = calloc(2 * RECORDING_CPUS_MAX, sizeof **all->counts);
        CHECK(all->counts[irq] != NULL);
    }
    at = colon + 1;
    for (uint32_t i = 0; i < all->cpu_count; i++) {
        at += strspn(at, " \t");
        if (!isdigit((unsigned char)*at))
            return "fewer counts than CPUs";
        uint64_t count = strtoull(at, &at, 10), *first = &all->counts[irq][all->cpus[i]];
        if (all->count == 1)
            *first = count;
        if (count < first[0] || count < first[RECORDING_CPUS_MAX])
            return "a count that is less than before";
        first[RECORDING_CPUS_MAX] = count;
    }
    name_line(all, (uint32_t)irq, at);
    return NULL;
}

/* "12345.67" of `date +%s.%N`, or "12345.67 8910.11" of /proc/uptime. */
static bool is_time(struct snapshots *all, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || strspn(end, " \t.0123456789") != strlen(end) || !(seconds >= 0 && seconds < 1e12))
        return false;
    all->time = seconds;
    all->has_time = true;
    return true;
}

static bool fail(const struct linux_input *input, const char *problem, char *message, size_t message_bytes)
{
    snprintf(message, message_bytes, "line %" PRIu64 ": %s", input->number, problem);
    return false;
}

static bool read_lines(struct snapshots *all, struct linux_input *input, char *message, size_t message_bytes)
{
    char *text;

    while ((text = linux_input_line(input)) != NULL) {
        if (text[strspn(text, " \t")] == '\0' || text[0] == '#' || is_time(all, text))
            continue;
        const char *problem = is_head(text) ? begin_snapshot(all, text) : line(all, text);
        if (problem != NULL)
            return fail(input, problem, message, message_bytes);
    }
    if (input->has_failed || input->is_too_long)
        return fail(input, "the file cannot be read", message, message_bytes);
    if (all->count < 2)
        return fail(input, "one snapshot of /proc/interrupts; rates take two, each after its time", message,
                    message_bytes);
    if (all->last - all->first > SECONDS_MAX)
        return fail(input, "the snapshots are further apart than any run is long", message, message_bytes);
    return true;
}

static void add_rates(struct recorded *recorded, uint32_t irq, const uint64_t *counts)
{
    for (uint32_t cpu = 0; cpu < recorded->world.cpu_count; cpu++) {
        if (counts[RECORDING_CPUS_MAX + cpu] == counts[cpu])
            continue;
        recorded->rates = realloc(recorded->rates, (recorded->rate_count + 1) * sizeof *recorded->rates);
        CHECK(recorded->rates != NULL);
        recorded->rates[recorded->rate_count++] =
            (struct recorded_rate){ irq, cpu, counts[RECORDING_CPUS_MAX + cpu] - counts[cpu] };
    }
}

static void finish(struct snapshots *all)
{
    struct recorded *recorded = all->recorded;

    recorded->host = RECORDED_HOST_LINUX;
    recorded->world.frequency_hz = 1000000000;
    recorded->world.end = (cycles)((all->last - all->first) * 1e9 + 0.5);
    for (uint32_t irq = 0; irq < IRQS_MAX; irq++)
        if (all->names[irq] != NULL) {
            recorded->world.irq_count = irq + 1;
            add_rates(recorded, irq, all->counts[irq]);
        }
    recorded->world.irq_names = recorded_names(recorded, (const char *const *)all->names, recorded->world.irq_count);
    recorded_finish(recorded);
}

bool interrupts_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                     char *message, size_t message_bytes)
{
    struct snapshots all = { .recorded = recorded };
    struct linux_input input;

    (void)choice;
    all.cpus = calloc(RECORDING_CPUS_MAX, sizeof *all.cpus);
    all.counts = calloc(IRQS_MAX, sizeof *all.counts);
    all.names = calloc(IRQS_MAX, sizeof *all.names);
    CHECK(all.cpus != NULL && all.counts != NULL && all.names != NULL);
    linux_input_init(&input, source->file, source->head, source->head_bytes);
    bool is_good = read_lines(&all, &input, message, message_bytes);
    if (is_good)
        finish(&all);
    linux_input_free(&input);
    for (uint32_t irq = 0; irq < IRQS_MAX; irq++) {
        free(all.counts[irq]);
        free(all.names[irq]);
    }
    free(all.cpus);
    free(all.counts);
    free(all.names);
    return is_good;
}
