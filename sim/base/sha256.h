/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 (FIPS 180-4), so that a manifest can be checked with sha256sum.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

#define SHA256_TEXT_BYTES 65

/* Writes the hash as 64 lower-case hexadecimal digits. */
void sha256_text(const void *bytes, size_t count, char text[SHA256_TEXT_BYTES]);

#endif
