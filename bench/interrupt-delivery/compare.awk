# SPDX-License-Identifier: Apache-2.0
#
# Is each published range met by the simulated band? data.csv to standard output, verdict.md.
#   awk -v results=DIRECTORY -f compare.awk rows published.csv

BEGIN {
    FS = ","
    print "name,scenario,posted,metric,published_low,published_high,low,typical,high,met,tag"
}

FNR == NR {
    value[$1, $2, $3, $4] = $5
    # A switch that changes nothing is no such delivery.
    if ($2 == "off" || $5 != value[$1, "off", $3, $4])
        has[$1, $2, $3] = 1
    next
}

FNR > 1 {
    if (!(($2, $3, $4) in has)) {
        open = open (open == "" ? "" : ", ") $1
        next
    }
    a = value[$2, $3, $4, "low"]
    t = value[$2, $3, $4, "typical"]
    b = value[$2, $3, $4, "high"]
    low = a < b ? a : b
    high = a < b ? b : a
    met = ($5 + 0 <= high + 0 && $6 + 0 >= low + 0)
    printf "%s,%s,%s,%s,%s,%s,%.5g,%.5g,%.5g,%d,%s\n", $1, $2, $3, $4, $5, $6, a, t, b, met, $7
    line[++count] = sprintf("- %s (%s): published %s, simulated %.4g to %.4g, typical %.4g: %s.", $1, $8, \
        $5 == $6 ? $5 : $5 " to " $6, low, high, t, met ? "inside" : "**outside**")
}

END {
    file = results "/verdict.md"
    for (i = 1; i <= count; i++)
        print line[i] > file
    if (open != "")
        printf "- Not simulated, for the model has no such delivery: %s.\n", open > file
}
