# SPDX-License-Identifier: Apache-2.0
#
# From the two sweeps: data.csv, one row a run; summary.md, means and 95 % intervals over the seeds; verdict.md.

# "34.0 +- 0.3" over the seeds of a cell; "-" where no run has the metric.
function interval(cell, metric,   i, n, sum, squares, x) {
    for (i = 1; i <= seed_count; i++) {
        x = value[cell, seeds[i], metric]
        if (x == "")
            continue
        n++
        sum += x
        squares += x * x
    }
    return n == 0 ? "-" : n < 3 ? sprintf("%.2f", sum / n) : sprintf("%.2f +- %.2f", sum / n, half_interval(n, sum, squares))
}

BEGIN {
    FS = ","
    metric_count = split("guests.idle.steal.percent guests.idle.steal_top.percent guests.idle.running_lock.percent " \
        "guests.idle.blocked.percent guests.idle.lock_blocked.percent guests.idle.slices.lock.percent " \
        "guests.neighbour.slices.count guests.neighbour.slices.lock.percent irq.lost", metrics, " ")
    for (i = 1; i <= metric_count; i++)
        is_asked[metrics[i]] = 1
}

$1 == "scenario" {
    for (i = 1; i <= NF; i++)
        column[$i] = i
    file++
    next
}

is_asked[$4] {
    cell = file == 1 ? "machine," $2 "," $column["ticks"] "," : "readings," $2 ",," $column["reading"]
    if (!(cell in is_cell)) {
        is_cell[cell] = 1
        cells[++cell_count] = cell
    }
    if (!($3 in is_seed)) {
        is_seed[$3] = 1
        seeds[++seed_count] = $3
    }
    value[cell, $3, $4] = $5
}

END {
    data = results "/data.csv"
    printf "experiment,design,ticks,reading,seed" > data
    for (m = 1; m <= metric_count; m++)
        printf ",%s", metrics[m] > data
    print "" > data
    for (c = 1; c <= cell_count; c++)
        for (s = 1; s <= seed_count; s++) {
            printf "%s,%s", cells[c], seeds[s] > data
            for (m = 1; m <= metric_count; m++)
                printf ",%s", value[cells[c], seeds[s], metrics[m]] > data
            print "" > data
        }

    summary = results "/summary.md"
    print "Means over " seed_count " seeds with 95 % intervals; %.\n" > summary
    print "| design | ticks | idle: steal | as top prints it | RUNNING | BLOCKED | neighbour: slices |" > summary
    print "|---|---|---|---|---|---|---|" > summary
    for (c = 1; c <= cell_count; c++) {
        split(cells[c], part, ",")
        if (part[1] == "machine")
            print "| `" part[2] "` | " part[3] " | " interval(cells[c], metrics[1]) " | " interval(cells[c], metrics[2]) \
                " | " interval(cells[c], metrics[3]) " | " interval(cells[c], metrics[5]) " | " interval(cells[c], metrics[8]) " |" > summary
    }
    print "\nRUNNING: the lock's share of the idle guests' RUNNING. BLOCKED: lock time in BLOCKED, of all time. Slices: the lock's" > summary
    print "share of the neighbour's runs of 30 ms and longer.\n" > summary
    print "| reading | steal | of RUNNING | of own slices | of the neighbour's slices | in BLOCKED | BLOCKED |" > summary
    print "|---|---|---|---|---|---|---|" > summary
    for (c = 1; c <= cell_count; c++) {
        split(cells[c], part, ",")
        if (part[1] == "readings")
            print "| " part[4] " | " interval(cells[c], metrics[1]) " | " interval(cells[c], metrics[3]) " | " \
                interval(cells[c], metrics[6]) " | " interval(cells[c], metrics[8]) " | " interval(cells[c], metrics[5]) " | " \
                interval(cells[c], metrics[4]) " |" > summary
    }

    verdict = results "/verdict.md"
    random = "machine,domain-tasklet,random,"
    print "- Every cost typical, `domain-tasklet`, independent ticks: idle guests' steal " interval(random, metrics[1]) \
        " %, and the lock takes " interval(random, metrics[8]) " % of the neighbour's slices of 30 ms. Ticks together in each guest: " \
        interval("machine,domain-tasklet,guest,", metrics[1]) " % and " interval("machine,domain-tasklet,guest,", metrics[8]) \
        " %. The report of 2014: about 40 % and 10 %." > verdict
    print "- `softirq-requeue`: steal " interval("machine,softirq-requeue,random,", metrics[1]) " % with independent ticks, " \
        interval("machine,softirq-requeue,guest,", metrics[1]) " % with ticks together in each guest, " \
        interval("machine,softirq-requeue,aligned,", metrics[1]) " % with all ticks together: VIRQ_TIMER keeps its tasklet." > verdict
    print "- Readings of \"3 ms out of 30 ms\", ticks together in each guest: the neighbour's slices lose " \
        interval("readings,domain-tasklet,,neighbour", metrics[8]) " %, an idle guest's own slices " \
        interval("readings,domain-tasklet,,own-slices", metrics[6]) " %, two vCPUs a pCPU " \
        interval("readings,domain-tasklet,,two-vcpus-a-pcpu", metrics[3]) " % of RUNNING; the share of short runs follows their length (" \
        interval("readings,domain-tasklet,,short-runs-5us", metrics[3]) " % with 5 us of work a tick, " \
        interval("readings,domain-tasklet,,short-runs-50us", metrics[3]) " % with 50 us)." > verdict
}
