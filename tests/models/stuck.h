/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a model says that interrupts are which no guest has taken. Include cmocka.h first.
 */
#ifndef TESTS_MODELS_STUCK_H
#define TESTS_MODELS_STUCK_H

#include <stdlib.h>
#include <string.h>

#include "models/family/interrupts.h"
#include "models_fixture.h"

/* Fails unless `count` interrupts, all of one vector, are at this place, lost or not; is_over: after the drain. */
static inline void stuck_check(struct model_fixture *fixture, bool is_over, uint64_t count, bool is_lost,
                               const char *place)
{
    struct stuck_interrupts stuck;
    struct metrics metrics;

    metrics_init(&metrics);
    fixture->design->family->interrupts(&fixture->machine, &(struct drain){ .is_over = is_over }, &metrics, &stuck);
    assert_int_equal(stuck.count, 1);
    assert_int_equal(stuck.rows[0].count, count);
    if (stuck.rows[0].fate.is_lost != is_lost || strcmp(stuck.rows[0].fate.place, place) != 0)
        fail_msg("over %d: %s %s, expected %s %s", is_over, stuck.rows[0].fate.is_lost ? "lost" : "pending",
                 stuck.rows[0].fate.place, is_lost ? "lost" : "pending", place);
    free(stuck.rows);
    metrics_free(&metrics);
}

#endif
