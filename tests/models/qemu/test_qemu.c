/* SPDX-License-Identifier: Apache-2.0
 *
 * The qemu family in timed runs: every kind of device gets its interrupts through the path it names, with every
 * callback and policy; the RFC deadlocks where it must; routes cost what a calculation by hand gives; a migration stops
 * the guest for its blackout.
 */
#include "models/qemu/qemu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/actor.h"
#include "models/qemu/qemu_setup.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static double of(const struct metrics *metrics, const char *name) { return metric_of(metrics, name); }

/* What the four rounds report is what it was: a step of a path that costs another time shows here. A change of the
 * family's numbers changes the rows' last column. */
static void every_path_delivers(void **state)
{
    static const struct {
        enum pirq_kind kind;
        enum device_path path;
        enum callback_kind callback;
        bool in_kernel;
        const char *count; /* of the path that it takes */
        uint64_t hash;     /* of all metrics of the rounds, added */
    } rows[] = {
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, true, "qemu.paths.F1.count", 0xed4b673976d6c43bu },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VCPU_VECTOR, true, "qemu.paths.F1.count",
          0x4bf8680b7b2851f6u },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, false, "qemu.paths.S3.count", 0x4eda5f82308fe4f5u },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_GSI, true, "qemu.paths.S3.count", 0x4c9baec7fa78c88fu },
        { PIRQ_KIND_MSI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, true, "qemu.paths.S1.count", 0x51ee1f5dea175aabu },
        { PIRQ_KIND_MSI_MASK, DEVICE_PATH_EMULATED, CALLBACK_BY_VCPU_VECTOR, false, "qemu.paths.S2.count",
          0x79d2edd4cfe1657cu },
        { PIRQ_KIND_MSIX, DEVICE_PATH_MAIN_LOOP, CALLBACK_BY_VECTOR, true, "qemu.paths.S3.count", 0xe0e3550e70b5384cu },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, true, "qemu.paths.S1.count", 0xdb8a96c1fb22cb61u },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, true, "qemu.paths.S2.count", 0x9434ce06e684e23du },
        { PIRQ_KIND_INTX, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, false, "qemu.paths.S2.count", 0x6d039404c15398e7u },
        { PIRQ_KIND_BACKEND, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, false, "qemu.paths.S2.count", 0xfb626e7ac90b58e0u },
        { PIRQ_KIND_IPI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, true, "qemu.paths.F3.count", 0x5ebbcccf7fee2644u },
        { PIRQ_KIND_IPI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, false, "qemu.paths.S2.count", 0xb673bb53744f870bu },
        { PIRQ_KIND_IPI, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, false, "qemu.paths.S2.count", 0x5a93adb6e2b9db10u },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t hash = 0;
        for (int round = 0; round < 4; round++) {
            struct setup setup;
            struct metrics metrics;
            struct device_setup *device = qemu_setup_of(&setup, rows[i].callback, PIRQ_KIND_MSIX);

            own_qemu_device(device)->pirq_kind = rows[i].kind;
            own_qemu_device(device)->path = rows[i].path;
            own_qemu(&setup)->is_in_kernel = rows[i].in_kernel;
            setup.guests[0].load = round == 1 ? GUEST_LOAD_COMPUTE : GUEST_LOAD_HALT;
            setup.run.policy = round >= 2 ? POLICY_RANDOM : POLICY_TIMED;
            setup.run.seed = (uint64_t)round;
            setup.run.duration_ns = round >= 2 ? 100000000 : 20000000;
            if (round >= 2)
                device->arrivals.rate_millihertz /= 20;
            model_run(&setup, "qemu-pirq-merged", &metrics);
            if (of(&metrics, "irq.lost") != 0 || of(&metrics, "irq.delivered") < 20)
                fail_msg("row %zu, round %d: %.0f lost, %.0f delivered", i, round, of(&metrics, "irq.lost"),
                         of(&metrics, "irq.delivered"));
            assert_true(of(&metrics, rows[i].count) >= of(&metrics, "irq.delivered") - 1);
            assert_int_equal(of(&metrics, "qemu.stuck"), 0);
            assert_int_equal(of(&metrics, "qemu.misdelivered"), 0);
            assert_int_equal(of(&metrics, "host.deadlocks"), 0);
            assert_int_equal(of(&metrics, "host.lock_order"), 0);
            hash += metrics_hash(&metrics);
            metrics_free(&metrics);
        }
        if (hash != rows[i].hash)
            fail_msg("row %zu has other figures than before: 0x%016llx", i, (unsigned long long)hash);
    }
}

