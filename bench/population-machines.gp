# SPDX-License-Identifier: Apache-2.0
#
# A point a machine. Left: idle guests' steal with the tasklet's ttas lock and with softirqs, by tick phase. Right: steal
# with ttas by the number of vCPUs of an idle guest, for each rate of its timer.
width = 1100; height = 460
load 'bench/results.gp'
set label 1 'Every drawn machine: what it loses with either design, and the size that decides' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'A point is a machine. Steal of idle guests below 0.01 % is drawn at 0.01 %.' at screen 0.02,subtitle_y \
    font ',10.5' textcolor rgb pale
phase(name) = sprintf("< grep '^%s' %s/machines.dat", name, data)
timer(name) = sprintf("< grep ' %s ' %s/machines.dat", name, data)
set multiplot
set tmargin at screen top - 0.04; set bmargin at screen 0.15
set lmargin at screen 0.075; set rmargin at screen 0.49
set logscale xy; set xrange [0.008:100]; set yrange [0.008:100]
set xtics ('0.01 %%' 0.01, '0.1' 0.1, '1' 1, '10' 10, '100' 100)
set ytics ('0.01 %%' 0.01, '0.1' 0.1, '1' 1, '10' 10, '100' 100)
set xlabel 'steal with the tasklet, ttas' textcolor rgb ink offset 0,0.3
set ylabel 'steal with softirqs' textcolor rgb ink offset 1,0
set key at graph 0.02,0.98 left top reverse Left font ',10' samplen 0.6
plot x with lines lc rgb '#BBBBBB' lw 1 notitle, \
    phase('aligned') using 4:5 with points lc rgb ink pt 7 ps 0.22 title 'all ticks together', \
    phase('guest') using 4:5 with points lc rgb orange pt 7 ps 0.22 title 'each guest its own phase', \
    phase('random') using 4:5 with points lc rgb blue pt 7 ps 0.22 title 'each vCPU its own phase'
unset label 1; unset label 2
unset logscale x; set xrange [0:14]; set xtics 2
set lmargin at screen 0.565; set rmargin at screen 0.98
set xlabel 'vCPUs of an idle guest'; set ylabel 'steal with the tasklet, ttas'
set key at graph 0.02,0.98 left top
plot timer('tickless') using ($3-0.27):4 with points lc rgb grey pt 7 ps 0.22 title 'tickless', \
    timer('100Hz') using ($3-0.09):4 with points lc rgb green pt 7 ps 0.22 title '100 Hz', \
    timer('250Hz') using ($3+0.09):4 with points lc rgb blue pt 7 ps 0.22 title '250 Hz', \
    timer('1kHz') using ($3+0.27):4 with points lc rgb orange pt 7 ps 0.22 title '1 kHz'
unset multiplot
