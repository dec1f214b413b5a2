# SPDX-License-Identifier: Apache-2.0
#
# verdict.md: for each program the median and range of each simulator, and how many times faster ours is.
#   awk -F, -v results=DIRECTORY -f summary.awk data.csv

FNR > 1 {
    values[$1, $2, ++count[$1, $2]] = $4
    if (!($2 in is_simulator)) {
        is_simulator[$2] = 1
        simulators[++simulator_count] = $2
    }
}

function sorted(what, simulator,   n, i, j, value) {
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
        for (s = 1; s <= simulator_count; s++) {
            n = sorted(programs[p], simulators[s])
            median = (values[programs[p], simulators[s], int((n + 1) / 2)] + values[programs[p], simulators[s], int(n / 2) + 1]) / 2
            if (s == 1)
                our = median
            text = text sprintf("%s%s %.2f (%.2f to %.2f)%s", s > 1 ? ", " : "", simulators[s], median / 1e6, \
                values[programs[p], simulators[s], 1] / 1e6, values[programs[p], simulators[s], n] / 1e6, \
                s > 1 ? sprintf(" (ours is %.1f times as fast)", our / median) : "")
        }
        printf "- `%s`, million %s a second: %s.\n", programs[p], units[p], text > (results "/verdict.md")
    }
}