/* KVM is faster than QEMU with its locks, and that faster than the main loop before them. */
static void fast_paths_are_faster(void **state)
{
    static const enum device_path paths[] = { DEVICE_PATH_IRQFD, DEVICE_PATH_MAIN_LOOP };
    double mean[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct setup setup;
        struct metrics metrics;

        own_qemu_device(qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX))->path = paths[i];
        model_run(&setup, "qemu-pirq-merged", &metrics);
        mean[i] = of(&metrics, i == 0 ? "qemu.paths.F1.latency.mean_ns" : "qemu.paths.S3.latency.mean_ns");
        metrics_free(&metrics);
    }
    assert_true(mean[1] > 1.5 * mean[0]);
}

/* The page is unmapped again and again: the worker posts, nothing is lost. */
static void an_unmapped_page_takes_the_worker(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);
    own_qemu(&setup)->unmap_every_ns = 20000;
    model_run(&setup, "qemu-pirq-merged", &metrics);
    assert_true(of(&metrics, "qemu.paths.F2.count") > 50);
    assert_true(of(&metrics, "qemu.faults") > 50);
    assert_int_equal(of(&metrics, "irq.lost"), 0);
    metrics_free(&metrics);
}

static void the_rfc_hangs(void **state)
{
    static const struct {
        enum pirq_kind kind;
        enum device_path path;
        enum callback_kind callback;
        enum qemu_action action;
        bool hangs;
    } rows[] = {
        { PIRQ_KIND_MSI_MASK, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, QEMU_ACTION_BIND, true },
        { PIRQ_KIND_MSIX, DEVICE_PATH_IRQFD, CALLBACK_BY_VECTOR, QEMU_ACTION_BIND, true },
        { PIRQ_KIND_MSIX, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, QEMU_ACTION_BIND, true },
        { PIRQ_KIND_MSI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, QEMU_ACTION_BIND, false },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, QEMU_ACTION_BIND, true },
        { PIRQ_KIND_GSI, DEVICE_PATH_EMULATED, CALLBACK_BY_VECTOR, QEMU_ACTION_BIND, false },
        { PIRQ_KIND_INTX, DEVICE_PATH_EMULATED, CALLBACK_BY_GSI, QEMU_ACTION_CALLBACK, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int is_merged = 0; is_merged < 2; is_merged++) {
            struct setup setup;
            struct metrics metrics;
            struct device_setup *device = qemu_setup_of(&setup, rows[i].callback, PIRQ_KIND_MSIX);

            own_qemu_device(device)->pirq_kind = rows[i].kind;
            own_qemu_device(device)->path = rows[i].path;
            own_qemu_device(device)->is_bound = rows[i].action != QEMU_ACTION_BIND;
            qemu_add_action(&setup, rows[i].action, 1000000);
            own_qemu(&setup)->pirqs = 256;
            model_run(&setup, is_merged ? "qemu-pirq-merged" : "qemu-pirq-rfc", &metrics);
            if ((of(&metrics, "host.deadlocks") > 0) != (rows[i].hangs && !is_merged))
                fail_msg("row %zu, merged %d: %.0f deadlocks", i, is_merged, of(&metrics, "host.deadlocks"));
            if (is_merged)
                assert_true(of(&metrics, "irq.delivered") > 50);
            metrics_free(&metrics);
        }
}

