# SPDX-License-Identifier: Apache-2.0
#
# From a grid of simulated closed loops to the throughput of four locks. Each point (hold, think at one node) of an
# application's range weighs as much as its MCS throughput at 2, 3 and 4 nodes over that at 1 agrees with the published
# ones, which scatter by `scatter`; at more nodes think may have drifted, by `drift` (memory and caches are not the lock's).
# A prediction is the weighted geometric mean, its band the weighted 5 to 95 %.
#   awk -v variant=NAME -v drift=0.2 [-v fit=all] [-v any=1] [-v lines=N] -f predict.awk applications.csv published.csv grid.csv
# fit=all weighs with all four columns: what the best point could do. any=1 ignores what the lock protects; lines=N says
# how many lines where that is not known. Grid rows: lines, then bench_lock_loop's. Prints rows of data.csv; of a ranking
# "inside" is whether every lead in it is at least 1 %.

BEGIN {
    FS = ","
    lock_count = split("spinlock ttas ticket mcs", locks, " ")
    node_count = 4
    scatter = 0.03
    bin = 0.005 # of a prediction's logarithm
}

FNR == 1 { file++ }

file == 1 && FNR > 1 {
    applications[++application_count] = $1
    hold_low[$1] = $2
    hold_high[$1] = $3
    lines_low[$1] = lines >= $4 && lines <= $5 ? lines : $4
    lines_high[$1] = lines >= $4 && lines <= $5 ? lines : $5
}

file == 2 && FNR > 1 {
    for (n = 1; n <= node_count; n++)
        published[$1, $2, n] = $(n + 2)
}

file == 3 {
    group = $1 " " $5
    if (!(group in think_count))
        groups[++group_count] = group
    if (!((group, $4) in is_think)) {
        is_think[group, $4] = 1
        thinks[group, ++think_count[group]] = $4
    }
    rate[group, $4, $2, $3 / 12] = $7
}

function is_of(application, group,   part) {
    split(group, part, " ")
    return any || (part[1] >= lines_low[application] && part[1] <= lines_high[application] && \
        part[2] >= hold_low[application] && part[2] <= hold_high[application])
}

# Squared deviations at a node; rates are normalised as the published ones, to MCS at one node.
function deviation(application, group, think, base, node,   l, sum) {
    for (l = 1; l <= lock_count; l++)
        if (locks[l] == "mcs" || fit == "all")
            sum += (log(rate[group, think, locks[l], node] / base / published[application, locks[l], node]) / scatter) ^ 2
    return sum
}

# How likely the column at this node is with each think; the weights go to share[]. Returns the logarithm of their mean.
function node_weigh(application, group, first, node,   t, think, base, least, total) {
    base = rate[group, first, "mcs", 1]
    least = ""
    for (t = 1; t <= think_count[group]; t++) {
        think = thinks[group, t]
        misfit[t] = ""
        if (think != first && (node == 1 || drift == 0))
            continue
        misfit[t] = deviation(application, group, think, base, node)
        if (think != first)
            misfit[t] += (log(think / first) / drift) ^ 2
        if (least == "" || misfit[t] < least)
            least = misfit[t]
    }
    for (t = 1; t <= think_count[group]; t++)
        total += share[t] = misfit[t] == "" ? 0 : exp((least - misfit[t]) / 2)
    for (t = 1; t <= think_count[group]; t++)
        share[t] /= total
    smallest = least
    return log(total) - least / 2
}

function weigh(application,   g, f, n, most, badness) {
    point_count = 0
    most = ""
    for (g = 1; g <= group_count; g++)
        for (f = 1; is_of(application, groups[g]) && f <= think_count[groups[g]]; f++) {
            weight[++point_count] = 0
            point_group[point_count] = groups[g]
            point_first[point_count] = thinks[groups[g], f]
            badness = 0
            for (n = 1; n <= node_count; n++) {
                weight[point_count] += node_weigh(application, groups[g], point_first[point_count], n)
                badness += smallest
            }
            if (most == "" || weight[point_count] > most) {
                most = weight[point_count]
                best = point_count
                best_badness = badness
            }
        }
    total_weight = 0
    for (g = 1; g <= point_count; g++)
        total_weight += weight[g] = exp(weight[g] - most)
}

function spread(application, node,   p, t, l, base, mass, at) {
    delete bins
    delete means
    delete lowest
    delete highest
    for (p = 1; p <= point_count; p++) {
        if (weight[p] < 1e-6 * total_weight)
            continue
        base = rate[point_group[p], point_first[p], "mcs", 1]
        node_weigh(application, point_group[p], point_first[p], node)
        for (t = 1; t <= think_count[point_group[p]]; t++) {
            mass = weight[p] / total_weight * share[t]
            for (l = 1; mass > 0 && l <= lock_count; l++) {
                at = log(rate[point_group[p], thinks[point_group[p], t], locks[l], node] / base)
                means[l] += mass * at
                at = int(at / bin + 10000)
                bins[l, at] += mass
                if (!(l in lowest) || at < lowest[l])
                    lowest[l] = at
                if (!(l in highest) || at > highest[l])
                    highest[l] = at
            }
        }
    }
}

# Of lock l, after spread().
function quantile(l, share,   at, sum) {
    for (at = lowest[l]; at < highest[l]; at++)
        if ((sum += bins[l, at]) >= share)
            break
    return exp((at + 0.5 - 10000) * bin)
}

# The pairs that come in the wrong order, or lead by less than `least`. Two locks that were measured within 5 % of each
# other may come in either.
function wrong_order(application, node, least,   l, m, ratio, lead, pairs) {
    for (l = 1; l < lock_count; l++)
        for (m = l + 1; m <= lock_count; m++) {
            ratio = published[application, locks[l], node] / published[application, locks[m], node]
            lead = predicted[locks[l], node] / predicted[locks[m], node]
            if ((ratio > 1.05 && lead <= least) || (ratio < 1 / 1.05 && lead >= 1 / least))
                pairs = pairs " " locks[l] "/" locks[m]
        }
    return substr(pairs, 2)
}

END {
    for (a = 1; a <= application_count; a++) {
        application = applications[a]
        weigh(application)
        split(point_group[best], part, " ")
        printf "fit,%s,%s,,,,,%s,%s,%.3g,,,\n", variant, application, point_first[best], part[2], best_badness
        for (n = 1; n <= node_count; n++) {
            spread(application, n)
            for (l = 1; l <= lock_count; l++) {
                p = predicted[locks[l], n] = exp(means[l])
                q = published[application, locks[l], n]
                low = quantile(l, 0.05)
                high = quantile(l, 0.95)
                printf "prediction,%s,%s,%s,%d,%s,%.4g,%.4g,%.4g,,%.4g,%d,\n", variant, application, locks[l], n, q, p, \
                    low, high, (p > q ? p / q - 1 : 1 - p / q) * 100, (q >= low && q <= high)
            }
        }
        for (n = 1; n <= node_count; n++) {
            pairs = wrong_order(application, n, 1)
            printf "ranking,%s,%s,%s,%d,,,,,,,%d,%d\n", variant, application, pairs, n, \
                (wrong_order(application, n, 1.01) == ""), (pairs == "")
        }
    }
}
