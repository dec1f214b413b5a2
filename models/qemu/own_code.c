/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots a code object of QEMU's event channels and calls it. What it calls comes back through own_imports.c.
 */
#include "models/qemu/own_code.h"

#include <stdio.h>

#include "code/access.h"
#include "machine/explored.h"
#include "machine/names.h"
#include "machine/notes.h"
#include "models/qemu/own_parts.h"

/* The device is 72 KiB; each migration makes another one. */
enum {
    DEVICE_BYTES = 96 * 1024,
    PIRQ_BYTES = 48,
    OTHER_BYTES = 16 * 1024,
    VCPU_BYTES = 64,
    HANDLE_BYTES = 128,
    SLACK_BYTES = 4096
};
enum { MIGRATIONS_TIMED = 16, UPCALL_VECTOR = 0xf3, VIA_GSI = 1 };

/* Every call of the object's code. */
static struct qemu_code *enter(struct cpu *cpu, struct qemu *q)
{
    qemu_own_see_mutexes(q->code);
    code_enter(q->code->code, cpu);
    return q->code;
}

/* --- boot --- */

#define PART(name) \
    do { \
        *(void **)(void *)&own->name = code_function(own->code, "irqpath_evtchn_" #name); \
        CHECK(own->name != NULL); \
    } while (0)

static void find_functions(struct qemu_code *own)
{
    PART(boot);
    PART(map_pirq);
    PART(unmap_pirq);
    PART(get_free_pirq);
    PART(eoi_pirq);
    PART(query_pirq);
    PART(bind_pirq);
    PART(bind_vcpu);
    PART(bind_ipi);
    PART(bind_loopback);
    PART(unmask);
    PART(send);
    PART(close);
    PART(reset);
    PART(set_callback);
    PART(set_callback_level);
    PART(callback_bh);
    PART(set_gsi);
    PART(device_new);
    PART(snoop);
    PART(translate);
    PART(deliver);
    PART(backend_new);
    PART(backend_notify);
    PART(migrate);
    PART(pending);
    PART(mask);
    PART(upcall_pending);
    PART(pending_sel);
    PART(port_peek);
    PART(pirq_peek);
    PART(gsi_pirq_peek);
    PART(gsi_level_peek);
    PART(ports_peek);
    PART(unused_peek);
}

static uint32_t migrations(const struct qemu *q)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < q->setup->action_count; i++)
        count += q->setup->actions[i].kind == QEMU_ACTION_MIGRATE;
    return count;
}

static size_t heap_bytes(const struct qemu *q)
{
    size_t devices = 1 + migrations(q) * (machine_is_explored(q->host->machine) ? 1u : MIGRATIONS_TIMED), handles = 0;

    for (uint32_t i = 0; i < q->setup->device_count; i++)
        handles += (size_t)q->setup->devices[i].count * (1 + q->setup->devices[i].vectors);
    return devices * (DEVICE_BYTES + (size_t)PIRQ_BYTES * q->nr_pirqs) + OTHER_BYTES + VCPU_BYTES * q->vcpu_count +
           HANDLE_BYTES * handles;
}

/* The functions by which a program begins. */
static void run_constructors(const struct qemu_code *own)
{
    size_t bytes;
    void (**functions)(void) = code_section(own->code, ".init_array", &bytes);

    for (size_t i = 0; i < bytes / sizeof(*functions); i++)
        functions[i]();
}

static void page_word_boot(struct page_word *word, void *memory, uint32_t bytes)
{
    word->memory = memory;
    word->bytes = bytes;
}

static void pages_boot(struct qemu *q)
{
    const struct qemu_code *own = q->code;

    for (uint32_t i = 0; i < q->word_count; i++) {
        page_word_boot(&q->pending[i], own->pending(i), 8);
        page_word_boot(&q->mask[i], own->mask(i), 8);
    }
    for (uint32_t i = 0; i < q->vcpu_count; i++) {
        page_word_boot(&q->vcpus[i].upcall_pending, own->upcall_pending(i), 1);
        page_word_boot(&q->vcpus[i].pending_sel, own->pending_sel(i), 8);
    }
}

static void exclude_unused(const struct qemu *q, const struct irqpath_unused *unused, const char *device)
{
    arena_exclude(q->host->machine->arena, device + unused->ports, unused->port_bytes);
    arena_exclude(q->host->machine->arena, device + unused->handles, unused->handle_bytes);
}

