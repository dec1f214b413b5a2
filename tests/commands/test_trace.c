/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests `trace import` with the binary: each row is a recording of a kind that people have, and what the scenario made
 * of it does when it runs, beside what was recorded.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <jansson.h>

#include "program.h"
#include "temporary.h"

static struct program program;
static char directory[64];

/* --- text of perf script --- */

static FILE *out;

struct task {
    const char *comm;
    int pid;
};

static const struct task idle = { "swapper", 0 };

__attribute__((format(printf, 4, 5))) static void event(struct task task, int cpu, uint64_t ns, const char *format, ...)
{
    va_list arguments;

    fprintf(out, "%16s %5d/%-5d [%03d] %6" PRIu64 ".%09" PRIu64 ": ", task.comm, task.pid, task.pid, cpu,
            700 + ns / 1000000000, ns % 1000000000);
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    fputc('\n', out);
}

static void switches(int cpu, uint64_t ns, struct task from, char state, struct task to)
{
    event(from, cpu, ns,
          "sched:sched_switch: prev_comm=%s prev_pid=%d prev_prio=120 prev_state=%c ==> next_comm=%s next_pid=%d "
          "next_prio=120",
          from.comm, from.pid, state, to.comm, to.pid);
}

static void wakes(struct task by, int cpu, uint64_t ns, struct task task, int target)
{
    event(by, cpu, ns, "sched:sched_waking: comm=%s pid=%d prio=120 target_cpu=%03d", task.comm, task.pid, target);
}

static void handler(int cpu, uint64_t ns, int irq, const char *name)
{
    event(idle, cpu, ns, "irq:irq_handler_entry: irq=%d name=%s", irq, name);
}

static void handled(int cpu, uint64_t ns, int irq, bool is_handled)
{
    event(idle, cpu, ns, "irq:irq_handler_exit: irq=%d ret=%s", irq, is_handled ? "handled" : "unhandled");
}

/* An interrupt on an idle pCPU wakes the task there, which runs for `work_ns`. */
static void woken_by(int cpu, uint64_t ns, int irq, const char *name, struct task task, uint64_t work_ns)
{
    handler(cpu, ns, irq, name);
    wakes(idle, cpu, ns + 800, task, cpu);
    handled(cpu, ns + 1200, irq, true);
    switches(cpu, ns + 2000, idle, 'R', task);
    switches(cpu, ns + 2000 + work_ns, task, 'S', idle);
}

/* --- the recordings --- */

static void shared_line(void)
{
    static const struct task vcpu = { "vcpu-a", 501 };

    for (uint64_t i = 0; i < 200; i++) {
        handler(1, i * 1000000, 16, "uhci_hcd:usb3");
        handled(1, i * 1000000 + 300, 16, false);
        woken_by(1, i * 1000000 + 400, 16, "vfio-intx(0000:06:00.0)", vcpu, 20000);
    }
}

/* Two vCPUs that change pCPUs, so that each is most of the time where the other one is, too. */
static void migrating(void)
{
    static const struct task a = { "vcpu-a", 501 }, b = { "vcpu-b", 502 };

    for (uint64_t i = 0; i < 400; i++) {
        int at = i % 4 == 3 ? 2 : 1, other = i % 4 == 1 ? 2 : i % 4 == 3 ? 1 : 0;
        handler(at, i * 1000000, 40, "vfio-a");
        handler(other, i * 1000000 + 300, 41, "vfio-b");
        wakes(idle, at, i * 1000000 + 800, a, at);
        wakes(idle, other, i * 1000000 + 1100, b, other);
        handled(at, i * 1000000 + 1200, 40, true);
        handled(other, i * 1000000 + 1500, 41, true);
        switches(at, i * 1000000 + 2000, idle, 'R', a);
        switches(other, i * 1000000 + 2300, idle, 'R', b);
        switches(at, i * 1000000 + 602000, a, 'S', idle);
        switches(other, i * 1000000 + 602300, b, 'S', idle);
    }
}

/* Nine short runs, 100 us apart, and then one of 10 ms: 600 interrupts, 605.4 of 719 ms. */
static void uneven(void)
{
    static const struct task vcpu = { "vcpu-a", 501 };
    uint64_t ns = 0;

    for (int i = 0; i < 600; i++) {
        bool is_long = i % 10 == 9;
        woken_by(1, ns, 40, "vfio-a", vcpu, is_long ? 10000000 : 10000);
        ns += is_long ? 11000000 : 100000;
    }
}

