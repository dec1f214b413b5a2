/* SPDX-License-Identifier: Apache-2.0
 *
 * What the machine of brute force can do.
 */
#include "brute_machine.h"

#include "base/check.h"

/* --- memory --- */

static uint8_t masked(uint8_t old, const struct brute_store *store)
{
    return (uint8_t)((old & ~store->mask) | store->value);
}

static uint8_t seen(const struct brute_state *state, const struct brute_cpu *cpu, uint8_t word)
{
    uint8_t value = state->words[word];

    for (uint8_t i = 0; i < cpu->store_count; i++)
        if (cpu->stores[i].word == word)
            value = masked(value, &cpu->stores[i]);
    return value;
}

static void put(const struct brute_machine *machine, struct brute_state *state, struct brute_cpu *cpu, uint8_t word,
                uint8_t mask, uint8_t value)
{
    struct brute_store store = { word, mask, value };

    if (machine->memory == BRUTE_SC) {
        state->words[word] = masked(state->words[word], &store);
        return;
    }
    CHECK(cpu->store_count < BRUTE_STORES_MAX);
    cpu->stores[cpu->store_count++] = store;
}

bool brute_drain(struct brute_state *next, uint32_t id)
{
    struct brute_cpu *cpu = &next->cpus[id];

    if (cpu->store_count == 0)
        return false;
    next->words[cpu->stores[0].word] = masked(next->words[cpu->stores[0].word], &cpu->stores[0]);
    for (uint8_t i = 1; i < cpu->store_count; i++)
        cpu->stores[i - 1] = cpu->stores[i];
    cpu->stores[--cpu->store_count] = (struct brute_store){ .word = 0 };
    return true;
}

/* --- interrupts --- */

static int highest(const struct brute_program *program, uint8_t bits)
{
    int best = -1;

    for (int i = 0; i < BRUTE_VECTORS; i++)
        if ((bits >> i & 1) && (best < 0 || program->vectors[i] > program->vectors[best]))
            best = i;
    return best;
}

/* The index of the vector that the CPU would take, or -1. */
static int deliverable(const struct brute_program *program, const struct brute_cpu *cpu)
{
    int requested = highest(program, cpu->irr), served = highest(program, cpu->isr);

    if (requested < 0 || (served >= 0 && program->vectors[requested] / 16 <= program->vectors[served] / 16))
        return -1;
    return requested;
}

static void enter(struct brute_state *state, struct brute_cpu *cpu, int vector)
{
    struct brute_running *frame = &cpu->frames[cpu->frame_count++];

    CHECK(cpu->frame_count <= BRUTE_FRAMES);
    *frame = (struct brute_running){ .is.program = (uint8_t)(BRUTE_CPUS + vector), .was_on = cpu->irq_on };
    cpu->irr &= (uint8_t) ~(1u << vector);
    cpu->isr |= (uint8_t)(1u << vector);
    cpu->irq_on = false;
    if (vector == 0)
        state->is_outstanding = false;
}

static void leave(struct brute_cpu *cpu, struct brute_running *frame)
{
    cpu->irq_on = frame->was_on;
    *frame = (struct brute_running){ .phase = 0 };
    cpu->frame_count--;
}

bool brute_arrive(struct brute_state *next, uint32_t id, uint32_t vector)
{
    struct brute_cpu *cpu = &next->cpus[id];

    if (!(cpu->flying >> vector & 1))
        return false;
    cpu->flying &= (uint8_t) ~(1u << vector);
    cpu->irr |= (uint8_t)(1u << vector);
    return true;
}

bool brute_raise(const struct brute_machine *machine, struct brute_state *next)
{
    if (next->left == 0)
        return false;
    next->left--;
    next->is_outstanding = true;
    next->cpus[machine->program->device_target].irr |= 1;
    return true;
}

/* --- locks --- */

static uint8_t word_of(uint8_t lock) { return (uint8_t)(BRUTE_WORDS + 2 * lock); }

/* The lock's word of a ticket lock is the ticket that it serves. */
static bool is_lock_free(const struct brute_machine *machine, const struct brute_state *state,
                         const struct brute_cpu *cpu, const struct brute_running *frame, uint8_t lock)
{
    uint8_t value = seen(state, cpu, word_of(lock));

    return machine->program->lock_kind == BRUTE_TICKET ? value == frame->ticket : value == 0;
}

static void take(const struct brute_machine *machine, struct brute_state *next, uint8_t lock, uint32_t id)
{
    if (machine->program->lock_kind != BRUTE_TICKET)
        next->words[word_of(lock)] = BRUTE_TAKEN;
    next->holders[lock] = (uint8_t)(id + 1);
}

/* Waits with interrupts as they are, except that a ttas lock taken with irqsave waits as its caller was. Phases: 0 the
 * request; 1 interrupts are off; 2 a ticket is drawn; 3 waits with interrupts on for BRUTE_LOCK_SAVE. */
