/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario keys of VFIO; each table is in the order in which `explain` prints the keys.
 */
#include "models/vfio/keys.h"

#include "models/vfio/setup.h"

static const struct option_name irqchip_names[] = {
    { "kernel", IRQCHIP_KERNEL, "in KVM: irqfd and resampling irqfd" },
    { "split", IRQCHIP_SPLIT, "local APICs in KVM, I/O APIC in QEMU: irqfd; EOIs exit to QEMU" },
    { "userspace", IRQCHIP_USERSPACE, "no irqfd: QEMU's main loop; every register access of the guest exits" },
    { NULL, 0, NULL },
};

static const struct option_name resample_names[] = {
    { "first", RESAMPLE_FIRST, "the one added last, as QEMU does: the pin's other devices are not told of the EOI" },
    { "all", RESAMPLE_ALL, "every one: not in QEMU" },
    { NULL, 0, NULL },
};

static const struct option_name sampling_names[] = {
    { "level", IRQ_SAMPLING_LEVEL, "interrupts while the line is asserted" },
    { "edge", IRQ_SAMPLING_EDGE, "interrupts once each time the line rises" },
    { NULL, 0, NULL },
};

static const struct option_name admission_names[] = {
    { "shared-fallback", ADMISSION_SHARED_FALLBACK,
      "direct EOI while the device is alone on its line, automask otherwise" },
    { "exclusive-or-fail", ADMISSION_EXCLUSIVE_OR_FAIL, "exclusive use of the line, or no interrupt at all" },
    { "first-come", ADMISSION_FIRST_COME, "direct EOI for the first device on a line, shared or not" },
    { NULL, 0, NULL },
};

static const struct option_name revert_names[] = {
    { "none", VFIO_REVERT_NONE, "all fixes are present" },
    { "b68e7fa879cd", VFIO_REVERT_DOUBLE_RELEASE, "closing and removing an unmask eventfd release it twice" },
    { "899649b7d4ea", VFIO_REVERT_VIRQ_DISABLED, "INTx enabled under the guest's DisINTx counts as unmasked" },
    { "fe9a7082684e", VFIO_REVERT_AUTO_ENABLE, "request_irq enables the line before the handler's state is set" },
    { "810cd4bb5345", VFIO_REVERT_CONFIG_GATE, "writes of DisINTx do not take igate" },
    { "b620ecbd17a0", VFIO_REVERT_TRIGGER_SWAP, "the unmask path signals a trigger that is gone" },
    { "unlazy", VFIO_REVERT_UNLAZY, "disable_irq leaves the chip unmasked until the next interrupt" },
    { "fef8f2b90edb", VFIO_REVERT_ONESHOT, "unmasking a pin delivers what was pending while it was masked" },
    { "184564efae4d", VFIO_REVERT_EOI_BRAKE, "a line still asserted at its EOI is always delivered again at once" },
    { "deactivate", VFIO_REVERT_DEACTIVATE, "direct EOI: the interrupt of a guest that goes away is not deactivated" },
    { NULL, 0, NULL },
};

static const struct option hypervisor_rows[] = {
    { "posted", OPTION_BOOL, KEY_FIELD(struct vfio_setup, posted), "off", 0, 0, NULL, NULL,
      "the IOMMU posts messages to the guest" },
    { "irqchip", OPTION_ENUM, KEY_FIELD(struct vfio_setup, irqchip), "kernel", 0, 0, NULL, irqchip_names,
      "where the guest's interrupt controllers are emulated" },
    { "resample", OPTION_ENUM, KEY_FIELD(struct vfio_setup, resample), "first", 0, 0, NULL, resample_names,
      "`irqchip: split`: which resample eventfds of a pin an EOI signals, where devices of one guest share the pin" },
    { "sampling", OPTION_ENUM, KEY_FIELD(struct vfio_setup, sampling), "level", 0, 0, NULL, sampling_names,
      "how the host's interrupt chip samples a line" },
    { "admission", OPTION_ENUM, KEY_FIELD(struct vfio_setup, admission), "first-come", 0, 0, NULL, admission_names,
      "which devices get direct EOI" },
    { "revert", OPTION_ENUM, KEY_FIELD(struct vfio_setup, revert), "none", 0, 0, NULL, revert_names,
      "fix whose code before the fix is modelled" },
};

