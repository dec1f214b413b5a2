/* SPDX-License-Identifier: Apache-2.0
 *
 * What this program's debug information says of its own code and types.
 */
#ifndef PLAIN_PROGRAM_H
#define PLAIN_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

extern const char __executable_start[]; /* where the program begins; set by the linker */

void program_open(void);
void program_close(void);

/* "models/xen/schedule.c:152 context_switch: previous->is_running = false;" for a return address, from the start of the
 * program: of inlined functions the innermost one in models/. */
void program_place(uint32_t pc, char *text, size_t text_bytes);

/* "softirq_link.next" at an offset in a "struct pirq" of that size; "+8" if unknown. */
void program_member(const char *type, size_t type_bytes, size_t offset, char *text, size_t text_bytes);

#endif
