/* SPDX-License-Identifier: Apache-2.0
 *
 * What has run of a small file, for each compiler and level of optimisation.
 */
#define _GNU_SOURCE
#include "code/coverage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "code/code_run.h"
#include "code/describe.h"

static const char *const header = "extern int total;\n"
                                  "static inline void header_add(int x)\n"
                                  "{\n"
                                  "    if (x > 100)\n"
                                  "        total += x;\n"
                                  "}\n";

static const char *const text = "#include \"list.h\"\n"
                                "int total, calls; extern void outside(int); int merge(int);\n"
                                "static __attribute__((noinline)) void never(int x)\n"
                                "{\n"
                                "    total -= x;\n" /* line 5 */
                                "}\n"
                                "static void inlined(int x)\n"
                                "{\n"
                                "    outside(x);\n" /* line 9 */
                                "}\n"
                                "int unused(void)\n"
                                "{\n"
                                "    return total++;\n" /* line 13 */
                                "}\n"
                                "int run(int x)\n"
                                "{\n"
                                "    calls += 1 + merge(x);\n"
                                "    if (x < 0) {\n" /* line 18 */
                                "        never(x);\n"
                                "        return 1;\n"
                                "    }\n"
                                "    for (int i = 0; i < x; i++) {\n"
                                "        if (i == 7)\n"
                                "            inlined(total);\n"
                                "        total += calls;\n"
                                "    }\n"
                                "    header_add(x);\n" /* line 27 */
                                "    return 0;\n"
                                "}\n"
                                "__attribute__((noinline)) int merge(int x)\n"
                                "{\n"
                                "    int ret = 0;\n"
                                "    if (x > 50) {\n"
                                "        ret = -22;\n" /* line 34: of gcc, a constant in the block behind it */
                                "        goto out;\n"
                                "    }\n"
                                "    if (x > 1)\n"
                                "        outside(x);\n"
                                "out:\n"
                                "    return ret;\n"
                                "}\n";

struct opened {
    struct sample sample;
    struct code_object *object;
    struct code_run run;
};

static void open_sample(struct opened *opened, const struct sample_compiler *compiler, const char *options)
{
    char message[256];

    sample_new(&opened->sample);
    sample_write(&opened->sample, "xen/list.h", header);
    sample_write(&opened->sample, "xen/a.c", text);
    sample_compile(&opened->sample, compiler, options, "xen/a.c", "files: a.c b.c\n");
    opened->object = code_object_open(opened->sample.object, message, sizeof(message));
    assert_non_null(opened->object);
    code_run_open(&opened->run, &opened->sample, opened->object);
}

static void close_sample(struct opened *opened)
{
    code_run_close(&opened->run);
    code_object_close(opened->object);
    sample_remove(&opened->sample);
}

static struct coverage *take(const struct opened *opened, bool with_headers)
{
    return coverage_new(opened->object, describe_source(opened->object), with_headers);
}

/* As objdump sees them. */
static void check_sites(const struct opened *opened)
{
    struct coverage_site *sites;
    size_t count, seen = 0;
    char line[256];
    unsigned long back;

    snprintf(
        line, sizeof(line),
        "objdump -d --no-show-raw-insn %s | awk 'is_call { print $1 } { is_call = /call.*__sanitizer_cov_trace_pc@/ "
        "|| /call.*__sanitizer_cov_trace_pc>/ }'",
        opened->sample.object);
    sites = coverage_sites(opened->object, &count);
    FILE *stream = popen(line, "r");
    assert_non_null(stream);
    while (fgets(line, sizeof(line), stream) != NULL)
        if (sscanf(line, "%lx:", &back) == 1) {
            assert_true(seen < count);
            assert_int_equal(sites[seen].back, back);
            seen++;
        }
    pclose(stream);
    assert_int_equal(seen, count);
    assert_true(count >= 8);
    free(sites);
}

