/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs functions of a code object in the test's own process, by dlopen, and marks the blocks that have run as the
 * loader does.
 */
#ifndef TESTS_CODE_RUN_H
#define TESTS_CODE_RUN_H

#include <dlfcn.h>

#include "code/code_sample.h"

static const char *const code_run_hooks =
    "char *code_run_image; unsigned char *code_run_covered;\n"
    "void __sanitizer_cov_trace_pc(void)\n"
    "{\n"
    "    if (code_run_covered)\n"
    "        code_run_covered[(char *)__builtin_return_address(0) - code_run_image] = 1;\n"
    "}\n"
    "void __tsan_init(void) {}\n"
    "void outside(int x) { (void)x; }\n"
    "#define HOOK(n) void __tsan_read##n(void *p) { (void)p; } void __tsan_write##n(void *p) { (void)p; }\n"
    "HOOK(1) HOOK(2) HOOK(4) HOOK(8)\n";

struct code_run {
    void *hooks, *object;
};

static inline void code_run_open(struct code_run *run, const struct sample *sample, const struct code_object *object)
{
    char line[256];
    Dl_info info;

    sample_write(sample, "hooks.c", code_run_hooks);
    snprintf(line, sizeof(line), "cd %s && cc -shared -fPIC -o hooks.so hooks.c", sample->directory);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof(line), "%s/hooks.so", sample->directory);
    run->hooks = dlopen(line, RTLD_NOW | RTLD_GLOBAL);
    run->object = dlopen(sample->object, RTLD_NOW);
    assert_non_null(run->hooks);
    assert_non_null(run->object);
    assert_int_not_equal(dladdr(dlsym(run->object, "run"), &info), 0);
    memcpy(dlsym(run->hooks, "code_run_image"), &info.dli_fbase, sizeof(void *));
    memcpy(dlsym(run->hooks, "code_run_covered"), &object->covered, sizeof(void *));
}

/* Calls the object's `int run(int)`. */
static inline int code_run_call(struct code_run *run, int argument)
{
    int (*function)(int);
    void *found = dlsym(run->object, "run");

    memcpy(&function, &found, sizeof(found));
    return function(argument);
}

static inline void code_run_close(struct code_run *run)
{
    dlclose(run->object);
    dlclose(run->hooks);
}

#endif
