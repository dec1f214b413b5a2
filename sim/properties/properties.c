/* SPDX-License-Identifier: Apache-2.0
 *
 * The only list of properties.
 */
#include "properties/properties.h"

explore_property *const properties_all[] = { property_deadlock, property_lost_interrupt, NULL };
