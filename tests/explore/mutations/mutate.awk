# SPDX-License-Identifier: Apache-2.0
#
# The table of mutants:
#   awk -v field=names -f mutate.awk mutants                       all names, with their designs
#   awk -v name=NAME -v field=what|file|mended|explored|states|survives -f mutate.awk mutants
#   awk -v name=NAME -v root=DIR -f mutate.awk mutants             the file with the fault, to stdout; 1: it does not fit

function trim(text) {
    gsub(/^[ \t]+|[ \t\r]+$/, "", text)
    return text
}

/^[^ #]/ {
    is_it = $1 == name
    if (field == "names")
        print
    next
}

!is_it || trim($0) == "" || /^#/ { next }

{ line = trim($0) }

line !~ /^[-+]/ && line !~ /^(what|file|mended|explored|states|survives) / {
    value[key] = value[key] " " line
    next
}

line ~ /^(what|file|mended|explored|states|survives) / {
    key = line
    sub(/ .*/, "", key)
    sub(/^[a-z]+ +/, "", line)
    value[key] = line
    next
}

# A run of old lines and the new lines after it are one edit.
line ~ /^-/ {
    if (last != "-")
        edits++
    last = "-"
    old[edits, ++old_count[edits]] = trim(substr(line, 2))
    next
}

line ~ /^\+/ {
    last = "+"
    new[edits, ++new_count[edits]] = trim(substr(line, 2))
}

function fits(edit, at,   i) {
    for (i = 1; i <= old_count[edit]; i++)
        if (at + i - 1 > count || trim(text[at + i - 1]) != old[edit, i])
            return 0
    return 1
}

# All edits in sequence from `at`; between two of them lines may stand.
function place(edit, from,   at) {
    for (at = from; at <= count; at++)
        if (fits(edit, at))
            return at
    return 0
}

END {
    if (field == "names")
        exit
    if (field != "") {
        print value[field]
        exit
    }
    if (edits == 0)
        exit 1
    path = root "/" value["file"]
    while ((getline row < path) > 0)
        text[++count] = row
    # The first edit is there once, in one place from which all the others follow.
    for (at = 1; at <= count; at++)
        if (fits(1, at)) {
            complete = 1
            next_line = at + old_count[1]
            for (edit = 2; edit <= edits && complete; edit++) {
                place_of = place(edit, next_line)
                complete = place_of > 0
                next_line = place_of + old_count[edit]
            }
            if (complete)
                starts[++start_count] = at
        }
    if (start_count != 1)
        exit 1
    at = 1
    for (edit = 1; edit <= edits; edit++) {
        found = edit == 1 ? starts[1] : place(edit, at)
        for (; at < found; at++)
            print text[at]
        for (i = 1; i <= new_count[edit]; i++)
            print new[edit, i]
        at += old_count[edit]
    }
    for (; at <= count; at++)
        print text[at]
}
