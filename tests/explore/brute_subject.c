/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs random programs on the machine under the exhaustive policy.
 */
#include "brute_subject.h"

#include <string.h>

#include "death.h"
#include "explore_fixture.h"
#include "machine/devices/device.h"
#include "models/locks/lock.h"

/* More than any way through a program takes that does not wait or poll. */
enum { BRUTE_WALK_STEPS = 400 };

const struct brute_reduction brute_reductions[] = {
    { "no reduction", .merges = false },
    { "merged steps", .merges = true },
    { "steps left out that commute", .merges = false, .leaves_out = true },
    { "merged steps, some left out", .merges = true, .leaves_out = true },
    { "merged steps, those left out or remembered taken again", .merges = true, .leaves_out = true, .verifies = true },
    { NULL, .merges = false },
};

/* In the arena, so that it belongs to the state. */
struct subject {
    const struct brute_program *program;
    bool judges; /* violations are raised; otherwise their CPU stops for good */
    struct line line;
    struct word words[BRUTE_WORDS];
    struct lock locks[BRUTE_LOCKS];
    struct device device;
    struct histogram latency;
    struct device_vector vector;
    uint8_t has_asserted[BRUTE_CPUS], frames[BRUTE_CPUS];
    struct brute_frame frame[BRUTE_CPUS][BRUTE_FRAMES];
};

static struct subject *subject_of(const struct cpu *cpu) { return fixture_of(cpu)->data; }

static void stop(struct cpu *cpu)
{
    struct subject *subject = subject_of(cpu);

    if (subject->judges)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "a value that the program forbids");
    subject->has_asserted[cpu->id] = true;
    for (;;)
        engine_park(cpu->engine);
}

static void run_access(struct cpu *cpu, struct subject *subject, struct brute_frame *frame, const struct brute_op *op)
{
    struct word *word = &subject->words[op->which];

    switch (op->verb) {
    case BRUTE_LOAD:
        frame->reg = (uint8_t)word_load(cpu, word);
        break;
    case BRUTE_STORE:
        word_store(cpu, word, op->value);
        break;
    case BRUTE_STORE_REG:
        word_store(cpu, word, frame->reg);
        break;
    case BRUTE_STORE_FIELD:
        word_store_field(cpu, word, op->extra, op->value);
        break;
    case BRUTE_XCHG:
        frame->reg = (uint8_t)word_xchg(cpu, word, op->value);
        break;
    case BRUTE_CAS:
        frame->reg = (uint8_t)word_cas(cpu, word, op->extra, op->value);
        break;
    case BRUTE_ADD:
        frame->reg = (uint8_t)word_fetch_add(cpu, word, op->value);
        break;
    case BRUTE_OR:
        frame->reg = (uint8_t)word_fetch_or(cpu, word, op->value);
        break;
    case BRUTE_AND:
        frame->reg = (uint8_t)word_fetch_and(cpu, word, op->value);
        break;
    case BRUTE_WAIT:
        word_wait(cpu, word, op->value);
        break;
    default:
        while (word_load(cpu, word) != op->value)
            cpu_relax(cpu);
        break;
    }
}

static void idle(struct cpu *cpu)
{
    for (;;) {
        cpu_irq_off(cpu);
        cpu_halt(cpu);
        cpu_irq_on(cpu);
    }
}

/* `saved`: interrupts, before each irqsave. */
static void run_lock(struct cpu *cpu, struct subject *subject, struct brute_frame *frame, const struct brute_op *op,
                     bool *saved)
{
    struct lock *lock = &subject->locks[op->which];

    /* A recursive acquisition waits for ever, instead of being a violation. */
    if (!subject->judges && (op->verb == BRUTE_LOCK || op->verb == BRUTE_LOCK_SAVE) && lock_is_held_by(lock, cpu))
        lock->holder = UINT32_MAX;
    switch (op->verb) {
    case BRUTE_LOCK:
        spin_lock(cpu, lock);
        break;
    case BRUTE_LOCK_SAVE:
        saved[op->which] = spin_lock_irqsave(cpu, lock);
        break;
    case BRUTE_UNLOCK:
        spin_unlock(cpu, lock);
        break;
    case BRUTE_UNLOCK_RESTORE:
        spin_unlock_irqrestore(cpu, lock, saved[op->which]);
        break;
    default:
        if (!spin_trylock(cpu, lock))
            frame->at = (uint8_t)(frame->at + op->value);
        break;
    }
}

