/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupt remapping entries with their cache, and posts to descriptors.
 */
#include "machine/devices/iommu.h"

#include <inttypes.h>

#include "machine/cpu.h"
#include "machine/footprint.h"
#include "machine/names.h"
#include "machine/notes.h"
#include "machine/violation.h"

/* Fields of the low half. Bits 31:6 of a descriptor's address are in the low half, bits 63:32 in the high half. */
enum { IRTE_PRESENT = 1, IRTE_POSTED = 1 << 15, IRTE_VECTOR_SHIFT = 16, IRTE_FIELD_SHIFT = 32 };

#define ADDRESS_LOW_MASK UINT64_C(0xffffffc0)

static const struct metric_row posted_rows[] = {
    { "posted.posts", "count", METRIC_NEUTRAL, "interrupts that the IOMMU posted",
      METRIC_AT(struct iommu_statistics, posts) },
    { "posted.notifications", "count", METRIC_NEUTRAL, "posts that sent an interrupt to a pCPU: ON and SN were clear",
      METRIC_AT(struct iommu_statistics, notifications) },
    { "posted.suppressed_on", "count", METRIC_NEUTRAL, "posts without a notification, as one was under way",
      METRIC_AT(struct iommu_statistics, suppressed_on) },
};
const struct metric_table iommu_metric_table = METRIC_TABLE(posted_rows);

void iommu_init(struct iommu *iommu, struct machine *machine, uint32_t capacity)
{
    *iommu = (struct iommu){ .machine = machine, .capacity = capacity };
    iommu->descriptors = ARENA_ARRAY(machine->arena, struct pi_descriptor *, capacity);
    ARENA_EXCLUDE(machine->arena, iommu->statistics);
}

static uint64_t address_of(uint64_t number) { return number << 32 | number << 6; }

void pi_descriptor_init(struct iommu *iommu, struct pi_descriptor *descriptor, uint32_t nv, uint32_t ndst)
{
    CHECK(iommu->descriptor_count < iommu->capacity);
    iommu->descriptors[iommu->descriptor_count++] = descriptor;
    descriptor->address = address_of(iommu->descriptor_count);
    line_init(iommu->machine, &descriptor->line, LINE_PLAIN);
    for (int i = 0; i < PIR_WORDS; i++) {
        word_init(&descriptor->pir[i], &descriptor->line, 0);
        names_add_of(iommu->machine, &descriptor->pir[i], "PIR", "descriptor %u", iommu->descriptor_count - 1);
    }
    word_init(&descriptor->control, &descriptor->line, (uint64_t)ndst << PI_NDST_SHIFT | (uint64_t)nv << PI_NV_SHIFT);
    names_add_of(iommu->machine, &descriptor->control, "NDST:NV:SN:ON", "descriptor %u", iommu->descriptor_count - 1);
}

struct pi_descriptor *iommu_find(const struct iommu *iommu, struct irte_value value)
{
    uint64_t address = (value.high >> IRTE_FIELD_SHIFT) << 32 | ((value.low >> IRTE_FIELD_SHIFT) & ADDRESS_LOW_MASK);
    uint64_t number = address >> 32;

    if (number == 0 || number > iommu->descriptor_count || address != address_of(number))
        return NULL;
    return iommu->descriptors[number - 1];
}

/* --- entries --- */

struct irte_value irte_remapped(uint32_t cpu, uint32_t vector)
{
    return (struct irte_value){
        IRTE_PRESENT | (uint64_t)vector << IRTE_VECTOR_SHIFT | (uint64_t)cpu << IRTE_FIELD_SHIFT, 0
    };
}

struct irte_value irte_posted(const struct pi_descriptor *descriptor, uint32_t vector)
{
    return (struct irte_value){
        IRTE_PRESENT | IRTE_POSTED | (uint64_t)vector << IRTE_VECTOR_SHIFT |
            (descriptor->address & ADDRESS_LOW_MASK) << IRTE_FIELD_SHIFT,
        descriptor->address >> 32 << IRTE_FIELD_SHIFT,
    };
}

struct irte_value irte_inherit_format(const struct irte *irte, struct irte_value value)
{
    value.low |= word_peek(&irte->low) & IRTE_POSTED;
    return value;
}

