# SPDX-License-Identifier: Apache-2.0
#
# The interrupt rate from both sides: a cold start, and a start after 150 ms of 20 kHz.
load data.'/names.gp'
width = 760; height = 460
load 'bench/results.gp'
set label 1 'Two states at one rate: the collapse stays when the load that made it has gone' at screen 0.03,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'domain-tasklet; solid: cold start, dashed: the first 150 ms at 20 kHz; measured after 500 ms; bars: range of the seeds' \
    at screen 0.03,subtitle_y font ',10.5' textcolor rgb pale
set tmargin at screen top; set bmargin at screen 0.13; set lmargin at screen 0.09; set rmargin at screen 0.86
set logscale x
set xrange [45:22000]
set yrange [0:*]
set xtics ('50' 50, '100' 100, '200' 200, '500' 500, '1k' 1000, '2k' 2000, '5k' 5000, '10k' 10000, '20k' 20000)
set xlabel 'Interrupts per second and vector' textcolor rgb ink offset 0,0.3
set ylabel 'Steal of the idle guests (% of wall time)' textcolor rgb ink offset 0.5,0
ramp = data.'/ramp.dat'
stats ramp index 0 using 2 nooutput name 'ttas'
stats ramp index 0 using 1 nooutput name 'rate'
last(i) = real(system("awk -v block=".i." 'NF==0 {blank++} blank==2*block && NF {y=$2} END {print y+0}' ".ramp))
set label 11 'ttas' at graph 1.015, first last(0) left textcolor rgb orange
set label 12 'ticket' at graph 1.015, first (last(1) < 3 ? 3.4 : last(1)) left textcolor rgb blue
set label 13 'mcs' at graph 1.015, first 0.6 left textcolor rgb green
plot ramp index 5 using 1:2 with linespoints lc rgb green lw 1.6 dt 2 pt 6 ps 0.6, \
    '' index 4 using 1:2 with linespoints lc rgb blue lw 1.6 dt 2 pt 4 ps 0.6, \
    '' index 3 using 1:2:3:4 with yerrorbars lc rgb orange lw 1 pt -1, \
    '' index 3 using 1:2 with linespoints lc rgb orange lw 2.2 dt 2 pt 6 ps 0.8, \
    '' index 2 using 1:2 with linespoints lc rgb green lw 1.6 pt 9 ps 0.7, \
    '' index 1 using 1:2 with linespoints lc rgb blue lw 1.6 pt 5 ps 0.6, \
    '' index 0 using 1:2:3:4 with yerrorbars lc rgb orange lw 1 pt -1, \
    '' index 0 using 1:2 with linespoints lc rgb orange lw 2.2 pt 7 ps 0.8
