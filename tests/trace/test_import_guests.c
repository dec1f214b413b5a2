/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests which vCPUs of a recording become one guest of its scenario, and of what number, beside what Xen's boot makes
 * of its pins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "models/xen/xen.h"
#include "models_fixture.h"
#include "trace/import.h"

enum { TASKS_MAX = 140 };

/* A vCPU: of domain 'a' or 'b', or a thread ('-'); its number; on pCPUs of which the first is its home. */
struct recorded_vcpu {
    char domain;
    uint32_t number;
    const char *cpus;
    bool is_computing;
};

struct row {
    const char *name;
    const char *design; /* NULL: softirq-requeue */
    struct recorded_vcpu vcpus[8];
    const char *expected; /* each guest with its recorded vCPUs in the order of their new numbers */
    const char *why;      /* why some are apart; NULL: none are */
};

static const struct row rows[] = {
    { "ascending", NULL, { { 'a', 0, "1", 0 }, { 'a', 1, "2", 0 } }, "a{v0 v1}", NULL },
    { "not ascending", NULL, { { 'a', 0, "2", 0 }, { 'a', 1, "3", 0 }, { 'a', 2, "1", 0 } }, "a{v2 v0 v1}", NULL },
    { "one", NULL, { { 'a', 3, "1", 0 } }, "a-v3{v3}", NULL },
    { "with gaps", NULL, { { 'a', 1, "1", 0 }, { 'a', 5, "3", 0 } }, "a{v1 v5}", NULL },
    { "two guests on the same pCPUs",
      NULL,
      { { 'a', 0, "0", 0 }, { 'a', 1, "1", 0 }, { 'b', 0, "0", 0 }, { 'b', 1, "1", 0 } },
      "a{v0 v1} b{v0 v1}",
      NULL },
    { "a pCPU where another guest already is comes last",
      NULL,
      { { 'a', 0, "0", 0 }, { 'b', 0, "0", 0 }, { 'b', 1, "1", 0 } },
      "a-v0{v0} b{v1 v0}",
      NULL },
    { "two on each pCPU",
      NULL,
      { { 'a', 0, "0", 0 }, { 'a', 1, "0", 0 }, { 'a', 2, "1", 0 }, { 'a', 3, "1", 0 } },
      "a{v0 v2 v1 v3}",
      NULL },
    { "more on one pCPU than on another",
      NULL,
      { { 'a', 0, "0", 0 }, { 'a', 1, "0", 0 }, { 'a', 2, "0", 0 }, { 'a', 3, "1", 0 } },
      "a-v0-v2{v0 v1 v2} a-v3{v3}",
      "no pin has each on its pCPU" },
    { "beside a pCPU that is full",
      NULL,
      { { 'a', 0, "0", 0 }, { 'a', 1, "0", 0 }, { 'a', 2, "0", 0 }, { 'b', 0, "0", 0 }, { 'b', 1, "1", 0 } },
      "a{v0 v1 v2} b-v0{v0} b-v1{v1}",
      "no pin has each on its pCPU" },
    { "floating", NULL, { { 'a', 0, "01", 0 }, { 'a', 1, "12", 0 }, { 'a', 2, "23", 0 } }, "a{v0 v1 v2}", NULL },
    { "floating elsewhere",
      NULL,
      { { 'a', 0, "01", 0 }, { 'a', 1, "56", 0 }, { 'a', 2, "12", 0 } },
      "a-v0-v2{v0 v2} a-v1{v1}",
      "they float on different pCPUs" },
    { "floating and not",
      NULL,
      { { 'a', 0, "0", 0 }, { 'a', 1, "01", 0 }, { 'a', 2, "1", 0 }, { 'a', 3, "01", 0 } },
      "a-v0-v2{v0 v2} a-v1-v3{v1 v3}",
      "some float and others stay on one pCPU" },
    { "mixed loads",
      NULL,
      { { 'a', 0, "0", 0 }, { 'a', 1, "1", 1 }, { 'a', 2, "2", 0 } },
      "a-v0-v2{v0 v2} a-v1{v1}",
      "some compute and others halt" },
    { "computing", NULL, { { 'a', 0, "0", 1 }, { 'a', 1, "1", 1 } }, "a{v0 v1}", NULL },
    { "threads", NULL, { { '-', 0, "0", 0 }, { '-', 1, "1", 0 } }, "t0{v0} t1{v1}", NULL },
    { "another family",
      "vfio-msi",
      { { 'a', 0, "0", 0 }, { 'a', 1, "1", 0 } },
      "a-v0{v0} a-v1{v1}",
      "no device of this design's family chooses a vCPU" },
};

static struct workload workload;

static void add(const struct recorded_vcpu *vcpu)
{
    struct workload_task *task = &workload.tasks[workload.task_count++];

    *task = (struct workload_task){ .is_computing = vcpu->is_computing,
                                    .is_pinned = vcpu->cpus[1] == '\0',
                                    .home = (uint32_t)(vcpu->cpus[0] - '0'),
                                    .cpu_ns = calloc(WORKLOAD_CPUS_MAX, sizeof *task->cpu_ns) };
    assert_non_null(task->cpu_ns);
    for (const char *cpu = vcpu->cpus; *cpu; cpu++)
        task->cpu_ns[*cpu - '0'] = 1000;
    if (vcpu->domain == '-') {
        task->who = trace_who(TRACE_THREADS, vcpu->number);
        snprintf(task->name, sizeof task->name, "t%u", vcpu->number);
        return;
    }
    task->who = trace_who((uint32_t)(vcpu->domain - 'a'), vcpu->number);
    snprintf(task->domain, sizeof task->domain, "%c", vcpu->domain);
    snprintf(task->name, sizeof task->name, "%c-v%u", vcpu->domain, vcpu->number);
}

