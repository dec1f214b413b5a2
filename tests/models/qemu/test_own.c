/* SPDX-License-Identifier: Apache-2.0
 *
 * QEMU's side of its event channels' file, with event channels of our own in its place (own_evtchn.c): every kind of
 * device gets its interrupts, as often and nearly as fast as by the built-in tables. tests/code/qemu does the same with
 * the real file.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "death.h"
#include "code/code.h"
#include "models/own_code.h"
#include "models/qemu/own_code.h"
#include "models/qemu/own_parts.h"
#include "models/qemu/qemu.h"
#include "models/qemu/qemu_setup.h"
#include "models/registry.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MS UINT64_C(1000000)

/* --- the object --- */

static struct code_object *object_of(const char *bad) { return own_code("qemu", "qemu/own_evtchn.c", "evtchn.c", bad); }

static double of(const struct metrics *metrics, const char *name) { return metric_of(metrics, name); }

/* --- runs --- */

/* What drivers and guests ask for, all of it: nothing is lost, the path is the built-in tables', and so is its mean
 * latency but for the steps of the code's own accesses. */
static void every_path_goes_through_the_code(void **state)
{
    static const struct {
        enum pirq_kind kind;
        enum device_path path;
        enum callback_kind callback;
        bool in_kernel;
        const char *name; /* of the path */
    } rows[] = {
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, true, "F1" },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VCPU_VECTOR, true, "F1" },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, false, "S3" },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_GSI, false, "S3" },
        { PIRQ_KIND_MSI_MASK, DEVICE_PATH_EMULATED, CALLBACK_BY_VCPU_VECTOR, false, "S2" },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, true, "S1" },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, false, "S2" },
        { PIRQ_KIND_BACKEND, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, false, "S2" },
        { PIRQ_KIND_IPI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, true, "F3" },
        { PIRQ_KIND_IPI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, false, "S2" },
        { PIRQ_KIND_IPI, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, false, "S2" },
    };
    struct code_object *object = object_of("");

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double mean[2], delivered[2], eois[2];
        for (int is_own = 0; is_own < 2; is_own++) {
            struct setup setup;
            struct metrics metrics;
            struct device_setup *device = qemu_setup_of(&setup, rows[i].callback, rows[i].kind);
            char count[64], latency[64];

            setup.code = is_own ? object : NULL;
            own_qemu_device(device)->path = rows[i].path;
            own_qemu(&setup)->is_in_kernel = rows[i].in_kernel;
            model_run(&setup, "qemu-pirq-merged", &metrics);
            snprintf(count, sizeof(count), "qemu.paths.%s.count", rows[i].name);
            snprintf(latency, sizeof(latency), "qemu.paths.%s.latency.mean_ns", rows[i].name);
            assert_int_equal(of(&metrics, "irq.lost"), 0);
            assert_int_equal(of(&metrics, "qemu.stuck"), 0);
            assert_int_equal(of(&metrics, "host.lock_order"), 0);
            assert_true(of(&metrics, count) >= of(&metrics, "irq.delivered") - 1);
            mean[is_own] = of(&metrics, latency);
            delivered[is_own] = of(&metrics, "irq.delivered");
            eois[is_own] = of(&metrics, "qemu.eois");
            metrics_free(&metrics);
        }
        if (fabs(delivered[0] - delivered[1]) > 1 || fabs(eois[0] - eois[1]) > 0.02 * eois[0] ||
            mean[1] < 0.95 * mean[0] || mean[1] > 1.2 * mean[0])
            fail_msg("row %zu: %.0f of %.0f delivered in %.0f of %.0f ns, EOIs %.0f of %.0f", i, delivered[1],
                     delivered[0], mean[1], mean[0], eois[1], eois[0]);
    }
    code_object_close(object);
}

