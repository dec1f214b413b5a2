/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and merges parts of random walks: gaps, overlaps, repeated and interrupted parts, parts of something else.
 */
#include "explore/walk_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "death.h"

#define PARTS_MAX 4

/* A part "h"/"d" unless the names say otherwise; all have one end and two steps a walk. */
static struct walk_part part(uint64_t from, uint64_t to, bool is_broken)
{
    return (struct walk_part){ .hash = (char *)"h",
                               .design = (char *)"d",
                               .from = from,
                               .to = to,
                               .ends = to - from,
                               .steps = 2 * (to - from),
                               .depth = to,
                               .seconds = 1,
                               .is_broken = is_broken };
}

static void test_merging(void **state)
{
    static const struct {
        struct {
            uint64_t from, to;
            bool is_broken;
        } parts[PARTS_MAX];
        uint64_t walks, to; /* what is asked for, and what is found */
        bool is_broken;
        const char *message; /* NULL: they can be merged */
    } rows[] = {
        { { { 0, 10, false } }, 10, 10, false, NULL },
        { { { 6, 10, false }, { 0, 4, false }, { 4, 6, false } }, 10, 10, false, NULL },
        /* the lowest violation counts; what is above it may be missing */
        { { { 5, 8, true }, { 0, 5, false } }, 10, 8, true, NULL },
        { { { 0, 3, true }, { 5, 7, true } }, 10, 3, true, NULL },
        { { { 5, 7, true }, { 0, 5, false }, { 8, 10, false } }, 10, 7, true, NULL },
        /* a part taken twice, once interrupted */
        { { { 0, 2, false }, { 0, 5, false }, { 5, 10, false } }, 10, 10, false, NULL },
        { { { 0, 10, false }, { 0, 4, true } }, 10, 4, true, NULL },
        { { { 0, 5, false }, { 5, 5, false }, { 5, 10, false } }, 10, 10, false, NULL },
        { { { 0, 5, false } }, 10, 0, false, "from 5 on" },
        { { { 1, 10, false } }, 10, 0, false, "from 0 on" },
        { { { 1, 2, true } }, 10, 0, false, "from 0 on" },
        { { { 0, 12, false } }, 10, 0, false, "12 walks of d, more than --random 10" },
        { { { 0, 12, true } }, 10, 0, false, "12 walks of d, more than --random 10" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct walk_part parts[PARTS_MAX + 2], whole;
        struct walk_parts list = { parts, PARTS_MAX + 2 };
        char message[256] = "";

        for (size_t j = 0; j < PARTS_MAX; j++)
            parts[j] = part(rows[i].parts[j].from, rows[i].parts[j].to, rows[i].parts[j].is_broken);
        parts[PARTS_MAX] = parts[PARTS_MAX + 1] = part(0, 1, true);
        parts[PARTS_MAX].hash = (char *)"other";
        parts[PARTS_MAX + 1].design = (char *)"other";
        if (walk_parts_merge(&list, "h", "d", rows[i].walks, &whole, message, sizeof(message)) !=
            (rows[i].message == NULL))
            fail_msg("row %zu: %s", i, message);
        if (rows[i].message != NULL) {
            assert_non_null(strstr(message, rows[i].message));
            continue;
        }
        assert_int_equal(whole.from, 0);
        assert_int_equal(whole.to, rows[i].to);
        assert_int_equal(whole.is_broken, rows[i].is_broken);
        assert_int_equal(whole.ends, rows[i].to);
        assert_int_equal(whole.steps, 2 * rows[i].to);
        assert_int_equal(whole.depth, rows[i].to);
    }
}

#define VERDICT "\"design\": \"d\", \"depth\": 9, \"ends\": 3, \"transitions\": 8, \"walks\": 4, \"walks_from\": 6"

static void test_reading(void **state)
{
    static const struct {
        const char *text;
        size_t parts;
        bool is_broken;
    } rows[] = {
        { "{\"verdicts\": [{" VERDICT ", \"walks_hash\": \"h\"}]}", 1, false },
        { "{\"verdicts\": [{" VERDICT ", \"walks_hash\": \"h\", \"kind\": \"deadlock\"}]}", 1, true },
        { "[{\"verdicts\": [{" VERDICT ", \"walks_hash\": \"h\"}]}, {\"verdicts\": [{" VERDICT
          ", \"walks_hash\": \"h\"}]}]",
          2, false },
        { "{\"verdicts\": [{" VERDICT "}]}", 0, false },
        { "{\"verdicts\": [{\"walks_hash\": \"h\", \"design\": \"d\"}]}", 0, false },
        { "{\"verdicts\": []}", 0, false },
        { "{\"format\": \"irqpath-replay\"}", 0, false },
        { "{", 0, false },
        { "7", 0, false },
    };
    char directory[] = "/tmp/irqpath-parts-XXXXXX", path[64], message[256];

    (void)state;
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct walk_parts parts;
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/part.json", directory);
        file = fopen(path, "w");
        assert_non_null(file);
        fputs(rows[i].text, file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(walk_parts_read(&parts, directory, message, sizeof(message)), rows[i].parts > 0);
        if (rows[i].parts > 0) {
            assert_int_equal(parts.count, rows[i].parts);
            assert_int_equal(parts.parts[0].from, 6);
            assert_int_equal(parts.parts[0].to, 10);
            assert_int_equal(parts.parts[0].ends, 3);
            assert_int_equal(parts.parts[0].steps, 8);
            assert_int_equal(parts.parts[0].is_broken, rows[i].is_broken);
        } else {
            assert_non_null(strstr(message, "part.json"));
        }
        walk_parts_free(&parts);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void test_no_directory(void **state)
{
    struct walk_parts parts;
    char message[256];

    (void)state;
    assert_false(walk_parts_read(&parts, "/nowhere", message, sizeof(message)));
    assert_non_null(strstr(message, "/nowhere: No such file"));
    walk_parts_free(&parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merging),
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_no_directory),
    };

    return cmocka_run_group_tests_name("explore_walk_parts", tests, NULL, NULL);
}
