/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/lib.h> with assertions that are always on, whose text tells what has failed. (NDEBUG is defined, so
 * that structures have the layout of a release.)
 */
#ifndef IRQPATH_XEN_LIB_H
#define IRQPATH_XEN_LIB_H

#include_next <xen/lib.h>
#include <irqpath/bug.h>

#undef BUG_ON
#define BUG_ON(condition) \
    do { \
        if (unlikely(condition)) \
            irqpath_bug("BUG_ON: " #condition); \
    } while (0)
#undef ASSERT
#define ASSERT(condition) \
    do { \
        if (unlikely(!(condition))) \
            irqpath_bug("assertion failed: " #condition); \
    } while (0)
#undef ASSERT_UNREACHABLE
#define ASSERT_UNREACHABLE() irqpath_bug("assertion failed: unreachable")

#endif
