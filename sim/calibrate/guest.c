/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures through /dev/kvm the cost of VM exits, and the time of an interrupt from an eventfd (irqfd with an MSI
 * route) to the first instruction of a guest's handler. The guest is a page of 32-bit code without paging. All times
 * are taken on the host: a cpuid exits to the kernel and an out to the user program; an interrupt ends when the host
 * sees the handler's counter change, which includes one cache line transfer. Where KVM emulates such a guest (the name
 * of its module shows it), this measures the emulation.
 */
#define _GNU_SOURCE
#include "calibrate/calibrate.h"

#if defined(__x86_64__)
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "calibrate/clock.h"

#define MEMORY_BYTES 0x10000
#define VECTOR 0x40
#define GSI 24
#define PORT_TURN 0x80 /* an iteration of the loop of exits to the user program */
#define PORT_END 0x81
#define TIMEOUT_NS 2000000000u
#define GUEST_ITERATIONS_MAX 50

/* The layout of the guest's memory. */
enum {
    AT_IDT = 0x800,
    AT_CPUID = 0x1000,
    AT_OUT = 0x1100,
    AT_SPIN = 0x1200,
    AT_HALT = 0x1300,
    AT_HANDLER = 0x2000,
    AT_COUNTER = 0x3000,
    AT_STOP = 0x3004,
    AT_STACK = 0x8000
};

/* esi times cpuid, then out PORT_END */
static const uint8_t code_cpuid[] = {
    0x31, 0xc0, 0x31, 0xc9, 0x0f, 0xa2, 0x4e, 0x75, 0xf7, 0xe6, PORT_END, 0xeb, 0xfe
};
/* esi times out PORT_TURN, then out PORT_END */
static const uint8_t code_out[] = { 0xe6, PORT_TURN, 0x4e, 0x75, 0xfb, 0xe6, PORT_END, 0xeb, 0xfe };
/* sti; loop until [AT_STOP] is set, in code_halt with hlt; out PORT_END */
static const uint8_t code_spin[] = { 0xfb, 0x83, 0x3d, 0x04, 0x30, 0, 0, 0, 0x74, 0xf7, 0xe6, PORT_END, 0xeb, 0xfe };
static const uint8_t code_halt[] = { 0xfb, 0x83, 0x3d, 0x04, 0x30, 0,        0,    0,   0x75,
                                     0x03, 0xf4, 0xeb, 0xf3, 0xe6, PORT_END, 0xeb, 0xfe };
/* incl [AT_COUNTER]; movl $0, [EOI]; add $12, esp; jmp edi, back to the start: KVM's emulator has no iret for this mode
 */
static const uint8_t code_handler[] = { 0xff, 0x05, 0x00, 0x30, 0, 0,    0xc7, 0x05, 0xb0, 0x00, 0xe0,
                                        0xfe, 0,    0,    0,    0, 0x83, 0xc4, 0x0c, 0xff, 0xe7 };

struct guest {
    int kvm, vm, vcpu, event;
    uint8_t *memory;
    struct kvm_run *run;
    size_t run_bytes;
    /* one measurement */
    uint32_t entry, turns;
    bool is_over, is_failed;
    int vcpu_thread;
    double cycles, samples[GUEST_ITERATIONS_MAX];
};

/* --- setup --- */

static bool memory_fill(struct guest *guest)
{
    static const uint64_t gdt[] = { 0, 0x00cf9b000000ffffull, 0x00cf93000000ffffull };
    struct kvm_userspace_memory_region region = { .memory_size = MEMORY_BYTES };
    uint8_t *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return false;
    guest->memory = memory;
    memcpy(memory, gdt, sizeof(gdt));
    memcpy(memory + AT_IDT + 8 * VECTOR, (const uint8_t[]){ AT_HANDLER & 0xff, AT_HANDLER >> 8, 8, 0, 0, 0x8e, 0, 0 },
           8);
    memcpy(memory + AT_CPUID, code_cpuid, sizeof(code_cpuid));
    memcpy(memory + AT_OUT, code_out, sizeof(code_out));
    memcpy(memory + AT_SPIN, code_spin, sizeof(code_spin));
    memcpy(memory + AT_HALT, code_halt, sizeof(code_halt));
    memcpy(memory + AT_HANDLER, code_handler, sizeof(code_handler));
    region.userspace_addr = (uintptr_t)memory;
    return ioctl(guest->vm, KVM_SET_USER_MEMORY_REGION, &region) == 0;
}

