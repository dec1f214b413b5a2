# SPDX-License-Identifier: Apache-2.0
#
# Rules of one C file at a time; prints file:line: message for each breach. The layer of a file is its directory, and
# an include may only name its own layer or a lower one.

function report(message) { print FILENAME ":" FNR ": " message }

function layer_rank(name) {
    return name == "base" ? 0 : name == "engine" ? 1 : name == "machine" ? 2 : name == "models" ? 3 : 4
}

function file_finish() {
    if (file_lines > 500)
        print file_name ":" file_lines ": more than 500 lines"
}

FNR == 1 {
    file_finish()
    file_name = FILENAME
    body_from = 0
    split(FILENAME, part, "/")
    rank = part[1] == "sim" ? layer_rank(part[2]) : layer_rank(part[1])
    is_test = part[1] == "tests"
    is_threaded = part[1] == "sim" || part[1] == "models"
    if ($0 !~ /^\/\* SPDX-License-Identifier: Apache-2\.0$/)
        report("the first line is no SPDX line")
}

{ file_lines = FNR }

length($0) > 120 { report("more than 120 columns") }
/\t/ { report("a tab") }
/[ \t]$/ { report("blanks at the end") }
/TODO|FIXME|XXX|HACK/ && !/XXXXXX/ { report("unfinished work") }

/^#include "/ {
    header = $0
    sub(/^#include "/, "", header)
    sub(/".*/, "", header)
    directory = header ~ /\// ? substr(header, 1, index(header, "/") - 1) : ""
    if (header ~ /^\.\./)
        report("an include that climbs")
    else if (!is_test && rank < 4 && directory == "")
        report("an include without its layer: " header)
    else if (!is_test && layer_rank(directory) > rank)
        report("an upward include: " header)
}

/metrics_append/ && rank > 0 && rank < 4 { report("a metric without a row") }

/^extern / && FILENAME ~ /\.c$/ { report("extern in a .c file") }
/^(static )?(_Thread_local )?[a-z_][a-z0-9_ ]*[ *][a-z_0-9]+(\[[^]]*\])*( = .*|;)$/ \
    && !/const |typedef |^return|^struct [a-z_]+;$/ && is_threaded { report("a mutable global") }

/^\{$/ { body_from = FNR }
/^\}$/ && body_from {
    if (FNR - body_from + 1 > 62)
        report("a function of more than 60 lines")
    body_from = 0
}

END { file_finish() }