/* Ports are closed and opened, the callback is set again, and a migration makes another device. */
static void the_control_path_goes_through_the_code(void **state)
{
    static const struct {
        enum pirq_kind kind;
        enum device_path path;
        enum callback_kind callback;
        enum qemu_action action;
        const char *counted;
        double count;
    } rows[] = {
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, QEMU_ACTION_REOPEN, "qemu.closes", 1 },
        { PIRQ_KIND_MSI_MASK, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, QEMU_ACTION_REOPEN, "qemu.closes", 1 },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, QEMU_ACTION_REOPEN, "qemu.closes", 1 },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, QEMU_ACTION_MIGRATE, "qemu.migrations", 1 },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, QEMU_ACTION_CALLBACK, "qemu.stuck", 0 },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, QEMU_ACTION_LOOPBACK, "qemu.stuck", 0 },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, QEMU_ACTION_MAP_PIRQ, "qemu.stuck", 0 },
    };
    struct code_object *object = object_of("");

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double delivered[2];
        for (int is_own = 0; is_own < 2; is_own++) {
            struct setup setup;
            struct metrics metrics;
            struct device_setup *device = qemu_setup_of(&setup, rows[i].callback, rows[i].kind);

            setup.code = is_own ? object : NULL;
            own_qemu_device(device)->path = rows[i].path;
            own_qemu(&setup)->rebuild = REBUILD_MERGED;
            qemu_add_action(&setup, rows[i].action, 8 * MS);
            model_run(&setup, "qemu-pirq-merged", &metrics);
            if (of(&metrics, rows[i].counted) != rows[i].count)
                fail_msg("row %zu: %s is %.0f", i, rows[i].counted, of(&metrics, rows[i].counted));
            assert_int_equal(of(&metrics, "irq.lost"), 0);
            assert_int_equal(of(&metrics, "host.deadlocks"), 0);
            delivered[is_own] = of(&metrics, "irq.delivered");
            metrics_free(&metrics);
        }
        if (delivered[1] < 0.9 * delivered[0] || delivered[1] > 1.1 * delivered[0])
            fail_msg("row %zu: %.0f delivered, built-in %.0f", i, delivered[1], delivered[0]);
    }
    code_object_close(object);
}

