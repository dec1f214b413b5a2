/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a result file: deterministically encoded CBOR (RFC 8949 section 4.2.1), shape in result.cddl. One set of
 * results has one encoding, and the reader takes no other.
 */
#ifndef RESULT_CBOR_H
#define RESULT_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result/result.h"

/* Fingerprint of results: FNV-1a with 128 bits over their encoding. It finds accidents, not forgeries. The tool's
 * version is not part of it, so that two versions can be compared. */
struct result_hash {
    uint8_t bytes[16];
};
#define RESULT_HASH_TEXT_BYTES 33

/* The whole file on the heap, as written by version `tool` of the program. Returns its size. */
size_t result_encode(const struct result_set *set, const char *tool, uint8_t **bytes);

/* Appends what the bytes hold to `set`. On failure `set` is unchanged and the message names the byte. */
bool result_decode(struct result_set *set, const uint8_t *bytes, size_t count, char *message, size_t message_bytes);

/* Of one result: the hash of a set that holds only this one. */
struct result_hash result_hash(const struct result *result);
struct result_hash result_set_hash(const struct result_set *set);
struct result_hash result_hash_bytes(const void *bytes, size_t count);
void result_hash_text(const struct result_hash *hash, char text[RESULT_HASH_TEXT_BYTES]);

#endif
