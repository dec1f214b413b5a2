# SPDX-License-Identifier: Apache-2.0
#
# Left: share of machines above a steal, by tick phase. Middle: by design. Right: total and first-order indices of the
# collapse.
width = 1100; height = 420
load 'bench/results.gp'
set label 1 'How many of the drawn machines lose how much, and what decides it' at screen 0.02,title_y font ',15' \
    textcolor rgb '#111111'
set label 2 'Steal of idle guests on machines of costs, sizes and loads drawn at random. Left: tasklet with ttas (solid) and softirqs (dashed) by tick phase.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set tmargin at screen top - 0.06; set bmargin at screen 0.17
set lmargin at screen 0.07; set rmargin at screen 0.36
set logscale xy; set xrange [0.01:100]; set yrange [0.1:110]
set xtics ('0.01 %%' 0.01, '0.1' 0.1, '1' 1, '10' 10, '100' 100); set ylabel 'machines with more' textcolor rgb ink offset 1,0; set ytics ('0.1 %%' 0.1, '1' 1, '10' 10, '100' 100)
set xlabel 'steal of idle guests' textcolor rgb ink offset 0,0.3
set key at graph 0.02,0.02 left bottom reverse Left font ',10' samplen 1.5
plot data.'/ttas-random.dat' with lines lc rgb blue lw 1.6 title 'each vCPU its own phase', \
    data.'/ttas-guest.dat' with lines lc rgb orange lw 1.6 title 'each guest its own', \
    data.'/ttas-aligned.dat' with lines lc rgb ink lw 1.6 title 'all together', \
    data.'/softirqs-random.dat' with lines lc rgb blue lw 1.2 dt 2 notitle, \
    data.'/softirqs-guest.dat' with lines lc rgb orange lw 1.2 dt 2 notitle, \
    data.'/softirqs-aligned.dat' with lines lc rgb ink lw 1.2 dt 2 notitle
unset label 1; unset label 2
unset ylabel
set lmargin at screen 0.41; set rmargin at screen 0.66
plot data.'/ttas.dat' with lines lc rgb orange lw 1.6 title 'tasklet, ttas', \
    data.'/ticket.dat' with lines lc rgb blue lw 1.6 title 'tasklet, ticket', \
    data.'/mcs.dat' with lines lc rgb pale lw 1.6 title 'tasklet, mcs', \
    data.'/softirqs.dat' with lines lc rgb ink lw 1.6 dt 2 title 'softirqs'
unset logscale; unset ylabel
set lmargin at screen 0.815; set rmargin at screen 0.985
set xrange [0:1.25]; set yrange [10.6:0.4]; set xtics 0.5; set ytics scale 0 font ',9.5'
set xlabel 'share of variance, ttas > 10 %' textcolor rgb ink
set key at graph 0.98,0.02 right bottom font ',10' samplen 1
# The first-order index of the axes in the list of totals.
first = sprintf("< awk -F'\"' '{ split($1, number, \" \") } NR == FNR { value[$2] = number[2]; next } ($2 in value) { print number[1], value[$2] }' %s/ttas-first.dat %s/ttas-total.dat", data, data)
plot data.'/ttas-total.dat' using 2:1:3:4:ytic(5) with xerrorbars lc rgb orange pt 7 ps 0.8 title 'total', \
    first using 2:1 with points lc rgb blue pt 7 ps 0.8 title 'alone'
unset multiplot
