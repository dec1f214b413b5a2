/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * hw/i386/kvm/xen_evtchn.c of the tree, and behind it what needs its private structures: the arguments of its
 * functions, its vmstate, and peeks. Only the tree's part is instrumented.
 */
#include "hw/i386/kvm/xen_evtchn.c"

#include "irqpath_qemu.h"

#if defined(__clang__)
#define OURS __attribute__((__used__, __no_sanitize__("thread"), __no_sanitize__("coverage")))
#else
#define OURS __attribute__((__used__, __no_sanitize__("thread"), __no_sanitize_coverage__))
#endif

#ifdef IRQPATH_HAS_TYPE_VAL /* before XenEvtchnPort had a union */
#define PORT_VALUE(p) ((p)->type_val)
#define PORT_OTHER_END(p) ((p)->type_val & PORT_INFO_TYPEVAL_REMOTE_QEMU ? 0 : (p)->type_val)
#else
#define PORT_VALUE(p) ((p)->u.val)
#define PORT_OTHER_END(p) ((p)->u.interdomain.to_qemu ? 0 : (p)->u.interdomain.port)
#endif

enum { DEVICE_BYTES = 64, BACKENDS_MAX = 64, WORD_BITS = 64, NAMED = 32 };

static unsigned irq_count;
static qemu_irq *irqs; /* of the machine: number + 1, never dereferenced */
static struct xenevtchn_handle *backends[BACKENDS_MAX];
static unsigned backend_count;

OURS static XenEvtchnState *state(void) { return xen_evtchn_singleton; }

/* --- boot --- */

OURS static void create(void)
{
    XenEvtchnState *s;
    unsigned i;

    xen_evtchn_create(irq_count, irqs);
    s = state();
    for (i = 0; i < s->nr_pirqs; i++) /* the first that GSIs and messages get */
        if (i < NAMED || i >= s->nr_pirqs - NAMED)
            irqpath_name(&s->pirq[i], sizeof(s->pirq[i]), "struct pirq_info", "pirq ", i);
    irqpath_name(s->pirq_inuse_bitmap, s->nr_pirq_inuse_words * sizeof(uint64_t), NULL, "pirq_inuse_bitmap ", 0);
}

OURS void irqpath_evtchn_boot(unsigned vcpus, unsigned gsis)
{
    struct shared_info *page = irqpath_alloc(sizeof(*page), "struct shared_info");
    unsigned i;

    irqpath_name(page, sizeof(*page), "struct shared_info", "shared_info", 0);
    for (i = 0; i < sizeof(page->evtchn_mask) / sizeof(page->evtchn_mask[0]); i++)
        page->evtchn_mask[i] = ~(xen_ulong_t)0;
    irqpath_qemu_page = page;
    irqpath_qemu_infos = irqpath_alloc(vcpus * sizeof(struct vcpu_info), NULL);
    for (i = 0; i < vcpus; i++)
        irqpath_name(irqpath_qemu_infos + i * sizeof(struct vcpu_info), sizeof(struct vcpu_info), "struct vcpu_info",
                     "vcpu_info ", i);
    irq_count = gsis;
    irqs = irqpath_alloc(gsis * sizeof(*irqs), NULL);
    for (i = 0; i < gsis; i++)
        irqs[i] = (qemu_irq)(uintptr_t)(i + 1);
    create();
}

/* --- the guest's pages --- */

OURS void *irqpath_evtchn_pending(unsigned word)
{
    return &((struct shared_info *)irqpath_qemu_page)->evtchn_pending[word];
}

OURS void *irqpath_evtchn_mask(unsigned word) { return &((struct shared_info *)irqpath_qemu_page)->evtchn_mask[word]; }

OURS void *irqpath_evtchn_upcall_pending(unsigned vcpu)
{
    return &((struct vcpu_info *)irqpath_qemu_infos)[vcpu].evtchn_upcall_pending;
}

OURS void *irqpath_evtchn_pending_sel(unsigned vcpu)
{
    return &((struct vcpu_info *)irqpath_qemu_infos)[vcpu].evtchn_pending_sel;
}

/* --- hypercalls --- */

