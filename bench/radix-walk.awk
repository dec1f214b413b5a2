# SPDX-License-Identifier: Apache-2.0
#
# From the resolved scenario and the two sweeps: results/data.csv, summary.md and verdict.md with least-squares lines through the
# median latencies, and what the figure reads, in `out`.

BEGIN {
    design_count = split("domain-tasklet pirq-tasklet softirq-requeue", designs, " ")
    data = results "/data.csv"
    summary = results "/summary.md"
    verdict = results "/verdict.md"
    print "experiment,design,seed,mapped,fires_first,device,latency_p50_ns,latency_p99_ns,latency_max_ns" > data
}

FNR == 1 { file++ }

file == 1 { explain_line(chosen, $0) }

file > 1 && FNR == 1 {
    FS = ","
    $0 = $0
    for (i in column)
        delete column[i]
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

file > 1 && $4 ~ /^devices\..*\.latency\./ {
    split($4, part, ".")
    mapped = file == 2 ? $column["mapped"] : $column["guests.guest.pirqs"] + 2
    cell = (file == 2 ? "walk" : "order") "," $2 "," $3 "," mapped "," (file == 2 ? "" : $column["first"]) "," part[2]
    if (!(cell in known)) {
        known[cell] = 1
        cells[++cell_count] = cell
    }
    value[cell, part[4]] = $5
}

# Least squares of one design's medians over the number of mapped PIRQs.
function fit(design,   i, part, x, y, n, sx, sy, sxx, sxy, syy) {
    for (i = 1; i <= cell_count; i++) {
        split(cells[i], part, ",")
        if (part[1] != "walk" || part[2] != design)
            continue
        x = part[4]
        y = value[cells[i], "p50_ns"]
        n++; sx += x; sy += y; sxx += x * x; sxy += x * y; syy += y * y
    }
    sxx -= sx * sx / n; sxy -= sx * sy / n; syy -= sy * sy / n
    slope = sxy / sxx
    intercept = (sy - slope * sx) / n
    residual = syy - slope * sxy
    square = syy > 0 ? sxy * sxy / (sxx * syy) : 1
    slope_error = sqrt((residual > 0 ? residual : 0) / (n - 2) / sxx)
}

function print_walk(   d, i, part, x, sum, runs, order, count, step) {
    step = (number_of(chosen["xen.costs.pirq_walk_step"]) + number_of(chosen["machine.costs.atomic_hit"])) * 1e9 \
        / number_of(chosen["machine.frequency"])
    print "Median latency of the highest PIRQ over the number of mapped PIRQs (1 to 1024), least squares:\n" > summary
    print "| design | ns for each PIRQ | with none, us | R^2 or flat |\n|---|---|---|---|" > summary
    for (d = 1; d <= design_count; d++) {
        fit(designs[d])
        printf("| %s | %.3f +- %.3f | %.2f | %s |\n", designs[d], slope, 2 * slope_error, intercept / 1000, \
            (slope > 2 * slope_error ? sprintf("%.4f", square) : "flat")) > summary
        printf("- `%s`: %s.\n", designs[d], (slope > 2 * slope_error \
            ? sprintf("%.2f +- %.2f ns for each mapped PIRQ, R^2 %.4f", slope, 2 * slope_error, square) \
            : sprintf("flat, %.1f us (%.2f +- %.2f ns for each)", intercept / 1000, slope, 2 * slope_error))) > verdict
        for (i in sum)
            delete sum[i]
        for (i in runs)
            delete runs[i]
        count = 0
        for (i = 1; i <= cell_count; i++) {
            split(cells[i], part, ",")
            if (part[1] != "walk" || part[2] != designs[d])
                continue
            if (!(part[4] in runs))
                order[++count] = part[4]
            runs[part[4]]++
            sum[part[4]] += value[cells[i], "p50_ns"]
        }
        for (i = 1; i <= count; i++)
            print order[i], sum[order[i]] / runs[order[i]] / 1000 > (out "/walk.dat")
        print "\n" > (out "/walk.dat")
        printf("slope_%d = %g\nintercept_%d = %g\n", d, slope, d, intercept) > (out "/names.gp")
    }
    printf("\nThe profiles say %.3f ns: one step of the walk and one atomic on an owned line (%s + %s).\n", step, \
        chosen["xen.costs.pirq_walk_step"], chosen["machine.costs.atomic_hit"]) > summary
}

# When each of the two was handled, from the first one's raise on.
function print_order(   d, f, firsts, low, high, mapped, count, sizes, row) {
    split("low high", firsts, " ")
    count = split("64 256 1024", sizes, " ")
    print "\nTwo interrupts 200 ns apart; us from the first raise to the handler of each:\n" > summary
    print "| design | mapped | fires first | low handled | high handled | served first |\n|---|---|---|---|---|---|" > summary
    for (d = 1; d <= design_count; d++)
        for (mapped = 1; mapped <= count; mapped++)
            for (f = 1; f <= 2; f++) {
                row = "order," designs[d] ",1," sizes[mapped] "," firsts[f] ","
                if (!((row "low") in known))
                    continue
                low = (value[row "low", "p50_ns"] + (firsts[f] == "low" ? 0 : 200)) / 1000
                high = (value[row "high", "p50_ns"] + (firsts[f] == "high" ? 0 : 200)) / 1000
                served[d] += low < high
                pairs[d]++
                first_served[d] += (low < high) == (firsts[f] == "low")
                printf("| %s | %s | %s | %.2f | %.2f | %s |\n", designs[d], sizes[mapped], firsts[f], low, high, \
                    low < high ? "low" : "high") > summary
                if (sizes[mapped] == 1024)
                    printf("%d %.3f %.3f \"%s\" \"%s\"\n", ++rows, low, high, designs[d], firsts[f]) > (out "/order.dat")
            }
    printf "- Two interrupts 200 ns apart, in both orders, with 64, 256 and 1024 mapped:" > verdict
    for (d = 1; d <= design_count; d++)
        printf("%s `%s` serves the low PIRQ first in %d of %d, the one that fired first in %d", (d > 1 ? ";" : ""), \
            designs[d], served[d], pairs[d], first_served[d]) > verdict
    print "." > verdict
}

END {
    for (i = 1; i <= cell_count; i++)
        printf("%s,%s,%s,%s\n", cells[i], value[cells[i], "p50_ns"], value[cells[i], "p99_ns"], value[cells[i], "max_ns"]) > data
    print_walk()
    print_order()
}
