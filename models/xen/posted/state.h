/* SPDX-License-Identifier: Apache-2.0
 *
 * Posted interrupts in Xen: VT-d posts and the scheduler's hooks (4b759ce163, 2016), software posts (2013), and the
 * virtual-interrupt delivery that both need. A domain has the hooks while a device is assigned to it. Each later fix
 * can be left out by its name; proposals are changes that Xen does not have. Left out: clearing bits of the EOI-exit
 * bitmap, vpt timers, xAPIC destinations, nested guests. Source: xen/arch/x86/hvm/vmx/vmx.c,
 * xen/drivers/passthrough/vtd/intremap.c at 4b759ce163 and at the fixes' commits.
 */
#ifndef MODELS_XEN_POSTED_STATE_H
#define MODELS_XEN_POSTED_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/devices/apicv.h"
#include "machine/devices/iommu.h"
#include "models/xen/posted.h"
#include "models/xen/posted_fixes.h"
#include "models/xen/xen.h"

/* The hooks of Xen's pi_ops. */
enum posted_hook {
    POSTED_HOOK_SWITCH_FROM,
    POSTED_HOOK_SWITCH_TO,
    POSTED_HOOK_BLOCK, /* also do_resume: both are installed and removed together */
    POSTED_HOOK_COUNT
};

struct posted_domain {
    struct line line;
    struct word hooks[POSTED_HOOK_COUNT]; /* 1: installed; written under pcidevs_lock, read without a lock */
    uint32_t assigned;                    /* number of devices; protected by pcidevs_lock */
};

/* Breaches of the state table in hooks.c. */
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
    enum posted_breach breach; /* the first one */
    bool has_block_hook;       /* the hook was installed at the last vcpu_block */
    bool had_lazy;             /* for statistics: since ON was set, a notification arrived while idle held it lazily */
};

struct posted_cpu {
    struct lock blocking_lock;
    struct list blocked; /* struct posted_vcpu; protected by the lock */
};

struct posted_pirq {
    struct irte irte;
    struct vcpu *target; /* msi_desc's pi_desc: the vCPU to post to; NULL: remapped. Protected by desc->lock */
    uint32_t gvec;       /* protected by desc->lock */
    bool is_posted;      /* gmsi.posted; written without a lock */
};

/* Where a notification that had no effect arrived. */
enum posted_spurious { POSTED_SPURIOUS_IDLE, POSTED_SPURIOUS_LAZY, POSTED_SPURIOUS_ROOT, POSTED_SPURIOUS_COUNT };

struct posted_statistics {
    uint64_t software_posts, software_absorbed, software_ipis, software_kicks;
    uint64_t root_notifications, spurious[POSTED_SPURIOUS_COUNT];
    uint64_t lazy_again;              /* lazy notifications after the first while ON stays set */
    uint64_t wakeups, wakeup_useless; /* wake-up interrupts; those that woke no vCPU */
    uint64_t list_walked, list_longest;
    uint64_t unnoticed_on, unnoticed_sn; /* VM entries with bits left in the PIR */
    uint64_t mismatches;                 /* breaches of the state table; none in a timed run with every fix */
    uint64_t irte_updates;
    uint64_t exits_avoided; /* by notifications; computed when the metrics are reported */
};

struct posted {
    uint32_t fixes, proposals; /* bit masks */
    bool hooks_change;         /* an action of the scenario installs or removes hooks */
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

/* Whether the domain has the hook. Explored, the load is a step only if the scenario changes hooks. */
bool posted_hook_is_on(struct cpu *cpu, const struct domain *d, enum posted_hook hook);

/* Clears SN. With the proposal recheck-pir, if the PIR is not empty, also sets ON and returns true. */
bool posted_clear_sn(struct cpu *cpu, struct pi_descriptor *descriptor);

/* Sets NV to the notification vector and takes the vCPU off its blocking list, if it is on one. */
void posted_unblock_vcpu(struct cpu *cpu, struct vcpu *v);

/* --- checks.c --- */

/* Description of a breach; NULL for POSTED_BREACH_NONE. */
const char *posted_breach_text(enum posted_breach breach);

/* Checks the descriptor at a VM entry, and counts what is left in the PIR. */
void posted_check_entry(struct cpu *cpu, struct vcpu *v, bool has_hook);
/* Checks that a vCPU on this pCPU's blocking list has this list's lock in its blocking lock. */
void posted_check_list(struct cpu *cpu, struct vcpu *v);
/* Counts a notification that found its pCPU in root mode. */
void posted_count_notification(const struct xen_cpu *xc);

/* --- deliver.c --- */

/* Clears ON and, if it was set, merges the PIR into the IRR (vmx_sync_pir_to_irr). */
void posted_sync(struct cpu *cpu, struct vcpu *v);

/* --- irte.c --- */

/* The vCPU that the IRTE of this binding should post to; NULL: the entry is remapped. */
struct vcpu *posted_target(const struct pirq *pirq);

#endif
