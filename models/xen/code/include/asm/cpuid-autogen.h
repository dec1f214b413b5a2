/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The place of this header in trees before 4.13.
 */
#include <xen/lib/x86/cpuid-autogen.h>
