/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/bug.h>; a bug or a failed assertion ends the run.
 */
#ifndef IRQPATH_XEN_BUG_H
#define IRQPATH_XEN_BUG_H

#include <irqpath/no_bug.h>
#include_next <xen/bug.h>
#include <irqpath/bug.h>

#endif
