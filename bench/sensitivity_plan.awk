# SPDX-License-Identifier: Apache-2.0
#
# The plan of the one-at-a-time sweeps: tab-separated experiment, parameter, value, label of its cell, "chosen" or
# nothing, the paths that the value sets. Reads the resolved scenario (irqpath explain), the parameters, the profiles
# of the machine and of Xen. With ends=1 a parameter gets its first, its chosen and its last value only.

function add_value(value,   i) {
    for (i = 1; i <= count; i++)
        if (is_same(values[i], value))
            return
    for (i = ++count; i > 1 && is_after(values[i - 1], value); i--)
        values[i] = values[i - 1]
    values[i] = value
}

function is_after(a, b) { return number_of(a) != "" && number_of(b) != "" && number_of(a) > number_of(b) }

function print_rows(experiment, name, paths,   i, j, path_count, path, sets, is_chosen) {
    path_count = split(paths, path, ",")
    for (i = 1; i <= count; i++) {
        is_chosen = is_same(values[i], chosen[path[1]])
        if (ends && !is_chosen && i > 1 && i < count)
            continue
        sets = ""
        for (j = 1; j <= path_count; j++)
            sets = sets (j > 1 ? ", " : "") path[j] ": " values[i]
        printf "%s\t%s\t%s\t%s\t%s\t%s\n", experiment, name, values[i], is_chosen ? "base" : name "=" values[i], \
            is_chosen ? "chosen" : "", sets
    }
}

FNR == 1 { file++ }

file == 1 { explain_line(chosen, $0) }

file == 2 && $1 != "" && $1 !~ /^#/ {
    count = 0
    for (i = 3; i <= NF; i++)
        add_value($i)
    path_count = split($2, path, ",")
    if (!(path[1] in chosen)) {
        print FILENAME ":" FNR ": the scenario has no " path[1] > "/dev/stderr"
        exit 2
    }
    # A parameter of several paths has no single chosen value when they differ.
    for (i = 2; i <= path_count && chosen[path[i]] == chosen[path[1]]; i++)
        ;
    if (i > path_count || path[1] ~ /^[a-z]+\.costs\./)
        add_value(chosen[path[1]])
    else
        chosen[path[1]] = "several"
    for (i = 1; i <= path_count; i++)
        has_row[path[i]] = 1
    print_rows("chosen", $1, $2)
}

file > 2 && cost_line(FILENAME, $0) && cost_tag == "estimate" {
    if (cost_path in has_row)
        next
    count = 0
    add_value(cost_low)
    add_value(cost_high)
    add_value(chosen[cost_path])
    name = cost_path
    sub(/.*\./, "", name)
    print_rows("estimate", name, cost_path)
}
