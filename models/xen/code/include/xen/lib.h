/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/lib.h>; a bug or a failed assertion ends the run.
 */
#ifndef IRQPATH_XEN_LIB_H
#define IRQPATH_XEN_LIB_H

#include <irqpath/no_bug.h>
#include_next <xen/lib.h>
#include <irqpath/bug.h>

#endif
