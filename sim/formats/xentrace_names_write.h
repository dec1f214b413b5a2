/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the names of a world as irqpath's own records of an xentrace file.
 */
#ifndef FORMATS_XENTRACE_NAMES_WRITE_H
#define FORMATS_XENTRACE_NAMES_WRITE_H

#include "formats/xentrace.h"

void xentrace_put_names(struct bytes *bytes, const struct trace_world *world);

#endif
