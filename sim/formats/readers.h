/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers of each format, between which recorded_read chooses. All return false with a message that names the
 * position.
 */
#ifndef FORMATS_READERS_H
#define FORMATS_READERS_H

#include <stdio.h>

#include "formats/recordings.h"

/* The text of `perf script`, `trace-cmd report` or /sys/kernel/tracing/trace. */
bool linux_text_read(FILE *file, const struct recording_choice *choice, struct recorded *recorded, char *message,
                     size_t message_bytes);

/* xentrace's binary format. The file must be seekable. */
bool xentrace_records_read(FILE *file, const struct recording_choice *choice, struct recorded *recorded, char *message,
                           size_t message_bytes);

#endif
