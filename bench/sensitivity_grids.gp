# SPDX-License-Identifier: Apache-2.0
#
# Pairs of strong parameters: of the load and of the costs for steal, of the guests for lock time.
load data.'/names.gp'
width = 1100; height = 420
load 'bench/results.gp'
set label 1 'Two strong parameters together, idle guests under domain-tasklet and ttas' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'Steal in % of wall time, lock time in % of RUNNING; everything else as in the scenario' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set palette defined (0 '#FFFFFF', 0.1 '#FCEBDD', 0.5 '#F2A86B', 1 '#D55E00')
set cbrange [0:50]
unset colorbox
unset grid
set border 0
set tics scale 0
set tmargin at screen top - 0.11; set bmargin at screen 0.16
set style fill solid 1 noborder
set xtics font ',9'; set ytics font ',9'
set autoscale fix
# The name of the rows stands above them, where it can be read and is never cut off.

set lmargin at screen 0.085; set rmargin at screen 0.345
set label 3 'steal' at graph 0,1.11 left font ',11' textcolor rgb orange
set xlabel load_grid_x offset 0,0.3 font ',11' textcolor rgb ink
set label 4 load_grid_y at graph -0.01,1.04 right font ',10.5' textcolor rgb ink
plot data.'/load-grid.dat' using 1:2:($1 - 0.49):($1 + 0.49):($2 - 0.48):($2 + 0.48):3:xtic(4):ytic(5) with boxxyerror lc palette, \
    '' using 1:2:(sprintf('%.1f', $3)) with labels font ',10' textcolor rgb '#111111'
unset label 1; unset label 2

set lmargin at screen 0.455; set rmargin at screen 0.695
set xlabel cost_grid_x
set label 4 cost_grid_y
plot data.'/cost-grid.dat' using 1:2:($1 - 0.49):($1 + 0.49):($2 - 0.48):($2 + 0.48):3:xtic(4):ytic(5) with boxxyerror lc palette, \
    '' using 1:2:(sprintf('%.1f', $3)) with labels font ',10' textcolor rgb '#111111'

set palette defined (0 '#FFFFFF', 0.1 '#DCEAF4', 0.5 '#7FB2D6', 1 '#2C84BF')
set cbrange [0:60]
set lmargin at screen 0.775; set rmargin at screen 0.985
set label 3 'lock time of RUNNING' at graph 0,1.11 left font ',11' textcolor rgb blue
set xlabel guest_grid_x
set label 4 guest_grid_y
plot data.'/guest-grid.dat' using 1:2:($1 - 0.49):($1 + 0.49):($2 - 0.48):($2 + 0.48):6:xtic(4):ytic(5) with boxxyerror lc palette, \
    '' using 1:2:(sprintf('%.1f', $6)) with labels font ',10' textcolor rgb '#111111'
unset multiplot
