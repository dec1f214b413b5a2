# SPDX-License-Identifier: Apache-2.0
#
# Joins simulated accesses with published ones: data.csv to standard output, verdict.md, the figure's input. The simulator
# has no exclusive state: such a line is another CPU's, as a modified one.
#   awk -v results=DIRECTORY -v out=DIRECTORY -f compare.awk simulated.csv published.csv

BEGIN {
    FS = ","
    split("near middle far", distances, " ")
    print "machine,operation,state,distance,published,simulated,abs_error_percent,tag,source"
}

FNR == NR {
    simulated[$1, $2, $3, $4] = $5
    next
}

FNR > 1 {
    for (d = 1; d <= 3; d++) {
        published = $(3 + d)
        state = $3 == "exclusive" ? "modified" : $3
        value = simulated[$1, $2, state, distances[d]]
        if (published == "" || value == "")
            continue
        error = (value > published ? value - published : published - value) / published * 100
        printf "%s,%s,%s,%s,%s,%s,%.1f,%s,%s\n", $1, $2, $3, distances[d], published, value, error, $7, $8
        print published, value > (out "/" $1 ".dat")
        cells++
        same += (error < 1)
        within += (error < 10)
        if (error >= 10)
            misses = misses (misses == "" ? "" : ", ") sprintf("%s %s %s %s %d for %d", $1, $2, $3, distances[d], value, published)
    }
}

END {
    printf "- %d published latencies: %d simulated to 1 %%, %d to 10 %%. The others: %s.\n", cells, same, within, misses \
        > (results "/verdict.md")
}
