/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks a parked stack from the innermost frame outwards. A kept register's value is in the place where the last callee
 * saved it; it is live if the frame that owns it reads it.
 */
#include "explore/dead_stack.h"

#include <string.h>

#include "base/check.h"
#include "explore/code_liveness.h"

/* Where the walk stands. */
struct walk {
    uint64_t pc;                         /* to which the inner frame returns */
    char *pointer;                       /* the frame's stack pointer */
    char *registers[KEPT_REGISTERS_MAX]; /* where their values are */
    uint64_t arguments[FRAME_ABOVE / 8]; /* of the frame: masks of the bytes that its callee may read */
    bool fills;                          /* what is dead, instead of clearing it */
};

static uint64_t load(const char *from)
{
    uint64_t value;

    CHECK(from != NULL);
    memcpy(&value, from, sizeof(value));
    return value;
}

static void keep(const struct walk *walk, char *place, uint64_t mask)
{
    uint64_t value = (load(place) & mask) | (walk->fills ? dead_stack_pattern(place) & ~mask : 0);

    if (mask != UINT64_MAX)
        memcpy(place, &value, sizeof(value));
}

static void walk_start(struct walk *walk, char *pointer, bool fills)
{
    *walk = (struct walk){ .pc = load(pointer + architecture.parked_return),
                           .pointer = pointer + architecture.parked_bytes,
                           .fills = fills };
    for (int reg = 0; reg < architecture.register_count; reg++)
        walk->registers[reg] = pointer + architecture.parked_at[reg];
}

/* A register that the frame has not saved holds its caller's value; cfa NULL: there is no caller. */
static void keep_registers(struct walk *walk, const struct call_site *site, char *cfa)
{
    for (int reg = 0; reg < architecture.register_count; reg++) {
        bool is_saved = site->rule.saved_at[reg] != NOT_SAVED;
        if (is_saved || cfa == NULL)
            keep(walk, walk->registers[reg], site->registers[reg]);
        if (is_saved && cfa != NULL)
            walk->registers[reg] = cfa + site->rule.saved_at[reg];
    }
}

/* Arguments on the stack are in the lowest words of the caller's frame. */
static void keep_frame(struct walk *walk, const struct call_site *site, const char *cfa)
{
    uint32_t words = (uint32_t)(cfa - walk->pointer) / 8;
    uint32_t above = words < FRAME_BELOW / 8 ? words : FRAME_BELOW / 8;

    for (uint32_t i = words - above; i < words; i++)
        keep(walk, walk->pointer + 8 * (size_t)i,
             site->frame[FRAME_BELOW / 8 - words + i] | (i < FRAME_ABOVE / 8 ? walk->arguments[i] : 0));
    memcpy(walk->arguments, &site->frame[FRAME_BELOW / 8], sizeof(walk->arguments));
}

/* Returns false at the end. */
static bool walk_frame(struct code_liveness *code, struct walk *walk, const char *end)
{
    const struct call_site *site = code_liveness_at(code, walk->pc);
    char *cfa = walk->pointer;

    if (site->never_returns) {
        for (int reg = 0; reg < architecture.register_count; reg++)
            keep(walk, walk->registers[reg], 0);
        for (char *place = walk->pointer; place < end; place += sizeof(uint64_t))
            keep(walk, place, 0);
        return false;
    }
    if (!site->is_known)
        return false;
    if (site->rule.return_at == NOT_SAVED) {
        keep_registers(walk, site, NULL);
        return false;
    }
    if (site->rule.cfa_base == BASE_FRAME_POINTER) {
        uint64_t frame = load(walk->registers[architecture.frame_pointer]);
        cfa += frame - (uint64_t)(uintptr_t)walk->pointer;
    }
    cfa += site->rule.cfa_offset;
    CHECK(cfa >= walk->pointer && cfa <= end);
    keep_registers(walk, site, cfa);
    keep_frame(walk, site, cfa);
    walk->pc = load(cfa + site->rule.return_at);
    walk->pointer = cfa;
    return true;
}

static void walk_all(char *pointer, const char *end, bool fills)
{
    static struct code_liveness *code;
    static bool is_open;
    struct walk walk;

    if (!is_open)
        code = code_liveness_open();
    is_open = true;
    if (code == NULL)
        return;
    walk_start(&walk, pointer, fills);
    while (walk_frame(code, &walk, end))
        continue;
}

void dead_stack_clear(char *pointer, const char *end) { walk_all(pointer, end, false); }

void dead_stack_fill(char *pointer, const char *end) { walk_all(pointer, end, true); }
