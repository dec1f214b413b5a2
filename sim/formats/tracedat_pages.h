/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages of a trace.dat that is being written; private to tracedat_write.c and tracedat_pages.c. Full pages wait in
 * a chunk for each pCPU, go to a temporary file, and are copied to the output at the end, when the size of each pCPU's
 * section is known.
 */
#ifndef FORMATS_TRACEDAT_PAGES_H
#define FORMATS_TRACEDAT_PAGES_H

#include "base/check.h"
#include "formats/tracedat.h"
#include "formats/tracedat_parts.h"

enum {
    PAGE_HEAD_BYTES = 16,
    LINE_BYTES = 48,
    WORDS_MAX = 28, /* largest event whose length fits the type_len field */
    TIME_EXTEND = 30,
    DELTA_BITS = 27,
};

/* Pages of one pCPU that follow each other in the temporary file. */
struct tracedat_run {
    uint32_t first, count;
};

/* What is written of an interrupt. */
struct tracedat_line {
    bool is_known;
    uint32_t vector;
    uint32_t number;
    uint32_t bytes; /* of the name with its zero */
    char name[LINE_BYTES];
};

struct tracedat_cpu {
    uint8_t *page;  /* being filled, in the chunk */
    uint32_t count; /* its bytes behind the head; 0: it is not begun */
    int32_t pid;    /* of its current task; 0: idle */
    uint64_t page_ns, last_ns;
    uint8_t *chunk;
    struct tracedat_line line; /* its last interrupt */
    struct tracedat_run *runs;
    uint32_t run_count, run_capacity;
};

/* Creates the temporary file, and the writer's pCPUs with their chunks; the writer's cpu_count is set. */
bool tracedat_pages_begin(struct tracedat_writer *writer, char *message, size_t message_bytes);
/* Writes the head and all pages to the writer's output, which gets the first error. */
void tracedat_pages_end(struct tracedat_writer *writer);
void tracedat_pages_free(struct tracedat_writer *writer);

/* Begins the pCPU's next page with an event at `ns`. */
void tracedat_page_begin(struct tracedat_writer *writer, struct tracedat_cpu *cpu, uint64_t ns);

/* The place of an event's data in the page. It is to be followed by `bytes` of data, a number that is known
 * where it is called, mostly; it pads them to words. */
static inline __attribute__((always_inline)) uint8_t *
tracedat_event(struct tracedat_writer *writer, struct tracedat_cpu *cpu, uint64_t ns, size_t bytes)
{
    uint32_t words = (uint32_t)(bytes + 3) / 4;

    CHECK(words <= WORDS_MAX);
    if (__builtin_expect(cpu->count == 0 || cpu->count + 12 + 4 * words > TRACEDAT_PAGE_BYTES - PAGE_HEAD_BYTES, false))
        tracedat_page_begin(writer, cpu, ns);
    uint32_t count = cpu->count;
    uint8_t *to = cpu->page + PAGE_HEAD_BYTES + count;
    uint64_t delta = ns - cpu->last_ns;
    if (__builtin_expect(delta >> DELTA_BITS != 0, false)) {
        to = encode_u32(to, TIME_EXTEND | (uint32_t)(delta << 5));
        to = encode_u32(to, (uint32_t)(delta >> DELTA_BITS));
        delta = 0;
        count += 8;
    }
    cpu->count = count + 4 + 4 * words;
    cpu->last_ns = ns;
    writer->events++;
    to = encode_u32(to, words | (uint32_t)(delta << 5));
    if (bytes % 4 != 0)
        memset(to + 4 * (words - 1), 0, 4);
    return to;
}

#endif
