/* SPDX-License-Identifier: Apache-2.0
 *
 * Any metric of the table as a figure: over the axis of a sweep, or a bar for each cell.
 */
'use strict';

(function () {
  const {axis, columns} = irqpath.data('metrics');
  const rows = [...document.querySelectorAll('#metrics-table tbody tr')];
  const place = irqpath.element('div', {class: 'figures'});
  const choice = irqpath.element('select', {onchange: draw}, irqpath.element('option', {value: ''}, 'choose a metric'),
    ...rows.map((row) => row.dataset.metric).sort().map((name) => irqpath.element('option', {value: name}, name)));

  function pointOf(cell, x) {
    const y = cell.dataset.value == null ? null : JSON.parse(cell.dataset.value);
    const half = cell.dataset.half == null ? null : Number(cell.dataset.half), number = y === null ? null : Number(y);
    return number === null || half === null ? {x, y: number} : {x, y: number, low: number - half, high: number + half};
  }

  function panelOf(row) {
    const cells = [...row.cells].slice(1), names = [...new Set(columns.map((column) => column.series))];
    const value = {title: row.dataset.metric, unit: row.dataset.unit, log: false};
    const panel = {title: '', value, keys: [], series: [], published: [], references: []};
    if (!axis)
      return {...panel, kind: 'bars', key: {title: 'cell', unit: ''}, keys: columns.map((column) => column.label),
        series: [{name: '', points: cells.map(pointOf)}]};
    return {...panel, kind: 'lines', key: {...axis, log: false}, series: names.map((name) => ({name,
      points: columns.flatMap((column, i) => column.series === name && column.x !== null ? [pointOf(cells[i], column.x)] : [])
        .sort((a, b) => a.x - b.x)}))};
  }

  function draw() {
    const row = rows.find((each) => each.dataset.metric === choice.value);
    place.replaceChildren(...(row ? [irqpath.drawFigure({name: 'metric', title: choice.value,
      subtitle: row.cells[0].querySelector('small')?.textContent || '', panels: [panelOf(row)]})] : []));
  }

  document.querySelector('#metrics .scroll').before(irqpath.element('div', {class: 'tools'},
    irqpath.element('label', {}, axis ? `Plot over ${axis.title}:` : 'Plot:', choice)), place);
})();
