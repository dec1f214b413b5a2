/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines over a number or over names, with their intervals as bands, complementary distributions on
 * logarithmic axes, and points: uPlot draws, the legend shows the values below the pointer. The arrow keys move the
 * cursor when the plot has the focus; a drag zooms, a double click or Escape shows all again.
 */
'use strict';

(function () {
  /* uPlot wants one row of x for all series. Returns [xs, [ys, lows, highs] of each series]. */
  function align(panel) {
    if (panel.kind === 'points') return alignPoints(panel);
    const xs = [...new Set(panel.series.flatMap((series) => series.points.map((point) => point.x)))].sort((a, b) => a - b);
    const index = new Map(xs.map((x, i) => [x, i]));
    const isDrawn = (value) => value != null && (!panel.value.log || value > 0);
    const columns = panel.series.map((series) => {
      const columnOf = (key) => {
        const column = new Array(xs.length).fill(panel.kind === 'ccdf' ? undefined : null);
        for (const point of series.points) column[index.get(point.x)] = isDrawn(point[key]) ? point[key] : null;
        return column;
      };
      return series.points.some((point) => point.low != null) ? ['y', 'low', 'high'].map(columnOf) : [columnOf('y')];
    });
    return [xs, columns];
  }

  /* Points are in no order, and several may have one x: each has a row of its own. */
  function alignPoints(panel) {
    const isDrawn = (point) => point.y != null && (!panel.value.log || point.y > 0) && (!panel.key.log || point.x > 0);
    const all = panel.series.flatMap((series, i) => series.points.filter(isDrawn).map((point) => [point.x, i, point.y]));
    all.sort((a, b) => a[0] - b[0]);
    return [all.map((each) => each[0]), panel.series.map((_, i) => [all.map((each) => each[1] === i ? each[2] : null)])];
  }

  const isShare = (panel) => panel.kind === 'ccdf';
  const tickOf = (panel, value) => isShare(panel) ? valueOf(panel, value) : irqpath.formatTick(value, panel.value.unit);
  const valueOf = (panel, value) => value == null ? '-' : isShare(panel)
    ? `${Number((100 * value).toPrecision(3))} %` : irqpath.format(value, panel.value.unit);
  const keyOf = (panel, x) => panel.keys.length ? panel.keys[x] ?? '' : irqpath.formatTick(x, panel.key.unit);

  /* The largest value of a step function at or before x: a CCDF holds until its next point. */
  function at(series, x, isStep) {
    let found = null;
    for (const point of series.points)
      if (point.x === x || isStep && point.x <= x) found = point;
    return found;
  }

  /* A tick at each x where these are few, without those that would stand on each other. */
  function fewOf(panel, xs, width) {
    if (!panel.keys.length && (xs.length > 12 || isShare(panel) || panel.kind === 'points')) return undefined;
    return (plot, axis, low, high) => {
      const place = panel.key.log ? Math.log : (x) => x, ticks = [];
      const pixels = (x) => (place(x) - place(low)) / (place(high) - place(low)) * (width - 80);
      for (const x of xs)
        if (x >= low && x <= high && (!ticks.length || pixels(x) - pixels(ticks.at(-1)) >= 8 * keyOf(panel, x).length)) ticks.push(x);
      return ticks;
    };
  }

  /* The range of a logarithmic axis: from the first digit of the lowest value to that of the highest. */
  function logRange(plot, low, high) {
    const power = (value) => 10 ** Math.floor(Math.log10(value));
    return [Math.floor(low / power(low) + 1e-9) * power(low), Math.ceil(high / power(high) - 1e-9) * power(high)];
  }

  function makeOptions(panel, xs, columns, width, hooks) {
    const ink = irqpath.colour('muted'), grid = irqpath.colour('line');
    const height = width < 500 ? 280 : 340;
    const font = '12px system-ui, "DejaVu Sans", sans-serif';
    const isLog = (axis) => axis.log || isShare(panel);
    const series = [{}], bands = [];
    panel.series.forEach((each, i) => {
      const colour = irqpath.colour(each.colour);
      const isPoints = panel.kind === 'points', isShown = isPoints || panel.kind === 'lines' && each.points.length < 40;
      series.push({stroke: colour, width: 2, spanGaps: true, points: {show: isShown, size: isPoints && xs.length > 300 ? 3 : 6, fill: colour},
        paths: isShare(panel) ? uPlot.paths.stepped({align: 1}) : isPoints ? () => null : undefined});
      if (columns[i].length === 3) {
        const edge = {stroke: 'transparent', width: 0, points: {show: false}, spanGaps: true};
        series.push(edge, edge);
        bands.push({series: [series.length - 1, series.length - 2], fill: colour.replace(/^rgb\((.*)\)$/, 'rgba($1, .16)')});
      }
    });
    /* Of a logarithmic axis all digits have ticks where there is room for their texts, or 1, 2 and 5, or 1. */
    const filter = (plot, ticks, number) => {
      const [pixels, room] = number === 0 ? [width - 80, 48] : [height - 60, 16];
      const shown = ticks.filter((each) => each > 0), decade = pixels / Math.log10(shown.at(-1) / shown[0]);
      const digit = (value) => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
      const kept = 0.046 * decade > room ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : 0.3 * decade > room ? [1, 2, 5] : [1];
      return ticks.map((each) => kept.includes(digit(each)) ? each : null);
    };
    const all = (plot, ticks) => ticks;
    const axis = (own, extra) => ({stroke: ink, font, labelFont: font, label: own.title, labelSize: 20,
      grid: {stroke: grid, width: 1, ...(isLog(own) && {filter})}, ticks: {stroke: grid, width: 1, ...(isLog(own) && {filter})},
      ...(isLog(own) && {filter}), ...extra});
    return {
      width, height, series, bands, hooks, legend: {show: false},
      cursor: {drag: {x: true, y: false}, points: {size: 8}},
      scales: {
        x: {time: false, distr: isLog(panel.key) ? 3 : 1, range: panel.keys.length ? [-0.4, panel.keys.length - 0.6] : isLog(panel.key) ? logRange : undefined},
        y: {distr: isLog(panel.value) ? 3 : 1,
          range: isLog(panel.value) ? logRange : (_, low, high) => uPlot.rangeNum(Math.min(low, ...references(panel), low > 0 ? 0 : low),
            Math.max(high, ...references(panel)) || 1, {min: {pad: 0, soft: 0, mode: 1}, max: {pad: .05, soft: 0, mode: 2}})},
      },
      axes: [
        axis(panel.key, {
          splits: fewOf(panel, xs, width), ...(fewOf(panel, xs, width) && {filter: all, grid: {stroke: grid, width: 1, filter: all}, ticks: {stroke: grid, width: 1, filter: all}}),
          size: 34, values: (_, ticks) => ticks.map((x) => x == null ? '' : keyOf(panel, x)),
          space: panel.keys.length ? 20 : 60}),
        axis(panel.value, {size: 70, values: (_, ticks) => ticks.map((y) => y == null ? '' : tickOf(panel, y))}),
      ],
    };
  }

  const references = (panel) => [...(panel.references || []).map((each) => each.value),
    ...(panel.published || []).map((each) => each.y)];

  /* Published values are hollow diamonds, or lines where they hold for every x; so are references. */
  function drawPublished(plot, panel) {
    const context = plot.ctx, ratio = devicePixelRatio;
    const line = (value) => {
      const y = plot.valToPos(value, 'y', true);
      context.beginPath();
      context.moveTo(plot.bbox.left, y);
      context.lineTo(plot.bbox.left + plot.bbox.width, y);
      context.stroke();
    };
    context.save();
    context.lineWidth = 1.5 * ratio;
    context.strokeStyle = irqpath.colour('ink');
    for (const each of panel.published || []) {
      context.setLineDash(each.x == null ? [6 * ratio, 4 * ratio] : []);
      if (each.x == null) {
        line(each.y);
        context.fillStyle = irqpath.colour('muted');
        context.font = `${12 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
        context.textAlign = 'right';
        context.textBaseline = 'bottom';
        context.fillText(`published, ${irqpath.formatTick(each.y, panel.value.unit)}`, plot.bbox.left + plot.bbox.width - 4 * ratio,
          plot.valToPos(each.y, 'y', true) - 3 * ratio);
        continue;
      }
      const x = plot.valToPos(each.x, 'x', true), y = plot.valToPos(each.y, 'y', true), size = 6 * ratio;
      context.beginPath();
      [[x, y - size], [x + size, y], [x, y + size], [x - size, y]].forEach((corner) => context.lineTo(...corner));
      context.closePath();
      context.fillStyle = irqpath.colour('paper');
      context.fill();
      context.stroke();
    }
    context.strokeStyle = irqpath.colour('muted');
    if (panel.diagonal != null) drawDiagonal(plot, panel);
    context.setLineDash([3 * ratio, 3 * ratio]);
    for (const each of panel.references || []) line(each.value);
    context.restore();
  }

  /* y = x, and the edges of its band. */
  function drawDiagonal(plot, panel) {
    const context = plot.ctx, {left, top, width, height} = plot.bbox;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    for (const factor of panel.diagonal > 0 ? [1, 1 + panel.diagonal, 1 / (1 + panel.diagonal)] : [1]) {
      context.lineWidth = (factor === 1 ? 1 : .6) * devicePixelRatio;
      context.beginPath();
      for (let step = 0; step <= 60; step++) {
        const x = plot.posToVal(step / 60 * width / devicePixelRatio, 'x');
        context.lineTo(left + step / 60 * width, plot.valToPos(factor * x, 'y', true));
      }
      context.stroke();
    }
    context.restore();
  }

  irqpath.drawLines = (panel) => {
    const place = irqpath.element('div', {class: 'plot', tabindex: 0, role: 'application',
      'aria-label': `${panel.value.title} over ${panel.key.title}; the arrow keys move the cursor`});
    const [xs, columns] = align(panel);
    const shown = panel.series.map(() => true);
    const where = irqpath.element('output', {});
    const outputs = panel.series.map(() => irqpath.element('output', {}));
    const buttons = panel.series.map((series, i) => irqpath.element('button', {type: 'button', 'aria-pressed': 'true', onclick: () => toggle(i)},
      irqpath.swatch(series.colour), series.name || panel.value.title));
    const root = irqpath.element('div', {}, irqpath.element('ul', {class: 'legend'},
      ...buttons.map((button, i) => irqpath.element('li', {}, button, outputs[i])), irqpath.element('li', {}, where)), place);
    let plot = null;

    /* The number of series i among those of uPlot. */
    const plotted = (i) => 1 + columns.slice(0, i).reduce((sum, column) => sum + column.length, 0);

    function showValues() {
      const x = plot.cursor.idx == null ? null : xs[plot.cursor.idx];
      where.textContent = x == null ? '' : `at ${keyOf(panel, x)}`;
      panel.series.forEach((series, i) => {
        const point = x == null ? null : at(series, x, isShare(panel));
        outputs[i].textContent = x == null ? '' : valueOf(panel, point?.y);
      });
    }
    function toggle(i) {
      shown[i] = !shown[i];
      buttons[i].setAttribute('aria-pressed', shown[i]);
      for (let each = 0; each < columns[i].length; each++) plot.setSeries(plotted(i) + each, {show: shown[i]});
    }
    function move(event) {
      if (event.key === 'Escape') plot.setData(plot.data);
      const step = {ArrowLeft: -1, ArrowRight: 1, Home: -xs.length, End: xs.length}[event.key];
      if (!step) return;
      event.preventDefault();
      const next = Math.max(0, Math.min(xs.length - 1, (plot.cursor.idx ?? (step > 0 ? -1 : xs.length)) + step));
      const y = columns.map((column) => column[0][next]).find((value) => value != null);
      plot.setCursor({left: plot.valToPos(xs[next], 'x'), top: y == null ? 0 : plot.valToPos(y, 'y')});
    }
    function draw() {
      const width = Math.floor(place.clientWidth);
      if (!width) return;
      if (plot) plot.destroy();
      const hooks = {setCursor: [(self) => self === plot && showValues()], draw: [(self) => drawPublished(self, panel)]};
      plot = new uPlot(makeOptions(panel, xs, columns, width, hooks), [xs, ...columns.flat()], place);
      shown.forEach((isShown, i) => {
        if (!isShown)
          for (let each = 0; each < columns[i].length; each++) plot.setSeries(plotted(i) + each, {show: false});
      });
    }

    let drawnWidth = 0;
    new ResizeObserver(() => {
      if (Math.abs(place.clientWidth - drawnWidth) > 1) {
        drawnWidth = place.clientWidth;
        draw();
      }
    }).observe(place);
    irqpath.onTheme(draw);
    place.addEventListener('keydown', move);
    return root;
  };
})();
