/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Names of a domain's HVM part in newer and older trees.
 */
#ifndef IRQPATH_HVM_H
#define IRQPATH_HVM_H

#ifdef IRQPATH_HVM_DOMAIN
#define glue_hvm(d) ((d)->arch.hvm_domain)
#define glue_vcpu_hvm arch.hvm_vcpu /* of struct vcpu */
#define glue_vmx u.vmx
#else
#define glue_hvm(d) ((d)->arch.hvm)
#define glue_vcpu_hvm arch.hvm
#define glue_vmx vmx
#endif

#endif