/* Routes the eventfd to an MSI and enables the guest's LAPIC. */
static bool interrupt_route(struct guest *guest)
{
    struct kvm_irq_routing *routing = calloc(1, sizeof(*routing) + sizeof(routing->entries[0]));
    struct kvm_irqfd irqfd = { .gsi = GSI };
    struct kvm_lapic_state lapic;
    uint32_t spurious = 0x1ff;

    CHECK(routing != NULL);
    routing->nr = 1;
    routing->entries[0] = (struct kvm_irq_routing_entry){ .gsi = GSI, .type = KVM_IRQ_ROUTING_MSI };
    routing->entries[0].u.msi.address_lo = 0xfee00000;
    routing->entries[0].u.msi.data = VECTOR;
    bool is_routed = ioctl(guest->vm, KVM_SET_GSI_ROUTING, routing) == 0;
    free(routing);
    guest->event = eventfd(0, EFD_CLOEXEC);
    irqfd.fd = (uint32_t)guest->event;
    if (guest->event < 0 || !is_routed || ioctl(guest->vm, KVM_IRQFD, &irqfd) != 0 ||
        ioctl(guest->vcpu, KVM_GET_LAPIC, &lapic) != 0)
        return false;
    memcpy(lapic.regs + 0xf0, &spurious, sizeof(spurious));
    return ioctl(guest->vcpu, KVM_SET_LAPIC, &lapic) == 0;
}

static bool vcpu_create(struct guest *guest)
{
    int bytes = ioctl(guest->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

    (void)ioctl(guest->vm, KVM_SET_TSS_ADDR, 0xfffbd000ul); /* only some kernels need it */
    if (bytes <= 0 || ioctl(guest->vm, KVM_CREATE_IRQCHIP, 0) != 0)
        return false;
    guest->vcpu = ioctl(guest->vm, KVM_CREATE_VCPU, 0);
    if (guest->vcpu < 0)
        return false;
    void *run = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, guest->vcpu, 0);
    if (run == MAP_FAILED)
        return false;
    guest->run = run;
    guest->run_bytes = (size_t)bytes;
    return true;
}

static bool guest_open(struct guest *guest)
{
    *guest = (struct guest){ .kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), .vm = -1, .vcpu = -1, .event = -1 };
    if (guest->kvm < 0)
        return false;
    guest->vm = ioctl(guest->kvm, KVM_CREATE_VM, 0);
    return guest->vm >= 0 && memory_fill(guest) && vcpu_create(guest) && interrupt_route(guest);
}

static void guest_close(struct guest *guest)
{
    const int descriptors[] = { guest->event, guest->vcpu, guest->vm, guest->kvm };

    if (guest->run != NULL)
        (void)munmap(guest->run, guest->run_bytes);
    for (size_t i = 0; i < sizeof(descriptors) / sizeof(*descriptors); i++)
        if (descriptors[i] >= 0)
            (void)close(descriptors[i]);
    if (guest->memory != NULL)
        (void)munmap(guest->memory, MEMORY_BYTES);
}

static bool vcpu_reset(struct guest *guest)
{
    struct kvm_regs regs = {
        .rip = guest->entry, .rsp = AT_STACK, .rsi = guest->turns, .rdi = guest->entry, .rflags = 2
    };
    struct kvm_segment code = { .limit = 0xffffffff, .selector = 8, .type = 11, .present = 1, .db = 1, .s = 1, .g = 1 };
    struct kvm_segment data = code;
    struct kvm_sregs sregs;

    data.selector = 16;
    data.type = 3;
    if (ioctl(guest->vcpu, KVM_GET_SREGS, &sregs) != 0)
        return false;
    sregs.cs = code;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
    sregs.cr0 |= 1;
    sregs.gdt = (struct kvm_dtable){ .base = 0, .limit = 23 };
    sregs.idt = (struct kvm_dtable){ .base = AT_IDT, .limit = 0x7ff };
    return ioctl(guest->vcpu, KVM_SET_SREGS, &sregs) == 0 && ioctl(guest->vcpu, KVM_SET_REGS, &regs) == 0;
}

/* --- running --- */

