# SPDX-License-Identifier: Apache-2.0
#
# From data.csv: summary.md and verdict.md. Times are compared by the median of the rounds' ratios.

function median(values, count,   i, j, held) {
    for (i = 2; i <= count; i++) {
        held = values[i]
        for (j = i - 1; j > 0 && values[j] > held; j--)
            values[j + 1] = values[j]
        values[j + 1] = held
    }
    return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
}

function median_of(key, column,   n, i, values) {
    n = 0
    for (i = 1; i <= rounds[key]; i++)
        values[++n] = cell[key, i, column]
    return median(values, n)
}

# Of two rows' columns, round by round.
function median_ratio(above, below, column,   n, i, values) {
    n = 0
    for (i = 1; i <= rounds[above]; i++)
        if (cell[below, i, column] > 0)
            values[++n] = cell[above, i, column] / cell[below, i, column]
    return n > 0 ? median(values, n) : 0
}

BEGIN { FS = "," }

NR > 1 {
    key = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4
    rounds[key] = $5 > rounds[key] ? $5 : rounds[key]
    cell[key, $5, "rate"] = $9 > 0 ? $8 / $9 : 0
    cell[key, $5, "seconds"] = $9
    cell[key, $5, "bytes"] = $10 / $7
    states[key] = $7
    transitions[key] = $8
    verdict[key] = $6
    if ($1 == "model" && !($3 in is_model)) {
        is_model[$3] = 1
        models[++model_count] = $3
    }
    if ($1 == "dpci" && !($3 in is_design)) {
        is_design[$3] = 1
        designs[++design_count] = $3
    }
    if ($1 == "dpci" && $4 > jobs)
        jobs = $4
}

END {
    summary = results "/summary.md"
    verdicts = results "/verdict.md"
    printf "| model | states: irqpath | SPIN | transitions/s: irqpath | SPIN | ratio | bytes/state: irqpath | SPIN |\n" > summary
    printf "|---|---|---|---|---|---|---|---|\n" > summary
    agreeing = 0
    least = 1e9
    for (m = 1; m <= model_count; m++) {
        ours = "model" SUBSEP "irqpath" SUBSEP models[m] SUBSEP 1
        theirs = "model" SUBSEP "spin" SUBSEP models[m] SUBSEP 1
        ratio = median_ratio(ours, theirs, "rate")
        agreeing += states[ours] == states[theirs] && verdict[ours] == verdict[theirs]
        least = ratio < least ? ratio : least
        most = ratio > most ? ratio : most
        printf "| %s | %d | %d | %.0f | %.0f | %.2f | %.0f | %.0f |\n", models[m], states[ours], states[theirs],
               median_of(ours, "rate"), median_of(theirs, "rate"), ratio, median_of(ours, "bytes"),
               median_of(theirs, "bytes") > summary
    }
    printf "- Verdict and number of states are SPIN's on %d of %d models.\n", agreeing, model_count > verdicts
    printf "- irqpath takes %.2f to %.2f times as many transitions a second as SPIN (one processor, medians of the rounds' ratios).\n",
           least, most > verdicts
    if (design_count == 0)
        exit
    printf "\n| design, 3 interrupts | verdict | states | transitions | s, 1 process | s, %d processes | times as fast | bytes/state |\n", jobs > summary
    printf "|---|---|---|---|---|---|---|---|\n" > summary
    for (d = 1; d <= design_count; d++) {
        one = "dpci" SUBSEP "irqpath" SUBSEP designs[d] SUBSEP 1
        all = "dpci" SUBSEP "irqpath" SUBSEP designs[d] SUBSEP jobs
        printf "| %s | %s | %d | %d | %.2f | %.2f | %.2f | %.0f |\n", designs[d], verdict[one], states[one],
               transitions[one], median_of(one, "seconds"), median_of(all, "seconds"),
               median_ratio(one, all, "seconds"), median_of(one, "bytes") > summary
        printf "- `%s` with three interrupts: %d states, %.2f s with %d processes, %.2f s with one.\n", designs[d],
               states[one], median_of(all, "seconds"), jobs, median_of(one, "seconds") > verdicts
    }
}
