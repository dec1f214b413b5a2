/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <xen/xmalloc.h>; objects are allocated with their type, which traces show.
 */
#ifndef IRQPATH_XEN_XMALLOC_H
#define IRQPATH_XEN_XMALLOC_H

#include_next <xen/xmalloc.h>
#include "irqpath.h"

#undef xmalloc
#define xmalloc(type) ((type *)irqpath_alloc(sizeof(type), #type))
#undef xzalloc
#define xzalloc(type) ((type *)irqpath_alloc(sizeof(type), #type))

#endif