static const struct option_name hlt_names[] = {
    { "exits", GUEST_HLT_EXITS, "a VM exit, after which the host's thread sleeps" },
    { "stays", GUEST_HLT_STAYS, "no exit: the pCPU halts in guest mode, in C1" },
    { NULL, 0, NULL },
};

static const struct option guest_rows[] = {
    { "descheduled", OPTION_DURATION, KEY_FIELD(struct vfio_guest_setup, descheduled_ns), "0s", 0, 1000 * KEY_NS_PER_S,
      NULL, NULL, "length of each period in which other threads keep a vCPU off its pCPU" },
    { "descheduled_every", OPTION_DURATION, KEY_FIELD(struct vfio_guest_setup, descheduled_every_ns), "100ms", 1,
      1000 * KEY_NS_PER_S, NULL, NULL, "mean time between these periods, exponential" },
    { "irqs_off_permille", OPTION_INTEGER, KEY_FIELD(struct vfio_guest_setup, irqs_off_permille), "0", 0, 1000, NULL,
      NULL,
      "load: compute: share of the time in which the guest's interrupts are off, outside of handlers, in 1/1000" },
    { "irqs_off", OPTION_DURATION, KEY_FIELD(struct vfio_guest_setup, irqs_off_ns), "2us", 1, KEY_NS_PER_S, NULL, NULL,
      "length of each section with interrupts off" },
    { "hlt", OPTION_ENUM, KEY_FIELD(struct vfio_guest_setup, hlt), "exits", 0, 0, NULL, hlt_names,
      "load: halt: what HLT does" },
};

static const struct option_name driver_names[] = {
    { "guest", DEVICE_DRIVER_GUEST, "a device passed through to a guest" },
    { "host", DEVICE_DRIVER_HOST, "a device of the host" },
    { NULL, 0, NULL },
};

static const struct option_name interrupt_names[] = {
    { "intx", DEVICE_INTERRUPT_INTX, "INTx; MSI with vfio-msi and kvm-assigned" },
    { "msi", DEVICE_INTERRUPT_MSI, "MSI" },
    { "timer", DEVICE_INTERRUPT_TIMER, "no device: the timer of the first vCPU's local APIC" },
    { "direct-timer", DEVICE_INTERRUPT_DIRECT_TIMER, "the same, with the timer of the pCPU; needs `posted: on`" },
    { "off", DEVICE_INTERRUPT_OFF, "none until an action enables one" },
    { NULL, 0, NULL },
};

static const struct option_name intx_names[] = {
    { "pci-2.3", DEVICE_INTX_PCI_2_3, "has an interrupt status bit and DisINTx" },
    { "legacy", DEVICE_INTX_LEGACY, "has no interrupt status bit and no DisINTx" },
    { "silent", DEVICE_INTX_SILENT, "broken: its interrupt status reads 0 while it asserts its line" },
    { NULL, 0, NULL },
};

static const struct option_name isr_names[] = {
    { "normal", DEVICE_ISR_NORMAL, "clears the cause, sends the EOI, then does the rest of its work" },
    { "early-eoi", DEVICE_ISR_EARLY_EOI, "sends the EOI; a task clears the cause" },
    { "oneshot", DEVICE_ISR_ONESHOT, "masks the pin and sends the EOI; a thread clears the cause and unmasks the pin" },
    { "no-eoi", DEVICE_ISR_NO_EOI, "clears the cause, does its work, and never sends an EOI" },
    { "task", DEVICE_ISR_TASK, "messages and timers: wakes a task, which counts as the handler" },
    { NULL, 0, NULL },
};

static const struct option driver_rows[] = {
    { "driver", OPTION_ENUM, KEY_FIELD(struct device_setup, driver), "guest", 0, 0, NULL, driver_names,
      "owner of the device; with `host`, the key `guest` is not given" },
};

