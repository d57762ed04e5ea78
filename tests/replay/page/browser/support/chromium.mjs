/**
 * One browser for all tests of the page, which connect to it: Chromium or Chrome as it is installed. VMSPLIT_CHROMIUM names
 * another one; it has to be there then. Without a browser the tests are skipped. Plain JavaScript: it runs before what lets
 * Node read types.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ON_A_MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
const MISSING = 'found no Chromium: install it (apt-get install chromium), or name one in VMSPLIT_CHROMIUM';

/** What tests get: where the browser listens, or why there is none. */
export default async function setup({ provide }) {
  const executablePath = chromiumPath();
  if (executablePath === undefined) {
    console.warn(`Tests of the page are skipped: ${MISSING}`);
    provide('browser', { missing: MISSING });
    return undefined;
  }
  // As root it refuses to run with its sandbox.
  // Pages that live for seconds do not win back what TurboFan costs.
  const args = ['--js-flags=--no-turbofan'];
  const server = await chromium.launchServer({
    executablePath,
    args,
    chromiumSandbox: process.getuid?.() !== 0,
  });
  provide('browser', { endpoint: server.wsEndpoint() });
  return () => server.close();
}

function chromiumPath() {
  const { VMSPLIT_CHROMIUM, PATH = '' } = process.env;
  if (VMSPLIT_CHROMIUM !== undefined) return VMSPLIT_CHROMIUM;
  const places = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...places, ON_A_MAC].find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
