/* SPDX-License-Identifier: Apache-2.0
 *
 * What a code object of QEMU's event channels calls. At boot, where no thread runs, nothing takes time, and the caller
 * holds the BQL. A migration's destination boots, too, but what it calls is executed by the thread that loads it.
 */
#include <string.h>

#include "machine/names.h"
#include "models/qemu/own_parts.h"

/* What an import has at its beginning; cpu NULL: at boot. */
struct caller {
    struct qemu_code *own;
    struct cpu *cpu;
    struct cpu *seen; /* CPU whose accesses are seen; NULL: none are */
};

static struct cpu *cpu_of(const struct qemu_code *own) { return code_cpu() != NULL ? code_cpu() : own->loader; }

static struct caller caller_enter(void)
{
    struct qemu_code *own = code_current()->family;
    struct caller caller = { own, cpu_of(own), code_cpu() };

    code_settle(own->code, caller.seen);
    return caller;
}

static void caller_leave(struct caller caller)
{
    qemu_own_see_mutexes(caller.own);
    code_resume(caller.own->code, caller.seen);
}

static const struct qemu *current(void) { return ((struct qemu_code *)code_current()->family)->q; }

/* --- mutexes --- */

void qemu_own_mutex_add(struct qemu_code *own, struct mutex *mutex)
{
    uint32_t i = own->mutex_count++;

    CHECK(i < MUTEXES_MAX);
    own->mutexes[i] = mutex;
    own->mutexes_used = own->mutex_count;
    own->holders[i] = UINT32_MAX;
    names_add(own->q->host->machine, &mutex->word, mutex->name, &own->holders[i]);
}

void qemu_own_see_mutexes(struct qemu_code *own)
{
    for (uint32_t i = 0; i < own->mutex_count; i++) {
        const struct thread *owner = own->mutexes[i]->owner;
        own->holders[i] = owner != NULL ? owner->on->cpu->id : UINT32_MAX;
    }
}

/* A guard takes its lock in an inline function of lockable.h or main-loop.h. */
static const char *place_of(const struct qemu_code *own, const char *file, int line)
{
    return strstr(file, "xen_evtchn.c") != NULL && line > 0 && line < PLACES ? own->places[line] : "guard";
}

int irqpath_qemu_bql_is_mine(void)
{
    const struct qemu_code *own = code_current()->family;
    const struct cpu *cpu = cpu_of(own);

    return cpu == NULL || mutex_is_mine(cpu, &own->q->bql);
}

void irqpath_qemu_bql_lock(const char *file, int line)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    mutex_lock(step(caller.cpu, place_of(caller.own, file, line)), &caller.own->q->bql);
    caller_leave(caller);
}

static void release(struct caller caller, struct mutex *mutex)
{
    if (caller.cpu == NULL)
        return;
    if (!mutex_is_mine(caller.cpu, mutex))
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a mutex is released by a thread that does not hold it");
    mutex_unlock(step(caller.cpu, "unlock"), mutex);
    caller_leave(caller);
}

void irqpath_qemu_bql_unlock(void)
{
    struct caller caller = caller_enter();

    release(caller, &caller.own->q->bql);
}

/* The first one is port_lock. */
static struct mutex *mutex_new(const struct qemu_code *own)
{
    struct mutex *mutex;

    if (own->mutex_count == 1)
        return &own->q->port_lock;
    mutex = ARENA_NEW(own->q->host->machine->arena, struct mutex);
    mutex_init(own->q->host, mutex, "mutex", 0);
    return mutex;
}

void irqpath_qemu_mutex_init(void *mutex)
{
    struct qemu_code *own = code_current()->family;

    if (cpu_of(own) == NULL)
        qemu_own_mutex_add(own, mutex_new(own));
    else if (own->mutexes_used++ == own->mutex_count)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "the code initialises more mutexes than at its boot");
    own->mutex_addresses[own->mutexes_used - 1] = mutex;
}

static struct mutex *mutex_at(const struct qemu_code *own, const void *address)
{
    for (uint32_t i = 1; i < own->mutexes_used; i++)
        if (own->mutex_addresses[i] == address)
            return own->mutexes[i];
    code_bug(NULL, VIOLATION_MODELLED_BUG, "a mutex is used that was not initialised");
}

void irqpath_qemu_mutex_lock(void *mutex, const char *file, int line)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    mutex_lock(step(caller.cpu, place_of(caller.own, file, line)), mutex_at(caller.own, mutex));
    caller_leave(caller);
}

void irqpath_qemu_mutex_unlock(void *mutex)
{
    struct caller caller = caller_enter();

    release(caller, mutex_at(caller.own, mutex));
}

/* --- what does not change --- */

