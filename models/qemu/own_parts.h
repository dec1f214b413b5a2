/* SPDX-License-Identifier: Apache-2.0
 *
 * What own_code.c and own_imports.c share: the functions of a code object of QEMU's event channels, by the names of
 * models/qemu/code/irqpath_qemu.h without the prefix.
 */
#ifndef QEMU_OWN_PARTS_H
#define QEMU_OWN_PARTS_H

#include "code/code.h"
#include "models/qemu/code/irqpath_qemu.h"
#include "models/qemu/qemu.h"

/* Lines of the file that have a text of their own. */
enum { PLACES = 4096, MUTEXES_MAX = 4 };

struct qemu_code {
    struct qemu *q;
    struct code *code;
    struct cpu *loader; /* loads the destination of a migration; NULL: there is none */
    char (*places)[12]; /* "line 1234", for steps */
    /* The BQL, and the device's mutexes in the order of their initialisation; `used` of them have an address. */
    struct mutex *mutexes[MUTEXES_MAX];
    const void *mutex_addresses[MUTEXES_MAX];
    uint32_t mutex_count, mutexes_used;
    uint32_t holders[MUTEXES_MAX]; /* CPU of the owner; UINT32_MAX: none */

    void (*boot)(unsigned vcpus, unsigned gsis);
    int (*map_pirq)(int pirq, int gsi);
    int (*unmap_pirq)(int pirq);
    int (*get_free_pirq)(void);
    int (*eoi_pirq)(int pirq);
    int (*query_pirq)(int pirq);
    int (*bind_pirq)(unsigned pirq);
    int (*bind_vcpu)(unsigned port, unsigned vcpu);
    int (*bind_ipi)(unsigned vcpu);
    int (*bind_loopback)(unsigned remote_port);
    int (*unmask)(unsigned port);
    int (*send)(unsigned port);
    int (*close)(unsigned port);
    int (*reset)(void);
    int (*set_callback)(enum irqpath_callback kind, unsigned number);
    void (*set_callback_level)(int level);
    void (*callback_bh)(void);
    int (*set_gsi)(int gsi, int *level);
    void *(*device_new)(void *host);
    void (*snoop)(void *device, int is_msix, unsigned vector, unsigned pirq, int is_masked);
    int (*translate)(unsigned pirq, struct irqpath_route *route);
    int (*deliver)(unsigned pirq);
    void *(*backend_new)(unsigned vcpu, unsigned *port);
    int (*backend_notify)(void *backend);
    void (*migrate)(void);
    void *(*pending)(unsigned word);
    void *(*mask)(unsigned word);
    void *(*upcall_pending)(unsigned vcpu);
    void *(*pending_sel)(unsigned vcpu);
    void (*port_peek)(unsigned port, struct irqpath_port_state *state);
    void (*pirq_peek)(unsigned pirq, struct irqpath_pirq_state *state);
    unsigned (*gsi_pirq_peek)(unsigned gsi);
    unsigned (*gsi_level_peek)(void);
    unsigned (*ports_peek)(void);
    void (*unused_peek)(unsigned from, struct irqpath_unused *unused);
};

/* At boot. Explored, the mutex is known to races.h as a lock: whether its owner runs on a CPU. */
void qemu_own_mutex_add(struct qemu_code *own, struct mutex *mutex);
/* After a change of an owner. */
void qemu_own_see_mutexes(struct qemu_code *own);

/* The second part of irqpath_qemu.h; ends with a NULL name. */
extern const struct code_import qemu_code_imports[];

#endif
