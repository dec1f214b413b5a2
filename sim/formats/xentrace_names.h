/* SPDX-License-Identifier: Apache-2.0
 *
 * Names in xentrace files: of VM exits, and those that irqpath writes.
 */
#ifndef FORMATS_XENTRACE_NAMES_H
#define FORMATS_XENTRACE_NAMES_H

#include "formats/xentrace_parts.h"

/* The names of one kind by index, as a list that belongs to the recording; NULL where there is none. */
const char *const *xen_texts_of(struct xen_reader *reader, uint32_t what, uint32_t *count);

/* The names of the exits that occurred, in the order of their numbers in TRACE_VMEXIT. */
const char *const *xen_exit_names(struct xen_reader *reader, uint32_t *count);

/* Adds the part of a name that a record of the file has. */
bool xen_text_add(struct xen_reader *reader, const struct xen_record *record);

#endif
