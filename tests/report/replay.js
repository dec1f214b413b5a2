/* SPDX-License-Identifier: Apache-2.0
 *
 * node replay.js IRQPATH DIRECTORY GOLDEN REPLAY...: the page of each replay shows at every step what `irqpath replay --json`
 * says, whichever way leads there. What holds at a step is worked out here from the document alone.
 */
'use strict';

const {execFileSync} = require('child_process');
const fs = require('fs');
const path = require('path');
const {open, run, check, equal, checkWidth, checkContrast, checkImage} = require('./driver.js');

const [, , irqpath, directory, golden, ...replays] = process.argv;
const isWriting = process.env.GOLDEN === 'write';

/* --- what the document says --- */

function expected(replay, step) {
  const words = replay.words.map((word) => word.value);
  for (const row of replay.steps) if (row.step <= step) for (const {word, value} of row.words) words[word] = value;
  const row = replay.steps[step - 1];
  const locks = [...new Set([...replay.locks, ...replay.waits].map((hold) => hold.lock))];
  const who = (holds, key, lock) => holds.filter((hold) => hold.lock === lock && hold.from <= step && step < hold.to).map((hold) => hold[key]);
  const stores = {};
  for (const {cpu, word, value} of row.stores || []) (stores[cpu] ||= []).push(`${word} = ${value}`);
  const cells = ['-', ...Array.from({length: replay.cpus}, (_, cpu) => `cpu${cpu}`)].map((place) => {
    const notes = row.notes.filter((note) => note.place === place).map((note) => note.text);
    return notes.length === 0 && place === row.actor ? ['\u00b7'] : notes;
  });
  return {
    step, actor: row.actor === '-' ? 'devices' : row.actor, cells, words: words.map((value) => value ?? 'not known yet'),
    locks: locks.map((lock) => [lock, who(replay.locks, 'holder', lock)[0] ?? 'free', who(replay.waits, 'waiter', lock)]),
    stores: replay.memory === 'tso' ? stores : {},
    places: [...new Set((row.places || []).map((place) => `${place.file}:${place.line}`))],
    lines: (row.places || []).map((place) => replay.sources[place.file][place.line] ?? null).filter((line, i, all) => all.indexOf(line) === i),
  };
}

/* --- what the page shows --- */

const shown = (page) => page.evaluate(() => {
  const texts = (list) => [...list].map((element) => element.textContent);
  const article = document.querySelector('.replay'), all = (selector) => article.querySelectorAll(selector);
  const row = article.querySelector('tr[aria-current="step"]');
  const stores = {};
  for (const line of all('.stores tbody tr')) {
    const own = texts(line.querySelectorAll('.store'));
    if (own.length) stores[line.dataset.cpu] = own;
  }
  return {
    step: +row.dataset.step, actor: article.querySelector('.says .chip').textContent,
    cells: [...row.querySelectorAll('td')].map((cell) => texts(cell.children)),
    words: texts(all('.words .value')),
    locks: [...all('.locks tbody tr')].map((line) => [line.dataset.lock, line.cells[1].textContent, texts(line.cells[2].children)]),
    stores, places: texts(all('.sources .place code')),
    lines: texts(all('.source mark')).map((line) => line.slice(7).replace(/\n$/, '')),
  };
});

const same = (replay, step, found, text) => {
  const wanted = expected(replay, step);
  wanted.lines = wanted.lines.filter((line) => line != null).map((line) => line.replaceAll('\t', '    '));
  equal(found, wanted, `${text}, step ${step}`);
};

const hash = (page) => page.evaluate(() => location.hash);
const nextSwitch = (replay, step) => {
  const found = replay.steps.find((row) => row.step > step && row.actor !== replay.steps[step - 1].actor);
  return found ? found.step : replay.steps.length;
};

async function walk(file, replay, html) {
  const page = await open(html), count = replay.steps.length;
  same(replay, 1, await shown(page), file);
  for (let step = 2; step <= count; step++) {
    await page.keyboard.press(['ArrowRight', 'n', 'j'][step % 3]);
    same(replay, step, await shown(page), file);
    equal(await hash(page), `#step=${step}`, file);
  }
  await page.keyboard.press('n');
  same(replay, count, await shown(page), `${file}, behind the end`);
  for (let step = count - 1; step >= 1; step--) await page.keyboard.press(['ArrowLeft', 'p', 'k'][step % 3]);
  same(replay, 1, await shown(page), `${file}, back`);
  const switches = [1];
  for (let step = 1; step < count;) {
    await page.keyboard.press('s');
    step = nextSwitch(replay, step);
    switches.push(step);
    same(replay, step, await shown(page), `${file}, switch`);
  }
  await page.keyboard.press('Home');
  same(replay, 1, await shown(page), `${file}, Home`);
  await page.keyboard.press('End');
  same(replay, count, await shown(page), `${file}, End`);
  await page.close();
  return count;
}