static void vcpu_run(struct guest *guest)
{
    uint64_t from;

    guest->is_failed = !vcpu_reset(guest);
    __atomic_store_n(&guest->vcpu_thread, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    from = clock_cycles();
    while (!guest->is_failed) {
        bool is_out = ioctl(guest->vcpu, KVM_RUN, 0) == 0 && guest->run->exit_reason == KVM_EXIT_IO;

        guest->is_failed = !is_out;
        if (is_out && guest->run->io.port == PORT_END)
            break;
    }
    guest->cycles = (double)(clock_cycles() - from);
    __atomic_store_n(&guest->is_over, true, __ATOMIC_RELEASE);
}

static uint32_t guest_word(const struct guest *guest, uint32_t at)
{
    return __atomic_load_n((const uint32_t *)(const void *)(guest->memory + at), __ATOMIC_ACQUIRE);
}

static bool raise_and_wait(struct guest *guest, double *took)
{
    const uint64_t one = 1;
    uint32_t before = guest_word(guest, AT_COUNTER);
    uint64_t give_up = clock_ns() + TIMEOUT_NS, from = clock_cycles();

    if (write(guest->event, &one, sizeof(one)) != (ssize_t)sizeof(one))
        return false;
    while (guest_word(guest, AT_COUNTER) == before)
        if (clock_ns() > give_up || __atomic_load_n(&guest->is_over, __ATOMIC_ACQUIRE))
            return false;
    *took = (double)(clock_cycles() - from);
    return true;
}

/* Raises interrupts if the guest waits for them, and stops a guest that does not end by itself. */
static void watch(struct guest *guest)
{
    const uint32_t stop = 1;
    const uint64_t one = 1;
    double first;

    while (__atomic_load_n(&guest->vcpu_thread, __ATOMIC_ACQUIRE) == 0)
        native_pause();
    if (guest->entry == AT_SPIN || guest->entry == AT_HALT) {
        bool is_taken = raise_and_wait(guest, &first);
        for (uint32_t i = 0; is_taken && i < guest->turns; i++) {
            clock_spin(50000); /* gives the guest time to halt */
            is_taken = raise_and_wait(guest, &guest->samples[i]);
        }
        guest->is_failed |= !is_taken;
        memcpy(guest->memory + AT_STOP, &stop, sizeof(stop));
        (void)!write(guest->event, &one, sizeof(one));
    }
    for (uint64_t give_up = clock_ns() + TIMEOUT_NS; !__atomic_load_n(&guest->is_over, __ATOMIC_ACQUIRE);)
        if (clock_ns() > give_up) {
            guest->run->immediate_exit = 1;
            (void)syscall(SYS_tgkill, getpid(), guest->vcpu_thread, SIGUSR1);
            give_up = clock_ns() + TIMEOUT_NS / 20;
        }
    guest->run->immediate_exit = 0;
}

static void guest_thread(void *argument, uint32_t index)
{
    if (index == 0)
        watch(argument);
    else
        vcpu_run(argument);
}

static void wake_up(int signal_number) { (void)signal_number; }

static bool guest_run(const struct calibration *calibration, struct guest *guest, uint32_t entry)
{
    uint32_t other = host_cpu_at(&calibration->host, DISTANCE_NEAR);
    const uint32_t cpus[] = { 0, other };

    guest->entry = entry;
    guest->turns = calibration->iterations < GUEST_ITERATIONS_MAX ? calibration->iterations : GUEST_ITERATIONS_MAX;
    guest->is_over = guest->is_failed = false;
    guest->vcpu_thread = 0;
    memset(guest->memory + AT_COUNTER, 0, 8);
    return host_run(&calibration->host, cpus, 2, guest_thread, guest) && !guest->is_failed;
}

/* --- the measurements --- */

static const char *module_name(void)
{
    static const char *const paths[][2] = { { "/sys/module/kvm_pvm", "kvm_pvm, which emulates such a guest" },
                                            { "/sys/module/kvm_intel", "kvm_intel" },
                                            { "/sys/module/kvm_amd", "kvm_amd" } };
    struct stat status;

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        if (stat(paths[i][0], &status) == 0)
            return paths[i][1];
    return "an unknown module";
}

static bool guest_round(struct calibration *calibration, struct guest *guest)
{
    static const struct {
        uint32_t entry;
        const char *name, *how;
    } rows[] = {
        { AT_CPUID, "guest_exit_kernel", "a guest's cpuid" },
        { AT_OUT, "guest_exit_user", "a guest's out, to the user program and back" },
        { AT_SPIN, "irqfd_to_running_guest", "eventfd written to handler's counter seen, guest in a loop" },
        { AT_HALT, "irqfd_to_halted_guest", "the same, guest halted" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (!guest_run(calibration, guest, rows[i].entry)) {
            quantity_skip(calibration, rows[i].name, "the guest did not run as expected under %s", module_name());
            return false;
        }
        bool is_interrupts = rows[i].entry == AT_SPIN || rows[i].entry == AT_HALT;
        quantity_record(calibration, rows[i].name, DISTANCE_NONE, UNIT_CYCLES,
                        is_interrupts ? trimmed_mean_of(guest->samples, guest->turns) : guest->cycles / guest->turns,
                        rows[i].how);
    }
    return true;
}

void calibrate_guest(struct calibration *calibration)
{
    struct sigaction action = { .sa_handler = wake_up }, old;
    struct guest *guest = calloc(1, sizeof(*guest));

    CHECK(guest != NULL);
    if (host_cpu_at(&calibration->host, DISTANCE_NEAR) == UINT32_MAX) {
        quantity_skip(calibration, "guest_*", "needs two cores near each other");
    } else if (!guest_open(guest)) {
        quantity_skip(calibration, "guest_*", "/dev/kvm: %s", strerror(errno));
    } else {
        (void)sigaction(SIGUSR1, &action, &old);
        for (uint32_t round = 0; round < calibration->rounds && guest_round(calibration, guest); round++)
            ;
        (void)sigaction(SIGUSR1, &old, NULL);
        quantity_skip(calibration, "vmexit, vmentry",
                      "not measured with a guest under %s: exit and entry cannot be separated", module_name());
    }
    guest_close(guest);
    free(guest);
}
#else
void calibrate_guest(struct calibration *calibration)
{
    quantity_skip(calibration, "guest_*", "the guest is written for x86");
}
#endif
