/* SPDX-License-Identifier: Apache-2.0
 *
 * Timing of locks that is known to the cycle: hand-overs, the cost of a free lock in the cache, and interrupts while
 * waiting (with ttas as before e10784ac42, with ticket as since).
 */
#include "lock_run.h"

/* --- hand-overs --- */

struct hand_over {
    struct run run;
    cycles at[CPUS_MAX], acquired[CPUS_MAX], released[CPUS_MAX];
};

static void take_once(struct cpu *cpu, void *data)
{
    struct hand_over *row = data;

    program_sleep_until(cpu, row->at[cpu->id]);
    spin_lock(cpu, &row->run.lock);
    row->acquired[cpu->id] = cpu_now(cpu);
    program_sleep_until(cpu, 5000 * (cpu->id + 1));
    spin_unlock(cpu, &row->run.lock);
    row->released[cpu->id] = cpu_now(cpu);
}

/* When CPU 0 has it first, when it has given it back, and when CPU 1 has it. */
struct hand_over_times {
    cycles first, release, second;
};

static struct hand_over_times ttas_hands_over(void)
{
    /* CPU 1's failed xchg has the line: the store fetches it, CPU 1 reads it, and its xchg waits for the directory and
     * then invalidates. */
    cycles release = 5000 + C.store_modified[DISTANCE_NEAR];

    return (struct hand_over_times){ C.load_memory, release,
                                     release + C.directory_service + C.atomic_shared[DISTANCE_NEAR] };
}

static struct hand_over_times ticket_hands_over(void)
{
    /* The ticket drawn, the first load is a hit. CPU 1's ticket took the line; the store fetches it back. */
    cycles release = 5000 + C.store_modified[DISTANCE_NEAR];

    return (struct hand_over_times){ C.load_memory + C.load_hit, release, release + C.load_modified[DISTANCE_NEAR] };
}

static struct hand_over_times mcs_hands_over(void)
{
    /* The node's two words and the tail, both from memory. The next field is CPU 1's since it linked itself; then its
     * flag, that it polls. */
    cycles release = 5000 + C.load_modified[DISTANCE_NEAR] + C.store_modified[DISTANCE_NEAR];

    return (struct hand_over_times){ C.load_memory + C.store_hit + C.load_memory, release,
                                     release + C.load_modified[DISTANCE_NEAR] };
}

static struct hand_over_times spinlock_hands_over(void)
{
    /* CPU 1's failing ones have the line: the store fetches it, and the next cas takes it back. */
    cycles release = 5000 + C.store_modified[DISTANCE_NEAR];

    return (struct hand_over_times){ C.load_memory, release, release + C.atomic_modified[DISTANCE_NEAR] };
}

static bool is_called(uint32_t kind, const char *name) { return strcmp(lock_kinds[kind].name, name) == 0; }

/* What is known of a kind to the cycle; one that is not here gets the general checks. */
static const struct known {
    const char *name;
    struct hand_over_times (*hand_over)(void);
    cycles take, give; /* a free lock in the cache */
} known[] = {
    { "ttas", ttas_hands_over, 20, 5 },
    { "ticket", ticket_hands_over, 20 + 5, 5 },
    { "mcs", mcs_hands_over, 30, 25 },
    { "spinlock", spinlock_hands_over, 20, 5 },
};

static const struct known *known_of(uint32_t kind)
{
    for (size_t i = 0; i < COUNT(known); i++)
        if (is_called(kind, known[i].name))
            return &known[i];
    return NULL;
}

/* CPU 0 takes it and holds it until 5000, CPU 1 beside it asks at 1000; the lines named are the costs in their order.
 */
static void a_hand_over_is_its_line_transfers(void **state)
{
    static struct hand_over row;

    (void)state;
    for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
        const struct known *expected = known_of(kind);

        run_open(&row.run, "package:1 [numa] core:2 pu:1", kind, POLICY_TIMED, 1);
        row.at[1] = 1000;
        fixture_program(&row.run.fixture, 0, take_once, &row);
        fixture_program(&row.run.fixture, 1, take_once, &row);
        run_close(&row.run);
        assert_true(row.acquired[0] < row.released[0] && row.acquired[1] > 5000);
        if (expected == NULL)
            continue;
        struct hand_over_times times = expected->hand_over();
        assert_int_equal(row.acquired[0], times.first);
        assert_int_equal(row.released[0], times.release);
        assert_int_equal(row.acquired[1], times.second);
    }
}

static void take_and_release(struct cpu *cpu, void *data)
{
    struct hand_over *row = data;
    struct lock *lock = &row->run.lock;

    for (int i = 0; i < 2; i++) { /* the first finds cold lines */
        cycles from = cpu_now(cpu);
        spin_lock(cpu, lock);
        row->acquired[0] = cpu_now(cpu) - from;
        from = cpu_now(cpu);
        spin_unlock(cpu, lock);
        row->released[0] = cpu_now(cpu) - from;
    }
}

