/* SPDX-License-Identifier: Apache-2.0
 *
 * States on their way between the processes of a partitioned search. They go as contents, since ids of strings mean
 * nothing to another process: a tree of strings, of which those that the receiver has had lately from the same sender
 * are left out. Sender and receiver keep the same table of these, of a fixed size.
 */
#ifndef EXPLORE_TRANSFER_H
#define EXPLORE_TRANSFER_H

#include <stdint.h>

#include "explore/expand.h"
#include "explore/parcel.h"

/* What this process keeps for another one: what it has sent, and what it has received. */
struct transfer {
    uint64_t *sent;     /* keys of strings by place */
    uint32_t *received; /* ids of this process by place */
    uint32_t *lines;    /* the other's columns */
    uint32_t line_count;
    uint32_t announced; /* columns of this process that the other one knows */
    uint32_t same;      /* columns from the first on that are the same in both */
};

/* The other process has the same columns by now. */
void transfer_open(struct transfer *transfer, const struct search *search);
void transfer_close(struct transfer *transfer);

/* Memory in use, in bytes. */
uint64_t transfer_bytes(void);

/* Tells the other process the columns that it does not know yet. Before the states of each parcel. */
void transfer_put_columns(const struct search *search, struct transfer *transfer, struct parcel *parcel);
void transfer_get_columns(const struct search *search, struct transfer *transfer, struct parcel_reader *reader);

/* A state with what the search knows of its memory. Memories that differ from the first state in columns which are not
 * the same in both processes go line by line. */
void transfer_put(struct search *search, struct transfer *transfer, struct parcel *parcel, struct state_pair pair);
struct state_pair transfer_get(struct search *search, struct transfer *transfer, struct parcel_reader *reader);

/* A sleep set (sleep.h). */
void transfer_put_sleep(struct search *search, struct transfer *transfer, struct parcel *parcel, uint32_t set);
uint32_t transfer_get_sleep(struct search *search, struct transfer *transfer, struct parcel_reader *reader);

#endif
