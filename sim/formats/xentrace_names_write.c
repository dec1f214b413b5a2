/* SPDX-License-Identifier: Apache-2.0
 *
 * A name is a record with its number, and as many with 20 bytes of text as it takes.
 */
#include "formats/xentrace_names_write.h"

#include <string.h>

#include "models/family/family.h"
#include "trace/recorded.h"

enum { PART_BYTES = 20, PART_WORDS = PART_BYTES / 4 };

static void put_part(struct bytes *bytes, enum xentrace_text what, uint32_t index, uint32_t part,
                     const uint32_t words[PART_WORDS])
{
    bytes_put_u32(bytes, XENTRACE_OUR_TEXT | (uint32_t)XENTRACE_EXTRA_MAX << 28);
    bytes_put_u32(bytes, (uint32_t)what << 16 | part);
    bytes_put_u32(bytes, index);
    for (uint32_t i = 0; i < PART_WORDS; i++)
        bytes_put_u32(bytes, words[i]);
}

static void put_name(struct bytes *bytes, enum xentrace_text what, uint32_t index, const char *name, uint64_t number)
{
    uint32_t words[PART_WORDS] = { (uint32_t)number, (uint32_t)(number >> 32) };
    size_t count = strlen(name);

    put_part(bytes, what, index, 0, words);
    for (size_t at = 0; at < count; at += PART_BYTES) {
        memset(words, 0, sizeof words);
        for (size_t i = 0; i < PART_BYTES && at + i < count; i++)
            words[i / 4] |= (uint32_t)(unsigned char)name[at + i] << 8 * (i % 4);
        put_part(bytes, what, index, (uint32_t)(at / PART_BYTES) + 1, words);
    }
}

static void put_list(struct bytes *bytes, enum xentrace_text what, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; names != NULL && i < count; i++)
        if (names[i] != NULL)
            put_name(bytes, what, i, names[i], 0);
}

void xentrace_put_names(struct bytes *bytes, const struct trace_world *world)
{
    const struct trace *trace = world->trace;

    if (world->setup != NULL)
        put_name(bytes, XENTRACE_TEXT_DESIGN, 0, world->setup->hypervisor.design, 0);
    for (uint32_t d = 0; d < world->domain_count; d++)
        put_name(bytes, XENTRACE_TEXT_DOMAIN, d, world->domains[d].name, world->domains[d].vcpu_count);
    for (uint32_t i = 0; i < world->thread_count; i++)
        put_name(bytes, XENTRACE_TEXT_THREAD, i, world->threads[i].name, (uint32_t)world->threads[i].pid);
    for (uint32_t i = 0; i < trace->lock_count; i++)
        put_name(bytes, XENTRACE_TEXT_LOCK, i, trace->locks[i].class_name, trace->locks[i].number);
    put_list(bytes, XENTRACE_TEXT_SOFTIRQ, trace->softirq_names, trace->softirq_count);
    put_list(bytes, XENTRACE_TEXT_IRQ, world->irq_names, world->irq_count);
    put_list(bytes, XENTRACE_TEXT_EXIT, world->exit_names, world->exit_count);
    put_list(bytes, XENTRACE_TEXT_ACTION, world->action_names, world->action_count);
}
