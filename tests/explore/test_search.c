/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the search on mutual exclusion protocols with known verdicts, on deadlocks and endless waits, and its limits.
 */
#include <stdio.h>

#include "death.h"
#include "explore_fixture.h"
#include "models/locks/lock.h"
#include "models/family/family.h"

enum { ROUNDS = 2 };

struct protocol {
    struct line line;
    struct word flag[2], turn, lock, tail, data;
    uint32_t inside; /* CPUs in the critical section */
    bool is_broken;
    struct lock *real;
};

static struct protocol *protocol_of(const struct cpu *cpu) { return fixture_of(cpu)->data; }

/* Two accesses inside, so that another CPU can enter between them. */
static void critical_section(struct cpu *cpu)
{
    struct protocol *p = protocol_of(cpu);

    if (p->inside++ != 0)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "two in the critical section");
    word_store(cpu, &p->data, cpu->id);
    if (word_load(cpu, &p->data) != cpu->id)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "another one was here");
    p->inside--;
}

static void peterson(struct cpu *cpu, void *data)
{
    struct protocol *p = data;
    uint32_t self = cpu->id, other = 1 - self;

    for (int round = 0; round < ROUNDS; round++) {
        if (p->is_broken)
            word_store(cpu, &p->turn, other);
        word_store(cpu, &p->flag[self], 1);
        if (!p->is_broken)
            word_store(cpu, &p->turn, other);
        while (word_load(cpu, &p->flag[other]) != 0 && word_load(cpu, &p->turn) == other)
            cpu_relax(cpu);
        critical_section(cpu);
        word_store(cpu, &p->flag[self], 0);
    }
}

static void dekker(struct cpu *cpu, void *data)
{
    struct protocol *p = data;
    uint32_t self = cpu->id, other = 1 - self;

    for (int round = 0; round < ROUNDS; round++) {
        word_store(cpu, &p->flag[self], 1);
        while (word_load(cpu, &p->flag[other]) != 0) {
            if (word_load(cpu, &p->turn) != other)
                continue;
            word_store(cpu, &p->flag[self], 0);
            word_wait(cpu, &p->turn, self);
            word_store(cpu, &p->flag[self], 1);
        }
        critical_section(cpu);
        word_store(cpu, &p->turn, other);
        word_store(cpu, &p->flag[self], 0);
    }
}

/* Tests and sets in two steps. */
static void broken_test_and_set(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    word_wait(cpu, &p->lock, 0);
    word_store(cpu, &p->lock, 1);
    critical_section(cpu);
    word_store(cpu, &p->lock, 0);
}

static void ticket(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    for (int round = 0; round < ROUNDS; round++) {
        word_wait(cpu, &p->lock, word_fetch_add(cpu, &p->tail, 1));
        critical_section(cpu);
        word_store(cpu, &p->lock, word_peek(&p->lock) + 1);
    }
}

/* The ticket is read and incremented in two steps. */
static void broken_ticket(struct cpu *cpu, void *data)
{
    struct protocol *p = data;
    uint64_t own = word_load(cpu, &p->tail);

    word_store(cpu, &p->tail, own + 1);
    word_wait(cpu, &p->lock, own);
    critical_section(cpu);
    word_store(cpu, &p->lock, own + 1);
}

static void real_lock(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    for (int round = 0; round < ROUNDS; round++) {
        spin_lock(cpu, p->real);
        critical_section(cpu);
        spin_unlock(cpu, p->real);
    }
}

/* Each CPU takes the other's flag second. */
static void crossed(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    word_acquire(cpu, &p->flag[cpu->id], 0, 1, false);
    word_acquire(cpu, &p->flag[1 - cpu->id], 0, 1, false);
    word_store(cpu, &p->flag[1 - cpu->id], 0);
    word_store(cpu, &p->flag[cpu->id], 0);
}

/* Ends only if the other CPU was first. */
static void polls_for_good(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    if (cpu->id == 0) {
        word_store(cpu, &p->turn, 1);
        return;
    }
    if (word_load(cpu, &p->turn) == 1)
        while (word_load(cpu, &p->flag[0]) == 0)
            cpu_relax(cpu);
}

/* Polling that always ends: the other CPU stores the value without waiting. */
static void polls_to_the_end(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    if (cpu->id == 1)
        word_store(cpu, &p->flag[0], 1);
    while (word_load(cpu, &p->flag[0]) == 0)
        cpu_relax(cpu);
}

/* The CPUs poll for each other in turn. */
static void ping_pong(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    for (int round = 0; round < ROUNDS; round++) {
        while (word_load(cpu, &p->turn) != cpu->id)
            cpu_relax(cpu);
        word_store(cpu, &p->turn, 1 - cpu->id);
    }
}

