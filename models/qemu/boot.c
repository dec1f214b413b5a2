/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots a host with one guest on it from a setup, without passing time: vCPU threads on the guest's pCPUs, the main
 * loop and the kernel worker, devices that are bound from the start, and the events of the actions.
 */
#include <stdio.h>

#include "models/family/arrivals.h"
#include "models/host/trace.h"
#include "models/qemu/own_code.h"

const struct qemu_design qemu_pirq_rfc = { .is_merged = false };
const struct qemu_design qemu_pirq_merged = { .is_merged = true };

enum { OTHER_THREADS = 2, OTHER_SLOTS = 1, SPARE_PORTS = 8 };

static cycles from_ns(const struct qemu *q, uint64_t ns)
{
    return cycles_from_ns(ns, q->host->machine->costs->frequency_hz);
}

const char *qemu_refusal(const struct design *design, const struct setup *setup)
{
    (void)design;
    uint32_t vectors = 0, messages = 0;

    if (setup->guest_count != 1)
        return "it models exactly one guest";
    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];
        vectors += device->count * device->vectors;
        messages += qemu_device_setup(device)->pirq_kind <= PIRQ_KIND_MSIX ? device->count * device->vectors : 0;
        if (qemu_device_setup(device)->pirq_kind > PIRQ_KIND_MSIX &&
            qemu_device_setup(device)->pirq_kind < PIRQ_KIND_BACKEND && device->count * device->vectors > 1)
            return "a line (kinds gsi, intx) takes one device with one vector";
    }
    if (vectors > PORTS_MAX)
        return "the devices' vectors exceed the 4095 event channels";
    if (messages > qemu_setup(setup)->pirqs - GSI_COUNT)
        return "qemu.pirqs is too small for the devices' vectors";
    return NULL;
}

static void check_cpu(const char *key, uint32_t cpu, const struct topology *topology, const struct setup_report *report)
{
    if (topology != NULL && cpu >= topology->cpu_count)
        report_error(report, (struct setup_key){ "qemu", 0, key }, "", "there is no pCPU %u: the machine has %u", cpu,
                     topology->cpu_count);
}

void qemu_check(const struct design *design, const struct setup *setup, const struct topology *topology,
                const struct setup_report *report)
{
    const char *refusal = qemu_refusal(design, setup);

    if (refusal != NULL)
        report_refusal(report, design, refusal);
    check_cpu("cpu", qemu_setup(setup)->cpu, topology, report);
    check_cpu("irq_cpu", qemu_setup(setup)->irq_cpu, topology, report);
}

uint32_t qemu_slots(const struct setup *setup)
{
    return host_slots(setup->guests[0].vcpus + OTHER_THREADS) + OTHER_SLOTS;
}

/* --- vCPUs --- */

static void vcpu_boot(struct qemu *q, uint32_t id, uint32_t cpu)
{
    struct qemu_vcpu *v = &q->vcpus[id];
    struct machine *machine = q->host->machine;
    char *name = ARENA_ARRAY(machine->arena, char, 16);

    (void)snprintf(name, 16, "vcpu%u", id);
    v->qemu = q;
    v->is_info_mapped = true;
    line_init(machine, &v->line, LINE_PLAIN);
    word_init(&v->upcall_pending.word, &v->line, 0);
    word_init(&v->pending_sel.word, &v->line, 0);
    word_init(&v->shadow_sel, &v->line, 0);
    names_add_of(machine, &v->upcall_pending.word, "upcall_pending", "%s", name);
    names_add_of(machine, &v->pending_sel.word, "pending_sel", "%s", name);
    names_add_of(machine, &v->shadow_sel, "shadow selector", "%s", name);
    rwlock_init(q->host, &v->info_lock, "vcpu_info_lock");
    v->bound = ARENA_ARRAY(machine->arena, struct word, q->word_count);
    struct line *line = ARENA_NEW(machine->arena, struct line);
    line_init(machine, line, LINE_PLAIN);
    for (uint32_t i = 0; i < q->word_count; i++) {
        word_init(&v->bound[i], line, 0);
        names_add_of(machine, &v->bound[i], "bound to this CPU", "%s", name);
    }
    list_init(&v->tasks);
    ARENA_EXCLUDE(machine->arena, v->upcalls);
    vcpu_init(q->host, &v->vcpu, name, cpu, &qemu_guest_operations, v);
    v->vcpu.id = id;
    v->vcpu.thread.who = trace_who(0, id);
    v->vcpu.is_computing = q->setup->guests[0].load == GUEST_LOAD_COMPUTE;
}

static void vcpus_boot(struct qemu *q)
{
    uint16_t *pin = ARENA_ARRAY(q->host->machine->arena, uint16_t, q->host->machine->cpu_count);
    char message[256];
    uint32_t count = topology_pin(q->host->machine->topology, q->setup->guests[0].pin, pin, message, sizeof(message));

    CHECK(count > 0);
    q->vcpus = ARENA_ARRAY(q->host->machine->arena, struct qemu_vcpu, q->vcpu_count);
    for (uint32_t id = 0; id < q->vcpu_count; id++)
        vcpu_boot(q, id, pin[id % count]);
}

