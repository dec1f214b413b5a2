# SPDX-License-Identifier: Apache-2.0
#
# Native against simulated, one point a cell; the grey band is 25 % either side.
width = 620; height = 520
load 'bench/results.gp'
set label 1 'Cycles between two acquisitions of a lock' at screen 0.02,title_y font ',16' textcolor rgb ink
set label 2 'Simulated with costs measured on the host, over native; open: one thread, filled: more' at screen 0.02,subtitle_y font ',12' textcolor rgb pale
set lmargin at screen 0.13
set rmargin at screen 0.82
set bmargin at screen 0.13
set tmargin at screen top - 0.055
set logscale xy
set xrange [100:20000]
set yrange [100:20000]
set xlabel 'native (cycles)' textcolor rgb ink
set label 3 'simulated (cycles)' at screen 0.02,top - 0.015 textcolor rgb ink
locks = 'mcs ticket ttas spinlock'
colours = blue.' '.green.' '.purple.' '.orange
do for [l = 1:4] {
    set label 10 + l word(locks, l) at screen 0.85,0.7 - 0.06 * l textcolor rgb word(colours, l)
}
file(l, t) = data.'/'.word(locks, l).'.'.t.'.dat'
has(f) = system('test -s '.f.' && echo 1') eq '1'
list = ''
do for [l = 1:4] { do for [t = 1:2] { if (has(file(l, t))) { list = list.' '.(10 * l + t) } } }
set samples 50
plot '+' using 1:($1 / 1.25):($1 * 1.25) with filledcurves fc rgb '#E8E8E8' fs solid noborder, \
     x with lines lc rgb grey lw 1, \
     for [k in list] file(k / 10, k % 10) using 1:2 with points pt (k % 10 == 1 ? 6 : 7) ps 0.9 lc rgb word(colours, k / 10)
