# SPDX-License-Identifier: Apache-2.0
#
# From the parts of each case: results/data.csv by kinds of guests, verdict.md, and the matrix of guests for the heat map.

BEGIN {
    FS = ","
    data = results "/data.csv"
    print "case,guest,loss,cause,what,culprit,cycles,percent_of_time,percent_of_loss" > data
    vcpus["busy"] = 60
    vcpus["idle"] = 78
}

function kind(name) { sub(/\.[0-9]*$/, "", name); return name == "" ? "nobody" : name }

# busy.0 .. busy.5, idle.0 .. idle.5, nobody
function place(name,   part) {
    if (name == "")
        return 12
    split(name, part, ".")
    return (part[1] == "idle" ? 6 : 0) + part[2]
}

FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.csv$/, "", name)
    next
}

{
    gsub(/, /, "; ") # within a quoted cause
    gsub(/"/, "")
    row = name "," kind($1) "," $2 "," $3 "," $4 "," kind($6)
    if (!(row in sum))
        rows[++row_count] = row
    sum[row] += $7
    whole[name, kind($1), $2] += $7
    if ($3 ~ /^waits/)
        lock[name, kind($1), $2, $4] += $7
    if ($3 ~ /^waits/ && $4 == "tasklet_lock")
        culprit[name, kind($1), $2, kind($6)] += $7
    if (name == "domain-tasklet" && $2 == "steal" || name == "domain-tasklet" && kind($1) == "busy")
        heat[place($1), place($6)] += $7
}

function share(part, all) { return all == 0 ? 0 : 100 * part / all }

END {
    for (i = 1; i <= row_count; i++) {
        split(rows[i], part, ",")
        printf "%s,%.0f,%.4f,%.2f\n", rows[i], sum[rows[i]], share(sum[rows[i]], cycles * vcpus[part[2]]),
            share(sum[rows[i]], whole[part[1], part[2], part[3]]) > data
    }
    for (victim = 0; victim < 12; victim++)
        for (taker = 0; taker < 13; taker++)
            printf "%d %d %.4f\n", taker, victim,
                share(heat[victim, taker], cycles * (victim < 6 ? 10 : 13)) > (work "/heat.dat")
    steal = whole["domain-tasklet", "idle", "steal"]
    printf "- Of the idle guests' steal, %.1f %% is waiting for `tasklet_lock`: %.1f points of it while the lock worked, or had last worked, for a busy guest's interrupt or tick, %.1f for an idle guest's tick.\n", \
        share(lock["domain-tasklet", "idle", "steal", "tasklet_lock"], steal),
        share(culprit["domain-tasklet", "idle", "steal", "busy"], steal),
        share(culprit["domain-tasklet", "idle", "steal", "idle"], steal) > (results "/verdict.md")
    printf "- Without the devices' interrupts the idle guests' steal is %.2f %% of their time, with softirqs %.2f %%, instead of %.1f %%: the idle guests' own ticks take the lock, too, but alone they do not fill it.\n", \
        share(whole["no-devices", "idle", "steal"], cycles * 78),
        share(whole["softirq-requeue", "idle", "steal"], cycles * 78),
        share(steal, cycles * 78) > (results "/verdict.md")
    printf "- Of the busy guests' lost running time %.1f %% is the same wait.\n", \
        share(lock["domain-tasklet", "busy", "lost running", "tasklet_lock"], whole["domain-tasklet", "busy", "lost running"]) \
        > (results "/verdict.md")
}