bool irte_stands_for(const struct irte *irte, const struct pi_descriptor *descriptor, uint32_t vector)
{
    struct irte_value expected;

    if (descriptor == NULL)
        return !(word_peek(&irte->low) & IRTE_POSTED);
    expected = irte_posted(descriptor, vector);
    return word_peek(&irte->low) == expected.low && word_peek(&irte->high) == expected.high;
}

void irte_init(struct iommu *iommu, struct irte *irte, uint32_t domain, struct irte_value value)
{
    *irte = (struct irte){ .iommu = iommu, .domain = domain };
    line_init(iommu->machine, &irte->line, LINE_PLAIN);
    word_init(&irte->low, &irte->line, value.low);
    word_init(&irte->high, &irte->line, value.high);
    names_add(iommu->machine, &irte->low, "IRTE low half", NULL);
    names_add(iommu->machine, &irte->high, "IRTE high half", NULL);
}

void irte_write(struct cpu *cpu, struct irte *irte, struct irte_value value, bool is_atomic)
{
    if (is_atomic) {
        word_xchg(cpu, &irte->low, value.low);
        footprint_write(cpu->engine, &irte->high.value);
        irte->high.value = value.high;
        return;
    }
    word_store(cpu, &irte->low, value.low);
    word_store(cpu, &irte->high, value.high);
}

void irte_invalidate(struct cpu *cpu, struct irte *irte)
{
    cpu_spend(cpu, cpu->costs->irte_invalidate);
    cpu_look(cpu);
    footprint_write(cpu->engine, irte);
    irte->is_cached = false;
    notes_add(cpu->engine, cpu, "IRTE cache invalidated");
}

/* --- requests --- */

static void post(struct irte *irte, struct pi_descriptor *descriptor, uint32_t vector)
{
    struct iommu *iommu = irte->iommu;
    struct machine *machine = iommu->machine;
    cycles end = line_take(&descriptor->line, irte->domain);
    uint64_t control = word_peek(&descriptor->control);

    CHECK(descriptor->used >> (vector / 64) & 1);
    footprint_write(machine->engine, &descriptor->pir[vector / 64].value);
    footprint_write(machine->engine, &descriptor->control.value);
    descriptor->pir[vector / 64].value |= UINT64_C(1) << (vector % 64);
    iommu->statistics.posts++;
    notes_add(machine->engine, NULL, "PIR: vector %" PRIx32 "%s", vector,
              control & PI_ON   ? ", ON was set"
              : control & PI_SN ? ", SN: no notification"
                                : "");
    if (control & PI_ON) {
        iommu->statistics.suppressed_on++;
    } else if (control & PI_SN) {
        iommu->statistics.suppressed_sn++;
    } else if (pi_ndst(control) >= machine->cpu_count) {
        descriptor->control.value |= PI_ON;
        iommu->statistics.undirected++;
    } else {
        descriptor->control.value |= PI_ON;
        iommu->statistics.notifications++;
        lapic_send(&machine->cpus[pi_ndst(control)], pi_nv(control), end);
    }
}

/* Caches what it reads from memory, even a torn entry. */
static struct irte_value entry_read(struct irte *irte)
{
    struct irte_value memory = { word_peek(&irte->low), word_peek(&irte->high) };
    const struct engine *engine = irte->iommu->machine->engine;

    footprint_read(engine, &irte->low.value);
    footprint_read(engine, &irte->high.value);
    footprint_write(engine, irte);
    if (irte->is_cached) {
        struct irte_value cached = { irte->cached_low, irte->cached_high };
        irte->iommu->statistics.stale += cached.low != memory.low || cached.high != memory.high;
        return cached;
    }
    irte->is_cached = true;
    irte->cached_low = memory.low;
    irte->cached_high = memory.high;
    return memory;
}

void iommu_request(struct irte *irte, struct cpu *target, uint32_t vector)
{
    struct irte_value value = entry_read(irte);

    if (!(value.low & IRTE_POSTED)) {
        notes_add(target->engine, NULL, "remapped: %" PRIx32 " at cpu%" PRIu32, vector, target->id);
        lapic_deliver(target, vector);
        return;
    }
    struct pi_descriptor *descriptor = iommu_find(irte->iommu, value);
    if (descriptor == NULL) {
        irte->iommu->statistics.strays++;
        violation_report(target->engine, VIOLATION_MISDELIVERY,
                         "the IOMMU posts to an address that is no descriptor's: a stray write to memory");
        return;
    }
    post(irte, descriptor, (uint32_t)(value.low >> IRTE_VECTOR_SHIFT) & 0xff);
}
