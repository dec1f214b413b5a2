/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks through the replays of the page. What is shown at a step is what `irqpath replay --json`
 * says: a lock is held, or waited for, after step n if from <= n < to; a word has the value of its
 * last change. The step is in the address: #step=N, or #replay=K&step=N for the replays behind the
 * first one.
 */
'use strict';

(function () {
  const {element, svg, data} = irqpath;
  const articles = [...document.querySelectorAll('article.replay')];
  if (articles.length === 0) return;

  const keys = [
    ['ArrowRight', '\u2192', 'next'], ['n', 'n', 'next'], ['j', 'j', 'next'],
    ['ArrowLeft', '\u2190', 'back'], ['p', 'p', 'back'], ['k', 'k', 'back'],
    ['s', 's', 'switch'], ['S', 'S', 'switchBack'], ['Home', 'Home', 'first'], ['End', 'End', 'last'],
  ];
  const actions = [
    ['first', 'First', 'first step'], ['back', 'Back', 'step before'], ['next', 'Next', 'next step'],
    ['last', 'Last', 'last step'], ['switchBack', 'Previous switch', 'previous switch of CPU'],
    ['switch', 'Next switch', 'next switch of CPU'],
  ];
  const keysOf = (action) => keys.filter((key) => key[2] === action).map((key) => key[1]);

  /* The colour of a place: each pCPU has its own; the devices are grey. */
  const colour = (place) => place === '-' ? 'series-7' : 'series-' + [1, 2, 3, 4, 5, 6, 8][+place.slice(3) % 7];
  const placeName = (place) => place === '-' ? 'devices' : place;
  const chip = (place) => element('span', {class: 'chip ' + colour(place)}, placeName(place));

  /* The values of all words after each step would be much; they are added up from the start. */
  function valuesAt(replay, step) {
    const values = replay.words.map((word) => word.value);
    for (const row of replay.steps.slice(0, step)) for (const change of row.words) values[change.word] = change.value;
    return values;
  }

  const at = (holds, step) => holds.filter((hold) => hold.from <= step && step < hold.to);

  /* --- the parts of a replay --- */

  /* A row for each lane: what happens from left to right, a column a step. */
  function lane(count, label, bars) {
    const drawing = svg('svg', {viewBox: `0 0 ${count} 10`, preserveAspectRatio: 'none', 'aria-hidden': 'true'});
    for (const bar of bars) {
      const [y, height] = bar.isWait ? [3.5, 3] : [0, 10];
      drawing.append(svg('rect', {class: colour(bar.place) + (bar.isWait ? ' wait' : ''), x: bar.from - 1, y, width: bar.to - bar.from, height},
        svg('title', {}, bar.title)));
    }
    return [element('div', {class: 'lane-name'}, label), element('div', {class: 'lane'}, drawing)];
  }

  /* Consecutive steps of one place as bars. */
  function turns(steps) {
    const bars = [];
    for (const {step, actor} of steps) {
      const last = bars[bars.length - 1];
      if (last && last.place === actor) last.to = step + 1;
      else bars.push({place: actor, from: step, to: step + 1});
    }
    for (const bar of bars) bar.title = `${placeName(bar.place)}: ${range(bar.from, bar.to - 1)}`;
    return bars;
  }

  const range = (from, to) => from === to ? `step ${from}` : `steps ${from} to ${to}`;

  function lockBars(replay, lock) {
    const bars = (holds, who, verb, isWait) => holds.filter((hold) => hold.lock === lock).map((hold) => ({
      place: hold[who], from: hold.from, to: hold.to, isWait,
      title: `${hold[who]} ${verb} ${lock} ${range(hold.from, hold.to - 1)}`,
    }));
    return [...bars(replay.locks, 'holder', 'holds', false), ...bars(replay.waits, 'waiter', 'waits for', true)]
      .filter((bar) => bar.to > bar.from);
  }

  function lanes(replay, locks, go) {
    const count = replay.steps.length;
    const cursor = element('div', {class: 'cursor'});
    const rows = [lane(count, 'whose step', turns(replay.steps)),
      ...locks.map((lock) => lane(count, lock, lockBars(replay, lock)))];
    rows.forEach((cells, i) => { for (const cell of cells) cell.style.gridRow = i + 1; });
    const cursors = element('div', {class: 'cursors'}, cursor);
    cursors.style.gridRow = `1 / span ${rows.length}`;
    const box = element('div', {class: 'lanes'}, ...rows.flat(), cursors);
    const stepOf = (event) => {
      const {left, width} = box.querySelector('.lane').getBoundingClientRect();
      return Math.ceil((event.clientX - left) / width * count);
    };
    const isInLane = (event) => event.target.closest('.lane') != null;
    box.addEventListener('pointerdown', (event) => { if (isInLane(event)) go(stepOf(event)); });
    box.addEventListener('pointermove', (event) => { if (event.buttons === 1 && isInLane(event)) go(stepOf(event)); });
    return {box, move(step) {
      cursor.style.left = (step - 1) / count * 100 + '%';
      cursor.style.width = `max(2px, ${100 / count}%)`;
    }};
  }

  function table(caption, heads, className) {
    const body = element('tbody');
    return {body, node: element('table', {class: 'state ' + className}, element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', {scope: 'col'}, head)))), body)};
  }

  const row = (properties, name, ...cells) => element('tr', properties, element('th', {scope: 'row'}, name),
    ...cells.map((cell) => element('td', {}, ...[cell].flat())));

  function showLocks(body, replay, locks, step) {
    const [held, waited] = [at(replay.locks, step), at(replay.waits, step)];
    body.replaceChildren(...locks.map((lock) => {
      const holder = held.find((hold) => hold.lock === lock);
      const waiters = waited.filter((wait) => wait.lock === lock);
      return row({'data-lock': lock, class: holder ? '' : 'free'}, lock,
        holder ? chip(holder.holder) : 'free', waiters.map((wait) => chip(wait.waiter)));
    }));
  }

  function showWords(body, replay, step) {
    const [before, after] = [valuesAt(replay, step - 1), valuesAt(replay, step)];
    body.replaceChildren(...replay.words.map((word, i) => {
      const isChanged = before[i] !== after[i];
      const value = element('code', {class: 'value'}, after[i] ?? 'not known yet');
      return row({'data-word': i, class: isChanged ? 'changed' : ''}, word.name,
        isChanged && before[i] != null ? [element('code', {class: 'was'}, before[i]), ' \u2192 ', value] : value);
    }));
  }

  function showStores(body, replay, step) {
    const stores = replay.steps[step - 1].stores || [];
    body.replaceChildren(...Array.from({length: replay.cpus}, (_, cpu) => `cpu${cpu}`).map((cpu) => {
      const own = stores.filter((store) => store.cpu === cpu);
      return row({'data-cpu': cpu, class: own.length ? '' : 'free'}, cpu, own.length === 0 ? 'empty'
        : own.map((store) => element('div', {class: 'store'}, element('code', {}, `${store.word} = ${store.value}`))));
    }));
  }

  /* The lines around each place, once for places near each other. */
  function showSource(box, replay, step) {
    const places = replay.steps[step - 1].places || [];
    const seen = new Set();
    box.replaceChildren(...places.filter((place) => {
      const key = `${place.file}:${place.line}`;
      return !seen.has(key) && seen.add(key);
    }).map((place) => {
      const lines = replay.sources?.[place.file] || {};
      const code = element('pre', {class: 'source'});
      for (let line = Math.max(1, place.line - 3); line <= place.line + 3; line++) {
        if (lines[line] == null) continue;
        code.append(element(line === place.line ? 'mark' : 'span', {'data-line': line},
          String(line).padStart(5) + '  ' + lines[line].replaceAll('\t', '    ') + '\n'));
      }
      return element('div', {}, element('p', {class: 'place'}, chip(place.cpu), ' ',
        element('code', {}, `${place.file}:${place.line}`), place.function ? ` in ${place.function}` : ''),
      ...(code.childNodes.length ? [code] : []));
    }));
    if (places.length === 0) box.append(element('p', {class: 'note'}, 'No access of the object\u2019s code in this step.'));
  }

  /* --- a replay --- */

  function setUp(article) {
    const replay = data(article.id), count = replay.steps.length, number = +article.dataset.number;
    const locks = [...new Set([...replay.locks, ...replay.waits].map((hold) => hold.lock))];
    const scroll = article.querySelector('.replay-scroll');
    const rows = article.querySelectorAll('tr[data-step]');
    const says = element('p', {class: 'says', 'aria-live': 'polite'});
    const link = element('a', {class: 'step-link'}, 'Link to this step');
    const input = element('input', {type: 'number', min: 1, max: count, 'aria-label': 'Step', onchange() { go(+input.value); }});
    const strip = lanes(replay, locks, (step) => go(step));
    const lockTable = table('Locks', ['lock', 'held by', 'waited for by'], 'locks');
    const wordTable = table('Words (hexadecimal)', ['word', 'value'], 'words');
    const storeTable = table('Store buffers, the oldest store first', ['pCPU', 'not visible to others yet'], 'stores');
    const source = element('div', {class: 'sources'});
    let now = 0;

    const moves = {
      first: () => 1, last: () => count, next: () => now + 1, back: () => now - 1,
      switch() {
        const found = replay.steps.findIndex((row, i) => i >= now && row.actor !== replay.steps[now - 1].actor);
        return found < 0 ? count : found + 1;
      },
      switchBack() {
        let to = now - 1;
        while (to > 1 && replay.steps[to - 1].actor === replay.steps[now - 1].actor) to--;
        return to;
      },
    };

    /* Shows the step; the address follows unless it is where the step comes from. */
    function go(wanted, isFromAddress) {
      const step = Math.min(count, Math.max(1, Math.round(wanted) || 1));
      if (step === now) return;
      const {actor, notes} = replay.steps[step - 1];
      for (let i = Math.min(now, step); i < Math.max(now, step) || i < step; i++) rows[i]?.classList.toggle('later', i >= step);
      if (now > 0) rows[now - 1].removeAttribute('aria-current');
      rows[step - 1].setAttribute('aria-current', 'step');
      now = step;
      input.value = step;
      const place = (note) => note.place === actor ? '' : `${placeName(note.place)}: `;
      says.replaceChildren(element('strong', {}, `Step ${step} of ${count}`), ' ', chip(actor), ' ',
        notes.length ? notes.map((note) => place(note) + note.text).join('; ') : 'nothing that another CPU can see');
      strip.move(step);
      showLocks(lockTable.body, replay, locks, step);
      showWords(wordTable.body, replay, step);
      if (replay.memory === 'tso') showStores(storeTable.body, replay, step);
      if (replay.sources) showSource(source, replay, step);
      for (const button of article.querySelectorAll('button[data-action]'))
        button.disabled = ['first', 'back', 'switchBack'].includes(button.dataset.action) ? step === 1 : step === count;
      link.href = '#' + (number === 1 ? '' : `replay=${number}&`) + `step=${step}`;
      if (!isFromAddress) history.replaceState(null, '', link.href);
      keepInView(rows[step - 1]);
    }

    /* Scrolls the box of steps, but not the page. */
    function keepInView(row) {
      const head = scroll.querySelector('thead').offsetHeight;
      const {top, bottom} = row.getBoundingClientRect(), box = scroll.getBoundingClientRect();
      if (top < box.top + head) scroll.scrollTop -= box.top + head - top + row.offsetHeight;
      else if (bottom > box.bottom - row.offsetHeight) scroll.scrollTop += bottom - box.bottom + 2 * row.offsetHeight;
    }

    for (let i = 0; i < count; i++) rows[i].classList.add('later');
    article.querySelector('.replay-steps').style.setProperty('--places', replay.cpus + 1);
    [...article.querySelectorAll('thead th')].slice(1, replay.cpus + 2).forEach((head, i) =>
      head.classList.add('place', colour(i === 0 ? '-' : `cpu${i - 1}`)));
    scroll.addEventListener('click', (event) => {
      const row = event.target.closest('tr[data-step]');
      if (row && getSelection().isCollapsed) go(+row.dataset.step);
    });
    const act = (action) => go(moves[action]());
    const tools = element('div', {class: 'tools', role: 'toolbar', 'aria-label': 'Steps'},
      ...actions.map(([action, name, meaning]) => element('button', {type: 'button', 'data-action': action,
        title: `${meaning} (${keysOf(action).join(', ')})`, onclick() { act(action); }}, name)),
      element('label', {}, 'Step ', input), link);
    const help = element('p', {class: 'note keys'}, 'Keys: ', ...actions.flatMap(([action, , meaning], i) => [
      i > 0 ? ', ' : '', ...keysOf(action).flatMap((key, j) => [j > 0 ? ' ' : '', element('kbd', {}, key)]), ' ' + meaning]),
    '. Bars below: whose step it is, and who holds each lock; a thin bar waits for it.');
    const state = element('div', {class: 'replay-state'},
      ...(replay.sources ? [source] : []), ...(locks.length ? [lockTable.node] : []), wordTable.node,
      ...(replay.memory === 'tso' ? [storeTable.node] : []));
    const columns = element('div', {class: 'replay-columns'});
    scroll.before(tools, help, strip.box, says, columns);
    columns.append(scroll, state);
    return {article, go, act, number};
  }

  const replays = articles.map(setUp);
  let current = replays[0];
  for (const replay of replays)
    for (const event of ['focusin', 'pointerdown']) replay.article.addEventListener(event, () => { current = replay; });

  /* Keys go to the replay that was used last, unless something outside has the focus. */
  document.addEventListener('keydown', (event) => {
    const key = keys.find((key) => key[0] === event.key);
    const {target} = event, isHere = target === document.body || current.article.contains(target);
    if (!key || !isHere || event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    event.preventDefault();
    current.act(key[2]);
  });

  function readAddress() {
    const values = new URLSearchParams(location.hash.slice(1));
    if (!values.has('step')) return false;
    current = replays[+(values.get('replay') || 1) - 1] || current;
    current.go(+values.get('step'), true);
    return true;
  }
  for (const replay of replays) replay.go(1, true);
  if (readAddress()) current.article.scrollIntoView();
  addEventListener('hashchange', readAddress);
})();
