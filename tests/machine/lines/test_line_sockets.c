/* SPDX-License-Identifier: Apache-2.0
 *
 * socket_service: a socket's LLC serves the CPUs that poll a line one after another, requests of the owner's socket are
 * served before those from the directory, and a write cancels the copies that are not yet sent. The machine has two
 * sockets of four CPUs; CPU 0 writes.
 */
#include "machine/lines/line.h"
#include "machine/lines/pollers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CPUS 8
#define C costs_westmere
#define NEAR DISTANCE_NEAR
#define FAR DISTANCE_MIDDLE

enum { FREE, TAKEN, NEVER };

struct socket_run {
    struct fixture fixture;
    struct line line;
    struct word word;
    uint32_t turn, near;
    bool all_at_once, last_first;
    cycles from[CPUS], at[CPUS], stored;
};

static void socket_open(struct socket_run *run, enum line_kind kind, uint64_t reads_per_socket, cycles service)
{
    struct costs costs = C;

    costs.reads_per_socket = reads_per_socket;
    costs.socket_service = service;
    *run = (struct socket_run){ .stored = 0 };
    fixture_open(&run->fixture, "package:2 [numa] core:4 pu:1", &costs, POLICY_TIMED, 1);
    line_init(&run->fixture.machine, &run->line, kind);
    word_init(&run->word, &run->line, FREE);
}

static void socket_close(struct socket_run *run)
{
    fixture_run(&run->fixture, CYCLES_NEVER);
    fixture_close(&run->fixture);
}

/* --- word_wait --- */

static void write_twice(struct cpu *cpu, void *data)
{
    struct socket_run *run = data;

    program_sleep_until(cpu, 10000);
    word_store(cpu, &run->word, TAKEN);
    run->at[0] = cpu_now(cpu);
    word_store(cpu, &run->word, FREE);
    run->stored = cpu_now(cpu);
}

/* A CPU that waits for another value waits for ever. */
static void wait_for_turn(struct cpu *cpu, void *data)
{
    struct socket_run *run = data;

    program_sleep_until(cpu, 1000 * (run->last_first ? CPUS - cpu->id : cpu->id));
    word_wait(cpu, &run->word, cpu->id == run->turn || run->all_at_once ? TAKEN : NEVER);
    run->at[cpu->id] = cpu_now(cpu);
}

/* CPUs 1 to 3 wait on the writer's socket, 4 and 5 on the other. For each of CPUs 1 to 5 as the one to be served: when
 * it sees the value, and when the line is free for the next write, counted from the end of the first one. */
