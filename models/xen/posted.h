/* SPDX-License-Identifier: Apache-2.0
 *
 * Posted interrupts in Xen: VT-d posts and the scheduler's hooks (4b759ce163, 2016), software posts (2013), and the
 * virtual-interrupt delivery that both rest on. The hooks are the domain's, and there while a device is assigned to it.
 * Each later fix can be switched off by its name; proposals are changes that Xen does not have.
 * Left out: EOI-exit bitmaps, vpt timers, xAPIC destinations, nested guests.
 * Source: xen/arch/x86/hvm/vmx/vmx.c, xen/drivers/passthrough/vtd/intremap.c at 4b759ce163 and at the fixes' commits.
 */
#ifndef MODELS_XEN_POSTED_H
#define MODELS_XEN_POSTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/devices/apicv.h"
#include "machine/devices/iommu.h"
#include "models/xen/posted_fixes.h"
#include "models/xen/xen.h"

/* --- what the rest of Xen calls; all but those of IRTEs, of a domain's devices and of metrics only where there is a
 * `posted` --- */

void posted_boot(struct xen *xen);
void posted_vcpu_block(struct cpu *cpu, struct vcpu *v);
void posted_switch_from(struct cpu *cpu, struct vcpu *v);
void posted_switch_to(struct cpu *cpu, struct vcpu *v);
void posted_intr_assist(struct cpu *cpu, struct vcpu *v);
/* Interrupts are off, and no softirq is pending: guest mode is next. */
void posted_vmenter(struct cpu *cpu, struct vcpu *v);
bool posted_event_is_deliverable(struct cpu *cpu, struct vcpu *v);
void posted_deliver(struct cpu *cpu, struct vcpu *v, uint32_t vector);
void posted_notification_interrupt(struct cpu *cpu);
void posted_wakeup_interrupt(struct cpu *cpu);

/* Of an IRTE, if there is one: a binding is new or changed, is over, the host has moved the interrupt. */
void posted_bind(struct cpu *cpu, struct pirq *pirq);
void posted_unbind(struct cpu *cpu, struct pirq *pirq);
void posted_affinity_changed(struct cpu *cpu, struct pirq *pirq);
/* Whether a migrating vCPU leaves the interrupt where it is. */
bool posted_stays(const struct pirq *pirq);
/* A guest vector stands for this PIRQ from now on. */
void posted_handler_set(struct vcpu *v, uint32_t vector, struct pirq *pirq);

/* A device comes to the domain, or goes; pcidevs_lock is held. */
void posted_assign(struct cpu *cpu, struct domain *d);
enum hypercall_result posted_deassign(struct cpu *cpu, struct domain *d);
enum hypercall_result posted_deassign_all(struct cpu *cpu, struct domain *d);

/* CPU_DEAD, and CPU_UP_PREPARE. */
void posted_cpu_dead(struct cpu *cpu, struct xen_cpu *dead);
void posted_cpu_init(struct xen_cpu *xc);

/* hypercall.c. Waits until none of its vCPUs runs. False: one is current here, and must be switched away from first. */
bool domain_pause(struct cpu *cpu, struct domain *d, uint64_t flag);
void domain_unpause(struct cpu *cpu, struct domain *d, uint64_t flag);

void posted_measure(struct xen *xen);
void posted_metrics(struct xen *xen, struct metrics *metrics);
extern const struct metric_table posted_metric_table; /* besides iommu_metric_table */
/* Its bits stand in a PIR, or are about to. */
bool posted_is_in_flight(const struct pirq *pirq);

/* --- state --- */

/* What of Xen's pi_ops is installed: 0 or 1 each. */
enum posted_hook {
    POSTED_HOOK_SWITCH_FROM,
    POSTED_HOOK_SWITCH_TO,
    POSTED_HOOK_BLOCK, /* and resume: one pointer stands for both */
    POSTED_HOOK_COUNT
};

struct posted_domain {
    struct line line;
    struct word hooks[POSTED_HOOK_COUNT]; /* stored under pcidevs_lock, read without a lock */
    uint32_t assigned;                    /* devices; protected by pcidevs_lock */
};

