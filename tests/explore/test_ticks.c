/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers that may expire when explored (run.ticks): which there are, that together they expire no more often than
 * allowed, what an expiry leads to, and what searches find with them. An interrupt that a later tick brings is delayed,
 * not lost.
 */
#define _GNU_SOURCE
#include "explore/ticks.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "death.h"
#include "explore_fixture.h"
#include "explore/replay.h"
#include "models/xen/xen.h"
#include "scenario/scenario.h"

enum { ROUNDS_MAX = 100000 };

struct scene {
    struct scenario scenario;
    struct explore_world world;
    struct xen *xen;
};

static void scene_open(struct scene *scene, const char *name, const char *const *sets, size_t count)
{
    struct diag diag;
    char message[256] = "";

    diag_init(&diag);
    assert_int_equal(scenario_load(&scene->scenario, name, sets, count, &diag), SCENARIO_OK);
    diag_free(&diag);
    if (!explore_world_open(&scene->world, &scene->scenario, scene->scenario.setup.hypervisor.design, NULL, message,
                            sizeof(message)))
        fail_msg("%s: %s", name, message);
    scene->xen = scene->world.machine.hypervisor;
}

static void scene_close(struct scene *scene)
{
    explore_world_close(&scene->world);
    scenario_free(&scene->scenario);
}

static bool is_tick(const struct xen *xen, uint32_t slot)
{
    const struct timer_budget *ticks = xen->ticks;

    for (const struct timer_expiry *expiry = ticks != NULL ? ticks->first : NULL; expiry; expiry = expiry->next)
        if (expiry->slot == slot)
            return true;
    return false;
}

/* Steps all pending slots in turn, timers only with `with_ticks`. Returns how often timers expired. */
static uint32_t run(struct scene *scene, bool with_ticks)
{
    struct engine *engine = &scene->world.engine;
    uint32_t expiries = 0;
    bool has_stepped = true;

    check_context_set(&engine->context);
    for (int round = 0; has_stepped; round++) {
        assert_true(round < ROUNDS_MAX);
        has_stepped = false;
        for (uint32_t slot = 0; slot < engine->slot_count; slot++) {
            bool is_one = is_tick(scene->xen, slot);
            if (!engine_is_pending(engine, slot) || (is_one && !with_ticks))
                continue;
            engine_step(engine, slot);
            expiries += is_one;
            has_stepped = true;
        }
    }
    check_context_set(NULL);
    return expiries;
}

static void expire(struct scene *scene, const struct timer *timer)
{
    check_context_set(&scene->world.engine.context);
    engine_step(&scene->world.engine, timer->expiry->slot);
    check_context_set(NULL);
    assert_true(explore_world_settle(&scene->world));
}

/* Without ticks no timer has a slot; with them, each pCPU has two and each vCPU of a guest that ticks one. */
static void test_slots(void **state)
{
    static const struct {
        const char *sets[2];
        uint32_t more;
    } rows[] = {
        { { "run.ticks=0", "guests.other.timer=tickless" }, 0 },
        { { "run.ticks=0", "guests.other.timer=250Hz" }, 0 },
        { { "run.ticks=1", "guests.other.timer=tickless" }, 2 },
        { { "run.ticks=3", "guests.other.timer=tickless" }, 2 },
        { { "run.ticks=1", "guests.other.timer=250Hz" }, 3 },
    };
    uint32_t without = 0, capacity = 0;

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scene scene;

        scene_open(&scene, "explore-ticks", rows[i].sets, 2);
        if (i == 0) {
            without = scene.world.engine.slot_count;
            capacity = scene.world.engine.slot_capacity;
        }
        uint32_t of_cpus = rows[i].more > 0 ? 2 * scene.world.machine.cpu_count : 0;
        assert_int_equal(scene.world.engine.slot_capacity, capacity + of_cpus);
        assert_int_equal(scene.world.engine.slot_count, without + rows[i].more);
        assert_true((scene.xen->ticks != NULL) == (rows[i].more > 0));
        assert_true((scene.world.machine.allow_ticks != NULL) == (rows[i].more > 0));
        scene_close(&scene);
    }
}

static void test_budget(void **state)
{
    static const char *const counts[] = { "run.ticks=0", "run.ticks=1", "run.ticks=2", "run.ticks=7" };
    static const char *const others[] = { "guests.other.timer=tickless", "guests.other.timer=250Hz" };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        for (size_t j = 0; j < sizeof(others) / sizeof(*others); j++) {
            const char *const sets[] = { counts[i], others[j] };
            struct scene scene;

            scene_open(&scene, "explore-ticks", sets, 2);
            uint32_t ticks = scene.scenario.setup.run.ticks;
            assert_int_equal(run(&scene, true), ticks);
            if (ticks > 0) {
                scene.world.machine.allow_ticks(&scene.world.machine, 2);
                assert_int_equal(run(&scene, true), 2);
            }
            scene_close(&scene);
        }
}

