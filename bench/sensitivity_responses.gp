# SPDX-License-Identifier: Apache-2.0
#
# The idle guests' steal over the values of each parameter, with each lock.
load data.'/names.gp'
columns = 4
rows = int((response_count + columns - 1)/columns)
width = 1080; height = 90 + 160*rows
load 'bench/results.gp'
set label 1 'Steal of the idle guests over each parameter, under domain-tasklet' at screen 0.02,title_y font ',15' \
    textcolor rgb '#111111'
set label 2 'Everything else as in the scenario, whose own value has a ring; mean of the seeds, bars over their range; % of wall time; costs in cycles' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set label 3 'ttas' at screen 0.84,title_y textcolor rgb orange
set label 4 'ticket' at screen 0.88,title_y textcolor rgb blue
set label 5 'mcs' at screen 0.935,title_y textcolor rgb green
set multiplot
set yrange [0:60]
set ytics 0,20,60 font ',10'
set xtics font ',9' rotate by 0 offset 0,0.4
set xrange [0.6:*]
set offsets 0,0.4,0,0
cell_width = 0.965/columns
cell_height = (height - 75.0)/height/rows
do for [p=1:response_count] {
    column_at = (p - 1) % columns
    row_at = int((p - 1)/columns)
    set lmargin at screen 0.035 + column_at*cell_width
    set rmargin at screen 0.035 + column_at*cell_width + cell_width*0.84
    set tmargin at screen 1 - 75.0/height - row_at*cell_height - 20.0/height
    set bmargin at screen 1 - 75.0/height - (row_at + 1)*cell_height + 34.0/height
    set label 6 word(response_names, p) at graph 0,1.09 left font ',11' textcolor rgb ink
    k = 3*(p - 1)
    plot data.'/responses.dat' index k+2 using 1:2:3:4:xtic(5) with yerrorbars lc rgb green lw 1 pt -1, \
        '' index k+2 using 1:2 with linespoints lc rgb green lw 1.6 pt 7 ps 0.35, \
        '' index k+1 using 1:2:3:4 with yerrorbars lc rgb blue lw 1 pt -1, \
        '' index k+1 using 1:2 with linespoints lc rgb blue lw 1.6 pt 7 ps 0.35, \
        '' index k using 1:2:3:4:xtic(5) with yerrorbars lc rgb orange lw 1 pt -1, \
        '' index k using 1:2 with linespoints lc rgb orange lw 2 pt 7 ps 0.45, \
        '' index k using 1:($6 == 1 ? $2 : NaN) with points lc rgb ink lw 1.2 pt 6 ps 1
    unset label 1; unset label 2; unset label 3; unset label 4; unset label 5
}
unset multiplot
