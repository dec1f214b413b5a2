/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line, declared by rows: parsing, --help and suggestions. Options and arguments may be mixed. `--name
 * value` is the same as `--name=value`, `-o value` the same as `-ovalue`; `--` ends the options. Documents are printed
 * to stdout, everything else to stderr.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/metric.h"
#include "scenario/scenario.h"

struct cases;
struct code_object;
struct command;

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,    /* a failed expectation, a regression or a violation */
    EXIT_CODE_USAGE = 2,     /* usage or scenario error */
    EXIT_CODE_INVARIANT = 3, /* a failed CHECK; used by check_failed */
    EXIT_CODE_IO = 4,
    EXIT_CODE_NOT_BUILT = 125, /* a tree does not compile: what `git bisect run` skips */
    EXIT_CODE_INTERRUPTED = 130,
};

enum cli_kind {
    CLI_FLAG,     /* bool */
    CLI_TEXT,     /* const char *, NULL when not given */
    CLI_COUNT,    /* struct cli_count: a number from 1 */
    CLI_FEW,      /* struct cli_count: a number from 1 to CLI_FEW_MAX, of things that need memory */
    CLI_NUMBER,   /* struct cli_count: a number from 0 */
    CLI_DURATION, /* struct cli_count, in ns, with its text */
    CLI_CHOICE,   /* uint32_t: index into choices[] + 1; 0 when not given */
    CLI_LIST,     /* struct cli_list: repeatable */
};

struct cli_count {
    bool is_given;
    uint64_t value;
    const char *text;
};

struct cli_list {
    const char **items; /* owned by the struct cli */
    size_t count;
};

struct cli_option {
    const char *name; /* without the dashes */
    char letter;      /* 'o' for -o; 0 = none */
    enum cli_kind kind;
    size_t offset;              /* into the command's own struct (struct cli for common options) */
    const char *value_name;     /* "FILE", for the help; NULL for flags */
    const char *const *choices; /* CLI_CHOICE: ends with NULL */
    const char *help;
};

/* The common options that a command accepts. Every command accepts --color, --quiet and --help. */
enum cli_common {
    CLI_SCENARIO = 1, /* --design --set --seed --duration */
    CLI_SEEDS = 2,    /* --seeds */
    CLI_JSON = 4,     /* --json */
    CLI_EXPECT = 8,   /* --expect */
    CLI_OUTPUT = 16,  /* -o, --output */
    CLI_TRACE = 32,   /* --trace-*, which select the records of a trace */
    CLI_CODE = 64,    /* --code, which CLI_SCENARIO has, too */
    CLI_FORCE = 128,  /* --force, of commands that write files */
    CLI_CASES = 256,  /* --junit, --annotations */
};

struct cli_trace {
    const char *window, *cpus, *guest, *classes, *trigger, *memory;
    struct cli_count keep;
};

struct cli {
    const struct command *command;
    const char *design; /* a name of the model registry */
    const char *code;   /* path of a code object; NULL: none */
    struct cli_list sets;
    struct cli_count seed;
    struct cli_count seeds; /* value 1 when not given */
    struct cli_count duration;
    struct cli_list expects;
    const char *output;
    const char *junit;
    struct cases *cases; /* what was checked, for --junit and --annotations; NULL: not wanted */
    struct cli_trace trace;
    bool wants_annotations;
    bool wants_json, is_quiet, is_forced, wants_help;
    uint32_t color;         /* CLI_CHOICE of auto, always, never */
    const char **arguments; /* without the options */
    size_t argument_count;
    void *own; /* the command's own struct of command->own_bytes bytes, zero where no option was given */
};

/* Parses argv[0..count), which excludes the names of program and command. Returns false after an error was printed to
 * stderr (exit code 2). The caller calls cli_free in either case. With --help the arguments are not checked. */
bool cli_parse(struct cli *cli, const struct command *command, int count, char **argv);
void cli_free(struct cli *cli);

void cli_print_help(const struct command *command); /* to stdout */

/* Returns a command's options, its own first, then the common ones that it takes; NULL behind the last. */
const struct cli_option *cli_option_at(const struct command *command, size_t index);

/* Writes "-o, --output FILE", with blanks in place of a missing letter where `is_padded`, and returns it. */
const char *cli_option_term(const struct cli_option *option, bool is_padded, char *text, size_t text_bytes);

const char *cli_version(void);

/* Prints "irqpath COMMAND: error: ..." to stderr. */
__attribute__((format(printf, 2, 3))) void cli_error(const struct cli *cli, const char *format, ...);

/* Returns the exit code if all of standard output could be written; otherwise EXIT_CODE_IO, after an error that is
 * printed once. An exit code that says more than a failed expectation stays. */
int cli_finish_output(int code);

/* Prints "irqpath: ..." to stderr, unless --quiet was given. */
__attribute__((format(printf, 2, 3))) void cli_note(const struct cli *cli, const char *format, ...);

/* The exit code of a scenario that was loaded, or not. */
int cli_scenario_code(enum scenario_status status);

/* Loads the scenario, applies --set, --design, --seed and --duration, adds the expectations of --expect, and prints
 * diagnostics. Returns EXIT_CODE_OK, _USAGE or _IO. The caller frees the scenario only after EXIT_CODE_OK. */
int cli_load_scenario(const struct cli *cli, const char *path, struct scenario *scenario);

/* Opens the object of --code, which stays open until the program ends; *code is NULL without --code. False after an
 * error was printed. */
bool cli_open_code(const struct cli *cli, const struct code_object **code);

/* Returns whether an option --trace-* was given. */
bool cli_wants_trace(const struct cli *cli);

/* Returns whether the design exists, otherwise prints an error with a suggestion. */
bool cli_design_exists(const struct cli *cli, const char *name);

/* Returns whether output to file descriptor 1 or 2 is coloured, by --color, NO_COLOR, TERM and isatty. */
bool cli_use_colour(const struct cli *cli, int descriptor);

#endif
