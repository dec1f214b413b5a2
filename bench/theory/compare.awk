# SPDX-License-Identifier: Apache-2.0
#
# Joins known values with the means of the seeds: data.csv to standard output, verdict.md, and the figure's input. A value
# that does not vary with the seed may differ by a thousandth: the measured stretch is no whole number of rounds.
#   awk -v results=DIRECTORY -v out=DIRECTORY -f compare.awk known.csv simulated.csv

BEGIN {
    FS = ","
    quantile = 4.781 # Student, 9 degrees, two-sided 99.9 %
    print "form,what,kind,known,mean,half_width,seeds,deviation_percent,inside"
}

FNR == NR {
    names[++count] = $1
    what[$1] = $2
    known[$1] = $3
    next
}

{
    n[$1]++
    sum[$1] += $3
    squares[$1] += $3 ^ 2
}

END {
    for (i = 1; i <= count; i++) {
        name = names[i]
        mean = sum[name] / n[name]
        variance = (squares[name] - n[name] * mean ^ 2) / (n[name] - 1)
        half = variance > 0 ? quantile * sqrt(variance / n[name]) : 0
        if (half < known[name] * 1e-3)
            half = known[name] * 1e-3
        kind = name ~ /published$/ ? "published" : name ~ /^ticket-(32|48|80)$/ ? "approximate" : "form"
        off = mean - known[name]
        is_inside = (off <= half && -off <= half)
        printf "%s,%s,%s,%.6g,%.6g,%.3g,%d,%.3f,%d\n", name, what[name], kind, known[name], mean, half, n[name], \
            off / known[name] * 100, is_inside
        if (kind == "form") {
            forms++
            held += is_inside
            if (!is_inside)
                missed = missed (missed == "" ? "" : ", ") sprintf("%s %+.2f %%", name, off / known[name] * 100)
            widest = half / known[name] * 100 > widest ? half / known[name] * 100 : widest
            printf "\"%s\" %.4f %.4f %d\n", name, off / known[name] * 100, half / known[name] * 100, forms > (out "/theory.dat")
        } else if (kind == "approximate") {
            near = near (near == "" ? "" : ", ") sprintf("%s %+.1f %%", name, off / known[name] * 100)
        } else {
            against = against (against == "" ? "" : ", ") sprintf("%s %+.0f %%", name, off / known[name] * 100)
        }
    }
    file = results "/verdict.md"
    printf "- %d of %d closed forms lie within the 99.9 %% interval of the simulated mean (the widest is +- %.1f %%).%s\n", held, \
        forms, widest, (missed == "" ? "" : " Outside: " missed ".") > file
    printf "- The ticket lock beyond its knee, against the recursion of Boyd-Wickizer et al. as published: %s; with the release behind " \
        "the reads, as the simulated directory has it, still with exponential service: %s.\n", against, near > file
}