static const struct option device_rows[] = {
    { "interrupt", OPTION_ENUM, KEY_FIELD(struct vfio_device_setup, interrupt), "intx", 0, 0, NULL, interrupt_names,
      "kind of its interrupt at the start" },
    { "intx", OPTION_ENUM, KEY_FIELD(struct vfio_device_setup, intx), "pci-2.3", 0, 0, NULL, intx_names,
      "what its INTx supports" },
    { "isr", OPTION_ENUM, KEY_FIELD(struct vfio_device_setup, isr), "normal", 0, 0, NULL, isr_names,
      "order of operations in the guest's interrupt handler" },
    { "line", OPTION_INTEGER, KEY_FIELD(struct vfio_device_setup, line), "0", 0, 63, NULL, NULL,
      "number of its INTx line; devices with the same number share it" },
    { "registers", OPTION_INTEGER, KEY_FIELD(struct vfio_device_setup, registers), "2", 2, 1000, NULL, NULL,
      "register accesses of the guest's handler, including the read and the clearing of the status" },
};

const struct key_table vfio_hypervisor_keys = { "hypervisor", KEY_ROWS(hypervisor_rows), offsetof(struct setup, own) };
const struct key_table vfio_guest_keys = { "guests", KEY_ROWS(guest_rows), offsetof(struct guest_setup, own) };
const struct key_table vfio_driver_keys = { "devices", KEY_ROWS(driver_rows), 0 };
const struct key_table vfio_device_keys = { "devices", KEY_ROWS(device_rows), offsetof(struct device_setup, own) };

const struct action_kind vfio_actions[] = {
    [VFIO_ACTION_UNBIND] = { "unbind", ACTION_ON_DEVICE, "the driver releases the device's interrupt, as rmmod does" },
    [VFIO_ACTION_BIND] = { "bind", ACTION_ON_DEVICE, "the driver enables the device's interrupt, as modprobe does" },
    [VFIO_ACTION_DESTROY] = { "destroy", ACTION_ON_GUEST, "destroys the guest" },
    [VFIO_ACTION_BOOT] = { "boot", ACTION_ON_GUEST, "the guest starts its devices with INTx, as at a boot or reboot" },
    [VFIO_ACTION_PAUSE] = { "pause", ACTION_ON_GUEST, "stops the guest's vCPUs" },
    [VFIO_ACTION_RESUME] = { "resume", ACTION_ON_GUEST, "resumes the guest's vCPUs" },
    [VFIO_ACTION_MSI] = { "msi", ACTION_ON_DEVICE, "the guest's driver switches its device to MSI" },
    [VFIO_ACTION_INTX] = { "intx", ACTION_ON_DEVICE, "the guest's driver switches its device to INTx" },
    [VFIO_ACTION_MASK] = { "mask", ACTION_ON_DEVICE, "VFIO_DEVICE_SET_IRQS masks INTx" },
    [VFIO_ACTION_UNMASK] = { "unmask", ACTION_ON_DEVICE, "VFIO_DEVICE_SET_IRQS unmasks INTx" },
    [VFIO_ACTION_TRIGGER_DROP] = { "trigger-drop", ACTION_ON_DEVICE,
                                   "VFIO_DEVICE_SET_IRQS removes the trigger eventfd" },
    [VFIO_ACTION_TRIGGER_SET] = { "trigger-set", ACTION_ON_DEVICE, "VFIO_DEVICE_SET_IRQS sets a trigger eventfd" },
    [VFIO_ACTION_UNMASK_DROP] = { "unmask-drop", ACTION_ON_DEVICE, "VFIO_DEVICE_SET_IRQS removes the unmask eventfd" },
    [VFIO_ACTION_UNMASK_CLOSE] = { "unmask-close", ACTION_ON_DEVICE, "closes the unmask eventfd" },
    [VFIO_ACTION_DISINTX_SET] = { "disintx-set", ACTION_ON_DEVICE, "the guest sets DisINTx in the command register" },
    [VFIO_ACTION_DISINTX_CLEAR] = { "disintx-clear", ACTION_ON_DEVICE, "the guest clears DisINTx" },
};
