/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of all metrics: a filter over names and meanings, only what differs, a choice of columns,
 * and sorting by any column.
 */
'use strict';

(function () {
  const table = document.getElementById('metrics-table');
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const differing = rows.filter((row) => 'differs' in row.dataset).length;
  const shown = irqpath.element('output', {});
  const search = irqpath.element('input',
    {type: 'search', placeholder: 'latency p99, steal, lock', 'aria-label': 'Filter metrics', oninput: filter});
  const onlyDiffering = irqpath.element('input', {type: 'checkbox', onchange: filter});
  const tools = irqpath.element('div', {class: 'tools'}, search);

  /* A row is shown if its name and meaning have all of the words. */
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.cells[0].textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word)) ||
        (onlyDiffering.checked && !('differs' in row.dataset));
      count += !row.hidden;
    }
    shown.textContent = `${count} of ${rows.length} metrics`;
  }

  function valueOf(row, column, kind) {
    const cell = row.cells[column];
    if (kind === 'text') return row.dataset.metric;
    return cell.dataset.value == null || cell.dataset.value === 'null' ? null : Number(cell.dataset.value.replaceAll('"', ''));
  }

  /* Absent values come last in both directions. Descending first for numbers; the third time restores
     the order of reports. */
  function sort(column) {
    const kind = heads[column].dataset.sort;
    const orders = kind === 'text' ? ['ascending', 'descending', null] : ['descending', 'ascending', null];
    const order = orders[(orders.indexOf(heads[column].getAttribute('aria-sort')) + 1) % 3];
    for (const head of heads) head.removeAttribute('aria-sort');
    if (order) heads[column].setAttribute('aria-sort', order);
    const sign = order === 'descending' ? -1 : 1;
    const sorted = !order ? rows : [...rows].sort((a, b) => {
      const left = valueOf(a, column, kind), right = valueOf(b, column, kind);
      if (left === null || right === null) return (left === null) - (right === null);
      return sign * (left < right ? -1 : left > right ? 1 : 0);
    });
    body.append(...sorted);
  }

  function showColumn(column, isShown) {
    for (const row of [table.tHead.rows[0], ...rows]) row.cells[column].hidden = !isShown;
  }

  heads.forEach((head, column) => {
    const button = irqpath.element('button', {type: 'button', onclick: () => sort(column)}, ...head.childNodes);
    head.append(button);
  });
  if (heads.length > 2 && differing > 0)
    tools.append(irqpath.element('label', {}, onlyDiffering, 'only what differs'));
  tools.append(shown);
  table.parentElement.before(tools);

  /* Of many cells, the first eight are shown at first. */
  if (heads.length > 4) {
    const boxes = heads.slice(1).map((head, index) => {
      const box = irqpath.element('input', {type: 'checkbox', onchange: () => showColumn(index + 1, box.checked)});
      box.checked = index < 8;
      showColumn(index + 1, box.checked);
      return irqpath.element('label', {}, box, head.textContent);
    });
    tools.after(irqpath.element('details', {class: 'columns'},
      irqpath.element('summary', {}, `${Math.min(8, boxes.length)} of ${boxes.length} columns shown at first: choose`),
      irqpath.element('div', {class: 'tools'}, ...boxes)));
  }
  filter();
})();
