/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges of the lock order graph: from the locks that a CPU holds to the one that it requests.
 */
#include "machine/lock_order_record.h"

#include "death.h"
#include "machine/explored.h"
#include "machine_fixture.h"

#define FREE UINT32_MAX

struct scene {
    struct fixture fixture;
    struct explored explored;
    struct lock_order order;
    struct word words[4];
    uint32_t holders[4];
};

/* Three locks, two of them with the same name, and a word between them that is not a lock. */
static void scene_open(struct scene *scene)
{
    static const char *const names[] = { "pcidevs_lock", "pending", "event_lock", "event_lock" };

    *scene = (struct scene){ .holders = { FREE, FREE, FREE, FREE } };
    fixture_open(&scene->fixture, "package:1 [numa] core:2 pu:1", &costs_nothing, POLICY_EXHAUSTIVE, 1);
    scene->fixture.engine.explored = &scene->explored;
    scene->explored.order = &scene->order;
    for (uint32_t i = 0; i < 4; i++)
        names_add(&scene->fixture.machine, &scene->words[i], names[i], i == 1 ? NULL : &scene->holders[i]);
}

static void scene_close(struct scene *scene)
{
    names_free(&scene->explored);
    fixture_close(&scene->fixture);
}

static void edges_are_entered(void **state)
{
    static const struct {
        uint32_t holders[3]; /* of the words that are locks */
        uint32_t wanted;     /* word */
        uint32_t edges;
        uint8_t from, to; /* of the first */
    } rows[] = {
        { { FREE, FREE, FREE }, 2, 0, 0, 0 }, { { 1, FREE, FREE }, 2, 0, 0, 0 }, /* another CPU's */
        { { 0, FREE, FREE }, 2, 1, 0, 1 },    { { FREE, FREE, 0 }, 0, 1, 2, 0 },
        { { 0, 0, FREE }, 3, 2, 0, 2 },       { { 0, FREE, FREE }, 1, 0, 0, 0 }, /* no lock */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene scene;

        scene_open(&scene);
        scene.holders[0] = rows[i].holders[0];
        scene.holders[2] = rows[i].holders[1];
        scene.holders[3] = rows[i].holders[2];
        lock_order_record(&scene.fixture.machine.cpus[0], &scene.words[rows[i].wanted]);
        assert_int_equal(scene.order.count, rows[i].edges);
        if (rows[i].edges > 0) {
            assert_int_equal(scene.order.edges[0].from, rows[i].from);
            assert_int_equal(scene.order.edges[0].to, rows[i].to);
        }
        scene_close(&scene);
    }
}

static void locks_of_one_name_are_numbered(void **state)
{
    static const char *const expected[] = { "pcidevs_lock", "event_lock 0", "event_lock 1" };
    struct scene scene;
    char text[32];

    (void)state;
    scene_open(&scene);
    for (uint32_t lock = 0; lock < 3; lock++) {
        lock_order_name(&scene.explored, lock, text, sizeof(text));
        assert_string_equal(text, expected[lock]);
    }
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_entered),
        cmocka_unit_test(locks_of_one_name_are_numbered),
    };

    return cmocka_run_group_tests_name("lock_order_record", tests, NULL, NULL);
}
