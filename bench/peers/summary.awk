# SPDX-License-Identifier: Apache-2.0
#
# verdict.md: for each program the median and range of each simulator, and how many times the fastest peer our fastest is.
#   awk -F, -v results=DIRECTORY -f summary.awk data.csv

FNR > 1 {
    values[$1, $2, ++count[$1, $2]] = $4
    if (!($2 in is_simulator)) {
        is_simulator[$2] = 1
        simulators[++simulator_count] = $2
    }
}

function sort(what, simulator,   n, i, j, value) {
    n = count[what, simulator]
    for (i = 2; i <= n; i++) {
        value = values[what, simulator, i]
        for (j = i - 1; j > 0 && values[what, simulator, j] > value; j--)
            values[what, simulator, j + 1] = values[what, simulator, j]
        values[what, simulator, j + 1] = value
    }
    return n
}

END {
    split("hold queue lock", programs, " ")
    split("events,customers,acquisitions", units, ",")
    for (p = 1; p <= 3; p++) {
        text = ""
        ours = theirs = 0
        for (s = 1; s <= simulator_count; s++) {
            n = sort(programs[p], simulators[s])
            if (n == 0)
                continue
            median = (values[programs[p], simulators[s], int((n + 1) / 2)] + values[programs[p], simulators[s], int(n / 2) + 1]) / 2
            if (simulators[s] ~ /^irqpath-(events|actors)$/ && median > ours)
                ours = median
            if (simulators[s] !~ /^irqpath/ && median > theirs)
                theirs = median
            text = text sprintf("%s%s %.2f (%.2f to %.2f)", text == "" ? "" : ", ", simulators[s], median / 1e6, \
                values[programs[p], simulators[s], 1] / 1e6, values[programs[p], simulators[s], n] / 1e6)
        }
        if (theirs > 0)
            text = text sprintf("; **%.1f times** the fastest peer", ours / theirs)
        printf "- `%s`, million %s a second: %s.\n", programs[p], units[p], text > (results "/verdict.md")
    }
}
