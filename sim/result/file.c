/* SPDX-License-Identifier: Apache-2.0
 *
 * Results from files and to files.
 */
#include "result/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "result/cbor.h"

/* Writes "PATH: TEXT" to the message and returns false. */
__attribute__((format(printf, 4, 5))) static bool fail(char *message, size_t message_bytes, const char *path,
                                                       const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(message, message_bytes, "%s: %s", path, text);
    return false;
}

bool result_file_read(struct result_set *set, const char *path, char *message, size_t message_bytes)
{
    char why[300];
    size_t count;
    char *bytes = file_read_bytes(path, RESULT_FILE_BYTES_MAX, &count, message, message_bytes);

    if (bytes == NULL)
        return false;
    bool is_json = count > 0 && (bytes[0] == '{' || bytes[0] == '['); /* no CBOR map begins with these bytes */
    bool is_good = !is_json && result_decode(set, (const uint8_t *)bytes, count, why, sizeof why);
    free(bytes);
    if (is_json)
        return fail(message, message_bytes, path, "this is JSON; results are read from the CBOR file that -o writes");
    return is_good ? true : fail(message, message_bytes, path, "%s", why);
}

bool result_file_write(const struct result_set *set, const char *path, bool force, char *message, size_t message_bytes)
{
    uint8_t *bytes;
    size_t count = result_encode(set, IRQPATH_VERSION, &bytes);
    bool is_good = file_write(path, bytes, count, force, message, message_bytes);
    free(bytes);
    return is_good;
}
