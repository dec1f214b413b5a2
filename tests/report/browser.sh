# SPDX-License-Identifier: Apache-2.0
#
# Headless Chromium for the deep tests of the report's page, driven by puppeteer-core from npm: 24.0 runs on Node 18,
# which Debian 12 has. To be sourced, with $work a temporary directory, into which the package is installed.
#
#   browser_ready NAME            skips the test NAME (exit code 77) where the browser, Node or the package can't be had
#   browser_run SCRIPT.js ...     runs a script that requires tests/report/driver.js

puppeteer=puppeteer-core@24.0.0

browser_skip() {
  echo "$1: skipped: $2"
  exit 77
}

browser_ready() {
  for tool in node npm; do
    command -v $tool >/dev/null || browser_skip "$1" "there is no $tool (apt-get install nodejs npm)"
  done
  [ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ] || browser_skip "$1" "$(node --version) is older than Node 18"
  CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
  [ -n "$CHROMIUM" ] || browser_skip "$1" "there is no chromium (apt-get install chromium)"
  npm install --silent --no-audit --no-fund --prefix "$work/npm" $puppeteer >"$work/npm.log" 2>&1 ||
    browser_skip "$1" "npm cannot install $puppeteer: $(tail -n 1 "$work/npm.log")"
  export CHROMIUM NODE_PATH="$work/npm/node_modules"
}

browser_run() { node "$@"; }
