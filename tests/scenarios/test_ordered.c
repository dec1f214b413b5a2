/* SPDX-License-Identifier: Apache-2.0
 *
 * The events of runs in which the files of tests/models stand in the place of a part of the design, in their order, as
 * in ordered/NAME.txt; their times are those of the compiler. test_scenarios_ordered --write makes these files.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/own_code.h"
#include "same_text.h"
#include "timeline.h"

/* Scenarios of timelines/. */
static const struct {
    const char *scenario;
    int object;
} rows[] = {
    { "xen-domain-tasklet", OWN_XEN_TASKLETS },
    { "xen-pirq-tasklet", OWN_XEN_TASKLETS },
    { "xen-softirq-requeue", OWN_XEN_DPCI },
    { "xen-bind", OWN_XEN_DPCI },
    { "xen-pause", OWN_XEN_DPCI },
    { "xen-unmap", OWN_XEN_DPCI },
    { "qemu-msix", OWN_QEMU },
    { "qemu-gsi", OWN_QEMU },
    { "qemu-backend", OWN_QEMU },
    { "qemu-migrate", OWN_QEMU },
    { "vfio-automask", OWN_VFIO },
    { "vfio-exclusive", OWN_VFIO },
};

static bool is_writing;

/* The lines of each pCPU after those of the one before, as their order among pCPUs is the compiler's, too. */
static char *by_cpu(char *text)
{
    size_t bytes = strlen(text);
    char *sorted = calloc(bytes + 1, 1), *to = sorted;

    assert_non_null(sorted);
    for (int cpu = '0'; cpu <= '9'; cpu++)
        for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
            if (strncmp(line, "cpu", 3) == 0 && line[3] == cpu)
                to = mempcpy(to, line, strcspn(line, "\n") + 1);
    free(text);
    return sorted;
}

static void every_event_comes_in_its_order(void **state)
{
    struct code_object *objects[OWN_OBJECTS];

    (void)state;
    own_objects_open(objects);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[512], *text;
        (void)snprintf(path, sizeof(path), SOURCE_DIR "/tests/scenarios/timelines/%s.yaml", rows[i].scenario);
        text = by_cpu(timeline_run(path, TIMELINE_ORDER, objects[rows[i].object]));
        (void)snprintf(path, sizeof(path), SOURCE_DIR "/tests/scenarios/ordered/%s.txt", rows[i].scenario);
        if (is_writing)
            same_text_write(path, text);
        else
            same_text_assert(path, text);
        free(text);
    }
    own_objects_close(objects);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(every_event_comes_in_its_order) };

    is_writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
