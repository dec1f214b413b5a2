/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 as RFC 3629 has it: no surrogates, nothing above U+10FFFF, no character longer than it need be.
 */
#include "base/control.h"

#include <string.h>

size_t utf8_bytes(const char *text, const char *text_end)
{
    const uint8_t *at = (const uint8_t *)text, *end = (const uint8_t *)text_end;
    size_t bytes = *at < 0x80                  ? 1
                   : *at >= 0xC2 && *at < 0xE0 ? 2
                   : (*at & 0xF0) == 0xE0      ? 3
                   : *at >= 0xF0 && *at < 0xF5 ? 4
                                               : 0;
    uint32_t code = bytes > 1 ? *at & (0x7Fu >> bytes) : *at;

    if (bytes > (size_t)(end - at))
        return 0;
    for (size_t i = 1; i < bytes; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3F);
    }
    if ((bytes == 3 && (code < 0x800 || (code >= 0xD800 && code < 0xE000))) ||
        (bytes == 4 && (code < 0x10000 || code > 0x10FFFF)))
        return 0;
    return bytes;
}

void control_clean(char *text)
{
    const char *end = text + strlen(text);

    for (char *at = text; at < end;) {
        size_t control = *at == '\n' ? 0 : control_bytes(at, end), bytes = utf8_bytes(at, end);

        if (control > 0 || bytes == 0)
            memset(at, '?', control > 0 ? control : 1);
        at += bytes > 0 ? bytes : 1;
    }
}
