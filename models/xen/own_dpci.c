/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of struct dpci_design for a code object that has a tree's dPCI code (drivers/passthrough/io.c, later
 * x86/hvm.c). State, lists and references are the tree's; what the model needs of them it reads through the glue.
 */
#include <errno.h>
#include <stdio.h>

#include "models/xen/own_parts.h"
#include "models/xen/posted.h"

enum { DESTINATION_ALL = 0xff, ISA_LINES = 16, GSI_LINES = 32, LOWEST_PRIORITY = 1 };

static struct xen_code *own_of(const struct cpu *cpu) { return xen_of(cpu)->code; }

static void enter(struct cpu *cpu) { code_enter(own_of(cpu)->code, cpu); }

/* --- binds --- */

/* A slot and pin of the guest's bus whose GSI is that of the PIRQ's line: 16 + (4 * device + device / 8 + pin) % 32, as
 * hvm_pci_intx_gsi has it. The PIRQs of one line differ in device / 8. */
static void slot_of(const struct pirq *pirq, unsigned *device, unsigned *intx)
{
    unsigned line = (unsigned)(pirq->line - pirq->domain->lines), rank = 0, rest;

    for (const struct pirq *other = pirq->line_next; other != NULL; other = other->line_next)
        rank++;
    rest = (line + GSI_LINES - rank) % GSI_LINES;
    *device = rest / 4 + 8 * rank;
    *intx = rest % 4;
}

struct irqpath_bind own_bind_of(const struct pirq *pirq)
{
    struct irqpath_bind bind = { .kind = IRQPATH_BIND_MSI, .pirq = pirq->number };

    if (pirq->line != NULL) {
        bind.kind = pirq->bound_flags & DPCI_TRANSLATE ? IRQPATH_BIND_TRANSLATE : IRQPATH_BIND_PCI;
        slot_of(pirq, &bind.device, &bind.intx);
        return bind;
    }
    bind.gvec = pirq->gvec;
    bind.dest = pirq->is_multicast || pirq->is_hashed ? DESTINATION_ALL : pirq->dest_vcpu->id;
    bind.is_lowest = pirq->is_hashed;
    return bind;
}

void own_pirq_boot(struct pirq *pirq)
{
    struct xen_code *own = pirq->domain->xen->code;

    if (own == NULL || !own->has_dpci)
        return;
    code_enter(own->code, NULL);
    pirq->real = own->pirq_new(pirq->domain->real, pirq->number, pirq);
}

void own_bind_boot(struct pirq *pirq)
{
    struct xen_code *own = pirq->domain->xen->code;

    if (own == NULL || !own->has_dpci || pirq->flags == 0)
        return;
    struct irqpath_bind bind = own_bind_of(pirq);
    code_enter(own->code, NULL);
    own->binding = pirq;
    CHECK(own->bind(pirq->domain->real, &bind) == 0);
    own->binding = NULL;
}

/* What the tree's flags say, for the parts of the model that read it. */
static void flags_update(struct pirq *pirq)
{
    struct irqpath_pirq_state state = { .flags = 0 };

    pirq->domain->xen->code->pirq_peek(pirq->real, &state);
    pirq->flags = state.flags != 0 ? pirq->bound_flags : 0;
}

/* A call that gives up early would leave its paths untried: only the errors that ask for another attempt are allowed.
 */
static void check_error(int error, const char *what)
{
    char text[100];

    if (error == 0 || error == -EAGAIN || error == -ERESTART)
        return;
    (void)snprintf(text, sizeof(text), "%s returns error %d", what, error);
    code_bug(NULL, VIOLATION_MODELLED_BUG, text);
}

static enum hypercall_result own_create_bind(struct cpu *cpu, struct pirq *pirq, bool fails)
{
    struct irqpath_bind bind = own_bind_of(pirq);

    if (pirq->is_unmapped)
        return HYPERCALL_DONE;
    bind.fails = fails;
    bind.is_unmasked = 1;
    enter(cpu);
    own_of(cpu)->binding = pirq;
    int error = own_of(cpu)->bind(pirq->domain->real, &bind);
    flags_update(pirq);
    check_error(fails ? 0 : error, "pt_irq_create_bind");
    return error == 0 || fails ? HYPERCALL_DONE : HYPERCALL_EAGAIN;
}

static enum hypercall_result own_move_bind(struct cpu *cpu, struct pirq *pirq, const struct vcpu *to)
{
    struct irqpath_bind bind = own_bind_of(pirq);

    (void)to;
    enter(cpu);
    int error = own_of(cpu)->bind(pirq->domain->real, &bind);
    check_error(error, "pt_irq_create_bind");
    return error == 0 ? HYPERCALL_DONE : HYPERCALL_EAGAIN;
}

