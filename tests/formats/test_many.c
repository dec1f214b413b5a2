/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings in which one thing has very many different names or numbers: reading takes time in proportion to the
 * bytes. A few seconds of a processor are many times what that is, and a small part of what the square would be.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"
#include "temporary.h"

enum { CPU_SECONDS = 5 };

static void action(FILE *file, unsigned i, double at)
{
    fprintf(file, "git 100/100 [001] %.6f: irq:irq_handler_entry: irq=36 name=n%u\n", at, i);
    fprintf(file, "git 100/100 [001] %.6f: irq:irq_handler_exit: irq=36 ret=handled\n", at);
}

static void exit_reason(FILE *file, unsigned i, double at)
{
    fprintf(file, "CPU 0/KVM 99/100 [001] %.6f: kvm:kvm_exit: reason R%u rip 0x1 info 0 0\n", at, i);
    fprintf(file, "CPU 0/KVM 99/100 [001] %.6f: kvm:kvm_entry: vcpu 0\n", at);
}

static void unknown_event(FILE *file, unsigned i, double at)
{
    fprintf(file, "git 100/100 [001] %.6f: foo:bar%u: x=1\n", at, i);
}

static void target(FILE *file, unsigned i, double at)
{
    fprintf(file, "irq %u/%u [001] %.6f: kvm:kvm_msi_set_irq: dst %u vec 48 (Fixed|physical|edge)\n", i + 100, i + 100,
            at, i % 250);
}

static void thread(FILE *file, unsigned i, double at)
{
    fprintf(file,
            "t%u %u/%u [001] %.6f: sched:sched_switch: prev_comm=t%u prev_pid=%u prev_prio=120 prev_state=S ==> "
            "next_comm=t%u next_pid=%u next_prio=120\n",
            i, i + 1000, i + 1000, at, i, i + 1000, i + 1, i + 1001);
}

/* Each of its own process, which the recording does not tell. */
static void guest(FILE *file, unsigned i, double at)
{
    fprintf(file, "CPU 0/KVM %u/%u [001] %.6f: kvm:kvm_entry: vcpu 0, rip 0x1\n", i + 100, i + 100, at);
    fprintf(file, "CPU 0/KVM %u/%u [001] %.6f: kvm:kvm_exit: reason HLT rip 0x1 info 0 0\n", i + 100, i + 100, at);
}

static void time_is_that_of_the_bytes(void **state)
{
    static const struct {
        const char *label;
        void (*write)(FILE *file, unsigned i, double at);
        unsigned count;
        const char *command;
        int code;
    } rows[] = {
        { "actions of a line", action, 80000, "show", 2 },
        { "reasons of exits", exit_reason, 80000, "show", 2 },
        { "kinds of events", unknown_event, 100000, "show", 2 },
        { "targets of messages", target, 80000, "show", 2 },
        { "threads", thread, 60000, "show", 0 },
        { "guests", guest, 8000, "trace import -q -o /nowhere/x.yaml", 2 },
    };
    static struct program program;
    const char *path = temporary_path("many.txt");
    char environment[32];

    (void)state;
    (void)snprintf(environment, sizeof environment, "ulimit -t %d;", CPU_SECONDS);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        FILE *file = fopen(path, "w");
        char arguments[200];

        assert_non_null(file);
        for (unsigned i = 0; i < rows[row].count; i++)
            rows[row].write(file, i, 1000 + 1e-6 * i);
        assert_int_equal(fclose(file), 0);
        (void)snprintf(arguments, sizeof arguments, "%s %s", rows[row].command, path);
        program_run(&program, environment, arguments);
        if (program.code != rows[row].code)
            fail_msg("%s: exit %d\n%s", rows[row].label, program.code, program.errors);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(time_is_that_of_the_bytes) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
