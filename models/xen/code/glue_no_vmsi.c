/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * arch/x86/hvm/vmsi.c's part, when that file is not among the tree's: by the model.
 */
#include "glue.h"

#include <asm/hvm/irq.h>
#include <asm/hvm/support.h>

int msixtbl_pt_register(struct domain *d, struct pirq *pirq, uint64_t gtable)
{
    (void)d;
    (void)pirq;
    return gtable ? -ENODEV : 0;
}

void msixtbl_pt_unregister(struct domain *d, struct pirq *pirq)
{
    (void)d;
    (void)pirq;
}

void vmsi_deliver_pirq(struct domain *d, const struct hvm_pirq_dpci *dpci)
{
    (void)d;
    irqpath_deliver_msi(glue_pirq_of(dpci_pirq((struct hvm_pirq_dpci *)dpci))->host);
}

/* The vCPU that alone matches the destination; -1: none or several. */
int hvm_girq_dest_2_vcpu_id(struct domain *d, uint8_t dest, uint8_t is_logical)
{
    int found = -1;
    unsigned int i;

    if (d->max_vcpus == 1)
        return 0;
    for (i = 0; i < d->max_vcpus; i++) {
        if (!irqpath_matches_dest(glue_host_vcpu(d->vcpu[i]), dest, is_logical))
            continue;
        if (found >= 0)
            return -1;
        found = (int)i;
    }
    return found;
}
