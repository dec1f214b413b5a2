/* SPDX-License-Identifier: Apache-2.0
 *
 * Recognises the format of a recording by its first bytes.
 */
#include "formats/recordings.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/readers.h"

enum { HEAD_BYTES = 512 };

/* Text may be in any alphabet; the binary formats all begin with a control character. */
static bool is_text(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] < ' ' && strchr("\n\t\r\033", bytes[i]) == NULL)
            return false;
    return memchr(bytes, 0, count) == NULL;
}

bool recorded_read(const char *path, const struct recording_choice *choice, struct recorded *recorded, char *message,
                   size_t message_bytes)
{
    unsigned char head[HEAD_BYTES];
    struct stat status;

    recorded_init(recorded);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        snprintf(message, message_bytes, "%s", strerror(errno));
        return false;
    }
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        snprintf(message, message_bytes, "is a directory");
        fclose(file);
        return false;
    }
    size_t count = fread(head, 1, sizeof head, file);
    rewind(file);
    bool is_good = (is_text(head, count) && count > 0 ? linux_text_read : xentrace_records_read)(
        file, choice, recorded, message, message_bytes);
    fclose(file);
    return is_good;
}