static uint32_t ticks_allowed;

static void note_ticks(const struct machine *machine, uint32_t ticks)
{
    (void)machine;
    ticks_allowed = ticks;
}

/* What is waited for before an interrupt counts as lost: each timer once for each vCPU, and once more. */
static void test_rounds(void **state)
{
    static const struct {
        const char *set;
        uint32_t vcpus;
    } rows[] = {
        { "guests.other.count=1", 2 },
        { "guests.other.count=2", 3 },
        { "guests.other.vcpus=2", 3 },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *const sets[] = { "run.ticks=1", rows[i].set };
        struct scene scene;

        scene_open(&scene, "explore-ticks", sets, 2);
        scene.world.machine.allow_ticks = note_ticks;
        assert_true(explore_ticks_deliver(&scene.world));
        assert_int_equal(ticks_allowed, scene.world.engine.slot_count * (rows[i].vcpus + 1));
        scene_close(&scene);
    }
}

/* The end of a slice gives the pCPU to the other vCPU, a tick does not; it ends a boost. */
static void test_preemption(void **state)
{
    static const char *const rows[][2] = {
        { "run.ticks=9", "hypervisor.ratelimit=off" },
        { "run.ticks=9", "hypervisor.ratelimit=1ms" },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scene scene;

        scene_open(&scene, "explore-ticks", rows[i], 2);
        struct xen_cpu *xc = &scene.xen->cpus[0];
        for (int slices = 0; slices < 3; slices++) {
            struct vcpu *before = xc->current;
            assert_false(is_idle_vcpu(before));
            before->csched.priority = CSCHED_PRI_TS_BOOST;
            expire(&scene, &xc->ticker);
            assert_ptr_equal(xc->current, before);
            assert_int_equal(before->csched.priority, CSCHED_PRI_TS_UNDER);
            expire(&scene, &xc->s_timer);
            assert_ptr_not_equal(xc->current, before);
            assert_int_equal(before->state, RUNSTATE_RUNNABLE);
            assert_false(xc->has_slice_ended);
        }
        scene_close(&scene);
    }
}

/* A guest's tick is an event of its vCPU, after which the guest arms the timer again. */
static void test_guest_tick(void **state)
{
    static const char *const sets[] = { "run.ticks=9", "guests.guest.timer=1kHz", "guests.guest.load=halt" };
    struct scene scene;

    (void)state;
    EXPLORE_OR_SKIP();
    scene_open(&scene, "explore-ticks", sets, 3);
    struct vcpu *v = &scene.xen->domains[0].vcpus[0];
    for (uint64_t ticks = 1; ticks <= 3; ticks++) {
        assert_int_equal(v->state, RUNSTATE_BLOCKED);
        expire(&scene, &v->singleshot_timer);
        /* It is woken, and runs at once only if the ratelimit of the other vCPU lets it. */
        if (v->state == RUNSTATE_RUNNABLE)
            expire(&scene, &scene.xen->cpus[0].s_timer);
        assert_int_equal(v->guest.statistics.ticks_handled, ticks);
        assert_int_equal(v->guest.statistics.ticks_skipped, 0);
        assert_true(engine_is_pending(&scene.world.engine, v->singleshot_timer.expiry->slot));
    }
    scene_close(&scene);
}

#define OFF_AND_ON \
    "actions=[ { name: off, do: offline, target: 1, at: 1ms, cpu: 0 }, { name: on, do: online, target: 1, at: 2ms, " \
    "cpu: 0 } ]"

static void hotplug_open(struct scene *scene)
{
    static const char *const sets[] = { "run.ticks=9", "guests.guest.timer=1kHz", OFF_AND_ON };

    scene_open(scene, "explore-steady", sets, 3);
    assert_ptr_equal(scene->xen->domains[0].vcpus[0].singleshot_timer.on, &scene->xen->cpus[1]);
}

