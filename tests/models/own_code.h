/* SPDX-License-Identifier: Apache-2.0
 *
 * Code objects of C files of our own, which stand in a hypervisor's place for a family's models.
 */
#ifndef TESTS_MODELS_OWN_CODE_H
#define TESTS_MODELS_OWN_CODE_H

#include <stdio.h>
#include <stdlib.h>

#include "code/code_sample.h"
#include "code/object.h"

/* Compiles tests/models/SOURCE with `bad` for its macro BAD, as these files of the family's tree. The caller closes it.
 */
static inline struct code_object *own_code(const char *family, const char *source, const char *files, const char *bad)
{
    char path[256], options[512], info[128], message[256], *text = NULL;
    struct code_object *object;
    struct sample sample;
    size_t bytes = 0;

    (void)snprintf(path, sizeof(path), SOURCE_DIR "/tests/models/%s", source);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    assert_true(getdelim(&text, &bytes, '\0', stream) > 0);
    fclose(stream);
    sample_new(&sample);
    sample_write(&sample, "own.c", text);
    free(text);
    (void)snprintf(options, sizeof(options), "-I%s/models/%s/code -I%s/sim/code/abi -I%s/tests/models '-DBAD=%s'",
                   SOURCE_DIR, family, SOURCE_DIR, SOURCE_DIR, bad);
    (void)snprintf(info, sizeof(info), "family: %s\nfiles: %s\n", family, files);
    sample_compile(&sample, sample_compiler_here(), options, "own.c", info);
    object = code_object_open(sample.object, message, sizeof(message));
    if (object == NULL)
        fail_msg("%s", message);
    sample_remove(&sample);
    return object;
}

/* One of each kind. */
enum { OWN_XEN_TASKLETS, OWN_XEN_DPCI, OWN_QEMU, OWN_VFIO, OWN_OBJECTS };

static inline void own_objects_open(struct code_object *objects[OWN_OBJECTS])
{
    static const struct {
        const char *family, *source, *files;
    } sources[OWN_OBJECTS] = {
        [OWN_XEN_TASKLETS] = { "xen", "xen/own_files.c", "common/tasklet.c" },
        [OWN_XEN_DPCI] = { "xen", "xen/own_files.c", "drivers/passthrough/io.c" },
        [OWN_QEMU] = { "qemu", "qemu/own_evtchn.c", "evtchn.c" },
        [OWN_VFIO] = { "vfio", "vfio/own_kernel.c", "kernel.c" },
    };

    for (size_t i = 0; i < OWN_OBJECTS; i++)
        objects[i] = own_code(sources[i].family, sources[i].source, sources[i].files, "");
}

static inline void own_objects_close(struct code_object *objects[OWN_OBJECTS])
{
    for (size_t i = 0; i < OWN_OBJECTS; i++)
        code_object_close(objects[i]);
}

#endif