static void run_op(struct cpu *cpu, struct subject *subject, struct brute_frame *frame, const struct brute_op *op,
                   bool *saved)
{
    switch (op->verb) {
    case BRUTE_LOCK:
    case BRUTE_UNLOCK:
    case BRUTE_LOCK_SAVE:
    case BRUTE_UNLOCK_RESTORE:
    case BRUTE_TRY:
        run_lock(cpu, subject, frame, op, saved);
        break;
    case BRUTE_IRQ_OFF:
        cpu_irq_off(cpu);
        break;
    case BRUTE_IRQ_ON:
        cpu_irq_on(cpu);
        break;
    case BRUTE_FENCE:
        cpu_fence(cpu);
        break;
    case BRUTE_HALT:
        cpu_halt(cpu);
        break;
    case BRUTE_IPI:
        ipi_send(cpu, &cpu->machine->cpus[op->which], subject->program->vectors[op->value]);
        break;
    case BRUTE_EOI:
        lapic_eoi(cpu);
        break;
    case BRUTE_SKIP:
        if (frame->reg == op->which)
            frame->at = (uint8_t)(frame->at + op->value);
        break;
    case BRUTE_ASSERT:
        if (frame->reg == op->value)
            stop(cpu);
        break;
    default:
        run_access(cpu, subject, frame, op);
        break;
    }
}

static void run_frame(struct cpu *cpu, uint32_t code)
{
    struct subject *subject = subject_of(cpu);
    struct brute_frame *frame = &subject->frame[cpu->id][subject->frames[cpu->id]++];
    bool saved[BRUTE_LOCKS] = { false };

    CHECK(subject->frames[cpu->id] <= BRUTE_FRAMES);
    *frame = (struct brute_frame){ .program = (uint8_t)code };
    for (const struct brute_op *op; (op = &subject->program->code[code][frame->at])->verb != BRUTE_END; frame->at++) {
        if (op->verb == BRUTE_IDLE)
            idle(cpu);
        run_op(cpu, subject, frame, op, saved);
    }
    if (code < BRUTE_CPUS) {
        cpu_irq_off(cpu);
        return;
    }
    *frame = (struct brute_frame){ .at = 0 };
    subject->frames[cpu->id]--;
}

static void run_main(struct cpu *cpu, void *data)
{
    (void)data;
    run_frame(cpu, cpu->id);
}

static void run_handler(struct cpu *cpu, uint32_t vector)
{
    struct subject *subject = subject_of(cpu);
    uint32_t index = 0;

    while (subject->program->vectors[index] != vector)
        index++;
    if (index == 0)
        device_handler_begin(&subject->vector);
    run_frame(cpu, BRUTE_CPUS + index);
}

/* --- worlds --- */

static void add_device(struct fixture *fixture, struct subject *subject)
{
    const struct brute_program *program = subject->program;

    subject->device = (struct device){ .machine = &fixture->machine,
                                       .latency = &subject->latency,
                                       .explored_interrupts = program->device_count };
    device_vector_init(&subject->vector, &subject->device, 1, 0);
    device_route(&subject->vector, &fixture->machine.cpus[program->device_target], program->vectors[0]);
}

static void open_world(struct fixture *fixture, struct explored *explored, const struct brute_program *program,
                       enum brute_memory memory, const struct brute_reduction *reduction, bool judges)
{
    static const char *const kinds[] = { "ttas", "ticket", "spinlock" };