/* Ports that the scenario cannot reach, of this device and that of a migration's destination, which comes next in the
 * heap, are no part of the explored state; nor is the heap behind them. */
void qemu_own_code_started(const struct qemu *q)
{
    struct irqpath_unused unused;
    size_t spare = 0;
    struct code *code;

    if (q->code == NULL || !machine_is_explored(q->host->machine))
        return;
    code = q->code->code;
    q->code->unused_peek(q->word_count * 64, &unused);
    exclude_unused(q, &unused, unused.device);
    if (migrations(q) > 0) {
        exclude_unused(q, &unused, code->shared + code->heap_used);
        spare = code->heap_used - (size_t)((char *)unused.device - code->shared) + SLACK_BYTES;
    }
    code_trim(code, spare);
}

static void places_boot(struct qemu_code *own)
{
    struct arena *arena = own->q->host->machine->arena;

    own->places = arena_alloc(arena, PLACES * sizeof(*own->places), 1);
    for (int line = 0; line < PLACES; line++)
        (void)snprintf(own->places[line], sizeof(*own->places), "line %d", line);
    arena_exclude(arena, own->places, PLACES * sizeof(*own->places));
}

const char *qemu_code_refusal(const struct design *design, const struct setup *setup)
{
    const struct qemu_design *options = design->options;
    const struct qemu_setup *own = qemu_setup(setup);

    if (!options->is_merged)
        return "the file has the tables of qemu-pirq-merged";
    if (own->ports != PORTS_UNDER_MUTEX)
        return "the file has `ports: mutex`";
    if (own->routes == ROUTES_ON_DEMAND)
        return "the file has every route updated (`routes: refresh-all` or `batched`)";
    if (own->rebuild != REBUILD_DESIGN && own->rebuild != REBUILD_MERGED)
        return "the file says what a migration rebuilds (`rebuild: merged`)";
    switch (own->revert) {
    case QEMU_REVERT_NONE:
    case QEMU_REVERT_VCPU_VECTOR:
    case QEMU_REVERT_IOAPIC:
    case QEMU_REVERT_LAPIC:
        return NULL; /* in what remains built in */
    default:
        return "the file has, or lacks, the fix that `revert` takes away";
    }
}

void qemu_own_code_boot(struct qemu *q)
{
    const struct code_import *const imports[] = { qemu_code_imports, NULL };
    struct qemu_code *own;

    if (q->setup->code == NULL)
        return;
    own = ARENA_NEW(q->host->machine->arena, struct qemu_code);
    own->q = q;
    own->code = code_boot(q->host->machine, q->setup->code,
                          &(struct code_config){ .imports = imports, .heap_bytes = heap_bytes(q) });
    own->code->family = own;
    q->code = own;
    find_functions(own);
    places_boot(own);
    qemu_own_mutex_add(own, &q->bql);
    code_enter(own->code, NULL);
    run_constructors(own);
    own->boot(q->vcpu_count, GSI_COUNT);
    pages_boot(q);
    qemu_own_callback_param(NULL, q);
}

void qemu_own_device_boot(struct qemu_device *device)
{
    if (device->qemu->code != NULL)
        device->real = enter(NULL, device->qemu)->device_new(device);
}

/* A message's PIRQ has been translated if KVM has a route for it. */
static uint32_t message_boot(struct qemu *q, struct qemu_vector *vector)
{
    int pirq = qemu_own_get_free_pirq(NULL, q);

    CHECK(pirq > 0);
    vector->message_pirq = (uint32_t)pirq;
    qemu_own_snoop(NULL, q, vector);
    return (uint32_t)pirq;
}