static void a_free_lock_in_the_cache_costs_hits(void **state)
{
    static struct hand_over row;

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        run_open(&row.run, "package:1 [numa] core:1 pu:1", lock_find(known[i].name), POLICY_TIMED, 1);
        fixture_program(&row.run.fixture, 0, take_and_release, &row);
        run_close(&row.run);
        assert_int_equal(row.acquired[0], known[i].take);
        assert_int_equal(row.released[0], known[i].give);
    }
}

/* --- interrupts --- */

enum entry { PLAIN_ON, PLAIN_OFF, IRQSAVE_ON, IRQSAVE_OFF };

struct interrupted {
    struct run run;
    enum entry entry;
    cycles handled, acquired;
    bool was_on, irq_on_while_held;
};

static void hold_until_20000(struct cpu *cpu, void *data)
{
    struct interrupted *row = data;

    spin_lock(cpu, &row->run.lock);
    program_sleep_until(cpu, 20000);
    spin_unlock(cpu, &row->run.lock);
}

static void wait_for_it(struct cpu *cpu, void *data)
{
    struct interrupted *row = data;
    struct lock *lock = &row->run.lock;
    bool is_irqsave = row->entry == IRQSAVE_ON || row->entry == IRQSAVE_OFF;

    program_sleep_until(cpu, 1000);
    if (row->entry == PLAIN_ON || row->entry == IRQSAVE_ON)
        cpu_irq_on(cpu);
    if (is_irqsave)
        row->was_on = spin_lock_irqsave(cpu, lock);
    else
        spin_lock(cpu, lock);
    row->acquired = cpu_now(cpu);
    row->irq_on_while_held = cpu->irq_on;
    cpu_spend(cpu, 1000);
    if (is_irqsave)
        spin_unlock_irqrestore(cpu, lock, row->was_on);
    else
        spin_unlock(cpu, lock);
    cpu_spend(cpu, 10);
    cpu_irq_off(cpu);
}

static void handler(struct cpu *cpu, uint32_t vector)
{
    struct interrupted *row = fixture_of(cpu)->data;

    (void)vector;
    row->handled = cpu_now(cpu);
    lapic_eoi(cpu);
}

static void deliver(void *argument) { lapic_deliver(argument, 0x41); }

enum handled { DURING, AFTER, NEVER };

static enum handled handled_when(enum entry entry, uint32_t kind)
{
    if (entry == PLAIN_OFF || entry == IRQSAVE_OFF)
        return NEVER;
    return entry == PLAIN_ON || lock_kinds[kind].operations->is_interruptible_irq_wait ? DURING : AFTER;
}

/* An attempt that is under way ends first: of a cas loop one that hits, of a kind that is not known any one. */
static cycles attempt_longest(uint32_t kind)
{
    if (known_of(kind) == NULL)
        return C.atomic_modified[DISTANCE_FAR];
    return is_called(kind, "spinlock") ? C.atomic_hit : 0;
}

/* The vector comes at 10000, in the middle of the wait. */
static void interrupts_while_waiting_are_as_the_lock_has_them(void **state)
{
    (void)state;
    for (enum entry entry = PLAIN_ON; entry <= IRQSAVE_OFF; entry++)
        for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
            static struct interrupted row;

            run_open(&row.run, "package:2 [numa] core:1 pu:1", kind, POLICY_TIMED, 1);
            row.run.fixture.data = &row;
            row.run.fixture.interrupt = handler;
            row.entry = entry;
            row.handled = row.acquired = 0;
            fixture_program(&row.run.fixture, 0, hold_until_20000, &row);
            fixture_program(&row.run.fixture, 1, wait_for_it, &row);
            uint32_t slot = engine_event(&row.run.fixture.engine, deliver, &row.run.fixture.machine.cpus[1]);
            engine_at(&row.run.fixture.engine, slot, 10000);
            fixture_run(&row.run.fixture, CYCLES_NEVER);
            assert_true(row.acquired > 20000);
            assert_int_equal(row.irq_on_while_held, entry == PLAIN_ON);
            switch (handled_when(entry, kind)) {
            case DURING:
                assert_in_range(row.handled, 10000 + C.irq_entry, 10000 + C.irq_entry + attempt_longest(kind));
                break;
            case AFTER: /* as soon as the lock has been released and they are on again */
                assert_in_range(row.handled, row.acquired + 1000, row.acquired + 1000 + 500 + C.irq_entry);
                break;
            case NEVER:
                assert_int_equal(row.handled, 0);
                break;
            }
            fixture_close(&row.run.fixture);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hand_over_is_its_line_transfers),
        cmocka_unit_test(a_free_lock_in_the_cache_costs_hits),
        cmocka_unit_test(interrupts_while_waiting_are_as_the_lock_has_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
