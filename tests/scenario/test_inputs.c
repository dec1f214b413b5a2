/* SPDX-License-Identifier: Apache-2.0
 *
 * The cache reads every input once, and returns it even after the file has been removed.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenario/inputs.h"
#include "temporary.h"

#define FILES 8
#define THREADS 4

static const char *name_file(int index)
{
    char name[16];

    snprintf(name, sizeof name, "%d", index);
    return temporary_path(name);
}

static void write_files(void)
{
    for (int i = 0; i < FILES; i++) {
        const char *path = name_file(i);
        FILE *stream = fopen(path, "w");
        assert_non_null(stream);
        fprintf(stream, "file %d\n", i);
        assert_int_equal(fclose(stream), 0);
    }
}

static enum text_file_status read_text(struct inputs *inputs, const char *path, const char **text)
{
    struct diag diag;
    size_t bytes;

    diag_init(&diag);
    enum text_file_status status = inputs_text(inputs, path, (struct place){ 0, 0, 0 }, &diag, text, &bytes);
    assert_int_equal(diag.error_count, status != TEXT_FILE_OK);
    assert_int_equal(bytes, status == TEXT_FILE_OK ? strlen(*text) : 0);
    diag_free(&diag);
    return status;
}

static void a_text_outlives_its_file(void **state)
{
    struct inputs *inputs = inputs_new();
    const char *first, *again, *other, *path = temporary_path("0"), *second = temporary_path("1");

    (void)state;
    write_files();
    assert_false(inputs_has_text(inputs, path));
    assert_int_equal(read_text(inputs, path, &first), TEXT_FILE_OK);
    assert_int_equal(unlink(path) + unlink(second), 0);
    assert_int_equal(read_text(inputs, path, &again), TEXT_FILE_OK);
    assert_ptr_equal(first, again);
    assert_string_equal(first, "file 0\n");
    assert_true(inputs_has_text(inputs, path));
    assert_int_equal(read_text(inputs, second, &other), TEXT_FILE_UNREADABLE);
    assert_null(other);
    assert_false(inputs_has_text(inputs, second));
    write_files();
    assert_int_equal(read_text(inputs, second, &other), TEXT_FILE_OK);
    inputs_free(inputs);
}

static void a_topology_is_its_text_and_interconnect(void **state)
{
    struct inputs *inputs = inputs_new();
    char message[256] = "";

    (void)state;
    const struct topology *full = inputs_topology(inputs, "core:2 pu:1", INTERCONNECT_FULL, message, sizeof(message));
    const struct topology *other =
        inputs_topology(inputs, "core:2 pu:1", INTERCONNECT_CHIPLET, message, sizeof(message));
    assert_non_null(full);
    assert_non_null(other);
    assert_ptr_not_equal(full, other);
    assert_int_equal(full->cpu_count, 2);
    assert_ptr_equal(full, inputs_topology(inputs, "core:2 pu:1", INTERCONNECT_FULL, message, sizeof(message)));
    assert_ptr_not_equal(full, inputs_topology(inputs, "core:1 pu:2", INTERCONNECT_FULL, message, sizeof(message)));
    assert_string_equal(message, "");
    assert_null(inputs_topology(inputs, "core:", INTERCONNECT_FULL, message, sizeof(message)));
    assert_string_not_equal(message, "");
    inputs_free(inputs);
}

struct reader {
    pthread_t thread;
    struct inputs *inputs;
    const char *texts[FILES];
    const struct topology *topology;
};

static void *read_all(void *argument)
{
    struct reader *reader = argument;
    char message[256];

    for (int i = 0; i < FILES; i++) {
        const char *path = name_file(i);
        read_text(reader->inputs, path, &reader->texts[i]);
    }
    reader->topology = inputs_topology(reader->inputs, "core:4 pu:2", INTERCONNECT_FULL, message, sizeof(message));
    return NULL;
}

static void threads_share_what_is_read(void **state)
{
    struct inputs *inputs = inputs_new();
    struct reader readers[THREADS];

    (void)state;
    write_files();
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (struct reader){ .inputs = inputs };
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_all, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_memory_equal(readers[i].texts, readers[0].texts, sizeof(readers[0].texts));
        assert_non_null(readers[i].texts[FILES - 1]);
        assert_ptr_equal(readers[i].topology, readers[0].topology);
    }
    inputs_free(inputs);
}

static int remove_files(void **state)
{

    (void)state;
    for (int i = 0; i < FILES; i++) {
        const char *path = name_file(i);
        unlink(path);
    }
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_outlives_its_file),
        cmocka_unit_test(a_topology_is_its_text_and_interconnect),
        cmocka_unit_test(threads_share_what_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, remove_files);
}
