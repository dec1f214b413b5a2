/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles files of a hypervisor's tree, unmodified, into a code object (code/object.h). Messages go to stderr.
 */
#ifndef CODE_BUILD_BUILD_H
#define CODE_BUILD_BUILD_H

#include <stdbool.h>
#include <stdint.h>

enum build_status {
    BUILD_OK,
    BUILD_UNUSABLE, /* the tree, a file's name or the compiler cannot be used: nothing was compiled */
    BUILD_FAILED,   /* a file does not compile, or the object does not link */
    BUILD_IO,       /* a file cannot be written */
};

struct build_request {
    const char *tree;
    const char *files;    /* separated by commas; "all"; NULL: the default */
    const char *compiler; /* NULL: $CC, gcc or clang */
    const char *output;
    const char *sources; /* folder that has models/xen/code and sim/code/abi */
    uint32_t optimise;   /* 0..3 */
    bool is_quiet;       /* no warnings of ours */
};

/* tasklet.c, the dPCI code, softirq.c, vmsi.c and hvm/irq.c of Xen 4.4 and later. */
enum build_status build_xen(const struct build_request *request);

/* VFIO's INTx, KVM's irqfd and what they rest on, of Linux 6.1 and later, by the tree's own build; `optimise` does not
 * matter. `files` are compiled in addition. */
enum build_status build_linux(const struct build_request *request);

/* hw/i386/kvm/xen_evtchn.c of QEMU 8.0 and later; needs python3 and glib's headers. */
enum build_status build_qemu(const struct build_request *request);

#endif
