/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts made of boxes: bars, stacks, dots, forests and heat maps. A row for each key is focusable, and
 * shows its values in a tip, as it does below the pointer.
 */
'use strict';

(function () {
  const tip = irqpath.element('div', {class: 'tip', role: 'tooltip', hidden: true});
  document.body.append(tip);

  /* Shows the text beside the pointer, or below the element when it has the focus. */
  function showTip(text, x, y) {
    tip.textContent = text;
    tip.hidden = false;
    tip.style.left = Math.max(4, Math.min(x + 12, innerWidth - tip.offsetWidth - 4)) + 'px';
    tip.style.top = (y + 18 + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 8 : y + 18) + 'px';
  }
  irqpath.tip = (element, text) => {
    element.addEventListener('pointermove', (event) => showTip(text, event.clientX, event.clientY));
    element.addEventListener('pointerleave', () => { tip.hidden = true; });
    element.addEventListener('focus', () => {
      const box = element.getBoundingClientRect();
      if (element.matches(':focus-visible')) showTip(text, box.left, box.bottom - 14);
    });
    element.addEventListener('blur', () => { tip.hidden = true; });
    return element;
  };

  const valueText = (panel, point) => irqpath.format(point.y, panel.value.unit) + (point.low == null ? ''
    : ` (${irqpath.format(point.low, panel.value.unit)} to ${irqpath.format(point.high, panel.value.unit)})`);

  const swatch = (colour) => {
    const box = irqpath.element('span', {class: 'swatch'});
    box.style.background = `var(--${colour})`;
    return box;
  };

  function legend(panel) {
    const named = panel.series.filter((series) => series.name && series.points.some((point) => panel.kind === 'stack' ? point.y > 0 : point.y != null));
    if (named.length < 2 && panel.kind !== 'stack') return [];
    return [irqpath.element('ul', {class: 'legend'},
      ...named.map((series) => irqpath.element('li', {}, swatch(series.colour), series.name)))];
  }

  /* Round numbers from low to high, at most `most` of them. */
  irqpath.ticks = (low, high, most) => {
    const raw = (high - low) / most || 1, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].find((each) => each * power >= raw) * power;
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
    return ticks;
  };

  const pointsOf = (panel) => panel.series.flatMap((series) => series.points);

  /* The range of values, and where a value lies in it, in percent of the track. */
  function scaleOf(panel) {
    const values = [...pointsOf(panel).flatMap((point) => [point.y, point.low, point.high]),
      ...(panel.published || []).map((each) => each.y), ...(panel.references || []).map((each) => each.value)]
      .filter((value) => value != null && (!panel.value.log || value > 0));
    if (panel.kind === 'stack') return {low: 0, high: stackHigh(panel), at: (value) => 100 * value / stackHigh(panel)};
    if (!values.length) return {low: 0, high: 1, at: () => 0};
    let low = Math.min(...values), high = Math.max(...values);
    if (panel.value.log) {
      low = 10 ** Math.floor(Math.log10(low));
      high = 10 ** Math.ceil(Math.log10(high) + 1e-9);
      return {low, high, at: (value) => 100 * Math.log(value / low) / Math.log(high / low)};
    }
    if (panel.kind === 'bars' || low > 0 && low < 0.6 * high) low = Math.min(low, 0);
    if (panel.kind === 'bars' || high < 0) high = Math.max(high, 0);
    const room = (high - low) * 0.04 || Math.abs(high) * 0.04 || 1;
    if (low !== 0) low -= room;
    if (high !== 0) high += panel.kind === 'forest' ? 8 * room : room;
    return {low, high, at: (value) => 100 * (value - low) / (high - low)};
  }

  function stackHigh(panel) {
    const sums = panel.keys.map((_, key) => panel.series.reduce((sum, series) =>
      sum + (series.points.find((point) => point.x === key)?.y || 0), 0));
    const most = Math.max(...sums);
    return panel.value.unit === '%' && most > 99.5 && most < 100.5 ? 100 : most;
  }

  function ticksOf(panel, scale) {
    if (!panel.value.log) return irqpath.ticks(scale.low, scale.high, innerWidth < 640 ? 4 : 6);
    const ticks = [];
    const decades = Math.log10(scale.high / scale.low), step = Math.ceil(decades / (innerWidth < 640 ? 4 : 7));
    for (let i = 0; i <= decades + 1e-9; i += step) ticks.push(scale.low * 10 ** i);
    return ticks;
  }

  function box(name, style) {
    const element = irqpath.element('span', {class: name});
    Object.assign(element.style, style);
    return element;
  }

  function addStack(track, panel, key, scale) {
    for (const series of panel.series) {
      const value = series.points.find((point) => point.x === key)?.y;
      if (!value) continue;
      const width = scale.at(value);
      const segment = box('segment', {width: width + '%', background: `var(--${series.colour})`});
      if (width >= 7) segment.textContent = value.toFixed(value >= 10 ? 0 : 1);
      track.append(segment);
    }
  }

  /* Bars, dots and forests: a lane for each series. */
  function addMarks(track, panel, key, scale) {
    const lanes = panel.series.filter((series) => series.points.some((point) => point.x === key && point.y != null));
    const height = panel.kind === 'bars' ? 0.95 : 1.15;
    track.style.height = Math.max(1.5, lanes.length * height + 0.3) + 'rem';
    lanes.forEach((series, lane) => {
      const point = series.points.find((each) => each.x === key);
      const top = (0.15 + (lane + 0.5) * height) / Math.max(1.5, lanes.length * height + 0.3) * 100 + '%';
      const colour = `var(--${series.colour})`;
      const at = scale.at(point.y), zero = scale.at(panel.value.log ? scale.low : 0);
      if (panel.value.log && point.y <= 0) return;
      if (panel.kind === 'bars')
        track.append(box('bar', {left: Math.min(at, zero) + '%', width: Math.abs(at - zero) + '%', background: colour,
          top: `calc(${top} - .4rem)`, height: '.8rem'}));
      if (point.low != null) {
        const from = scale.at(panel.value.log ? Math.max(point.low, scale.low) : point.low);
        track.append(box('range', {left: from + '%', width: scale.at(point.high) - from + '%', top,
          background: panel.kind === 'bars' ? 'var(--ink)' : colour}));
      }
      if (panel.kind !== 'bars') track.append(box('dot', {left: at + '%', top, background: colour}));
      if (panel.kind === 'forest') {
        const text = box('beside', {left: `calc(${scale.at(point.high ?? point.y)}% + .5rem)`, top: `calc(${top} - .6rem)`});
        text.textContent = irqpath.format(point.y, panel.value.unit);
        track.append(text);
      }
    });
    for (const each of panel.published || [])
      if (each.x == null || each.x === key) {
        const mark = box('published', {left: scale.at(each.y) + '%', top: '50%'});
        if (each.series != null) mark.style.borderColor = `var(--${panel.series[each.series].colour})`;
        track.append(mark);
      }
  }

  function tipOf(panel, key) {
    const lines = panel.series.map((series) => [series, series.points.find((point) => point.x === key)])
      .filter(([, point]) => point && point.y != null)
      .map(([series, point]) => (series.name ? series.name + ': ' : '') + valueText(panel, point));
    const published = (panel.published || []).filter((each) => each.x === key)
      .map((each) => `published: ${irqpath.format(each.y, panel.value.unit)} (${each.source})`);
    return [panel.keys[key], ...lines, ...published].join('\n');
  }

  function drawRows(panel) {
    const scale = scaleOf(panel), ticks = ticksOf(panel, scale);
    const rows = irqpath.element('div', {class: `boxes ${panel.kind}`});
    let group = '';
    panel.keys.forEach((name, key) => {
      const own = panel.groups?.[key] || '';
      if (own && own !== group) rows.append(irqpath.element('div', {class: 'group'}, own));
      group = own;
      const text = tipOf(panel, key);
      const track = irqpath.element('div', {class: 'track', tabindex: 0, role: 'img',
        'aria-label': (own ? own + ', ' : '') + text.replaceAll('\n', ', ')});
      if (panel.kind === 'stack') addStack(track, panel, key, scale);
      else {
        for (const tick of ticks) track.append(box('rule', {left: scale.at(tick) + '%'}));
        for (const each of panel.references || []) track.append(box('rule reference', {left: scale.at(each.value) + '%'}));
        addMarks(track, panel, key, scale);
      }
      rows.append(irqpath.element('div', {class: 'label'}, name), irqpath.tip(track, text));
    });
    const marks = irqpath.element('div', {class: 'scale', 'aria-hidden': 'true'}, ...ticks.map((tick) => {
      const mark = irqpath.element('span', {}, irqpath.formatTick(tick, panel.value.unit));
      mark.style.left = scale.at(tick) + '%';
      mark.style.transform = `translateX(${scale.at(tick) < 4 ? 0 : scale.at(tick) > 96 ? -100 : -50}%)`;
      return mark;
    }));
    rows.append(irqpath.element('div', {}), marks);
    return [rows, irqpath.element('div', {class: 'axis-title'}, panel.value.title)];
  }

  /* A cell for each key (column) and series (row); its share of the range is how much of the colour it has. */
  function drawHeat(panel) {
    const values = pointsOf(panel).map((point) => point.y).filter((value) => value != null);
    const place = (value) => panel.value.log ? Math.log(value) : value;
    const low = Math.min(...values.map(place)), high = Math.max(...values.map(place));
    const keys = panel.keys.length ? panel.keys.map((name, x) => [x, name])
      : [...new Set(pointsOf(panel).map((point) => point.x))].sort((a, b) => a - b)
        .map((x) => [x, irqpath.format(x, panel.key.unit)]);
    const head = irqpath.element('tr', {}, irqpath.element('th', {}, panel.row_title || ''),
      ...keys.map(([, name]) => irqpath.element('th', {scope: 'col'}, name)));
    const rows = panel.series.map((series) => irqpath.element('tr', {}, irqpath.element('th', {scope: 'row'}, series.name),
      ...keys.map(([x, name]) => {
        const point = series.points.find((each) => each.x === x);
        if (!point || point.y == null) return irqpath.element('td', {}, '');
        const cell = irqpath.element('td', {tabindex: 0}, irqpath.format(point.y, panel.value.unit));
        const share = high > low ? (place(point.y) - low) / (high - low) : 1;
        cell.style.background = `color-mix(in srgb, var(--series-1) ${Math.round(5 + 40 * share)}%, var(--paper))`;
        return irqpath.tip(cell, `${series.name}, ${name}\n${valueText(panel, point)}`);
      })));
    return [irqpath.element('div', {class: 'heat'}, irqpath.element('table', {}, irqpath.element('thead', {}, head),
      irqpath.element('tbody', {}, ...rows))),
    irqpath.element('div', {class: 'axis-title'}, `${panel.value.title} over ${panel.key.title}`)];
  }

  irqpath.swatch = swatch;
  irqpath.drawBoxes = (panel) => irqpath.element('div', {}, ...(panel.kind === 'heat' ? drawHeat(panel)
    : [...legend(panel), ...drawRows(panel)]));
})();
