/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Locked read-modify-writes and bit operations in terms of irqpath.h, which take the place of a tree's inline assembly.
 */
#ifndef IRQPATH_RMW_H
#define IRQPATH_RMW_H

#include "irqpath.h"

#define IRQPATH_RMW(pointer, operation, operand) \
    ((__typeof__(*(pointer)))irqpath_rmw((pointer), sizeof(*(pointer)), (operation), (unsigned long)(operand), 0))

/* Bits are numbered from the lowest of 32-bit words, as by BTS with a register of 32 bits. */
static inline __attribute__((__always_inline__)) volatile unsigned *irqpath_word(long bit, const volatile void *bits)
{
    return (volatile unsigned *)bits + (bit >> 5);
}

static inline __attribute__((__always_inline__)) unsigned irqpath_mask(long bit) { return 1u << (bit & 31); }

static inline __attribute__((__always_inline__)) int irqpath_change(long bit, volatile void *bits,
                                                                    enum irqpath_operation operation, unsigned operand)
{
    return (irqpath_rmw(irqpath_word(bit, bits), sizeof(unsigned), operation, operand, 0) & irqpath_mask(bit)) != 0;
}

static inline __attribute__((__always_inline__)) int irqpath_test_and_set(long bit, volatile void *bits)
{
    return irqpath_change(bit, bits, IRQPATH_OR, irqpath_mask(bit));
}

static inline __attribute__((__always_inline__)) int irqpath_test_and_clear(long bit, volatile void *bits)
{
    return irqpath_change(bit, bits, IRQPATH_AND, ~irqpath_mask(bit));
}

static inline __attribute__((__always_inline__)) int irqpath_test_and_flip(long bit, volatile void *bits)
{
    return irqpath_change(bit, bits, IRQPATH_XOR, irqpath_mask(bit));
}

static inline __attribute__((__always_inline__)) int irqpath_test(long bit, const volatile void *bits)
{
    return (*irqpath_word(bit, bits) & irqpath_mask(bit)) != 0;
}

/* Those without LOCK: a plain read and a plain write. They return the old bit. */
static inline __attribute__((__always_inline__)) int irqpath_plain(long bit, void *bits, unsigned set, unsigned flip)
{
    unsigned *word = (unsigned *)bits + (bit >> 5), mask = irqpath_mask(bit), old = *word;

    *word = flip ? old ^ mask : set ? old | mask : old & ~mask;
    return (old & mask) != 0;
}

static inline unsigned irqpath_weight(unsigned long bits)
{
    unsigned weight = 0;

    for (; bits; bits &= bits - 1)
        weight++;
    return weight;
}

/* The next bit that is (invert 0) or is not set, from `from`; `count`: there is none. */
static inline unsigned irqpath_next(const unsigned long *bits, unsigned count, unsigned from, unsigned long invert)
{
    unsigned long word;

    if (from >= count)
        return count;
    word = (bits[from / 64] ^ invert) & (~0ul << (from % 64));
    from -= from % 64;
    while (!word) {
        from += 64;
        if (from >= count)
            return count;
        word = bits[from / 64] ^ invert;
    }
    from += (unsigned)__builtin_ctzl(word);
    return from < count ? from : count;
}

#endif
