/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the idle loop reads of common/softirq.c: instrumented accesses.
 */
#include "glue.h"

#include <xen/softirq.h>

unsigned long irqpath_softirqs_pending(unsigned int cpu) { return glue_softirqs_named(softirq_pending(cpu)); }
