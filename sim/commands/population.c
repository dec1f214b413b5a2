/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath sweep --analyse: shares, distribution and indices of a population's table.
 */
#include "commands/population.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sweep/analysis.h"

static bool read_number(const struct cli *cli, const char *option, const char *text, double otherwise, double *value)
{
    char *end;

    *value = otherwise;
    if (text == NULL)
        return true;
    *value = strtod(text, &end);
    if (end != text && *end == '\0' && !isnan(*value))
        return true;
    cli_error(cli, "--%s: expected a number, not '%s'", option, text);
    return false;
}

int population_analyse(const struct cli *cli, const struct population_options *options)
{
    struct analysis analysis = { .metric = options->metric,
                                 .by = options->by,
                                 .where = options->where,
                                 .wants_indices = options->wants_indices,
                                 .redrawn = options->redrawn };
    char message[512];

    if (cli->argument_count > 0 || options->metric == NULL) {
        cli_error(cli, "--analyse TABLE needs --metric COLUMN and takes no scenario");
        return EXIT_CODE_USAGE;
    }
    if (!read_number(cli, "above", options->above, -INFINITY, &analysis.above) ||
        !read_number(cli, "below", options->below, INFINITY, &analysis.below))
        return EXIT_CODE_USAGE;
    if (!analysis_print(options->analyse, &analysis, stdout, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    }
    return cli_finish_output(EXIT_CODE_OK);
}
