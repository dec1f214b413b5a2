/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads files of trace-cmd through libtracecmd and libtraceevent, which own the format.
 */
#include "formats/readers.h"

bool tracedat_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                   char *message, size_t message_bytes)
{
    (void)source, (void)choice, (void)recorded;
    snprintf(message, message_bytes, "a trace.dat of trace-cmd");
    return false;
}
