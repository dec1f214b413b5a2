/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads --shard.
 */
#include "commands/shard.h"

#include <ctype.h>
#include <stdio.h>

#include "commands/job_array.h"

/* Parses "2/8", the second of eight shards. */
static bool parse_shard(const char *text, size_t *shard, size_t *count)
{
    unsigned long long first, total;
    int length = 0;

    if (!isdigit((unsigned char)text[0]) || sscanf(text, "%9llu/%9llu%n", &first, &total, &length) != 2 ||
        text[length] != '\0' || first < 1 || first > total)
        return false;
    *shard = (size_t)first - 1;
    *count = (size_t)total;
    return true;
}

bool shard_choose(const struct cli *cli, const char *text, size_t *shard, size_t *count)
{
    if (text == NULL)
        return job_array_place(cli, "shard", shard, count);
    if (parse_shard(text, shard, count))
        return true;
    cli_error(cli, "--shard: expected I/N with 1 <= I <= N, not '%s'", text);
    return false;
}
