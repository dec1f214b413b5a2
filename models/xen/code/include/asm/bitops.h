/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * <asm/bitops.h> is always read through <xen/bitops.h>, where its assembly is replaced.
 */
#ifdef IRQPATH_IN_BITOPS
#include_next <asm/bitops.h>
#else
#include <xen/bitops.h>
#endif
