/* SPDX-License-Identifier: Apache-2.0
 *
 * Records a place once, as written if any access writes it.
 */
#include "machine/footprint.h"

void footprint_add(struct footprint *footprint, const void *place, bool is_written)
{
    for (uint32_t i = 0; i < footprint->count; i++)
        if (footprint->places[i].place == place) {
            footprint->places[i].is_written |= is_written;
            return;
        }
    if (footprint->count == FOOTPRINT_PLACES_MAX)
        footprint->is_everything = true;
    else
        footprint->places[footprint->count++] = (struct footprint_place){ place, is_written };
}
