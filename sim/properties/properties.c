/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry of properties.
 */
#include "properties/properties.h"

const struct property *const properties_all[] = {
    &property_deadlock,        &property_lost_interrupt, &property_delayed_interrupt,
    &property_double_delivery, &property_misdelivery,    NULL,
};
