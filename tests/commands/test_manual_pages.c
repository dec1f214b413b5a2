/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages that irqpath help --write makes: each has its sections in their order, and says which others there are.
 * tests/manual/check has them read by others.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contents.h"
#include "program.h"
#include "temporary.h"

#define COMMAND_SECTIONS "NAME, SYNOPSIS, DESCRIPTION, OPTIONS, EXIT STATUS, SEE ALSO"

static const struct page {
    const char *file, *sections, *others;
} pages[] = {
    { "man1/irqpath.1", "NAME, SYNOPSIS, DESCRIPTION, COMMANDS, EXIT STATUS, ENVIRONMENT, FILES, EXAMPLES, SEE ALSO",
      "irqpath\\-scenario(5), irqpath\\-experiment(5)" },
    { "man1/irqpath-run.1", COMMAND_SECTIONS, "irqpath(1), irqpath\\-scenario(5)" },
    { "man1/irqpath-experiment.1", COMMAND_SECTIONS, "irqpath(1), irqpath\\-experiment(5)" },
    { "man1/irqpath-mpi.1", "NAME, SYNOPSIS, DESCRIPTION, SEE ALSO", "irqpath\\-explore(1), mpirun(1)" },
    { "man5/irqpath-experiment.5", "NAME, DESCRIPTION, SEE ALSO", "irqpath\\-experiment(1), irqpath\\-scenario(5)" },
    { "man5/irqpath-scenario.5",
      "NAME, DESCRIPTION, EXAMPLE, BASE, MATRIX AND SAMPLE, EXPECTATIONS, KEYS, ACTIONS, SEE ALSO",
      "irqpath(1), irqpath\\-validate(1), irqpath\\-explain(1), irqpath\\-init(1),\nirqpath\\-experiment(5)" },
};

/* Every page that is not in the table is that of a command. */
static const struct page *page_of(const char *path)
{
    static const struct page command = { NULL, COMMAND_SECTIONS, "irqpath(1), irqpath\\-scenario(5)" };

    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strlen(path) > strlen(pages[i].file) &&
            strcmp(path + strlen(path) - strlen(pages[i].file), pages[i].file) == 0)
            return &pages[i];
    return &command;
}

static void read_sections(const char *text, char *sections, size_t bytes)
{
    size_t used = 0;

    sections[0] = '\0';
    for (const char *at = text; (at = strstr(at, "\n.SH ")) != NULL;) {
        at += strlen("\n.SH ");
        at += *at == '"';
        used += (size_t)snprintf(sections + used, bytes - used, "%s%.*s", used > 0 ? ", " : "",
                                 (int)strcspn(at, "\"\n"), at);
    }
}

static void every_page_has_its_sections(void **state)
{
    static struct program program;
    char arguments[256], pattern[256], sections[512];
    glob_t found;

    (void)state;
    (void)temporary_path("x");
    snprintf(arguments, sizeof arguments, "help --write %s", temporary_own());
    program_run(&program, "", arguments);
    assert_int_equal(program.code, 0);
    snprintf(pattern, sizeof pattern, "%s/man?/*", temporary_own());
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_true(found.gl_pathc > 20);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const struct page *page = page_of(found.gl_pathv[i]);
        char *text = contents(found.gl_pathv[i]), ending[128];
        read_sections(text, sections, sizeof sections);
        if (strcmp(sections, page->sections) != 0)
            fail_msg("%s: %s", found.gl_pathv[i], sections);
        snprintf(ending, sizeof ending, ".SH \"SEE ALSO\"\n%s\n", page->others);
        if (strlen(text) < strlen(ending) || strcmp(text + strlen(text) - strlen(ending), ending) != 0)
            fail_msg("%s does not end in %s", found.gl_pathv[i], ending);
        free(text);
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_page_has_its_sections) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
