# SPDX-License-Identifier: Apache-2.0
#
# From rows of data.csv: one line for each parameter and lock, tab-separated: experiment, parameter, lock, swing of
# steal (largest mean over the seeds of a value less the smallest), least, most, the chosen value's; the same four of
# running_lock; number of values, "number" when they can be ordered. A swing that the seeds alone explain stays near 0:
# the spread of the seeds is printed by sensitivity_summary.awk.

BEGIN { FS = "," }

FNR == 1 {
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

$1 == "chosen" || $1 == "estimate" {
    row = $1 "\t" $2 "\t" $5
    cell = row "\t" $3
    if (!(row in values)) {
        rows[++row_count] = row
        is_number[row] = 1
    }
    if (!(cell in runs)) {
        value[row, ++values[row]] = cell
        if (number_of($3) == "")
            is_number[row] = 0
    }
    runs[cell]++
    steal[cell] += $column["guests.idle.steal.percent"]
    running[cell] += $column["guests.idle.running_lock.percent"]
    if ($4 == "chosen")
        chosen[row] = cell
}

function print_span(sums, row,   i, mean, least, most) {
    for (i = 1; i <= values[row]; i++) {
        mean = sums[value[row, i]] / runs[value[row, i]]
        least = i == 1 || mean < least ? mean : least
        most = i == 1 || mean > most ? mean : most
    }
    printf "\t%.4g\t%.4g\t%.4g\t%.4g", most - least, least, most, \
        (row in chosen) ? sums[chosen[row]] / runs[chosen[row]] : -1
}

END {
    for (r = 1; r <= row_count; r++) {
        row = rows[r]
        printf "%s", row
        print_span(steal, row)
        print_span(running, row)
        printf "\t%d\t%s\n", values[row], is_number[row] ? "number" : "kind"
    }
}
