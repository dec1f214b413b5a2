/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses the design that simulates a recording, and makes the workload fit it.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "models/family/keys.h"
#include "models/registry.h"
#include "trace/import.h"

enum {
    TIMES_MAX = 100000, /* that a scenario replays of one vector */
    TASKS_MAX = 2048,   /* far more than have an interrupt source each */
};

/* --- the design --- */

#define XEN_DESIGN "softirq-requeue"
#define KVM_DESIGN "vfio-msi"

static void list_designs(char note[IMPORT_NOTE_BYTES], const char *name)
{
    int bytes = snprintf(note, IMPORT_NOTE_BYTES, "no design '%.40s' that has guests; --design is one of:", name);

    for (size_t i = 0; i < design_count() && bytes > 0 && bytes < IMPORT_NOTE_BYTES; i++)
        if (family_has_section(design_at(i)->family, "guests"))
            bytes += snprintf(note + bytes, IMPORT_NOTE_BYTES - (size_t)bytes, " %s", design_at(i)->name);
}

/* QEMU's designs refuse more than one guest. */
static bool has_one_guest(const struct design *design) { return !strcmp(design->family->name, "qemu"); }

/* Whether each task has a pCPU of its own, as the design of KVM wants it. */
static bool are_apart(const struct workload *workload)
{
    bool is_taken[WORKLOAD_CPUS_MAX] = { false };

    for (size_t t = 0; t < workload->task_count; t++) {
        uint32_t home;
        if (workload->tasks[t].is_others || !workload_is_pinned(&workload->tasks[t], &home) || is_taken[home])
            return false;
        is_taken[home] = true;
    }
    return true;
}

const struct design *import_design(const struct recorded *recorded, const struct workload *workload, const char *asked,
                                   char note[IMPORT_NOTE_BYTES])
{
    const struct design *design = design_find(asked != NULL ? asked : recorded->design);
    const char *unfit = "";

    if (design != NULL && !family_has_section(design->family, "guests")) {
        if (asked == NULL)
            unfit = " The recording's own design has no guests; each thread becomes one.";
        design = NULL;
    }
    if (design != NULL && asked == NULL && has_one_guest(design) && workload->task_count > 1) {
        unfit = " The recording's own design models one guest, whose devices choose no vCPU.";
        design = NULL;
    }
    if (design != NULL) {
        snprintf(note, IMPORT_NOTE_BYTES, "Design: %s, %s.", design->name,
                 asked != NULL ? "as asked for" : "which the recording names");
        return design;
    }
    if (asked != NULL) {
        list_designs(note, asked);
        return NULL;
    }
    if (*unfit != '\0' && recorded->host == RECORDED_HOST_LINUX && are_apart(workload)) {
        snprintf(note, IMPORT_NOTE_BYTES, "Design: %s, KVM's own path, assumed: each vCPU has a pCPU of its own.%s",
                 KVM_DESIGN, unfit);
        return design_find(KVM_DESIGN);
    }
    design = design_find(XEN_DESIGN);
    CHECK(design != NULL);
    if (recorded->host == RECORDED_HOST_XEN)
        snprintf(note, IMPORT_NOTE_BYTES,
                 "Design: %s, assumed; a recording of Xen does not say how its version delivers interrupts. --design "
                 "chooses another one: `irqpath list designs`.%s",
                 design->name, unfit);
    else
        snprintf(note, IMPORT_NOTE_BYTES,
                 "Design: %s of Xen, assumed, although the recording is of a Linux host: its scheduler shares pCPUs "
                 "and lets vCPUs float, which no model of KVM does here. --design %s simulates KVM's own path, with "
                 "pinned vCPUs; `irqpath list designs` has the others.%s",
                 design->name, KVM_DESIGN, unfit);
    return design;
}

/* --- limits --- */

/* Appends a number to names that occur twice. A row begins with its name. */
static void make_unique(void *rows, size_t row_bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            char *name = (char *)rows + i * row_bytes;
            size_t bytes = strlen(name);
            if (!strcmp(name, (char *)rows + j * row_bytes))
                snprintf(name + bytes, SETUP_NAME_BYTES - bytes, "-%zu", i);
        }
}

/* Removes the tasks that stand for others, which come last, and their sources. */
static void drop_others(struct workload *workload)
{
    while (workload->source_count > 0 &&
           workload->tasks[workload->sources[workload->source_count - 1].task].is_others) {
        workload_drop(workload, workload->sources[--workload->source_count].name,
                      "this design has one vCPU on a pCPU, and no others that take it");
        free(workload->sources[workload->source_count].arrivals);
    }
    while (workload->task_count > 0 && workload->tasks[workload->task_count - 1].is_others)
        free(workload->tasks[--workload->task_count].cpu_ns);
}