unsigned irqpath_qemu_pirqs(void) { return current()->nr_pirqs; }
unsigned irqpath_qemu_vcpus(void) { return current()->vcpu_count; }
int irqpath_qemu_has_kernel(void) { return current()->options->is_in_kernel; }
int irqpath_qemu_has_vcpu_vector(void) { return current()->options->callback == CALLBACK_BY_VCPU_VECTOR; }

/* --- KVM --- */

int irqpath_qemu_kvm_send(unsigned port, unsigned vcpu)
{
    struct caller caller = caller_enter();
    struct qemu *q = caller.own->q;

    if (caller.cpu == NULL)
        return 0;
    cpu_spend_software(caller.cpu, q->host->costs->syscall);
    evtchn_set_slow(caller.cpu, q, port, vcpu);
    caller_leave(caller);
    return 0;
}

int irqpath_qemu_kvm_attribute(void)
{
    struct caller caller = caller_enter();

    if (caller.cpu != NULL)
        cpu_spend_software(caller.cpu, caller.own->q->host->costs->syscall);
    return 0;
}

void irqpath_qemu_update_routes(void)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    route_flush(caller.cpu, caller.own->q, NULL);
    caller_leave(caller);
}

/* --- the callback --- */

int irqpath_qemu_inject_callback(unsigned vcpu)
{
    struct caller caller = caller_enter();
    bool is_gsi;

    if (caller.cpu == NULL)
        return 0;
    is_gsi = callback_inject(caller.cpu, caller.own->q, vcpu);
    caller_leave(caller);
    return is_gsi;
}

void irqpath_qemu_callback_asserted(void)
{
    ((struct qemu_code *)code_current()->family)->q->is_callback_asserted = true;
}

void irqpath_qemu_schedule_bh(void)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    callback_schedule(caller.cpu, caller.own->q);
    caller_leave(caller);
}

void irqpath_qemu_set_irq(unsigned gsi, int level)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    gsi_handler(caller.cpu, caller.own->q, gsi, level != 0);
    caller_leave(caller);
}

/* --- the device's message --- */

void irqpath_qemu_set_mask(void *host, unsigned vector, int is_masked)
{
    struct caller caller = caller_enter();
    const struct qemu_device *device = host;

    if (caller.cpu == NULL)
        return;
    msi_set_mask(caller.cpu, caller.own->q, &device->vectors[vector], is_masked != 0);
    caller_leave(caller);
}

/* --- assertions --- */

_Noreturn static void assertion_failed(const void *pc, const char *assertion)
{
    code_bug(pc, VIOLATION_MODELLED_BUG, assertion);
}

_Noreturn static void assert_fail(const char *assertion, const char *file, unsigned line, const char *function)
{
    (void)file;
    (void)line;
    (void)function;
    assertion_failed(__builtin_return_address(0), assertion);
}

_Noreturn static void g_assertion_message_expr(const char *domain, const char *file, int line, const char *function,
                                               const char *expression)
{
    (void)domain;
    (void)file;
    (void)line;
    (void)function;
    assertion_failed(__builtin_return_address(0), expression);
}

/* A variable of the host, so that reading it is no access of the object's memory. */
static void (*const lock_function)(void *mutex, const char *file, int line) = irqpath_qemu_mutex_lock;

const struct code_import qemu_code_imports[] = {
    CODE_IMPORT(irqpath_qemu_bql_is_mine),
    CODE_IMPORT(irqpath_qemu_bql_lock),
    CODE_IMPORT(irqpath_qemu_bql_unlock),
    CODE_IMPORT(irqpath_qemu_mutex_init),
    CODE_IMPORT(irqpath_qemu_mutex_lock),
    CODE_IMPORT(irqpath_qemu_mutex_unlock),
    CODE_IMPORT(irqpath_qemu_pirqs),
    CODE_IMPORT(irqpath_qemu_vcpus),
    CODE_IMPORT(irqpath_qemu_has_kernel),
    CODE_IMPORT(irqpath_qemu_has_vcpu_vector),
    CODE_IMPORT(irqpath_qemu_kvm_send),
    CODE_IMPORT(irqpath_qemu_kvm_attribute),
    CODE_IMPORT(irqpath_qemu_update_routes),
    CODE_IMPORT(irqpath_qemu_inject_callback),
    CODE_IMPORT(irqpath_qemu_callback_asserted),
    CODE_IMPORT(irqpath_qemu_schedule_bh),
    CODE_IMPORT(irqpath_qemu_set_irq),
    CODE_IMPORT(irqpath_qemu_set_mask),
    { "__assert_fail", __extension__(void *) assert_fail },
    CODE_IMPORT(g_assertion_message_expr),
    { "qemu_mutex_lock_func", (void *)&lock_function },
    { NULL, NULL },
};
