/* SPDX-License-Identifier: Apache-2.0
 *
 * What a design leaves out of a recording: what stands for others, and vCPUs that share a pCPU or float.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "trace/import.h"

enum { TASKS_MAX = 4, SOURCES_MAX = 4 };

struct task {
    const char *name; /* "others...": stands for others */
    uint64_t cpu_ns[3];
};

/* An interrupt source and the task that it is for. */
struct source {
    const char *name;
    uint32_t task;
};

static const struct row {
    const char *label, *design;
    struct task tasks[TASKS_MAX];
    struct source sources[SOURCES_MAX];
    const char *expected; /* tasks with their pCPUs, then sources */
    const char *dropped;  /* what no scenario reproduces, each with how many */
    const char *message;  /* NULL: it can be prepared */
    double days;          /* 0: 1 us */
} rows[] = {
    { "Xen has others",
      "softirq-requeue",
      { { "a", { 9, 0, 0 } }, { "others-cpu0", { 5, 0, 0 } } },
      { { "nic", 0 }, { "others-cpu0", 1 } },
      "a@0 others-cpu0@0 nic others-cpu0",
      "",
      NULL,
      0 },
    { "VFIO has none",
      "vfio-msi",
      { { "a", { 9, 0, 0 } }, { "b", { 0, 9, 0 } }, { "others-cpu0", { 5, 0, 0 } }, { "others-cpu1", { 0, 5, 0 } } },
      { { "nic", 0 }, { "disk", 1 }, { "others-cpu0", 2 }, { "others-cpu1", 3 } },
      "a@0 b@1 nic disk",
      "others-cpu1 1; others-cpu0 1; ",
      NULL,
      0 },
    { "others without interrupts",
      "vfio-msi",
      { { "a", { 9, 0, 0 } }, { "others-cpu0", { 5, 0, 0 } } },
      { { "nic", 0 } },
      "a@0 nic",
      "",
      NULL,
      0 },
    { "two on one pCPU",
      "vfio-msi",
      { { "a", { 0, 9, 0 } }, { "b", { 0, 8, 1 } } },
      { { "nic", 0 } },
      "a@1 b@2 nic",
      "b 1; ",
      NULL,
      0 },
    { "more than pCPUs",
      "vfio-msi",
      { { "a", { 9, 0, 0 } }, { "b", { 9, 0, 0 } }, { "c", { 9, 0, 0 } }, { "d", { 9, 0, 0 } } },
      { { "nic", 0 } },
      NULL,
      NULL,
      "4 vCPUs on 3 pCPUs: vfio-msi has at most one vCPU on a pCPU; choose a design of Xen",
      0 },
    { "a whole day", "softirq-requeue", { { "a", { 9, 0, 0 } } }, { { "nic", 0 } }, "a@0 nic", "", NULL, 1 },
    { "more than a day",
      "softirq-requeue",
      { { "a", { 9, 0, 0 } } },
      { { "nic", 0 } },
      NULL,
      NULL,
      "it takes 1.5 days; a scenario runs for one at most: select a part with --trace-window",
      1.5 },
};

static void workload_make(struct workload *workload, const struct row *row)
{
    workload_init(workload);
    workload->cpu_count = 3;
    workload->frequency_hz = 1000000000;
    workload->duration_ns = row->days > 0 ? (uint64_t)(row->days * 86400e9) : 1000;
    workload->tasks = calloc(TASKS_MAX, sizeof *workload->tasks);
    workload->sources = calloc(SOURCES_MAX, sizeof *workload->sources);
    for (; workload->task_count < TASKS_MAX && row->tasks[workload->task_count].name != NULL; workload->task_count++) {
        const struct task *from = &row->tasks[workload->task_count];
        struct workload_task *task = &workload->tasks[workload->task_count];

        (void)snprintf(task->name, sizeof task->name, "%s", from->name);
        task->is_others = strncmp(from->name, "others", 6) == 0;
        task->who = (uint32_t)workload->task_count << 16;
        task->cpu_ns = calloc(WORKLOAD_CPUS_MAX, sizeof *task->cpu_ns);
        memcpy(task->cpu_ns, from->cpu_ns, sizeof from->cpu_ns);
    }
    for (; workload->source_count < SOURCES_MAX && row->sources[workload->source_count].name != NULL;
         workload->source_count++) {
        struct workload_source *source = &workload->sources[workload->source_count];

        (void)snprintf(source->name, sizeof source->name, "%s", row->sources[workload->source_count].name);
        source->task = row->sources[workload->source_count].task;
        source->arrivals = calloc(1, sizeof *source->arrivals);
        source->arrivals[0] = (struct workload_arrival){ 100, WORKLOAD_UNKNOWN };
        source->count = 1;
    }
}

static void describe(const struct workload *workload, char *text, size_t bytes)
{
    size_t used = 0;

    for (size_t t = 0; t < workload->task_count; t++)
        used += (size_t)snprintf(text + used, bytes - used, "%s@%u ", workload->tasks[t].name, workload->tasks[t].home);
    for (size_t s = 0; s < workload->source_count; s++)
        used += (size_t)snprintf(text + used, bytes - used, "%s ", workload->sources[s].name);
    text[used > 0 ? used - 1 : 0] = '\0';
}

static void what_a_design_cannot_have_is_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct workload workload;
        char message[300] = "", text[300] = "", dropped[300] = "";

        workload_make(&workload, &rows[i]);
        bool is_good = import_prepare(&workload, design_find(rows[i].design), message, sizeof message);
        if (is_good != (rows[i].message == NULL) || (!is_good && strcmp(message, rows[i].message) != 0))
            fail_msg("%s: '%s'", rows[i].label, message);
        describe(&workload, text, sizeof text);
        for (size_t d = 0; d < workload.dropped_count; d++)
            (void)snprintf(dropped + strlen(dropped), sizeof dropped - strlen(dropped), "%s %lu; ",
                           workload.dropped[d].what, (unsigned long)workload.dropped[d].count);
        if (is_good && (strcmp(text, rows[i].expected) != 0 || strcmp(dropped, rows[i].dropped) != 0))
            fail_msg("%s: '%s', '%s'", rows[i].label, text, dropped);
        workload_free(&workload);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(what_a_design_cannot_have_is_left_out) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
