# SPDX-License-Identifier: Apache-2.0
#
# From where to where each parameter moves the idle guests' steal and their lock time, most first.
load data.'/names.gp'
width = 900; height = 140 + 22*swing_count
load 'bench/results.gp'
set label 1 'What the headline hangs on: idle guests under domain-tasklet and ttas' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'One parameter at a time, over the range of its source; from the least mean to the most; stroke: the scenario as it stands, grey: its seeds' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
part(row, n) = substr(word(swing_labels, row), n == 1 ? 1 : bar(row, n - 1) + 1, bar(row, n) - 1)
bar(row, n) = n == 3 ? strlen(word(swing_labels, row)) + 1 : \
    n == 2 ? bar(row, 1) + strstrt(substr(word(swing_labels, row), bar(row, 1) + 1, 999), '|') : \
    strstrt(word(swing_labels, row), '|')
set multiplot
set tmargin at screen top - 22.0/height; set bmargin at screen 42.0/height
set yrange [swing_count + 0.6:0.4]
unset grid
set grid xtics back ls 81
set border 1
set ytics ('' 1)
unset ytics
do for [row=1:swing_count] {
    set label 10+row part(row, 1) at screen 0.02, first row left font ',11' textcolor rgb ink
    set label 60+row part(row, 2).' .. '.part(row, 3) at screen 0.345, first row right font ',10' textcolor rgb pale
}
set style fill solid 0.85 noborder
set lmargin at screen 0.37; set rmargin at screen 0.67
set xrange [0:*]
set xtics 10 font ',10'
set format x '%.0f %%'
set object 1 rectangle from base_steal_low, graph 0 to base_steal_high, graph 1 behind fc rgb '#E4E4E4' fs solid noborder
set label 3 'steal of wall time' at graph 0,1.035 left font ',11' textcolor rgb orange
plot data.'/swing.dat' using 2:1:2:3:($1-0.32):($1+0.32) with boxxyerror lc rgb orange, \
    '' using ($4 < 0 ? NaN : $4):($1-0.42):(0):(0.84) with vectors nohead lc rgb ink lw 2
do for [row=1:swing_count] { unset label 10+row; unset label 60+row }
unset label 1; unset label 2
set lmargin at screen 0.70; set rmargin at screen 0.97
set object 1 rectangle from base_lock_low, graph 0 to base_lock_high, graph 1 behind fc rgb '#E4E4E4' fs solid noborder
set label 3 'lock time of RUNNING' at graph 0,1.035 left font ',11' textcolor rgb blue
plot data.'/swing.dat' using 5:1:5:6:($1-0.32):($1+0.32) with boxxyerror lc rgb blue, \
    '' using ($7 < 0 ? NaN : $7):($1-0.42):(0):(0.84) with vectors nohead lc rgb ink lw 2
unset multiplot