static bool lock(const struct brute_machine *machine, struct brute_state *next, struct brute_cpu *cpu,
                 struct brute_running *frame, const struct brute_op *op)
{
    enum brute_lock kind = machine->program->lock_kind;
    uint32_t id = (uint32_t)(cpu - next->cpus);
    bool saves = op->verb == BRUTE_LOCK_SAVE;

    if (frame->phase == 0 && saves) {
        frame->saved = (uint8_t)((frame->saved & ~(1u << op->which)) | (unsigned)cpu->irq_on << op->which);
        cpu->irq_on = false;
        frame->phase = 1;
        return true;
    }
    if (next->holders[op->which] == id + 1 && !next->has_relocked) {
        next->has_relocked = true;
        return true;
    }
    if (kind == BRUTE_TICKET && frame->phase < 2) {
        frame->ticket = next->words[word_of(op->which) + 1]++;
        frame->phase = 2;
        return cpu->store_count == 0;
    }
    if (!is_lock_free(machine, next, cpu, frame, op->which)) {
        if (frame->phase != 1 || kind != BRUTE_TTAS || !(frame->saved >> op->which & 1))
            return false;
        cpu->irq_on = true;
        frame->phase = 3;
        return cpu->store_count == 0;
    }
    if (frame->phase == 3)
        cpu->irq_on = false;
    take(machine, next, op->which, id);
    frame->phase = frame->ticket = 0;
    frame->is.at++;
    return kind == BRUTE_TICKET || cpu->store_count == 0;
}

bool brute_is_taken(const struct brute_machine *machine, const struct brute_state *state, uint32_t lock)
{
    const uint8_t *word = &state->words[word_of((uint8_t)lock)];

    return machine->program->lock_kind == BRUTE_TICKET ? word[0] != word[1] : word[0] != 0;
}

static bool unlock(const struct brute_machine *machine, struct brute_state *next, struct brute_cpu *cpu,
                   struct brute_running *frame, const struct brute_op *op)
{
    bool is_ticket = machine->program->lock_kind == BRUTE_TICKET;
    uint8_t word = word_of(op->which), value = (uint8_t)(is_ticket ? seen(next, cpu, word) + 1 : 0);

    if (frame->phase == 0) {
        put(machine, next, cpu, word, UINT8_MAX, value);
        next->holders[op->which] = 0;
    }
    if (frame->phase == 0 && op->verb == BRUTE_UNLOCK_RESTORE) {
        frame->phase = 1;
        return true;
    }
    if (frame->phase == 1)
        cpu->irq_on |= frame->saved >> op->which & 1;
    frame->phase = 0;
    frame->is.at++;
    return true;
}

/* A ticket lock is tried in two steps: what is served, and whether that is the next ticket. */
static bool try(const struct brute_machine *machine, struct brute_state *next, struct brute_cpu *cpu,
                struct brute_running *frame, const struct brute_op *op)
{
    uint8_t *word = &next->words[word_of(op->which)];
    bool is_free = *word == 0;

    if (machine->program->lock_kind == BRUTE_TICKET && frame->phase == 0) {
        frame->ticket = seen(next, cpu, word_of(op->which));
        frame->phase = 1;
        return true;
    }
    if (machine->program->lock_kind == BRUTE_TICKET) {
        is_free = word[1] == frame->ticket;
        word[1] += is_free;
    }
    if (is_free)
        take(machine, next, op->which, (uint32_t)(cpu - next->cpus));
    frame->phase = frame->ticket = 0;
    frame->is.at = (uint8_t)(frame->is.at + 1 + (is_free ? 0 : op->value));
    return cpu->store_count == 0;
}

/* --- operations --- */

/* A locked operation on the memory itself, after all stores of this CPU. */
static bool modify(struct brute_state *next, const struct brute_cpu *cpu, struct brute_running *frame,
                   const struct brute_op *op)
{
    uint8_t *word = &next->words[op->which], old = *word;

    switch (op->verb) {
    case BRUTE_XCHG:
        *word = op->value;
        break;
    case BRUTE_CAS:
        *word = old == op->extra ? op->value : old;
        break;
    case BRUTE_ADD:
        *word = (uint8_t)(old + op->value);
        break;
    case BRUTE_OR:
        *word = old | op->value;
        break;
    default:
        *word = old & op->value;
        break;
    }
    frame->is.reg = old;
    frame->is.at++;
    return cpu->store_count == 0;
}

static bool access(const struct brute_machine *machine, struct brute_state *next, struct brute_cpu *cpu,
                   struct brute_running *frame, const struct brute_op *op)
{
    uint8_t value = seen(next, cpu, op->which);

