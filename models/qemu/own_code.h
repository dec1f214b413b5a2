/* SPDX-License-Identifier: Apache-2.0
 *
 * hw/i386/kvm/xen_evtchn.c of a QEMU tree (a code object, models/qemu/code/irqpath_qemu.h) in place of
 * qemu-pirq-merged's port and PIRQ tables: port.c, pirq.c, message.c and gsi.c call these functions instead if
 * qemu->code is set, and what invariants and metrics look at is read from its memory. The other parts of QEMU, KVM and
 * the guest are the model's.
 */
#ifndef QEMU_OWN_CODE_H
#define QEMU_OWN_CODE_H

#include "models/qemu/qemu.h"

/* At boot, when tables and vCPUs are there. Sets qemu->code, which stays NULL if the setup has no object. */
void qemu_own_code_boot(struct qemu *q);
/* When all devices are there. */
void qemu_own_code_started(const struct qemu *q);
void qemu_own_device_boot(struct qemu_device *device);
/* The state in which the driver has bound the vector. */
void qemu_own_driver_boot(struct qemu *q, struct qemu_vector *vector, uint32_t vcpu);

/* The function of the same name that a hypercall leads to; `result` as there. */
int qemu_own_map_pirq(struct cpu *cpu, struct qemu *q, int32_t pirq, uint32_t gsi);
int qemu_own_unmap_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq);
int qemu_own_get_free_pirq(struct cpu *cpu, struct qemu *q);
int qemu_own_eoi(struct cpu *cpu, struct qemu *q, uint32_t pirq);
int qemu_own_query(struct cpu *cpu, struct qemu *q, uint32_t pirq, bool *needs_eoi);
int qemu_own_bind_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq);
int qemu_own_bind_vcpu(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu);
int qemu_own_bind_ipi(struct cpu *cpu, struct qemu *q, uint32_t vcpu);
int qemu_own_bind_loopback(struct cpu *cpu, struct qemu *q, uint32_t remote_port);
int qemu_own_unmask(struct cpu *cpu, struct qemu *q, uint32_t port);
int qemu_own_send(struct cpu *cpu, struct qemu *q, uint32_t port);
int qemu_own_close(struct cpu *cpu, struct qemu *q, uint32_t port);
int qemu_own_reset(struct cpu *cpu, struct qemu *q);
void qemu_own_notify(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);

void qemu_own_snoop(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector);
int qemu_own_translate(struct cpu *cpu, struct qemu *q, const struct qemu_vector *vector, struct route *route);
bool qemu_own_deliver(struct cpu *cpu, struct qemu *q, const struct qemu_vector *vector);

bool qemu_own_set_gsi(struct cpu *cpu, struct qemu *q, uint32_t gsi, bool *level);
void qemu_own_callback_level(struct cpu *cpu, struct qemu *q, bool level);
void qemu_own_callback_bottom_half(struct cpu *cpu, struct qemu *q);
void qemu_own_callback_param(struct cpu *cpu, struct qemu *q);

/* The destination of a migration, after what the model keeps of its own. */
void qemu_own_migrate(struct cpu *cpu, struct qemu *q);

#endif