/* --- devices --- */

static void kind_boot(struct qemu *q, uint32_t index)
{
    const struct device_setup *setup = &q->setup->devices[index];

    q->kinds[index] = device_kind_of(q->host->machine, setup, q->host->costs->guest_handler);
    q->kinds[index].is_polled = qemu_device_setup(setup)->is_polled;
}

static void device_boot(struct qemu *q, uint32_t index, uint32_t number)
{
    struct qemu_device *device = &q->devices[q->device_count++];

    *device = (struct qemu_device){ .qemu = q, .setup = &q->setup->devices[index], .kind = &q->kinds[index] };
    device->own = qemu_device_setup(device->setup);
    device->number = number;
    device->gsi = device->own->gsi;
    device->vectors = &q->vectors[q->vector_count];
    qemu_own_device_boot(device);
    for (uint32_t i = 0; i < device->setup->vectors; i++) {
        struct qemu_vector *vector = &q->vectors[q->vector_count];
        vector_boot(q, vector, device, i);
        if (device->own->is_bound)
            driver_boot(q, vector, q->vector_count % q->vcpu_count);
        else if (!vector_has_mask(vector))
            device_mask(
                &vector->source); /* silent until its driver binds it; a vector with a mask bit is masked by that */
        q->vector_count++;
        device_start(&vector->source);
    }
}

static void devices_boot(struct qemu *q)
{
    for (uint32_t i = 0; i < q->setup->device_count; i++)
        kind_boot(q, i);
    for (uint32_t i = 0; i < q->setup->device_count; i++)
        for (uint32_t number = 0; number < q->setup->devices[i].count; number++)
            device_boot(q, i, number);
}

/* --- actions --- */

/* Runs on the pCPU of the task's vCPU, in hard-interrupt context. */
static void task_handler(struct cpu *cpu, void *argument)
{
    struct guest_task *task = argument;
    struct qemu *q = task->qemu;
    struct qemu_vcpu *v = &q->vcpus[task->setup->cpu % q->vcpu_count];

    host_trace_do_irq(cpu, task->vector, NULL);
    if (task->setup->kind == QEMU_ACTION_MIGRATE) {
        if (qemu_action_setup(task->setup)->step != MIGRATION_STEP_ANY)
            q->migration = task->setup;
        else
            eventfd_signal(cpu, &q->migrate_fd);
        return;
    }
    if (list_is_empty(&task->link))
        list_add_tail(&task->link, &v->tasks);
    vcpu_interrupt(cpu, &v->vcpu, GUEST_VECTOR_TASK);
}

static struct cpu *task_cpu(const struct guest_task *task)
{
    return task->qemu->vcpus[task->setup->cpu % task->qemu->vcpu_count].vcpu.thread.on->cpu;
}

static void fire(void *argument)
{
    struct guest_task *task = argument;
    struct engine *engine = task->qemu->host->machine->engine;
    bool is_over = task->setup->every_ns == 0 || (task->setup->times > 0 && task->fired + 1 >= task->setup->times);

    task->fired++;
    task->due += is_over ? 0 : from_ns(task->qemu, task->setup->every_ns);
    engine_at(engine, task->slot, is_over ? CYCLES_NEVER : task->due > engine->now ? task->due : engine->now);
    notes_add(engine, NULL, "action %s", task->setup->name);
    lapic_deliver(task_cpu(task), task->vector);
}

static void tasks_boot(struct qemu *q)
{
    struct machine *machine = q->host->machine;

    eventfd_init(q->host, &q->migrate_fd);
    poller_add(&q->main_loop, &q->migrate_fd, migration_run, q);
    q->tasks = ARENA_ARRAY(machine->arena, struct guest_task, q->setup->action_count);
    for (uint32_t i = 0; i < q->setup->action_count; i++) {
        struct guest_task *task = &q->tasks[i];
        task->qemu = q;
        task->setup = &q->setup->actions[i];
        list_init(&task->link);
        task->vector = host_irq_add(q->host, task_cpu(task)->id, task_handler, task);
        task->slot = engine_event(machine->engine, fire, task);
        task->due = from_ns(q, task->setup->at_ns);
        engine_at(machine->engine, task->slot, task->due);
    }
}

/* --- the names of interrupts in traces, as in /proc/interrupts --- */

static void names_boot(const struct qemu *q)
{
    for (uint32_t i = 0; i < q->vector_count; i++) {
        const struct qemu_vector *vector = &q->vectors[i];
        host_trace_irq(q->host, vector->source.target->id, vector->source.vector, TRACE_NO_IRQ, "%s%s[%u]",
                       vector->device->own->path == DEVICE_PATH_EMULATED ? "" : "vfio-", vector->device->setup->name,
                       (uint32_t)(vector - vector->device->vectors));
    }
    for (uint32_t i = 0; i < q->setup->action_count; i++)
        host_trace_irq(q->host, task_cpu(&q->tasks[i])->id, q->tasks[i].vector, TRACE_NO_IRQ, "actions");
}

/* --- boot --- */