/* A row of the state table of posted.c does not hold where it should. */
enum posted_breach {
    POSTED_BREACH_NONE,
    POSTED_BREACH_ENTRY_SN,
    POSTED_BREACH_ENTRY_NV,
    POSTED_BREACH_ENTRY_NDST,
    POSTED_BREACH_ENTRY_LISTED,
    POSTED_BREACH_WRONG_LIST,
    POSTED_BREACH_COUNT,
};

struct posted_vcpu {
    struct vcpu *vcpu;
    struct pi_descriptor descriptor;
    struct apicv apicv;
    struct line blocking_line;
    struct word blocking_lock; /* pi_blocking.lock: pCPU + 1 whose list the vCPU is on; 0: NULL */
    struct list blocking_link; /* protected by that pCPU's blocking_lock */
    enum posted_breach breach; /* the first */
    bool has_block_hook;       /* the last vcpu_block went through the hook */
    bool had_lazy;             /* for statistics: a notification came while idle held it lazily, in this cycle of ON */
};

struct posted_cpu {
    struct lock blocking_lock;
    struct list blocked; /* struct posted_vcpu; protected by the lock */
};

struct posted_pirq {
    struct irte irte;
    struct vcpu *target; /* msi_desc's pi_desc: the IRTE is to be in posted format; NULL: remapped. desc->lock */
    uint32_t gvec;       /* desc->lock */
    bool is_posted;      /* gmsi.posted: written without a lock */
};

/* Why a notification was of no use to anybody. */
enum posted_spurious { POSTED_SPURIOUS_IDLE, POSTED_SPURIOUS_LAZY, POSTED_SPURIOUS_ROOT, POSTED_SPURIOUS_COUNT };

struct posted_statistics {
    uint64_t software_posts, software_absorbed, software_ipis, software_kicks;
    uint64_t root_notifications, spurious[POSTED_SPURIOUS_COUNT];
    uint64_t lazy_again; /* lazy ones beyond the first in a cycle of ON */
    uint64_t wakeups, wakeup_useless; /* wake-up interrupts; those that woke nobody */
    uint64_t list_walked, list_longest;
    uint64_t unnoticed_on, unnoticed_sn; /* VM entries with bits left in the PIR */
    uint64_t mismatches;                 /* breaches of the state table, where fixes are off */
    uint64_t irte_updates;
    uint64_t exits_avoided; /* by interrupts; known when it is reported */
};

struct posted {
    uint32_t fixes, proposals; /* bit masks */
    bool hooks_change;         /* some action installs or removes them */
    struct iommu iommu;
    struct lock iremap_lock;
    struct lock_class *blocking_class;
    struct posted_statistics statistics;
    struct apicv_statistics guest_mode;
    struct histogram *wakeup_time; /* ns, of a wake-up interrupt's handler */
};

static inline bool posted_has(const struct xen *xen, enum posted_fix fix) { return xen->posted->fixes >> fix & 1; }

static inline bool posted_tries(const struct xen *xen, enum posted_proposal proposal)
{
    return xen->posted->proposals >> proposal & 1;
}

/* The vCPU's domain has the hook; an access of its own only where hooks come and go. */
bool posted_hook_is_on(struct cpu *cpu, const struct domain *d, enum posted_hook hook);

/* NULL: there is none. */
const char *posted_breach_text(enum posted_breach breach);

/* posted_invariants.c */
extern const struct property posted_torn, posted_entries, posted_lists, posted_irtes;

/* With the proposal recheck-pir, and bits in the PIR: sets ON, too, and returns true. */
bool posted_clear_sn(struct cpu *cpu, struct pi_descriptor *descriptor);

/* Off its list, if it is on one, and NV as in guest mode. */
void posted_unblock_vcpu(struct cpu *cpu, struct vcpu *v);

/* --- posted_deliver.c --- */

/* PIR to IRR, if ON was set (vmx_sync_pir_to_irr). */
void posted_sync(struct cpu *cpu, struct vcpu *v);

/* --- posted_irte.c --- */

/* Of a binding: the vCPU that its IRTE posts to; NULL: it is remapped. */
struct vcpu *posted_target(const struct pirq *pirq);

#endif
