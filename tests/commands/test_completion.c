/* SPDX-License-Identifier: Apache-2.0
 *
 * What bash offers with the completions that irqpath help --write makes: commands, options, and the values of an option
 * by what it takes.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "program.h"
#include "temporary.h"

/* What completes the last of the words, in lines. */
static const char *offered(const char *words)
{
    static struct program shell;
    char line[1024];

    snprintf(
        line, sizeof line,
        "bash -c '. %s/completion/irqpath; COMP_WORDS=(irqpath %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _irqpath; "
        "printf \"%%s\\n\" \"${COMPREPLY[@]}\"'; true",
        temporary_own(), words);
    program_run(&shell, line, "version");
    return shell.output;
}

static void words_are_offered_by_what_is_taken(void **state)
{
    static const struct {
        const char *words, *has, *has_not;
    } rows[] = {
        { "expl", "explore\nexplain\n", "run" },
        { "run \"\"", "eight-socket-steal\n", "domain-tasklet" },
        { "run --desi", "--design", "--set" },
        { "run --design \"\"", "domain-tasklet\n", "eight-socket-steal" },
        { "compare --designs soft", "softirq-requeue\n", "domain-tasklet" },
        { "run --set xen.costs.hyperc", "xen.costs.hypercall=\n", "machine" },
        { "run --color \"\"", "auto\nalways\nnever\n", "run" },
        { "trace --profile \"\"", "westmere-ex-8s\n", "domain-tasklet" },
        { "calibrate --like sky", "skylake-sp-8s\n", "westmere" },
    };
    static struct program program;
    char arguments[256];

    (void)state;
    (void)temporary_path("x");
    snprintf(arguments, sizeof arguments, "help --write %s", temporary_own());
    program_run(&program, "", arguments);
    assert_int_equal(program.code, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words = offered(rows[i].words);
        if (strstr(words, rows[i].has) == NULL || strstr(words, rows[i].has_not) != NULL)
            fail_msg("%s: %s", rows[i].words, words);
    }
}

