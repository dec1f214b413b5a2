/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The configuration of a tree that has Kconfig: x86 with HVM and the IOMMU, a release's layouts.
 */
#define CONFIG_X86 1
#define CONFIG_X86_64 1
#define CONFIG_64BIT 1
#define CONFIG_HVM 1
#define CONFIG_HAS_PASSTHROUGH 1
#define CONFIG_HAS_PCI 1
#define CONFIG_HAS_PCI_MSI 1
#define CONFIG_NR_CPUS 1024
#define CONFIG_ACPI 1
#define CONFIG_HAS_PDX 1
#define CONFIG_PDX_COMPRESSION 1
#define CONFIG_HAS_IOPORTS 1
#define CONFIG_HAS_ALTERNATIVE 1
#define CONFIG_INTEL 1
#define CONFIG_AMD 1
#define CONFIG_INTEL_VMX 1
#define CONFIG_AMD_SVM 1
#define CONFIG_INTEL_IOMMU 1
#define CONFIG_AMD_IOMMU 1
#define CONFIG_HAS_VPCI 1
#define CONFIG_X86_64 1
#define CONFIG_NEEDS_LIBELF 1
#define CONFIG_NUMA 1
#define CONFIG_HAS_NS16550 1
#define CONFIG_SCHED_CREDIT 1
#define CONFIG_SCHED_CREDIT2 1
#define CONFIG_SCHED_DEFAULT "credit2"
#define CONFIG_PAGING_LEVELS 4
