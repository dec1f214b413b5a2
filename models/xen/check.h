/* SPDX-License-Identifier: Apache-2.0
 *
 * Xen's check and explored hooks of struct family.
 */
#ifndef MODELS_XEN_CHECK_H
#define MODELS_XEN_CHECK_H

#include "models/family/family.h"

void xen_check(const struct design *design, const struct setup *setup, const struct topology *topology,
               const struct setup_report *report);
void xen_explored(struct setup *setup);

#endif
