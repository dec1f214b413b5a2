/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line from declarative rows: parsing, --help, did-you-mean. Options may stand anywhere; `--name value`,
 * `--name=value`, `-o value` and `-ovalue` are the same; `--` ends them. Documents go to stdout, all else to stderr.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/metric.h"

struct command;
struct scenario;

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,    /* an expectation failed, a regression, a violation */
    EXIT_CODE_USAGE = 2,     /* usage or scenario error */
    EXIT_CODE_INVARIANT = 3, /* a CHECK of ours; check_failed exits with it */
    EXIT_CODE_IO = 4,
    EXIT_CODE_INTERRUPTED = 130,
};

enum cli_kind {
    CLI_FLAG,     /* bool */
    CLI_TEXT,     /* const char *, NULL when not given */
    CLI_COUNT,    /* struct cli_count: a number from 1 */
    CLI_FEW,      /* struct cli_count: a number from 1 to CLI_FEW_MAX, of what needs memory for each */
    CLI_NUMBER,   /* struct cli_count: a number from 0 */
    CLI_DURATION, /* struct cli_count, in ns; the text is kept too */
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
    const char *value_name;     /* "FILE" in the help; NULL for flags */
    const char *const *choices; /* CLI_CHOICE: ends with NULL */
    const char *help;
};

/* Which common options a command takes; --color, --quiet and --help all of them do. */
enum cli_common {
    CLI_SCENARIO = 1, /* --design --set --seed --duration */
    CLI_SEEDS = 2,    /* --seeds */
    CLI_JSON = 4,     /* --json */
    CLI_EXPECT = 8,   /* --expect */
    CLI_OUTPUT = 16,  /* -o, --output */
    CLI_TRACE = 32,   /* --trace-*: what of a trace is kept */
};

struct cli_trace {
    const char *window, *cpus, *guest, *classes, *trigger, *memory;
    struct cli_count keep;
};

struct cli {
    const struct command *command;
    const char *design; /* a name of the model registry */
    struct cli_list sets;
    struct cli_count seed;
    struct cli_count seeds; /* value 1 when not given */
    struct cli_count duration;
    struct cli_list expects;
    const char *output;
    struct cli_trace trace;
    bool wants_json, is_quiet, wants_help;
    uint32_t color;         /* CLI_CHOICE of auto, always, never */
    const char **arguments; /* what is no option */
    size_t argument_count;
    void *own; /* the command's own struct, command->own_bytes, zeroed, then filled */
};

/* Parses argv[0..count) (without program and command name). False after printing what is wrong to stderr (exit code 2).
 * cli_free in either case. --help stops the checks on arguments. */
bool cli_parse(struct cli *cli, const struct command *command, int count, char **argv);
void cli_free(struct cli *cli);

void cli_print_help(const struct command *command); /* to stdout */

const char *cli_version(void);

/* "irqpath COMMAND: error: ..." to stderr; nothing else. */
__attribute__((format(printf, 2, 3))) void cli_error(const struct cli *cli, const char *format, ...);

/* "irqpath: ..." to stderr, unless --quiet. */
__attribute__((format(printf, 2, 3))) void cli_note(const struct cli *cli, const char *format, ...);

/* Loads the scenario with --set, --design, --seed and --duration applied and --expect added to its expectations, and
 * prints diagnostics. EXIT_CODE_OK, or _USAGE, or _IO; only on OK the scenario is to be freed. */
int cli_load_scenario(const struct cli *cli, const char *path, struct scenario *scenario);

/* Whether an option --trace-* was given. */
bool cli_wants_trace(const struct cli *cli);

/* True when the registry has the design; otherwise prints an error with did-you-mean. */
bool cli_design_exists(const struct cli *cli, const char *name);

/* Whether what goes to the stream may be coloured: --color, NO_COLOR, TERM, isatty. `descriptor` is 1 or 2. */
bool cli_use_colour(const struct cli *cli, int descriptor);

#endif
