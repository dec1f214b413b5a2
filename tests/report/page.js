/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of tests/report-page: node page.js DIRECTORY GOLDEN [--golden]. The driver itself fails on
 * any request, message on the console, dialog or error of a script.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const {open, run, check, equal, checkWidth, checkContrast, checkImage} = require('./driver.js');

const [directory, golden, isWriting] = process.argv.slice(2);
const file = (name) => path.join(directory, name);
const json = (name) => JSON.parse(fs.readFileSync(file(name), 'utf8'));
const names = ['steal', 'one', 'cells', 'experiment', 'hostile', 'recording'];

/* The table's numbers: {metric: [text of data-value, ...]}. */
const tableOf = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('#metrics-table tbody tr')]
  .map((row) => [row.dataset.metric, [...row.cells].slice(1).map((cell) => cell.dataset.value)])));

const isClose = (a, b) => a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));

async function everyPageOpens() {
  for (const name of names)
    for (const [width, theme] of [[1280, 'light'], [1280, 'dark'], [390, 'light'], [390, 'dark']]) {
      const page = await open(file(name + '.html'), {width, theme});
      await checkWidth(page, `${name} at ${width}`);
      await checkContrast(page, `${name} at ${width}, ${theme}`);
      await page.close();
    }
}

/* One seed: the numbers of --json, to the last digit. */
async function theTableIsTheJson() {
  const page = await open(file('one.html'));
  const table = await tableOf(page), metrics = json('one.json').metrics;
  equal(Object.keys(table).sort(), Object.keys(metrics).sort(), 'metrics of one.html');
  for (const [name, [value]] of Object.entries(table))
    check(Object.is(JSON.parse(value), metrics[name]), `${name}: ${value} instead of ${metrics[name]}`);
  await page.close();
}

/* Several seeds: the means over those with an observation. */
async function theTableHasMeans() {
  const page = await open(file('steal.html'));
  const table = await tableOf(page), results = json('steal.json');
  const designs = [...new Set(results.map((result) => result.design))];
  for (const [name, values] of Object.entries(table))
    designs.forEach((design, i) => {
      const seeds = results.filter((result) => result.design === design).map((result) => result.metrics[name])
        .filter((value) => value != null).map(Number);
      const mean = seeds.length ? seeds.reduce((a, b) => a + b, 0) / seeds.length : null;
      const shown = JSON.parse(values[i]);
      check(mean === null ? shown === null : isClose(Number(shown), mean), `${design}, ${name}: ${values[i]} instead of ${mean}`);
    });
  await page.close();
}

const visible = (page) => page.evaluate(() => [...document.querySelectorAll('#metrics-table tbody tr')]
  .filter((row) => !row.hidden).map((row) => row.dataset.metric));

async function theTableFiltersAndSorts() {
  const page = await open(file('steal.html'));
  const all = await visible(page);
  await page.type('input[type=search]', 'latency p99');
  const some = await visible(page);
  check(some.length > 0 && some.length < all.length && some.every((name) => /latency/.test(name)), `filter shows ${some}`);
  await page.evaluate(() => { document.querySelector('input[type=search]').value = ''; });
  await page.type('input[type=search]', 'steal ');
  await page.click('#metrics .tools input[type=checkbox]');
  const differing = await visible(page);
  check(differing.includes('guests.idle.steal.percent') && !differing.includes('guests.busy.steal.percent') ||
    differing.every((name) => /steal/.test(name)), `only what differs shows ${differing}`);
  await page.focus('#metrics-table thead th:nth-child(2) button');
  await page.keyboard.press('Enter');
  const sorted = await page.evaluate(() => [...document.querySelectorAll('#metrics-table tbody tr')]
    .map((row) => row.cells[1].dataset.value).filter((value) => value != null && value !== 'null').map(Number));
  check(sorted.length > 10 && sorted.every((value, i) => i === 0 || value <= sorted[i - 1]), 'not sorted by the first column');
  equal(await page.$eval('#metrics-table thead th:nth-child(2)', (head) => head.getAttribute('aria-sort')), 'descending', 'aria-sort');
  await page.close();
}

