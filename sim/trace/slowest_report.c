/* SPDX-License-Identifier: Apache-2.0
 *
 * The slowest interrupts as text and as JSON.
 */
#include <inttypes.h>

#include "base/check.h"
#include "trace/slowest.h"

static cycles latency_of(const struct slow_interrupt *slow) { return slow->end - slow->flow.raise; }

static const char *what_of(const struct slow_interrupt *slow)
{
    return slow->wakes != NULL ? "wake-up" : slow->flow.is_device ? "interrupt" : "event";
}

static const char *unit_of(const struct slowest *slowest)
{
    return !slowest->is_recording ? "cycles" : slowest->frequency_hz == 1000000000 ? "ns" : "ticks";
}

static void print_step(const struct slow_step *step, FILE *out)
{
    if (step->left_out > 0) {
        fprintf(out, "  ... %u more steps\n", step->left_out);
        return;
    }
    fprintf(out, "  %12" PRIu64 " %+12" PRId64 "  cpu%-4u %s\n", step->at, (int64_t)step->more, step->cpu, step->text);
    for (uint32_t i = 0; i < step->holder_count; i++)
        fprintf(out, "%*scpu%u held it %" PRIu64 "\n", 45, "", step->holders[i].cpu, step->holders[i].time);
    if (step->more_holders > 0)
        fprintf(out, "%*sand %u more\n", 45, "", step->more_holders);
}

void slowest_print(const struct slowest *slowest, FILE *out)
{
    for (size_t i = 0; i < slowest->count; i++) {
        const struct slow_interrupt *slow = &slowest->rows[i];
        double us = (double)cycles_to_ns(latency_of(slow), slowest->frequency_hz) / 1e3;
        double raised = (double)cycles_to_ns(slow->flow.raise, slowest->frequency_hz) / 1e9;
        fprintf(out, "%s%zu. ", i > 0 ? "\n" : "", i + 1);
        if (slow->wakes != NULL)
            fprintf(out, "%s runs %.3f us after its wake-up at %.9f s\n", slow->wakes, us, raised);
        else
            fprintf(out, "%s %u: %" PRIu64 " %s, %.3f us, raised at %.9f s\n", what_of(slow), slow->flow.flow,
                    latency_of(slow), unit_of(slowest), us, raised);
        fprintf(out, "  %12s %12s\n", unit_of(slowest), "more");
        if (slow->is_cut)
            fputs("  (the recorded history begins after the interrupt)\n", out);
        for (size_t step = 0; step < slow->step_count; step++)
            print_step(&slow->steps[step], out);
    }
    if (slowest->count == 0)
        fputs(slowest->is_recording ? "no interrupt reached a handler, and no task was woken and ran\n"
                                    : "no interrupt reached a handler\n",
              out);
}

/* --- JSON --- */

static json_t *step_json(const struct slow_step *step)
{
    json_t *holders = json_array(), *json;

    if (step->left_out > 0) {
        json_decref(holders);
        return json_pack("{s:I}", "left_out", (json_int_t)step->left_out);
    }
    json = json_pack("{s:I, s:I, s:I, s:s}", "cycles", (json_int_t)step->at, "more", (json_int_t)step->more, "cpu",
                     (json_int_t)step->cpu, "text", step->text);
    CHECK(json != NULL);
    for (uint32_t i = 0; i < step->holder_count; i++)
        json_array_append_new(holders, json_pack("{s:I, s:I}", "cpu", (json_int_t)step->holders[i].cpu, "cycles",
                                                 (json_int_t)step->holders[i].time));
    if (step->holder_count > 0)
        json_object_set(json, "holders", holders);
    json_decref(holders);
    if (step->more_holders > 0)
        json_object_set_new(json, "more_holders", json_integer((json_int_t)step->more_holders));
    return json;
}

json_t *slowest_json(const struct slowest *slowest)
{
    json_t *list = json_array();

    for (size_t i = 0; i < slowest->count; i++) {
        const struct slow_interrupt *slow = &slowest->rows[i];
        json_t *steps = json_array();
        for (size_t step = 0; step < slow->step_count; step++)
            json_array_append_new(steps, step_json(&slow->steps[step]));
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:o, s:I, s:I, s:I, s:b, s:o}", "what", what_of(slow), "number",
                                        (json_int_t)slow->flow.flow, "of",
                                        slow->wakes != NULL ? json_string(slow->wakes) : json_null(), "cycles",
                                        (json_int_t)latency_of(slow), "ns",
                                        (json_int_t)cycles_to_ns(latency_of(slow), slowest->frequency_hz), "raised_ns",
                                        (json_int_t)cycles_to_ns(slow->flow.raise, slowest->frequency_hz), "cut",
                                        slow->is_cut, "steps", steps));
    }
    return list;
}