/* A pCPU that was offline has its ticks again. */
static void test_hotplug(void **state)
{
    struct scene scene;

    (void)state;
    EXPLORE_OR_SKIP();
    hotplug_open(&scene);
    struct vcpu *v = &scene.xen->domains[0].vcpus[0];
    struct xen_cpu *xc = &scene.xen->cpus[1];
    (void)run(&scene, false);
    assert_ptr_equal(v->singleshot_timer.on, &scene.xen->cpus[0]);
    assert_int_equal(word_peek(&xc->power), CPU_ONLINE);
    assert_true(engine_is_pending(&scene.world.engine, xc->ticker.expiry->slot));
    assert_true(engine_is_pending(&scene.world.engine, v->singleshot_timer.expiry->slot));
    expire(&scene, &xc->ticker);
    assert_true(engine_is_pending(&scene.world.engine, xc->ticker.expiry->slot));
    expire(&scene, &v->singleshot_timer);
    assert_int_equal(v->guest.statistics.ticks_handled, 1);
    scene_close(&scene);
}

/* A timer that expires on a pCPU that does not handle interrupts any more is due where it is moved to. */
static void test_expiry_on_the_dead(void **state)
{
    struct scene scene;
    uint32_t slot = 0;

    (void)state;
    EXPLORE_OR_SKIP();
    hotplug_open(&scene);
    struct engine *engine = &scene.world.engine;
    struct vcpu *v = &scene.xen->domains[0].vcpus[0];
    struct xen_cpu *xc = &scene.xen->cpus[1];
    check_context_set(&engine->context);
    for (int steps = 0; word_peek(&xc->power) != CPU_DEAD; slot = (slot + 1) % engine->slot_count) {
        assert_true(steps++ < ROUNDS_MAX);
        if (engine_is_pending(engine, slot) && !is_tick(scene.xen, slot))
            engine_step(engine, slot);
    }
    assert_ptr_equal(v->singleshot_timer.on, xc);
    engine_step(engine, v->singleshot_timer.expiry->slot);
    check_context_set(NULL);
    (void)run(&scene, false);
    assert_int_equal(v->guest.statistics.ticks_handled, 1);
    scene_close(&scene);
}

/* --- searches --- */

#define HISTORY SOURCE_DIR "/tests/explore/"
#define CLEAN VIOLATION_NONE
#define LOST VIOLATION_LOST_INTERRUPT
#define LATE VIOLATION_DELAYED_INTERRUPT
#define TWICE VIOLATION_MODELLED_BUG
#define LINKED VIOLATION_LIST_CORRUPTION

static void search(struct scenario *scenario, const char *design, struct explore_outcome *outcome)
{
    char message[256] = "";

    if (!explore_scenario(scenario, design, &explore_default_limits, NULL, outcome, message, sizeof(message)))
        fail_msg("%s: %s", design, message);
}

/* The trace leads to the kind again, and names each expiry. */
static void replays(const struct scenario *scenario, const char *design, const struct explore_outcome *outcome)
{
    static const char *const names[] = { "ticker expires on cpu", "s_timer expires on cpu",
                                         "singleshot_timer of d0v0 expires on cpu" };
    struct explore_world world;
    struct replay_log log;
    char message[256];
    uint32_t expiries = 0, noted = 0;

    assert_true(explore_world_open(&world, scenario, design, NULL, message, sizeof(message)));
    assert_true(replay_record(&world, outcome->trace, outcome->trace_count, &log));
    for (size_t i = 0; i < outcome->trace_count; i++)
        expiries += is_tick(world.machine.hypervisor, outcome->trace[i]);
    for (size_t i = 0; i < log.note_count; i++)
        for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++)
            noted += strncmp(log.notes[i].text, names[j], strlen(names[j])) == 0;
    assert_int_equal(noted, expiries);
    assert_true(expiries <= scenario->setup.run.ticks);
    if (outcome->violation.kind == LOST || outcome->violation.kind == LATE)
        assert_int_equal(expiries, scenario->setup.run.ticks); /* what is left of them is pending */
    assert_true(replay_is_confirmed(&world, violation_name(outcome->violation.kind)));
    replay_log_free(&log);
    explore_world_close(&world);
}

static void search_row(const char *name, const char *set, const char *design, uint32_t ticks, enum violation_kind kind)
{
    char tick_set[32];
    const char *const sets[] = { tick_set, set };
    struct explore_outcome outcome;
    struct scenario scenario;
    struct diag diag;

    (void)snprintf(tick_set, sizeof(tick_set), "run.ticks=%u", ticks);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, name, sets, 2, &diag), SCENARIO_OK);
    diag_free(&diag);
    search(&scenario, design, &outcome);
    if (outcome.verdict == EXPLORE_INCOMPLETE || outcome.violation.kind != kind)
        fail_msg("%s %s, %s, %u ticks: expected %s, found %s (%s)", name, set, design, ticks, violation_name(kind),
                 violation_name(outcome.violation.kind), outcome.violation.text);
    if (outcome.verdict == EXPLORE_VIOLATION)
        replays(&scenario, design, &outcome);
    explore_outcome_free(&outcome);
    scenario_free(&scenario);
}