/* Binding V vectors one by one: each commits once, with as many irqfds attached as came before. */
static void a_bind_costs_a_commit(void **state)
{
    enum { VECTORS = 10 };
    struct setup setup;
    struct metrics metrics;
    cycles expected = 0;

    (void)state;
    struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);
    device->vectors = VECTORS;
    own_qemu_device(device)->is_bound = false;
    device->arrivals.rate_millihertz = 1;
    qemu_add_action(&setup, QEMU_ACTION_BIND, 6000000);
    model_run(&setup, "qemu-pirq-merged", &metrics);
    for (cycles attached = 0; attached < VECTORS; attached++)
        expected += own_qemu(&setup)->costs.commit + own_qemu(&setup)->costs.commit_irqfd * attached;
    assert_int_equal(of(&metrics, "qemu.routes.commits"), VECTORS);
    assert_int_equal(of(&metrics, "qemu.routes.refreshes"), 0); /* nothing has used the PIRQ before */
    assert_int_equal(of(&metrics, "qemu.routes.commit_ns"), cycles_to_ns(expected, setup.machine.costs.frequency_hz));
    metrics_free(&metrics);
}

/* Nothing has used the PIRQ before, so that no route of it is to be changed, whatever its kind. */
static void a_first_bind_refreshes_nothing(void **state)
{
    static const enum pirq_kind kinds[] = { PIRQ_KIND_MSI, PIRQ_KIND_MSI_MASK, PIRQ_KIND_MSIX, PIRQ_KIND_GSI };

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct setup setup;
        struct metrics metrics;
        struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);

        own_qemu_device(device)->pirq_kind = kinds[i];
        own_qemu_device(device)->path = DEVICE_PATH_EMULATED;
        own_qemu_device(device)->is_bound = false;
        qemu_add_action(&setup, QEMU_ACTION_BIND, 6000000);
        model_run(&setup, "qemu-pirq-merged", &metrics);
        assert_true(of(&metrics, "irq.delivered") > 10);
        assert_int_equal(of(&metrics, "qemu.routes.refreshes"), 0);
        metrics_free(&metrics);
    }
}

/* Closing and opening V vectors: a flush each, of all entries; once a device when batched; none on demand. */
static void policies_flush_differently(void **state)
{
    enum { VECTORS = 10 };
    static const struct {
        enum route_policy routes;
        uint64_t refreshes, detaches;
    } rows[] = { { ROUTES_REFRESH_ALL, 2 * VECTORS, 0 }, { ROUTES_BATCHED, 1, 0 }, { ROUTES_ON_DEMAND, 0, VECTORS } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;
        struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);

        device->vectors = VECTORS;
        own_qemu(&setup)->routes = rows[i].routes;
        setup.run.duration_ns = 60000000;
        qemu_add_action(&setup, QEMU_ACTION_REOPEN, 6000000);
        model_run(&setup, "qemu-pirq-merged", &metrics);
        assert_int_equal(of(&metrics, "qemu.routes.refreshes"), rows[i].refreshes);
        assert_int_equal(of(&metrics, "qemu.routes.detaches"), rows[i].detaches);
        assert_int_equal(of(&metrics, "irq.lost"), 0);
        assert_true(of(&metrics, "qemu.closes") == VECTORS);
        metrics_free(&metrics);
    }
}

static void a_migration_has_a_blackout(void **state)
{
    static const struct {
        enum rebuild_kind rebuild;
        bool loses;
    } rows[] = { { REBUILD_RFC, true }, { REBUILD_MERGED, false }, { REBUILD_IDEAL, false } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);
        own_qemu(&setup)->rebuild = rows[i].rebuild;
        qemu_add_action(&setup, QEMU_ACTION_MIGRATE, 10000000);
        model_run(&setup, "qemu-pirq-merged", &metrics);
        assert_int_equal(of(&metrics, "qemu.migrations"), 1);
        assert_true(of(&metrics, "qemu.blackout_ns") >= 1000000);
        if ((of(&metrics, "irq.lost") > 0) != rows[i].loses)
            fail_msg("row %zu: %.0f lost", i, of(&metrics, "irq.lost"));
        if (!rows[i].loses)
            assert_int_equal(of(&metrics, "qemu.recoveries"), 1);
        metrics_free(&metrics);
    }
}