/* Work that another CPU is doing is put back and retried, as in softirq-requeue. */
static void puts_back(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    while (word_fetch_or(cpu, &p->lock, 1) & 1)
        word_store(cpu, &p->tail, 1);
    critical_section(cpu);
    word_store(cpu, &p->lock, 0);
}

/* An endless wait: both CPUs poll for a flag that CPU 0 sets only after its own polling. */
static void polls_for_itself(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    while (word_load(cpu, &p->flag[0]) == 0)
        cpu_relax(cpu);
    if (cpu->id == 0)
        word_store(cpu, &p->flag[0], 1);
}

/* CPU 0 polls while holding the lock that CPU 1 needs to end the polling. Some orders terminate. */
static void polls_with_the_lock(struct cpu *cpu, void *data)
{
    struct protocol *p = data;

    word_acquire(cpu, &p->lock, 0, 1, false);
    if (cpu->id == 1)
        word_store(cpu, &p->flag[0], 1);
    else
        while (word_load(cpu, &p->flag[0]) == 0)
            cpu_relax(cpu);
    word_store(cpu, &p->lock, 0);
}

static const struct row {
    const char *name;
    void (*program)(struct cpu *cpu, void *data);
    bool is_broken;
    uint32_t cpus;
    enum violation_kind kind;
} protocols[] = {
    { "Peterson", peterson, false, 2, VIOLATION_NONE },
    { "Peterson, turn before flag", peterson, true, 2, VIOLATION_MODELLED_BUG },
    { "Dekker", dekker, false, 2, VIOLATION_NONE },
    { "test, then set", broken_test_and_set, false, 2, VIOLATION_MODELLED_BUG },
    { "ticket", ticket, false, 3, VIOLATION_NONE },
    { "ticket in two steps", broken_ticket, false, 2, VIOLATION_MODELLED_BUG },
    { "crossed locks", crossed, false, 2, VIOLATION_DEADLOCK },
    { "endless poll", polls_for_good, false, 2, VIOLATION_ENDLESS_WAIT },
    { "poll that ends", polls_to_the_end, false, 2, VIOLATION_NONE },
    { "ping-pong", ping_pong, false, 2, VIOLATION_NONE },
    { "put-back", puts_back, false, 3, VIOLATION_NONE },
    { "poll for own work", polls_for_itself, false, 2, VIOLATION_ENDLESS_WAIT },
    { "poll with the lock", polls_with_the_lock, false, 2, VIOLATION_ENDLESS_WAIT },
};

/* Every CPU the same lock. */
static const struct row lock_row = { "lock", real_lock, false, 3, VIOLATION_NONE };

static void protocol_open(struct fixture *fixture, struct explored *explored, const struct row *row, uint32_t lock)
{
    struct protocol *p;

    explore_open(fixture, explored, row->cpus);
    p = ARENA_NEW(&fixture->arena, struct protocol);
    fixture->data = p;
    p->is_broken = row->is_broken;
    line_init(&fixture->machine, &p->line, LINE_PLAIN);
    struct word *words[] = { &p->flag[0], &p->flag[1], &p->turn, &p->lock, &p->tail, &p->data };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        word_init(words[i], &p->line, 0);
    if (row == &lock_row) {
        p->real = ARENA_NEW(&fixture->arena, struct lock);
        lock_init(p->real, lock_class_new(lock_system_new(&fixture->machine, lock), "lock"));
    }
    for (uint32_t cpu = 0; cpu < row->cpus; cpu++)
        fixture_program(fixture, cpu, row->program, p);
}

static void explore_protocol(const struct row *row, uint32_t lock)
{
    struct fixture fixture;
    struct explored explored;
    struct explore_outcome outcome;

    protocol_open(&fixture, &explored, row, lock);
    explore_run(&fixture, &explore_default_limits, &outcome);
    explore_close(&fixture);
    assert_int_equal(outcome.verdict, row->kind == VIOLATION_NONE ? EXPLORE_CLEAN : EXPLORE_VIOLATION);
    assert_int_equal(outcome.violation.kind, row->kind);
    explore_outcome_free(&outcome);
}

static void test_protocols(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t row = 0; row < sizeof(protocols) / sizeof(*protocols); row++)
        explore_protocol(&protocols[row], 0);
}

static void test_locks(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (uint32_t lock = 0; lock < lock_kind_count; lock++)
        explore_protocol(&lock_row, lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_locks),
    };

    return cmocka_run_group_tests_name("explore_search", tests, NULL, NULL);
}
