/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of the guest's shared pages, which the guest, KVM and QEMU access: words of the model, or with a code object
 * (own_code.h) memory of the object.
 */
#ifndef QEMU_PAGE_H
#define QEMU_PAGE_H

#include <stdint.h>
#include <string.h>

#include "code/abi/irqpath.h"
#include "machine/lines/word.h"

struct page_word {
    struct word word;
    void *memory; /* little-endian; NULL: `word` has the value */
    uint32_t bytes;
};

/* As the functions of the same names in word.h, on memory of the object. In own_code.c. */
uint64_t qemu_own_page_load(struct cpu *cpu, const struct page_word *word);
void qemu_own_page_store(struct cpu *cpu, const struct page_word *word, uint64_t value);
uint64_t qemu_own_page_rmw(struct cpu *cpu, const struct page_word *word, enum irqpath_operation operation,
                           uint64_t operand);

static inline uint64_t page_load(struct cpu *cpu, struct page_word *word)
{
    return word->memory != NULL ? qemu_own_page_load(cpu, word) : word_load(cpu, &word->word);
}

static inline void page_store(struct cpu *cpu, struct page_word *word, uint64_t value)
{
    if (word->memory != NULL)
        qemu_own_page_store(cpu, word, value);
    else
        word_store(cpu, &word->word, value);
}

static inline uint64_t page_xchg(struct cpu *cpu, struct page_word *word, uint64_t value)
{
    return word->memory != NULL ? qemu_own_page_rmw(cpu, word, IRQPATH_XCHG, value)
                                : word_xchg(cpu, &word->word, value);
}

static inline uint64_t page_fetch_or(struct cpu *cpu, struct page_word *word, uint64_t bits)
{
    return word->memory != NULL ? qemu_own_page_rmw(cpu, word, IRQPATH_OR, bits)
                                : word_fetch_or(cpu, &word->word, bits);
}

static inline uint64_t page_fetch_and(struct cpu *cpu, struct page_word *word, uint64_t bits)
{
    return word->memory != NULL ? qemu_own_page_rmw(cpu, word, IRQPATH_AND, bits)
                                : word_fetch_and(cpu, &word->word, bits);
}

/* Of a word that is the object's memory: what an access that own_code.c has made a step reads. */
static inline uint64_t page_memory(const struct page_word *word)
{
    uint64_t value = 0;

    memcpy(&value, word->memory, word->bytes);
    return value;
}

/* Without a cost: for invariants and metrics only. */
static inline uint64_t page_peek(const struct page_word *word)
{
    return word->memory != NULL ? page_memory(word) : word_peek(&word->word);
}

static inline void page_poke(struct page_word *word, uint64_t value)
{
    if (word->memory != NULL)
        memcpy(word->memory, &value, word->bytes);
    else
        word->word.value = value;
}

static inline void page_clear_at_boot(struct page_word *word, uint64_t bits)
{
    page_poke(word, page_peek(word) & ~bits);
}

#endif
