# SPDX-License-Identifier: Apache-2.0
#
# How far each simulated mean is from its closed form, with its interval.
width = 620; height = 760
load 'bench/results.gp'
set label 1 'Simulated means against closed forms' at screen 0.02,title_y font ',16' textcolor rgb ink
set label 2 'Deviation with the 99.9 % interval of the seeds' at screen 0.02,subtitle_y font ',12' textcolor rgb pale
set rmargin at screen 0.95
set bmargin at screen 0.08
set tmargin at screen top - 0.01
longest = 0
stats data.'/theory.dat' using (length = strlen(strcol(1)), longest = length > longest ? length : longest, $4) nooutput
set lmargin at screen (40 + 8.2*longest)/width
set yrange [STATS_max + 0.8:0.2]
set xrange [-10:10]
set border 1
unset ytics
unset grid
set xlabel 'deviation (%)' textcolor rgb ink
set arrow 1 from 0,0.2 to 0,STATS_max + 0.8 nohead lc rgb grey lw 1
plot data.'/theory.dat' using 2:4:3 with xerrorbars pt 7 ps 0.6 lc rgb blue, \
     '' using (-10):4:1 with labels right offset -1,0 textcolor rgb ink
