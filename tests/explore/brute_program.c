/* SPDX-License-Identifier: Apache-2.0
 *
 * Generates and prints random programs, and compares answers.
 */
#include "brute_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/rng.h"

/* --- generating --- */

struct generator {
    struct rng rng;
    struct brute_program *program;
    struct brute_op *code;
    uint32_t at, place; /* place: CPU, or BRUTE_CPUS + vector */
    bool irq_on;
};

static uint8_t below(struct generator *generator, uint32_t limit) { return (uint8_t)rng_below(&generator->rng, limit); }

static struct brute_op *emit(struct generator *generator, enum brute_verb verb, uint8_t which, uint8_t value)
{
    struct brute_op *op = &generator->code[generator->at++];

    CHECK(generator->at < BRUTE_OPS);
    *op = (struct brute_op){ .verb = (uint8_t)verb, .which = which, .value = value };
    return op;
}

static void emit_access(struct generator *generator)
{
    static const enum brute_verb verbs[] = { BRUTE_LOAD,        BRUTE_LOAD, BRUTE_LOAD,  BRUTE_STORE,    BRUTE_STORE,
                                             BRUTE_STORE,       BRUTE_XCHG, BRUTE_CAS,   BRUTE_ADD,      BRUTE_OR,
                                             BRUTE_STORE_FIELD, BRUTE_AND,  BRUTE_FENCE, BRUTE_STORE_REG };
    enum brute_verb verb = verbs[below(generator, sizeof(verbs) / sizeof(*verbs))];
    struct brute_op *op = emit(generator, verb, below(generator, BRUTE_WORDS), below(generator, BRUTE_VALUES));

    if (verb == BRUTE_CAS)
        op->extra = below(generator, 2);
    if (verb == BRUTE_STORE_FIELD) {
        op->extra = (uint8_t)(1 + below(generator, 2));
        op->value &= op->extra;
    }
}

static void emit_block(struct generator *generator, uint32_t depth);

static void emit_blocks(struct generator *generator, uint32_t count, uint32_t depth)
{
    for (uint32_t i = 0; i < count; i++)
        emit_block(generator, depth);
}

static void emit_locked(struct generator *generator, uint32_t depth)
{
    uint8_t lock = below(generator, BRUTE_LOCKS);
    bool was_on = generator->irq_on, saves = below(generator, 2);
    struct brute_op *tried = NULL;

    if (generator->program->is_tried[lock] && !was_on && below(generator, 2)) {
        tried = emit(generator, BRUTE_TRY, lock, 0);
        saves = false;
    } else {
        emit(generator, saves ? BRUTE_LOCK_SAVE : BRUTE_LOCK, lock, 0);
        generator->irq_on = was_on && !saves;
    }
    uint32_t first = generator->at;
    emit_blocks(generator, 1 + below(generator, 2), depth + 1);
    emit(generator, saves ? BRUTE_UNLOCK_RESTORE : BRUTE_UNLOCK, lock, 0);
    if (tried != NULL)
        tried->value = (uint8_t)(generator->at - first);
    generator->irq_on = was_on;
}

static void emit_masked(struct generator *generator, uint32_t depth)
{
    bool was_on = generator->irq_on;

    emit(generator, BRUTE_IRQ_OFF, 0, 0);
    generator->irq_on = false;
    emit_blocks(generator, 1 + below(generator, 2), depth + 1);
    if (was_on)
        emit(generator, BRUTE_IRQ_ON, 0, 0);
    generator->irq_on = was_on;
}

/* Handlers send vectors above their own only, so that none runs without end. */
static void emit_ipi(struct generator *generator)
{
    uint32_t own = generator->place < BRUTE_CPUS ? 0 : generator->place - BRUTE_CPUS;

    if (own + 1 < BRUTE_VECTORS)
        emit(generator, BRUTE_IPI, below(generator, generator->program->cpus),
             (uint8_t)(own + 1 + below(generator, BRUTE_VECTORS - 1 - own)));
}

static void emit_skip(struct generator *generator, uint32_t depth)
{
    struct brute_op *skip;

    emit(generator, BRUTE_LOAD, below(generator, BRUTE_WORDS), 0);
    skip = emit(generator, BRUTE_SKIP, below(generator, 2), 0);
    uint32_t first = generator->at;
    emit_block(generator, depth + 1);
    skip->value = (uint8_t)(generator->at - first);
}

static void emit_assert(struct generator *generator)
{
    emit(generator, BRUTE_LOAD, below(generator, BRUTE_WORDS), 0);
    emit(generator, BRUTE_ASSERT, 0, (uint8_t)(1 + below(generator, 2)));
}

