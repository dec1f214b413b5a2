# SPDX-License-Identifier: Apache-2.0
#
# Rows of data.csv, one a cell: the plan's rows for each lock, design and seed that ran, with the metrics that the study
# reads. Reads the plan and `irqpath show --csv` of its sweep. Variables: axis (the column that holds the cell's
# label), seconds (measured in each run), header=1 for the line of names.

BEGIN {
    FS = "\t"
    count = split("guests.idle.steal.percent guests.idle.steal_top.percent guests.idle.steal_tick.percent" \
        " guests.idle.running_lock.percent guests.idle.running_lock_u1.percent guests.idle.running_lock_u2.percent" \
        " guests.idle.running_lock_u3.percent guests.idle.running_lock_u4.percent guests.idle.running_lock_u5.percent" \
        " guests.idle.lock_running.percent guests.idle.lock_runnable.percent guests.idle.lock_blocked.percent" \
        " guests.idle.ticks.handled irq.delivered_per_s irq.latency.p50_ns irq.latency.p99_ns" \
        " locks.tasklet_lock.acquisitions locks.tasklet_lock.wait.mean_ns locks.tasklet_lock.waiters.max", name, " ")
    if (header) {
        printf "experiment,parameter,value,chosen,lock,design,seed"
        for (i = 1; i <= count; i++)
            printf ",%s", name[i]
        print ""
    }
}

FNR == 1 { file++ }

file == 1 {
    rows++
    experiment[rows] = $1; parameter[rows] = $2; value[rows] = $3; label[rows] = $4; chosen[rows] = $5
    next
}

FNR == 1 {
    FS = ","
    $0 = $0
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

{
    kind = $column["hypervisor.lock"] "," $2 "," $3
    if (!(kind in is_known)) {
        is_known[kind] = 1
        kinds[++kind_count] = kind
    }
    cell = $column[axis] SUBSEP kind
    has_run[cell] = 1
    result[cell, $4] = $5
    if ($4 == "irq.delivered")
        result[cell, "irq.delivered_per_s"] = $5 / seconds
}

END {
    for (row = 1; row <= rows; row++)
        for (k = 1; k <= kind_count; k++) {
            cell = label[row] SUBSEP kinds[k]
            if (!(cell in has_run))
                continue
            printf "%s,%s,%s,%s,%s", experiment[row], parameter[row], value[row], chosen[row], kinds[k]
            for (i = 1; i <= count; i++)
                printf ",%.6g", result[cell, name[i]]
            print ""
        }
}
