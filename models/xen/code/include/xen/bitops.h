/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/bitops.h> and <asm/bitops.h>; what they do by assembly in memory is done by irqpath or in C.
 */
#ifndef IRQPATH_XEN_BITOPS_H
#define IRQPATH_XEN_BITOPS_H

#define IRQPATH_IN_BITOPS
#include_next <xen/bitops.h>
#undef IRQPATH_IN_BITOPS
#include <irqpath/rmw.h>

#undef set_bit
#define set_bit(nr, addr) ((void)irqpath_test_and_set((nr), (addr)))
#undef clear_bit
#define clear_bit(nr, addr) ((void)irqpath_test_and_clear((nr), (addr)))
#undef change_bit
#define change_bit(nr, addr) ((void)irqpath_test_and_flip((nr), (addr)))
#undef test_and_set_bit
#define test_and_set_bit(nr, addr) irqpath_test_and_set((nr), (addr))
#undef test_and_clear_bit
#define test_and_clear_bit(nr, addr) irqpath_test_and_clear((nr), (addr))
#undef test_and_change_bit
#define test_and_change_bit(nr, addr) irqpath_test_and_flip((nr), (addr))
#undef test_bit
#define test_bit(nr, addr) irqpath_test((nr), (addr))

#undef __set_bit
#define __set_bit(nr, addr) ((void)irqpath_plain((nr), (addr), 1, 0))
#undef __clear_bit
#define __clear_bit(nr, addr) ((void)irqpath_plain((nr), (addr), 0, 0))
#undef __change_bit
#define __change_bit(nr, addr) ((void)irqpath_plain((nr), (addr), 0, 1))
#undef __test_and_set_bit
#define __test_and_set_bit(nr, addr) irqpath_plain((nr), (addr), 1, 0)
#undef __test_and_clear_bit
#define __test_and_clear_bit(nr, addr) irqpath_plain((nr), (addr), 0, 0)
#undef __test_and_change_bit
#define __test_and_change_bit(nr, addr) irqpath_plain((nr), (addr), 0, 1)

#undef hweight8
#define hweight8(x) irqpath_weight((unsigned char)(x))
#undef hweight16
#define hweight16(x) irqpath_weight((unsigned short)(x))
#undef hweight32
#define hweight32(x) irqpath_weight((unsigned)(x))
#undef hweight64
#define hweight64(x) irqpath_weight(x)
#undef hweight_long
#define hweight_long(x) irqpath_weight(x)
#undef hweightl
#define hweightl(x) irqpath_weight(x)

#undef find_next_bit
#define find_next_bit(addr, size, offset) irqpath_next((addr), (size), (offset), 0)
#undef find_first_bit
#define find_first_bit(addr, size) irqpath_next((addr), (size), 0, 0)
#undef find_next_zero_bit
#define find_next_zero_bit(addr, size, offset) irqpath_next((addr), (size), (offset), ~0ul)
#undef find_first_zero_bit
#define find_first_zero_bit(addr, size) irqpath_next((addr), (size), 0, ~0ul)

#endif
