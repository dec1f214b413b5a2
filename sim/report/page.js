/* SPDX-License-Identifier: Apache-2.0
 *
 * Helpers that the scripts of the sections share, and the switch between the light and the dark
 * theme. Texts reach the page as text nodes and attributes alone; no script sets innerHTML.
 */
'use strict';

const irqpath = {
  /* The data that page_data(page, ID, ...) has put into the page. */
  data(id) {
    return JSON.parse(document.getElementById(id + '-data').textContent);
  },

  /* element('p', {class: 'note', onclick: f}, 'text', node, ...): a new element. A property whose
     name begins with "on" is a listener; true is an attribute without value; false and null are
     none. */
  element(name, properties, ...children) {
    return irqpath.fill(document.createElement(name), properties, children);
  },

  /* The same for SVG. */
  svg(name, properties, ...children) {
    return irqpath.fill(document.createElementNS('http://www.w3.org/2000/svg', name), properties, children);
  },

  fill(element, properties, children) {
    for (const [name, value] of Object.entries(properties || {})) {
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children);
    return element;
  },

  /* The colour of a variable of page.css in the theme of now, for a canvas: colour('series-1'). */
  colour(variable) {
    const probe = irqpath.element('span', {hidden: true});
    probe.style.color = `var(--${variable})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  },

  /* Calls the listener whenever the theme changes: a canvas has to be drawn again. */
  onTheme(listener) {
    irqpath.themeListeners.push(listener);
  },
  themeListeners: [],

  /* A number as the program's tables show it: metric_format in sim/result/metric_catalogue.c, with
     the unit. */
  format(value, unit) {
    if (value == null || Number.isNaN(value)) return '-';
    if (unit === '%') return (value !== 0 && Math.abs(value) < 0.005 ? value.toPrecision(1) : value.toFixed(2)) + ' %';
    const [scales, factor, rest] = irqpath.units[unit] || [irqpath.scales.count, 1, ' ' + unit];
    const number = value * factor;
    const [, divisor, suffix] = scales.findLast((scale) => Math.abs(number) >= scale[0]);
    const scaled = number / divisor, size = Math.abs(scaled);
    const isWhole = divisor === 1 && Number.isInteger(scaled) && size < 1e7;
    return scaled.toFixed(isWhole ? 0 : size >= 99.995 ? 1 : size >= 9.9995 ? 2 : 3) + suffix + rest;
  },
  /* The same without zeros at the end, for ticks: "1.5", "10 us". */
  formatTick(value, unit) {
    return irqpath.format(value, unit).replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');
  },
  scales: {
    time: [[0, 1, ' ns'], [999.95, 1e3, ' us'], [999.95e3, 1e6, ' ms'], [999.95e6, 1e9, ' s']],
    bytes: [[0, 1, ' B'], [2 ** 10, 2 ** 10, ' KiB'], [2 ** 20, 2 ** 20, ' MiB'], [2 ** 30, 2 ** 30, ' GiB']],
    hertz: [[0, 1, ' Hz'], [1e3, 1e3, ' kHz'], [1e6, 1e6, ' MHz'], [1e9, 1e9, ' GHz']],
    count: [[0, 1, ''], [1e7, 1e6, 'M'], [1e10, 1e9, 'G'], [1e13, 1e12, 'T']],
  },
};

/* Of each unit: its scales, what makes their first unit of it, and what stands behind the number. */
irqpath.units = {
  ns: [irqpath.scales.time, 1, ''], us: [irqpath.scales.time, 1e3, ''], ms: [irqpath.scales.time, 1e6, ''],
  s: [irqpath.scales.time, 1e9, ''], bytes: [irqpath.scales.bytes, 1, ''], B: [irqpath.scales.bytes, 1, ''],
  Hz: [irqpath.scales.hertz, 1, ''], '1/s': [irqpath.scales.count, 1, '/s'], '': [irqpath.scales.count, 1, ''],
  count: [irqpath.scales.count, 1, ''], ratio: [irqpath.scales.count, 1, ''],
};

/* The button for the theme. The choice is kept where the browser allows pages from disk to. */
(function () {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const store = (theme) => { try { localStorage.setItem('irqpath-theme', theme); } catch { /* not allowed */ } };
  const stored = () => { try { return localStorage.getItem('irqpath-theme'); } catch { return null; } };
  const isDark = () => (root.dataset.theme || (system.matches ? 'dark' : 'light')) === 'dark';
  const button = irqpath.element('button', {type: 'button', class: 'theme', onclick() {
    set(isDark() ? 'light' : 'dark');
    store(root.dataset.theme);
  }});

  function show() {
    button.textContent = isDark() ? 'Light theme' : 'Dark theme';
    for (const listener of irqpath.themeListeners) listener();
  }
  function set(theme) {
    root.dataset.theme = theme;
    show();
  }

  if (['light', 'dark'].includes(stored())) root.dataset.theme = stored();
  system.addEventListener('change', show);
  document.querySelector('header h1').after(button);
  show();
})();
