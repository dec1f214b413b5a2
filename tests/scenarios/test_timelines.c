/* SPDX-License-Identifier: Apache-2.0
 *
 * Short runs, event by event: the whole trace of each scenario of timelines/, and then every number that it measures,
 * as in the file beside it; their costs do not vary, so that each step takes the sum of its named costs. And the
 * numbers alone of the scenarios of keys/, as in numbers/. A change of the models changes the files:
 * test_scenarios_timelines --write makes them, and what differs is to be read.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include "same_text.h"
#include "timeline.h"

static bool is_writing;

/* DIRECTORY/NAME.txt for the scenario "FOLDER/NAME.yaml". */
static void check(const char *scenario, const char *directory, bool is_traced)
{
    const char *name = strrchr(scenario, '/') + 1;
    char path[512], *found = timeline_run(scenario, is_traced ? TIMELINE_EVENTS : TIMELINE_NUMBERS, NULL);

    (void)snprintf(path, sizeof(path), SOURCE_DIR "/tests/scenarios/%s/%.*s.txt", directory, (int)strlen(name) - 5,
                   name);
    if (is_writing)
        same_text_write(path, found);
    else
        same_text_assert(path, found);
    free(found);
}

static void every_event_comes_when_it_did(void **state)
{
    glob_t files;

    (void)state;
    assert_int_equal(glob(SOURCE_DIR "/tests/scenarios/timelines/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        check(files.gl_pathv[i], "timelines", true);
    globfree(&files);
}

/* Of the scenarios that together read every key (test_keys_matter), and of more. */
static void every_number_is_what_it_was(void **state)
{
    glob_t files;

    (void)state;
    assert_int_equal(glob(SOURCE_DIR "/tests/scenarios/keys/*.yaml", 0, NULL, &files), 0);
    assert_int_equal(glob(SOURCE_DIR "/tests/scenarios/numbers/*.yaml", GLOB_APPEND, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        if (strstr(files.gl_pathv[i], "-explore") == NULL)
            check(files.gl_pathv[i], "numbers", false);
    globfree(&files);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_comes_when_it_did),
        cmocka_unit_test(every_number_is_what_it_was),
    };

    is_writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
