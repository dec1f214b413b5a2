/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures of results and experiments: chart_json.h names their shape. Each has a title, panels, and its
 * numbers as a table. lines.js draws "lines", "ccdf" and "points", bars.js the other kinds.
 */
'use strict';

(function () {
  const colours = ['series-2', 'series-1', 'series-3', 'series-4', 'series-5', 'series-6', 'series-7', 'series-8'];

  /* A series has the colour that it names; otherwise the same name has the same colour in all panels of
     a figure. Tasklets are vermillion and softirqs blue where these are free, as in all our figures. */
  function choose(figure) {
    const chosen = new Map();
    const isFree = (colour) => ![...chosen.values()].includes(colour);
    const names = [...new Set(figure.panels.flatMap((panel) => panel.series.filter((each) => !each.colour)
      .map((each) => each.name)))];
    for (const name of names) {
      const own = /tasklet/.test(name) ? 'series-1' : /softirq/.test(name) ? 'series-2' : null;
      if (own && isFree(own)) chosen.set(name, own);
    }
    for (const name of names)
      if (!chosen.has(name)) chosen.set(name, colours.find(isFree) || colours[chosen.size % colours.length]);
    for (const panel of figure.panels)
      for (const each of panel.series) each.colour ||= chosen.get(each.name);
  }

  const keyText = (panel, x) => panel.keys.length ? panel.keys[x] : irqpath.format(x, panel.key.unit);
  const titled = (axis) => axis.title + (['', 'count', 'ratio'].includes(axis.unit) ? '' : ` (${axis.unit})`);

  /* The numbers: a row for each point. */
  function numbers(panel) {
    const cells = (kind, texts) => texts.map((text) => irqpath.element(kind, kind === 'th' ? {scope: 'col'} : {}, text));
    const rows = panel.series.flatMap((series) => series.points.map((point) => irqpath.element('tr', {},
      ...cells('td', [series.name || '', keyText(panel, point.x), point.y == null ? '-' : String(point.y),
        point.low == null ? '' : `${point.low} to ${point.high}`]))));
    return irqpath.element('div', {class: 'scroll tall'}, irqpath.element('table', {},
      irqpath.element('thead', {}, irqpath.element('tr', {},
        ...cells('th', ['series', panel.key.title, titled(panel.value), 'interval']))),
      irqpath.element('tbody', {}, ...rows)));
  }

  function numbersOnDemand(figure) {
    const details = irqpath.element('details', {ontoggle() {
      if (details.children.length === 1) details.append(...figure.panels.map(numbers));
    }}, irqpath.element('summary', {class: 'note'}, 'The numbers'));
    return details;
  }

  /* Published values, and where they come from: a line for each source. */
  function sources(panel) {
    const bySource = new Map();
    for (const each of panel.published || []) {
      const value = irqpath.formatTick(each.y, panel.value.unit), values = bySource.get(each.source) || [];
      if (!values.includes(value)) bySource.set(each.source, [...values, value]);
    }
    return [...bySource].map(([source, values]) => irqpath.element('li', {}, `published, ${values.join(', ')}: ${source}`));
  }

  function drawPanel(panel) {
    const drawn = ['lines', 'ccdf', 'points'].includes(panel.kind) ? irqpath.drawLines(panel) : irqpath.drawBoxes(panel);
    const from = sources(panel);
    return irqpath.element('div', {class: 'panel'},
      ...(panel.title ? [irqpath.element('h4', {}, panel.title)] : []), drawn,
      ...(from.length ? [irqpath.element('ul', {class: 'sources'}, ...from)] : []));
  }

  irqpath.drawFigure = (figure) => {
    choose(figure);
    return irqpath.element('figure', {'data-figure': figure.name},
      irqpath.element('figcaption', {}, irqpath.element('strong', {}, figure.title),
        irqpath.element('span', {}, figure.subtitle || '')),
      irqpath.element('div', {class: 'panels'}, ...figure.panels.map(drawPanel)),
      numbersOnDemand(figure));
  };

  for (const place of document.querySelectorAll('[data-figures]'))
    for (const figure of irqpath.data(place.dataset.figures)) place.append(irqpath.drawFigure(figure));
})();
