/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores the life cycle of a PIRQ: actions of the control domain interleave with interrupts and deliveries at every
 * step, in all designs, and the actions of one pCPU keep their order.
 */
#include "explore/explore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "explore_fixture.h"
#include "models/xen/xen.h"
#include "scenario/scenario.h"

static void load(struct scenario *scenario, const char *name, const char *set)
{
    const char *sets[] = { set };
    char path[256];
    struct diag diag;

    diag_init(&diag);
    (void)snprintf(path, sizeof(path), SOURCE_DIR "/scenarios/%s.yaml", name);
    assert_int_equal(scenario_load(scenario, path, sets, set != NULL, &diag), SCENARIO_OK);
    diag_free(&diag);
}

static void load_version(struct scenario *scenario, const char *name, const char *history)
{
    char set[64];

    (void)snprintf(set, sizeof(set), "hypervisor.history=%s", history);
    load(scenario, name, set);
}

static uint32_t due_actions(const struct explore_world *world)
{
    const struct xen *xen = world->machine.hypervisor;
    uint32_t due = 0;

    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        due |= (uint32_t)engine_is_pending(&world->engine, xen->actions[i].slot) << i;
    return due;
}

static void fire(struct explore_world *world, uint32_t action)
{
    const struct xen *xen = world->machine.hypervisor;

    engine_step(&world->engine, xen->actions[action].slot);
}

/* An unbind and a bind are due at the same time: on one pCPU the unbind runs first, on two pCPUs either may. */
static void test_order_of_actions(void **state)
{
    static const struct {
        const char *set;
        uint32_t due[3]; /* after that many have fired: a bit each */
    } rows[] = {
        { NULL, { 1, 2, 0 } },
        { "actions.modprobe.cpu=1", { 3, 2, 0 } },
        { "actions.rmmod.at=2ms", { 2, 1, 0 } },
        { "actions.rmmod.quiesce=1ms", { 1, 2, 1 } }, /* the driver's silencing, the bind, and then the unbind */
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
        struct scenario scenario;
        struct explore_world world;
        char message[256];

        load(&scenario, "explore-destroy-create", rows[row].set);
        assert_true(explore_world_open(&world, &scenario, "softirq-requeue", NULL, message, sizeof(message)));
        for (uint32_t fired = 0; fired < 3; fired++) {
            assert_int_equal(due_actions(&world), rows[row].due[fired]);
            if (rows[row].due[fired] != 0)
                fire(&world, (uint32_t)__builtin_ctz(rows[row].due[fired]));
        }
        explore_world_close(&world);
        scenario_free(&scenario);
    }
}

static const char *const designs[] = {
    "domain-tasklet", "pirq-tasklet",    "softirq-masked",  "softirq-states",
    "softirq-gated",  "softirq-requeue", "softirq-hotplug",
};

#define DESIGN_COUNT (sizeof(designs) / sizeof(*designs))

#define NO_TIMER "modelled-bug: cpu1: set_timer on a timer that was never initialised"
#define NULL_DOMAIN "null-domain: cpu1: hvm_dirq_assist(NULL)"
#define LINKED "list-corruption: cpu1: list_add_tail of a softirq_list that is linked"
#define LINKED_0 "list-corruption: cpu0: list_add_tail of a softirq_list that is linked"
#define NOT_EMPTY "modelled-bug: cpu0: ASSERT(list_empty(&per_cpu(dpci_list, cpu))) at CPU_DEAD"
#define FREED "modelled-bug: cpu1: ASSERT in hvm_dirq_assist: the domain's dPCI state is freed"
#define WAITS "endless-wait: livelock: no execution from this state terminates"
#define HIDDEN "state-mismatch: cpu0: a domain is gone, and an IRQ is still that of a PIRQ of its"
#define LOST "lost-interrupt: the device raised vector 30"
#define TWICE "modelled-bug: cpu1: BUG() in dpci_softirq"
#define DANGLES "use-after-free: PIRQ 0 of domain 0 is queued on a pCPU"
#define CLEAN "none: "

