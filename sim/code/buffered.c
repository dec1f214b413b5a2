/* SPDX-License-Identifier: Apache-2.0
 *
 * Plain accesses of a code object's memory through a store buffer.
 */
#include "code/buffered.h"

#include <stdint.h>
#include <string.h>

#include "code/running.h"
#include "machine/lines/store_buffer.h"

/* The places, of 8 bytes each, that hold these bytes. */
static uint64_t *place_of(const volatile void *address)
{
    return (uint64_t *)(void *)((char *)address - (uintptr_t)address % 8);
}

static size_t place_count(const volatile void *address, size_t bytes)
{
    return ((uintptr_t)address % 8 + bytes + 7) / 8;
}

/* Which bits of a place belong to these bytes. */
static uint64_t mask_of(const uint64_t *place, const volatile void *address, size_t bytes)
{
    unsigned char mask[8];

    for (size_t i = 0; i < sizeof(mask); i++) {
        size_t offset = (size_t)((const char *)place + i - (const volatile char *)address);
        mask[i] = offset < bytes ? 0xff : 0;
    }
    uint64_t bits;
    memcpy(&bits, mask, sizeof(bits));
    return bits;
}

bool buffered_has(const struct cpu *cpu, const volatile void *address, size_t bytes)
{
    const struct store_buffer *buffer = store_buffer_of(cpu);
    const uint64_t *place = place_of(address);
    size_t count = place_count(address, bytes);

    for (uint32_t i = 0; buffer != NULL && i < buffer->count; i++)
        for (size_t j = 0; j < count; j++)
            if (buffer->entries[i].place == place + j &&
                (buffer->entries[i].mask & mask_of(place + j, address, bytes)) != 0)
                return true;
    return false;
}

void buffered_begin(struct cpu *cpu, const volatile void *address, size_t bytes, bool is_store, bool is_step)
{
    const struct store_buffer *buffer = store_buffer_of(cpu);
    struct running_buffered *under_way = &code_running.buffered;
    uint64_t *place = place_of(address);

    if (buffer == NULL || (!(is_store && is_step) && !buffered_has(cpu, address, bytes)))
        return;
    CHECK(under_way->cpu == NULL && place_count(address, bytes) <= RUNNING_PLACES);
    *under_way = (struct running_buffered){ .cpu = cpu, .address = address, .bytes = bytes, .is_store = is_store };
    for (size_t i = 0; i < place_count(address, bytes); i++) {
        under_way->memory[i] = place[i];
        place[i] = store_buffer_see(buffer, &place[i]);
    }
}

void buffered_end_now(void)
{
    struct running_buffered *under_way = &code_running.buffered;
    const struct running_buffered made = *under_way;
    uint64_t *place = place_of(made.address);

    under_way->cpu = NULL;
    for (size_t i = 0; i < place_count(made.address, made.bytes); i++) {
        uint64_t mask = mask_of(&place[i], made.address, made.bytes), value = place[i];
        place[i] = made.memory[i];
        if (made.is_store)
            store_buffer_add(store_buffer_of(made.cpu), &place[i], NULL, mask, value & mask);
    }
}