OURS int irqpath_evtchn_map_pirq(int pirq, int gsi)
{
    struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = gsi, .pirq = pirq };
    int result = xen_physdev_map_pirq(&map);

    return result < 0 ? result : map.pirq;
}

OURS int irqpath_evtchn_unmap_pirq(int pirq)
{
    struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = pirq };

    return xen_physdev_unmap_pirq(&unmap);
}

OURS int irqpath_evtchn_get_free_pirq(void)
{
    struct physdev_get_free_pirq get = { .type = MAP_PIRQ_TYPE_MSI };
    int result = xen_physdev_get_free_pirq(&get);

    return result < 0 ? result : (int)get.pirq;
}

OURS int irqpath_evtchn_eoi_pirq(int pirq)
{
    struct physdev_eoi eoi = { .irq = pirq };

    return xen_physdev_eoi_pirq(&eoi);
}

OURS int irqpath_evtchn_query_pirq(int pirq)
{
    struct physdev_irq_status_query query = { .irq = pirq };
    int result = xen_physdev_query_pirq(&query);

    return result < 0 ? result : (query.flags & XENIRQSTAT_needs_eoi) != 0;
}

OURS int irqpath_evtchn_bind_pirq(unsigned pirq)
{
    struct evtchn_bind_pirq bind = { .pirq = pirq };
    int result = xen_evtchn_bind_pirq_op(&bind);

    return result < 0 ? result : (int)bind.port;
}

OURS int irqpath_evtchn_bind_vcpu(unsigned port, unsigned vcpu)
{
    struct evtchn_bind_vcpu bind = { .port = port, .vcpu = vcpu };

    return xen_evtchn_bind_vcpu_op(&bind);
}

OURS int irqpath_evtchn_bind_ipi(unsigned vcpu)
{
    struct evtchn_bind_ipi bind = { .vcpu = vcpu };
    int result = xen_evtchn_bind_ipi_op(&bind);

    return result < 0 ? result : (int)bind.port;
}

OURS int irqpath_evtchn_bind_loopback(unsigned remote_port)
{
    struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF, .remote_port = remote_port };
    int result = xen_evtchn_bind_interdomain_op(&bind);

    return result < 0 ? result : (int)bind.local_port;
}

OURS int irqpath_evtchn_unmask(unsigned port)
{
    struct evtchn_unmask unmask = { .port = port };

    return xen_evtchn_unmask_op(&unmask);
}

OURS int irqpath_evtchn_send(unsigned port)
{
    struct evtchn_send send = { .port = port };

    return xen_evtchn_send_op(&send);
}

OURS int irqpath_evtchn_close(unsigned port)
{
    struct evtchn_close close_port = { .port = port };

    return xen_evtchn_close_op(&close_port);
}

OURS int irqpath_evtchn_reset(void)
{
    struct evtchn_reset reset = { .dom = DOMID_SELF };

    return xen_evtchn_reset_op(&reset);
}

/* --- the callback --- */

OURS int irqpath_evtchn_set_callback(enum irqpath_callback kind, unsigned number)
{
    uint64_t type = kind == IRQPATH_CALLBACK_GSI ? HVM_PARAM_CALLBACK_TYPE_GSI : HVM_PARAM_CALLBACK_TYPE_VECTOR;

    return xen_evtchn_set_callback_param(type << CALLBACK_VIA_TYPE_SHIFT | number);
}

OURS void irqpath_evtchn_set_callback_level(int level) { xen_evtchn_set_callback_level(level); }

/* Before QEMU 9.2, the function does not change the level. */
OURS int irqpath_evtchn_set_gsi(int gsi, int *level)
{
    void *function = (void *)xen_evtchn_set_gsi;

    if (__builtin_types_compatible_p(__typeof__(xen_evtchn_set_gsi), bool(int, int)))
        return ((bool (*)(int, int))function)(gsi, *level);
    return ((bool (*)(int, int *))function)(gsi, level);
}

/* --- messages: the PIRQ's low 8 bits are bits 12 to 19 of the address, the others bits 40 to 63 --- */