/* What waits for others ends few programs only if it is rare. */
static void emit_waiting(struct generator *generator)
{
    bool is_main = generator->place < BRUTE_CPUS;

    switch (below(generator, is_main ? 4 : 2)) {
    case 0:
        emit(generator, BRUTE_WAIT, below(generator, BRUTE_WORDS), below(generator, 2));
        break;
    case 1:
        emit(generator, BRUTE_POLL, below(generator, BRUTE_WORDS), below(generator, 2));
        break;
    default:
        if (generator->irq_on)
            emit(generator, BRUTE_IRQ_OFF, 0, 0);
        emit(generator, BRUTE_HALT, 0, 0);
        emit(generator, BRUTE_IRQ_ON, 0, 0);
        if (!generator->irq_on)
            emit(generator, BRUTE_IRQ_OFF, 0, 0);
        break;
    }
}

static void emit_block(struct generator *generator, uint32_t depth)
{
    uint32_t choice = below(generator, 17);

    if (depth > 1 || choice < 7)
        emit_access(generator);
    else if (choice < 10)
        emit_locked(generator, depth);
    else if (choice < 11)
        emit_masked(generator, depth);
    else if (choice < 13)
        emit_ipi(generator);
    else if (choice < 15)
        emit_skip(generator, depth);
    else if (choice < 16)
        emit_assert(generator);
    else
        emit_waiting(generator);
}

static void generate_main(struct generator *generator, uint32_t cpu)
{
    generator->place = cpu;
    generator->code = generator->program->code[cpu];
    generator->at = 0;
    generator->irq_on = below(generator, 2);
    if (generator->irq_on)
        emit(generator, BRUTE_IRQ_ON, 0, 0);
    emit_blocks(generator, generator->program->cpus == 2 ? 3 : 2, 0);
    emit(generator, below(generator, 2) ? BRUTE_IDLE : BRUTE_END, 0, 0);
}

/* Interrupts may be on before the EOI, so that those of a higher class nest. */
static void generate_handler(struct generator *generator, uint32_t vector)
{
    bool nests = below(generator, 4) == 0;

    generator->place = BRUTE_CPUS + vector;
    generator->code = generator->program->code[generator->place];
    generator->at = 0;
    generator->irq_on = nests;
    if (nests)
        emit(generator, BRUTE_IRQ_ON, 0, 0);
    emit_block(generator, 0);
    if (nests)
        emit(generator, BRUTE_IRQ_OFF, 0, 0);
    emit(generator, BRUTE_EOI, 0, 0);
    generator->irq_on = false;
    if (below(generator, 3) == 0)
        emit_block(generator, 1);
    emit(generator, BRUTE_END, 0, 0);
}

void brute_generate(struct brute_program *program, uint64_t seed)
{
    struct generator generator = { .program = program };

    rng_init(&generator.rng, seed, 2, RNG_POLICY);
    *program = (struct brute_program){ .cpus = 2 + (below(&generator, 3) == 0) };
    program->lock_kind = (enum brute_lock)below(&generator, BRUTE_LOCK_KINDS);
    for (int i = 0; i < BRUTE_LOCKS; i++)
        program->is_tried[i] = below(&generator, 3) == 0;
    program->vectors[0] = 0x31;
    program->vectors[1] = 0x41;
    program->vectors[2] = below(&generator, 2) ? 0x42 : 0x52;
    program->device_target = below(&generator, program->cpus);
    program->device_count = below(&generator, 2);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++)
        generate_main(&generator, cpu);
    for (uint32_t vector = 0; vector < BRUTE_VECTORS; vector++)
        generate_handler(&generator, vector);
}

/* --- printing --- */

static const char *const verb_names[BRUTE_VERBS] = {
    [BRUTE_END] = "end",
    [BRUTE_IDLE] = "idle",
    [BRUTE_LOAD] = "load",
    [BRUTE_STORE] = "store",
    [BRUTE_STORE_REG] = "store-reg",
    [BRUTE_STORE_FIELD] = "store-field",
    [BRUTE_XCHG] = "xchg",
    [BRUTE_CAS] = "cas",
    [BRUTE_ADD] = "add",
    [BRUTE_OR] = "or",
    [BRUTE_AND] = "and",
    [BRUTE_FENCE] = "fence",
    [BRUTE_WAIT] = "wait",
    [BRUTE_POLL] = "poll",
    [BRUTE_LOCK] = "lock",
    [BRUTE_UNLOCK] = "unlock",
    [BRUTE_LOCK_SAVE] = "lock-irqsave",
    [BRUTE_UNLOCK_RESTORE] = "unlock-irqrestore",
    [BRUTE_TRY] = "trylock",
    [BRUTE_IRQ_OFF] = "irq-off",
    [BRUTE_IRQ_ON] = "irq-on",
    [BRUTE_HALT] = "halt",
    [BRUTE_IPI] = "ipi",
    [BRUTE_EOI] = "eoi",
    [BRUTE_SKIP] = "skip",
    [BRUTE_ASSERT] = "assert-not",
};

