/* SPDX-License-Identifier: Apache-2.0
 *
 * What hypervisors' code and the models say of their steps when explored together: single interleavings (noted.h) with
 * the code objects of tests/models, as in noted/code-NAME.txt. A change of the models changes the files:
 * test_explore_noted_code --write makes them, and what differs is to be read.
 */
#define _GNU_SOURCE
#include "death.h"
#include "explore/state.h"
#include "models/own_code.h"
#include "noted.h"

static const struct {
    const char *name;
    int object;
    const char *file, *design;
    enum noted_order order;
} rows[] = {
    { "code-rebind", OWN_XEN_DPCI, "scenarios/explore-rebind.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-domain-destroy", OWN_XEN_DPCI, "scenarios/explore-domain-destroy.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-offline", OWN_XEN_DPCI, "scenarios/explore-cpu-offline.yaml", "softirq-hotplug", NOTED_IN_TURNS },
    { "code-line", OWN_XEN_DPCI, "scenarios/explore-eoi-timeout.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-events", OWN_XEN_DPCI, "scenarios/explore-events.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-bind-fails", OWN_XEN_DPCI, "scenarios/explore-bind-fails.yaml", "softirq-requeue", NOTED_HIGHEST },
    { "code-tasklet", OWN_XEN_TASKLETS, "scenarios/explore-steady.yaml", "pirq-tasklet", NOTED_IN_TURNS },
    { "code-tasklet-domain", OWN_XEN_TASKLETS, "scenarios/explore-steady.yaml", "domain-tasklet", NOTED_IN_TURNS },
    { "code-tasklet-idle", OWN_XEN_TASKLETS, "tests/explore/predicted-tasklet-post.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-bind", OWN_QEMU, "tests/scenarios/keys/qemu-explore.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-gsi", OWN_QEMU, "tests/explore/cf885b1957-gsi-bound-after.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-lapic", OWN_QEMU, "tests/explore/8e62bf2bfa46-lapic-after.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-reset", OWN_QEMU, "tests/explore/debc995e88-reset-after.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-vectors", OWN_QEMU, "tests/explore/e7dbb62ff1-vcpu-vector-after.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-ioapic", OWN_QEMU, "tests/explore/54ad31fb0a-ioapic-after.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-two", OWN_VFIO, "tests/code/vfio-two.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-exclusive", OWN_VFIO, "tests/code/vfio-exclusive.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-trigger", OWN_VFIO, "tests/code/vfio-trigger.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-control", OWN_VFIO, "tests/explore/noted/vfio-control.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-disintx", OWN_VFIO, "tests/code/vfio-disintx.yaml", NULL, NOTED_HIGHEST },
    { "code-qemu-gsi-ipi", OWN_QEMU, "tests/explore/noted/qemu-gsi-ipi.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-gsi-irqfd", OWN_QEMU, "tests/explore/noted/qemu-gsi-irqfd.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-gsi-life", OWN_QEMU, "tests/explore/noted/qemu-gsi.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-intx", OWN_QEMU, "tests/explore/noted/qemu-intx.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-ipi", OWN_QEMU, "tests/explore/noted/qemu-ipi.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-main-loop", OWN_QEMU, "tests/explore/noted/qemu-main-loop.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-msi", OWN_QEMU, "tests/explore/noted/qemu-msi.yaml", NULL, NOTED_IN_TURNS },
    { "code-qemu-msix", OWN_QEMU, "tests/explore/noted/qemu-msix.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-config", OWN_VFIO, "tests/explore/noted/vfio-config.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-eventfds", OWN_VFIO, "tests/explore/noted/vfio-eventfds.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-life-legacy", OWN_VFIO, "tests/explore/noted/vfio-life-legacy.yaml", NULL, NOTED_IN_TURNS },
    { "code-vfio-life-silent", OWN_VFIO, "tests/explore/noted/vfio-life-silent.yaml", NULL, NOTED_IN_TURNS },
    { "code-xen-all", OWN_XEN_DPCI, "tests/explore/noted/xen-all.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-xen-attach", OWN_XEN_DPCI, "tests/explore/noted/xen-attach.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-xen-event-destroy", OWN_XEN_DPCI, "tests/explore/noted/xen-event-destroy.yaml", "softirq-requeue",
      NOTED_IN_TURNS },
    { "code-xen-event", OWN_XEN_DPCI, "tests/explore/noted/xen-event.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-xen-hashed", OWN_XEN_TASKLETS, "tests/explore/noted/xen-hashed.yaml", NULL, NOTED_IN_TURNS },
    { "code-xen-line-tasklet", OWN_XEN_TASKLETS, "tests/explore/noted/xen-line-tasklet.yaml", NULL, NOTED_IN_TURNS },
    { "code-xen-line", OWN_XEN_DPCI, "tests/explore/noted/xen-line.yaml", "softirq-requeue", NOTED_IN_TURNS },
    { "code-xen-tasklet", OWN_XEN_TASKLETS, "tests/explore/noted/xen-tasklet.yaml", NULL, NOTED_IN_TURNS },
    { "code-xen-translate", OWN_XEN_DPCI, "tests/explore/noted/xen-translate.yaml", "softirq-requeue", NOTED_IN_TURNS },
};

static bool is_writing;

/* The line of a step in the code is none of the models' business. */
static void lines_remove(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        *to++ = *from;
        if (from[0] == '.' && from[1] == 'c' && from[2] == ':') {
            *to++ = 'c';
            from += 2 + strspn(from + 3, "0123456789");
        }
    }
    *to = '\0';
}

static void every_step_is_noted(void **state)
{
    struct code_object *objects[OWN_OBJECTS];

    (void)state;
    if (!explore_state_is_supported())
        skip();
    own_objects_open(objects);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = noted_walk_of(rows[i].file, rows[i].design, MEMORY_SC, objects[rows[i].object], rows[i].order);
        lines_remove(text);
        noted_check(rows[i].name, text, is_writing);
    }
    own_objects_close(objects);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_step_is_noted) };

    is_writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
