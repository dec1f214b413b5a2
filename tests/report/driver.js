/* SPDX-License-Identifier: Apache-2.0
 *
 * Headless Chromium for the deep tests of the report's page (tests/report-page, tests/report-replay). tests/report/browser.sh
 * installs puppeteer-core and sets NODE_PATH and CHROMIUM. A page is opened from disk; every request beside the file
 * itself, every message on the console and every error of a script is kept, and fails the test in the end.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const puppeteer = require('puppeteer-core');

let browser = null;
const failures = [];

function fail(text) {
  failures.push(text);
}

/* check(condition, 'what should hold'): a failure is reported, and the test goes on. */
function check(condition, text) {
  if (!condition) fail(text);
}

function equal(found, expected, text) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  check(left === right, `${text}: ${left} instead of ${right}`);
}

/* Opens the file in a window of this width, in the light or the dark theme. The caller closes the page. */
async function open(file, {width = 1280, height = 900, theme = 'light', scripts = true, hash = ''} = {}) {
  browser ||= await puppeteer.launch({
    executablePath: process.env.CHROMIUM,
    timeout: 0, /* ctest has a limit: a crowded machine fails nothing */
    protocolTimeout: 0,
    args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb', '--font-render-hinting=none',
      '--hide-scrollbars', '--disable-lcd-text'],
  });
  const context = await browser.createBrowserContext(); /* with a storage of its own */
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  const address = 'file://' + path.resolve(file);
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address && !request.url().startsWith('data:')) fail(`${file}: request of ${request.url()}`);
  });
  page.on('console', (message) => fail(`${file}: console: ${message.text()}`));
  page.on('pageerror', (error) => fail(`${file}: ${error.message}`));
  page.on('dialog', (dialog) => { fail(`${file}: dialog ${dialog.message()}`); dialog.dismiss(); });
  await page.setJavaScriptEnabled(scripts);
  await page.setViewport({width, height, deviceScaleFactor: 1});
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: theme}, {name: 'prefers-reduced-motion', value: 'reduce'}]);
  await page.goto(address + hash, {waitUntil: 'load'});
  /* Plots are drawn once their width is known, after the first layout. */
  if (scripts)
    await page.waitForFunction(() => [...document.querySelectorAll('.plot')].every((plot) => plot.querySelector('canvas')));
  return page;
}

/* The page itself is not scrolled sideways. */
async function checkWidth(page, text) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  check(content <= window, `${text}: the page is ${content} pixels wide in a window of ${window}`);
}

/* Every visible text has a contrast of 4.5 to 1 with what is behind it (WCAG 2.1, 1.4.3). */
async function checkContrast(page, text) {
  const poor = await page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    /* The bytes of any colour that CSS can write, over the one behind it. */
    const paint = (colours) => {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const luminance = (bytes) => bytes.map((byte) => byte / 255)
      .map((share) => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4)
      .reduce((sum, share, i) => sum + share * [0.2126, 0.7152, 0.0722][i], 0);
    const backOf = (element) => {
      const colours = [];
      for (let each = element; each; each = each.parentElement) colours.unshift(getComputedStyle(each).backgroundColor);
      return colours;
    };
    const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest('script, style, noscript')) continue;
      const backs = backOf(element), [back, front] = [paint(backs), paint([...backs, getComputedStyle(element).color])].map(luminance);
      const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      if (contrast < 4.49) found.add(`${element.tagName}.${element.className} "${walker.currentNode.textContent.slice(0, 30)}" ${contrast.toFixed(2)}`);
    }
    return [...found].slice(0, 5);
  });
  check(poor.length === 0, `${text}: contrast of ${poor.join(', ')}`);
}

/* Compares the upper part of the page with a golden image of 0.4 of its size. Fonts differ from machine to
 * machine, so that both are blurred: at most `tolerance` of the pixels may differ clearly. What is seen
 * instead is then kept in the directory for temporary files. */
async function checkImage(page, golden, {height, tolerance = 0.04, isWriting = false}) {
  const {width} = page.viewport();
  await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
  const shot = await page.screenshot({clip: {x: 0, y: 0, width, height}, captureBeyondViewport: true, encoding: 'base64'});
  const canvas = await browser.newPage();
  const [small, share] = await canvas.evaluate(async (shot, golden, width, height) => {
    const load = async (bytes) => {
      const image = new Image();
      image.src = 'data:image/png;base64,' + bytes;
      await image.decode();
      return image;
    };
    const draw = (image, scale) => {
      const element = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
      const context = element.getContext('2d', {willReadFrequently: true});
      context.imageSmoothingQuality = 'high';
      context.drawImage(image, 0, 0, element.width, element.height);
      return [element, context.getImageData(0, 0, element.width, element.height).data];
    };
    const seen = await load(shot), [small] = draw(seen, 0.4);
    const blob = await small.convertToBlob({type: 'image/png'});
    const bytes = [...new Uint8Array(await blob.arrayBuffer())].map((byte) => String.fromCharCode(byte)).join('');
    if (!golden) return [btoa(bytes), null];
    const [, left] = draw(small, 1 / 8), [, right] = draw(await load(golden), 1 / 8);
    let differing = 0;
    for (let i = 0; i < left.length; i += 4)
      differing += Math.max(...[0, 1, 2].map((each) => Math.abs(left[i + each] - right[i + each]))) > 32;
    return [btoa(bytes), differing / (left.length / 4)];
  }, shot, isWriting || !fs.existsSync(golden) ? null : fs.readFileSync(golden, 'base64'), width, height);
  await canvas.close();
  if (isWriting) fs.writeFileSync(golden, Buffer.from(small, 'base64'));
  else if (share === null) fail(`there is no ${golden}`);
  else if (share > tolerance) {
    const kept = path.join(require('os').tmpdir(), path.basename(golden));
    fs.writeFileSync(kept, Buffer.from(small, 'base64'));
    fail(`${path.basename(golden)}: ${(100 * share).toFixed(1)} % of the pixels differ from ${golden}; ${kept} is what is seen`);
  }
}

/* Runs the test and ends the program: 0, or 1 with the failures on stderr. */
async function run(test) {
  try {
    await test();
  } catch (error) {
    fail(error.stack);
  }
  if (browser) await browser.close();
  for (const text of failures) console.error(text);
  process.exit(failures.length ? 1 : 0);
}

module.exports = {open, run, check, equal, fail, checkWidth, checkContrast, checkImage};
