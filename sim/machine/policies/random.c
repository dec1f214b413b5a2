/* SPDX-License-Identifier: Apache-2.0
 *
 * The random policy: costs are those of the timed policy, but slots do not go in the order of their times. A CPU that
 * resumes late finds its lines in the state in which other CPUs have left them.
 */
#include "machine/devices/device.h"
#include "machine/lines/line.h"
#include "machine/lines/queues.h"
#include "machine/policies/policies.h"
#include "machine/policies/timed.h"

const struct machine_policy policy_random = {
    .engine = &engine_policy_random,
    .has_line_ownership = true,
    .lines_init = queues_init,
    .lines_settle = queues_settle,
    .access = pollers_request,
    .wait = timed_wait,
    .acquire = timed_acquire,
    .acquire_by_cas = timed_acquire_by_cas,
    .touch = timed_touch,
    .disturb = pollers_disturb,
    .settle = timed_settle,
    .timer_set = timed_timer_set,
    .deadline = timed_deadline,
    .event_at = timed_event_at,
    .event_again = timed_event_at,
    .event_after = timed_event_after,
    .vector_start = device_arrivals_start,
    .raise = timed_raise,
};