static void tables_boot(struct qemu *q)
{
    struct arena *arena = q->host->machine->arena;
    uint32_t ports = SPARE_PORTS + q->vcpu_count;

    for (uint32_t i = 0; i < q->setup->device_count; i++)
        ports += q->setup->devices[i].count * q->setup->devices[i].vectors;
    q->word_count = ports > PORTS_MAX ? (PORTS_MAX + 1) / 64 : (ports + 63) / 64;
    q->nr_pirqs = q->is_merged ? q->options->pirqs : PIRQ_TABLE_RFC;
    q->ports = q->setup->code == NULL ? ARENA_ARRAY(arena, struct port, q->word_count * 64) : NULL;
    if (q->options->ports == PORTS_LOCKLESS)
        q->port_words = ARENA_ARRAY(arena, struct word, q->word_count * 64);
    for (uint32_t port = 0; q->port_words != NULL && port < q->word_count * 64; port++) {
        struct line *line = port % 8 == 0 ? ARENA_NEW(arena, struct line) : q->port_words[port - 1].line;
        if (port % 8 == 0)
            line_init(q->host->machine, line, LINE_PLAIN);
        word_init(&q->port_words[port], line, 0);
    }
    q->guest_ports = ARENA_ARRAY(arena, struct qemu_vector *, q->word_count * 64);
    q->pirqs = q->setup->code == NULL ? ARENA_ARRAY(arena, struct pirq, q->nr_pirqs) : NULL;
    q->inuse = q->setup->code == NULL ? ARENA_ARRAY(arena, uint64_t, (q->nr_pirqs + 63) / 64) : NULL;
    q->pending = ARENA_ARRAY(arena, struct page_word, q->word_count);
    q->mask = ARENA_ARRAY(arena, struct page_word, q->word_count);
    q->lines = ARENA_ARRAY(arena, struct line, 2 * q->word_count);
    for (uint32_t i = 0; i < q->word_count; i++) {
        line_init(q->host->machine, &q->lines[2 * i], LINE_PLAIN);
        line_init(q->host->machine, &q->lines[2 * i + 1], LINE_PLAIN);
        word_init(&q->pending[i].word, &q->lines[2 * (i / 8)], 0);
        word_init(&q->mask[i].word, &q->lines[2 * (i / 8) + 1], UINT64_MAX);
        names_add(q->host->machine, &q->pending[i].word, "pending", NULL);
        names_add(q->host->machine, &q->mask[i].word, "mask", NULL);
    }
}

static void statistics_boot(struct qemu *q)
{
    struct arena *arena = q->host->machine->arena;

    ARENA_EXCLUDE(arena, q->statistics);
    for (int path = 0; path < PATH_COUNT; path++) {
        q->latency[path] = ARENA_NEW(arena, struct histogram);
        histogram_init(q->latency[path]);
        ARENA_EXCLUDE(arena, *q->latency[path]);
    }
    q->recovery = ARENA_NEW(arena, struct histogram);
    histogram_init(q->recovery);
    ARENA_EXCLUDE(arena, *q->recovery);
}

void qemu_boot(const struct design *design, struct machine *machine, const struct setup *setup)
{
    const struct qemu_design *options = design->options;
    struct qemu *q = ARENA_NEW(machine->arena, struct qemu);
    uint32_t vectors = 0, devices = 0;

    q->host = host_boot(machine, setup);
    q->host->model = q;
    q->setup = setup;
    q->options = qemu_setup(setup);
    q->is_merged = options->is_merged;
    q->revert = q->options->revert;
    q->vcpu_count = setup->guests[0].vcpus;
    q->is_in_kernel = q->options->is_in_kernel && q->options->callback != CALLBACK_BY_GSI;
    q->callback_gsi = q->options->callback == CALLBACK_BY_GSI ? q->options->callback_gsi : 0;
    statistics_boot(q);
    mutex_init(q->host, &q->bql, "BQL", 1);
    mutex_init(q->host, &q->port_lock, "port_lock", 2);
    poller_init(q->host, &q->main_loop, "main-loop", q->options->cpu);
    worker_boot(q->host, q->options->cpu, 1);
    q->kworker = q->host->cpus[q->options->cpu].worker;
    eventfd_init(q->host, &q->callback_bh);
    poller_add(&q->main_loop, &q->callback_bh, callback_bottom_half, q);
    tables_boot(q);
    vcpus_boot(q);
    qemu_own_code_boot(q);
    for (uint32_t i = 0; i < setup->device_count; i++) {
        devices += setup->devices[i].count;
        vectors += setup->devices[i].count * setup->devices[i].vectors;
    }
    q->kinds = ARENA_ARRAY(machine->arena, struct device, setup->device_count);
    q->devices = ARENA_ARRAY(machine->arena, struct qemu_device, devices);
    q->vectors = ARENA_ARRAY(machine->arena, struct qemu_vector, vectors);
    q->routes = ARENA_ARRAY(machine->arena, struct qemu_vector *, vectors);
    devices_boot(q);
    qemu_own_code_started(q);
    kernel_boot(q);
    tasks_boot(q);
    names_boot(q);
    host_trace_boot(q->host);
}