static void check_lines(const struct opened *opened, const uint32_t *reached, const uint32_t *missed)
{
    struct coverage *coverage = take(opened, false);

    assert_int_equal(coverage->file_count, 1);
    const struct coverage_file *file = coverage_find(coverage, "a.c");
    assert_ptr_equal(file, &coverage->files[0]);
    assert_null(coverage_find(coverage, "list.h"));
    for (int is_reached = 0; is_reached < 2; is_reached++)
        for (const uint32_t *line = is_reached ? reached : missed; *line != 0; line++) {
            enum coverage_state got = coverage_state(file, *line, NULL);
            if (got != (is_reached ? COVERAGE_REACHED : COVERAGE_NOT_REACHED))
                fail_msg("line %u: state %d, not reached: %d", *line, (int)got, is_reached);
        }
    coverage_free(coverage);
}

static void check_steps(const struct opened *opened_const)
{
    struct opened *opened = (struct opened *)opened_const;

    check_lines(opened, (const uint32_t[]){ 0 }, (const uint32_t[]){ 5, 13, 17, 18, 19, 9, 25, 0 });
    code_run_call(&opened->run, 3);
    check_lines(opened, (const uint32_t[]){ 17, 18, 25, 0 }, (const uint32_t[]){ 5, 13, 19, 9, 0 });
    code_run_call(&opened->run, 8);
    check_lines(opened, (const uint32_t[]){ 17, 25, 0 }, (const uint32_t[]){ 5, 13, 19, 0 });
    code_run_call(&opened->run, -1);
    check_lines(opened, (const uint32_t[]){ 5, 17, 19, 25, 38, 0 }, (const uint32_t[]){ 13, 0 });
    struct coverage *coverage = take(opened, false);
    assert_int_not_equal(coverage_state(&coverage->files[0], 34, NULL), COVERAGE_REACHED);
    coverage_free(coverage);
}

static void check_functions(const struct opened *opened)
{
    struct coverage *coverage = take(opened, true);
    const struct coverage_file *file = coverage_find(coverage, "xen/a.c"), *list = coverage_find(coverage, "list.h");

    assert_non_null(list);
    assert_int_equal(coverage->file_count, 2);
    assert_int_equal(list->function_count, 1);
    assert_true(list->functions[0].is_reached || coverage_state(list, 5, NULL) != COVERAGE_REACHED);
    for (size_t i = 0; i < file->function_count; i++)
        assert_int_equal(file->functions[i].is_reached, strcmp(file->functions[i].name, "unused") != 0);
    coverage_free(coverage);
}

static void check_text(const struct opened *opened)
{
    struct coverage *coverage = take(opened, false);
    char *printed;
    size_t bytes;
    FILE *stream = open_memstream(&printed, &bytes);

    coverage_print_functions(coverage, stream);
    fclose(stream);
    assert_memory_equal(printed, "xen/a.c: ", 9);
    assert_non_null(strstr(printed, " branches reached\n"));
    const char *unused = strstr(printed, " unused ");
    assert_non_null(unused);
    char is_reached[14] = "";
    assert_int_equal(sscanf(unused, " unused %13c", is_reached), 1);
    assert_string_equal(is_reached, "never entered");
    free(printed);
    stream = open_memstream(&printed, &bytes);
    assert_true(coverage_list(&coverage->files[0], opened->sample.directory, stream));
    assert_false(coverage_list(&coverage->files[0], "/nowhere", stream));
    fclose(stream);
    assert_non_null(strstr(printed, "        -:    1:#include \"list.h\"\n"));
    assert_non_null(strstr(printed, "    #####:   13:    return total++;\n"));
    assert_non_null(strstr(printed, ":   17:    calls += 1 + merge(x);\n"));
    free(printed);
    coverage_free(coverage);
}

static void test_compilers(void **state)
{
    static const char *const options[] = { "-O1", "-O2", "-O3", "-O2 -fno-plt", "-O2 -fcf-protection" };

    (void)state;
    for (size_t i = 0; i < SAMPLE_COMPILERS; i++)
        for (size_t j = 0; sample_has(&sample_compilers[i]) && j < sizeof(options) / sizeof(*options); j++) {
            struct opened opened;
            open_sample(&opened, &sample_compilers[i], options[j]);
            check_sites(&opened);
            check_steps(&opened);
            check_functions(&opened);
            check_text(&opened);
            close_sample(&opened);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compilers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