static void two_vcpus_of_a_guest(void)
{
    static const struct task zero = { "CPU 0/KVM", 602 }, one = { "CPU 1/KVM", 601 };

    for (uint64_t i = 0; i < 100; i++) {
        woken_by(0, i * 1000000, 40, "vfio-0", one, 20000);
        woken_by(1, i * 1000000 + 400000, 41, "vfio-1", zero, 20000);
    }
}

static void through_vhost(void)
{
    static const struct task vhost = { "vhost-2340", 2351 }, vcpu = { "CPU 0/KVM", 2346 };

    for (uint64_t i = 0; i < 200; i++) {
        uint64_t ns = i * 1000000;
        handler(0, ns, 40, "nic-rx-0");
        wakes(idle, 0, ns + 800, vhost, 0);
        handled(0, ns + 1200, 40, true);
        switches(0, ns + 2000, idle, 'R', vhost);
        wakes(vhost, 0, ns + 12000, vcpu, 1);
        switches(1, ns + 14000, idle, 'R', vcpu);
        switches(0, ns + 17000, vhost, 'S', idle);
        switches(1, ns + 114000, vcpu, 'S', idle);
    }
}

static void messages_for_two(void)
{
    static const struct task source = { "irqsource", 901 }, zero = { "CPU 0/KVM", 902 }, one = { "CPU 1/KVM", 903 };

    for (uint64_t i = 0; i < 200; i++) {
        event(source, 0, i * 300000, "kvm:kvm_msi_set_irq: dst 0 vec 37 (Fixed|physical|edge)");
        event(source, 0, i * 300000 + 2000, "kvm:kvm_msi_set_irq: dst 1 vec 38 (Fixed|physical|edge)");
        event(zero, 1, i * 300000 + 9000, "kvm:kvm_vcpu_wakeup: wait time 200000 ns, polling valid");
        event(one, 2, i * 300000 + 11000, "kvm:kvm_vcpu_wakeup: wait time 100000 ns, polling valid");
    }
}

static void halt_polling(void)
{
    static const struct task source = { "irqsource", 901 }, vcpu = { "vcpu0", 902 };

    for (uint64_t i = 0; i < 200; i++) {
        event(source, 0, i * 300000, "kvm:kvm_msi_set_irq: dst 0 vec 37 (Fixed|physical|edge)");
        event(vcpu, 1, i * 300000 + 9000, "kvm:kvm_vcpu_wakeup: %s ns, polling valid",
              i % 3 == 0 ? "wait time 200000" : "poll time 40000");
    }
}

/* Twenty percent steal: each interrupt finds a host thread on the pCPU, which stays there for 200 us. */
static void stolen(void)
{
    static const struct task vcpu = { "CPU 0/KVM", 602 }, backup = { "backup", 77 };

    for (uint64_t i = 0; i < 400; i++) {
        uint64_t ns = i * 1000000;
        wakes(idle, 0, ns, backup, 0);
        switches(0, ns + 1000, idle, 'R', backup);
        event(backup, 0, ns + 50000, "irq:irq_handler_entry: irq=40 name=vfio-0");
        wakes(backup, 0, ns + 50800, vcpu, 0);
        event(backup, 0, ns + 51200, "irq:irq_handler_exit: irq=40 ret=handled");
        switches(0, ns + 250000, backup, 'S', vcpu);
        switches(0, ns + 350000, vcpu, 'S', idle);
    }
}

/* --- the scenarios --- */

enum { TEXTS = 5 };

struct expected {
    const char *guest;     /* NULL: the end */
    double running, steal; /* percent; within a percent of it, and within 2 points */
};

struct row {
    const char *name;
    void (*write)(void);
    double interrupts, coalesced;
    const char *texts[TEXTS]; /* in the scenario or in what the import prints */
    struct expected expected[4];
};

