/* SPDX-License-Identifier: Apache-2.0
 *
 * The interrupt side of an IOMMU (VT-d): an entry for each interrupt of a device, which either sends the message on to
 * a local APIC (remapped) or sets a bit in a vCPU's posted-interrupt descriptor (posted), and the cache of entries that
 * software must invalidate after a change.
 *
 * A descriptor is one cache line; a post is one atomic read-modify-write of it, which costs the transfer of the line
 * from its owner. The destination of a remapped entry is the one set by device_route.
 * Left out: fault reporting, entry caches of limited size, urgent posts, x86 APIC ids other than the pCPU's number.
 * Source: the descriptor's and the entry's layout as Xen has them (4b759ce163, vmcs.h and vtd/iommu.h); what hardware
 * does in one RMW is recalled from the VT-d specification, and agrees with Xen's design document (b59f4b6e78) and KVM
 * (c112b5f50232).
 */
#ifndef MACHINE_DEVICES_IOMMU_H
#define MACHINE_DEVICES_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/metric.h"
#include "machine/lines/word.h"

struct cpu;
struct machine;

/* The control word of a descriptor: the bits ON and SN, which are set and cleared, and the fields NV and NDST, which
 * are stored. */
enum { PI_ON = 1, PI_SN = 2, PI_NV_SHIFT = 16, PI_NDST_SHIFT = 32 };
#define PI_NV_MASK (UINT64_C(0xff) << PI_NV_SHIFT)
#define PI_NDST_MASK (UINT64_C(0xffffffff) << PI_NDST_SHIFT)
#define PI_NDST_INVALID UINT32_MAX

#define PIR_WORDS 4

struct pi_descriptor {
    struct line line;
    struct word pir[PIR_WORDS];
    struct word control;
    uint64_t address; /* in physical memory; the descriptors of a machine differ in both halves of it */
    uint32_t used;    /* bit i: some vector is in pir[i]; unused words are always 0 */
};

static inline uint32_t pi_nv(uint64_t control) { return (uint32_t)((control & PI_NV_MASK) >> PI_NV_SHIFT); }
static inline uint32_t pi_ndst(uint64_t control) { return (uint32_t)(control >> PI_NDST_SHIFT); }

struct iommu_statistics {
    uint64_t posts, notifications;
    uint64_t suppressed_on, suppressed_sn;
    uint64_t stale;      /* requests served by a cached entry that differed from memory */
    uint64_t strays;     /* posts to an address without a descriptor */
    uint64_t undirected; /* notifications not sent because NDST named no pCPU */
};

/* The metrics posted.* of designs in which the IOMMU posts. */
extern const struct metric_table iommu_metric_table;

struct iommu {
    struct machine *machine;
    struct pi_descriptor **descriptors; /* in the order of their numbers, which start at 1 in their addresses */
    uint32_t descriptor_count, capacity;
    struct iommu_statistics statistics;
};

/* The two halves of an entry in memory, and the copy in the IOMMU's cache. */
struct irte {
    struct iommu *iommu;
    uint32_t domain; /* cache domain next to the IOMMU that serves the device */
    struct line line;
    struct word low, high;
    bool is_cached;
    uint64_t cached_low, cached_high;
};

struct irte_value {
    uint64_t low, high;
};

/* `capacity`: the greatest number of descriptors. */
void iommu_init(struct iommu *iommu, struct machine *machine, uint32_t capacity);

/* Initialises a descriptor with ON, SN and the PIR clear. */
void pi_descriptor_init(struct iommu *iommu, struct pi_descriptor *descriptor, uint32_t nv, uint32_t ndst);

/* The value of an entry in the remapped and in the posted format. */
struct irte_value irte_remapped(uint32_t cpu, uint32_t vector);
struct irte_value irte_posted(const struct pi_descriptor *descriptor, uint32_t vector);

/* The fields of `value` with the format bit that the entry has now: the result of software that forgets to change the
 * format. */
struct irte_value irte_inherit_format(const struct irte *irte, struct irte_value value);

/* Whether the entry in memory posts to this vector of this descriptor; descriptor NULL: whether it is remapped. */
bool irte_stands_for(const struct irte *irte, const struct pi_descriptor *descriptor, uint32_t vector);

/* Initialises an entry at boot, at no cost. */
void irte_init(struct iommu *iommu, struct irte *irte, uint32_t domain, struct irte_value value);

/* Writes both halves at once (cmpxchg16b), or the low half and then the high half. The IOMMU's cached copy stays until
 * irte_invalidate. */
void irte_write(struct cpu *cpu, struct irte *irte, struct irte_value value, bool is_atomic);
void irte_invalidate(struct cpu *cpu, struct irte *irte);

/* A device's message arrives: posts it, or delivers `vector` to `target` if the entry is remapped. */
void iommu_request(struct irte *irte, struct cpu *target, uint32_t vector);

/* The descriptor at the address in a posted entry; NULL: there is none. */
struct pi_descriptor *iommu_find(const struct iommu *iommu, struct irte_value value);

#endif
