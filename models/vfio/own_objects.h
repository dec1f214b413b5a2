/* SPDX-License-Identifier: Apache-2.0
 *
 * What of the model stands behind the kernel's mutexes, SRCU structures and work items: found by the address of
 * the kernel's object, made when that is used for the first time. At boot any number is made; later they are taken from
 * those that own_objects_reserve has set aside, because the arena is closed then.
 */
#ifndef VFIO_OWN_OBJECTS_H
#define VFIO_OWN_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

#include "code/code.h"
#include "models/vfio/vfio.h"

enum own_kind { OWN_MUTEX, OWN_SRCU, OWN_WORK, OWN_KINDS };

struct own_object {
    void *key;     /* address of the kernel's object; NULL: free */
    uint16_t next; /* of those in the same 64 bytes, + 1 */
    enum own_kind kind;
    void *object; /* struct mutex, own_srcu, own_work */
};

/* Readers of each CPU, as the kernel has them. */
struct own_srcu {
    struct line *lines;
    struct word *readers;
};

struct own_queue {
    struct workqueue ordered;
    bool is_ordered; /* otherwise its items run in the pool of the CPU that queues them */
};

struct own_work {
    struct work work;
    const struct own_queue *queue; /* in which it was queued last; NULL: the kernel's own */
};

/* Functions of the glue (irqpath_linux.h). */
struct own_calls {
    void (*boot)(unsigned files);
    void (*work)(void *work);
    int (*eventfd)(void);
    void (*close)(int fd);
    void *(*vfio_new)(void *device, unsigned irq, int is_pci_2_3);
    int (*vfio_call)(void *vdev, int call, int fd);
    int (*vfio_is_masked)(const void *vdev);
    const void *(*vfio_irqlock)(const void *vdev);
    const void *(*vfio_igate)(const void *vdev);
    void *(*kvm_new)(void *guest);
    int (*kvm_irqfd)(void *kvm, int trigger, int resample, unsigned gsi, int is_assigned);
    void (*kvm_acked)(void *kvm, unsigned gsi);
};

typedef int own_handler(int irq, void *device);

struct own {
    struct vfio *vfio;
    struct code *code;
    struct own_calls calls;
    struct own_object *objects;
    uint32_t object_count, object_max;
    own_handler *handler, *handler_in; /* that of the first request, and the way into it */
    uint16_t *first;                   /* of each 64 bytes of the code's shared memory: its first object, + 1 */
};

/* For at most `count` of them. */
void own_objects_boot(struct own *own, uint32_t count);
/* Sets aside further objects of each kind. */
void own_objects_reserve(struct own *own, const uint32_t counts[OWN_KINDS]);

/* The object behind `key`; it is made, and a mutex named, if there is none. name NULL: after its variable. Ends the
 * run if `key` lies in memory that has been freed. */
void *own_object(struct own *own, enum own_kind kind, void *key, const char *name);
/* The object behind `key`; NULL: none. */
void *own_object_find(const struct own *own, enum own_kind kind, const void *key);
/* "irqlock" for "&vdev->irqlock", as the model names it. */
const char *own_name_of(const char *text);
/* The memory is freed, with all that is in it. */
void own_objects_forget(struct own *own, const void *memory, size_t bytes);

/* --- own_verbs.c --- */

extern const struct code_import own_imports[];

static inline struct own *own_of(const struct vfio *vfio) { return vfio->code->family; }
static inline struct own *own_current(void) { return code_current()->family; }
enum irq_return own_handle(struct cpu *cpu, struct irq_action *action);
/* `masked` follows the kernel's. */
void own_follow(struct vfio_device *vdev);

#endif