/* More event channels than a word has bits, which move to another vCPU, are closed and bound again. A change of the
 * family's numbers changes the rows' last column. */
static void many_ports_are_told_apart(void **state)
{
    enum { VECTORS = 70 };
    static const struct {
        enum qemu_action action;
        enum device_path path;
        uint64_t hash; /* of all metrics */
    } rows[] = {
        { QEMU_ACTION_AFFINITY, DEVICE_PATH_IRQFD, 0x8eec44900088641bu },
        { QEMU_ACTION_AFFINITY, DEVICE_PATH_MAIN_LOOP, 0x53289e2f442fd264u },
        { QEMU_ACTION_REOPEN, DEVICE_PATH_IRQFD, 0x1a9f4f5f9133d7d0u },
        { QEMU_ACTION_LOOPBACK, DEVICE_PATH_IRQFD, 0x88333e2d977789adu },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;
        struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX);

        device->vectors = VECTORS;
        device->arrivals.rate_millihertz = 2000000;
        own_qemu_device(device)->path = rows[i].path;
        setup.run.duration_ns = 60000000;
        qemu_add_action(&setup, rows[i].action, 10000000);
        model_run(&setup, "qemu-pirq-merged", &metrics);
        assert_true(of(&metrics, "irq.delivered") > 4000);
        uint64_t hash = metrics_hash(&metrics);
        metrics_free(&metrics);
        if (hash != rows[i].hash)
            fail_msg("row %zu has other figures than before: 0x%016llx", i, (unsigned long long)hash);
    }
}

/* A PIRQ that the guest names is its own from then on, and GSIs and free PIRQs are told apart. */
static void a_mapped_pirq_is_in_use(void **state)
{
    static const uint32_t pirqs[] = { 16, 40, 63, 64, 127, 128, 191, 200, 254 };

    (void)state;
    for (size_t i = 0; i < COUNT(pirqs); i++) {
        struct setup setup;
        struct model_fixture fixture;

        own_qemu_device(qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX))->is_bound = false;
        qemu_add_action(&setup, QEMU_ACTION_MAP_PIRQ, 1000000);
        own_qemu_action(&setup.actions[0])->pirq = pirqs[i];
        own_qemu_action(&setup.actions[0])->gsi = 5;
        model_open(&fixture, &setup, "qemu-pirq-merged");
        const struct qemu *q = ((struct host *)fixture.machine.hypervisor)->model;
        assert_false(pirq_in_use(q, pirqs[i]));
        model_advance(&fixture, 20000000);
        for (uint32_t pirq = 0; pirq < q->nr_pirqs; pirq++)
            assert_int_equal(pirq_in_use(q, pirq), pirq == pirqs[i]);
        assert_int_equal(gsi_pirq_peek(q, 5), pirqs[i]);
        assert_int_equal(pirq_peek(q, pirqs[i]).gsi, 5);
        model_close(&fixture);
    }
}

