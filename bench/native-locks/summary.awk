# SPDX-License-Identifier: Apache-2.0
#
# From data.csv: verdict.md, summary.md, the figure's inputs. A repetition during which the host's CPUs moved (the hand-over
# before and after differ by more than a fifth) is left out, unless none is left.
#   awk -v out=DIRECTORY -v results=DIRECTORY -f summary.awk data.csv

BEGIN {
    FS = ","
    lock_count = split("ttas ticket mcs spinlock", locks, " ")
}

FNR == 1 { next }

{
    repetitions[$1] = $2
    rows[++row_count] = $0
}

function median(key,   i, j, value, count, values) {
    count = value_count[key]
    for (i = 1; i <= count; i++) {
        value = errors[key, i]
        for (j = i - 1; j > 0 && values[j] > value; j--)
            values[j + 1] = values[j]
        values[j + 1] = value
    }
    return count == 0 ? 0 : (values[int((count + 1) / 2)] + values[int(count / 2) + 1]) / 2
}

function add(key, value) { errors[key, ++value_count[key]] = value }

END {
    for (r in repetitions) {
        total++
        steady += repetitions[r] == "yes"
    }
    for (i = 1; i <= row_count; i++) {
        split(rows[i], field, ",")
        if (field[2] != "yes" && steady > 0)
            continue
        key = field[3] SUBSEP field[4] SUBSEP field[5]
        add(key, field[12])
        add(key SUBSEP "native", field[8])
        add(key SUBSEP "simulated", field[11])
        if (!(field[5] in is_load)) {
            is_load[field[5]] = 1
            loads[++load_count] = field[5]
        }
        if (field[4] + 0 > threads_max)
            threads_max = field[4] + 0
    }
    file = results "/verdict.md"
    for (threads = 1; threads <= threads_max; threads *= 2) {
        printf "- %d thread%s, cells within 25 %% (median of the repetitions):", threads, (threads > 1 ? "s" : "") > file
        for (l = 1; l <= lock_count; l++) {
            within = 0
            worst = ""
            for (n = 1; n <= load_count; n++) {
                key = locks[l] SUBSEP threads SUBSEP loads[n]
                within += (median(key) < 25)
                worst = worst (n > 1 ? ", " : "") sprintf("%.0f", median(key))
            }
            printf " `%s` %d of %d (%s %%)%s", locks[l], within, load_count, worst, (l < lock_count ? ";" : ".\n") > file
        }
    }
    printf "- %d of %d repetitions counted; in the others the host's CPUs moved apart or together meanwhile.\n", \
        (steady > 0 ? steady : total), total > file
    file = results "/summary.md"
    print "Cycles between two acquisitions, native / simulated, medians of the repetitions.\n" > file
    printf "| lock | threads |" > file
    for (n = 1; n <= load_count; n++)
        printf " think:hold %s |", loads[n] > file
    printf "\n|---|---|" > file
    for (n = 1; n <= load_count; n++)
        printf "---|" > file
    printf "\n" > file
    for (l = 1; l <= lock_count; l++)
        for (threads = 1; threads <= threads_max; threads *= 2) {
            printf "| %s | %d |", locks[l], threads > file
            for (n = 1; n <= load_count; n++) {
                key = locks[l] SUBSEP threads SUBSEP loads[n]
                printf " %.0f / %.0f |", median(key SUBSEP "native"), median(key SUBSEP "simulated") > file
                print median(key SUBSEP "native"), median(key SUBSEP "simulated") > (out "/" locks[l] "." (threads > 1 ? 2 : 1) ".dat")
            }
            printf "\n" > file
        }
}