async function pointers(file, replay, html) {
  const page = await open(html), count = replay.steps.length, middle = Math.ceil(count / 2);
  for (const [action, step] of [['last', count], ['back', Math.max(1, count - 1)], ['first', 1], ['next', Math.min(2, count)]]) {
    await page.evaluate((action) => document.querySelector(`[data-action="${action}"]`).click(), action);
    equal((await shown(page)).step, step, `${file}, ${action}`);
  }
  await page.evaluate((step) => document.querySelector(`tr[data-step="${step}"]`).click(), middle);
  same(replay, middle, await shown(page), `${file}, a click on the row`);
  await page.$eval('.lanes', (lanes) => lanes.scrollIntoView({block: 'center'}));
  const {x, y, width, height} = await (await page.$('.lane')).boundingBox();
  await page.mouse.click(x + (count - .5) / count * width, y + height / 2);
  same(replay, count, await shown(page), `${file}, a click on the lane`);
  const link = await page.$eval('.step-link', (link) => link.getAttribute('href'));
  equal(link, `#step=${count}`, file);
  await page.evaluate((step) => { location.hash = `step=${step}`; }, middle);
  await page.waitForFunction((step) => document.querySelector(`tr[data-step="${step}"][aria-current]`), {}, middle);
  await page.close();
}

async function link(file, replay, html) {
  const middle = Math.ceil(replay.steps.length / 2);
  for (const [address, step] of [[`#step=${middle}`, middle], ['#step=999999', replay.steps.length], ['#step=x', 1]]) {
    const page = await open(html, {hash: address});
    same(replay, step, await shown(page), `${file}${address}`);
    await page.close();
  }
}

async function widths(file, html) {
  for (const width of [1280, 390])
    for (const theme of ['light', 'dark']) {
      const page = await open(html, {width, theme});
      await checkWidth(page, `${file} at ${width}`);
      await checkContrast(page, `${file}, ${theme}`);
      await page.close();
    }
}

run(async () => {
  for (const file of replays) {
    const html = path.join(directory, path.basename(file) + '.html');
    execFileSync(irqpath, ['report', file, '-o', html, '--force']);
    const replay = JSON.parse(execFileSync(irqpath, ['replay', file, '--json'], {maxBuffer: 1 << 28}));
    await walk(file, replay, html);
    await pointers(file, replay, html);
    await link(file, replay, html);
    await widths(file, html);
  }
  /* The first one, in the middle of its steps, as golden images. */
  for (const [width, theme] of [[1280, 'light'], [390, 'dark']]) {
    const page = await open(path.join(directory, path.basename(replays[0]) + '.html'), {width, theme, hash: '#step=24'});
    await page.evaluate(() => {
      for (const section of document.querySelectorAll('section')) section.hidden = section.id !== 'replay';
    });
    await checkImage(page, path.join(golden, `replay-${width}-${theme}.png`), {height: width > 640 ? 1100 : 1500, isWriting});
    await page.close();
  }
  /* Two on one page: an address names either. Names and texts of any kind stay text. */
  const hostile = path.join(directory, '<img src=x onerror=alert(1)>"\'.json');
  const document_ = JSON.parse(fs.readFileSync(replays[0]));
  document_.text = '</script><script>alert(1)</script>"\'&amp;';
  fs.writeFileSync(hostile, JSON.stringify(document_));
  const html = path.join(directory, 'two.html');
  execFileSync(irqpath, ['report', replays[0], hostile, '-o', html, '--force']);
  const page = await open(html, {hash: '#replay=2&step=3'});
  equal(await page.$$eval('tr[aria-current]', (rows) => rows.map((row) => row.dataset.step)), ['1', '3'], 'two replays');
  await page.keyboard.press('n');
  equal(await hash(page), '#replay=2&step=4', 'two replays');
  equal(await page.$eval('#replay-2 > p.bad', (text) => text.textContent), document_.text, 'a hostile text');
  check(await page.$eval('#replay-2', (article, name) => article.textContent.includes(name), path.basename(hostile)), 'a hostile name');
  equal(await page.$$eval('img', (images) => images.length), 0, 'images');
  await page.close();
});
