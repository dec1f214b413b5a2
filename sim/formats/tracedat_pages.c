/* SPDX-License-Identifier: Apache-2.0
 *
 * Chunks of pages go to the temporary file and from there to the output as they are, with few calls for many pages.
 */
#define _GNU_SOURCE
#include "formats/tracedat_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PAGE_BYTES = TRACEDAT_PAGE_BYTES,
    CHUNKS_BYTES = 4 << 20, /* of all pCPUs together */
    CHUNK_BYTES = 256 << 10,
};

/* Remembers the first error of the spool. */
static void spooled(struct tracedat_writer *writer, bool is_good)
{
    if (!is_good && writer->error == 0)
        writer->error = errno != 0 ? errno : EIO;
}

/* Writes the pages of the chunk before `end` to the spool. */
static void spool_chunk(struct tracedat_writer *writer, struct tracedat_cpu *cpu, const uint8_t *end)
{
    size_t bytes = (size_t)(end - cpu->chunk);

    if (bytes == 0)
        return;
    spooled(writer, fwrite(cpu->chunk, bytes, 1, writer->spool) == 1);
    if (cpu->run_count == cpu->run_capacity) {
        cpu->run_capacity = cpu->run_capacity * 2 + 16;
        cpu->runs = realloc(cpu->runs, cpu->run_capacity * sizeof *cpu->runs);
        CHECK(cpu->runs != NULL);
    }
    uint32_t pages = (uint32_t)(bytes / PAGE_BYTES);
    cpu->runs[cpu->run_count++] = (struct tracedat_run){ writer->page_count, pages };
    writer->page_count += pages;
}

static void close_page(struct tracedat_writer *writer, struct tracedat_cpu *cpu)
{
    if (cpu->count == 0)
        return;
    encode_u64(encode_u64(cpu->page, cpu->page_ns), cpu->count);
    memset(cpu->page + PAGE_HEAD_BYTES + cpu->count, 0, PAGE_BYTES - PAGE_HEAD_BYTES - cpu->count);
    cpu->count = 0;
    cpu->page += PAGE_BYTES;
    if (cpu->page < cpu->chunk + writer->chunk_bytes)
        return;
    spool_chunk(writer, cpu, cpu->page);
    cpu->page = cpu->chunk;
}

void tracedat_page_begin(struct tracedat_writer *writer, struct tracedat_cpu *cpu, uint64_t ns)
{
    close_page(writer, cpu);
    cpu->page_ns = cpu->last_ns = ns;
}

/* --- the temporary file --- */

static void chunks_init(struct tracedat_writer *writer)
{
    size_t bytes = CHUNKS_BYTES / writer->cpu_count / PAGE_BYTES * PAGE_BYTES;

    writer->chunk_bytes = bytes > CHUNK_BYTES ? CHUNK_BYTES : bytes < PAGE_BYTES ? PAGE_BYTES : bytes;
    writer->chunks = malloc(writer->cpu_count * writer->chunk_bytes);
    writer->cpus = calloc(writer->cpu_count, sizeof *writer->cpus);
    CHECK(writer->chunks != NULL && writer->cpus != NULL);
    for (uint32_t i = 0; i < writer->cpu_count; i++)
        writer->cpus[i].chunk = writer->cpus[i].page = writer->chunks + i * writer->chunk_bytes;
}

bool tracedat_pages_begin(struct tracedat_writer *writer, char *message, size_t message_bytes)
{
    writer->spool = tmpfile();
    if (writer->spool == NULL) {
        snprintf(message, message_bytes, "no temporary file: %s", strerror(errno));
        return false;
    }
    (void)setvbuf(writer->spool, NULL, _IONBF, 0); /* chunks are large */
    chunks_init(writer);
    return true;
}

void tracedat_pages_free(struct tracedat_writer *writer)
{
    for (uint32_t i = 0; i < writer->cpu_count; i++)
        free(writer->cpus[i].runs);
    free(writer->cpus);
    free(writer->chunks);
    fclose(writer->spool);
}

/* Reads a run back, which has the chunk's size at most, and writes it to its place. */
static void copy_run(struct tracedat_writer *writer, struct tracedat_run run, uint8_t *chunk)
{
    size_t bytes = (size_t)run.count * PAGE_BYTES, done = 0;

    while (done < bytes) {
        ssize_t count =
            pread(fileno(writer->spool), chunk + done, bytes - done, (off_t)run.first * PAGE_BYTES + (off_t)done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            errno = count == 0 ? EIO : errno;
            spooled(writer, false);
            return;
        }
        done += (size_t)count;
    }
    output_write(writer->output, chunk, bytes);
}

static uint64_t page_count_of(const struct tracedat_cpu *cpu)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < cpu->run_count; i++)
        count += cpu->runs[i].count;
    return count;
}

void tracedat_pages_end(struct tracedat_writer *writer)
{
    struct bytes head = { 0 };

    for (uint32_t i = 0; i < writer->cpu_count; i++) {
        struct tracedat_cpu *cpu = &writer->cpus[i];
        close_page(writer, cpu);
        spool_chunk(writer, cpu, cpu->page);
    }
    spooled(writer, fflush(writer->spool) == 0);
    tracedat_put_head(&head, &writer->tasks);
    uint64_t offset = (head.count + 16 * (uint64_t)writer->cpu_count + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    for (uint32_t i = 0; i < writer->cpu_count; i++) {
        uint64_t bytes = page_count_of(&writer->cpus[i]) * PAGE_BYTES;
        bytes_put_u64(&head, offset);
        bytes_put_u64(&head, bytes);
        offset += bytes;
    }
    bytes_pad(&head, PAGE_BYTES);
    output_write(writer->output, head.data, head.count);
    bytes_free(&head);
    for (uint32_t i = 0; i < writer->cpu_count && writer->error == 0; i++)
        for (uint32_t run = 0; run < writer->cpus[i].run_count; run++)
            copy_run(writer, writer->cpus[i].runs[run], writer->cpus[i].chunk);
    if (writer->output->file.error == 0)
        writer->output->file.error = writer->error;
}
