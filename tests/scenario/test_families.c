/* SPDX-License-Identifier: Apache-2.0
 *
 * What each family asks of a scenario as a whole, from both sides: what loads without a message, and, one change away,
 * what is refused or warned of, with the message and no other.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario_samples.h"

#define MACHINE "name: x\nmachine: { topology: \"package:1 core:4 pu:1\" }\n"
#define DESIGN(design) MACHINE "hypervisor: { design: " design " }\n"
#define XEN DESIGN("softirq-requeue") "guests: [ { name: g, count: 2, vcpus: 2 } ]\n"
#define GUESTS "guests: [ { name: a, pin: \"pu:1\" }, { name: b, pin: \"pu:2\" } ]\n"
#define VFIO(keys) MACHINE "hypervisor: { " keys " }\n" GUESTS
#define DEV(keys) "devices: [ { name: d, guest: a, " keys " }, { name: e, guest: b, line: 1 } ]\n"
#define ACT(keys) "actions: [ { name: x, at: 1ms, " keys " } ]\n"
#define QEMU(keys) DESIGN("qemu-pirq-merged") "qemu: { " keys " }\nguests: [ { name: g } ]\n"
#define DEVICE(keys) "devices: [ { name: d, " keys " } ]\n"

static const struct {
    const char *text;
    const char *message; /* NULL: none */
} rows[] = {
    /* xen: actions */
    { XEN DEVICE("vectors: 2") ACT("do: unbind, device: d"), NULL },
    { XEN ACT("do: offline, target: 3"), NULL },
    { XEN ACT("do: offline, target: 4"), "error: pCPU 4: the machine has 4" },
    { XEN ACT("do: online, target: 2, cpu: 2"), "error: pCPU 2 does the hypercall itself" },
    { XEN ACT("do: tasklet, target: 2, work: 5us"), NULL },
    { XEN ACT("do: pause, guest: g, target: 2"),
      "warning: 'target' has an effect only on offline, online and tasklet" },
    { XEN ACT("do: pause, guest: g, work: 5us"), "warning: 'work' has an effect only on tasklet" },
    { XEN DEVICE("vectors: 1") ACT("do: bind, device: d, fails: on"), NULL },
    { XEN DEVICE("vectors: 1") ACT("do: unbind, device: d, fails: on"), "warning: 'fails' has an effect only on bind" },
    { XEN DEVICE("binding: intx") ACT("do: bind, device: d, fails: on"),
      "error: 'fails' is the registration of an MSI-X table: the device needs 'binding: msi'" },
    { XEN DEVICE("binding: intx") ACT("do: bind, device: d"), NULL },
    { XEN ACT("do: destroy, guest: g, number: 1"), NULL },
    { XEN ACT("do: destroy, guest: g, number: 2"), "error: guest number 2 of 'g': there are 2, from 0" },
    { XEN DEVICE("vectors: 1") ACT("do: unbind, device: d, every: 11us, quiesce: 10us"), NULL },
    { XEN DEVICE("vectors: 1") ACT("do: unbind, device: d, every: 10us, quiesce: 10us"),
      "error: 'every' must be longer than 'quiesce'" },
    { XEN DEVICE("vectors: 1") ACT("do: unbind, device: d, quiesce: 10us"), NULL },
    { XEN DEVICE("vectors: 1") ACT("do: bind, device: d, quiesce: 10us"),
      "warning: 'quiesce' has an effect only on unbind" },
    { XEN DEVICE("vectors: 1") ACT("do: bind, device: d, every: 5us"), NULL },
    { XEN DEVICE("vectors: 1") ACT("do: rebind_in_exit, device: d"), NULL },
    { XEN DEVICE("binding: translate") ACT("do: rebind_in_exit, device: d"),
      "error: 'rebind_in_exit' emulates the registers of a message: the device needs 'binding: msi'" },
    { XEN DEVICE("delivery: event") ACT("do: close, device: d"), NULL },
    { XEN DEVICE("delivery: event") ACT("do: unbind, device: d"), NULL },
    { XEN DEVICE("vectors: 1") ACT("do: close, device: d"), "error: 'close' needs a device with 'delivery: event'" },
    { XEN DEVICE("vectors: 1") ACT("do: open, device: d"), "error: 'open' needs a device with 'delivery: event'" },
    { XEN DEVICE("delivery: event") ACT("do: open, device: d"), NULL },
    { XEN DEVICE("vectors: 1") ACT("do: affinity, device: d"), NULL },
    { XEN DEVICE("delivery: event") ACT("do: affinity, device: d"),
      "error: 'affinity' changes a message, and an event has none: 'delivery: lapic' is needed" },
    { XEN DEVICE("delivery: event") ACT("do: spread, device: d"),
      "error: 'spread' changes a message, and an event has none: 'delivery: lapic' is needed" },
    { XEN DEVICE("delivery: event") ACT("do: pause, guest: g"), NULL },
    /* xen: vectors and events */
    { XEN DEVICE("destination: all, vectors: 190"), NULL },
    { XEN DEVICE("destination: all, vectors: 191"),
      "error: guest 'g' has 191 device vectors, some of which count for every vCPU; there is room for 190" },
    { XEN DEVICE("destination: hashed, count: 2, vectors: 96"), "error: guest 'g' has 192 device vectors" },
    { XEN DEVICE("vectors: 191"), NULL },
    { XEN "devices: [ { name: d, vectors: 190 }, { name: e, destination: all } ]\n",
      "error: guest 'g' has 191 device vectors" },
    { DESIGN("softirq-requeue") "guests: [ { name: g }, { name: h } ]\n"
                                "devices: [ { name: d, guest: g, vectors: 190 }, { name: e, guest: h, destination: all "
                                "} ]\n",
      NULL },
    { XEN DEVICE("target: any, vectors: 8"), NULL },
    { XEN DEVICE("target: any, vectors: 200"), "error: with 'target: any' all devices together may have " },
    { XEN DEVICE("vectors: 200"), NULL },
    { XEN DEVICE("delivery: event, binding: intx"), NULL },
    { XEN DEVICE("delivery: event, binding: translate"), "error: 'delivery: event' needs 'binding' msi or intx" },
    { XEN DEVICE("delivery: event, destination: all"), "error: 'delivery: event' needs 'binding' msi or intx" },
    { XEN DEVICE("delivery: event, assigned: never"), "error: 'delivery: event' needs 'binding' msi or intx" },
    { XEN DEVICE("delivery: event, assigned: later"), NULL },
    { XEN DEVICE("assigned: never, destination: all"), NULL },
    /* xen: the vCPU that a device names */
    { XEN DEVICE("vcpu: any, destination: all"), NULL },
    { XEN DEVICE("vcpu: 1, vectors: 190"), NULL },
    { XEN DEVICE("vcpu: 0, delivery: event"), NULL },
    { XEN DEVICE("vcpu: 2"), "error: vCPU 2 of guest 'g': it has 2, from 0 at .devices[0].vcpu" },
    { XEN DEVICE("vcpu: 0, destination: hashed"), "error: 'vcpu' needs 'destination: single' and 'binding: msi'" },
    { XEN DEVICE("vcpu: 0, destination: all"), "error: 'vcpu' needs 'destination: single' and 'binding: msi'" },
    { XEN DEVICE("vcpu: 0, binding: intx"), "error: 'vcpu' needs 'destination: single' and 'binding: msi'" },
    { XEN DEVICE("vcpu: 0, vectors: 191"), "error: vCPU 0 of guest 'g' has 191 device vectors; there is room for 190" },
    { DESIGN(
          "softirq-requeue") "guests: [ { name: g, vcpus: 2 }, { name: h } ]\n"
                             "devices: [ { name: d, guest: g, vcpu: 1, count: 2, vectors: 94 }, { name: f, guest: g, "
                             "vectors: 3 }, { name: e, guest: h, vectors: 9 } ]\n",
      NULL },
    { DESIGN("softirq-requeue") "guests: [ { name: g, vcpus: 2 } ]\n"
                                "devices: [ { name: d, vcpu: 1, count: 2, vectors: 94 }, { name: f, vcpu: 0, vectors: "
                                "9 }, { name: e, vectors: 5 } ]\n",
      "error: vCPU 1 of guest 'g' has 191 device vectors; there is room for 190" },
    /* xen: names of fixes */
    { DESIGN("softirq-requeue, posted: on, posted_with: \"keep-on, recheck-pir\"") "guests: [ { name: g } ]\n", NULL },
    { DESIGN("softirq-requeue, posted_with: keep-on") "guests: [ { name: g } ]\n",
      "warning: 'posted_with' has no effect without 'posted: on'" },
    { DESIGN("softirq-requeue, posted: on, posted_with: \"keep-on recheck-pir\"") "guests: [ { name: g } ]\n",
      "error: 'recheck-pir' is not a name that list fixes prints" },
    { DESIGN("softirq-requeue, posted: on, posted_with: \"keep-om, recheck-pir\"") "guests: [ { name: g } ]\n",
      "error: 'keep-om' is not a name that list fixes prints at .hypervisor.posted_with (did you mean 'keep-on'?)" },
    { DESIGN("softirq-requeue, posted: on, posted_with: \"keep-on,,\"") "guests: [ { name: g } ]\n",
      "error: '' is not a name that list fixes prints" },
    /* vfio: devices */
    { VFIO("design: vfio-automask") DEV("handler: 1us"), NULL },
    { VFIO("design: vfio-automask") DEV("interrupt: timer"), NULL },
    { VFIO("design: vfio-automask, irqchip: split") DEV("interrupt: timer"), NULL },
    { VFIO("design: vfio-automask, irqchip: userspace") DEV("interrupt: timer"),
      "error: the design 'vfio-automask': a timer belongs to a local APIC in KVM, not to `irqchip: userspace`" },
    { VFIO("design: vfio-automask, irqchip: userspace") DEV("handler: 1us"), NULL },
    { VFIO("design: vfio-msi, posted: on") DEV("interrupt: direct-timer"), NULL },
    { VFIO("design: vfio-msi") DEV("interrupt: direct-timer"),
      "error: the design 'vfio-msi': `interrupt: direct-timer` needs `posted: on`: its interrupt is posted" },
    { VFIO("design: vfio-msi") DEV("interrupt: timer"), NULL },
    { VFIO("design: vfio-automask") "devices: [ { name: d, driver: host, interrupt: timer } ]\n",
      "error: the design 'vfio-automask': a timer belongs to a guest: `driver: guest`" },
    { VFIO("design: vfio-automask") "devices: [ { name: d, driver: host } ]\n", NULL },
    { VFIO("design: vfio-automask") DEV("isr: task"),
      "error: the design 'vfio-automask': `isr: task` is for a guest's messages and timers" },
    { VFIO("design: vfio-automask") DEV("isr: task, interrupt: msi"), NULL },
    { VFIO("design: vfio-automask") DEV("isr: task, interrupt: timer"), NULL },
    { VFIO("design: vfio-msi") DEV("isr: task"), NULL },
    { VFIO("design: vfio-msi") "devices: [ { name: d, driver: host, isr: task } ]\n",
      "error: the design 'vfio-msi': `isr: task` is for a guest's messages and timers" },
    { VFIO("design: vfio-automask") "devices: [ { name: d, guest: a }, { name: e, guest: b, isr: task } ]\n",
      "error: the design 'vfio-automask': `isr: task` is for a guest's messages and timers" },
    /* vfio: actions */
    { VFIO("design: vfio-automask") DEV("line: 0") ACT("do: mask, device: d"), NULL },
    { VFIO("design: vfio-automask") "devices: [ { name: d, driver: host } ]\n" ACT("do: bind, device: d"), NULL },
    { VFIO("design: vfio-automask") "devices: [ { name: d, driver: host } ]\n" ACT("do: unbind, device: d"), NULL },
    { VFIO("design: vfio-automask") "devices: [ { name: d, driver: host } ]\n" ACT("do: mask, device: d"),
      "error: the design 'vfio-automask': a device of the host has only the actions bind and unbind" },
    { VFIO("design: vfio-automask") "devices: [ { name: d, driver: host } ]\n" ACT("do: pause, guest: a"), NULL },
    { VFIO("design: vfio-automask") DEV("interrupt: timer") ACT("do: pause, guest: a"), NULL },
    { VFIO("design: vfio-automask") DEV("interrupt: timer") ACT("do: resume, guest: a"), NULL },
    { VFIO("design: vfio-automask") DEV("interrupt: timer") ACT("do: destroy, guest: a"), NULL },
    { VFIO("design: vfio-automask") DEV("interrupt: timer") ACT("do: boot, guest: a"),
      "error: the design 'vfio-automask': a timer takes no actions except pause, resume and destroy of its guest" },
    { VFIO("design: vfio-automask") DEV("interrupt: timer") ACT("do: boot, guest: b"), NULL },
    { VFIO("design: vfio-automask") DEV("interrupt: timer") ACT("do: mask, device: d"),
      "error: the design 'vfio-automask': a timer takes no actions except pause, resume and destroy of its guest" },
    { VFIO("design: vfio-automask") DEV("interrupt: timer") ACT("do: mask, device: e"), NULL },
    { VFIO("design: kvm-assigned") DEV("line: 0") ACT("do: unbind, device: d"), NULL },
    { VFIO("design: kvm-assigned") DEV("line: 0") ACT("do: msi, device: d"), NULL },
    { VFIO("design: kvm-assigned") DEV("line: 0") ACT("do: destroy, guest: a"), NULL },
    { VFIO("design: kvm-assigned") DEV("line: 0") ACT("do: pause, guest: a"), NULL },
    { VFIO("design: kvm-assigned") DEV("line: 0") ACT("do: resume, guest: a"), NULL },
    { VFIO("design: kvm-assigned") DEV("line: 0") ACT("do: bind, device: d"),
      "error: the design 'kvm-assigned': it knows only the actions unbind, msi, destroy, pause and resume" },
    { VFIO("design: kvm-assigned") DEV("line: 0") ACT("do: boot, guest: a"),
      "error: the design 'kvm-assigned': it knows only the actions unbind, msi, destroy, pause and resume" },
    { VFIO("design: kvm-assigned, posted: on") DEV("line: 0"),
      "error: the design 'kvm-assigned': it has no posted interrupts; vfio-msi has them" },
    { VFIO("design: kvm-assigned, irqchip: split") DEV("line: 0"),
      "error: the design 'kvm-assigned': it needs `irqchip: kernel`" },
    { VFIO("design: vfio-msi, posted: on, irqchip: split") DEV("line: 0"), NULL },
    /* vfio: pCPUs */
    { DESIGN("vfio-msi") "guests: [ { name: a, count: 2, vcpus: 2 } ]\n", NULL },
    { DESIGN("vfio-msi") "guests: [ { name: a, count: 5 } ]\n",
      "error: more than one vCPU on pCPU 0: the designs of vfio support one vCPU on each pCPU" },
    { DESIGN("vfio-msi") "guests: [ { name: a, vcpus: 2, pin: \"pu:2-3\" }, { name: b, pin: \"pu:3\" } ]\n",
      "error: more than one vCPU on pCPU 3: the designs of vfio support one vCPU on each pCPU" },
    /* qemu */
    { QEMU("pirqs: 48") DEVICE("vectors: 24"), NULL },
    { QEMU("pirqs: 48") DEVICE("vectors: 25"),
      "error: the design 'qemu-pirq-merged': qemu.pirqs is too small for the devices' vectors" },
    { QEMU("pirqs: 48") DEVICE("kind: backend, vectors: 25"), NULL },
    { QEMU("pirqs: 48") DEVICE("kind: ipi, vectors: 25"), NULL },
    { QEMU("pirqs: 48") DEVICE("kind: msi, path: emulated, count: 5, vectors: 5"),
      "error: the design 'qemu-pirq-merged': qemu.pirqs is too small for the devices' vectors" },
    { QEMU("cpu: 0") DEVICE("kind: gsi, path: emulated"), NULL },
    { QEMU("cpu: 0") DEVICE("kind: gsi, path: emulated, vectors: 2"),
      "error: the design 'qemu-pirq-merged': a line (kinds gsi, intx) takes one device with one vector" },
    { QEMU("cpu: 0") DEVICE("kind: intx, path: emulated, count: 2"),
      "error: the design 'qemu-pirq-merged': a line (kinds gsi, intx) takes one device with one vector" },
    { QEMU("cpu: 0") DEVICE("kind: backend, vectors: 2047, count: 2"), NULL },
    { QEMU("cpu: 0") DEVICE("kind: backend, vectors: 2048, count: 2"),
      "error: the design 'qemu-pirq-merged': the devices' vectors exceed the 4095 event channels" },
    { DESIGN("qemu-pirq-merged") "guests: [ { name: g }, { name: h } ]\n",
      "error: the design 'qemu-pirq-merged': it models exactly one guest" },
    { QEMU("cpu: 3, irq_cpu: 3"), NULL },
    { QEMU("cpu: 4"), "error: there is no pCPU 4: the machine has 4" },
    { QEMU("irq_cpu: 4"), "error: there is no pCPU 4: the machine has 4" },
    /* nvme */
    { DESIGN("nvme-msi") DEVICE("count: 128"), NULL },
    { DESIGN("nvme-msi") DEVICE("count: 129"), "error: the design 'nvme-msi': more than 128 drives" },
    { DESIGN("nvme-msi") "devices: [ { name: d, count: 64 }, { name: e, count: 65 } ]\n",
      "error: the design 'nvme-msi': more than 128 drives" },
    { DESIGN("nvme-posted-msi") "devices: [ { name: d }, { name: e, affinity: \"pu:4\" } ]\n", "affinity" },
    { DESIGN("nvme-posted-msi") "devices: [ { name: d, affinity: \"pu:3\" }, { name: e, affinity: thread } ]\n", NULL },
};

static void each_rule_has_two_sides(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scenario scenario;
        char *messages;
        enum scenario_status status = sample_load(&scenario, rows[i].text, NULL, 0, &messages);
        const char *wanted = rows[i].message;

        if (wanted == NULL ? messages[0] != '\0' : strstr(messages, wanted) == NULL)
            fail_msg("%swants '%s' and gets:\n%s", rows[i].text, wanted != NULL ? wanted : "nothing", messages);
        if (wanted != NULL && strchr(messages, '\n')[1] != '\0')
            fail_msg("%sgets more than one message:\n%s", rows[i].text, messages);
        assert_int_equal(status == SCENARIO_OK, strstr(messages, "error: ") == NULL);
        free(messages);
        if (status == SCENARIO_OK)
            scenario_free(&scenario);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(each_rule_has_two_sides) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