static const struct {
    const char *file, *has;
} written[] = {
    { "completion/irqpath.fish",
      ("complete -c irqpath -n __fish_use_subcommand -f -a plot -d \"draw figures of results with "
       "gnuplot\"\n") },
    { "completion/irqpath.fish", "\ncomplete -c irqpath -n '__fish_seen_subcommand_from plot' -a ''\n" },
    { "completion/irqpath.fish", "\ncomplete -c irqpath -n '__fish_seen_subcommand_from trace' -a 'export import'\n" },
    { "completion/irqpath.fish",
      ("\ncomplete -c irqpath -n '__fish_seen_subcommand_from list' -a 'designs metrics machines locks "
       "scenarios keys actions costs fixes code'\n") },
    { "completion/irqpath.fish",
      ("\ncomplete -c irqpath -n '__fish_seen_subcommand_from explain' -a 'eight-socket-population "
       "eight-socket-steal ") },
    { "completion/irqpath.fish",
      ("\ncomplete -c irqpath -n '__fish_seen_subcommand_from calibrate' -l like -x -a 'epyc-2s "
       "haswell-ex-4s skylake-sp-8s westmere-ex-8s' -d \"machine for costs") },
    { "completion/irqpath.fish",
      ("\ncomplete -c irqpath -n '__fish_seen_subcommand_from init' -l output -s o -r -F -d \"write the "
       "result to FILE\"\n") },
    { "completion/irqpath.fish",
      ("\ncomplete -c irqpath -n '__fish_seen_subcommand_from run' -l seed -x -d \"seed of all random "
       "numbers; same as --set run.seed=N\"\n") },
    { "completion/irqpath.fish",
      "\ncomplete -c irqpath -n '__fish_seen_subcommand_from version' -l help -s h -d \"print this help\"\n" },
    { "completion/irqpath.fish", " -l compiler -x -d \"with trees: gcc or clang (default: \\$CC, gcc or clang)\"\n" },
    { "completion/irqpath",
      ("\n    init:--output | init:-o) words='' files=1 value=1 ;;\n    init:--color) words='auto always "
       "never' files= value=1 ;;\n    run:") },
    { "completion/irqpath", "\n    version) options='--json --quiet --color --help' words='' files=1 ;;\n  esac\n" },
    { "completion/irqpath",
      ("\n    list) options='--json --quiet --color --help' words='designs metrics machines locks scenarios "
       "keys actions costs fixes code' files= ;;\n") },
    { "completion/irqpath", " --trace-memory --quiet --color --help' words='export import' files=1 ;;\n" },
    { "completion/_irqpath",
      ("\n    'experiment:run an experiment\\: runs, tables, figures, expectations and a verdict in one "
       "file'\n") },
    { "completion/_irqpath",
      "\n    'sweep:run every cell of the scenario'\\''s matrix, or the machines of its sample'\n" },
    { "completion/_irqpath", "\n      '--like=[machine for costs" },
    { "completion/_irqpath", "]:MACHINE:(epyc-2s haswell-ex-4s skylake-sp-8s westmere-ex-8s)' \\\n" },
    { "completion/_irqpath",
      ("\n      '--listing=[with --code\\: write the object'\\''s source files to FILE, with what was "
       "reached before each line]:FILE:_files' \\\n") },
    { "completion/_irqpath",
      ("\n      '*--expect=[exit with code 1 unless this is true; repeatable]:'\\''METRIC OP VALUE'\\'': ' "
       "\\\n") },
    { "completion/_irqpath", "\n    version) _arguments \\\n      '--json[print JSON]' \\\n" },
    { "completion/_irqpath",
      "\n      '1:argument:{ compadd -- ; _files }' '*:file:_files' ;;\n  esac\n}\n_irqpath \"$@\"\n" },
    { "completion/_irqpath", "\n      '1:argument:{ compadd -- export import }' '*:file:_files' ;;\n" },
    { "completion/_irqpath", "\n      '*:scenario:{ compadd eight-socket-population eight-socket-steal " },
    { "man1/irqpath-mpi.1", "mpirun \\-n N irqpath explore SCENARIO" },
    { "man1/irqpath-run.1", "\n.TH \"IRQPATH\\-RUN\" \"1\" \"" },
    { "man1/irqpath-run.1", "\" \"irqpath 0." },
    { "man1/irqpath-run.1", "\n.SH \"SYNOPSIS\"\n" },
    { "man1/irqpath-run.1", "\n.SH \"DESCRIPTION\"\n" },
    { "man1/irqpath-run.1", "\n.SH \"OPTIONS\"\n" },
    { "man1/irqpath-run.1", "\n.SH \"EXIT STATUS\"\n" },
    { "man1/irqpath-run.1", "\n.SH \"SEE ALSO\"\n" },
    { "man1/irqpath-mpi.1", "\n.SH \"DESCRIPTION\"\n" },
    { "man5/irqpath-experiment.5", "\n.SH \"DESCRIPTION\"\n" },
    { "man5/irqpath-scenario.5", ".SH \"KEYS\"" },
    { "man5/irqpath-scenario.5", ".SH \"ACTIONS\"" },
    { "man5/irqpath-experiment.5", ".SH NAME" },
};

/* The manual has a page for each command, and each has its parts; so have the completions of the other shells. */
static void other_files_name_each_command(void **state)
{
    char path[200], *text = NULL;
    size_t bytes = 0;

    (void)state;
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        snprintf(path, sizeof path, "%s/%s", temporary_own(), written[i].file);
        FILE *stream = fopen(path, "r");
        assert_non_null(stream);
        assert_true(getdelim(&text, &bytes, '\0', stream) > 0);
        fclose(stream);
        if (strstr(text, written[i].has) == NULL)
            fail_msg("%s has no '%s'", written[i].file, written[i].has);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_offered_by_what_is_taken),
        cmocka_unit_test(other_files_name_each_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