static const struct row rows[] = {
    { "shared-line", shared_line, 200, 0, { "name: irq16-vfio-intx-0000-06-00-0," }, { { "vcpu-a", 2.01, 0.1 } } },
    { "migrating",
      migrating,
      800,
      0,
      { "pin: \"pu:0-2\", placement: floating" },
      { { "vcpu-a", 60.06, 0.1 }, { "vcpu-b", 60.06, 0.1 } } },
    { "uneven", uneven, 600, 0, { NULL }, { { "vcpu-a", 84.2, 0.1 } } },
    { "names",
      two_vcpus_of_a_guest,
      200,
      0,
      { "  # its vCPUs 0-1 are the recorded v1, v0\n  - { name: guest, vcpus: 2, pin: \"pu:0-1\", timer",
        "name: irq40-vfio-0, guest: guest, vcpu: 0", "name: irq41-vfio-1, guest: guest, vcpu: 1",
        "guest-v0  interrupts                   100        100\n",
        "guest-v1  interrupts                   100        100\n" },
      { { "guest", 2.01, 0.1 } } },
    { "vhost",
      through_vhost,
      200,
      0,
      { "irq40-nic-rx-0: 200 of 200 woke the vCPU through vhost-2340" },
      { { "guest", 10.04, 0.1 } } },
    { "messages",
      messages_for_two,
      400,
      0,
      { "name: msi37, guest: guest, vcpu: 0", "name: msi38, guest: guest, vcpu: 1", "has no sched_switch",
        "          running %                  33.33      33.33\n",
        "          running %                  66.65      66.66\n" },
      { { "guest", 49.99, 0.1 } } },
    { "polling", halt_polling, 200, 0, { "wake-ups                     200        200" }, { { "vcpu0", 68.97, 0.1 } } },
    { "stolen", stolen, 800, 0, { "guests others-cpu* replay it" }, { { "guest", 10.03, 19.98 } } },
};

static double metric(json_t *metrics, const char *format, const char *name)
{
    char key[200];

    snprintf(key, sizeof key, format, name);
    json_t *value = json_object_get(metrics, key);
    if (value == NULL)
        fail_msg("no metric %s", key);
    return json_number_value(value);
}

static void assert_near(const char *name, const char *what, double value, double expected, double tolerance)
{
    if (value < expected - tolerance || value > expected + tolerance)
        fail_msg("%s: %s is %g, expected %g +- %g", name, what, value, expected, tolerance);
}

static void assert_run(const struct row *row, const char *scenario)
{
    program_run_with(&program, "run %s -q --json", scenario);
    if (program.code != 0)
        fail_msg("%s: exit %d: %s", scenario, program.code, program.errors);
    json_t *document = json_loads(program.output, 0, NULL), *metrics = json_object_get(document, "metrics");
    assert_non_null(metrics);
    assert_near(row->name, "irq.raised", metric(metrics, "irq.%s", "raised"), row->interrupts, 0);
    assert_near(row->name, "irq.coalesced", metric(metrics, "irq.%s", "coalesced"), row->coalesced, 0);
    for (const struct expected *it = row->expected; it->guest != NULL; it++) {
        assert_near(row->name, "running", metric(metrics, "guests.%s.running.percent", it->guest), it->running,
                    it->running / 100);
        assert_near(row->name, "steal", metric(metrics, "guests.%s.steal.percent", it->guest), it->steal, 2);
    }
    json_decref(document);
}

static void write_recording(const struct row *row, char *path, size_t path_bytes)
{
    snprintf(path, path_bytes, "%s/%s.txt", directory, row->name);
    out = fopen(path, "w");
    assert_non_null(out);
    row->write();
    assert_int_equal(fclose(out), 0);
}

static void assert_text(const struct row *row, const char *scenario)
{
    static char text[65536];
    FILE *file = fopen(scenario, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < TEXTS && row->texts[i] != NULL; i++)
        if (strstr(text, row->texts[i]) == NULL && strstr(program.output, row->texts[i]) == NULL)
            fail_msg("%s: no '%s' in\n%s%s", row->name, row->texts[i], text, program.output);
}

static void scenarios_behave_like_their_recordings(void **state)
{
    char path[128], scenario[128];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_recording(&rows[i], path, sizeof path);
        snprintf(scenario, sizeof scenario, "%s/%s.yaml", directory, rows[i].name);
        program_run_with(&program, "trace import %s -o %s", path, scenario);
        if (program.code != 0)
            fail_msg("%s: exit %d: %s", rows[i].name, program.code, program.errors);
        assert_text(&rows[i], scenario);
        assert_run(&rows[i], scenario);
    }
}

/* --- recordings of a machine --- */

static void assert_same_within(const char *path, const char *figure, double share, double points)
{
    const char *line = strstr(program.output, figure);
    double recorded = 0, simulated = 0;

    if (line == NULL || sscanf(line + strlen(figure), "%lf %lf", &recorded, &simulated) != 2)
        fail_msg("%s: no %s in\n%s", path, figure, program.output);
    assert_near(path, figure, simulated, recorded, recorded * share + points);
}

