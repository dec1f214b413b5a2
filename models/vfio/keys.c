/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario keys of VFIO: rows stand in the order in which explain prints them.
 */
#include "models/vfio/keys.h"

#include "models/vfio/setup.h"

static const struct option_name irqchip_names[] = {
    { "kernel", IRQCHIP_KERNEL, "in KVM: irqfd and resampling irqfd" },
    { "split", IRQCHIP_SPLIT, "local APICs in KVM, I/O APIC in QEMU: irqfd, EOIs exit to QEMU" },
    { "userspace", IRQCHIP_USERSPACE, "no irqfd: QEMU's main loop, and every register access of the guest exits" },
    { NULL, 0, NULL },
};

static const struct option_name sampling_names[] = {
    { "level", IRQ_SAMPLING_LEVEL, "interrupts while the line is high" },
    { "edge", IRQ_SAMPLING_EDGE, "interrupts once each time the line rises" },
    { NULL, 0, NULL },
};

static const struct option_name admission_names[] = {
    { "shared-fallback", ADMISSION_SHARED_FALLBACK, "direct while alone on the line, automask otherwise" },
    { "exclusive-or-fail", ADMISSION_EXCLUSIVE_OR_FAIL, "exclusive use of the line, or no interrupt at all" },
    { "first-come", ADMISSION_FIRST_COME, "direct for the first, whoever shares the line" },
    { NULL, 0, NULL },
};

static const struct option_name revert_names[] = {
    { "none", VFIO_REVERT_NONE, "every fix is in" },
    { "b68e7fa879cd", VFIO_REVERT_DOUBLE_RELEASE, "closing and removing an unmask eventfd release it twice" },
    { "899649b7d4ea", VFIO_REVERT_VIRQ_DISABLED, "INTx enabled under the guest's DisINTx counts as unmasked" },
    { "fe9a7082684e", VFIO_REVERT_AUTO_ENABLE, "request_irq enables the line before the handler's state is set" },
    { "810cd4bb5345", VFIO_REVERT_CONFIG_GATE, "writes of DisINTx do not take igate" },
    { "b620ecbd17a0", VFIO_REVERT_TRIGGER_SWAP, "the unmask path signals a trigger that is gone" },
    { "unlazy", VFIO_REVERT_UNLAZY, "disable_irq leaves the chip unmasked until an interrupt comes" },
    { "fef8f2b90edb", VFIO_REVERT_ONESHOT, "unmasking a pin delivers what was pending while it was masked" },
    { "184564efae4d", VFIO_REVERT_EOI_BRAKE, "a line still asserted at its EOI is delivered again at once, always" },
    { "deactivate", VFIO_REVERT_DEACTIVATE, "direct EOI: nobody deactivates the interrupt of a guest that goes away" },
    { NULL, 0, NULL },
};

static const struct option hypervisor_rows[] = {
    { "posted", OPTION_BOOL, KEY_FIELD(struct vfio_setup, posted), "off", 0, 0, NULL, NULL, "posted interrupts" },
    { "irqchip", OPTION_ENUM, KEY_FIELD(struct vfio_setup, irqchip), "kernel", 0, 0, NULL, irqchip_names,
      "who emulates the guest's interrupt controllers" },
    { "sampling", OPTION_ENUM, KEY_FIELD(struct vfio_setup, sampling), "level", 0, 0, NULL, sampling_names,
      "when a pin of the host's interrupt chip interrupts" },
    { "admission", OPTION_ENUM, KEY_FIELD(struct vfio_setup, admission), "first-come", 0, 0, NULL, admission_names,
      "who gets direct EOI" },
    { "revert", OPTION_ENUM, KEY_FIELD(struct vfio_setup, revert), "none", 0, 0, NULL, revert_names,
      "the fix that is taken out" },
};

static const struct option guest_rows[] = {
    { "descheduled", OPTION_DURATION, KEY_FIELD(struct vfio_guest_setup, descheduled_ns), "0s", 0, 1000 * KEY_NS_PER_S,
      NULL, NULL, "how long other threads keep its vCPUs off their pCPUs, each time" },
    { "descheduled_every", OPTION_DURATION, KEY_FIELD(struct vfio_guest_setup, descheduled_every_ns), "100ms", 1,
      1000 * KEY_NS_PER_S, NULL, NULL, "mean time a vCPU runs in between, exponential" },
};

static const struct option_name driver_names[] = {
    { "guest", DEVICE_DRIVER_GUEST, "passed through" },
    { "host", DEVICE_DRIVER_HOST, "the host's own" },
    { NULL, 0, NULL },
};

static const struct option_name interrupt_names[] = {
    { "intx", DEVICE_INTERRUPT_INTX, "its line, or MSI with vfio-msi and kvm-assigned" },
    { "msi", DEVICE_INTERRUPT_MSI, "messages" },
    { "timer", DEVICE_INTERRUPT_TIMER, "no device: the timer of the first vCPU's local APIC" },
    { "direct-timer", DEVICE_INTERRUPT_DIRECT_TIMER, "the same, as its pCPU's own; with `posted: on`" },
    { "off", DEVICE_INTERRUPT_OFF, "none before an action gives it one" },
    { NULL, 0, NULL },
};

