/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/rwlock.h>: its types; the locks are irqpath's.
 */
#ifndef IRQPATH_XEN_RWLOCK_H
#define IRQPATH_XEN_RWLOCK_H

#include_next <xen/rwlock.h>
#include <irqpath/rwlock.h>

#endif
