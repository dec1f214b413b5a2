/* SPDX-License-Identifier: Apache-2.0
 *
 * A vCPU thread in KVM_RUN, and its guest.
 */
#ifndef HOST_VCPU_H
#define HOST_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "machine/lines/word.h"
#include "models/family/exits.h"
#include "models/host/thread.h"

struct device_vector;
struct host;

/* KVM's vcpu->mode; VCPU_BLOCKED: asleep in kvm_vcpu_block. In the loop before it, it is outside and needs no kick. */
enum vcpu_mode { VCPU_OUTSIDE, VCPU_IN_GUEST, VCPU_BLOCKED };

#define VCPU_VECTORS 64
#define VCPU_UPCALL VCPU_VECTORS /* the "vector" of an interrupt requested by `wants_upcall` */

struct vcpu;

struct vcpu_operations {
    /* The guest's code from its first VM entry on, with virtual interrupts enabled; must not return. */
    void (*main)(struct cpu *cpu, struct vcpu *vcpu);
    /* The guest's handler of a virtual interrupt; virtual interrupts are disabled until it returns. */
    void (*interrupt)(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector);
    /* Called at VM entry and before the vCPU blocks: whether an interrupt is pending that is not in `irr`. Or NULL. */
    bool (*wants_upcall)(struct cpu *cpu, struct vcpu *vcpu);
    /* For traces: the number of the interrupt that is pending as this vector (struct device_vector's flow), or 0. Or
     * NULL. */
    uint32_t (*flow)(const struct vcpu *vcpu, uint32_t vector);
};

struct vcpu {
    struct thread thread;
    const struct vcpu_operations *operations;
    uint32_t id;
    void *context;
    struct line line;
    struct word mode;  /* enum vcpu_mode */
    struct word irr;   /* pending vectors 0..63; the highest is injected first */
    bool is_polling;   /* in the loop before it sleeps (halt_poll.c) */
    bool irq_on;       /* the guest's interrupt flag */
    bool wants_window; /* an interrupt waits for the guest to enable interrupts */
    bool has_more;     /* another vector was pending at the last injection, and no exit has come since */
    uint32_t injected; /* interrupt injected at the last VM entry: vector + 1; 0: none */
    bool is_posted;    /* interrupts of some device are posted */
    bool is_computing; /* never halts when idle */
    bool is_hlt_kept;  /* HLT causes no exit: the pCPU halts in guest mode */
    /* Of the time in which it computes when idle, the share in permille in which its interrupts are off, in sections of
     * `irqs_off` cycles. */
    uint32_t irqs_off_permille;
    cycles irqs_off;
    struct rng sections;
    cycles halt_poll; /* for how long it polls after HLT; halt_poll.c adapts it */
    bool is_pause_wanted, is_paused;
    struct thread *pauser; /* to be woken when the vCPU has paused */
    struct vm_exits exits;
};

void vcpu_init(struct host *host, struct vcpu *vcpu, const char *name, uint32_t cpu,
               const struct vcpu_operations *operations, void *context);

/* A boundary between two instructions of the guest: takes host and virtual interrupts that are pending. Explored, the
 * access that follows belongs to the same step. */
void vcpu_border(struct cpu *cpu, struct vcpu *vcpu);

/* Spends `work` cycles in the guest; interrupts are taken meanwhile. */
void vcpu_compute(struct cpu *cpu, struct vcpu *vcpu, cycles work);

/* Idles until a virtual interrupt has been taken: with HLT, or computing if the vCPU never halts. */
void vcpu_idle(struct cpu *cpu, struct vcpu *vcpu);

/* Whether an interrupt is pending: what KVM checks before the vCPU's thread sleeps. */
bool vcpu_is_runnable(struct cpu *cpu, struct vcpu *vcpu);

/* A VM exit and the VM entry that follows; code between the two calls runs in the kernel context of the vCPU's thread.
 */
void vcpu_exit(struct cpu *cpu, struct vcpu *vcpu, enum vm_exit reason);
void vcpu_enter(struct cpu *cpu, struct vcpu *vcpu);

/* From KVM_RUN to the VMM and back, after vcpu_exit. */
void vcpu_userspace_begin(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_userspace_end(struct cpu *cpu, struct vcpu *vcpu);

/* Sets the vector's bit, and kicks the vCPU unless the bit was set already; from any context. */
void vcpu_interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector);

/* Forces the vCPU out of guest mode or wakes it, after a change to state that it checks at VM entry; from any context.
 */
void kvm_vcpu_kick(struct cpu *cpu, struct vcpu *vcpu);

/* From another thread: stop the vCPU before its next VM entry, wait until it has stopped, and resume it. */
void vcpu_pause(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_wait_paused(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_resume(struct cpu *cpu, struct vcpu *vcpu);

/* Posted interrupts: a message of the device sets this vector's bit in the vCPU's irr without software. A vCPU in guest
 * mode takes a notification without an exit; a blocked one is woken. One vCPU on each pCPU. */
struct vcpu_posting {
    struct vcpu *vcpu;
    uint32_t vector;
};

void vcpu_post_from(struct device_vector *vector, struct vcpu_posting *posting);

/* For the guest's access of a word that other CPUs change: word_load(vcpu_at(cpu, vcpu), ...). */
static inline struct cpu *vcpu_at(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu_border(cpu, vcpu);
    return cpu;
}

#endif
