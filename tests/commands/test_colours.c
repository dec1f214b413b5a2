/* SPDX-License-Identifier: Apache-2.0
 *
 * Colours are for the stream that is a terminal: what goes to a file beside it has none.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "program.h"
#include "terminal.h"

#define ONE_MSI SOURCE_DIR "/scenarios/one-msi.yaml"
#define RECORDING SOURCE_DIR "/tests/formats/fio-disk.perf.txt"
#define ESCAPE "\033["

enum stream { OUTPUT = 1, ERRORS = 2, STREAMS };

/* Runs the command with one stream on a terminal and the other in a file; false where there are no terminals. */
static bool run(const char *arguments, enum stream on_terminal, char *terminal_text, char *file_text, size_t bytes)
{
    char line[1024], file[] = "/tmp/irqpath-colours-XXXXXX";
    int master, terminal = terminal_open(&master), other = mkstemp(file);
    size_t used = 0;
    ssize_t count;

    assert_true(other >= 0);
    if (terminal < 0)
        return false;
    (void)snprintf(line, sizeof line, "exec env -u NO_COLOR TERM=xterm '%s' %s", IRQPATH, arguments);
    pid_t child = fork();
    if (child == 0) {
        dup2(on_terminal == OUTPUT ? terminal : other, 1);
        dup2(on_terminal == ERRORS ? terminal : other, 2);
        close(master);
        close(terminal);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    close(terminal);
    close(other);
    while (used < bytes - 1 && (count = read(master, terminal_text + used, bytes - 1 - used)) > 0)
        used += (size_t)count;
    terminal_text[used] = '\0';
    close(master);
    assert_int_equal(waitpid(child, NULL, 0), child);
    program_read(file, file_text, bytes);
    return true;
}

static void only_terminals_have_colours(void **state)
{
    static const struct {
        const char *arguments;
        enum stream stream; /* that has colours on a terminal */
    } rows[] = {
        { "run " ONE_MSI " --duration 1ms -q", OUTPUT },
        { "compare " ONE_MSI " --designs domain-tasklet,softirq-requeue --duration 1ms -q", OUTPUT },
        { "show " RECORDING, OUTPUT },
        { "show --attribution " RECORDING, OUTPUT },
        { "show --timehist " RECORDING, OUTPUT },
        { "validate " ONE_MSI " --set run.sed=1", ERRORS },
        { "run " ONE_MSI " --set run.sed=1", ERRORS },
        { "sweep " ONE_MSI " --set run.sed=1 -o /nowhere/x", ERRORS },
        { "explore " ONE_MSI " --set run.sed=1", ERRORS },
    };
    static char texts[STREAMS][65536];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum stream terminal = OUTPUT; terminal < STREAMS; terminal++) {
            if (!run(rows[i].arguments, terminal, texts[terminal], texts[OUTPUT + ERRORS - terminal], sizeof texts[0]))
                skip();
            for (enum stream stream = OUTPUT; stream < STREAMS; stream++) {
                bool has_colours = stream == terminal && stream == rows[i].stream;
                if ((strstr(texts[stream], ESCAPE) != NULL) != has_colours)
                    fail_msg("%s: stream %d, with stream %d on a terminal: %s", rows[i].arguments, stream, terminal,
                             texts[stream]);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(only_terminals_have_colours) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