    switch (op->verb) {
    case BRUTE_LOAD:
        frame->is.reg = value;
        frame->is.at++;
        return true;
    case BRUTE_WAIT:
        frame->is.at++;
        return value == op->value;
    case BRUTE_POLL:
        frame->is.at += value == op->value;
        return true;
    case BRUTE_STORE:
        frame->is.at++;
        put(machine, next, cpu, op->which, UINT8_MAX, op->value);
        return true;
    case BRUTE_STORE_REG:
        frame->is.at++;
        put(machine, next, cpu, op->which, UINT8_MAX, frame->is.reg);
        return true;
    case BRUTE_STORE_FIELD:
        frame->is.at++;
        put(machine, next, cpu, op->which, op->extra, op->value);
        return true;
    default:
        return modify(next, cpu, frame, op);
    }
}

/* What touches neither memory nor locks. */
static bool own(const struct brute_machine *machine, struct brute_state *next, struct brute_cpu *cpu,
                struct brute_running *frame, const struct brute_op *op)
{
    frame->is.at++;
    switch (op->verb) {
    case BRUTE_IRQ_OFF:
    case BRUTE_IRQ_ON:
        cpu->irq_on = op->verb == BRUTE_IRQ_ON;
        return true;
    case BRUTE_IPI:
        next->cpus[op->which].flying |= (uint8_t)(1u << op->value);
        return true;
    case BRUTE_EOI:
        cpu->isr &= (uint8_t) ~(1u << highest(machine->program, cpu->isr));
        return true;
    case BRUTE_SKIP:
        frame->is.at = (uint8_t)(frame->is.at + (frame->is.reg == op->which ? op->value : 0));
        return true;
    case BRUTE_ASSERT:
        if (frame->is.reg == op->value) {
            frame->is.at--;
            cpu->has_asserted = true;
        }
        return true;
    case BRUTE_FENCE:
        return cpu->store_count == 0;
    case BRUTE_HALT:
        return deliverable(machine->program, cpu) >= 0;
    default: /* BRUTE_IDLE: as HALT with interrupts off, then on */
        frame->is.at--;
        cpu->irq_on = true;
        return deliverable(machine->program, cpu) >= 0;
    }
}

/* A CPU turns interrupts off and is gone; a handler returns. */
static bool end(struct brute_cpu *cpu, struct brute_running *frame)
{
    if (cpu->frame_count == 1) {
        cpu->irq_on = false;
        frame->phase = 1;
        return true;
    }
    if (cpu->store_count > 0)
        return false;
    leave(cpu, frame);
    return true;
}

/* Returns false when the operation cannot be done now. */
static bool operate(const struct brute_machine *machine, struct brute_state *next, uint32_t id)
{
    struct brute_cpu *cpu = &next->cpus[id];
    struct brute_running *frame = &cpu->frames[cpu->frame_count - 1];
    const struct brute_op *op = &machine->program->code[frame->is.program][frame->is.at];

    switch (op->verb) {
    case BRUTE_END:
        return end(cpu, frame);
    case BRUTE_LOCK:
    case BRUTE_LOCK_SAVE:
        return lock(machine, next, cpu, frame, op);
    case BRUTE_UNLOCK:
    case BRUTE_UNLOCK_RESTORE:
        return unlock(machine, next, cpu, frame, op);
    case BRUTE_TRY:
        return try(machine, next, cpu, frame, op);
    case BRUTE_IRQ_OFF:
    case BRUTE_IRQ_ON:
    case BRUTE_IPI:
    case BRUTE_EOI:
    case BRUTE_SKIP:
    case BRUTE_ASSERT:
    case BRUTE_FENCE:
    case BRUTE_HALT:
    case BRUTE_IDLE:
        return own(machine, next, cpu, frame, op);
    default:
        return access(machine, next, cpu, frame, op);
    }
}

static bool has_ended(const struct brute_machine *machine, const struct brute_cpu *cpu)
{
    const struct brute_running *frame = &cpu->frames[cpu->frame_count - 1];

    return cpu->has_asserted ||
           (frame->phase == 1 && machine->program->code[frame->is.program][frame->is.at].verb == BRUTE_END);
}

/* A look at a register belongs to the operation before it. */
static bool is_boundary(const struct brute_machine *machine, const struct brute_cpu *cpu)
{
    const struct brute_frame *frame = &cpu->frames[cpu->frame_count - 1].is;
    uint8_t verb = machine->program->code[frame->program][frame->at].verb;

    return verb != BRUTE_SKIP && verb != BRUTE_ASSERT;
}

bool brute_step(const struct brute_machine *machine, struct brute_state *next, uint32_t id)
{
    struct brute_cpu *cpu = &next->cpus[id];

    if (has_ended(machine, cpu))
        return false;
    int vector = cpu->irq_on && is_boundary(machine, cpu) ? deliverable(machine->program, cpu) : -1;
    if (vector < 0)
        return operate(machine, next, id);
    enter(next, cpu, vector);
    return cpu->store_count == 0;
}
