/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Between irqpath's model of QEMU's Xen event channels and hw/i386/kvm/xen_evtchn.c of a QEMU tree. evtchn.c, which
 * includes that file, implements the first part; qemu.c implements what the file needs of QEMU, in terms of the second
 * part, which the model implements (models/qemu/own_code.c). Functions marked "peek" take no time and access memory
 * without instrumentation. A negative result is an errno.
 */
#ifndef IRQPATH_QEMU_H
#define IRQPATH_QEMU_H

#include "irqpath.h"

/* --- 1. the object, for the model --- */

/* At boot: creates the device, for these vCPUs and GSIs. */
void irqpath_evtchn_boot(unsigned vcpus, unsigned gsis);

/* Hypercalls. map_pirq: `pirq` -1: any. bind_*: the port; query_pirq: 1 if the PIRQ needs an EOI. */
int irqpath_evtchn_map_pirq(int pirq, int gsi);
int irqpath_evtchn_unmap_pirq(int pirq);
int irqpath_evtchn_get_free_pirq(void);
int irqpath_evtchn_eoi_pirq(int pirq);
int irqpath_evtchn_query_pirq(int pirq);
int irqpath_evtchn_bind_pirq(unsigned pirq);
int irqpath_evtchn_bind_vcpu(unsigned port, unsigned vcpu);
int irqpath_evtchn_bind_ipi(unsigned vcpu);
int irqpath_evtchn_bind_loopback(unsigned remote_port);
int irqpath_evtchn_unmask(unsigned port);
int irqpath_evtchn_send(unsigned port);
int irqpath_evtchn_close(unsigned port);
int irqpath_evtchn_reset(void);

/* HVM_PARAM_CALLBACK_IRQ. set_callback_level: as the exit handler calls it. callback_bh: the bottom half. */
enum irqpath_callback { IRQPATH_CALLBACK_GSI, IRQPATH_CALLBACK_VECTOR };
int irqpath_evtchn_set_callback(enum irqpath_callback kind, unsigned number);
void irqpath_evtchn_set_callback_level(int level);
void irqpath_evtchn_callback_bh(void);

/* Calls of QEMU's other parts. set_gsi: whether the I/O APIC must not see the level. A message names a PIRQ. */
int irqpath_evtchn_set_gsi(int gsi, int *level);
void *irqpath_evtchn_device_new(void *host); /* at boot */
void irqpath_evtchn_snoop(void *device, int is_msix, unsigned vector, unsigned pirq, int is_masked);
struct irqpath_route {
    unsigned port, vcpu;
};
int irqpath_evtchn_translate(unsigned pirq, struct irqpath_route *route); /* 1: no PIRQ */
int irqpath_evtchn_deliver(unsigned pirq);

/* A paravirtual backend: at boot, its handle and the guest's port; and a notification. */
void *irqpath_evtchn_backend_new(unsigned vcpu, unsigned *port);
int irqpath_evtchn_backend_notify(void *backend);

/* A new device gets what the migration stream keeps of this one (the vmstate's fields) and takes its place. */
void irqpath_evtchn_migrate(void);

/* The guest's pages: addresses of 64-bit words, of the byte and of the selector. */
void *irqpath_evtchn_pending(unsigned word);
void *irqpath_evtchn_mask(unsigned word);
void *irqpath_evtchn_upcall_pending(unsigned vcpu);
void *irqpath_evtchn_pending_sel(unsigned vcpu);

/* Peeks. */
enum irqpath_port_type {
    IRQPATH_PORT_CLOSED,
    IRQPATH_PORT_UNBOUND,
    IRQPATH_PORT_INTERDOMAIN,
    IRQPATH_PORT_PIRQ,
    IRQPATH_PORT_VIRQ,
    IRQPATH_PORT_IPI
};
struct irqpath_port_state {
    enum irqpath_port_type type;
    unsigned vcpu, value; /* value: the PIRQ, or the other end; 0 where that is a backend */
};
void irqpath_evtchn_port_peek(unsigned port, struct irqpath_port_state *state);
struct irqpath_pirq_state {
    int gsi; /* -1: unbound; -3: a message */
    unsigned port;
    int is_used, is_masked, is_translated;
};
void irqpath_evtchn_pirq_peek(unsigned pirq, struct irqpath_pirq_state *state);
unsigned irqpath_evtchn_gsi_pirq_peek(unsigned gsi);
unsigned irqpath_evtchn_gsi_level_peek(void); /* bitmap */
unsigned irqpath_evtchn_ports_peek(void);     /* one more than the highest open port */
/* The parts of the device that belong to the ports, and to the backends, from a number on: offsets and bytes. */
struct irqpath_unused {
    void *device;
    unsigned long ports, port_bytes, handles, handle_bytes;
};
void irqpath_evtchn_unused_peek(unsigned from, struct irqpath_unused *unused);

/* --- between evtchn.c and qemu.c --- */

void *irqpath_evtchn_instance_new(const void *type); /* of the TypeInfo */
extern void *irqpath_qemu_page;                      /* struct shared_info */
extern char *irqpath_qemu_infos;                     /* struct vcpu_info of each vCPU, 64 bytes each */
extern void (*irqpath_qemu_bh)(void *opaque);        /* the bottom half */
extern void *irqpath_qemu_bh_opaque;

/* --- 2. the model, for qemu.c --- */

int irqpath_qemu_bql_is_mine(void);
void irqpath_qemu_bql_lock(const char *file, int line);
void irqpath_qemu_bql_unlock(void);
void irqpath_qemu_mutex_init(void *mutex);
void irqpath_qemu_mutex_lock(void *mutex, const char *file, int line);
void irqpath_qemu_mutex_unlock(void *mutex);

unsigned irqpath_qemu_pirqs(void);
unsigned irqpath_qemu_vcpus(void);
int irqpath_qemu_has_kernel(void);      /* KVM posts events */
int irqpath_qemu_has_vcpu_vector(void); /* each vCPU has a callback vector of its own */

int irqpath_qemu_kvm_send(unsigned port, unsigned vcpu); /* KVM_XEN_HVM_EVTCHN_SEND */
int irqpath_qemu_kvm_attribute(void);                    /* KVM_XEN_HVM_SET_ATTR */
void irqpath_qemu_update_routes(void);                   /* kvm_update_msi_routes_all */
int irqpath_qemu_inject_callback(unsigned vcpu);         /* 1: its GSI must be raised */
void irqpath_qemu_callback_asserted(void);
void irqpath_qemu_schedule_bh(void);
void irqpath_qemu_set_irq(unsigned gsi, int level);
void irqpath_qemu_set_mask(void *host, unsigned vector, int is_masked); /* of the device's message */

#endif