OURS static uint64_t address_of(unsigned pirq)
{
    return 0xfee00000u | (uint64_t)(pirq & 0xff) << 12 | (uint64_t)(pirq & ~0xffu) << 32;
}

OURS void *irqpath_evtchn_device_new(void *host)
{
    void **device = irqpath_alloc(DEVICE_BYTES, NULL);

    *device = host;
    return device;
}

OURS void irqpath_evtchn_snoop(void *device, int is_msix, unsigned vector, unsigned pirq, int is_masked)
{
    xen_evtchn_snoop_msi(device, is_msix, vector, address_of(pirq), 0, is_masked);
}

OURS int irqpath_evtchn_translate(unsigned pirq, struct irqpath_route *route)
{
    struct kvm_irq_routing_entry entry = { .type = 0 };
    int result = xen_evtchn_translate_pirq_msi(&entry, address_of(pirq), 0);

    if (result == 0)
        *route = (struct irqpath_route){ entry.u.xen_evtchn.port, entry.u.xen_evtchn.vcpu };
    return result;
}

OURS int irqpath_evtchn_deliver(unsigned pirq) { return xen_evtchn_deliver_pirq_msi(address_of(pirq), 0); }

/* --- backends --- */

OURS void *irqpath_evtchn_backend_new(unsigned vcpu, unsigned *port)
{
    struct evtchn_alloc_unbound unbound = { .dom = DOMID_SELF, .remote_dom = DOMID_QEMU };
    struct evtchn_bind_vcpu bind = { .vcpu = vcpu };
    struct xenevtchn_handle *backend = xen_be_evtchn_open();

    if (backend_count == BACKENDS_MAX)
        irqpath_bug("there are more backends than irqpath has room for");
    backends[backend_count++] = backend;
    if (xen_evtchn_alloc_unbound_op(&unbound) != 0)
        irqpath_bug("a backend gets no port");
    bind.port = *port = unbound.port;
    if (xen_be_evtchn_bind_interdomain(backend, xen_domid, unbound.port) < 0 || xen_evtchn_bind_vcpu_op(&bind) != 0)
        irqpath_bug("a backend cannot be bound to its port");
    return backend;
}

OURS int irqpath_evtchn_backend_notify(void *backend)
{
    struct xenevtchn_handle *handle = backend;

    return xen_be_evtchn_notify(handle, handle->be_port);
}

/* --- peeks --- */

OURS void irqpath_evtchn_port_peek(unsigned port, struct irqpath_port_state *peeked)
{
    const XenEvtchnPort *p = &state()->port_table[port];

    *peeked = (struct irqpath_port_state){ .vcpu = p->vcpu, .value = PORT_VALUE(p) };
    switch (p->type) {
    case EVTCHNSTAT_closed:
        peeked->type = IRQPATH_PORT_CLOSED;
        break;
    case EVTCHNSTAT_unbound:
        peeked->type = IRQPATH_PORT_UNBOUND;
        break;
    case EVTCHNSTAT_interdomain:
        peeked->type = IRQPATH_PORT_INTERDOMAIN;
        peeked->value = PORT_OTHER_END(p);
        break;
    case EVTCHNSTAT_pirq:
        peeked->type = IRQPATH_PORT_PIRQ;
        break;
    case EVTCHNSTAT_virq:
        peeked->type = IRQPATH_PORT_VIRQ;
        break;
    default:
        peeked->type = IRQPATH_PORT_IPI;
        break;
    }
}

OURS void irqpath_evtchn_pirq_peek(unsigned number, struct irqpath_pirq_state *peeked)
{
    const XenEvtchnState *s = state();
    const struct pirq_info *pirq = &s->pirq[number];

    *peeked = (struct irqpath_pirq_state){
        .gsi = pirq->gsi,
        .port = pirq->port,
        .is_used = (s->pirq_inuse_bitmap[number / WORD_BITS] >> (number % WORD_BITS) & 1) != 0,
        .is_masked = pirq->is_masked,
        .is_translated = pirq->is_translated,
    };
}