static const struct option_name intx_names[] = {
    { "pci-2.3", DEVICE_INTX_PCI_2_3, "interrupt status and DisINTx" },
    { "legacy", DEVICE_INTX_LEGACY, "neither" },
    { "silent", DEVICE_INTX_SILENT, "broken: asserts its line, and its status reads 0" },
    { NULL, 0, NULL },
};

static const struct option_name isr_names[] = {
    { "normal", DEVICE_ISR_NORMAL, "clears the cause, EOIs, and then does the rest of its work" },
    { "early-eoi", DEVICE_ISR_EARLY_EOI, "EOIs; a task clears the cause" },
    { "oneshot", DEVICE_ISR_ONESHOT, "masks the pin and EOIs; a thread clears the cause and unmasks" },
    { "no-eoi", DEVICE_ISR_NO_EOI, "clears the cause, does its work, and never EOIs" },
    { "task", DEVICE_ISR_TASK, "messages and timers: wakes a task, which counts as the handler" },
    { NULL, 0, NULL },
};

static const struct option driver_rows[] = {
    { "driver", OPTION_ENUM, KEY_FIELD(struct device_setup, driver), "guest", 0, 0, NULL, driver_names,
      "who drives it; 'guest' names no guest when it is the host" },
};

static const struct option device_rows[] = {
    { "interrupt", OPTION_ENUM, KEY_FIELD(struct vfio_device_setup, interrupt), "intx", 0, 0, NULL, interrupt_names,
      "what it raises at the start" },
    { "intx", OPTION_ENUM, KEY_FIELD(struct vfio_device_setup, intx), "pci-2.3", 0, 0, NULL, intx_names,
      "what its INTx can do" },
    { "isr", OPTION_ENUM, KEY_FIELD(struct vfio_device_setup, isr), "normal", 0, 0, NULL, isr_names,
      "order of things in the guest's interrupt handler" },
    { "line", OPTION_INTEGER, KEY_FIELD(struct vfio_device_setup, line), "0", 0, 63, NULL, NULL,
      "number of its INTx line; devices with the same number share it" },
    { "registers", OPTION_INTEGER, KEY_FIELD(struct vfio_device_setup, registers), "2", 2, 1000, NULL, NULL,
      "register accesses of the guest's handler, the status and its clearing included" },
};

const struct key_table vfio_hypervisor_keys = { "hypervisor", KEY_ROWS(hypervisor_rows), offsetof(struct setup, own) };
const struct key_table vfio_guest_keys = { "guests", KEY_ROWS(guest_rows), offsetof(struct guest_setup, own) };
const struct key_table vfio_driver_keys = { "devices", KEY_ROWS(driver_rows), 0 };
const struct key_table vfio_device_keys = { "devices", KEY_ROWS(device_rows), offsetof(struct device_setup, own) };

const struct action_kind vfio_actions[] = {
    [VFIO_ACTION_UNBIND] = { "unbind", ACTION_ON_DEVICE,
                             "takes every vector of a device from the guest, as rmmod does" },
    [VFIO_ACTION_BIND] = { "bind", ACTION_ON_DEVICE, "gives every vector of a device to the guest, as modprobe does" },
    [VFIO_ACTION_DESTROY] = { "destroy", ACTION_ON_GUEST, "destroys the guest" },
    [VFIO_ACTION_BOOT] = { "boot", ACTION_ON_GUEST, "the guest starts its devices with INTx, again if it runs" },
    [VFIO_ACTION_PAUSE] = { "pause", ACTION_ON_GUEST, "stops the guest's vCPUs" },
    [VFIO_ACTION_RESUME] = { "resume", ACTION_ON_GUEST, "lets them go on" },
    [VFIO_ACTION_MSI] = { "msi", ACTION_ON_DEVICE, "the guest's driver switches its device to MSI" },
    [VFIO_ACTION_INTX] = { "intx", ACTION_ON_DEVICE, "it switches back to INTx" },
    [VFIO_ACTION_MASK] = { "mask", ACTION_ON_DEVICE, "VFIO_DEVICE_SET_IRQS masks INTx" },
    [VFIO_ACTION_UNMASK] = { "unmask", ACTION_ON_DEVICE, "VFIO_DEVICE_SET_IRQS unmasks INTx" },
    [VFIO_ACTION_TRIGGER_DROP] = { "trigger-drop", ACTION_ON_DEVICE, "takes the trigger eventfd away" },
    [VFIO_ACTION_TRIGGER_SET] = { "trigger-set", ACTION_ON_DEVICE, "gives a trigger eventfd" },
    [VFIO_ACTION_UNMASK_DROP] = { "unmask-drop", ACTION_ON_DEVICE, "takes the unmask eventfd away" },
    [VFIO_ACTION_UNMASK_CLOSE] = { "unmask-close", ACTION_ON_DEVICE, "closes the unmask eventfd" },
    [VFIO_ACTION_DISINTX_SET] = { "disintx-set", ACTION_ON_DEVICE, "the guest sets DisINTx in the command register" },
    [VFIO_ACTION_DISINTX_CLEAR] = { "disintx-clear", ACTION_ON_DEVICE, "the guest clears DisINTx" },
};
