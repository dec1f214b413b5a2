/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests bench/expect.awk, which evaluates the expectations of bench/catalogue, on a small table. An expectation without
 * an answer does not hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char data[] = "lock,nodes,rate,error\nttas,1,10,\nttas,2,6,-40\nmcs,1,8,\nmcs,2,9,12\nmcs,4,16,3\n";

static const struct {
    const char *expectation, *left, *right, *holds;
} rows[] = {
    { "mean rate where lock=mcs > 10", "11", "10", "yes" },
    { "median rate where lock=mcs = 9", "9", "9", "yes" },
    { "median rate where lock=ttas = 8", "8", "8", "yes" },
    { "min rate > max rate * 2", "6", "32", "no" },
    { "max rate where lock=ttas nodes=2 < mean rate where lock=mcs nodes=2", "6", "9", "yes" },
    { "mean rate where lock=mcs nodes=1 > mean rate where lock=ttas nodes=1 * 0.5", "8", "5", "yes" },
    { "count rate where nodes=2 = 2", "2", "2", "yes" },
    { "max rate where lock!=mcs = 10", "10", "10", "yes" },
    { "count rate where lock=mcs > count rate * 0.5", "3", "2.5", "yes" }, /* a share of the rows, however many */
    { "count rate where nodes=4 > count rate * 0.25", "1", "1.25", "no" },
    { "count error = 3", "3", "3", "yes" }, /* empty cells have no value */
    { "min error < -10", "-40", "-10", "yes" },
    { "mean rate where lock=ticket < 5", "none", "5", "no" },
    { "mean nothing < 5", "none", "5", "no" },
    { "mean rate where colour=red < 5", "none", "5", "no" },
};

static void write_file(char *path, const char *text)
{
    int descriptor = mkstemp(path);
    size_t length = strlen(text);

    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, length), length);
    close(descriptor);
}

static void expectations_hold_or_not(void **state)
{
    char data_path[] = "/tmp/expect_data_XXXXXX", path[] = "/tmp/expect_XXXXXX", text[4096] = "", command[4096],
         line[512];
    FILE *output;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof(text) - used, "row %zu: %s\n", i, rows[i].expectation);
    }
    write_file(data_path, data);
    write_file(path, text);
    (void)snprintf(command, sizeof(command), "awk -f '%s/bench/expect.awk' %s %s", SOURCE_DIR, path, data_path);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char left[32], relation[8], right[32], holds[8];
        size_t row;
        assert_non_null(fgets(line, sizeof(line), output));
        assert_int_equal(sscanf(line, "row %zu\t%31[^\t]\t%7[^\t]\t%31[^\t]\t%7s", &row, left, relation, right, holds),
                         5);
        assert_int_equal(row, i);
        assert_string_equal(left, rows[i].left);
        assert_string_equal(right, rows[i].right);
        assert_string_equal(holds, rows[i].holds);
    }
    assert_null(fgets(line, sizeof(line), output));
    assert_int_equal(pclose(output), 0);
    unlink(path);
    unlink(data_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(expectations_hold_or_not) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