static void begin(void)
{
    workload_init(&workload);
    workload.tasks = calloc(TASKS_MAX, sizeof *workload.tasks);
    assert_non_null(workload.tasks);
}

static void describe(char *text, size_t bytes)
{
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t g = 0; g < workload.guest_count; g++) {
        used += (size_t)snprintf(text + used, bytes - used, "%s%s{", g == 0 ? "" : " ", workload.guests[g].name);
        for (uint32_t v = 0; v < workload.guests[g].vcpus; v++) {
            const struct workload_task *task = import_vcpu(&workload, g, v);
            assert_non_null(task);
            used += (size_t)snprintf(text + used, bytes - used, "%sv%u", v == 0 ? "" : " ", trace_vcpu(task->who));
        }
        used += (size_t)snprintf(text + used, bytes - used, "}");
    }
}

/* A Xen with these guests has each vCPU that stays on its pCPU, and may run each that floats on all where it was. */
static void assert_booted(const char *name)
{
    struct model_fixture fixture;
    struct setup setup;

    setup_init(&setup, "package:1 [numa] core:8 pu:1");
    for (uint32_t g = 0; g < workload.guest_count; g++) {
        struct guest_setup *guest = setup_guest(&setup, workload.guests[g].name, workload.guests[g].vcpus);
        own_xen_guest(guest)->placement =
            import_vcpu(&workload, g, 0)->is_pinned ? GUEST_PLACEMENT_PINNED : GUEST_PLACEMENT_FLOATING;
        guest->pin[0] = '\0';
        for (uint32_t cpu = 0; cpu < 8; cpu++)
            if (import_guest_may_run_on(&workload, g, cpu))
                sprintf(guest->pin + strlen(guest->pin), "%spu:%u", guest->pin[0] ? "," : "", cpu);
    }
    model_open(&fixture, &setup, "softirq-requeue");
    const struct xen *xen = fixture.machine.hypervisor;
    for (size_t t = 0; t < workload.task_count; t++) {
        const struct workload_task *task = &workload.tasks[t];
        const struct vcpu *v = &xen->domains[task->guest].vcpus[task->vcpu];
        if (task->is_pinned && v->processor->id != task->home)
            fail_msg("%s: %s is on pCPU %u, not %u", name, task->name, v->processor->id, task->home);
        for (uint32_t cpu = 0; cpu < 8; cpu++)
            assert_true(task->cpu_ns[cpu] == 0 || (v->hard_affinity[0] >> cpu & 1) != 0);
    }
    model_close(&fixture);
}

static void vcpus_that_a_scenario_can_have_together_are_one_guest(void **state)
{
    char text[400];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        for (size_t v = 0; v < 8 && rows[i].vcpus[v].cpus != NULL; v++)
            add(&rows[i].vcpus[v]);
        import_group(&workload, design_find(rows[i].design != NULL ? rows[i].design : "softirq-requeue"));
        describe(text, sizeof text);
        if (strcmp(text, rows[i].expected) != 0)
            fail_msg("%s: %s, expected %s", rows[i].name, text, rows[i].expected);
        if (rows[i].design == NULL)
            assert_booted(rows[i].name);
        assert_int_equal(workload.dropped_count, rows[i].why != NULL);
        if (rows[i].why != NULL && strstr(workload.dropped[0].why, rows[i].why) != workload.dropped[0].why)
            fail_msg("%s: %s, expected %s", rows[i].name, workload.dropped[0].why, rows[i].why);
        workload_free(&workload);
    }
}

/* The first vCPU is with itself; the others are counted. */
static void those_apart_are_counted(void **state)
{
    static const struct recorded_vcpu vcpus[] = {
        { 'a', 0, "0", 0 }, { 'a', 1, "1", 1 }, { 'b', 0, "2", 0 }, { 'a', 2, "3", 1 }
    };

    (void)state;
    begin();
    for (size_t v = 0; v < sizeof vcpus / sizeof *vcpus; v++)
        add(&vcpus[v]);
    import_group(&workload, design_find("softirq-requeue"));
    assert_int_equal(workload.dropped_count, 1);
    assert_string_equal(workload.dropped[0].what, "vCPU in one guest with a-v0");
    assert_int_equal(workload.dropped[0].count, 2);
    workload_free(&workload);
}

/* A scenario's guest has at most 128 vCPUs. */
static void a_larger_guest_is_several(void **state)
{
    (void)state;
    begin();
    for (uint32_t v = 0; v < 130; v++)
        add(&(struct recorded_vcpu){ 'a', v, "0", false });
    import_group(&workload, design_find("softirq-requeue"));
    assert_int_equal(workload.guest_count, 2);
    assert_string_equal(workload.guests[0].name, "a-v0-v127");
    assert_int_equal(workload.guests[0].vcpus, 128);
    assert_string_equal(workload.guests[1].name, "a-v128-v129");
    assert_int_equal(workload.guests[1].vcpus, 2);
    assert_int_equal(workload.dropped_count, 1);
    assert_true(!strncmp(workload.dropped[0].why, "a scenario's guest has at most 128", 34));
    assert_int_equal(workload.dropped[0].count, 2);
    workload_free(&workload);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcpus_that_a_scenario_can_have_together_are_one_guest),
        cmocka_unit_test(those_apart_are_counted),
        cmocka_unit_test(a_larger_guest_is_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