/* What the file is asked for, in order, with the pCPU: two interrupts at 1 and 3 ms, and actions from 2 ms on. */
static const struct {
    enum pirq_kind kind;
    enum device_path path;
    enum callback_kind callback;
    bool in_kernel;
    enum qemu_action actions[2];
    int count;
    const char *said;
} asked[] = {
    { PIRQ_KIND_MSIX,
      DEVICE_PATH_IRQFD,
      CALLBACK_BY_VECTOR,
      true,
      { QEMU_ACTION_REOPEN, QEMU_ACTION_AFFINITY },
      2,
      "boot 224@0; callback vector 243@0; device 0@0; free pirq 256@0; snoop msix 0@0; pirq 255@0; "
      "bind_pirq 255@0; bind_vcpu 10@0; translate 255@0; close 1@1; translate 255@1; "
      "bind_pirq 255@1; translate 255@1; query 255@1; bind_vcpu 11@1; unmask 1@1; " },
    { PIRQ_KIND_MSIX,
      DEVICE_PATH_IRQFD,
      CALLBACK_BY_VECTOR,
      false,
      { QEMU_ACTION_UNBIND, QEMU_ACTION_BIND },
      2,
      "boot 224@0; callback vector 243@0; device 0@0; free pirq 256@0; snoop msix 0@0; pirq 255@0; "
      "bind_pirq 255@0; bind_vcpu 10@0; deliver 255@0; close 1@1; free pirq 256@1; snoop msix 0@1; "
      "pirq 254@1; bind_pirq 254@1; query 254@1; deliver 254@0; " },
    { PIRQ_KIND_MSI,
      DEVICE_PATH_EMULATED,
      CALLBACK_BY_VCPU_VECTOR,
      true,
      { QEMU_ACTION_UNBIND, QEMU_ACTION_BIND },
      2,
      "boot 224@0; callback gsi 1@0; level 0@0; device 0@0; free pirq 256@0; snoop msi 0@0; "
      "pirq 255@0; bind_pirq 255@0; bind_vcpu 10@0; deliver 255@0; close 1@1; free pirq 256@1; "
      "snoop msi 0@1; pirq 254@1; bind_pirq 254@1; query 254@1; deliver 254@0; " },
    { PIRQ_KIND_MSI_MASK,
      DEVICE_PATH_EMULATED,
      CALLBACK_BY_VCPU_VECTOR,
      false,
      { QEMU_ACTION_REOPEN },
      1,
      "boot 224@0; callback gsi 1@0; level 0@0; device 0@0; free pirq 256@0; snoop msi 0@0; "
      "pirq 255@0; bind_pirq 255@0; bind_vcpu 10@0; deliver 255@0; close 1@1; bind_pirq 255@1; "
      "query 255@1; deliver 255@0; " },
    { PIRQ_KIND_GSI,
      DEVICE_PATH_EMULATED,
      CALLBACK_BY_GSI,
      false,
      { QEMU_ACTION_UNBIND, QEMU_ACTION_BIND },
      2,
      "boot 224@0; callback gsi 10@0; level 0@0; device 0@0; map 0@0; gsi 11@0; bind_pirq 16@0; "
      "bind_vcpu 10@0; raise 11@0; level 1@0; raise 10@0; level 0@1; lower 10@1; lower 11@1; "
      "eoi 16@1; close 1@1; unmap 16@1; map 0@1; gsi 11@1; bind_pirq 16@1; query 16@1; eoi 16@1; "
      "raise 11@0; level 1@0; raise 10@0; level 0@1; lower 10@1; lower 11@1; eoi 16@1; " },
    { PIRQ_KIND_GSI,
      DEVICE_PATH_EMULATED,
      CALLBACK_BY_VECTOR,
      true,
      { QEMU_ACTION_REOPEN, QEMU_ACTION_CALLBACK },
      2,
      "boot 224@0; callback vector 243@0; device 0@0; map 0@0; gsi 11@0; bind_pirq 16@0; "
      "bind_vcpu 10@0; raise 11@0; lower 11@1; eoi 16@1; close 1@1; bind_pirq 16@1; query 16@1; "
      "eoi 16@1; callback vector 243@1; raise 11@0; lower 11@1; eoi 16@1; " },
    { PIRQ_KIND_BACKEND,
      DEVICE_PATH_EMULATED,
      CALLBACK_BY_VECTOR,
      false,
      { QEMU_ACTION_RESET },
      1,
      "boot 224@0; callback vector 243@0; device 0@0; backend 0@0; notify 1@0; reset 0@1; "
      "close 1@1; notify 1@0; " },
    { PIRQ_KIND_IPI,
      DEVICE_PATH_EMULATED,
      CALLBACK_BY_VECTOR,
      true,
      { QEMU_ACTION_LOOPBACK, QEMU_ACTION_MAP_PIRQ },
      2,
      "boot 224@0; callback vector 243@0; device 0@0; bind_ipi 0@0; loopback 0@1; map 1@1; "
      "gsi 0@1; " },
    { PIRQ_KIND_MSIX,
      DEVICE_PATH_IRQFD,
      CALLBACK_BY_VECTOR,
      true,
      { QEMU_ACTION_MIGRATE },
      1,
      "boot 224@0; callback vector 243@0; device 0@0; free pirq 256@0; snoop msix 0@0; pirq 255@0; "
      "bind_pirq 255@0; bind_vcpu 10@0; translate 255@0; migrate 0@0; snoop msix 0@0; pirq 255@0; "
      "translate 255@0; " },
    { PIRQ_KIND_GSI,
      DEVICE_PATH_EMULATED,
      CALLBACK_BY_GSI,
      false,
      { QEMU_ACTION_MIGRATE },
      1,
      "boot 224@0; callback gsi 10@0; level 0@0; device 0@0; map 0@0; gsi 11@0; bind_pirq 16@0; "
      "bind_vcpu 10@0; raise 11@0; level 1@0; raise 10@0; level 0@1; lower 10@1; lower 11@1; "
      "eoi 16@1; migrate 0@0; raise 11@0; level 1@0; raise 10@0; level 0@1; lower 10@1; "
      "lower 11@1; eoi 16@1; " },
};

