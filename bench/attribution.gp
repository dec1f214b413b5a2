# SPDX-License-Identifier: Apache-2.0
#
# Who took whose time: a row a guest that lost it, a column a guest for which its pCPU, or the holder of the lock that it
# waited for, was working.
width = 860; height = 640
load 'bench/results.gp'
set label 1 'Every guest loses its time to every guest that takes the tasklet lock' at screen 0.02,title_y font ',15' \
    textcolor rgb '#111111'
set label 2 'Percent of the row''s time: steal of idle guests, lost running of busy ones. domain-tasklet, ttas, seed 1.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set lmargin at screen 0.12; set rmargin at screen 0.88; set tmargin at screen top - 0.02; set bmargin at screen 0.16
set border 0
unset grid
set palette defined (0 '#FFFFFF', 0.3 '#FBE3C4', 0.7 '#E69F00', 1 orange)
set colorbox user origin 0.905,0.16 size 0.02,0.68
set cblabel '% of time' textcolor rgb ink offset 0.5,0
# A column in which nobody is met ("nobody") is left out.
stats data.'/heat.dat' using ($3 >= 0.05 ? $1 : 0) nooutput
columns = STATS_max + 1
set xrange [-0.5:columns - 0.5]; set yrange [11.5:-0.5]
set style fill solid 1 noborder
set tics scale 0
array names[13] = ['busy.0','busy.1','busy.2','busy.3','busy.4','busy.5','idle.0','idle.1','idle.2','idle.3','idle.4','idle.5','nobody']
set xtics rotate by 45 right ('busy.0' 0)
do for [i=1:columns] { set xtics add (names[i] i-1) }
set ytics ('busy.0' 0)
do for [i=1:12] { set ytics add (names[i] i-1) }
set xlabel 'while working for' textcolor rgb ink offset 0,0
plot data.'/heat.dat' using ($1 < columns ? $1 : NaN):2:($1 - 0.49):($1 + 0.49):($2 - 0.48):($2 + 0.48):3 with boxxyerror lc palette, \
    '' using ($1 < columns ? $1 : NaN):2:($3 < 0.05 ? '' : sprintf('%.1f', $3)) with labels font ',10' textcolor rgb ink