void qemu_own_driver_boot(struct qemu *q, struct qemu_vector *vector, uint32_t vcpu)
{
    enum pirq_kind kind = vector->device->own->pirq_kind;
    unsigned port = 0;
    int number = 0, pirq = 0;

    if (kind == PIRQ_KIND_IPI) {
        number = qemu_own_bind_ipi(NULL, q, vcpu);
    } else if (kind == PIRQ_KIND_BACKEND) {
        vector->backend = enter(NULL, q)->backend_new(vcpu, &port);
        number = (int)port;
    } else {
        pirq = vector_is_message(vector) ? (int)message_boot(q, vector)
                                         : qemu_own_map_pirq(NULL, q, -1, vector->device->gsi);
        CHECK(pirq > 0);
        number = qemu_own_bind_pirq(NULL, q, (uint32_t)pirq);
        CHECK(number > 0 && qemu_own_bind_vcpu(NULL, q, (uint32_t)number, vcpu) == 0);
    }
    CHECK(number > 0 && (uint32_t)number < q->word_count * 64);
    vector->irq = (struct guest_irq){ (uint32_t)pirq, (uint32_t)number, vcpu, kind == PIRQ_KIND_GSI };
}

/* --- the guest's pages --- */

static void touch(struct cpu *cpu, const struct page_word *word, enum code_access access)
{
    const struct qemu *q = qemu_of(cpu);
    struct code *code = q->code->code;

    code_enter(code, cpu);
    if (code->lines != NULL) {
        access_memory(word->memory, word->bytes, access, true, NULL, NULL);
        return;
    }
    size_t offset = (size_t)((const char *)word->memory - q->host->machine->arena->base);
    races_see(cpu->engine->explored->races, cpu, offset, word->bytes, access, true, NULL, NULL);
    cpu_access_step(cpu, true); /* the code's own stores are in the buffer, and this one is not */
}

static void note(const struct cpu *cpu, const struct page_word *word, const char *verb, uint64_t operand, uint64_t old)
{
    const struct word_name *name;

    if (!notes_are_read(cpu->engine))
        return;
    name = names_find(cpu->engine->explored, &word->word);
    notes_access(cpu->engine, cpu, word->memory, word->bytes, NULL);
    notes_add(cpu->engine, cpu, "%s%s %s %llx: was %llx", name != NULL ? name->name : "?", verb[0] == '\0' ? "" : ":",
              verb, (unsigned long long)operand, (unsigned long long)old);
}

/* Not inlined, these three: the model's own functions, which call them where there is an object, park, and nothing may
 * take the address of the frame of a function that parks (explore/code_liveness.h). */
__attribute__((noinline)) uint64_t qemu_own_page_load(struct cpu *cpu, const struct page_word *word)
{
    touch(cpu, word, CODE_READ);
    note(cpu, word, "read", 0, page_memory(word));
    return page_memory(word);
}

__attribute__((noinline)) void qemu_own_page_store(struct cpu *cpu, const struct page_word *word, uint64_t value)
{
    touch(cpu, word, CODE_WRITE);
    note(cpu, word, "store", value, page_memory(word));
    memcpy(word->memory, &value, word->bytes);
}

__attribute__((noinline)) uint64_t qemu_own_page_rmw(struct cpu *cpu, const struct page_word *word,
                                                     enum irqpath_operation operation, uint64_t operand)
{
    static const char *const verbs[] = { [IRQPATH_XCHG] = "xchg", [IRQPATH_OR] = "or", [IRQPATH_AND] = "and" };
    uint64_t old, value;

    touch(cpu, word, CODE_RMW);
    old = page_memory(word);
    note(cpu, word, verbs[operation], operand, old);
    value = operation == IRQPATH_OR ? old | operand : operation == IRQPATH_AND ? old & operand : operand;
    memcpy(word->memory, &value, word->bytes);
    return old;
}

/* --- hypercalls --- */

int qemu_own_map_pirq(struct cpu *cpu, struct qemu *q, int32_t pirq, uint32_t gsi)
{
    return enter(cpu, q)->map_pirq(pirq, (int)gsi);
}

int qemu_own_unmap_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq) { return enter(cpu, q)->unmap_pirq((int)pirq); }

int qemu_own_get_free_pirq(struct cpu *cpu, struct qemu *q) { return enter(cpu, q)->get_free_pirq(); }

int qemu_own_eoi(struct cpu *cpu, struct qemu *q, uint32_t pirq)
{
    struct pirq peeked = pirq_peek(q, pirq);

    q->statistics.eois++;
    if (peeked.gsi >= 0 && peeked.port != 0 && gsi_level_peek(q) >> peeked.gsi & 1)
        q->statistics.reposts++;
    return enter(cpu, q)->eoi_pirq((int)pirq);
}

