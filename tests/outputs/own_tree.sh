#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# own_tree.sh: makes two folders in the shape of a tree of Xen, `base` and `new`, whose only files with code are
# tests/models/xen/own_files.c; `sources`, whose glue is empty, for IRQPATH_CODE; and race.patch, which leads from `base`
# to `new`: an interrupt that looks first and stores then.
set -e
for tree in base new; do
    mkdir -p $tree/xen/common $tree/xen/include/xen $tree/xen/drivers/passthrough/x86 $tree/xen/arch/x86/include/asm
    touch $tree/xen/include/xen/config.h $tree/xen/include/xen/sched.h $tree/xen/arch/x86/include/asm/current.h
    echo 'int tasklets;' >$tree/xen/common/tasklet.c
    printf 'export XEN_VERSION = 4\nexport XEN_SUBVERSION = 17\nexport XEN_EXTRAVERSION ?= .5\n' >$tree/xen/Makefile
    cp "$SOURCE/tests/models/xen/own_softirqs.h" $tree/xen/include/xen/
    sed 's/\<BAD\>//' "$SOURCE/tests/models/xen/own_files.c" >$tree/xen/drivers/passthrough/x86/hvm.c
done
sed -i 's/^    if (__atomic_fetch_or(&pirq->state, 1, __ATOMIC_SEQ_CST) & 1)$/    unsigned before = pirq->state;\n\n    pirq->state = 1;\n    if (before)/' \
    new/xen/drivers/passthrough/x86/hvm.c
diff -u base/xen/drivers/passthrough/x86/hvm.c new/xen/drivers/passthrough/x86/hvm.c >race.patch || [ $? -eq 1 ]

code=sources/models/xen/code
mkdir -p $code/include/generated $code/include/irqpath sources/sim/code
cp -r "$SOURCE/sim/code/abi" sources/sim/code/
cp "$SOURCE"/models/xen/code/*.h "$SOURCE/tests/models/own_said.h" $code/
touch $code/include/generated/autoconf.h $code/include/irqpath/visible.h $code/features
for part in "$SOURCE"/models/xen/code/*.c; do
    part=$(basename "$part" .c)
    echo "int part_$part;" >"$code/$part.c"
done
