/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws one window of a run: a lane for each pCPU and each vCPU. The pointer or the keyboard pans and
 * zooms; what is under the pointer, or chosen by keys, is said in words. Only the part in view is
 * drawn, on a canvas of the size of the view.
 */
'use strict';

(function () {
  const {element, data} = irqpath;

  /* How each kind of event is drawn, in the order of enum timeline_kind (sim/trace/timeline.h): its
     colour, and its place in the lane. A moment is a mark at the upper edge. */
  const looks = [
    ['series-7', 9, 13], ['state-running', 9, 13], ['edge', 15, 2], ['series-3', 5, 4], ['series-4', 9, 13],
    ['series-6', 9, 13], ['series-1', 9, 13], ['series-5', 23, 4],
    ['series-2', 0, 0], ['series-8', 0, 0], ['series-3', 0, 0], ['series-4', 0, 0], ['series-6', 0, 0], ['series-7', 0, 0],
    ['state-running', 4, 12], ['state-steal', 4, 12], ['edge', 9, 2], ['state-offline', 4, 12],
  ];
  const isMoment = (kind) => kind >= 8 && kind <= 13;
  const LOCK_HELD = 7, FIRST_STATE = 14, AXIS = 24, CPU_LANE = 30, VCPU_LANE = 20, LEAST_CYCLES = 20;

  function setUp(box) {
    const json = data(box.id), count = json.events.length / 5;
    const column = (i) => Float64Array.from({length: count}, (_, event) => json.events[5 * event + i]);
    const [lanes, kinds, froms, lengths, texts] = [0, 1, 2, 3, 4].map(column);
    const nsPerCycle = 1e9 / json.frequency_hz;
    const whole = Math.max(LEAST_CYCLES, (json.until_ns - json.from_ns) / nsPerCycle);
    const isCpu = (lane) => lane < json.cpus;
    const perLane = json.lanes.map(() => []);
    for (let event = 0; event < count; event++) perLane[lanes[event]].push(event);
    /* A lane in which nothing begins or ends in the window says little. */
    const isBusy = json.lanes.map((_, lane) => perLane[lane].some((event) => isMoment(kinds[event]) || lengths[event] < whole * .999));

    const choice = element('select', {'aria-label': 'Lanes', onchange() { chooseLanes(); draw(); }},
      element('option', {value: 'cpus'}, 'pCPUs'), element('option', {value: 'vcpus'}, 'vCPUs'),
      element('option', {value: 'both'}, 'pCPUs and vCPUs'));
    const canvas = element('canvas', {tabindex: 0, role: 'img',
      'aria-label': 'Timeline. Arrow keys left and right: pan; up and down: choose a lane; n and p: next and previous event; plus and minus: zoom; 0: the whole window.'});
    const space = element('div', {}, canvas), scroll = element('div', {class: 'timeline-scroll'}, space);
    const says = element('p', {class: 'says', 'aria-live': 'polite'}), legend = element('ul', {class: 'legend'});
    let view = [0, whole], shown = [], tops = [], chosenLane = 0, chosen = -1, colours = [], width = 0, height = 0, total = 0, gutter = 0;

    /* --- words --- */

    const time = (cycles) => irqpath.format(cycles * nsPerCycle, 'ns');
    function say(event) {
      const text = json.texts[texts[event]], about = text === '' ? '' : `: ${text}`;
      const when = isMoment(kinds[event]) ? `at +${time(froms[event])}` : `for ${time(lengths[event])} from +${time(froms[event])}`;
      return `${json.kinds[kinds[event]]}${about}, ${when}`;
    }
    const sayAll = (lane, events) => says.replaceChildren(element('strong', {}, json.lanes[lane]), ': ',
      events.length ? events.map(say).join('; inside of: ') : 'nothing here');

    /* The events of a lane at a time, the innermost first; `slack`: how near a moment has to be. */
    function under(lane, cycles, slack) {
      const hits = perLane[lane].filter((event) => isMoment(kinds[event]) ? Math.abs(froms[event] - cycles) <= slack
        : froms[event] - slack / 4 <= cycles && cycles <= froms[event] + lengths[event] + slack / 4);
      return hits.sort((a, b) => lengths[a] - lengths[b]).slice(0, 6);
    }

    /* --- lanes --- */

    function chooseLanes() {
      const wanted = choice.value;
      const possible = json.lanes.map((_, lane) => lane).filter((lane) => perLane[lane].length > 0 && isBusy[lane] &&
        (wanted === 'both' || isCpu(lane) === (wanted === 'cpus')));
      shown = possible;
      tops = [];
      total = AXIS;
      for (const lane of shown) {
        tops[lane] = total;
        total += isCpu(lane) ? CPU_LANE : VCPU_LANE;
      }
      chosenLane = Math.min(chosenLane, Math.max(0, shown.length - 1));
      chosen = -1;
      const quiet = json.lanes.filter((_, lane) => (wanted === 'both' || isCpu(lane) === (wanted === 'cpus')) && !shown.includes(lane)).length;
      const present = new Set();
      for (let event = 0; event < count; event++) if (tops[lanes[event]] != null) present.add(kinds[event]);
      legend.replaceChildren(...[...present].sort((a, b) => a - b).map((kind) => {
        const swatch = element('span', {class: 'swatch'});
        swatch.style.background = `var(--${looks[kind][0]})`;
        return element('li', {}, swatch, ' ', json.kinds[kind] + (isMoment(kind) ? ' (mark)' : ''));
      }), ...(quiet ? [element('li', {class: 'note'}, quiet === 1 ? 'a lane in which nothing changes is left out' : `${quiet} lanes in which nothing changes are left out`)] : []));
      space.style.height = total + 'px';
      size();
    }

    function size() {
      width = Math.max(200, scroll.clientWidth);
      height = Math.min(total, Math.round(innerHeight * .7));
      gutter = Math.min(width / 4, width < 500 ? 64 : 96);
      scroll.style.height = height + 2 + 'px';
      canvas.width = Math.round(width * devicePixelRatio);
      canvas.height = Math.round(height * devicePixelRatio);
      canvas.style.width = width + 'px';
      canvas.style.height = height + 'px';
    }

    /* --- drawing --- */

    const toX = (cycles) => gutter + (cycles - view[0]) / (view[1] - view[0]) * (width - gutter);
    const toCycles = (x) => view[0] + (x - gutter) / (width - gutter) * (view[1] - view[0]);

    function drawEvent(context, event, top) {
      const kind = kinds[event], [, y, tall] = looks[kind], x = Math.max(gutter, toX(froms[event]));
      context.fillStyle = colours[kind];
      if (isMoment(kind)) {
        context.beginPath();
        context.moveTo(x - 3, top + 1);
        context.lineTo(x + 3, top + 1);
        context.lineTo(x, top + 8);
        context.fill();
        return;
      }
      const wide = Math.max(.8, Math.min(width, toX(froms[event] + lengths[event])) - x);
      context.fillRect(x, top + y, wide, tall);
      if (wide < 48 || tall < 10) return;
      context.save();
      context.beginPath();
      context.rect(x, top + y, wide - 2, tall);
      context.clip();
      context.fillStyle = colours.text;
      context.fillText(json.texts[texts[event]].split(',')[0], x + 3, top + y + tall - 3);
      context.restore();
    }

    function drawAxis(context) {
      context.fillStyle = colours.panel;
      context.fillRect(0, 0, width, AXIS);
      const ns = (view[1] - view[0]) * nsPerCycle, rough = ns / Math.max(2, (width - gutter) / 110);
      const power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
      context.fillStyle = colours.ink;
      for (let at = Math.ceil(view[0] * nsPerCycle / step) * step; at <= view[1] * nsPerCycle; at += step) {
        const x = toX(at / nsPerCycle);
        context.fillRect(x, AXIS - 6, 1, 6);
        context.fillText('+' + irqpath.format(Math.round(at * 1000) / 1000, 'ns'), Math.min(x + 3, width - 60), AXIS - 8);
      }
    }

    function draw() {
      const context = canvas.getContext('2d'), offset = scroll.scrollTop;
      context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
      context.font = '11px system-ui, "DejaVu Sans", sans-serif';
      context.fillStyle = colours.paper;
      context.fillRect(0, 0, width, height);
      for (let event = 0; event < count; event++) {
        const top = tops[lanes[event]] - offset;
        if (!(top > -CPU_LANE && top < height) || froms[event] > view[1] || froms[event] + lengths[event] < view[0]) continue;
        drawEvent(context, event, top);
      }
      for (const lane of shown) {
        const top = tops[lane] - offset, tall = isCpu(lane) ? CPU_LANE : VCPU_LANE;
        if (top < -tall || top > height) continue;
        context.fillStyle = lane === shown[chosenLane] ? colours.hover : colours.panel;
        context.fillRect(0, top, gutter - 2, tall - 1);
        context.fillStyle = colours.ink;
        context.fillText(json.lanes[lane], 4, top + tall / 2 + 4, gutter - 8);
      }
      if (chosen >= 0) {
        const [, y, tall] = looks[kinds[chosen]], top = tops[lanes[chosen]] - offset;
        context.strokeStyle = colours.ink;
        context.lineWidth = 2;
        context.strokeRect(toX(froms[chosen]) - 1, top + y - 1, Math.max(4, toX(froms[chosen] + lengths[chosen]) - toX(froms[chosen]) + 2), (tall || 8) + 2);
      }
      drawAxis(context);
    }

    let isDue = false;
    function drawSoon() {
      if (!isDue) requestAnimationFrame(() => { isDue = false; draw(); });
      isDue = true;
    }

    function readColours() {
      colours = looks.map(([name]) => irqpath.colour(name));
      for (const [key, name] of [['paper', 'paper'], ['panel', 'panel'], ['hover', 'hover'], ['ink', 'ink'], ['text', 'on-state']])
        colours[key] = irqpath.colour(name);
    }

    /* --- panning and zooming --- */

    function look(from, length) {
      const span = Math.min(whole, Math.max(LEAST_CYCLES, length));
      const start = Math.min(whole - span, Math.max(0, from));
      view = [start, start + span];
      box.dataset.view = view.map((cycles) => Math.round(cycles)).join(' ');
      drawSoon();
    }
    const zoom = (factor, at = (view[0] + view[1]) / 2) => look(at - (at - view[0]) * factor, (view[1] - view[0]) * factor);
    const pan = (share) => look(view[0] + share * (view[1] - view[0]), view[1] - view[0]);

    /* The next or the previous event that begins in the chosen lane. */
    function chooseEvent(direction) {
      const lane = shown[chosenLane];
      if (lane == null) return;
      const order = [...perLane[lane]].sort((a, b) => froms[a] - froms[b] || lengths[b] - lengths[a]);
      const at = order.indexOf(chosen), middle = (view[0] + view[1]) / 2;
      const next = at >= 0 ? at + direction : Math.max(0, order.findIndex((event) => froms[event] >= middle));
      chosen = order[Math.min(order.length - 1, Math.max(0, next))];
      if (froms[chosen] < view[0] || froms[chosen] > view[1]) look(froms[chosen] - (view[1] - view[0]) / 2, view[1] - view[0]);
      sayAll(lane, [chosen]);
      drawSoon();
    }

    function chooseLane(direction) {
      chosenLane = Math.min(shown.length - 1, Math.max(0, chosenLane + direction));
      chosen = -1;
      const lane = shown[chosenLane], tall = isCpu(lane) ? CPU_LANE : VCPU_LANE;
      if (tops[lane] - scroll.scrollTop < AXIS) scroll.scrollTop = tops[lane] - AXIS;
      if (tops[lane] + tall - scroll.scrollTop > height) scroll.scrollTop = tops[lane] + tall - height;
      sayAll(lane, under(lane, (view[0] + view[1]) / 2, 0));
      drawSoon();
    }

    const keys = {
      ArrowLeft: () => pan(-.2), ArrowRight: () => pan(.2), ArrowUp: () => chooseLane(-1), ArrowDown: () => chooseLane(1),
      '+': () => zoom(.5), '=': () => zoom(.5), '-': () => zoom(2), 0: () => look(0, whole),
      n: () => chooseEvent(1), p: () => chooseEvent(-1),
    };
    canvas.addEventListener('keydown', (event) => {
      if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });

    /* One pointer pans, two zoom. */
    const pointers = new Map();
    const xOf = (event) => event.clientX - canvas.getBoundingClientRect().left;
    canvas.addEventListener('pointerdown', (event) => {
      pointers.set(event.pointerId, xOf(event));
      canvas.setPointerCapture(event.pointerId);
    });
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    canvas.addEventListener('pointermove', (event) => {
      const x = xOf(event), cycles = (view[1] - view[0]) / (width - gutter);
      if (pointers.size === 1 && pointers.has(event.pointerId)) {
        look(view[0] - (x - pointers.get(event.pointerId)) * cycles, view[1] - view[0]);
      } else if (pointers.size === 2 && pointers.has(event.pointerId)) {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1], before = Math.abs(pointers.get(event.pointerId) - other);
        zoom(Math.max(8, before) / Math.max(8, Math.abs(x - other)), toCycles((x + other) / 2));
      } else {
        const y = event.clientY - canvas.getBoundingClientRect().top + scroll.scrollTop;
        const lane = shown.find((lane) => y >= tops[lane] && y < tops[lane] + (isCpu(lane) ? CPU_LANE : VCPU_LANE));
        if (lane != null && x > gutter) sayAll(lane, under(lane, toCycles(x), 4 * cycles));
      }
      if (pointers.has(event.pointerId)) pointers.set(event.pointerId, x);
    });
    canvas.addEventListener('dblclick', (event) => zoom(.25, toCycles(xOf(event))));
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.shiftKey) return;
      event.preventDefault();
      if (event.ctrlKey) zoom(2 ** (event.deltaY / 200), toCycles(xOf(event)));
      else pan((event.deltaX || event.deltaY) / 1000);
    }, {passive: false});

    const button = (text, title, onclick) => element('button', {type: 'button', title, onclick}, text);
    box.replaceChildren(element('div', {class: 'tools'}, button('+', 'zoom in (+)', () => zoom(.5)), button('\u2212', 'zoom out (-)', () => zoom(2)),
      button('\u2190', 'earlier (left arrow)', () => pan(-.5)), button('\u2192', 'later (right arrow)', () => pan(.5)),
      button('Whole window', 'the whole window (0)', () => look(0, whole)), element('label', {}, 'Lanes ', choice)),
    element('p', {class: 'note'}, 'Drag to pan; Ctrl and the wheel, two fingers or a double click zoom. With the keyboard: arrows pan and choose a lane, n and p go from event to event, + and - zoom, 0 shows all.'),
    scroll, says, legend);
    says.textContent = 'Point at the lanes to read what happens there.';
    scroll.addEventListener('scroll', drawSoon);
    addEventListener('resize', () => { size(); drawSoon(); });
    irqpath.onTheme(() => { readColours(); drawSoon(); });
    readColours();
    chooseLanes();
    look(0, whole);
  }

  for (const box of document.querySelectorAll('.timeline')) setUp(box);
})();
