/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution as JSON.
 */
#include <stdlib.h>

#include "base/check.h"
#include "trace/attribution.h"

static json_t *part_json(const struct attribution *attribution, const struct attribution_row *row)
{
    struct attribution_holders holders = attribution_holders_of(attribution, row);
    char culprit[TRACE_TEXT_BYTES], what[TRACE_TEXT_BYTES];
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:I}", "while", attribution_cause_names[row->cause], "what",
                  attribution_what(attribution, row->cause, row->what, what), "for",
                  attribution_kind_name(attribution, row->culprit, culprit), "cycles", (json_int_t)row->time);

    CHECK(json != NULL);
    if (holders.most != ATTRIBUTION_NONE) {
        json_object_set_new(json, "holders", json_integer(holders.count));
        json_object_set_new(json, "most", json_integer(holders.most));
        json_object_set_new(json, "most_cycles", json_integer((json_int_t)holders.most_time));
    }
    return json;
}

static json_t *loss_json(const struct attribution *attribution, uint32_t kind, enum attribution_loss loss)
{
    json_t *parts = json_array();
    size_t count;
    struct attribution_row *rows = attribution_rows(attribution, kind, loss, &count);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(parts, part_json(attribution, &rows[i]));
    free(rows);
    return json_pack("{s:s, s:I, s:o}", "loss", attribution_loss_names[loss], "cycles",
                     (json_int_t)attribution_loss_of(attribution, kind, loss), "parts", parts);
}

json_t *attribution_json(const struct attribution *attribution)
{
    json_t *guests = json_array();

    for (uint32_t kind = 0; kind < attribution_kinds(attribution); kind++) {
        json_t *losses = json_array();
        char name[TRACE_TEXT_BYTES];
        for (enum attribution_loss loss = LOSS_STEAL; loss < LOSS_COUNT; loss++)
            if (attribution_loss_of(attribution, kind, loss) > 0)
                json_array_append_new(losses, loss_json(attribution, kind, loss));
        if (json_array_size(losses) > 0)
            json_array_append_new(
                guests, json_pack("{s:s, s:I, s:O}", "guest", attribution_kind_name(attribution, kind, name), "cycles",
                                  (json_int_t)attribution_elapsed(attribution, kind), "losses", losses));
        json_decref(losses);
    }
    return guests;
}
