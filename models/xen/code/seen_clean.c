/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The removal of a domain's binds. Before 4.15 it is a function without linkage of drivers/passthrough/pci.c, of which
 * the rest is left out by the linker.
 */
#include "glue.h"

#ifdef IRQPATH_CLEAN_PIRQS
#include <xen/pci.h>

#define CLEAN_PIRQS arch_pci_clean_pirqs
#else
/* Its own are left out. */
#define pcidevs_lock unused_pcidevs_lock
#define pcidevs_locked unused_pcidevs_locked
#undef __initcall
#define __initcall(function) static const initcall_t unused_##function __attribute__((__unused__)) = function
#include "xen/drivers/passthrough/pci.c"

#define CLEAN_PIRQS pci_clean_dpci_irqs
#endif

int irqpath_clean_pirqs(void *domain)
{
    struct domain *d = domain;

#ifdef IRQPATH_CLEAN_VOID
    CLEAN_PIRQS(d);
    return 0;
#else
    return CLEAN_PIRQS(d) != 0;
#endif
}