static void print_code(const struct brute_op *code, FILE *stream)
{
    for (uint32_t i = 0;; i++) {
        fprintf(stream, " %" PRIu32 ":%s(%u,%u,%u)", i, verb_names[code[i].verb], code[i].which, code[i].value,
                code[i].extra);
        if (code[i].verb == BRUTE_END || code[i].verb == BRUTE_IDLE)
            break;
    }
    fputc('\n', stream);
}

void brute_print(const struct brute_program *program, FILE *stream)
{
    static const char *const kinds[] = { "ttas", "ticket", "spinlock" };

    fprintf(stream, "%" PRIu32 " CPUs, locks %s%s%s, vectors %x %x %x, device raises %u at cpu%u\n", program->cpus,
            kinds[program->lock_kind], program->is_tried[0] ? " (0 tried)" : "",
            program->is_tried[1] ? " (1 tried)" : "", program->vectors[0], program->vectors[1], program->vectors[2],
            program->device_count, program->device_target);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++) {
        fprintf(stream, "  cpu%" PRIu32 ":", cpu);
        print_code(program->code[cpu], stream);
    }
    for (uint32_t vector = 0; vector < BRUTE_VECTORS; vector++) {
        fprintf(stream, "  handler %" PRIu32 ":", vector);
        print_code(program->code[BRUTE_CPUS + vector], stream);
    }
}

void brute_end_print(const struct brute_end *end, const struct brute_program *program, FILE *stream)
{
    fputs("  words", stream);
    for (int i = 0; i < BRUTE_WORDS; i++)
        fprintf(stream, " %u", end->words[i]);
    fputs(", taken", stream);
    for (int i = 0; i < BRUTE_LOCKS; i++)
        fprintf(stream, " %u", end->is_taken[i]);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++) {
        fprintf(stream, ", cpu%" PRIu32 " %s", cpu, end->has_asserted[cpu] ? "asserted" : "at");
        for (uint32_t i = 0; i < end->frames[cpu]; i++)
            fprintf(stream, " %u:%u(r=%u)", end->frame[cpu][i].program, end->frame[cpu][i].at, end->frame[cpu][i].reg);
    }
    fprintf(stream, "%s\n", end->is_outstanding ? ", outstanding" : "");
}

/* --- answers --- */

void brute_answer_add(struct brute_answer *answer, struct brute_end *end)
{
    size_t low = 0, high = answer->end_count;

    for (int cpu = 0; cpu < BRUTE_CPUS; cpu++)
        for (int i = 0; i + 1 < end->frames[cpu]; i++)
            end->frame[cpu][i].at = 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(&answer->ends[middle], end, sizeof(*end));
        if (order == 0)
            return;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    answer->ends = realloc(answer->ends, (answer->end_count + 1) * sizeof(*answer->ends));
    CHECK(answer->ends != NULL);
    memmove(&answer->ends[low + 1], &answer->ends[low], (answer->end_count - low) * sizeof(*answer->ends));
    answer->ends[low] = *end;
    answer->end_count++;
}

void brute_answer_free(struct brute_answer *answer)
{
    free(answer->ends);
    *answer = (struct brute_answer){ .end_count = 0 };
}

bool brute_answer_equal(const struct brute_answer *one, const struct brute_answer *other)
{
    return one->has_endless_wait == other->has_endless_wait && one->end_count == other->end_count &&
           (one->end_count == 0 || memcmp(one->ends, other->ends, one->end_count * sizeof(*one->ends)) == 0);
}

bool brute_end_waits(const struct brute_end *end, const struct brute_program *program)
{
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++) {
        const struct brute_frame *frame = &end->frame[cpu][end->frames[cpu] - 1];
        enum brute_verb verb = (enum brute_verb)program->code[frame->program][frame->at].verb;
        if (!end->has_asserted[cpu] && (verb == BRUTE_WAIT || verb == BRUTE_LOCK || verb == BRUTE_LOCK_SAVE))
            return true;
    }
    return false;
}
