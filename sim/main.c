/* SPDX-License-Identifier: Apache-2.0
 *
 * The program irqpath: finds the subcommand, parses its options and runs it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/program.h"
#include "commands/cases_output.h"
#include "commands/cli.h"
#include "commands/command.h"

static int run_command(const struct command *command, int count, char **argv)
{
    struct cli cli;
    int code = EXIT_CODE_USAGE;

    if (cli_parse(&cli, command, count, argv)) {
        code = EXIT_CODE_OK;
        if (cli.wants_help)
            cli_print_help(command);
        else if ((code = cases_output_open(&cli)) == EXIT_CODE_OK)
            code = cases_output_close(&cli, command->run(&cli));
    }
    cli_free(&cli);
    return cli_finish_output(code);
}

/* A program that was built for newer processors (IRQPATH_ARCH) says so on an older one. */
static bool has_processor(void)
{
#ifdef __AVX512F__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
#elif defined(__AVX2__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
#else
    return true;
#endif
}

int main(int argc, char **argv)
{
    const struct command *command;

    program_called(argv[0]);
    if (!has_processor()) {
        fputs("irqpath: error: this program was built for a newer processor (cmake -DIRQPATH_ARCH=)\n", stderr);
        return EXIT_CODE_USAGE;
    }
    if (argc < 2) {
        commands_print_usage(stderr);
        return EXIT_CODE_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        commands_print_usage(stdout);
        return cli_finish_output(EXIT_CODE_OK);
    }
    command = command_find(argv[1]);
    return command ? run_command(command, argc - 2, argv + 2) : EXIT_CODE_USAGE;
}
