# SPDX-License-Identifier: Apache-2.0
#
# results/eight-socket-population/summary.md from data.csv.
BEGIN { FS = "," }
function percent(x) { return sprintf(x < .1 ? "%.1f %%" : "%.0f %%", 100 * x) }
function table(title, head) { printf "\n## %s\n\n| %s | machines | share | 95 %% |\n|---|---|---|---|\n", title, head }
function line(name) { printf "| %s | %s | %s | %s to %s |\n", name, $6, percent($8), percent($9), percent($10) }
NR == 1 { next }
$1 == "collapse" && $3 == "share" && $4 == "all" && !seen[$2]++ {
    if (!begun++) {
        printf "# Population of the eight-socket machine: %s machines\n", $6
        table("Idle guests' steal above 10 %", "lock")
    }
    line($2 ", all machines")
}
$1 == "collapse" && $3 == "share" && $4 != "all" { line($2 ", " $4 " " $5) }
$1 ~ /^collapse with/ && $3 == "share" && $4 != "all" { line($2 ", " substr($1, 15) ", timer " $5) }
$1 == "35..45" && $3 == "share" {
    if (!fitting++) table("Idle guests' steal from 35 to 45 %, ttas", "machines")
    line($4 == "all" ? "all" : $4 " " $5)
}
$1 == "uncured" && $3 == "share" {
    if (!uncured++) table("Softirqs do not cure: steal above 1 %", "machines")
    if ($4 == "guests.idle.timer" || $4 == "phase" || uncured == 1) line($4 == "all" ? "all" : $4 " " $5)
}
$1 == "uncured without interrupts" && $3 == "share" {
    if (!unloaded++) table("The same machines without any device interrupt, softirqs: steal above 1 %", "machines")
    line($4 == "all" ? "all" : $4 " " $5)
}
$1 ~ /^uncured with phase/ && $3 == "share" && $4 != "all" { line(substr($1, 14) ", timer " $5) }
$1 == "deciding" && $3 == "first" && ++first[$2] <= 10 {
    if (first[$2] == 1)
        printf "\n## What decides: first-order indices, %s\n\n| drawn value | share of the variance | 95 %% of values without influence |\n|---|---|---|\n",
            $2 == "ttas" ? "steal above 10 % with ttas" : "steal above 1 % with softirqs"
    printf "| %s | %s | below %s |\n", $4, $8, $9
}
$1 == "deciding" && $3 == "pair" && ++pairs[$2] <= 28 && $8 > best[$2] { best[$2] = $8; pair[$2] = $4 " with " $5 ": " $8 }
$1 == "deciding" && $3 == "total" {
    if (!totals[$2]++)
        printf "\n## What decides, with all interactions: total indices, %s\n\n| drawn anew | share of the variance | 95 %% | changed |\n|---|---|---|---|\n",
            $2 == "ttas" ? "steal above 10 % with ttas" : "steal above 1 % with softirqs"
    printf "| %s | %s | %s to %s | %s of %s |\n", $4, $8, $9, $10, $7, $6
}
END {
    for (design in pair) printf "\nThe strongest pair, %s: %s.\n", design, pair[design]
}
