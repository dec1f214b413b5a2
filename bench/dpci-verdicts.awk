# SPDX-License-Identifier: Apache-2.0
#
# From data.csv: summary.md, a matrix of designs by scenarios for each variant, and verdict.md.

function once(name, known, names,   n) {
    if (name in known)
        return
    known[name] = 1
    n = ++names[0]
    names[n] = name
}

BEGIN { FS = "," }

NR > 1 {
    variant = $1
    scenario = $2
    sub(/^explore-/, "", scenario)
    once(variant, known_variants, variants)
    once(scenario, known_scenarios, scenarios)
    once($3, known_designs, designs)
    outcome = $4 == "violation" ? "**" $5 "**" : $NF != "" ? "clean up to " $NF " preemptions" : $4
    bounded[variant] += $4 == "incomplete" && $NF != ""
    cell[variant, scenario, $3] = outcome "<br>" $6 ", " $9 " s"
    found[variant, scenario, $3] = $4 $5
    states[variant, scenario, $3] = $6
    count[variant, $4]++
    cells[variant]++
    seconds[variant] += $9
    if ($9 > slowest[variant])
        slowest[variant] = $9
}

# Whether another variant finds the same as what is shipped, and how many times as many states it has, of the
# explorations that saw all.
function beside(variant, title,   s, d, key, factor, low, high, same, all) {
    for (s = 1; s <= scenarios[0]; s++)
        for (d = 1; d <= designs[0]; d++) {
            key = scenarios[s] SUBSEP designs[d]
            if (!((variant SUBSEP key) in found))
                return ""
            all++
            same += found["as-shipped" SUBSEP key] == found[variant SUBSEP key]
            if (found["as-shipped" SUBSEP key] != "clean")
                continue
            factor = states[variant SUBSEP key] / states["as-shipped" SUBSEP key]
            low = low == "" || factor < low ? factor : low
            high = factor > high ? factor : high
        }
    return sprintf("- %s: the same verdict and kind in %d of %d, and %.2f to %.2f times the states.\n", title, same, all,
                   low, high)
}

END {
    summary = results "/summary.md"
    verdict = results "/verdict.md"
    printf "" > summary
    printf "" > verdict
    for (v = 1; v <= variants[0]; v++) {
        name = variants[v]
        printf "%s%s: verdict, states, seconds\n\n| design |", (v > 1 ? "\n" : ""), name > summary
        for (s = 1; s <= scenarios[0]; s++)
            printf " %s |", scenarios[s] > summary
        printf "\n|---|" > summary
        for (s = 1; s <= scenarios[0]; s++)
            printf "---|" > summary
        for (d = 1; d <= designs[0]; d++) {
            printf "\n| %s |", designs[d] > summary
            for (s = 1; s <= scenarios[0]; s++)
                printf " %s |", cell[name, scenarios[s], designs[d]] > summary
        }
        printf "\n" > summary
        printf "- %s: %d explorations, %d clean, %d with a violation, %d incomplete", name, cells[name],
               count[name, "clean"], count[name, "violation"], count[name, "incomplete"] > verdict
        if (bounded[name] > 0)
            printf ", of which %d clean up to some number of preemptions", bounded[name] > verdict
        printf "; %.1f s, the longest %.2f s.\n", seconds[name], slowest[name] > verdict
    }
    printf "%s%s", beside("without-reduction", "Without reduction"),
           beside("under-tso", "Under total store order") > verdict
}