/* Each task on a pCPU of its own: of those that are free, where it ran most. */
static bool spread(struct workload *workload)
{
    bool is_taken[WORKLOAD_CPUS_MAX] = { false };

    for (size_t t = 0; t < workload->task_count; t++) {
        struct workload_task *task = &workload->tasks[t];
        uint32_t best = WORKLOAD_NOBODY;
        for (uint32_t cpu = 0; cpu < workload->cpu_count && cpu < WORKLOAD_CPUS_MAX; cpu++)
            if (!is_taken[cpu] && (best == WORKLOAD_NOBODY || task->cpu_ns[cpu] > task->cpu_ns[best]))
                best = cpu;
        if (best == WORKLOAD_NOBODY)
            return false;
        is_taken[best] = true;
        if (!task->is_pinned || best != task->home)
            workload_drop(workload, task->name, "it floats or shares its pCPU; this design pins it to one of its own");
        task->home = best;
    }
    return true;
}

static bool place(struct workload *workload, const struct design *design, char *message, size_t message_bytes)
{
    for (size_t t = 0; t < workload->task_count; t++)
        workload->tasks[t].is_pinned = workload_is_pinned(&workload->tasks[t], &workload->tasks[t].home);
    if (family_key(design->family, "guests", "placement") != NULL)
        return true;
    drop_others(workload);
    if (spread(workload))
        return true;
    snprintf(message, message_bytes, "%zu vCPUs on %u pCPUs: %s has at most one vCPU on a pCPU; choose a design of Xen",
             workload->task_count, workload->cpu_count, design->name);
    return false;
}

/* Whether a scenario's handlers may take as long as the interrupts of each source did. */
static bool works_fit(const struct workload *workload, char *message, size_t message_bytes)
{
    for (size_t i = 0; i < workload->source_count; i++) {
        const struct workload_source *source = &workload->sources[i];
        double distance;
        uint64_t mean_ns = import_work_fit(workload, source->task, source, &distance).mean_ns;
        if (mean_ns > KEY_NS_PER_S) {
            snprintf(message, message_bytes,
                     "%s: %.1f s of work an interrupt, and a handler takes at most 1 s: is that the work of other "
                     "interrupts, which were not recorded?",
                     source->name, (double)mean_ns / 1e9);
            return false;
        }
    }
    return true;
}

/* False when a scenario has not so many sources or guests. */
static bool make_guests(struct workload *workload, const struct design *design)
{
    if (workload->source_count > SETUP_DEVICES_MAX || workload->task_count > TASKS_MAX)
        return false;
    make_unique(workload->sources, sizeof *workload->sources, workload->source_count);
    make_unique(workload->tasks, sizeof *workload->tasks, workload->task_count);
    import_group(workload, design);
    make_unique(workload->guests, sizeof *workload->guests, workload->guest_count);
    return workload->guest_count <= SETUP_GUESTS_MAX;
}

bool import_prepare(struct workload *workload, const struct design *design, char *message, size_t message_bytes)
{
    if (workload->duration_ns > KEY_RUN_NS_MAX) {
        snprintf(message, message_bytes,
                 "it takes %.1f days; a scenario runs for one at most: select a part with --trace-window",
                 (double)workload->duration_ns / KEY_RUN_NS_MAX);
        return false;
    }
    if (!place(workload, design, message, message_bytes) || !works_fit(workload, message, message_bytes))
        return false;
    for (size_t i = 0; i < workload->source_count; i++)
        if (workload->sources[i].count > TIMES_MAX) {
            snprintf(message, message_bytes,
                     "%s: %zu interrupts; a scenario replays at most %d of one vector: select a part with "
                     "--trace-window",
                     workload->sources[i].name, workload->sources[i].count, TIMES_MAX);
            return false;
        }
    if (!make_guests(workload, design)) {
        snprintf(message, message_bytes,
                 "%zu sources of interrupts for %zu vCPUs; a scenario has at most %d, and %d kinds of guests: select "
                 "one guest with --trace-guest",
                 workload->source_count, workload->task_count, SETUP_DEVICES_MAX, SETUP_GUESTS_MAX);
        return false;
    }
    if (workload->task_count == 0 && workload->only != NULL) {
        snprintf(message, message_bytes, "no guest and no thread '%.60s' runs in the recording", workload->only);
        return false;
    }
    if (workload->task_count == 0 && workload->has_sleepless) {
        snprintf(message, message_bytes,
                 "no thread of the recording ever sleeps, so that no interrupt wakes one: what an interrupt asks of a "
                 "thread cannot be told, and no scenario be made; `irqpath show --attribution` answers from it");
        return false;
    }
    if (workload->task_count == 0) {
        snprintf(message, message_bytes,
                 "the recording has no vCPU that runs, and no thread that an interrupt wakes: record "
                 "irq:irq_handler_entry, sched:sched_switch and sched:sched_waking, or kvm:*");
        return false;
    }
    return true;
}

bool import_calibrate(struct workload *workload, const struct workload *simulated)
{
    bool has_changed = false;

    for (size_t t = 0; t < workload->task_count; t++) {
        const struct workload_task *task = &workload->tasks[t];
        const struct workload_task *run = import_simulated(simulated, task);
        if (run == NULL || run->wakes == 0 || run->guest_ns == 0 || task->guest_ns > 0 || task->is_computing)
            continue;
        uint64_t own = (run->running_ns - run->poll_ns - run->guest_ns) / run->wakes;
        has_changed |= own > 0;
        workload->tasks[t].own_ns = own;
    }
    return has_changed;
}