async function figuresAnswer() {
  const page = await open(file('steal.html'));
  const outputs = () => page.$$eval('[data-figure=latency] .legend output', (all) => all.map((each) => each.textContent));
  const plot = await page.$('[data-figure=latency] .u-over');
  await plot.scrollIntoView();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
  const values = await outputs();
  check(values.slice(0, 2).every((value) => /%|-/.test(value)) && /^at /.test(values[2]), `pointer on the latencies: ${values}`);
  await page.mouse.move(2, 2);
  await page.focus('[data-figure=latency] .plot');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  check(/^at /.test((await outputs())[2]), `arrow keys on the latencies: ${await outputs()}`);
  await page.click('[data-figure=latency] .legend button');
  equal(await page.$eval('[data-figure=latency] .legend button', (button) => button.getAttribute('aria-pressed')), 'false', 'a hidden series');
  const bar = await page.$('[data-figure=guests] .track');
  await bar.hover();
  check(/running: \d/.test(await page.$eval('.tip', (tip) => tip.hidden ? '' : tip.textContent)), 'no tip on a bar');
  const [shares] = await page.$$eval('[data-figure=guests] .track', (tracks) => tracks.map((track) =>
    [...track.children].reduce((sum, part) => sum + parseFloat(part.style.width), 0)));
  check(Math.abs(shares - 100) < 0.1, `the parts of a bar are ${shares} %`);
  await page.close();
}

async function anyMetricIsAFigure() {
  for (const [name, metric, kind] of [['steal', 'irq.latency.p99_ns', '.track'], ['cells', 'irq.latency.p99_ns', 'canvas']]) {
    const page = await open(file(name + '.html'));
    await page.select('#metrics select', metric);
    await page.waitForSelector(`#metrics figure ${kind}`);
    equal(await page.$eval('#metrics figcaption strong', (title) => title.textContent), metric, `${name}: the figure of a metric`);
    await page.select('#metrics select', '');
    equal(await page.$('#metrics figure'), null, `${name}: no metric chosen`);
    await page.close();
  }
}

async function theThemeSwitches() {
  const page = await open(file('steal.html'), {theme: 'light'});
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  equal(await paper(), 'rgb(255, 255, 255)', 'light paper');
  await page.keyboard.press('Tab'); /* the link to the content */
  await page.keyboard.press('Tab');
  equal(await page.evaluate(() => document.activeElement.textContent), 'Dark theme', 'the second stop of Tab');
  await page.keyboard.press('Enter');
  equal(await paper(), 'rgb(20, 24, 29)', 'dark paper');
  equal(await page.$eval('.theme', (button) => button.textContent), 'Light theme', 'the button');
  await page.close();
}

/* Nothing of the names became an element, an attribute or a script; they are shown as they are. */
async function namesStayText() {
  const page = await open(file('hostile.html'));
  const found = await page.evaluate(() => ({
    elements: document.querySelectorAll('main img, main b, main i, main script, main style').length,
    listeners: [...document.querySelectorAll('*')].filter((each) => [...each.attributes].some((own) => own.name.startsWith('on'))).length,
    links: [...document.querySelectorAll('a')].filter((link) => !/^(#|https:\/\/x\/)/.test(link.getAttribute('href'))).length,
    text: document.body.innerText,
  }));
  equal([found.elements, found.listeners, found.links], [0, 0, 0], 'elements, listeners and links out of names');
  for (const text of ['<script>alert(1)</script>', '"><img src=x onerror=alert(2)>', '</style><style>*{display:none}'])
    check(found.text.includes(text), `not shown: ${text}`);
  await page.close();
}

/* Without scripts there are no figures, and everything else. */
async function aPageReadsWithoutScripts() {
  const page = await open(file('steal.html'), {scripts: false});
  const text = await page.$eval('main', (main) => main.innerText);
  for (const part of ['metrics better', 'guests.idle.steal.percent', 'The figures need JavaScript'])
    check(text.includes(part), `without scripts, not shown: ${part}`);
  await page.close();
}

async function pagesLookAsBefore() {
  for (const [name, width, theme, height] of [['steal', 1280, 'light', 2000], ['steal', 390, 'dark', 2400],
    ['experiment', 1280, 'dark', 2300], ['experiment', 390, 'light', 2800], ['recording', 1280, 'light', 1600],
    ['recording', 390, 'dark', 2400]]) {
    const page = await open(file(name + '.html'), {width, theme});
    await checkImage(page, path.join(golden, `${name}-${width}-${theme}.png`), {height, isWriting: isWriting === '--golden'});
    await page.close();
  }
}

run(async () => {
  await everyPageOpens();
  await theTableIsTheJson();
  await theTableHasMeans();
  await theTableFiltersAndSorts();
  await figuresAnswer();
  await anyMetricIsAFigure();
  await theThemeSwitches();
  await namesStayText();
  await aPageReadsWithoutScripts();
  await pagesLookAsBefore();
});
