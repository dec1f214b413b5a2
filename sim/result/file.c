/* SPDX-License-Identifier: Apache-2.0
 *
 * Results from files and to files.
 */
#include "result/file.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "result/cbor.h"

bool result_file_read(struct result_set *set, const char *path, char *message, size_t message_bytes)
{
    char why[300] = "this is JSON; results are read from the CBOR file that -o writes";
    size_t count;
    char *bytes = file_read_bytes(path, RESULT_FILE_BYTES_MAX, &count, message, message_bytes);

    if (bytes == NULL)
        return false;
    bool is_json = count > 0 && (bytes[0] == '{' || bytes[0] == '['); /* no CBOR map begins with these bytes */
    bool is_good = !is_json && result_decode(set, (const uint8_t *)bytes, count, why, sizeof why);
    free(bytes);
    if (!is_good)
        snprintf(message, message_bytes, "%s: %s", path, why);
    return is_good;
}

bool result_file_write(const struct result_set *set, const char *path, bool force, char *message, size_t message_bytes)
{
    uint8_t *bytes;
    size_t count = result_encode(set, IRQPATH_VERSION, &bytes);
    bool is_good = file_write(path, bytes, count, force, message, message_bytes);
    free(bytes);
    return is_good;
}