static void recordings_of_a_machine_are_repeated(void **state)
{
    static const char *const files[] = { "fio-disk", "kvm-irqfd" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        program_run_with(&program, "trace import %s/tests/formats/%s.perf.txt -o %s/%s.yaml", SOURCE_DIR, files[i],
                         directory, files[i]);
        assert_int_equal(program.code, 0);
        assert_same_within(files[i], "wake-ups ", 0.01, 0);
        assert_same_within(files[i], "running % ", 0.1, 0);
        if (i == 0)
            assert_same_within(files[i], "runnable % (steal) ", 0, 2);
        else
            assert_non_null(strstr(program.output, "cannot say how long a vCPU waited"));
    }
}

/* --- fits, designs, refusals --- */

static void a_fit_writes_what_it_names(void **state)
{
    char path[128];

    (void)state;
    write_recording(&(struct row){ .name = "uneven", .write = uneven }, path, sizeof path);
    program_run_with(&program, "trace import %s -o %s/fitted.yaml --fit", path, directory);
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "The scenario has the fits"));
    assert_non_null(strstr(program.output, "irq40-vfio-a: a poor fit"));
    program_run_with(&program, "trace import %s --trace-window 0ms,150us -o %s/two.yaml --fit", path, directory);
    assert_int_equal(program.code, 0);
    program_run_with(&program, "run %s/two.yaml -q", directory); /* two interrupts: too few for a fit */
    if (program.code != 0)
        fail_msg("%s", program.errors);
}

static void the_design_is_said(void **state)
{
    static const struct {
        const char *option;
        int code;
        const char *text;
    } designs[] = {
        { "", 0, "assumed, although the recording is of a Linux host" },
        { "--design vfio-msi", 0, "Design: vfio-msi, as asked for." },
        { "--design domain-tasklet", 0, "Design: domain-tasklet, as asked for." },
        { "--design nvme-msi", 2, "no design 'nvme-msi' that has guests; --design is one of: domain-tasklet" },
    };
    char path[128];

    (void)state;
    write_recording(&(struct row){ .name = "designs", .write = messages_for_two }, path, sizeof path);
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
        program_run_with(&program, "trace import %s %s -o %s/design.yaml --force", path, designs[i].option, directory);
        assert_int_equal(program.code, designs[i].code);
        if (strstr(program.output, designs[i].text) == NULL && strstr(program.errors, designs[i].text) == NULL)
            fail_msg("%s: no '%s' in\n%s%s", designs[i].option, designs[i].text, program.output, program.errors);
    }
}

/* Nothing is written of a run whose threads never sleep; what is in it can be shown. */
static void a_run_without_wakes_is_no_scenario(void **state)
{
    static const char *const formats[] = { "xentrace", "dat" };
    static const char *const shows[] = { "--attribution", "--timehist", "--slowest 3" };
    char path[128];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        program_run_with(&program,
                         "run %s/scenarios/nvme-drives.yaml --set run.warmup=0s --duration 1ms -q --trace %s/nvme.%s",
                         SOURCE_DIR, directory, formats[i]);
        program_run_with(&program, "trace import %s/nvme.%s -o %s/nvme.yaml", directory, formats[i], directory);
        assert_int_equal(program.code, 2);
        assert_non_null(strstr(program.errors, "no thread of the recording ever sleeps, so that no interrupt wakes"));
        snprintf(path, sizeof path, "%s/nvme.yaml", directory);
        assert_int_not_equal(access(path, F_OK), 0);
        for (size_t s = 0; s < 3; s++) {
            program_run_with(&program, "show %s %s/nvme.%s", shows[s], directory, formats[i]);
            assert_int_equal(program.code, 0);
            assert_true(strlen(program.output) > 200 && strstr(program.output, "no interrupt") == NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenarios_behave_like_their_recordings),
        cmocka_unit_test(recordings_of_a_machine_are_repeated),
        cmocka_unit_test(a_fit_writes_what_it_names),
        cmocka_unit_test(the_design_is_said),
        cmocka_unit_test(a_run_without_wakes_is_no_scenario),
    };

    strcpy(directory, "/tmp/irqpath-import-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_directory_remove(directory);
    return failed;
}
