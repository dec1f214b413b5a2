/* SPDX-License-Identifier: Apache-2.0
 *
 * A code object in a simulation: its image, its CPUs' copies of per-CPU data and its heap lie in the machine's arena,
 * so that they are part of every snapshot and of every thread's run. A family boots it, calls its functions on
 * simulated CPUs, and gives it functions of its own to call (imports).
 *
 * An access of the object's code (access.h) takes what its cache line takes, or is a step of an exploration. Therefore
 * each call of the object's code, and each import that it calls, may suspend; which CPU runs is kept in a thread-local
 * variable, which code_enter sets and each import that has suspended sets again (code_resume).
 */
#ifndef CODE_CODE_H
#define CODE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/object.h"
#include "machine/cpu.h"
#include "machine/lines/word.h"

/* A function or an object of the host that the code may use by this name. */
struct code_import {
    const char *name;
    void *address;
};

#define CODE_IMPORT(function) \
    { \
#function, __extension__(void *)(function) \
    }

/* A named object, for traces: "pirq 0" of type "struct pirq". */
struct code_name {
    size_t offset, bytes; /* in the arena */
    const char *type;     /* as in the source; constant strings of the code or the host */
    char name[24];
};

struct code {
    const struct code_object *object;
    struct machine *machine;
    char *image;
    char *shared; /* from the first writable byte of the image to the end of the heap: memory that CPUs share */
    size_t shared_bytes;
    size_t heap_from, heap_used; /* offsets in shared; heap_used is part of the explored state */
    struct line *lines;          /* timed: of each 64 bytes of shared; NULL: explored */
    uint8_t *freed;              /* of each 64 bytes of shared: CODE_FREED, CODE_HIDDEN; 0: in use, or never used */
    uint16_t *sizes;             /* of the object that starts there, in units of 64 bytes */
    struct code_name *names;     /* room for CODE_NAMES_MAX; not part of the explored state */
    size_t name_count;
    size_t stub_bytes; /* used of the stubs */
    bool volatile_is_step;
    void *family; /* the family's own record */
    void *locks;  /* models/locks/code_locks.h */
};

#define CODE_NAMES_MAX 512
enum { CODE_FREED = 1, CODE_HIDDEN = 2 };

struct code_config {
    const struct code_import *const *imports; /* tables, each of which ends with a NULL name; the list ends with NULL */
    size_t heap_bytes;
    bool volatile_is_step; /* explored: volatile accesses are steps like atomics; otherwise races.h decides */
};

/* Loads the object at boot, without time. A name that is in no table gets a stub, which ends the run with its name when
 * it is reached. CHECKs that the arena has room. */
struct code *code_boot(struct machine *machine, const struct code_object *object, const struct code_config *config);

/* Whether the host has the name: one of these tables (NULL: none), or what every family's code may use. */
bool code_is_implemented(const char *name, const struct code_import *const *imports);

/* A function or variable of the object; NULL: it has none of this name. */
void *code_symbol(const struct code *code, const char *name);
/* The same of a function, to be called by the model: through a way in that keeps the model's registers out of the
 * explored state. code_way_in: of a function whose address the code has given. */
void *code_function(struct code *code, const char *name);
void *code_way_in(struct code *code, void *function);
/* A section of the loaded image, such as .initcall1.init; NULL: there is none. */
void *code_section(const struct code *code, const char *name, size_t *bytes);

/* Before a call of the object's code on this CPU. cpu NULL: at boot; accesses take no time and are no steps, and
 * imports must not suspend. */
void code_enter(struct code *code, struct cpu *cpu);

/* For imports: the CPU (NULL at boot) and the object whose code is running. */
struct cpu *code_cpu(void);
struct code *code_current(void);
/* At the end of an import that may have suspended, with what code_cpu and code_current returned at its beginning. */
static inline void code_resume(struct code *code, struct cpu *cpu) { code_enter(code, cpu); }
/* At the beginning of an import that may suspend or reads the clock: spends the cycles of the basic blocks run so far.
 */
void code_settle(struct code *code, struct cpu *cpu);

/* Both, for an import that may suspend or reads the clock: what it needs at its beginning (cpu NULL: at boot), and its
 * end. */
struct code_caller {
    struct code *code;
    struct cpu *cpu;
};

static inline struct code_caller code_caller_enter(void)
{
    struct code_caller caller = { code_current(), code_cpu() };

    code_settle(caller.code, caller.cpu);
    return caller;
}

static inline void code_caller_leave(struct code_caller caller) { code_resume(caller.code, caller.cpu); }

/* The heap: zeroed, on lines of its own. An exploration never uses memory again, so that each access to a freed object
 * is a violation; nor does a timed run. `type` as in struct code_name, or NULL. NULL when the heap is full. */
void *code_alloc(struct code *code, size_t bytes, const char *type);
void code_free_at(struct code *code, void *object, const void *pc); /* at `pc` in the code; NULL: by the host */
static inline void code_free(struct code *code, void *object) { code_free_at(code, object, NULL); }
/* At boot: a part of an object that means nothing here, such as most of a struct that only whole hypervisors fill. It
 * is no part of the explored state (its whole cache lines), and an access of it ends the run. */
void code_hide(struct code *code, const void *from, size_t bytes);
/* At the end of boot: leaves the heap no more than `spare_bytes`, so that the explored state is no larger. */
void code_trim(struct code *code, size_t spare_bytes);
/* Names memory of the object for traces; the format must give the same text in every run. */
__attribute__((format(printf, 5, 6))) void code_name(struct code *code, const void *object, size_t bytes,
                                                     const char *type, const char *format, ...);

/* The code cannot continue. The text gets the place in the source of `pc`, an address in the image; NULL: none. */
_Noreturn void code_bug(const void *pc, enum violation_kind kind, const char *text);

#endif
