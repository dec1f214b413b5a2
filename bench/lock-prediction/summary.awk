# SPDX-License-Identifier: Apache-2.0
#
# From data.csv: verdict.md, summary.md, and the figure's inputs (one file for each application and lock).
#   awk -v out=DIRECTORY -v results=DIRECTORY -f summary.awk data.csv

BEGIN { FS = "," }

FNR == 1 { next }

function median(values, count,   i, j, value) {
    for (i = 2; i <= count; i++) {
        value = values[i]
        for (j = i - 1; j > 0 && values[j] > value; j--)
            values[j + 1] = values[j]
        values[j + 1] = value
    }
    return (values[int((count + 1) / 2)] + values[int(count / 2) + 1]) / 2
}

!($2 in is_variant) {
    is_variant[$2] = 1
    variants[++variant_count] = $2
}

$1 == "fit" {
    fit[$2, $3] = sprintf("think %s, hold %s", $8, $9)
    if (!($3 in is_application)) {
        is_application[$3] = 1
        applications[++application_count] = $3
    }
}

$1 == "prediction" {
    if ($4 != "mcs") {
        errors[$2, ++error_count[$2]] = $11
        errors[$2 SUBSEP $3, ++error_count[$2 SUBSEP $3]] = $11
        inside[$2] += $12
    }
    if ($2 == "typical") {
        row[$3, $4] = row[$3, $4] sprintf(" %s / %.2f, %.0f %% |", $6, $7, $11)
        print $5, $6, $7, $8, $9 > (out "/" $3 "." $4 ".dat")
    }
}

$1 == "ranking" {
    right[$2] += $13
    clear[$2] += $12
    ranked[$2]++
    right_of[$2, $3] += $13
    if ($2 == "typical" && !$13)
        wrong[++wrong_count] = sprintf("%s, %d node%s: %s", $3, $5, $5 > 1 ? "s" : "", $4)
}

function median_of(key,   i, values) {
    for (i = 1; i <= error_count[key]; i++)
        values[i] = errors[key, i]
    return median(values, error_count[key])
}

function line(variant) {
    return sprintf("median absolute error %.0f %%, ranking right in %d of %d cells", median_of(variant), right[variant], \
        ranked[variant])
}

# The variants from..to in one line.
function others(from, to,   v, text) {
    for (v = from; v <= to; v++)
        text = text sprintf("%s`%s` %.0f %% and %d of %d", v > from ? "; " : "", variants[v], median_of(variants[v]), \
            right[variants[v]], ranked[variants[v]])
    return text
}

END {
    file = results "/verdict.md"
    printf "- spinlock, ttas and ticket predicted from the MCS column alone: %s (in %d by leads of at least 1 %%), %d of %d " \
        "published points inside the band.\n", line("typical"), clear["typical"], inside["typical"], \
        error_count["typical"] > file
    printf "- By application: " > file
    for (a = 1; a <= application_count; a++)
        printf "%s %.0f %% (%d of 4 rankings)%s", applications[a], median_of("typical" SUBSEP applications[a]), \
            right_of["typical", applications[a]], a < application_count ? ", " : ".\n" > file
    printf "- Fitted to all four columns, the best that this model could do: %s.\n", line("best-fit") > file
    printf "- Otherwise fitted: %s.\n", others(3, 7) > file
    printf "- As `lines-4`, with other costs of the machine file: %s.\n", others(8, variant_count) > file
    file = results "/summary.md"
    print "Throughput over that of MCS at one node, published / predicted, error; mcs is fitted, the others predicted." > file
    print "Think and hold: of the best point.\n" > file
    print "| application | lock | 1 node | 2 | 3 | 4 |\n|---|---|---|---|---|---|" > file
    lock_count = split("mcs ticket ttas spinlock", locks, " ")
    for (a = 1; a <= application_count; a++)
        for (l = 1; l <= lock_count; l++)
            printf "| %s | %s |%s\n", l == 1 ? applications[a] ": " fit["typical", applications[a]] : "", locks[l], \
                row[applications[a], locks[l]] > file
    print "\nPairs of locks in the wrong order:\n" > file
    for (w = 1; w <= wrong_count; w++)
        print "- " wrong[w] > file
}
