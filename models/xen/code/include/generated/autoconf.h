/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The configuration of the tree, read before each file: x86 with HVM, PCI and an IOMMU, 1024 CPUs, structures with the
 * layout of a release. Newer trees ask for CONFIG_ names, those before Kconfig (4.7) for HAS_ ones.
 */
#ifndef IRQPATH_AUTOCONF_H
#define IRQPATH_AUTOCONF_H

#define NDEBUG

#define CONFIG_X86 1
#define CONFIG_X86_64 1
#define CONFIG_64BIT 1
#define CONFIG_NR_CPUS 1024
#define CONFIG_PAGING_LEVELS 4
#define CONFIG_ACPI 1
#define CONFIG_NUMA 1

#define CONFIG_HVM 1
#define CONFIG_AMD 1
#define CONFIG_AMD_IOMMU 1
#define CONFIG_AMD_SVM 1
#define CONFIG_INTEL 1
#define CONFIG_INTEL_IOMMU 1
#define CONFIG_INTEL_VMX 1

#define CONFIG_HAS_ALTERNATIVE 1
#define CONFIG_HAS_IOPORTS 1
#define CONFIG_HAS_MEM_ACCESS 1
#define CONFIG_HAS_MEM_PAGING 1
#define CONFIG_HAS_MEM_SHARING 1
#define CONFIG_HAS_PASSTHROUGH 1
#define CONFIG_HAS_PCI 1
#define CONFIG_HAS_PCI_MSI 1
#define CONFIG_HAS_PDX 1
#define CONFIG_HAS_PIRQ 1
#define CONFIG_HAS_VPCI 1
#define CONFIG_NEEDS_LIBELF 1
#define CONFIG_PDX_COMPRESSION 1
#define CONFIG_PDX_MASK_COMPRESSION 1

#define MAX_PHYS_CPUS CONFIG_NR_CPUS
#define HAS_ACPI 1
#define HAS_IOPORTS 1
#define HAS_PASSTHROUGH 1
#define HAS_PCI 1
#define HAS_PDX 1

#endif
