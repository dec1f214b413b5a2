/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A bug and a failed assertion end the run with their text. Assertions are always on (NDEBUG is defined, so that
 * structures have the layout of a release). Read after each of the tree's headers that define some of these, which
 * differ between versions; <irqpath/no_bug.h> is read before.
 */
#include <irqpath/asm_bug.h>
#include <irqpath/no_bug.h>

#define BUG_ON(condition) \
    do { \
        if (unlikely(condition)) \
            irqpath_bug("BUG_ON: " #condition); \
    } while (0)
#define ASSERT(condition) \
    do { \
        if (unlikely(!(condition))) \
            irqpath_bug("assertion failed: " #condition); \
    } while (0)
#define ASSERT_UNREACHABLE() irqpath_bug("assertion failed: unreachable")
