/* SPDX-License-Identifier: Apache-2.0
 *
 * Headless Chromium for the deep tests of the report's page (tests/report-page, tests/report-replay). tests/report/browser
 * installs puppeteer-core and sets NODE_PATH and CHROMIUM. A page is opened from disk; every request beside the file
 * itself, every message on the console and every error of a script is kept, and fails the test in the end.
 */
'use strict';

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
async function open(file, {width = 1280, height = 900, theme = 'light', hash = ''} = {}) {
  browser ||= await puppeteer.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb', '--font-render-hinting=none',
      '--hide-scrollbars', '--disable-lcd-text'],
  });
  const page = await browser.newPage();
  const address = 'file://' + require('path').resolve(file);
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address && !request.url().startsWith('data:')) fail(`${file}: request of ${request.url()}`);
  });
  page.on('console', (message) => fail(`${file}: console: ${message.text()}`));
  page.on('pageerror', (error) => fail(`${file}: ${error.message}`));
  page.on('dialog', (dialog) => { fail(`${file}: dialog ${dialog.message()}`); dialog.dismiss(); });
  await page.setViewport({width, height, deviceScaleFactor: 1});
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: theme}, {name: 'prefers-reduced-motion', value: 'reduce'}]);
  await page.goto(address + hash, {waitUntil: 'load'});
  return page;
}

/* The page itself is not scrolled sideways. */
async function checkWidth(page, text) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  check(content <= window, `${text}: the page is ${content} pixels wide in a window of ${window}`);
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

module.exports = {open, run, check, equal, fail, checkWidth};