    explore_open_as(fixture, explored, program->cpus, memory == BRUTE_TSO ? POLICY_EXHAUSTIVE_TSO : POLICY_EXHAUSTIVE);
    explored->merges = reduction->merges;
    fixture->arena.records_excluded = true; /* of locks, which tell of the order of steps that commute */
    struct lock_system *system = lock_system_new(&fixture->machine, lock_find(kinds[program->lock_kind]));
    struct subject *subject = ARENA_NEW(&fixture->arena, struct subject);
    subject->program = program;
    subject->judges = judges;
    line_init(&fixture->machine, &subject->line, LINE_PLAIN);
    for (int i = 0; i < BRUTE_WORDS; i++)
        word_init(&subject->words[i], &subject->line, 0);
    for (int i = 0; i < BRUTE_LOCKS; i++) {
        struct lock_class *class = lock_class_new(system, i == 0 ? "first" : "second");
        class->is_tried = program->is_tried[i];
        lock_init(&subject->locks[i], class);
    }
    fixture->data = subject;
    fixture->interrupt = run_handler;
    add_device(fixture, subject);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++)
        fixture_program(fixture, cpu, run_main, NULL);
    device_start(&subject->vector);
}

/* Where ends are collected. */
static struct brute_answer *collected;

static bool collect(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct fixture *fixture = machine->hypervisor;
    const struct subject *subject = fixture->data;
    struct brute_end end;

    (void)text;
    (void)text_bytes;
    memset(&end, 0, sizeof(end));
    for (int i = 0; i < BRUTE_WORDS; i++)
        end.words[i] = (uint8_t)word_peek(&subject->words[i]);
    for (int i = 0; i < BRUTE_LOCKS; i++)
        end.is_taken[i] = word_peek(&subject->locks[i].word) != word_peek(&subject->locks[i].tail);
    memcpy(end.has_asserted, subject->has_asserted, sizeof(end.has_asserted));
    memcpy(end.frames, subject->frames, sizeof(end.frames));
    memcpy(end.frame, subject->frame, sizeof(end.frame));
    end.is_outstanding = subject->vector.outstanding > 0;
    brute_answer_add(collected, &end);
    return false;
}

void brute_explore(const struct brute_program *program, enum brute_memory memory,
                   const struct brute_reduction *reduction, uint64_t preemptions, struct brute_answer *answer)
{
    static const struct property collector = { .name = "collector", .at = PROPERTY_AT_END, .is_broken = collect };
    static const struct property *const properties[] = { &collector, NULL };
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    struct fixture fixture;
    struct explored explored;

    limits.verifies = reduction->verifies;
    limits.takes_all = !reduction->leaves_out;
    limits.preemptions = preemptions;
    open_world(&fixture, &explored, program, memory, reduction, false);
    struct explore_subject subject = {
        .engine = &fixture.engine,
        .machine = &fixture.machine,
        .explored = &explored,
        .properties = properties,
        .has_footprints = true,
    };
    *answer = (struct brute_answer){ .end_count = 0 };
    collected = answer;
    machine_start(&fixture.machine);
    explore_search(&subject, &limits, &outcome);
    answer->states = outcome.states;
    answer->is_incomplete = outcome.verdict == EXPLORE_INCOMPLETE && !outcome.has_bound;
    answer->has_endless_wait = outcome.violation.kind == VIOLATION_ENDLESS_WAIT;
    assert_true(outcome.verdict != EXPLORE_VIOLATION || answer->has_endless_wait);
    explore_outcome_free(&outcome);
    explore_close(&fixture);
}

void brute_search(const struct brute_program *program, enum brute_memory memory,
                  const struct brute_reduction *reduction, const struct explore_limits *limits,
                  struct explore_outcome *outcome)
{
    struct fixture fixture;
    struct explored explored;

    open_world(&fixture, &explored, program, memory, reduction, true);
    explore_run(&fixture, limits, outcome);
    explore_close(&fixture);
}

enum violation_kind brute_judge(const struct brute_program *program, enum brute_memory memory,
                                const struct brute_reduction *reduction, uint64_t walks)
{
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    enum violation_kind kind;

    limits.verifies = reduction->verifies;
    limits.takes_all = !reduction->leaves_out;
    limits.walks = walks;
    limits.depth = walks > 0 ? BRUTE_WALK_STEPS : limits.depth; /* a walk may poll for ever */
    brute_search(program, memory, reduction, &limits, &outcome);
    assert_int_equal(outcome.verdict == EXPLORE_INCOMPLETE, walks > 0 && outcome.violation.kind == VIOLATION_NONE);
    kind = outcome.verdict == EXPLORE_VIOLATION ? outcome.violation.kind : VIOLATION_NONE;
    explore_outcome_free(&outcome);
    return kind;
}
