/* SPDX-License-Identifier: Apache-2.0
 *
 * What a family has of its own in a setup, for tests that write it.
 */
#ifndef TESTS_OWN_H
#define TESTS_OWN_H

#include "models/nvme/setup.h"
#include "models/qemu/setup.h"
#include "models/vfio/setup.h"
#include "models/xen/setup.h"

static inline struct xen_setup *own_xen(struct setup *setup) { return (void *)setup->own; }
static inline struct xen_guest_setup *own_xen_guest(struct guest_setup *guest) { return (void *)guest->own; }
static inline struct xen_device_setup *own_xen_device(struct device_setup *device) { return (void *)device->own; }
static inline struct xen_action_setup *own_xen_action(struct action_setup *action) { return (void *)action->own; }

static inline struct host_costs *own_host(struct setup *setup) { return (void *)setup->own; }

static inline struct vfio_setup *own_vfio(struct setup *setup) { return (void *)setup->own; }
static inline struct vfio_guest_setup *own_vfio_guest(struct guest_setup *guest) { return (void *)guest->own; }
static inline struct vfio_device_setup *own_vfio_device(struct device_setup *device) { return (void *)device->own; }

static inline struct qemu_setup *own_qemu(struct setup *setup) { return (void *)setup->own; }
static inline struct qemu_device_setup *own_qemu_device(struct device_setup *device) { return (void *)device->own; }
static inline struct qemu_action_setup *own_qemu_action(struct action_setup *action) { return (void *)action->own; }

static inline struct nvme_device_setup *own_nvme_device(struct device_setup *device) { return (void *)device->own; }

#endif
