/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that exploration finds a sample of the seeded faults of tests/explore/mutations, and that the whole table
 * matches the sources. bench/mutations runs all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "death.h"
#include "explore/state.h"
#include "temporary.h"

#define TABLE SOURCE_DIR "/tests/explore/mutations"

static void command(const char *line, char *output, size_t output_bytes)
{
    FILE *pipe = popen(line, "r");

    assert_non_null(pipe);
    size_t used = fread(output, 1, output_bytes - 1, pipe);
    output[used] = '\0';
    assert_int_equal(pclose(pipe), 0);
}

static void test_sample(void **state)
{
    static const char *const rows[] = {
        "sched-cleared-late,models/xen/dpci/states.c,found,steady,softirq-hotplug,lost-interrupt,",
        "not-requeued,models/xen/tasklet.c,found,steady,pirq-tasklet,lost-interrupt,",
        "reset-keeps-reference,models/xen/dpci/states.c,found,unbind,softirq-hotplug,reference-leak,",
        "more-forgotten,models/host/vcpu.c,found,one-guest,vfio-msi,lost-interrupt,",
        "block-by-a-plain-store,models/xen/schedule.c,found,tso,softirq-hotplug,lost-interrupt,",
    };
    char directory[] = "/tmp/irqpath-mutants-XXXXXX", line[1024], output[4096];

    (void)state;
    if (!explore_state_is_supported())
        skip();
    temporary_directory(directory);
    (void)snprintf(line, sizeof(line),
                   TABLE "/run $(dirname " IRQPATH ") %s sched-cleared-late not-requeued "
                         "reset-keeps-reference more-forgotten block-by-a-plain-store",
                   directory);
    command(line, output, sizeof(output));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (strstr(output, rows[i]) == NULL)
            fail_msg("%s is not in:\n%s", rows[i], output);
    temporary_directory_remove(directory);
}

static void test_table(void **state)
{
    char output[4096];

    (void)state;
    command("cd " SOURCE_DIR " && awk -v field=names -f " TABLE "/mutate.awk " TABLE
            "/mutants | while read -r name rest; do "
            "awk -v name=\"$name\" -v root=. -f " TABLE "/mutate.awk " TABLE
            "/mutants >/dev/null || echo \"$name\"; done",
            output, sizeof(output));
    assert_string_equal(output, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_table),
    };

    return cmocka_run_group_tests_name("deep_explore_mutations", tests, NULL, NULL);
}