static void own_destroy_bind(struct cpu *cpu, struct pirq *pirq)
{
    struct irqpath_bind bind = own_bind_of(pirq);

    enter(cpu);
    check_error(own_of(cpu)->unbind(pirq->domain->real, &bind), "pt_irq_destroy_bind");
    flags_update(pirq);
}

static enum hypercall_result own_clean(struct cpu *cpu, struct domain *d)
{
    enter(cpu);
    int result = own_of(cpu)->clean_pirqs(d->real);
    if (result == 2)
        code_bug(NULL, VIOLATION_MODELLED_BUG,
                 "pci_clean_dpci_irqs stands in a file of the tree that the code object does not have");
    for (uint32_t i = 0; i < d->pirq_count; i++)
        flags_update(&d->pirqs[i]);
    return result == 0 ? HYPERCALL_DONE : HYPERCALL_RESTART;
}

static bool own_cleanup_check(struct cpu *cpu, struct pirq *pirq)
{
    enter(cpu);
    return own_of(cpu)->cleanup_check(pirq->real) != 0;
}

static void own_put_domain(struct cpu *cpu, struct domain *d)
{
    enter(cpu);
    own_of(cpu)->put_domain(d->real);
}

static void own_free(struct domain *d)
{
    struct code *code = d->xen->code->code;

    for (uint32_t i = 0; i < d->pirq_count; i++)
        if (!d->pirqs[i].is_freed)
            code_free(code, d->pirqs[i].real);
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        code_free(code, d->vcpus[i].real);
    code_free(code, d->real);
}

static void own_remove_pirq(struct cpu *cpu, struct pirq *pirq)
{
    enter(cpu);
    own_of(cpu)->pirq_remove(pirq->domain->real, pirq->real);
}

static void own_free_pirq(struct cpu *cpu, struct pirq *pirq)
{
    enter(cpu);
    own_of(cpu)->pirq_free(pirq->real);
}

/* --- deliveries --- */

static void own_raise(struct cpu *cpu, struct pirq *pirq)
{
    enter(cpu);
    (void)own_of(cpu)->do_IRQ_dpci(pirq->domain->real, pirq->real);
}

static void own_softirq(struct cpu *cpu)
{
    CHECK(own_of(cpu)->handlers[IRQPATH_HVM_DPCI_SOFTIRQ] != NULL);
    enter(cpu);
    own_of(cpu)->handlers[IRQPATH_HVM_DPCI_SOFTIRQ]();
}

static void own_msi_eoi(struct cpu *cpu, struct domain *d, uint32_t vector)
{
    enter(cpu);
    own_of(cpu)->dpci_msi_eoi(d->real, vector);
}

static void own_line_eoi(struct cpu *cpu, struct domain *d, const struct guest_line *line)
{
    enter(cpu);
    own_of(cpu)->dpci_eoi(d->real, ISA_LINES + (unsigned)(line - d->lines));
}

/* --- what invariants and accounts look at --- */

static struct dpci_view own_view(const struct pirq *pirq)
{
    struct irqpath_pirq_state state = { .flags = 0 };

    if (pirq->is_freed || pirq->domain->is_freed)
        return (struct dpci_view){ .state = 0 };
    pirq->domain->xen->code->pirq_peek(pirq->real, &state);
    return (struct dpci_view){
        .state = state.state,
        .is_masked = state.masked != 0,
        .is_linked = state.is_linked != 0,
        .is_torn = state.is_torn != 0,
        .list_cpu = state.list_cpu,
    };
}

static struct domain_view own_domain_view(const struct domain *d)
{
    struct irqpath_domain_state state = { .references = 0 };

    if (d->is_freed)
        return (struct domain_view){ .references = 0, .has_dpci = false };
    d->xen->code->domain_peek(d->real, &state);
    return (struct domain_view){ .references = state.references, .has_dpci = state.has_dpci != 0 };
}

static const struct dpci_code functions = {
    .create_bind = own_create_bind,
    .move_bind = own_move_bind,
    .destroy_bind = own_destroy_bind,
    .clean = own_clean,
    .cleanup_check = own_cleanup_check,
    .put_domain = own_put_domain,
    .free_domain = own_free,
    .remove_pirq = own_remove_pirq,
    .free_pirq = own_free_pirq,
    .msi_eoi = own_msi_eoi,
    .line_eoi = own_line_eoi,
    .view = own_view,
    .domain_view = own_domain_view,
};

void own_dpci_boot(struct xen_code *own)
{
    const struct dpci_design *built_in = own->xen->dpci;

    own->design = (struct dpci_design){
        .raise = own_raise,
        .has_gate = built_in->has_gate,
        .softirq = own_softirq,
        .starts_masked = built_in->starts_masked,
        .checks_cleanup = built_in->checks_cleanup,
        .forwards_vectors = built_in->forwards_vectors,
        .code = &functions,
    };
    own->xen->dpci = &own->design;
}