static void each_call_comes_in_its_order(void **state)
{
    static uint64_t times_ns[] = { MS, 3 * MS };
    struct code_object *object = object_of("");

    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        static struct setup setup;
        struct model_fixture fixture;
        struct device_setup *device = qemu_setup_of(&setup, asked[i].callback, asked[i].kind);

        device->arrivals =
            (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = times_ns, .time_count = COUNT(times_ns) };
        own_qemu_device(device)->path = asked[i].path;
        own_qemu(&setup)->is_in_kernel = asked[i].in_kernel;
        own_qemu(&setup)->rebuild = REBUILD_MERGED;
        for (int action = 0; action < asked[i].count; action++)
            qemu_add_action(&setup, asked[i].actions[action], (4 + (uint64_t)action) * MS / 2);
        setup.code = object;
        model_open(&fixture, &setup, "qemu-pirq-merged");
        model_advance(&fixture, 4 * MS);
        const struct qemu *q = ((struct host *)fixture.machine.hypervisor)->model;
        const char *said = code_symbol(q->code->code, "own_said");
        if (strcmp(said, asked[i].said) != 0)
            fail_msg("row %zu: the file has been asked for\n%s", i, said);
        model_close(&fixture);
    }
    code_object_close(object);
}

/* --- refusals, and errors of the code --- */

static void some_setups_are_refused(void **state)
{
    static const struct {
        const char *design;
        enum port_protection ports;
        enum route_policy routes;
        enum rebuild_kind rebuild;
        enum qemu_revert revert;
        bool is_refused;
    } rows[] = {
        { "qemu-pirq-merged", PORTS_UNDER_MUTEX, ROUTES_REFRESH_ALL, REBUILD_DESIGN, QEMU_REVERT_NONE, false },
        { "qemu-pirq-merged", PORTS_UNDER_MUTEX, ROUTES_BATCHED, REBUILD_MERGED, QEMU_REVERT_LAPIC, false },
        { "qemu-pirq-merged", PORTS_UNDER_MUTEX, ROUTES_BATCHED, REBUILD_MERGED, QEMU_REVERT_IOAPIC, false },
        { "qemu-pirq-merged", PORTS_UNDER_MUTEX, ROUTES_BATCHED, REBUILD_MERGED, QEMU_REVERT_VCPU_VECTOR, false },
        { "qemu-pirq-merged", PORTS_UNDER_MUTEX, ROUTES_BATCHED, REBUILD_MERGED, QEMU_REVERT_RESET, true },
        { "qemu-pirq-merged", PORTS_UNDER_MUTEX, ROUTES_BATCHED, REBUILD_IDEAL, QEMU_REVERT_NONE, true },
        { "qemu-pirq-merged", PORTS_UNDER_MUTEX, ROUTES_ON_DEMAND, REBUILD_DESIGN, QEMU_REVERT_NONE, true },
        { "qemu-pirq-merged", PORTS_LOCKLESS, ROUTES_REFRESH_ALL, REBUILD_DESIGN, QEMU_REVERT_NONE, true },
        { "qemu-pirq-rfc", PORTS_UNDER_MUTEX, ROUTES_REFRESH_ALL, REBUILD_DESIGN, QEMU_REVERT_NONE, true },
    };
    static struct setup setup;

    (void)state;
    qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct design *design = design_find(rows[i].design);
        own_qemu(&setup)->ports = rows[i].ports;
        own_qemu(&setup)->routes = rows[i].routes;
        own_qemu(&setup)->rebuild = rows[i].rebuild;
        own_qemu(&setup)->revert = rows[i].revert;
        if ((design->family->code_refusal(design, &setup) != NULL) != rows[i].is_refused)
            fail_msg("row %zu", i);
    }
}

