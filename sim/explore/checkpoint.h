/* SPDX-License-Identifier: Apache-2.0
 *
 * Checkpoints of a search without a bound on preemptions, which a later search goes on from. A checkpoint holds no
 * states, which contain addresses, but for each state the step that found it: the later search takes these again, one
 * for each state instead of all steps. It also holds what the other steps have left: locks taken in an order, full
 * store buffers, which states lead to states found later, and which steps are asleep.
 */
#ifndef EXPLORE_CHECKPOINT_H
#define EXPLORE_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/program.h"
#include "machine/lock_order.h"
#include "result/cbor.h"

/* What a checkpoint is of. Limits and the number of processes may be others when it is resumed. */
struct checkpoint_key {
    char program[PROGRAM_BUILD_ID_BYTES];  /* its build ID: another build may reach other states */
    char scenario[RESULT_HASH_TEXT_BYTES]; /* of the resolved scenario */
    char design[64];
};

/* Sleep sets, numbered from 1 on: of each the number of its words, and these (sleep_export). */
struct checkpoint_sets {
    uint64_t *words;
    uint64_t count, word_count;
};

struct checkpoint {
    struct checkpoint_key key;
    uint64_t states;      /* visited; state 0 is the first one */
    uint64_t expanded;    /* states 0 to expanded - 1: all of their steps were taken */
    uint64_t transitions; /* steps taken */
    bool store_buffer_was_full;
    struct lock_order order;
    uint32_t *parents; /* [states]: the state that the step which found it starts from; that of state 0 is unused */
    uint16_t *slots;   /* [states]: the slot of that step. By parent, then by slot, these ascend */
    uint32_t *onward;  /* [expanded]: a later state that a step leads to, VISITED_NO_RANK: none is known. Kept only for
                        * states that are nobody's parent */
    uint32_t *sleeps;  /* [states - expanded]: of each state the number of its sleep set, 0: the empty one */
    struct checkpoint_sets sets;
};

/* Returns the size; the caller frees *bytes. Nearly 3 bytes for each state. */
size_t checkpoint_encode(const struct checkpoint *checkpoint, uint8_t **bytes);

/* False with a message that names the place when the bytes are no checkpoint, or damaged. After success, the caller
 * calls checkpoint_free. */
bool checkpoint_decode(struct checkpoint *checkpoint, const uint8_t *bytes, size_t count, char *message,
                       size_t message_bytes);

/* Replaces the file at once or not at all (result/file.h). False with a message. */
bool checkpoint_write(const struct checkpoint *checkpoint, const char *path, char *message, size_t message_bytes);
bool checkpoint_read(struct checkpoint *checkpoint, const char *path, char *message, size_t message_bytes);
void checkpoint_free(struct checkpoint *checkpoint);
/* Frees the arrays only. */
void checkpoint_free_arrays(struct checkpoint *checkpoint);

/* False with a message that says what differs. */
bool checkpoint_is_of(const struct checkpoint *checkpoint, const struct checkpoint_key *key, char *message,
                      size_t message_bytes);

#endif