/* Every design with 0, 1 and 2 ticks, where the vCPU may be preempted at any moment, or sleeps until its own tick. */
static void test_designs(void **state)
{
    static const struct {
        const char *design, *set;
        enum violation_kind kinds[3];
    } rows[] = {
        { "domain-tasklet", "hypervisor.posted=off", { CLEAN, CLEAN, CLEAN } },
        { "pirq-tasklet", "hypervisor.posted=off", { CLEAN, CLEAN, CLEAN } },
        { "softirq-masked", "hypervisor.posted=off", { CLEAN, CLEAN, CLEAN } },
        { "softirq-states", "hypervisor.posted=off", { CLEAN, CLEAN, CLEAN } },
        { "softirq-gated", "hypervisor.posted=off", { CLEAN, CLEAN, CLEAN } },
        { "softirq-requeue", "hypervisor.posted=off", { CLEAN, CLEAN, CLEAN } },
        { "softirq-hotplug", "hypervisor.posted=off", { CLEAN, CLEAN, CLEAN } },
        /* One end of a slice takes the vCPU off its pCPU, a second one brings it back. */
        { "softirq-hotplug", "hypervisor.posted=on", { CLEAN, CLEAN, LOST } },
        { "softirq-hotplug", "run.memory=tso", { CLEAN, CLEAN, LOST } },
        { "domain-tasklet", "hypervisor.posted=on", { CLEAN, CLEAN, LOST } },
        { "softirq-hotplug", "hypervisor.posted_with=recheck-pir", { CLEAN, CLEAN, CLEAN } },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (uint32_t ticks = 0; ticks < 3; ticks++)
            search_row("explore-ticks", rows[i].set, rows[i].design, ticks, rows[i].kinds[ticks]);
}

/* Ticks hide no violation that is there without them; but what a tick brings is not lost. */
static void test_known_violations(void **state)
{
    static const char *const tickless = "guests.guest.timer=tickless", *const ticking = "guests.guest.timer=250Hz";
    const struct {
        const char *scenario, *design, *set;
        enum violation_kind kinds[3];
    } rows[] = {
        { "explore-steady", "softirq-states", tickless, { TWICE, TWICE, TWICE } },
        { "explore-steady", "softirq-gated", tickless, { TWICE, TWICE, TWICE } },
        { "explore-eoi-timeout", "softirq-states", tickless, { LINKED, LINKED, LINKED } },
        { "explore-eoi-timeout", "softirq-requeue", tickless, { CLEAN, CLEAN, CLEAN } },
        /* No exit finds what is in the PIR before the next tick. */
        { HISTORY "f0-e78c98f727-before.yaml", "softirq-hotplug", tickless, { LATE, LATE, LATE } },
        { HISTORY "f0-e78c98f727-after.yaml", "softirq-hotplug", tickless, { CLEAN, CLEAN, CLEAN } },
        /* Idle sleeps over a softirq until the next tick. It may sleep over that of a tick as well, which then arms no
         * timer any more. */
        { HISTORY "s2-9b0f0f6e23-before.yaml", "softirq-requeue", tickless, { LOST, LATE, LOST } },
        { HISTORY "s2-9b0f0f6e23-after.yaml", "softirq-requeue", tickless, { CLEAN, CLEAN, CLEAN } },
        /* A vCPU that nobody wakes: its own tick does. */
        { HISTORY "predicted-block-swallows-on.yaml", "softirq-hotplug", tickless, { LOST, LOST, LOST } },
        { HISTORY "predicted-block-swallows-on.yaml", "softirq-hotplug", ticking, { LOST, LATE, LATE } },
        { HISTORY "predicted-assign-asleep.yaml", "softirq-hotplug", tickless, { LOST, LOST, LOST } },
        { HISTORY "predicted-assign-asleep.yaml", "softirq-hotplug", ticking, { LOST, LATE, LATE } },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (uint32_t ticks = 0; ticks < 3; ticks++)
            search_row(rows[i].scenario, rows[i].set, rows[i].design, ticks, rows[i].kinds[ticks]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_preemption),
        cmocka_unit_test(test_guest_tick),
        cmocka_unit_test(test_hotplug),
        cmocka_unit_test(test_expiry_on_the_dead),
        cmocka_unit_test(test_designs),
        cmocka_unit_test(test_known_violations),
    };

    return cmocka_run_group_tests_name("explore_ticks", tests, NULL, NULL);
}