static void run_and_forget(void *argument)
{
    struct metrics metrics;

    model_run(argument, "qemu-pirq-merged", &metrics);
    metrics_free(&metrics);
}

/* What an EOI does besides. */
static void what_the_code_must_not_do_ends_the_run(void **state)
{
    static const struct {
        const char *bad, *text;
    } rows[] = {
        { "irqpath_qemu_bql_unlock();", "a mutex is released by a thread that does not hold it" },
        { "irqpath_qemu_mutex_unlock(&second_lock);", "a mutex is released by a thread that does not hold it" },
        { "irqpath_qemu_mutex_lock(&boots,\"x\",1);", "a mutex is used that was not initialised" },
        { "irqpath_qemu_mutex_init(&boots);", "the code initialises more mutexes than at its boot" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_GSI);

        own_qemu_device(device)->path = DEVICE_PATH_EMULATED;
        struct code_object *object = object_of(rows[i].bad);
        setup.code = object;
        assert_check_fails(run_and_forget, &setup, rows[i].text);
        code_object_close(object);
    }
}

/* The basic blocks of the code take their time, before whatever the code asks for next. */
static void blocks_take_their_time(void **state)
{
    struct code_object *object = object_of("");
    double mean[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct setup setup;
        struct metrics metrics;
        struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);

        own_qemu_device(device)->path = DEVICE_PATH_MAIN_LOOP;
        own_qemu(&setup)->is_in_kernel = false;
        setup.machine.costs.code_block = 1000 * (cycles)i;
        setup.code = object;
        model_run(&setup, "qemu-pirq-merged", &metrics);
        mean[i] = of(&metrics, "qemu.paths.S3.latency.mean_ns");
        metrics_free(&metrics);
    }
    double first = mean[1] - mean[0], second = mean[2] - mean[1];
    assert_true(first > 20 * 1000 * 1e9 / (double)costs_westmere.frequency_hz); /* as many blocks at least */
    assert_true(fabs(second - first) < 0.1 * first);
    code_object_close(object);
}

/* Between the steps of the code it is known which CPU holds a mutex of the code's. */
static void holders_are_known(void **state)
{
    struct code_object *object = object_of("");
    struct setup setup;
    struct model_fixture fixture;
    uint32_t held = 0;

    (void)state;
    struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);
    own_qemu_device(device)->path = DEVICE_PATH_MAIN_LOOP;
    own_qemu(&setup)->is_in_kernel = false;
    setup.code = object;
    model_open(&fixture, &setup, "qemu-pirq-merged");
    const struct qemu *q = ((struct host *)fixture.machine.hypervisor)->model;
    const struct qemu_code *own = q->code;
    const struct mutex *lock = &q->port_lock; /* which the code alone takes */
    uint32_t at = 0;
    while (at < own->mutex_count && own->mutexes[at] != lock)
        at++;
    assert_in_range(at, 0, own->mutex_count - 1);
    for (uint64_t ns = 0; ns < 5 * MS; ns += 500) {
        model_advance(&fixture, ns);
        if (own->holders[at] != (lock->owner != NULL ? lock->owner->on->cpu->id : UINT32_MAX))
            fail_msg("at %llu ns: held by CPU %d", (unsigned long long)ns, (int)own->holders[at]);
        held += lock->owner != NULL;
    }
    assert_true(held > 20);
    model_close(&fixture);
    code_object_close(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_goes_through_the_code),
        cmocka_unit_test(the_control_path_goes_through_the_code),
        cmocka_unit_test(each_call_comes_in_its_order),
        cmocka_unit_test(some_setups_are_refused),
        cmocka_unit_test(holders_are_known),
        cmocka_unit_test(blocks_take_their_time),
        cmocka_unit_test(what_the_code_must_not_do_ends_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