static void waiters_are_served_one_by_one(void **state)
{
    const cycles near = C.load_modified[NEAR], far = C.load_shared[FAR], hit = C.load_shared[NEAR],
                 c = C.directory_service;
    const struct {
        uint64_t reads_per_socket;
        cycles service, seen[6], free;
    } rows[] = {
        { 1, 0, { 0, near, near + hit, near + hit, c + far, c + far + hit }, 2 * c },
        { 1, 30, { 0, near, near + 30, near + 60, near + far, near + far + 30 }, near + far + 30 },
        { 1, 1, { 0, near, near + 1, near + 2, near + far, near + far + 1 }, near + far + 1 },
        { 0, 30, { 0, near, near + c, near + 2 * c, 3 * c + far, 4 * c + far }, 5 * c },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (uint32_t turn = 1; turn < 6; turn++) {
            static struct socket_run run;

            socket_open(&run, LINE_WAITED, rows[i].reads_per_socket, rows[i].service);
            run.turn = turn;
            fixture_program(&run.fixture, 0, write_twice, &run);
            for (uint32_t cpu = 1; cpu < 6; cpu++)
                fixture_program(&run.fixture, cpu, wait_for_turn, &run);
            socket_close(&run);
            assert_int_equal(run.at[turn], run.at[0] + rows[i].seen[turn]);
            assert_int_equal(run.stored, run.at[0] + rows[i].free + C.store_shared[FAR]);
        }
}

/* The same CPUs all wait for one value: a write serves them in the order of their numbers, not of their arrival. */
static void waiters_of_one_value_keep_their_order(void **state)
{
    const cycles near = C.load_modified[NEAR], far = C.load_shared[FAR], c = C.directory_service;
    const struct {
        uint64_t reads_per_socket;
        bool last_first;
        cycles service, seen[6];
    } rows[] = {
        { 1, false, 30, { 0, near, near + 30, near + 60, near + far, near + far + 30 } },
        { 1, true, 30, { 0, near, near + 30, near + 60, near + far, near + far + 30 } },
        { 0, false, 0, { 0, near, near + c, near + 2 * c, 3 * c + far, 4 * c + far } },
        { 0, true, 0, { 0, near, near + c, near + 2 * c, 3 * c + far, 4 * c + far } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct socket_run run;

        socket_open(&run, LINE_WAITED, rows[i].reads_per_socket, rows[i].service);
        run.all_at_once = true;
        run.last_first = rows[i].last_first;
        fixture_program(&run.fixture, 0, write_twice, &run);
        for (uint32_t cpu = 1; cpu < 6; cpu++)
            fixture_program(&run.fixture, cpu, wait_for_turn, &run);
        socket_close(&run);
        for (uint32_t cpu = 1; cpu < 6; cpu++)
            assert_int_equal(run.at[cpu], run.at[0] + rows[i].seen[cpu]);
    }
}

/* --- word_acquire --- */

static void acquire_and_release(struct cpu *cpu, void *data)
{
    struct socket_run *run = data;

    program_sleep_until(cpu, run->from[cpu->id]);
    word_acquire(cpu, &run->word, FREE, TAKEN, false);
    cpu_settle(cpu);
    run->at[cpu->id] = cpu_now(cpu);
    if (cpu->id == 0)
        program_sleep_until(cpu, 20000);
    word_store(cpu, &run->word, FREE);
    cpu_settle(cpu);
    if (cpu->id <= 1)
        run->stored = cpu_now(cpu);
}

static void acquirers_add(struct socket_run *run, uint32_t count, const uint32_t *cpus)
{
    for (uint32_t i = 0; i < count; i++) {
        run->from[cpus[i]] = 2000 * i;
        fixture_program(&run->fixture, cpus[i], acquire_and_release, run);
    }
}

/* CPU 4 of the other socket asked first. Both have a copy when CPU 0 releases. */
static void the_owners_socket_is_served_first(void **state)
{
    static const uint32_t cpus[] = { 0, 4, 1 };
    const cycles release = 20000 + C.store_shared[FAR];
    const struct {
        cycles service, served;
    } rows[] = {
        { 0, 2 * C.directory_service },                      /* behind both sockets' reads */
        { 30, C.load_modified[NEAR] + C.directory_service }, /* its own read occupies the line until it ends */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct socket_run run;

        socket_open(&run, LINE_CONTENDED, 1, rows[i].service);
        acquirers_add(&run, COUNT(cpus), cpus);
        socket_close(&run);
        assert_int_equal(run.at[1], release + rows[i].served + C.atomic_shared[FAR]);
        assert_true(run.at[4] > run.at[1]);
    }
}

/* CPUs 1 to 3 poll on the holder's socket. The xchg of the first copy is served at once and cancels the copies not yet
 * sent, so that the winner's release waits for one read and not for two xchgs. */
static void a_served_write_stops_copies(void **state)
{
    static const uint32_t cpus[] = { 0, 1, 2, 3 };
    const cycles won = 20000 + C.store_shared[NEAR] + C.load_modified[NEAR] + C.atomic_shared[NEAR];
    const struct {
        cycles service, behind;
    } rows[] = { { 200, C.load_modified[NEAR] }, { 1, 2 * C.atomic_modified[NEAR] } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct socket_run run;

        socket_open(&run, LINE_CONTENDED, 1, rows[i].service);
        acquirers_add(&run, COUNT(cpus), cpus);
        socket_close(&run);
        assert_int_equal(run.at[1], won);
        assert_in_range(run.stored, won + rows[i].behind + 1,
                        won + rows[i].behind + C.load_modified[NEAR] + C.store_shared[NEAR]);
    }
}

static void look_where_it_is(struct cpu *cpu, void *data)
{
    struct socket_run *run = data;

    program_sleep_until(cpu, 3000);
    run->near = run->line.pollers->near_domain;
}

/* A CPU that finds the lock taken has moved the line to its LLC with the failed xchg, bypassing the queue. */
static void the_line_is_where_it_was_written(void **state)
{
    (void)state;
    for (uint32_t poller = 1; poller < CPUS; poller += 4) {
        static struct socket_run run;
        const uint32_t cpus[] = { 0, poller };

        socket_open(&run, LINE_CONTENDED, 1, 30);
        acquirers_add(&run, COUNT(cpus), cpus);
        fixture_program(&run.fixture, 6, look_where_it_is, &run);
        socket_close(&run);
        assert_int_equal(run.near, poller / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiters_are_served_one_by_one),     cmocka_unit_test(waiters_of_one_value_keep_their_order),
        cmocka_unit_test(the_owners_socket_is_served_first), cmocka_unit_test(a_served_write_stops_copies),
        cmocka_unit_test(the_line_is_where_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
