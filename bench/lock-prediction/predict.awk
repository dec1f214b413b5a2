# SPDX-License-Identifier: Apache-2.0
#
# From a grid of simulated closed loops to the throughput of four locks: each point (think, hold) of the grid weighs as
# much as its MCS throughput at 2, 3 and 4 nodes over that at 1 agrees with the published ones, which scatter by
# `scatter`. A prediction is the weighted geometric mean, its band the weighted 5 to 95 %.
#   awk -v variant=NAME -v fit=mcs|all -f predict.awk published.csv grid.csv
# fit=all weighs with all four columns: what the best (think, hold) could do. Prints rows of data.csv.

BEGIN {
    FS = ","
    lock_count = split("spinlock ttas ticket mcs", locks, " ")
    node_count = 4
    scatter = 0.03
}

FILENAME == ARGV[1] && FNR > 1 {
    if (!($1 in is_application)) {
        applications[++application_count] = $1
        is_application[$1] = 1
    }
    for (n = 1; n <= node_count; n++)
        published[$1, $2, n] = $(n + 2)
}

FILENAME == ARGV[2] {
    if (!(($3, $4) in point_of)) {
        point_of[$3, $4] = ++point_count
        think[point_count] = $3
        hold[point_count] = $4
    }
    rate[point_of[$3, $4], $1, $2 / 12] = $6
}

# Normalised as the published ones: to MCS at one node.
function simulated(point, lock, node) { return rate[point, lock, node] / rate[point, "mcs", 1] }

function deviation(point, application, lock, node) {
    return log(simulated(point, lock, node) / published[application, lock, node]) / scatter
}

function weigh(application,   p, l, n, sum, least) {
    least = ""
    for (p = 1; p <= point_count; p++) {
        sum = 0
        for (n = 1; n <= node_count; n++)
            for (l = 1; l <= lock_count; l++)
                if (locks[l] == "mcs" || fit == "all")
                    sum += deviation(p, application, locks[l], n) ^ 2
        badness[p] = sum
        if (least == "" || sum < least) {
            least = sum
            best = p
        }
    }
    total = 0
    for (p = 1; p <= point_count; p++)
        total += weight[p] = exp((least - badness[p]) / 2)
    for (p = 1; p <= point_count; p++)
        weight[p] /= total
}

function predict(application, lock, node,   p, i, j, count, order, value, sum, mean) {
    count = 0
    mean = 0
    for (p = 1; p <= point_count; p++) {
        if (weight[p] < 1e-6)
            continue
        value = simulated(p, lock, node)
        mean += weight[p] * log(value)
        for (j = count++; j > 0 && simulated(order[j], lock, node) > value; j--)
            order[j + 1] = order[j]
        order[j + 1] = p
    }
    sum = 0
    low = high = ""
    for (i = 1; i <= count; i++) {
        sum += weight[order[i]]
        if (low == "" && sum >= 0.05)
            low = simulated(order[i], lock, node)
        if (high == "" && sum >= 0.95)
            high = simulated(order[i], lock, node)
    }
    return exp(mean)
}

# Two locks that were measured within 5 % of each other may come in either order.
function ranking_is_right(application, node,   l, m, ratio) {
    for (l = 1; l < lock_count; l++)
        for (m = l + 1; m <= lock_count; m++) {
            ratio = published[application, locks[l], node] / published[application, locks[m], node]
            if ((ratio > 1.05 && predicted[locks[l], node] <= predicted[locks[m], node]) || \
                (ratio < 1 / 1.05 && predicted[locks[l], node] >= predicted[locks[m], node]))
                return 0
        }
    return 1
}

END {
    for (a = 1; a <= application_count; a++) {
        application = applications[a]
        weigh(application)
        printf "fit,%s,%s,,,,,%s,%s,%.3g,,,\n", variant, application, think[best], hold[best], badness[best]
        for (l = 1; l <= lock_count; l++)
            for (n = 1; n <= node_count; n++) {
                p = predicted[locks[l], n] = predict(application, locks[l], n)
                q = published[application, locks[l], n]
                error = p > q ? (p / q - 1) * 100 : (1 - p / q) * 100
                is_inside = (q >= low && q <= high)
                printf "prediction,%s,%s,%s,%d,%s,%.4g,%.4g,%.4g,,%.4g,%d,\n", variant, application, locks[l], n, q, p, \
                    low, high, error, is_inside
            }
        for (n = 1; n <= node_count; n++)
            printf "ranking,%s,%s,,%d,,,,,,,,%d\n", variant, application, n, ranking_is_right(application, n)
    }
}