/* The beginning of the violation's text. */
static const struct row {
    const char *scenario, *set;
    const char *verdicts[DESIGN_COUNT];
} rows[] = {
    { "explore-steady", NULL, { CLEAN, CLEAN, LOST, TWICE, TWICE, CLEAN, CLEAN } },
    { "explore-events", NULL, { CLEAN, CLEAN, LOST, TWICE, TWICE, CLEAN, CLEAN } },
    { "explore-destroy", NULL, { CLEAN, NO_TIMER, NO_TIMER, NO_TIMER, NULL_DOMAIN, NULL_DOMAIN, NULL_DOMAIN } },
    { "explore-destroy-create", NULL, { CLEAN, NO_TIMER, NO_TIMER, NO_TIMER, LINKED, LINKED, LINKED } },
    { "explore-cpu-offline", NULL, { CLEAN, CLEAN, NOT_EMPTY, NOT_EMPTY, NOT_EMPTY, NOT_EMPTY, CLEAN } },
    { "explore-eoi-timeout", NULL, { CLEAN, CLEAN, LINKED_0, LINKED_0, CLEAN, CLEAN, CLEAN } },
    /* When no timer may expire any more, the next interrupt is left to one: delayed, not lost. */
    { "explore-eoi-timeout", "devices.nic.interrupts=3", { CLEAN, CLEAN, LINKED_0, LINKED_0, CLEAN, CLEAN, CLEAN } },
    { "explore-destroy-create",
      "actions.modprobe.fails=on",
      { CLEAN, NO_TIMER, NO_TIMER, NO_TIMER, LINKED, LINKED, LINKED } },
    /* A bind that is undone: since ad28e42bd1 (4.6) no message is sent before it is complete. */
    { "explore-bind-fails", NULL, { CLEAN, NO_TIMER, NO_TIMER, NO_TIMER, LINKED, CLEAN, CLEAN } },
    { "explore-bind-fails",
      "actions.again.do=notify",
      { CLEAN, NO_TIMER, NO_TIMER, NO_TIMER, NULL_DOMAIN, CLEAN, CLEAN } },
    { "explore-bind-fails", "actions.probe.fails=off", { CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN } },
    { "explore-bind-fails",
      "hypervisor.history=before-ad28e42bd1",
      { CLEAN, NO_TIMER, NO_TIMER, NO_TIMER, LINKED, LINKED, LINKED } },
    { "explore-bind-fails",
      "hypervisor.history=after-ad28e42bd1",
      { CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN } },
    /* Until daa90dfea9 pirq_cleanup_check is asked only while an event channel is bound (note of aeeea485bc). */
    { "explore-close", NULL, { CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, DANGLES } },
    { "explore-close", "actions.free.at=4ms", { CLEAN, WAITS, CLEAN, CLEAN, CLEAN, CLEAN, DANGLES } },
    { "explore-close",
      "hypervisor.history=after-daa90dfea9",
      { CLEAN, WAITS, CLEAN, DANGLES, DANGLES, DANGLES, DANGLES } },
    { "explore-rebind", NULL, { CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN, CLEAN } },
    /* On the pCPU that the interrupts reach: a bind waits for its own softirq. */
    { "explore-rebind", "actions.rebind.cpu=1", { CLEAN, CLEAN, CLEAN, WAITS, WAITS, WAITS, WAITS } },
    { "explore-rebind",
      "actions.rebind.do=rebind_in_exit",
      { CLEAN, NO_TIMER, NO_TIMER, LINKED, LINKED, LINKED, LINKED } },
    /* The second PIRQ's success hides that the first is active (R7); since 58427889f5 a second pass hides it, too. */
    { "explore-domain-destroy", NULL, { WAITS, WAITS, FREED, FREED, FREED, FREED, FREED } },
    { "explore-domain-destroy", "devices.nic.vectors=1", { WAITS, WAITS, CLEAN, CLEAN, CLEAN, CLEAN, FREED } },
};

/* Returns the depth of the violation. */
static uint64_t explore(const struct scenario *scenario, const char *design, const char *verdict)
{
    struct explore_world world;
    struct explore_outcome outcome;
    char message[256] = "", text[512];

    assert_true(explore_world_open(&world, scenario, design, NULL, message, sizeof(message)));
    struct explore_subject subject = explore_world_subject(&world);
    explore_search(&subject, &explore_default_limits, &outcome);
    explore_world_close(&world);
    (void)snprintf(text, sizeof(text), "%s: %s", violation_name(outcome.violation.kind), outcome.violation.text);
    if (outcome.verdict == EXPLORE_INCOMPLETE || strncmp(text, verdict, strlen(verdict)) != 0)
        fail_msg("%s %s: expected '%s', got '%s'", scenario->name, design, verdict, text);
    uint64_t depth = outcome.depth;
    explore_outcome_free(&outcome);
    return depth;
}

/* One PIRQ is destroyed; the versions of pci_clean_dpci_irqs under designs of before and after them. */
static void test_versions_of_destruction(void **state)
{
    static const struct {
        const char *history, *requeue, *hotplug;
    } versions[] = {
        { "as-designed", CLEAN, FREED },
        { "before-58427889f5", HIDDEN, HIDDEN },
        { "after-58427889f5", NO_TIMER, FREED }, /* 4.15 still has the timer */
        { "after-9480a1a519", FREED, FREED },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
        struct scenario scenario;

        load_version(&scenario, "explore-domain-destroy", versions[i].history);
        scenario.setup.devices[0].vectors = 1;
        (void)explore(&scenario, "softirq-requeue", versions[i].requeue);
        (void)explore(&scenario, "softirq-hotplug", versions[i].hotplug);
        scenario_free(&scenario);
    }
}

/* An unbind that masks the MSI first leaves the interleaving that was there, a step longer, and adds none. */
static void test_versions_of_unbind(void **state)
{
    static const struct {
        const char *design, *history;
        uint64_t depth;
    } versions[] = {
        { "softirq-requeue", "as-designed", 43 },
        { "softirq-requeue", "after-8c97eb6551", 44 },
        { "softirq-hotplug", "before-8c97eb6551", 43 },
        { "softirq-hotplug", "as-designed", 44 },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
        struct scenario scenario;

        load_version(&scenario, "explore-destroy", versions[i].history);
        assert_int_equal(explore(&scenario, versions[i].design, NULL_DOMAIN), versions[i].depth);
        scenario_free(&scenario);
    }
}

static void test_verdicts(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
        struct scenario scenario;

        load(&scenario, rows[row].scenario, rows[row].set);
        for (size_t i = 0; i < DESIGN_COUNT; i++)
            (void)explore(&scenario, designs[i], rows[row].verdicts[i]);
        scenario_free(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_actions),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_versions_of_destruction),
        cmocka_unit_test(test_versions_of_unbind),
    };

    return cmocka_run_group_tests_name("explored life", tests, NULL, NULL);
}
