# SPDX-License-Identifier: Apache-2.0
#
# Rules of one C file at a time; prints file:line: message for each breach. The first file is tests/tidy.layers, the
# table of the folders and of what they may include.

# What these peek at is for assertions of a code object.
BEGIN { asserts["models/locks/code_locks.c"] = asserts["models/vfio/own_objects.c"] = 1 }

function report(message) { print FILENAME ":" FNR ": " message }

function folder_of(path) { return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "" }

# Headers of sim/ are named from there.
function header_folder(header) { return header ~ /^models\// ? folder_of(header) : folder_of("sim/" header) }

function check_include(header) {
    target = header_folder(header)
    if (header !~ /\//)
        report("an include without its folder: " header)
    else if (!(target in rank))
        report("an include of a folder that tests/tidy.layers does not list: " header)
    else if (target != folder && row[target] != row[folder] && rank[target] >= rank[folder])
        report("an include of a folder that is not below this one: " header)
}

function file_finish() {
    if (file_lines > 500)
        print file_name ":" file_lines ": more than 500 lines"
}

FILENAME ~ /tidy\.layers$/ {
    for (i = 2; i <= NF && $1 ~ /^[0-9]+$/; i++) {
        rank[$i] = $1 + 0
        row[$i] = FNR
    }
    next
}

FNR == 1 {
    file_finish()
    file_name = FILENAME
    body_from = 0
    split(FILENAME, part, "/")
    folder = folder_of(FILENAME)
    # Compiled with the tree of a hypervisor, by `irqpath build`: theirs are the headers, and the licence is for both.
    is_foreign = folder ~ /^models\/[^\/]+\/code/
    is_layered = (part[1] == "sim" || part[1] == "models") && !is_foreign
    may_peek = FILENAME ~ /\/(invariants|checks|metrics)\.c$/ || folder == "sim/machine/devices" ||
        FILENAME ~ /^sim\/machine\/lines\/word\.h$|^models\/qemu\/page\.h$/ || FILENAME in asserts
    if (is_layered && !(folder in rank))
        report("a folder that tests/tidy.layers does not list")
    if (folder == "sim" && FILENAME != "sim/main.c")
        report("sim/ itself holds main.c alone")
    if (is_foreign || folder == "sim/code/abi" ? $0 !~ /^\/\* SPDX-License-Identifier: Apache-2\.0 OR MIT( \*\/)?$/ \
                                               : $0 !~ /^\/\* SPDX-License-Identifier: Apache-2\.0$/)
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
    if (header ~ /^\.\./)
        report("an include that climbs")
    else if (is_layered && folder in rank)
        check_include(header)
}

# Code that steers by a word loads it: the explorer then tries what other CPUs do in between.
/(word|page)_peek\(/ && is_layered && !may_peek { report("word_peek outside of invariants, checks and metrics") }

/metrics_append/ && (part[1] == "models" || folder ~ /^sim\/(engine|machine)/) { report("a metric without a row") }

/^extern / && FILENAME ~ /\.c$/ && !is_foreign { report("extern in a .c file") }
/^(static )?(_Thread_local )?[a-z_][a-z0-9_ ]*[ *][a-z_0-9]+(\[[^]]*\])*( = .*|;)$/ \
    && !/const |typedef |^return|^struct [a-z_]+;$|^(static )?_Thread_local / && is_layered { report("a mutable global") }

/^\{$/ { body_from = FNR }
/^\}$/ && body_from {
    if (FNR - body_from + 1 > 62)
        report("a function of more than 60 lines")
    body_from = 0
}

END { file_finish() }
