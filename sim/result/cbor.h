/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoding of a result file: deterministic CBOR (RFC 8949 section 4.2.1) with the structure of result.cddl. A set
 * of results has exactly one encoding, and the decoder rejects any other.
 */
#ifndef RESULT_CBOR_H
#define RESULT_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result/result.h"

#define RESULT_VERSION 1 /* of the structure; a file of another one is refused by name */

/* Fingerprint of results: 128-bit FNV-1a over their encoding. It detects damage but not forgery. The version of the
 * tool is not hashed, so that results of two versions can be compared. */
struct result_hash {
    uint8_t bytes[16];
};
#define RESULT_HASH_TEXT_BYTES 33

/* Encodes a whole file that names `tool` as the version of the program. Returns its size; the caller frees *bytes. */
size_t result_encode(const struct result_set *set, const char *tool, uint8_t **bytes);

/* Decodes a file and appends its results to `set`. On failure returns false, does not change `set`, and the message
 * names the offending byte. */
bool result_decode(struct result_set *set, const uint8_t *bytes, size_t count, char *message, size_t message_bytes);

/* Whether a file has another version of the structure, with a message that names it. */
bool result_is_of_other_version(const uint8_t *bytes, size_t count, char *message, size_t message_bytes);

/* Returns the hash of a set that holds only this result. */
struct result_hash result_hash(const struct result *result);
struct result_hash result_set_hash(const struct result_set *set);
struct result_hash result_hash_bytes(const void *bytes, size_t count);
void result_hash_text(const struct result_hash *hash, char text[RESULT_HASH_TEXT_BYTES]);

#endif
