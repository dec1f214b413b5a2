# SPDX-License-Identifier: Apache-2.0
#
# Is each published range met by the simulated band, over all cells of its scenario? data.csv to standard output, verdict.md.
# A delivery `a/b` is the gain: the metric under a over that under b in cells alike, of guest_percent b over a. Rows that read
# one published number in different ways count as one, which is met where one of them is.
#   awk -v results=DIRECTORY -f compare.awk rows published.csv
# rows: scenario,delivery,metric,costs,unknown,value, in the order of the scenario's matrix

BEGIN {
    FS = ","
    print "name,scenario,delivery,metric,published_low,published_high,low,typical,high,met,tag,reading_of"
}

FNR == NR {
    value[$1, $2, $3, $4, $5] = $6
    if (!(($1, $4, $5) in seen)) {
        seen[$1, $4, $5] = 1
        cells[$1] = cells[$1] " " $4 SUBSEP $5
    }
    next
}

# What was not simulated is no 0.
function simulated(scenario, delivery, metric, cell) {
    if ((scenario, delivery, metric, cell) in value)
        return value[scenario, delivery, metric, cell]
    printf "not simulated: %s of %s, %s\n", metric, scenario, delivery > "/dev/stderr"
    exit 4
}

function value_of(scenario, delivery, metric, cell,   sides, before, after) {
    if (split(delivery, sides, "/") == 1)
        return simulated(scenario, delivery, metric, cell)
    before = simulated(scenario, sides[1], metric, cell)
    after = simulated(scenario, sides[2], metric, cell)
    return metric == "guest_percent" ? after / before : before / after
}

FNR > 1 {
    if (!($2 in cells)) {
        print "not simulated: " $2 > "/dev/stderr"
        exit 4
    }
    low = 1e99
    high = typical = -1
    count = split(cells[$2], cell, " ")
    for (i = 1; i <= count; i++) {
        v = value_of($2, $3, $4, cell[i])
        split(cell[i], parts, SUBSEP)
        low = v < low ? v : low
        high = v > high ? v : high
        if (parts[1] == "typical" && typical < 0)
            typical = v
    }
    met = ($5 + 0 <= high && $6 + 0 >= low)
    number = $8 == "" ? $1 : $8
    is_met[number] = is_met[number] || met
    printf "%s,%s,%s,%s,%s,%s,%.5g,%.5g,%.5g,%d,%s,%s\n", $1, $2, $3, $4, $5, $6, low, typical, high, met, $7, $8
    printf "- %s (%s; %s)%s: published %s, simulated %.4g to %.4g, typical %.4g: %s.\n", $1, $9, $7,
        $8 == "" ? "" : ", a reading of \"" $8 "\"", $5 == $6 ? $5 : $5 " to " $6, low, high, typical,
        met ? "inside" : "**outside**" > (results "/verdict.md")
}

END {
    for (number in is_met) {
        numbers++
        inside += is_met[number]
    }
    printf "\n%d of %d published numbers are inside, each counted once.\n", inside, numbers > (results "/verdict.md")
}