/* One by one on an empty table: the PIRQ that the GSI has then, 0 for none. What is refused changes nothing. */
static void map_pirq_gives_what_it_may(void **state)
{
    enum { PIRQS = 64, ANY = -1 };
    static const struct {
        const char *label;
        int32_t pirqs[3];
        uint32_t gsis[3], calls, gsi, expected, used; /* used: PIRQs at the end */
    } rows[] = {
        { "named", { 40 }, { 5 }, 1, 5, 40, 1 },
        { "the last", { PIRQS - 1 }, { 23 }, 1, 23, PIRQS - 1, 1 },
        { "0 is none", { 0 }, { 5 }, 1, 5, 0, 0 },
        { "beyond the table", { PIRQS }, { 5 }, 1, 5, 0, 0 },
        { "any", { ANY }, { 5 }, 1, 5, 16, 1 },
        { "any, a second time", { ANY, ANY }, { 5, 6 }, 2, 6, 17, 2 },
        { "any but what is in use", { 16, 17, ANY }, { 1, 2, 6 }, 3, 6, 18, 3 },
        { "in use for another GSI", { 40, 40 }, { 5, 6 }, 2, 6, 0, 1 },
        { "in use, and stays so", { 40, 40 }, { 5, 6 }, 2, 5, 40, 1 },
        { "another PIRQ for the GSI", { 40, 41 }, { 5, 5 }, 2, 5, 41, 2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct model_fixture fixture;

        own_qemu_device(qemu_setup_of(&setup, CALLBACK_BY_VECTOR, PIRQ_KIND_MSIX))->is_bound = false;
        own_qemu(&setup)->pirqs = PIRQS;
        for (uint32_t n = 0; n < rows[i].calls; n++) {
            qemu_add_action(&setup, QEMU_ACTION_MAP_PIRQ, 1000000 * (n + 1));
            own_qemu_action(&setup.actions[n])->pirq = (uint32_t)rows[i].pirqs[n];
            own_qemu_action(&setup.actions[n])->gsi = rows[i].gsis[n];
        }
        model_open(&fixture, &setup, "qemu-pirq-merged");
        const struct qemu *q = ((struct host *)fixture.machine.hypervisor)->model;
        model_advance(&fixture, 20000000);
        uint32_t found = gsi_pirq_peek(q, rows[i].gsi);
        if (found != rows[i].expected)
            fail_msg("%s: %u", rows[i].label, found);
        uint32_t used = 0;
        for (uint32_t pirq = 0; pirq < PIRQS; pirq++)
            used += pirq_in_use(q, pirq);
        assert_int_equal(used, rows[i].used);
        if (found != 0)
            assert_true(pirq_in_use(q, found) && pirq_peek(q, found).gsi == (int32_t)rows[i].gsi);
        model_close(&fixture);
    }
}

/* The deepest stack is a bind with all that its unmask comes to, under an interrupt. */
static void stacks_are_large_enough(void **state)
{
    struct setup setup;
    struct model_fixture fixture;

    (void)state;
    struct device_setup *device = qemu_setup_of(&setup, CALLBACK_BY_GSI, PIRQ_KIND_MSIX);
    own_qemu_device(device)->pirq_kind = PIRQ_KIND_GSI;
    own_qemu_device(device)->path = DEVICE_PATH_EMULATED;
    qemu_add_action(&setup, QEMU_ACTION_REOPEN, 2000000);
    qemu_add_action(&setup, QEMU_ACTION_MIGRATE, 4000000);
    model_open(&fixture, &setup, "qemu-pirq-merged");
    model_advance(&fixture, 20000000);
    const struct host *host = fixture.machine.hypervisor;
    for (const struct thread *thread = host->threads; thread != NULL; thread = thread->next)
        assert_in_range(actor_stack_used(&thread->actor), 1, thread->actor.stack_bytes / 2);
    model_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_delivers),
        cmocka_unit_test(fast_paths_are_faster),
        cmocka_unit_test(an_unmapped_page_takes_the_worker),
        cmocka_unit_test(the_rfc_hangs),
        cmocka_unit_test(a_bind_costs_a_commit),
        cmocka_unit_test(a_first_bind_refreshes_nothing),
        cmocka_unit_test(policies_flush_differently),
        cmocka_unit_test(a_migration_has_a_blackout),
        cmocka_unit_test(many_ports_are_told_apart),
        cmocka_unit_test(a_mapped_pirq_is_in_use),
        cmocka_unit_test(map_pirq_gives_what_it_may),
        cmocka_unit_test(stacks_are_large_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
