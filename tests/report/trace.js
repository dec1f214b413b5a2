/* SPDX-License-Identifier: Apache-2.0
 *
 * node trace.js IRQPATH DIRECTORY GOLDEN RESULT...: the pages of `irqpath report --trace`. The tables are those of `irqpath show
 * --slowest --json` and `--attribution --json`; the timeline is panned, zoomed and read by pointer and by keyboard.
 */
'use strict';

const {execFileSync} = require('child_process');
const path = require('path');
const {open, run, check, equal, checkWidth, checkContrast, checkImage} = require('./driver.js');

const [, , irqpath, directory, golden, ...results] = process.argv;
const isWriting = process.env.GOLDEN === 'write';
const show = (file, ...options) => JSON.parse(execFileSync(irqpath, ['show', file, ...options, '--json', '-q'], {maxBuffer: 1 << 28}));

async function slowest(page, file) {
  const shown = await page.$$eval('details.slow', (list) => list.map((slow) => ({
    title: slow.querySelector('summary').textContent,
    steps: [...slow.querySelectorAll('tbody tr')].map((row) => row.dataset.cycles == null ? row.cells[3].textContent
      : [+row.dataset.cycles, row.cells[1].title, row.cells[2].textContent, row.cells[3].firstChild.textContent, row.querySelectorAll('li').length]),
  })));
  equal(shown, show(file, '--slowest', '5').map((slow, i) => ({
    title: `${i + 1}. ${(slow.ns / 1e3).toFixed(3)} us ${slow.what} ${slow.number}, raised at ${(slow.raised_ns / 1e6).toFixed(6)} ms`,
    steps: slow.steps.map((step) => step.left_out ? `${step.left_out} more steps`
      : [step.cycles, `${step.more} cycles`, `cpu${step.cpu}`, step.text, (step.holders || []).length + (step.more_holders ? 1 : 0)]),
  })), `${file}: the slowest`);
}

async function attribution(page, file) {
  const shown = await page.$$eval('table.loss', (tables) => tables.map((table) => ({
    guest: table.dataset.guest, loss: table.dataset.loss,
    parts: [...table.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))
      .map((cells) => [cells[0], cells[1], cells[2], +cells[6]]),
  })));
  const wanted = show(file, '--attribution').flatMap(({guest, losses}) => losses.map(({loss, cycles, parts}) => {
    const rows = parts.slice(0, 10).map((part) => [part.while, part.what, part.for, part.cycles]);
    const rest = parts.slice(10).reduce((sum, part) => sum + part.cycles, 0);
    return {guest, loss, parts: [...rows, ...(parts.length > 10 ? [[`${parts.length - 10} smaller`, '', '', rest]] : []), ['all', '', '', cycles]]};
  }));
  equal(shown, wanted, `${file}: the attribution`);
}

const view = (page) => page.$eval('.timeline', (box) => box.dataset.view.split(' ').map(Number));
const says = (page) => page.$eval('.timeline .says', (text) => text.textContent);

async function timeline(page, file) {
  const count = await page.evaluate(() => irqpath.data('timeline-1').events.length / 5);
  check(count > 0 && count <= 50000, `${file}: ${count} events`);
  const [, whole] = await view(page);
  await page.focus('.timeline canvas');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  let [from, until] = await view(page);
  check(Math.abs((until - from) - whole / 4) <= 2, `${file}: zoomed to ${from} to ${until} of ${whole}`);
  await page.keyboard.press('ArrowLeft');
  check((await view(page))[0] < from, `${file}: panned by key`);
  await page.keyboard.press('0');
  equal(await view(page), [0, whole], `${file}: the whole window`);
  await page.keyboard.press('ArrowLeft');
  equal(await view(page), [0, whole], `${file}: nothing before the window`);
  await page.keyboard.press('n');
  const first = await says(page);
  check(/^\S.*: .+ (for|at) .*\+/.test(first), `${file}: a chosen event reads ${first}`);
  await page.keyboard.press('n');
  await page.keyboard.press('p');
  equal(await says(page), first, `${file}: n and p`);
  for (let i = 0; i < 30; i++) await page.keyboard.press('-');
  equal(await view(page), [0, whole], `${file}: zoomed out`);
  for (let i = 0; i < 60; i++) await page.keyboard.press('=');
  [from, until] = await view(page);
  check(until - from >= 19 && until - from <= 21, `${file}: zoomed in to ${until - from} cycles`);
  await page.keyboard.press('0');
  await page.$eval('.timeline canvas', (canvas) => canvas.scrollIntoView({block: 'center'}));
  const {x, y, width} = await (await page.$('.timeline canvas')).boundingBox();
  await page.mouse.move(x + width / 2, y + 40);
  const text = await says(page), lanes = await page.evaluate(() => irqpath.data('timeline-1').lanes);
  check(lanes.some((lane) => text.startsWith(lane + ': ')), `${file}: under the pointer: ${text}`);
  await page.mouse.click(x + width / 2, y + 40, {count: 2});
  check((await view(page))[1] - (await view(page))[0] < whole / 2, `${file}: a double click zooms`);
  [from] = await view(page);
  await page.mouse.move(x + width / 2, y + 40);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 - 60, y + 40, {steps: 4});
  await page.mouse.up();
  check((await view(page))[0] > from, `${file}: panned by pointer`);
  await page.select('.timeline select', 'both');
  /* Something is drawn: the canvas has several colours. */
  const colours = await page.$eval('.timeline canvas', (canvas) => new Set(new Uint32Array(canvas.getContext('2d')
    .getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size);
  check(colours > 8, `${file}: ${colours} colours`);
}

run(async () => {
  for (const file of results) {
    const html = path.join(directory, path.basename(file) + '.trace.html');
    execFileSync(irqpath, ['report', file, '--trace', '-o', html, '--force', '-q']);
    for (const [width, theme] of [[1280, 'light'], [390, 'dark']]) {
      const page = await open(html, {width, theme});
      await checkWidth(page, `${file} at ${width}`);
      await checkContrast(page, `${file}, ${theme}`);
      if (file === results[0]) {
        await page.evaluate(() => {
          for (const section of document.querySelectorAll('section')) section.hidden = !['slowest', 'timeline'].includes(section.id);
        });
        await checkImage(page, path.join(golden, `trace-${width}-${theme}.png`), {height: width > 640 ? 1400 : 1700, isWriting});
        await page.evaluate(() => { for (const section of document.querySelectorAll('section')) section.hidden = false; });
      }
      if (width === 1280) {
        await slowest(page, file);
        if (await page.$('table.loss')) await attribution(page, file);
      }
      await timeline(page, `${file} at ${width}`);
      await page.close();
    }
  }
});
