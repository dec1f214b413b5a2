/* SPDX-License-Identifier: Apache-2.0
 *
 * A vCPU thread in KVM_RUN, and its guest.
 */
#ifndef HOST_VCPU_H
#define HOST_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/lines/word.h"
#include "models/host/thread.h"

struct device_vector;
struct host;

/* What KVM calls vcpu->mode, and whether kvm_vcpu_block sleeps. */
enum vcpu_mode { VCPU_OUTSIDE, VCPU_IN_GUEST, VCPU_BLOCKED };

#define VCPU_VECTORS 64
#define VCPU_UPCALL VCPU_VECTORS /* the "vector" of an interrupt that `wants_upcall` asked for */

struct vcpu;

struct vcpu_operations {
    /* The guest's life, from its first entry on, virtual interrupts on; must not return. */
    void (*main)(struct cpu *cpu, struct vcpu *vcpu);
    /* The guest takes a virtual interrupt, with virtual interrupts off until it returns. */
    void (*interrupt)(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector);
    /* At VM entry, and before it blocks: is there one besides the vectors? Or NULL. */
    bool (*wants_upcall)(struct cpu *cpu, struct vcpu *vcpu);
};

struct vcpu {
    struct thread thread;
    const struct vcpu_operations *operations;
    uint32_t id;
    void *context;
    enum vcpu_mode mode;
    struct line line;
    struct word irr;   /* vectors 0..63 that wait; the highest goes first */
    bool irq_on;       /* the guest's interrupt flag */
    bool wants_window; /* something waits for it */
    uint32_t injected; /* at the last entry: vector + 1 */
    bool is_posted;    /* some device's interrupts are */
    bool is_computing; /* never halts when idle */
    bool is_pause_wanted, is_paused;
    struct thread *pauser; /* to be woken when it is */
    uint64_t exits;
};

void vcpu_init(struct host *host, struct vcpu *vcpu, const char *name, uint32_t cpu,
               const struct vcpu_operations *operations, void *context);

/* Between two instructions of the guest: whatever host or virtual interrupt is due goes first. Explored, the access
 * that follows belongs to the same step. */
void vcpu_border(struct cpu *cpu, struct vcpu *vcpu);

/* Guest work of this length, interruptible. */
void vcpu_compute(struct cpu *cpu, struct vcpu *vcpu, cycles work);

/* Until a virtual interrupt has been taken: HLT, or computing if it never halts. */
void vcpu_idle(struct cpu *cpu, struct vcpu *vcpu);

/* A VM exit, and the way back: what is between runs in the vCPU thread's kernel context. */
void vcpu_exit(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_enter(struct cpu *cpu, struct vcpu *vcpu);

/* Out of KVM_RUN to the VMM and back, after vcpu_exit. */
void vcpu_userspace_begin(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_userspace_end(struct cpu *cpu, struct vcpu *vcpu);

/* From anywhere: sets the vector's bit and kicks. False: it was set. */
bool vcpu_interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector);

/* From anywhere, after something it looks at on entry has changed: out of the guest, or out of its sleep. */
void kvm_vcpu_kick(struct cpu *cpu, struct vcpu *vcpu);

/* From another thread: the vCPU stops before its next VM entry; wait until it has; and on. */
void vcpu_pause(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_wait_paused(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_resume(struct cpu *cpu, struct vcpu *vcpu);

/* Posted interrupts: a device's messages set this bit of the vCPU's irr without anybody's help; a vCPU in the guest
 * takes a notification there, without an exit, one that blocks is woken. One vCPU of a pCPU. */
struct vcpu_posting {
    struct vcpu *vcpu;
    uint32_t vector;
};

void vcpu_post_from(struct device_vector *vector, struct vcpu_posting *posting);

/* The guest's access of a word that others change. */
static inline struct cpu *vcpu_at(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu_border(cpu, vcpu);
    return cpu;
}

#endif