OURS unsigned irqpath_evtchn_gsi_pirq_peek(unsigned gsi) { return state()->gsi_pirq[gsi]; }
OURS unsigned irqpath_evtchn_gsi_level_peek(void) { return state()->pirq_gsi_set; }
OURS unsigned irqpath_evtchn_ports_peek(void) { return state()->nr_ports; }

OURS void irqpath_evtchn_unused_peek(unsigned from, struct irqpath_unused *unused)
{
    const char *base = (const char *)state();

    unused->device = state();
    unused->ports = (const char *)&state()->port_table[from] - base;
    unused->port_bytes = sizeof(state()->port_table) - from * sizeof(state()->port_table[0]);
    unused->handles = (const char *)&state()->be_handles[from] - base;
    unused->handle_bytes = sizeof(state()->be_handles) - from * sizeof(state()->be_handles[0]);
}

/* --- creation, of which qemu.c does the part of the device tree --- */

static const VMStateDescription *vmstate_of_class;

OURS void *irqpath_evtchn_instance_new(const void *type)
{
    const TypeInfo *info = type;

    if (!vmstate_of_class) {
        DeviceClass *class = irqpath_alloc(sizeof(*class), NULL);

        info->class_init((ObjectClass *)class, NULL);
        vmstate_of_class = class->vmsd;
        irqpath_free(class);
    }
    return irqpath_alloc(info->instance_size, "XenEvtchnState");
}

/* --- migration --- */

OURS static unsigned long count_of(const VMStateField *field, const char *device)
{
    const char *number = device + field->num_offset;

    if (field->flags & VMS_ARRAY)
        return (unsigned long)field->num;
    if (field->flags & VMS_VARRAY_UINT8)
        return *(const uint8_t *)number;
    if (field->flags & VMS_VARRAY_UINT16)
        return *(const uint16_t *)number;
    if (field->flags & VMS_VARRAY_UINT32)
        return *(const uint32_t *)number;
    if (field->flags & VMS_VARRAY_INT32)
        return (unsigned long)*(const int32_t *)number;
    return 1;
}

/* A field of the new device gets its value from the old one. Only kinds of fields that this device has. */
OURS static void load_fields(const VMStateDescription *vmstate, char *to, char *from)
{
    const VMStateField *field;
    unsigned long i, count;

    for (field = vmstate->fields; field->name && field->size; field++) {
        char *old = from + field->offset, *new = to + field->offset;

        if (field->flags & (VMS_BUFFER | VMS_VBUFFER | VMS_MULTIPLY | VMS_MULTIPLY_ELEMENTS | VMS_ARRAY_OF_POINTER))
            irqpath_bug("the vmstate has a kind of field that irqpath does not know");
        if (field->field_exists && !field->field_exists(from, vmstate->version_id))
            continue;
        count = count_of(field, to);
        if (field->flags & VMS_POINTER) {
            old = *(char **)old;
            if (field->flags & VMS_ALLOC)
                *(char **)new = irqpath_alloc(count * field->size, NULL);
            new = *(char **)new;
        }
        for (i = 0; i < count; i++) {
            if (field->flags & VMS_STRUCT)
                load_fields(field->vmsd, new + i * field->size, old + i * field->size);
            else
                memcpy(new + i * field->size, old + i * field->size, field->size);
        }
    }
}

OURS void irqpath_evtchn_migrate(void)
{
    XenEvtchnState *old = state();
    const VMStateDescription *vmstate = vmstate_of_class;
    unsigned i;

    create();
    if (vmstate->pre_load && vmstate->pre_load(state()) != 0)
        irqpath_bug("the device's pre_load fails");
    load_fields(vmstate, (char *)state(), (char *)old);
    if (vmstate->post_load && vmstate->post_load(state(), vmstate->version_id) != 0)
        irqpath_bug("the device's post_load fails");
    irqpath_free(old->pirq);
    irqpath_free(old->pirq_inuse_bitmap);
    irqpath_free(old->callback_gsis);
    irqpath_free(old);
    for (i = 0; i < backend_count; i++) {
        unsigned port = backends[i]->guest_port;

        backends[i]->guest_port = 0;
        (void)xen_be_evtchn_bind_interdomain(backends[i], xen_domid, port);
    }
}
