/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder in the shape of a tree of Xen, whose files are a few lines of ours.
 */
#ifndef CODE_BUILD_XEN_FOLDERS_H
#define CODE_BUILD_XEN_FOLDERS_H

/* Shell commands, a format for the folder's path: tree/ and old/ are trees; sources/ has, in place of models/xen/code
 * and sim/code/abi, a glue that needs nothing of them. */
static const char xen_folders[] =
    "set -e; cd %s; mkdir -p tree/xen/common tree/xen/include/xen tree/xen/drivers/passthrough/x86 tree/xen/lib\n"
    "mkdir -p tree/xen/arch/x86/include/asm tree/xen/arch/x86/hvm tree/xen/include/asm-generic old/xen/common\n"
    "mkdir -p old/xen/include/asm-x86 old/xen/include/xen old/xen/drivers/passthrough other sources/sim/code/abi\n"
    "mkdir -p sources/models/xen/code/include/generated sources/models/xen/code/include/irqpath\n"
    "touch tree/xen/include/xen/config.h tree/xen/arch/x86/include/asm/current.h\n"
    "cp tree/xen/include/xen/config.h old/xen/include/xen/; touch old/xen/include/asm-x86/current.h\n"
    "echo 'struct timer;' >tree/xen/include/xen/sched.h; cp tree/xen/include/xen/sched.h old/xen/include/xen/\n"
    "echo 'int generic;' >tree/xen/include/asm-generic/shared.h\n"
    "printf '%%s\\n' '#include <asm/shared.h>' '#include <irqpath.h>' 'void elsewhere(void);' 'int shared;' \\\n"
    "  'int tasklet(void) { elsewhere(); return shared += (int)irqpath_cpu() + IRQPATH_TIMERS; }' "
    ">tree/xen/common/tasklet.c\n"
    "echo 'int dpci(int i) { return i; }' >tree/xen/drivers/passthrough/x86/hvm.c\n"
    "echo 'int wrong(void) { return undeclared(); }' >tree/xen/common/softirq.c\n"
    "echo 'int lines;' >tree/xen/arch/x86/hvm/irq.c\n"
    "printf 'export XEN_VERSION = 4\\nexport XEN_SUBVERSION = 17\\nexport XEN_EXTRAVERSION ?= .5$(V)\\n' "
    ">tree/xen/Makefile\n"
    "cp tree/xen/drivers/passthrough/x86/hvm.c old/xen/drivers/passthrough/io.c; echo 'int t;' "
    ">old/xen/common/tasklet.c\n"
    "cd sources/models/xen/code; touch include/generated/autoconf.h include/irqpath/visible.h\n"
    "for f in glue_boot glue_locks glue_names seen_memory glue_tasklet seen_tasklet glue_dpci glue_dpci_calls \\\n"
    "  seen_clean glue_no_softirq glue_softirq seen_softirq glue_no_vmsi glue_vmsi glue_no_irq glue_irq seen_irq\n"
    "do echo \"int part_$f;\" >$f.c; done\n"
    "printf '# comment\\nTIMERS xen/sched.h struct timer;\\nNONE xen/sched.h struct none;\\n' >features\n"
    "printf '#define IRQPATH_ABI 1\\nunsigned irqpath_cpu(void);\\n' >../../../sim/code/abi/irqpath.h";

#endif