int qemu_own_query(struct cpu *cpu, struct qemu *q, uint32_t pirq, bool *needs_eoi)
{
    int result = enter(cpu, q)->query_pirq((int)pirq);

    *needs_eoi = result > 0;
    return result < 0 ? result : 0;
}

int qemu_own_bind_pirq(struct cpu *cpu, struct qemu *q, uint32_t pirq)
{
    int port = enter(cpu, q)->bind_pirq(pirq);

    CHECK(port < (int)q->word_count * 64);
    return port;
}

int qemu_own_bind_vcpu(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu)
{
    return enter(cpu, q)->bind_vcpu(port, vcpu);
}

int qemu_own_bind_ipi(struct cpu *cpu, struct qemu *q, uint32_t vcpu) { return enter(cpu, q)->bind_ipi(vcpu); }

int qemu_own_bind_loopback(struct cpu *cpu, struct qemu *q, uint32_t remote_port)
{
    return enter(cpu, q)->bind_loopback(remote_port);
}

int qemu_own_unmask(struct cpu *cpu, struct qemu *q, uint32_t port) { return enter(cpu, q)->unmask(port); }
int qemu_own_send(struct cpu *cpu, struct qemu *q, uint32_t port) { return enter(cpu, q)->send(port); }

int qemu_own_close(struct cpu *cpu, struct qemu *q, uint32_t port)
{
    q->statistics.closes++;
    return enter(cpu, q)->close(port);
}

int qemu_own_reset(struct cpu *cpu, struct qemu *q) { return enter(cpu, q)->reset(); }

void qemu_own_notify(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    (void)enter(cpu, q)->backend_notify(vector->backend);
}

/* --- messages --- */

void qemu_own_snoop(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    enter(cpu, q)->snoop(vector->device->real, vector->device->own->pirq_kind == PIRQ_KIND_MSIX,
                         (unsigned)(vector - vector->device->vectors), vector->message_pirq, vector->is_masked);
}

int qemu_own_translate(struct cpu *cpu, struct qemu *q, const struct qemu_vector *vector, struct route *route)
{
    struct irqpath_route found;
    int result = enter(cpu, q)->translate(vector->message_pirq, &found);

    if (result == 0)
        *route = (struct route){ .is_valid = true, .port = found.port, .vcpu = found.vcpu };
    return result;
}

bool qemu_own_deliver(struct cpu *cpu, struct qemu *q, const struct qemu_vector *vector)
{
    return enter(cpu, q)->deliver(vector->message_pirq) != 0;
}

/* --- GSIs and the callback --- */

bool qemu_own_set_gsi(struct cpu *cpu, struct qemu *q, uint32_t gsi, bool *level)
{
    uint32_t pirq = gsi_pirq_peek(q, gsi);
    int given = *level;

    if (gsi != q->callback_gsi && pirq != 0 && *level && pirq_peek(q, pirq).port == 0)
        q->statistics.swallowed++;
    bool is_eaten = enter(cpu, q)->set_gsi((int)gsi, &given) != 0;
    *level = given != 0;
    return is_eaten;
}

void qemu_own_callback_level(struct cpu *cpu, struct qemu *q, bool level) { enter(cpu, q)->set_callback_level(level); }
void qemu_own_callback_bottom_half(struct cpu *cpu, struct qemu *q) { enter(cpu, q)->callback_bh(); }

void qemu_own_callback_param(struct cpu *cpu, struct qemu *q)
{
    enum irqpath_callback kind =
        q->options->callback == CALLBACK_BY_VECTOR ? IRQPATH_CALLBACK_VECTOR : IRQPATH_CALLBACK_GSI;
    unsigned number = q->callback_gsi;

    if (q->callback_gsi == 0)
        number = kind == IRQPATH_CALLBACK_VECTOR ? UPCALL_VECTOR : VIA_GSI;
    (void)enter(cpu, q)->set_callback(kind, number);
}

/* The destination is created and loaded before its vCPUs run, so that its accesses need no steps. */
void qemu_own_migrate(struct cpu *cpu, struct qemu *q)
{
    struct qemu_code *own = q->code;

    cpu_settle(cpu);
    own->mutexes_used = 1; /* those of the new device take the places of the old one's */
    own->loader = cpu;
    code_enter(own->code, NULL);
    own->migrate();
    own->loader = NULL;
}
